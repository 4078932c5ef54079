"""What the two ways to run PostgreSQL on RDS have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.contracts import Signal

PORT = 5432
USERNAME = "platform"
CERTIFICATE_AUTHORITY = "rds-ca-rsa2048-g1"
INSIGHTS_RETENTION_DAYS = 7  # what comes without charge
# Past the end of standard support AWS would charge for extended support, unasked, if this were not said.
NO_EXTENDED_SUPPORT = "open-source-rds-extended-support-disabled"
# UTC. They must not overlap; backups come first, so that maintenance always starts from a fresh one.
BACKUP_WINDOW = "02:00-03:00"
MAINTENANCE_WINDOW = "sun:04:00-sun:05:00"
LOG_EXPORT = "postgresql"
# The reserved key words of PostgreSQL 18 (its manual, appendix C), which RDS refuses as the name of a database, and the
# databases that every server has.
_RESERVED = """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation
    column concurrently constraint create cross current_catalog current_date current_role current_schema current_time
    current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze
    from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit
    localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references
    returning right select session_user similar some symmetric system_user table tablesample then to trailing true union
    unique user using variadic verbose when where window with
    postgres rdsadmin template0 template1
"""
_TAKEN_NAMES = frozenset(_RESERVED.split())


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """What is there before the database: its name, its network, its keys and its log group."""

    identifier: pulumi.Input[str]
    """Name of the subnet group, which AWS makes unique: see `Database`."""
    database_name: str
    subnet_group_name: pulumi.Input[str]
    security_group_id: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    log_group: aws.cloudwatch.LogGroup
    protected: bool

    @property
    def final_snapshot(self) -> pulumi.Output[str]:
        """Unique for each creation of the store, as the identifier is."""
        return pulumi.Output.concat(self.identifier, "-final")

    def options(self, parent: pulumi.Resource, *depends_on: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options of what holds the data.

        It keeps its identifier for life, so a replacement has to delete before it creates; `protect` refuses that in a
        protected stack.
        """
        return pulumi.ResourceOptions(
            parent=parent, protect=self.protected, depends_on=list(depends_on), delete_before_replace=True
        )


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running PostgreSQL: how to reach it, where AWS keeps its master password, what to watch."""

    host: pulumi.Output[str]
    secret_arn: pulumi.Output[str]
    signals: Sequence[Signal]


def family(engine: Literal["postgres", "aurora-postgresql"], version: str) -> str:
    """Family of the parameter group: the engine and its major version."""
    return f"{engine}{version.split('.', 1)[0]}"


def database_name(store: str) -> str:
    """Name of the first database inside a store, one that needs no quotes: ``user-data`` -> ``user_data``.

    A word that RDS refuses as a name gets ``_db`` behind it: ``user`` -> ``user_db``.
    """
    name = store.replace("-", "_")
    return f"{name}_db" if name in _TAKEN_NAMES else name
