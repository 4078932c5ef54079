"""A program whose graph is known field by field, what it is run with, and a program that makes resources in callbacks."""

from typing import Any

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
SECRET = "correct-horse-battery"

SETTINGS: dict[str, Any] = {
    "config": {"aws:region": "eu-central-1", "demo:password": SECRET},
    "secretKeys": ["demo:password"],
}
