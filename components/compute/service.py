"""A web service on Fargate, behind the load balancer, with exactly the rights and ways that its settings ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute import firewall, roles, routing, scaling, watch
from components.compute.cluster import Cluster
from components.compute.registry import Registry, RegistryArgs
from components.compute.roles import Roles, RolesArgs
from components.compute.routing import Routing
from components.compute.task import CONTAINER, Task, TaskArgs
from components.contracts import Access, Signal, Statement
from components.edge.load_balancer import LoadBalancer
from settings.location import Location
from settings.services import WebSettings

# For so long after its start a task may fail its health checks without being replaced.
GRACE_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class ServiceArgs:
    """What the service is (`settings`), what it may use (`access`, by store), and the platform around it."""

    settings: WebSettings
    access: Mapping[str, Access]
    cluster: Cluster
    load_balancer: LoadBalancer
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    log_key_arn: pulumi.Input[str]
    registry_key_arn: pulumi.Input[str]
    log_retention_days: int
    location: Location
    protected: bool


@dataclass(frozen=True, kw_only=True)
class _Image:
    uri: pulumi.Input[str]
    repository_arn: pulumi.Input[str] | None
    """Of the private repository that it is pulled from, if it is."""


class Service(pulumi.ComponentResource):
    """A web service that replaces its tasks bit by bit, goes back by itself when new ones do not become healthy, scales
    within its bounds, and reaches the stores that it uses and no other.

    `service_name` is known only when its tasks serve; an update that ECS took back fails instead.
    """

    service_name: pulumi.Output[str]
    signals: Sequence[Signal]

    def __init__(self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:compute:Service", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        image = _image(name, args, child)
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs", kms_key_id=args.log_key_arn, retention_in_days=args.log_retention_days, opts=child
        )
        identity = _identity(name, args, image, logs, child)
        walls = firewall.make(name, _openings(args), child)
        route = routing.make(name, _route(args), child)
        definition = Task(f"{name}-task", _task(name, args, image, identity, logs), child).definition
        # The route because ECS refuses targets without a listener; the rules of the firewall because no task becomes
        # healthy without them; the roles because a service whose rights go first hangs while it is deleted.
        needs = [route.rule, *walls.rules, identity]
        service = _service(name, args, definition, walls.group_id, route, needs, self)
        scaling.make(name, _scaling(args, service), child)

        self.service_name = _serving(name, service, definition)
        self.signals = watch.signals(name, _names(args, service, route))
        self.register_outputs({"serviceName": self.service_name})


def _image(name: str, args: ServiceArgs, opts: pulumi.ResourceOptions) -> _Image:
    """The image that the settings name, or the one that their folder makes."""
    settings = args.settings
    if settings.build is None:
        assert settings.image is not None, "settings have seen to it that there is one of the two"
        return _Image(uri=settings.image, repository_arn=roles.private_repository(settings.image, args.location))
    registry = Registry(
        f"{name}-registry",
        RegistryArgs(
            build=settings.build,
            architecture=settings.size.architecture,
            key_arn=args.registry_key_arn,
            protected=args.protected,
        ),
        opts,
    )
    return _Image(uri=registry.image_uri, repository_arn=registry.repository_arn)


def _identity(
    name: str, args: ServiceArgs, image: _Image, logs: aws.cloudwatch.LogGroup, opts: pulumi.ResourceOptions
) -> Roles:
    on_stores, on_secrets = roles.of_stores(args.access)
    sessions: list[Statement] = [] if args.protected else roles.sessions(args.location, args.cluster.session_log_arn)
    pulling = [] if image.repository_arn is None else roles.pulling(image.repository_arn)
    return Roles(
        f"{name}-roles",
        RolesArgs(
            task=[*on_stores, *sessions],
            execution=[roles.writing_logs(logs.arn), *pulling, *on_secrets],
            location=args.location,
        ),
        opts,
    )


def _openings(args: ServiceArgs) -> firewall.FirewallArgs:
    return firewall.FirewallArgs(
        vpc_id=args.vpc_id,
        port=args.settings.port,
        load_balancer_group_id=args.load_balancer.security_group_id,
        access=args.access,
    )


def _route(args: ServiceArgs) -> routing.RoutingArgs:
    route = args.settings.route
    return routing.RoutingArgs(
        vpc_id=args.vpc_id,
        listener_arn=args.load_balancer.listener_arn,
        port=args.settings.port,
        health=args.settings.health,
        path=route.path,
        host=route.host,
        priority=route.priority,
    )


def _task(name: str, args: ServiceArgs, image: _Image, identity: Roles, logs: aws.cloudwatch.LogGroup) -> TaskArgs:
    settings = args.settings
    return TaskArgs(
        service=name,
        image=image.uri,
        port=settings.port,
        cpu=settings.size.cpu,
        memory=settings.size.memory,
        architecture=settings.size.architecture,
        environment=settings.environment,
        access=args.access,
        task_role_arn=identity.task_arn,
        execution_role_arn=identity.execution_arn,
        log_group=logs.name,
        region=args.location.region,
        protected=args.protected,
    )


def _scaling(args: ServiceArgs, service: aws.ecs.Service) -> scaling.ScalingArgs:
    scale = args.settings.scale
    return scaling.ScalingArgs(
        cluster_name=args.cluster.name,
        service_name=service.name,
        least=scale.min,
        most=scale.max,
        out_above=scale.out_above,
        in_below=scale.in_below,
        out_cooldown_seconds=scale.cooldown.out,
        in_cooldown_seconds=scale.cooldown.in_,
    )


def _names(args: ServiceArgs, service: aws.ecs.Service, route: Routing) -> watch.WatchArgs:
    return watch.WatchArgs(
        cluster_name=args.cluster.name,
        service_name=service.name,
        load_balancer=args.load_balancer.arn_suffix,
        target_group=route.target_group.arn_suffix,
        least=args.settings.scale.min,
    )


def _service(
    name: str,
    args: ServiceArgs,
    definition: aws.ecs.TaskDefinition,
    group_id: pulumi.Input[str],
    route: Routing,
    needs: Sequence[pulumi.Resource],
    parent: pulumi.Resource,
) -> aws.ecs.Service:
    return aws.ecs.Service(
        f"{name}-service",
        cluster=args.cluster.arn,
        task_definition=definition.arn,
        # By provider and not by launch type, so that a share of the tasks can move to Spot. Without a forced deployment
        # the provider would replace the service for that.
        capacity_provider_strategies=[
            aws.ecs.ServiceCapacityProviderStrategyArgs(capacity_provider="FARGATE", base=0, weight=1)
        ],
        force_new_deployment=True,
        network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
            subnets=list(args.subnet_ids), security_groups=[group_id], assign_public_ip=False
        ),
        load_balancers=[
            aws.ecs.ServiceLoadBalancerArgs(
                target_group_arn=route.target_group.arn,
                container_name=CONTAINER,
                container_port=args.settings.port,
            )
        ],
        desired_count=args.settings.scale.min,
        deployment_minimum_healthy_percent=100,
        deployment_maximum_percent=200,
        deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
        availability_zone_rebalancing="ENABLED",
        health_check_grace_period_seconds=GRACE_SECONDS,
        enable_execute_command=not args.protected,
        enable_ecs_managed_tags=True,
        propagate_tags="SERVICE",
        # An update has not worked until tasks serve again; that they are the new ones is for `_serving` to see.
        wait_for_steady_state=True,
        force_delete=not args.protected,
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=needs,
            ignore_changes=["desired_count"],  # autoscaling owns it after the first deployment
        ),
    )


def _serving(name: str, service: aws.ecs.Service, definition: aws.ecs.TaskDefinition) -> pulumi.Output[str]:
    """The name of the service, when it runs the definition that it was given.

    After a roll-back by the circuit breaker the service is steady as well, on the definition of before, and the
    provider calls that a success (terraform-provider-aws issues 19519 and 20858, both read 2026-11).
    """

    def judged(values: Sequence[str]) -> str:
        service_name, runs, wanted = values
        if runs != wanted:
            raise pulumi.RunError(
                f"service {name!r} went back to {runs}: the tasks of {wanted} did not become healthy. See its events "
                f"(aws ecs describe-services) and its log, docs/runbooks/service-not-running.md says how; mend the "
                "release and run `pulumi up` again"
            )
        return service_name

    return pulumi.Output.all(service.name, service.task_definition, definition.arn).apply(judged)
