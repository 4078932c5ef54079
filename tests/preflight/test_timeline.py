"""How long a first deployment takes, against schedules worked out by hand."""

from typing import Any

import pytest

from preflight.arguments import parser
from preflight.diff import words
from preflight.page.schedule import schedule
from preflight.simulation import durations
from preflight.summary import Page, first_deployment
from preflight.timeline import timeline
from preflight.turns import PARALLEL, PARALLEL_SAID
from tests.gathered import for_each

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


@for_each(
    "edge",
    [
        {"propertyDependencies": {"subnets": ["a"]}},
        {"options": {"provider": "a"}},
        {"options": {"providers": {"aws": "a"}}},
        {"options": {"deletedWith": "a"}},
        {"parent": "a"},
    ],
    name=lambda edge: next(iter(edge)),
)
def test_every_kind_of_edge_is_waited_for(edge: dict[str, Any]) -> None:
    assert _steps(_one("a", BALANCER), _one("c") | edge)["c"] == (158, 183)


def test_a_component_takes_no_time_and_passes_on_what_it_waits_for() -> None:
    room = _one("room", "groundwork:x:Room", "a") | {"custom": False}
    found = _steps(_one("a", BALANCER), room, _one("child", QUEUE, parent="room"))
    assert found == {"a": (0, 158), "child": (158, 183)}


def _closed(name: str, token: str, *needs: str, **inputs: Any) -> dict[str, Any]:
    return _one(name, token, *needs, inputs=inputs) | {"custom": False, "remote": True}


def test_a_component_of_another_process_takes_what_it_makes_one_after_the_other() -> None:
    cluster = _closed("cluster", "eks:index:Cluster")
    found = timeline([cluster, _one("after", QUEUE, "cluster"), _one("child", QUEUE, parent="open"),
                      _closed("open", "awsx:cloudtrail:Trail")])  # fmt: skip
    steps = {step["urn"]: (step["start"], step["end"], step["confidence"]) for step in found["steps"]}
    assert steps["cluster"] == (0, 632, "low")  # role 1, cluster 600, launch template 2, group 29
    assert steps["after"] == (632, 657, "high")
    assert "open" not in steps  # its child is seen, and takes the time
    assert found["chain"]["seconds"] == 657
    assert found["notCounted"] == []
    bare = _closed("cluster", "eks:index:Cluster", skipDefaultNodeGroup=True)
    assert timeline([bare])["seconds"] == 601
    assert timeline([_closed("cluster", "eks:index:Cluster", fargate=True)])["seconds"] == 691  # and a profile, 90


def test_a_component_of_which_nothing_is_known_is_named_and_not_counted_as_nothing() -> None:
    found = timeline([_closed("fleet", "acme:index:Fleet"), _one("a", BALANCER)])
    assert found["notCounted"] == ["fleet"]
    assert [step["urn"] for step in found["steps"]] == ["a"]
    assert timeline([_one("a", BALANCER)])["notCounted"] == []


def test_what_is_not_counted_is_said_on_the_terminal_and_on_the_page_with_and_without_a_time() -> None:
    urn = "urn:pulumi:dev::shop::acme:index:Fleet::fleet"
    fleet = _closed(urn, "acme:index:Fleet") | {"name": "fleet", "source": None}
    balancer = _one("urn:pulumi:dev::shop::aws:lb/loadBalancer:LoadBalancer::a", BALANCER) | {"name": "a"}
    balancer["source"] = None
    terminal = Page(width=200, colour=False, verbose=False)
    for resources, first in (([fleet], "  First deployment"), ([fleet, balancer], "  First deployment: about 3 min")):
        stack = {"resources": resources, "timeline": timeline(resources)}
        lines = first_deployment(stack, terminal)
        assert lines[0].startswith(first)
        assert lines[-1] == "    not counted: fleet (acme.Fleet)"
        assert "<p>Not counted, as what it makes is not seen: fleet.</p>" in schedule(stack, {urn: "fleet"}, 10)
    known = {"resources": [balancer], "timeline": timeline([balancer])}
    assert "not counted" not in "".join(first_deployment(known, terminal)) + schedule(known, {}, 10).lower()


