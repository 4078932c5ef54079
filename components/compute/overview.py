"""What all services of a stack look like side by side, whichever there are: for the dashboard.

Nothing here knows a service. Each graph finds the services when it is looked at, so one more changes no graph; exact
thresholds are on the alarms. See docs/decisions/0013-one-dashboard-that-searches.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components import names
from components.compute import fleet_watch, function_watch, watch
from components.compute.clock import FAILURES
from components.compute.machine import GROUP_DIMENSION, NAMESPACE
from components.contracts import Panel, Search

BALANCED, TASKS = "Behind the load balancer", "Tasks"
FLEETS = "Fleets"
# Lambda and SQS know of no stack, and their names are made by the provider: of the stack file's account and region.
FUNCTIONS, FAILED = "Functions (of this account and region)", "Failures nobody has looked at (account and region)"


@dataclass(frozen=True, kw_only=True)
class OverviewArgs:
    """The cluster, and every load balancer that services stand behind. `counted`: CloudWatch counts tasks."""

    cluster_name: pulumi.Input[str]
    load_balancers: Sequence[pulumi.Input[str]]
    counted: bool


def panels(args: OverviewArgs) -> list[Panel]:
    """The graphs, most urgent first. A kind of which there is no service leaves its graphs empty."""
    return [*_balanced(args), *_tasks(args), *_functions(), *_failures(), *_fleets()]


def _balanced(args: OverviewArgs) -> list[Panel]:
    def panel(title: str, metric: str, statistic: str, **lines: float) -> Panel:
        searches = [
            Search(
                namespace="AWS/ApplicationELB",
                name=metric,
                statistic=statistic,
                dimensions=("LoadBalancer", "TargetGroup"),
                label="TargetGroup",
                exactly={"LoadBalancer": balancer},
            )
            for balancer in args.load_balancers
        ]
        return Panel(group=BALANCED, title=title, searches=searches, lines=lines)

    return [
        panel("5xx answers a minute", "HTTPCode_Target_5XX_Count", "Sum"),
        panel("Unhealthy targets", "UnHealthyHostCount", "Minimum"),
        panel("Healthy targets", "HealthyHostCount", "Maximum"),
        panel("95 % of the answers within, seconds", "TargetResponseTime", "p95", warning=watch.SLOW_P95_SECONDS),
        panel("99 % of the answers within, seconds", "TargetResponseTime", "p99", critical=watch.SLOW_P99_SECONDS),
        panel("Requests a minute", "RequestCount", "Sum"),
    ]


def _tasks(args: OverviewArgs) -> list[Panel]:
    def search(metric: str, statistic: str, namespace: str = "AWS/ECS") -> Search:
        return Search(
            namespace=namespace,
            name=metric,
            statistic=statistic,
            dimensions=("ClusterName", "ServiceName"),
            label="ServiceName",
            exactly={"ClusterName": args.cluster_name},
        )

    busy = {"warning": float(watch.LOAD_PERCENT)}
    counts = [
        Panel(
            group=TASKS, title=f"Tasks {which.lower()}", searches=[search(metric, "Average", "ECS/ContainerInsights")]
        )
        for which, metric in (("Running", "RunningTaskCount"), ("Wanted", "DesiredTaskCount"))
    ]
    return [
        Panel(group=TASKS, title="CPU, percent", searches=[search("CPUUtilization", "Average")], lines=busy),
        Panel(group=TASKS, title="Memory, percent", searches=[search("MemoryUtilization", "Average")], lines=busy),
        Panel(
            group=TASKS,
            title="5xx answers to calls of other services a minute",
            searches=[search("HTTPCode_Target_5XX_Count", "Sum")],
        ),
        Panel(group=TASKS, title="Calls of other services a minute", searches=[search("RequestCount", "Sum")]),
        *(counts if args.counted else []),
    ]


def _functions() -> list[Panel]:
    def panel(title: str, metric: str, statistic: str) -> Panel:
        search = Search(
            namespace=function_watch.NAMESPACE,
            name=metric,
            statistic=statistic,
            dimensions=("FunctionName",),
            label="FunctionName",
        )
        return Panel(group=FUNCTIONS, title=title, searches=[search])

    return [
        panel("Failed runs a minute", "Errors", "Sum"),
        panel("Refused runs a minute", "Throttles", "Sum"),
        panel("90 % of the runs within, milliseconds", "Duration", "p90"),
    ]


def _failures() -> list[Panel]:
    """Jobs and functions alike: what failed, or could not be started, is a message in a queue of the service."""
    search = Search(
        namespace="AWS/SQS",
        name="ApproximateNumberOfMessagesVisible",
        statistic="Maximum",
        dimensions=("QueueName",),
        label="QueueName",
        words={"QueueName": (FAILURES,)},
    )
    return [Panel(group=FAILED, title="Messages in queues of failures", searches=[search])]


def _fleets() -> list[Panel]:
    """A fleet's group is named by project, stack and service."""

    def panel(title: str, namespace: str, metric: str, statistic: str, **lines: float) -> Panel:
        search = Search(
            namespace=namespace,
            name=metric,
            statistic=statistic,
            dimensions=(GROUP_DIMENSION,),
            label=GROUP_DIMENSION,
            words={GROUP_DIMENSION: re.findall(r"[A-Za-z0-9]+", names.of_stack())},
        )
        return Panel(group=FLEETS, title=title, searches=[search], lines=lines)

    return [
        panel("Instances in service", "AWS/AutoScaling", "GroupInServiceInstances", "Minimum"),
        panel("CPU of instances, percent", "AWS/EC2", "CPUUtilization", "Average"),
        panel("Fullest memory, percent", NAMESPACE, "mem_used_percent", "Maximum", warning=fleet_watch.MEMORY_PERCENT),
        panel("Fullest disk, percent", NAMESPACE, "disk_used_percent", "Maximum", warning=fleet_watch.DISK_PERCENT),
    ]
