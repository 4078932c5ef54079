"""The settings of a worker: which queue it consumes, for how long it may work, how many of it there are."""

from typing import Annotated, Literal

from pydantic import Field

from settings import scaling
from settings.containers import Command, SpotSettings, no_secret_in
from settings.deployments import PaceSettings
from settings.runtime import LastingSettings
from settings.scaling import ScaleSettings
from settings.section import Findings, Mistake, StoreName, rule

# Set in the container of every worker; docs/services.md says what a program does with them.
VARIABLES = ("WORK_QUEUE", "WORK_SECONDS")
# Task protection lasts two days at most (ECS API, read 2026-11), a received message is hidden for twelve hours.
WORK_SECONDS_MOST = 43200


class WorkerSettings(LastingSettings):
    """A service that takes messages from a queue and handles them. Nobody calls it."""

    kind: Annotated[Literal["worker"], Field(description="worker: consumes a queue.", examples=["worker"])]
    queue: Annotated[
        StoreName, Field(description="Queue of groundwork:data that it consumes; brings `receive`.", examples=["jobs"])
    ]
    timeout_seconds: Annotated[
        int,
        Field(
            ge=1,
            le=WORK_SECONDS_MOST,
            description="Longest that handling one message takes; shorter than visibilitySeconds of the queue. A"
            " task that protects its work is left alone for so long.",
            examples=[60],
        ),
    ]
    command: Annotated[
        Command | None,
        Field(description="What runs instead of the image's own command.", examples=[["python", "worker.py"]]),
    ] = None
    scale: Annotated[ScaleSettings, Field(description="How many tasks run.")]
    spot: Annotated[
        SpotSettings | None,
        Field(description="The share of its tasks on Fargate Spot. Absent: none.", examples=[{"base": 1, "share": 50}]),
    ] = None
    deployment: Annotated[
        PaceSettings | None,
        Field(
            description="How fast a release replaces the one before, always bit by bit.",
            examples=[{"strategy": "rolling", "mostPercent": 150}],
        ),
    ] = None

    @property
    def needs(self) -> dict[str, tuple[str, ...]]:
        """Every store that the service gets access to, with the levels; its own queue at `receive`."""
        uses = super().needs
        return {**uses, self.queue: ("receive", *uses.get(self.queue, ()))}

    @rule
    def _scale_goes_by_what_there_is(self) -> Findings:
        yield from scaling.fitting(self.scale, balanced=False, queued=True)

    @rule
    def _no_secret_in_its_command(self) -> Findings:
        yield from no_secret_in(self.command)

    @rule
    def _its_queue_is_said_once(self) -> Findings:
        if self.uses.get(self.queue) == "receive":
            yield Mistake(
                key=("uses", self.queue),
                problem="is the worker's own queue, from which it receives anyway",
                given="receive",
                allowed="send, if it also sends to its own queue",
                change="take it out",
            )

    @rule
    def _its_variables_are_free(self) -> Findings:
        for name in VARIABLES:
            for source in ("environment", "secrets"):
                if name not in getattr(self, source):
                    continue
                yield Mistake(
                    key=(source, name),
                    problem="is set by the platform in every worker",
                    given=f'the name "{name}"',
                    allowed=f"names other than {' and '.join(VARIABLES)}",
                    change="take it out, or rename it",
                )
