"""A web service gets what its settings ask for: the same service, one thing changed at a time."""

from typing import Any

import pulumi
import pytest

from components.observability.alarms import RUNBOOKS
from tests.components.kinds import (
    EGRESS,
    INGRESS,
    LISTENER,
    POLICY,
    RULE,
    SERVICE,
    TARGETS,
    TASK,
    WEB,
    web,
    web_container,
)


def test_tasks_live_in_private_subnets_without_a_public_address(deploy: Any) -> None:
    network = deploy(web()).one(SERVICE).inputs["networkConfiguration"]
    assert network["assignPublicIp"] is False
    assert network["subnets"] == ["private-a", "private-b"]
    assert len(network["securityGroups"]) == 1


def test_container_targets_and_health_check_agree_on_one_port(deploy: Any) -> None:
    made = deploy(web(port=8123, health="/ready"))
    assert web_container(made)["portMappings"] == [{"containerPort": 8123, "hostPort": 8123, "protocol": "tcp"}]
    assert made.one(SERVICE).inputs["loadBalancers"][0]["containerPort"] == 8123
    targets = made.one(TARGETS).inputs
    assert (targets["port"], targets["targetType"]) == (8123, "ip")
    assert (targets["healthCheck"]["port"], targets["healthCheck"]["path"]) == ("traffic-port", "/ready")
    at_the_service = [
        r for n, r in [*made.inputs(INGRESS).items(), *made.inputs(EGRESS).items()] if "lb" in n and "web" in n
    ]
    assert {(rule["fromPort"], rule["toPort"]) for rule in at_the_service} == {(8123, 8123)}


def test_the_number_of_tasks_is_left_to_autoscaling(deploy: Any) -> None:
    service = deploy(web()).one(SERVICE)
    assert service.ignore_changes == ("desiredCount",), "a nested or snake_case path would match nothing, silently"
    assert service.inputs["desiredCount"] == 2


