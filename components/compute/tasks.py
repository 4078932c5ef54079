"""Tasks that ECS keeps running: the ECS service, whatever stands before it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute.platform import Platform
from components.compute.workload import Workload
from settings.services import SpotSettings

DEPLOYMENT_MINUTES = 20  # what the provider waits for a steady state, unless it is told otherwise


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """How a release replaces the one before: between which percentages of the tasks, by which strategy (rolling, when
    none is said), watched by which alarm. `minutes` is for how long it may take beyond starting and stopping tasks."""

    least_healthy_percent: int = 100
    most_percent: int = 200
    configuration: aws.ecs.ServiceDeploymentConfigurationArgs | None = None
    alarm: aws.cloudwatch.MetricAlarm | None = None
    minutes: int = 0


@dataclass(frozen=True, kw_only=True)
class TasksArgs:
    """How many tasks at first, on what capacity, behind what; `needs` are there before the tasks and go after them.

    `busy_seconds` is for how long a task that is being replaced may go on with its work, `connect` its part in calls
    between services.
    """

    workload: Workload
    platform: Platform
    least: int
    spot: SpotSettings | None
    provider: pulumi.Input[str] | None = None
    needs: Sequence[pulumi.Resource] = ()
    targets: Sequence[aws.ecs.ServiceLoadBalancerArgs] = ()
    grace_seconds: int | None = None
    busy_seconds: int = 0
    connect: aws.ecs.ServiceServiceConnectConfigurationArgs | None = None
    rollout: Rollout = Rollout()


def make(name: str, args: TasksArgs, parent: pulumi.Resource) -> aws.ecs.Service:
    """A service that goes back by itself when the tasks of a release do not stay up, or its alarm goes off."""
    platform, rollout = args.platform, args.rollout
    return aws.ecs.Service(
        f"{name}-service",
        cluster=platform.cluster.arn,
        task_definition=args.workload.definition.arn,
        # By provider and not by launch type, so that a share of the tasks can move to Spot. Without a forced deployment
        # the provider would replace the service for that.
        capacity_provider_strategies=capacity(args.spot, args.provider),
        force_new_deployment=True,
        network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
            subnets=list(platform.subnet_ids), security_groups=[args.workload.walls.group_id], assign_public_ip=False
        ),
        load_balancers=args.targets or None,
        service_connect_configuration=args.connect,
        desired_count=args.least,
        deployment_minimum_healthy_percent=rollout.least_healthy_percent,
        deployment_maximum_percent=rollout.most_percent,
        deployment_configuration=rollout.configuration,
        # With every strategy: the provider's own tests go back with it from blue/green (terraform-provider-aws 43434).
        deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
        alarms=_alarms(rollout.alarm),
        availability_zone_rebalancing="ENABLED",
        health_check_grace_period_seconds=args.grace_seconds,
        enable_execute_command=not platform.protected,
        enable_ecs_managed_tags=True,
        propagate_tags="SERVICE",
        # An update has not worked until tasks serve again; that they are the new ones is for `serving` to see.
        wait_for_steady_state=True,
        force_delete=not platform.protected,
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=args.needs,
            ignore_changes=["desired_count"],  # autoscaling owns it after the first deployment
            custom_timeouts=_patience(args.busy_seconds, rollout.minutes),
        ),
    )


def capacity(
    spot: SpotSettings | None, own: pulumi.Input[str] | None = None
) -> list[aws.ecs.ServiceCapacityProviderStrategyArgs]:
    """Where tasks are placed: on the cluster's own capacity, if it is given; otherwise the first `base` of them, and of
    all others 100 - `share` percent, on Fargate."""
    provider = aws.ecs.ServiceCapacityProviderStrategyArgs
    if own is not None:
        return [provider(capacity_provider=own, base=0, weight=1)]
    if spot is None:
        return [provider(capacity_provider="FARGATE", base=0, weight=1)]
    on_spot = provider(capacity_provider="FARGATE_SPOT", base=0, weight=spot.share)
    if spot.share == 100:
        return [on_spot]
    return [provider(capacity_provider="FARGATE", base=spot.base, weight=100 - spot.share), on_spot]


def _alarms(alarm: aws.cloudwatch.MetricAlarm | None) -> aws.ecs.ServiceAlarmsArgs | None:
    return None if alarm is None else aws.ecs.ServiceAlarmsArgs(enable=True, rollback=True, alarm_names=[alarm.name])


def _patience(busy_seconds: int, rollout_minutes: int) -> pulumi.CustomTimeouts | None:
    """A deployment is not over before the tasks that it replaces have finished what they protect, and requests have
    been shifted and watched."""
    if not busy_seconds and not rollout_minutes:
        return None
    minutes = f"{DEPLOYMENT_MINUTES + -(-busy_seconds // 60) + rollout_minutes}m"
    return pulumi.CustomTimeouts(create=minutes, update=minutes, delete=minutes)


def serving(name: str, service: aws.ecs.Service, definition: aws.ecs.TaskDefinition) -> pulumi.Output[str]:
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
