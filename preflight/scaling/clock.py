"""When a schedule of Application Auto Scaling fires: `cron(...)`, `rate(...)`, `at(...)`.

This package imports nothing of the program that it looks at, so it does not use that program's own reading of
schedules; a test holds the two against each other.
"""

import calendar
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo

from preflight.yaml_source import SourceError

_NAMES = {
    **{name.upper(): number for number, name in enumerate(calendar.month_abbr) if name},
    **{name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), start=1)},
}
_LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))
_UNITS = {"minute": 1, "hour": 60, "day": 1440}
Fires = Callable[[datetime], bool]


def zone(name: str) -> tzinfo:
    """The time zone of this name; SourceError when this machine does not know it."""
    import zoneinfo  # noqa: PLC0415 - only for schedules

    try:
        return zoneinfo.ZoneInfo(name) if name != "UTC" else UTC
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise SourceError(
            f"the time zone {name!r} of a schedule is not known here; install the system's tzdata, or check the name"
        ) from None


def firing(expression: str, zone_name: str, began: datetime) -> Fires:
    """Whether the schedule fires in the minute that begins at a time (with time zone).

    A rate counts from `began`. A local time that daylight saving skips does not come. SourceError: not a schedule.
    """
    every, once, cron = _parsed(expression, zone_name)
    local = zone(zone_name)
    if every is not None:
        return lambda moment: moment > began and (moment - began) % every < timedelta(minutes=1)
    if once is not None:
        return lambda moment: moment == once
    assert cron is not None
    plain, on_day = cron

    def fires(moment: datetime) -> bool:
        here = moment.astimezone(local)
        values = (here.minute, here.hour, here.month, here.year)
        return all(value in known for value, known in zip(values, plain, strict=True)) and on_day(here.date())

    return fires


def moments(expression: str, zone_name: str, first: date, days: int) -> list[datetime]:
    """The times, in UTC and sorted, at which the schedule fires within so many days from the beginning of the first.

    A rate counts from there. SourceError: not a schedule.
    """
    every, once, cron = _parsed(expression, zone_name)
    local = zone(zone_name)
    begin = datetime.combine(first, datetime.min.time(), UTC)
    end = begin + timedelta(days=days)
    if every is not None:
        return [begin + every * number for number in range(1, math.ceil((end - begin) / every))]
    if once is not None:
        return [once.astimezone(UTC)] if begin <= once < end else []
    assert cron is not None
    (minutes, hours, months, years), on_day = cron
    found = []
    for offset in range(-1, days + 1):
        day = first + timedelta(days=offset)
        if day.month in months and day.year in years and on_day(day):
            for hour in sorted(hours):
                for minute in sorted(minutes):
                    here = datetime(day.year, day.month, day.day, hour, minute, tzinfo=local)
                    moment = here.astimezone(UTC)
                    if moment.astimezone(local).hour == hour and begin <= moment < end:  # not one that spring skips
                        found.append(moment)
    return sorted(found)


def _parsed(
    expression: str, zone_name: str
) -> tuple[timedelta | None, datetime | None, tuple[list[set[int]], Callable[[date], bool]] | None]:
    """The interval of a rate, the one time of an `at`, or the fields of a cron: minutes, hours, months, years; days."""
    if found := re.fullmatch(r"rate\(([1-9]\d{0,5}) (minute|hour|day)s?\)", expression.strip()):
        return timedelta(minutes=int(found[1]) * _UNITS[found[2]]), None, None
    try:
        if found := re.fullmatch(r"at\((.+)\)", expression.strip()):
            return None, datetime.fromisoformat(found[1]).replace(tzinfo=zone(zone_name), second=0), None
        minutes, hours, month_days, months, week_days, years = _cron_fields(expression.strip())
        plain = [
            _numbers(field, *_LIMITS[position])
            for position, field in ((0, minutes), (1, hours), (3, months), (5, years))
        ]
        return None, None, (plain, _days(month_days, week_days))
    except (ValueError, KeyError):
        raise SourceError(f"the schedule {expression!r} is not understood, see docs/scaling.md") from None


def _cron_fields(expression: str) -> list[str]:
    found = re.fullmatch(r"cron\((.+)\)", expression)
    return found[1].split() if found else []


def _numbers(field: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for item in field.split(","):
        span, _, step = item.partition("/")
        first, dash, last = span.partition("-")
        start = low if first == "*" else _number(first)
        end = _number(last) if dash else high if step or first == "*" else start
        if not low <= start <= end <= high:
            raise ValueError(field)
        found |= {*range(start, end + 1, int(step or 1))}
    return found


def _number(text: str) -> int:
    return _NAMES[text.upper()] if text.isalpha() else int(text)


def _days(month_days: str, week_days: str) -> Callable[[date], bool]:
    if (month_days == "?") == (week_days == "?"):
        raise ValueError(month_days)
    field, one = (month_days, _by_date) if week_days == "?" else (week_days, _by_weekday)
    tests = [one(item.upper()) for item in field.split(",")]
    return lambda day: any(test(day) for test in tests)


def _by_date(item: str) -> Callable[[date], bool]:
    if item == "L":
        return lambda day: (day + timedelta(days=1)).day == 1
    if item.endswith("W"):
        return lambda day: day == _weekday_near(day, item[:-1])
    numbers = _numbers(item, *_LIMITS[2])
    return lambda day: day.day in numbers


def _weekday_near(day: date, wanted: str) -> date | None:
    """The Monday to Friday of the month of `day` that is nearest to a date of it."""
    last = calendar.monthrange(day.year, day.month)[1]
    number = last if wanted == "L" else int(wanted)
    if number > last:
        return None
    inside = [
        date(day.year, day.month, n)
        for n in range(max(1, number - 2), min(last, number + 2) + 1)
        if date(day.year, day.month, n).weekday() < 5
    ]
    return min(inside, key=lambda other: abs(other.day - number))


def _by_weekday(item: str) -> Callable[[date], bool]:
    if "#" in item:
        weekday, _, nth = item.partition("#")
        number = _number(weekday)
        return lambda day: _aws_weekday(day) == number and (day.day - 1) // 7 + 1 == int(nth)
    if item.endswith("L") and item != "L":
        number = _number(item[:-1])
        return lambda day: _aws_weekday(day) == number and (day + timedelta(days=7)).month != day.month
    numbers = {7} if item == "L" else _numbers(item, *_LIMITS[4])
    return lambda day: _aws_weekday(day) in numbers


def _aws_weekday(day: date) -> int:
    """1 is Sunday."""
    return day.isoweekday() % 7 + 1
