"""Stacks with other networks than the committed ones, end to end: program, policies, and what AWS would refuse."""

from typing import Any

import pytest

from tests.components.shapes import BROUGHT
from tests.components.verdicts import left

DOUBLED = ("night", "kept", "many")
STACKS = (*DOUBLED, "sealed")
TABLE, ROUTE = "aws:ec2/routeTable:RouteTable", "aws:ec2/route:Route"


def of_type(shaped: dict[str, Any], stack: str, token: str) -> list[dict[str, Any]]:
    return [r for r in shaped["stacks"][stack]["resources"] if r["type"] == token]


@pytest.mark.parametrize("stack", STACKS)
def test_data_has_no_way_out_in_either_family(shaped: dict[str, Any], stack: str) -> None:
    data = {table["urn"] for table in of_type(shaped, stack, TABLE) if table["name"] == "network-data"}
    routes = of_type(shaped, stack, ROUTE)
    assert data
    assert routes
    assert [r["name"] for r in routes if data & set(r["propertyDependencies"]["routeTableId"])] == []
    subnets = [s for s in of_type(shaped, stack, "aws:ec2/subnet:Subnet") if "-data-" in s["name"]]
    assert subnets
    assert [s["name"] for s in subnets if "ipv6CidrBlock" in s["inputs"]] == []


@pytest.mark.parametrize("stack", DOUBLED)
def test_from_the_door_to_the_task_there_are_both_kinds_of_addresses(shaped: dict[str, Any], stack: str) -> None:
    (balancer,) = of_type(shaped, stack, "aws:lb/loadBalancer:LoadBalancer")
    assert balancer["inputs"]["ipAddressType"] == "dualstack"
    doubled = {s["name"] for s in of_type(shaped, stack, "aws:ec2/subnet:Subnet") if "ipv6CidrBlock" in s["inputs"]}
    assert {name.split("-")[1] for name in doubled} == {"public", "private"}
    out = of_type(shaped, stack, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    world = {r["inputs"]["securityGroupId"] for r in out if r["inputs"].get("cidrIpv4") == "0.0.0.0/0"}
    both = {r["inputs"]["securityGroupId"] for r in out if r["inputs"].get("cidrIpv6") == "::/0"}
    walls = {w["name"] for w in of_type(shaped, stack, "aws:ec2/securityGroup:SecurityGroup")}
    ours = {"network-nat-instance"} & walls  # it translates IPv4 and nothing else
    assert len(world) == len(both) + len(ours)
    assert both <= world


def test_nothing_of_nat_is_left_where_there_is_none(shaped: dict[str, Any]) -> None:
    types = {r["type"] for r in shaped["stacks"]["sealed"]["resources"]}
    absent = ("natGateway", "ec2/eip", "aws:autoscaling/", "networkInterface", "egressOnly", "Exclusion")
    assert [token for token in types if any(part in token for part in absent)] == []


def test_of_a_network_that_is_brought_nothing_is_made_but_its_flow_logs(shaped: dict[str, Any]) -> None:
    made = {r["type"] for r in shaped["stacks"]["brought"]["resources"]}
    absent = ("ec2/vpc:", "ec2/subnet:", "ec2/route", "ec2/natGateway", "ec2/eip", "vpcEndpoint", "lb/loadBalancer:")
    assert [
        token for token in made if any(part in token for part in (*absent, "lb/listener:", "route53/", "acm/"))
    ] == []
    (log,) = of_type(shaped, "brought", "aws:ec2/flowLog:FlowLog")
    assert log["inputs"]["vpcId"] == "vpc-0123456789abcdef0"


def test_databases_tasks_and_rules_are_in_what_was_brought(shaped: dict[str, Any]) -> None:
    for group in of_type(shaped, "brought", "aws:rds/subnetGroup:SubnetGroup"):
        assert set(group["inputs"]["subnetIds"]) == {f"subnet-{zone}2000000" for zone in "abc"}
    services = of_type(shaped, "brought", "aws:ecs/service:Service")
    assert services
    for service in services:
        assert set(service["inputs"]["networkConfiguration"]["subnets"]) == {f"subnet-{z}1000000" for z in "abc"}
    rules = of_type(shaped, "brought", "aws:lb/listenerRule:ListenerRule")
    assert rules
    assert {rule["inputs"]["listenerArn"] for rule in rules} == {BROUGHT["edge"]["existing"]["listenerArn"]}


def test_what_only_routes_could_tell_is_undecided_and_nothing_is_broken(shaped: dict[str, Any]) -> None:
    findings = left(shaped["stacks"]["brought"]["findings"])
    assert {finding["verdict"] for finding in findings} == {"undecided"}
    assert {finding["control"] for finding in findings} == {
        "cache-subnet-not-public",  # where the subnets route to, of each kind of store and of what runs
        "compute-subnet-not-public",
        "db-subnet-not-public",
        "msk-subnet-not-public",
        "db-sg-not-internet-reachable",  # who gets into the load balancer's group
        "lb-https-only",  # what its listener speaks
        "no-security-ignore-changes",  # the same, for rules of which ECS moves the targets
    }
