"""Where services run: one Fargate cluster that measures itself and keeps a record of every shell session."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """The key of the session log, and for how many days it is kept."""

    log_key_arn: pulumi.Input[str]
    log_retention_days: int


class Cluster(pulumi.ComponentResource):
    """An ECS cluster without machines. Sessions of ECS Exec are logged, encrypted, to `session_log_arn`.

    `name` and `arn` are known only when the cluster can take Fargate tasks.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    session_log_arn: pulumi.Output[str]

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
            # "enabled" and not "enhanced": the latter adds a paid metric for each task and container.
            settings=[aws.ecs.ClusterSettingArgs(name="containerInsights", value="enabled")],
            configuration=_sessions_to(sessions.name),
            opts=child,
        )
        # Spot is attached everywhere, so that a service can move to it later without replacing anything.
        ready = aws.ecs.ClusterCapacityProviders(
            f"{name}-capacity",
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            opts=child,
        )
        # Both outputs of each pair, so that the edges lead to the cluster as well as to what makes it usable.
        self.name = pulumi.Output.all(cluster.name, ready.cluster_name).apply(lambda names: str(names[0]))
        self.arn = pulumi.Output.all(cluster.arn, ready.id).apply(lambda values: str(values[0]))
        self.session_log_arn = sessions.arn
        self.register_outputs({"name": self.name, "arn": self.arn})


def _sessions_to(log_group: pulumi.Input[str]) -> aws.ecs.ClusterConfigurationArgs:
    """No key for the session channel, which is TLS: the operations key is for log groups, not for tasks or people."""
    return aws.ecs.ClusterConfigurationArgs(
        execute_command_configuration=aws.ecs.ClusterConfigurationExecuteCommandConfigurationArgs(
            logging="OVERRIDE",
            log_configuration=aws.ecs.ClusterConfigurationExecuteCommandConfigurationLogConfigurationArgs(
                cloud_watch_log_group_name=log_group, cloud_watch_encryption_enabled=True
            ),
        )
    )