def test_what_nobody_has_timed_is_said_on_the_terminal_and_on_the_page() -> None:
    odd = [
        _one(f"urn:pulumi:dev::shop::acme:x/thing{n}:Thing{n}::t{m}", f"acme:x/thing{n}:Thing{n}") | {"name": f"t{m}", "source": None}
        for n in range(9) for m in range(2)
    ]  # fmt: skip
    queue = _one(f"urn:pulumi:dev::shop::{QUEUE}::q") | {"name": "q", "source": None}
    few = {"resources": [queue, *odd[:3]], "timeline": timeline([queue, *odd[:3]])}
    lines = first_deployment(few, Page(width=200, colour=False, verbose=False))
    assert lines[-1] == "    not timed, a second each: 2 acme.Thing0, acme.Thing1"
    assert "nobody timed them: acme:x/thing0:Thing0, acme:x/thing1:Thing1.</p>" in schedule(few, {}, 10)
    many = {"resources": odd, "timeline": timeline(odd)}
    said = first_deployment(many, Page(width=200, colour=False, verbose=False))[-1]
    assert said == "    not timed, a second each: 18 resources of 9 types (--verbose shows all)"
    assert "2 acme.Thing8" in first_deployment(many, Page(width=200, colour=False, verbose=True))[-1]
    known = {"resources": [queue], "timeline": timeline([queue])}
    assert "timed" not in "".join(first_deployment(known, Page(200, False, False))) + schedule(known, {}, 10)


def test_no_more_run_at_once_than_the_engine_lets() -> None:
    queues = [_one(f"q{n}") for n in range(5)]
    assert timeline(queues, 2)["seconds"] == 75  # 2 + 2 + 1, 25 s each
    assert timeline(queues, 16)["seconds"] == 25
    assert timeline(queues, 2)["chain"]["seconds"] == 25


ROOM = "groundwork:x:Room"


def _turns(
    *entries: dict[str, Any], order: str = "", parallel: int = 1, awaited: dict[str, list[str]] | None = None
) -> list[tuple[str, float]]:
    """Who begins when; `order` are names of one letter."""
    found = timeline(sorted(entries, key=lambda each: str(each["urn"])), parallel, order, awaited or {})
    return [(step["urn"], step["start"]) for step in found["steps"]]


def test_of_those_that_are_ready_at_once_the_program_decides_and_not_the_name() -> None:
    queues = [_one(name) for name in "abc"]
    assert _turns(*queues, order="cab") == [("c", 0), ("a", 25), ("b", 50)]
    assert _turns(*queues, order="cab", parallel=2) == [("a", 0), ("c", 0), ("b", 25)]


def test_who_was_ready_earlier_goes_first_wherever_it_stands_in_the_program() -> None:
    entries = _one("a", BALANCER), _one("b", QUEUE, "a"), _one("c"), _one("d")
    assert _turns(*entries, order="abcd") == [("a", 0), ("c", 158), ("d", 183), ("b", 208)]


def test_what_becomes_ready_at_once_keeps_the_order_of_the_program() -> None:
    entries = _one("z"), *(_one(name, QUEUE, "z") for name in "abc")
    assert _turns(*entries, order="zbca") == [("z", 0), ("b", 25), ("c", 50), ("a", 75)]


def test_of_two_that_end_at_once_the_one_that_began_first_lets_others_in_first() -> None:
    entries = _one("y"), _one("z"), _one("a", QUEUE, "y"), _one("b", QUEUE, "z")
    assert _turns(*entries, order="zyab", parallel=2) == [("y", 0), ("z", 0), ("a", 25), ("b", 25)]
    found = _turns(*entries, _one("d"), order="zydab", parallel=2)
    assert found == [("y", 0), ("z", 0), ("b", 25), ("d", 25), ("a", 50)]


def test_a_component_waits_for_its_turn_although_it_takes_no_time() -> None:
    room = _one("r", ROOM) | {"custom": False}
    entries = _one("a"), _one("b"), room, _one("c", parent="r"), _one("d", QUEUE, "a")
    assert _turns(*entries, order="abrcd") == [("a", 0), ("b", 25), ("d", 50), ("c", 75)], "d asks at 25 s, c at 50 s"
    assert _turns(*entries, order="rabcd") == [("a", 0), ("b", 25), ("c", 50), ("d", 75)]


