"""Metrics that the CloudWatch agent of an instance sends, read from the configuration in its user data: each is charged
as a custom metric, by the hour (CloudWatch price page, read 2026-11)."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

_MARK = '"metrics_collected"'
_HOST = "host"
_OF_ONE = frozenset({_HOST, "InstanceId", "ImageId"})  # dimensions that tell instances of a group apart


class Series(NamedTuple):
    """How many metrics there are: whatever the number of instances, and for each of them. A metric is a name with one
    set of dimensions."""

    shared: int
    each: int


def series(user_data: object) -> Series:
    """The metrics of an agent's configuration in user data, encoded or not; none where there is no such text. Of
    resources that are named by ``*`` one is counted, of a plugin without measurements one metric."""
    sets = {found for config in _configurations(user_data) for found in _metrics(config)}
    each = sum(bool(dimensions & _OF_ONE) for _, dimensions in sets)
    return Series(len(sets) - each, each)


Metric = tuple[str, frozenset[str]]


def _configurations(user_data: object) -> Iterator[Mapping[str, Any]]:
    text = _decoded(user_data) if isinstance(user_data, str) else ""
    decoder = json.JSONDecoder()
    end = 0
    while (mark := text.find(_MARK, end)) >= 0:
        end = mark + len(_MARK)
        start = text.rfind("\n{", 0, mark) + 1  # as a document of its own, else from the brace before it
        for begin in (start, text.rfind("{", 0, text.rfind('"metrics"', 0, mark))):
            try:
                found, end = decoder.raw_decode(text, max(begin, 0))
            except ValueError:
                continue
            if isinstance(found, dict) and isinstance(found.get("metrics"), dict):
                yield found
                break


def _decoded(text: str) -> str:
    if _MARK in text:
        return text
    try:
        return base64.b64decode(text, validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return text


def _metrics(config: Mapping[str, Any]) -> Iterator[Metric]:
    metrics = config["metrics"]
    agent = config.get("agent")
    host = set() if isinstance(agent, dict) and agent.get("omit_hostname") is True else {_HOST}
    everywhere = {*(metrics.get("append_dimensions") or {})}
    rollups = [frozenset(names) for names in metrics.get("aggregation_dimensions") or () if isinstance(names, list)]
    collected = metrics.get("metrics_collected")
    for plugin, given in collected.items() if isinstance(collected, dict) else ():
        settings = given if isinstance(given, dict) else {}
        own = {*(settings.get("append_dimensions") or {})}
        for measurement in settings.get("measurement") or [""]:
            name = measurement.get("name", "") if isinstance(measurement, dict) else measurement
            for resource in settings.get("resources") or [""]:
                dimensions = host | everywhere | own | ({f"{plugin}={resource}"} if resource else set())
                yield f"{plugin}_{name}", frozenset(dimensions)
                for rollup in rollups:
                    if rollup <= dimensions:
                        yield f"{plugin}_{name}", rollup
