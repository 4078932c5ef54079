"""What the settings of all services that are containers have in common: image, size, environment, access."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from settings import images, tables
from settings.calls import CALL
from settings.egress import EgressSettings
from settings.errors import is_hidden, looks_secret, named, several, shown
from settings.secrets import SecretSettings
from settings.section import Findings, Mistake, Section, StoreName, rule

_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Set by ECS and Fargate in every container; a value of ours would break credentials or region of the AWS SDKs.
_SET_BY_AWS = re.compile(r"AWS_(REGION|DEFAULT_REGION|EXECUTION_ENV|CONTAINER_\w+)|ECS_\w+")

# One argument of a command, as `docker run` would take it.
Argument = Annotated[str, Field(min_length=1, max_length=4096)]
Command = Annotated[tuple[Argument, ...], Field(strict=False, min_length=1)]  # YAML has lists, no tuples


def _size_pairs(schema: dict[str, Any]) -> None:
    """Lets an editor check the pair: each CPU size has its own list of memory sizes."""
    sizes = tables.fargate_sizes()
    schema["properties"]["cpu"]["enum"] = list(sizes)
    schema["allOf"] = [
        {"if": {"properties": {"cpu": {"const": cpu}}}, "then": {"properties": {"memory": {"enum": list(memory)}}}}
        for cpu, memory in sizes.items()
    ]


class SizeSettings(Section, json_schema_extra=_size_pairs):
    """How big one task is. AWS bills vCPU and GiB by the second; arm64 costs about 20 % less."""

    cpu: Annotated[int, Field(description="CPU units: 1024 are one vCPU.", examples=[256])]
    memory: Annotated[int, Field(description="Memory in MiB; which sizes there are depends on cpu.", examples=[512])]
    architecture: Annotated[
        Literal["x86_64", "arm64"], Field(description="What the image is built for.", examples=["arm64"])
    ]

    @rule
    def _cpu_is_offered(self) -> Findings:
        sizes = tables.fargate_sizes()
        if self.cpu not in sizes:
            yield Mistake(
                key=("cpu",),
                problem="Fargate has no tasks of this size",
                given=f"{self.cpu}",
                allowed=f"{several([*sizes])} CPU units (1024 are one vCPU)",
                change=f"set cpu to {min(sizes, key=lambda cpu: abs(cpu - self.cpu))}",
            )

    @rule
    def _memory_goes_with_cpu(self) -> Findings:
        sizes = tables.fargate_sizes()
        offered = sizes.get(self.cpu)
        if offered is None or self.memory in offered:
            return
        other = [cpu for cpu, memory in sizes.items() if self.memory in memory]
        yield Mistake(
            key=("memory",),
            problem=f"Fargate has no tasks of {self.cpu} CPU units with this memory",
            given=f"{self.memory} (cpu: {self.cpu})",
            allowed=f"{several(offered)} MiB",
            change=f"set memory to {min(offered, key=lambda memory: abs(memory - self.memory))}"
            + (f", or cpu to {several(other)}" if other else ""),
        )


class SpotSettings(Section):
    """How many tasks run on Fargate Spot: about 70 % cheaper, taken back by AWS with two minutes' notice."""

    base: Annotated[
        int, Field(ge=0, le=1000, description="Tasks that are always on regular Fargate, the first ones.", examples=[1])
    ]
    share: Annotated[
        int, Field(ge=1, le=100, description="Percent of all further tasks that are on Spot.", examples=[50])
    ]

    @rule
    def _base_has_a_place(self) -> Findings:
        if self.share == 100 and self.base > 0:
            yield Mistake(
                key=("base",),
                problem="with all of the share on Spot, ECS places no task on regular Fargate, not even the base",
                given=f"{self.base} (share: 100)",
                allowed="0 with a share of 100, or a share of 1 to 99",
                change="lower share to 99, or set base to 0",
            )


def no_secret_in(command: Command | None) -> Findings:
    """Mistakes where an argument of `command` looks like a secret; keys relative to the service."""
    for position, argument in enumerate(command or ()):
        if is_hidden(argument, ("command",)):
            yield Mistake(
                key=("command", position),
                problem="looks like a secret, and this file is committed",
                given="(not shown: it could be a secret)",
                allowed="plain values only",
                change="take it out, and replace it if it was a real one: credentials of a database come by `uses`,"
                " any other secret by `secrets`, which keeps it in Secrets Manager",
            )


