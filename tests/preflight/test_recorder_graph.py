"""The recorder against a program whose graph is known field by field."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.preflight.recorder_support import by_name, job, record, write

PROGRAM = """\
import pulumi
import pulumi_aws as aws

config = pulumi.Config()
main = aws.Provider("main", region="eu-west-1", default_tags={"tags": {"team": "core"}})


class Shelf(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("demo:store:Shelf", name, {"label": "top"}, opts)
        self.box = aws.s3.Bucket("box", opts=pulumi.ResourceOptions(
            parent=self, protect=True, ignore_changes=["tags", "force_destroy"], retain_on_delete=True,
            custom_timeouts=pulumi.CustomTimeouts(create="1h30m"), aliases=[pulumi.Alias(name="crate")],
            replace_on_changes=["object_lock_enabled"], delete_before_replace=True))
        self.register_outputs({"arn": self.box.arn})


shelf = Shelf("shelf", pulumi.ResourceOptions(providers=[main]))
vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(provider=main))
subnets = [aws.ec2.Subnet(f"net-{z}", vpc_id=vpc.id, cidr_block=f"10.0.{n}.0/24", availability_zone=f"eu-west-1{z}",
                          opts=pulumi.ResourceOptions(provider=main)) for n, z in enumerate("ab")]
group = aws.rds.SubnetGroup("db", subnet_ids=[s.id for s in subnets], opts=pulumi.ResourceOptions(provider=main))
database = aws.rds.Instance(
    "db", engine="postgres", instance_class="db.t4g.micro", allocated_storage=20, username="app",
    password=config.require_secret("password"), db_subnet_group_name=group.name,
    opts=pulumi.ResourceOptions(provider=main, depends_on=[shelf], additional_secret_outputs=["endpoint"]))
