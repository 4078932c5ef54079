"""Two kinds of addresses: who gets the second kind, who gets out with it, and that nobody gets in that way."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.compute import firewall
from components.contracts import Site
from components.edge import Edge, EdgeArgs
from components.network import Network, NetworkArgs
from settings.edge import EdgeSettings
from settings.location import Location
from settings.network import NetworkSettings

SUBNET, TABLE, ROUTE = "aws:ec2/subnet:Subnet", "aws:ec2/routeTable:RouteTable", "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
OUTWARDS = "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway"
ZONES = ["us-east-1a", "us-east-1b"]
BALANCER, RECORD = "aws:lb/loadBalancer:LoadBalancer", "aws:route53/record:Record"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"


def network(ipv6: bool = True, nat: str = "single", zones: list[str] = ZONES, **change: Any) -> Network:
    settings = NetworkSettings.model_validate(
        {
            "cidr": "10.20.0.0/16",
            "availabilityZones": zones,
            "subnetMask": 24,
            "nat": nat,
            "endpoints": [],
            "flowLogs": {"retentionDays": 14},
            "ipv6": ipv6,
            **change,
        }
    )
    here = Location.of("us-east-1", "111122223333")
    return Network(
        "network", NetworkArgs(settings=settings, location=here, protected=True, log_key_arn="arn:aws:kms:::key/logs")
    )


def table_of(made: Any, subnet: str) -> set[str]:
    return {urn.rsplit("::", 1)[1] for urn in made.of(ASSOCIATION)[subnet].property_dependencies["routeTableId"]}


def ipv6_routes(made: Any) -> dict[str, dict[str, Any]]:
    return {name: inputs for name, inputs in made.inputs(ROUTE).items() if "destinationIpv6CidrBlock" in inputs}


def test_without_the_setting_nothing_has_the_second_kind(deploy: Any) -> None:
    made = deploy(lambda: network(ipv6=False))
    assert "assignGeneratedIpv6CidrBlock" not in made.one("aws:ec2/vpc:Vpc").inputs
    assert made.of(OUTWARDS) == ipv6_routes(made) == {}
    keys = {key for subnet in made.inputs(SUBNET).values() for key in subnet}
    assert not [key for key in keys if "ipv6" in key.lower()]


def test_turning_it_on_adds_and_replaces_nothing(deploy: Any) -> None:
    before, after = deploy(lambda: network(ipv6=False)), deploy(network)
    assert set(before.urns) < set(after.urns)
    replacing = {"cidrBlock", "availabilityZone", "vpcId", "destinationCidrBlock", "routeTableId"}
    for kind in (SUBNET, TABLE, ROUTE, "aws:ec2/vpc:Vpc"):
        was, now = before.inputs(kind), after.inputs(kind)
        for name, inputs in was.items():
            assert {key: now[name].get(key) for key in replacing} == {key: inputs.get(key) for key in replacing}


def test_public_and_private_subnets_have_a_64_each_and_the_data_tier_has_none(deploy: Any) -> None:
    made = deploy(network)
    assert made.one("aws:ec2/vpc:Vpc").inputs["assignGeneratedIpv6CidrBlock"] is True
    blocks = {name: subnet.get("ipv6CidrBlock") for name, subnet in made.inputs(SUBNET).items()}
    given = [block for name, block in blocks.items() if "-data-" not in name]
    assert len(set(given)) == 4
    assert all(block.endswith("::/64") for block in given)
    both = [subnet for name, subnet in made.inputs(SUBNET).items() if "-data-" not in name]
    assert {subnet["assignIpv6AddressOnCreation"] for subnet in both} == {True}
    assert {block for name, block in blocks.items() if "-data-" in name} == {None}


@pytest.mark.parametrize("nat", ["none", "instance", "single", "per-az", "regional"])
def test_the_data_tier_has_no_route_in_either_family_whatever_the_ways_out(deploy: Any, nat: str) -> None:
    made = deploy(lambda: network(nat=nat))
    for zone in ZONES:
        assert table_of(made, f"network-data-{zone}") == {"network-data"}
    to_data = [
        name
        for name, route in made.of(ROUTE).items()
        for urn in route.property_dependencies["routeTableId"]
        if urn.endswith("::network-data")
    ]
    assert to_data == []
    assert [route for route in made.of(ROUTE) if "private" in route], "the others do have some"


def test_the_private_tier_goes_out_by_a_gateway_that_lets_nothing_in(deploy: Any) -> None:
    made = deploy(network)
    gateway = made.one(OUTWARDS)
    private = {name: route for name, route in made.of(ROUTE).items() if "-private-" in name and "ipv6" in name}
    assert sorted(private) == [f"network-private-{zone}-out-ipv6" for zone in ZONES]
    for name, route in private.items():
        zone = name.removeprefix("network-private-").removesuffix("-out-ipv6")
        assert route.property_dependencies["egressOnlyGatewayId"] == {gateway.urn}
        assert route.inputs["destinationIpv6CidrBlock"] == "::/0"
        assert "gatewayId" not in route.inputs, "an internet gateway would let the world in"
        (table,) = route.property_dependencies["routeTableId"]
        assert table.endswith(f"::network-private-{zone}")


def test_only_the_public_tier_is_reached_from_outside(deploy: Any) -> None:
    made = deploy(network)
    facing = sorted(name for name, route in made.inputs(ROUTE).items() if "gatewayId" in route)
    assert facing == ["network-public-out", "network-public-out-ipv6"]
    assert made.inputs(ROUTE)["network-public-out-ipv6"]["destinationIpv6CidrBlock"] == "::/0"


def test_a_zone_more_moves_no_block_and_no_route(deploy: Any) -> None:
    before, after = deploy(network), deploy(lambda: network(zones=[*ZONES, "us-east-1d"]))
    assert set(before.urns) < set(after.urns)
    for name, inputs in before.inputs(SUBNET).items():
        assert after.inputs(SUBNET)[name] == inputs
    assert {name: ipv6_routes(after)[name] for name in ipv6_routes(before)} == ipv6_routes(before)


@pytest.mark.parametrize("tier", ["public", "private"])
def test_who_needs_the_world_waits_for_both_ways_to_it(deploy: Any, tier: str) -> None:
    def build() -> object:
        return aws.rds.SubnetGroup("consumer", subnet_ids=getattr(network(), f"{tier}_subnet_ids")[:1])

    waits = deploy(build).one("aws:rds/subnetGroup:SubnetGroup").dependencies
    routes = {urn.rsplit("::", 1)[1] for urn in waits if ROUTE in urn.split("::")[2]}
    way = "network-public-out" if tier == "public" else "network-private-us-east-1a-out"
    assert routes == {way, f"{way}-ipv6"}


def edge(*, ipv6: bool) -> Edge:
    settings = EdgeSettings.model_validate(
        {
            "domain": "app.example.com",
            "zoneId": "Z0123456789EXAMPLE",
            "idleTimeoutSeconds": 60,
            "logRetentionDays": 9,
        }
    )
    args = EdgeArgs(
        settings=settings,
        site=Site(vpc_id="vpc-1", public_subnet_ids=["a", "b"], ipv6=ipv6),
        log_bucket="logs",
        protected=True,
    )
    return Edge("edge", args)


def test_the_load_balancer_answers_in_both_under_one_name(deploy: Any) -> None:
    made = deploy(lambda: edge(ipv6=True))
    assert made.one(BALANCER).inputs["ipAddressType"] == "dualstack"
    ours = [record for record in made.inputs(RECORD).values() if record["name"] == "app.example.com"]
    assert sorted(record["type"] for record in ours) == ["A", "AAAA"]
    assert ours[0]["aliases"] == ours[1]["aliases"]
    world = [(rule.get("cidrIpv4") or rule["cidrIpv6"], rule["fromPort"]) for rule in made.inputs(INGRESS).values()]
    assert sorted(world) == [("0.0.0.0/0", 80), ("0.0.0.0/0", 443), ("::/0", 80), ("::/0", 443)]


def test_a_load_balancer_without_it_has_no_aaaa_record_that_clients_would_try_first(deploy: Any) -> None:
    made = deploy(lambda: edge(ipv6=False))
    assert made.one(BALANCER).inputs["ipAddressType"] == "ipv4"
    assert "AAAA" not in {record["type"] for record in made.inputs(RECORD).values()}
    assert not [rule for rule in made.inputs(INGRESS).values() if "cidrIpv6" in rule]
    assert set(made.urns) < set(deploy(lambda: edge(ipv6=True)).urns)


@pytest.mark.parametrize("ipv6", [True, False])
def test_a_task_may_use_what_it_has(deploy: Any, ipv6: bool) -> None:
    args = firewall.FirewallArgs(vpc_id="vpc-1", access={}, ipv6=ipv6)
    rules = deploy(lambda: firewall.make("web", args, pulumi.ResourceOptions())).inputs(EGRESS)
    world = {rule.get("cidrIpv4") or rule["cidrIpv6"] for rule in rules.values() if rule["fromPort"] == 443}
    assert world == ({"0.0.0.0/0", "::/0"} if ipv6 else {"0.0.0.0/0"})
