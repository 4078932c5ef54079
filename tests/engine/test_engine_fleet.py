"""A fleet and EC2 capacity on the real engine: they come, are released anew, and go; nothing else is touched."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.engine.outcome import Outcome
    from tests.engine.stack import Stack

TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate::veteran"
GROUP = "aws:autoscaling/group:Group::veteran"
RELEASE = "aws:lambda/invocation:Invocation::veteran-rollout"
IMAGE = "aws:cloudformation/stack:Stack::veteran-image"
SPOT: dict[str, Any] = {"base": 1, "share": 50, "types": ["t4g.medium"]}
FLEET: dict[str, Any] = {
    "kind": "fleet",
    "image": "example/veteran:1",
    "machine": {"type": "t4g.small", "imageAsOf": "2026-11-01"},
    "port": 8000,
    "health": "/",
    "scale": {"min": 1, "max": 2, "inBelow": 30},
    "route": {"path": "/veteran*", "priority": 55},
    "environment": {},
    "uses": {"main": "write", "uploads": "read"},
}


def with_fleet(config: dict[str, Any]) -> None:
    config["groundwork:services"]["veteran"] = FLEET


def on_ec2(config: dict[str, Any]) -> None:
    config["groundwork:compute"]["capacity"] = {"arm": {"machine": {"type": "t4g.medium"}, "min": 1, "max": 2}}
    status = config["groundwork:services"]["status"]
    status.pop("spot", None)
    status["runsOn"] = "arm"


def on_fargate(config: dict[str, Any]) -> None:
    config["groundwork:services"]["status"].pop("runsOn")
    del config["groundwork:compute"]["capacity"]


def told(one: "Stack") -> Any:
    """What the function was told to roll out last."""
    return json.loads(one.cloud.store.one(RELEASE).inputs["input"])


def kinds(outcome: "Outcome") -> dict[str, list[str]]:
    """What was made, changed, replaced or deleted; the first half of a replacement stands for both."""
    return {kind: sorted(keys) for kind, keys in outcome.changes.items() if kind != "delete-replaced"}


def lasting(one: "Stack") -> set[str]:
    """Whatever there is but revisions of task definitions, of which each change makes another."""
    return {thing.key for thing in one.cloud.store.things if "taskDefinition" not in thing.type}


def test_a_fleet_comes_is_released_anew_patched_and_goes_and_touches_nothing_else(
    deployed: Callable[[str], "Stack"],
) -> None:
    one = deployed("dev")
    before = {thing.key: thing.inputs for thing in one.cloud.store.things}
    one.edit(with_fleet)
    made = one.up(fast=True).expect(0)
    assert made.of("replace") == []
    assert set(made.changes) == {"create"}
    after = {thing.key: thing.inputs for thing in one.cloud.store.things}
    assert {key for key, inputs in before.items() if after.get(key) != inputs} == set()
    assert one.preview("--expect-no-changes").expect(0).changes == {}
    assert told(one)["version"] == "1"

    # A release: the template has one more version, the function is told of it, the group is left to AWS.
    one.edit(lambda config: config["groundwork:services"]["veteran"].update(image="example/veteran:2"))
    released = one.up(fast=True).expect(0)
    assert kinds(released) == {"update": [TEMPLATE], "create-replacement": [RELEASE]}
    assert told(one)["version"] == "2"
    assert one.cloud.store.one(GROUP).inputs["launchTemplate"]["version"] == "1", "AWS writes it when that has worked"
    assert one.preview("--expect-no-changes", pack=False).expect(0).changes == {}

    # AWS has rolled it out and written the version into the group: no drift that anybody has to do something about.
    template = one.cloud.store.one(TEMPLATE)
    one.cloud.store.drift(GROUP, launchTemplate={"id": template.id, "version": "2"}, desiredCapacity=2)
    one.refresh(fast=True).expect(0)
    assert one.preview("--expect-no-changes", pack=False).expect(0).changes == {}

    # A patch: another day, another image, and with it a release.
    image = template.inputs["imageId"]
    one.edit(lambda config: config["groundwork:services"]["veteran"]["machine"].update(imageAsOf="2026-11-20"))
    patched = one.up(fast=True).expect(0)
    assert kinds(patched) == {"update": sorted([IMAGE, TEMPLATE]), "create-replacement": [RELEASE]}
    assert one.cloud.store.one(TEMPLATE).inputs["imageId"] != image
    assert told(one)["version"] == "3"

    one.edit(lambda config: config["groundwork:services"].pop("veteran"))
    gone = one.up(fast=True).expect(0)
    assert set(gone.changes) == {"delete"}
    assert {thing.key for thing in one.cloud.store.things} == set(before)


def test_a_fleet_moves_to_spot_by_another_group_and_changes_its_share_by_a_release(
    deployed: Callable[[str], "Stack"],
) -> None:
    one = deployed("dev")
    one.edit(with_fleet)
    one.up(fast=True).expect(0)
    spotty = f"{GROUP}--spot"
    one.edit(lambda config: config["groundwork:services"]["veteran"].update(spot=dict(SPOT)))
    moved = one.up(fast=True).expect(0)
    done = [(what, f"{thing.type}::{thing.name}") for what, thing in one.cloud.store.events]
    assert done.index(("create", spotty)) < done.index(("delete", GROUP)), "no instance goes before others are there"
    assert {name for name in moved.changes["delete"] if name.startswith("aws:")} == {GROUP}
    assert not [name for name in moved.changes.get("update", []) if "::veteran" not in name]
    assert "mixed" in told(one)
    assert one.preview("--expect-no-changes").expect(0).changes == {}

    # Another share: the group is left to the release, which gives it version and policy at once.
    one.edit(lambda config: config["groundwork:services"]["veteran"]["spot"].update(share=100))
    other = one.up(fast=True).expect(0)
    assert kinds(other) == {"create-replacement": [RELEASE]}
    distribution = one.cloud.store.one(spotty).inputs["mixedInstancesPolicy"]["instancesDistribution"]
    assert distribution["onDemandPercentageAboveBaseCapacity"] == 50, "AWS writes it when that has worked"
    assert told(one)["mixed"]["InstancesDistribution"]["OnDemandPercentageAboveBaseCapacity"] == 0
    assert one.preview("--expect-no-changes", pack=False).expect(0).changes == {}


def test_a_service_moves_to_ec2_and_back_without_being_replaced(deployed: Callable[[str], "Stack"]) -> None:
    one = deployed("dev")
    before = lasting(one)
    one.edit(on_ec2)
    there = one.up(fast=True).expect(0)
    assert [key for key in there.changes.get("create-replacement", []) if "taskDefinition" not in key] == []
    service = one.cloud.store.one("aws:ecs/service:Service::status-service")
    provider = one.cloud.store.one("aws:ecs/capacityProvider:CapacityProvider::compute-ec2-arm")
    assert [p["capacityProvider"] for p in service.inputs["capacityProviderStrategies"]] == [provider.outputs["name"]]
    assert one.preview("--expect-no-changes").expect(0).changes == {}

    one.edit(on_fargate)
    back = one.up(fast=True).expect(0)
    assert [key for key in back.changes.get("create-replacement", []) if "taskDefinition" not in key] == []
    assert lasting(one) == before
