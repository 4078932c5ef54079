"""What holds for every EC2 instance of ours: how it is reached, hardened, tagged, and what it may do.

Systems Manager replaces key pairs and port 22.
"""

from collections.abc import Mapping
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.contracts import Statement
from components.security import documents
from components.security.sessions import OPEN_SESSIONS
from settings.location import Location

ROOT_DEVICE = "/dev/xvda"  # of every Amazon Linux


def trust(location: Location) -> Statement:
    """Only EC2 hands the role out, to the instances that carry its profile."""
    return documents.assumed_by(f"ec2.{location.dns_suffix}")


def managed(location: Location) -> list[Statement]:
    """What the agent needs for sessions. AWS's own policy for it also lets an instance read every parameter."""
    return [
        Statement(
            sid="SayThatItRuns",
            actions=["ssm:UpdateInstanceInformation"],
            resources=[location.arn("ec2", "instance/*")],
        ),
        OPEN_SESSIONS,
    ]


def ready(location: Location, group_name: str) -> Statement:
    """The right to tell its own Auto Scaling group that an instance works.

    By name and not by the group's own ARN: the instance needs the right before AWS says that the group is made.
    """
    group = location.arn("autoscaling", f"autoScalingGroup:*:autoScalingGroupName/{group_name}")
    return Statement(sid="SayThatItWorks", actions=["autoscaling:CompleteLifecycleAction"], resources=[group])


def metadata(hops: Literal[1, 2]) -> aws.ec2.LaunchTemplateMetadataOptionsArgs:
    """Metadata with a token only. One hop keeps it, and the role's credentials, from containers behind a bridge."""
    return aws.ec2.LaunchTemplateMetadataOptionsArgs(
        http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=hops
    )


def disk(gib: int | None = None) -> list[aws.ec2.LaunchTemplateBlockDeviceMappingArgs]:
    """The one disk, gone with its instance; without a size as large as the image's.

    Encrypted with the account's EBS key: a key of our own would have to be granted to the role of Auto Scaling, which
    exists once per account and belongs to no stack.
    """
    return [
        aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
            device_name=ROOT_DEVICE,
            ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                encrypted="true", volume_type="gp3", volume_size=gib, delete_on_termination="true"
            ),
        )
    ]


def stack_tags() -> dict[str, str]:
    """The tags of the stack. What a group launches does not get the provider's default tags."""
    return {"groundwork:project": pulumi.get_project(), "groundwork:stack": pulumi.get_stack()}


def tagged(tags: Mapping[str, str]) -> list[aws.ec2.LaunchTemplateTagSpecificationArgs]:
    """`tags` and those of the stack on what a template launches."""
    return [
        aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags={**tags, **stack_tags()})
        for kind in ("instance", "volume")
    ]


def group_tags(tags: Mapping[str, str]) -> list[aws.autoscaling.GroupTagArgs]:
    """The same on a group itself, which takes its tags as a list, gets no default tags either, and hands them on."""
    return [
        aws.autoscaling.GroupTagArgs(key=key, value=value, propagate_at_launch=True)
        for key, value in sorted({**tags, **stack_tags()}.items())
    ]
