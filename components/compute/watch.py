"""What is worth watching about a service whose tasks ECS keeps running.

Figures marked AWS are from its recommended alarms for ECS (console data, 2026-09); AWS recommends none for target
groups, so the others are ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi

from components.contracts import Metric, Severity, Signal

SLOW_P95_SECONDS = 1.0
SLOW_P99_SECONDS = 3.0
LOAD_PERCENT = 80  # of CPU or memory; AWS


@dataclass(frozen=True, kw_only=True)
class Balanced:
    """What CloudWatch calls what stands behind the load balancer; two groups, when requests are shifted between them,
    and then both are watched, whichever serves. Only a service that has a route has any."""

    load_balancer: pulumi.Input[str] | None = None
    target_groups: Sequence[pulumi.Input[str]] = ()


@dataclass(frozen=True, kw_only=True)
class WatchArgs(Balanced):
    """The names under which CloudWatch knows the service, and how few tasks may run. `called` says that other services
    may call it by name, `counted` that CloudWatch counts its tasks.

    Of a service that `sleeps`, no data is no breach: by metrics alone its night looks like its end. So nothing tells
    of the day on which not one of its tasks was started.
    """

    cluster_name: pulumi.Input[str]
    service_name: pulumi.Input[str]
    least: int
    sleeps: bool = False
    called: bool = False
    counted: bool = True


def signals(name: str, args: WatchArgs) -> list[Signal]:
    """Load and number of tasks of one service; behind the load balancer also errors, latency and health."""
    served = [] if not args.target_groups else [*answers(name, args), *_health(name, args)]
    return [
        *served,
        *(_calls(name, args) if args.called else []),
        *_load(name, args),
        *(_tasks(name, args) if args.counted else []),
    ]


@dataclass(frozen=True, kw_only=True)
class _Targets:
    """One figure of all targets of a service: `value` is metric math over `metrics`, and where there is but one metric,
    the metric itself."""

    metrics: Mapping[str, Metric]
    value: str

    @property
    def expression(self) -> str | None:
        """What a signal on the figure alone needs to say."""
        return None if len(self.metrics) == 1 else self.value


def _targets(args: Balanced, id_: str, metric: str, statistic: str, joined: Literal["SUM", "MAX"]) -> _Targets:
    """Of two groups one may be idle and send no data: it counts as 0, and as no figure where both send none."""
    assert args.load_balancer is not None, "only asked of what is behind one"
    metrics = {
        id_ if position == 0 else f"{id_}_second": Metric(
            namespace="AWS/ApplicationELB",
            name=metric,
            statistic=statistic,
            dimensions={"LoadBalancer": args.load_balancer, "TargetGroup": group},
        )
        for position, group in enumerate(args.target_groups)
    }
    filled = ", ".join(f"FILL({name}, 0)" for name in metrics)
    return _Targets(metrics=metrics, value=id_ if len(metrics) == 1 else f"{joined}([{filled}])")


def _service(args: WatchArgs, metric: str, statistic: str, namespace: str = "AWS/ECS") -> Metric:
    return Metric(
        namespace=namespace,
        name=metric,
        statistic=statistic,
        dimensions={"ClusterName": args.cluster_name, "ServiceName": args.service_name},
    )


def answers(name: str, args: Balanced) -> Sequence[Signal]:
    """Errors and latency of whatever answers behind the load balancer."""
    errors = _targets(args, "errors", "HTTPCode_Target_5XX_Count", "Sum", "SUM")
    requests = _targets(args, "requests", "RequestCount", "Sum", "SUM")
    wrong = "FILL(errors, 0)" if errors.expression is None else errors.value
    return [
        Signal(
            name=f"{name}-errors",
            metrics={**errors.metrics, **requests.metrics},
            expression=f"100 * {wrong} / {requests.value}",
            comparison="GreaterThanThreshold",
            threshold=5,
            period_seconds=60,
            evaluation_periods=5,
            datapoints_to_alarm=3,
            missing="notBreaching",
            severity=Severity.CRITICAL,
            meaning=f"The service {name} answers more than 5 % of its requests with a 5xx error.",
            runbook="service-errors.md",
        ),
        _slow(name, args, "p95", SLOW_P95_SECONDS, Severity.WARNING),
        _slow(name, args, "p99", SLOW_P99_SECONDS, Severity.CRITICAL),
    ]


def _calls(name: str, args: WatchArgs) -> Sequence[Signal]:
    """5 % of the requests, over five minutes, is AWS's figure. Without calls there is no data."""
    return [
        Signal(
            name=f"{name}-call-errors",
            metrics={
                "errors": _service(args, "HTTPCode_Target_5XX_Count", "Sum"),
                "requests": _service(args, "RequestCount", "Sum"),
            },
            expression="100 * FILL(errors, 0) / requests",
            comparison="GreaterThanThreshold",
            threshold=5,
            period_seconds=60,
            evaluation_periods=5,
            datapoints_to_alarm=5,
            missing="notBreaching",
            severity=Severity.CRITICAL,
            meaning=f"The service {name} answers more than 5 % of the calls of other services with a 5xx error.",
            runbook="service-errors.md",
        )
    ]