class ProgramSettings(Section):
    """What holds for every service, whatever runs it: what it is made of, what it is told, what it may use."""

    kind: Annotated[str, Field(description="What calls the service to life.")]
    image: Annotated[
        Annotated[
            str,
            Field(
                min_length=1,
                max_length=512,
                json_schema_extra={"patternErrorMessage": "[registry[:port]/]name[:tag][@sha256:digest]"},
            ),
        ]
        | None,
        Field(
            description="Image to run, with tag or digest (`latest` is refused in a protected stack). Either image"
            " or build.",
            examples=["crccheck/hello-world:v1.0.0"],
        ),
    ] = None
    build: Annotated[
        Annotated[
            str,
            Field(
                min_length=1,
                max_length=255,  # bytes in the name of a file, on every system in use
                pattern=r"^[ -~]*$",
                json_schema_extra={
                    "patternErrorMessage": "a folder with a Dockerfile, relative to the folder of Pulumi.yaml"
                },
            ),
        ]
        | None,
        Field(
            description="Folder with a Dockerfile to build the image from, from the project's root. Either image"
            " or build.",
            examples=["services/status"],
        ),
    ] = None
    environment: Annotated[
        Mapping[str, Annotated[str, Field(max_length=4096)]],
        Field(
            description="Plain environment variables. Never secrets: this file is committed. What `uses` brings"
            " comes by itself.",
            examples=[{"NODE_ENV": "production"}],
        ),
    ]
    uses: Annotated[
        Mapping[
            StoreName,
            Annotated[str, Field(json_schema_extra={"enum": ["read", "write", "send", "receive", "admin", CALL]})],
        ],
        Field(
            description="Stores that the service may use, and how: a database takes write, a bucket read or write,"
            " a queue send or receive; another service takes call. admin, of any store, not in a protected stack."
            " Brings permissions, addresses and credentials.",
            examples=[{}],
        ),
    ]

    secrets: Annotated[
        Mapping[str, SecretSettings],
        Field(
            description="Secret variables by name, and where the value of each comes from. The task definition holds"
            " only a reference.",
            examples=[{"PAYMENT_KEY": {"config": "payment-key"}}],
        ),
    ] = Field(default_factory=dict)
    egress: Annotated[
        EgressSettings,
        Field(description="What the service may reach beside what it uses.", examples=[{"internet": "none"}]),
    ] = Field(default_factory=EgressSettings)

    @property
    def secret_names(self) -> set[str]:
        """The names of the values of groundwork:secrets that the service is given."""
        return {secret.config for secret in self.secrets.values() if secret.config is not None}

    @property
    def needs(self) -> dict[str, tuple[str, ...]]:
        """Every store that the service gets access to, with the levels."""
        return {store: (level,) for store, level in self.uses.items() if level != CALL}

    @property
    def reached(self) -> dict[str, tuple[str, ...]]:
        """Those of them that it needs a way to, from the private tier."""
        return self.needs

    @rule
    def _image_or_build(self) -> Findings:
        if (self.image is None) == (self.build is None):
            both = self.image is not None
            yield Mistake(
                key=("image",),
                problem="image and build are both given" if both else "neither image nor build is given",
                given=f"image: {shown(self.image)}, build: {shown(self.build)}",
                allowed="exactly one of image and build",
                change="take one of the two out" if both else "name an image, or the folder of a Dockerfile in build",
            )

    @rule
    def _image_can_be_read(self) -> Findings:
        if self.image is None:
            return
        try:
            images.parse(self.image)
        except ValueError as error:
            yield Mistake(
                key=("image",),
                problem=f"is no reference to an image: {error}",
                given=shown(self.image),
                allowed="[registry[:port]/]name[:tag][@sha256:digest]",
                change="write it as `docker pull` takes it, for example crccheck/hello-world:v1.0.0",
            )

    @rule
    def _variables_can_be_set(self) -> Findings:
        for source, name in [
            *(("environment", name) for name in self.environment),
            *(("secrets", name) for name in self.secrets),
        ]:
            if source == "secrets" and name in self.environment:
                reason, change = "is set by `environment` already", "keep one of the two"
            elif not _VARIABLE_NAME.fullmatch(name):
                reason, change = "is no name of an environment variable", "rename it, for example to LOG_LEVEL"
            elif _SET_BY_AWS.fullmatch(name):
                reason, change = "is set by AWS itself in every container", "take it out"
            else:
                continue
            yield Mistake(
                key=(source, name),
                problem=reason,
                given=f"the name {named(name)}",
                allowed="letters, digits and _, no digit first; not a name that ECS sets",
                change=change,
            )

    @rule
    def _values_can_be_set(self) -> Findings:
        for name, value in self.environment.items():
            if "\0" in value:
                yield Mistake(
                    key=("environment", name),
                    problem="has a NUL character, with which the value of a variable would end",
                    given=f"{len(value)} characters, the NUL at {value.index(chr(0)) + 1}",
                    allowed="any other characters",
                    change="take it out",
                )

    @rule
    def _no_secret_in_plain_sight(self) -> Findings:
        for name, value in self.environment.items():
            if value and looks_secret(name, value):
                yield Mistake(
                    key=("environment", name),
                    problem="looks like a secret, and this file is committed",
                    given="(not shown: it could be a secret)",
                    allowed="plain values only",
                    change="take it out, and replace it if it was a real one: credentials of a database come by `uses`,"
                    " any other secret by `secrets`, which keeps it in Secrets Manager",
                )


class ContainerSettings(ProgramSettings):
    """A service that is a container, whatever starts it."""

    size: Annotated[SizeSettings, Field(description="How big one task is.")]
