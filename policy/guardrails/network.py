"""Routes in one form, and the one question that matters: does a subnet's table lead to the internet.

Explicit association, main table by association, and the implicit main table are resolved; inline routes, `Route` and
`DefaultRouteTable` are read alike. A table leads to the internet when the destinations that it sends to an internet
gateway cover a configured share of the public addresses: 0.0.0.0/0, ::/0, or two halves of either.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from . import kinds
from .addresses import coverage, is_range
from .config import Config
from .graph import Companions, Graph, Members, Node, Reference
from .joins import SUBNET, VPC
from .parameters import PUBLIC_COVERAGE
from .prefix_lists import PREFIX_LIST, contents
from .reading import Absent, Items, Known, Record, Unknown, Value

VPCS = (kinds.VPC, kinds.DEFAULT_VPC)
_MAIN_TABLE = Reference(dict.fromkeys(VPCS, ("mainRouteTableId", "defaultRouteTableId")))
_TABLE = Reference(
    {kinds.ROUTE_TABLE: ("id",), kinds.DEFAULT_ROUTE_TABLE: ("id",), **_MAIN_TABLE.kinds},
    through=dict.fromkeys(
        (kinds.ROUTE_TABLE_ASSOCIATION, kinds.MAIN_ROUTE_TABLE_ASSOCIATION, kinds.ROUTE), "routeTableId"
    ),
)
_GATEWAY = Reference(
    {kinds.INTERNET_GATEWAY: ("id",), kinds.VPN_GATEWAY: ("id",), kinds.VPC_ENDPOINT: ("id",)},
    through={
        kinds.INTERNET_GATEWAY_ATTACHMENT: "internetGatewayId",
        kinds.VPN_GATEWAY_ATTACHMENT: "vpnGatewayId",
    },
)
_OTHER_TARGETS = (
    "natGatewayId", "networkInterfaceId", "transitGatewayId", "vpcPeeringConnectionId", "vpcEndpointId",
    "egressOnlyGatewayId", "carrierGatewayId", "coreNetworkArn", "localGatewayId", "odbNetworkArn",
)  # fmt: skip
_DESTINATIONS = ("cidrBlock", "ipv6CidrBlock", "destinationCidrBlock", "destinationIpv6CidrBlock")


class Leads(NamedTuple):
    """Whether something leads to the internet: `path` if it does, `waits_for` if that is not known, neither if not.

    `route` is the resource that declares the route to the gateway.
    """

    path: tuple[str, ...] = ()
    route: Node | None = None
    waits_for: str | None = None


class _Hop(NamedTuple):
    """A route to an internet gateway, or one that may be when it waits for something; `cidr` None: not known."""

    node: Node
    cidr: str | None
    gateway: str
    waits_for: str | None


class Network:
    """The route tables of a graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._hops: dict[str, tuple[_Hop, ...]] = {}

    def subnets(self, value: Value[Items]) -> Members:
        """The subnets that a list names."""
        return self._graph.members(value, SUBNET)

    def leads_from(self, subnet: Node, config: Config) -> Leads:
        """Whether traffic from the subnet can go straight to the internet, and so the internet to it."""
        associations = self._graph.companions(kinds.ROUTE_TABLE_ASSOCIATION, "subnetId", SUBNET)
        return self._by_companions(associations, subnet, config) or self._implicit(subnet, associations, config)

    def declarers(self, subnet: Node) -> tuple[Node, ...]:
        """Everything that is known to declare routes of the subnet's table."""
        associations = self._graph.companions(kinds.ROUTE_TABLE_ASSOCIATION, "subnetId", SUBNET).of(subnet)
        named = [self._graph.link(found.props.text("routeTableId"), _TABLE).one for found in associations]
        if not associations:
            vpc = self._graph.link(subnet.props.text("vpcId"), VPC).one
            named = [vpc]
            for found in (
                self._graph.companions(kinds.MAIN_ROUTE_TABLE_ASSOCIATION, "vpcId", VPC).of(vpc) if vpc else ()
            ):
                named.append(self._graph.link(found.props.text("routeTableId"), _TABLE).one)
        owners = [self._owner(table) for table in named if table is not None]
        owners += [manager for owner in owners for manager in self._managers.of(owner)]
        routes = self._graph.companions(kinds.ROUTE, "routeTableId", _TABLE)
        return (*owners, *(route for owner in owners for route in routes.of(owner)))

    def loose_routes(self) -> tuple[Node, ...]:
        """Routes that could turn out to belong to another table than is seen."""
        return tuple(node for node, _ in self._graph.companions(kinds.ROUTE, "routeTableId", _TABLE).loose)

    def leads_from_main(self, vpc: Node, config: Config) -> Leads:
        """Whether the table of every subnet without an association leads to the internet."""
        replaced = self._graph.companions(kinds.MAIN_ROUTE_TABLE_ASSOCIATION, "vpcId", VPC)
        found = self._by_companions(replaced, vpc, config)
        return found or _unless_placed(self._from_table(vpc, config), replaced, vpc)

    def leads_from_default_vpc(self, config: Config) -> Leads:
        """Whether all subnets that AWS made with the adopted default VPC lead to the internet; nothing if unadopted."""
        subnets = self._graph.of(kinds.DEFAULT_SUBNET)
        found = [self.leads_from(subnet, config) for subnet in subnets]
        found += [self.leads_from_main(vpc, config) for vpc in self._graph.of(kinds.DEFAULT_VPC) if not subnets]
        return found[0] if found and all(leads.path for leads in found) else Leads()

    def _by_companions(self, associations: Companions, node: Node, config: Config) -> Leads | None:
        found = [self._by_association(association, config) for association in associations.of(node)]
        return _worst(found) if found else None

    def _by_association(self, association: Node, config: Config) -> Leads:
        named = association.props.text("routeTableId")
        tables = self._graph.link(named, _TABLE)
        if tables.one is not None:
            found = self._from_table(self._owner(tables.one), config)
        elif isinstance(named, Known) and (hops := self._hops_in_foreign(named.value, config)):
            found = Leads(("a route table of another stack", hops[0].node.label, hops[0].gateway), hops[0].node)
        else:
            found = Leads(waits_for=f"the route table behind {association.label}: {tables.missing}")
        return Leads((association.label, *found.path), found.route) if found.path else found

    def _hops_in_foreign(self, table: str, config: Config) -> list[_Hop]:
        """The routes to the internet that this program adds to a table which it does not define itself."""
        routes = (node for node in self._graph.of(kinds.ROUTE) if node.props.text("routeTableId") == Known(table))
        hops = [hop for node in routes for hop in self._hops_of(node) if hop.waits_for is None]
        return hops if _covers(hops, config) else []

    def _implicit(self, subnet: Node, associations: Companions, config: Config) -> Leads:
        vpc = self._graph.link(subnet.props.text("vpcId"), VPC)
        if vpc.one is not None:
            main = self.leads_from_main(vpc.one, config)
        elif subnet.kind == kinds.DEFAULT_SUBNET:
            main = Leads(("main route table of the default VPC", "internet gateway that AWS made with it"), subnet)
        else:
            main = Leads(waits_for=f"the main route table of the VPC of {subnet.label}: {vpc.missing}")
        return _unless_placed(main, associations, subnet)

    def _from_table(self, table: Node, config: Config) -> Leads:
        """`table` is a route table; a VPC stands for the table that AWS made with it."""
        owners = (table, *self._managers.of(table))
        routes = self._graph.companions(kinds.ROUTE, "routeTableId", _TABLE)
        declared = [*owners, *(route for owner in owners for route in routes.of(owner))]
        hops = [hop for node in declared for hop in self._hops_of(node)]
        may_manage = [node for owner in owners for node in self._managers.maybe(owner)]
        may_declare = [node for owner in (*owners, *may_manage) for node in (*routes.maybe(owner), *routes.of(owner))]
        loose = {node.urn: node for node in (*may_manage, *may_declare) if node not in declared}
        name = table.label if table.kind not in VPCS else f"main route table of {table.label}"
        sure = [hop for hop in hops if hop.waits_for is None]
        if _covers(sure, config):
            through = [hop.node.label for hop in sure if hop.node not in owners]
            return Leads((name, *dict.fromkeys(through), sure[0].gateway), sure[0].node)
        if _covers(hops, config):
            return Leads(waits_for=next(hop.waits_for for hop in hops if hop.waits_for is not None))
        hops += [hop for node in loose.values() for hop in self._hops_of(node)]
        if _covers(hops, config):
            return Leads(waits_for=f"whether {', '.join(node.label for node in loose.values())} belongs to {name}")
        return Leads()

    @property
    def _managers(self) -> Companions:
        """Which `DefaultRouteTable` manages the table that AWS made with which VPC."""
        return self._graph.companions(kinds.DEFAULT_ROUTE_TABLE, "defaultRouteTableId", _MAIN_TABLE)

    def _owner(self, table: Node) -> Node:
        if table.kind != kinds.DEFAULT_ROUTE_TABLE:
            return table
        return self._graph.link(table.props.text("defaultRouteTableId"), _MAIN_TABLE).one or table

    def _hops_of(self, node: Node) -> tuple[_Hop, ...]:
        if node.urn not in self._hops:
            self._hops[node.urn] = tuple(self._read(node))
        return self._hops[node.urn]

    def _read(self, node: Node) -> Iterable[_Hop]:
        if node.kind == kinds.ROUTE:
            yield from self._hop(node, node.props)
        elif node.kind == kinds.DEFAULT_VPC and not self._managers.of(node):
            yield _Hop(node, "0.0.0.0/0", "internet gateway that AWS made with the default VPC", None)
        elif node.kind in (kinds.ROUTE_TABLE, kinds.DEFAULT_ROUTE_TABLE):
            routes = node.props.items("routes")
            if not isinstance(routes, Absent):
                for route in routes.value.records() if isinstance(routes, Known) else [routes]:
                    yield from self._inline(node, route)

    def _inline(self, node: Node, route: Known[Record] | Unknown) -> Iterable[_Hop]:
        if isinstance(route, Known):
            yield from self._hop(node, route.value)
        else:
            yield _Hop(node, None, "", f"the routes of {node.label}, {self._graph.describe(route)}")

    def _hop(self, node: Node, record: Record) -> Iterable[_Hop]:
        gateway, waits_for = self._gateway(node, record)
        if gateway is not None or waits_for is not None:
            for cidr in self._destinations(record):
                unknown = None if cidr is not None else f"the destination of {node.label}"
                yield _Hop(node, cidr, gateway or "", waits_for or unknown)

    def _gateway(self, node: Node, record: Record) -> tuple[str | None, str | None]:
        """The internet gateway that a route leads to, or what that waits for. A route has exactly one target."""
        value = record.text("gatewayId")
        others = [record.text(key) for key in _OTHER_TARGETS]
        if isinstance(value, Absent) or any(isinstance(other, Known) for other in others):
            return None, None
        members = self._graph.link(value, _GATEWAY)
        if isinstance(value, Known) and not members.sure:
            return (f"internet gateway {value.value}" if value.value.startswith("igw-") else None), None
        another = any(isinstance(other, Unknown) and other.sources for other in others)
        candidates = [*members.sure, *members.maybe]
        if not any(found.kind == kinds.INTERNET_GATEWAY for found in candidates):
            settled = bool(candidates) or another
            return None, None if settled else f"the target of {node.label}: {members.missing}"
        if members.one is None or another:
            return None, f"the target of {node.label}: which gateway it is"
        return members.one.label, None

    def _destinations(self, record: Record) -> Iterable[str | None]:
        """The destinations of a route; None for one that is unknown. A route has exactly one."""
        values = [record.text(key) for key in _DESTINATIONS]
        known = [value.value if is_range(value.value) else None for value in values if isinstance(value, Known)]
        prefix_list = record.text("destinationPrefixListId")
        if known:
            yield from known
        elif isinstance(prefix_list, Known) or (isinstance(prefix_list, Unknown) and prefix_list.sources):
            yield from self._listed(self._graph.link(prefix_list, PREFIX_LIST).one)
        elif any(isinstance(value, Unknown) for value in (*values, prefix_list)):
            yield None

    def destinations(self, record: Record) -> tuple[str | None, ...]:
        """Where a route, or a block of one, leads; None for what is not known."""
        return tuple(self._destinations(record))

    def _listed(self, prefix_list: Node | None) -> Iterable[str | None]:
        if prefix_list is None:
            yield None
        else:
            for cidr in contents(self._graph, prefix_list):
                yield cidr.value if isinstance(cidr, Known) and is_range(cidr.value) else None


def _covers(hops: Iterable[_Hop], config: Config) -> bool:
    cidrs = tuple(dict.fromkeys(hop.cidr for hop in hops))
    known = tuple(cidr for cidr in cidrs if cidr is not None)
    return None in cidrs or (bool(known) and coverage(known) >= config[PUBLIC_COVERAGE])


def _unless_placed(implicit: Leads, companions: Companions, node: Node) -> Leads:
    """What holds by default, in doubt while a companion may turn out to say something else of the node."""
    loose = companions.maybe(node)
    return Leads(waits_for=f"whether {loose[0].label} is for {node.label}") if loose else implicit


def _worst(found: Iterable[Leads]) -> Leads:
    """A way out beats a doubt, a doubt beats nothing."""
    return max(found, key=lambda leads: (bool(leads.path), leads.waits_for is not None), default=Leads())
