"""Replays a load curve against the scaling of a service, ten seconds at a time. Pure and deterministic."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from preflight.scaling import clock
from preflight.scaling.decisions import Decisions
from preflight.scaling.history import History
from preflight.scaling.load import Load
from preflight.scaling.model import Predicting, Scaled
from preflight.scaling.tasks import Tasks
from preflight.scaling.world import World, completed, forecast, needed, simulated
from preflight.yaml_source import SourceError

SLOT = 10  # seconds
_LOOK_BACK = timedelta(days=8)  # for the schedule whose bounds hold at the start: a week has every weekday


@dataclass(frozen=True, kw_only=True)
class Minute:
    """One minute: what was asked in tasks' worth, what there was. `short` are the seconds in which it did not do."""

    second: int
    demand: float
    cpu: float | None
    desired: int
    ready: float
    short: int
    unserved: float
    waiting: float
    asleep: bool


@dataclass(frozen=True, kw_only=True)
class Change:
    """The wanted number of tasks changed; `kind` is policy, schedule or forecast."""

    second: int
    before: int
    after: int
    by: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Run:
    """Everything that happened."""

    began: datetime
    length: float
    minutes: Sequence[Minute]
    changes: Sequence[Change]
    notes: Sequence[str]
    scaled: Scaled


def simulate(scaled: Scaled, load: Load, world: World) -> Run:
    """The run of a whole curve. SourceError when the curve cannot be applied to the policies."""
    load = completed(load, world)
    if "messages" in load.columns and world.messages_per_task is None:
        raise SourceError("a curve with messages needs --messages-per-task: how many a second one task gets done")
    scaled = simulated(scaled, load)
    return _Simulation(scaled, load, world).run()


