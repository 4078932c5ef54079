"""Whole stacks with a fleet and with EC2 capacity, run by preflight: what AWS would refuse, what the policies say, and that
nothing is written as in another partition."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.committed import ROOT
from tests.components import limits
from tests.components.shapes import first, inputs, with_mistake
from tests.gathered import for_each

GROUP, TEMPLATE = "aws:autoscaling/group:Group", "aws:ec2/launchTemplate:LaunchTemplate"


def test_in_china_arns_and_hosts_are_chinas(shaped: dict[str, Any]) -> None:
    for resource in shaped["stacks"]["china"]["resources"]:
        text = json.dumps(resource["inputs"])
        assert {found.split(":")[1] for found in text.split('"') if found.startswith("arn:")} <= {"aws-cn"}, resource
    trusts = json.dumps([i["assumeRolePolicy"] for i in inputs(shaped, "china", "aws:iam/role:Role").values()])
    assert "ec2.amazonaws.com.cn" in trusts
    assert "ec2.amazonaws.com\\" not in trusts


def test_every_zone_has_room_for_instances(shaped: dict[str, Any]) -> None:
    groups = inputs(shaped, "kept", GROUP)
    assert len(groups) == 3
    for name, group in groups.items():
        assert len(set(group["vpcZoneIdentifiers"])) == 3, name


def _without_hook(group: dict[str, Any]) -> dict[str, Any]:
    (hook,) = group["initialLifecycleHooks"]
    return {**group, "initialLifecycleHooks": [{**hook, "heartbeatTimeout": 7201}]}


SCALING, PROVIDER = "aws:autoscaling/policy:Policy", "aws:ecs/capacityProvider:CapacityProvider"
MISTAKES: dict[str, tuple[str, str | None, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "too much to tell": (TEMPLATE, None, lambda i: {**i, "userData": "QUJD" * 5500}),
    "no image": (TEMPLATE, None, lambda i: {**i, "imageId": "al2023"}),
    "zones beside subnets": (GROUP, "vpcZoneIdentifiers", lambda i: {**i, "availabilityZones": ["a"]}),
    "more than may be": (GROUP, None, lambda i: {**i, "desiredCapacity": 1000}),
    "a life of an hour": (GROUP, None, lambda i: {**i, "maxInstanceLifetime": 3600}),
    "a tag twice": (GROUP, "tags", lambda i: {**i, "tags": [*i["tags"], i["tags"][0]]}),
    "kept too wide": (
        GROUP, None, lambda i: {**i, "instanceMaintenancePolicy": {"minHealthyPercentage": 0, "maxHealthyPercentage": 200}},
    ),
    "a hook of hours": (GROUP, "initialLifecycleHooks", _without_hook),
    "a colon in its name": (GROUP, None, lambda i: {**i, "name": "a:b"}),
    "a roll-back by the provider": (
        GROUP, "instanceRefresh", lambda i: {**i, "instanceRefresh": {"preferences": {"autoRollback": True}}},
    ),
    "steps of a simple policy": (SCALING, "scalingAdjustment", lambda i: {**i, "stepAdjustments": []}),
    "a step policy that cools down": (SCALING, "stepAdjustments", lambda i: {**i, "cooldown": 60}),
    "a least of numbers": (SCALING, "minAdjustmentMagnitude", lambda i: {**i, "adjustmentType": "ChangeInCapacity"}),
    "a name of AWS's": (PROVIDER, None, lambda i: {**i, "name": "ecs-arm"}),
}  # fmt: skip


@for_each("mistake", MISTAKES)
def test_the_limits_notice(shaped: dict[str, Any], mistake: str) -> None:
    resources = with_mistake(shaped["stacks"]["night"]["resources"], MISTAKES[mistake])
    assert len(limits.complaints(resources)) >= 1, mistake


def test_the_limits_notice_a_provider_that_protects_what_its_group_does_not(shaped: dict[str, Any]) -> None:
    resources = copy.deepcopy(shaped["stacks"]["night"]["resources"])
    first(resources, GROUP, "protectFromScaleIn")["protectFromScaleIn"] = False
    assert [text for text in limits.complaints(resources) if "protects instances that its group does not" in text]


def test_the_files_are_there() -> None:
    assert Path(ROOT / "components/compute/capacity.sh").is_file()
