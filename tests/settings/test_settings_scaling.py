"""What `scale` may say: what AWS takes together, what it does not, and what would not work although AWS takes it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from settings.scaling import CooldownSettings
from tests.gathered import for_each

SCALE = "services.web.scale"
KEY = f"groundwork:{SCALE}"
UNPROTECTED = {"protection.protected": False}
BASE = {"min": 2, "max": 10}
BAND = {"outAbove": 60, "inBelow": 30}
NIGHT = {"when": "cron(0 20 ? * MON-FRI *)", "timezone": "Europe/Berlin", "min": 0, "max": 0}
MORNING = {"when": "cron(0 7 ? * MON-FRI *)", "timezone": "Europe/Berlin", "min": 2, "max": 10}
PREDICT = {"cpu": 50, "mode": "forecast-and-scale"}

FINE: dict[str, dict[str, Any]] = {
    "a band": BAND,
    "tracking": {"track": {"cpu": 70}},
    "three tracked metrics": {"track": {"cpu": 70, "memory": 75, "requestsPerTarget": 600}},
    "a band and other metrics": {**BAND, "track": {"memory": 75, "requestsPerTarget": 600}},
    "a band and prediction": {**BAND, "predict": PREDICT},
    "tracking and prediction": {"track": {"cpu": 50}, "predict": PREDICT},
    "prediction of another metric than the tracked one": {"track": {"memory": 75}, "predict": PREDICT},
    "a band, a metric, prediction and schedules": {
        **BAND,
        "track": {"memory": 75},
        "predict": PREDICT,
        "schedules": {"night": NIGHT, "morning": MORNING},
    },
    "a fixed number": {"max": 2},
    "fixed numbers by the clock": {"max": 2, "schedules": {"night": NIGHT, "morning": {**MORNING, "max": 2}}},
}


@for_each("name", FINE)
def test_what_aws_takes_together_is_taken(load: Callable[..., Any], name: str) -> None:
    changes = {SCALE: {**BASE, **FINE[name]}, **UNPROTECTED}
    assert load(changes).services["web"].scale.min == 2


REFUSED: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "two tracking policies on CPU": ({**BAND, "track": {"cpu": 70}}, "track.cpu", "70 (outAbove: 60)", "keep the band"),
    "half a band, out": ({"outAbove": 60}, "inBelow", "nothing (null)", "add inBelow"),
    "half a band, in": ({"inBelow": 30}, "outAbove", "nothing (null)", "add outAbove"),
    "a band that is upside down": ({"outAbove": 30, "inBelow": 30}, "inBelow", "30 (outAbove: 30)", "for example to 15"),
    "nothing that moves": ({}, "max", "10 (min: 2; neither", "set max to 2, or add outAbove"),
    "prediction alone": ({"max": 2, "predict": PREDICT}, "predict", "cpu without a band", "add a band or track"),
    "prediction of nothing": (
        {**BAND, "predict": {"mode": "forecast-and-scale"}}, "predict.mode", "forecast-and-scale", "for example cpu: 50",
    ),
    "prediction below the band": ({**BAND, "predict": {"cpu": 20}}, "predict.cpu", "20 (inBelow: 30)", "30 or more"),
    "prediction below tracking": (
        {"track": {"cpu": 70}, "predict": {"cpu": 60}}, "predict.cpu", "60 (track.cpu: 70)", "63 or more",
    ),
    "a queue that a web service has not": (
        {"track": {"cpu": 70, "backlogPerTask": 5}}, "track.backlogPerTask", "5", "take it out",
    ),
    "a schedule that does not parse": (
        {**BAND, "schedules": {"x": {**MORNING, "when": "0 7 * * *"}}}, "schedules.x.when", '"0 7 * * *"', "write cron(",
    ),
    "a cron with five fields": (
        {**BAND, "schedules": {"x": {**MORNING, "when": "cron(0 7 ? * MON-FRI)"}}},
        "schedules.x.when", '"cron(0 7 ? * MON-FRI)"', "write cron(0 7 ? * MON-FRI *)",
    ),
    "a day that does not exist": (
        {**BAND, "schedules": {"x": {**MORNING, "when": "cron(0 7 31 2 ? *)"}}},
        "schedules.x.when", '"cron(0 7 31 2 ? *)"', "write a day that exists",
    ),
    "a year that is over": (
        {**BAND, "schedules": {"x": {**MORNING, "when": "cron(0 7 * * ? 2020)"}}},
        "schedules.x.when", '"cron(0 7 * * ? 2020)"', "give it a later date",
    ),
    "a time that is over": (
        {**BAND, "schedules": {"x": {**MORNING, "when": "at(2020-01-01T00:00:00)"}}},
        "schedules.x.when", '"at(2020-01-01T00:00:00)"', "give it a later date",
    ),
    "a time zone that does not exist": (
        {**BAND, "schedules": {"x": {**MORNING, "timezone": "Europe/Berlni"}}},
        "schedules.x.timezone", '"Europe/Berlni"', "did you mean Europe/Berlin?",
    ),
    "a schedule with its bounds reversed": (
        {**BAND, "schedules": {"x": {**MORNING, "max": 1}}}, "schedules.x.max", "1 (min: 2)", "raise max or lower min",
    ),
    "two schedules at one time": (
        {**BAND, "schedules": {"a": MORNING, "b": {**MORNING, "max": 5}}},
        "schedules.b.when", "cron(0 7 ? * MON-FRI *)", "take one of the two out",
    ),
}  # fmt: skip


@for_each("name", REFUSED)
def test_what_cannot_work_is_refused_at_its_key_and_nowhere_else(refused: Callable[..., Any], name: str) -> None:
    scale, key, given, change = REFUSED[name]
    found = refused({SCALE: {**BASE, **scale}})
    assert list(found) == [f"{KEY}.{key}"]
    assert given in found[f"{KEY}.{key}"]["given"]
    assert change in found[f"{KEY}.{key}"]["change"]


def test_who_sleeps_has_to_be_woken(refused: Callable[..., Any]) -> None:
    found = refused({SCALE: {**BASE, **BAND, "schedules": {"night": NIGHT}}, **UNPROTECTED})
    assert list(found) == [f"{KEY}.schedules.night"]
    assert "no other schedule wakes it" in found[f"{KEY}.schedules.night"]["problem"]


def test_a_service_may_not_scale_to_nothing_by_itself(refused: Callable[..., Any]) -> None:
    """Without tasks there is no CPU figure, so no policy would ever start one again."""
    schedules = {"quiet": {**NIGHT, "max": 3}}
    found = refused({SCALE: {**BASE, **BAND, "schedules": schedules}, **UNPROTECTED})
    assert list(found) == [f"{KEY}.schedules.quiet.min"]


def test_in_a_protected_stack_no_schedule_goes_below_two_tasks(refused: Callable[..., Any]) -> None:
    schedules = {"night": {**NIGHT, "min": 1, "max": 4}, "sleep": {**NIGHT, "when": "cron(0 23 ? * * *)"}}
    found = refused({SCALE: {**BASE, **BAND, "schedules": {**schedules, "morning": MORNING}}})
    assert list(found) == [f"{KEY}.schedules.night.min", f"{KEY}.schedules.sleep.min"]
    assert {mistake["change"] for mistake in found.values()} == {"set min to 2, and max to no less"}
    assert {mistake["problem"] for mistake in found.values()} == {
        "a protected stack's service needs a task in a second zone"
    }


def test_mistakes_of_all_schedules_come_at_once(refused: Callable[..., Any]) -> None:
    wrong = {"a": {**MORNING, "when": "noon"}, "b": {**MORNING, "timezone": "Mars"}, "c": {**MORNING, "max": "many"}}
    found = refused({SCALE: {**BASE, **BAND, "schedules": wrong}})
    assert sorted(found) == [f"{KEY}.schedules.a.when", f"{KEY}.schedules.b.timezone", f"{KEY}.schedules.c.max"]


def test_a_schedule_that_ended_lately_warns_and_is_deployed(load: Callable[..., Any], warned: list[str]) -> None:
    """An old commit can still be deployed after a campaign."""
    ended = (datetime.now(UTC) - timedelta(days=3)).strftime("at(%Y-%m-%dT%H:%M:%S)")
    load({SCALE: {**BASE, **BAND, "schedules": {"campaign": {**MORNING, "when": ended}}}})
    assert len(warned) == 1
    assert "has fired for the last time" in warned[0]


def test_cooldowns_default_to_a_short_way_out_and_a_long_way_in(load: Callable[..., Any]) -> None:
    scale = load({SCALE: {**BASE, **BAND}}).services["web"].scale
    assert scale.cooldown == CooldownSettings(in_=300, out=60)
    assert load({SCALE: {**BASE, **BAND, "cooldown": {"out": 0}}}).services["web"].scale.cooldown.in_ == 300


def test_who_watches_a_service_knows_the_fewest_tasks_of_the_day_and_whether_it_sleeps(
    load: Callable[..., Any],
) -> None:
    busy = {**MORNING, "min": 4}
    scale = load(
        {SCALE: {**BASE, "min": 3, **BAND, "schedules": {"busy": busy, "late": {**MORNING, "when": "rate(7 days)"}}}}
    )
    assert (scale.services["web"].scale.least, scale.services["web"].scale.sleeps) == (2, False)
    asleep = load({SCALE: {**BASE, **BAND, "schedules": {"night": NIGHT, "morning": MORNING}}, **UNPROTECTED})
    assert (asleep.services["web"].scale.least, asleep.services["web"].scale.sleeps) == (2, True)
