"""What is worth watching about a function, whoever calls it.

Figures marked AWS are from its recommended alarms for Lambda (console data, 2026-09), which leave thresholds open.
"""

from collections.abc import Callable, Sequence

import pulumi
import pulumi_aws as aws

from components.contracts import Metric, Severity, Signal, happened
from components.security.queue import waiting
from settings.functions import FunctionSettings

NAMESPACE = "AWS/Lambda"
FAILED_PERCENT = 5
BEHIND_SECONDS = 600  # ours: changes are kept for a day
NEAR = 0.9  # of the time-out, or of the runs at a time


def signals(
    name: str, settings: FunctionSettings, function_name: pulumi.Input[str], failures: aws.sqs.Queue | None
) -> list[Signal]:
    """Errors, refused runs, runs that take nearly too long; with `failures`, events that were given up."""

    def metric(of: str, statistic: str = "Sum") -> Metric:
        return Metric(namespace=NAMESPACE, name=of, statistic=statistic, dimensions={"FunctionName": function_name})

    return [
        Signal(
            name=f"{name}-errors",
            metrics={"errors": metric("Errors"), "runs": metric("Invocations")},
            expression="100 * FILL(errors, 0) / runs",
            comparison="GreaterThanThreshold",
            threshold=FAILED_PERCENT,
            period_seconds=60,
            evaluation_periods=5,  # AWS: 3 of 3; a function without runs in a minute has no figure for it
            datapoints_to_alarm=3,
            missing="notBreaching",
            severity=Severity.WARNING if settings.route is None else Severity.CRITICAL,
            meaning=f"More than {FAILED_PERCENT} % of the runs of the function {name} fail.",
            runbook="function-errors.md",
        ),
        Signal(
            name=f"{name}-throttled",
            metrics={"throttled": metric("Throttles")},
            comparison="GreaterThanThreshold",
            threshold=0,
            period_seconds=60,
            evaluation_periods=5,  # AWS
            datapoints_to_alarm=5,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"Runs of the function {name} have been refused for five minutes: more are wanted at a time than"
            " there may be.",
            runbook="function-concurrency.md",
        ),
        Signal(
            name=f"{name}-slow",
            metrics={"milliseconds": metric("Duration", "p90")},  # AWS
            comparison="GreaterThanThreshold",
            threshold=round(NEAR * 1000 * settings.timeout_seconds),
            period_seconds=60,
            evaluation_periods=15,  # AWS
            datapoints_to_alarm=15,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"One in ten runs of the function {name} takes more than {100 * NEAR:g} % of the"
            f" {settings.timeout_seconds} s after which it is ended.",
            runbook="function-slow.md",
        ),
        *_reserve(name, settings, metric("ConcurrentExecutions", "Maximum")),
        *_behind(name, settings, metric("IteratorAge", "Maximum")),
        *_given_up(name, settings, metric, failures),
    ]


def _reserve(name: str, settings: FunctionSettings, running: Metric) -> Sequence[Signal]:
    """Only a function with runs of its own can be short of them by itself."""
    if settings.concurrency is None:
        return []
    return [
        Signal(
            name=f"{name}-concurrency",
            metrics={"running": running},
            comparison="GreaterThanThreshold",
            threshold=NEAR * settings.concurrency,
            period_seconds=60,
            evaluation_periods=10,  # AWS
            datapoints_to_alarm=10,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"Nearly all of the {settings.concurrency} runs at a time that the function {name} may have are"
            " under way.",
            runbook="function-concurrency.md",
        )
    ]


def _behind(name: str, settings: FunctionSettings, age: Metric) -> Sequence[Signal]:
    """Only what reads changes of a table can be behind. No figure means that no change was read: then none waits, or
    runs are refused, which is another signal."""
    if settings.table is None:
        return []
    return [
        Signal(
            name=f"{name}-behind",
            metrics={"milliseconds": age},
            comparison="GreaterThanThreshold",
            threshold=BEHIND_SECONDS * 1000,
            period_seconds=60,
            evaluation_periods=10,
            datapoints_to_alarm=10,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"The function {name} has been more than {BEHIND_SECONDS // 60} minutes behind the changes of the"
            f" table {settings.table.name} for ten minutes.",
            runbook="function-behind.md",
        )
    ]


def _given_up(
    name: str, settings: FunctionSettings, metric: Callable[[str], Metric], failures: aws.sqs.Queue | None
) -> Sequence[Signal]:
    if failures is None:
        return []
    return [
        waiting(
            f"{name}-failures",
            failures,
            f"Events that the function {name} could not handle wait for somebody to look at them.",
            "function-failures.md",
        ),
        *(
            [
                happened(
                    f"{name}-events-dropped",
                    {"dropped": metric("AsyncEventsDropped")},
                    f"Lambda has given up an event for the function {name}, after all tries or because it was too old.",
                    "function-failures.md",
                    severity=Severity.CRITICAL,
                )
            ]
            if settings.asynchronous
            else []
        ),
        happened(
            f"{name}-untold",
            {"undelivered": metric("DestinationDeliveryFailures")},
            f"An event that the function {name} could not handle could not be written into its queue either.",
            "function-failures.md",
        ),
    ]
