"""When each resource of a first deployment begins and ends: who waits for whom, and whose turn it is.

How the engine and the Python SDK do it (3.259): the SDK asks the engine for a resource as soon as everything is there
that it waits for, and what becomes ready at once asks in the order of the program. The engine takes what it was asked
for in the order in which it was asked (`incomingChains` of resource/deploy/step_executor.go, with a worker for each of
`--parallel`; the SDK's own threads, four times as many, keep that order). All stand in that one queue: a component
takes no time, but its turn has to come before its children may ask. What ends at once ends in the order in which it
began.
"""

import heapq
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Entry = Mapping[str, Any]
Times = Mapping[str, float]

PARALLEL = 16
"""Resources at a time unless somebody says another number: what the Makefile tells the engine. Told nothing, the engine
takes four for each processor of the machine that it runs on (`defaultParallel`, cmd/pulumi/operations/up.go, 3.259)."""
PARALLEL_SAID = "PULUMI_PARALLEL"
"""Environment variable by which the engine is told; `--parallel` goes before it, there as here."""


def waits(entries: Iterable[Entry], awaited: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    """By URN, what must be there before the engine is asked for a resource: what its inputs came from, what it names in
    `depends_on`, its parent, its provider, and what a callback that makes it was called with (`awaited`).

    Of a component that another process makes nothing is known outside before all of its children are there. That is
    left out where it would be a circle: the program itself has put something into such a component then.
    """
    graph = {entry["urn"]: entry for entry in entries}
    elsewhere = {urn for urn, entry in graph.items() if entry.get("remote")}
    within = {urn: around for urn in graph if elsewhere and (around := elsewhere & _upwards(urn, graph))}
    found: dict[str, set[str]] = {}
    whole: dict[str, set[str]] = {}
    for urn, entry in graph.items():
        needs = {need for need in _named(entry, awaited.get(urn, ())) if need in graph and need != urn}
        outer = {above for need in needs & within.keys() for above in within[need]} - within.get(urn, set())
        found[urn] = needs
        whole[urn] = needs.union(other for other, above in within.items() if outer & above) if outer else needs
    if not within or len(schedule(whole, dict.fromkeys(whole, 0.0), [*whole], 1)[1]) < len(whole):
        return found
    return whole


def _named(entry: Entry, awaited: Sequence[str]) -> set[Any]:
    options = entry.get("options") or {}
    return {
        entry.get("parent"),
        options.get("provider"),
        *(options.get("providers") or {}).values(),
        options.get("deletedWith"),
        *(entry.get("dependencies") or ()),
        *(urn for urns in (entry.get("propertyDependencies") or {}).values() for urn in urns),
        *awaited,
    }


def _upwards(urn: str | None, graph: Mapping[str, Entry]) -> set[str]:
    """The resource and all that it is in."""
    found: set[str] = set()
    while urn is not None and urn in graph and urn not in found:
        found.add(urn)
        urn = graph[urn].get("parent")
    return found


def schedule(
    needs: Mapping[str, set[str]], took: Times, order: Sequence[str], parallel: int
) -> tuple[dict[str, float], dict[str, float]]:
    """When each begins and ends, `parallel` at a time; `order` is that of the program."""
    left = {urn: len(needs[urn]) for urn in order}
    waiting: dict[str, list[str]] = {}
    for urn in order:
        for need in needs[urn]:
            waiting.setdefault(need, []).append(urn)
    queue = deque(urn for urn in order if not left[urn])
    running: list[tuple[float, int, str]] = []
    began: dict[str, float] = {}
    ended: dict[str, float] = {}
    now = 0.0
    while queue or running:
        while queue and len(running) < parallel:
            urn = queue.popleft()
            began[urn] = now
            heapq.heappush(running, (now + took[urn], len(began), urn))
        now, _, urn = heapq.heappop(running)
        ended[urn] = now
        for other in waiting.get(urn, ()):
            left[other] -= 1
            if not left[other]:
                queue.append(other)
    return began, ended
