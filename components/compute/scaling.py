"""How many tasks run: more above one CPU figure, fewer below another, and in between nothing happens.

One target-tracking policy cannot do that: it scales in as soon as the load is somewhat below its target. So tracking
only scales out, and a step policy takes one task away while the CPU stays below the lower figure.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

DIMENSION = "ecs:service:DesiredCount"
NAMESPACE = "ecs"
LOW_SECONDS = 300  # for so long the CPU is low before a task goes


@dataclass(frozen=True, kw_only=True)
class ScalingArgs:
    """Bounds and band: tasks, CPU percent, seconds of rest after each step."""

    cluster_name: pulumi.Input[str]
    service_name: pulumi.Input[str]
    least: int
    most: int
    out_above: float
    in_below: float
    out_cooldown_seconds: int
    in_cooldown_seconds: int


def make(name: str, args: ScalingArgs, opts: pulumi.ResourceOptions) -> None:
    """Between `least` and `most` tasks, by the average CPU of the service.

    The alarm below is the lever of the step policy, not a `Signal`: it tells nobody, and in a quiet service it is
    always on.
    """
    target = aws.appautoscaling.Target(
        f"{name}-count",
        service_namespace=NAMESPACE,
        scalable_dimension=DIMENSION,
        resource_id=pulumi.Output.concat("service/", args.cluster_name, "/", args.service_name),
        min_capacity=args.least,
        max_capacity=args.most,
        opts=opts,
    )
    aws.appautoscaling.Policy(
        f"{name}-scale-out",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        policy_type="TargetTrackingScaling",
        target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
            predefined_metric_specification=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                predefined_metric_type="ECSServiceAverageCPUUtilization"
            ),
            target_value=args.out_above,
            scale_out_cooldown=args.out_cooldown_seconds,
            disable_scale_in=True,
        ),
        opts=opts,
    )
    step = aws.appautoscaling.Policy(
        f"{name}-scale-in",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        policy_type="StepScaling",
        step_scaling_policy_configuration=aws.appautoscaling.PolicyStepScalingPolicyConfigurationArgs(
            adjustment_type="ChangeInCapacity",
            metric_aggregation_type="Average",
            cooldown=args.in_cooldown_seconds,
            step_adjustments=[
                # Bounds count from the alarm's threshold: everything below it.
                aws.appautoscaling.PolicyStepScalingPolicyConfigurationStepAdjustmentArgs(
                    metric_interval_upper_bound="0", scaling_adjustment=-1
                )
            ],
        ),
        opts=opts,
    )
    aws.cloudwatch.MetricAlarm(
        f"{name}-scale-in",
        alarm_description=f"Lever of autoscaling, nothing to do: {name} needs less than {args.in_below} % CPU.",
        namespace="AWS/ECS",
        metric_name="CPUUtilization",
        statistic="Average",
        dimensions={"ClusterName": args.cluster_name, "ServiceName": args.service_name},
        comparison_operator="LessThanThreshold",
        threshold=args.in_below,
        period=60,
        evaluation_periods=LOW_SECONDS // 60,
        datapoints_to_alarm=LOW_SECONDS // 60,
        treat_missing_data="missing",
        actions_enabled=True,
        alarm_actions=[step.arn],
        opts=opts,
    )
