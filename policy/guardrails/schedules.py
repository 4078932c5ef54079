"""How long AWS waits at most between two times of a schedule: `rate(30 days)`, `cron(0 8 1 * ? *)`."""

from __future__ import annotations

import re

_RATE = re.compile(r"rate\(\s*(\d+)\s*(minute|hour|day)s?\s*\)", re.IGNORECASE)
_CRON = re.compile(r"cron\(\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)(?:\s+(\S+))?\s*\)", re.IGNORECASE)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}


def days_between(schedule: str) -> int | None:
    """The longest gap in days, rounded up; of a cron expression by its months. None where no gap can be read."""
    rate = _RATE.fullmatch(schedule.strip())
    if rate is not None:
        minutes = int(rate[1]) * _MINUTES[rate[2].lower()]
        return -(-minutes // _MINUTES["day"]) if minutes else None
    cron = _CRON.fullmatch(schedule.strip())
    if cron is None or (cron[6] or "*") != "*":
        return None
    months = _months(cron[4].upper())
    if not months:
        return None
    following = [*months[1:], months[0] + 12]
    if (cron[3], cron[5]) in {("*", "?"), ("?", "*"), ("*", "*")} and len(months) == 12:
        return 1
    return max(after - month for month, after in zip(months, following, strict=True)) * 31


def _months(field: str) -> list[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        numbers = [
            _MONTHS.index(name) + 1 if name in _MONTHS else int(name) if name.isdigit() else 0
            for name in (first, last)
            if name and name != "*"
        ]
        if not all(1 <= number <= 12 for number in numbers) or (step and not step.isdigit()):
            return []
        low = numbers[0] if numbers else 1
        high = numbers[1] if len(numbers) > 1 else 12 if step or not numbers else low
        found.update(range(low, high + 1, int(step or 1) or 1))
    return sorted(found)
