"""The committed settings of scaling neither flap nor starve: figures of the simulator on curves of several kinds."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from preflight.recording import Recording, Resource
from preflight.scaling import outcome, reading
from preflight.scaling.load import Load
from preflight.scaling.model import Scaled
from preflight.scaling.simulator import Run, simulate
from preflight.scaling.world import World
from tests.committed import Committed
from tests.gathered import for_each

ROOT = Path(__file__).parents[2]
DAY = 24 * 60
WORLD = World()  # tasks work after 90 s, datapoints are seen after 60 s
SERVICES = [("dev", "web"), ("dev", "status"), ("prod", "web"), ("prod", "status")]


@pytest.fixture(scope="module")
def shipped(shipped_recording: Committed) -> Callable[[str, str], Scaled]:
    """The scaling of a service as its stack registers it."""
    stacks = shipped_recording.report()["stacks"]

    @cache
    def of(stack: str, service: str) -> Scaled:
        resources = [recorded(entry) for entry in stacks[stack]["resources"]]
        recording = Recording(project="groundwork", stack=stack, mode="update", resources=resources, exports={})
        return reading.scaled(recording, service)

    return of


def recorded(entry: dict[str, Any]) -> Resource:
    return Resource.from_json({**entry, "id": None, "outputs": {}})


def tasks_worth(load: Callable[[int], float], minutes: int = DAY) -> Load:
    return Load(
        seconds=[60 * n for n in range(minutes)],
        columns={"cpu": [load(n) for n in range(minutes)]},
        length=60 * minutes,
    )


def replayed(scaled: Scaled, load: Load) -> tuple[Run, outcome.Summary]:
    run = simulate(scaled, load, WORLD)
    return run, outcome.summary(run, load, WORLD)


def noise(minute: int) -> float:
    """-1 to 1, without a pattern, the same each time."""
    return ((minute * 2654435761) % 2**32 >> 8) / 2**23 - 1


def awake(scaled: Scaled) -> Scaled:
    """Without schedules: what the policies do by day."""
    return replace(scaled, schedules=[])


@pytest.mark.parametrize(("stack", "service"), SERVICES)
def test_every_committed_service_is_a_band_that_the_simulator_reads_whole(
    shipped: Callable[[str, str], Scaled], stack: str, service: str
) -> None:
    scaled = shipped(stack, service)
    assert scaled.policies == [f"{service}-scale-out", f"{service}-scale-in"]
    assert scaled.notes == ()
    assert (scaled.tracking[0].target, scaled.tracking[0].scales_in) == (60, False)
    assert (scaled.stepping[0].alarms[0].threshold, scaled.stepping[0].cooldown) == (30, 300)


@pytest.mark.parametrize(("stack", "service"), SERVICES)
def test_a_day_s_sine_is_carried_without_a_second_short_and_without_flapping(
    shipped: Callable[[str, str], Scaled], stack: str, service: str
) -> None:
    scaled = awake(shipped(stack, service))
    low, high = 0.2 * scaled.least, 0.55 * scaled.most
    load = tasks_worth(lambda m: low + (high - low) * (1 - math.cos(2 * math.pi * m / DAY)) / 2)
    run, figures = replayed(scaled, load)
    assert figures.short == 0
    assert figures.flaps == 0
    assert figures.outs <= scaled.most - scaled.least, "one way up"
    assert figures.ins <= scaled.most - scaled.least, "and one way down"
    assert run.minutes[-1].desired == scaled.least
    assert figures.saving > 20


@pytest.mark.parametrize(("stack", "service"), SERVICES)
def test_a_ramp_of_six_hours_is_followed_all_the_way_up_and_never_down(
    shipped: Callable[[str, str], Scaled], stack: str, service: str
) -> None:
    scaled = awake(shipped(stack, service))
    low, high = 0.3 * scaled.least, 0.55 * scaled.most
    _, figures = replayed(scaled, tasks_worth(lambda m: low + (high - low) * min(1.0, m / 360)))
    assert (figures.short, figures.flaps, figures.ins) == (0, 0, 0)
    assert figures.outs >= 1


@pytest.mark.parametrize(("stack", "service"), SERVICES)
def test_a_sudden_peak_is_met_within_ten_minutes_and_left_without_going_back_and_forth(
    shipped: Callable[[str, str], Scaled], stack: str, service: str
) -> None:
    scaled = awake(shipped(stack, service))
    load = tasks_worth(lambda m: 0.5 * scaled.most if 600 <= m < 720 else 0.3 * scaled.least)
    run, figures = replayed(scaled, load)
    assert figures.short == figures.longest_short, "once it is met it stays met"
    assert figures.longest_short <= 600
    assert figures.flaps == 0
    assert run.minutes[719].desired >= math.ceil(0.5 * scaled.most / 0.6)
    assert run.minutes[-1].desired == scaled.least


@pytest.mark.parametrize(("stack", "service"), SERVICES)
def test_noise_within_the_band_moves_nothing_at_all(
    shipped: Callable[[str, str], Scaled], stack: str, service: str
) -> None:
    scaled = awake(shipped(stack, service))
    run, figures = replayed(scaled, tasks_worth(lambda m: scaled.least * (0.45 + 0.14 * noise(m))))
    assert run.changes == []
    assert figures.short == 0


@for_each("share", [0.05 * n for n in range(1, 20)])
def test_noise_around_any_load_never_flaps_in_production(shipped: Callable[[str, str], Scaled], share: float) -> None:
    """A fifth up and down by the minute, around every load that ten tasks can carry."""
    scaled = awake(shipped("prod", "web"))
    load = tasks_worth(lambda m: 0.6 * scaled.most * share * (1 + 0.2 * noise(m)))
    _, figures = replayed(scaled, load)
    assert figures.flaps == 0
    assert figures.short == 0
    assert figures.outs + figures.ins <= scaled.most - scaled.least


def test_development_sleeps_from_evening_to_morning_and_on_weekends(shipped: Callable[[str, str], Scaled]) -> None:
    scaled = shipped("dev", "web")
    week = tasks_worth(lambda _: 0.4, 7 * DAY)
    run = simulate(scaled, replace(week, began=datetime(2026, 11, 23, 5, tzinfo=UTC)), WORLD)  # Monday 0:00, New York
    figures = outcome.summary(run, week, WORLD)
    assert figures.asleep == (7 * 24 - 5 * 13) * 3600
    assert figures.task_hours == pytest.approx(5 * 13, abs=0.5)
    assert figures.saving > 60
    assert figures.short <= 5 * 120, "each morning, until the first task works"
    assert [c.after for c in run.changes] == [1, 0] * 5


def test_production_never_sleeps_and_never_runs_fewer_than_two(shipped: Callable[[str, str], Scaled]) -> None:
    for service in ("web", "status"):
        scaled = shipped("prod", service)
        assert scaled.least >= 2
        assert all((schedule.least or 0) >= 2 for schedule in scaled.schedules)


def test_a_narrower_band_would_flap_so_the_figures_mean_something(shipped: Callable[[str, str], Scaled]) -> None:
    scaled = awake(shipped("prod", "web"))
    step = scaled.stepping[0]
    eager = replace(step, cooldown=0, alarms=[replace(step.alarms[0], threshold=58, periods=1, datapoints=1)])
    load = tasks_worth(lambda m: 3 * (1 + 0.2 * noise(m)))
    _, figures = replayed(replace(scaled, stepping=[eager]), load)
    assert figures.flaps > 10
