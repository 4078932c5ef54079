"""How long a first deployment takes and why: the engine's schedule over the true dependency edges of a recording."""

import heapq
from collections.abc import Mapping, Sequence
from typing import Any

from preflight.simulation import durations

Entry = Mapping[str, Any]

PARALLEL = 16  # what `pulumi up` does at once on four cores: four for each (pulumi 3.2xx, `--parallel`)
_OURSELVES = ("pulumi:pulumi:", "pulumi:providers:")


def timeline(entries: Sequence[Entry], parallel: int = PARALLEL) -> dict[str, Any]:
    """The `timeline` section of a stack, from the resources of its report.

    Seconds are medians of what was observed; `low` and `high` take the least and most for every resource, which no real
    deployment does. `chain` is the longest chain of resources that wait for each other, whatever runs beside it.
    """
    graph = {entry["urn"]: entry for entry in entries}
    waits = {urn: _waits(entry, graph) for urn, entry in graph.items()}
    took = {urn: _duration(entry) for urn, entry in graph.items()}
    began, ended = _schedule(waits, {urn: each.typical for urn, each in took.items()}, parallel)
    shown = sorted(
        (urn for urn, entry in graph.items() if entry["custom"] and not entry["type"].startswith(_OURSELVES)),
        key=lambda urn: (began[urn], ended[urn], urn),
    )
    return {
        "parallel": parallel,
        "seconds": _whole(max(ended.values(), default=0)),
        "low": _whole(max(_schedule(waits, {u: d.low for u, d in took.items()}, parallel)[1].values(), default=0)),
        "high": _whole(max(_schedule(waits, {u: d.high for u, d in took.items()}, parallel)[1].values(), default=0)),
        "chain": _chain(waits, took, set(shown)),
        "steps": [
            {
                "urn": urn,
                "start": _tenth(began[urn]),
                "end": _tenth(ended[urn]),
                "confidence": durations.confidence(graph[urn]["type"]),
            }
            for urn in shown
        ],
    }


def _duration(entry: Entry) -> durations.Duration:
    read = (entry.get("options") or {}).get("external")
    if not entry["custom"] or read or entry["type"].startswith(_OURSELVES):
        return durations.Duration(0, 0, 0)
    return durations.of(entry["type"], "create", entry.get("inputs") or {})


def _waits(entry: Entry, graph: Mapping[str, Entry]) -> set[str]:
    """What must be there before the engine is asked for a resource: what its inputs came from, what it names in
    `depends_on`, its parent and its provider."""
    options = entry.get("options") or {}
    found = {
        entry.get("parent"),
        options.get("provider"),
        *(options.get("providers") or {}).values(),
        *(entry.get("dependencies") or ()),
        *(urn for urns in (entry.get("propertyDependencies") or {}).values() for urn in urns),
    }
    return {urn for urn in found if isinstance(urn, str) and urn in graph and urn != entry["urn"]}


def _schedule(
    waits: Mapping[str, set[str]], took: Mapping[str, float], parallel: int
) -> tuple[dict[str, float], dict[str, float]]:
    """When each begins and ends: whoever is ready first begins first, `parallel` at a time. What takes no time needs no
    place."""
    run = _Run(waits, took)
    running: list[tuple[float, str]] = []
    now = 0.0
    while run.ready or running:
        while run.ready and len(running) < parallel:
            _, urn = heapq.heappop(run.ready)
            run.began[urn] = now
            heapq.heappush(running, (now + took[urn], urn))
        now, urn = heapq.heappop(running)
        run.end(urn, now)
    return run.began, run.ended


class _Run:
    """Who is ready, who has begun, who has ended."""

    def __init__(self, waits: Mapping[str, set[str]], took: Mapping[str, float]) -> None:
        self._took = took
        self._left = {urn: len(needs) for urn, needs in waits.items()}
        self._waiting: dict[str, list[str]] = {}
        for urn, needs in waits.items():
            for need in needs:
                self._waiting.setdefault(need, []).append(urn)
        self.ready: list[tuple[float, str]] = []
        self.began: dict[str, float] = {}
        self.ended: dict[str, float] = {}
        for urn in [urn for urn, needs in waits.items() if not needs]:
            self._begin(urn, 0.0)

    def end(self, urn: str, now: float) -> None:
        """Lets those begin that waited for it only."""
        self.ended[urn] = now
        for other in self._waiting.get(urn, ()):
            self._left[other] -= 1
            if not self._left[other]:
                self._begin(other, now)

    def _begin(self, urn: str, now: float) -> None:
        if self._took[urn]:
            heapq.heappush(self.ready, (now, urn))
        else:
            self.began[urn] = now
            self.end(urn, now)


def _chain(waits: Mapping[str, set[str]], took: Mapping[str, durations.Duration], shown: set[str]) -> dict[str, Any]:
    """The longest chain, with as many at once as there are."""
    began, ended = _schedule(waits, {urn: each.typical for urn, each in took.items()}, len(waits) + 1)
    links: list[dict[str, Any]] = []
    last = max(ended, key=lambda urn: (ended[urn], urn), default=None)
    while last is not None:
        if last in shown:
            links.append({"urn": last, "start": _tenth(began[last]), "end": _tenth(ended[last])})
        before = [urn for urn in waits[last] if ended[urn] == began[last]]
        last = max(before, key=lambda urn: (took[urn].typical, urn), default=None) if began[last] else None
    links.reverse()
    return {"seconds": _whole(max(ended.values(), default=0)), "links": links}


def _whole(seconds: float) -> int:
    return round(seconds)


def _tenth(seconds: float) -> float:
    return round(seconds, 1)
