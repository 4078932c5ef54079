"""Every form of value, option, provider and resource that a registration can hold. For comparison only."""

from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx
from pulumi import Alias, CustomTimeouts, Output, ResourceOptions

config = pulumi.Config()


class Box(pulumi.ComponentResource):
    """A component with inputs of its own, children and outputs."""

    def __init__(self, name: str, props: dict[str, object] | None = None, opts: ResourceOptions | None = None) -> None:
        super().__init__("nasty:box:Box", name, props, opts)
        self.topic = aws.sns.Topic(f"{name}-topic", opts=ResourceOptions(parent=self))
        inner = ResourceOptions(parent=self.topic)
        self.queue = aws.sqs.Queue(f"{name}-queue", tags={"topic": self.topic.arn}, opts=inner)
        self.register_outputs(
            {
                "topic": self.topic,
                "arn": self.topic.arn,
                "secret": Output.secret("box"),
                "mixed": [self.queue.id, {"known": 1.5, "none": None}],
            }
        )


def tagged(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """A transform of the stack: changes inputs and options."""
    if args.type_ != "aws:sns/topic:Topic":
        return None
    opts = ResourceOptions.merge(args.opts, ResourceOptions(protect=args.name.startswith("kept")))
    return pulumi.ResourceTransformResult({**args.props, "tags": {"by": "transform"}}, opts)


async def renamed(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """A transform of one component: adds a secret and takes an input away."""
    if args.type_ != "aws:sqs/queue:Queue":
        return None
    props = {key: value for key, value in args.props.items() if key != "tags"}
    return pulumi.ResourceTransformResult({**props, "kmsMasterKeyId": Output.secret("alias/box")}, args.opts)


def silent(_: pulumi.ResourceTransformArgs) -> None:
    """A transform of one resource that changes nothing."""


def tagging(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
    """A transform of one resource: an input that needs another resource, and one more dependency."""
    opts = ResourceOptions.merge(args.opts, ResourceOptions(depends_on=[far], ignore_changes=["name"]))
    return pulumi.ResourceTransformResult({**args.props, "tags": {"far": far.arn, "near": default_topic.arn}}, opts)


def older(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
    """A transformation of the old kind, which the SDK runs by itself."""
    if args.type_ != "aws:sqs/queue:Queue":
        return None
    return pulumi.ResourceTransformationResult({**args.props, "delaySeconds": 5}, args.opts)


pulumi.runtime.register_resource_transform(tagged)

# -- providers -----------------------------------------------------------------------------------------------------------
frankfurt = aws.Provider("frankfurt", region="eu-central-1", default_tags={"tags": {"from": "provider"}})
ireland = aws.Provider("ireland", region="eu-west-1", secret_key=Output.secret("hidden"), access_key="AKIAEXAMPLE")
default_topic = aws.sns.Topic("default-provider")
far = aws.sns.Topic("kept-far", opts=ResourceOptions(provider=ireland))
elsewhere = aws.sns.Topic("own-region", region="us-west-2", opts=ResourceOptions(provider=frankfurt))
late_region = aws.Provider("late", region=default_topic.id.apply(lambda _: "eu-north-1"))

# -- values --------------------------------------------------------------------------------------------------------------
group = aws.ec2.SecurityGroup("group", vpc_id="vpc-1")
late_id: Any = group.id
twice: Any = Output.secret("two")
many = aws.ec2.SecurityGroup(
    "many",
    vpc_id="vpc-1",
    revoke_rules_on_delete=True,
    ingress=[
        {"protocol": "tcp", "from_port": 1, "to_port": 2, "security_groups": [group.id, "sg-known"]},
        {"protocol": "udp", "from_port": 3, "to_port": 4, "cidr_blocks": Output.secret(["10.0.0.0/8"])},
    ],
    tags={
        "unknown": group.id,
        "known": "x",
        "secret": Output.secret("tag-secret"),
        "both": Output.secret(late_id),
        "umlaut": "ä €",
    },
)
secret = aws.ssm.Parameter("secret", type="SecureString", value=Output.secret("one"))
parameters = {
    "unknown-secret": Output.secret(late_id),
    "secret-in-secret": Output.secret(twice),
    "from-config": config.get_secret("token") or "",
    "made-of-secret": secret.value.apply(lambda value: f"{value}!"),
    "json": Output.json_dumps({"id": group.id, "secret": Output.secret("three")}),
    "json-known": Output.json_dumps({"size": config.require_int("size"), "shape": config.require_object("shape")}),
    "concat": Output.concat("a-", group.id, "-b"),
    "empty": Output.secret(""),
}
for name, value in parameters.items():
    aws.ssm.Parameter(name, type="String", value=value)
aws.s3.BucketObjectv2("secret-map", bucket="b", metadata=Output.secret({"a": "map-secret", "id": group.id}))
aws.sqs.Queue("secret-known-map", tags=Output.secret({"a": "map-secret"}))
aws.s3.BucketObjectv2("unknown-map", bucket="b", metadata=group.id.apply(lambda identity: {"id": identity}))
aws.sqs.Queue("empty-map", tags={}, delay_seconds=0, fifo_queue=False)
aws.sqs.Queue("nothing", tags=None, name_prefix=Output.from_input(None))
aws.sqs.Queue("list", redrive_policy=Output.all(many.id, far.arn).apply(lambda both: "{}" if both[0] else "[]"))
trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}
documents: dict[str, Any] = {
    "document": {"Version": "2012-10-17", "Statement": [{**trust, "Principal": {"AWS": group.arn}}]},
    "document-known": {"Version": "2012-10-17", "Statement": [trust]},
    "document-secret": {"Version": Output.secret("2012-10-17"), "Statement": [trust]},
}
for name, document in documents.items():
    aws.iam.Role(name, assume_role_policy=document)
bucket = aws.s3.Bucket("bucket")
aws.s3.BucketObjectv2("text", bucket=bucket.id, source=pulumi.StringAsset("text"))
aws.s3.BucketObjectv2("file", bucket=bucket.id, source=pulumi.FileAsset("note.txt"))
aws.s3.BucketObjectv2("remote", bucket=bucket.id, source=pulumi.RemoteAsset(f"file://{Path('note.txt').resolve()}"))
code = pulumi.AssetArchive({"a.txt": pulumi.StringAsset("a"), "folder": pulumi.FileArchive("image")})
aws.lambda_.Function("code", role="arn:aws:iam::1:role/x", handler="a.b", runtime="python3.13", code=code)
aws.lambda_.Function(
    "environment", role="arn:aws:iam::1:role/x", handler="a.b", runtime="python3.13",
    code=pulumi.FileArchive("image"), environment={"variables": {"ID": group.id, "KEY": Output.secret("four")}},
)  # fmt: skip
aws.cloudwatch.MetricAlarm(
    "numbers", comparison_operator="LessThanThreshold", evaluation_periods=2, threshold=0.1, metric_name="m",
    namespace="n", period=60, statistic="Sum", alarm_actions=[far.arn, default_topic.arn],
)  # fmt: skip

# -- options -------------------------------------------------------------------------------------------------------------
box = Box("box", {"size": 1, "group": group, "secret": Output.secret(271828), "unknown": group.id, "none": None})
moved = Box(
    "moved", opts=ResourceOptions(transforms=[renamed], transformations=[older], providers=[frankfurt], parent=box)
)
Box("protected", opts=ResourceOptions(protect=True, provider=ireland, depends_on=[moved]))
hook = pulumi.ResourceHook("hook", lambda args: None)
every = aws.sqs.Queue(
    "every",
    opts=ResourceOptions(
        protect=True,
        retain_on_delete=True,
        ignore_changes=["tags", "tags.a", "redrivePolicy", "*"],
        replace_on_changes=["name", "tags[*]"],
        delete_before_replace=False,
        custom_timeouts=CustomTimeouts(create="1h30m", update="90s", delete="1.5m"),
        additional_secret_outputs=["url", "arn"],
        deleted_with=bucket,
        aliases=[
            "urn:pulumi:test::nasty::aws:sqs/queue:Queue::older",
            Alias(name="old", type_="aws:sqs/queue:OldQueue"),
            Alias(parent=box),
            Alias(parent=pulumi.ROOT_STACK_RESOURCE, project="other", stack="before"),
        ],
        hooks=pulumi.ResourceHookBinding(after_create=[hook]),
        depends_on=[box, many],
    ),
)
aws.sqs.Queue(
    "first",
    opts=ResourceOptions(delete_before_replace=True, protect=False, depends_on=[group.id.apply(lambda _: secret)]),
)
aws.sqs.Queue("versioned", opts=ResourceOptions(replace_with=[bucket], hide_diffs=["tags"], replacement_trigger="a"))
aws.sqs.Queue(
    "own-transform",
    kms_master_key_id=group.arn,
    tags={"id": group.id},
    delay_seconds=3,
    opts=ResourceOptions(transforms=[renamed, tagging], depends_on=[secret]),
)
aws.sqs.Queue("own-silent", kms_master_key_id=group.arn, opts=ResourceOptions(transforms=[silent]))
aws.sqs.Queue("under", opts=ResourceOptions(parent=every, aliases=[Alias(parent=bucket)]))
aws.sqs.Queue(
    "name with space, / and é",
    name="own",
    delay_seconds=1,
    tags={"id": group.id},
    opts=ResourceOptions(provider=late_region),
)

# -- reads ---------------------------------------------------------------------------------------------------------------
existing = aws.ec2.SecurityGroup.get("existing", "sg-0123456789abcdef0", opts=ResourceOptions(provider=frankfurt))
aws.vpc.SecurityGroupIngressRule(
    "on-existing",
    security_group_id=existing.id,
    description=existing.description,
    ip_protocol="-1",
    cidr_ipv4="10.0.0.0/8",
)
aws.sns.Topic(
    "adopted",
    name="adopted",
    opts=ResourceOptions(import_="arn:aws:sns:eu-central-1:111122223333:adopted", provider=frankfurt),
)
network = pulumi.StackReference("organization/other/base")
aws.ec2.SecurityGroup("referenced", vpc_id=network.require_output("vpcId"), description=network.get_output("nothing"))
aws.ssm.Parameter("reference-secret", type="String", value=network.require_output("password"))

# -- components of other processes ---------------------------------------------------------------------------------------
repository = awsx.ecr.Repository("repository", force_delete=True, opts=ResourceOptions(protect=True, depends_on=[box]))
image = awsx.ecr.Image("image", repository_url=repository.url, context="image", opts=ResourceOptions(parent=bucket))
known = awsx.ecr.Image(
    "known", repository_url="111122223333.dkr.ecr.eu-central-1.amazonaws.com/known", context="image", image_name="known"
)
vpc = awsx.ec2.Vpc(
    "vpc", cidr_block="10.1.0.0/16", number_of_availability_zones=2, tags={"secret": Output.secret("vpc-secret"), "id": group.id},
    opts=ResourceOptions(providers=[frankfurt], aliases=[Alias(name="old-vpc")]),
)  # fmt: skip
aws.ec2.SecurityGroup(
    "in-vpc", vpc_id=vpc.vpc_id, tags={"subnets": Output.json_dumps(vpc.private_subnet_ids), "image": image.image_uri}
)
aws.ec2.SecurityGroup("after-vpc", vpc_id="vpc-1", opts=ResourceOptions(depends_on=[vpc], parent=vpc))

# -- lookups -------------------------------------------------------------------------------------------------------------
account = aws.get_caller_identity().account_id
zones = aws.get_availability_zones_output(state="available", opts=pulumi.InvokeOutputOptions(depends_on=[bucket]))
aws.sqs.Queue("looked-up", tags={"account": account, "zone": zones.names[0]})

pulumi.export("plain", {"a": [1, 2.5, True, None, "x"]})
pulumi.export("unknown", [group.id, "known"])
pulumi.export("secret", Output.secret({"a": group.id}))
pulumi.export("resource", group)
pulumi.export("component", box)
pulumi.export("image", known.image_uri)
