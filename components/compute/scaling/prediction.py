"""Predictive scaling: tasks for the hour to come, by the pattern of the last two weeks.

AWS needs 24 hours of data for a first forecast. The forecast never asks for more than the upper bound.
"""

import pulumi_aws as aws

from components.compute.scaling.metrics import Metrics
from components.compute.scaling.target import Scalable
from settings.scaling import PredictSettings

# The pair of a load and a utilisation that goes by one name (API of Application Auto Scaling, read 2026-11).
_PAIRS = {
    "cpu": "ECSServiceCPUUtilization",
    "memory": "ECSServiceMemoryUtilization",
    "requests_per_target": "ALBRequestCount",
}
_ROLES = {"cpu": "predict-cpu", "memory": "predict-memory", "requests_per_target": "predict-requests"}
_MODES = {"forecast-only": "ForecastOnly", "forecast-and-scale": "ForecastAndScale"}


def make(scalable: Scalable, settings: PredictSettings, metrics: Metrics) -> None:
    """A policy for each metric that is predicted; AWS takes one metric a policy."""
    kinds = aws.appautoscaling  # its names leave no room on a line
    for field, target in settings.targets().items():
        pair = kinds.PolicyPredictiveScalingPolicyConfigurationMetricSpecificationPredefinedMetricPairSpecificationArgs(
            predefined_metric_type=_PAIRS[field],
            resource_label=metrics.request_label if field == "requests_per_target" else None,
        )
        scalable.policy(
            _ROLES[field],
            "PredictiveScaling",
            prediction=kinds.PolicyPredictiveScalingPolicyConfigurationArgs(
                metric_specifications=[
                    kinds.PolicyPredictiveScalingPolicyConfigurationMetricSpecificationArgs(
                        target_value=str(target), predefined_metric_pair_specification=pair
                    )
                ],
                mode=_MODES[settings.mode],
                max_capacity_breach_behavior="HonorMaxCapacity",
                scheduling_buffer_time=settings.ahead_seconds,
            ),
        )