class _Simulation:
    """The state of one run."""

    def __init__(self, scaled: Scaled, load: Load, world: World) -> None:
        self._scaled, self._load, self._world = scaled, load, world
        self._began = load.began or world.start
        self._clocks = [
            (schedule, clock.firing(schedule.expression, schedule.zone, self._began)) for schedule in scaled.schedules
        ]
        self._least, self._most = scaled.least, scaled.most
        self._bounds_at_the_start()
        self._tasks = Tasks(self._first(), world.provisioning)
        self._history = History()
        self._decisions = Decisions(scaled)
        self._waiting = 0.0
        self._forecasts: dict[tuple[str, int], int] = {}
        self._changes: list[Change] = []

    def run(self) -> Run:
        minutes = []
        delay = math.ceil(self._world.metric_delay / 60)
        for number in range(max(1, math.ceil(self._load.length / 60))):
            now = number * 60
            self._by_the_clock(now)
            self._by_forecast(now)
            minutes.append(self._minute(now))
            self._history.seen = max(0, number + 1 - delay)
            self._by_policy(now + 60)
        return Run(
            began=self._began,
            length=self._load.length,
            minutes=minutes,
            changes=self._changes,
            notes=self._scaled.notes,
            scaled=self._scaled,
        )

    def _bounds_at_the_start(self) -> None:
        """A schedule that fired before the curve begins still holds."""
        if any(not schedule.expression.startswith("rate") for schedule, _ in self._clocks):
            moment = self._began - _LOOK_BACK
            while moment < self._began:
                self._fire(moment)
                moment += timedelta(minutes=1)

    def _fire(self, moment: datetime) -> str | None:
        """Sets the bounds of the schedules that fire in this minute; the name of the last one."""
        name = None
        for schedule, fires in self._clocks:
            if fires(moment):
                self._least = self._least if schedule.least is None else schedule.least
                self._most = self._most if schedule.most is None else schedule.most
                name = schedule.name
        return name

    def _first(self) -> int:
        """Tasks at the start: as many as keep every figure of the first row at what its policy wants."""
        if self._world.tasks is not None:
            return self._bounded(self._world.tasks)
        return self._bounded(needed(self._scaled, self._load.at(0)))

    def _bounded(self, tasks: int) -> int:
        return max(self._least, min(self._most, tasks))

    def _by_the_clock(self, now: int) -> None:
        if self._clocks and (name := self._fire(self._began + timedelta(seconds=now))):
            self._change(self._bounded(self._tasks.desired), now, name, "schedule")

    def _by_forecast(self, now: int) -> None:
        for policy in self._scaled.predicting:
            tasks = self._bounded(self._forecast(policy, now))
            if tasks > self._tasks.desired:
                self._change(tasks, now, policy.name, "forecast")

    def _forecast(self, policy: Predicting, now: int) -> int:
        """The tasks for this hour, or the next when it is near."""
        hours = {(now // 3600) * 3600, ((now + policy.ahead) // 3600) * 3600}
        for hour in hours:
            if (policy.name, hour) not in self._forecasts:
                self._forecasts[policy.name, hour] = forecast(policy, self._load, hour)
        return max(self._forecasts[policy.name, hour] for hour in hours)

    def _by_policy(self, now: int) -> None:
        if self._tasks.ready(now) >= self._tasks.desired:
            self._decisions.carried_out(now)
        wish = self._decisions.wish(self._history, self._tasks.desired, now)
        if wish is None:
            return
        before, after = self._tasks.desired, self._bounded(wish.tasks)
        if after < before and self._scaled.predicting:
            after = max(after, *(self._bounded(self._forecast(policy, now)) for policy in self._scaled.predicting))
        if (after > before) == (wish.tasks > before) and after != before:
            self._change(after, now, wish.by, "policy")
            self._decisions.done(wish, before, after, now)

    def _change(self, tasks: int, now: int, by: str, kind: str) -> None:
        before = self._tasks.desired
        if tasks != before:
            self._tasks.set(tasks, now)
            self._changes.append(Change(second=now, before=before, after=tasks, by=by, kind=kind))

    def _minute(self, now: int) -> Minute:
        slots = self._slots(now)
        ready = sum(slot["ready"] for slot in slots) / len(slots)
        measured = [slot for slot in slots if slot["ready"]]

        def mean(kind: str) -> float | None:
            return sum(slot[kind] for slot in measured) / len(measured) if measured and kind in slots[0] else None

        requests = sum(slot.get("requests", 0.0) for slot in measured)
        self._history.add(
            {
                "cpu": mean("cpu"),
                "memory": mean("memory"),
                "requests": requests or None,
                "waiting": self._waiting,
                "running": ready or None,
                "desired": float(self._tasks.desired) if ready else None,
            }
        )
        return Minute(
            second=now,
            demand=sum(slot["demand"] for slot in slots) / len(slots),
            cpu=mean("cpu"),
            desired=self._tasks.desired,
            ready=ready,
            short=0 if self._most == 0 else SLOT * sum(slot["unserved"] > 0 for slot in slots),
            unserved=sum(slot["unserved"] for slot in slots) / len(slots),
            waiting=self._waiting,
            asleep=self._most == 0,
        )

    def _slots(self, now: int) -> list[dict[str, float]]:
        """The tens of seconds of a minute."""
        ready, last = self._tasks.ready(now), now + 60 - SLOT
        # What waits in a queue grows though nothing else changes.
        same = "messages" not in self._load.columns and self._load.row(now) == self._load.row(last)
        if same and self._tasks.as_many(last):
            return [self._slot(self._load.at(now), ready)] * (60 // SLOT)
        slots: list[dict[str, float]] = []
        before: tuple[dict[str, float], int] | None = None
        for second in range(now, now + 60, SLOT):
            given = self._load.at(second), self._tasks.ready(second)
            slots.append(slots[-1] if given == before and "messages" not in given[0] else self._slot(*given))
            before = given
        return slots

    def _slot(self, load: dict[str, float], ready: int) -> dict[str, float]:
        """Ten seconds: metrics, and how much of the demand found no task."""
        done: dict[str, float] = {"ready": ready}
        demand = [load[kind] for kind in ("cpu", "memory") if kind in load]
        if "messages" in load:
            rate = (self._world.messages_per_task or 0.0) * SLOT
            self._waiting += load["messages"] * SLOT
            handled = min(self._waiting, ready * rate)
            self._waiting -= handled
            done["cpu"] = 100 * handled / (ready * rate) if ready else 0.0
            demand = demand or [load["messages"] * SLOT / rate]
        for kind in ("cpu", "memory"):
            if kind in load:
                done[kind] = min(100.0, 100 * load[kind] / ready) if ready else 0.0
        if "requests" in load:
            done["requests"] = load["requests"] * SLOT / ready if ready else 0.0
        done["demand"] = max(demand)
        queued = "messages" in load and "cpu" not in load  # what waits in a queue is late, not lost
        done["unserved"] = 0.0 if queued else max(0.0, max(demand) - ready)
        return done
