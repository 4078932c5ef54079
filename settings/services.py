"""The settings of services: what runs, how big, how many, where it is reached, what it may use."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from settings import images, tables
from settings.errors import looks_secret, named, several, shown
from settings.section import Findings, Mistake, Section, StoreName, rule

HEALTH_PATH_MOST = 1024  # characters, elastic load balancing API
ROUTE_MOST = 128  # characters of a host or path pattern, elastic load balancing API
WILDCARDS_MOST = 6  # in all conditions of one listener rule, not adjustable

_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Set by ECS and Fargate in every container; a value of ours would break credentials or region of the AWS SDKs.
_SET_BY_AWS = re.compile(r"AWS_(REGION|DEFAULT_REGION|EXECUTION_ENV|CONTAINER_\w+)|ECS_\w+")


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


class CooldownSettings(Section):
    """Seconds to wait between two steps of scaling. Out is short, so that load is met; in is long, so that it stays
    met."""

    in_: Annotated[
        int, Field(alias="in", ge=0, le=3600, description="Seconds between two steps to fewer tasks.", examples=[300])
    ]
    out: Annotated[int, Field(ge=0, le=3600, description="Seconds between two steps to more tasks.", examples=[60])]


class ScaleSettings(Section):
    """How many tasks run, and when their number changes."""

    min: Annotated[int, Field(ge=1, le=1000, description="Fewest tasks; 2 or more in a protected stack.", examples=[1])]
    max: Annotated[int, Field(ge=1, le=1000, description="Most tasks.", examples=[3])]
    out_above: Annotated[
        int, Field(ge=1, le=100, description="Average CPU in percent above which tasks are added.", examples=[60])
    ]
    in_below: Annotated[
        int, Field(ge=0, le=99, description="Average CPU in percent below which tasks are taken away.", examples=[30])
    ]
    cooldown: Annotated[CooldownSettings, Field(description="Seconds to wait between two steps.")]

    @rule
    def _bounds_are_in_order(self) -> Findings:
        if self.min > self.max:
            yield Mistake(
                key=("max",),
                problem="is below min",
                given=f"{self.max} (min: {self.min})",
                allowed=f"{self.min} to 1000",
                change="raise max or lower min",
            )

    @rule
    def _thresholds_are_in_order(self) -> Findings:
        if self.in_below >= self.out_above:
            yield Mistake(
                key=("inBelow",),
                problem="is not below outAbove: tasks would be added and taken away at once",
                given=f"{self.in_below} (outAbove: {self.out_above})",
                allowed=f"0 to {self.out_above - 1}",
                change=f"lower inBelow, for example to {self.out_above // 2}",
            )


class RouteSettings(Section):
    """Which requests reach a service."""

    path: Annotated[
        str,
        Field(
            pattern=rf"^/[A-Za-z0-9_\-.$/~\"'@:+&*?]{{0,{ROUTE_MOST - 1}}}$",
            description="Path pattern; * stands for any text, ? for one character.",
            examples=["/*"],
            json_schema_extra={
                "patternErrorMessage": f"a path that begins with /, at most {ROUTE_MOST} characters, * and ? as"
                " wildcards"
            },
        ),
    ]
    priority: Annotated[
        int,
        Field(ge=1, le=50000, description="Order in which routes are tried, lowest first; unique.", examples=[100]),
    ]
    host: Annotated[
        Annotated[
            str,
            Field(
                pattern=r"^[a-z0-9*?]([a-z0-9.*?-]*[a-z0-9*?])?$",
                max_length=ROUTE_MOST,
                json_schema_extra={"patternErrorMessage": "a host name in lower case, * and ? as wildcards"},
            ),
        ]
        | None,
        Field(description="Host name pattern, when the route is for one host only.", examples=["app.example.com"]),
    ] = None

    @rule
    def _wildcards_are_few(self) -> Findings:
        count = sum(map((self.path + (self.host or "")).count, "*?"))
        if count > WILDCARDS_MOST:
            yield Mistake(
                key=("path",),
                problem="has more wildcards than a load balancer takes in one rule",
                given=f"{count} in {shown(self.path)}" + (f" and {shown(self.host)}" if self.host else ""),
                allowed=f"{WILDCARDS_MOST} of * and ? in path and host together",
                change="take some out; one * at the end covers everything below a path",
            )


class WebSettings(Section):
    """A service behind the load balancer. Its health is asked on the container's own port."""

    kind: Annotated[Literal["web"], Field(description="web: serves HTTP behind the load balancer.", examples=["web"])]
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
                " (host and port are those of the container)"
            },
        ),
    ]
    size: Annotated[SizeSettings, Field(description="How big one task is.")]
    scale: Annotated[ScaleSettings, Field(description="How many tasks run.")]
    route: Annotated[RouteSettings, Field(description="Which requests reach the service.")]
    environment: Annotated[
        Mapping[str, Annotated[str, Field(max_length=4096)]],
        Field(
            description="Plain environment variables. Never secrets: this file is committed. What `uses` brings"
            " comes by itself.",
            examples=[{"NODE_ENV": "production"}],
        ),
    ]
    uses: Annotated[
        Mapping[StoreName, Annotated[str, Field(json_schema_extra={"enum": ["read", "write"]})]],
        Field(
            description="Stores that the service may use, and how: a database takes write, a bucket read or write."
            " Brings"
            " permissions, addresses and credentials.",
            examples=[{}],
        ),
    ]

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
        for name in self.environment:
            if not _VARIABLE_NAME.fullmatch(name):
                reason, change = "is no name of an environment variable", "rename it, for example to LOG_LEVEL"
            elif _SET_BY_AWS.fullmatch(name):
                reason, change = "is set by AWS itself in every container", "take it out"
            else:
                continue
            yield Mistake(
                key=("environment", name),
                problem=reason,
                given=f"the name {named(name)}",
                allowed="letters, digits and _, no digit first; not a name that ECS sets",
                change=change,
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
                    " any other secret belongs in AWS Secrets Manager",
                )


ServiceSettings = WebSettings
"""Any kind of service. With a second kind this becomes a union told apart by `kind`, which every service states
already."""
