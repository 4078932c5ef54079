"""Calls between services: who is called is offered by name, who calls gets the way and the address, nobody else."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from components.observability.alarms import RUNBOOKS
from tests.components.kinds import EGRESS, INGRESS, SERVICE, TASK, WEB, several

NAMESPACE = "aws:servicediscovery/httpNamespace:HttpNamespace"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
API: Mapping[str, Any] = {**WEB, "port": 8080, "uses": {}, "route": {"path": "/api*", "priority": 50}}
SHOP: Mapping[str, Any] = {**WEB, "uses": {"api": "call"}}
HIDDEN: Mapping[str, Any] = {**API, "route": None, "health": None}
WORKER: Mapping[str, Any] = {
    "kind": "worker",
    "image": "crccheck/hello-world:v1.0.0",
    "queue": "jobs",
    "timeoutSeconds": 60,
    "size": {"cpu": 256, "memory": 512, "architecture": "arm64"},
    "scale": {"min": 2, "max": 4, "track": {"backlogPerTask": 100}},
    "environment": {},
    "uses": {"api": "call"},
}


def services(**by_name: Mapping[str, Any]) -> Any:
    return several(by_name)


def connect(made: Any, name: str) -> Any:
    return made.of(SERVICE)[f"{name}-service"].inputs.get("serviceConnectConfiguration")


def container(made: Any, name: str) -> Any:
    (one,) = json.loads(made.of(TASK)[f"{name}-task"].inputs["containerDefinitions"])
    return one


def needed(made: Any, name: str) -> set[str]:
    """Everything that one resource waits for, directly or not."""
    by_urn = {r.urn: r for r in made.registered}
    found: set[str] = set()
    ways = [made.of(SERVICE)[name]]
    while ways:
        one = ways.pop()
        new = (one.dependencies | {one.parent} if one.parent else set(one.dependencies)) - found
        new |= {urn for urns in one.property_dependencies.values() for urn in urns} - found
        found |= new
        ways += [by_urn[urn] for urn in new if urn in by_urn]
    return {by_urn[urn].name for urn in found if urn in by_urn and by_urn[urn].type.startswith("aws:")}


def test_without_calls_there_is_no_namespace_and_no_proxy(deploy: Any) -> None:
    made = deploy(services(api=API, shop=WEB))
    assert made.of(NAMESPACE) == {}
    assert connect(made, "api") is connect(made, "shop") is None
    assert container(made, "api")["portMappings"] == [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}]


def test_who_is_called_has_its_name_and_its_port_in_the_one_namespace(deploy: Any) -> None:
    made = deploy(services(api=API, shop=SHOP))
    namespace = made.one(NAMESPACE)
    assert namespace.name == "compute-calls"
    offered = connect(made, "api")
    assert offered["enabled"] is True
    assert offered["services"] == [{"portName": "api", "clientAlias": [{"dnsName": "api", "port": 8080}]}]
    (port,) = container(made, "api")["portMappings"]
    assert (port["name"], port["appProtocol"], port["containerPort"]) == ("api", "http", 8080)
    dependencies = made.of(SERVICE)["api-service"].property_dependencies["serviceConnectConfiguration"]
    assert namespace.urn in dependencies


def test_who_only_calls_knows_the_names_and_offers_none(deploy: Any) -> None:
    made = deploy(services(api=API, shop=SHOP))
    assert "services" not in connect(made, "shop")
    assert "name" not in container(made, "shop")["portMappings"][0]
    assert connect(made, "shop")["namespace"] == connect(made, "api")["namespace"]


def test_the_caller_finds_the_address_in_a_variable_named_by_the_rule(deploy: Any) -> None:
    made = deploy(services(**{"user-api": API, "shop": {**WEB, "uses": {"user-api": "call"}}}))
    told = {entry["name"]: entry["value"] for entry in container(made, "shop")["environment"]}
    assert told["USER_API_URL"] == "http://user-api:8080"
    assert "USER_API_URL" not in {entry["name"] for entry in container(made, "user-api")["environment"]}


def test_the_way_is_opened_for_the_caller_alone_on_the_one_port(deploy: Any) -> None:
    made = deploy(services(api=API, shop=SHOP, other={**WEB, "route": {"path": "/o", "priority": 9}}))
    groups = {name: r.urn for name, r in made.of(GROUP).items()}
    out, into = made.of(EGRESS)["shop-egress-to-api"], made.of(INGRESS)["shop-ingress-at-api"]
    for rule, own, other in ((out, "shop-group", "api-group"), (into, "api-group", "shop-group")):
        assert (rule.inputs["fromPort"], rule.inputs["toPort"], rule.inputs["ipProtocol"]) == (8080, 8080, "tcp")
        assert groups[own] in rule.property_dependencies["securityGroupId"]
        assert groups[other] in rule.property_dependencies["referencedSecurityGroupId"]
    assert [name for name in [*made.of(EGRESS), *made.of(INGRESS)] if "other" in name and "api" in name] == []
    assert [name for name in [*made.of(EGRESS), *made.of(INGRESS)] if name.startswith("api") and "shop" in name] == []


def test_the_way_belongs_to_the_caller_and_goes_with_it(deploy: Any) -> None:
    made = deploy(services(api=API, shop=SHOP))
    shop = made.of("groundwork:compute:Service")["shop"].urn
    assert made.of(INGRESS)["shop-ingress-at-api"].parent == made.of(EGRESS)["shop-egress-to-api"].parent == shop


@pytest.mark.parametrize("order", [("api", "shop"), ("shop", "api")])
def test_a_caller_waits_for_whom_it_calls_however_they_are_written(deploy: Any, order: tuple[str, str]) -> None:
    described = {"api": API, "shop": SHOP}
    made = deploy(services(**{name: described[name] for name in order}))
    assert {"api-service", "shop-ingress-at-api", "shop-egress-to-api"} <= needed(made, "shop-service")
    assert not {name for name in needed(made, "api-service") if name.startswith("shop-")}


def test_two_that_call_each_other_both_have_their_way_and_only_one_waits(deploy: Any) -> None:
    made = deploy(services(api={**API, "uses": {"shop": "call"}}, shop=SHOP))
    for caller, callee, port in (("api", "shop", 8000), ("shop", "api", 8080)):
        assert made.of(EGRESS)[f"{caller}-egress-to-{callee}"].inputs["fromPort"] == port
        assert made.of(INGRESS)[f"{caller}-ingress-at-{callee}"].inputs["fromPort"] == port
        owner = made.of("groundwork:compute:Service")[caller].urn
        assert made.of(EGRESS)[f"{caller}-egress-to-{callee}"].parent == owner
        told = {entry["name"]: entry["value"] for entry in container(made, caller)["environment"]}
        assert told[f"{callee.upper()}_URL"] == f"http://{callee}:{port}"
    assert "shop-service" in needed(made, "api-service"), "the one that is written first comes last"
    assert "api-service" not in needed(made, "shop-service"), "a circle of waiting would end nowhere"


def test_a_service_without_a_route_is_reached_by_its_name_alone(deploy: Any) -> None:
    made = deploy(services(api=HIDDEN))
    service = made.of(SERVICE)["api-service"].inputs
    assert connect(made, "api")["services"][0]["portName"] == "api", "a first caller changes nothing of it"
    assert not {"loadBalancers", "healthCheckGracePeriodSeconds"} & service.keys()
    assert made.of("aws:lb/targetGroup:TargetGroup") == made.of("aws:lb/listenerRule:ListenerRule") == {}
    assert [name for name in made.of(INGRESS) if name.startswith("api")] == []


def test_a_worker_may_call_and_is_told_where(deploy: Any) -> None:
    made = deploy(services(api=HIDDEN, index=WORKER))
    assert "services" not in connect(made, "index")
    told = {entry["name"]: entry["value"] for entry in container(made, "index")["environment"]}
    assert told["API_URL"] == "http://api:8080"
    assert {"api-service", "index-egress-to-api"} <= needed(made, "index-service")


def test_a_service_that_says_how_it_is_called_can_be_called_before_anybody_does(deploy: Any) -> None:
    alone = deploy(services(api={**API, "called": {"timeoutSeconds": 60}}))
    (offer,) = connect(alone, "api")["services"]
    assert offer["timeout"] == {"perRequestTimeoutSeconds": 60, "idleTimeoutSeconds": 300}
    called = deploy(services(api={**API, "called": {"timeoutSeconds": 60}}, shop=SHOP))
    before, after = (r.of(SERVICE)["api-service"].inputs for r in (alone, called))
    assert before == after
    assert alone.of(TASK)["api-task"].inputs == called.of(TASK)["api-task"].inputs


def test_time_outs_that_are_not_given_are_left_to_aws(deploy: Any) -> None:
    assert "timeout" not in connect(deploy(services(api=API, shop=SHOP)), "api")["services"][0]


@pytest.mark.parametrize(("spoken", "word"), [("http1", "http"), ("http2", "http2"), ("grpc", "grpc")])
def test_the_proxy_is_told_what_the_port_speaks(deploy: Any, spoken: str, word: str) -> None:
    made = deploy(services(api={**HIDDEN, "protocol": spoken}))
    assert container(made, "api")["portMappings"][0]["appProtocol"] == word


def test_the_proxy_writes_to_the_log_of_its_service_and_never_halts_it(deploy: Any) -> None:
    made = deploy(services(api=API, shop=SHOP))
    log = connect(made, "shop")["logConfiguration"]
    own = container(made, "shop")["logConfiguration"]["options"]
    assert log["logDriver"] == "awslogs"
    assert log["options"] == {**own, "awslogs-stream-prefix": "connect"}


def test_nothing_is_encrypted_between_tasks_and_the_role_gets_no_more_rights(deploy: Any) -> None:
    called, alone = deploy(services(api=API, shop=SHOP)), deploy(services(api=API))
    assert "tls" not in connect(called, "api")["services"][0]
    policy = "aws:iam/rolePolicy:RolePolicy"
    assert called.inputs(policy)["api-roles-execution-policy"] == alone.inputs(policy)["api-roles-execution-policy"]
    assert sorted(n for n in called.of(policy) if n.startswith("shop")) == ["shop-roles-execution-policy"]


def test_calls_that_fail_are_watched_where_there_can_be_calls(deploy: Any) -> None:
    signals = {signal.name: signal for signal in deploy(services(api=HIDDEN, shop=SHOP)).built.signals}
    watched = signals["api-call-errors"]
    assert {metric.namespace for metric in watched.metrics.values()} == {"AWS/ECS"}
    assert f"`{watched.name.replace('api-', '<service>-')}`" in (RUNBOOKS / watched.runbook).read_text()
    assert "shop-call-errors" not in signals
    assert not {"api-errors", "api-no-healthy-task"} & signals.keys(), "no load balancer counts anything of it"


def test_signals_stay_in_the_order_in_which_services_are_written(deploy: Any) -> None:
    names = [signal.name for signal in deploy(services(shop=SHOP, api=API)).built.signals]
    assert [name.startswith("shop-") for name in names] == sorted([n.startswith("shop-") for n in names], reverse=True)


def test_a_service_waits_for_nothing_of_a_service_that_it_does_not_call(deploy: Any) -> None:
    stack = {"api": API, "shop": SHOP, "other": {**WEB, "route": {"path": "/o", "priority": 9}}, "index": WORKER}
    made = deploy(services(**stack))
    owners = {"shop": {"api"}, "api": set(), "other": set(), "index": {"api"}}
    for name, allowed in owners.items():
        foreign = {n for n in needed(made, f"{name}-service") if n.split("-")[0] in stack.keys() - {name}}
        assert {n.split("-")[0] for n in foreign} == allowed, f"{name} waits for {sorted(foreign)}"


def test_a_service_waits_for_no_scaling_and_no_alarm_but_the_one_that_takes_its_release_back(deploy: Any) -> None:
    made = deploy(services(api=API, shop=WEB))
    by_name = {r.name: r.type for r in made.registered}
    waited = {name: by_name[name] for name in needed(made, "shop-service")}
    assert not [name for name, token in waited.items() if "appautoscaling" in token or "dashboard" in token.lower()]
    assert {name for name, token in waited.items() if "metricAlarm" in token} <= {"shop-release"}
    assert waited["shop-route"] == "aws:lb/listenerRule:ListenerRule", "what it does need is there"
