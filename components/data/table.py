"""A DynamoDB table: items by key, encrypted with our key, restorable to any second."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Access, Recoverable, Signal, Statement
from components.data import table_scaling, table_signals
from components.data.store import StoreArgs
from settings.dynamo_tables import (
    GlobalIndexSettings,
    IndexSettings,
    KeySettings,
    LocalIndexSettings,
    OnDemandSettings,
    ProvisionedSettings,
    TableSettings,
)
from settings.stores import variable

_TYPES = {"string": "S", "number": "N", "binary": "B"}
_VIEWS = {"keys": "KEYS_ONLY", "new": "NEW_IMAGE", "old": "OLD_IMAGE", "both": "NEW_AND_OLD_IMAGES"}
_PROJECTIONS = {"all": "ALL", "keys": "KEYS_ONLY", "some": "INCLUDE"}
_NO_LIMIT = -1  # how the provider says it

_READ = (
    "dynamodb:BatchGetItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DescribeTable",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
)
_WRITE = ("dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
_ADMIN = (
    "dynamodb:CreateBackup",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:ExportTableToPointInTime",
)
_INDEX = ("dynamodb:Query", "dynamodb:Scan")
_FOLLOW = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")


@dataclass(frozen=True, kw_only=True)
class _Level:
    """What one level may do to the table; the suffix keeps its statements apart from those of others."""

    sid: str
    actions: Sequence[str]


_LEVELS: Mapping[str, _Level] = {
    "read": _Level(sid="Read", actions=_READ),
    "write": _Level(sid="Write", actions=(*_READ, *_WRITE)),
    "admin": _Level(sid="Administer", actions=(*_READ, *_WRITE, *_ADMIN)),
}


class Table(pulumi.ComponentResource):
    """Items that no other way leads to than AWS's API: TLS only, and only for roles that are given it.

    In a protected stack neither AWS nor Pulumi deletes it; taking it out of the stack file leaves it where it is.
    """

    signals: Sequence[Signal]
    recoverable: Recoverable

    def __init__(self, name: str, args: StoreArgs[TableSettings], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:data:Table", name, None, opts)
        self._args = args
        settings = args.settings
        table = _table(name, args, self)
        table_scaling.make(name, settings, table, pulumi.ResourceOptions(parent=self))
        self._table = table
        self.signals = table_signals.signals(name, args.store, settings, table.name)
        self.recoverable = Recoverable(
            name=args.store,
            kind="DynamoDB",
            arn=table.arn,
            key_arn=args.key_arn,
            own_backup_days=settings.recovery_days,
        )
        self.register_outputs({"tableName": table.name, "tableArn": table.arn})

    def access(self, level: str) -> Access:
        """`read`: get and find items, by the keys of the table and of its indexes. `write`: put, change and delete them
        as well. `follow`: be told of changes. `admin`: read and write, and take backups and exports.

        DynamoDB asks KMS for the key of the table in the name of the caller, to read it only (developer guide,
        encryption.usagenotes, read 2026-11).
        """
        if level not in {*_LEVELS, "follow"}:
            known = sorted([*_LEVELS, "follow"])
            raise ValueError(f"table {self._args.store!r} has no access level {level!r}: use one of {known}")
        location, store = self._args.location, self._args.store
        via = {"StringEquals": {"kms:ViaService": f"dynamodb.{location.region}.{location.dns_suffix}"}}
        sid = "UseStreamKey" if level == "follow" else "UseTableKey"  # a function may have both
        using = Statement(sid=sid, actions=["kms:Decrypt"], resources=[self._args.key_arn], conditions=via)
        if level == "follow":
            stream = self._table.stream_arn
            statement = Statement(sid="FollowTable", actions=_FOLLOW, resources=[stream])
            return Access(
                statements=[statement, using], environment={variable(store, "STREAM_ARN"): stream}, stream_arn=stream
            )
        return Access(
            statements=[*self._using(_LEVELS[level]), using],
            environment={variable(store, "TABLE"): self._table.name, variable(store, "REGION"): location.region},
        )

    def _using(self, level: _Level) -> Iterator[Statement]:
        settings, arn = self._args.settings, self._table.arn
        yield Statement(sid=f"{level.sid}Items", actions=level.actions, resources=[arn])
        indexes = [pulumi.Output.concat(arn, "/index/", name) for name in (*settings.indexes, *settings.local_indexes)]
        if indexes:
            yield Statement(sid="FindItemsByIndex", actions=_INDEX, resources=indexes)
        if level.sid == "Administer":
            exports = pulumi.Output.concat(arn, "/export/*")
            yield Statement(sid="SeeExports", actions=["dynamodb:DescribeExport"], resources=[exports])


def _table(name: str, args: StoreArgs[TableSettings], parent: pulumi.Resource) -> aws.dynamodb.Table:
    settings = args.settings
    capacity = settings.capacity
    fixed = capacity if isinstance(capacity, ProvisionedSettings) else None
    return aws.dynamodb.Table(
        name,
        billing_mode="PROVISIONED" if fixed else "PAY_PER_REQUEST",
        read_capacity=fixed.read.min if fixed else None,
        write_capacity=fixed.write.min if fixed else None,
        on_demand_throughput=_limits(capacity),
        hash_key=settings.partition_key.name,
        range_key=settings.sort_key.name if settings.sort_key else None,
        attributes=_attributes(settings),
        # Said also where there is none, or nothing expires, or nothing is recovered: the provider takes silence for "as
        # it is".
        global_secondary_indexes=[_global(name, index, fixed) for name, index in sorted(settings.indexes.items())],
        local_secondary_indexes=[_local(name, index) for name, index in sorted(settings.local_indexes.items())] or None,
        ttl=aws.dynamodb.TableTtlArgs(attribute_name=settings.expires_at, enabled=settings.expires_at is not None),
        stream_enabled=True if settings.stream else None,
        stream_view_type=_VIEWS[settings.stream] if settings.stream else None,
        point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(
            enabled=settings.recovery_days is not None, recovery_period_in_days=settings.recovery_days
        ),
        server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=args.key_arn),
        table_class="STANDARD_INFREQUENT_ACCESS" if settings.rarely_read else "STANDARD",
        deletion_protection_enabled=args.protected,
        opts=pulumi.ResourceOptions(
            parent=parent,
            protect=args.protected,
            retain_on_delete=args.protected,
            ignore_changes=table_scaling.ignored(settings),
        ),
    )


def _limits(capacity: OnDemandSettings | ProvisionedSettings) -> aws.dynamodb.TableOnDemandThroughputArgs | None:
    if not isinstance(capacity, OnDemandSettings):
        return None
    read, write = capacity.max_read_units, capacity.max_write_units
    if read is None and write is None:
        return None
    return aws.dynamodb.TableOnDemandThroughputArgs(
        max_read_request_units=read or _NO_LIMIT, max_write_request_units=write or _NO_LIMIT
    )


def _attributes(settings: TableSettings) -> list[aws.dynamodb.TableAttributeArgs]:
    """Those of keys and no others, each once: DynamoDB refuses one that nothing is found by."""
    held = {key.name: key.type for _, key in settings.keys}
    return [aws.dynamodb.TableAttributeArgs(name=name, type=_TYPES[kind]) for name, kind in sorted(held.items())]


def _global(
    name: str, index: GlobalIndexSettings, fixed: ProvisionedSettings | None
) -> aws.dynamodb.TableGlobalSecondaryIndexArgs:
    keys: list[tuple[KeySettings | None, str]] = [(index.partition_key, "HASH"), (index.sort_key, "RANGE")]
    return aws.dynamodb.TableGlobalSecondaryIndexArgs(
        name=name,
        key_schemas=[
            aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs(attribute_name=key.name, key_type=kind)
            for key, kind in keys
            if key is not None
        ],
        projection_type=_PROJECTIONS[index.project],
        non_key_attributes=_named(index),
        read_capacity=fixed.read.min if fixed else None,
        write_capacity=fixed.write.min if fixed else None,
    )


def _local(name: str, index: LocalIndexSettings) -> aws.dynamodb.TableLocalSecondaryIndexArgs:
    return aws.dynamodb.TableLocalSecondaryIndexArgs(
        name=name,
        range_key=index.sort_key.name,
        projection_type=_PROJECTIONS[index.project],
        non_key_attributes=_named(index),
    )


def _named(index: IndexSettings) -> list[str] | None:
    return sorted(index.attributes) or None
