"""The scaling of Auto Scaling groups, as the simulator reads it: a fleet's, and that of somebody else's program."""

import math
from typing import Any

import pytest

from preflight.recording import Recording, Resource
from preflight.scaling import groups, outcome, reading
from preflight.scaling.load import Load
from preflight.scaling.model import Scaled
from preflight.scaling.simulator import simulate
from preflight.scaling.world import World
from preflight.yaml_source import SourceError
from tests.gathered import for_each

FLEET = "urn:pulumi:dev::shop::groundwork:compute:Fleet::legacy"
INSTANCES = World(provisioning=240.0)  # seconds until a new instance serves


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::shop::{kind}::{name}"


def made(kind: str, name: str, parent: str | None = None, /, **inputs: Any) -> Resource:
    return Resource.from_json(
        {
            "urn": urn(kind, name), "type": kind, "name": name, "parent": parent, "custom": not kind.startswith("groundwork"),
            "remote": False, "id": name, "inputs": inputs, "outputs": {"arn": f"arn:{name}"}, "propertyDependencies": {},
            "dependencies": [], "options": {}, "source": None,
        }
    )  # fmt: skip


def lever(name: str, policy: str, comparison: str, threshold: float, periods: int) -> Resource:
    return made(
        "aws:cloudwatch/metricAlarm:MetricAlarm", name, comparisonOperator=comparison, threshold=threshold, period=60,
        evaluationPeriods=periods, namespace="AWS/EC2", metricName="CPUUtilization", statistic="Average",
        alarmActions=[f"arn:{policy}"],
    )  # fmt: skip


def policy(name: str, group: str = "shop-dev-legacy", **inputs: Any) -> Resource:
    return made("aws:autoscaling/policy:Policy", name, autoscalingGroupName=group, **inputs)


def fleet(*, least: int = 2, most: int = 20, **change: Any) -> list[Resource]:
    """What components/compute/fleet_scaling.py registers."""
    more: dict[str, Any] = {
        "policyType": "StepScaling", "adjustmentType": "PercentChangeInCapacity", "minAdjustmentMagnitude": 1,
        "estimatedInstanceWarmup": 60,
        "stepAdjustments": [{"metricIntervalLowerBound": "0", "scalingAdjustment": 30}], **change,
    }  # fmt: skip
    less: dict[str, Any] = {
        "policyType": "SimpleScaling",
        "adjustmentType": "ChangeInCapacity",
        "scalingAdjustment": -1,
        "cooldown": 300,
    }
    return [
        made("groundwork:compute:Fleet", "legacy"),
        made(groups.GROUP, "legacy", FLEET, name="shop-dev-legacy", minSize=least, maxSize=most),
        policy("legacy-scale-out", **more),
        policy("legacy-scale-in", **less),
        lever("legacy-high", "legacy-scale-out", "GreaterThanThreshold", 80, 3),
        lever("legacy-low", "legacy-scale-in", "LessThanThreshold", 30, 5),
    ]


def scaled(*resources: Resource, service: str = "legacy") -> Scaled:
    return reading.scaled(
        Recording(project="shop", stack="dev", mode="update", resources=list(resources), exports={}), service
    )


def test_a_fleet_is_found_by_its_component_its_group_and_its_name() -> None:
    for name in ("legacy", "shop-dev-legacy"):
        found = scaled(*fleet(), service=name)
        assert (found.least, found.most, found.notes) == (2, 20, ())
        assert {p.name: (p.adjustment, p.cooldown) for p in found.stepping} == {
            "legacy-scale-out": ("PercentChangeInCapacity", 60),
            "legacy-scale-in": ("ChangeInCapacity", 300),
        }
        assert {p.name: [a.name for a in p.alarms] for p in found.stepping} == {
            "legacy-scale-out": ["legacy-high"],
            "legacy-scale-in": ["legacy-low"],
        }


def test_a_group_that_nothing_scales_is_none_that_scales() -> None:
    alone = made(groups.GROUP, "nat", name="nat", minSize=1, maxSize=1)
    with pytest.raises(SourceError, match="services that scale: legacy"):
        scaled(*fleet(), alone, service="nat")
    with pytest.raises(SourceError, match="nothing of it scales"):
        scaled(alone, service="nat")


