"""Policy documents of IAM and of resources in one form, however they were written.

JSON text or blocks, one statement or a list, singular or plural keys, any case. A document that is unknown as a whole
(one unknown ARN makes the JSON unknown at preview) is read from the `statements` that its component says it is made of:
actions, principals and conditions are then known before any ARN is. The component vouches that these are all of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_network
from typing import Any, NamedTuple

from .graph import Graph, Node
from .reading import ABSENT, Absent, Items, Known, Record, UnexpectedShapeError, Unknown, Value

Text = Known[str] | Unknown

_ANY_ACTION = ("iam:CreateUser", "s3:DeleteBucket", "ec2:RunInstances", "organizations:LeaveOrganization")
_ANY_RESOURCE = (
    "arn:aws:iam::111122223333:user/a",
    "arn:aws:s3:::b/k",
    "arn:aws:ec2:eu-west-1:111122223333:instance/i",
)
_OPERATOR = re.compile(r"^(foranyvalue:)?(string(equals|like|equalsignorecase)|arn(equals|like))$", re.IGNORECASE)
_ADDRESS_OPERATOR = re.compile(r"^(foranyvalue:)?ipaddress$", re.IGNORECASE)
_ARNS = frozenset({"aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn", "s3:dataaccesspointarn"})
_ACCOUNTS = frozenset(
    {"aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "aws:vpceaccount", "kms:calleraccount",
     "s3:dataaccesspointaccount"}
)  # fmt: skip
_IDS = frozenset(
    {"aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourcevpc",
     "aws:sourcevpce", "aws:vpceorgid", "aws:vpceorgpaths", "aws:userid"}
)  # fmt: skip
"""Keys that narrow "everyone" to somebody: Amazon S3 User Guide, "The meaning of public", and the account and
organisation keys of the IAM condition reference; 2025-11. Two that look like it do not: `aws:VpcSourceIp` (private
ranges are everybody's) and `kms:ViaService` (a service works for every account)."""
_MALFORMED = "the policy document, which has not the form that AWS demands"
_WILD = re.compile(r"[*?]")
_OUR_OWN = frozenset({"${aws:resourceaccount}", "${aws:resourceorgid}"})
"""Policy variables that stand for the owner of the resource; any other variable may be anything."""


class Condition(NamedTuple):
    """One key of a condition block. All conditions of a statement must hold, any one value of a key is enough."""

    operator: str
    key: str
    values: tuple[Text, ...]


class Party(NamedTuple):
    """One principal: its sort (`aws`, `service`, `federated`, `canonicaluser`; `*` where none is said) and who."""

    sort: str
    who: Text

    @property
    def account(self) -> str | None:
        """The account that it is of; None for whoever is of none, or is not known."""
        if self.sort not in ("aws", "*") or not isinstance(self.who, Known):
            return None
        parts = self.who.value.split(":")
        found = parts[4] if len(parts) > 5 else self.who.value
        return found if re.fullmatch(r"\d{12}", found) else None


class Statement(NamedTuple):
    """One statement. `not_...` says that actions, resources or principals are given by what they are not.

    `allow` is None when the effect is unknown; `open_conditions` says that there are conditions which are not known.
    """

    allow: bool | None
    actions: tuple[Text, ...] = ()
    not_actions: bool = False
    resources: tuple[Text, ...] = ()
    not_resources: bool = False
    principals: tuple[Text, ...] = ()
    not_principals: bool = False
    conditions: tuple[Condition, ...] = ()
    open_conditions: bool = False
    parties: tuple[Party, ...] = ()

    def pinned(self) -> bool | None:
        """Whether a condition narrows everyone to an account, organisation, network, resource or few addresses."""
        answers = [_pins(condition) for condition in self.conditions]
        return True if True in answers else None if None in answers or self.open_conditions else False

    def everyone(self) -> bool | None:
        """Whether anyone at all is a principal; None when that is not known."""
        if self.not_principals:
            return True
        return _any(self.principals, _is_everyone)

    def may(self, *actions: str) -> bool | None:
        """Whether any of these actions is named; what `NotAction` lets through is not."""
        return self.any_action(lambda pattern: any(matches(pattern, action) for action in actions))

    def any_action(self, holds: Callable[[str], bool]) -> bool | None:
        """Whether it holds for any action pattern of `Action`; None when only an unknown one could."""
        return False if self.not_actions else _any(self.actions, holds)

    def every_action(self) -> bool | None:
        """Whether every action of every service is meant."""
        return _any(self.actions, lambda action: all(matches(action, probe) for probe in _ANY_ACTION))

    def every_resource(self) -> bool | None:
        """Whether all resources are meant; "all but these" counts."""
        if self.not_resources:
            return True
        return _any(self.resources, lambda pattern: all(matches(pattern, probe) for probe in _ANY_RESOURCE))


class Document(NamedTuple):
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
    try:
        return _read(graph, node, value)
    except UnexpectedShapeError:
        return Document(waits_for=_MALFORMED)


def _read(graph: Graph, node: Node, value: Known[str | Record] | Unknown) -> Document:
    if isinstance(value, Unknown):
        vouched: _Vouched = graph.shared(_Vouched)
        return vouched.of(node) or Document(waits_for=f"the policy document, {graph.describe(value)}")
    body = value.value
    if isinstance(body, str):
        return _parsed(body)
    statements = _items(_spelled(body), "statement")
    if isinstance(statements, Unknown):
        return Document(waits_for=f"the statements of the policy document, {graph.describe(statements)}")
    return _document(statements.value, graph, None) if isinstance(statements, Known) else Document()


class _Vouched:
    """What components say of the policies in them, read once for all controls."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._read: dict[str | None, Document | None] = {}

    def of(self, node: Node) -> Document | None:
        """The document that the parent of `node` vouches for."""
        if node.parent not in self._read:
            component, said = self._graph.said_by_parent(node, "statements")
            found = said.value if isinstance(said, Known) and _are_statements(said.value) else None
            self._read[node.parent] = None if found is None else _document(found, self._graph, component)
        return self._read[node.parent]


def _are_statements(items: Items) -> bool:
    """Whether a component speaks of policies: its input of that name may also be something else, or what is added.

    A policy has a statement, so an empty list vouches for none.
    """
    try:
        found = [item.value for item in items.records() if isinstance(item, Known)]
    except UnexpectedShapeError:
        return False
    return len(items) > 0 and all({"action", "notaction"} & _spelled(record).keys.keys() for record in found)


def matches(pattern: str, text: str) -> bool:
    """Whether an IAM pattern with `*` and `?` matches the text, in any case."""
    beginning = _beginning(pattern)
    if beginning is not None and text.isascii():
        return text.lower().startswith(beginning) if pattern[-1:] == "*" else text.lower() == beginning
    return _compiled(pattern).match(text) is not None


@lru_cache(maxsize=4096)
def _beginning(pattern: str) -> str | None:
    """What stands before the only wildcard, a `*` at the end, if there is any, in lower case; None for other patterns.

    Nearly all are like that, and a regular expression for each takes longer than all else that is done with them.
    """
    beginning = pattern.rstrip("*")
    return beginning.lower() if beginning.isascii() and not _WILD.search(beginning) else None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    body = re.escape(re.sub(r"\*+", "*", pattern)).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(rf"\A{body}\Z", re.IGNORECASE | re.DOTALL)


@lru_cache(maxsize=1024)
def _parsed(body: str) -> Document:
    """JSON text says all there is, so it is read once for all controls."""
    try:
        raw: Any = json.loads(body)
    except ValueError:
        raw = None
    if not isinstance(raw, dict):
        return Document(waits_for="the policy document, which is no JSON object as AWS demands")
    statements = _items(_spelled(Record(raw, Unknown())), "statement")
    return _document(statements.value, None, None) if isinstance(statements, Known) else Document()


def _document(statements: Items, graph: Graph | None, vouched_by: str | None) -> Document:
    read_ones = []
    waits_for = None
    for found in statements.records():
        if isinstance(found, Known):
            read_ones.append(_statement(_spelled(found.value)))
        else:
            waits_for = "a statement of the policy document" + (f", {graph.describe(found)}" if graph else "")
    return Document(tuple(read_ones), waits_for, vouched_by)


class _Spelled(NamedTuple):
    """A block with its keys as this document spells them: `Action`, `actions` and `action` are one."""

    record: Record
    keys: Mapping[str, str]


def _spelled(record: Record) -> _Spelled:
    return _Spelled(record, {key.lower().replace("_", "").rstrip("s"): key for key in reversed(record.names())})


def _statement(block: _Spelled) -> Statement:
    effect = block.record.text(block.keys.get("effect", "Effect"))
    actions, not_actions = _texts(block, "action"), _texts(block, "notaction")
    resources, not_resources = _texts(block, "resource"), _texts(block, "notresource")
    conditions = list(_conditions(block))
    parties = tuple(_parties(block, "principal"))
    return Statement(
        allow=None if isinstance(effect, Unknown) else isinstance(effect, Absent) or effect.value.lower() == "allow",
        actions=actions,
        not_actions=bool(not_actions),
        resources=resources,
        not_resources=bool(not_resources),
        principals=tuple(party.who for party in parties),
        not_principals=any(True for _ in _parties(block, "notprincipal")),
        conditions=tuple(condition for condition in conditions if condition is not None),
        open_conditions=None in conditions,
        parties=parties,
    )


def _items(block: _Spelled, wanted: str) -> Value[Items]:
    key = block.keys.get(wanted)
    return ABSENT if key is None else block.record.items(key)


def _texts(block: _Spelled, wanted: str) -> tuple[Text, ...]:
    found = _items(block, wanted)
    if isinstance(found, Absent):
        return ()
    return tuple(found.value.texts()) if isinstance(found, Known) else (found,)


def _parties(block: _Spelled, wanted: str) -> Iterable[Party]:
    key = block.keys.get(wanted)
    if key is None:
        return
    found = block.record.document(key)
    if isinstance(found, Known) and isinstance(found.value, Record):
        for name in found.value.names():
            yield from (Party(name.lower(), who) for who in _values(found.value, name))
    elif isinstance(found, Known) and isinstance(found.value, str):
        yield Party("*", Known(found.value))
    elif isinstance(found, Unknown):
        yield Party("*", found)


def _conditions(block: _Spelled) -> Iterable[Condition | None]:
    """The conditions; None for some that are not known."""
    key = block.keys.get("condition")
    tests = block.record.record(key) if key is not None else ABSENT
    if isinstance(tests, Unknown):
        yield None
    if not isinstance(tests, Known):
        return
    for operator in tests.value.names():
        wanted = tests.value.record(operator)
        if isinstance(wanted, Known):
            for name in wanted.value.names():
                yield Condition(operator, name.lower(), tuple(_values(wanted.value, name)))
        elif isinstance(wanted, Unknown):
            yield None


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
    known = [value.value for value in condition.values if isinstance(value, Known)]
    if condition.key == "aws:sourceip" and _ADDRESS_OPERATOR.match(condition.operator):
        narrow = bool(condition.values) and all(_narrow(value) for value in known)
        return None if narrow and len(known) < len(condition.values) else narrow
    if not _OPERATOR.match(condition.operator) or not condition.values:
        return False
    return all(_specific(condition.key, value) for value in known)


def _specific(key: str, value: str) -> bool:
    """Whether a value names somebody. A wildcard may only stand where another part of the value already does that."""
    if value.lower() in _OUR_OWN:
        return True
    if "${" in value:
        return False
    if key in _ARNS:
        return _specific_arn(value)
    if key in _ACCOUNTS:
        return value.isdigit()
    if key not in _IDS:
        return False
    named = value.partition("/" if key.endswith("orgpaths") else ":")[0]  # `o-id/*`; `AROAID:*`
    return len(named) >= 3 and not _WILD.search(named)


def _specific_arn(value: str) -> bool:
    """An account, or a resource by the name that it has all over the world."""
    parts = value.split(":", 5)
    if len(parts) < 6:
        return False
    service, account, resource = parts[2], parts[4], parts[5]
    worldwide = account == "" or service == "s3"
    return account.isdigit() or (worldwide and len(_WILD.split(resource)[0]) >= 3)


def _narrow(cidr: str) -> bool:
    """Amazon S3 takes a range for public when it is wider than a /8 (IPv6: /32)."""
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= (8 if network.version == 4 else 32)
