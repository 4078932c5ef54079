"""How long a first deployment takes and why: the engine's schedule over the true dependency edges of a recording."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from preflight import turns
from preflight.simulation import durations
from preflight.turns import PARALLEL

Entry = Mapping[str, Any]

_OURSELVES = ("pulumi:pulumi:", "pulumi:providers:")


def timeline(
    entries: Sequence[Entry],
    parallel: int = PARALLEL,
    order: Sequence[str] = (),
    awaited: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> dict[str, Any]:
    """The `timeline` section of a stack, from the resources of its report; `order` and `awaited` are those of the
    recording. What `order` does not have comes last, as it stands in `entries`.

    Seconds are medians of what was observed; `low` and `high` take the least and most for every resource, which no real
    deployment does. `chain` is the longest chain of resources that wait for each other, whatever runs beside it.
    """
    graph = {entry["urn"]: entry for entry in entries}
    waits = turns.waits(entries, awaited)
    parents = {entry.get("parent") for entry in entries}
    closed = {urn for urn, entry in graph.items() if entry.get("remote") and urn not in parents}
    inside = {urn: durations.of_closed(graph[urn]["type"], graph[urn].get("inputs") or {}) for urn in closed}
    timed = {urn: took for urn, took in inside.items() if took is not None}
    took = {urn: timed.get(urn) or _duration(entry) for urn, entry in graph.items()}
    said = dict.fromkeys(urn for urn in order if urn in graph)
    queue = [*said, *(urn for urn in graph if urn not in said)]

    def last(takes: Mapping[str, float]) -> int:
        return _whole(max(turns.schedule(waits, takes, queue, parallel)[1].values(), default=0))

    typical = {urn: each.typical for urn, each in took.items()}
    began, ended = turns.schedule(waits, typical, queue, parallel)
    shown = sorted(
        (urn for urn, entry in graph.items() if urn in timed or _is_made(entry)),
        key=lambda urn: (began[urn], ended[urn], urn),
    )
    return {
        "parallel": parallel,
        "seconds": _whole(max(ended.values(), default=0)),
        "low": last({urn: each.low for urn, each in took.items()}),
        "high": last({urn: each.high for urn, each in took.items()}),
        "chain": _chain(waits, typical, queue, set(shown)),
        "steps": [
            {
                "urn": urn,
                "start": _tenth(began[urn]),
                "end": _tenth(ended[urn]),
                "confidence": durations.confidence(graph[urn]["type"]),
            }
            for urn in shown
        ],
        "notCounted": sorted(closed - timed.keys()),
    }


def _is_made(entry: Entry) -> bool:
    return entry["custom"] and not entry["type"].startswith(_OURSELVES)


def _duration(entry: Entry) -> durations.Duration:
    read = (entry.get("options") or {}).get("external")
    if read or not _is_made(entry):
        return durations.Duration(0, 0, 0)
    return durations.of(entry["type"], "create", entry.get("inputs") or {})


def _chain(
    waits: Mapping[str, set[str]], took: Mapping[str, float], order: Sequence[str], shown: set[str]
) -> dict[str, Any]:
    """The longest chain, with as many at once as there are."""
    began, ended = turns.schedule(waits, took, order, len(waits) + 1)
    links: list[dict[str, Any]] = []
    last = max(ended, key=lambda urn: (ended[urn], urn), default=None)
    while last is not None:
        if last in shown:
            links.append({"urn": last, "start": _tenth(began[last]), "end": _tenth(ended[last])})
        before = [urn for urn in waits[last] if ended[urn] == began[last]]
        last = max(before, key=lambda urn: (took[urn], urn), default=None) if began[last] else None
    links.reverse()
    return {"seconds": _whole(max(ended.values(), default=0)), "links": links}


def _whole(seconds: float) -> int:
    return round(seconds)


def _tenth(seconds: float) -> float:
    return round(seconds, 1)
