"""The simulator: alarms, cooldowns and limits as AWS documents them, each on a curve made for it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from preflight.scaling import outcome
from preflight.scaling.decisions import adjusted
from preflight.scaling.formula import Formula, FormulaError
from preflight.scaling.load import Load, parse
from preflight.scaling.model import Alarm, Figure, Predicting, Scaled, Schedule, Series, Step, Stepping, Tracking
from preflight.scaling.simulator import Run, simulate
from preflight.scaling.world import World
from preflight.yaml_source import SourceError
from tests.gathered import for_each

DAY = 24 * 60
PROMPT = World(provisioning=30, metric_delay=0)


def figure(kind: str, statistic: str = "Average") -> Figure:
    return Figure(formula=Formula("value"), series={"value": Series(kind=kind, statistic=statistic)})


CPU = figure("cpu")
OUT = Tracking(name="out", figure=CPU, target=60, scales_in=False, out_cooldown=60, in_cooldown=300)
LOW = Alarm(
    name="low", figure=CPU, comparison="LessThanThreshold", threshold=30, period=60, periods=5, datapoints=5,
    missing="missing",
)  # fmt: skip
IN = Stepping(
    name="in", adjustment="ChangeInCapacity", steps=[Step(lower=None, upper=0, change=-1)], least_change=1,
    cooldown=300, alarms=[LOW],
)  # fmt: skip
BAND = Scaled(name="web", least=2, most=10, tracking=[OUT], stepping=[IN])
BOTH_WAYS = replace(BAND, tracking=[replace(OUT, scales_in=True)], stepping=[])


def curve(load: Callable[[int], float], minutes: int = DAY, kind: str = "cpu") -> Load:
    """A load by the minute."""
    return Load(
        seconds=[60 * n for n in range(minutes)], columns={kind: [load(n) for n in range(minutes)]}, length=60 * minutes
    )


def steps(run: Run) -> list[tuple[int, int, int]]:
    """(minute, before, after) of each change."""
    return [(change.second // 60, change.before, change.after) for change in run.changes]


def steady(load: float) -> Callable[[int], float]:
    return lambda _: load


def restless(load: float) -> Callable[[int], float]:
    return lambda minute: load if minute % 50 < 25 else 5.0


def jump(before: float, after: float, at: int = 30) -> Callable[[int], float]:
    return lambda minute: after if minute >= at else before


def test_tracking_waits_for_three_minutes_above_its_target_and_adds_in_proportion() -> None:
    run = simulate(BAND, curve(jump(1.0, 1.8), 60), PROMPT)
    assert steps(run)[0] == (33, 2, 3), "1.8 of 2 tasks are 90 %: ceil(2 * 90 / 60)"
    assert len(run.changes) == 1, "1.8 of 3 tasks are at the target, not above it"


def test_a_load_that_is_over_before_the_third_minute_moves_nothing() -> None:
    assert steps(simulate(BAND, curve(lambda m: 1.8 if 30 <= m < 32 else 1.0, 60), PROMPT)) == []


def test_a_minute_asks_for_the_mean_of_its_rows_and_is_short_for_the_seconds_that_ask_for_more() -> None:
    load = Load(seconds=[0, 90], columns={"cpu": [1.0, 3.0]}, length=180)
    run = simulate(replace(BAND, most=2), load, PROMPT)
    assert [(minute.demand, minute.short) for minute in run.minutes] == [(1.0, 0), (2.0, 30), (3.0, 60)]


def test_late_datapoints_make_everything_later() -> None:
    late = simulate(BAND, curve(jump(1.0, 1.8), 60), replace(PROMPT, metric_delay=120))
    assert steps(late)[0] == (35, 2, 3)


def test_at_the_target_nothing_moves_and_in_the_band_neither() -> None:
    for load in (1.2, 0.9, 0.6):  # 60, 45 and 30 % of two tasks
        assert steps(simulate(replace(BAND, least=1), curve(steady(load), 120), replace(PROMPT, tasks=2))) == []


def test_during_the_cooldown_of_a_way_out_only_a_larger_one_counts() -> None:
    slow = replace(BAND, tracking=[replace(OUT, out_cooldown=600)])
    again = simulate(slow, curve(jump(1.0, 2.0), 60), PROMPT)
    assert steps(again) == [(33, 2, 4)], "100 % of two tasks asks for 4; 4 from where it began is no larger"
    growing = simulate(slow, curve(lambda m: 1.0 if m < 30 else 1.3 if m < 34 else 4.0, 45), PROMPT)
    assert steps(growing)[:2] == [(33, 2, 3), (37, 3, 4)], "ceil(2 * 100 / 60) is 4, of which one is there already"


def test_the_cooldown_of_a_way_out_begins_when_its_tasks_work() -> None:
    def second(provisioning: float) -> int:
        run = simulate(BAND, curve(jump(1.0, 6.0), 90), replace(PROMPT, provisioning=provisioning))
        return steps(run)[1][0] - steps(run)[0][0]

    assert second(600) - second(60) == 9


def test_the_lower_figure_takes_one_task_after_five_minutes_and_then_one_every_cooldown() -> None:
    run = simulate(BAND, curve(jump(4.0, 0.1, 60), 120), replace(PROMPT, tasks=8))
    assert steps(run) == [(65, 8, 7), (70, 7, 6), (75, 6, 5), (80, 5, 4), (85, 4, 3), (90, 3, 2)]


def test_a_way_out_ends_the_cooldown_of_a_way_in() -> None:
    slow = replace(BAND, least=1, stepping=[replace(IN, cooldown=3600)])
    run = simulate(slow, curve(lambda m: 0.5 if m < 20 else 3.0 if m < 40 else 0.5, 120), replace(PROMPT, tasks=2))
    ways = [after - before for _, before, after in steps(run)]
    assert ways[0] == -1
    assert ways[1] > 0, "the load is met although the way in rests for an hour"
    assert steps(run)[1][0] == 23
    back = [minute for minute, before, after in steps(run) if after < before]
    assert 40 < back[1] < 60, "and the next way in need not wait for it"


def test_tracking_alone_scales_in_after_a_quarter_of_an_hour_below_nine_tenths_of_its_target() -> None:
    run = simulate(BOTH_WAYS, curve(jump(3.0, 2.0), 120), replace(PROMPT, tasks=5))
    assert steps(run)[0] == (45, 5, 4), "2.0 of 5 tasks are 40 %: ceil(5 * 40 / 60)"
    wide = replace(BOTH_WAYS, most=30)
    nearly = simulate(wide, curve(jump(12.0, 11.2), 120), replace(PROMPT, tasks=20))
    assert steps(nearly) == [], "56 % is above nine tenths of 60 %, although 19 tasks would do"


def test_the_metric_that_asks_for_most_decides_and_all_must_agree_on_the_way_in() -> None:
    memory = replace(OUT, name="memory", figure=figure("memory"), target=50, scales_in=True)
    scaled = replace(BOTH_WAYS, tracking=[*BOTH_WAYS.tracking, memory])
    base = curve(jump(1.0, 1.8), 120)
    both = replace(base, columns={**base.columns, "memory": [1.0 if m < 30 else 2.0 for m in range(120)]})
    assert steps(simulate(scaled, both, PROMPT))[0] == (33, 2, 4)
    held = replace(base, columns={"cpu": [0.1] * 120, "memory": [9.4] * 120})
    many = simulate(replace(scaled, most=30), held, replace(PROMPT, tasks=20))
    assert steps(many) == [], "memory near its target keeps what CPU lets go"


def test_no_bound_is_ever_crossed() -> None:
    for load in (0.0, 0.01, 3.0, 50.0):
        run = simulate(BAND, curve(restless(load), 600), PROMPT)
        assert {minute.desired for minute in run.minutes} <= set(range(2, 11))


def test_a_missing_figure_moves_nothing() -> None:
    """With no task there is no CPU: neither alarm may take that for a low load."""
    asleep = Schedule(name="asleep", expression="at(2024-01-01T00:30:00)", zone="UTC", least=0, most=0)
    run = simulate(replace(BAND, schedules=[asleep]), curve(lambda _: 1.0, 120), PROMPT)
    assert steps(run) == [(30, 2, 0)]
    assert run.minutes[-1].cpu is None


def test_a_schedule_moves_the_bounds_in_its_time_zone_and_daylight_saving_moves_with_it() -> None:
    wake = Schedule(name="wake", expression="cron(0 7 * * ? *)", zone="Europe/Berlin", least=5, most=10)
    rest = Schedule(name="rest", expression="cron(0 9 * * ? *)", zone="Europe/Berlin", least=2, most=10)
    scaled = replace(BAND, schedules=[wake, rest])
    winter = simulate(scaled, curve(lambda _: 0.8), replace(PROMPT, start=datetime(2026, 1, 15, tzinfo=UTC)))
    summer = simulate(scaled, curve(lambda _: 0.8), replace(PROMPT, start=datetime(2026, 7, 15, tzinfo=UTC)))
    assert (steps(winter)[0], steps(summer)[0]) == ((6 * 60, 2, 5), (5 * 60, 2, 5))
    assert winter.changes[0].kind == "schedule"
    assert steps(winter)[-1][2] == 2, "after nine the band may take away what the schedule had added"


def test_the_schedule_of_the_evening_before_still_holds_at_midnight() -> None:
    night = Schedule(name="night", expression="cron(0 20 * * ? *)", zone="UTC", least=0, most=0)
    morning = Schedule(name="morning", expression="cron(0 6 * * ? *)", zone="UTC", least=2, most=10)
    run = simulate(replace(BAND, schedules=[night, morning]), curve(lambda _: 0.9), PROMPT)
    assert run.minutes[0].ready == 0
    assert run.minutes[0].asleep
    assert steps(run)[0] == (360, 0, 2)
    figures = outcome.summary(run, curve(lambda _: 0.9), PROMPT)
    assert figures.asleep == 10 * 3600
    assert figures.short <= 60, "load that comes at night is told apart from a shortage"


@for_each(
    "adjustment, change, least, start, after",
    [
        ("ChangeInCapacity", 2, 1, 4, 6),
        ("ChangeInCapacity", -1, 1, 4, 3),
        ("ExactCapacity", 7, 1, 4, 7),
        ("PercentChangeInCapacity", 30, 1, 4, 5),  # 1.2 is rounded down
        ("PercentChangeInCapacity", 30, 1, 10, 13),
        ("PercentChangeInCapacity", 10, 1, 4, 5),  # 0.4 is one
        ("PercentChangeInCapacity", -10, 1, 4, 3),
        ("PercentChangeInCapacity", -66, 1, 10, 4),  # -6.6 is rounded up
        ("PercentChangeInCapacity", 10, 3, 10, 13),
    ],
)
def test_a_step_is_rounded_as_aws_does(adjustment: str, change: int, least: int, start: int, after: int) -> None:
    assert adjusted(replace(IN, adjustment=adjustment, least_change=least), change, start) == after


def test_the_step_that_fits_the_breach_is_taken() -> None:
    high = replace(LOW, name="high", comparison="GreaterThanThreshold", threshold=60, periods=1, datapoints=1)
    out = replace(
        IN, name="steps", alarms=[high], cooldown=0,
        steps=[Step(lower=0, upper=20, change=1), Step(lower=20, upper=None, change=3)],
    )  # fmt: skip
    scaled = replace(BAND, tracking=[], stepping=[out])
    assert steps(simulate(scaled, curve(jump(1.0, 1.4), 40), PROMPT))[0] == (31, 2, 3)
    assert steps(simulate(scaled, curve(jump(1.0, 1.6), 40), PROMPT))[0] == (31, 2, 5), "80 % is where it begins"


def test_an_alarm_needs_m_of_n_datapoints() -> None:
    loose = replace(LOW, datapoints=3)
    scaled = replace(BAND, least=1, stepping=[replace(IN, alarms=[loose])])
    flicker = curve(lambda m: 0.8 if m < 20 or m % 2 else 0.1, 60)
    assert steps(simulate(scaled, flicker, replace(PROMPT, tasks=2)))[0][0] <= 27
    strict = replace(BAND, least=1)
    assert steps(simulate(strict, flicker, replace(PROMPT, tasks=2))) == []


def test_prediction_adds_ahead_of_the_second_day_and_nothing_on_the_first() -> None:
    predicting = Predicting(name="predict", kind="cpu", target=50, scales=True, ahead=600)
    office = curve(lambda m: 4.0 if 9 * 60 <= m % DAY < 17 * 60 else 0.5, 2 * DAY)
    plain = simulate(BAND, office, PROMPT)
    ahead = simulate(replace(BAND, predicting=[predicting]), office, PROMPT)
    first = [change for change in ahead.changes if change.second < DAY * 60]
    assert {change.kind for change in first} == {"policy"}
    forecast = [change for change in ahead.changes if change.kind == "forecast"]
    assert [(c.second // 60 - DAY, c.after) for c in forecast] == [(9 * 60 - 10, 8)]
    short = [sum(m.short for m in run.minutes if m.second >= DAY * 60) for run in (ahead, plain)]
    assert short[0] == 0
    assert short[1] > 0


def test_what_is_predicted_is_not_taken_away_within_the_hour() -> None:
    predicting = Predicting(name="predict", kind="cpu", target=50, scales=True, ahead=300)
    quiet = curve(lambda m: (4.0 if m < DAY else 0.3) if 9 * 60 <= m % DAY < 12 * 60 else 0.5, 2 * DAY)
    run = simulate(replace(BAND, predicting=[predicting]), quiet, PROMPT)
    second = [m.desired for m in run.minutes if DAY + 9 * 60 <= m.second // 60 < DAY + 12 * 60]
    assert min(second) == 8
    assert run.minutes[-1].desired == 2, "afterwards the band takes it away"


def test_a_prediction_that_only_shows_or_has_no_day_before_changes_nothing_and_says_so() -> None:
    predicting = Predicting(name="predict", kind="cpu", target=50, scales=False, ahead=300)
    office = curve(lambda m: 4.0 if 9 * 60 <= m % DAY < 17 * 60 else 0.5, 2 * DAY)
    shown = simulate(replace(BAND, predicting=[predicting]), office, PROMPT)
    assert steps(shown) == steps(simulate(BAND, office, PROMPT))
    assert "predict only shows its forecast, so it changes nothing" in shown.notes
    brief = simulate(replace(BAND, predicting=[replace(predicting, scales=True)]), curve(lambda _: 1.0, 600), PROMPT)
    assert [note for note in brief.notes if "24 hours of data" in note]


BACKLOG = Figure(
    formula=Formula("waiting / IF(running > 1, running, 1)"),
    series={
        "waiting": Series(kind="waiting", statistic="Sum"), "running": Series(kind="running", statistic="Average"),
    },
)  # fmt: skip
WORKER = replace(
    BAND, least=1, tracking=[replace(OUT, figure=BACKLOG, target=100, scales_in=True)], stepping=[],
)  # fmt: skip


def test_a_queue_is_worked_off_by_more_tasks_and_they_go_when_it_is_empty() -> None:
    world = replace(PROMPT, messages_per_task=1.0)
    burst = curve(lambda m: 8.0 if 30 <= m < 60 else 0.5, 300, "messages")
    run = simulate(WORKER, burst, world)
    figures = outcome.summary(run, burst, world)
    assert max(minute.desired for minute in run.minutes) == 10
    assert run.minutes[-1].desired == 1
    assert run.minutes[-1].waiting == 0
    assert 500 < figures.waiting < 8 * 1800
    assert figures.short == 0, "what waits in a queue is late, not lost"
    assert figures.longest_wait > 60


def test_policies_by_what_the_curve_does_not_tell_are_left_out_by_name() -> None:
    memory = replace(OUT, name="memory", figure=figure("memory"))
    run = simulate(replace(BAND, tracking=[OUT, memory]), curve(lambda _: 1.0, 60), PROMPT)
    assert run.scaled.policies == ["out", "in"]
    assert run.notes == ("memory is left out: the curve has no column memory",)


def test_a_lever_by_the_highest_of_several_goes_by_those_that_the_curve_tells() -> None:
    highest = Figure(
        formula=Formula("MAX([cpu, by_memory])", {"by_memory": "memory * 60 / 75"}),
        series={"cpu": Series(kind="cpu", statistic="Average"), "memory": Series(kind="memory", statistic="Average")},
    )
    scaled = replace(BAND, stepping=[replace(IN, alarms=[replace(LOW, figure=highest)])])
    quiet = curve(lambda _: 0.3, 60)
    run = simulate(scaled, quiet, replace(PROMPT, tasks=4))
    assert steps(run)[0] == (5, 4, 3)
    assert run.notes == ("in goes by the rest: the curve has no column memory",)
    full = replace(quiet, columns={**quiet.columns, "memory": [2.8] * 60})
    assert steps(simulate(scaled, full, replace(PROMPT, tasks=4))) == [], "memory near its target keeps every task"


def test_requests_and_cpu_follow_from_each_other_by_the_rate_of_a_task() -> None:
    requests = replace(OUT, name="requests", figure=figure("requests", "Sum"), target=600)
    world = replace(PROMPT, requests_per_task=20.0)
    run = simulate(replace(BAND, tracking=[requests]), curve(jump(10.0, 30.0), 60, "requests"), world)
    assert steps(run)[0] == (33, 2, 3), "30 a second on 2 tasks are 900 a minute each: ceil(2 * 900 / 600)"
    assert run.minutes[-1].demand == 1.5
    with pytest.raises(SourceError, match="--requests-per-task"):
        simulate(BAND, curve(lambda _: 10.0, 60, "requests"), PROMPT)
    with pytest.raises(SourceError, match="--messages-per-task"):
        simulate(WORKER, curve(lambda _: 1.0, 60, "messages"), PROMPT)


def test_the_saving_of_a_short_peak_is_the_one_of_the_rule_of_thumb() -> None:
    """Two tasks, twenty in the peak: 0.9 * (1 - share of the day), 85 % when the peak takes 80 minutes."""
    wide = replace(BAND, most=20)
    load = curve(lambda m: 11.9 if 600 <= m < 680 else 0.7)
    figures = outcome.summary(simulate(wide, load, World()), load, World())
    assert figures.peak == 20
    assert 80 <= figures.saving <= 86, "the way back takes five minutes a task, which costs a little"


def test_taking_back_at_once_is_counted_as_flapping() -> None:
    nervous = replace(
        BAND, least=1,
        stepping=[replace(IN, cooldown=0, alarms=[replace(LOW, threshold=58, periods=1, datapoints=1)])],
    )  # fmt: skip
    load = curve(lambda m: 1.0 if m % 12 < 6 else 1.3, 240)
    assert outcome.summary(simulate(nervous, load, PROMPT), load, PROMPT).flaps > 5
    assert outcome.summary(simulate(BAND, load, PROMPT), load, PROMPT).flaps == 0


def test_two_runs_are_the_same_to_the_last_figure() -> None:
    load = curve(lambda m: 1 + (m * 7919 % 101) / 25)

    def once() -> object:
        run = simulate(BAND, load, PROMPT)
        return outcome.document("prod", run, outcome.summary(run, load, PROMPT))

    assert once() == once()


@for_each(
    "text, values, result",
    [
        ("a / b", {"a": 6, "b": 3}, 2),
        ("a / b", {"a": 6, "b": 0}, None),
        ("a + b", {"a": 6, "b": None}, None),
        ("FILL(a, 0) + 1", {"a": None}, 1),
        ("MAX([a, b])", {"a": 1, "b": None}, 1),
        ("MAX([a, b * 2])", {"a": 1, "b": 3}, 6),
        ("IF(a > 1, a, 1)", {"a": 0}, 1),
        ("IF(a > 1, a, 1)", {"a": None}, None),
        ("100 * -CEIL(a)", {"a": 1.2}, -200),
        ("a ^ 2", {"a": 3}, 9),
    ],
)
def test_metric_math_is_worked_out_as_cloudwatch_does(
    text: str, values: dict[str, float | None], result: float | None
) -> None:
    assert Formula(text).value(values) == result


@for_each(
    "text",
    ["", "a +", "RATE(a)", "MAX(a)", "[a]", "a if b else c", "__import__('os')", "a.b", "'a'", "1 < a < 2", "MAX([])"],
)
def test_metric_math_that_is_not_understood_is_refused_and_never_run(text: str) -> None:
    with pytest.raises(FormulaError):
        Formula(text)


def test_expressions_may_name_each_other_but_not_in_a_circle() -> None:
    assert Formula("MAX([a, c])", {"c": "b * 2"}).value({"a": 1, "b": 2}) == 4
    assert Formula("MAX([a, c])", {"c": "b * 2"}).names == {"a", "b"}
    with pytest.raises(FormulaError, match="leads back"):
        Formula("c", {"c": "d", "d": "c"})


def rows(text: str) -> Sequence[Sequence[str]]:
    return [line.split(",") for line in text.strip().splitlines()]


def test_a_curve_holds_each_row_until_the_next() -> None:
    load = parse(rows("time,cpu\n00:00,1\n00:10,2\n00:30,3"), "curve")
    assert [load.at(second)["cpu"] for second in (0, 599, 600, 1799, 1800, 9999)] == [1, 1, 2, 2, 3, 3]
    assert load.length == 50 * 60, "the last row lasts as long as the one before"
    assert load.began is None
    dated = parse(rows("time,requests\n2026-11-21T08:00,1\n2026-11-21T10:30+01:00,2"), "curve")
    assert dated.began == datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert list(dated.seconds) == [0, 5400]


@for_each(
    "text, said",
    [
        ("", "the first row must name the columns"),
        ("time\n1\n2", "one or more of cpu, memory, requests, messages"),
        ("time,gpu\n1,1\n2,2", "(it says 'time,gpu')"),
        ("time,cpu,cpu\n1,1,1\n2,2,2", "the first row must name"),
        ("time,cpu\n1,1", "at least two rows of figures, this has 1"),
        ("time,cpu\n1,1\n2", "row 3: it has 1 cells, 2 are wanted"),
        ("time,cpu\n1,1\n2,-1", "row 3: cpu is '-1'"),
        ("time,cpu\n1,1\n2,nan", "row 3: cpu is 'nan'"),
        ("time,cpu\n1,1\n2,1e12", "row 3: cpu is '1e12'"),
        ("time,cpu\nnoon,1\n2,1", "row 2: time is 'noon'"),
        ("time,cpu\n1,1\n1,1", "row 3: its time does not come after"),
        ("time,cpu\n1,1\n2026-11-21,1", "some rows have dates and some have not"),
        ("time,cpu\n0,1\n4000000,1", "may last 35 days"),
    ],
)
def test_a_curve_that_cannot_be_used_is_refused_with_its_row(text: str, said: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse(rows(text), "curve.csv")
    assert said in str(caught.value)
    assert str(caught.value).startswith("curve.csv")


def test_many_wrong_rows_are_told_together_but_not_all() -> None:
    with pytest.raises(SourceError) as caught:
        parse(rows("time,cpu\n" + "\n".join("x,1" for _ in range(20))), "curve.csv")
    assert len(caught.value.messages) == 6
    assert caught.value.messages[-1] == "curve.csv: and 15 more"
