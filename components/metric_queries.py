"""The metrics that an alarm does arithmetic with, as CloudWatch takes them."""

from collections.abc import Mapping

import pulumi_aws as aws

from components.contracts import Metric


def queries(metrics: Mapping[str, Metric], period_seconds: int) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    """Each by the id under which an expression names it; none of them is what the alarm compares."""
    return [
        aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id=id_,
            return_data=False,
            metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace=metric.namespace,
                metric_name=metric.name,
                stat=metric.statistic,
                period=period_seconds,
                dimensions=dict(metric.dimensions),
            ),
        )
        for id_, metric in metrics.items()
    ]
