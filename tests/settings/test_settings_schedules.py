"""Schedule expressions: when they fire next, and what is refused."""
# ruff: noqa: DTZ001 - a schedule's times are those of its own zone: naive

import re
from datetime import UTC, datetime, timedelta

import pytest

from preflight.scaling import clock
from settings import schedules, tables
from settings.errors import Mistake
from tests.gathered import for_each

NOW = datetime(2026, 11, 21, 17, 0)  # a Saturday

NEXT = {
    "cron(0 20 ? * MON-FRI *)": "2026-11-23T20:00",
    "cron(0 20 * * ? *)": "2026-11-21T20:00",
    "cron(0/15 8-17 * * ? *)": "2026-11-21T17:15",
    "cron(*/7 9 ? * SUN,TUE *)": "2026-11-22T09:00",
    "cron(30 6 ? * 2 *)": "2026-11-23T06:30",
    "cron(0 0 29 2 ? *)": "2028-02-29T00:00",
    "cron(0 0 L * ? *)": "2026-11-30T00:00",
    "cron(0 0 15W * ? *)": "2026-12-15T00:00",
    "cron(0 0 1W AUG ? 2027)": "2027-08-02T00:00",
    "cron(0 0 1W MAY ? 2027)": "2027-05-03T00:00",
    "cron(0 0 LW JAN ? 2027)": "2027-01-29T00:00",
    "cron(0 0 ? * 3#2 *)": "2026-12-08T00:00",
    "cron(0 0 ? * FRIL *)": "2026-11-27T00:00",
    "cron(0 0 ? * L *)": "2026-11-28T00:00",
    "cron(0 0 1 JAN-MAR/2 ? 2027-2030)": "2027-01-01T00:00",
    "cron(59 23 31 12 ? 2199)": "2199-12-31T23:59",
    "at(2027-01-31T20:00:00)": "2027-01-31T20:00",
    "rate(5 minutes)": "2026-11-21T17:05",
    "rate(1 day)": "2026-11-22T17:00",
}


@for_each("text", NEXT)
def test_a_schedule_fires_next_when_its_fields_say(text: str) -> None:
    assert schedules.parse(text).next_after(NOW) == datetime.fromisoformat(NEXT[text])


@for_each("text", [text for text in NEXT if not text.startswith("rate") and "2199" not in text])
def test_the_simulator_reads_a_schedule_as_the_settings_do(text: str) -> None:
    """The two are written independently; they must name the same minutes, the first and the ones without."""
    fires = clock.firing(text, "UTC", NOW.replace(tzinfo=UTC))
    first = schedules.parse(text).next_after(NOW)
    assert first is not None
    assert fires(first.replace(tzinfo=UTC))
    minute = first - timedelta(minutes=1)
    for _ in range(1000):
        minute -= timedelta(minutes=1)
        if minute > NOW:
            assert not fires(minute.replace(tzinfo=UTC)), minute


def test_over_three_years_both_readings_agree_on_every_hour() -> None:
    expressions = [
        "cron(0 * 1,15,L * ? *)", "cron(0 8 LW * ? *)", "cron(0 0 31W * ? *)", "cron(0 12 ? FEB,AUG 2#5 *)",
        "cron(0 6/6 ? * 1-3,SAT *)", "cron(0 0 ? 2 5L *)", "cron(0 0 30 * ? 2027/2)",
    ]  # fmt: skip
    start = datetime(2026, 1, 1)
    hours = [start + timedelta(hours=n) for n in range(3 * 365 * 24 + 24)]
    moments = [(hour, hour.replace(tzinfo=UTC)) for hour in hours if hour.year < 2029]
    for text in expressions:
        fires, known = clock.firing(text, "UTC", start.replace(tzinfo=UTC)), schedules.parse(text)
        wanted, moment = set(), known.next_after(start - timedelta(seconds=1))
        while moment is not None and moment < datetime(2029, 1, 1):
            wanted.add(moment)
            moment = known.next_after(moment)
        assert {hour for hour, moment in moments if fires(moment)} == wanted, text
        assert wanted, text


