"""Security groups: the rules of each, in one form whichever way they were written, and what two groups let through.

Inline blocks, `SecurityGroupRule`, `SecurityGroupIngressRule` and `SecurityGroupEgressRule` are read alike. A group has
no way out unless a rule gives it one (the provider removes AWS's own); the default group of a VPC that nobody manages
has AWS's rules: everything out, in from itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from preflight.reach.addresses import is_public, is_world, meets
from preflight.reach.answers import Answer
from preflight.reach.graph import Graph, Link, Node, known, maps, texts

GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
VPCS = ("aws:ec2/vpc:Vpc", "aws:ec2/defaultVpc:DefaultVpc")
GROUPS = (GROUP, DEFAULT_GROUP)
_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
_INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_PREFIX_LIST = "aws:ec2/managedPrefixList:ManagedPrefixList"
_PREFIX_ENTRY = "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"
PROTOCOLS = {"-1": "all", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
_WITH_PORTS = ("tcp", "udp")
_ALL = (0, 65535)

Ports = tuple[int, int]


class Rule(NamedTuple):
    """One permission. `protocol` or `ports` None: not known. `open`: there may be other peers than those listed."""

    name: str
    protocol: str | None
    ports: Ports | None
    cidrs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    open: bool = False

    def passes(self, protocol: str, port: int | Ports | None) -> bool | None:
        """Whether such packets pass, with two ports all from the first to the last; port None: any port will do.
        Protocol `all`: whether everything passes."""
        if self.protocol == "all":
            return True
        if self.protocol is None:
            return None
        if self.protocol != protocol:
            return False
        if self.ports is None:
            return None
        if port is None:
            return True
        first, last = port if isinstance(port, tuple) else (port, port)
        return self.ports[0] <= first and last <= self.ports[1]

    def packets(self) -> tuple[str, int | Ports | None]:
        """Protocol and ports of all that it speaks of: of a part, another rule's peers would be taken for its own."""
        if self.protocol in {"all", *_WITH_PORTS} or self.ports is None:
            return self.protocol or "tcp", None if self.protocol == "all" else self.ports
        return self.protocol or "tcp", self.ports[0]

    def spoken_ports(self) -> str:
        """`tcp 443`, `all`."""
        if self.protocol not in _WITH_PORTS:
            return self.protocol or "not known"
        if self.ports is None:
            return f"{self.protocol}, ports not known"
        low, high = self.ports
        return f"{self.protocol} {low}" if low == high else f"{self.protocol} {low}-{high}"


class Place(NamedTuple):
    """Where something stands in a network: its groups (by id where they are somebody else's; then `foreign`), its
    subnets and their ranges. `open`: there may be more than these."""

    groups: tuple[str, ...]
    cidrs: tuple[str, ...]
    vpc: str | None
    groups_open: bool = False
    cidrs_open: bool = False
    subnets: tuple[str, ...] = ()
    foreign: bool = False


