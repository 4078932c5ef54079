"""A web service on Fargate, behind a load balancer or called by others alone, with exactly the rights and ways that its
settings ask for."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.compute import connect, rollout, routing, scaling, tasks, watch, workload
from components.compute.firewall import Door
from components.compute.platform import Platform, ServiceArgs
from components.compute.rollout import RolloutArgs
from components.compute.routing import Routing
from components.compute.task import Container
from components.compute.tasks import TasksArgs
from components.compute.workload import Workload, WorkloadArgs
from components.contracts import FrontDoor, Signal
from settings.deployments import DEFAULT, PaceSettings
from settings.routes import HealthCheckSettings
from settings.services import WebSettings

# A deployment may take 20 minutes beside what its strategy needs, and load balancers drain for 5 unless they are told
# otherwise: longer draining is added to its time.
USUAL_DRAIN_SECONDS = 300


class Service(pulumi.ComponentResource):
    """A web service that replaces its tasks as its deployment says, goes back by itself when new ones do not become
    healthy or answer with errors, scales within its bounds, and reaches the stores and services that it uses and no
    other.

    `service_name` is known only when its tasks serve; an update that ECS took back fails instead.
    """

    service_name: pulumi.Output[str]
    group_id: pulumi.Output[str]
    running: aws.ecs.Service
    signals: Sequence[Signal]

    def __init__(self, name: str, args: ServiceArgs[WebSettings], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:compute:Service", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings, platform = args.settings, args.platform
        front = _front(settings, platform)
        work = workload.make(name, _workload(name, args, front), child)
        route = _route(name, settings, platform, front, child)
        released = _released(name, settings, platform, front, route, child)
        self.running = tasks.make(name, _tasks(name, args, work, route, released), self)
        scaling.make(name, settings.scale, _measured(platform, self.running, front, route), child)

        self.service_name = tasks.serving(name, self.running, work.definition)
        self.group_id = work.walls.group_id
        self.signals = watch.signals(name, _names(name, args, self.running, front, route))
        self.register_outputs({"serviceName": self.service_name})


def _front(settings: WebSettings, platform: Platform) -> FrontDoor | None:
    """The load balancer that its route is on, if it has one."""
    if settings.route is None:
        return None
    if not settings.route.internal:
        return platform.load_balancer
    assert platform.internal_load_balancer is not None, "made as soon as one route is internal"
    return platform.internal_load_balancer


def _workload(name: str, args: ServiceArgs[WebSettings], front: FrontDoor | None) -> WorkloadArgs:
    settings, platform = args.settings, args.platform
    return WorkloadArgs(
        settings=settings,
        access=args.access,
        platform=platform,
        container=Container(
            port=settings.port,
            port_name=connect.port_name(name, args),
            protocol=connect.PROTOCOLS[settings.protocol or "http1"],
        ),
        door=None if front is None else Door(port=settings.port, load_balancer_group_id=front.security_group_id),
        sessions=not platform.protected,
    )


def _route(
    name: str, settings: WebSettings, platform: Platform, front: FrontDoor | None, opts: pulumi.ResourceOptions
) -> Routing | None:
    if settings.route is None or front is None:
        return None
    assert settings.health is not None, "settings have one whenever there is a route"
    args = routing.RoutingArgs(
        vpc_id=platform.vpc_id,
        listener_arn=front.listener_arn,
        port=settings.port,
        health=settings.health,
        route=settings.route,
        check=_check(settings),
        protocol=settings.protocol,
        deployment=settings.deployment or DEFAULT,
        test_listener_arn=front.test_listener_arn,
        protected=platform.protected,
    )
    return routing.make(name, args, opts)


def _released(
    name: str,
    settings: WebSettings,
    platform: Platform,
    front: FrontDoor | None,
    route: Routing | None,
    opts: pulumi.ResourceOptions,
) -> rollout.Made:
    deployment = settings.deployment
    if front is None or route is None:
        pace = deployment if isinstance(deployment, PaceSettings) else None
        return rollout.Made(rollout=rollout.unrouted(pace), targets=[])
    args = RolloutArgs(
        deployment=deployment or DEFAULT, front=front, routing=route, port=settings.port, location=platform.location
    )
    return rollout.make(name, args, opts)


def _check(settings: WebSettings) -> HealthCheckSettings:
    return settings.health_check or HealthCheckSettings()


def _tasks(
    name: str, args: ServiceArgs[WebSettings], work: Workload, route: Routing | None, released: rollout.Made
) -> TasksArgs:
    settings = args.settings
    drain = 0 if settings.route is None else settings.route.drain_seconds
    return TasksArgs(
        workload=work,
        platform=args.platform,
        least=settings.scale.min,
        spot=settings.spot,
        provider=workload.on(settings, args.platform),
        # The route because ECS refuses targets without a listener; the rules of the firewall because no task becomes
        # healthy without them; the roles because a service whose rights go first hangs while it is deleted; whom it
        # calls because its tasks know only names that there were when they began.
        needs=[*([] if route is None else route.rules), *work.walls.rules, work.roles, *connect.after(args)],
        targets=released.targets,
        grace_seconds=None if route is None else _check(settings).grace_seconds,
        busy_seconds=drain if drain > USUAL_DRAIN_SECONDS else 0,
        connect=connect.configuration(name, args, work.log_group),
        rollout=released.rollout,
    )


def _measured(
    platform: Platform, service: aws.ecs.Service, front: FrontDoor | None, route: Routing | None
) -> scaling.Metrics:
    return scaling.Metrics(
        cluster_name=platform.cluster.name,
        service_name=service.name,
        load_balancer=None if front is None else front.arn_suffix,
        target_group=None if route is None else route.target_group.arn_suffix,
    )


def _names(
    name: str, args: ServiceArgs[WebSettings], service: aws.ecs.Service, front: FrontDoor | None, route: Routing | None
) -> watch.WatchArgs:
    return watch.WatchArgs(
        cluster_name=args.platform.cluster.name,
        service_name=service.name,
        load_balancer=None if front is None else front.arn_suffix,
        target_groups=[] if route is None else [group.arn_suffix for group in route.groups],
        least=args.settings.scale.least,
        sleeps=args.settings.scale.sleeps,
        called=connect.port_name(name, args) is not None,
        counted=args.platform.cluster.counts_tasks,
    )
