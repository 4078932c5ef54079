"""Subnets and their routes: which ways lead out of each, and which AWS services it reaches by an endpoint.

Explicit association, main table by association and the implicit main table are resolved; inline routes, `Route` and
`DefaultRouteTable` are read alike.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from preflight.reach.addresses import is_world, network
from preflight.reach.firewall import VPCS
from preflight.reach.graph import Graph, Node, known

SUBNETS = ("aws:ec2/subnet:Subnet", "aws:ec2/defaultSubnet:DefaultSubnet")
NAT = "aws:ec2/natGateway:NatGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
INTERFACE = "aws:ec2/networkInterface:NetworkInterface"
INSTANCE = "aws:ec2/instance:Instance"
_TABLES = ("aws:ec2/routeTable:RouteTable", "aws:ec2/defaultRouteTable:DefaultRouteTable")
_ROUTE = "aws:ec2/route:Route"
_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
_MAIN = "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"
_ENDPOINT_ROUTE = "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"
_ENDPOINT_SUBNET = "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation"
_DESTINATIONS = ("cidrBlock", "ipv6CidrBlock", "destinationCidrBlock", "destinationIpv6CidrBlock")
# The targets of a route, with what a text calls them and the kinds of resources that they are.
_TARGETS: dict[str, tuple[str, tuple[str, ...]]] = {
    "gatewayId": ("internet gateway", ("aws:ec2/internetGateway:InternetGateway",)),
    "natGatewayId": ("NAT gateway", (NAT,)),
    "networkInterfaceId": ("NAT instance", (INTERFACE, INSTANCE)),
    "instanceId": ("NAT instance", (INSTANCE,)),
    "egressOnlyGatewayId": ("egress-only gateway", ("aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",)),
    "transitGatewayId": ("transit gateway", ("aws:ec2transitgateway/transitGateway:TransitGateway",)),
    "vpcPeeringConnectionId": ("peering connection", ("aws:ec2/vpcPeeringConnection:VpcPeeringConnection",)),
    "vpcEndpointId": ("firewall endpoint", (ENDPOINT,)),
    "carrierGatewayId": ("carrier gateway", ()),
    "localGatewayId": ("local gateway", ()),
    "coreNetworkArn": ("core network", ()),
}
DIRECT, _LOCAL = "internet gateway", "local"
_BY_NAME = {"igw-": DIRECT, "vgw-": "VPN gateway", "vpce-": "firewall endpoint", "local": _LOCAL}


class Way(NamedTuple):
    """A route to the whole internet. `node` None: its target is not in this program. `sure` False: it may be one."""

    what: str
    node: Node | None
    cidr: str
    sure: bool = True

    @property
    def name(self) -> str:
        """How an answer names it."""
        return f"{self.what} {self.node.name}" if self.node else self.what


class Network:
    """The subnets of a graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._ways: dict[str, tuple[Way, ...]] = {}
        self._of_table: dict[str, tuple[Way, ...]] = {}
        self._endpoints: dict[tuple[str, str], list[Node]] = {}
        self._managers = {
            vpc.urn: table
            for table in graph.all(_TABLES[1])
            for vpc in self._main_of(table)
        }  # fmt: skip

    def vpc(self, node: Node) -> Node | None:
        """The VPC of a resource that names one; of a default subnet, the default VPC."""
        if node.kind == SUBNETS[1]:
            return next(iter(self._graph.all(VPCS[1])), None)
        return self._graph.link(node, "vpcId", *VPCS).one

    def vpc_key(self, node: Node) -> str | None:
        """What tells one VPC from another: its URN, or the id of one that is not in this program."""
        found = self.vpc(node)
        return found.urn if found is not None else node.given("vpcId")

    def zone(self, subnet: Node) -> str | None:
        """Its availability zone, where that is known."""
        return subnet.given("availabilityZone") or subnet.given("availabilityZoneId")

    def has_six(self, subnet: Node) -> bool:
        """Whether a subnet has IPv6 at all."""
        return subnet.inputs.get("ipv6Native") is True or subnet.inputs.get("ipv6CidrBlock") is not None

    def addressed(self, node: Node, subnets: Sequence[Node]) -> bool:
        """Whether something in these subnets has an address of IPv6, all of which are public."""
        own = node.inputs.get("ipv6Addresses") or node.inputs.get("ipv6AddressCount")
        return bool(own) or any(
            subnet.inputs.get(key) is True
            for subnet in subnets
            for key in ("assignIpv6AddressOnCreation", "ipv6Native")
        )

    def cidrs(self, subnet: Node) -> list[str]:
        """The address ranges of a subnet."""
        found = [subnet.text(key) for key in ("cidrBlock", "ipv6CidrBlock")]
        return [cidr for cidr in found if cidr]

    def ways(self, subnet: Node) -> tuple[Way, ...]:
        """How traffic to the whole internet leaves a subnet."""
        if subnet.urn not in self._ways:
            self._ways[subnet.urn] = self._by_table(subnet)
        return self._ways[subnet.urn]

    def table(self, subnet: Node) -> tuple[Node | None, bool]:
        """The route table of a subnet, and whether that is sure; a VPC stands for the table that AWS made with it."""
        for association in self._graph.owned(subnet, _ASSOCIATION, "subnetId"):
            found = self._graph.link(association, "routeTableId", *_TABLES, *VPCS)
            return found.one, found.one is not None
        if self._graph.loose(_ASSOCIATION, "subnetId"):
            return None, False
        vpc = self.vpc(subnet)
        if vpc is None:
            return None, False
        for main in self._graph.owned(vpc, _MAIN, "vpcId"):
            found = self._graph.link(main, "routeTableId", *_TABLES, *VPCS)
            return found.one, found.one is not None
        return self._managers.get(vpc.urn, vpc), True

    def endpoints(self, subnet: Node, service: str) -> tuple[list[Node], list[Node]]:
        """The gateway and the interface endpoints by which a subnet reaches an AWS service (`s3`, `sqs`)."""
        vpc = self.vpc(subnet)
        found = self._of_vpc(vpc, service) if vpc is not None else []
        table, _ = self.table(subnet)
        gateways = [node for node in found if _kind(node) == "Gateway" and table and self._routed(node, table)]
        private = [
            node for node in found if _kind(node) == "Interface" and node.inputs.get("privateDnsEnabled") is True
        ]
        return gateways, private

    def _of_vpc(self, vpc: Node, service: str) -> list[Node]:
        if (vpc.urn, service) not in self._endpoints:
            owned = self._graph.owned(vpc, ENDPOINT, "vpcId")
            self._endpoints[vpc.urn, service] = [
                node for node in owned if str(node.inputs.get("serviceName")).endswith(f".{service}")
            ]
        return self._endpoints[vpc.urn, service]

    def _routed(self, endpoint: Node, table: Node) -> bool:
        named = self._graph.link(endpoint, "routeTableIds", *_TABLES, *VPCS).nodes
        if table in named:
            return True
        if self._managers.get(table.urn) in named and table.kind in VPCS:
            return True
        return any(
            table in self._graph.link(each, "routeTableId", *_TABLES, *VPCS).nodes
            for each in self._graph.owned(endpoint, _ENDPOINT_ROUTE, "vpcEndpointId")
        )

    def endpoint_subnets(self, endpoint: Node) -> list[Node]:
        """The subnets in which an interface endpoint stands."""
        found = [*self._graph.link(endpoint, "subnetIds", *SUBNETS).nodes]
        for each in self._graph.owned(endpoint, _ENDPOINT_SUBNET, "vpcEndpointId"):
            found += self._graph.link(each, "subnetId", *SUBNETS).nodes
        return found

    def _by_table(self, subnet: Node) -> tuple[Way, ...]:
        table, _ = self.table(subnet)
        if table is None:
            if subnet.kind == SUBNETS[1]:
                return (Way(DIRECT, None, "0.0.0.0/0"),)  # AWS makes default subnets so
            return (Way(f"the route table of {subnet.name}", None, "0.0.0.0/0", sure=False),)
        if table.urn not in self._of_table:
            found = tuple(self._read(table))
            self._of_table[table.urn] = found
        return self._of_table[table.urn]

    def _read(self, table: Node) -> Iterator[Way]:
        owners = [table, *self._main_of(table)]
        blocks: list[tuple[Node, Mapping[str, Any], str]] = []
        for owner in owners:
            blocks += [(route, route.inputs, "") for route in self._graph.owned(owner, _ROUTE, "routeTableId")]
        given = table.inputs.get("routes") if table.kind in _TABLES else None
        for block in given if isinstance(given, list) else [given]:
            if isinstance(block, Mapping) and known(block):
                blocks.append((table, block, "routes"))
            elif block is not None:
                yield Way(f"the routes of {table.name}", None, "0.0.0.0/0", sure=False)
        yield from self._wide(blocks)
        if any(node.kind == VPCS[1] for node in owners) and table.kind != _TABLES[1]:
            yield Way(DIRECT, None, "0.0.0.0/0")  # AWS makes one with the default VPC
        for loose in self._graph.loose(_ROUTE, "routeTableId"):
            yield Way(f"the table of {loose.label}", None, "0.0.0.0/0", sure=False)

    def _wide(self, blocks: list[tuple[Node, Mapping[str, Any], str]]) -> Iterator[Way]:
        """The routes that together send the whole internet one way: 0.0.0.0/0, or two halves of it."""
        grouped: dict[tuple[str, str, int], tuple[Way, list[str]]] = {}
        for node, block, key in blocks:
            cidrs = [block[name] for name in _DESTINATIONS if block.get(name) not in (None, "")]
            for cidr in cidrs:
                way = self._target(node, block, key, cidr if isinstance(cidr, str) else "0.0.0.0/0")
                if not isinstance(cidr, str):
                    way = way._replace(sure=False)
                version = found.version if (found := network(way.cidr)) else 4
                same = (way.what, way.node.urn if way.node else str(block), version)
                grouped.setdefault(same, (way, []))[1].append(way.cidr)
        for way, ranges in grouped.values():
            if is_world(ranges) and way.what != _LOCAL:
                yield way

    def _target(self, node: Node, block: Mapping[str, Any], key: str, cidr: str) -> Way:
        for name, (what, kinds) in _TARGETS.items():
            value = block.get(name)
            if value is None or value == "":
                continue
            found = self._graph.link(node, key or name, *kinds, value=value).one
            if found is not None:
                return Way(self._nat(what, found), found, cidr)
            if isinstance(value, str):
                start = value.partition("-")[0] + "-" if "-" in value else value
                return Way(_BY_NAME.get(start, what) if name == "gatewayId" else what, None, cidr)
            return Way(f"the target of {node.label}", None, cidr, sure=False)
        return Way(f"the target of {node.label}", None, cidr, sure=False)

    def _nat(self, what: str, node: Node) -> str:
        return "private NAT gateway" if node.inputs.get("connectivityType") == "private" else what

    def _main_of(self, table: Node) -> list[Node]:
        """Of a managed main table, the VPC that it was made with."""
        if table.kind != _TABLES[1]:
            return []
        value = table.inputs.get("defaultRouteTableId")
        for vpc in self._graph.all(*VPCS):
            if isinstance(value, str) and value in (vpc.get("defaultRouteTableId"), vpc.get("mainRouteTableId")):
                return [vpc]
        return list(self._graph.link(table, "defaultRouteTableId", *VPCS).nodes)


def _kind(endpoint: Node) -> str:
    return str(endpoint.inputs.get("vpcEndpointType") or "Gateway")


def named(subnets: list[Node]) -> str:
    """Subnets in a text."""
    return ", ".join(node.name for node in subnets)
