"""The settings of deployments: how a release replaces the one before, and what takes it back.

Ranges are those of the ECS API (model of 2026-11-17), in whole percent and minutes.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from settings.errors import Findings, Mistake, shown
from settings.section import Section, StoreName, rule

LONGEST_MINUTES = 1440
ERRORS_PERCENT = 5
BAKE_MINUTES = 10
# What a hook may take before the update gives up on it: the longest run of a Lambda function.
HOOK_MINUTES = 15

Minutes = Annotated[int, Field(ge=0, le=LONGEST_MINUTES)]
Stage = Literal[
    "reconcile-service",
    "pre-scale-up",
    "post-scale-up",
    "test-traffic-shift",
    "post-test-traffic-shift",
    "production-traffic-shift",
    "post-production-traffic-shift",
]
TEST_STAGES: tuple[Stage, ...] = ("test-traffic-shift", "post-test-traffic-shift")

ErrorsAbove = Annotated[
    int,
    Field(
        ge=1,
        le=99,
        description="Percent of its requests answered with an error (5xx), in two of three minutes, above which ECS"
        f" takes a release back; {ERRORS_PERCENT} if left out.",
        examples=[ERRORS_PERCENT],
    ),
]
Bake = Annotated[
    Minutes,
    Field(
        description="Minutes for which the old tasks go on running, without requests, after the last shift: going back"
        f" is then a matter of seconds; {BAKE_MINUTES} if left out.",
        examples=[BAKE_MINUTES],
    ),
]


class PaceSettings(Section):
    """Tasks are replaced bit by bit. Between the two figures ECS starts new tasks and stops old ones."""

    strategy: Annotated[Literal["rolling"], Field(description="rolling: new tasks take over one by one.")]
    least_healthy_percent: Annotated[
        int,
        Field(
            ge=0,
            le=100,
            description="Percent of the tasks that stay healthy during a deployment; 100 if left out, and always in a"
            " protected stack.",
            examples=[100],
        ),
    ] = 100
    most_percent: Annotated[
        int,
        Field(
            ge=101,
            le=200,
            description="Percent of the tasks that may run during a deployment; 200 if left out.",
            examples=[200],
        ),
    ] = 200

    def moves(self, tasks: int) -> bool:
        """Whether ECS can replace anything while so many tasks are wanted: it rounds the upper figure down and the
        lower one up."""
        return tasks * (self.most_percent - 100) >= 100 or tasks * (100 - self.least_healthy_percent) >= 100


class RollingSettings(PaceSettings):
    """Tasks are replaced bit by bit, in one group of targets. So it is when nothing is said about deployments."""

    errors_above: ErrorsAbove = ERRORS_PERCENT
    shifting: Annotated[
        Literal["begin", "end"] | None,
        Field(
            description="A release between two strategies: begin before the first blueGreen, canary or linear one (the"
            " second group is made), end after the last (tasks are in both groups, so that either may go).",
            examples=["begin"],
        ),
    ] = None


class HookSettings(Section):
    """A Lambda function that ECS asks whether a deployment may go on. It answers with `hookStatus`: SUCCEEDED, FAILED
    or IN_PROGRESS."""

    function: Annotated[
        str,
        Field(
            pattern=r"^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_-]{1,128})?$",
            description="The function, by its ARN, with or without an alias or version.",
            examples=["arn:aws:lambda:us-east-1:111122223333:function:smoke-test"],
            json_schema_extra={"patternErrorMessage": "the ARN of a Lambda function (lambda:...:function:name)"},
        ),
    ]
    stages: Annotated[
        tuple[Stage, ...],
        Field(
            strict=False,
            min_length=1,
            description="When it is asked, in the words of ECS.",
            examples=[["post-test-traffic-shift"]],
        ),
    ]

    @property
    def region(self) -> str:
        """Where the function is."""
        return self.function.split(":")[3]

    @rule
    def _stages_are_named_once(self) -> Findings:
        for position, stage in enumerate(self.stages):
            if stage in self.stages[:position]:
                yield Mistake(
                    key=("stages", position),
                    problem="is named twice",
                    given=shown(stage),
                    allowed="each stage once",
                    change="take it out",
                )


class _Shifting(Section):
    """A second group of targets is filled with the new release, and requests are shifted to it. Both run in full
    meanwhile."""

    bake_minutes: Bake = BAKE_MINUTES
    errors_above: ErrorsAbove = ERRORS_PERCENT
    hooks: Annotated[
        Mapping[StoreName, HookSettings],
        Field(description="Functions that may stop a deployment, by name.", examples=[{}]),
    ] = Field(default_factory=dict)

    @property
    def shift_minutes(self) -> int:
        """How long requests take to move, from the first to the last."""
        return 0

    @property
    def minutes(self) -> int:
        """How much longer than starting and stopping tasks a deployment takes at most."""
        asked = sum(len(hook.stages) for hook in self.hooks.values())
        return self.shift_minutes + self.bake_minutes + HOOK_MINUTES * asked


class BlueGreenSettings(_Shifting):
    """All requests are shifted at once, when every new task is healthy."""

    strategy: Annotated[Literal["blueGreen"], Field(description="blueGreen: all requests are shifted at once.")]


class CanarySettings(_Shifting):
    """A small share of the requests is shifted first, the rest when it has done well for some minutes."""

    strategy: Annotated[Literal["canary"], Field(description="canary: a few requests are shifted first.")]
    percent: Annotated[
        int, Field(ge=1, le=99, description="Percent of the requests that are shifted first.", examples=[5])
    ]
    canary_minutes: Annotated[
        int,
        Field(ge=1, le=LONGEST_MINUTES, description="Minutes before the rest follows.", examples=[10]),
    ]

    @property
    def shift_minutes(self) -> int:
        """The one wait."""
        return self.canary_minutes


class LinearSettings(_Shifting):
    """Requests are shifted in equal steps."""

    strategy: Annotated[Literal["linear"], Field(description="linear: requests are shifted in equal steps.")]
    step_percent: Annotated[int, Field(ge=3, le=99, description="Percent of the requests in each step.", examples=[20])]
    step_minutes: Annotated[
        int, Field(ge=1, le=LONGEST_MINUTES, description="Minutes between two steps.", examples=[5])
    ]

    @property
    def shift_minutes(self) -> int:
        """A wait between any two steps, none after the last."""
        return (-(-100 // self.step_percent) - 1) * self.step_minutes


ShiftingSettings = BlueGreenSettings | CanarySettings | LinearSettings
"""Whatever shifts requests from one group of targets to another."""

DeploymentSettings = Annotated[
    RollingSettings | BlueGreenSettings | CanarySettings | LinearSettings, Field(discriminator="strategy")
]
"""How releases of a service behind a load balancer replace each other."""

DEFAULT = RollingSettings(strategy="rolling")
"""What holds when nothing is said."""


def two_groups(deployment: DeploymentSettings) -> bool:
    """Whether there is a second group of targets."""
    return not isinstance(deployment, RollingSettings) or deployment.shifting is not None


def ecs_shifts(deployment: DeploymentSettings) -> bool:
    """Whether ECS is told of the second group; when a service leaves shifting, its tasks are simply in both."""
    return not isinstance(deployment, RollingSettings) or deployment.shifting == "begin"
