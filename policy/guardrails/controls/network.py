"""Where databases live, and what a VPC does for those who forget to say."""

from __future__ import annotations

from collections.abc import Iterable

from guardrails import kinds, placement
from guardrails.firewall import Firewall
from guardrails.graph import Node
from guardrails.joins import DB_SUBNET_GROUP
from guardrails.network import VPCS, Network
from guardrails.parameters import PUBLIC_COVERAGE
from guardrails.reading import Absent
from guardrails.verdicts import BASELINE, HOLDS, Control, Family, Finding, Scope, Severity, View, breaks, waits

from . import tiers

_SUBNET_GROUPS = (
    kinds.DB_SUBNET_GROUP, kinds.DOCDB_SUBNET_GROUP, kinds.NEPTUNE_SUBNET_GROUP, kinds.REDSHIFT_SUBNET_GROUP,
)  # fmt: skip
_WITHOUT_GROUP = (kinds.REDSHIFT_WORKGROUP, kinds.SEARCH_DOMAIN, kinds.ELASTICSEARCH_DOMAIN)
"""Those that name their subnets themselves."""
_COPIES = ("replicateSourceDb", "replicationSourceIdentifier")


def _db_subnet_not_public(node: Node, view: View) -> Iterable[Finding]:
    if node.kind in _SUBNET_GROUPS:
        least = 1 if node.kind == kinds.REDSHIFT_SUBNET_GROUP else 2
        says = "of a database subnet group routes to the internet"
        yield from placement.judge(node, placement.places(node, view), placement.public(view), says, least=least)
    elif node.kind in _WITHOUT_GROUP:
        found = placement.places(node, view)
        if found.said:
            says = "of a data store routes to the internet"
            yield from placement.judge(node, found, placement.public(view), says)
        elif node.kind == kinds.REDSHIFT_WORKGROUP:
            yield placement.in_default_vpc(node, view, "without subnets")
        else:
            yield HOLDS  # a search domain outside of any VPC: `search-policy-not-public`
    elif any(not isinstance(node.props.text(key), Absent) for key in _COPIES):
        yield HOLDS
    else:
        yield placement.through_group(node, view, "dbSubnetGroupName", DB_SUBNET_GROUP)


def _main_route_table_no_igw(vpc: Node, view: View) -> Iterable[Finding]:
    network: Network = view.graph.shared(Network)
    leads = network.leads_from_main(vpc, view.config)
    if leads.path:
        yield breaks("every subnet without an association of its own routes to the internet", vpc.label, *leads.path)
    elif leads.waits_for is not None:
        yield waits(leads.waits_for, vpc.label)
    else:
        yield HOLDS


def _default_sg_closed(vpc: Node, view: View) -> Iterable[Finding]:
    firewall: Firewall = view.graph.shared(Firewall)
    managers = firewall.default_groups.of(vpc)
    if not managers:
        loose = firewall.default_groups.maybe(vpc)
        if loose:
            yield waits(f"whether {loose[0].label} is for this VPC", vpc.label)
        else:
            says = "its default security group keeps the rules that AWS gives it: all traffic within, all traffic out"
            yield breaks(says, vpc.label)
        return
    declarers = firewall.declarers(managers[0])
    rules = [rule for ingress in (True, False) for rule in firewall.rules(*declarers, ingress=ingress)]
    if any(rule.protocol is not None or rule.cidrs for rule in rules):
        named = dict.fromkeys((managers[0].label, *(rule.node.label for rule in rules)))
        yield breaks("its default security group has rules", vpc.label, *named)
    elif rules:
        yield waits(rules[0].open[0] if rules[0].open else "its rules", vpc.label, managers[0].label)
    elif unjoined := firewall.unjoined(managers[0]):
        yield waits(f"whether {unjoined[0].label} belongs to {managers[0].label}", vpc.label)
    else:
        yield HOLDS


CONTROLS = (
    Control(
        id="db-subnet-not-public",
        title="No subnet of a database, warehouse or search domain routes to an internet gateway",
        severity=Severity.CRITICAL,
        scope=Scope.GRAPH,
        subjects=(*_SUBNET_GROUPS, *_WITHOUT_GROUP, kinds.DB_INSTANCE, kinds.DB_CLUSTER),
        references=("RDS.46",),
        why="A database in such a subnet is one changed flag or rule away from the internet.",
        fix="give the subnet an ec2.RouteTableAssociation to a table without a route to an InternetGateway",
        judge=_db_subnet_not_public,
        parameters=(PUBLIC_COVERAGE,),
        own_packs=(BASELINE,),
    ),
    Control(
        id="main-route-table-no-igw",
        title="The main route table of a VPC has no default route to an internet gateway",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=VPCS,
        why="Every subnet without an association uses it, so a forgotten association makes a subnet public.",
        fix="put the route into an ec2.RouteTable of its own and associate the public subnets with it",
        judge=_main_route_table_no_igw,
        parameters=(PUBLIC_COVERAGE,),
        own_packs=(BASELINE,),
    ),
    Control(
        id="default-sg-closed",
        title="Every VPC has a DefaultSecurityGroup without rules",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=VPCS,
        references=("EC2.2", "CIS 5.5", "CKV2_AWS_12"),
        why="Whatever is launched without a group gets the default one, and AWS's own rules open that.",
        fix="add ec2.DefaultSecurityGroup(vpc_id=vpc.id) with neither ingress nor egress",
        judge=_default_sg_closed,
        own_packs=(BASELINE,),
    ),
)
FAMILY = Family("network", "Networks", (*CONTROLS, *tiers.CONTROLS))
