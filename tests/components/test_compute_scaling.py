"""What `scale` becomes: the band, tracked metrics, prediction, schedules, and how they go together."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.compute import scaling, watch
from settings.scaling import ScaleSettings

TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"
SCHEDULE = "aws:appautoscaling/scheduledAction:ScheduledAction"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
BAND: dict[str, Any] = {"outAbove": 60, "inBelow": 30}
NIGHT = {"when": "cron(0 20 ? * MON-FRI *)", "timezone": "Europe/Berlin", "min": 0, "max": 0}
MORNING = {"when": "cron(0 7 ? * MON-FRI *)", "timezone": "Europe/Berlin", "min": 2, "max": 10}


class Owner(pulumi.ComponentResource):
    def __init__(self, settings: ScaleSettings, queue: str | None) -> None:
        super().__init__("test:index:Owner", "owner")
        metrics = scaling.Metrics(
            cluster_name="shop",
            service_name="web-1",
            load_balancer="app/shop/0123",
            target_group="targetgroup/web/4567",
            queue_name=queue,
        )
        scaling.make("web", settings, metrics, pulumi.ResourceOptions(parent=self))


def scaled(*, queue: str | None = None, **more: Any) -> Callable[[], Owner]:
    settings = ScaleSettings.model_validate({"min": 2, "max": 10, "cooldown": {"in": 300, "out": 60}, **more})
    return lambda: Owner(settings, queue)


def tracking(made: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = made.inputs(POLICY)[name]["targetTrackingScalingPolicyConfiguration"]
    return found


def test_the_number_of_tasks_stays_within_its_bounds(deploy: Any) -> None:
    target = deploy(scaled(**BAND)).one(TARGET).inputs
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 10)
    assert target["resourceId"] == "service/shop/web-1"
    assert (target["serviceNamespace"], target["scalableDimension"]) == ("ecs", "ecs:service:DesiredCount")


def test_the_band_is_two_policies_and_one_lever_and_nothing_else(deploy: Any) -> None:
    made = deploy(scaled(**BAND))
    assert sorted(made.of(POLICY)) == ["web-scale-in", "web-scale-out"]
    assert sorted(made.of(ALARM)) == ["web-scale-in"]
    assert made.of(SCHEDULE) == {}


def test_tracking_of_the_band_only_scales_out(deploy: Any) -> None:
    out = tracking(deploy(scaled(**BAND)), "web-scale-out")
    assert out["targetValue"] == 60
    assert out["scaleOutCooldown"] == 60
    assert out["disableScaleIn"] is True, "tracking would scale in just below its target, so there would be no band"
    assert out["predefinedMetricSpecification"] == {"predefinedMetricType": "ECSServiceAverageCPUUtilization"}
    assert "scaleInCooldown" not in out


def test_one_task_goes_while_the_cpu_stays_below_the_lower_figure(deploy: Any) -> None:
    step = deploy(scaled(**BAND)).inputs(POLICY)["web-scale-in"]["stepScalingPolicyConfiguration"]
    assert step["adjustmentType"] == "ChangeInCapacity"
    assert step["cooldown"] == 300
    assert step["stepAdjustments"] == [{"metricIntervalUpperBound": "0", "scalingAdjustment": -1}]


def test_the_lever_pulls_the_step_policy_and_tells_nobody(deploy: Any) -> None:
    made = deploy(scaled(**BAND))
    alarm = made.one(ALARM)
    assert alarm.property_dependencies["alarmActions"] == {made.of(POLICY)["web-scale-in"].urn}
    assert "okActions" not in alarm.inputs
    assert (alarm.inputs["comparisonOperator"], alarm.inputs["threshold"]) == ("LessThanThreshold", 30)
    assert alarm.inputs["dimensions"] == {"ClusterName": "shop", "ServiceName": "web-1"}
    assert alarm.inputs["period"] * alarm.inputs["evaluationPeriods"] == 300
    assert "metricQueries" not in alarm.inputs
    assert alarm.inputs["treatMissingData"] == "missing", "a service without data is not a quiet one"


def test_each_policy_waits_for_the_target_that_it_scales(deploy: Any) -> None:
    made = deploy(scaled(**BAND))
    target = made.one(TARGET).urn
    waiting = [r.name for r in made.of(POLICY).values() if target in r.property_dependencies["resourceId"]]
    assert sorted(waiting) == ["web-scale-in", "web-scale-out"]


def test_changes_of_one_target_are_made_one_after_the_other(deploy: Any) -> None:
    """AWS refuses a second one meanwhile, and the provider does not try again."""
    made = deploy(
        scaled(**BAND, track={"memory": 75}, predict={"cpu": 50}, schedules={"night": NIGHT, "morning": MORNING})
    )
    chain = {r.urn: r for kind in (POLICY, SCHEDULE) for r in made.of(kind).values()}
    before = {urn: r.dependencies & chain.keys() for urn, r in chain.items()}
    assert sorted(map(len, before.values())) == [0, 1, 1, 1, 1, 1], "one begins, each other one waits for exactly one"
    assert len(set().union(*before.values())) == 5, "nobody is waited for twice"


def test_a_tracked_metric_goes_both_ways_with_a_cooldown_for_each(deploy: Any) -> None:
    made = deploy(scaled(track={"cpu": 70, "memory": 75}))
    cpu, memory = tracking(made, "web-track-cpu"), tracking(made, "web-track-memory")
    assert (cpu["targetValue"], memory["targetValue"]) == (70, 75)
    assert cpu["predefinedMetricSpecification"] == {"predefinedMetricType": "ECSServiceAverageCPUUtilization"}
    assert memory["predefinedMetricSpecification"] == {"predefinedMetricType": "ECSServiceAverageMemoryUtilization"}
    for policy in (cpu, memory):
        assert (policy["scaleOutCooldown"], policy["scaleInCooldown"]) == (60, 300)
        assert policy["disableScaleIn"] is False
    assert made.of(ALARM) == {}, "target tracking makes its alarms itself"


def test_requests_are_those_of_the_service_s_own_target_group(deploy: Any) -> None:
    metric = tracking(deploy(scaled(track={"requestsPerTarget": 600})), "web-track-requests")
    assert metric["predefinedMetricSpecification"] == {
        "predefinedMetricType": "ALBRequestCountPerTarget",
        "resourceLabel": "app/shop/0123/targetgroup/web/4567",
    }
    assert metric["targetValue"] == 600


def test_backlog_per_task_is_messages_over_running_tasks_and_never_over_nothing(deploy: Any) -> None:
    made = deploy(scaled(queue="jobs", track={"backlogPerTask": 100}))
    policy = tracking(made, "web-track-backlog")
    queries = {query["id"]: query for query in policy["customizedMetricSpecification"]["metrics"]}
    assert "predefinedMetricSpecification" not in policy
    assert queries["figure"] == {
        "id": "figure",
        "expression": "waiting / IF(running > 1, running, 1)",
        "returnData": True,
    }
    waiting, running = (queries[id_]["metricStat"]["metric"] for id_ in ("waiting", "running"))
    assert (waiting["namespace"], waiting["metricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert waiting["dimensions"] == [{"name": "QueueName", "value": "jobs"}]
    assert (running["namespace"], running["metricName"]) == ("ECS/ContainerInsights", "RunningTaskCount")
    assert [query.get("returnData") for query in queries.values()].count(True) == 1


def test_beside_a_band_other_metrics_only_scale_out_and_the_lever_heeds_them(deploy: Any) -> None:
    made = deploy(scaled(**BAND, track={"memory": 80, "requestsPerTarget": 600}))
    for name in ("web-track-memory", "web-track-requests"):
        assert tracking(made, name)["disableScaleIn"] is True
        assert "scaleInCooldown" not in tracking(made, name)
    alarm = made.one(ALARM).inputs
    assert not {"metricName", "namespace", "period", "statistic", "dimensions"} & alarm.keys()
    queries = {query["id"]: query for query in alarm["metricQueries"]}
    assert queries["load"]["expression"] == "MAX([cpu, by_memory, by_requests_per_target])"
    assert queries["by_memory"]["expression"] == "(memory) * 60 / 80"
    assert queries["by_requests_per_target"]["expression"] == "(FILL(requests, 0)) * 60 / 600"
    assert [id_ for id_, query in queries.items() if query["returnData"]] == ["load"]


@pytest.mark.parametrize(
    ("field", "pair", "label"),
    [
        ("cpu", "ECSServiceCPUUtilization", None),
        ("memory", "ECSServiceMemoryUtilization", None),
        ("requestsPerTarget", "ALBRequestCount", "app/shop/0123/targetgroup/web/4567"),
    ],
)
def test_a_prediction_names_its_pair_of_metrics_and_honours_the_upper_bound(
    deploy: Any, field: str, pair: str, label: str | None
) -> None:
    made = deploy(scaled(**BAND, predict={field: 50, "mode": "forecast-and-scale", "aheadSeconds": 600}))
    (policy,) = [r.inputs for r in made.of(POLICY).values() if r.inputs["policyType"] == "PredictiveScaling"]
    config = policy["predictiveScalingPolicyConfiguration"]
    (specification,) = config["metricSpecifications"]
    assert specification["targetValue"] == "50"
    assert specification["predefinedMetricPairSpecification"]["predefinedMetricType"] == pair
    assert specification["predefinedMetricPairSpecification"].get("resourceLabel") == label
    assert (config["mode"], config["schedulingBufferTime"]) == ("ForecastAndScale", 600)
    assert config["maxCapacityBreachBehavior"] == "HonorMaxCapacity"
    assert "maxCapacityBuffer" not in config, "AWS takes it with the other behaviour only"


def test_a_prediction_scales_nothing_unless_it_is_told_to(deploy: Any) -> None:
    made = deploy(scaled(**BAND, predict={"cpu": 50}))
    config = made.inputs(POLICY)["web-predict-cpu"]["predictiveScalingPolicyConfiguration"]
    assert config["mode"] == "ForecastOnly"


def test_a_schedule_sets_both_bounds_in_its_own_time_zone(deploy: Any) -> None:
    made = deploy(scaled(**BAND, schedules={"night": NIGHT, "morning": MORNING}))
    assert sorted(made.of(SCHEDULE)) == ["web-schedule-morning", "web-schedule-night"]
    night = made.inputs(SCHEDULE)["web-schedule-night"]
    assert (night["schedule"], night["timezone"]) == (NIGHT["when"], "Europe/Berlin")
    assert night["scalableTargetAction"] == {"minCapacity": 0, "maxCapacity": 0}
    assert made.inputs(SCHEDULE)["web-schedule-morning"]["scalableTargetAction"] == {
        "minCapacity": 2,
        "maxCapacity": 10,
    }
    assert made.one(TARGET).inputs["minCapacity"] == 2, "the schedule changes the bounds, not the program"


def test_a_fixed_number_of_tasks_needs_a_target_and_no_policy(deploy: Any) -> None:
    made = deploy(scaled(max=2))
    assert made.one(TARGET).inputs["maxCapacity"] == 2
    assert made.of(POLICY) == {}
    assert made.of(ALARM) == {}


def watched(*, sleeps: bool) -> dict[str, str]:
    """Signal -> what missing data means, of those that watch for tasks that are gone."""
    args = watch.WatchArgs(
        cluster_name="shop", service_name="web-1", load_balancer="app/a/1", target_groups=["tg/a/1"], least=2,
        sleeps=sleeps,
    )  # fmt: skip
    missing = {signal.name: signal.missing for signal in watch.signals("web", args)}
    return {name: missing[name] for name in ("web-below-minimum", "web-no-healthy-task")}


def test_silence_is_an_alarm_unless_the_service_sleeps() -> None:
    assert set(watched(sleeps=False).values()) == {"breaching"}
    assert set(watched(sleeps=True).values()) == {"notBreaching"}
