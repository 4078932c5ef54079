"""`python -m preflight scale`: on the committed stacks, on somebody else's program, and on wrong input."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.preflight.cli_support import Result, called

CURVE = "time,cpu\n00:00,0.5\n09:00,3\n17:00,0.5\n24:00,0.5\n"
PROGRAM = """
import pulumi_aws as aws

target = aws.appautoscaling.Target(
    "shop", service_namespace="ecs", scalable_dimension="ecs:service:DesiredCount",
    resource_id="service/main/storefront", min_capacity=1, max_capacity=8,
)
given = dict(
    service_namespace=target.service_namespace, scalable_dimension=target.scalable_dimension,
    resource_id=target.resource_id,
)
aws.appautoscaling.Policy(
    "memory", policy_type="TargetTrackingScaling", **given,
    target_tracking_scaling_policy_configuration={
        "target_value": 50, "scale_out_cooldown": 0,
        "predefined_metric_specification": {"predefined_metric_type": "ECSServiceAverageMemoryUtilization"},
    },
)
aws.appautoscaling.Policy(
    "strange", policy_type="TargetTrackingScaling", **given,
    target_tracking_scaling_policy_configuration={
        "target_value": 50,
        "customized_metric_specification": {"metric_name": "Depth", "namespace": "Ours", "statistic": "Average"},
    },
)
up = aws.appautoscaling.Policy(
    "up", policy_type="StepScaling", **given,
    step_scaling_policy_configuration={
        "adjustment_type": "PercentChangeInCapacity", "cooldown": 60, "min_adjustment_magnitude": 2,
        "step_adjustments": [{"metric_interval_lower_bound": "0", "scaling_adjustment": 50}],
    },
)
metrics = {"namespace": "AWS/ECS", "period": 60, "stat": "Average", "dimensions": {"ServiceName": "storefront"}}
aws.cloudwatch.MetricAlarm(
    "high", comparison_operator="GreaterThanThreshold", threshold=0.7, evaluation_periods=2, alarm_actions=[up.arn],
    metric_queries=[
        {"id": "cpu", "metric": {"metric_name": "CPUUtilization", **metrics}},
        {"id": "share", "expression": "cpu / 100", "return_data": True},
    ],
)
aws.appautoscaling.Policy("lonely", policy_type="StepScaling", **given, step_scaling_policy_configuration={
    "adjustment_type": "ChangeInCapacity", "step_adjustments": [{"scaling_adjustment": -1}],
})
aws.appautoscaling.ScheduledAction(
    "early", schedule="at(2026-11-22T06:00:00)", timezone="Asia/Tokyo", scalable_target_action={"min_capacity": 3}, **given,
)
"""


class Scale:
    """The command, on the program as this repository comes with it; each stack of it runs once."""

    def __init__(self, kept: Path, program: Path) -> None:
        self._kept, self._program = kept, program

    def __call__(self, *arguments: str, program: Path | None = None) -> Result:
        return called("scale", *arguments, "--program", str(program or self._program), kept=self._kept)


@pytest.fixture(scope="module")
def scale(tmp_path_factory: pytest.TempPathFactory, shipped_program: Path) -> Scale:
    return Scale(tmp_path_factory.mktemp("kept"), shipped_program)


@pytest.fixture
def curve(tmp_path: Path) -> Path:
    path = tmp_path / "curve.csv"
    path.write_text(CURVE)
    return path


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "Pulumi.live.yaml").write_text("config: {aws:region: eu-west-1}\n")
    (folder / "__main__.py").write_text(PROGRAM)
    return folder


def test_the_page_shows_tasks_over_time_the_shortage_and_the_saving(scale: Scale, curve: Path) -> None:
    done = scale("web", "--load", str(curve), "--stack", "prod")
    assert done.code == 0, done.err
    page = done.out
    assert page.startswith("prod, web: 2 to 10 tasks, 31.0 h from Mon 2024-01-01 00:00 UTC\n")
    assert "by web-scale-out, web-scale-in" in page
    assert "##" in page
    assert "Short of capacity: " in page
    assert "The peak needs 5: no saving, as load was lost\n" in page
    assert "\n        # running  ! short  z load while asleep\n" in page
    assert "2 -> 4   web-scale-out (load 3.0 tasks, CPU 100 %)" in page
    assert "\033" not in page


def test_a_saving_is_printed_where_no_load_was_lost(scale: Scale, tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    path.write_text("time,cpu\n00:00,0.5\n09:00,1.5\n17:00,0.5\n24:00,0.5\n")
    done = scale("web", "--load", str(path), "--stack", "prod")
    assert "0.00 % of the load found no task" in done.out
    assert " % saved against running so many all the time" in done.out
    assert "no saving" not in done.out


def test_load_that_came_while_the_service_was_asleep_is_not_said_to_have_found_a_task(
    scale: Scale, tmp_path: Path
) -> None:
    path = tmp_path / "sunday.csv"
    path.write_text("time,cpu\n2026-11-22T14:00:00,1\n2026-11-22T15:00:00,2\n2026-11-22T16:00:00,1\n")
    done = scale("web", "--load", str(path), "--stack", "dev")
    assert "Short of capacity: not counted, asleep all the time\n" in done.out
    assert "Asleep: 3.0 h, 3.0 h of it with load\n" in done.out
    assert "found no task" not in done.out
    with path.open("a") as curve:
        curve.write("2026-11-23T12:00:00,1\n")
    done = scale("web", "--load", str(path), "--stack", "dev")
    assert "Short of capacity while awake: " in done.out
    assert " % of the load of that time found no task\n" in done.out


def test_the_axis_of_the_chart_has_the_times_of_the_heading_and_of_the_changes(scale: Scale, tmp_path: Path) -> None:
    path = tmp_path / "monday.csv"
    path.write_text("time,cpu\n2026-11-23T14:00:00,1\n2026-11-23T15:00:00,2\n2026-11-23T19:00:00,1\n")
    lines = scale("web", "--load", str(path), "--stack", "dev").out.splitlines()
    assert lines[0].endswith(" from Mon 2026-11-23 14:00 UTC")
    axis = lines[next(number for number, line in enumerate(lines) if "+---" in line) + 1].split()
    assert axis == ["Mon", "14:00", "Mon", "23:00"]
    assert "00:00" not in "\n".join(lines)


def test_a_fleet_is_counted_in_instances(scale: Scale, curve: Path) -> None:
    done = scale("legacy", "--load", str(curve), "--stack", "dev", "--start", "2026-11-23")
    assert done.code == 0, done.err
    assert done.out.startswith("dev, legacy: 1 to 2 instances, ")
    assert "instance-hours" in done.out
    assert "task" not in done.out.replace("tasks.", "")


def test_a_curve_without_the_column_that_the_service_scales_by_is_refused_with_its_name(
    scale: Scale, curve: Path
) -> None:
    done = scale("indexer", "--load", str(curve), "--stack", "prod")
    assert done.code == 2
    assert "indexer: the curve has no column by which it scales" in done.err
    assert "goes by messages" in done.err
    assert done.out == ""


def test_without_a_stack_every_one_that_has_the_service_is_replayed(scale: Scale, curve: Path) -> None:
    done = scale("status", "--load", str(curve))
    assert done.code == 0
    lines = [line for line in done.out.splitlines() if line.endswith(" UTC")]
    assert "dev, status: 1 to 3 tasks, 31.0 h from Mon 2024-01-01 00:00 UTC" in lines
    assert "prod, status: 2 to 4 tasks, 31.0 h from Mon 2024-01-01 00:00 UTC" in lines
    assert {"dev", "prod"} <= {line.partition(",")[0] for line in lines}


def test_json_is_alone_on_standard_output_and_has_every_minute(scale: Scale, curve: Path) -> None:
    done = scale("web", "--load", str(curve), "--stack", "prod", "--json", "-")
    document: dict[str, Any] = json.loads(done.out)
    assert (document["schemaVersion"], document["errors"]) == (1, [])
    (run,) = document["runs"]
    assert (run["stack"], run["service"], run["bounds"]) == ("prod", "web", {"min": 2, "max": 10})
    assert len(run["minutes"]) == 31 * 60
    assert run["summary"]["peakTasks"] == 5
    assert run["summary"]["shortSeconds"] == sum(minute["shortSeconds"] for minute in run["minutes"]) > 0
    assert "prod, web" in done.err


def test_a_program_of_somebody_else_is_simulated_and_what_is_not_understood_is_named(
    scale: Scale, elsewhere: Path, tmp_path: Path
) -> None:
    path = tmp_path / "curve.csv"
    path.write_text("time,cpu,memory\n0,0.5,0.2\n3600,0.9,0.2\n7200,0.5,0.2\n10800,0.5,0.2\n")
    done = scale("storefront", "--load", str(path), "--json", "-", "--start", "2026-11-21T19:30", program=elsewhere)
    assert done.code == 0, done.err
    (run,) = json.loads(done.out)["runs"]
    assert run["policies"] == ["memory", "up"]
    assert run["schedules"] == ["early"]
    changes = [(c["second"] // 60, c["from"], c["to"], c["by"]) for c in run["changes"]]
    assert changes[0] == (63, 1, 3, "up"), "90 % for two minutes: half of one task more, but two at least"
    assert changes[1] == (64, 3, 2, "memory"), "memory has been low all the time, and nobody asks the other policy"
    assert (90, 1, 3, "early") in changes, "six o'clock in Tokyo"
    assert [note for note in run["notes"] if note.startswith("strange is left out: Average of Ours Depth")]
    assert "lonely is left out: no alarm of the stack pulls it" in run["notes"]


def test_a_service_that_is_not_there_comes_with_those_that_are(scale: Scale, curve: Path) -> None:
    done = scale("wub", "--load", str(curve), "--stack", "prod")
    assert done.code == 2
    assert "'wub': there is no such service in stack 'prod'; services that scale: " in done.err
    assert "status, web" in done.err
    assert done.out == ""


def test_everything_that_is_wrong_with_the_call_is_told_at_once(scale: Scale, tmp_path: Path) -> None:
    done = scale("web", "--load", str(tmp_path / "none.csv"), "--stack", "test", "--start", "soon")
    assert done.code == 2
    assert [
        part in done.err for part in ("none.csv: cannot be read", "there is no stack 'test'", "--start 'soon'")
    ] == [True] * 3
    assert "Traceback" not in done.err


@pytest.mark.parametrize("option", ["--requests-per-task", "--provisioning", "--messages-per-task", "--metric-delay"])
def test_a_rate_or_a_delay_that_is_none_is_refused(scale: Scale, curve: Path, option: str) -> None:
    done = scale("web", "--load", str(curve), option, "-1")
    assert done.code == 2
    assert "'-1' is not" in done.err
