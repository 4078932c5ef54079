"""Whole stacks with a fleet and with EC2 capacity, run by preflight: what AWS would refuse, what the policies say, and that
nothing is written as in another partition."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.components import limits
from tests.components.test_shapes import PROGRAM, ROOT, backups_of_china, committed, first, inputs, section
from tests.components.verdicts import left

FLEET: dict[str, Any] = {
    "kind": "fleet",
    "build": "services/status",
    "machine": {"type": "t4g.small", "imageAsOf": "2026-11-01", "longestLifeDays": 30},
    "port": 8080,
    "health": "/status/health",
    "scale": {"min": 2, "max": 6},
    "route": {"path": "/legacy/*", "priority": 7},
    "environment": {"LOG_LEVEL": "info"},
    "uses": {"main": "write", "uploads": "read"},
}
CAPACITY: dict[str, Any] = {"machine": {"type": "t4g.medium", "longestLifeDays": 14}, "min": 2, "max": 6}
NIGHT = {"when": "cron(0 20 ? * MON-FRI *)", "timezone": "Europe/Berlin", "min": 0, "max": 0}
DAY = {"when": "cron(0 7 ? * MON-FRI *)", "timezone": "Europe/Berlin", "min": 2, "max": 6}
STACKS = ("night", "china", "long")
GROUP, TEMPLATE = "aws:autoscaling/group:Group", "aws:ec2/launchTemplate:LaunchTemplate"


def night() -> dict[str, Any]:
    """Development: a fleet that sleeps, and a service on capacity that may be empty."""
    stack = committed("dev")
    section(stack, "network")["cidr"] = "10.111.0.0/16"
    services = section(stack, "services")
    services["legacy"] = {**FLEET, "scale": {**FLEET["scale"], "schedules": {"night": NIGHT, "day": DAY}}}
    services["legacy"]["uses"] = {**FLEET["uses"], "shared": "write"}
    services["status"].pop("spot")
    services["status"]["runsOn"] = "arm"
    stack["config"]["groundwork:compute"] = {"capacity": {"arm": {**CAPACITY, "min": 0}}}
    return stack


def china() -> dict[str, Any]:
    """Production, where names, hosts and ARNs are written otherwise."""
    stack = committed("prod")
    stack["config"]["aws:region"] = "cn-north-1"
    section(stack, "network").update(
        availabilityZones=["cn-north-1a", "cn-north-1b", "cn-north-1d"], cidr="10.112.0.0/16"
    )
    backups_of_china(stack)
    section(stack, "services")["legacy"] = {**FLEET, "uses": {}}
    stack["config"]["groundwork:compute"] = {"capacity": {"arm": CAPACITY}}
    return stack


def long() -> dict[str, Any]:
    """Production with the longest names, and a fleet that uses every store."""
    stack = committed("prod")
    section(stack, "network")["cidr"] = "10.113.0.0/16"
    schedules = {"abcdefghij-klmnopqrs": {**DAY, "when": "cron(0/5 7-9 1,15 JAN ? *)"}}
    scale = {**FLEET["scale"], "schedules": schedules}
    section(stack, "services")["abcdefgh-ijklmno"] = {**FLEET, "scale": scale}
    stack["config"]["groundwork:compute"] = {"capacity": {"abcdefghij-klmnopqrs": CAPACITY}}
    worker = section(stack, "services")["indexer"]
    worker.pop("spot", None)
    worker["runsOn"] = "abcdefghij-klmnopqrs"
    return stack


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("machines")
    for name in PROGRAM:
        (folder / name).symlink_to(ROOT / name)
    for stack in (night, china, long):
        (folder / f"Pulumi.{stack.__name__}.yaml").write_text(yaml.safe_dump(stack()))
    command = [sys.executable, "-m", "preflight", "check", *STACKS, "--program", str(folder)]
    command += ["--policy", str(ROOT / "policy"), "--json", "-"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@pytest.mark.parametrize("stack", STACKS)
def test_aws_would_take_every_name_size_and_combination(report: dict[str, Any], stack: str) -> None:
    resources = report["stacks"][stack]["resources"]
    assert inputs(report, stack, GROUP), "there is something to look at"
    assert limits.complaints(resources) == []


@pytest.mark.parametrize("stack", STACKS)
def test_no_rule_is_broken_and_nothing_is_left_undecided(report: dict[str, Any], stack: str) -> None:
    assert left(report["stacks"][stack]["findings"]) == []


def test_in_china_arns_and_hosts_are_chinas(report: dict[str, Any]) -> None:
    for resource in report["stacks"]["china"]["resources"]:
        text = json.dumps(resource["inputs"])
        assert {found.split(":")[1] for found in text.split('"') if found.startswith("arn:")} <= {"aws-cn"}, resource
    trusts = json.dumps([i["assumeRolePolicy"] for i in inputs(report, "china", "aws:iam/role:Role").values()])
    assert "ec2.amazonaws.com.cn" in trusts
    assert "ec2.amazonaws.com\\" not in trusts


def test_every_zone_has_room_for_instances(report: dict[str, Any]) -> None:
    for name, group in inputs(report, "long", GROUP).items():
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


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_limits_notice(report: dict[str, Any], mistake: str) -> None:
    token, key, breaking = MISTAKES[mistake]
    resources = copy.deepcopy(report["stacks"]["night"]["resources"])
    target = first(resources, token, key)
    changed = breaking(target)
    target.clear()
    target.update(changed)
    assert len(limits.complaints(resources)) >= 1, mistake


def test_the_limits_notice_a_provider_that_protects_what_its_group_does_not(report: dict[str, Any]) -> None:
    resources = copy.deepcopy(report["stacks"]["night"]["resources"])
    first(resources, GROUP, "protectFromScaleIn")["protectFromScaleIn"] = False
    assert [text for text in limits.complaints(resources) if "protects instances that its group does not" in text]


def test_the_files_are_there() -> None:
    assert Path(ROOT / "components/compute/capacity.sh").is_file()
