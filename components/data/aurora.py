"""PostgreSQL on Aurora Serverless v2: capacity follows the load, in an idle environment down to nothing."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.contracts import Signal
from components.data import postgres
from components.data.capacity import aurora_connections, aurora_memory_bytes
from components.data.postgres import Foundation, Server
from components.data.signals import DatabaseSignals
from settings.data import AuroraSettings

LOG_GROUP_PREFIX = "/aws/rds/cluster"


def server(
    name: str, settings: AuroraSettings, zones: Sequence[str], base: Foundation, parent: pulumi.Resource
) -> Server:
    """A cluster with as many instances as the settings say, one zone after the other.

    With a minimum of 0 ACU an instance pauses when nobody is connected. What keeps it awake (AuroraUserGuide,
    auto-pause, 2026-04): any open connection, also an idle one of a pool (so idle sessions are closed, see
    `_parameters`) or of a health check that asks the database; an RDS Proxy; logical replication. The first connection
    after a pause waits about 15 seconds.

    AWS may move the cluster to a newer minor version by itself; the version in the stack file is then to be raised.
    """
    child = pulumi.ResourceOptions(parent=parent)
    parameters = aws.rds.ClusterParameterGroup(
        f"{name}-parameters",
        family=postgres.family("aurora-postgresql", settings.version),
        description=f"PostgreSQL settings of {name}",
        parameters=_parameters(settings),
        opts=child,
    )
    cluster = _cluster(name, settings, base, parameters, parent)
    instances = [
        _instance(f"{name}-{number}", zones[(number - 1) % len(zones)] if zones else None, cluster, base, parent)
        for number in range(1, settings.instances + 1)
    ]
    return Server(
        # With the id of the first instance: before that the name resolves to nothing, and a service that starts then
        # fails its first deployment.
        host=pulumi.Output.all(cluster.endpoint, instances[0].id).apply(lambda values: str(values[0])),
        secret_arn=cluster.master_user_secrets[0].secret_arn,
        signals=[
            signal
            for number, instance in enumerate(instances, start=1)
            for signal in _signals(f"{name}-{number}", settings, instance)
        ],
    )


def _parameters(settings: AuroraSettings) -> list[aws.rds.ClusterParameterGroupParameterArgs]:
    parameter = aws.rds.ClusterParameterGroupParameterArgs
    # "pending-reboot" is valid whether a version has it as static or as dynamic; at creation it makes no difference.
    parameters = [parameter(name="rds.force_ssl", value="1", apply_method="pending-reboot")]
    if settings.pause_after_seconds is not None:
        milliseconds = settings.pause_after_seconds * 1000
        # Dynamic, and nobody reboots a database for it: pending, a new value would never hold.
        parameters.append(parameter(name="idle_session_timeout", value=str(milliseconds), apply_method="immediate"))
    return parameters


def _cluster(
    name: str,
    settings: AuroraSettings,
    base: Foundation,
    parameters: aws.rds.ClusterParameterGroup,
    parent: pulumi.Resource,
) -> aws.rds.Cluster:
    return aws.rds.Cluster(
        name,
        cluster_identifier=base.identifier,
        engine="aurora-postgresql",
        engine_mode="provisioned",  # the mode of Serverless v2; "serverless" is v1
        engine_version=settings.version,
        engine_lifecycle_support=postgres.NO_EXTENDED_SUPPORT,
        serverlessv2_scaling_configuration=aws.rds.ClusterServerlessv2ScalingConfigurationArgs(
            min_capacity=settings.min_capacity,
            max_capacity=settings.max_capacity,
            # AWS refuses it, at best silently, with any other minimum (terraform-provider-aws issue 41551).
            seconds_until_auto_pause=settings.pause_after_seconds if settings.min_capacity == 0 else None,
        ),
        database_name=base.database_name,
        port=postgres.PORT,
        master_username=postgres.USERNAME,
        manage_master_user_password=True,
        master_user_secret_kms_key_id=base.key_arn,
        # People sign in as themselves; without a role of their own inside the database it lets nobody in.
        iam_database_authentication_enabled=True,
        storage_encrypted=True,
        kms_key_id=base.key_arn,
        db_subnet_group_name=base.subnet_group_name,
        vpc_security_group_ids=[base.security_group_id],
        db_cluster_parameter_group_name=parameters.name,
        enabled_cloudwatch_logs_exports=[postgres.LOG_EXPORT],
        database_insights_mode="standard",
        performance_insights_enabled=True,
        performance_insights_kms_key_id=base.key_arn,
        performance_insights_retention_period=postgres.INSIGHTS_RETENTION_DAYS,
        backup_retention_period=settings.backup_days,
        preferred_backup_window=postgres.BACKUP_WINDOW,
        preferred_maintenance_window=postgres.MAINTENANCE_WINDOW,
        copy_tags_to_snapshot=True,
        delete_automated_backups=not base.protected,
        skip_final_snapshot=not base.protected,
        final_snapshot_identifier=base.final_snapshot if base.protected else None,
        deletion_protection=base.protected,
        apply_immediately=not base.protected,
        opts=base.options(parent, base.log_group),
    )


def _instance(
    name: str, zone: str | None, cluster: aws.rds.Cluster, base: Foundation, parent: pulumi.Resource
) -> aws.rds.ClusterInstance:
    return aws.rds.ClusterInstance(
        name,
        cluster_identifier=cluster.id,
        engine=aws.rds.EngineType.AURORA_POSTGRESQL,
        instance_class="db.serverless",
        availability_zone=zone,
        db_subnet_group_name=base.subnet_group_name,
        publicly_accessible=False,
        ca_cert_identifier=postgres.CERTIFICATE_AUTHORITY,
        auto_minor_version_upgrade=True,
        # Equal to the cluster's: all instances of a cluster follow it, and unequal settings are refused.
        performance_insights_enabled=True,
        performance_insights_kms_key_id=base.key_arn,
        performance_insights_retention_period=postgres.INSIGHTS_RETENTION_DAYS,
        preferred_maintenance_window=postgres.MAINTENANCE_WINDOW,
        copy_tags_to_snapshot=True,
        # A reader in tier 0 or 1 keeps the capacity of the writer, so that it can take over at once.
        promotion_tier=0,
        apply_immediately=not base.protected,
        opts=pulumi.ResourceOptions(
            parent=parent,
            protect=base.protected,
            # Chosen once: AWS moves no instance, so a zone added to the list later would replace those behind it.
            ignore_changes=["availability_zone"],
        ),
    )


def _signals(name: str, settings: AuroraSettings, instance: aws.rds.ClusterInstance) -> list[Signal]:
    watch = DatabaseSignals(name, instance.identifier, pauses=settings.min_capacity == 0)
    return [
        watch.cpu(),
        watch.capacity(),
        watch.connections(aurora_connections(settings.min_capacity, settings.max_capacity)),
        watch.aurora_memory(aurora_memory_bytes(settings.max_capacity)),
        watch.transaction_ids(),
    ]
