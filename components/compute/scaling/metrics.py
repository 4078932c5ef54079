"""The metrics that scaling goes by, as CloudWatch knows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.contracts import Metric


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """The names under which CloudWatch knows a service; None for what the service does not have.

    `load_balancer` and `target_group` are ARN suffixes, `queue_name` the name of the queue that it consumes.
    """

    cluster_name: pulumi.Input[str]
    service_name: pulumi.Input[str]
    load_balancer: pulumi.Input[str] | None = None
    target_group: pulumi.Input[str] | None = None
    queue_name: pulumi.Input[str] | None = None

    @property
    def request_label(self) -> pulumi.Output[str] | None:
        """What Application Auto Scaling calls a target group: `app/<name>/<id>/targetgroup/<name>/<id>`."""
        if self.load_balancer is None or self.target_group is None:
            return None
        return pulumi.Output.concat(self.load_balancer, "/", self.target_group)

    def service(self, metric: str, namespace: str = "AWS/ECS") -> Metric:
        """The average of a metric of the service."""
        dimensions = {"ClusterName": self.cluster_name, "ServiceName": self.service_name}
        return Metric(namespace=namespace, name=metric, statistic="Average", dimensions=dimensions)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number to scale by: metric math over named metrics."""

    metrics: Mapping[str, Metric]
    expression: str


def figure(field: str, metrics: Metrics) -> Figure:
    """The figure that a field of `scale.track` sets the target of."""
    return {"cpu": _cpu, "memory": _memory, "requests_per_target": _requests, "backlog_per_task": _backlog}[field](
        metrics
    )


def _cpu(metrics: Metrics) -> Figure:
    return Figure(metrics={"cpu": metrics.service("CPUUtilization")}, expression="cpu")


def _memory(metrics: Metrics) -> Figure:
    return Figure(metrics={"memory": metrics.service("MemoryUtilization")}, expression="memory")


def _requests(metrics: Metrics) -> Figure:
    """Without requests there is no datapoint, which here means none."""
    assert metrics.load_balancer is not None, _missing("requestsPerTarget")
    assert metrics.target_group is not None, _missing("requestsPerTarget")
    counted = Metric(
        namespace="AWS/ApplicationELB",
        name="RequestCountPerTarget",
        statistic="Sum",
        dimensions={"LoadBalancer": metrics.load_balancer, "TargetGroup": metrics.target_group},
    )
    return Figure(metrics={"requests": counted}, expression="FILL(requests, 0)")


def _backlog(metrics: Metrics) -> Figure:
    """Of a service without tasks Container Insights says nothing, and so does this."""
    assert metrics.queue_name is not None, _missing("backlogPerTask")
    waiting = Metric(
        namespace="AWS/SQS",
        name="ApproximateNumberOfMessagesVisible",
        statistic="Sum",
        dimensions={"QueueName": metrics.queue_name},
    )
    running = metrics.service("RunningTaskCount", "ECS/ContainerInsights")
    return Figure(metrics={"waiting": waiting, "running": running}, expression="waiting / IF(running > 1, running, 1)")


def _missing(key: str) -> str:
    return f"settings have seen to it that only a service which has them is scaled by {key}"


def both(figures: Sequence[Figure]) -> Mapping[str, Metric]:
    """All metrics of several figures; equal names stand for equal metrics."""
    return {name: metric for figure in figures for name, metric in figure.metrics.items()}