role = aws.iam.Role("role", assume_role_policy={"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}]},
                    opts=pulumi.ResourceOptions(provider=main, deleted_with=vpc))
print("not part of the answer")
pulumi.export("vpc", vpc.id)
pulumi.export("password", config.require_secret("password"))
pulumi.export("nested", {"list": [1, "two", vpc.arn]})
"""
SECRET = "correct-horse-battery"
URN = "urn:pulumi:dev::demo::"
UNKNOWN = {"$unknown": True}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("known"), PROGRAM)


def settings(program: Path, mode: str) -> dict[str, Any]:
    config = {"aws:region": "eu-central-1", "demo:password": SECRET}
    return job(program, mode, config=config, secretKeys=["demo:password"])


@pytest.fixture(scope="module")
def preview(program: Path) -> dict[str, Any]:
    return record(settings(program, "preview"))


@pytest.fixture(scope="module")
def update(program: Path) -> dict[str, Any]:
    return record(settings(program, "update"))


def test_every_resource_has_the_urn_that_the_engine_gives(preview: dict[str, Any]) -> None:
    assert [r["urn"] for r in preview["resources"]] == [
        f"{URN}aws:ec2/subnet:Subnet::net-a",
        f"{URN}aws:ec2/subnet:Subnet::net-b",
        f"{URN}aws:ec2/vpc:Vpc::net",
        f"{URN}aws:iam/role:Role::role",
        f"{URN}aws:rds/instance:Instance::db",
        f"{URN}aws:rds/subnetGroup:SubnetGroup::db",
        f"{URN}demo:store:Shelf$aws:s3/bucket:Bucket::box",
        f"{URN}demo:store:Shelf::shelf",
        f"{URN}pulumi:providers:aws::main",
        f"{URN}pulumi:pulumi:Stack::demo-dev",
    ]


def test_parents_are_the_component_and_the_stack(preview: dict[str, Any]) -> None:
    resources = by_name(preview)
    assert resources["Bucket box"]["parent"] == f"{URN}demo:store:Shelf::shelf"
    assert resources["Vpc net"]["parent"] == f"{URN}pulumi:pulumi:Stack::demo-dev"
    assert resources["Stack demo-dev"]["parent"] is None


def test_each_property_depends_on_exactly_what_it_was_made_from(preview: dict[str, Any]) -> None:
    resources = by_name(preview)
    subnets = [f"{URN}aws:ec2/subnet:Subnet::net-a", f"{URN}aws:ec2/subnet:Subnet::net-b"]
    assert resources["Subnet net-a"]["propertyDependencies"] == {"vpcId": [f"{URN}aws:ec2/vpc:Vpc::net"]}
    assert resources["SubnetGroup db"]["propertyDependencies"] == {"subnetIds": subnets}
    database = resources["Instance db"]
    assert database["propertyDependencies"] == {"dbSubnetGroupName": [f"{URN}aws:rds/subnetGroup:SubnetGroup::db"]}
    assert database["dependencies"] == [
        f"{URN}aws:rds/subnetGroup:SubnetGroup::db",
        f"{URN}demo:store:Shelf$aws:s3/bucket:Bucket::box",
    ], "a component in depends_on stands for its children"


def test_options_are_those_that_were_set_and_no_others(preview: dict[str, Any]) -> None:
    resources = by_name(preview)
    provider = f"{URN}pulumi:providers:aws::main"
    assert resources["Bucket box"]["options"] == {
        "aliases": [{"name": "crate"}, *[{"type": "aws:s3/bucketV2:BucketV2"}] * 2],  # the SDK adds the type's old name
        "customTimeouts": {"create": 5400},
        "deleteBeforeReplace": True,
        "ignoreChanges": ["tags", "forceDestroy"],
        "protect": True,
        "provider": provider,
        "replaceOnChanges": ["objectLockEnabled"],
        "retainOnDelete": True,
        "version": "7.51.1",
    }
    assert resources["Shelf shelf"]["options"] == {"providers": {"aws": provider}}
    assert resources["Role role"]["options"]["deletedWith"] == f"{URN}aws:ec2/vpc:Vpc::net"
    assert resources["Vpc net"]["options"] == {"provider": provider, "version": "7.51.1"}


def test_a_resource_knows_the_line_that_made_it(preview: dict[str, Any]) -> None:
    resources = by_name(preview)
    assert resources["Shelf shelf"]["source"] == "__main__.py:18"
    assert resources["Bucket box"]["source"] == "__main__.py:11"
    assert resources["Subnet net-b"]["source"] == "__main__.py:20"
    assert resources["Stack demo-dev"]["source"] is None


def test_the_order_is_that_of_the_program_and_not_that_of_the_names(
    preview: dict[str, Any], update: dict[str, Any]
) -> None:
    assert [urn.rpartition("::")[2] for urn in update["order"]] == [
        "demo-dev", "main", "shelf", "box", "net", "net-a", "net-b", "db", "db", "role",
    ]  # fmt: skip
    assert sorted(update["order"]) == [resource["urn"] for resource in update["resources"]]
    assert (preview["order"], update["awaited"]) == (update["order"], {})


CALLBACKS = """\
import pulumi
import pulumi_aws as aws

first, other = aws.sqs.Queue("z-first"), aws.sqs.Queue("other")


def later(_):
    for name in "ba":
        aws.sqs.Queue(f"later-{name}")


pulumi.Output.all(first.url, other.url).apply(later)
first.arn.apply(lambda arn: aws.sqs.Queue("inner", name="made").url.apply(lambda _: aws.sqs.Queue("innermost")))
aws.sqs.Queue("last")
"""


@pytest.mark.parametrize("plain", [False, True])
def test_what_a_callback_makes_comes_last_and_says_what_the_callback_waited_for(tmp_path: Path, plain: bool) -> None:
    found = record(job(write(tmp_path, CALLBACKS), "update", plain=plain))

    def names(urns: list[str]) -> list[str]:
        return [urn.rpartition("::")[2] for urn in urns]

    assert names(found["order"])[1:] == [  # the first is the provider that nobody made
        "demo-dev", "z-first", "other", "last", "innermost", "later-b", "later-a", "inner",
    ]  # fmt: skip
    assert {urn.rpartition("::")[2]: names(urns) for urn, urns in found["awaited"].items()} == {
        "innermost": ["inner"], "later-a": ["other", "z-first"], "later-b": ["other", "z-first"], "inner": ["z-first"],
    }  # fmt: skip


def test_inputs_are_what_the_program_gave(preview: dict[str, Any]) -> None:
    resources = by_name(preview)
    assert resources["Subnet net-b"]["inputs"] == {
        "availabilityZone": "eu-west-1b",
        "cidrBlock": "10.0.1.0/24",
        "vpcId": UNKNOWN,
    }
    assert resources["SubnetGroup db"]["inputs"]["subnetIds"] == [UNKNOWN, UNKNOWN]
    assert resources["Shelf shelf"]["inputs"] == {"label": "top"}
    assert resources["aws main"]["inputs"]["defaultTags"] == '{"tags": {"team": "core"}}'


def test_a_preview_knows_no_computed_value(preview: dict[str, Any]) -> None:
    resources = by_name(preview)
    assert all(r["id"] is None for r in preview["resources"])
    assert "arn" not in resources["Vpc net"]["outputs"]
    assert resources["Vpc net"]["outputs"] == {"cidrBlock": "10.0.0.0/16", "tagsAll": {"team": "core"}}
    assert resources["Shelf shelf"]["outputs"] == {"arn": UNKNOWN}
    assert preview["exports"]["vpc"] == UNKNOWN


def test_an_update_knows_every_value(update: dict[str, Any]) -> None:
    resources = by_name(update)
    vpc, subnet = resources["Vpc net"], resources["Subnet net-a"]
    assert vpc["id"].startswith("vpc-")
    assert subnet["inputs"]["vpcId"] == vpc["id"]
    assert vpc["outputs"]["arn"] == f"arn:aws:ec2:eu-west-1:111122223333:vpc/{vpc['id']}"
    assert update["exports"]["nested"] == {"list": [1, "two", vpc["outputs"]["arn"]]}
    assert '"Principal": "*"' in resources["Role role"]["outputs"]["assumeRolePolicy"]
    assert UNKNOWN not in [*vpc["outputs"].values(), *update["exports"].values()]


def test_an_update_makes_the_same_resources_as_a_preview(preview: dict[str, Any], update: dict[str, Any]) -> None:
    keep = ("urn", "parent", "propertyDependencies", "dependencies", "options", "source")
    assert [[r[k] for k in keep] for r in preview["resources"]] == [[r[k] for k in keep] for r in update["resources"]]


def test_a_secret_is_marked_and_its_value_is_nowhere(preview: dict[str, Any], update: dict[str, Any]) -> None:
    for recording in (preview, update):
        database = by_name(recording)["Instance db"]
        assert database["inputs"]["password"] == {"$secret": True}
        assert database["outputs"]["password"] == {"$secret": True}
        assert database["outputs"]["endpoint"] == {"$secret": True}, "additional_secret_outputs"
        assert recording["exports"]["password"] == {"$secret": True}
        assert SECRET not in json.dumps(recording)


def test_a_program_that_hands_everything_its_provider_has_no_note_and_no_default_one(preview: dict[str, Any]) -> None:
    assert preview["notes"] == []
    assert not [r for r in preview["resources"] if r["name"].startswith("default")]


@pytest.mark.parametrize("mode", ["preview", "update"])
def test_runs_are_byte_identical_whatever_the_hash_seed(program: Path, mode: str) -> None:
    seeds = ("0", "1", "random")
    texts = {json.dumps(record(settings(program, mode), PYTHONHASHSEED=seed)) for seed in seeds}
    assert len(texts) == 1


def test_a_plain_run_records_the_same(program: Path, preview: dict[str, Any], update: dict[str, Any]) -> None:
    for mode, fast in (("preview", preview), ("update", update)):
        assert record({**settings(program, mode), "plain": True}) == fast
