"""A load curve: a CSV file with a column `time` and one for each kind of load. Pure but for reading the file.

`time` is seconds from the start, a clock time (`HH:MM` or `HH:MM:SS`) or an ISO date and time; each row holds until the
next, the last one as long as the one before. The other columns, of which there is at least one:

cpu       tasks' worth of CPU: 1.0 keeps one task at 100 %
memory    tasks' worth of memory, in the same sense
requests  requests a second, to all tasks together
messages  messages a second, put into the queue
"""

import bisect
import csv
import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from preflight.yaml_source import SourceError

KINDS = ("cpu", "memory", "requests", "messages")
LONGEST_DAYS = 35
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?")
_NOT_SHOWN_BEYOND = 40  # characters of a value in a message


@dataclass(frozen=True, kw_only=True)
class Load:
    """A load over time. `seconds` are the starts of the rows from the first on, which is at 0; `length` is in seconds.

    `began` is the time of the first row where the file has dates.
    """

    seconds: Sequence[float]
    columns: Mapping[str, Sequence[float]]
    length: float
    began: datetime | None = None

    def at(self, second: float) -> dict[str, float]:
        """Every kind of load at a time, counted from the first row."""
        row = self.row(second)
        return {kind: values[row] for kind, values in self.columns.items()}

    def row(self, second: float) -> int:
        """The number of the row that holds at a time."""
        return max(0, bisect.bisect_right(self.seconds, second) - 1)


def read(file: Path) -> Load:
    """The curve in a file; SourceError says what is wrong, all rows at once up to a handful."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = [row for row in csv.reader(stream) if any(cell.strip() for cell in row)]
    except OSError as error:
        raise SourceError(f"--load {file}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"--load {file}: is no CSV file in UTF-8 ({error})") from None
    return parse(rows, f"--load {file}")


def parse(rows: Sequence[Sequence[str]], named: str) -> Load:
    """The curve in the cells of a table; `named` is how messages call it."""
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    wrong = [cell for cell in header if cell not in {"time", *KINDS}]
    if "time" not in header or len(header) < 2 or wrong or len(set(header)) < len(header):
        raise SourceError(
            f"{named}: the first row must name the columns: time, and one or more of {', '.join(KINDS)}"
            f" (it says {_shown(','.join(header))})"
        )
    if len(rows) < 3:
        raise SourceError(f"{named}: a curve has at least two rows of figures, this has {max(0, len(rows) - 1)}")
    mistakes: list[str] = []
    times: list[tuple[float, bool]] = []
    columns: dict[str, list[float]] = {kind: [] for kind in header if kind != "time"}
    for number, row in enumerate(rows[1:], start=2):
        try:
            times.append(_row(header, row, columns))
        except ValueError as error:
            mistakes.append(f"{named}, row {number}: {error}")
    if not mistakes:
        mistakes = _order(times, named)
    if mistakes:
        more = [f"{named}: and {len(mistakes) - 5} more"] if len(mistakes) > 5 else []
        raise SourceError(*mistakes[:5], *more)
    first, dated = times[0]
    seconds = [time - first for time, _ in times]
    length = 2 * seconds[-1] - seconds[-2]
    if length > LONGEST_DAYS * 86400:
        raise SourceError(f"{named}: a curve may last {LONGEST_DAYS} days, this lasts {length / 86400:.1f}")
    began = datetime.fromtimestamp(first, UTC) if dated else None
    return Load(seconds=seconds, columns=columns, length=length, began=began)


def _row(header: Sequence[str], row: Sequence[str], columns: dict[str, list[float]]) -> tuple[float, bool]:
    if len(row) != len(header):
        raise ValueError(f"it has {len(row)} cells, {len(header)} are wanted")
    cells = dict(zip(header, (cell.strip() for cell in row), strict=True))
    values = {kind: _figure(cells[kind], kind) for kind in columns}
    time = _time(cells["time"])
    for kind, value in values.items():
        columns[kind].append(value)
    return time


def _figure(text: str, kind: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < 1e9:
        raise ValueError(f"{kind} is {_shown(text)}; allowed: a number from 0 on, with a point for decimals")
    return value


def _time(text: str) -> tuple[float, bool]:
    """Seconds, and whether they count from 1970."""
    if found := _CLOCK.fullmatch(text):
        return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0), False
    try:
        seconds = float(text)
        if math.isfinite(seconds):
            return seconds, False
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp(), True
    except (ValueError, OverflowError):
        raise ValueError(
            f"time is {_shown(text)}; allowed: seconds, HH:MM, or a date and time such as 2026-11-21T08:00"
        ) from None


def _order(times: Sequence[tuple[float, bool]], named: str) -> list[str]:
    if len({dated for _, dated in times}) > 1:
        return [f"{named}: some rows have dates and some have not; use one form throughout"]
    return [
        f"{named}, row {number}: its time does not come after that of the row before"
        for number, (one, other) in enumerate(itertools.pairwise(times), start=3)
        if other[0] <= one[0]
    ]


def _shown(text: str) -> str:
    short = text if len(text) <= _NOT_SHOWN_BEYOND else text[:_NOT_SHOWN_BEYOND] + "..."
    return repr(short)
