"""PostgreSQL on one RDS instance, with a standby in another zone if the settings say so."""

import pulumi
import pulumi_aws as aws

from components.data import postgres
from components.data.capacity import instance_connections, instance_memory_bytes
from components.data.postgres import Foundation, Server
from components.data.signals import DatabaseSignals
from settings.data import RdsSettings

LOG_GROUP_PREFIX = "/aws/rds/instance"


def server(name: str, settings: RdsSettings, base: Foundation, parent: pulumi.Resource) -> Server:
    """One instance whose storage grows by itself up to the maximum of the settings.

    AWS may move it to a newer minor version by itself; the version in the stack file is then to be raised.
    """
    parameters = aws.rds.ParameterGroup(
        f"{name}-parameters",
        family=postgres.family("postgres", settings.version),
        description=f"PostgreSQL settings of {name}",
        parameters=[
            # "pending-reboot" is valid for static and dynamic parameters; at creation it makes no difference.
            aws.rds.ParameterGroupParameterArgs(name="rds.force_ssl", value="1", apply_method="pending-reboot")
        ],
        opts=pulumi.ResourceOptions(parent=parent),
    )
    instance = _instance(name, settings, base, parameters, parent)
    watch = DatabaseSignals(name, instance.identifier, pauses=False)
    memory = instance_memory_bytes(settings.instance_class)
    return Server(
        host=instance.address,
        secret_arn=instance.master_user_secrets[0].secret_arn,
        signals=[
            watch.cpu(),
            watch.connections(instance_connections(settings.instance_class)),
            watch.memory(memory),
            watch.storage(settings.storage_gib),
            watch.transaction_ids(),
        ],
    )


def _instance(
    name: str,
    settings: RdsSettings,
    base: Foundation,
    parameters: aws.rds.ParameterGroup,
    parent: pulumi.Resource,
) -> aws.rds.Instance:
    return aws.rds.Instance(
        name,
        identifier=base.identifier,
        engine="postgres",
        engine_version=settings.version,
        engine_lifecycle_support=postgres.NO_EXTENDED_SUPPORT,
        auto_minor_version_upgrade=True,
        instance_class=settings.instance_class,
        multi_az=settings.multi_az,
        storage_type="gp3",
        allocated_storage=settings.storage_gib,
        # AWS wants the maximum above the size; equal in the stack file means "do not grow".
        max_allocated_storage=settings.max_storage_gib if settings.max_storage_gib > settings.storage_gib else None,
        db_name=base.database_name,
        port=postgres.PORT,
        username=postgres.USERNAME,
        manage_master_user_password=True,
        master_user_secret_kms_key_id=base.key_arn,
        # People sign in as themselves; without a role of their own inside the database it lets nobody in.
        iam_database_authentication_enabled=True,
        storage_encrypted=True,
        kms_key_id=base.key_arn,
        db_subnet_group_name=base.subnet_group_name,
        vpc_security_group_ids=[base.security_group_id],
        publicly_accessible=False,
        ca_cert_identifier=postgres.CERTIFICATE_AUTHORITY,
        parameter_group_name=parameters.name,
        enabled_cloudwatch_logs_exports=[postgres.LOG_EXPORT],
        database_insights_mode="standard",
        performance_insights_enabled=True,
        performance_insights_kms_key_id=base.key_arn,
        performance_insights_retention_period=postgres.INSIGHTS_RETENTION_DAYS,
        backup_retention_period=settings.backup_days,
        backup_window=postgres.BACKUP_WINDOW,
        maintenance_window=postgres.MAINTENANCE_WINDOW,
        copy_tags_to_snapshot=True,
        delete_automated_backups=not base.protected,
        skip_final_snapshot=not base.protected,
        final_snapshot_identifier=base.final_snapshot if base.protected else None,
        deletion_protection=base.protected,
        apply_immediately=not base.protected,
        opts=base.options(parent, base.log_group),
    )
