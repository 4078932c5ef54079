"""PostgreSQL, MySQL or MariaDB on one RDS instance, with a standby in another zone if the settings say so."""

import pulumi
import pulumi_aws as aws

from components.contracts import Signal
from components.data import engines, server
from components.data.capacity import instance_connections, instance_memory_bytes
from components.data.server import Foundation, Server
from components.data.signals import DatabaseSignals
from settings.databases import BASE_IOPS, RdsSettings

LOG_GROUP_PREFIX = "/aws/rds/instance"


def build(name: str, settings: RdsSettings, base: Foundation, parent: pulumi.Resource) -> Server:
    """One instance whose storage grows by itself up to the maximum of the settings.

    AWS may move it to a newer minor version by itself; the version in the stack file is then to be raised.
    """
    parameters = aws.rds.ParameterGroup(
        f"{name}-parameters",
        family=engines.parameter_family(settings.engine, settings.version),
        description=f"{engines.ENGINES[settings.engine].sort} settings of {name}",
        parameters=[
            aws.rds.ParameterGroupParameterArgs(name=each.name, value=each.value, apply_method=each.apply)
            for each in engines.parameters(settings.engine, server.logs_of(settings))
        ],
        opts=pulumi.ResourceOptions(parent=parent),
    )
    instance = _instance(name, settings, base, parameters, parent)
    return Server(
        host=instance.address,
        reader_host=None,
        identifier=instance.identifier,
        arn=instance.arn,
        resource_id=instance.resource_id,
        parameter_group_name=parameters.name,
        secret_arn=instance.master_user_secrets[0].secret_arn,
        writer=instance,
        signals=_signals(name, settings, instance),
    )


def _instance(
    name: str,
    settings: RdsSettings,
    base: Foundation,
    parameters: aws.rds.ParameterGroup,
    parent: pulumi.Resource,
) -> aws.rds.Instance:
    start = settings.start_from
    return aws.rds.Instance(
        name,
        identifier=base.identifier,
        engine=settings.engine,
        auto_minor_version_upgrade=True,
        instance_class=settings.instance_class,
        multi_az=settings.multi_az,
        storage_type="gp3",
        allocated_storage=settings.storage_gib,
        # AWS wants the maximum above the size; equal in the stack file means "do not grow".
        max_allocated_storage=settings.max_storage_gib if settings.max_storage_gib > settings.storage_gib else None,
        iops=_iops(settings),
        storage_throughput=settings.throughput_mibps,
        db_name=None if start else base.database_name,
        username=None if start else engines.USERNAME,
        snapshot_identifier=start.snapshot if start else None,
        restore_to_point_in_time=aws.rds.InstanceRestoreToPointInTimeArgs(
            source_db_instance_identifier=start.source,
            restore_time=start.at,
            use_latest_restorable_time=True if start.at is None else None,
        )
        if start and start.source
        else None,
        blue_green_update=aws.rds.InstanceBlueGreenUpdateArgs(enabled=True) if settings.blue_green_update else None,
        publicly_accessible=False,
        ca_cert_identifier=engines.CERTIFICATE_AUTHORITY,
        parameter_group_name=parameters.name,
        backup_window=server.backup_window(settings),
        maintenance_window=server.maintenance_window(settings),
        opts=base.options(parent, start, "username", "db_name"),
        **server.shared(settings, base),
    )


def _iops(settings: RdsSettings) -> int | None:
    """AWS takes throughput only beside IOPS: at least those that come with it."""
    if settings.iops is None and settings.throughput_mibps is not None:
        return BASE_IOPS
    return settings.iops


def _signals(name: str, settings: RdsSettings, instance: aws.rds.Instance) -> list[Signal]:
    watch = DatabaseSignals(name, instance.identifier, pauses=False)
    return [
        watch.cpu(),
        watch.connections(instance_connections(settings.instance_class, settings.engine)),
        watch.memory(instance_memory_bytes(settings.instance_class)),
        watch.storage(settings.storage_gib),
        *watch.of_engine(settings.engine),
        *watch.bursts(settings.instance_class),
    ]
