"""What is worth watching on a table. Metrics and periods are those of CloudWatch's recommended alarms (2026-09)."""

from collections.abc import Sequence

import pulumi

from components.contracts import Metric, Severity, Signal
from settings.dynamo_tables import OnDemandSettings, ProvisionedSettings, TableSettings

_NAMESPACE = "AWS/DynamoDB"
_MINUTE = 60
# An alarm reads ten metrics at most (CloudWatch limits, 2026-11), two for the table or an index.
_PLACES_AN_ALARM = 5
# Ours: of what a provisioned table can do in a minute at its most, refused in that minute.
_REFUSED_SHARE = 0.01
# Ours: of the most units, in use for a quarter of an hour.
_USED_SHARE = 0.8


def signals(name: str, store: str, settings: TableSettings, table: pulumi.Input[str]) -> list[Signal]:
    """Requests that were refused, failures of AWS's, and units in use, where there is a most of them."""
    return [
        *_throttles(name, store, settings, table),
        _failures(name, store, table),
        *_used(name, store, settings, table),
    ]


def _throttles(name: str, store: str, settings: TableSettings, table: pulumi.Input[str]) -> list[Signal]:
    """Of the table and its global indexes: an index that cannot follow holds up whoever writes into the table."""
    places: list[dict[str, pulumi.Input[str]]] = [
        {"TableName": table},
        *({"TableName": table, "GlobalSecondaryIndexName": index} for index in sorted(settings.indexes)),
    ]
    found = []
    for number, start in enumerate(range(0, len(places), _PLACES_AN_ALARM), start=1):
        some = places[start : start + _PLACES_AN_ALARM]
        metrics = {
            f"{kind[0].lower()}{place}": Metric(
                namespace=_NAMESPACE, name=f"{kind}ThrottleEvents", statistic="Sum", dimensions=dimensions
            )
            for place, dimensions in enumerate(some)
            for kind in ("Read", "Write")
        }
        found.append(
            Signal(
                name=f"{name}-throttled" if number == 1 else f"{name}-throttled-{number}",
                metrics=metrics,
                expression=" + ".join(f"FILL({metric}, 0)" for metric in metrics),
                comparison="GreaterThanThreshold",
                threshold=_refused(settings),
                period_seconds=_MINUTE,
                evaluation_periods=5,
                datapoints_to_alarm=3,
                missing="notBreaching",
                severity=Severity.WARNING,
                meaning=f"Requests to the table {store} were refused in three of five minutes: it is asked for more"
                " than it may give, or all of it under one key.",
                runbook="table-throttled.md",
            )
        )
    return found


def _refused(settings: TableSettings) -> float:
    capacity = settings.capacity
    if isinstance(capacity, ProvisionedSettings):
        return float(int(_MINUTE * (capacity.read.max + capacity.write.max) * _REFUSED_SHARE))
    return 0.0


def _failures(name: str, store: str, table: pulumi.Input[str]) -> Signal:
    return Signal(
        name=f"{name}-failures",
        metrics={
            "failures": Metric(
                namespace=_NAMESPACE, name="SystemErrors", statistic="Sum", dimensions={"TableName": table}
            )
        },
        comparison="GreaterThanThreshold",
        threshold=0,
        period_seconds=_MINUTE,
        evaluation_periods=15,
        datapoints_to_alarm=15,
        missing="notBreaching",
        severity=Severity.WARNING,
        meaning=f"DynamoDB has failed requests to the table {store} for a quarter of an hour, by its own fault.",
        runbook="table-throttled.md",
    )


def _used(name: str, store: str, settings: TableSettings, table: pulumi.Input[str]) -> Sequence[Signal]:
    capacity = settings.capacity
    if isinstance(capacity, OnDemandSettings):
        most = {"Read": capacity.max_read_units, "Write": capacity.max_write_units}
    else:
        most = {"Read": capacity.read.max, "Write": capacity.write.max}
    return [
        Signal(
            name=f"{name}-{kind.lower()}-units",
            metrics={
                "used": Metric(
                    namespace=_NAMESPACE,
                    name=f"Consumed{kind}CapacityUnits",
                    statistic="Sum",
                    dimensions={"TableName": table},
                )
            },
            comparison="GreaterThanThreshold",
            threshold=_MINUTE * units * _USED_SHARE,
            period_seconds=_MINUTE,
            evaluation_periods=15,
            datapoints_to_alarm=15,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"The table {store} has used more than 80 % of its most {kind.lower()} units ({units} a second) for"
            " a quarter of an hour: soon it refuses requests.",
            runbook="table-throttled.md",
        )
        for kind, units in most.items()
        if units is not None
    ]
