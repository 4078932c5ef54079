"""What Application Auto Scaling makes of the alarms, once a minute.

Rules, from its user guide and API reference (read 2026-11): the policy that asks for the most tasks decides; a way out
goes before a way in; target tracking scales in when every policy that may do so agrees; during the cooldown of a way
out only a larger one counts, measured from where the first began; during the cooldown of a way in there is no second,
and a way out ends it. Cooldowns begin when a change is carried out; for a way out that is when its tasks work.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from preflight.scaling import history as watching
from preflight.scaling.history import History, State
from preflight.scaling.model import Scaled, Step, Stepping

_ALMOST = 1e-9  # 3 * 60 / 60 is to be 3


@dataclass(frozen=True, kw_only=True)
class Wish:
    """So many tasks, wanted by a policy."""

    tasks: int
    by: str
    cooldown: int


class Decisions:
    """The memory of Application Auto Scaling for one target."""

    def __init__(self, scaled: Scaled) -> None:
        self._scaled = scaled
        self._states: dict[str, State] = {}
        self._base: int | None = None  # the tasks before the way out whose cooldown is on
        self._out_cooldown = 0
        self._out_until: float | None = None  # None: not carried out yet
        self._in_until = 0.0

    def carried_out(self, now: float) -> None:
        """All wanted tasks work."""
        if self._base is not None and self._out_until is None:
            self._out_until = now + self._out_cooldown

    def wish(self, history: History, desired: int, now: float) -> Wish | None:
        """What is to be done now, within no bounds yet; None for nothing."""
        if self._out_until is not None and now >= self._out_until:
            self._base = self._out_until = None
        start = desired if self._base is None else self._base
        levers = list(self._levers(history))
        out = [wish for wish in self._tracking_out(history, start) if wish.tasks > desired]
        out += [wish for policy, value in levers if (wish := _stepped(policy, value, start)) and wish.tasks > desired]
        if out:
            return max(out, key=lambda wish: wish.tasks)
        if now < self._in_until:
            return None
        back = [wish for policy, value in levers if (wish := _stepped(policy, value, desired)) and wish.tasks < desired]
        back += self._tracking_in(history, desired)
        return max(back, key=lambda wish: wish.tasks, default=None)

    def done(self, wish: Wish, before: int, after: int, now: float) -> None:
        """A wish has changed the number of tasks."""
        if after > before:
            self._base = before if self._base is None else self._base
            self._out_cooldown, self._out_until, self._in_until = wish.cooldown, None, 0.0
        else:
            self._in_until = now + wish.cooldown

    def _levers(self, history: History) -> Iterator[tuple[Stepping, float]]:
        """The step policies whose alarm is on, with how far its figure is from the threshold."""
        for policy in self._scaled.stepping:
            for alarm in policy.alarms:
                now = watching.state(alarm, history, self._states.get(alarm.name, "INSUFFICIENT_DATA"))
                self._states[alarm.name] = now
                latest = history.last(alarm.figure, 1, alarm.period // 60)
                if now == "ALARM" and latest and latest[-1] is not None:
                    yield policy, latest[-1] - alarm.threshold

    def _tracking_out(self, history: History, start: int) -> Iterator[Wish]:
        for policy in self._scaled.tracking:
            if watching.is_high(policy, history):
                value = history.last(policy.figure, 1)[-1] or 0.0
                tasks = max(start + 1, math.ceil(start * value / policy.target - _ALMOST))
                yield Wish(tasks=tasks, by=policy.name, cooldown=policy.out_cooldown)

    def _tracking_in(self, history: History, desired: int) -> list[Wish]:
        able = [policy for policy in self._scaled.tracking if policy.scales_in]
        if not able or not all(watching.is_low(policy, history) for policy in able):
            return []
        wishes = [
            Wish(
                tasks=math.ceil(desired * (history.last(policy.figure, 1)[-1] or 0.0) / policy.target - _ALMOST),
                by=policy.name,
                cooldown=policy.in_cooldown,
            )
            for policy in able
        ]
        largest = max(wishes, key=lambda wish: wish.tasks)
        return [largest] if largest.tasks < desired else []


def _stepped(policy: Stepping, distance: float, start: int) -> Wish | None:
    step = next((step for step in policy.steps if _holds(step, distance)), None)
    if step is None:
        return None
    return Wish(tasks=adjusted(policy, step.change, start), by=policy.name, cooldown=policy.cooldown)


def adjusted(policy: Stepping, change: int, start: int) -> int:
    """The number of tasks after a step. A percentage is rounded towards nothing, but to one task at least."""
    if policy.adjustment == "ExactCapacity":
        return change
    if policy.adjustment == "PercentChangeInCapacity" and start and change:
        size = max(1, policy.least_change, math.floor(start * abs(change) / 100 + _ALMOST))
        change = size if change > 0 else -size
    return start + change


def _holds(step: Step, distance: float) -> bool:
    """The bound that is nearer to the threshold belongs to a step."""
    lower = -math.inf if step.lower is None else step.lower
    upper = math.inf if step.upper is None else step.upper
    return lower <= distance < upper if distance >= 0 else lower < distance <= upper
