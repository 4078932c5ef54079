"""Network ACLs in one form: what comes in by which entry, inline or in a resource of its own, in the order AWS asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from . import kinds
from .addresses import first_match, is_range
from .firewall import Probe, Rule, ports_of, protocol_of
from .graph import Graph, Members, Node
from .joins import NETWORK_ACL
from .reading import Absent, Known, Record, Unknown, Value

INLINE = (kinds.NETWORK_ACL, kinds.DEFAULT_NETWORK_ACL)
_WORLDS = ("0.0.0.0/0", "::/0")


class Entry(NamedTuple):
    """One entry for traffic that comes in. None: not known. `joined`: it surely belongs to the ACL that is asked of."""

    node: Node
    number: int | None
    allow: bool | None
    rule: Rule
    cidrs: tuple[str, ...] | None
    joined: bool = True


class Exposure(NamedTuple):
    """The share of the public addresses that a packet may come from: of the whole ACL, and by each declarer."""

    share: float
    by: dict[str, float]


class Acls:
    """All entries of a graph, by the ACL that they belong to."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def entries(self, node: Node) -> list[Entry]:
        """The entries of the ACL that `node` is, or has an entry in; those that only may be are not `joined`."""
        acl = self._owner(node)
        return [
            entry if acl is not None and owner == acl else entry._replace(joined=entry.joined and other is node)
            for other, owner, entry in self._all
            if owner is None or acl is None or owner == acl
        ]

    @cached_property
    def _all(self) -> list[tuple[Node, str | None, Entry]]:
        nodes = self._graph.of(*INLINE, kinds.NETWORK_ACL_RULE)
        return [(node, self._owner(node), entry) for node in nodes for entry in _read(node)]

    def _owner(self, node: Node) -> str | None:
        """What names the ACL: a URN, that of the VPC for its default one, or the id of a foreign one; None: unknown."""
        if node.kind != kinds.NETWORK_ACL_RULE:
            return self._itself(node)
        members = self._graph.link(node.props.text("networkAclId"), NETWORK_ACL)
        if members.one is not None:
            return self._itself(members.one)
        return members.outside[0] if members.outside and members.waits_for is None else None

    def _itself(self, node: Node) -> str:
        if node.kind == kinds.DEFAULT_NETWORK_ACL:
            vpc = self._graph.link(node.props.text("defaultNetworkAclId"), _DEFAULT_OF).one
            return node.urn if vpc is None else vpc.urn
        return node.urn


_DEFAULT_OF = NETWORK_ACL._replace(kinds={kind: NETWORK_ACL.kinds[kind] for kind in (kinds.VPC, kinds.DEFAULT_VPC)})


def exposure(entries: Iterable[Entry], probe: Probe, *, sure: bool) -> Exposure:
    """Where the packet may come from. `sure`: what is not known counts as a denial that comes first, else as leave.

    If not `sure`, a declarer has its share as if it were alone: what another one says may turn out to be less.
    """
    asked = [item for entry in entries if (item := _asked(entry, probe, sure=sure)) is not None]
    ordered = sorted(asked, key=lambda item: item[0])
    declarers = dict.fromkeys(urn for _, allow, urn, _ in ordered if allow)
    alone = {urn: [item for item in ordered if sure or item[2] == urn] for urn in declarers}
    return Exposure(_let_in(ordered, None), {urn: _let_in(items, urn) for urn, items in alone.items()})


_Asked = tuple[int, bool, str, tuple[str, ...]]


def _asked(entry: Entry, probe: Probe, *, sure: bool) -> _Asked | None:
    passes = probe.passes(entry.rule)
    if passes is False:
        return None
    settled = entry.joined and passes and None not in (entry.number, entry.allow, entry.cidrs)
    if not settled and entry.allow is sure:
        return None
    allow = bool(entry.allow) if settled else not sure
    number = -1 if entry.number is None else entry.number
    return number, allow, entry.node.urn, _WORLDS if entry.cidrs is None else entry.cidrs


def _let_in(ordered: Iterable[_Asked], by: str | None) -> float:
    return first_match(tuple((allow and by in (None, urn), cidr) for _, allow, urn, cidrs in ordered for cidr in cidrs))


def _read(node: Node) -> Iterator[Entry]:
    if node.kind == kinds.NETWORK_ACL_RULE:
        outgoing = node.props.flag("egress")
        if outgoing != Known(value=True):
            found = _entry(node, node.props, "ruleNumber", "ruleAction")
            yield found._replace(joined=not isinstance(outgoing, Unknown))
        return
    blocks = node.props.items("ingress")
    if isinstance(blocks, Absent):
        return
    for block in blocks.value.records() if isinstance(blocks, Known) else [blocks]:
        if isinstance(block, Known):
            yield _entry(node, block.value, "ruleNo", "action")
        else:
            yield Entry(node, None, None, Rule(node, True, None, None, (), Members(), (), ()), None)


def _entry(node: Node, block: Record, number: str, action: str) -> Entry:
    order, decision = block.number(number), block.text(action)
    protocol = protocol_of(block)
    rule = Rule(node, True, protocol, ports_of(block, protocol), (), Members(), (), ())
    return Entry(
        node,
        order.value if isinstance(order, Known) else None,
        decision.value.lower() == "allow" if isinstance(decision, Known) else None,
        rule,
        _ranges(block),
    )


def _ranges(block: Record) -> tuple[str, ...] | None:
    values: list[Value[str]] = [block.text(key) for key in ("cidrBlock", "ipv6CidrBlock")]
    known = [value.value for value in values if isinstance(value, Known)]
    if any(isinstance(value, Unknown) for value in values) or not all(map(is_range, known)):
        return None
    return tuple(known)
