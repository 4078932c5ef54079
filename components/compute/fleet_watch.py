"""What is worth watching about a fleet: its instances, their load, and what fills up on them.

Figures marked AWS are from its recommended alarms (console data, 2026-09), the others are ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.compute import watch
from components.compute.machine import GROUP_DIMENSION, NAMESPACE
from components.contracts import Metric, Severity, Signal

MEMBERS, LOAD = "fleet-instances.md", "fleet-load.md"
GROUP_METRICS = ("GroupInServiceInstances", "GroupDesiredCapacity")
"""What the group has to send for these signals."""
MEMORY_PERCENT, DISK_PERCENT = 90, 85


@dataclass(frozen=True, kw_only=True)
class FleetNames:
    """The names under which CloudWatch knows a fleet, and how few instances it may have.

    Of a fleet that `sleeps`, no data is no breach: by metrics alone its night looks like its end.
    """

    group: pulumi.Input[str]
    load_balancer: pulumi.Input[str]
    target_group: pulumi.Input[str]
    least: int
    out_above: int
    sleeps: bool


def signals(name: str, names: FleetNames) -> list[Signal]:
    """Answers, number and health of the instances, load, memory and disk."""
    balanced = watch.Balanced(load_balancer=names.load_balancer, target_groups=[names.target_group])
    return [*watch.answers(name, balanced), *_members(name, names), *_health(name, names), *_load(name, names)]


def _of_group(names: FleetNames, namespace: str, metric: str, statistic: str) -> Metric:
    return Metric(namespace=namespace, name=metric, statistic=statistic, dimensions={GROUP_DIMENSION: names.group})


def _of_targets(names: FleetNames, metric: str, statistic: str) -> Metric:
    return Metric(
        namespace="AWS/ApplicationELB",
        name=metric,
        statistic=statistic,
        dimensions={"LoadBalancer": names.load_balancer, "TargetGroup": names.target_group},
    )


def _members(name: str, names: FleetNames) -> Sequence[Signal]:
    there = _of_group(names, "AWS/AutoScaling", "GroupInServiceInstances", "Minimum")
    wanted = _of_group(names, "AWS/AutoScaling", "GroupDesiredCapacity", "Minimum")
    return [
        Signal(
            name=f"{name}-below-minimum",
            metrics={"there": there, **({"wanted": wanted} if names.sleeps else {})},
            # Asleep it wants none, and has none.
            expression=f"IF(wanted == 0, {names.least}, there)" if names.sleeps else None,
            comparison="LessThanThreshold",
            threshold=names.least,
            period_seconds=60,
            evaluation_periods=15,  # longer than a lost instance takes to be replaced
            datapoints_to_alarm=15,
            missing="breaching",
            severity=Severity.CRITICAL,
            meaning=f"Fewer than {names.least} instances of the fleet {name} have been in service for 15 minutes.",
            runbook=MEMBERS,
        ),
        Signal(
            name=f"{name}-status",
            metrics={"failed": _of_group(names, "AWS/EC2", "StatusCheckFailed", "Maximum")},
            comparison="GreaterThanOrEqualToThreshold",
            threshold=1,
            period_seconds=60,
            evaluation_periods=5,  # AWS: two of five minutes; the group has begun to replace it by then
            datapoints_to_alarm=5,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"An instance of the fleet {name} fails EC2's status checks; its group is about to replace it.",
            runbook=MEMBERS,
        ),
    ]


def _health(name: str, names: FleetNames) -> Sequence[Signal]:
    return [
        Signal(
            name=f"{name}-unhealthy",
            metrics={"unhealthy": _of_targets(names, "UnHealthyHostCount", "Minimum")},
            comparison="GreaterThanThreshold",
            threshold=0,
            period_seconds=60,
            evaluation_periods=5,
            datapoints_to_alarm=5,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"An instance of the fleet {name} fails its health check; its group is about to replace it.",
            runbook=MEMBERS,
        ),
        Signal(
            name=f"{name}-no-healthy-instance",
            metrics={"healthy": _of_targets(names, "HealthyHostCount", "Maximum")},
            comparison="LessThanThreshold",
            threshold=1,
            period_seconds=60,
            evaluation_periods=2,
            datapoints_to_alarm=2,
            missing="notBreaching" if names.sleeps else "breaching",
            severity=Severity.CRITICAL,
            meaning=f"The fleet {name} is down: no instance of it passes its health check.",
            runbook=MEMBERS,
        ),
    ]


def _load(name: str, names: FleetNames) -> Sequence[Signal]:
    return [
        Signal(
            name=f"{name}-cpu",
            metrics={"cpu": _of_group(names, "AWS/EC2", "CPUUtilization", "Average")},
            comparison="GreaterThanThreshold",
            threshold=names.out_above,
            period_seconds=60,
            evaluation_periods=20,  # scaling out gets the time to cure it first
            datapoints_to_alarm=20,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"The fleet {name} is short of CPU and scaling out has not cured it.",
            runbook=LOAD,
        ),
        Signal(
            name=f"{name}-memory",
            metrics={"memory": _of_group(names, NAMESPACE, "mem_used_percent", "Maximum")},
            comparison="GreaterThanThreshold",
            threshold=MEMORY_PERCENT,
            period_seconds=60,
            evaluation_periods=5,
            datapoints_to_alarm=5,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"An instance of the fleet {name} is short of memory; without any its container is killed.",
            runbook=LOAD,
        ),
        Signal(
            name=f"{name}-disk",
            metrics={"disk": _of_group(names, NAMESPACE, "disk_used_percent", "Maximum")},
            comparison="GreaterThanThreshold",
            threshold=DISK_PERCENT,
            period_seconds=300,
            evaluation_periods=3,
            datapoints_to_alarm=3,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"The disk of an instance of the fleet {name} is more than {DISK_PERCENT} % full.",
            runbook=LOAD,
        ),
    ]
