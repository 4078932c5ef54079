"""The dashboard: services by searches, the platform by its signals. Pure, apart from the outputs inside."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import pulumi

from components.contracts import Metric, Panel, Search, Signal

# The grid is 24 units wide (CloudWatch API reference, dashboard body structure).
WIDGET_WIDTH = 8
WIDGET_HEIGHT = 6
COLUMNS = 24 // WIDGET_WIDTH
HEADING_HEIGHT = 1


# The same as the alarms look at. A search finds what has sent something within two weeks (AWS, read 2026-11).
SEARCH_SECONDS = 60


def body(signals: Sequence[Signal], panels: Sequence[Panel], region: str) -> pulumi.Output[str]:
    """The dashboard's JSON: the panels by their groups, then a heading for each runbook topic of the signals, and below
    it a graph with its threshold for each."""
    return pulumi.Output.json_dumps(
        {"widgets": _widgets(signals, panels, region)}, sort_keys=True, separators=(",", ":")
    )


def _widgets(signals: Sequence[Signal], panels: Sequence[Panel], region: str) -> list[dict[str, Any]]:
    sections = [
        (f"**{group}**", [_survey(panel, region) for panel in members])
        for group, members in groupby(panels, key=lambda panel: panel.group)
    ]
    sections += [
        (f"**{runbook.removesuffix('.md')}**: docs/runbooks/{runbook}", [_graph(signal, region) for signal in members])
        for runbook, members in groupby(sorted(signals, key=_order), key=lambda signal: signal.runbook)
    ]
    widgets: list[dict[str, Any]] = []
    y = 0
    for heading, graphs in sections:
        widgets.append(_at(0, y, 24, HEADING_HEIGHT) | {"type": "text", "properties": {"markdown": heading}})
        y += HEADING_HEIGHT
        for index, graph in enumerate(graphs):
            place = _at(
                index % COLUMNS * WIDGET_WIDTH, y + index // COLUMNS * WIDGET_HEIGHT, WIDGET_WIDTH, WIDGET_HEIGHT
            )
            widgets.append(place | {"type": "metric", "properties": graph})
        y += -(-len(graphs) // COLUMNS) * WIDGET_HEIGHT
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
        period = {} if signal.metrics else {"period": signal.period_seconds}
        lines.append([{"expression": signal.expression, "label": signal.name, "id": "result", **period}])
    return {
        "title": signal.name,
        "region": region,
        "view": "timeSeries",
        "metrics": lines,
        "annotations": {"horizontal": [{"value": signal.threshold, "label": signal.severity.value}]},
    }


def _survey(panel: Panel, region: str) -> dict[str, Any]:
    return {
        "title": panel.title,
        "region": region,
        "view": "timeSeries",
        "metrics": [
            [{"expression": expression(search), "label": f"${{PROP('Dim.{search.label}')}}", "id": f"found{position}"}]
            for position, search in enumerate(panel.searches)
        ],
        "annotations": {"horizontal": [{"value": value, "label": meaning} for meaning, value in panel.lines.items()]},
    }


def expression(search: Search) -> pulumi.Output[str]:
    """The search as CloudWatch takes it: 1024 characters at most, and it finds 500 lines at most (AWS, 2026-11)."""
    terms: list[pulumi.Input[str]] = [f'MetricName="{search.name}"']
    terms += [pulumi.Output.concat(f'{key}="', value, '"') for key, value in sorted(search.exactly.items())]
    terms += [f"{key}={word}" for key, found in sorted(search.words.items()) for word in found]
    schema = ",".join((search.namespace, *search.dimensions))
    spaced = [part for term in terms for part in (" ", term)]
    return pulumi.Output.concat(f"SEARCH('{{{schema}}}", *spaced, f"', '{search.statistic}', {SEARCH_SECONDS})")


def _line(metric: Metric, options: dict[str, Any]) -> list[Any]:
    """A metric as the dashboard takes it: namespace, name, then each dimension's name and value, then options."""
    pairs = [part for key in sorted(metric.dimensions) for part in (key, metric.dimensions[key])]
    return [metric.namespace, metric.name, *pairs, options]
