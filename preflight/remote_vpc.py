"""awsx.ec2.Vpc: the network that it builds from its arguments, for programs that use it."""

import ipaddress
from collections.abc import Sequence
from typing import Any

from preflight import wire
from preflight.remote import Child, Construction, State
from preflight.simulation.place import digest

_DEFAULT_SPECS = [{"type": "Private"}, {"type": "Public"}]
# Bits that a subnet is smaller than its zone's block, by awsx's legacy layout.
_SMALLER = {"Private": 1, "Public": 2, "Isolated": 4, "Unused": 4}
_ORDER = {"Private": 0, "Public": 1, "Isolated": 2, "Unused": 3}


def vpc(build: Construction) -> State:
    """The VPC, one subnet per zone and spec with its own route table, gateways and NAT by strategy."""
    return _Network(build).state()


class _Network:
    def __init__(self, build: Construction) -> None:
        self.build = build
        inputs = build.inputs
        count = int(inputs.get("numberOfAvailabilityZones") or 3)
        zones = [f"{build.place.region}{letter}" for letter in "abcdef"[:count]]
        self.zones: Sequence[str] = inputs.get("availabilityZoneNames") or zones
        self.specs = [s for s in inputs.get("subnetSpecs") or _DEFAULT_SPECS if s.get("type") != "Unused"]
        kinds = {spec["type"] for spec in self.specs}
        default = "OnePerAz" if {"Private", "Public"} <= kinds else "None"
        self.nat = (inputs.get("natGateways") or {}).get("strategy") or default
        self.subnets: dict[str, list[Child]] = {"Public": [], "Private": [], "Isolated": []}
        self.eips: list[Child] = []
        self.gateways: list[Child] = []
        self.tables: list[Child] = []
        self.associations: list[Child] = []
        self.routes: list[Child] = []
        self._make()

    def _tags(self, name: str) -> dict[str, Any]:
        return {**(self.build.inputs.get("tags") or {}), "Name": name}

    def _make(self) -> None:
        build = self.build
        passed = {
            key: value
            for key, value in build.inputs.items()
            if key
            in {"enableDnsHostnames", "enableDnsSupport", "instanceTenancy", "assignGeneratedIpv6CidrBlock", "region"}
        }
        self.block = build.inputs.get("cidrBlock") or "10.0.0.0/16"
        arguments = {"enableDnsHostnames": True, "enableDnsSupport": True, **passed, "cidrBlock": self.block}
        arguments["tags"] = self._tags(build.name)
        needs = {key: build.needs(key) for key in arguments}
        self.vpc = build.child("aws:ec2/vpc:Vpc", build.name, arguments, needs=needs)
        gateway = {"vpcId": self.vpc.value, "tags": self._tags(build.name)}
        self.internet = build.child(
            "aws:ec2/internetGateway:InternetGateway",
            build.name,
            gateway,
            parent=self.vpc.urn,
            needs={"vpcId": [self.vpc.urn]},
        )
        blocks = self._blocks()
        for kind in ("Public", "Private", "Isolated"):  # public first: private routes need its NAT gateways
            for number, zone in enumerate(self.zones, 1):
                for spec in (spec for spec in self.specs if spec["type"] == kind):
                    self._subnet(spec, number, zone, blocks)
        self.endpoints = [self._endpoint(spec) for spec in build.inputs.get("vpcEndpointSpecs") or ()]

    def _blocks(self) -> dict[tuple[int, int], str]:
        """(zone, spec) -> block: each zone has an equal part, filled from its start, larger tiers first."""
        whole = ipaddress.IPv4Network(self.block)
        bits = max(1, (len(self.zones) - 1).bit_length()) if len(self.zones) > 1 else 0
        result: dict[tuple[int, int], str] = {}
        ordered = sorted(range(len(self.specs)), key=lambda n: _ORDER[self.specs[n]["type"]])
        for number, part in zip(range(1, len(self.zones) + 1), whole.subnets(prefixlen_diff=bits), strict=False):
            position = int(part.network_address)
            for index in ordered:
                spec = self.specs[index]
                given = (spec.get("cidrBlocks") or [None] * len(self.zones))[number - 1]
                mask = int(spec.get("cidrMask") or min(28, part.prefixlen + _SMALLER[spec["type"]]))
                size = 2 ** (32 - mask)
                position = -(-position // size) * size
                result[number, index] = given or f"{ipaddress.ip_address(position)}/{mask}"
                position += size
        return result

    def _subnet(self, spec: dict[str, Any], number: int, zone: str, blocks: dict[tuple[int, int], str]) -> None:
        build, kind = self.build, spec["type"]
        name = f"{build.name}-{spec.get('name') or kind.lower()}-{number}"
        vpc_needs = {"vpcId": [self.vpc.urn]}
        arguments = {
            "vpcId": self.vpc.value,
            "availabilityZone": zone,
            "cidrBlock": blocks[number, self.specs.index(spec)],
            "mapPublicIpOnLaunch": kind == "Public",
            "tags": {**self._tags(name), "SubnetType": kind, **(spec.get("tags") or {})},
        }
        subnet = build.child("aws:ec2/subnet:Subnet", name, arguments, parent=self.vpc.urn, needs=vpc_needs)
        self.subnets[kind].append(subnet)
        table = build.child(
            "aws:ec2/routeTable:RouteTable",
            name,
            {"vpcId": self.vpc.value, "tags": {**self._tags(name), "SubnetType": kind}},
            parent=subnet.urn,
            needs=vpc_needs,
        )
        self.tables.append(table)
        self.associations.append(
            build.child(
                "aws:ec2/routeTableAssociation:RouteTableAssociation",
                name,
                {"routeTableId": table.value, "subnetId": subnet.value},
                parent=table.urn,
                needs={"routeTableId": [table.urn], "subnetId": [subnet.urn]},
            )
        )
        if kind == "Public":
            self._route(name, table, "gatewayId", self.internet)
            if self.nat == "OnePerAz" or (self.nat == "Single" and number == 1):
                self._nat_gateway(number, subnet)
        elif kind == "Private" and self.gateways:
            self._route(name, table, "natGatewayId", self.gateways[min(number, len(self.gateways)) - 1])

    def _route(self, name: str, table: Child, key: str, target: Child) -> None:
        arguments = {"routeTableId": table.value, "destinationCidrBlock": "0.0.0.0/0", key: target.value}
        needs = {"routeTableId": [table.urn], key: [target.urn]}
        self.routes.append(self.build.child("aws:ec2/route:Route", name, arguments, parent=table.urn, needs=needs))

    def _nat_gateway(self, number: int, subnet: Child) -> None:
        build, name = self.build, f"{self.build.name}-{number}"
        given = (build.inputs.get("natGateways") or {}).get("elasticIpAllocationIds") or []
        needs = {"subnetId": [subnet.urn]}
        allocation: Any = given[number - 1] if number <= len(given) else None
        if allocation is None:
            eip = build.child("aws:ec2/eip:Eip", name, {"tags": self._tags(name)}, parent=subnet.urn)
            self.eips.append(eip)
            allocation, needs["allocationId"] = eip.value, [eip.urn]
        arguments = {"subnetId": subnet.value, "allocationId": allocation, "tags": self._tags(name)}
        self.gateways.append(
            build.child("aws:ec2/natGateway:NatGateway", name, arguments, parent=subnet.urn, needs=needs)
        )

    def _endpoint(self, spec: dict[str, Any]) -> Child:
        build = self.build
        service = str(spec.get("serviceName") or digest(build.name, 7))
        arguments = {**spec, "vpcId": self.vpc.value}
        name = f"{build.name}-{service.rpartition('.')[2]}"
        needs = {"vpcId": [self.vpc.urn]}
        return build.child("aws:ec2/vpcEndpoint:VpcEndpoint", name, arguments, parent=self.vpc.urn, needs=needs)

    def state(self) -> State:
        """Outputs of the component and what each needs."""
        everything = [subnet for kind in ("Public", "Private", "Isolated") for subnet in self.subnets[kind]]
        lists = {
            "eips": self.eips,
            "natGateways": self.gateways,
            "routeTables": self.tables,
            "routeTableAssociations": self.associations,
            "routes": self.routes,
            "subnets": everything,
            "vpcEndpoints": self.endpoints,
            **{f"{kind.lower()}Subnets": subnets for kind, subnets in self.subnets.items()},
        }
        state: dict[str, Any] = {key: [child.reference for child in children] for key, children in lists.items()}
        needed = {key: [child.urn for child in children] for key, children in lists.items()}
        for kind, subnets in self.subnets.items():
            key = f"{kind.lower()}SubnetIds"
            state[key] = [subnet.value for subnet in subnets]
            needed[key] = [subnet.urn for subnet in subnets]
        for key, child in (("vpc", self.vpc), ("internetGateway", self.internet)):
            state[key], needed[key] = child.reference, [child.urn]
        state["vpcId"], needed["vpcId"] = self.vpc.value, [self.vpc.urn]
        state["subnetLayout"] = [] if not self.build.preview else wire.UNKNOWN
        return state, {key: urns for key, urns in needed.items() if urns}
