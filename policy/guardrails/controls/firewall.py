"""Who may knock at which port, read from the union of all rules of a group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from guardrails import kinds
from guardrails.addresses import coverage, is_everything, is_whole
from guardrails.exposed import listed, opened
from guardrails.firewall import WITH_PORTS, Firewall, Probe, Rule, Test, exposure, probes
from guardrails.graph import Node
from guardrails.holders import BALANCERS, STORES, groups_of, named_groups
from guardrails.parameters import PREFIX_LISTS, PUBLIC_COVERAGE, PUBLIC_PORTS
from guardrails.verdicts import BASELINE, HOLDS, Control, Family, Finding, Scope, Severity, View, breaks, waits

from . import acls, groups


def _tests(tcp: Iterable[int], udp: Iterable[int]) -> dict[str, Test]:
    asked = [*(Probe("tcp", port) for port in tcp), *(Probe("udp", port) for port in udp)]
    return {str(probe): probe.passes for probe in asked}


ADMIN = _tests(tcp=(22, 23, 139, 445, 3389, 5985, 5986), udp=(3389,))
"""SSH, Telnet, SMB, RDP, WinRM."""

_DB_PORTS = (
    1433, 1521, 2181, 2484, 3306, 5432, 5439, 5671, 5672, 6379, 6380, 7000, 7001, 7199, 7473, 7474, 7687, 8111, 8182,
    9042, 9092, 9094, 9096, 9098, 9111, 9142, 9200, 9300, 11211, 26257, 27017, 27018, 27019, 50000, 61616, 61617,
)  # fmt: skip
DATABASE = _tests(tcp=_DB_PORTS, udp=(1434, 11211))
"""Relational and document databases, caches, search, brokers; their documented default ports, 2025-11."""

WIDE = 100
"""A range of more ports than this opens "everything" rather than a service."""


def _sg_no_public_admin_port(node: Node, view: View) -> Iterable[Finding]:
    return opened(node, view, ADMIN, "administration is")


def _sg_no_public_db_port(node: Node, view: View) -> Iterable[Finding]:
    return opened(node, view, DATABASE, "a database is")


def _sg_no_public_all_ports(node: Node, view: View) -> Iterable[Finding]:
    return opened(node, view, {"all ports, or nearly all": _is_wide}, "everything is")


def _is_wide(rule: Rule) -> bool | None:
    if rule.protocol == "all":
        return True
    if rule.protocol is not None and rule.protocol not in WITH_PORTS:
        return False
    return None if rule.ports is None else rule.ports[1] - rule.ports[0] + 1 > WIDE


def _sg_split_cidr(node: Node, view: View) -> Iterable[Finding]:
    firewall: Firewall = view.graph.shared(Firewall)
    rules = firewall.rules(*firewall.family(node))
    doubts: list[str] = []
    for probe in probes(rules, view.config[PUBLIC_PORTS]):
        found = exposure(rules, probe.passes, view.config)
        if found.cidrs and not _says_so(found.cidrs):
            share = f"{coverage(found.cidrs):.0%} of the public addresses"
            path = dict.fromkeys((node.label, *(rule.node.label for rule in found.rules)))
            says = f"no source is a /0, but together they are {share} for {probe}: {listed(found.cidrs)}"
            yield breaks(says, *path)
            return
        doubts += found.waits_for
        if not any(is_everything(cidr) for cidr in found.cidrs):
            doubts += [reason for rule in found.rules for reason in rule.unknown_sources(view.config)]
    yield waits(listed(dict.fromkeys(doubts)), node.label) if doubts else HOLDS


def _says_so(cidrs: Sequence[str]) -> bool:
    """Whether a source says by itself that it is the internet: a /0, or the only one there is and as wide."""
    return any(is_everything(cidr) for cidr in cidrs) or (len(cidrs) == 1 and is_whole(cidrs[0]))


def _db_sg_not_internet_reachable(store: Node, view: View) -> Iterable[Finding]:
    firewall: Firewall = view.graph.shared(Firewall)
    members = groups_of(store, firewall)
    walk = _Walk(firewall, view)
    found = walk.violation([(group, (store.label,)) for group in members.sure])
    if found is not None:
        yield found
        return
    possible = [_Walk(firewall, view).violation([(group, (store.label,))]) for group in members.maybe]
    bad = [finding for finding in possible if finding is not None]
    if len(bad) > len(members.maybe) - members.slots:
        yield bad[0]
        return
    if bad or members.outside or members.waits_for is not None:
        walk.doubt(f"its security groups: {members.missing}", (store.label,))
    elif not members.sure and not members.maybe:
        walk.doubt("its security groups: none is set, so the default group of the VPC holds", (store.label,))
    yield waits(*walk.doubts[0]) if walk.doubts else HOLDS


_Step = tuple[Node, tuple[str, ...]]


class _Walk:
    """From a group to the groups that it lets in, to the groups that those let in, until the world or nobody.

    `doubts` keeps what could not be known on the way, as arguments of `waits`. Sure joins are walked to their end
    before possible ones, so that a group is never first seen through a doubt.
    """

    def __init__(self, firewall: Firewall, view: View) -> None:
        self.doubts: list[tuple[str, ...]] = []
        self._firewall = firewall
        self._view = view
        self._seen: set[str] = set()
        self._balancers = [named_groups(node, "securityGroups", firewall) for node in view.graph.of(*BALANCERS)]

    def violation(self, start: Sequence[_Step]) -> Finding | None:
        """The first way from the world to where the walk starts. Paths of `start` have one step: the store."""
        steps, possible = list(start), list[_Step]()
        found = self._follow(steps, possible)
        if self._follow(possible, possible) is not None:
            group, path = possible[0]
            self.doubt(f"whether {group.label} is a source of {path[-1]}", path)
        return found

    def doubt(self, reason: str, path: tuple[str, ...]) -> None:
        """Remembers what cannot be known yet."""
        self.doubts.append((reason, *path))

    def _follow(self, steps: list[_Step], possible: list[_Step]) -> Finding | None:
        for group, path in steps:  # grows while it is walked
            first = len(path) == 1
            if group.urn in self._seen or (not first and any(group in found.sure for found in self._balancers)):
                continue
            self._seen.add(group.urn)
            here = (*path, group.label)
            rules = self._firewall.rules(*self._firewall.declarers(group))
            if (finding := self._world(group, rules, here, first)) is not None:
                return finding
            for rule in rules:
                steps += [(source, here) for source in rule.groups.sure]
                possible += [(source, here) for source in rule.groups.maybe]
                if rule.groups.outside or rule.groups.waits_for is not None:
                    self.doubt(f"the source group of {rule.node.label}: {rule.groups.missing}", here)
            for node in self._firewall.unjoined(group):
                self.doubt(f"whether {node.label} belongs to {group.label}", here)
        return None

    def _world(self, group: Node, rules: Sequence[Rule], here: tuple[str, ...], first: bool) -> Finding | None:
        how = "lets the world in" if first else "is let in and itself lets the world in, and is no load balancer's"
        for probe in probes(rules):
            found = exposure(rules, probe.passes, self._view.config)
            for reason in found.waits_for:
                self.doubt(reason, here)
            if found.cidrs and not first and any(balancer.may_include(group) for balancer in self._balancers):
                self.doubt(f"whether {group.label} belongs to a load balancer", here)
            elif found.cidrs:
                return breaks(f"{group.label} {how}: {probe} from {listed(found.cidrs)}", *here, listed(found.cidrs))
        return None


_RULES = (kinds.SECURITY_GROUP, kinds.DEFAULT_SECURITY_GROUP, kinds.SECURITY_GROUP_RULE, kinds.INGRESS_RULE)

_SOURCES = (PUBLIC_COVERAGE, PREFIX_LISTS)

CONTROLS = (
    Control(
        id="sg-no-public-admin-port",
        title="No administration port is open to the world",
        severity=Severity.CRITICAL,
        subjects=_RULES,
        references=(
            "EC2.13",
            "EC2.14",
            "EC2.19",
            "CIS 5.3",
            "CIS 5.4",
            "CIS 5.1.2",
            "CKV_AWS_24",
            "CKV_AWS_25",
            "AWS-0107",
        ),
        why="SSH, RDP, SMB, WinRM and Telnet are tried by machines all day; Session Manager needs no open port.",
        fix="let in a group (referenced_security_group_id, inline security_groups) or a private range (cidr_ipv4,"
        " inline cidr_blocks), or drop the rule and use Session Manager",
        judge=_sg_no_public_admin_port,
        parameters=_SOURCES,
        own_packs=(BASELINE,),
    ),
    Control(
        id="sg-no-public-db-port",
        title="No database, cache or broker port is open to the world",
        severity=Severity.CRITICAL,
        subjects=_RULES,
        references=("EC2.19", "AwsSolutions-RDS8"),
        why="A store that answers the internet is found within hours, and its password is all that is left.",
        fix="let in the group of the service that uses it (referenced_security_group_id, inline security_groups)",
        judge=_sg_no_public_db_port,
        parameters=_SOURCES,
        own_packs=(BASELINE,),
    ),
    Control(
        id="sg-no-public-all-ports",
        title="Not all ports are open to the world",
        severity=Severity.CRITICAL,
        subjects=_RULES,
        references=("EC2.18", "CKV_AWS_277", "AwsSolutions-EC23"),
        why=f"Protocol -1 or more than {WIDE} ports at once opens whatever somebody starts there later.",
        fix='set ip_protocol="tcp" with from_port and to_port of the one service, and a narrower source',
        judge=_sg_no_public_all_ports,
        parameters=_SOURCES,
        own_packs=(BASELINE,),
    ),
    Control(
        id="sg-split-cidr",
        title="Sources do not add up to the internet",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=_RULES,
        why="Two halves of the internet are the internet; checks that look for 0.0.0.0/0 do not see them.",
        fix="replace the ranges by the networks or groups that are meant, or name the port in allowedPublicPorts",
        judge=_sg_split_cidr,
        parameters=(*_SOURCES, PUBLIC_PORTS),
        own_packs=(BASELINE,),
    ),
    Control(
        id="db-sg-not-internet-reachable",
        title="No chain of security groups leads from the world to a data store, except through a load balancer",
        severity=Severity.CRITICAL,
        scope=Scope.GRAPH,
        subjects=tuple(STORES),
        references=("AwsSolutions-RDS8",),
        why="A group that the database lets in is as exposed as whoever that group lets in.",
        fix="let in only groups of services, and let the world only into the group of a load balancer",
        judge=_db_sg_not_internet_reachable,
        parameters=_SOURCES,
        own_packs=(BASELINE,),
    ),
)
FAMILY = Family("sg", "Security groups and network ACLs", (*CONTROLS, *groups.CONTROLS, *acls.CONTROLS))
