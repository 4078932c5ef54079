"""Aurora for PostgreSQL or MySQL: a writer and readers over one storage, whose capacity follows the load down to
nothing, or is fixed."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.contracts import Signal
from components.data import engines, server
from components.data.capacity import (
    aurora_class_connections,
    aurora_connections,
    aurora_memory_bytes,
    instance_memory_bytes,
)
from components.data.server import Foundation, Server
from components.data.signals import DatabaseSignals
from settings.databases import AuroraSettings

LOG_GROUP_PREFIX = "/aws/rds/cluster"
SERVERLESS = "db.serverless"


def build(
    name: str, settings: AuroraSettings, zones: Sequence[str], base: Foundation, parent: pulumi.Resource
) -> Server:
    """A cluster with as many instances as the settings say, one zone after the other.

    With a minimum of 0 ACU an instance pauses when nobody is connected. What keeps it awake (AuroraUserGuide,
    auto-pause, 2026-04): any open connection, also an idle one of a pool (so idle sessions are closed, see
    `engines.parameters`) or of a health check that asks the database; an RDS Proxy; logical replication. The first
    connection after a pause waits about 15 seconds.

    AWS may move the cluster to a newer minor version by itself; the version in the stack file is then to be raised.
    """
    child = pulumi.ResourceOptions(parent=parent)
    sort = engines.ENGINES[settings.engine].sort
    parameters = aws.rds.ClusterParameterGroup(
        f"{name}-parameters",
        family=engines.parameter_family(settings.engine, settings.version),
        description=f"{sort} settings of {name}",
        parameters=[
            aws.rds.ClusterParameterGroupParameterArgs(name=each.name, value=each.value, apply_method=each.apply)
            for each in engines.parameters(settings.engine, server.logs_of(settings), settings.pause_after_seconds)
        ],
        opts=child,
    )
    cluster = _cluster(name, settings, base, parameters, parent)
    instances = [
        _instance(
            f"{name}-{number}", zones[(number - 1) % len(zones)] if zones else None, settings, cluster, base, parent
        )
        for number in range(1, settings.instances + 1)
    ]
    # With the id of an instance: before that the name resolves to nothing, and a service that starts then fails its
    # first deployment.
    writer, reader = instances[0], instances[min(1, len(instances) - 1)]
    return Server(
        host=pulumi.Output.all(cluster.endpoint, writer.id).apply(lambda values: str(values[0])),
        reader_host=pulumi.Output.all(cluster.reader_endpoint, reader.id).apply(lambda values: str(values[0]))
        if settings.reader_endpoint
        else None,
        identifier=cluster.id,
        arn=cluster.arn,
        resource_ids=[cluster.cluster_resource_id],
        parameter_group_name=parameters.name,
        secret_arn=cluster.master_user_secrets[0].secret_arn,
        writer=writer,
        signals=[
            signal
            for number, instance in enumerate(instances, start=1)
            for signal in _signals(f"{name}-{number}", settings, instance)
        ],
    )


def _cluster(
    name: str,
    settings: AuroraSettings,
    base: Foundation,
    parameters: aws.rds.ClusterParameterGroup,
    parent: pulumi.Resource,
) -> aws.rds.Cluster:
    start = settings.start_from
    return aws.rds.Cluster(
        name,
        cluster_identifier=base.identifier,
        engine=settings.engine,
        engine_mode="provisioned",  # the mode of Serverless v2 as well; "serverless" is v1
        serverlessv2_scaling_configuration=_scaling(settings),
        database_name=None if start else base.database_name,
        master_username=None if start else engines.USERNAME,
        snapshot_identifier=start.snapshot if start else None,
        restore_to_point_in_time=aws.rds.ClusterRestoreToPointInTimeArgs(
            source_cluster_identifier=start.source,
            restore_to_time=start.at,
            use_latest_restorable_time=True if start.at is None else None,
        )
        if start and start.source
        else None,
        db_cluster_parameter_group_name=parameters.name,
        preferred_backup_window=server.backup_window(settings),
        preferred_maintenance_window=server.maintenance_window(settings),
        opts=base.options(parent, start, "master_username", "database_name"),
        **server.shared(settings, base),
        **server.managed_password(base),
    )


def _scaling(settings: AuroraSettings) -> aws.rds.ClusterServerlessv2ScalingConfigurationArgs | None:
    if settings.capacity is None:
        return None
    least, most = settings.capacity
    return aws.rds.ClusterServerlessv2ScalingConfigurationArgs(
        min_capacity=least,
        max_capacity=most,
        # AWS refuses it, at best silently, with any other minimum (terraform-provider-aws issue 41551).
        seconds_until_auto_pause=settings.pause_after_seconds if settings.pauses else None,
    )


def _instance(
    name: str,
    zone: str | None,
    settings: AuroraSettings,
    cluster: aws.rds.Cluster,
    base: Foundation,
    parent: pulumi.Resource,
) -> aws.rds.ClusterInstance:
    return aws.rds.ClusterInstance(
        name,
        cluster_identifier=cluster.id,
        engine=aws.rds.EngineType(settings.engine),
        instance_class=settings.instance_class or SERVERLESS,
        availability_zone=zone,
        db_subnet_group_name=base.subnet_group_name,
        publicly_accessible=False,
        ca_cert_identifier=engines.CERTIFICATE_AUTHORITY,
        auto_minor_version_upgrade=True,
        preferred_maintenance_window=server.maintenance_window(settings),
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
        **server.insights(settings, base),
    )


def _signals(name: str, settings: AuroraSettings, instance: aws.rds.ClusterInstance) -> list[Signal]:
    watch = DatabaseSignals(name, instance.identifier, pauses=settings.pauses)
    most = settings.capacity[1] if settings.capacity else None
    return [
        watch.cpu(),
        *([watch.capacity()] if most else []),
        watch.connections(_connections(settings)),
        watch.aurora_memory(aurora_memory_bytes(most) if most else instance_memory_bytes(str(settings.instance_class))),
        *watch.of_engine(settings.engine),
        # Of any instance: which one is the reader changes with each failover, and a writer reports none.
        *([watch.replica_lag()] if settings.reader_endpoint and settings.instances > 1 else []),
    ]


def _connections(settings: AuroraSettings) -> int:
    if settings.capacity is not None:
        return aurora_connections(*settings.capacity, engine=settings.engine)
    return aurora_class_connections(str(settings.instance_class), engine=settings.engine)