class Firewall:
    """The rules of all groups. A group is named by its URN, the unmanaged default group of a VPC by that of the VPC."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._rules: dict[tuple[str, bool], tuple[Rule, ...]] = {}
        self._loose: dict[bool, list[str]] = {}

    def groups(self, link: Link) -> tuple[str, ...]:
        """The groups that a property names, by URN, those of somebody else by id; a VPC in it stands for its default
        group."""
        own = (self.default_group(node) if node.kind in VPCS else node.urn for node in link.nodes)
        return (*own, *link.outside)

    def named(self, node: Node, key: str, value: Any = None) -> Link:
        """The groups that an input names, or the part `value` of it."""
        return self._graph.link(node, key, *GROUPS, *VPCS, value=value)

    def default_group(self, vpc: Node) -> str:
        """The default group of a VPC: what manages it, or the VPC in its place."""
        managers = self._graph.owned(vpc, DEFAULT_GROUP, "vpcId")
        return managers[0].urn if managers else vpc.urn

    def rules(self, group: str, *, ingress: bool) -> tuple[Rule, ...]:
        """The rules of a group in one direction."""
        if (group, ingress) not in self._rules:
            node = self._graph.at(group)
            self._rules[group, ingress] = tuple(self._read(node, ingress)) if node is not None else ()
        return self._rules[group, ingress]

    def loose(self, *, ingress: bool) -> list[str]:
        """Rules of which it is not known which group they belong to."""
        if ingress not in self._loose:
            kind = _INGRESS if ingress else _EGRESS
            found = [*self._graph.loose(kind, "securityGroupId"), *self._graph.loose(_RULE, "securityGroupId")]
            self._loose[ingress] = [node.label for node in found]
        return self._loose[ingress]

    def peer(self, place: Place, *, ingress: bool, protocol: str, port: int | None, other: Place) -> Answer:
        """Whether the groups of `place` let such packets in from `other`, or out to it."""
        rules = [rule for group in place.groups for rule in self.rules(group, ingress=ingress)]
        return self._any(place, rules, ingress, protocol, port, lambda rule: _meets(rule, other))

    def world(
        self, place: Place, *, ingress: bool, protocol: str = "tcp", port: int | Ports | None = None,
        version: int | None = None,
    ) -> Answer:  # fmt: skip
        """Whether they let such packets in from the whole internet, or out to it; `version`: of IPv4 or IPv6 only."""
        rules = [rule for group in place.groups for rule in self.rules(group, ingress=ingress)]
        passing = [rule for rule in rules if rule.passes(protocol, port) is not False]
        cidrs = {cidr for rule in passing for cidr in rule.cidrs if version in {None, 6 if ":" in cidr else 4}}
        together = is_world(cidrs)

        def is_open(rule: Rule) -> bool | None:
            if together and any(is_public(cidr) and cidr in cidrs for cidr in rule.cidrs):
                return True
            return None if rule.open or rule.lists else False

        return self._any(place, rules, ingress, protocol, port, is_open)

    def sources(self, place: Place, protocol: str, port: int | Ports | None, version: int) -> list[str]:
        """The public ranges of IPv4 or IPv6, and the prefix lists, from which they let such packets in."""
        rules = [rule for group in place.groups for rule in self.rules(group, ingress=True)]
        found = [rule for rule in rules if rule.passes(protocol, port)]
        cidrs = {cidr for rule in found for cidr in rule.cidrs if is_public(cidr) and (":" in cidr) == (version == 6)}
        return sorted(cidrs | {f"prefix list {name}" for rule in found for name in rule.lists})

    def _any(
        self, place: Place, rules: Sequence[Rule], ingress: bool, protocol: str, port: int | Ports | None, holds: Any
    ) -> Answer:
        doubts: list[str] = []
        passing: list[str] = []
        for rule in rules:
            passes, peer = rule.passes(protocol, port), holds(rule)
            if passes and peer:
                passing.append(rule.name)
            elif passes is not False and peer is not False:
                doubts.append(f"what {rule.name} lets through")
        if passing:
            return Answer(True, tuple(passing))
        if place.groups_open or place.foreign:
            doubts.append("a security group that is not in this program")
        doubts += [f"the group of {name}" for name in self.loose(ingress=ingress)]
        if doubts:
            return Answer(None, why=f"{'; '.join(dict.fromkeys(doubts))} is not known")
        direction = "in" if ingress else "out"
        spoken = "-".join(map(str, port)) if isinstance(port, tuple) else port
        packet = f"{protocol} {spoken}" if port is not None else protocol
        names = ", ".join(node.name for urn in place.groups if (node := self._graph.at(urn)))
        return Answer(False, why=f"no rule of {names or 'its security groups'} lets {packet} {direction}")

    def _read(self, node: Node, ingress: bool) -> Iterator[Rule]:
        if node.kind in VPCS:
            yield Rule(f"the default group of {node.name}", "all", _ALL, *_default(node, ingress))
            return
        yield from self._inline(node, "ingress" if ingress else "egress")
        owners = [node, *self._vpc_behind(node)]
        for owner in owners:
            for rule in self._graph.owned(owner, _RULE, "securityGroupId"):
                if rule.inputs.get("type") == ("ingress" if ingress else "egress"):
                    yield self._rule(rule, rule.inputs, node, ("cidrBlocks", "ipv6CidrBlocks"), "prefixListIds")
            for rule in self._graph.owned(owner, _INGRESS if ingress else _EGRESS, "securityGroupId"):
                yield self._rule(rule, rule.inputs, node, ("cidrIpv4", "cidrIpv6"), "prefixListId")

    def _vpc_behind(self, node: Node) -> list[Node]:
        """Of a managed default group: its VPC, as rules may name the group by an output of that."""
        return list(self._graph.link(node, "vpcId", *VPCS).nodes) if node.kind == DEFAULT_GROUP else []

    def _inline(self, node: Node, key: str) -> Iterator[Rule]:
        given = node.inputs.get(key)
        for block in given if isinstance(given, list) else [given]:
            if isinstance(block, Mapping) and known(block):
                rule = self._rule(node, block, node, ("cidrBlocks", "ipv6CidrBlocks"), "prefixListIds", key)
                yield rule
            elif block is not None:
                yield Rule(f"the {key} rules of {node.name}", None, None, open=True)

    def _rule(
        self, node: Node, block: Mapping[str, Any], group: Node, ranges: tuple[str, str], lists: str, key: str = ""
    ) -> Rule:
        cidrs = [each for name in ranges for each in texts(block.get(name))]
        peers: list[str] = []
        doubt = None in cidrs
        for name in ("sourceSecurityGroupId", "referencedSecurityGroupId", "securityGroups"):
            if block.get(name) is not None:
                found = self.named(node, key or name, block[name])
                peers += self.groups(found)
                doubt |= found.open
        if block.get("self") is True:
            peers.append(group.urn)
        named = [each for each in texts(block.get(lists)) if each is not None]
        inside, outside = self._prefixes(named)
        doubt |= None in texts(block.get(lists))
        protocol = _protocol(block)
        name = group.name if key else node.name
        known_cidrs = [each for each in cidrs if each is not None] + inside
        return Rule(
            name, protocol, _ports(block, protocol), tuple(known_cidrs), tuple(peers), tuple(outside), bool(doubt)
        )

    def _prefixes(self, names: Iterable[str]) -> tuple[list[str], list[str]]:
        """The ranges of the program's own prefix lists, and the lists that others own."""
        inside: list[str] = []
        outside: list[str] = []
        for name in names:
            node = self._graph.find(name, _PREFIX_LIST)
            if node is None:
                outside.append(name)
                continue
            blocks = [block.get("cidr") for block in maps(node.inputs.get("entries"))]
            blocks += [entry.inputs.get("cidr") for entry in self._graph.owned(node, _PREFIX_ENTRY, "prefixListId")]
            inside += [cidr for cidr in blocks if isinstance(cidr, str)]
        return inside, outside


