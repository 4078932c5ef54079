"""How requests find a service: its targets, and the rule that sends requests to them."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

# A release stops a task when its connections have drained, or after this time.
DRAIN_SECONDS = 30
# A new task serves after two good checks, a sick one is left out after three bad ones: 20 and 30 s.
CHECK_SECONDS = 10
CHECK_TIMEOUT_SECONDS = 5
GOOD_CHECKS = 2
BAD_CHECKS = 3


@dataclass(frozen=True, kw_only=True)
class RoutingArgs:
    """Which requests go to which port, and where health is asked. `priority` is unique on the listener."""

    vpc_id: pulumi.Input[str]
    listener_arn: pulumi.Input[str]
    port: int
    health: str
    path: str
    host: str | None
    priority: int


@dataclass(frozen=True, kw_only=True)
class Routing:
    """The targets, and the rule: ECS refuses a target group that no listener uses, so a service waits for it."""

    target_group: aws.lb.TargetGroup
    rule: aws.lb.ListenerRule


def make(name: str, args: RoutingArgs, opts: pulumi.ResourceOptions) -> Routing:
    """Targets by address on one port, used for requests and health checks alike, and one rule at a fixed priority."""
    targets = aws.lb.TargetGroup(
        f"{name}-targets",  # at most 24 characters: auto-naming adds 8, AWS takes 32
        vpc_id=args.vpc_id,
        target_type="ip",
        protocol="HTTP",
        port=args.port,
        deregistration_delay=DRAIN_SECONDS,
        health_check=aws.lb.TargetGroupHealthCheckArgs(
            enabled=True,
            path=args.health,
            port="traffic-port",
            protocol="HTTP",
            matcher="200-299",
            interval=CHECK_SECONDS,
            timeout=CHECK_TIMEOUT_SECONDS,
            healthy_threshold=GOOD_CHECKS,
            unhealthy_threshold=BAD_CHECKS,
        ),
        opts=opts,
    )
    rule = aws.lb.ListenerRule(
        f"{name}-route",
        listener_arn=args.listener_arn,
        priority=args.priority,
        conditions=_conditions(args),
        actions=[aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=targets.arn)],
        opts=opts,
    )
    return Routing(target_group=targets, rule=rule)


def _conditions(args: RoutingArgs) -> list[aws.lb.ListenerRuleConditionArgs]:
    path = aws.lb.ListenerRuleConditionArgs(
        path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=[args.path])
    )
    if args.host is None:
        return [path]
    host = aws.lb.ListenerRuleConditionArgs(host_header=aws.lb.ListenerRuleConditionHostHeaderArgs(values=[args.host]))
    return [host, path]
