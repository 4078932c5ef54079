"""The settings of a job: when it runs, and what happens when a run cannot be started or does not end."""

from typing import Annotated, Literal

from pydantic import Field

from settings import schedules
from settings.containers import Command, no_secret_in
from settings.errors import shown
from settings.runtime import TaskSettings
from settings.section import Findings, Mistake, Section, rule

NO_ZONE = "UTC"


class JobScheduleSettings(Section):
    """When a job runs."""

    when: Annotated[
        str,
        Field(
            min_length=1,
            max_length=256,
            description="When: cron(minutes hours day-of-month month day-of-week year) or rate(value unit), as AWS"
            " writes them.",
            examples=["cron(30 2 * * ? *)"],
        ),
    ]
    timezone: Annotated[
        Annotated[str, Field(min_length=1, max_length=50)] | None,
        Field(
            description="Time zone of cron, by its IANA name; null with rate. A local time that is skipped in spring is"
            " skipped, one that comes twice in autumn fires once.",
            examples=["Europe/Berlin"],
        ),
    ] = None
    window_minutes: Annotated[
        int,
        Field(
            ge=0,
            le=1440,
            description="A run starts within so many minutes of its time, whenever suits AWS; 0, when not given, means"
            " at once (within a minute).",
            examples=[15],
        ),
    ] = 0

    @rule
    def _it_fires(self) -> Findings:
        yield from schedules.findings(self.when, NO_ZONE if self.timezone is None else self.timezone, ())

    @rule
    def _it_repeats(self) -> Findings:
        if self.when.startswith("at("):
            yield Mistake(
                key=("when",),
                problem="fires once, and a job of a stack runs again and again",
                given=shown(self.when),
                allowed="cron(...) or rate(...)",
                change="write a cron expression, or run it by hand: aws ecs run-task",
            )

    @rule
    def _a_zone_goes_with_cron(self) -> Findings:
        if self.when.startswith("cron(") and self.timezone is None:
            yield Mistake(
                key=("timezone",),
                problem="is not given, so nobody can tell whose two o'clock is meant",
                given="nothing (null)",
                allowed="a name of the IANA database with cron, for example Europe/Berlin or UTC",
                change="add it: timezone: UTC",
            )
        if self.when.startswith("rate(") and self.timezone is not None:
            yield Mistake(
                key=("timezone",),
                problem="has no effect: a rate counts from the moment at which the schedule is made",
                given=shown(self.timezone),
                allowed="null with rate",
                change="take it out, or write when as cron",
            )


class RetrySettings(Section):
    """How often, and for how long, AWS tries to start a run that could not be started. A run that started and failed
    is not tried again."""

    attempts: Annotated[
        int, Field(ge=0, le=185, description="Further attempts to start a run; 5 when not given.", examples=[5])
    ] = 5
    max_age_seconds: Annotated[
        int,
        Field(
            ge=60,
            le=86400,
            description="Seconds after its time at which a run is given up; 3600 when not given.",
            examples=[3600],
        ),
    ] = 3600


class JobSettings(TaskSettings):
    """A container that is started by the clock, does its work and ends."""

    kind: Annotated[Literal["job"], Field(description="job: runs by the clock, and ends.", examples=["job"])]
    schedule: Annotated[JobScheduleSettings, Field(description="When it runs.")]
    command: Annotated[
        Command | None,
        Field(description="What runs instead of the image's own command.", examples=[["python", "report.py"]]),
    ] = None
    stop_after_seconds: Annotated[
        Annotated[int, Field(ge=60, le=604800)] | None,
        Field(
            description="Seconds after which a run is stopped and counts as failed; null for never. Runs overlap when"
            " one takes longer than the time to the next.",
            examples=[3600],
        ),
    ]
    retry: Annotated[RetrySettings, Field(description="What happens when a run cannot be started.")] = Field(
        default_factory=RetrySettings
    )

    @rule
    def _no_secret_in_its_command(self) -> Findings:
        yield from no_secret_in(self.command)
