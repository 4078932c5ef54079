"""What the ways to run a database on RDS have in common: what is there before it, and what it is once it runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.contracts import Signal
from components.data import engines
from settings.database_parts import StartSettings
from settings.database_versions import has_insights
from settings.databases import AuroraSettings, RdsSettings


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """What is there before the database: its name, its network, its keys and its log groups."""

    identifier: pulumi.Input[str]
    """Name of the subnet group, which AWS makes unique: see `Database`."""
    database_name: str
    subnet_group_name: pulumi.Input[str]
    security_group_id: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    log_groups: Mapping[str, aws.cloudwatch.LogGroup]
    """By the kind of log that goes there."""
    reader_logs: Sequence[Mapping[str, aws.cloudwatch.LogGroup]] = ()
    """Of each reader that writes logs of its own."""
    master_password: pulumi.Input[str] | None = None
    """None where AWS makes and keeps it."""
    protected: bool

    @property
    def final_snapshot(self) -> pulumi.Output[str]:
        """Unique for each creation of the store, as the identifier is."""
        return pulumi.Output.concat(self.identifier, "-final")

    def reader(self, number: int) -> pulumi.Output[str]:
        """Identifier of a reader with a name of its own, counted from 1."""
        return pulumi.Output.concat(self.identifier, f"-reader-{number}")

    def options(self, parent: pulumi.Resource, start: StartSettings | None, *restored: str) -> pulumi.ResourceOptions:
        """Options of what holds the data.

        It keeps its identifier for life, so a replacement has to delete before it creates; `protect` refuses that in a
        protected stack. What it was once made from, and what came with that (`restored`), never makes it anew.
        """
        return pulumi.ResourceOptions(
            parent=parent,
            protect=self.protected,
            depends_on=list(self.log_groups.values()),
            delete_before_replace=True,
            ignore_changes=[*restored, "snapshot_identifier", "restore_to_point_in_time"] if start else None,
        )


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running database: how to reach it, where AWS keeps its master password, what to watch.

    `resource_ids` are what IAM knows it by where it lets users sign in, the writer's first. `writer` is what answers
    first.
    """

    host: pulumi.Output[str]
    reader_host: pulumi.Output[str] | None
    identifier: pulumi.Output[str]
    arn: pulumi.Output[str]
    resource_ids: Sequence[pulumi.Output[str]]
    parameter_group_name: pulumi.Output[str]
    secret_arn: pulumi.Output[str]
    """Known only when there is something to read."""
    writer: pulumi.Resource
    signals: Sequence[Signal]


def logs_of(settings: AuroraSettings | RdsSettings) -> Sequence[str]:
    """The logs that go to CloudWatch."""
    return engines.ENGINES[settings.engine].logs if settings.logs is None else settings.logs


def shared(settings: AuroraSettings | RdsSettings, base: Foundation) -> dict[str, Any]:
    """Inputs that a cluster and an instance of plain RDS have under one name."""
    engine = engines.ENGINES[settings.engine]
    return {
        "engine_version": settings.version,
        # MariaDB has no extended support, and RDS takes this for the other engines only (API model, 2026-11-17).
        "engine_lifecycle_support": None if settings.engine == "mariadb" else engines.NO_EXTENDED_SUPPORT,
        "allow_major_version_upgrade": True if settings.allow_major_upgrade else None,
        "port": engine.port,
        # People sign in as themselves; without a role of their own inside the database it lets nobody in.
        "iam_database_authentication_enabled": True,
        "storage_encrypted": True,
        "kms_key_id": base.key_arn,
        "db_subnet_group_name": base.subnet_group_name,
        "vpc_security_group_ids": [base.security_group_id],
        "enabled_cloudwatch_logs_exports": list(logs_of(settings)),
        "database_insights_mode": settings.insights,
        **insights(settings, base),
        "backup_retention_period": settings.backup_days,
        "copy_tags_to_snapshot": True,
        "delete_automated_backups": not base.protected,
        "skip_final_snapshot": not base.protected,
        "final_snapshot_identifier": base.final_snapshot if base.protected else None,
        "deletion_protection": base.protected,
        "apply_immediately": not base.protected,
    }


def insights(
    settings: AuroraSettings | RdsSettings, base: Foundation, instance_class: str | None = None
) -> dict[str, Any]:
    """Performance Insights, equal on a cluster and its instances: unequal settings are refused. Small classes of some
    engines have none; `instance_class` is that of a reader that has its own."""
    if not has_insights(settings.engine, instance_class or settings.instance_class):
        return {"performance_insights_enabled": False}
    return {
        "performance_insights_enabled": True,
        "performance_insights_kms_key_id": base.key_arn,
        "performance_insights_retention_period": engines.INSIGHTS_DAYS[settings.insights],
    }


def managed_password(base: Foundation) -> dict[str, Any]:
    """A master password that AWS makes, keeps and rotates."""
    return {"manage_master_user_password": True, "master_user_secret_kms_key_id": base.key_arn}


def backup_window(settings: AuroraSettings | RdsSettings) -> str:
    """When the daily backup is made."""
    return settings.windows.backup if settings.windows else engines.BACKUP_WINDOW


def maintenance_window(settings: AuroraSettings | RdsSettings) -> str:
    """When maintenance is done."""
    return settings.windows.maintenance if settings.windows else engines.MAINTENANCE_WINDOW
