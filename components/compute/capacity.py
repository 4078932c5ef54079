"""EC2 capacity of the cluster: instances that ECS adds when tasks find no place, and takes away when they are empty."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from components import names
from components.compute import firewall
from components.compute.machine_image import MachineImage, MachineImageArgs
from components.compute.machine_role import MachineRole
from components.contracts import Metric, Opening, Severity, Signal, Statement
from components.security import instances
from components.security.unscoped import unscoped
from settings.capacity import CapacitySettings
from settings.location import Location

SCRIPT = Path(__file__).with_name("capacity.sh")
MOUNTING = Path(__file__).with_name("capacity_files.sh")
WARMUP_SECONDS = 120  # from the start of an instance until the agent has signed it in
WORLD, WORLD_IPV6, HTTPS_PORT = "0.0.0.0/0", "::/0", 443
RUNBOOK = "cluster-capacity.md"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where instances are: the private tier."""

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    location: Location
    ipv6: bool = False


@dataclass(frozen=True, kw_only=True)
class CapacityArgs:
    """What instances of which cluster, and where. The cluster by name and ARN alone: it waits for its capacity.

    `mounts` are the file systems by store that services on it use: their tasks get them from the instance.
    """

    settings: CapacitySettings
    cluster_name: pulumi.Output[str]
    cluster_arn: pulumi.Output[str]
    place: Place
    mounts: Mapping[str, Opening] = field(default_factory=dict)


class Capacity(pulumi.ComponentResource):
    """A capacity provider over an Auto Scaling group in the private tier, in every zone of it.

    An instance goes only when no task is on it, or when ECS has moved those that are. `provider_name` is known only
    when instances can be had.
    """

    provider_name: pulumi.Output[str]
    signals: Sequence[Signal]

    def __init__(self, name: str, args: CapacityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:compute:Capacity", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = MachineRole(
            f"{name}-instance", "What the instances of the cluster may do", rights(args), args.place.location, child
        )
        group_id, rules = _firewall(name, args, child)
        template = _template(name, args, role, group_id, child)
        group = _group(name, args, template, pulumi.ResourceOptions(parent=self, depends_on=rules))
        provider = _provider(name, args.settings, group, child)
        self.provider_name = provider.name
        self.signals = _signals(name, args, group, provider)
        self.register_outputs({"providerName": self.provider_name})


def user_data(cluster_name: str, *, mounts: bool = False) -> str:
    """The script that makes an instance a member of the cluster, encoded as a launch template wants it."""
    script = SCRIPT.read_text(encoding="utf-8").replace("@CLUSTER@", cluster_name)
    if mounts:
        script += MOUNTING.read_text(encoding="utf-8")
    return base64.b64encode(script.encode()).decode()


def rights(args: CapacityArgs) -> list[Statement]:
    """What the agent of ECS does with the instance's role, for this cluster alone. AWS's own policy for it allows the
    same for every cluster. Images, logs and secrets go by the execution roles of tasks."""
    location = args.place.location
    of_cluster = {"ArnEquals": {"ecs:cluster": args.cluster_arn}}
    members = pulumi.Output.concat(location.arn("ecs", "container-instance/"), args.cluster_name, "/*")
    return [
        Statement(
            sid="SignIn",
            actions=[
                "ecs:DeregisterContainerInstance",
                "ecs:RegisterContainerInstance",
                "ecs:SubmitAttachmentStateChanges",
                "ecs:SubmitContainerStateChange",
                "ecs:SubmitTaskStateChange",
            ],
            resources=[args.cluster_arn],
        ),
        Statement(
            sid="TakeWork",
            actions=["ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState"],
            resources=[members],
            conditions=of_cluster,
        ),
        unscoped("FindTheService", ["ecs:DiscoverPollEndpoint"]),
    ]


def _firewall(
    name: str, args: CapacityArgs, opts: pulumi.ResourceOptions
) -> tuple[pulumi.Output[str], list[pulumi.Resource]]:
    """Nothing gets to an instance; tasks on it have groups of their own. Files are mounted by the instance, not by its
    tasks: so it is let through to them, and who may mount what is up to the role of the task (ECS developer guide,
    efs-volumes, read 2026-11).
    """
    group = aws.ec2.SecurityGroup(
        name, vpc_id=args.place.vpc_id, description="Instances of the cluster, without their tasks", opts=opts
    )
    ranges: Mapping[str, Mapping[str, Any]] = {
        f"{name}-egress-https": {"cidr_ipv4": WORLD},
        **({f"{name}-egress-https-ipv6": {"cidr_ipv6": WORLD_IPV6}} if args.place.ipv6 else {}),
    }
    rules: list[pulumi.Resource] = [
        aws.vpc.SecurityGroupEgressRule(
            rule,
            security_group_id=group.id,
            ip_protocol="tcp",
            from_port=HTTPS_PORT,
            to_port=HTTPS_PORT,
            description="HTTPS to AWS APIs, for the agents",
            opts=opts,
            **place,
        )
        for rule, place in ranges.items()
    ]
    for store, opening in sorted(args.mounts.items()):
        rules += firewall.to_store(name, store, opening, group.id, opts, who="the instances")
    return group.id, rules


