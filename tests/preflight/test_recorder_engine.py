"""What the engine does around a program: transforms, providers, lookups, other stacks, remote components."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.preflight.cli_support import Project
from tests.preflight.recorder_support import ROOT, by_name, fail, job, record, work, write

HEAD = "import pulumi\nimport pulumi_aws as aws\nfrom pulumi import ResourceOptions\n"
URN = "urn:pulumi:dev::demo::"
AMI = "aws:ec2/getAmi:getAmi"
VPC = "aws:ec2/getVpc:getVpc"

TRANSFORMS = """
import asyncio

def tag(args):
    if args.type_.startswith("aws:"):
        tags = {**(args.props.get("tags") or {}), "by": "stack"}
        return pulumi.ResourceTransformResult({**args.props, "tags": tags}, args.opts)

async def guard(args):
    await asyncio.sleep(0)
    opts = ResourceOptions.merge(args.opts, ResourceOptions(protect=True))
    return pulumi.ResourceTransformResult({**args.props, "tags": {"first": "own"}}, opts)

pulumi.runtime.register_resource_transform(tag)

class Shelf(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("demo:store:Shelf", name, None, opts)
        self.box = aws.s3.Bucket("box", opts=ResourceOptions(parent=self))

Shelf("shelf", ResourceOptions(transforms=[guard]))
net = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
aws.ec2.Subnet("sub", vpc_id=net.id, cidr_block="10.0.0.0/24")
"""


@pytest.mark.parametrize("mode", ["preview", "update"])
def test_transforms_run_from_the_nearest_to_the_stack(tmp_path: Path, mode: str) -> None:
    resources = by_name(record(job(write(tmp_path, HEAD + TRANSFORMS), mode)))
    assert resources["Bucket box"]["inputs"]["tags"] == {"first": "own", "by": "stack"}
    assert resources["Bucket box"]["options"]["protect"] is True
    assert resources["Vpc net"]["inputs"]["tags"] == {"by": "stack"}
    assert "protect" not in resources["Vpc net"]["options"]
    assert resources["Subnet sub"]["propertyDependencies"] == {"vpcId": [f"{URN}aws:ec2/vpc:Vpc::net"]}


def test_an_exception_in_a_transform_is_told(tmp_path: Path) -> None:
    text = 'pulumi.runtime.register_resource_transform(lambda args: 1 / 0)\naws.s3.Bucket("b")\n'
    error = fail(job(write(tmp_path, HEAD + text)))
    assert error["kind"] == "program"
    assert "division by zero" in error["message"]


class TestProviders:
    TEXT = (
        'explicit = aws.Provider("main", region="us-east-2")\n'
        'aws.s3.Bucket("with", opts=ResourceOptions(provider=explicit))\n'
        'aws.s3.Bucket("without")\n'
    )

    def test_a_default_one_is_made_per_package_and_version(self, tmp_path: Path) -> None:
        resources = by_name(record(job(write(tmp_path, HEAD + self.TEXT), "update")))
        default = resources["aws default_7_51_1"]
        assert default["urn"] == f"{URN}pulumi:providers:aws::default_7_51_1"
        assert default["inputs"] == {"region": "eu-central-1", "version": "7.51.1"}
        assert resources["Bucket without"]["options"]["provider"] == default["urn"]
        assert resources["Bucket without"]["outputs"]["region"] == "eu-central-1"
        assert resources["Bucket with"]["outputs"]["region"] == "us-east-2"

    def test_a_forgotten_one_is_noted_with_its_place(self, tmp_path: Path) -> None:
        (note,) = record(job(write(tmp_path, HEAD + self.TEXT)))["notes"]
        assert note.startswith("missing provider?")
        assert "'without' (__main__.py:6)" in note
        assert "'with'" not in note

    def test_a_stack_that_switches_default_ones_off_refuses_a_forgotten_one(self, tmp_path: Path) -> None:
        config = {"aws:region": "eu-central-1", "pulumi:disable-default-providers": '["aws"]'}
        error = fail(job(write(tmp_path, HEAD + self.TEXT), config=config))
        assert (error["kind"], error["source"]) == ("missing-provider", "__main__.py:6")
        assert "'without'" in error["message"]

    def test_it_lets_pass_a_program_that_hands_all_of_them_down(self, tmp_path: Path) -> None:
        config = {"pulumi:disable-default-providers": '["*"]'}
        text = HEAD + "".join(self.TEXT.splitlines(keepends=True)[:2])
        assert record(job(write(tmp_path, text), config=config))["notes"] == []


class TestLookups:
    TEXT = (
        'pulumi.export("me", aws.get_caller_identity().account_id)\n'
        'pulumi.export("zones", aws.get_availability_zones(state="available").names)\n'
        'pulumi.export("partition", aws.get_partition_output().partition)\n'
        "document = aws.iam.get_policy_document(statements=[{\n"
        '    "actions": ["s3:GetObject"], "resources": ["*"],'
        ' "principals": [{"type": "AWS", "identifiers": ["*"]}]}])\n'
        'pulumi.export("document", document.json)\n'
    )

    def test_what_follows_from_the_place_is_answered(self, tmp_path: Path) -> None:
        recording = record(job(write(tmp_path, HEAD + self.TEXT)))
        exports = recording["exports"]
        assert exports["me"] == "111122223333"
        assert exports["zones"] == ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
        assert exports["partition"] == "aws"
        statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": {"AWS": "*"}}
        assert json.loads(exports["document"]) == {"Version": "2012-10-17", "Statement": [statement]}
        assert recording["notes"] == []
        places = {lookup["token"].rpartition(":")[2]: lookup["source"] for lookup in recording["lookups"]}
        assert places["getCallerIdentity"] == "__main__.py:4"
        assert places["getPartition"] == "__main__.py:6"

    def test_what_only_the_account_knows_is_a_mistake_that_says_how_to_answer(self, tmp_path: Path) -> None:
        text = 'try:\n    aws.ec2.get_vpc(id="vpc-0")\nexcept Exception:\n    pass\n'
        error = fail(job(write(tmp_path, HEAD + text)))
        assert (error["kind"], error["source"]) == ("lookup", "__main__.py:5")
        assert VPC in error["message"]
        assert "--answers" in error["message"]

    def test_an_answer_is_chosen_by_its_arguments(self, tmp_path: Path) -> None:
        answers = {
            VPC: [
                {"args": {"id": "vpc-0"}, "result": {"id": "no"}},
                {"args": {"id": "vpc-1"}, "result": {"id": "vpc-1"}},
            ]
        }
        text = 'pulumi.export("vpc", aws.ec2.get_vpc(id="vpc-1").id)\n'
        root = write(tmp_path, HEAD + text)
        assert record(job(root, answers=answers))["exports"] == {"vpc": "vpc-1"}
        answers[VPC].pop()
        assert "no answer in the --answers file has these arguments" in fail(job(root, answers=answers))["message"]

    def test_a_stand_in_is_noted_and_an_answer_replaces_it(self, tmp_path: Path) -> None:
        text = 'pulumi.export("ami", aws.ec2.get_ami(owners=["amazon"], most_recent=True).id)\n'
        root = write(tmp_path, HEAD + text)
        (note,) = record(job(root))["notes"]
        assert f"{AMI} (__main__.py:4) is a stand-in" in note
        given = record(job(root, answers={AMI: {"id": "ami-0123"}}))
        assert (given["exports"], given["notes"]) == ({"ami": "ami-0123"}, [])

    def test_a_lookup_of_what_is_not_known_yet_is_not_known_at_preview_and_finds_what_was_made_at_update(
        self, tmp_path: Path
    ) -> None:
        text = (
            'vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")\n'
            'web = aws.ec2.Subnet("web", vpc_id=vpc.id, cidr_block="10.0.0.0/24", tags={"Name": "net-web-1"})\n'
            'found = aws.ec2.get_subnets_output(filters=[{"name": "vpc-id", "values": [vpc.id]}, '
            '{"name": "tag:Name", "values": ["net-web-*"]}], opts=pulumi.InvokeOutputOptions(depends_on=[web]))\n'
            'import pulumi_awsx as awsx\nother = awsx.ec2.Vpc("other")\n'
            'now = aws.ec2.get_subnets_output(filters=[{"name": "vpc-id", "values": [other.vpc_id]}])\n'
            'pulumi.export("number", now.ids.apply(len))\n'
            'pulumi.export("same", pulumi.Output.all(web.id, found.ids).apply(lambda both: [both[0]] == both[1]))\n'
        )
        root = write(tmp_path, HEAD + text)
        assert record(job(root))["exports"] == {"number": {"$unknown": True}, "same": {"$unknown": True}}
        assert record(job(root, mode="update"))["exports"] == {"number": 6, "same": True}


class TestExistingThings:
    def test_another_stack_is_read_from_the_fixture(self, tmp_path: Path) -> None:
        text = 'pulumi.export("vpc", pulumi.StackReference("acme/network/dev").require_output("vpcId"))\n'
        root = write(tmp_path, HEAD + text)
        given = record(job(root, stackOutputs={"acme/network/dev": {"vpcId": "vpc-7"}}))
        assert given["exports"] == {"vpc": "vpc-7"}
        error = fail(job(root, stackOutputs={"acme/other/dev": {}}))
        assert (error["kind"], error["source"]) == ("lookup", "__main__.py:4")
        assert "acme/network/dev" in error["message"]
        assert "acme/other/dev" in error["message"], "the known ones help to find a misspelt name"

    def test_a_resource_that_is_read_is_marked_and_its_properties_are_not_invented_in_a_preview(
        self, tmp_path: Path
    ) -> None:
        text = 'net = aws.ec2.Vpc.get("net", "vpc-9")\npulumi.export("x", [net.id, net.cidr_block])\n'
        root = write(tmp_path, HEAD + text)
        recording = record(job(root))
        vpc = by_name(recording)["Vpc net"]
        assert (vpc["id"], vpc["options"]["external"], vpc["source"]) == ("vpc-9", True, "__main__.py:4")
        assert recording["exports"]["x"] == ["vpc-9", {"$unknown": True}]
        assert "vpc-9" not in json.dumps(recording["notes"])
        assert len(recording["notes"]) == 1
        answers = {"aws:ec2/vpc:Vpc": [{"args": {"id": "vpc-9"}, "result": {"cidrBlock": "10.9.0.0/16"}}]}
        assert record(job(root, answers=answers))["exports"]["x"] == ["vpc-9", "10.9.0.0/16"]


EXISTING = """
old = aws.rds.Instance.get("old", "orders")
rule = aws.vpc.SecurityGroupIngressRule.get("rule", "sgr-0123456789abcdef0")
topic = aws.sns.Topic.get("topic", "arn:aws:sns:eu-central-1:123456789012:news")
bucket = aws.s3.Bucket.get("files", "files-of-old")
aws.rds.Instance("db", engine=old.engine, instance_class="db.t4g.small", storage_encrypted=old.storage_encrypted,
                 publicly_accessible=False, backup_retention_period=old.backup_retention_period,
                 deletion_protection=old.deletion_protection.apply(lambda on: not on), allocated_storage=20,
                 username="app", manage_master_user_password=True)
aws.sns.TopicPolicy("policy", arn=topic.arn, policy=topic.policy)
own = aws.ec2.SecurityGroup("web", description="web", ingress=[
    {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": [rule.cidr_ipv4, "10.1.0.0/16"]}])
aws.vpc.SecurityGroupIngressRule("in", security_group_id=own.id, ip_protocol=rule.ip_protocol, from_port=80, to_port=80,
                                 cidr_ipv4="0.0.0.0/0")
aws.iam.RolePolicy("read", role="app", policy=bucket.arn.apply(lambda arn: json.dumps({
    "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": arn + "/*"}]})))
"""


def test_what_is_made_of_a_resource_that_is_only_read_is_as_unknown_at_the_update_as_before(tmp_path: Path) -> None:
    root = write(tmp_path, "import json\n" + HEAD + EXISTING)
    made = by_name(record(job(root, mode="update")))
    inputs = made["Instance db"]["inputs"]
    derived = ("engine", "storageEncrypted", "backupRetentionPeriod", "deletionProtection")
    assert all(inputs[key] == {"$unknown": True} for key in derived)
    assert (inputs["publiclyAccessible"], inputs["allocatedStorage"]) == (False, 20), "the program's own"
    assert made["TopicPolicy policy"]["inputs"] == {
        "arn": "arn:aws:sns:eu-central-1:123456789012:news", "policy": {"$unknown": True},
    }, "what is read by its ARN has that ARN"  # fmt: skip
    (ingress,) = made["SecurityGroup web"]["inputs"]["ingress"]
    assert ingress["cidrBlocks"] == [{"$unknown": True}, "10.1.0.0/16"]
    assert (ingress["protocol"], ingress["fromPort"]) == ("tcp", 22)
    assert made["SecurityGroupIngressRule in"]["inputs"]["securityGroupId"].startswith("sg-")
    assert '"arn:aws:s3:::files-of-old/*"' in made["RolePolicy read"]["inputs"]["policy"]
    answers = {"aws:rds/instance:Instance": [{"args": {"id": "orders"}, "result": {
        "engine": "mysql", "storageEncrypted": True, "backupRetentionPeriod": 1, "deletionProtection": True}}]}  # fmt: skip
    told = by_name(record(job(root, mode="update", answers=answers)))["Instance db"]["inputs"]
    assert [told[key] for key in derived] == ["mysql", True, 1, False]


def test_no_verdict_rests_on_what_stands_in_for_a_resource_that_is_only_read(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("__main__.py", "import json\n" + HEAD + EXISTING)
    stack = project.report(policies=True)["stacks"]["dev"]
    said = {(each["control"], each["urn"].rpartition("::")[2]): each for each in stack["findings"]}
    for control, name in (
        ("rds-storage-encrypted", "db"), ("rds-backup-retention", "db"), ("sg-no-public-admin-port", "in"),
        ("sg-no-public-admin-port", "web"), ("sns-policy-not-public", "policy"),
    ):  # fmt: skip
        assert said[control, name]["verdict"] == "undecided"
    broken = {control for (control, name), each in said.items() if each["verdict"] == "violation" and name != "db"}
    assert broken == {"sg-rule-description"}, "what the program does not say itself"
    assert ("iam-no-star-resource-on-mutating", "read") not in {
        key for key, each in said.items() if "update" in each["phase"]
    }, "the ARN of a bucket follows from its name"


class TestComponentsOfAnotherProcess:
    TEXT = (
        "import pulumi_awsx as awsx\n"
        'repository = awsx.ecr.Repository("repo")\n'
        'image = awsx.ecr.Image("image", repository_url=repository.url, context="./app")\n'
        'net = awsx.ec2.Vpc("net", availability_zone_names=["eu-central-1a", "eu-central-1b"],\n'
        '                   nat_gateways={"strategy": "Single"})\n'
        'aws.ec2.SecurityGroup("group", vpc_id=net.vpc_id)\n'
        'aws.rds.SubnetGroup("db", subnet_ids=net.private_subnet_ids)\n'
        'pulumi.export("image", image.image_uri)\n'
        'pulumi.export("cidr", net.vpc.apply(lambda vpc: vpc.cidr_block))\n'
    )

    @pytest.fixture(scope="class")
    @classmethod
    def root(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        directory = tmp_path_factory.mktemp("awsx")
        (directory / "app").mkdir()
        (directory / "app" / "Dockerfile").touch()
        return write(directory, HEAD + cls.TEXT)

    @pytest.fixture(scope="class")
    @classmethod
    def preview(cls, root: Path) -> dict[str, Any]:
        return record(job(root))

    @pytest.fixture(scope="class")
    @classmethod
    def update(cls, root: Path) -> dict[str, Any]:
        return record(job(root, "update"))

    def test_an_image_is_built_only_once_its_repository_is_known(
        self, preview: dict[str, Any], update: dict[str, Any]
    ) -> None:
        def images(recording: dict[str, Any]) -> list[Any]:
            return [r for r in recording["resources"] if r["type"] == "docker-build:index:Image"]

        assert images(preview) == []
        assert preview["exports"]["image"] == {"$unknown": True}
        (image,) = images(update)
        assert image["parent"] == f"{URN}awsx:ecr:Image::image"
        url = by_name(update)["Repository repo"]["outputs"]["url"]
        assert url.startswith("111122223333.dkr.ecr.eu-central-1.amazonaws.com/repo-")
        assert image["inputs"]["tags"] == [f"{url}:latest"]
        assert update["exports"]["image"].startswith(f"{url}@sha256:")

    def test_a_network_has_its_subnets_and_routes(self, preview: dict[str, Any]) -> None:
        inside = [r for r in preview["resources"] if r["urn"].startswith(f"{URN}awsx:ec2:Vpc$")]
        kinds = sorted(r["type"].rpartition(":")[2] for r in inside)
        assert [(kind, kinds.count(kind)) for kind in sorted(set(kinds))] == [
            ("Eip", 1), ("InternetGateway", 1), ("NatGateway", 1), ("Route", 4), ("RouteTable", 4),
            ("RouteTableAssociation", 4), ("Subnet", 4), ("Vpc", 1),
        ]  # fmt: skip
        blocks = {r["name"]: r["inputs"]["cidrBlock"] for r in inside if r["type"].endswith(":Subnet")}
        assert len(set(blocks.values())) == 4
        routes = {r["name"]: r["propertyDependencies"] for r in inside if r["type"].endswith(":Route")}
        assert "natGatewayId" in routes["net-private-2"]
        assert "gatewayId" in routes["net-public-1"]
        assert "natGatewayId" not in routes["net-public-1"]

    def test_who_uses_an_output_depends_on_the_resource_behind_it(self, preview: dict[str, Any]) -> None:
        resources = {r["urn"]: r for r in preview["resources"]}
        inner = f"{URN}awsx:ec2:Vpc$aws:ec2/vpc:Vpc"
        group = resources[f"{URN}aws:ec2/securityGroup:SecurityGroup::group"]
        assert group["propertyDependencies"] == {"vpcId": [f"{inner}::net", f"{URN}awsx:ec2:Vpc::net"]}
        database = resources[f"{URN}aws:rds/subnetGroup:SubnetGroup::db"]
        assert database["propertyDependencies"]["subnetIds"] == [
            f"{inner}$aws:ec2/subnet:Subnet::net-private-1",
            f"{inner}$aws:ec2/subnet:Subnet::net-private-2",
            f"{URN}awsx:ec2:Vpc::net",
        ]

    def test_a_program_may_read_the_resources_inside(self, preview: dict[str, Any], update: dict[str, Any]) -> None:
        assert preview["exports"]["cidr"] == update["exports"]["cidr"] == "10.0.0.0/16"

    def test_the_resources_that_an_unknown_one_hands_out_can_be_read_and_are_in_no_recording(
        self, tmp_path: Path
    ) -> None:
        text = (
            'import pulumi_awsx as awsx\ntrail = awsx.cloudtrail.Trail("web")\n'
            'pulumi.export("kept", trail.trail.arn.apply(lambda arn: ":trail/" in arn))\n'
            'pulumi.export("bucket", trail.bucket.id.apply(bool))\n'
        )
        root = write(tmp_path, HEAD + text)
        assert record(job(root))["exports"]["kept"] == {"$unknown": True}
        update = record(job(root, mode="update"))
        assert update["exports"] == {"kept": True, "bucket": True}
        assert [
            each["type"] for each in update["resources"] if each["custom"] and "providers" not in each["type"]
        ] == []

    def test_an_unknown_one_is_opaque_and_says_so(self, tmp_path: Path) -> None:
        text = 'import pulumi_awsx as awsx\npulumi.export("x", awsx.cloudtrail.Trail("t").bucket)\n'
        recording = record(job(write(tmp_path, HEAD + text)))
        assert recording["exports"]["x"] == {"$unknown": True}
        assert recording["notes"] == [
            "awsx:cloudtrail:Trail is a component of another process: its children are not known, nor their cost, reach and verdicts"
        ]


def test_the_worker_needs_nothing_but_the_sdk() -> None:
    modules = "preflight.worker, preflight.program, preflight.engine_view, sys"
    code = f"import {modules}; print(*{{m.split('.')[0] for m in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"pydantic", "rich", "typer", "pulumi_aws", "settings", "components", "guardrails"}


def test_a_hook_is_recorded_and_not_run(tmp_path: Path) -> None:
    text = (
        'hook = pulumi.ResourceHook("loud", lambda args: 1 / 0)\n'
        'aws.s3.Bucket("b", opts=ResourceOptions(hooks=pulumi.ResourceHookBinding(after_create=[hook])))\n'
    )
    result = work(job(write(tmp_path, HEAD + text), "update"))
    assert result["ok"], result
    assert by_name(result["recording"])["Bucket b"]["options"]["hooks"] == {"afterCreate": ["loud"]}
