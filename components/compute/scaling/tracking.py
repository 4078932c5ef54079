"""Target tracking: AWS makes the alarms, and adds and takes away tasks to keep a metric near its target."""

import pulumi_aws as aws

from components.compute.scaling import metrics as measured
from components.compute.scaling.metrics import Figure, Metrics
from components.compute.scaling.target import Scalable
from settings.scaling import ScaleSettings

PREDEFINED = {
    "cpu": "ECSServiceAverageCPUUtilization",
    "memory": "ECSServiceAverageMemoryUtilization",
    "requests_per_target": "ALBRequestCountPerTarget",
}
_ROLES = {
    "cpu": "track-cpu",
    "memory": "track-memory",
    "requests_per_target": "track-requests",
    "backlog_per_task": "track-backlog",
}


def make(scalable: Scalable, settings: ScaleSettings, metrics: Metrics) -> None:
    """A policy for each tracked metric. Beside a band they only scale out: the band is the one way in."""
    for field, target in settings.track.targets().items():
        own = None if field in PREDEFINED else _customized(measured.figure(field, metrics))
        scalable.policy(
            _ROLES[field],
            "TargetTrackingScaling",
            tracking=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                predefined_metric_specification=_predefined(field, metrics) if own is None else None,
                customized_metric_specification=own,
                target_value=target,
                scale_out_cooldown=settings.cooldown.out,
                scale_in_cooldown=None if settings.band else settings.cooldown.in_,
                disable_scale_in=settings.band is not None,
            ),
        )


def _predefined(
    field: str, metrics: Metrics
) -> aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs:
    return aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
        predefined_metric_type=PREDEFINED[field],
        resource_label=metrics.request_label if field == "requests_per_target" else None,
    )


def _customized(
    figure: Figure,
) -> aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs:
    inputs = [
        aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricArgs(
            id=id_,
            return_data=False,
            metric_stat=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricMetricStatArgs(
                stat=metric.statistic,
                metric=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricMetricStatMetricArgs(
                    namespace=metric.namespace,
                    metric_name=metric.name,
                    dimensions=[
                        aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricMetricStatMetricDimensionArgs(
                            name=name, value=value
                        )
                        for name, value in metric.dimensions.items()
                    ],
                ),
            ),
        )
        for id_, metric in figure.metrics.items()
    ]
    outcome = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricArgs(
        id="figure", expression=figure.expression, return_data=True
    )
    return aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs(
        metrics=[*inputs, outcome]
    )
