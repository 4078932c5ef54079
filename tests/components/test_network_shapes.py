"""Stacks with other networks than the committed ones, end to end: program, policies, and what AWS would refuse."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.components import limits
from tests.components.verdicts import left

ROOT = Path(__file__).parents[2]
PROGRAM = ("__main__.py", "Pulumi.yaml", "components", "docs", "functions", "services", "settings")
# Stack -> the committed one that it begins with, and what differs in its network.
STACKS: dict[str, tuple[str, dict[str, Any]]] = {
    "cheap": ("dev", {"nat": "instance", "ipv6": True, "networkAcls": True, "cidr": "10.111.0.0/16"}),
    "regional": ("prod", {"nat": "regional", "ipv6": True, "networkAcls": True, "cidr": "10.112.0.0/16"}),
    "blocked": ("prod", {"nat": "per-az", "ipv6": True, "blockPublicAccess": True, "cidr": "10.113.0.0/16"}),
    "sealed": ("prod", {"nat": "none", "networkAcls": True, "cidr": "10.114.0.0/16"}),
}
LB = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/main/0123456789abcdef"
BROUGHT: dict[str, Any] = {
    "groundwork:network": {
        "cidr": "10.115.0.0/16",
        "subnetMask": None,
        "nat": "existing",
        "existing": {
            "vpcId": "vpc-0123456789abcdef0",
            "subnets": {
                f"us-east-1{zone}": {
                    tier: f"subnet-{zone}{digit}000000" for digit, tier in enumerate(("public", "private", "data"))
                }
                for zone in "abc"
            },
        },
    },
    "groundwork:edge": {
        "zoneId": None,
        "idleTimeoutSeconds": None,
        "existing": {
            "arn": LB,
            "listenerArn": LB.replace(":loadbalancer/", ":listener/") + "/fedcba9876543210",
            "securityGroupId": "sg-0123456789abcdef0",
        },
    },
}
TABLE, ROUTE = "aws:ec2/routeTable:RouteTable", "aws:ec2/route:Route"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    project = tmp_path_factory.mktemp("networks")
    for part in PROGRAM:
        (project / part).symlink_to(ROOT / part)
    for name, (base, change) in STACKS.items():
        stack = yaml.safe_load((ROOT / f"Pulumi.{base}.yaml").read_text())
        stack["config"]["groundwork:network"].update(change)
        if change["nat"] == "none":  # images from elsewhere cannot be pulled then
            services = stack["config"]["groundwork:services"]
            stack["config"]["groundwork:services"] = {"status": services["status"]}
            stack["config"]["groundwork:data"]["dump"]["stopAfterSeconds"] = None
        (project / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump(stack))
    brought = yaml.safe_load((ROOT / "Pulumi.prod.yaml").read_text())
    for section, change in BROUGHT.items():
        brought["config"][section].update(change)
    (project / "Pulumi.brought.yaml").write_text(yaml.safe_dump(brought))
    command = [sys.executable, "-m", "preflight", "check", "--program", str(project), "--json", "-"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout[-3000:]
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def of_type(report: dict[str, Any], stack: str, token: str) -> list[dict[str, Any]]:
    return [r for r in report["stacks"][stack]["resources"] if r["type"] == token]


@pytest.mark.parametrize("stack", STACKS)
def test_no_rule_is_broken_or_left_undecided_and_aws_would_take_it(report: dict[str, Any], stack: str) -> None:
    assert left(report["stacks"][stack]["findings"]) == []
    assert limits.complaints(report["stacks"][stack]["resources"]) == []


@pytest.mark.parametrize("stack", STACKS)
def test_data_has_no_way_out_in_either_family(report: dict[str, Any], stack: str) -> None:
    data = {table["urn"] for table in of_type(report, stack, TABLE) if table["name"] == "network-data"}
    routes = of_type(report, stack, ROUTE)
    assert data
    assert routes
    assert [r["name"] for r in routes if data & set(r["propertyDependencies"]["routeTableId"])] == []
    subnets = [s for s in of_type(report, stack, "aws:ec2/subnet:Subnet") if "-data-" in s["name"]]
    assert subnets
    assert [s["name"] for s in subnets if "ipv6CidrBlock" in s["inputs"]] == []


@pytest.mark.parametrize("stack", [stack for stack, (_, change) in STACKS.items() if change.get("ipv6")])
def test_from_the_door_to_the_task_there_are_both_kinds_of_addresses(report: dict[str, Any], stack: str) -> None:
    (balancer,) = of_type(report, stack, "aws:lb/loadBalancer:LoadBalancer")
    assert balancer["inputs"]["ipAddressType"] == "dualstack"
    doubled = {s["name"] for s in of_type(report, stack, "aws:ec2/subnet:Subnet") if "ipv6CidrBlock" in s["inputs"]}
    assert {name.split("-")[1] for name in doubled} == {"public", "private"}
    out = of_type(report, stack, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    world = {r["inputs"]["securityGroupId"] for r in out if r["inputs"].get("cidrIpv4") == "0.0.0.0/0"}
    both = {r["inputs"]["securityGroupId"] for r in out if r["inputs"].get("cidrIpv6") == "::/0"}
    walls = {w["name"] for w in of_type(report, stack, "aws:ec2/securityGroup:SecurityGroup")}
    ours = {"network-nat-instance"} & walls  # it translates IPv4 and nothing else
    assert len(world) == len(both) + len(ours)
    assert both <= world


def test_nothing_of_nat_is_left_where_there_is_none(report: dict[str, Any]) -> None:
    types = {r["type"] for r in report["stacks"]["sealed"]["resources"]}
    absent = ("natGateway", "ec2/eip", "aws:autoscaling/", "networkInterface", "egressOnly", "Exclusion")
    assert [token for token in types if any(part in token for part in absent)] == []


def test_of_a_network_that_is_brought_nothing_is_made_but_its_flow_logs(report: dict[str, Any]) -> None:
    made = {r["type"] for r in report["stacks"]["brought"]["resources"]}
    absent = ("ec2/vpc:", "ec2/subnet:", "ec2/route", "ec2/natGateway", "ec2/eip", "vpcEndpoint", "lb/loadBalancer:")
    assert [
        token for token in made if any(part in token for part in (*absent, "lb/listener:", "route53/", "acm/"))
    ] == []
    (log,) = of_type(report, "brought", "aws:ec2/flowLog:FlowLog")
    assert log["inputs"]["vpcId"] == "vpc-0123456789abcdef0"


def test_databases_tasks_and_rules_are_in_what_was_brought(report: dict[str, Any]) -> None:
    for group in of_type(report, "brought", "aws:rds/subnetGroup:SubnetGroup"):
        assert set(group["inputs"]["subnetIds"]) == {f"subnet-{zone}2000000" for zone in "abc"}
    services = of_type(report, "brought", "aws:ecs/service:Service")
    assert services
    for service in services:
        assert set(service["inputs"]["networkConfiguration"]["subnets"]) == {f"subnet-{z}1000000" for z in "abc"}
    rules = of_type(report, "brought", "aws:lb/listenerRule:ListenerRule")
    assert rules
    assert {rule["inputs"]["listenerArn"] for rule in rules} == {BROUGHT["groundwork:edge"]["existing"]["listenerArn"]}
    assert limits.complaints(report["stacks"]["brought"]["resources"]) == []


def test_what_only_routes_could_tell_is_undecided_and_nothing_is_broken(report: dict[str, Any]) -> None:
    findings = left(report["stacks"]["brought"]["findings"])
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
