"""Where services run: one cluster, on Fargate and on EC2 capacity where there is some, that measures itself and keeps a
record of every shell session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.compute.capacity import Capacity, CapacityArgs, Place
from components.contracts import Opening, Signal
from settings.capacity import CapacitySettings


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """The key of sessions and of their log, and for how many days that is kept; EC2 capacity by name, and its place."""

    log_key_arn: pulumi.Input[str]
    log_retention_days: int
    capacity: Mapping[str, CapacitySettings] = field(default_factory=dict)
    place: Place | None = None
    container_insights: bool = True
    mounts: Mapping[str, Mapping[str, Opening]] = field(default_factory=dict)
    """By capacity, the file systems that services on it use, by store."""


class Cluster(pulumi.ComponentResource):
    """An ECS cluster, without machines unless it is given capacity. Sessions of ECS Exec are logged, encrypted, to
    `session_log_arn`.

    `name` and `arn` are known only when the cluster can take tasks; `providers` are the names under which it knows its
    capacity.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    session_log_arn: pulumi.Output[str]
    providers: Mapping[str, pulumi.Output[str]]
    counts_tasks: bool
    """Whether CloudWatch knows how many tasks a service has (Container Insights)."""
    signals: Sequence[Signal]

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:compute:Cluster", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        sessions = aws.cloudwatch.LogGroup(
            f"{name}-sessions",
            kms_key_id=args.log_key_arn,
            retention_in_days=args.log_retention_days,
            opts=child,
        )
        cluster = aws.ecs.Cluster(
            f"{name}-cluster",
            settings=[aws.ecs.ClusterSettingArgs(name="containerInsights", value=_insights(args))],
            configuration=_sessions_to(sessions.name, args.log_key_arn),
            opts=child,
        )
        capacity = _capacity(name, args, cluster, child)
        self.providers = {which: made.provider_name for which, made in capacity.items()}
        self.signals = [signal for made in capacity.values() for signal in made.signals]
        # Spot is attached everywhere, so that a service can move to it later without replacing anything.
        ready = aws.ecs.ClusterCapacityProviders(
            f"{name}-capacity",
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT", *self.providers.values()],
            opts=child,
        )
        # Both outputs of each pair, so that the edges lead to the cluster as well as to what makes it usable.
        self.name = pulumi.Output.all(cluster.name, ready.cluster_name).apply(lambda names: str(names[0]))
        self.arn = pulumi.Output.all(cluster.arn, ready.id).apply(lambda values: str(values[0]))
        self.session_log_arn = sessions.arn
        self.counts_tasks = args.container_insights
        self.register_outputs({"name": self.name, "arn": self.arn})


def _insights(args: ClusterArgs) -> str:
    """Not "enhanced", which adds a paid metric for each task and container; "disabled" said aloud, since an account may
    have it on for new clusters."""
    return "enabled" if args.container_insights else "disabled"


def _capacity(
    name: str, args: ClusterArgs, cluster: aws.ecs.Cluster, opts: pulumi.ResourceOptions
) -> dict[str, Capacity]:
    """The EC2 capacity by name. Its instances sign in to the cluster itself, before that is ready for tasks."""
    if not args.capacity:
        return {}
    assert args.place is not None, "instances need a place"
    return {
        which: Capacity(
            f"{name}-ec2-{which}",
            CapacityArgs(
                settings=settings,
                cluster_name=cluster.name,
                cluster_arn=cluster.arn,
                place=args.place,
                mounts=args.mounts.get(which, {}),
            ),
            opts,
        )
        for which, settings in sorted(args.capacity.items())
    }


def _sessions_to(log_group: pulumi.Input[str], key_arn: pulumi.Input[str]) -> aws.ecs.ClusterConfigurationArgs:
    """The channel is encrypted with the key of its log, beside TLS: `roles.sessions` lets containers open it."""
    return aws.ecs.ClusterConfigurationArgs(
        execute_command_configuration=aws.ecs.ClusterConfigurationExecuteCommandConfigurationArgs(
            kms_key_id=key_arn,
            logging="OVERRIDE",
            log_configuration=aws.ecs.ClusterConfigurationExecuteCommandConfigurationLogConfigurationArgs(
                cloud_watch_log_group_name=log_group, cloud_watch_encryption_enabled=True
            ),
        )
    )
