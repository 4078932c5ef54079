"""How requests find a service: its targets, and the rule that sends requests to them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from settings.deployments import DEFAULT, DeploymentSettings, RollingSettings, ecs_shifts, two_groups
from settings.routes import HealthCheckSettings, Protocol, RouteSettings

# What AWS calls how the next task is chosen, and what a task speaks.
ALGORITHMS = {
    "round-robin": "round_robin",
    "least-outstanding-requests": "least_outstanding_requests",
    "weighted-random": "weighted_random",
}
VERSIONS = {"http1": "HTTP1", "http2": "HTTP2", "grpc": "GRPC"}


# Names of the groups of targets, by whether the route is internal. A group belongs to one load balancer for good (AWS
# refuses a second one), so a route that moves to the other gets groups of another name, beside the old ones.
_PLACES = {False: ("targets", "second"), True: ("inside", "inside2")}


@dataclass(frozen=True, kw_only=True)
class RoutingArgs:
    """Which requests of which listener go to which port, and where and how health is asked; `target` is what the port
    is of, a task's own address or an instance."""

    vpc_id: pulumi.Input[str]
    listener_arn: pulumi.Input[str]
    port: int
    health: str
    route: RouteSettings
    check: HealthCheckSettings
    protocol: Protocol | None = None
    target: Literal["ip", "instance"] = "ip"
    deployment: DeploymentSettings = DEFAULT
    """Where it shifts requests, `test_listener_arn` shows the next release, and `protected` holds the second group back
    while it may be the one that serves."""
    test_listener_arn: pulumi.Input[str] | None = None
    protected: bool = False


@dataclass(frozen=True, kw_only=True)
class Routing:
    """The targets, and the rule: ECS refuses a target group that no listener uses, so a service waits for it.

    `second` are the targets that requests are shifted to and back from, `test_rule` sends test requests.
    """

    target_group: aws.lb.TargetGroup
    rule: aws.lb.ListenerRule
    second: aws.lb.TargetGroup | None = None
    test_rule: aws.lb.ListenerRule | None = None

    @property
    def groups(self) -> Sequence[aws.lb.TargetGroup]:
        """All targets."""
        return [self.target_group] if self.second is None else [self.target_group, self.second]

    @property
    def rules(self) -> Sequence[aws.lb.ListenerRule]:
        """Whatever sends requests to them."""
        return [self.rule] if self.test_rule is None else [self.rule, self.test_rule]


def make(name: str, args: RoutingArgs, opts: pulumi.ResourceOptions) -> Routing:
    """Targets by address on one port, used for requests and health checks alike, and one rule at a fixed priority."""
    first = targets(f"{name}-{_PLACES[args.route.internal][0]}", args, opts)
    if not two_groups(args.deployment):
        forward = aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=first.arn)
        return Routing(target_group=first, rule=_rule(f"{name}-route", args, forward, opts))
    # At first all requests go to the group that a rolling deployment has; from then on ECS says where.
    kept = args.protected and ecs_shifts(args.deployment)
    second = targets(f"{name}-{_PLACES[args.route.internal][1]}", args, _merged(opts, protect=kept or None))
    weighted, shifted = _weighted(first, second), _merged(opts, ignore_changes=_theirs(args.deployment) or None)
    rule = _rule(f"{name}-route", args, weighted, shifted)
    test_rule = None
    if args.test_listener_arn is not None and ecs_shifts(args.deployment):
        tests = replace(args, listener_arn=args.test_listener_arn)
        test_rule = _rule(f"{name}-test-route", tests, weighted, shifted)
    return Routing(target_group=first, second=second, rule=rule, test_rule=test_rule)


def _rule(
    name: str, args: RoutingArgs, action: aws.lb.ListenerRuleActionArgs, opts: pulumi.ResourceOptions
) -> aws.lb.ListenerRule:
    return aws.lb.ListenerRule(
        name,
        listener_arn=args.listener_arn,
        priority=args.route.priority,
        conditions=conditions(args.route),
        actions=[action],
        opts=opts,
    )


def _weighted(first: aws.lb.TargetGroup, second: aws.lb.TargetGroup) -> aws.lb.ListenerRuleActionArgs:
    group = aws.lb.ListenerRuleActionForwardTargetGroupArgs
    forward = aws.lb.ListenerRuleActionForwardArgs(
        target_groups=[group(arn=first.arn, weight=100), group(arn=second.arn, weight=0)]
    )
    return aws.lb.ListenerRuleActionArgs(type="forward", forward=forward)


def _theirs(deployment: DeploymentSettings) -> list[str]:
    """What of a rule is not ours any more: where requests go, once ECS knows both groups.

    The whole action, because its groups are a set, which no path into it can name safely (pulumi-aws 5771, 5798).
    Nothing before: ignored, the action of a rolling deployment would stay, and the second group would hang in the air.
    """
    begins = isinstance(deployment, RollingSettings) and deployment.shifting == "begin"
    return [] if begins else ["actions"]


def _merged(opts: pulumi.ResourceOptions, **more: Any) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(**more))


def targets(name: str, args: RoutingArgs, opts: pulumi.ResourceOptions) -> aws.lb.TargetGroup:
    """One group of targets. `name` has at most 24 characters: auto-naming adds 8, AWS takes 32.

    What settings leave out is not sent: the provider keeps what AWS has, so nothing that runs is changed.
    """
    route, check = args.route, args.check
    return aws.lb.TargetGroup(
        name,
        vpc_id=args.vpc_id,
        target_type=args.target,
        protocol="HTTP",
        protocol_version=None if args.protocol is None else VERSIONS[args.protocol],
        port=args.port,
        deregistration_delay=route.drain_seconds,
        slow_start=route.slow_start_seconds or None,
        load_balancing_algorithm_type=None if route.algorithm is None else ALGORITHMS[route.algorithm],
        stickiness=_stickiness(route),
        health_check=aws.lb.TargetGroupHealthCheckArgs(
            enabled=True,
            path=args.health,
            port="traffic-port",
            protocol="HTTP",
            matcher=check.codes_of(args.protocol or "http1"),
            interval=check.interval_seconds,
            timeout=check.timeout_seconds,
            healthy_threshold=check.good_checks,
            unhealthy_threshold=check.bad_checks,
        ),
        opts=opts,
    )


def _stickiness(route: RouteSettings) -> aws.lb.TargetGroupStickinessArgs | None:
    sticky = route.sticky
    if sticky is None:
        return None
    return aws.lb.TargetGroupStickinessArgs(
        enabled=sticky.seconds > 0,
        type="lb_cookie" if sticky.cookie is None else "app_cookie",
        cookie_duration=sticky.seconds or None,
        cookie_name=sticky.cookie,
    )


def conditions(route: RouteSettings) -> list[aws.lb.ListenerRuleConditionArgs]:
    """Which requests the route means."""
    path = aws.lb.ListenerRuleConditionArgs(
        path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=[route.path])
    )
    if route.host is None:
        return [path]
    host = aws.lb.ListenerRuleConditionArgs(host_header=aws.lb.ListenerRuleConditionHostHeaderArgs(values=[route.host]))
    return [host, path]
