"""The one place where a signal becomes an alarm."""

from collections.abc import Sequence
from pathlib import Path

import pulumi
import pulumi_aws as aws

from components.contracts import Metric, Signal
from components.metric_queries import queries

RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"
EXPRESSION_ID = "result"


def alarm(signal: Signal, topic_arn: pulumi.Input[str], opts: pulumi.ResourceOptions) -> aws.cloudwatch.MetricAlarm:
    """An alarm that tells `topic_arn` when `signal` leaves its bounds, and again when it is back.

    Raises ValueError when the signal names a runbook that does not exist: an alarm that nobody can act on is noise.
    """
    description = _description(signal)
    single = _single(signal)
    return aws.cloudwatch.MetricAlarm(
        signal.name,
        alarm_description=description,
        comparison_operator=signal.comparison,
        threshold=signal.threshold,
        evaluation_periods=signal.evaluation_periods,
        datapoints_to_alarm=signal.datapoints_to_alarm,
        treat_missing_data=signal.missing,
        namespace=single.namespace if single else None,
        metric_name=single.name if single else None,
        statistic=single.statistic if single and not _is_percentile(single) else None,
        extended_statistic=single.statistic if single and _is_percentile(single) else None,
        dimensions=dict(single.dimensions) if single else None,
        period=signal.period_seconds if single else None,
        metric_queries=None if single else _queries(signal),
        actions_enabled=True,
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
        opts=opts,
    )


def _description(signal: Signal) -> str:
    if not (RUNBOOKS / signal.runbook).is_file():
        there = ", ".join(sorted(path.name for path in RUNBOOKS.glob("*.md"))) or "none"
        raise ValueError(
            f"signal {signal.name!r} names the runbook {signal.runbook!r}, which does not exist under docs/runbooks/ "
            f"(there: {there}): write it, or name one of these"
        )
    return f"[{signal.severity.value}] {signal.meaning} What to do: docs/runbooks/{signal.runbook}"


def _single(signal: Signal) -> Metric | None:
    """The metric of a signal that compares one metric as it is."""
    if signal.expression is None and len(signal.metrics) != 1:
        raise ValueError(
            f"signal {signal.name!r} has {len(signal.metrics)} metrics and no expression: "
            "give one metric, or an expression over the ids of several"
        )
    return next(iter(signal.metrics.values())) if signal.expression is None else None


def _queries(signal: Signal) -> Sequence[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    outcome = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id=EXPRESSION_ID,
        expression=signal.expression,
        label=signal.name,
        return_data=True,
        period=None if signal.metrics else signal.period_seconds,  # of the metrics, where it names some
    )
    return [*queries(signal.metrics, signal.period_seconds), outcome]


def _is_percentile(metric: Metric) -> bool:
    """CloudWatch takes percentiles and trimmed means as `extendedStatistic`, the plain five as `statistic`."""
    return metric.statistic not in {"Average", "Maximum", "Minimum", "SampleCount", "Sum"}
