"""More tasks above one CPU figure, fewer below another, and in between nothing happens.

One target-tracking policy cannot do that: it scales in as soon as the load is somewhat below its target. So tracking
only scales out, and a step policy takes one task away while the CPU stays below the lower figure.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components.compute.scaling import metrics as measured
from components.compute.scaling.metrics import Metrics
from components.compute.scaling.target import Scalable
from components.compute.scaling.tracking import PREDEFINED
from components.metric_queries import queries
from settings.scaling import ScaleSettings

LOW_SECONDS = 300  # for so long the load is low before a task goes
_PERIOD = 60


def make(scalable: Scalable, settings: ScaleSettings, metrics: Metrics) -> None:
    """The way out by CPU, and the way in of the whole service."""
    assert settings.band is not None, "called for services that have a band"
    _, upper = settings.band
    scalable.policy(
        "scale-out",
        "TargetTrackingScaling",
        tracking=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
            predefined_metric_specification=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                predefined_metric_type=PREDEFINED["cpu"]
            ),
            target_value=upper,
            scale_out_cooldown=settings.cooldown.out,
            disable_scale_in=True,
        ),
    )
    step = scalable.policy(
        "scale-in",
        "StepScaling",
        steps=aws.appautoscaling.PolicyStepScalingPolicyConfigurationArgs(
            adjustment_type="ChangeInCapacity",
            metric_aggregation_type="Average",
            cooldown=settings.cooldown.in_,
            step_adjustments=[
                # Bounds count from the alarm's threshold: everything below it.
                aws.appautoscaling.PolicyStepScalingPolicyConfigurationStepAdjustmentArgs(
                    metric_interval_upper_bound="0", scaling_adjustment=-1
                )
            ],
        ),
    )
    _lever(scalable.name, settings, metrics, step.arn, scalable.opts)


def _lever(
    name: str,
    settings: ScaleSettings,
    metrics: Metrics,
    step_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Pulls the step policy; not a `Signal`: it tells nobody, and in a quiet service it is always on."""
    assert settings.band is not None, "called for services that have a band"
    lower, _ = settings.band
    less = f"{lower} % CPU" + (", and of everything else that it scales by" if settings.track.targets() else "")
    aws.cloudwatch.MetricAlarm(
        f"{name}-scale-in",
        alarm_description=f"Lever of autoscaling, nothing to do: {name} needs less than {less}.",
        comparison_operator="LessThanThreshold",
        threshold=lower,
        evaluation_periods=LOW_SECONDS // _PERIOD,
        datapoints_to_alarm=LOW_SECONDS // _PERIOD,
        treat_missing_data="missing",
        actions_enabled=True,
        alarm_actions=[step_arn],
        opts=opts,
        **_load(settings, metrics),
    )


def _load(settings: ScaleSettings, metrics: Metrics) -> Mapping[str, Any]:
    """What the lower figure is compared with: the CPU, or the highest of all figures in terms of CPU.

    A tracked metric at its target counts as CPU at the upper figure. So no task goes that another metric would bring
    back at once.
    """
    assert settings.band is not None, "called for services that have a band"
    cpu = measured.figure("cpu", metrics)
    targets = settings.track.targets()
    if not targets:
        metric = cpu.metrics["cpu"]
        return {
            "namespace": metric.namespace,
            "metric_name": metric.name,
            "statistic": metric.statistic,
            "dimensions": dict(metric.dimensions),
            "period": _PERIOD,
        }
    figures = {field: measured.figure(field, metrics) for field in targets}
    scaled = {
        f"by_{field}": f"({figure.expression}) * {settings.band[1]} / {targets[field]}"
        for field, figure in figures.items()
    }
    loads = [
        aws.cloudwatch.MetricAlarmMetricQueryArgs(id=id_, expression=expression, return_data=False)
        for id_, expression in scaled.items()
    ]
    highest = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="load",
        expression=f"MAX([{', '.join([cpu.expression, *scaled])}])",
        label="load in terms of CPU",
        return_data=True,
    )
    return {"metric_queries": [*queries(measured.both([cpu, *figures.values()]), _PERIOD), *loads, highest]}
