"""What CloudWatch knows of the service: a datapoint a minute for each metric, and alarms over them."""

from collections.abc import Callable, Mapping
from typing import Literal

from preflight.scaling.model import Alarm, Figure, Tracking

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
# The alarms that target tracking makes for a service: 3 of 3 minutes above the target, 15 of 15 minutes more than 10 %
# below it (ECS developer guide and alarms seen in accounts, 2026-11; AWS reserves to change them).
HIGH_MINUTES, LOW_MINUTES, LOW_SHARE = 3, 15, 0.9
_BREACHES: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}


class History:
    """The minutes so far. `seen` of them are visible: datapoints arrive late."""

    def __init__(self) -> None:
        self._minutes: list[Mapping[str, float | None]] = []
        self._points: dict[tuple[int, int], tuple[Figure, list[float | None]]] = {}
        """The datapoints of a figure, by its identity and the minutes of each: what is seen once does not change."""
        self.seen = 0

    def add(self, metrics: Mapping[str, float | None]) -> None:
        """The datapoints of the minute that has just ended."""
        self._minutes.append(metrics)

    def last(self, figure: Figure, number: int, minutes: int = 1) -> list[float | None]:
        """The latest `number` visible datapoints of a figure, oldest first, each over so many minutes; fewer at the
        beginning."""
        end = self.seen // minutes
        _, known = self._points.setdefault((id(figure), minutes), (figure, []))
        known += [self._point(figure, index * minutes, minutes) for index in range(len(known), end)]
        return known[max(0, end - number) : end]

    def _point(self, figure: Figure, first: int, minutes: int) -> float | None:
        values: dict[str, float | None] = {}
        for name, series in figure.series.items():
            known = [v for m in self._minutes[first : first + minutes] if (v := m.get(series.kind)) is not None]
            values[name] = _reduced(known, series.statistic) if known else None
        return figure.formula.value(values)


def _reduced(values: list[float], statistic: str) -> float:
    match statistic:
        case "Sum":
            return sum(values)
        case "Maximum":
            return max(values)
        case "Minimum":
            return min(values)
    return sum(values) / len(values)


def state(alarm: Alarm, history: History, before: State) -> State:
    """The state of an alarm now. Of missing datapoints, CloudWatch would also look a little further back; this does
    not."""
    points = history.last(alarm.figure, alarm.periods, alarm.period // 60)
    if len(points) < alarm.datapoints or (alarm.missing == "ignore" and points[-1] is None):
        return before
    breaches = _BREACHES[alarm.comparison]
    if alarm.missing == "missing" and all(point is None for point in points):
        return "INSUFFICIENT_DATA"
    missing = alarm.missing == "breaching"
    broken = sum(missing if point is None else breaches(point, alarm.threshold) for point in points)
    return "ALARM" if broken >= alarm.datapoints else "OK"


def is_high(policy: Tracking, history: History) -> bool:
    """Whether target tracking's own upper alarm is on."""
    points = history.last(policy.figure, HIGH_MINUTES)
    return len(points) == HIGH_MINUTES and all(point is not None and point > policy.target for point in points)


def is_low(policy: Tracking, history: History) -> bool:
    """Whether target tracking's own lower alarm is on."""
    points = history.last(policy.figure, LOW_MINUTES)
    edge = policy.target * LOW_SHARE
    return len(points) == LOW_MINUTES and all(point is not None and point < edge for point in points)
