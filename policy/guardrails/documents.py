"""Policy documents of IAM and of resources in one form, however they were written.

JSON text or blocks, one statement or a list, singular or plural keys, any case. A document that is unknown as a whole
(one unknown ARN makes the JSON unknown at preview) is read from the `statements` that its component says it is made of:
actions, principals and conditions are then known before any ARN is. The component vouches that these are all of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_network
from typing import Any

from .graph import Graph, Node
from .reading import Absent, Items, Known, Record, UnexpectedShapeError, Unknown, Value

Text = Known[str] | Unknown

_ANY_ACTION = ("iam:CreateUser", "s3:DeleteBucket", "ec2:RunInstances", "organizations:LeaveOrganization")
_ANY_RESOURCE = (
    "arn:aws:iam::111122223333:user/a",
    "arn:aws:s3:::b/k",
    "arn:aws:ec2:eu-west-1:111122223333:instance/i",
)
_OPERATOR = re.compile(
    r"^(foranyvalue:)?(string(equals|like|equalsignorecase)|arn(equals|like)|ipaddress)$", re.IGNORECASE
)
_PINNING = frozenset(
    {
        "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths",
        "aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner",
        "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:userid",
        "kms:calleraccount", "kms:viaservice", "s3:dataaccesspointaccount", "s3:dataaccesspointarn",
    }
)  # fmt: skip
"""Keys that narrow "everyone" to somebody: Amazon S3 User Guide, "The meaning of public", and the account, organisation
and KMS keys of the IAM condition reference; 2025-11."""


@dataclass(frozen=True)
class Condition:
    """One key of a condition block. All conditions of a statement must hold, any one value of a key is enough."""

    operator: str
    key: str
    values: tuple[Text, ...]


@dataclass(frozen=True)
class Statement:
    """One statement. `others` says that actions, resources or principals are given by what they are not."""

    allow: bool
    actions: tuple[Text, ...]
    not_actions: bool
    resources: tuple[Text, ...]
    not_resources: bool
    principals: tuple[Text, ...]
    not_principals: bool
    conditions: tuple[Condition, ...]

    def pinned(self) -> bool | None:
        """Whether a condition narrows everyone to an account, organisation, network, resource or few addresses."""
        answers = [_pins(condition) for condition in self.conditions]
        return True if True in answers else None if None in answers else False

    def everyone(self) -> bool | None:
        """Whether anyone at all is a principal; None when that is not known."""
        if self.not_principals:
            return True
        return _any(self.principals, _is_everyone)

    def every_action(self) -> bool | None:
        """Whether every action of every service is meant."""
        return _any(self.actions, lambda action: all(matches(action, probe) for probe in _ANY_ACTION))

    def every_resource(self) -> bool | None:
        """Whether all resources are meant; "all but these" counts."""
        if self.not_resources:
            return True
        return _any(self.resources, lambda pattern: all(matches(pattern, probe) for probe in _ANY_RESOURCE))


@dataclass(frozen=True)
class Document:
    """A policy document. `waits_for`: what of it cannot be read yet; `vouched_by`: the component read in its place."""

    statements: tuple[Statement, ...] = ()
    waits_for: str | None = None
    vouched_by: str | None = None

    @property
    def path(self) -> tuple[str, ...]:
        """Where it was read, when that was not the resource itself."""
        return () if self.vouched_by is None else (f"statements of {self.vouched_by}",)


def read(graph: Graph, node: Node, value: Value[str | Record]) -> Document:
    """The document in a property of `node`."""
    if isinstance(value, Absent):
        return Document()
    if isinstance(value, Unknown):
        component, said = graph.statements_of_parent(node)
        if isinstance(said, Known):
            return _document(said.value, graph, component)
        return Document(waits_for=f"the policy document, {graph.describe(value)}")
    body = value.value
    record = body if isinstance(body, Record) else _parsed(body)
    statements = _items(record, "statement")
    if isinstance(statements, Unknown):
        return Document(waits_for=f"the statements of the policy document, {graph.describe(statements)}")
    return _document(statements.value, graph, None) if isinstance(statements, Known) else Document()


def matches(pattern: str, text: str) -> bool:
    """Whether an IAM pattern with `*` and `?` matches the text, in any case."""
    return _compiled(pattern).match(text) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    body = re.escape(re.sub(r"\*+", "*", pattern)).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(rf"\A{body}\Z", re.IGNORECASE | re.DOTALL)


def _parsed(body: str) -> Record:
    try:
        raw: Any = json.loads(body)
    except ValueError:
        raise UnexpectedShapeError("the policy document is not JSON") from None
    if not isinstance(raw, dict):
        raise UnexpectedShapeError("the policy document should be a JSON object")
    return Record(raw, Unknown())


def _document(statements: Items, graph: Graph, vouched_by: str | None) -> Document:
    read_ones = []
    waits_for = None
    for found in statements.records():
        if isinstance(found, Known):
            read_ones.append(_statement(found.value))
        else:
            waits_for = f"a statement of the policy document, {graph.describe(found)}"
    return Document(tuple(read_ones), waits_for, vouched_by)


def _statement(record: Record) -> Statement:
    effect = record.text(_key(record, "effect") or "Effect")
    actions, not_actions = _texts(record, "action"), _texts(record, "notaction")
    resources, not_resources = _texts(record, "resource"), _texts(record, "notresource")
    return Statement(
        allow=not isinstance(effect, Known) or effect.value.lower() == "allow",
        actions=actions,
        not_actions=bool(not_actions),
        resources=resources,
        not_resources=bool(not_resources),
        principals=tuple(_principals(record, "principal")),
        not_principals=any(True for _ in _principals(record, "notprincipal")),
        conditions=tuple(_conditions(record)),
    )


def _key(record: Record, wanted: str) -> str | None:
    """The key as this document spells it: `Action`, `actions` and `action` are one."""
    return next((key for key in record.names() if key.lower().replace("_", "").rstrip("s") == wanted), None)


def _items(record: Record, wanted: str) -> Value[Items]:
    key = _key(record, wanted)
    return Absent() if key is None else record.items(key)


def _texts(record: Record, wanted: str) -> tuple[Text, ...]:
    found = _items(record, wanted)
    if isinstance(found, Absent):
        return ()
    return tuple(found.value.texts()) if isinstance(found, Known) else (found,)


def _principals(record: Record, wanted: str) -> Iterable[Text]:
    key = _key(record, wanted)
    if key is None:
        return
    found = record.document(key)
    if isinstance(found, Known) and isinstance(found.value, Record):
        for name in found.value.names():
            yield from _values(found.value, name)
    elif isinstance(found, Known) and isinstance(found.value, str):
        yield Known(found.value)
    elif isinstance(found, Unknown):
        yield found


def _conditions(record: Record) -> Iterable[Condition]:
    key = _key(record, "condition")
    block = record.record(key) if key is not None else Absent()
    if not isinstance(block, Known):
        return
    for operator in block.value.names():
        tests = block.value.record(operator)
        if isinstance(tests, Known):
            for name in tests.value.names():
                yield Condition(operator, name.lower(), tuple(_values(tests.value, name)))


def _values(record: Record, key: str) -> Iterable[Text]:
    found = record.items(key)
    if isinstance(found, Unknown):
        yield found
    elif isinstance(found, Known):
        yield from found.value.texts()


def _any(values: Iterable[Text], holds: Any) -> bool | None:
    """Whether it holds for any value; None when only an unknown one could."""
    found = list(values)
    if any(isinstance(value, Known) and holds(value.value) for value in found):
        return True
    return None if any(isinstance(value, Unknown) for value in found) else False


def _is_everyone(principal: str) -> bool:
    return "*" in (principal, *principal.split(":")[4:5])


def _pins(condition: Condition) -> bool | None:
    """`...IfExists` and `ForAllValues:` also hold when the key is missing, so they narrow nothing.

    An unknown value of an account, ARN or network id comes from a resource and is never a wildcard.
    """
    if not _OPERATOR.match(condition.operator) or not condition.values:
        return False
    known = [value.value for value in condition.values if isinstance(value, Known)]
    if condition.key == "aws:sourceip":
        narrow = all(_narrow(value) for value in known)
        return None if narrow and len(known) < len(condition.values) else narrow
    if condition.key not in _PINNING:
        return False
    return all(_specific(condition.key, value) for value in known)


def _specific(key: str, value: str) -> bool:
    """Whether a value names somebody: an ARN needs an account or a resource that is more than a wildcard."""
    if key.endswith("arn") and value.startswith("arn:"):
        parts = value.split(":", 5)
        account, resource = (*parts, "", "", "", "", "", "")[4:6]
        return account.isdigit() or len(re.sub(r"[*?/:]", "", resource)) >= 3
    if key in {"aws:sourceaccount", "aws:principalaccount", "kms:calleraccount", "aws:sourceowner"}:
        return value.isdigit()
    return len(re.sub(r"[*?]", "", value)) >= 3


def _narrow(cidr: str) -> bool:
    """Amazon S3 takes a range for public when it is wider than a /8 (IPv6: /32)."""
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= (8 if network.version == 4 else 32)
