"""Security-group rules in one form, whichever of the four ways they were declared.

Inline blocks of a group, `SecurityGroupRule`, `SecurityGroupIngressRule` and `SecurityGroupEgressRule` all become
`Rule`. Protocols are spelled one way, ports are ranges, prefix lists of the program are read. What cannot be known
stays in the rule as a reason, so that whoever asks "is this open to the world" gets yes, no, or what it waits for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple, TypeAlias

from . import kinds
from .addresses import coverage, is_range
from .config import Config
from .graph import Companions, Graph, Members, Node, Reference
from .joins import VPC
from .parameters import PREFIX_LISTS, PUBLIC_COVERAGE
from .prefix_lists import PREFIX_LIST, contents
from .reading import Absent, Known, Record, Unknown, or_default

GROUPS = (kinds.SECURITY_GROUP, kinds.DEFAULT_SECURITY_GROUP)
STANDALONE = (kinds.SECURITY_GROUP_RULE, kinds.INGRESS_RULE, kinds.EGRESS_RULE)
DECLARING = (*GROUPS, *STANDALONE)
ALL_PORTS = (0, 65535)

_GROUP = Reference(
    {
        kinds.SECURITY_GROUP: ("id",),
        kinds.DEFAULT_SECURITY_GROUP: ("id",),
        kinds.VPC: ("defaultSecurityGroupId",),
        kinds.DEFAULT_VPC: ("defaultSecurityGroupId",),
    }
)
_VPCS = (kinds.VPC, kinds.DEFAULT_VPC)
_PROTOCOLS = {"-1": "all", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
_PREFIX_LIST_ID = re.compile(r"pl-[0-9a-z]+")
_PROTOCOL_NAME = re.compile(r"\d{1,3}|icmp|icmpv6|gre|esp|ah|sctp")
WITH_PORTS = ("tcp", "udp")
_NARROW = frozenset(
    {kinds.VPC, kinds.DEFAULT_VPC, kinds.SUBNET, kinds.DEFAULT_SUBNET, kinds.EIP, kinds.NAT_GATEWAY, *GROUPS}
)
"""No address or range that these resources have is wider than a /16: AWS allows no larger network."""


class Probe(NamedTuple):
    """A packet that a rule may let in. `port` is None for protocols without ports."""

    protocol: str
    port: int | None = None

    def __str__(self) -> str:
        if self.port is not None:
            return f"{self.protocol} port {self.port}"
        return self.protocol if _PROTOCOL_NAME.fullmatch(self.protocol) else "a protocol without ports"

    def passes(self, rule: Rule) -> bool | None:
        """Whether the rule lets it in; None when protocol or ports are unknown."""
        if rule.protocol == "all":
            return True
        if rule.protocol is None:
            return None
        if rule.protocol != self.protocol:
            return False
        if rule.protocol not in WITH_PORTS or self.port is None:
            return True
        return None if rule.ports is None else rule.ports[0] <= self.port <= rule.ports[1]


class Rule(NamedTuple):
    """One permission. `protocol` and `ports` are None where unknown; `foreign` are prefix lists that others own.

    `open` says which sources cannot be known, each as the end of "waits for ...". A rule for the group itself has it
    in `groups`. `lists` are the prefix lists of the program, `open_lists` says which others cannot be known.
    """

    node: Node
    ingress: bool
    protocol: str | None
    ports: tuple[int, int] | None
    cidrs: tuple[str, ...]
    groups: Members
    foreign: tuple[str, ...]
    open: tuple[str, ...]
    lists: tuple[Node, ...] = ()
    open_lists: tuple[str, ...] = ()

    def unknown_sources(self, config: Config) -> tuple[str, ...]:
        """The sources that may be wider than `cidrs`, after what the configuration says of foreign prefix lists."""
        return (*self.open, *self.unknown_lists(config))

    def unknown_lists(self, config: Config) -> tuple[str, ...]:
        """What the prefix lists of others may contain, as far as the configuration does not say it."""
        lists = (name for name in self.foreign if name not in config[PREFIX_LISTS])
        named = (name if _PREFIX_LIST_ID.fullmatch(name) else "of another stack" for name in lists)
        return tuple(f"what the prefix list {name} contains (say so in managedPrefixLists)" for name in named)

    @property
    def sourced(self) -> bool:
        """Whether addresses are let in, or may be; a rule that names only groups has no say in who the world is."""
        return bool(self.cidrs or self.open or self.foreign)


class Exposure(NamedTuple):
    """Whether rules let the world in: `cidrs` by which they do, or what that `waits_for`; neither means no."""

    cidrs: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    waits_for: tuple[str, ...] = ()


Test: TypeAlias = Callable[[Rule], bool | None]
"""Whether a rule is of the sort that is looked for, e.g. `Probe.passes`; None when that is not known."""


def exposure(rules: Iterable[Rule], test: Test, config: Config) -> Exposure:
    """Whether such rules together let the world in: two halves of the internet are the internet."""
    answers = [(rule, test(rule)) for rule in rules if rule.sourced]
    sure = tuple(rule for rule, answer in answers if answer)
    cidrs = tuple(dict.fromkeys(cidr for rule in sure for cidr in rule.cidrs))
    if _public(cidrs, config):
        return Exposure(cidrs, tuple(rule for rule in sure if rule.cidrs))
    reasons = [reason for rule in sure for reason in rule.unknown_sources(config)]
    for rule in (rule for rule, answer in answers if answer is None):
        if rule.unknown_sources(config) or _public((*cidrs, *rule.cidrs), config):
            reasons.append(f"protocol or ports of {rule.node.label}")
            reasons += rule.unknown_sources(config)
    return Exposure(waits_for=tuple(dict.fromkeys(reasons)))


def probes(rules: Iterable[Rule], skip: frozenset[int] = frozenset()) -> list[Probe]:
    """Packets such that whatever addresses the rules let in, one of these is let in too; ports in `skip` are left
    out."""
    found: dict[Probe, None] = {}
    for rule in (rule for rule in rules if rule.sourced):
        protocols = WITH_PORTS if rule.protocol in (None, "all") else (rule.protocol,)
        for protocol in protocols:
            if protocol not in WITH_PORTS:
                found[Probe(protocol)] = None
                continue
            low, high = rule.ports or ALL_PORTS
            port = next((port for port in range(low, high + 1) if port not in skip), None)
            if port is not None:
                found[Probe(protocol, port)] = None
    return list(found)


class Firewall:
    """All rules of a graph, and who declares the rules of which group."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._rules: dict[str, tuple[Rule, ...]] = {}

    def rules(self, *nodes: Node, ingress: bool = True) -> tuple[Rule, ...]:
        """The rules that these resources declare themselves."""
        for node in nodes:
            if node.urn not in self._rules:
                self._rules[node.urn] = tuple(self._declared(node))
        return tuple(rule for node in nodes for rule in self._rules[node.urn] if rule.ingress is ingress)

    def declarers(self, group: Node) -> tuple[Node, ...]:
        """Everything that declares rules of the group, itself first. A VPC stands for its unmanaged default group."""
        return (group, *self._standalone.get(group.urn, ()))

    def family(self, node: Node) -> tuple[Node, ...]:
        """The declarers for which `node` speaks: a group for all of its own, the first rule for a foreign group's.

        Empty for a rule that somebody else speaks for, so that each sum is judged once.
        """
        if node.kind in GROUPS:
            return self.declarers(node)
        return self._spoken_for.get(node.urn, (node,))

    def owner(self, node: Node) -> Members:
        """The group that a declarer is about: a group itself, or the one that a rule names."""
        if node.kind in GROUPS:
            return Members(sure=(node,))
        return self._grouped(self._graph.link(node.props.text("securityGroupId"), _GROUP))

    def unjoined(self, group: Node) -> tuple[Node, ...]:
        """Rules that could turn out to belong to the group, or what may manage it and has some."""
        found = [node for node, members in self._loose if members.may_include(group)]
        for vpc in self._graph.of(*_VPCS) if group.kind == kinds.DEFAULT_SECURITY_GROUP else ():
            if group in self.default_groups.maybe(vpc):
                found += self._standalone.get(vpc.urn, ())
        if group.kind in _VPCS:
            found += [manager for manager in self.default_groups.maybe(group) if self.rules(manager)]
        return tuple(found)

    def groups(self, node: Node, key: str) -> Members:
        """The groups that a list property names."""
        return self._grouped(self._graph.members(node.props.items(key), _GROUP))

    def groups_in(self, record: Record, key: str) -> Members:
        """The groups that a list inside a block names."""
        return self._grouped(self._graph.members(record.items(key), _GROUP))

    def default_group(self, vpc: Node) -> Node:
        """The resource that manages the VPC's default group, or the VPC itself where nobody does."""
        managers = self.default_groups.of(vpc)
        return managers[0] if managers else vpc

    @cached_property
    def default_groups(self) -> Companions:
        """Which default group belongs to which VPC."""
        return self._graph.companions(kinds.DEFAULT_SECURITY_GROUP, "vpcId", VPC)

    @cached_property
    def _ownership(self) -> list[tuple[Node, Members]]:
        rules = self._graph.of(*STANDALONE)
        return [(node, self.owner(node)) for node in rules]

    @cached_property
    def _standalone(self) -> dict[str, list[Node]]:
        owned: dict[str, list[Node]] = {}
        for node, members in self._ownership:
            for group in members.sure:
                owned.setdefault(group.urn, []).append(node)
        return owned

    @cached_property
    def _spoken_for(self) -> dict[str, tuple[Node, ...]]:
        foreign: dict[str, list[Node]] = {}
        for node, members in self._ownership:
            for outside in members.outside:
                foreign.setdefault(outside, []).append(node)
        mine = {node.urn: () for nodes in (*self._standalone.values(), *foreign.values()) for node in nodes}
        return mine | {nodes[0].urn: tuple(nodes) for nodes in foreign.values()}

    @cached_property
    def _loose(self) -> list[tuple[Node, Members]]:
        return [(node, members) for node, members in self._ownership if members.maybe or members.waits_for]

    def _grouped(self, members: Members) -> Members:
        def managed(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
            return tuple(node if node.kind in GROUPS else self.default_group(node) for node in nodes)

        return Members(managed(members.sure), managed(members.maybe), members.slots, members.outside, members.waits_for)

    def _declared(self, node: Node) -> Iterable[Rule]:
        if node.kind in GROUPS:
            yield from self._inline(node, "ingress")
            yield from self._inline(node, "egress")
        elif node.kind == kinds.SECURITY_GROUP_RULE:
            yield from self._classic(node)
        elif node.kind in STANDALONE:
            yield self._modern(node)

    def _inline(self, node: Node, key: str) -> Iterable[Rule]:
        blocks = node.props.items(key)
        if isinstance(blocks, Absent):
            return
        ingress = key == "ingress"
        for block in blocks.value.records() if isinstance(blocks, Known) else [blocks]:
            if isinstance(block, Unknown):
                yield self._opaque(node, ingress, block)
            else:
                groups = self._or_itself(node, block.value, self.groups_in(block.value, "securityGroups"))
                yield self._rule(node, ingress, block.value, groups, ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds"))

    def _classic(self, node: Node) -> Iterable[Rule]:
        named = self._grouped(self._graph.link(node.props.text("sourceSecurityGroupId"), _GROUP))
        groups = self._or_itself(node, node.props, named)
        direction = node.props.text("type")
        wanted = ("ingress", "egress") if not isinstance(direction, Known) else (direction.value,)
        for name in wanted:
            keys = ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds")
            rule = self._rule(node, name == "ingress", node.props, groups, keys)
            if isinstance(direction, Unknown):
                reason = f"whether {node.label} is for what comes in, {self._graph.describe(direction)}"
                named = Members(maybe=(*groups.sure, *groups.maybe), outside=groups.outside, waits_for=reason)
                rule = rule._replace(cidrs=(), groups=named, open=(reason, *rule.open), lists=(), open_lists=(reason,))
            yield rule

    def _modern(self, node: Node) -> Rule:
        groups = self._grouped(self._graph.link(node.props.text("referencedSecurityGroupId"), _GROUP))
        keys = ("cidrIpv4", "cidrIpv6", "prefixListId")
        return self._rule(node, node.kind == kinds.INGRESS_RULE, node.props, groups, keys)

    def _rule(self, node: Node, ingress: bool, block: Record, groups: Members, keys: tuple[str, str, str]) -> Rule:
        protocol = protocol_of(block)
        sources = _Sources(self._graph)
        for key in keys[:2]:
            sources.add_ranges(block, key)
        sources.add_prefix_lists(block, keys[2])
        return Rule(
            node, ingress, protocol, ports_of(block, protocol), tuple(sources.cidrs), groups,
            tuple(sources.foreign), tuple(sources.open), tuple(sources.lists), tuple(sources.open_lists),
        )  # fmt: skip

    def _or_itself(self, node: Node, block: Record, named: Members) -> Members:
        """The groups of a rule, with its own one where it says `self`."""
        itself = block.flag("self")
        if isinstance(itself, Absent) or itself == Known(False):
            return named
        own = self.owner(node)
        if isinstance(itself, Unknown):
            return named._replace(waits_for=named.waits_for or f"whether {node.label} is for its own group")
        sure = tuple(dict.fromkeys((*named.sure, *own.sure)))
        return Members(sure, (*named.maybe, *own.maybe), named.slots + own.slots, (*named.outside, *own.outside),
                       named.waits_for or own.waits_for)  # fmt: skip

    def _opaque(self, node: Node, ingress: bool, unknown: Unknown) -> Rule:
        reason = f"the {'ingress' if ingress else 'egress'} rules of {node.label}, {self._graph.describe(unknown)}"
        return Rule(node, ingress, None, None, (), Members(waits_for=reason), (), (reason,), (), (reason,))


class _Sources:
    """Collects where traffic may come from: address ranges, prefix lists, and what is not known."""

    def __init__(self, graph: Graph) -> None:
        self.cidrs: list[str] = []
        self.foreign: list[str] = []
        self.open: list[str] = []
        self.lists: list[Node] = []
        self.open_lists: list[str] = []
        self._graph = graph

    def add_ranges(self, block: Record, key: str) -> None:
        for value in _each(block, key):
            self._add(value, f"the address range in {key}")

    def add_prefix_lists(self, block: Record, key: str) -> None:
        for value in _each(block, key):
            members = self._graph.link(value, PREFIX_LIST)
            if self._of_an_endpoint(value):
                continue
            self.foreign += members.outside
            if members.maybe or members.waits_for is not None:
                self.open_lists.append(f"the prefix list in {key}: {members.missing}")
                self.open.append(self.open_lists[-1])
            self.lists += members.sure
            for prefix_list in members.sure:
                for cidr in contents(self._graph, prefix_list):
                    self._add(cidr, f"an entry of {prefix_list.label}")

    def _of_an_endpoint(self, value: Known[str] | Unknown) -> bool:
        """Whether it is the list that AWS keeps for a gateway endpoint: the addresses of one service."""
        if isinstance(value, Known):
            endpoints = self._graph.of(kinds.VPC_ENDPOINT)
            return any(endpoint.props.text("prefixListId") == value for endpoint in endpoints)
        sources = self._graph.sources(value)
        return bool(sources) and all(source.kind == kinds.VPC_ENDPOINT for source in sources)

    def _add(self, value: Known[str] | Unknown, what: str) -> None:
        if isinstance(value, Known) and is_range(value.value):
            self.cidrs.append(value.value)
        elif isinstance(value, Known):
            self.open.append(f"{what}, which is not in CIDR form")
        elif not self._narrow(value):
            self.open.append(f"{what}, {self._graph.describe(value)}")

    def _narrow(self, unknown: Unknown) -> bool:
        sources = self._graph.sources(unknown)
        return bool(sources) and all(source.kind in _NARROW for source in sources)


def _public(cidrs: Sequence[str], config: Config) -> bool:
    return bool(cidrs) and coverage(tuple(cidrs)) >= config[PUBLIC_COVERAGE]


def _each(block: Record, key: str) -> Iterable[Known[str] | Unknown]:
    values = block.items(key)
    if isinstance(values, Unknown):
        yield values
    elif isinstance(values, Known):
        yield from values.value.texts()


def protocol_of(block: Record) -> str | None:
    """The protocol of a rule, spelled one way; None when it is unknown."""
    for key in ("protocol", "ipProtocol"):
        value = block.text(key)
        if isinstance(value, Unknown):
            return None
        if not isinstance(value, Absent):
            return _PROTOCOLS.get(value.value, value.value.lower())
    return "all"


def ports_of(block: Record, protocol: str | None) -> tuple[int, int] | None:
    """First and last port of a rule; None when they are unknown or the protocol has none."""
    if protocol == "all":
        return ALL_PORTS
    low, high = or_default(block.number("fromPort"), 0), or_default(block.number("toPort"), ALL_PORTS[1])
    if isinstance(low, Unknown) or isinstance(high, Unknown) or protocol not in WITH_PORTS:
        return None
    return (low.value, high.value) if low.value >= 0 else ALL_PORTS
