"""How many instances a fleet has: a share more above one CPU figure, one less below another, other bounds by the clock.

Alarms are levers here: they tell nobody (see Signal).
"""

from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from settings import schedules
from settings.fleets import FleetScaleSettings

PERIOD = 60  # instances are measured every minute (monitoring of the launch template)
HIGH_SECONDS = 180  # for so long it is busy before instances are added
LOW_SECONDS = 300  # and quiet before one is taken away


@dataclass(frozen=True, kw_only=True)
class _Lever:
    role: Literal["scale-out", "scale-in"]
    comparison: Literal["GreaterThanThreshold", "LessThanThreshold"]
    threshold: int
    seconds: int
    says: str


def make(name: str, settings: FleetScaleSettings, group: aws.autoscaling.Group, opts: pulumi.ResourceOptions) -> None:
    """Policies, the alarms that pull them, and scheduled bounds."""
    more = aws.autoscaling.Policy(
        f"{name}-scale-out",
        autoscaling_group_name=group.name,
        policy_type="StepScaling",
        adjustment_type="PercentChangeInCapacity",
        min_adjustment_magnitude=1,  # 30 % of two are none
        metric_aggregation_type="Average",
        estimated_instance_warmup=settings.warmup_seconds,
        # Bounds count from the alarm's threshold: everything above it.
        step_adjustments=[
            aws.autoscaling.PolicyStepAdjustmentArgs(
                metric_interval_lower_bound="0", scaling_adjustment=settings.add_percent
            )
        ],
        opts=opts,
    )
    # Simple and not by steps, because only this type waits between two of them.
    less = aws.autoscaling.Policy(
        f"{name}-scale-in",
        autoscaling_group_name=group.name,
        policy_type="SimpleScaling",
        adjustment_type="ChangeInCapacity",
        scaling_adjustment=-1,
        cooldown=settings.cooldown_seconds,
        opts=opts,
    )
    high = _Lever(
        role="scale-out",
        comparison="GreaterThanThreshold",
        threshold=settings.out_above,
        seconds=HIGH_SECONDS,
        says=f"needs more than {settings.out_above} % CPU",
    )
    low = _Lever(
        role="scale-in",
        comparison="LessThanThreshold",
        threshold=settings.in_below,
        seconds=LOW_SECONDS,
        says=f"needs less than {settings.in_below} % CPU",
    )
    _lever(name, high, group, more, opts)
    _lever(name, low, group, less, opts)
    for schedule, bounds in settings.schedules.items():
        aws.autoscaling.Schedule(
            f"{name}-schedule-{schedule}",
            autoscaling_group_name=group.name,
            scheduled_action_name=schedule,
            recurrence=schedules.unix(bounds.when),
            time_zone=bounds.timezone,
            # All three: what is left out the provider sets to 0.
            min_size=bounds.min,
            max_size=bounds.max,
            desired_capacity=bounds.min,
            opts=opts,
        )


def _lever(
    name: str,
    lever: _Lever,
    group: aws.autoscaling.Group,
    policy: aws.autoscaling.Policy,
    opts: pulumi.ResourceOptions,
) -> None:
    aws.cloudwatch.MetricAlarm(
        f"{name}-{lever.role}",
        alarm_description=f"Lever of autoscaling, nothing to do: {name} {lever.says}.",
        namespace="AWS/EC2",
        metric_name="CPUUtilization",
        statistic="Average",
        dimensions={"AutoScalingGroupName": group.name},
        period=PERIOD,
        comparison_operator=lever.comparison,
        threshold=lever.threshold,
        evaluation_periods=lever.seconds // PERIOD,
        datapoints_to_alarm=lever.seconds // PERIOD,
        treat_missing_data="missing",
        actions_enabled=True,
        alarm_actions=[policy.arn],
        opts=opts,
    )