WRONG = {
    "": "is no schedule",
    "daily": "is no schedule",
    "cron()": "six fields, this has 0",
    "cron(0 20 * * ?)": "six fields, this has 5",
    "cron(0 20 * * * *)": "exactly one of day of the month and day of the week is ?",
    "cron(0 20 ? * ? *)": "exactly one of day of the month and day of the week is ?",
    "cron(60 20 * * ? *)": "60 is no value of the field minutes",
    "cron(0 24 * * ? *)": "24 is no value of the field hours",
    "cron(0 0 0 * ? *)": "0 is no value of the field day of the month",
    "cron(0 0 * 13 ? *)": "13 is no value of the field month",
    "cron(0 0 ? * 8 *)": "8 is no value of the field day of the week",
    "cron(0 0 ? * 9#1 *)": "9 is no value of the field day of the week",
    "cron(0 0 ? * MON#6 *)": "no value of the field day of the week",
    "cron(0 0 ? * 3#1,6#3 *)": "with # there is one item in the field day of the week",
    "cron(0 0 ? * MON-FRI/2 *)": "the field day of the week takes no steps",
    "cron(0 0 32W * ? *)": "32 is no value of the field day of the month",
    "cron(0 22-4 * * ? *)": "the range 22-4 in the field hours runs backwards",
    "cron(0/0 * * * ? *)": "0 is no value of the field step of minutes",
    "cron(, * * * ? *)": "nothing is no value",
    "cron(² * * * ? *)": "is no value of the field minutes",
    "rate(0 minutes)": "never fires",
    "rate(1 minutes)": "singular for 1",
    "rate(5 minute)": "singular for 1",
    "rate(5 weeks)": "is no schedule",
    "rate(3651 days)": "for ten years",
    "rate(87601 hours)": "for ten years",
    f"rate({'9' * 5000} minutes)": "for ten years",
    "rate(\u0663 days)": "is no schedule",
    "at(\u0662027-02-01T00:00:00)": "is no schedule",
    "cron( 0 2 * * ? *)": "single blanks",
    "cron(0  2 * * ? *)": "single blanks",
    "cron(0 2 * *\n? *)": "single blanks",
    "at(2027-02-30T00:00:00)": "there is no such date",
    "at(tomorrow)": "is no schedule",
}


@for_each(
    "text, change",
    [
        ("30 2 * * *", "write cron(30 2 * * ? *)"),
        ("30 2 * * ? *", "write cron(30 2 * * ? *)"),
        ("cron(0 7 * * MON-FRI)", "write cron(0 7 ? * MON-FRI *)"),
        ("cron(0 7 1 * *)", "write cron(0 7 1 * ? *)"),
        ("cron(0 7 1 * ?)", "write cron(0 7 1 * ? *)"),
        ("0 7 * * 1-5", "for example cron("),  # Monday to Friday in a crontab, Sunday to Thursday to AWS
        ("cron(0 7 1 * MON)", "for example cron("),  # either of the two in a crontab; AWS takes only one of them
        ("0 99 * * *", "for example cron("),
        ("cron(30 2)", "for example cron("),
        ("daily", "for example cron("),
    ],
)
def test_what_to_write_instead_is_a_schedule_and_not_what_is_allowed_once_more(text: str, change: str) -> None:
    (mistake,) = [one for one in schedules.findings(text, "UTC", ("schedule",)) if isinstance(one, Mistake)]
    assert mistake.change.startswith(change)
    assert mistake.allowed not in mistake.change
    for offered in re.findall(r"cron\([^)]+\)", mistake.change):
        assert list(schedules.findings(offered, "UTC", ("schedule",))) == []


@for_each("text", WRONG)
def test_what_is_no_schedule_is_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(schedules.ScheduleError) as caught:
        schedules.parse(text)
    assert WRONG[text] in caught.value.problem
    assert caught.value.change


@pytest.mark.parametrize("text", ["cron(0 0 31 2 ? *)", "cron(0 0 30 FEB ? *)", "cron(0 0 ? 2 MON#5 2027)"])
def test_a_day_that_never_comes_is_found(text: str) -> None:
    assert schedules.parse(text).next_after(NOW) is None


def test_time_zones_are_known_without_asking_the_machine() -> None:
    assert {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"} <= set(tables.time_zones())
    assert len(tables.time_zones()) > 500
    assert not [name for name in tables.time_zones() if name.startswith(("posix/", "right/")) or name == "Factory"]