def test_a_bad_release_goes_back_by_itself_and_fails_the_deployment(deploy: Any) -> None:
    service = deploy(web()).one(SERVICE).inputs
    assert service["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert (service["deploymentMinimumHealthyPercent"], service["deploymentMaximumPercent"]) == (100, 200)
    assert service["waitForSteadyState"] is True
    assert service["availabilityZoneRebalancing"] == "ENABLED"
    assert service["healthCheckGracePeriodSeconds"] == 60


def test_a_release_that_ecs_took_back_fails_and_says_where_to_look(deploy: Any) -> None:
    before = "arn:aws:ecs:us-east-1:111122223333:task-definition/groundwork-test-web:7"
    with pytest.raises(pulumi.RunError, match=r"'web' went back to .*:7: the tasks of .* did not become healthy"):
        deploy(web(), answers={SERVICE: {"taskDefinition": before}})


def test_tasks_can_move_to_other_capacity_without_a_new_service(deploy: Any) -> None:
    service = deploy(web()).one(SERVICE).inputs
    assert "launchType" not in service
    assert service["capacityProviderStrategies"] == [{"capacityProvider": "FARGATE", "base": 0, "weight": 1}]
    assert service["forceNewDeployment"] is True, "without it a change of the strategy replaces the service"


@pytest.mark.parametrize(
    ("spot", "strategy"),
    [
        ({"base": 1, "share": 75}, [("FARGATE", 1, 25), ("FARGATE_SPOT", 0, 75)]),
        ({"base": 0, "share": 100}, [("FARGATE_SPOT", 0, 100)]),
    ],
)
def test_a_share_of_the_tasks_is_on_spot_and_the_base_never_is(
    deploy: Any, spot: dict[str, int], strategy: list[tuple[str, int, int]]
) -> None:
    made = deploy(web(protected=False, spot=spot))
    placed = made.one(SERVICE).inputs["capacityProviderStrategies"]
    assert [(p["capacityProvider"], p["base"], p["weight"]) for p in placed] == strategy
    attached = made.one("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders").inputs["capacityProviders"]
    assert {p["capacityProvider"] for p in placed} <= set(attached)


def test_the_service_comes_after_and_goes_before_what_it_cannot_do_without(deploy: Any) -> None:
    made = deploy(web())
    before = made.one(SERVICE).dependencies
    needed = [
        made.one(RULE),
        *made.of(POLICY).values(),
        made.of(EGRESS)["web-egress-https"],
        made.of(EGRESS)["web-egress-at-lb"],
        made.of(INGRESS)["web-ingress-lb"],
        made.of(INGRESS)["web-ingress-at-main"],
        made.one("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"),
    ]
    assert [r.name for r in needed if r.urn not in before] == []


def test_a_service_does_not_wait_for_another_service(deploy: Any) -> None:
    other = {**WEB, "route": {"path": "/b*", "priority": 50}, "uses": {}}
    made = deploy(web(services={"a": {**WEB, "uses": {}}, "b": other}))
    mine = {r.urn for r in made.registered if r.name.startswith("a-")}
    assert made.of(SERVICE)["b-service"].dependencies.isdisjoint(mine)


@pytest.mark.parametrize(("certificate", "listener"), [("arn:cert", "lb-https"), (None, "lb-http")])
def test_requests_come_from_the_listener_that_serves(deploy: Any, certificate: str | None, listener: str) -> None:
    made = deploy(web(protected=False, certificate=certificate))
    rule = made.one(RULE)
    assert made.of(LISTENER)[listener].urn in rule.property_dependencies["listenerArn"]
    others = {r.urn for name, r in made.of(LISTENER).items() if name != listener}
    assert rule.property_dependencies["listenerArn"].isdisjoint(others), (
        "nothing is forwarded from port 80 beside HTTPS"
    )


def test_a_route_has_the_priority_that_was_given_and_a_host_only_if_one_was(deploy: Any) -> None:
    rule = deploy(web()).one(RULE).inputs
    assert rule["priority"] == 100
    assert rule["conditions"] == [{"pathPattern": {"values": ["/*"]}}]
    hosted = deploy(web(route={"path": "/*", "priority": 7, "host": "app.example.com"})).one(RULE).inputs
    assert {"hostHeader": {"values": ["app.example.com"]}} in hosted["conditions"]


def test_a_connection_drains_before_the_container_is_killed(deploy: Any) -> None:
    made = deploy(web())
    assert made.one(TARGETS).inputs["deregistrationDelay"] <= web_container(made)["stopTimeout"] <= 120


def test_the_longest_service_name_still_fits_into_a_target_groups_name(deploy: Any) -> None:
    name = "a" * 16  # the longest that settings allow
    assert len(deploy(web(services={name: WEB})).one(TARGETS).name) <= 24


@pytest.mark.parametrize("protected", [True, False])
def test_only_a_stack_that_may_be_thrown_away_is_deleted_by_force(deploy: Any, protected: bool) -> None:
    made = deploy(web(protected=protected))
    assert made.one(SERVICE).inputs["forceDelete"] is not protected
    assert made.one(TASK).inputs["skipDestroy"] is protected


def test_every_service_is_watched_for_errors_latency_health_load_and_number(deploy: Any) -> None:
    compute_ = deploy(web()).built
    assert sorted(signal.name for signal in compute_.signals) == [
        "web-below-minimum",
        "web-cpu",
        "web-errors",
        "web-latency-p95",
        "web-latency-p99",
        "web-memory",
        "web-no-healthy-task",
        "web-tasks-missing",
        "web-unhealthy",
    ]
    lowest = next(signal for signal in compute_.signals if signal.name == "web-below-minimum")
    assert (lowest.threshold, lowest.missing) == (2, "breaching"), "no task, no metric: silence is the alarm"


def test_every_signal_names_a_runbook_that_exists_and_that_names_the_signal(deploy: Any) -> None:
    for signal in deploy(web()).built.signals:
        text = (RUNBOOKS / signal.runbook).read_text()
        assert f"`{signal.name.replace('web-', '<service>-')}`" in text, (
            f"{signal.runbook} does not speak of {signal.name}"
        )


def test_the_cluster_measures_itself(deploy: Any) -> None:
    cluster = deploy(web()).one("aws:ecs/cluster:Cluster").inputs
    assert cluster["settings"] == [{"name": "containerInsights", "value": "enabled"}]


def test_every_child_belongs_to_a_component(deploy: Any) -> None:
    assert [urn for urn in deploy(web(protected=False)).urns if "::groundwork::aws:" in urn] == []
