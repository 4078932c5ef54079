"""Schedule expressions of AWS: `cron(...)`, `rate(...)` and `at(...)`, and whether one ever fires. Pure.

The cron syntax is that of EventBridge, which Application Auto Scaling takes too (user guides of both, read 2026-11):
days of the week have no steps there, and with # nothing beside it. What those leave open is refused: ranges that run
backwards, a day of the month beside a day of the week.
"""

import calendar
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from settings import tables
from settings.errors import Doubt, Findings, Key, Mistake, nearest, shown

FORGIVEN = timedelta(days=30)
"""For so long a schedule may be over before it is a mistake: an old commit can still be deployed."""
FIRST_YEAR, LAST_YEAR = 1970, 2199
RECURRENCE_MOST = 255  # characters (API of EC2 Auto Scaling, PutScheduledUpdateGroupAction, model of 2026-11-17)
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), start=1)}
_WORD = {"minutes": (0, 59), "hours": (0, 23), "day of the month": (1, 31), "month": (1, 12), "day of the week": (1, 7)}
_FIELDS = (*_WORD, "year")
_RATE = re.compile(r"rate\(([0-9]+) (minute|hour|day)(s?)\)")
_AT = re.compile(r"at\(([0-9]{4}-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9])\)", re.ASCII)
_LONGEST_RATE = timedelta(days=3650)  # ours: what is further apart is for a cron with its years
_FOR_EXAMPLE = "for example cron(30 2 * * ? *), every day at 02:30, or cron(0 7 ? * MON-FRI *), on weekdays at 07:00"
_FORMS = "cron(minutes hours day-of-month month day-of-week year), rate(5 minutes) or at(2027-01-31T20:00:00)"


class ScheduleError(ValueError):
    """Text that is no schedule, with what is wrong and what to write instead."""

    def __init__(self, problem: str, change: str) -> None:
        super().__init__(f"{problem}: {change}")
        self.problem = problem
        self.change = change


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Fires again and again, `seconds` apart, from the moment it is made."""

    seconds: int

    def next_after(self, moment: datetime) -> datetime:
        """The first time after a moment, were the schedule made at that moment."""
        return moment + timedelta(seconds=self.seconds)


@dataclass(frozen=True, kw_only=True)
class At:
    """Fires once."""

    moment: datetime

    def next_after(self, moment: datetime) -> datetime | None:
        """Its time, unless that is over."""
        return self.moment if self.moment > moment else None


@dataclass(frozen=True, kw_only=True)
class Cron:
    """Fires at each minute that all fields admit. Times are those of the schedule's own time zone."""

    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]
    month_days: tuple[str, ...] | None
    """Items of the day of the month (`1`, `L`, `15W`); None when the day of the week decides."""
    week_days: tuple[str, ...] | None
    """Items of the day of the week, 1 = Sunday (`2`, `6L`, `3#2`); None when the day of the month decides."""

    def next_after(self, moment: datetime) -> datetime | None:
        """The first time after a moment; None when there is none until the end of 2199."""
        return next(self.all_after(moment), None)

    def all_after(self, moment: datetime) -> Iterator[datetime]:
        """Every time after a moment until the end of 2199, in order."""
        for day in self._dates(moment.date()):
            for hour in sorted(self.hours):
                for minute in sorted(self.minutes):
                    found = datetime.combine(day, time(hour, minute), moment.tzinfo)
                    if found > moment:
                        yield found

    def _dates(self, first: date) -> Iterator[date]:
        for year in sorted(year for year in self.years if year >= first.year):
            for month in sorted(self.months):
                for day in sorted(self._days(year, month)):
                    if (found := date(year, month, day)) >= first:
                        yield found

    def _days(self, year: int, month: int) -> set[int]:
        last = calendar.monthrange(year, month)[1]
        items, pick = (self.month_days, _month_day) if self.month_days is not None else (self.week_days, _week_day)
        return {day for item in items or () for day in pick(item, year, month, last) if 1 <= day <= last}


Schedule = Rate | At | Cron


