"""Caches and tables: who may read them, on the way and at rest, and whether they come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guardrails import kinds
from guardrails.checks import all_of, at_least, by_kind, differs, equals, is_true, on_protected_stacks
from guardrails.graph import Members, Node
from guardrails.joins import CACHE_USER, CACHE_USER_GROUP, MEMORYDB_ACL
from guardrails.reading import Absent, Known, Unknown, or_default
from guardrails.verdicts import (
    BASELINE,
    HOLDS,
    RESILIENCE,
    Control,
    Family,
    Finding,
    Outcome,
    Remedy,
    Scope,
    Severity,
    View,
    breaks,
    waits,
)

from . import search

_CACHES = (kinds.CACHE_REPLICATION_GROUP,)
_DEFAULT_USER = "default"
"""The user that AWS makes: without a password, and allowed everything."""
_TRANSIT = all_of(
    is_true("transitEncryptionEnabled", says="clients speak with it without TLS"),
    differs("transitEncryptionMode", "preferred", says="clients without TLS are let in: transitEncryptionMode"),
)
_FAILS_OVER = on_protected_stacks(
    all_of(
        is_true("automaticFailoverEnabled", says="no replica takes over"),
        is_true("multiAzEnabled", says="it runs in one zone"),
        at_least("snapshotRetentionLimit", 1, says="it keeps no snapshot"),
    )
)


_EVERYBODY = "open-access"
"""The access control list that AWS makes: everybody who reaches the cluster may do everything."""
_MEMORYDB_TLS = is_true("tlsEnabled", absent=True, says="clients speak with it without TLS")
_DAX = all_of(
    is_true("serverSideEncryption.enabled", says="what it stores is not encrypted"),
    equals("clusterEndpointEncryptionType", "TLS", absent="NONE", says="clients speak with it without TLS"),
)


def _global(node: Node) -> bool:
    """Whether it is a secondary of a global group, which decides what it does not say itself."""
    return not isinstance(node.props.text("globalReplicationGroupId"), Absent)


def _transit(node: Node, view: View) -> Iterable[Finding]:
    if node.kind == kinds.MEMORYDB_CLUSTER:
        yield _MEMORYDB_TLS.answer(node, view)
        return
    silent = isinstance(node.props.flag("transitEncryptionEnabled"), Absent)
    if silent and _global(node):
        yield waits("what its global replication group says of TLS", node.label)
    else:
        yield _TRANSIT.answer(node, view)


def _at_rest(node: Node, view: View) -> Iterable[Finding]:
    encrypted, engine = node.props.flag("atRestEncryptionEnabled"), or_default(node.props.text("engine"), "redis")
    if isinstance(encrypted, Known):
        yield HOLDS if encrypted.value else breaks("what it stores is not encrypted", node.label)
    elif isinstance(encrypted, Unknown):
        yield waits(f"atRestEncryptionEnabled, {view.graph.describe(encrypted)}", node.label)
    elif isinstance(engine, Known) and engine.value.lower() == "valkey":
        yield HOLDS
    elif _global(node):
        yield waits("what its global replication group says of encryption", node.label)
    elif isinstance(engine, Unknown):
        yield waits(f"its engine, {view.graph.describe(engine)}", node.label)
    else:
        yield breaks("what it stores is not encrypted: atRestEncryptionEnabled is not set", node.label)


def _auth(node: Node, view: View) -> Iterable[Finding]:
    if node.kind == kinds.MEMORYDB_CLUSTER:
        yield _by_acl(node, view)
        return
    token = [node.props.text(key) for key in ("authToken", "authTokenWo", "authTokenWoVersion")]
    groups = node.props.items("userGroupIds")
    empty = isinstance(groups, Absent) or (isinstance(groups, Known) and groups.value.blank)
    lost = next((value for value in token if isinstance(value, Unknown)), None)
    if not empty:
        yield _by_groups(node, view)
    elif any(isinstance(value, Known) or (isinstance(value, Unknown) and value.sources) for value in token):
        yield HOLDS
    elif lost is not None:
        yield waits(f"authToken, {view.graph.describe(lost)}", node.label)
    elif _global(node):
        yield waits("what its global replication group says of logins", node.label)
    else:
        yield breaks("whoever reaches it may read and change everything: no token, no users", node.label)


def _by_acl(node: Node, view: View) -> Finding:
    """The users of MemoryDB have passwords or IAM, but for `default`, which AWS makes."""
    name = node.props.text("aclName")
    if name == Known(_EVERYBODY):
        return breaks("its list of users is open-access: whoever reaches it may do everything", node.label)
    acl = view.graph.link(name, MEMORYDB_ACL, node, "aclName")
    if acl.one is None:
        return waits(f"who its users are: {acl.missing}", node.label)
    users = acl.one.props.items("userNames")
    found = list(users.value.texts()) if isinstance(users, Known) else []
    if Known(_DEFAULT_USER) in found:
        return breaks("the user default of AWS, which has no password, may do everything", node.label, acl.one.label)
    unknown = next((each for each in (users, *found) if isinstance(each, Unknown)), None)
    if unknown is not None:
        return waits(f"its users, {view.graph.describe(unknown)}", node.label, acl.one.label)
    return HOLDS


def _by_groups(node: Node, view: View) -> Finding:
    members = view.graph.members(node.props.items("userGroupIds"), CACHE_USER_GROUP)
    doubt = None if members.complete else waits(f"the users of its groups: {members.missing}", node.label)
    for group in members.sure:
        for found in _users(group, view):
            if found.outcome is Outcome.VIOLATION:
                return found._replace(path=(node.label, *found.path))
            doubt = doubt or (found._replace(path=(node.label, *found.path)) if found is not HOLDS else None)
    return doubt or HOLDS


def _users(group: Node, view: View) -> Iterator[Finding]:
    """What is wrong with the users of a group, named in it or associated with it."""
    yield from _members(view.graph.members(group.props.items("userIds"), CACHE_USER), group)
    associations = view.graph.companions(kinds.CACHE_USER_GROUP_ASSOCIATION, "userGroupId", CACHE_USER_GROUP)
    for association in associations.of(group):
        yield from _members(view.graph.link(association.props.text("userId"), CACHE_USER), group)
    for association in associations.maybe(group):
        yield waits(f"whether {association.label} is for this group", group.label)


def _members(users: Members, group: Node) -> Iterator[Finding]:
    if _DEFAULT_USER in users.outside:
        yield breaks("the user default of AWS, which has no password, may do everything", group.label)
    for user in (*users.sure, *users.maybe):
        yield _user(user, group)
    if users.waits_for is not None or any(name != _DEFAULT_USER for name in users.outside):
        yield waits(f"its users: {users.missing}", group.label)


def _user(user: Node, group: Node) -> Finding:
    rights = user.props.text("accessString")
    if isinstance(rights, Known) and rights.value.split()[:1] == ["off"]:
        return HOLDS
    open_ones: list[bool | None] = []
    flag, mode = user.props.flag("noPasswordRequired"), user.props.record("authenticationMode")
    open_ones.append(None if isinstance(flag, Unknown) else flag == Known(True))
    kind = mode.value.text("type") if isinstance(mode, Known) else mode
    open_ones.append(None if isinstance(kind, Unknown) else isinstance(kind, Known) and kind.value.startswith("no-"))
    if True not in open_ones and None not in open_ones:
        return HOLDS
    if True in open_ones and not isinstance(rights, Unknown):
        return breaks("a user needs no password", group.label, user.label)
    return waits("whether a user needs a password", group.label, user.label)


CONTROLS = (
    Control(
        id="elasticache-transit-encryption",
        title="Clients reach caches over TLS only",
        severity=Severity.HIGH,
        subjects=(*_CACHES, kinds.MEMORYDB_CLUSTER),
        references=("ElastiCache.5", "CKV_AWS_30", "CKV_AWS_202", "AwsSolutions-AEC3"),
        own_packs=(BASELINE,),
        why="Tokens and sessions can otherwise be read on the way.",
        fix='set transit_encryption_enabled=True and transit_encryption_mode="required"; MemoryDB: tls_enabled=True',
        judge=_transit,
    ),
    Control(
        id="elasticache-at-rest",
        title="Caches encrypt what they store",
        severity=Severity.HIGH,
        subjects=_CACHES,
        references=("ElastiCache.4", "CKV_AWS_29", "AwsSolutions-AEC3"),
        own_packs=(BASELINE,),
        why="Snapshots and disks are readable without a key, and turning it on later replaces the cache.",
        fix="set at_rest_encryption_enabled=True before the first deployment; later it replaces the cache",
        judge=_at_rest,
    ),
    Control(
        id="elasticache-auth",
        title="Caches ask for a token, or for users who have passwords",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=(*_CACHES, kinds.MEMORYDB_CLUSTER),
        references=("ElastiCache.6", "CKV_AWS_31", "AwsSolutions-AEC6"),
        own_packs=(BASELINE,),
        why="Whoever gets past the security group otherwise reads and changes all sessions.",
        fix="set user_group_ids to an elasticache.UserGroup whose users have passwords or IAM, or set auth_token",
        judge=_auth,
    ),
    Control(
        id="elasticache-ha-and-backup",
        title="Caches of protected stacks fail over to another zone and keep snapshots",
        severity=Severity.MEDIUM,
        subjects=_CACHES,
        references=("ElastiCache.1", "ElastiCache.3", "CKV2_AWS_50", "CKV_AWS_134", "AwsSolutions-AEC4"),
        own_packs=(RESILIENCE,),
        why="When the only node fails, everything in it is gone.",
        fix="set automatic_failover_enabled=True, multi_az_enabled=True, snapshot_retention_limit=7",
        judge=_FAILS_OVER,
    ),
    Control(
        id="dax-encrypted",
        title="Caches of DynamoDB encrypt what they store and speak TLS",
        severity=Severity.HIGH,
        subjects=(kinds.DAX_CLUSTER,),
        references=("DynamoDB.3", "DynamoDB.7", "CKV_AWS_47", "CKV_AWS_239"),
        own_packs=(BASELINE,),
        why="Items are readable on the disks of the nodes and on the way; both are off unless they are asked for.",
        fix='set server_side_encryption={"enabled": True} and cluster_endpoint_encryption_type="TLS"; both replace it',
        judge=_DAX,
    ),
    Control(
        id="dynamodb-pitr",
        title="Tables and their replicas can be restored to any second",
        severity=Severity.HIGH,
        subjects=(kinds.TABLE, kinds.TABLE_REPLICA),
        references=("DynamoDB.2", "CKV_AWS_28", "AwsSolutions-DDB3"),
        own_packs=(BASELINE, RESILIENCE),
        why="A faulty program that overwrites items cannot be undone otherwise.",
        fix='set point_in_time_recovery={"enabled": True}, and point_in_time_recovery=True on each replica',
        judge=by_kind(
            {
                kinds.TABLE: all_of(
                    is_true("pointInTimeRecovery.enabled", says="it cannot be restored to a point in time"),
                    is_true("replicas[].pointInTimeRecovery", says="a replica cannot be restored to a point in time"),
                ),
                kinds.TABLE_REPLICA: is_true("pointInTimeRecovery", says="it cannot be restored to a point in time"),
            }
        ),
    ),
    Control(
        id="dynamodb-deletion-protection",
        title="Tables of protected stacks refuse to be deleted",
        severity=Severity.MEDIUM,
        subjects=(kinds.TABLE,),
        references=("DynamoDB.6",),
        own_packs=(RESILIENCE,),
        why="One wrong rename in a program replaces a table, which deletes it.",
        fix="set deletion_protection_enabled=True",
        judge=on_protected_stacks(is_true("deletionProtectionEnabled")),
        remedy=Remedy("deletionProtectionEnabled"),
    ),
    *search.CONTROLS,
)
FAMILY = Family("stores", "Caches, tables and search (ElastiCache, DynamoDB, OpenSearch)", CONTROLS)
