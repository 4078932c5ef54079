"""What AWS refuses of resources beside each other is told, and what it takes of them is not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from preflight import between
from preflight.registry import Entry
from preflight.simulation.together import UNKNOWN
from tests.gathered import for_each
from tests.preflight.cli_support import Project

# Twins: what is called bad_... is refused for the reason under REFUSED, and what is called otherwise is taken.
PROGRAM = """
import json
import pulumi
import pulumi_aws as aws

after = lambda *made: pulumi.ResourceOptions(depends_on=[*made])
zones = aws.get_availability_zones().names
east = pulumi.ResourceOptions(provider=aws.Provider("east", region="us-east-1"))

def policy(service, action, resource="*", who="Service", effect="Allow", **more):
    said = {"Effect": effect, "Principal": {who: service}, "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [said]})

def bucket(name, ownership=None, **open_):
    made = aws.s3.Bucket(name, force_destroy=True)
    others = [aws.s3.BucketOwnershipControls(name, bucket=made.id, rule={"object_ownership": ownership})] if ownership else []
    others += [aws.s3.BucketPublicAccessBlock(name, bucket=made.id, **open_)] if open_ else []
    return made, after(*others)

# Buckets
old, with_acl, told, open_ = bucket("old"), bucket("acl", "BucketOwnerPreferred"), bucket("told", "BucketOwnerEnforced"), bucket("open", "ObjectWriter", block_public_acls=False)
aws.s3.Bucket("bad-inline", acl="public-read")
aws.s3.Bucket("inline", acl="private")
for name, (of, opts), acl in [
    ("bad_private", old, "private"), ("bad_told", told, "private"), ("bad_public", with_acl, "public-read"), ("private", with_acl, "private"), ("public", open_, "public-read"),
]:
    aws.s3.BucketAcl(name, bucket=of.id, acl=acl, opts=opts)
aws.s3.BucketObjectv2("bad_object", bucket=old[0].bucket, key="a", content="b", acl="public-read")
aws.s3.BucketObjectv2("object", bucket=old[0].bucket, key="c", content="d", acl="private")
site, shut = bucket("site", None, block_public_policy=False), bucket("shut", None, block_public_policy=True)
for name, of, more in [
    ("bad_shut", shut, {}), ("bad_default", old, {}), ("site", site, {}), ("far", with_acl, {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a"}}}),
    ("tls", told, {"effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
]:
    aws.s3.BucketPolicy(name, bucket=of[0].id, policy=of[0].arn.apply(lambda arn, more=more: policy("*", "s3:GetObject", arn + "/*", "AWS", **more)), opts=of[1])
def cdn(name, logs, certificate):
    aws.cloudfront.Distribution(
        name, enabled=True, origins=[{"domain_name": "a.example.com", "origin_id": "a"}], restrictions={"geo_restriction": {"restriction_type": "none"}},
        default_cache_behavior={"target_origin_id": "a", "viewer_protocol_policy": "https-only", "allowed_methods": ["GET", "HEAD"], "cached_methods": ["GET", "HEAD"], "cache_policy_id": "x"},
        logging_config={"bucket": logs.bucket_domain_name}, viewer_certificate={"acm_certificate_arn": certificate.arn, "ssl_support_method": "sni-only"})
here, there = (aws.acm.Certificate(name, domain_name="a.example.com", validation_method="DNS", opts=opts) for name, opts in (("here", None), ("there", east)))
cdn("bad_logs", old[0], there)
cdn("bad_certificate", with_acl[0], here)
cdn("cdn", open_[0], there)
for name, opts in ("bad_acl", None), ("web_acl", east):
    aws.wafv2.WebAcl(name, scope="CLOUDFRONT", default_action={"allow": {}}, visibility_config={"cloudwatch_metrics_enabled": True, "metric_name": "m", "sampled_requests_enabled": True}, opts=opts)

# Networks
plain, vpc = aws.ec2.Vpc("plain", cidr_block="10.0.0.0/16"), aws.ec2.Vpc("named", cidr_block="10.0.0.0/16", enable_dns_hostnames=True)
aws.ec2.InternetGateway("way", vpc_id=vpc.id)
one, two, same, free = (aws.ec2.Subnet(name, vpc_id=vpc.id, cidr_block=f"10.0.{number}.0/24", availability_zone=zone) for number, (name, zone) in enumerate([("one", zones[0]), ("two", zones[1]), ("same", zones[0]), ("free", None)]))
aws.ec2.Subnet("bad_zone", vpc_id=vpc.id, cidr_block="10.0.9.0/24", availability_zone="us-east-1a")
other = [aws.ec2.Subnet(f"other{number}", vpc_id=plain.id, cidr_block=f"10.0.{number}.0/24", availability_zone=zones[number]) for number in range(2)]
mine, nobody, theirs = aws.ec2.SecurityGroup("mine", vpc_id=vpc.id), aws.ec2.SecurityGroup("nobody"), aws.ec2.SecurityGroup("theirs", vpc_id=plain.id)
for name, subnets, group in [("bad-one", [one], mine), ("bad-same", [one, same], mine), ("bad-default", [one, two], nobody), ("bad-theirs", [one, two], theirs), ("alb", [one, two], mine), ("drawn", [one, free], mine)]:
    aws.lb.LoadBalancer(name, load_balancer_type="application", subnets=[each.id for each in subnets], security_groups=[group.id])
aws.lb.LoadBalancer("rack", load_balancer_type="application", subnets=[one.id], customer_owned_ipv4_pool="ipv4pool-coip-1")
aws.lb.LoadBalancer("nlb", load_balancer_type="network", subnets=[one.id])
groups = {name: aws.rds.SubnetGroup(name, subnet_ids=[each.id for each in subnets]) for name, subnets in (("bad_group", [one, same]), ("group", [one, two]), ("plain", other))}
for name, group, firewall, public in [("bad-network", "group", theirs, False), ("bad-names", "plain", theirs, True), ("public", "group", mine, True), ("inside", "plain", theirs, False)]:
    aws.rds.Instance(name, engine="mysql", instance_class="db.t4g.micro", allocated_storage=20, username="app", manage_master_user_password=True, skip_final_snapshot=True,
        db_subnet_group_name=groups[group].name, vpc_security_group_ids=[firewall.id], publicly_accessible=public)
for name, of in ("bad_endpoint", plain), ("endpoint", vpc):
    aws.ec2.VpcEndpoint(name, vpc_id=of.id, service_name="com.amazonaws.eu-west-1.sqs", vpc_endpoint_type="Interface", private_dns_enabled=True)

# Permissions
def trail(name, bucket, key):
    aws.cloudtrail.Trail(name, s3_bucket_name=bucket.bucket, kms_key_id=key.arn)
def logged(name, bucket):
    aws.lb.LoadBalancer(name, subnets=[one.id, two.id], access_logs={"enabled": True, "bucket": bucket.bucket})
written = bucket("written")[0]
aws.s3.BucketPolicy("written", bucket=written.id, policy=written.arn.apply(lambda arn: policy("cloudtrail.amazonaws.com", "s3:PutObject", arn + "/*")))
trail("bad_bucket", open_[0], logs := aws.kms.Key("trails", policy=policy("cloudtrail.amazonaws.com", "kms:*")))
trail("bad_trail_key", written, aws.kms.Key("own"))
trail("trail", written, logs)
logged("bad-logged", bucket("bare")[0])
logged("logged", written)
keys = {name: aws.kms.Key(name, policy=said) for name, said in (("default", None), ("logs", policy("logs.eu-west-1.amazonaws.com", "kms:*")))}
aws.cloudwatch.LogGroup("bad_key", kms_key_id=keys["default"].arn)
aws.cloudwatch.LogGroup("key", kms_key_id=keys["logs"].arn)
role = aws.iam.Role("role", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}))
def function(name, **more):
    return aws.lambda_.Function(name, role=role.arn, runtime="python3.13", handler="a.b", code=pulumi.AssetArchive({"a.py": pulumi.StringAsset("b")}), **more)
slow, even, quick = function("slow", timeout=31), function("even", timeout=30), function("quick")
queue = aws.sqs.Queue("queue")
aws.lambda_.EventSourceMapping("bad_slow", event_source_arn=queue.arn, function_name=slow.arn)
aws.lambda_.EventSourceMapping("even", event_source_arn=queue.arn, function_name=even.arn)
aws.lambda_.EventSourceMapping("quick", event_source_arn=queue.arn, function_name=quick.name)
aws.lambda_.Permission("quick", action="lambda:InvokeFunction", function=quick.name, principal="s3.amazonaws.com", source_arn=old[0].arn)
told_queue, topic = aws.sqs.Queue("told"), aws.sns.Topic("topic", policy=policy("s3.amazonaws.com", "sns:Publish"))
aws.sqs.QueuePolicy("told", queue_url=told_queue.url, policy=told_queue.arn.apply(lambda arn: policy("s3.amazonaws.com", "sqs:SendMessage", arn)))
events = ["s3:ObjectCreated:*"]
aws.s3.BucketNotification("bad_function", bucket=old[0].id, lambda_functions=[{"lambda_function_arn": slow.arn, "events": events}])
aws.s3.BucketNotification("bad_queue", bucket=told[0].id, queues=[{"queue_arn": queue.arn, "events": events}])
aws.s3.BucketNotification("notification", bucket=site[0].id, lambda_functions=[{"lambda_function_arn": quick.arn, "events": events}],
    queues=[{"queue_arn": told_queue.arn, "events": ["s3:ObjectRemoved:*"]}], topics=[{"topic_arn": topic.arn, "events": ["s3:ObjectRestore:*"]}])

# Tasks
cluster = aws.ecs.Cluster("cluster")
tasks = aws.ecs.TaskDefinition("tasks", family="app", cpu="256", memory="512", network_mode="awsvpc", requires_compatibilities=["FARGATE"],
    container_definitions=json.dumps([{"name": "app", "image": "a:1", "portMappings": [{"containerPort": 80}]}]))
targets = {kind: aws.lb.TargetGroup(kind, port=80, protocol="HTTP", vpc_id=vpc.id, target_type=kind) for kind in ("ip", "instance")}
for name, kind, container, port in [("bad-kind", "instance", "app", 80), ("bad-container", "ip", "web", 80), ("bad-port", "ip", "app", 8080), ("service", "ip", "app", 80)]:
    aws.ecs.Service(name, cluster=cluster.arn, task_definition=tasks.arn, launch_type="FARGATE", desired_count=1, network_configuration={"subnets": [one.id], "security_groups": [mine.id]},
        load_balancers=[{"target_group_arn": targets[kind].arn, "container_name": container, "container_port": port}])

# Names
aws.cloudwatch.LogGroup("first", name="/app")
aws.cloudwatch.LogGroup("bad_second", name="/app")
aws.cloudwatch.LogGroup("elsewhere", name="/app", opts=east)
"""
TAKEN = Path(__file__).with_name("taken_beside_each_other.txt")
REFUSED = {
    "bad-inline": "acl: the bucket 'bad-inline' takes no access lists, as every new one",
    "bad_private": "acl: the bucket 'old' takes no access lists, as every new one",
    "bad_told": "acl: the bucket 'told' takes no access lists",
    "bad_public": "acl: the bucket 'acl' refuses what lets everybody in, as every new one does without "
    "s3.BucketPublicAccessBlock with block_public_acls=False",
    "bad_object": "acl: the bucket 'old' takes no access lists",
    "bad_shut": "policy: the bucket 'shut' refuses what lets everybody in",
    "bad_default": "policy: the bucket 'old' refuses what lets everybody in, as every new one does without "
    "s3.BucketPublicAccessBlock with block_public_policy=False",
    "bad_logs": "logging_config.bucket: the bucket 'old' takes no access lists",
    "bad_certificate": "viewer_certificate.acm_certificate_arn: CloudFront takes certificates of us-east-1 only, and the "
    "certificate 'here' is of eu-west-1",
    "bad_acl": "scope: a web ACL of CloudFront is made in us-east-1, not in eu-west-1",
    "bad_zone": "availability_zone: 'us-east-1a' is no zone of eu-west-1",
    "bad-one": "subnets: it needs subnets of two availability zones at least, and this is one subnet",
    "bad-same": "subnets: it needs subnets of two availability zones at least, and all of these are of eu-west-1a",
    "bad-default": "security_groups: security group 'nobody' is of the default VPC (it has no vpc_id), the subnets are of "
    "VPC 'named'",
    "bad-theirs": "security_groups: security group 'theirs' is of VPC 'plain', the subnets are of VPC 'named'",
    "bad_group": "subnet_ids: it needs subnets of two availability zones at least",
    "bad-network": "vpc_security_group_ids: security group 'theirs' is of VPC 'plain'",
    "bad-names": "publicly_accessible: VPC 'plain' has to have enable_dns_hostnames",
    "bad_endpoint": "private_dns_enabled: VPC 'plain' has to have enable_dns_hostnames",
    "bad_key": "kms_key_id: the policy of key 'default' does not allow logs.<region>.amazonaws.com",
    "bad_bucket": "s3_bucket_name: no policy allows cloudtrail.amazonaws.com to write to 'open'",
    "bad_trail_key": "kms_key_id: the policy of key 'own' does not allow cloudtrail.amazonaws.com to use it",
    "bad-logged": "access_logs.bucket: the bucket 'bare' has no policy, and so lets nobody write logs into it",
    "bad_slow": "event_source_arn: queue 'queue' hides a message for 30 s, less than the 31 s that function 'slow' may run",
    "bad_function": "lambda_functions[0].lambda_function_arn: nothing allows s3.amazonaws.com to invoke 'slow'",
    "bad_queue": "queues[0].queue_arn: no policy allows s3.amazonaws.com to send to 'queue'",
    "bad-kind": "load_balancers[0].target_group_arn: target group 'instance' has target_type instance",
    "bad-container": "load_balancers[0].container_name: task definition 'tasks' has no container 'web', it has 'app'",
    "bad-port": "load_balancers[0].container_port: container 'app' of 'tasks' has no port 8080 in its port_mappings, it has 80",
    "bad_second": "name: 'first' has the same already, and AWS keeps it only once (ResourceAlreadyExistsException)",
}


def test_what_aws_refuses_of_resources_beside_each_other_is_told_and_their_twins_are_taken(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("__main__.py", PROGRAM)
    stack = project.report()["stacks"]["dev"]
    assert stack["errors"] == []
    told: dict[str, list[str]] = {}
    for note in (note for note in stack["notes"] if note.startswith("AWS refuses to make ")):
        assert "(__main__.py:" in note
        _, name, reason = note.split("'", 2)
        told.setdefault(name, []).append(reason.removeprefix(": "))
    assert told.keys() == REFUSED.keys()
    assert {name: reasons for name, reasons in told.items() if len(reasons) != 1} == {}
    for name, said in REFUSED.items():
        assert told[name][0].startswith(said)


DEFAULT = "urn:pulumi:providers:aws::default_7"


def _entry(token: str, name: str, inputs: dict[str, Any], **more: Any) -> Entry:
    outputs = {"id": name, "arn": f"arn:aws:s:eu-west-1:1:{name}", **inputs}
    return Entry(
        urn=f"urn:{token}::{name}", type=token, name=name, parent="", custom=True, id=name, inputs=inputs, checked=inputs,
        outputs=outputs, provider=more.pop("provider", DEFAULT), **more,
    )  # fmt: skip


PUBLIC = _entry("aws:s3/bucket:Bucket", "site", {"acl": "public-read", "bucket": "site"})
OLD = _entry("aws:s3/bucket:Bucket", "old", {"bucket": "old"})
ACL = _entry("aws:s3/bucketAcl:BucketAcl", "acl", {"bucket": "old", "acl": "private"})
CONTROLS = _entry("aws:s3/bucketOwnershipControls:BucketOwnershipControls", "late", {"bucket": UNKNOWN, "rule": {}})
ELSEWHERE = _entry("pulumi:providers:aws", "fake", {"endpoints": [{"s3": "http://localhost:4566"}]})
SOMEWHERE = _entry("pulumi:providers:aws", "profile", {"profile": "east"})
REGION = _entry("pulumi:providers:aws", "default_7", {})
COMMAND = _entry("command:local:Command", "aws-cli", {}, dependencies=[OLD.urn])
BUS = _entry("aws:cloudwatch/eventBus:EventBus", "one", {"name": "shop"})
READ = [
    _entry("aws:ec2/vpc:Vpc", name, {}, external=True, stand_ins={"cidrBlock": "10.0.0.0/16"})
    for name in ("vpc-1", "vpc-2")
]
LET_IN = [
    _entry(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", f"from-{each.name}",
        {"securityGroupId": "sg-1", "ipProtocol": "-1", "cidrIpv4": "10.0.0.0/16"},
        property_dependencies={"cidrIpv4": [each.urn]},
    )
    for each in READ
]  # fmt: skip
SUBNET = _entry("aws:ec2/subnet:Subnet", "zone", {"availabilityZone": "us-east-1a"})


def _with(entry: Entry, **inputs: Any) -> Entry:
    return replace(entry, inputs={**entry.inputs, **inputs}, checked={**entry.checked, **inputs})


@for_each(
    "made, refused",
    [
        ([PUBLIC], ["site"]),
        ([replace(PUBLIC, options={"import": "site"})], []),
        ([replace(PUBLIC, external=True)], []),
        ([ELSEWHERE, replace(PUBLIC, provider=ELSEWHERE.urn)], []),
        ([replace(ELSEWHERE, name="default_7", urn=DEFAULT), PUBLIC], []),
        ([OLD, ACL], ["acl"]),
        ([OLD, ACL, CONTROLS], []),
        ([OLD, ACL, COMMAND], []),
        ([OLD, replace(ACL, dependencies=[COMMAND.urn]), replace(COMMAND, dependencies=[])], []),
        ([OLD, _with(ACL, acl=UNKNOWN)], []),
        ([OLD, _with(ACL, acl="bucket-owner-full-control")], []),
        ([OLD, _with(ACL, acl=["private"])], []),
        ([ACL], []),
        ([replace(each, property_dependencies={}) for each in LET_IN], ["from-vpc-2"]),
        ([*READ, *LET_IN], []),
        ([REGION, SUBNET], ["zone"]),
        ([REGION, _with(SUBNET, availabilityZone="eu-west-1-lhr-1a")], []),
        ([SOMEWHERE, replace(SUBNET, provider=SOMEWHERE.urn)], []),
        ([BUS, replace(BUS, urn="other", name="other")], ["other"]),
        ([BUS, replace(BUS, urn="other", name="other", provider=SOMEWHERE.urn)], []),
    ],
    [
        "new",
        "imported",
        "read",
        "of an endpoint",
        "of an endpoint of the stack",
        "without controls",
        "controls of whom",
        "a command on it",
        "after a command",
        "access list of whom",
        "of its owner",
        "no word",
        "of another program",
        "rules that are the same",
        "rules of networks that are read",
        "zone",
        "local zone",
        "region of a profile",
        "name",
        "name of another provider",
    ],
)
def test_what_is_there_already_or_not_known_is_left_alone(made: list[Entry], refused: list[str]) -> None:
    assert [remark.split("'")[1] for remark in _told(made)] == refused


def test_what_talks_to_something_like_aws_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:4566")
    assert list(_told([PUBLIC])) == []


def test_what_aws_takes_of_resources_beside_each_other_is_remarked_on_nowhere(tmp_path: Path) -> None:
    project = Project(tmp_path)
    secrets = "shop:one: {secure: 'v1:a:b'}, shop:two: {secure: 'v1:c:d'}"
    config = f"config: {{aws:region: eu-west-1, {secrets}}}"
    project.write("Pulumi.dev.yaml", f"encryptionsalt: 'v1:abc=:v1:def:ghi'\n{config}\n")
    first, *parts = TAKEN.read_text().split("# ---- ")
    assert len(parts) == 4
    for part in parts:
        title, _, text = part.partition("\n")
        project.write("__main__.py", f"{first}\n{text}")
        stack = project.report()["stacks"]["dev"]
        assert stack["errors"] == [], title
        assert [note for note in stack["notes"] if note.startswith("AWS refuses")] == [], title


def test_where_no_region_is_said_nothing_is_said_of_its_place() -> None:
    assert list(between.remarks([SUBNET], region_known=False)) == []


def _told(made: list[Entry]) -> Iterator[str]:
    return between.remarks(made, region_known=True)