def parse(text: str) -> Schedule:
    """What an expression means; ScheduleError says what is wrong with it."""
    if text.startswith("cron(") and text.endswith(")"):
        fields = text[5:-1].split()
        if text[5:-1] != " ".join(fields):
            raise ScheduleError("has more between its fields than single blanks", f"write cron({' '.join(fields)})")
        return _cron(fields)
    if found := _RATE.fullmatch(text):
        unit, plural = found[2], found[3]
        most = _LONGEST_RATE // timedelta(**{f"{unit}s": 1})
        number = int(found[1]) if len(found[1]) <= len(str(most)) else most + 1  # int() takes no more than 4300 digits
        if number > most:
            raise ScheduleError("does not fire again for ten years", f"write a rate of up to {most} {unit}s")
        if number < 1:
            raise ScheduleError("a rate of 0 never fires", f"write rate(1 {unit})")
        if (number == 1) == bool(plural):
            raise ScheduleError(
                "the unit of a rate is singular for 1 and plural for more",
                f"write rate({number} {unit}{'' if number == 1 else 's'})",
            )
        return Rate(seconds=number * {"minute": 60, "hour": 3600, "day": 86400}[unit])
    if found := _AT.fullmatch(text):
        try:
            return At(moment=datetime.fromisoformat(found[1]))
        except ValueError:
            raise ScheduleError("there is no such date or time", "write a real one: at(yyyy-mm-ddThh:mm:ss)") from None
    meant = _as_aws(text.split())
    raise ScheduleError("is no schedule", f"write {meant}" if meant else _FOR_EXAMPLE)


def unix(text: str) -> str:
    """A cron expression as Unix writes it (minutes hours day-of-month month day-of-week), which Auto Scaling groups
    take; ScheduleError for what cannot be written so."""
    schedule = parse(text)
    if not isinstance(schedule, Cron):
        raise ScheduleError("an Auto Scaling group takes cron only", "write cron(minutes hours ...)")
    if len(schedule.years) <= LAST_YEAR - FIRST_YEAR:
        raise ScheduleError("an Auto Scaling group knows no years", "write * for the year")
    days = [*(schedule.month_days or ()), *(schedule.week_days or ())]
    if not all(day.isdigit() for day in days):
        raise ScheduleError("an Auto Scaling group knows no L, W and #", "name the days by number or by weekday")
    week = [int(day) - 1 for day in schedule.week_days or ()]  # 1 is Sunday at AWS, 0 in Unix
    fields = (
        (schedule.minutes, 60),
        (schedule.hours, 24),
        ([int(day) for day in schedule.month_days or ()], 31),
        (schedule.months, 12),
        (week, 7),
    )
    written = " ".join(_list(numbers, every) for numbers, every in fields)
    if len(written) > RECURRENCE_MOST:
        raise ScheduleError(
            f"an Auto Scaling group takes {RECURRENCE_MOST} characters, and this has {len(written)} when every number"
            " is written out",
            "name fewer minutes, hours or days, or split it in two schedules",
        )
    return written


def _list(numbers: Collection[int], every: int) -> str:
    """`*` for all that there are, or when the other kind of day decides."""
    return "*" if len(set(numbers)) in {0, every} else ",".join(map(str, sorted(set(numbers))))


def findings(when: str, zone: str, key: Key, now: datetime | None = None) -> Findings:
    """What is wrong with an expression and its time zone; `key` leads to the map that holds `when` and `timezone`.

    `now` is a naive time; a day more or less does not matter.
    """
    now = now or datetime.now(UTC).replace(tzinfo=None)
    try:
        schedule = parse(when)
    except ScheduleError as error:
        yield Mistake(key=(*key, "when"), problem=error.problem, given=shown(when), allowed=_FORMS, change=error.change)
    else:
        yield from _fires(schedule, when, (*key, "when"), now)
    if zone not in tables.time_zones():
        guess = nearest(zone, tables.time_zones())
        yield Mistake(
            key=(*key, "timezone"),
            problem=f"is no time zone (table of {tables.as_of('timezones')})",
            given=shown(zone),
            allowed="a name of the IANA database, for example Europe/Berlin or UTC",
            change=f"did you mean {guess}?" if guess else "write a name such as Europe/Berlin",
        )


def _fires(schedule: Schedule, when: str, key: Key, now: datetime) -> Findings:
    if schedule.next_after(now) is not None:
        return
    if schedule.next_after(now - FORGIVEN) is not None:
        yield Doubt(key=key, text=f"{shown(when)} has fired for the last time; take it out")
        return
    past = schedule.next_after(datetime(FIRST_YEAR, 1, 1))  # noqa: DTZ001 - naive like all times of this module
    yield Mistake(
        key=key,
        problem="never fires: it is over" if past else "never fires: there is no such day",
        given=shown(when),
        allowed="a time to come",
        change="take it out, or give it a later date" if past else "write a day that exists",
    )


