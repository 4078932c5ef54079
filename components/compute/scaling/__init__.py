"""How many tasks run: what `scale` says, as a scalable target with its policies, triggers and schedules.

Which of them AWS takes together is for the settings to know (settings/scaling.py).
"""

import pulumi
import pulumi_aws as aws

from components.compute.scaling import band, prediction, timetable, tracking
from components.compute.scaling.metrics import Metrics
from components.compute.scaling.target import Scalable
from settings.scaling import ScaleSettings

__all__ = ["Metrics", "make"]

DIMENSION = "ecs:service:DesiredCount"
NAMESPACE = "ecs"


def make(name: str, settings: ScaleSettings, metrics: Metrics, opts: pulumi.ResourceOptions) -> None:
    """Scales the service that `metrics` measures, between the bounds of the settings."""
    target = aws.appautoscaling.Target(
        f"{name}-count",
        service_namespace=NAMESPACE,
        scalable_dimension=DIMENSION,
        resource_id=pulumi.Output.concat("service/", metrics.cluster_name, "/", metrics.service_name),
        min_capacity=settings.min,
        max_capacity=settings.max,
        opts=opts,
    )
    scalable = Scalable(name, target, opts)
    if settings.band:
        band.make(scalable, settings, metrics)
    tracking.make(scalable, settings, metrics)
    prediction.make(scalable, settings.predict, metrics)
    timetable.make(scalable, settings.schedules)
