"""The settings of a fleet: EC2 instances of its own behind the load balancer, each with one container."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from settings import scaling, schedules, tables
from settings.containers import ProgramSettings
from settings.errors import Findings, below, several, shown
from settings.machines import InstanceTypeName, MachineSettings, architecture_of, offered
from settings.routes import HealthCheckSettings, RouteSettings
from settings.scaling import ScheduleSettings
from settings.schedules import ScheduleError
from settings.section import Mistake, Section, StoreName, rule

MOST_INSTANCES = 500
OTHER_TYPES = 39  # 40 in a group, with that of its machine (EC2 Auto Scaling quotas, read 2026-11)
HEALTH_PATH_MOST = 1024  # characters, elastic load balancing API


class FleetScaleSettings(Section):
    """How many instances run, and when their number changes: by a share above one CPU figure, one by one below
    another."""

    min: Annotated[int, Field(ge=1, le=MOST_INSTANCES, description="Fewest instances; 2 or more in a protected stack.")]
    max: Annotated[int, Field(ge=1, le=MOST_INSTANCES, description="Most instances.", examples=[4])]
    out_above: Annotated[
        int,
        Field(ge=2, le=100, description="Average CPU in percent above which instances are added; 80 when not given."),
    ] = 80
    add_percent: Annotated[
        int,
        Field(
            ge=1,
            le=100,
            description="How many are added, in percent of those that there are, one at least; 30 when not given.",
            examples=[30],
        ),
    ] = 30
    in_below: Annotated[
        int,
        Field(ge=0, le=99, description="Average CPU in percent below which one is taken away; 30 when not given."),
    ] = 30
    cooldown_seconds: Annotated[
        int,
        Field(
            ge=60,
            le=3600,
            description="Seconds between two instances that are taken away; 300 when not given.",
            examples=[300],
        ),
    ] = 300
    warmup_seconds: Annotated[
        int,
        Field(
            ge=0,
            le=3600,
            description="Seconds in which a new instance, once it serves, does not count yet; 60 when not given.",
            examples=[60],
        ),
    ] = 60
    schedules: Annotated[
        Mapping[StoreName, ScheduleSettings],
        Field(description="Other bounds at certain times, by name: cron only.", examples=[{}]),
    ] = Field(default_factory=dict)

    @property
    def sleeps(self) -> bool:
        """Whether there are times when no instance runs, on purpose."""
        return any(schedule.min == 0 for schedule in self.schedules.values())

    @property
    def least(self) -> int:
        """The fewest instances of any time at which it does not sleep."""
        return min([self.min, *(schedule.min for schedule in self.schedules.values() if schedule.min > 0)])

    @rule
    def _bounds_are_in_order(self) -> Findings:
        yield from scaling.in_order(self.min, self.max, MOST_INSTANCES)

    @rule
    def _thresholds_are_in_order(self) -> Findings:
        if self.in_below >= self.out_above:
            yield Mistake(
                key=("inBelow",),
                problem="is not below outAbove: instances would be added and taken away at once",
                given=f"{self.in_below} (outAbove: {self.out_above})",
                allowed=f"0 to {self.out_above - 1}",
                change=f"lower inBelow, for example to {self.out_above // 3}",
            )

    @rule
    def _what_goes_stays_away(self) -> Findings:
        """The load of the one that goes falls to the others: at its highest where two become one."""
        least = min([bound for bound, most in self._all_bounds() if 0 < bound < most], default=0)
        if not least or self.in_below >= self.out_above:
            return
        after = self.in_below * (least + 1) / least
        if after > self.out_above:
            highest = self.out_above * least // (least + 1)
            yield Mistake(
                key=("inBelow",),
                problem=f"when {least + 1} become {least}, {self.in_below} % of each are {after:.0f} % of the rest, and"
                " one would be added again at once",
                given=f"{self.in_below} (outAbove: {self.out_above}, min: {least})",
                allowed=f"0 to {highest}",
                change=f"lower inBelow to {highest} or less",
            )

    @rule
    def _schedules_can_be_told_to_the_group(self) -> Findings:
        for name, schedule in self.schedules.items():
            try:
                schedules.parse(schedule.when)
            except ScheduleError:
                continue  # told by the schedule itself
            try:
                schedules.unix(schedule.when)
            except ScheduleError as error:
                yield Mistake(
                    key=("schedules", name, "when"),
                    problem=error.problem,
                    given=shown(schedule.when),
                    allowed="cron(minutes hours day-of-month month day-of-week *) without L, W and #",
                    change=error.change,
                )

    @rule
    def _schedules_do_not_collide(self) -> Findings:
        yield from scaling.collisions(self.schedules)

    @rule
    def _it_wakes_up(self) -> Findings:
        yield from scaling.waking(self.schedules, self.min, self.max)

    def _all_bounds(self) -> Iterator[tuple[int, int]]:
        yield self.min, self.max
        for schedule in self.schedules.values():
            yield schedule.min, schedule.max


class FleetMachineSettings(MachineSettings):
    """One instance of a fleet."""

    disk_gib: Annotated[
        int,
        Field(
            ge=8,
            le=16384,
            description="GiB of its one disk (gp3, encrypted with the account's own EBS key); 20 when not given.",
            examples=[20],
        ),
    ] = 20


class FleetSpotSettings(Section):
    """How many instances are on Spot: far cheaper, taken back by AWS with two minutes' notice."""

    base: Annotated[
        int,
        Field(ge=0, le=MOST_INSTANCES, description="Instances that are always regular, the first ones.", examples=[1]),
    ]
    share: Annotated[
        int, Field(ge=1, le=100, description="Percent of all further instances that are on Spot.", examples=[50])
    ]
    types: Annotated[
        tuple[InstanceTypeName, ...],
        Field(
            strict=False,
            min_length=1,
            max_length=OTHER_TYPES,
            description="Types that will do as well as that of `machine`: of its processor, no smaller. The more, the"
            " rarer AWS is short of all.",
            examples=[["t4g.medium", "m7g.large"]],
        ),
    ]

    @rule
    def _types_are_offered(self) -> Findings:
        for position, type_ in enumerate(self.types):
            yield from offered(type_, ("types", position))