def _template(
    name: str,
    args: CapacityArgs,
    role: MachineRole,
    group_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> aws.ec2.LaunchTemplate:
    settings = args.settings.machine
    image = MachineImage(
        f"{name}-image",
        MachineImageArgs(architecture=settings.architecture, for_ecs=True, as_of=settings.image_as_of),
        opts,
    )
    return aws.ec2.LaunchTemplate(
        name,
        image_id=image.id,
        instance_type=settings.type,
        iam_instance_profile=aws.ec2.LaunchTemplateIamInstanceProfileArgs(arn=role.profile_arn),
        vpc_security_group_ids=[group_id],
        metadata_options=instances.metadata(1),  # tasks get their credentials from the agent
        block_device_mappings=instances.disk(settings.disk_gib),
        ebs_optimized="true",
        user_data=args.cluster_name.apply(lambda cluster: user_data(cluster, mounts=bool(args.mounts))),
        update_default_version=True,
        tag_specifications=instances.tagged({"Name": names.of_stack(name)}),
        opts=opts,
    )


def _group(
    name: str, args: CapacityArgs, template: aws.ec2.LaunchTemplate, opts: pulumi.ResourceOptions
) -> aws.autoscaling.Group:
    settings = args.settings
    life = settings.machine.longest_life_days
    # Set by ECS as soon as it manages the group: left out here, every refresh would find it.
    managed = aws.autoscaling.GroupTagArgs(key="AmazonECSManaged", value="true", propagate_at_launch=True)
    return aws.autoscaling.Group(
        name,
        vpc_zone_identifiers=list(args.place.subnet_ids),
        min_size=settings.min,
        max_size=settings.max,
        launch_template=aws.autoscaling.GroupLaunchTemplateArgs(
            id=template.id, version=template.latest_version.apply(str)
        ),
        protect_from_scale_in=True,  # ECS lifts it from an instance when that is empty
        max_instance_lifetime=None if life is None else life * 24 * 3600,
        instance_maintenance_policy=aws.autoscaling.GroupInstanceMaintenancePolicyArgs(
            min_healthy_percentage=100, max_healthy_percentage=200
        ),
        # No automatic roll-back, unlike a fleet's: tasks move to a new instance only when it has signed in, so those of
        # a template that does not work stay empty, and the old ones stay.
        instance_refresh=aws.autoscaling.GroupInstanceRefreshArgs(
            strategy="Rolling",
            preferences=aws.autoscaling.GroupInstanceRefreshPreferencesArgs(
                min_healthy_percentage=100,
                max_healthy_percentage=200,
                instance_warmup=str(WARMUP_SECONDS),
                scale_in_protected_instances="Refresh",
                skip_matching=True,
            ),
        ),
        metrics_granularity="1Minute",
        enabled_metrics=[
            aws.autoscaling.Metric.GROUP_IN_SERVICE_INSTANCES,
            aws.autoscaling.Metric.GROUP_DESIRED_CAPACITY,
        ],
        tags=[*instances.group_tags({"Name": names.of_stack(name)}), managed],
        wait_for_capacity_timeout="15m",
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["desired_capacity"])),
    )


def _provider(
    name: str, settings: CapacitySettings, group: aws.autoscaling.Group, opts: pulumi.ResourceOptions
) -> aws.ecs.CapacityProvider:
    return aws.ecs.CapacityProvider(
        name,
        auto_scaling_group_provider=aws.ecs.CapacityProviderAutoScalingGroupProviderArgs(
            auto_scaling_group_arn=group.arn,
            managed_draining="ENABLED",
            managed_termination_protection="ENABLED",
            managed_scaling=aws.ecs.CapacityProviderAutoScalingGroupProviderManagedScalingArgs(
                status="ENABLED",
                target_capacity=settings.used_percent,
                minimum_scaling_step_size=1,
                maximum_scaling_step_size=10,
                instance_warmup_period=WARMUP_SECONDS,
            ),
        ),
        opts=opts,
    )


def _signals(
    name: str, args: CapacityArgs, group: aws.autoscaling.Group, provider: aws.ecs.CapacityProvider
) -> list[Signal]:
    of_group = {"AutoScalingGroupName": group.name}
    of_provider = {"CapacityProviderName": provider.name, "ClusterName": args.cluster_name}
    return [
        Signal(
            name=f"{name}-below-minimum",
            metrics={"there": _metric("AWS/AutoScaling", "GroupInServiceInstances", "Minimum", of_group)},
            comparison="LessThanThreshold",
            threshold=args.settings.min,
            period_seconds=60,
            evaluation_periods=15,  # longer than a lost instance takes to be replaced
            datapoints_to_alarm=15,
            missing="breaching",
            severity=Severity.CRITICAL,
            meaning=f"The cluster has had fewer than {args.settings.min} instances of {name} for 15 minutes.",
            runbook=RUNBOOK,
        ),
        # 100 is as much as is wanted; above it tasks wait for instances.
        Signal(
            name=f"{name}-short",
            metrics={
                "reservation": _metric("AWS/ECS/ManagedScaling", "CapacityProviderReservation", "Minimum", of_provider)
            },
            comparison="GreaterThanThreshold",
            threshold=args.settings.used_percent,
            period_seconds=60,
            evaluation_periods=20,  # instances take minutes
            datapoints_to_alarm=20,
            missing="notBreaching",
            severity=Severity.CRITICAL,
            meaning=f"Tasks have waited for instances of {name} for 20 minutes and get none.",
            runbook=RUNBOOK,
        ),
        Signal(
            name=f"{name}-full",
            metrics={"wanted": _metric("AWS/AutoScaling", "GroupDesiredCapacity", "Minimum", of_group)},
            comparison="GreaterThanOrEqualToThreshold",
            threshold=args.settings.max,
            period_seconds=300,
            evaluation_periods=6,
            datapoints_to_alarm=6,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"There are as many instances of {name} as there may be: the next task finds no place.",
            runbook=RUNBOOK,
        ),
    ]


def _metric(namespace: str, name: str, statistic: str, dimensions: Mapping[str, pulumi.Input[str]]) -> Metric:
    return Metric(namespace=namespace, name=name, statistic=statistic, dimensions=dimensions)
