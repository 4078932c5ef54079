"""Routes: what a service says of its targets is what the load balancer is told, and nothing else changes."""

from typing import Any

import pulumi
import pytest

from tests.components.kinds import EGRESS, INGRESS, RULE, SERVICE, TARGETS, WEB, several

PLAIN_TARGETS = {
    "deregistrationDelay": 30,
    "healthCheck": {
        "enabled": True,
        "healthyThreshold": 2,
        "interval": 10,
        "matcher": "200-299",
        "path": "/",
        "port": "traffic-port",
        "protocol": "HTTP",
        "timeout": 5,
        "unhealthyThreshold": 3,
    },
    "port": 8000,
    "protocol": "HTTP",
    "targetType": "ip",
    "vpcId": "vpc-1",
}


class Inside:
    """As the internal load balancer."""

    arn_suffix: Any = "app/inside/0123"
    security_group_id: Any = "sg-inside"
    listener_arn: Any = "arn:inside-listener"
    test_listener_arn: Any = None


def web(*, route: dict[str, Any] | None = None, **change: Any) -> Any:
    described = {**WEB, **change, "route": {**WEB["route"], **(route or {})}}
    return several({"web": described}, internal_load_balancer=Inside())


def test_what_is_not_said_is_not_sent(deploy: Any) -> None:
    assert dict(deploy(web()).one(TARGETS).inputs) == PLAIN_TARGETS


@pytest.mark.parametrize(
    ("route", "sent"),
    [
        ({"drainSeconds": 0}, {"deregistrationDelay": 0}),
        ({"slowStartSeconds": 900}, {"slowStart": 900}),
        ({"slowStartSeconds": 0}, {}),
        ({"algorithm": "round-robin"}, {"loadBalancingAlgorithmType": "round_robin"}),
        ({"algorithm": "weighted-random"}, {"loadBalancingAlgorithmType": "weighted_random"}),
        (
            {"algorithm": "least-outstanding-requests"},
            {"loadBalancingAlgorithmType": "least_outstanding_requests"},
        ),
        (
            {"sticky": {"seconds": 600}},
            {"stickiness": {"enabled": True, "type": "lb_cookie", "cookieDuration": 600}},
        ),
        (
            {"sticky": {"seconds": 60, "cookie": "SESSION"}},
            {
                "stickiness": {
                    "enabled": True,
                    "type": "app_cookie",
                    "cookieDuration": 60,
                    "cookieName": "SESSION",
                }
            },
        ),
        ({"sticky": {"seconds": 0}}, {"stickiness": {"enabled": False, "type": "lb_cookie"}}),
    ],
)
def test_a_setting_of_the_route_changes_what_it_names_and_nothing_else(
    deploy: Any, route: dict[str, Any], sent: dict[str, Any]
) -> None:
    assert dict(deploy(web(route=route)).one(TARGETS).inputs) == {**PLAIN_TARGETS, **sent}


def test_the_health_check_is_asked_as_it_is_said(deploy: Any) -> None:
    check = {"intervalSeconds": 30, "timeoutSeconds": 20, "goodChecks": 5, "badChecks": 10, "codes": "200,302"}
    made = deploy(web(healthCheck={**check, "graceSeconds": 300}))
    sent = made.one(TARGETS).inputs["healthCheck"]
    assert (sent["interval"], sent["timeout"]) == (30, 20)
    assert (sent["healthyThreshold"], sent["unhealthyThreshold"], sent["matcher"]) == (5, 10, "200,302")
    assert made.one(SERVICE).inputs["healthCheckGracePeriodSeconds"] == 300
    assert deploy(web()).one(SERVICE).inputs["healthCheckGracePeriodSeconds"] == 60


@pytest.mark.parametrize(
    ("protocol", "version", "codes"),
    [("http1", "HTTP1", "200-299"), ("http2", "HTTP2", "200-299"), ("grpc", "GRPC", "0")],
)
def test_targets_are_spoken_to_as_the_container_wants(deploy: Any, protocol: str, version: str, codes: str) -> None:
    sent = deploy(web(protocol=protocol)).one(TARGETS).inputs
    assert (sent["protocolVersion"], sent["healthCheck"]["matcher"]) == (version, codes)
    assert sent["protocol"] == "HTTP"


