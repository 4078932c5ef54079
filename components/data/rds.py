"""PostgreSQL, MySQL or MariaDB on one RDS instance, with a standby in another zone and readers if settings say so."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.contracts import Signal
from components.data import engines, master_password, server
from components.data.capacity import instance_connections, instance_memory_bytes
from components.data.server import Foundation, Server
from components.data.signals import DatabaseSignals
from settings.databases import BASE_IOPS, RdsSettings

LOG_GROUP_PREFIX = "/aws/rds/instance"


def build(name: str, settings: RdsSettings, zones: Sequence[str], base: Foundation, parent: pulumi.Resource) -> Server:
    """One instance whose storage grows by itself up to the maximum of the settings, and its readers, one zone after the
    other.

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
    readers = [
        _reader(number, name, settings, zones, base, instance, parameters, parent)
        for number in range(1, settings.readers + 1)
    ]
    return Server(
        host=instance.address,
        # RDS has no address for all of them. A name of ours would be in no certificate, and clients check it.
        reader_host=pulumi.Output.all(*(reader.address for reader in readers)).apply(",".join) if readers else None,
        identifier=instance.identifier,
        arn=instance.arn,
        resource_ids=[each.resource_id for each in (instance, *readers)],
        parameter_group_name=parameters.name,
        secret_arn=instance.master_user_secrets[0].secret_arn
        if base.master_password is None
        else master_password.keep(name, base, instance, parent),
        writer=instance,
        signals=[
            *_signals(name, settings, settings.instance_class, instance),
            *(
                signal
                for number, reader in enumerate(readers, start=1)
                for signal in _reader_signals(reader_name(name, number), settings, reader)
            ),
        ],
    )


def reader_name(name: str, number: int) -> str:
    """What a reader is called here."""
    return f"{name}-reader-{number}"


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
        max_allocated_storage=_most(settings),
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
        **(server.managed_password(base) if base.master_password is None else master_password.inputs(base)),
    )


def _reader(
    number: int,
    name: str,
    settings: RdsSettings,
    zones: Sequence[str],
    base: Foundation,
    source: aws.rds.Instance,
    parameters: aws.rds.ParameterGroup,
    parent: pulumi.Resource,
) -> aws.rds.Instance:
    """A read replica in the region of its source. What such a one has from there (engine, user, first database, size of
    the storage, key, subnet group, end of support) must not be said again; backups are the source's."""
    return aws.rds.Instance(
        reader_name(name, number),
        identifier=base.reader(number),
        replicate_source_db=source.identifier,
        engine_version=settings.version,
        auto_minor_version_upgrade=True,
        allow_major_version_upgrade=True if settings.allow_major_upgrade else None,
        instance_class=settings.reader_class or settings.instance_class,
        multi_az=False,
        availability_zone=zones[number % len(zones)] if zones else None,
        storage_type="gp3",
        storage_encrypted=True,
        max_allocated_storage=_most(settings),
        iops=_iops(settings),
        storage_throughput=settings.throughput_mibps,
        port=engines.ENGINES[settings.engine].port,
        publicly_accessible=False,
        ca_cert_identifier=engines.CERTIFICATE_AUTHORITY,
        iam_database_authentication_enabled=True,
        vpc_security_group_ids=[base.security_group_id],
        parameter_group_name=parameters.name,
        enabled_cloudwatch_logs_exports=list(server.logs_of(settings)),
        database_insights_mode=settings.insights,
        maintenance_window=server.maintenance_window(settings),
        backup_retention_period=0,
        copy_tags_to_snapshot=True,
        skip_final_snapshot=True,
        deletion_protection=base.protected,
        apply_immediately=not base.protected,
        opts=pulumi.ResourceOptions(
            parent=parent,
            protect=base.protected,
            depends_on=list(base.reader_logs[number - 1].values()),
            # It keeps its identifier for life.
            delete_before_replace=True,
            # Chosen once: AWS moves no instance, so a zone added to the list later would replace those behind it.
            ignore_changes=["availability_zone"],
        ),
        **server.insights(settings, base, settings.reader_class),
    )


def _most(settings: RdsSettings) -> int | None:
    """AWS wants the maximum above the size; equal in the stack file means "do not grow"."""
    return settings.max_storage_gib if settings.max_storage_gib > settings.storage_gib else None


def _iops(settings: RdsSettings) -> int | None:
    """AWS takes throughput only beside IOPS: at least those that come with it."""
    if settings.iops is None and settings.throughput_mibps is not None:
        return BASE_IOPS
    return settings.iops


def _reader_signals(name: str, settings: RdsSettings, reader: aws.rds.Instance) -> list[Signal]:
    lag = DatabaseSignals(name, reader.identifier, pauses=False).instance_lag()
    return [*_signals(name, settings, settings.reader_class or settings.instance_class, reader), lag]


def _signals(name: str, settings: RdsSettings, size: str, instance: aws.rds.Instance) -> list[Signal]:
    watch = DatabaseSignals(name, instance.identifier, pauses=False)
    return [
        watch.cpu(),
        watch.connections(instance_connections(size, settings.engine)),
        watch.memory(instance_memory_bytes(size)),
        watch.storage(settings.storage_gib),
        *watch.of_engine(settings.engine),
        *watch.bursts(size),
    ]
