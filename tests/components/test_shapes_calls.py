"""A stack whose services call each other, in a circle too, with every setting of routes at an end, end to end."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.components import limits
from tests.components.verdicts import left
from tests.growth import PROGRAM, ROOT


def described() -> dict[str, Any]:
    """Production with services that call: one without a route, one on the internal load balancer, the longest names."""
    stack: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.prod.yaml").read_text())
    config = stack["config"]
    services = config["groundwork:services"]
    plain = copy.deepcopy({**services["status"], "uses": {}})
    services["web"]["uses"] |= {"abcdefgh-ijklmn1": "call", "inside": "call"}
    services["indexer"]["uses"] = {"uploads": "read", "inside": "call"}
    services["abcdefgh-ijklmn1"] = {
        **plain,
        "route": None,
        "health": None,
        "protocol": "grpc",
        "called": {"timeoutSeconds": 0, "idleSeconds": 0},
        "uses": {"inside": "call"},
    }
    services["inside"] = {
        **plain,
        "route": {
            "path": "/*",
            "priority": 50000,
            "internal": True,
            "sticky": {"seconds": 604800, "cookie": "SESSION"},
            "drainSeconds": 3600,
            "algorithm": "least-outstanding-requests",
        },
        "healthCheck": {
            "intervalSeconds": 300,
            "timeoutSeconds": 120,
            "goodChecks": 10,
            "badChecks": 10,
            "codes": "200",
        },
        "uses": {"abcdefgh-ijklmn1": "call", "grpc": "call"},
    }
    services["grpc"] = {
        **plain,
        "protocol": "grpc",
        "route": {"path": "/pkg.Service/*", "priority": 1, "slowStartSeconds": 30, "sticky": {"seconds": 0}},
        "health": "/grpc.health.v1.Health/Check",
    }
    config["groundwork:network"]["cidr"] = "10.105.0.0/16"
    config["groundwork:edge"] |= {
        "http": {"keepAliveSeconds": 604800, "desyncMitigation": "strictest"},
        "internal": {"reachableFrom": ["10.0.0.0/8", "192.168.1.7/32"]},
    }
    return stack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    project: Path = tmp_path_factory.mktemp("calls")
    for part in PROGRAM:
        (project / part).symlink_to(ROOT / part)
    (project / "Pulumi.calls.yaml").write_text(yaml.safe_dump(described()))
    command = [sys.executable, "-m", "preflight", "check", "--program", str(project), "--json", "-"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["stacks"]["calls"]
    return found


def inputs(stack: dict[str, Any], token: str) -> dict[str, dict[str, Any]]:
    return {r["name"]: r["inputs"] for r in stack["resources"] if r["type"] == token}


def test_aws_would_take_every_name_size_and_combination(stack: dict[str, Any]) -> None:
    assert limits.complaints(stack["resources"]) == []


def test_no_rule_is_broken_and_nothing_is_left_undecided(stack: dict[str, Any]) -> None:
    assert left(stack["findings"]) == []


def test_every_call_has_one_way_out_and_one_way_in(stack: dict[str, Any]) -> None:
    services = described()["config"]["groundwork:services"]
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