def test_an_internal_route_is_on_the_internal_load_balancer_alone(deploy: Any) -> None:
    made = deploy(web(route={"internal": True}))
    assert made.one(RULE).inputs["listenerArn"] == "arn:inside-listener"
    way = made.of(EGRESS)["web-egress-at-lb"], made.of(INGRESS)["web-ingress-lb"]
    assert way[0].inputs["securityGroupId"] == way[1].inputs["referencedSecurityGroupId"] == "sg-inside"
    public = next(r for r in made.registered if r.name == "lb-group")
    assert public.urn not in made.of(INGRESS)["web-ingress-lb"].dependencies
    watched = {
        metric.dimensions["LoadBalancer"]
        for signal in made.built.signals
        for metric in signal.metrics.values()
        if "LoadBalancer" in metric.dimensions
    }
    assert watched == {"app/inside/0123"}


def test_a_public_route_never_touches_the_internal_load_balancer(deploy: Any) -> None:
    made = deploy(web())
    assert "arn:inside-listener" not in str(made.one(RULE).inputs)
    assert not [r.name for r in made.registered if "sg-inside" in str(r.inputs)]


@pytest.mark.parametrize(("drain", "minutes"), [(30, "25m"), (300, "25m"), (3600, "85m")])
def test_a_deployment_gets_the_time_that_draining_takes(
    deploy: Any, drain: int, minutes: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    kept = pulumi.CustomTimeouts.__init__

    def spy(self: Any, *args: Any, **how: Any) -> None:
        seen.append(how.get("update"))
        kept(self, *args, **how)

    monkeypatch.setattr(pulumi.CustomTimeouts, "__init__", spy)
    deploy(web(route={"drainSeconds": drain}))
    assert [limit for limit in seen if limit] == ([minutes] if minutes else [])


def test_priorities_are_those_of_the_settings_whoever_else_there_is(deploy: Any) -> None:
    one = {"web": WEB}
    more = {
        "a": {**WEB, "route": {"path": "/a", "priority": 7}},
        **one,
        "z": {**WEB, "route": {"path": "/z", "priority": 9}},
    }
    before, after = (deploy(several(services)).of(RULE) for services in (one, more))
    assert after["web-route"].inputs["priority"] == before["web-route"].inputs["priority"] == 100
    assert {name: rule.inputs["priority"] for name, rule in after.items()} == {
        "a-route": 7,
        "web-route": 100,
        "z-route": 9,
    }


def made_for(deploy: Any, count: int) -> Any:
    services = {f"s{n}": {**WEB, "uses": {}, "route": {"path": f"/s{n}/*", "priority": 100 + n}} for n in range(count)}
    return deploy(several(services))


def test_the_graph_grows_by_the_same_for_each_service_up_to_fifty(deploy: Any) -> None:
    sizes = {}
    for count in (1, 2, 50):
        registered = made_for(deploy, count).registered
        edges = sum(len(r.dependencies) + sum(map(len, r.property_dependencies.values())) for r in registered)
        sizes[count] = (len(registered), edges)
    for kind in (0, 1):
        step = sizes[2][kind] - sizes[1][kind]
        assert sizes[50][kind] == sizes[1][kind] + 49 * step, "one service more costs as much among fifty as among two"


def test_a_service_is_the_same_whoever_else_there_is(deploy: Any) -> None:
    one, many = made_for(deploy, 1), made_for(deploy, 10)
    alike = {r.urn: (r.inputs, r.dependencies) for r in many.registered}
    assert {r.urn: (r.inputs, r.dependencies) for r in one.registered}.items() <= alike.items()


def test_targets_of_the_internal_load_balancer_are_others_than_those_of_the_public_one(deploy: Any) -> None:
    public, internal = deploy(web()).one(TARGETS), deploy(web(route={"internal": True})).one(TARGETS)
    assert (public.name, internal.name) == ("web-targets", "web-inside"), "AWS lets no group belong to two"
    assert len(f"{'a' * 16}-inside2") <= 24
