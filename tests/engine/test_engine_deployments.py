"""Releases on the engine: ECS shifts requests by itself, the program goes on as if nothing were, strategies change."""

from collections.abc import Callable
from typing import Any

import pytest

from operations.engine import drift_command
from operations.stacks import find
from tests.engine.cloud import Thing
from tests.engine.cloud.deployments import RULE, SERVICE, outages, weights
from tests.engine.outcome import Outcome
from tests.engine.stack import Stack

NewStack = Callable[[str], Stack]
GROUP = "aws:lb/targetGroup:TargetGroup"
BLUE_GREEN = {"strategy": "blueGreen", "bakeMinutes": 5}
CANARY = {"strategy": "canary", "percent": 5, "canaryMinutes": 5}
LINEAR = {"strategy": "linear", "stepPercent": 25, "stepMinutes": 5}
BEGIN = {"strategy": "rolling", "shifting": "begin"}
END = {"strategy": "rolling", "shifting": "end"}


@pytest.fixture
def small(stack: NewStack) -> NewStack:
    """One web service, and nothing that it does not need."""

    def new(name: str) -> Stack:
        one = stack(name)

        def shrink(config: dict[str, Any]) -> None:
            web = config["groundwork:services"]["web"]
            config["groundwork:services"] = {"web": {**web, "uses": {}}}
            config["groundwork:data"] = {"databases": {}, "buckets": {}}

        one.edit(shrink)
        return one

    return new


def deployed_by(one: Stack, deployment: dict[str, Any] | None, **more: Any) -> Outcome:
    """The stack after an update to this strategy, and to other settings of the service."""

    def change(config: dict[str, Any]) -> None:
        config["groundwork:services"]["web"].update(deployment=deployment, **more)

    one.edit(change)
    return one.up(fast=True)


def released(one: Stack, version: str) -> Outcome:
    """The stack after a release of the service."""
    one.edit(lambda config: config["groundwork:services"]["web"].update(image=f"crccheck/hello-world:{version}"))
    return one.up(fast=True).expect(0)


def live(one: Stack) -> str:
    """Logical name of the group that gets the requests."""
    sent = weights(one.cloud.store.one(f"{RULE}::web-route").inputs)
    (arn,) = [arn for arn, weight in sent.items() if weight]
    return next(t.name for t in one.cloud.store.things if t.type == GROUP and t.outputs["arn"] == arn)


def thing(one: Stack, name: str) -> Thing:
    return one.cloud.store.one(name)


def calm(one: Stack) -> None:
    """Nothing to change, with and without a look at AWS, and no drift: as `make preview` and `make drift` ask."""
    assert one.preview("--expect-no-changes", pack=False).expect(0).changes == {}
    assert one.preview("--refresh", "--expect-no-changes", pack=False).expect(0).changes == {}
    assert one.run(*drift_command(find(one.name, one.project))).expect(0).changes == {}


def test_what_ecs_has_shifted_is_no_difference_and_stays_through_other_changes(small: NewStack) -> None:
    one = small("dev")
    deployed_by(one, BLUE_GREEN).expect(0)
    assert live(one) == "web-targets"
    outcome = released(one, "v1.0.1")
    assert live(one) == "web-second", "the simulated ECS has shifted"
    assert not any("listenerRule" in name for name in outcome.changes["update"])
    calm(one)

    # Another route, while the state has not seen the shift: ours to change, and where requests go is not.
    moved = deployed_by(one, BLUE_GREEN, route={"path": "/*", "priority": 210}).expect(0)
    assert moved.changes == {"update": [f"{RULE}::web-route"]}
    assert (thing(one, f"{RULE}::web-route").inputs["priority"], live(one)) == (210, "web-second")
    one.refresh(fast=True).expect(0)
    deployed_by(one, BLUE_GREEN, route={"path": "/shop*", "priority": 210}).expect(0)
    assert live(one) == "web-second", "and so when it has"

    released(one, "v1.0.2")
    assert live(one) == "web-targets", "the second release goes back to the first group"
    one.preview("--refresh", "--expect-no-changes", pack=False).expect(0)
    assert outages(one.cloud.store.events) == []
    one.destroy(fast=True).expect(0)
    assert one.cloud.store.things == []


def test_strategies_change_both_ways_without_a_moment_without_targets(small: NewStack) -> None:
    one = small("dev")
    one.up(fast=True).expect(0)
    kept = {name: thing(one, name).id for name in (f"{SERVICE}::web-service", "web-targets", "web-route", "web-count")}
    for number, deployment in enumerate((BEGIN, BLUE_GREEN, CANARY, LINEAR, END, None)):
        before = live(one)
        outcome = deployed_by(one, deployment, image=f"crccheck/hello-world:v1.1.{number}").expect(0)
        assert {step.name for step in outcome.of("replace")} == {"aws:ecs/taskDefinition:TaskDefinition::web-task"}
        assert (live(one) != before) == (deployment in (BLUE_GREEN, CANARY, LINEAR, None)), deployment
    assert one.preview("--refresh", "--expect-no-changes", pack=False).expect(0).changes == {}
    assert {name: thing(one, name).id for name in kept} == kept
    assert live(one) == "web-targets"
    assert {t.name for t in one.cloud.store.things if t.type == GROUP} == {"web-targets"}
    assert thing(one, f"{SERVICE}::web-service").inputs["deploymentConfiguration"] == {"strategy": "ROLLING"}
    assert outages(one.cloud.store.events) == []


def test_a_switch_in_one_step_is_refused_by_aws_or_told_by_the_simulation(small: NewStack) -> None:
    one = small("dev")
    one.up(fast=True).expect(0)
    refused = deployed_by(one, BLUE_GREEN).expect(1)
    assert "testListenerRule is required when productionListenerRule is not associated with both" in refused.output
    assert live(one) == "web-targets"
    deployed_by(one, BEGIN).expect(0)
    deployed_by(one, BLUE_GREEN).expect(0)
    assert (live(one), outages(one.cloud.store.events)) == ("web-second", [])
    deployed_by(one, None).expect(0)
    assert outages(one.cloud.store.events) != [], (
        "without `shifting: end` the rule points at an empty group for a while"
    )


def test_a_protected_stack_does_not_drop_the_group_that_may_serve(small: NewStack) -> None:
    one = small("prod")
    deployed_by(one, BLUE_GREEN).expect(0)
    one.edit(lambda config: config["groundwork:services"]["web"].update(deployment=None))
    refused = one.preview(pack=False).expect(1)
    assert "TargetGroup::web-second" in refused.output
    assert "because it is protected" in refused.output
    deployed_by(one, END).expect(0)
    deployed_by(one, None).expect(0)
    assert outages(one.cloud.store.events) == []
