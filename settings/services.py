"""The settings of services: what runs, how big, how many, where it is reached, what it may use."""

from typing import Annotated, Literal

from pydantic import Field

from settings import scaling
from settings.containers import ContainerSettings, SpotSettings
from settings.errors import shown
from settings.jobs import JobSettings
from settings.scaling import ScaleSettings
from settings.section import Findings, Mistake, Section, rule
from settings.workers import WorkerSettings

HEALTH_PATH_MOST = 1024  # characters, elastic load balancing API
ROUTE_MOST = 128  # characters of a host or path pattern, elastic load balancing API
WILDCARDS_MOST = 6  # in all conditions of one listener rule, not adjustable


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


class WebSettings(ContainerSettings):
    """A service behind the load balancer. Its health is asked on the container's own port."""

    kind: Annotated[Literal["web"], Field(description="web: serves HTTP behind the load balancer.", examples=["web"])]
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
    scale: Annotated[ScaleSettings, Field(description="How many tasks run.")]
    route: Annotated[RouteSettings, Field(description="Which requests reach the service.")]
    spot: Annotated[
        SpotSettings | None,
        Field(description="The share of its tasks on Fargate Spot. Absent: none.", examples=[{"base": 1, "share": 50}]),
    ] = None

    @rule
    def _scale_goes_by_what_there_is(self) -> Findings:
        yield from scaling.fitting(self.scale, balanced=True, queued=False)


ServiceSettings = Annotated[WebSettings | WorkerSettings | JobSettings, Field(discriminator="kind")]
"""Any kind of service, told apart by `kind`."""

__all__ = [
    "ContainerSettings",
    "JobSettings",
    "RouteSettings",
    "ServiceSettings",
    "SpotSettings",
    "WebSettings",
    "WorkerSettings",
]
