"""The band of autoscaling: out above one figure, in below another, and rest in between."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.compute import scaling

TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


class Owner(pulumi.ComponentResource):
    def __init__(self, args: scaling.ScalingArgs) -> None:
        super().__init__("test:index:Owner", "owner")
        scaling.make("web", args, pulumi.ResourceOptions(parent=self))


def band(**change: Any) -> Callable[[], Owner]:
    base: dict[str, Any] = {
        "cluster_name": "shop",
        "service_name": "web-1",
        "least": 2,
        "most": 10,
        "out_above": 60,
        "in_below": 30,
        "out_cooldown_seconds": 60,
        "in_cooldown_seconds": 300,
    }
    return lambda: Owner(scaling.ScalingArgs(**{**base, **change}))


def test_the_number_of_tasks_stays_within_its_bounds(deploy: Any) -> None:
    target = deploy(band()).one(TARGET).inputs
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 10)
    assert target["resourceId"] == "service/shop/web-1"
    assert (target["serviceNamespace"], target["scalableDimension"]) == ("ecs", "ecs:service:DesiredCount")


def test_tracking_only_scales_out(deploy: Any) -> None:
    made = deploy(band()).inputs(POLICY)["web-scale-out"]
    tracking = made["targetTrackingScalingPolicyConfiguration"]
    assert tracking["targetValue"] == 60
    assert tracking["scaleOutCooldown"] == 60
    assert tracking["disableScaleIn"] is True, (
        "tracking would scale in just below its target, so there would be no band"
    )
    assert tracking["predefinedMetricSpecification"] == {"predefinedMetricType": "ECSServiceAverageCPUUtilization"}
    assert "scaleInCooldown" not in tracking


def test_one_task_goes_while_the_cpu_stays_below_the_lower_figure(deploy: Any) -> None:
    step = deploy(band()).inputs(POLICY)["web-scale-in"]["stepScalingPolicyConfiguration"]
    assert step["adjustmentType"] == "ChangeInCapacity"
    assert step["cooldown"] == 300
    assert step["stepAdjustments"] == [{"metricIntervalUpperBound": "0", "scalingAdjustment": -1}]


def test_the_lever_pulls_the_step_policy_and_tells_nobody(deploy: Any) -> None:
    made = deploy(band())
    alarm = made.one(ALARM)
    assert alarm.property_dependencies["alarmActions"] == {made.of(POLICY)["web-scale-in"].urn}
    assert "okActions" not in alarm.inputs
    assert (alarm.inputs["comparisonOperator"], alarm.inputs["threshold"]) == ("LessThanThreshold", 30)
    assert alarm.inputs["dimensions"] == {"ClusterName": "shop", "ServiceName": "web-1"}
    assert alarm.inputs["period"] * alarm.inputs["evaluationPeriods"] == 300


@pytest.mark.parametrize(("cpu", "moves"), [(70, 1), (61, 1), (60, 0), (45, 0), (30, 0), (29, -1), (0, -1)])
def test_between_the_two_figures_nothing_moves(deploy: Any, cpu: int, moves: int) -> None:
    """Reads the policies as AWS does (application autoscaling guide): what would a steady load bring about?"""
    made = deploy(band())
    out = made.inputs(POLICY)["web-scale-out"]["targetTrackingScalingPolicyConfiguration"]
    step = made.inputs(POLICY)["web-scale-in"]["stepScalingPolicyConfiguration"]["stepAdjustments"][0]
    alarm = made.one(ALARM).inputs
    added = 1 if cpu > out["targetValue"] else 0
    lost = step["scalingAdjustment"] if cpu < alarm["threshold"] else 0
    assert added + lost == moves


def test_each_policy_waits_for_the_target_that_it_scales(deploy: Any) -> None:
    made = deploy(band())
    target = made.one(TARGET).urn
    waiting = [r.name for r in made.of(POLICY).values() if target in r.property_dependencies["resourceId"]]
    assert sorted(waiting) == ["web-scale-in", "web-scale-out"]