def _slow(name: str, args: Balanced, percentile: str, seconds: float, severity: Severity) -> Signal:
    share = 100 - int(percentile[1:])
    latency = _targets(args, "latency", "TargetResponseTime", percentile, "MAX")
    return Signal(
        name=f"{name}-latency-{percentile}",
        metrics=latency.metrics,
        expression=latency.expression,
        comparison="GreaterThanThreshold",
        threshold=seconds,
        period_seconds=60,
        evaluation_periods=10,
        datapoints_to_alarm=8,
        missing="notBreaching",
        severity=severity,
        meaning=f"The service {name} lets {share} % of its requests wait longer than {seconds:g} s.",
        runbook="service-latency.md",
    )


def _health(name: str, args: WatchArgs) -> Sequence[Signal]:
    unhealthy = _targets(args, "unhealthy", "UnHealthyHostCount", "Minimum", "SUM")
    healthy = _targets(args, "healthy", "HealthyHostCount", "Maximum", "SUM")
    return [
        # AWS (load balancer guide): the minimum, over more than one datapoint; a target being deployed is not counted.
        Signal(
            name=f"{name}-unhealthy",
            metrics=unhealthy.metrics,
            expression=unhealthy.expression,
            comparison="GreaterThanThreshold",
            threshold=0,
            period_seconds=60,
            evaluation_periods=3,
            datapoints_to_alarm=3,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"A task of the service {name} fails its health check; the others carry its load.",
            runbook="service-unhealthy.md",
        ),
        # Without a registered target there is no data at all.
        Signal(
            name=f"{name}-no-healthy-task",
            metrics=healthy.metrics,
            expression=healthy.expression,
            comparison="LessThanThreshold",
            threshold=1,
            period_seconds=60,
            evaluation_periods=2,
            datapoints_to_alarm=2,
            missing="notBreaching" if args.sleeps else "breaching",
            severity=Severity.CRITICAL,
            meaning=f"The service {name} is down: no task of it passes its health check.",
            runbook="service-unhealthy.md",
        ),
    ]


def _load(name: str, args: WatchArgs) -> Sequence[Signal]:
    """Missing data is a breach for AWS, and not here: that no task runs is said by other signals."""
    return [
        Signal(
            name=f"{name}-cpu",
            metrics={"cpu": _service(args, "CPUUtilization", "Average")},
            comparison="GreaterThanThreshold",
            threshold=LOAD_PERCENT,
            period_seconds=60,
            evaluation_periods=10,  # AWS: 5; autoscaling gets the time to cure it first
            datapoints_to_alarm=10,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"The service {name} is short of CPU and scaling out has not cured it.",
            runbook="service-cpu-memory.md",
        ),
        Signal(
            name=f"{name}-memory",
            metrics={"memory": _service(args, "MemoryUtilization", "Average")},
            comparison="GreaterThanThreshold",
            threshold=LOAD_PERCENT,
            period_seconds=60,
            evaluation_periods=5,
            datapoints_to_alarm=5,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"The service {name} is short of memory; at 100 % its tasks are killed.",
            runbook="service-cpu-memory.md",
        ),
    ]


def _tasks(name: str, args: WatchArgs) -> Sequence[Signal]:
    """By Container Insights, which sends nothing about a service of which no task runs."""
    running = _service(args, "RunningTaskCount", "Average", "ECS/ContainerInsights")
    desired = _service(args, "DesiredTaskCount", "Average", "ECS/ContainerInsights")
    return [
        Signal(
            name=f"{name}-below-minimum",
            metrics={"running": running},
            comparison="LessThanThreshold",
            threshold=args.least,
            period_seconds=60,
            evaluation_periods=10,  # longer than a lost task takes to be replaced
            datapoints_to_alarm=10,
            missing="notBreaching" if args.sleeps else "breaching",
            severity=Severity.CRITICAL,
            meaning=f"Fewer than {args.least} tasks of the service {name} have been running for ten minutes.",
            runbook="service-not-running.md",
        ),
        Signal(
            name=f"{name}-tasks-missing",
            metrics={"desired": desired, "running": running},
            expression="desired - running",
            comparison="GreaterThanThreshold",
            threshold=0,
            period_seconds=60,
            evaluation_periods=15,  # longer than a deployment takes
            datapoints_to_alarm=15,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"ECS has not managed to start all wanted tasks of the service {name} for a quarter of an hour.",
            runbook="service-not-running.md",
        ),
    ]
