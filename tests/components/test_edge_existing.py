"""A load balancer that exists: services stand behind it, nothing of it is made."""

from typing import Any

from components.contracts import Site
from components.edge import Edge, EdgeArgs
from settings.edge import EdgeSettings

LB = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/main/0123456789abcdef"
LISTENER = LB.replace(":loadbalancer/", ":listener/") + "/fedcba9876543210"


def edge() -> Edge:
    existing = {"arn": LB, "listenerArn": LISTENER, "securityGroupId": "sg-0123456789abcdef0"}
    settings = EdgeSettings.model_validate(
        {
            "domain": "app.example.com",
            "zoneId": None,
            "idleTimeoutSeconds": None,
            "logRetentionDays": 90,
            "existing": existing,
        }
    )
    return Edge(
        "edge",
        EdgeArgs(settings=settings, site=Site(vpc_id="vpc-1", public_subnet_ids=["a"]), log_bucket="l", protected=True),
    )


def test_nothing_is_made(deploy: Any) -> None:
    assert [r.type for r in deploy(edge).registered if r.type.startswith("aws:")] == []


def test_services_are_given_its_listener_and_its_group(deploy: Any) -> None:
    seen: dict[str, str] = {}

    def build() -> Edge:
        built = edge()
        for name in ("listener_arn", "security_group_id", "arn_suffix"):
            getattr(built.load_balancer, name).apply(lambda value, name=name: seen.__setitem__(name, value))
        built.url.apply(lambda value: seen.__setitem__("url", value))
        return built

    deploy(build)
    assert seen == {
        "listener_arn": LISTENER,
        "security_group_id": "sg-0123456789abcdef0",
        "arn_suffix": "app/main/0123456789abcdef",
        "url": "https://app.example.com",
    }


def test_it_is_watched_as_one_of_our_own_but_for_its_certificate(deploy: Any) -> None:
    seen: set[str] = set()

    def build() -> Edge:
        built = edge()
        for signal in built.signals:
            for metric in signal.metrics.values():
                metric.dimensions["LoadBalancer"].apply(seen.add)  # type: ignore[union-attr]
        return built

    signals = deploy(build).built.signals
    assert [signal.name for signal in signals] == [
        "edge-lb-5xx-rate",
        "edge-lb-5xx-count",
        "edge-lb-rejected-connections",
    ]
    assert seen == {"app/main/0123456789abcdef"}
