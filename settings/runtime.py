"""The settings of how a container runs as a task: how it is stopped, what it may write to, when it is started again."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from settings.containers import Command, ContainerSettings
from settings.errors import Findings, shown
from settings.section import Mistake, Section, StoreName, rule

STOP_SECONDS = 60
# Where the platform itself mounts what ECS Exec writes, and what no image can do without as it is.
_TAKEN = ("/managed-agents", "/var/log/amazon/ssm", "/var/lib/amazon/ssm", "/proc", "/sys", "/dev", "/etc", "/bin")

Folder = Annotated[
    str,
    Field(
        pattern=r"^(/[A-Za-z0-9_.-]+)+$",
        max_length=255,
        json_schema_extra={"patternErrorMessage": "an absolute path of plain characters, for example /tmp"},
    ),
]
Mebibytes = Annotated[int, Field(ge=1, le=122880)]
# Bytes of a task definition (ECS service quotas, not adjustable, read 2026-11), of which the platform itself, and what
# `uses` and `secrets` bring, take some.
DEFINITION_MOST = 64 * 1024
_LEFT_FOR_US = 8 * 1024
_AROUND_A_VARIABLE, _AROUND_AN_ARGUMENT = len('{"name":"","value":""},'), len('"",')


def _bytes(text: str) -> int:
    """Half a character, which another rule refuses, counts as one."""
    return len(text.encode(errors="replace"))


class RestartSettings(Section):
    """When a container that ends by itself is started again in its task, instead of the task being replaced."""

    attempt_period_seconds: Annotated[
        int,
        Field(
            ge=60,
            le=1800,
            description="It is started again only after it has run for so long; one that ends sooner ends its task.",
            examples=[300],
        ),
    ]
    ignored_exit_codes: Annotated[
        tuple[Annotated[int, Field(ge=0, le=255)], ...],
        Field(
            strict=False,
            max_length=50,
            description="Exit codes after which it is not started again. None when not given.",
            examples=[[0]],
        ),
    ] = ()


class TaskSettings(ContainerSettings):
    """A container that runs as a task."""

    stop_seconds: Annotated[
        int,
        Field(
            ge=2,
            le=120,
            description=f"Seconds between SIGTERM and SIGKILL; {STOP_SECONDS} when not given.",
            examples=[STOP_SECONDS],
        ),
    ] = STOP_SECONDS
    scratch: Annotated[
        Mapping[Folder, Mebibytes],
        Field(
            description="Folders that the container may write to, and how many MiB each holds: in memory, which counts"
            " as the task's, and gone with it. All else is read-only.",
            examples=[{"/tmp": 64}],  # noqa: S108 - a folder in the container
        ),
    ] = Field(default_factory=dict)
    open_files: Annotated[
        Annotated[int, Field(ge=1024, le=1048576)] | None,
        Field(
            description="Files and connections that a process may have open; null leaves it to AWS (65535 on Fargate).",
            examples=[65535],
        ),
    ] = None

    @rule
    def _it_fits_into_a_definition(self) -> Findings:
        run = [*(getattr(self, "command", None) or ()), *(getattr(self, "health_command", None) or ())]
        size = sum(_AROUND_A_VARIABLE + _bytes(name + value) for name, value in self.environment.items())
        size += sum(_AROUND_AN_ARGUMENT + _bytes(argument) for argument in run)
        most = DEFINITION_MOST - _LEFT_FOR_US
        if size > most:
            yield Mistake(
                key=("environment",),
                problem=f"is too much for a task: ECS takes {DEFINITION_MOST} bytes for its whole definition",
                given=f"{size} bytes of variables and commands",
                allowed=f"{most} bytes of them together",
                change="put what is large into a bucket, or into the image",
            )

    @rule
    def _scratch_leaves_memory(self) -> Findings:
        held = sum(self.scratch.values())
        if self.scratch and held > self.size.memory // 2:
            yield Mistake(
                key=("scratch",),
                problem="would take more than half of the task's memory when full",
                given=f"{held} MiB in all (size.memory: {self.size.memory})",
                allowed=f"up to {self.size.memory // 2} MiB in all",
                change="make the folders smaller, or raise size.memory",
            )

    @rule
    def _scratch_hides_nothing(self) -> Findings:
        for folder in self.scratch:
            if set(folder.split("/")) & {".", ".."}:
                problem = "does not say where it is"
            elif any(folder == taken or folder.startswith(f"{taken}/") for taken in _TAKEN):
                problem = "is a folder of the system or of the platform"
            elif any(folder.startswith(f"{other}/") for other in self.scratch):
                problem = "lies in another folder of scratch"
            else:
                continue
            yield Mistake(
                key=("scratch", folder),
                problem=problem,
                given=f"the folder {shown(folder)}",
                allowed="absolute paths apart from each other, for example /tmp and /var/cache/app",
                change="name another folder, or take it out",
            )


class LastingSettings(TaskSettings):
    """A container that runs until it is stopped."""

    health_command: Annotated[
        Command | None,
        Field(
            description="Command run in the container every 30 seconds; a task in which it fails three times is"
            " replaced. Absent: the container is well while its process runs.",
            examples=[["test", "-e", "/proc/1"]],
        ),
    ] = None
    restart: Annotated[
        RestartSettings | None,
        Field(
            description="When a container that ends by itself is started again in its task. Absent, or null: never, its"
            " task is replaced.",
            examples=[{"attemptPeriodSeconds": 300}],
        ),
    ] = None
    runs_on: Annotated[
        StoreName | None,
        Field(
            description="Name of EC2 capacity of groundwork:compute that its tasks run on. Absent, or null: Fargate.",
            examples=["arm"],
        ),
    ] = None
