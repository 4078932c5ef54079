"""The settings of services: what runs, how big, how many, where it is reached, what it may use."""

from typing import Annotated, Literal

from pydantic import Field

from settings import scaling
from settings.calls import CalledSettings
from settings.containers import ContainerSettings, SpotSettings
from settings.deployments import DeploymentSettings
from settings.errors import below, shown
from settings.fleets import FleetSettings
from settings.functions import FunctionSettings
from settings.jobs import JobSettings
from settings.routes import HealthCheckSettings, Protocol, RouteSettings
from settings.runtime import LastingSettings
from settings.scaling import ScaleSettings
from settings.section import Findings, Mistake, rule
from settings.workers import WorkerSettings

HEALTH_PATH_MOST = 1024  # characters, elastic load balancing API


class WebSettings(LastingSettings):
    """A service behind a load balancer, or reached by other services alone. Its health is asked on the container's own
    port."""

    kind: Annotated[Literal["web"], Field(description="web: serves HTTP.", examples=["web"])]
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
    protocol: Annotated[
        Protocol | None,
        Field(
            description="What the container speaks on its port. Absent: http1; to go back to it, write it, since a key"
            " that is taken out changes nothing at AWS. Another protocol means new targets; http2 and grpc need HTTPS.",
            examples=["grpc"],
        ),
    ] = None
    health: Annotated[
        Annotated[
            str,
            Field(
                pattern=r"^/[!-~]*$",
                max_length=HEALTH_PATH_MOST,
                json_schema_extra={
                    "patternErrorMessage": f"a path that begins with /, without spaces, at most {HEALTH_PATH_MOST}"
                    " characters"
                    " (host and port are those of the container)"
                },
            ),
        ]
        | None,
        Field(
            description="Path asked on the container's port; answers with a status of 200 to 299 when all is well."
            " null exactly when route is.",
            examples=["/health"],
        ),
    ]
    health_check: Annotated[
        HealthCheckSettings | None,
        Field(description="How the load balancer asks for it.", examples=[{"graceSeconds": 120}]),
    ] = None
    scale: Annotated[ScaleSettings, Field(description="How many tasks run.")]
    route: Annotated[
        RouteSettings | None,
        Field(
            description="Which requests reach the service. null: only calls of other services do, by its name.",
            examples=[{"path": "/*", "priority": 100}],
        ),
    ]
    called: Annotated[
        CalledSettings | None,
        Field(
            description="How other services call it (`uses: {<name>: call}`). Given, it can be called as soon as it"
            " runs; absent, it is deployed anew when the first service calls it.",
            examples=[{"timeoutSeconds": 30}],
        ),
    ] = None
    spot: Annotated[
        SpotSettings | None,
        Field(description="The share of its tasks on Fargate Spot. Absent: none.", examples=[{"base": 1, "share": 50}]),
    ] = None
    deployment: Annotated[
        DeploymentSettings | None,
        Field(
            description="How a release replaces the one before. Absent: rolling, tasks are replaced bit by bit.",
            examples=[{"strategy": "blueGreen"}],
        ),
    ] = None

    @rule
    def _scale_goes_by_what_there_is(self) -> Findings:
        yield from scaling.fitting(self.scale, balanced=self.route is not None, queued=False)

    @rule
    def _health_is_asked_where_there_is_a_route(self) -> Findings:
        if self.route is None and self.health is not None:
            yield Mistake(
                key=("health",),
                problem="is asked by nobody: no load balancer stands before the service",
                given=f"{shown(self.health)} (route: null)",
                allowed="null with route: null",
                change="set health to null, or give the service a route",
            )
        if self.route is not None and self.health is None:
            yield Mistake(
                key=("health",),
                problem="is null, and the load balancer sends requests only to tasks that are well",
                given="nothing (null)",
                allowed="a path that begins with /",
                change="name a path that the container answers, for example health: /health",
            )

    @rule
    def _its_check_has_somebody_who_makes_it(self) -> Findings:
        if self.route is None and self.health_check is not None:
            yield Mistake(
                key=("healthCheck",),
                problem="is made by nobody: no load balancer stands before the service",
                given="a map of settings (route: null)",
                allowed="nothing with route: null",
                change="take it out, or give the service a route",
            )

    @rule
    def _codes_are_of_its_protocol(self) -> Findings:
        if self.health_check is not None and self.health_check.codes is not None:
            for found in self.health_check.misfits(self.protocol or "http1"):
                yield below(("healthCheck",), found)


ServiceSettings = Annotated[
    WebSettings | WorkerSettings | JobSettings | FunctionSettings | FleetSettings, Field(discriminator="kind")
]
"""Any kind of service, told apart by `kind`."""

__all__ = [
    "CalledSettings",
    "ContainerSettings",
    "FleetSettings",
    "FunctionSettings",
    "HealthCheckSettings",
    "JobSettings",
    "RouteSettings",
    "ServiceSettings",
    "SpotSettings",
    "WebSettings",
    "WorkerSettings",
]