def _default(vpc: Node, ingress: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return ((), (vpc.urn,)) if ingress else (("0.0.0.0/0", "::/0"), ())


def _meets(rule: Rule, other: Place) -> bool | None:
    """Whether a rule's peers are among the groups and ranges of a place."""
    if set(rule.groups) & set(other.groups) or any(meets(cidr, own) for cidr in rule.cidrs for own in other.cidrs):
        return True
    everywhere = any(cidr in {"0.0.0.0/0", "::/0"} for cidr in rule.cidrs)
    if everywhere and not other.cidrs:
        return True  # wherever it stands
    if rule.open or rule.lists or (rule.groups and other.groups_open) or (rule.cidrs and other.cidrs_open):
        return None
    return False


def _protocol(block: Mapping[str, Any]) -> str | None:
    given = block.get("protocol", block.get("ipProtocol"))
    if given is None:
        return "all"
    text = str(given).lower() if isinstance(given, str | int) else None
    return None if text is None else PROTOCOLS.get(text, text)


def _ports(block: Mapping[str, Any], protocol: str | None) -> Ports | None:
    low, high = block.get("fromPort"), block.get("toPort")
    if protocol == "all" or (low is None and high is None) or low == -1:
        return _ALL
    try:
        return int(low if low is not None else 0), int(high if high is not None else _ALL[1])
    except (TypeError, ValueError):
        return None
