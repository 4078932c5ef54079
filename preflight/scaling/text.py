"""A run as text for a person: figures, a chart of tasks over time, a table of the changes."""

from collections.abc import Sequence
from datetime import timedelta

from preflight.counted import counted
from preflight.scaling.outcome import Summary
from preflight.scaling.simulator import Change, Run

_ROWS = 10  # lines of the chart
_CHANGES = 24  # lines of the table, without --verbose


def text(stack: str, run: Run, figures: Summary, width: int, *, verbose: bool) -> str:
    """The whole page on one stack."""
    scaled = run.scaled
    by = ", ".join(scaled.policies) or "nothing"
    if scaled.schedules:
        by += "; schedules " + ", ".join(schedule.name for schedule in scaled.schedules)
    span = f"{_time(run.length)} from {run.began:%a %Y-%m-%d %H:%M} UTC"
    lines = [
        f"{stack}, {scaled.name}: {scaled.least} to {scaled.most} {scaled.unit}s, {span}",
        f"  by {by}",
        "",
        *_chart(run, width),
        "        # running  ! short  z load while asleep",
        "",
        *_figures(figures, run),
    ]
    if run.changes:
        lines += ["", "  Changes", *_table(run, verbose)]
    if run.notes:
        lines += ["", "  Notes", *(f"    - {note}" for note in run.notes)]
    return "\n".join(lines) + "\n"


def _figures(figures: Summary, run: Run) -> list[str]:
    most, unit = _most(run), run.scaled.unit
    beyond = f", more than the {most} that there may be" if figures.peak > most else ""
    lost = round(figures.unserved, 2) > 0 or figures.asked_asleep > 0
    saved = "no saving, as load was lost" if lost else f"{_saving(figures.saving)} against running so many all the time"
    lines = [
        f"  {unit.capitalize()}s: {figures.fewest} to {figures.most}, {figures.task_hours:.1f} {unit}-hours",
        f"  The peak needs {figures.peak}{beyond}: {saved}",
        f"  Short of capacity{_short(figures, run)}",
        f"  Steps: {figures.outs} out, {figures.ins} in; taken back within 15 minutes: {figures.flaps}",
    ]
    if figures.asleep:
        asked = f", {_time(figures.asked_asleep)} of it with load" if figures.asked_asleep else ""
        lines.append(f"  Asleep: {_time(figures.asleep)}{asked}")
    if figures.waiting:
        wait = "without end" if figures.longest_wait == float("inf") else _time(figures.longest_wait)
        lines.append(f"  Queue: up to {counted(round(figures.waiting), 'message')}, to wait {wait}")
    return lines


def _short(figures: Summary, run: Run) -> str:
    """How short of capacity, while awake: what comes while the service is asleep has a line of its own."""
    if all(minute.asleep for minute in run.minutes):
        return ": not counted, asleep all the time"
    awake, whose = (" while awake", "the load of that time") if figures.asleep else ("", "the load")
    spans = f"{_time(figures.short)} in all, {_time(figures.longest_short)} at a time"
    return f"{awake}: {spans}; {figures.unserved:.2f} % of {whose} found no {run.scaled.unit}"


def _most(run: Run) -> int:
    """The highest upper bound of any time."""
    return max([run.scaled.most, *(schedule.most or 0 for schedule in run.scaled.schedules)])


def _saving(percent: float) -> str:
    return f"{percent:.0f} % saved" if percent >= 0 else f"{-percent:.0f} % more"


def _chart(run: Run, width: int) -> list[str]:
    """`#` tasks that work, `!` load that found none, `z` load that came while the service was asleep. Times are those
    of the heading and of the changes: days and hours in UTC."""
    minutes = run.minutes
    columns = max(1, min(len(minutes), width - 8))
    parts = [minutes[i * len(minutes) // columns : (i + 1) * len(minutes) // columns] for i in range(columns)]
    ready = [max(minute.ready for minute in part) for part in parts]
    short = [max(minute.unserved for minute in part) for part in parts]
    marks = ["z" if all(minute.asleep for minute in part) else "!" for part in parts]
    top = max(1.0, *(have + lack for have, lack in zip(ready, short, strict=True)))
    rows = max(1, min(_ROWS, round(top)))
    lines = []
    for row in range(rows, 0, -1):
        level = top * (row - 0.5) / rows
        cells = "".join(
            "#" if have >= level else mark if have + lack >= level else " "
            for have, lack, mark in zip(ready, short, marks, strict=True)
        )
        lines.append(f"  {top * row / rows:4.0f} |{cells}".rstrip())
    first, end = _clock(run, 0), _clock(run, minutes[-1].second + 60)
    return [*lines, f"       +{'-' * columns}", f"        {first} {end:>{max(0, columns - len(first) - 1)}}"]


def _table(run: Run, verbose: bool) -> list[str]:
    shown: Sequence[Change] = run.changes if verbose else run.changes[:_CHANGES]
    lines = []
    for change in shown:
        minute = run.minutes[min(change.second // 60, len(run.minutes)) - 1 if change.second else 0]
        cpu = "" if minute.cpu is None else f", CPU {minute.cpu:.0f} %"
        load = f"load {minute.demand:.1f} {run.scaled.unit}s{cpu}"
        lines.append(f"    {_clock(run, change.second)}  {change.before:>3} -> {change.after:<3} {change.by} ({load})")
    if len(shown) < len(run.changes):
        lines.append(f"    and {len(run.changes) - len(shown)} more, --verbose shows all")
    return lines


def _clock(run: Run, second: float) -> str:
    return f"{run.began + timedelta(seconds=second):%a %H:%M}"


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
