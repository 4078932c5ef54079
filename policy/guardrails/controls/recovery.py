"""Whether what is lost can be brought back: vaults, and what they hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from guardrails import kinds
from guardrails.checks import ANYTHING, all_of, has_companion, is_false, is_set, on_protected_stacks
from guardrails.documents import matches
from guardrails.graph import Graph, Node
from guardrails.joins import BACKUP_VAULT
from guardrails.reading import Absent, Items, Known, Record, Unknown, Value
from guardrails.regions import where_both_are
from guardrails.verdicts import HOLDS, RESILIENCE, Control, Finding, Scope, Severity, View, breaks, waits

_STATEFUL = (
    kinds.DB_INSTANCE, kinds.DB_CLUSTER, kinds.DOCDB_CLUSTER, kinds.NEPTUNE_CLUSTER, kinds.TABLE, kinds.FILE_SYSTEM,
    kinds.VOLUME,
)  # fmt: skip
_COPIES = ("replicateSourceDb", "replicationSourceIdentifier")
_OF_SERVICE = re.compile(r"arn:[\w-]+:(?P<service>[\w-]+):")
_SERVICE = {kinds.TABLE: "dynamodb", kinds.FILE_SYSTEM: "elasticfilesystem", kinds.VOLUME: "ec2"}


class Selections:
    """What the backup selections of a program choose: patterns of ARNs, resources, tags."""

    def __init__(self, graph: Graph) -> None:
        self.all = [_Selection(node) for node in graph.of(kinds.BACKUP_SELECTION)]

    def covers(self, node: Node) -> bool | None:
        """Whether a selection takes the resource; None when that is not known."""
        answers = [selection.covers(node) for selection in self.all]
        return True if True in answers else None if None in answers else False


class _Selection:
    """One selection: any of its resources or tags, all of its conditions, and none of what it leaves out."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._chosen = _texts(node, "resources")
        self._left_out = _texts(node, "notResources")
        self._tags = list(node.props.blocks("selectionTags"))
        self._conditions = list(node.props.blocks("conditions"))

    def covers(self, node: Node) -> bool | None:
        return where_both_are(self._node, node, self._takes(node))

    def _takes(self, node: Node) -> bool | None:
        chosen = [*_matching(self._chosen, node), *(_has_tag(tag, node) for tag in self._tags)]
        left = list(_matching(self._left_out, node))
        taken = True if True in chosen else None if None in chosen else False
        excluded = True if True in left else None if None in left else False
        met = [_meets(condition, node) for condition in self._conditions]
        if taken is False or excluded is True or False in met:
            return False
        return True if taken and excluded is False and None not in met else None


def _texts(node: Node, key: str) -> list[Known[str] | Unknown]:
    found: Value[Items] = node.props.items(key)
    if isinstance(found, Absent):
        return []
    return list(found.value.texts()) if isinstance(found, Known) else [found]


def _matching(values: list[Known[str] | Unknown], node: Node) -> Iterator[bool | None]:
    """As many unknown elements as there are resources behind the list are one of each."""
    unknown = [value for value in values if isinstance(value, Unknown)]
    for value in values:
        if isinstance(value, Known):
            yield _matches(value, node)
        elif node.urn in value.sources:
            yield True if len(unknown) >= len(set(value.sources)) else None
        else:
            yield None if not value.sources or not all("::aws:" in urn for urn in value.sources) else False


def _matches(value: Known[str], node: Node) -> bool | None:
    if value.value == "*":
        return True
    arn = node.props.text("arn")
    if isinstance(arn, Known):
        return matches(value.value, arn.value)
    named = _OF_SERVICE.match(value.value)
    return False if named is not None and named["service"] != _SERVICE.get(node.kind, "rds") else None


def _has_tag(tag: Known[Record] | Unknown, node: Node) -> bool | None:
    if isinstance(tag, Unknown):
        return None
    key, value = tag.value.text("key"), tag.value.text("value")
    if not isinstance(key, Known) or isinstance(value, Unknown):
        return None
    return _tagged(node, key.value, value.value if isinstance(value, Known) else "", like=False)


def _tagged(node: Node, key: str, value: str, *, like: bool) -> bool | None:
    key = key.removeprefix("aws:ResourceTag/")
    doubt = False
    for name in ("tagsAll", "tags"):
        tags = node.props.record(name)
        if isinstance(tags, Unknown) and tags.sources:
            doubt = True
        found: Value[str] = tags.value.text(key) if isinstance(tags, Known) else Absent()
        if isinstance(found, Known):
            return matches(value, found.value) if like else found.value == value
        doubt = doubt or isinstance(found, Unknown)
    return None if doubt else False


_OPERATORS = {"stringEquals": (True, False), "stringLikes": (True, True), "stringNotEquals": (False, False),
              "stringNotLikes": (False, True)}  # fmt: skip


def _meets(condition: Known[Record] | Unknown, node: Node) -> bool | None:
    if isinstance(condition, Unknown):
        return None
    answers: list[bool | None] = []
    for operator, (wanted, like) in _OPERATORS.items():
        for each in condition.value.blocks(operator):
            if isinstance(each, Unknown):
                answers.append(None)
                continue
            key, value = each.value.text("key"), each.value.text("value")
            if isinstance(key, Known) and isinstance(value, Known):
                found = _tagged(node, key.value, value.value, like=like)
                answers.append(None if found is None else found is wanted)
            else:
                answers.append(None)
    return False if False in answers else None if None in answers else True


def _backed_up(node: Node, view: View) -> Iterable[Finding]:
    selections: Selections = view.graph.shared(Selections)
    if any(not isinstance(node.props.text(key), Absent) for key in _COPIES):
        yield HOLDS
        return
    found = selections.covers(node)
    if found is None:
        yield waits("whether a backup.Selection takes it, by ARN or tag", node.label)
    else:
        yield HOLDS if found else breaks("no backup.Selection takes it, neither by ARN nor by tag", node.label)


CONTROLS: tuple[Control, ...] = (
    Control(
        id="backup-vault-protected",
        title="Backup vaults have a key of ours, keep what is in them, and are locked on protected stacks",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.BACKUP_VAULT,),
        references=("Backup.1", "CKV_AWS_166"),
        own_packs=(RESILIENCE,),
        why="Whoever wants a ransom deletes the backups first.",
        fix="set kms_key_arn, drop force_destroy, and add backup.VaultLockConfiguration",
        judge=all_of(
            is_set("kmsKeyArn"),
            is_false("forceDestroy"),
            on_protected_stacks(
                has_companion(
                    kinds.BACKUP_VAULT_LOCK,
                    "backupVaultName",
                    BACKUP_VAULT,
                    ANYTHING,
                    missing="it has no backup.VaultLockConfiguration",
                )
            ),
        ),
    ),
    Control(
        id="backup-covers-data",
        title="Whatever holds data is taken by a backup selection",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=_STATEFUL,
        references=("RDS.26", "DynamoDB.4", "EC2.28", "CKV2_AWS_8"),
        own_packs=(RESILIENCE,),
        why="A service's own snapshots go with the resource, and with the account.",
        fix="add its ARN to resources of a backup.Selection, or a tag that one selects",
        judge=_backed_up,
    ),
)
