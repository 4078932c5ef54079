"""How long what holds in a month: capacity under schedules, and how often a schedule fires."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from preflight.scaling import clock

# 52 whole weeks, so that each weekday counts alike, with both changes of the clock.
_BEGIN, _DAYS = date(2027, 1, 4), 364


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The least and most capacity for a share (0 to 1) of the time."""

    share: Decimal
    least: Decimal
    most: Decimal


@dataclass(frozen=True, kw_only=True)
class Change:
    """A schedule that sets bounds; None leaves one as it is. `expression` and `zone` as in Application Auto Scaling."""

    expression: str
    zone: str
    least: Decimal | None
    most: Decimal | None


def bounds(least: Decimal, most: Decimal, changes: Sequence[Change]) -> list[Bounds]:
    """The bounds over a year of weeks; where nothing ever changes them, one entry. SourceError: no schedule."""
    events = sorted(
        (
            (moment, index)
            for index, change in enumerate(changes)
            for moment in clock.moments(change.expression, change.zone, _BEGIN, _DAYS)
        ),
    )
    if not events:
        return [Bounds(share=Decimal(1), least=least, most=most)]
    now = (least, most)
    for _, index in events:  # what held at the end of the year holds at its beginning
        now = _after(now, changes[index])
    begin = datetime.combine(_BEGIN, datetime.min.time(), UTC)
    last, held = begin, dict[tuple[Decimal, Decimal], Decimal]()
    for moment, index in events:
        held[now] = held.get(now, Decimal(0)) + Decimal(int((moment - last).total_seconds()))
        now, last = _after(now, changes[index]), moment
    whole = Decimal(_DAYS * 86_400)
    held[now] = held.get(now, Decimal(0)) + whole - Decimal(int((last - begin).total_seconds()))
    return [
        Bounds(share=seconds / whole, least=low, most=high) for (low, high), seconds in sorted(held.items()) if seconds
    ]


def runs(expression: str, zone: str, hours: int) -> Decimal:
    """How often a schedule fires in a month of so many hours, on average over a year of weeks."""
    return Decimal(len(clock.moments(expression, zone, _BEGIN, _DAYS))) * hours / (_DAYS * 24)


def _after(now: tuple[Decimal, Decimal], change: Change) -> tuple[Decimal, Decimal]:
    least = now[0] if change.least is None else change.least
    most = now[1] if change.most is None else change.most
    return (least, max(least, most))
