"""The network's shape: three tiers in every zone, and what each of them can reach."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.network import Network, NetworkArgs
from settings.location import Location
from settings.network import NetworkSettings

HERE = Location.of("us-east-1", "111122223333")
SUBNET, TABLE, ROUTE = "aws:ec2/subnet:Subnet", "aws:ec2/routeTable:RouteTable", "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
THREE = {
    "cidr": "10.20.0.0/16",
    "availabilityZones": ["us-east-1a", "us-east-1b", "us-east-1c"],
    "subnetMask": 24,
    "nat": "per-az",
    "endpoints": ["s3", "dynamodb", "ecr", "logs", "secretsmanager", "kms"],
    "flowLogs": {"retentionDays": 90},
}


def network(protected: bool = True, opts: pulumi.ResourceOptions | None = None, **change: Any) -> Network:
    settings = NetworkSettings.model_validate({**THREE, **change})
    args = NetworkArgs(settings=settings, location=HERE, protected=protected, log_key_arn="arn:aws:kms:::key/logs")
    return Network("network", args, opts)


def types_behind(urns: frozenset[str]) -> set[str]:
    return {urn.split("::")[2].split("$")[-1] for urn in urns}


def routes_of(deployment: Any, subnet: str) -> list[dict[str, Any]]:
    """The routes of the one table that a subnet, by its logical name, is associated with."""
    ids = [r.inputs["routeTableId"] for name, r in deployment.of(ASSOCIATION).items() if name == subnet]
    assert len(ids) == 1, f"{subnet} has {len(ids)} associations"
    return [route for route in deployment.inputs(ROUTE).values() if route["routeTableId"] == ids[0]]


def test_every_zone_has_a_subnet_of_each_tier_named_after_the_zone(deploy: Any) -> None:
    subnets = deploy(network).inputs(SUBNET)
    assert {name: subnet["availabilityZone"] for name, subnet in subnets.items()} == {
        f"network-{tier}-us-east-1{letter}": f"us-east-1{letter}"
        for tier in ("public", "private", "data")
        for letter in "abc"
    }
    assert len({subnet["cidrBlock"] for subnet in subnets.values()}) == 9


def test_no_subnet_hands_out_public_addresses(deploy: Any) -> None:
    assert {subnet["mapPublicIpOnLaunch"] for subnet in deploy(network).inputs(SUBNET).values()} == {False}


def test_every_subnet_is_associated_once_and_with_a_table_of_its_own_tier(deploy: Any) -> None:
    deployment = deploy(network)
    assert sorted(deployment.of(ASSOCIATION)) == sorted(deployment.of(SUBNET))
    for name, association in deployment.of(ASSOCIATION).items():
        tier = name.split("-")[1]
        tables = [urn for urn in association.property_dependencies["routeTableId"] if f"::network-{tier}" in urn]
        subnets = [urn for urn in association.property_dependencies["subnetId"] if urn.endswith(f"::{name}")]
        assert len(tables) == len(association.property_dependencies["routeTableId"]) == 1
        assert len(subnets) == len(association.property_dependencies["subnetId"]) == 1


def test_only_the_public_tier_has_a_route_to_the_internet_gateway(deploy: Any) -> None:
    deployment = deploy(network)
    to_internet = [name for name, route in deployment.inputs(ROUTE).items() if "gatewayId" in route]
    assert to_internet == ["network-public-out"]
    for letter in "abc":
        (route,) = routes_of(deployment, f"network-public-us-east-1{letter}")
        assert route["destinationCidrBlock"] == "0.0.0.0/0"


@pytest.mark.parametrize("nat", ["none", "instance", "single", "per-az", "regional"])
def test_the_data_tier_has_no_route_at_all_whatever_the_way_out_of_the_others(deploy: Any, nat: str) -> None:
    deployment = deploy(lambda: network(nat=nat))
    for letter in "abc":
        assert routes_of(deployment, f"network-data-us-east-1{letter}") == []
    assert not [table for table in deployment.inputs(TABLE).values() if table.get("routes")], "no inline routes either"


def test_the_main_route_table_and_the_default_group_are_emptied(deploy: Any) -> None:
    deployment = deploy(network)
    main = deployment.one("aws:ec2/defaultRouteTable:DefaultRouteTable")
    assert main.inputs["routes"] == []
    group = deployment.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert (group.inputs["ingress"], group.inputs["egress"]) == ([], [])
    for taken_over in (main, group):
        assert {t for urns in taken_over.property_dependencies.values() for t in types_behind(urns)} == {
            "aws:ec2/vpc:Vpc"
        }


@pytest.mark.parametrize(
    "zones",
    [
        ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"],
        ["us-east-1d", "us-east-1a", "us-east-1b", "us-east-1c"],
    ],
)
def test_adding_a_zone_moves_and_renames_nothing(deploy: Any, zones: list[str]) -> None:
    before, after = deploy(network), deploy(lambda: network(availabilityZones=zones))
    assert set(before.urns) < set(after.urns)
    for kind in (SUBNET, TABLE, ROUTE, ASSOCIATION, "aws:ec2/eip:Eip", "aws:ec2/natGateway:NatGateway"):
        was, now = before.inputs(kind), after.inputs(kind)
        assert {name: now[name] for name in was} == was


def test_ids_come_in_the_order_of_the_zones(deploy: Any) -> None:
    seen: list[list[str]] = []

    def build() -> None:
        net = network()
        for ids in (net.public_subnet_ids, net.private_subnet_ids, net.data_subnet_ids):
            pulumi.Output.all(*ids).apply(lambda values: seen.append(list(values)))

    deployment = deploy(build)
    associated = {name: r.inputs["subnetId"] for name, r in deployment.of(ASSOCIATION).items()}
    for tier in ("public", "private", "data"):
        assert [associated[f"network-{tier}-us-east-1{letter}"] for letter in "abc"] in seen


def consumer(subnet_ids: Any) -> aws.rds.SubnetGroup:
    return aws.rds.SubnetGroup("consumer", subnet_ids=subnet_ids)


def test_a_store_waits_for_its_subnets_and_for_nothing_else(deploy: Any) -> None:
    store = deploy(lambda: consumer(network().data_subnet_ids)).of("aws:rds/subnetGroup:SubnetGroup")["consumer"]
    assert types_behind(store.dependencies) == {SUBNET}
    assert types_behind(store.property_dependencies["subnetIds"]) == {SUBNET}
    assert len(store.dependencies) == 3


def test_who_faces_the_world_waits_for_the_route_to_it(deploy: Any) -> None:
    public = deploy(lambda: consumer(network().public_subnet_ids)).of("aws:rds/subnetGroup:SubnetGroup")["consumer"]
    assert [urn for urn in public.dependencies if urn.endswith("Route::network-public-out")]


def test_who_needs_the_way_out_waits_for_it_and_for_that_of_no_other_zone(deploy: Any) -> None:
    first = deploy(lambda: consumer(network().private_subnet_ids[:1])).of("aws:rds/subnetGroup:SubnetGroup")["consumer"]
    routes = [urn for urn in first.dependencies if ROUTE in urn.split("::")[2]]
    assert [urn.rsplit("::", 1)[1] for urn in routes] == ["network-private-us-east-1a-out"]


def test_without_nat_who_needs_the_way_out_waits_for_every_endpoint_and_its_door(deploy: Any) -> None:
    made = deploy(lambda: consumer(network(nat="none").private_subnet_ids))
    waits = made.of("aws:rds/subnetGroup:SubnetGroup")["consumer"].dependencies
    doors = made.of("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    needed = [*made.of("aws:ec2/vpcEndpoint:VpcEndpoint").values(), doors["network-endpoints-https"]]
    assert len(needed) == 8
    assert [r.name for r in needed if r.urn not in waits] == []


def test_with_nat_nobody_waits_for_an_endpoint(deploy: Any) -> None:
    private = deploy(lambda: consumer(network().private_subnet_ids)).of("aws:rds/subnetGroup:SubnetGroup")["consumer"]
    assert [urn for urn in private.dependencies if "vpcEndpoint" in urn] == []


def test_gateway_endpoints_serve_every_private_and_data_table_and_no_public_one(deploy: Any) -> None:
    endpoints = deploy(network).of("aws:ec2/vpcEndpoint:VpcEndpoint")
    for service in ("s3", "dynamodb"):
        tables = endpoints[f"network-endpoints-{service}"].property_dependencies["routeTableIds"]
        assert {urn.rsplit("::", 1)[1] for urn in tables} == {
            "network-data",
            *(f"network-private-us-east-1{letter}" for letter in "abc"),
        }
    interface = endpoints["network-endpoints-kms"].property_dependencies["subnetIds"]
    assert {urn.rsplit("::", 1)[1] for urn in interface} == {f"network-private-us-east-1{letter}" for letter in "abc"}


def test_flow_logs_of_this_vpc_end_in_an_encrypted_group_with_an_end(deploy: Any) -> None:
    deployment = deploy(lambda: network(flowLogs={"retentionDays": 14}))
    group = deployment.one("aws:cloudwatch/logGroup:LogGroup")
    assert (group.inputs["retentionInDays"], group.inputs["kmsKeyId"]) == (14, "arn:aws:kms:::key/logs")
    log = deployment.one("aws:ec2/flowLog:FlowLog")
    assert log.property_dependencies["logDestination"] == {group.urn}
    assert types_behind(log.property_dependencies["vpcId"]) == {"aws:ec2/vpc:Vpc"}


def test_names_of_interface_endpoints_resolve_inside_the_vpc(deploy: Any) -> None:
    vpc = deploy(network).one("aws:ec2/vpc:Vpc").inputs
    assert (vpc["enableDnsSupport"], vpc["enableDnsHostnames"]) == (True, True)
    assert vpc["cidrBlock"] == "10.20.0.0/16"


def test_subnets_and_tables_say_what_they_are_in_their_tags(deploy: Any) -> None:
    deployment = deploy(network)
    for name, inputs in {**deployment.inputs(SUBNET), **deployment.inputs(TABLE)}.items():
        assert inputs["tags"] == {"Name": name, "groundwork:tier": name.split("-")[1]}


def test_every_resource_belongs_to_the_network_and_inherits_its_provider(deploy: Any) -> None:
    def build() -> object:
        return network(opts=pulumi.ResourceOptions(providers=[aws.Provider("aws", region="us-east-1")]))

    resources = [r for r in deploy(build).registered if r.type.startswith("aws:")]
    assert [r.name for r in resources if "groundwork:network:Network" not in r.parent] == []
    assert [r.name for r in resources if "::aws::" not in r.provider] == []
