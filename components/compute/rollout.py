"""How releases of a web service replace each other: what ECS is told about it, and what it gets for it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute import release, shifting
from components.compute.routing import Routing
from components.compute.shifting import Shifter, ShifterArgs
from components.compute.task import CONTAINER
from components.compute.tasks import Rollout
from components.contracts import FrontDoor
from settings.deployments import DEFAULT, DeploymentSettings, PaceSettings, RollingSettings, ecs_shifts
from settings.location import Location


@dataclass(frozen=True, kw_only=True)
class RolloutArgs:
    """The strategy, the load balancer and the routing of the service, and the port of its container."""

    deployment: DeploymentSettings
    front: FrontDoor
    routing: Routing
    port: int
    location: Location


@dataclass(frozen=True, kw_only=True)
class Made:
    """How tasks are replaced, and which targets ECS keeps for them."""

    rollout: Rollout
    targets: Sequence[aws.ecs.ServiceLoadBalancerArgs]


def make(name: str, args: RolloutArgs, opts: pulumi.ResourceOptions) -> Made:
    """The alarm that takes a release back, and the roles in which ECS shifts requests where it does."""
    deployment, routing = args.deployment, args.routing
    shifter = _shifter(name, args, opts) if ecs_shifts(deployment) else None
    suffixes = [group.arn_suffix for group in routing.groups]
    alarm = release.alarm(name, args.front.arn_suffix, suffixes, deployment.errors_above, opts)
    pace = deployment if isinstance(deployment, RollingSettings) else DEFAULT
    rollout = Rollout(
        least_healthy_percent=pace.least_healthy_percent,
        most_percent=pace.most_percent,
        configuration=shifting.configuration(deployment, shifter),
        alarm=alarm,
        minutes=release.ROLLING_BAKE_MINUTES if isinstance(deployment, RollingSettings) else deployment.minutes,
    )
    return Made(rollout=rollout, targets=_targets(args, shifter))


def unrouted(pace: PaceSettings | None) -> Rollout:
    """Of a service that no load balancer stands before: the circuit breaker alone takes its releases back."""
    known = pace or DEFAULT
    return Rollout(least_healthy_percent=known.least_healthy_percent, most_percent=known.most_percent)


def _shifter(name: str, args: RolloutArgs, opts: pulumi.ResourceOptions) -> Shifter:
    listeners = [args.front.listener_arn]
    if args.routing.test_rule is not None and args.front.test_listener_arn is not None:
        listeners.append(args.front.test_listener_arn)
    described = ShifterArgs(
        routing=args.routing,
        listener_arns=listeners,
        hooks=shifting.hooks(args.deployment),
        location=args.location,
    )
    return Shifter(f"{name}-shifter", described, opts)


def _targets(args: RolloutArgs, shifter: Shifter | None) -> list[aws.ecs.ServiceLoadBalancerArgs]:
    """The first group, with all that ECS needs to shift; or each group, when a service leaves shifting."""
    routing = args.routing
    if shifter is None:
        return [_target(group, args.port) for group in routing.groups]
    assert routing.second is not None, "whatever ECS shifts has two groups"
    advanced = aws.ecs.ServiceLoadBalancerAdvancedConfigurationArgs(
        alternate_target_group_arn=routing.second.arn,
        production_listener_rule=routing.rule.arn,
        test_listener_rule=None if routing.test_rule is None else routing.test_rule.arn,
        role_arn=shifter.role_arn,
    )
    return [_target(routing.target_group, args.port, advanced)]


def _target(
    group: aws.lb.TargetGroup, port: int, advanced: aws.ecs.ServiceLoadBalancerAdvancedConfigurationArgs | None = None
) -> aws.ecs.ServiceLoadBalancerArgs:
    return aws.ecs.ServiceLoadBalancerArgs(
        target_group_arn=group.arn, container_name=CONTAINER, container_port=port, advanced_configuration=advanced
    )
