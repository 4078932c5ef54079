"""Network ACLs: what the numbered rules of two subnets let through, there and back.

They keep no state, so the answer to a packet must be let back too, on the ports that clients choose for themselves
(1024 to 65535; VPC User Guide, "Ephemeral ports", 2025-11). A subnet without an ACL of the program has AWS's, which
lets everything through.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from preflight.reach.addresses import is_public, network
from preflight.reach.answers import Answer
from preflight.reach.firewall import PROTOCOLS, VPCS
from preflight.reach.graph import Graph, Node, known
from preflight.reach.routes import SUBNETS, Network

_ACL = "aws:ec2/networkAcl:NetworkAcl"
_DEFAULT = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
_RULE = "aws:ec2/networkAclRule:NetworkAclRule"
_ASSOCIATION = "aws:ec2/networkAclAssociation:NetworkAclAssociation"
_CHOSEN = (1024, 65535)
_WORLD = "0.0.0.0/0"

Ports = tuple[int, int]


class _Rule(NamedTuple):
    """One rule. None: not known."""

    number: float
    allow: bool | None
    protocol: str | None
    ports: Ports | None
    cidr: str | None

    def covers(self, protocol: str, ports: Ports, cidr: str) -> bool | None:
        """Whether it speaks of all such packets; None when of some, or when that is not known."""
        if self.protocol is not None and self.protocol not in {"all", protocol} and protocol != "all":
            return False
        mine, asked = network(self.cidr) if self.cidr else None, network(cidr)
        if mine is not None and asked is not None and (mine.version != asked.version or not mine.overlaps(asked)):
            return False
        if cidr == _WORLD and self.cidr and not is_public(self.cidr):
            return False
        every = self.protocol == "all"
        part = protocol == "all" and not every
        if not every and not part and self.ports is not None and (ports[1] < self.ports[0] or self.ports[1] < ports[0]):
            return False
        if part or self.protocol is None or mine is None or asked is None or (not every and self.ports is None):
            return None
        wide = every or (self.ports is not None and self.ports[0] <= ports[0] and ports[1] <= self.ports[1])
        return True if wide and asked.subnet_of(mine) else None  # type: ignore[arg-type] # of one version, see above


class Acls:
    """The ACLs of all subnets of a graph."""

    def __init__(self, graph: Graph, network: Network) -> None:
        self._graph, self._network = graph, network
        self._of: dict[str, Node] = {}
        self._doubt = bool(graph.loose(_ASSOCIATION, "subnetId") or graph.loose(_ASSOCIATION, "networkAclId"))
        self._rules: dict[tuple[str, bool], list[_Rule]] = {}
        for acl in graph.all(_ACL):
            for urn in self._under(acl):
                self._of[urn] = acl
        for acl in graph.all(_DEFAULT):
            owners = graph.link(acl, "defaultNetworkAclId", *VPCS).nodes
            named = {node.urn for node in graph.link(acl, "subnetIds", *SUBNETS).nodes}
            for subnet in graph.all(*SUBNETS):
                if subnet.urn in named or network.vpc(subnet) in owners:
                    self._of.setdefault(subnet.urn, acl)
        self._none = not self._of and not self._doubt

    def between(self, one: Sequence[str], other: Sequence[str], ports: Sequence[int], protocol: str = "tcp") -> Answer:
        """Whether packets get from some subnets to others and back; without ports: to any at all."""
        if self._none:
            return Answer(True)
        asked = [(port, port) for port in ports] or [_CHOSEN]
        answers = [
            self._there_and_back(source, target, port, protocol)
            for source in one
            for target in other
            for port in asked
            if source != target  # inside of a subnet no ACL is asked
        ]
        return self._sum(answers, [*one, *other])

    def outward(self, subnets: Sequence[str], port: int | None) -> Answer:
        """Whether packets get from subnets to the internet and answers back."""
        if self._none:
            return Answer(True)
        ports = (port, port) if port is not None else (443, 443)
        answers = [
            _all(self._let(urn, True, "tcp", ports, _WORLD), self._let(urn, False, "tcp", _CHOSEN, _WORLD))
            for urn in subnets
        ]
        return self._sum(answers, subnets)

    def inward(self, subnets: Sequence[str], protocol: str, port: int | Ports | None) -> Answer:
        """Whether packets get from the internet to subnets and answers back, on two ports and all between them; of
        protocol `all` whether everything does."""
        if self._none:
            return Answer(True)
        ports = port if isinstance(port, tuple) else (port, port) if port is not None else (1024, 1024)
        answers = [
            _all(self._let(urn, False, protocol, ports, _WORLD), self._let(urn, True, protocol, _CHOSEN, _WORLD))
            for urn in subnets
        ]
        return self._sum(answers, subnets)

    def _there_and_back(self, source: str, target: str, ports: Ports, protocol: str) -> bool | None:
        from_cidr, to_cidr = self._cidr(source), self._cidr(target)
        if from_cidr is None or to_cidr is None:
            return None if self._of.get(source) or self._of.get(target) or self._doubt else True
        return _all(
            self._let(source, True, protocol, ports, to_cidr),
            self._let(target, False, protocol, ports, from_cidr),
            self._let(target, True, protocol, _CHOSEN, from_cidr),
            self._let(source, False, protocol, _CHOSEN, to_cidr),
        )

    def _cidr(self, urn: str) -> str | None:
        node = self._graph.at(urn)
        return next(iter(self._network.cidrs(node)), None) if node else None

    def _sum(self, answers: Sequence[bool | None], subnets: Sequence[str]) -> Answer:
        if all(answer is True for answer in answers):
            return Answer(True)
        names = ", ".join(sorted({acl.name for urn in subnets if (acl := self._of.get(urn))}))
        if all(answer is False for answer in answers):
            return Answer(False, why=f"the network ACL {names} does not let it through")
        return Answer(
            None, why=f"whether the network ACL {names} lets all of it through is not known".replace("  ", " ")
        )

    def _let(self, urn: str, out: bool, protocol: str, ports: Ports, cidr: str) -> bool | None:
        acl = self._of.get(urn)
        if acl is None:
            return None if self._doubt else True
        said: set[bool | None] = set()
        for rule in self._read(acl, out):
            covers = rule.covers(protocol, ports, cidr)
            if covers is not False:
                said.add(rule.allow)
            if covers:
                break
        else:
            said.add(False)  # what no rule lets through is refused
        return said.pop() if len(said) == 1 else None  # None: some of it is let through

    def _read(self, acl: Node, out: bool) -> list[_Rule]:
        if (acl.urn, out) not in self._rules:
            given = acl.inputs.get("egress" if out else "ingress")
            blocks = list(given) if isinstance(given, list) else [] if given is None else [given]
            owned = self._graph.owned(acl, _RULE, "networkAclId")
            blocks += [rule.inputs for rule in owned if (rule.inputs.get("egress") is True) == out]
            blocks += [None] * len(self._graph.loose(_RULE, "networkAclId"))
            self._rules[acl.urn, out] = sorted((_rule(block) for block in blocks), key=lambda rule: rule.number)
        return self._rules[acl.urn, out]

    def _under(self, acl: Node) -> Iterator[str]:
        for node in self._graph.link(acl, "subnetIds", *SUBNETS).nodes:
            yield node.urn
        for association in self._graph.owned(acl, _ASSOCIATION, "networkAclId"):
            for node in self._graph.link(association, "subnetId", *SUBNETS).nodes:
                yield node.urn


def _rule(block: Any) -> _Rule:
    """A block that is not known stands before all others and may say anything."""
    if not isinstance(block, Mapping) or not known(block):
        return _Rule(-1, None, None, None, None)
    number = block.get("ruleNo", block.get("ruleNumber"))
    action = block.get("action", block.get("ruleAction"))
    protocol = block.get("protocol")
    named = str(protocol).lower() if isinstance(protocol, str | int) else None
    low, high = block.get("fromPort"), block.get("toPort")
    cidr = block.get("cidrBlock") or block.get("ipv6CidrBlock")
    return _Rule(
        number=float(number) if isinstance(number, int | float) else -1,
        allow=action.lower() == "allow" if isinstance(action, str) else None,
        protocol=PROTOCOLS.get(named, named) if named is not None else None,
        ports=(int(low), int(high)) if isinstance(low, int | float) and isinstance(high, int | float) else None,
        cidr=cidr if isinstance(cidr, str) else None,
    )


def _all(*answers: bool | None) -> bool | None:
    return False if False in answers else None if None in answers else True
