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
# What CloudWatch takes on one dashboard (service quotas, read 2026-11).
WIDGETS_MOST, LINES_MOST = 500, 2500

_Section = tuple[str, list[dict[str, Any]]]
"""A heading, and the graphs below it."""

# The same as the alarms look at. A search finds what has sent something within two weeks (AWS, read 2026-11).
SEARCH_SECONDS = 60


def bodies(signals: Sequence[Signal], panels: Sequence[Panel], region: str) -> list[pulumi.Output[str]]:
    """The dashboard's JSON: the panels by their groups, then a heading for each runbook topic of the signals, and below
    it a graph with its threshold for each. What is too much for one goes on in further ones."""
    return [
        pulumi.Output.json_dumps({"widgets": _widgets(page)}, sort_keys=True, separators=(",", ":"))
        for page in _pages(_sections(signals, panels, region))
    ]


def _pages(sections: Sequence[_Section]) -> list[list[_Section]]:
    """The sections in their order, one that is cut with its heading on both pages."""
    pages: list[list[_Section]] = [[]]
    widgets = lines = 0
    for heading, graphs in sections:
        pages[-1].append((heading, []))
        widgets += 1
        for graph in graphs:
            if widgets + 1 > WIDGETS_MOST or lines + len(graph["metrics"]) > LINES_MOST:
                if not pages[-1][-1][1]:
                    pages[-1].pop()
                pages.append([(heading, [])])
                widgets, lines = 1, 0
            pages[-1][-1][1].append(graph)
            widgets, lines = widgets + 1, lines + len(graph["metrics"])
    return pages


def _sections(signals: Sequence[Signal], panels: Sequence[Panel], region: str) -> list[_Section]:
    sections = [
        (f"**{group}**", [_survey(panel, region) for panel in members])
        for group, members in groupby(panels, key=lambda panel: panel.group)
    ]
    sections += [
        (f"**{runbook.removesuffix('.md')}**: docs/runbooks/{runbook}", [_graph(signal, region) for signal in members])
        for runbook, members in groupby(sorted(signals, key=_order), key=lambda signal: signal.runbook)
    ]
    return sections


def _widgets(sections: Sequence[_Section]) -> list[dict[str, Any]]:
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
