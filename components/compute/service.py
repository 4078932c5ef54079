"""A web service on Fargate, behind the load balancer, with exactly the rights and ways that its settings ask for."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.compute import routing, scaling, tasks, watch, workload
from components.compute.firewall import Door
from components.compute.platform import Platform, ServiceArgs
from components.compute.routing import Routing
from components.compute.task import CONTAINER, Container
from components.compute.tasks import TasksArgs
from components.compute.workload import Workload, WorkloadArgs
from components.contracts import Signal
from settings.services import WebSettings

# For so long after its start a task may fail its health checks without being replaced.
GRACE_SECONDS = 60


class Service(pulumi.ComponentResource):
    """A web service that replaces its tasks bit by bit, goes back by itself when new ones do not become healthy, scales
    within its bounds, and reaches the stores that it uses and no other.

    `service_name` is known only when its tasks serve; an update that ECS took back fails instead.
    """

    service_name: pulumi.Output[str]
    signals: Sequence[Signal]

    def __init__(self, name: str, args: ServiceArgs[WebSettings], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:compute:Service", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings, platform = args.settings, args.platform
        work = workload.make(name, _workload(args), child)
        route = routing.make(name, _route(settings, platform), child)
        service = tasks.make(name, _tasks(args, work, route), self)
        scaling.make(name, settings.scale, _measured(platform, service, route), child)

        self.service_name = tasks.serving(name, service, work.definition)
        self.signals = watch.signals(name, _names(args, service, route))
        self.register_outputs({"serviceName": self.service_name})


def _workload(args: ServiceArgs[WebSettings]) -> WorkloadArgs:
    settings, platform = args.settings, args.platform
    return WorkloadArgs(
        settings=settings,
        access=args.access,
        platform=platform,
        container=Container(port=settings.port),
        door=Door(port=settings.port, load_balancer_group_id=platform.load_balancer.security_group_id),
        sessions=not platform.protected,
    )


def _route(settings: WebSettings, platform: Platform) -> routing.RoutingArgs:
    route = settings.route
    return routing.RoutingArgs(
        vpc_id=platform.vpc_id,
        listener_arn=platform.load_balancer.listener_arn,
        port=settings.port,
        health=settings.health,
        path=route.path,
        host=route.host,
        priority=route.priority,
    )


def _tasks(args: ServiceArgs[WebSettings], work: Workload, route: Routing) -> TasksArgs:
    return TasksArgs(
        workload=work,
        platform=args.platform,
        least=args.settings.scale.min,
        spot=args.settings.spot,
        # The route because ECS refuses targets without a listener; the rules of the firewall because no task becomes
        # healthy without them; the roles because a service whose rights go first hangs while it is deleted.
        needs=[route.rule, *work.walls.rules, work.roles],
        targets=[
            aws.ecs.ServiceLoadBalancerArgs(
                target_group_arn=route.target_group.arn,
                container_name=CONTAINER,
                container_port=args.settings.port,
            )
        ],
        grace_seconds=GRACE_SECONDS,
    )


def _measured(platform: Platform, service: aws.ecs.Service, route: Routing) -> scaling.Metrics:
    return scaling.Metrics(
        cluster_name=platform.cluster.name,
        service_name=service.name,
        load_balancer=platform.load_balancer.arn_suffix,
        target_group=route.target_group.arn_suffix,
    )


def _names(args: ServiceArgs[WebSettings], service: aws.ecs.Service, route: Routing) -> watch.WatchArgs:
    return watch.WatchArgs(
        cluster_name=args.platform.cluster.name,
        service_name=service.name,
        load_balancer=args.platform.load_balancer.arn_suffix,
        target_group=route.target_group.arn_suffix,
        least=args.settings.scale.least,
        sleeps=args.settings.scale.sleeps,
    )
