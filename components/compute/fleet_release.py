"""A release of a fleet: a new version of its launch template reaches all instances, or none of them.

Not the group's own `instance_refresh`: the provider writes the new version into the group before it starts the refresh,
so that AWS, going back, goes back to the new one (terraform-provider-aws issue 34189, open, read 2026-11), and it does
not wait for the outcome. See docs/decisions/0009-fleet-releases.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.compute.function import FunctionRole
from components.compute.roles import writing_logs
from components.contracts import Statement
from components.security.unscoped import unscoped
from settings.location import Location

MODULE = "fleet_rollout_function"
CODE = f"components/compute/{MODULE}.py"  # relative to the project, so that a preview is the same on every machine
RUNTIME = "python3.13"
# The most that a function may take. What takes longer AWS finishes, or takes back, by itself.
LONGEST_SECONDS = 900


@dataclass(frozen=True, kw_only=True)
class FleetReleaseArgs:
    """Which version of which template goes to which group, and when that has failed.

    `alarm_name` is that of an alarm which takes it back; for `warmup_seconds` a new instance is watched before the next
    one is replaced. `bought` is what else the group is told (see fleet_purchase). Who starts instances has to pass them
    their role.
    """

    group: aws.autoscaling.Group
    template: aws.ec2.LaunchTemplate
    instance_role_arn: pulumi.Input[str]
    alarm_name: pulumi.Input[str]
    warmup_seconds: int
    bought: Mapping[str, Any]
    log_group: aws.cloudwatch.LogGroup
    location: Location


class FleetRelease(pulumi.ComponentResource):
    """Replaces the instances one after the other by such of the new version, each new one before an old one goes.

    `version` is known only when the group has it. When instances do not come up, or the alarm goes off, the group goes
    back to the version of before, and the update fails.
    """

    version: pulumi.Output[str]

    def __init__(self, name: str, args: FleetReleaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:compute:FleetRelease", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = FunctionRole(f"{name}-role", _rights(args), args.location, child, networked=False)
        function = aws.lambda_.Function(
            name,
            description="Rolls the releases of a fleet out, and back when they fail",
            package_type="Zip",
            runtime=RUNTIME,
            architectures=["arm64"],
            handler=f"{MODULE}.handler",
            code=pulumi.AssetArchive({f"{MODULE}.py": pulumi.FileAsset(CODE)}),
            role=role.arn,
            timeout=LONGEST_SECONDS,
            memory_size=128,
            ephemeral_storage=aws.lambda_.FunctionEphemeralStorageArgs(size=512),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="JSON", log_group=args.log_group.name),
            opts=child,
        )
        release = aws.lambda_.Invocation(
            name,
            function_name=function.name,
            input=pulumi.Output.json_dumps(_release(args), sort_keys=True, separators=(",", ":")),
            opts=child,
        )
        version = args.template.latest_version.apply(str)
        self.version = pulumi.Output.all(version, release.result).apply(lambda values: str(values[0]))
        self.register_outputs({"version": self.version})


def _release(args: FleetReleaseArgs) -> dict[str, Any]:
    """What the function is told; another input is another release."""
    return {
        "group": args.group.name,
        "template": args.template.id,
        "version": args.template.latest_version.apply(str),
        **args.bought,
        "preferences": {
            # A new instance serves before an old one goes: a release takes no capacity away.
            "MinHealthyPercentage": 100,
            "MaxHealthyPercentage": 110,
            "InstanceWarmup": args.warmup_seconds,
            "SkipMatching": True,
            "ScaleInProtectedInstances": "Refresh",
            "StandbyInstances": "Terminate",
            "AlarmSpecification": {"Alarms": [args.alarm_name]},
        },
    }


def _rights(args: FleetReleaseArgs) -> Sequence[Statement]:
    """To refresh this group; and, because AWS asks it of whoever names a template there, to start what it describes."""
    location = args.location
    return [
        Statement(
            sid="RollOut",
            actions=[
                "autoscaling:CancelInstanceRefresh",
                "autoscaling:RollbackInstanceRefresh",
                "autoscaling:StartInstanceRefresh",
            ],
            resources=[args.group.arn],
        ),
        unscoped(
            "Watch",
            [
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeInstanceRefreshes",
                "autoscaling:DescribeScalingActivities",
                "ec2:DescribeLaunchTemplateVersions",
            ],
        ),
        Statement(
            sid="WatchAlarm", actions=["cloudwatch:DescribeAlarms"], resources=[location.arn("cloudwatch", "alarm:*")]
        ),
        Statement(
            sid="StartInstances",
            actions=["ec2:RunInstances"],
            resources=[location.arn("ec2", "*"), location.arn("ec2", "image/*", account=False)],
            conditions={"ArnEquals": {"ec2:LaunchTemplate": args.template.arn}},
        ),
        Statement(
            sid="TagInstances",
            actions=["ec2:CreateTags"],
            resources=[location.arn("ec2", "instance/*"), location.arn("ec2", "volume/*")],
            conditions={"StringEquals": {"ec2:CreateAction": "RunInstances"}},
        ),
        Statement(
            sid="PassTheirRole",
            actions=["iam:PassRole"],
            resources=[args.instance_role_arn],
            conditions={"StringEquals": {"iam:PassedToService": f"ec2.{location.dns_suffix}"}},
        ),
        writing_logs(args.log_group.arn),
    ]
