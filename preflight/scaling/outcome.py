"""What a run comes to: figures, and the document for `--json`."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from preflight.scaling.load import Load
from preflight.scaling.simulator import Change, Run
from preflight.scaling.world import World, completed, needed

FLAP_SECONDS = 900  # a policy that takes back so soon what one has just done
SCHEMA_VERSION = 1


class Summary(NamedTuple):
    """Times are in seconds, shares in percent.

    `peak` is the number of tasks that the highest load of the curve needs by the policies' own targets; running so many
    all the time is what `saving` is compared with. `short` counts the seconds in which more was asked than all tasks
    could do, without those in which the service was asleep.
    """

    task_hours: float
    most: int
    fewest: int
    peak: int
    saving: float
    short: int
    longest_short: int
    unserved: float
    asleep: int
    asked_asleep: int
    outs: int
    ins: int
    flaps: int
    waiting: float
    longest_wait: float


def summary(run: Run, load: Load, world: World) -> Summary:
    """The figures of a run of this load."""
    load = completed(load, world)
    hours = sum(minute.ready for minute in run.minutes) / 60
    worst = {kind: max(values) for kind, values in load.columns.items()}
    if "messages" in worst and world.messages_per_task:
        worst.setdefault("cpu", worst["messages"] / world.messages_per_task)
    peak = max(run.scaled.least, needed(run.scaled, worst))
    whole = peak * len(run.minutes) / 60
    demand = sum(minute.demand for minute in run.minutes if not minute.asleep)
    own = [change for change in run.changes if change.kind == "policy"]
    return Summary(
        task_hours=hours,
        most=max(minute.desired for minute in run.minutes),
        fewest=min(minute.desired for minute in run.minutes),
        peak=peak,
        saving=100 * (1 - hours / whole) if whole else 0.0,
        short=sum(minute.short for minute in run.minutes),
        longest_short=_longest(minute.short for minute in run.minutes),
        unserved=100 * sum(m.unserved for m in run.minutes if not m.asleep) / demand if demand else 0.0,
        asleep=60 * sum(minute.asleep for minute in run.minutes),
        asked_asleep=60 * sum(minute.asleep and minute.demand > 0 for minute in run.minutes),
        outs=sum(change.after > change.before for change in own),
        ins=sum(change.after < change.before for change in own),
        flaps=_flaps(own),
        waiting=max((minute.waiting for minute in run.minutes), default=0.0),
        longest_wait=_longest_wait(run, world),
    )


def _longest(seconds: Iterable[int]) -> int:
    """The longest stretch of minutes without a break, in seconds of shortage."""
    longest = here = 0
    for value in seconds:
        here = here + value if value else 0
        longest = max(longest, here)
    return longest


def _flaps(changes: Sequence[Change]) -> int:
    pairs = itertools.pairwise(changes)
    return sum(
        (one.after > one.before) != (other.after > other.before) and other.second - one.second <= FLAP_SECONDS
        for one, other in pairs
    )


def _longest_wait(run: Run, world: World) -> float:
    """For a message that is put in last, at the pace of that minute; infinite while no task works."""
    rate = world.messages_per_task
    if not rate:
        return 0.0
    waits = (
        m.waiting / (m.ready * rate) if m.ready else float("inf") for m in run.minutes if m.waiting and not m.asleep
    )
    return max(waits, default=0.0)


def document(stack: str, run: Run, figures: Summary) -> dict[str, Any]:
    """One run as plain JSON values, without anything infinite."""
    wait = figures.longest_wait
    return {
        "stack": stack,
        "service": run.scaled.name,
        "began": run.began.isoformat(),
        "bounds": {"min": run.scaled.least, "max": run.scaled.most},
        "policies": run.scaled.policies,
        "schedules": [schedule.name for schedule in run.scaled.schedules],
        "summary": {
            "taskHours": round(figures.task_hours, 2),
            "mostTasks": figures.most,
            "fewestTasks": figures.fewest,
            "peakTasks": figures.peak,
            "savingPercent": round(figures.saving, 1),
            "shortSeconds": figures.short,
            "longestShortSeconds": figures.longest_short,
            "unservedPercent": round(figures.unserved, 2),
            "asleepSeconds": figures.asleep,
            "askedWhileAsleepSeconds": figures.asked_asleep,
            "waysOut": figures.outs,
            "waysIn": figures.ins,
            "flaps": figures.flaps,
            "mostWaiting": round(figures.waiting),
            "longestWaitSeconds": None if wait == float("inf") else round(wait, 1),
        },
        "changes": [
            {"second": c.second, "from": c.before, "to": c.after, "by": c.by, "kind": c.kind} for c in run.changes
        ],
        "minutes": [
            {
                "second": m.second,
                "demand": round(m.demand, 3),
                "cpu": None if m.cpu is None else round(m.cpu, 1),
                "desired": m.desired,
                "ready": round(m.ready, 2),
                "shortSeconds": m.short,
                "waiting": round(m.waiting),
            }
            for m in run.minutes
        ],
        "notes": list(run.notes),
    }
