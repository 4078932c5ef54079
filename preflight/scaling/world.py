"""What the simulator needs beside the policies, and what can be said of policies and load without running them."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from preflight.scaling.formula import Formula
from preflight.scaling.load import Load
from preflight.scaling.model import Figure, Predicting, Scaled, Series
from preflight.yaml_source import SourceError

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)  # when a curve without dates begins
FORECAST_DAYS = 14
_ALMOST = 1e-9  # 3 * 60 / 60 is to be 3
_MOST_TASKS = 10_000  # further than any service of AWS goes


@dataclass(frozen=True, kw_only=True)
class World:
    """What the simulator is told beside load and policies. Seconds; rates are what one task can do a second.

    `start` is when a curve without dates begins, `tasks` how many tasks there are then (None: as many as its first
    figures need).
    """

    provisioning: float = 90.0
    metric_delay: float = 60.0
    requests_per_task: float | None = None
    messages_per_task: float | None = None
    start: datetime = MONDAY
    tasks: int | None = None


def completed(load: Load, world: World) -> Load:
    """The load as the simulator takes it: with a rate of requests, requests and CPU follow from each other."""
    rate, columns = world.requests_per_task, dict(load.columns)
    if rate is not None and "requests" in columns and "cpu" not in columns:
        columns["cpu"] = [requests / rate for requests in columns["requests"]]
    elif rate is not None and "cpu" in columns and "requests" not in columns:
        columns["requests"] = [cpu * rate for cpu in columns["cpu"]]
    if not columns.keys() & {"cpu", "memory", "messages"}:
        raise SourceError("a curve of requests alone needs --requests-per-task: how many a second one task can serve")
    return replace(load, columns=columns)


def simulated(scaled: Scaled, load: Load) -> Scaled:
    """The scaling without the policies that go by something that the curve does not tell; each is named in a note.
    SourceError when that leaves none: what the run would show is not how the service scales."""
    told = {"running", "desired", *load.columns} | ({"waiting", "cpu"} if "messages" in load.columns else set())
    notes = list(scaled.notes)
    wanted: dict[str, str] = {}

    def known(name: str, figures: Iterable[Figure]) -> bool:
        used = list(figures)
        missing = sorted({kind for figure in used for kind in figure.kinds} - told)
        enough = all(_is_told(figure, told) for figure in used)
        if missing:
            columns = " or ".join({"waiting": "messages"}.get(kind, kind) for kind in missing)
            if not enough:
                wanted[name] = columns
            how = "goes by the rest" if enough else "is left out"
            notes.append(f"{name} {how}: the curve has no column {columns}")
        return enough

    hour = 3600
    if load.length < 25 * hour and any(policy.scales for policy in scaled.predicting):
        notes.append("there is no forecast: AWS needs 24 hours of data, and the curve is not longer")
    notes += [f"{p.name} only shows its forecast, so it changes nothing" for p in scaled.predicting if not p.scales]
    found = replace(
        scaled,
        tracking=[policy for policy in scaled.tracking if known(policy.name, [policy.figure])],
        stepping=[
            policy for policy in scaled.stepping if known(policy.name, [alarm.figure for alarm in policy.alarms])
        ],
        predicting=[p for p in scaled.predicting if p.scales and known(p.name, [_plain(p.kind)])],
        notes=tuple(notes),
    )
    if wanted and not found.policies:
        needs = "; ".join(f"{name} goes by {columns}" for name, columns in wanted.items())
        raise SourceError(
            f"{scaled.name}: the curve has no column by which it scales ({needs}). Add the column, as docs/scaling.md"
            " says; of requests, --requests-per-task lets CPU and requests follow from each other"
        )
    return found


def _plain(kind: str) -> Figure:
    return Figure(formula=Formula("value"), series={"value": Series(kind=kind, statistic="Average")})


def _is_told(figure: Figure, told: set[str]) -> bool:
    """Whether the figure has a value without the metrics that the curve does not tell: the highest of several has."""
    sample = {name: 1.0 if series.kind in told else None for name, series in figure.series.items()}
    return figure.formula.value(sample) is not None


def needed(scaled: Scaled, load: Mapping[str, float]) -> int:
    """The fewest tasks that carry a load without any policy asking for more."""
    tasks = max((math.ceil(load[kind] - _ALMOST) for kind in ("cpu", "memory") if kind in load), default=0)
    while tasks < _MOST_TASKS and load and _asks_for_more(scaled, load, tasks):
        tasks += 1
    return tasks


def _asks_for_more(scaled: Scaled, load: Mapping[str, float], tasks: int) -> bool:
    values: dict[str, float | None] = {"running": float(tasks), "desired": float(tasks)}
    for kind, worth in (("cpu", 100.0), ("memory", 100.0), ("requests", 60.0)):  # requests are counted by the minute
        if kind in load:
            values[kind] = load[kind] * worth / tasks if tasks else math.inf if load[kind] else 0.0

    def value(figure: Figure) -> float | None:
        found = figure.formula.value({name: values.get(series.kind) for name, series in figure.series.items()})
        return None if found is None else found - _ALMOST

    tracked = ((value(policy.figure), policy.target) for policy in scaled.tracking)
    levers = (
        (value(alarm.figure), alarm.threshold)
        for policy in scaled.stepping
        for alarm in policy.alarms
        if alarm.comparison.startswith("Greater") and any(step.change > 0 for step in policy.steps)
    )
    return any(found is not None and found > limit for found, limit in (*tracked, *levers))


def forecast(policy: Predicting, load: Load, hour: int) -> int:
    """The tasks for the hour that begins at a second, by its mean load on the days before; 0 when there were none.

    AWS's own model is not public; this stands for one that has learnt a daily pattern.
    """
    days = [hour - day * 86400 for day in range(1, FORECAST_DAYS + 1) if hour - day * 86400 >= 0]
    if not days:
        return 0
    minutes = [load.at(day + second)[policy.kind] for day in days for second in range(0, 3600, 60)]
    worth = 60.0 if policy.kind == "requests" else 100.0
    return math.ceil(sum(minutes) / len(minutes) * worth / policy.target - _ALMOST)
