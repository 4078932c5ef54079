"""What is worth watching on brokers. Thresholds for load, storage and memory are AWS's (MSK developer guide, best
practices, read 2026-09), the others ours."""

from collections.abc import Iterator
from typing import Literal

import pulumi

from components.contracts import Metric, Severity, Signal

Missing = Literal["missing", "ignore", "breaching", "notBreaching"]
_NAMESPACE = "AWS/Kafka"
CPU_PERCENT = 60
STORAGE_PERCENT = 85
HEAP_PERCENT = 60
# IAM connections of a broker (MSK quotas, read 2026-09), and the share of them at which somebody is told.
CONNECTIONS = 3000
CONNECTIONS_SHARE = 0.9
# An alarm reads ten metrics at most; two for each broker's load.
_BROKERS_AN_ALARM = 5
_LOAD = "stream-brokers.md"


def of_groups(name: str, store: str, cluster: pulumi.Output[str], lag_seconds: int | None) -> list[Signal]:
    """How far the consumer group that is furthest behind is, of all in the cluster: no stack file names them.

    MSK knows it of groups that commit their offsets, have no colon in their names and are not being rebalanced (MSK
    developer guide, consumer-lag, read 2026-11); of any other it says nothing, and neither does this.
    """
    if lag_seconds is None:
        return []
    query = (
        'SELECT MAX(EstimatedMaxTimeLag) FROM SCHEMA("AWS/Kafka", "Cluster Name", "Consumer Group", Topic)'
        ' WHERE "Cluster Name" = '
    )
    return [
        Signal(
            name=f"{name}-lag",
            metrics={},
            expression=pulumi.Output.concat(query, "'", cluster, "'"),
            comparison="GreaterThanThreshold",
            threshold=lag_seconds,
            period_seconds=60,
            evaluation_periods=5,
            datapoints_to_alarm=5,
            missing="notBreaching",  # nobody reads, or all have read everything
            severity=Severity.WARNING,
            meaning=f"A consumer of the stream {store} has been more than {lag_seconds} s behind for five minutes: it"
            " is too slow, or it has stopped.",
            runbook="stream-lag.md",
        )
    ]


def of_brokers(name: str, store: str, cluster: pulumi.Input[str], brokers: int) -> list[Signal]:
    """Of the whole cluster, and of its brokers by number, a few in each alarm; the worst of them counts."""
    return [*_of_cluster(name, store, cluster), *_of_each(name, store, cluster, brokers)]


def _of_cluster(name: str, store: str, cluster: pulumi.Input[str]) -> Iterator[Signal]:
    dimensions = {"Cluster Name": cluster}

    def one(
        role: str, metric: str, statistic: str, *, below: bool, threshold: float, missing: Missing, meaning: str
    ) -> Signal:
        return Signal(
            name=f"{name}-{role}",
            metrics={role: Metric(namespace=_NAMESPACE, name=metric, statistic=statistic, dimensions=dimensions)},
            comparison="LessThanThreshold" if below else "GreaterThanThreshold",
            threshold=threshold,
            period_seconds=60,
            evaluation_periods=5,
            datapoints_to_alarm=5,
            missing=missing,
            severity=Severity.CRITICAL,
            meaning=meaning,
            runbook="stream-unavailable.md",
        )

    yield one(
        "offline",
        "OfflinePartitionsCount",
        "Maximum",
        below=False,
        threshold=0,
        missing="notBreaching",
        meaning=f"Parts of topics of the stream {store} have no leader: they can be neither read nor written.",
    )
    yield one(
        "controller",
        "ActiveControllerCount",
        "Maximum",  # each broker reports, and the active controller a one
        below=True,
        threshold=1,
        missing="breaching",
        meaning=f"The stream {store} has had no controller for five minutes: nothing in it can be changed.",
    )


def _of_each(name: str, store: str, cluster: pulumi.Input[str], brokers: int) -> Iterator[Signal]:
    for number, start in enumerate(range(1, brokers + 1, _BROKERS_AN_ALARM), start=1):
        ids = [str(broker) for broker in range(start, min(start + _BROKERS_AN_ALARM, brokers + 1))]
        suffix = "" if number == 1 else f"-{number}"
        yield from _of_some(f"{name}-{{}}{suffix}", store, cluster, ids)


def _of_some(name: str, store: str, cluster: pulumi.Input[str], ids: list[str]) -> Iterator[Signal]:
    def metrics(letter: str, metric: str, statistic: str, **more: str) -> dict[str, Metric]:
        return {
            f"{letter}{broker}": Metric(
                namespace=_NAMESPACE,
                name=metric,
                statistic=statistic,
                dimensions={"Cluster Name": cluster, "Broker ID": broker, **more},
            )
            for broker in ids
        }

    def worst(
        role: str,
        read: dict[str, Metric],
        expression: str,
        threshold: float,
        minutes: int,
        severity: Severity,
        meaning: str,
    ) -> Signal:
        return Signal(
            name=name.format(role),
            metrics=read,
            expression=expression,
            comparison="GreaterThanThreshold",
            threshold=threshold,
            period_seconds=60,
            evaluation_periods=minutes,
            datapoints_to_alarm=minutes,
            missing="notBreaching",
            severity=severity,
            meaning=meaning,
            runbook=_LOAD,
        )

    load = {**metrics("u", "CpuUser", "Average"), **metrics("s", "CpuSystem", "Average")}
    yield worst(
        "cpu",
        load,
        _highest([f"u{broker} + s{broker}" for broker in ids]),
        CPU_PERCENT,
        15,
        Severity.WARNING,
        f"A broker of the stream {store} has been above {CPU_PERCENT} % CPU for a quarter of an hour: when another one"
        " is away, it could not take over.",
    )
    for role, letter, metric, percent, severity, problem in (
        ("storage", "d", "KafkaDataLogsDiskUsed", STORAGE_PERCENT, Severity.CRITICAL, "when it is full, it stops"),
        ("heap", "h", "HeapMemoryAfterGC", HEAP_PERCENT, Severity.WARNING, "it may run out of memory"),
    ):
        read = metrics(letter, metric, "Maximum")
        meaning = f"A broker of the stream {store} uses more than {percent} % of its {role}: {problem}."
        yield worst(role, read, _highest([*read]), percent, 5, severity, meaning)
    read = metrics("c", "ClientConnectionCount", "Sum", **{"Client Authentication": "IAM"})
    most = int(CONNECTIONS * CONNECTIONS_SHARE)
    yield worst(
        "connections",
        read,
        _highest([*read]),
        most,
        5,
        Severity.WARNING,
        f"A broker of the stream {store} has more than {most} of the {CONNECTIONS} connections that it takes.",
    )
    read = metrics("r", "UnderReplicatedPartitions", "Maximum")
    yield worst(
        "replicas",
        read,
        _highest([*read]),
        0,
        15,
        Severity.WARNING,
        f"Topics of the stream {store} have had copies that lag for a quarter of an hour: a broker that fails now may"
        " take messages with it.",
    )


def _highest(values: list[str]) -> str:
    return values[0] if len(values) == 1 else f"MAX([{', '.join(values)}])"
