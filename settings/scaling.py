"""The settings of scaling: how many tasks of a service run, and what changes their number."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from settings import schedules
from settings.errors import several
from settings.section import Findings, Mistake, Section, StoreName, rule

MOST_TASKS = 1000
# Target tracking begins to scale in when its metric is 10 % below the target (ECS developer guide, read 2026-11).
TRACKING_LETS_GO = 0.9

_PERCENT = Field(ge=1, le=100)


class CooldownSettings(Section):
    """Seconds to wait between two steps of scaling. Out is short, so that load is met; in is long, so that it stays
    met."""

    in_: Annotated[
        int,
        Field(
            alias="in",
            ge=0,
            le=3600,
            description="Seconds between two steps to fewer tasks; 300 when not given.",
            examples=[300],
        ),
    ] = 300
    out: Annotated[
        int,
        Field(ge=0, le=3600, description="Seconds between two steps to more tasks; 60 when not given.", examples=[60]),
    ] = 60


class _Targets(Section):
    """A target for each metric that scaling knows. Absent: the metric has no say."""

    cpu: Annotated[
        Annotated[int, _PERCENT] | None, Field(description="Average CPU of the tasks, in percent.", examples=[70])
    ] = None
    memory: Annotated[
        Annotated[int, _PERCENT] | None, Field(description="Average memory of the tasks, in percent.", examples=[75])
    ] = None
    requests_per_target: Annotated[
        Annotated[int, Field(ge=1, le=1_000_000)] | None,
        Field(
            description="Requests a minute for each task, as the load balancer counts them (web only).", examples=[600]
        ),
    ] = None

    def targets(self) -> dict[str, int]:
        """Field -> target, of those that are given."""
        values = ((name, getattr(self, name)) for name in type(self).model_fields if name in METRICS)
        return {name: value for name, value in values if value is not None}


METRICS = ("cpu", "memory", "requests_per_target", "backlog_per_task")
_KEYS = {
    "cpu": "cpu",
    "memory": "memory",
    "requests_per_target": "requestsPerTarget",
    "backlog_per_task": "backlogPerTask",
}


class TrackSettings(_Targets):
    """Target tracking: tasks are added and taken away so that a metric stays near its target. With several, the one
    that asks for the most tasks decides."""

    backlog_per_task: Annotated[
        Annotated[int, Field(ge=1, le=1_000_000)] | None,
        Field(
            description="Messages that wait in the service's queue, for each running task (worker only).",
            examples=[100],
        ),
    ] = None


class PredictSettings(_Targets):
    """Predictive scaling: tasks are added ahead of a load that comes back every day or week, and never taken away."""

    mode: Annotated[
        Literal["forecast-only", "forecast-and-scale"],
        Field(
            description="Whether AWS only shows its forecast (so when not given), or scales by it.",
            examples=["forecast-only"],
        ),
    ] = "forecast-only"
    ahead_seconds: Annotated[
        int,
        Field(
            ge=0,
            le=3599,
            description="Seconds before the forecast hour at which tasks start; 300 when not given.",
            examples=[300],
        ),
    ] = 300


class ScheduleSettings(Section):
    """At a time, other bounds take over. They stay until another schedule, or an update that changes `scale`, sets
    them."""

    when: Annotated[
        str,
        Field(
            min_length=1,
            max_length=256,
            description="When: cron(minutes hours day-of-month month day-of-week year), rate(value unit) or"
            " at(yyyy-mm-ddThh:mm:ss), as AWS writes them.",
            examples=["cron(0 20 ? * MON-FRI *)"],
        ),
    ]
    timezone: Annotated[
        str,
        Field(
            min_length=1,
            max_length=64,
            description="Time zone of cron and at, by its IANA name. Daylight saving is followed.",
            examples=["Europe/Berlin"],
        ),
    ]
    min: Annotated[
        int,
        Field(ge=0, le=MOST_TASKS, description="Fewest tasks from then on; 0 with max 0: it sleeps.", examples=[0]),
    ]
    max: Annotated[int, Field(ge=0, le=MOST_TASKS, description="Most tasks from then on.", examples=[0])]

    @rule
    def _bounds_are_in_order(self) -> Findings:
        yield from in_order(self.min, self.max)

    @rule
    def _it_can_come_back(self) -> Findings:
        if self.min == 0 and self.max > 0:
            yield Mistake(
                key=("min",),
                problem="a service without tasks has no CPU and no requests, so nothing would ever start one",
                given=f"0 (max: {self.max})",
                allowed=f"1 to {self.max}, or 0 with max 0",
                change="set min to 1, or max to 0 to let it sleep until another schedule wakes it",
            )

    @rule
    def _it_fires(self) -> Findings:
        yield from schedules.findings(self.when, self.timezone, ())


class ScaleSettings(Section):
    """How many tasks run, and when their number changes."""

    min: Annotated[
        int, Field(ge=1, le=MOST_TASKS, description="Fewest tasks; 2 or more in a protected stack.", examples=[1])
    ]
    max: Annotated[int, Field(ge=1, le=MOST_TASKS, description="Most tasks.", examples=[3])]
    out_above: Annotated[
        Annotated[int, Field(ge=1, le=100)] | None,
        Field(
            description="The band: average CPU in percent above which tasks are added. Between it and inBelow nothing"
            " moves.",
            examples=[60],
        ),
    ] = None
    in_below: Annotated[
        Annotated[int, Field(ge=0, le=99)] | None,
        Field(description="The band: average CPU in percent below which a task is taken away.", examples=[30]),
    ] = None
    track: Annotated[TrackSettings, Field(description="Metrics that are kept near a target.")] = Field(
        default_factory=TrackSettings
    )
    predict: Annotated[PredictSettings, Field(description="Metrics whose daily or weekly pattern is scaled for.")] = (
        Field(default_factory=PredictSettings)
    )
    schedules: Annotated[
        Mapping[StoreName, ScheduleSettings],
        Field(description="Other bounds at certain times, by name.", examples=[{}]),
    ] = Field(default_factory=dict)
    cooldown: Annotated[CooldownSettings, Field(description="Seconds to wait between two steps.")] = Field(
        default_factory=CooldownSettings
    )

    @property
    def band(self) -> tuple[int, int] | None:
        """The two figures of the band, lower one first, when there is a band."""
        if self.out_above is None or self.in_below is None:
            return None
        return self.in_below, self.out_above

    @property
    def sleeps(self) -> bool:
        """Whether there are times when no task runs, on purpose."""
        return any(schedule.min == 0 for schedule in self.schedules.values())

    @property
    def least(self) -> int:
        """The fewest tasks of any time at which it does not sleep."""
        return min([self.min, *(schedule.min for schedule in self.schedules.values() if schedule.min > 0)])

    @rule
    def _bounds_are_in_order(self) -> Findings:
        yield from in_order(self.min, self.max)

    @rule
    def _band_has_two_edges(self) -> Findings:
        if (self.out_above is None) == (self.in_below is None):
            return
        here, missing = ("outAbove", "inBelow") if self.in_below is None else ("inBelow", "outAbove")
        yield Mistake(
            key=(missing,),
            problem=f"a band has two edges, and only {here} is given",
            given="nothing (null)",
            allowed="outAbove and inBelow, or neither",
            change=f"add {missing}, or take {here} out and use track: {{cpu: 70}}",
        )

    @rule
    def _thresholds_are_in_order(self) -> Findings:
        if self.band and self.band[0] >= self.band[1]:
            yield Mistake(
                key=("inBelow",),
                problem="is not below outAbove: tasks would be added and taken away at once",
                given=f"{self.band[0]} (outAbove: {self.band[1]})",
                allowed=f"0 to {self.band[1] - 1}",
                change=f"lower inBelow, for example to {self.band[1] // 2}",
            )

    @rule
    def _one_tracking_policy_a_metric(self) -> Findings:
        if self.band and self.track.cpu is not None:
            yield Mistake(
                key=("track", "cpu"),
                problem="AWS takes one tracking policy for each metric, and the band (outAbove) is one on CPU",
                given=f"{self.track.cpu} (outAbove: {self.band[1]})",
                allowed="either outAbove and inBelow, or track.cpu",
                change="take out track.cpu to keep the band, or outAbove and inBelow to track",
            )

    @rule
    def _something_moves(self) -> Findings:
        if self.out_above is not None or self.in_below is not None or self.track.targets():
            return
        for key, low, high in self._all_bounds():
            if low < high:
                yield Mistake(
                    key=(*key, "max"),
                    problem="nothing changes the number of tasks, so there would never be more than min",
                    given=f"{high} (min: {low}; neither outAbove and inBelow nor track is given)",
                    allowed=f"{low}, or a band or a metric to track",
                    change=f"set max to {low}, or add outAbove and inBelow, or track",
                )

    @rule
    def _somebody_takes_away_what_prediction_adds(self) -> Findings:
        predicted = self.predict.targets()
        if self.predict.mode != "forecast-only" and not predicted:
            yield Mistake(
                key=("predict", "mode"),
                problem="there is no metric to predict",
                given=self.predict.mode,
                allowed="a target for cpu, memory or requestsPerTarget beside it",
                change="add one, for example cpu: 50, or take predict out",
            )
        if predicted and not (self.band or self.track.targets()):
            yield Mistake(
                key=("predict",),
                problem="prediction only ever adds tasks: nothing would take them away again",
                given=f"{several([_KEYS[name] for name in predicted], 'and')} without a band or track",
                allowed="prediction beside outAbove and inBelow, or beside track",
                change="add a band or track",
            )

    @rule
    def _prediction_is_not_undone(self) -> Findings:
        """A forecast that is met exactly leaves the metric at its target; there, nobody may be scaling in."""
        for name, target in self.predict.targets().items():
            floor, by = 0.0, ""
            if name == "cpu" and self.band:
                floor, by = float(self.band[0]), f"inBelow: {self.band[0]}"
            elif not self.band and (tracked := self.track.targets().get(name)) is not None:
                floor, by = tracked * TRACKING_LETS_GO, f"track.{_KEYS[name]}: {tracked}"
            if target < floor:
                yield Mistake(
                    key=("predict", _KEYS[name]),
                    problem="what prediction adds would be taken away at once",
                    given=f"{target} ({by})",
                    allowed=f"{-int(-floor // 1)} or more",
                    change=f"raise it to {-int(-floor // 1)} or more",
                )

    @rule
    def _schedules_do_not_collide(self) -> Findings:
        yield from collisions(self.schedules)

    @rule
    def _it_wakes_up(self) -> Findings:
        yield from waking(self.schedules, self.min, self.max)

    def _all_bounds(self) -> Iterator[tuple[tuple[str, ...], int, int]]:
        yield (), self.min, self.max
        for name, schedule in self.schedules.items():
            yield ("schedules", name), schedule.min, schedule.max


def fitting(scale: ScaleSettings, *, balanced: bool, queued: bool) -> Findings:
    """For a kind of service: mistakes where `scale` goes by what this kind lacks, keys from `scale` on.

    `balanced`: it is behind the load balancer; `queued`: it consumes a queue.
    """
    lacking: dict[str, Any] = {}
    if not balanced:
        lacking["requests_per_target"] = "is counted by the load balancer, which this kind of service is not behind"
    if not queued:
        lacking["backlog_per_task"] = "is counted in a queue, and this kind of service consumes none"
    for section, targets in (("track", scale.track.targets()), ("predict", scale.predict.targets())):
        for name, problem in lacking.items():
            if name in targets:
                left = [_KEYS[metric] for metric in METRICS if metric not in lacking]
                yield Mistake(
                    key=("scale", section, _KEYS[name]),
                    problem=problem,
                    given=f"{targets[name]}",
                    allowed=several(left),
                    change="take it out",
                )


def in_order(low: int, high: int, most: int = MOST_TASKS) -> Findings:
    """A mistake where `max` is below `min`, keys from the section that holds both."""
    if low > high:
        yield Mistake(
            key=("max",),
            problem="is below min",
            given=f"{high} (min: {low})",
            allowed=f"{low} to {most}",
            change="raise max or lower min",
        )


def collisions(timetable: Mapping[str, ScheduleSettings]) -> Findings:
    """Mistakes where two schedules have one time, keys from the section that holds `schedules`."""
    seen: dict[tuple[str, str], str] = {}
    for name, schedule in timetable.items():
        other = seen.setdefault((" ".join(schedule.when.split()), schedule.timezone), name)
        if other != name:
            yield Mistake(
                key=("schedules", name, "when"),
                problem=f"is the time of schedules.{other} too; which of the two wins is left to chance",
                given=schedule.when,
                allowed="a time of its own for each schedule",
                change="take one of the two out, or move it",
            )


def waking(timetable: Mapping[str, ScheduleSettings], low: int, high: int) -> Findings:
    """A mistake where schedules put a service to sleep and none wakes it, keys as above; `low` and `high` by day."""
    asleep = [name for name, schedule in timetable.items() if schedule.max == 0]
    if asleep and len(asleep) == len(timetable):
        yield Mistake(
            key=("schedules", asleep[0]),
            problem="puts the service to sleep, and no other schedule wakes it",
            given=f"max: 0 in {several(asleep, 'and')}",
            allowed="a second schedule with a min of 1 or more",
            change=f'add one, for example morning: {{when: "cron(0 7 ? * MON-FRI *)", timezone:'
            f" {timetable[asleep[0]].timezone}, min: {low}, max: {high}}}",
        )
