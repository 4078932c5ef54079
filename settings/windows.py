"""Hours of the day and of the week, in UTC, in which AWS makes backups and does maintenance. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from pydantic import Field

from settings.section import Findings, Mistake

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * _DAY_MINUTES
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_DAY = f"({'|'.join(_DAYS)})"

DailyWindow = Annotated[
    str,
    Field(
        pattern=rf"^{_TIME}-{_TIME}$",
        json_schema_extra={"patternErrorMessage": "two times of day in UTC, for example 02:00-03:00"},
    ),
]
WeeklyWindow = Annotated[
    str,
    Field(
        pattern=rf"^{_DAY}:{_TIME}-{_DAY}:{_TIME}$",
        json_schema_extra={"patternErrorMessage": "two times of a week in UTC, for example sun:04:00-sun:05:00"},
    ),
]


def judge(daily: tuple[str, str], weekly: tuple[str, str], least_minutes: int) -> Findings:
    """What is wrong with a daily window beside a weekly one, each given with its key: too short, or at the same time.

    AWS refuses both (API models of RDS and ElastiCache, botocore 1.44.5, 2026-11-17).
    """
    (daily_key, daily_window), (weekly_key, weekly_window) = daily, weekly
    day, week = _daily(daily_window), _weekly(weekly_window)
    for key, window, length in (
        (daily_key, daily_window, day[1] - day[0]),
        (weekly_key, weekly_window, week[1] - week[0]),
    ):
        if length < least_minutes:
            yield Mistake(
                key=(key,),
                problem=f"is shorter than {least_minutes} minutes",
                given=window,
                allowed=f"windows of {least_minutes} minutes or more",
                change="let it end later",
            )
            return
    if any(_overlap(part, week) for part in _every_day(day)):
        yield Mistake(
            key=(weekly_key,),
            problem=f"begins before {daily_key} has ended, or lasts until the next one: AWS takes no two at one time",
            given=f"{weekly_window} ({daily_key}: {daily_window})",
            allowed=f"hours apart from {daily_window} on each of its days",
            change=f"move {weekly_key} or {daily_key}",
        )


def holds(window: str, moment: datetime, before_minutes: int = 0) -> bool:
    """Whether a time in UTC lies in a daily or a weekly window, or so many minutes before it begins."""
    minute = moment.weekday() * _DAY_MINUTES + moment.hour * 60 + moment.minute
    daily = window[0].isdigit()
    start, end = _daily(window) if daily else _weekly(window)
    every = _DAY_MINUTES if daily else _WEEK_MINUTES
    return (minute - (start - before_minutes)) % every < end - start + before_minutes


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def _daily(window: str) -> tuple[int, int]:
    start, end = (_minutes(time) for time in window.split("-"))
    return start, end if end > start else end + _DAY_MINUTES


def _weekly(window: str) -> tuple[int, int]:
    start, end = (
        _DAYS.index(day) * _DAY_MINUTES + _minutes(time)
        for day, _, time in (point.partition(":") for point in window.split("-"))
    )
    return start, end if end > start else end + _WEEK_MINUTES


def _every_day(day: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The daily window on each day of two weeks and on the one before: a weekly window may reach into the second."""
    for number in range(-1, 15):
        yield day[0] + number * _DAY_MINUTES, day[1] + number * _DAY_MINUTES


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