class FleetSettings(ProgramSettings):
    """Instances behind the load balancer, each with one container: for programs that need a machine of their own."""

    kind: Annotated[
        Literal["fleet"], Field(description="fleet: EC2 instances behind the load balancer.", examples=["fleet"])
    ]
    machine: Annotated[FleetMachineSettings, Field(description="What one instance is.")]
    port: Annotated[
        int,
        Field(
            ge=1024,
            le=65535,
            description="Port that the container listens on; below 1024 only root may, and containers do not run"
            " as root.",
            examples=[8080],
        ),
    ]
    health: Annotated[
        str,
        Field(
            pattern=r"^/[!-~]*$",
            max_length=HEALTH_PATH_MOST,
            description="Path asked on the container's port; answers with a status of 200 to 299 when all is well.",
            examples=["/health"],
            json_schema_extra={
                "patternErrorMessage": f"a path that begins with /, without spaces, at most {HEALTH_PATH_MOST}"
                " characters"
            },
        ),
    ]
    health_check: Annotated[
        HealthCheckSettings | None,
        Field(description="How the load balancer asks for it.", examples=[{"graceSeconds": 120}]),
    ] = None
    scale: Annotated[FleetScaleSettings, Field(description="How many instances run.")]
    spot: Annotated[
        FleetSpotSettings | None,
        Field(
            description="The share of its instances on Spot. Absent: none.",
            examples=[{"base": 1, "share": 50, "types": ["t4g.medium"]}],
        ),
    ] = None
    route: Annotated[RouteSettings, Field(description="Which requests reach the fleet.")]

    @rule
    def _codes_are_of_http(self) -> Findings:
        if self.health_check is not None and self.health_check.codes is not None:
            for found in self.health_check.misfits("http1"):
                yield below(("healthCheck",), found)

    @rule
    def _types_replace_each_other(self) -> Findings:
        """Whichever type an instance is of, the image runs on it, and what fitted before fits."""
        if self.spot is None:
            return
        own = self.machine.type
        for position, type_ in enumerate(self.spot.types):
            key = ("spot", "types", position)
            if type_ in (own, *self.spot.types[:position]):
                yield Mistake(
                    key=key,
                    problem="is there already"
                    if type_ != own
                    else "is the type of `machine`, which is always one of them",
                    given=shown(type_),
                    allowed="each type once",
                    change="take it out, or name another type",
                )
            elif architecture_of(type_) != self.machine.architecture:
                yield Mistake(
                    key=key,
                    problem="has another processor than `machine`, and all instances run one image",
                    given=f"{type_} ({architecture_of(type_)})",
                    allowed=f"types of {self.machine.architecture}, as {own}",
                    change=f"name a type of {self.machine.architecture}",
                )
            else:
                yield from self._no_smaller(key, type_)

    def _no_smaller(self, key: tuple[str | int, ...], type_: str) -> Findings:
        known = tables.instance_types()
        mine, theirs = known.get(self.machine.type), known.get(type_)
        if mine is None or theirs is None:
            return
        if theirs.vcpu < mine.vcpu or theirs.memory_mib < mine.memory_mib:
            enough = [
                name
                for name, one in known.items()
                if one.architecture == mine.architecture
                and one.vcpu >= mine.vcpu
                and one.memory_mib >= mine.memory_mib
                and name not in (self.machine.type, *(self.spot.types if self.spot else ()))
            ]
            yield Mistake(
                key=key,
                problem="is smaller than `machine`: what runs there may not fit, and scaling counts both as one",
                given=f"{type_} ({theirs.vcpu} vCPU, {theirs.memory_mib} MiB)",
                allowed=f"types with {mine.vcpu} vCPU and {mine.memory_mib} MiB or more, as {self.machine.type}",
                change=f"name a larger type, for example {several(enough[:3])}" if enough else "take it out",
            )