def test_of_a_component_of_another_process_nothing_is_known_before_all_of_it_is_there() -> None:
    room = _one("r", ROOM) | {"custom": False, "remote": True}
    inside = _one("b", BALANCER, parent="r"), _one("c", parent="r")
    found = dict(_turns(room, *inside, _one("d", QUEUE, "c"), order="rbcd", parallel=16))
    assert found == {"b": 0, "c": 0, "d": 158}
    added = _one("e", QUEUE, "d", parent="r")  # by the program
    found = dict(_turns(room, *inside, _one("d", QUEUE, "c"), added, order="rbcde", parallel=16))
    assert found == {"b": 0, "c": 0, "d": 25, "e": 50}
    ours = dict(_turns(room | {"remote": False}, *inside, _one("d", QUEUE, "c"), order="rbcd", parallel=16))
    assert ours["d"] == 25


def test_what_a_callback_makes_waits_for_what_the_callback_waits_for() -> None:
    entries = _one("a", BALANCER), _one("b")
    assert _turns(*entries, order="ab", parallel=16, awaited={"b": ["a", "gone"]}) == [("a", 0), ("b", 158)]


def test_what_has_no_place_in_the_order_comes_last() -> None:
    assert _turns(_one("a"), _one("b"), _one("c"), order="cx") == [("c", 0), ("a", 25), ("b", 50)]


def test_least_and_most_and_the_chain_follow_the_same_rules() -> None:
    entries = [_one(name, BALANCER) for name in "abc"]
    found = timeline(entries, 1, "cab")
    observed = durations.of(BALANCER, "create")
    assert (found["low"], found["high"]) == (round(3 * observed.low), round(3 * observed.high))
    assert (found["seconds"], found["chain"]["seconds"]) == (3 * 158, 158)


@pytest.mark.parametrize(
    ("given", "said", "expected"),
    [
        ([], None, PARALLEL),
        ([], "24", 24),
        (["--parallel", "8"], "24", 8),
        ([], "0", PARALLEL),
        ([], "many", PARALLEL),
    ],
)
def test_how_many_at_a_time_is_what_the_engine_is_told(
    monkeypatch: pytest.MonkeyPatch, given: list[str], said: str | None, expected: int
) -> None:
    monkeypatch.delenv(PARALLEL_SAID, raising=False)
    if said is not None:
        monkeypatch.setenv(PARALLEL_SAID, said)
    for command in (["check"], ["diff", "--base", "main"], ["explain", "it"]):
        assert parser("preflight").parse_args([*command, *given]).parallel == expected


@pytest.mark.parametrize("wrong", ["0", "-1", "x", "1.5", "2147483648"])
def test_a_number_that_the_engine_does_not_take_is_refused(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        parser("preflight").parse_args(["check", f"--parallel={wrong}"])
    assert f"{wrong!r} is not how many resources at a time; allowed: 1 to 2147483647" in capsys.readouterr().err


def test_times_of_another_number_at_a_time_are_not_compared_in_silence() -> None:
    lines = [{"seconds": seconds, "parallel": parallel, "chain": []} for seconds, parallel in ((600, 8), (300, 16))]
    found = words.time({"base": lines[0], "head": lines[1], "sameChain": True}, {})
    assert found == "10 min -> 5 min (16 resources at a time, in the base 8: not comparable)"
    alone = words.time({"base": lines[0], "head": lines[1] | {"parallel": 1}, "sameChain": True}, {})
    assert alone == "10 min -> 5 min (1 resource at a time, in the base 8: not comparable)"
    same = words.time({"base": lines[0] | {"parallel": 16}, "head": lines[1], "sameChain": True}, {})
    assert same == "10 min -> 5 min"


def test_the_chain_names_those_that_decide_and_nobody_else() -> None:
    found = timeline([_one("a", BALANCER), _one("b", STREAM), _one("c", QUEUE, "b"), _one("d", QUEUE, "a")])
    assert [link["urn"] for link in found["chain"]["links"]] == ["b", "c"]
    assert found["seconds"] == found["chain"]["seconds"] == 1325


def test_low_and_high_come_from_what_was_observed() -> None:
    found = timeline([_one("a", BALANCER)])
    observed = durations.of(BALANCER, "create")
    assert (found["low"], found["high"]) == (round(observed.low), round(observed.high))
    assert found["low"] < found["seconds"] < found["high"]


@for_each(
    "token, inputs, slower",
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