def _cron(fields: list[str]) -> Cron:
    if len(fields) != len(_FIELDS):
        meant = _as_aws(fields)
        raise ScheduleError(
            f"a cron expression of AWS has six fields, this has {len(fields)}",
            f"write {meant}" if meant else _FOR_EXAMPLE,
        )
    minutes, hours, month_day, month, week_day, year = fields
    if (month_day == "?") == (week_day == "?"):
        raise ScheduleError(
            "exactly one of day of the month and day of the week is ?",
            "write ? for the day of the week to fire by date (cron(0 20 * * ? *)), or for the day of the month to fire"
            " by weekday (cron(0 20 ? * MON-FRI *))",
        )
    return Cron(
        minutes=_numbers(minutes, "minutes", 0, 59, {}),
        hours=_numbers(hours, "hours", 0, 23, {}),
        months=_numbers(month, "month", 1, 12, _MONTHS),
        years=_numbers(year, "year", FIRST_YEAR, LAST_YEAR, {}),
        month_days=None if month_day == "?" else _items(month_day, "day of the month", r"L|LW|([0-9]+)W", {}),
        week_days=None if week_day == "?" else _items(week_day, "day of the week", r"L|(\w+)L|(\w+)#[1-5]", _DAYS),
    )


def _as_aws(fields: list[str]) -> str | None:
    """What the five fields of a crontab are to AWS, or six that only lack their cron(); None where that is not sure, as
    with weekdays by number, which AWS counts from another day."""
    if len(fields) == len(_FIELDS) - 1:
        *times, month_day, month, week_day = fields
        any_day, by_date = month_day in ("*", "?"), week_day in ("*", "?")
        if re.search(r"[0-9]", week_day) or not (any_day or by_date):
            return None
        month_day = "*" if any_day else month_day
        fields = [*times, month_day if by_date else "?", month, "?" if by_date else week_day, "*"]
    if len(fields) != len(_FIELDS):
        return None
    try:
        _cron(fields)
    except ScheduleError:
        return None
    return f"cron({' '.join(fields)})"


def _numbers(field: str, name: str, low: int, high: int, words: dict[str, int]) -> frozenset[int]:
    """The numbers that a field admits: `*`, `5`, `1-5`, `*/10`, `3/10`, `MON`, and lists of these."""
    found: set[int] = set()
    for item in field.split(","):
        span, slash, step = item.partition("/")
        first, dash, last = span.partition("-")
        start = low if first == "*" else _number(first, name, low, high, words)
        end = _number(last, name, low, high, words) if dash else high if first == "*" or slash else start
        if (first == "*" and dash) or end < start:
            raise ScheduleError(
                f"the range {span} in the field {name} runs backwards", f"split it in two: {start}-{high},{low}-{end}"
            )
        every = _number(step, f"step of {name}", 1, high, {}) if slash else 1
        found.update(range(start, end + 1, every))
    return frozenset(found)


def _number(text: str, name: str, low: int, high: int, words: dict[str, int]) -> int:
    value = words.get(text.upper(), int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None)
    if value is None or not low <= value <= high:
        also = f", {next(iter(words))} to {list(words)[-1]}" if words else ""
        raise ScheduleError(
            f"{text or 'nothing'} is no value of the field {name}", f"use {low} to {high}{also}, * for all"
        )
    return value


def _items(field: str, name: str, special: str, words: dict[str, int]) -> tuple[str, ...]:
    """The items of a day field as numbers or marks, each checked."""
    low, high = _WORD[name]
    if "#" in field and "," in field:
        raise ScheduleError(
            f"with # there is one item in the field {name}, not several", "write a schedule of its own for each"
        )
    if words and "/" in field:
        raise ScheduleError(f"the field {name} takes no steps", "name the days one by one: MON,WED,FRI")
    result: list[str] = []
    for item in field.split(","):
        marked = re.fullmatch(special, item.upper())
        if marked is None:
            result += map(str, sorted(_numbers(item, name, low, high, words)))
            continue
        day = next(filter(None, marked.groups()), "")
        plain = str(_number(day, name, low, high, words)) if day else ""
        result.append(plain + item.upper()[len(day) :])
    return tuple(result)


def _month_day(item: str, year: int, month: int, last: int) -> set[int]:
    if item.isdigit():
        return {int(item)}
    if item == "L":
        return {last}
    wanted = last if item == "LW" else int(item[:-1])
    return {_nearest_weekday(year, month, wanted, last)} if wanted <= last else set()


def _nearest_weekday(year: int, month: int, day: int, last: int) -> int:
    """Monday to Friday, in the same month."""
    weekday = date(year, month, day).weekday()
    if weekday == 5:
        return day - 1 if day > 1 else day + 2
    if weekday == 6:
        return day + 1 if day < last else day - 2
    return day


def _week_day(item: str, year: int, month: int, last: int) -> set[int]:
    if item == "L":  # the last day of the week
        item = "7"
    number = int(item[0])
    first = 1 + (number - 2 - date(year, month, 1).weekday()) % 7  # Monday is 0 there, and 2 here
    days = list(range(first, last + 1, 7))
    if item.endswith("L"):
        return {days[-1]}
    return {first + 7 * (int(item[2]) - 1)} if "#" in item else set(days)
