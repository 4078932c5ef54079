"""Two flags of a relational database whose provider defaults matter."""

from __future__ import annotations

from collections.abc import Iterable

from guardrails import kinds
from guardrails.checks import is_false, is_true
from guardrails.graph import Node
from guardrails.joins import DATABASE
from guardrails.reading import Absent, Known, Unknown
from guardrails.verdicts import BASELINE, HOLDS, Control, Family, Finding, Severity, View, breaks, waits

from . import keeping, logins

_INHERITED_FROM = (
    "snapshotIdentifier", "replicateSourceDb", "replicationSourceIdentifier", "restoreToPointInTime",
    "sourceDbClusterIdentifier", "globalClusterIdentifier",
)  # fmt: skip
"""Inputs by which a database takes its storage from another one."""
_REPLICA_OF = ("replicateSourceDb", "replicationSourceIdentifier")


_WAREHOUSE = is_true("encrypted", absent=True, says="its storage is not encrypted")  # on by default since 2025


def _rds_storage_encrypted(node: Node, view: View) -> Iterable[Finding]:
    if node.kind == kinds.REDSHIFT_CLUSTER:
        yield _WAREHOUSE.answer(node, view)
        return
    encrypted = node.props.flag("storageEncrypted")
    if _serverless_v1(node):
        yield HOLDS
    elif encrypted != Known(True) and isinstance(mode := node.props.text("engineMode"), Unknown):
        yield waits(f"its engineMode, {view.graph.describe(mode)}", node.label)
    elif isinstance(encrypted, Known):
        yield HOLDS if encrypted.value else breaks("its storage is not encrypted", node.label)
    elif not isinstance(encrypted, Absent):
        yield waits(f"storageEncrypted, {view.graph.describe(encrypted)}", node.label)
    elif copied := _copied(node, view):
        yield copied
    elif inherited := _inherits(node):
        yield waits(f"the encryption of what it is made from ({inherited})", node.label)
    else:
        yield breaks("its storage is not encrypted: storageEncrypted is not set and false by default", node.label)


def _inherits(node: Node) -> str | None:
    keys = _INHERITED_FROM[:-1] if node.kind == kinds.DB_GLOBAL_CLUSTER else _INHERITED_FROM
    return next((key for key in keys if _is_set(node, key)), None)


def _is_set(node: Node, key: str) -> bool:
    """Whether a property of any form is given; AWS answers with an empty text or list where it is not."""
    value = node.props.items(key)
    return not value.value.blank if isinstance(value, Known) else not isinstance(value, Absent)


def _copied(node: Node, view: View) -> Finding | None:
    """What is said of a replica of a database of this program, which is encrypted exactly if that is.

    None for what is none, or has a key of its own: an Aurora cluster may encrypt what it copies from an instance.
    """
    chain = [node]
    while (source := _source(chain[-1], view)) is not None and source not in chain:
        chain.append(source)
        encrypted = source.props.flag("storageEncrypted")
        if encrypted == Known(True) or _serverless_v1(source):
            return HOLDS
        if _is_set(chain[-2], "kmsKeyId"):
            return None
        if encrypted == Known(False) or (isinstance(encrypted, Absent) and _inherits(source) is None):
            return breaks("what it is a replica of is not encrypted", *(each.label for each in chain))
    return None


def _source(replica: Node, view: View) -> Node | None:
    found = (view.graph.link(replica.props.text(key), DATABASE, replica, key).one for key in _REPLICA_OF)
    return next((source for source in found if source is not None), None)


def _serverless_v1(node: Node) -> bool:
    """Aurora Serverless v1 is always encrypted; v2 has engineMode `provisioned` and is not."""
    return node.props.text("engineMode") == Known("serverless")


CONTROLS = (
    Control(
        id="rds-not-publicly-accessible",
        title="No database has a public address, nor what moves its data",
        severity=Severity.CRITICAL,
        subjects=(
            kinds.DB_INSTANCE,
            kinds.DB_CLUSTER_INSTANCE,
            kinds.DB_CLUSTER,
            kinds.NEPTUNE_INSTANCE,
            kinds.REDSHIFT_CLUSTER,
            kinds.REDSHIFT_WORKGROUP,
            kinds.LIGHTSAIL_DATABASE,
            kinds.REPLICATION_INSTANCE,
            kinds.MQ_BROKER,
        ),
        references=("RDS.2", "Redshift.1", "DMS.1", "CIS 2.2.3", "CKV_AWS_17"),
        why="With a public address only a security group is left between the data and the internet, or not even that.",
        fix="set publicly_accessible=False",
        judge=is_false("publiclyAccessible", says="it gets a public address"),
        own_packs=(BASELINE,),
    ),
    Control(
        id="rds-storage-encrypted",
        title="Database storage is encrypted",
        severity=Severity.CRITICAL,
        subjects=(
            kinds.DB_INSTANCE,
            kinds.DB_CLUSTER,
            kinds.DB_GLOBAL_CLUSTER,
            kinds.DOCDB_CLUSTER,
            kinds.NEPTUNE_CLUSTER,
            kinds.REDSHIFT_CLUSTER,
        ),
        references=("RDS.3", "RDS.27", "Redshift.10", "CIS 2.2.1", "CKV_AWS_16", "CKV_AWS_96", "AwsSolutions-RDS2"),
        why="Storage, snapshots and backups are readable without a key, and turning it on later replaces the database.",
        fix="set storage_encrypted=True and kms_key_id before the first deployment; later it replaces the database",
        judge=_rds_storage_encrypted,
        own_packs=(BASELINE,),
    ),
    *logins.CONTROLS,
    *keeping.CONTROLS,
)
FAMILY = Family("rds", "Databases (RDS)", CONTROLS)