def curve(load: Any, minutes: int = 24 * 60) -> Load:
    return Load(
        seconds=[60 * n for n in range(minutes)],
        columns={"cpu": [load(n) for n in range(minutes)]},
        length=60 * minutes,
    )


def test_a_day_of_people_is_met_without_flapping() -> None:
    def day(minute: int) -> float:
        return 2.0 + 6.0 * (1 - math.cos(2 * math.pi * minute / 1440)) / 2

    load = curve(day)
    run = simulate(scaled(*fleet()), load, INSTANCES)
    figures = outcome.summary(run, load, INSTANCES)
    assert figures.flaps == 0
    assert figures.unserved < 0.5
    assert figures.outs > 0
    assert figures.ins > 0


def test_thirty_percent_of_few_are_one_and_of_many_are_many() -> None:
    world = World(provisioning=240.0, tasks=2)
    run = simulate(scaled(*fleet(most=40)), curve(lambda minute: 50.0, minutes=300), world)
    steps = [(change.before, change.after) for change in run.changes]
    assert steps[0] == (2, 3)
    assert steps[-1][1] == 40
    assert all(after == min(40, before + max(1, before * 3 // 10)) for before, after in steps)


def test_bounds_by_the_clock_are_read_as_their_group_has_them() -> None:
    kind = groups.SCHEDULE
    night = made(kind, "night", autoscalingGroupName="shop-dev-legacy", recurrence="0 20 * * 1,2,3,4,5",
                 timeZone="Europe/Berlin", minSize=0, maxSize=0, desiredCapacity=0)  # fmt: skip
    half = made(kind, "half", autoscalingGroupName="shop-dev-legacy", recurrence="5 4 1 * *", minSize=-1, maxSize=6)
    once = made(kind, "once", autoscalingGroupName="shop-dev-legacy", startTime="2026-11-22T06:00:00Z", maxSize=6)
    other = made(kind, "other", autoscalingGroupName="another", recurrence="0 1 * * *", maxSize=6)
    found = scaled(*fleet(), night, half, once, other)
    assert [(s.name, s.expression, s.zone, s.least, s.most) for s in found.schedules] == [
        ("night", "cron(0 20 ? * 2,3,4,5,6 *)", "Europe/Berlin", 0, 0),
        ("half", "cron(5 4 1 * ? *)", "UTC", None, 6),
    ]
    assert [note for note in found.notes if note.startswith("once is left out")]


@for_each(
    "recurrence, written",
    [
        ("0 7 * * 0", "cron(0 7 ? * 1 *)"),
        ("0 7 * * 7", "cron(0 7 ? * 1 *)"),
        ("0 7 * * MON-FRI", "cron(0 7 ? * MON-FRI *)"),
        ("*/5 * * * *", "cron(*/5 * * * ? *)"),
        ("0 7 * * 1-5", "cron(0 7 ? * 2-6 *)"),
    ],
)
def test_the_days_of_unix_are_those_of_aws_and_one(recurrence: str, written: str) -> None:
    found = groups.schedule(made(groups.SCHEDULE, "s", recurrence=recurrence, minSize=1, maxSize=2))
    assert found.expression == written


def test_what_is_not_simulated_is_left_out_with_a_note() -> None:
    lonely = policy("lonely", adjustmentType="ChangeInCapacity", scalingAdjustment=1)
    ahead = policy("ahead", policyType="PredictiveScaling")
    network = policy(
        "network", policyType="TargetTrackingScaling",
        targetTrackingConfiguration={
            "targetValue": 1e6, "predefinedMetricSpecification": {"predefinedMetricType": "ASGAverageNetworkOut"},
        },
    )  # fmt: skip
    cpu = policy(
        "cpu", policyType="TargetTrackingScaling", estimatedInstanceWarmup=120,
        targetTrackingConfiguration={
            "targetValue": 50, "predefinedMetricSpecification": {"predefinedMetricType": "ASGAverageCPUUtilization"},
        },
    )  # fmt: skip
    found = scaled(*fleet(), lonely, ahead, network, cpu)
    assert [(p.name, p.target, p.out_cooldown, p.scales_in) for p in found.tracking] == [("cpu", 50.0, 120, True)]
    assert {note.partition(" ")[0] for note in found.notes} == {"lonely", "ahead", "network"}
    assert [p.name for p in found.stepping] == ["legacy-scale-out", "legacy-scale-in"]
