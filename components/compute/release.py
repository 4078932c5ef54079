"""What takes a release back: an alarm on the answers of a service, which ECS asks while it deploys."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.contracts import Metric
from components.metric_queries import queries

PERIOD_SECONDS = 60
# A single bad minute is no bad release. ECS polls the alarm until the bake time is over (ECS developer guide, 2026-11).
MINUTES, BAD_MINUTES = 3, 2
# ECS draws the bake time of a rolling deployment from the alarm, less than five minutes.
ROLLING_BAKE_MINUTES = 5
_ERRORS, _REQUESTS = "HTTPCode_Target_5XX_Count", "RequestCount"


def alarm(
    name: str,
    load_balancer: pulumi.Input[str],
    target_groups: Sequence[pulumi.Input[str]],
    errors_above: int,
    opts: pulumi.ResourceOptions,
    runbook: str = "service-release.md",
) -> aws.cloudwatch.MetricAlarm:
    """On the worst group, so that a small share of the requests is enough to see a bad release.

    Not a `Signal`: it tells nobody, people hear of it by the update that fails. It knows the service by its targets, so
    that it is there before the service.
    """
    counts = {
        f"{kind}_{number}": Metric(
            namespace="AWS/ApplicationELB",
            name=metric,
            statistic="Sum",
            dimensions={"LoadBalancer": load_balancer, "TargetGroup": group},
        )
        for number, group in enumerate(target_groups)
        for kind, metric in (("errors", _ERRORS), ("requests", _REQUESTS))
    }
    # Where nothing has gone wrong there are no errors to count, and where nobody asks no requests either.
    shares = [f"FILL(100 * errors_{number} / requests_{number}, 0)" for number in range(len(target_groups))]
    worst = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="result",
        expression=shares[0] if len(shares) == 1 else f"MAX([{', '.join(shares)}])",
        label=f"{name}-release",
        return_data=True,
    )
    return aws.cloudwatch.MetricAlarm(
        f"{name}-release",
        alarm_description=f"Lever of deployments, nothing to do: a release of {name} goes back that answers more"
        f" than {errors_above} % of its requests with a 5xx error. See docs/runbooks/{runbook}",
        comparison_operator="GreaterThanThreshold",
        threshold=errors_above,
        evaluation_periods=MINUTES,
        datapoints_to_alarm=BAD_MINUTES,
        treat_missing_data="notBreaching",
        metric_queries=[*queries(counts, PERIOD_SECONDS), worst],
        opts=opts,
    )
