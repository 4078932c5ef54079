"""The dashboard, drawn from the same signals as the alarms: pure, apart from the outputs inside."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import pulumi

from components.contracts import Metric, Signal

# The grid is 24 units wide (CloudWatch API reference, dashboard body structure).
WIDGET_WIDTH = 8
WIDGET_HEIGHT = 6
COLUMNS = 24 // WIDGET_WIDTH
HEADING_HEIGHT = 1


def body(signals: Sequence[Signal], region: str) -> pulumi.Output[str]:
    """The dashboard's JSON: a heading for each runbook topic, below it a graph with its threshold for each signal."""
    return pulumi.Output.json_dumps({"widgets": _widgets(signals, region)}, sort_keys=True, separators=(",", ":"))


def _widgets(signals: Sequence[Signal], region: str) -> list[dict[str, Any]]:
    widgets: list[dict[str, Any]] = []
    y = 0
    for runbook, group in groupby(sorted(signals, key=_order), key=lambda signal: signal.runbook):
        members = list(group)
        heading = f"**{runbook.removesuffix('.md')}**: docs/runbooks/{runbook}"
        widgets.append(_at(0, y, 24, HEADING_HEIGHT) | {"type": "text", "properties": {"markdown": heading}})
        y += HEADING_HEIGHT
        for index, signal in enumerate(members):
            place = _at(
                index % COLUMNS * WIDGET_WIDTH, y + index // COLUMNS * WIDGET_HEIGHT, WIDGET_WIDTH, WIDGET_HEIGHT
            )
            widgets.append(place | {"type": "metric", "properties": _graph(signal, region)})
        y += -(-len(members) // COLUMNS) * WIDGET_HEIGHT
    return widgets


def _order(signal: Signal) -> tuple[str, str]:
    return signal.runbook, signal.name


def _at(x: int, y: int, width: int, height: int) -> dict[str, Any]:
    return {"x": x, "y": y, "width": width, "height": height}


def _graph(signal: Signal, region: str) -> dict[str, Any]:
    shown = signal.expression is None
    lines: list[Any] = [
        _line(metric, {"id": id_, "stat": metric.statistic, "period": signal.period_seconds, "visible": shown})
        for id_, metric in signal.metrics.items()
    ]
    if signal.expression is not None:
        lines.append([{"expression": signal.expression, "label": signal.name, "id": "result"}])
    return {
        "title": signal.name,
        "region": region,
        "view": "timeSeries",
        "metrics": lines,
        "annotations": {"horizontal": [{"value": signal.threshold, "label": signal.severity.value}]},
    }


def _line(metric: Metric, options: dict[str, Any]) -> list[Any]:
    """A metric as the dashboard takes it: namespace, name, then each dimension's name and value, then options."""
    pairs = [part for key in sorted(metric.dimensions) for part in (key, metric.dimensions[key])]
    return [metric.namespace, metric.name, *pairs, options]
