"""The scaling of one service as the simulator sees it: bounds, policies, alarms, schedules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from preflight.scaling.formula import Formula


@dataclass(frozen=True, kw_only=True)
class Series:
    """One metric: `kind` is what the simulator calls it, `statistic` how datapoints of a longer period are made."""

    kind: str
    statistic: str


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number by which somebody decides: a formula over metrics."""

    formula: Formula
    series: Mapping[str, Series]

    @property
    def kinds(self) -> frozenset[str]:
        """The metrics that it needs."""
        return frozenset(series.kind for series in self.series.values())


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """A target-tracking policy; AWS watches its figure with two alarms of its own."""

    name: str
    figure: Figure
    target: float
    scales_in: bool
    out_cooldown: int
    in_cooldown: int


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A CloudWatch alarm that pulls a step policy. `period` is in seconds."""

    name: str
    figure: Figure
    comparison: str
    threshold: float
    period: int
    periods: int
    datapoints: int
    missing: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: the change for a figure from `lower` (included) to `upper`, both counted from the threshold."""

    lower: float | None
    upper: float | None
    change: int


@dataclass(frozen=True, kw_only=True)
class Stepping:
    """A step policy with the alarms that pull it. `adjustment` is the API's word."""

    name: str
    adjustment: str
    steps: Sequence[Step]
    least_change: int
    cooldown: int
    alarms: Sequence[Alarm]


@dataclass(frozen=True, kw_only=True)
class Predicting:
    """A predictive policy on one metric (`kind`); with `scales` false it only shows its forecast."""

    name: str
    kind: str
    target: float
    scales: bool
    ahead: int


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A scheduled action: at `expression` in `zone` the bounds change; None leaves one as it is."""

    name: str
    expression: str
    zone: str
    least: int | None
    most: int | None


@dataclass(frozen=True, kw_only=True)
class Scaled:
    """Everything that scales one service. `notes` say what the simulator leaves out, and why; `unit` is what there are
    more or fewer of."""

    name: str
    least: int
    most: int
    tracking: Sequence[Tracking] = ()
    stepping: Sequence[Stepping] = ()
    predicting: Sequence[Predicting] = ()
    schedules: Sequence[Schedule] = ()
    notes: Sequence[str] = field(default=())
    unit: str = "task"

    @property
    def policies(self) -> list[str]:
        """The names of all policies."""
        return [
            *(policy.name for policy in self.tracking),
            *(policy.name for policy in self.stepping),
            *(policy.name for policy in self.predicting),
        ]
