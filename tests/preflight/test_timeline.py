"""How long a first deployment takes, against schedules worked out by hand."""

from typing import Any

import pytest

from preflight.simulation import durations
from preflight.timeline import timeline

STREAM = "aws:msk/cluster:Cluster"  # 1,300 s
BALANCER = "aws:lb/loadBalancer:LoadBalancer"  # 158 s
QUEUE = "aws:sqs/queue:Queue"  # 25 s


def _one(name: str, token: str = QUEUE, *needs: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "urn": name, "type": token, "custom": True, "parent": parent, "inputs": {}, "dependencies": list(needs), **more
    }  # fmt: skip


def _steps(*entries: dict[str, Any], parallel: int = 16) -> dict[str, tuple[float, float]]:
    return {step["urn"]: (step["start"], step["end"]) for step in timeline(entries, parallel)["steps"]}


def test_what_waits_for_nobody_begins_at_once() -> None:
    assert _steps(_one("a", BALANCER), _one("b")) == {"a": (0, 158), "b": (0, 25)}


def test_what_depends_begins_when_the_last_it_needs_is_there() -> None:
    found = _steps(_one("a", BALANCER), _one("b"), _one("c", QUEUE, "a", "b"))
    assert found["c"] == (158, 183)


@pytest.mark.parametrize(
    "edge",
    [
        {"propertyDependencies": {"subnets": ["a"]}},
        {"options": {"provider": "a"}},
        {"options": {"providers": {"aws": "a"}}},
        {"parent": "a"},
    ],
    ids=lambda edge: next(iter(edge)),
)
def test_every_kind_of_edge_is_waited_for(edge: dict[str, Any]) -> None:
    assert _steps(_one("a", BALANCER), _one("c") | edge)["c"] == (158, 183)


def test_a_component_takes_no_time_and_passes_on_what_it_waits_for() -> None:
    room = _one("room", "groundwork:x:Room", "a") | {"custom": False}
    found = _steps(_one("a", BALANCER), room, _one("child", QUEUE, parent="room"))
    assert found == {"a": (0, 158), "child": (158, 183)}


def test_no_more_run_at_once_than_the_engine_lets() -> None:
    queues = [_one(f"q{n}") for n in range(5)]
    assert timeline(queues, 2)["seconds"] == 75  # 2 + 2 + 1, 25 s each
    assert timeline(queues, 16)["seconds"] == 25
    assert timeline(queues, 2)["chain"]["seconds"] == 25


def test_the_chain_names_those_that_decide_and_nobody_else() -> None:
    found = timeline([_one("a", BALANCER), _one("b", STREAM), _one("c", QUEUE, "b"), _one("d", QUEUE, "a")])
    assert [link["urn"] for link in found["chain"]["links"]] == ["b", "c"]
    assert found["seconds"] == found["chain"]["seconds"] == 1325


def test_low_and_high_come_from_what_was_observed() -> None:
    found = timeline([_one("a", BALANCER)])
    observed = durations.of(BALANCER, "create")
    assert (found["low"], found["high"]) == (round(observed.low), round(observed.high))
    assert found["low"] < found["seconds"] < found["high"]


@pytest.mark.parametrize(
    ("token", "inputs", "slower"),
    [
        ("aws:ec2/vpcEndpoint:VpcEndpoint", {"vpcEndpointType": "Interface"}, {"vpcEndpointType": "Gateway"}),
        ("aws:ecs/service:Service", {"waitForSteadyState": True}, {}),
        ("aws:rds/instance:Instance", {"multiAz": True}, {"multiAz": False}),
        ("aws:lambda/function:Function", {"vpcConfig": {"subnetIds": ["a"]}}, {}),
        ("aws:kms/key:Key", {"enableKeyRotation": True}, {}),
        ("aws:ec2/subnet:Subnet", {"mapPublicIpOnLaunch": True}, {}),
        ("aws:rds/cluster:Cluster", {"snapshotIdentifier": "s"}, {}),
        ("aws:elasticache/replicationGroup:ReplicationGroup", {"numCacheClusters": 2}, {"numCacheClusters": 1}),
        ("aws:autoscaling/group:Group", {"desiredCapacity": 1}, {"desiredCapacity": 0}),
        ("aws:cloudfront/distribution:Distribution", {}, {"waitForDeployment": False}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_variant_that_is_known_to_be_slower_takes_longer(
    token: str, inputs: dict[str, Any], slower: dict[str, Any]
) -> None:
    assert durations.seconds(token, "create", inputs) > durations.seconds(token, "create", slower)


def test_a_type_that_nobody_timed_is_quick_and_says_so() -> None:
    found = timeline([_one("a", "aws:unheard/of:It")])
    assert found["seconds"] == 1
    assert found["steps"][0]["confidence"] == "none"


def test_an_empty_stack_takes_no_time() -> None:
    assert timeline([])["seconds"] == 0
    assert timeline([])["chain"] == {"seconds": 0, "links": []}


def test_every_variant_that_is_chosen_has_been_observed() -> None:
    for token, choose in durations._VARIANTS.items():
        known = durations._types()[token]["variants"]
        assert choose({}) in {*known, ""}, token


def test_what_is_only_read_takes_no_time() -> None:
    assert _steps(_one("a", BALANCER, options={"external": True}), _one("c", QUEUE, "a"))["c"] == (0, 25)


def test_an_old_name_of_a_type_takes_as_long_as_the_present_one() -> None:
    assert _steps(_one("a", "aws:alb/loadBalancer:LoadBalancer")) == {"a": (0, 158)}


@pytest.mark.parametrize(
    "token", ["aws:eks/cluster:Cluster", "aws:docdb/clusterInstance:ClusterInstance", "aws:mq/broker:Broker"]
)
def test_what_is_known_to_be_slow_is_not_taken_for_one_call(token: str) -> None:
    (step,) = timeline([_one("a", token)])["steps"]
    assert step["end"] >= 300
    assert step["confidence"] == "low"
