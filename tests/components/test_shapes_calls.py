"""A stack whose services call each other, in a circle too, with every setting of routes at an end, end to end."""

import copy
from typing import Any

import pytest

from tests.components import limits, shapes


@pytest.fixture
def stack(shaped: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = shaped["stacks"]["china"]
    return found


def inputs(stack: dict[str, Any], token: str) -> dict[str, dict[str, Any]]:
    return {r["name"]: r["inputs"] for r in stack["resources"] if r["type"] == token}


def test_every_call_has_one_way_out_and_one_way_in(stack: dict[str, Any]) -> None:
    services = shapes.section(shapes.china(), "services")
    calls = {
        (caller, callee) for caller, s in services.items() for callee, level in s["uses"].items() if level == "call"
    }
    assert len(calls) == 6
    egress = inputs(stack, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    ingress = inputs(stack, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    for caller, callee in calls:
        for rule in (egress[f"{caller}-egress-to-{callee}"], ingress[f"{caller}-ingress-at-{callee}"]):
            assert (rule["fromPort"], rule["toPort"]) == (services[callee]["port"], services[callee]["port"])
    offered = {
        offer["clientAlias"][0]["dnsName"]
        for service in inputs(stack, "aws:ecs/service:Service").values()
        for offer in service.get("serviceConnectConfiguration", {}).get("services", [])
    }
    assert offered == {callee for _, callee in calls}


def test_a_duplicate_name_or_an_unnamed_port_would_be_noticed(stack: dict[str, Any]) -> None:
    broken = copy.deepcopy(stack["resources"])
    for resource in broken:
        connect = resource["inputs"].get("serviceConnectConfiguration") or {}
        for offer in connect.get("services", []):
            offer["portName"], offer["clientAlias"][0]["dnsName"] = "nobody", "twice"
    complaints = limits.complaints(broken)
    assert any("no port of its task is called 'nobody'" in text for text in complaints)
    assert "the name twice is offered 3 times" in complaints


@pytest.mark.parametrize("change", [{"slowStart": 30, "loadBalancingAlgorithmType": "weighted_random"}])
def test_targets_that_aws_refuses_would_be_noticed(stack: dict[str, Any], change: dict[str, Any]) -> None:
    broken = copy.deepcopy(stack["resources"])
    next(r for r in broken if r["name"] == "inside-inside")["inputs"].update(change)
    assert [text for text in limits.complaints(broken) if "slow start goes with round robin" in text]
