"""What is worth watching on a cache. Thresholds follow the size of its nodes, or its limits."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple

import pulumi

from components.contracts import Metric, Severity, Signal
from settings import tables
from settings.caches import CacheSettings, ServerlessCacheSettings

Dimensions = Mapping[str, pulumi.Input[str]]

_NAMESPACE = "AWS/ElastiCache"
MEMORY_PERCENT = 80  # ours: AWS leaves it to the owner (recommended alarms, 2026-09)
CPU_PERCENT = 90
MANY_CORES = 4  # from here on AWS watches the one core that the engine runs on
CONNECTIONS_SHARE = 0.9
LAG_SECONDS = 2  # ours
EVICTIONS = 100  # a minute, ours: AWS leaves it to the owner
HIT_PERCENT = 80
HITS_LEAST = 1000  # reads a minute on a node, below which the rate says nothing; ours
LIMIT_SHARE = 0.8  # ours
_RUNBOOKS = {"evictions": "memory", "units": "cpu", "throttled": "cpu", "lag": "cpu"}
# An alarm takes ten metrics, its expression among them (CloudWatch user guide, alarm quotas, 2026-09).
_NODES_AT_ONCE = 9
_PAIRS_AT_ONCE = 4


class _Watched(NamedTuple):
    """One metric and its bound, for so many minutes."""

    topic: str
    metric: str
    statistic: str
    threshold: float
    minutes: int
    severity: Severity
    meaning: str


def of_nodes(name: str, store: str, settings: CacheSettings, identifier: pulumi.Output[str]) -> list[Signal]:
    """One signal for each thing that can go wrong on any node; a large cache has one for each nine of them."""
    assert settings.node_type is not None, "nodes have a type"
    nodes = _nodes(settings, identifier)
    node = tables.cache_nodes().get(settings.node_type)
    cores = node.vcpu if node else MANY_CORES
    engine_cpu = cores >= MANY_CORES
    cpu, percent = ("EngineCPUUtilization", CPU_PERCENT) if engine_cpu else ("CPUUtilization", CPU_PERCENT / cores)
    connections = tables.cache_node_connections() * CONNECTIONS_SHARE
    warning, critical = Severity.WARNING, Severity.CRITICAL
    full = f"A node of the cache {store} has used over {MEMORY_PERCENT} % of its memory: soon it evicts keys."
    crowded = f"A node of the cache {store} has almost as many clients as it takes: soon it refuses new ones."
    busy = f"A node of the cache {store} is busy: commands wait for each other."
    behind = f"A replica of the cache {store} is more than {LAG_SECONDS} s behind: a failover would lose that much."
    watched = [
        _Watched("memory", "DatabaseMemoryUsagePercentage", "Average", MEMORY_PERCENT, 5, critical, full),
        _Watched("cpu", cpu, "Average", percent, 5, warning, busy),
        _Watched("connections", "CurrConnections", "Average", connections, 10, critical, crowded),
        _Watched("evictions", "Evictions", "Sum", EVICTIONS, 15, warning, _evicting(store)),
    ]
    if (settings.nodes or 1) > 1:
        watched.append(_Watched("lag", "ReplicationLag", "Average", LAG_SECONDS, 15, warning, behind))
    return [
        *(
            _signal(f"{name}-{each.topic}{part}", each, [{"CacheClusterId": node} for node in some])
            for each in watched
            for part, some in _parts(nodes, _NODES_AT_ONCE)
        ),
        *(_hit_rate(f"{name}-hits{part}", store, some) for part, some in _parts(nodes, _PAIRS_AT_ONCE)),
    ]


def of_serverless(name: str, store: str, limits: ServerlessCacheSettings, cache: pulumi.Output[str]) -> list[Signal]:
    """Nearness to both limits, what is beyond them, and how often something is found."""

    dimensions = {"clusterId": cache}
    size, units = limits.max_gigabytes * 10**9 * LIMIT_SHARE, limits.max_ecpu_per_second * 60 * LIMIT_SHARE
    full = f"The cache {store} holds over 80 % of its {limits.max_gigabytes} GB: soon it evicts keys."
    busy = f"The cache {store} does over 80 % of its {limits.max_ecpu_per_second} units a second."
    refusing = f"The cache {store} refuses commands: it is at its limit of {limits.max_ecpu_per_second} units a second."
    watched = [
        _Watched("memory", "BytesUsedForCache", "Maximum", size, 5, Severity.CRITICAL, full),
        _Watched("units", "ElastiCacheProcessingUnits", "Sum", units, 5, Severity.WARNING, busy),
        _Watched("throttled", "ThrottledCmds", "Sum", 0, 5, Severity.CRITICAL, refusing),
        _Watched("evictions", "Evictions", "Sum", EVICTIONS, 15, Severity.WARNING, _evicting(store)),
    ]
    rate = {"h": _metric("CacheHitRate", "Average", dimensions), "c": _metric("TotalCmdsCount", "Sum", dimensions)}
    return [
        *(_signal(f"{name}-{each.topic}", each, [dimensions]) for each in watched),
        _rate(f"{name}-hits", store, rate, f"IF(c > {HITS_LEAST}, h, 100)"),
    ]


def _evicting(store: str) -> str:
    return f"The cache {store} has thrown keys away for a quarter of an hour: it is too small for what it holds."


def _nodes(settings: CacheSettings, identifier: pulumi.Output[str]) -> list[pulumi.Output[str]]:
    """How ElastiCache calls the nodes of a replication group (its guide, 2026-09)."""
    numbers = range(1, (settings.nodes or 1) + 1)
    if settings.shards is None:
        return [pulumi.Output.concat(identifier, f"-{node:03}") for node in numbers]
    shards = range(1, settings.shards + 1)
    return [pulumi.Output.concat(identifier, f"-{shard:04}-{node:03}") for shard, node in product(shards, numbers)]


def _parts(nodes: Sequence[pulumi.Output[str]], size: int) -> list[tuple[str, Sequence[pulumi.Output[str]]]]:
    parts = [nodes[start : start + size] for start in range(0, len(nodes), size)]
    return [(f"-{number}" if len(parts) > 1 else "", part) for number, part in enumerate(parts, start=1)]


def _metric(which: str, statistic: str, dimensions: Dimensions) -> Metric:
    return Metric(namespace=_NAMESPACE, name=which, statistic=statistic, dimensions=dimensions)


def _hit_rate(name: str, store: str, nodes: Sequence[pulumi.Output[str]]) -> Signal:
    """Of all these nodes together, as long as anybody reads."""
    metrics = {f"h{i}": _metric("CacheHits", "Sum", {"CacheClusterId": node}) for i, node in enumerate(nodes)}
    metrics |= {f"m{i}": _metric("CacheMisses", "Sum", {"CacheClusterId": node}) for i, node in enumerate(nodes)}
    hits, misses = (f"SUM([{', '.join(f'{letter}{i}' for i in range(len(nodes)))}])" for letter in "hm")
    least = HITS_LEAST * len(nodes)
    return _rate(name, store, metrics, f"IF({hits} + {misses} > {least}, 100 * {hits} / ({hits} + {misses}), 100)")


def _rate(name: str, store: str, metrics: Mapping[str, Metric], expression: str) -> Signal:
    meaning = f"The cache {store} has found less than {HIT_PERCENT} % of what was asked for, for half an hour."
    return Signal(
        name=name,
        metrics=metrics,
        expression=expression,
        comparison="LessThanThreshold",
        threshold=HIT_PERCENT,
        period_seconds=300,
        evaluation_periods=6,
        datapoints_to_alarm=6,
        missing="notBreaching",
        severity=Severity.WARNING,
        meaning=meaning,
        runbook="cache-hits.md",
    )


def _signal(name: str, watched: _Watched, places: Sequence[Dimensions]) -> Signal:
    """The worst of all places."""
    metrics = {f"n{place}": _metric(watched.metric, watched.statistic, where) for place, where in enumerate(places)}
    return Signal(
        name=name,
        metrics=metrics,
        expression=f"MAX([{', '.join(metrics)}])" if len(metrics) > 1 else None,
        comparison="GreaterThanThreshold",
        threshold=watched.threshold,
        period_seconds=60,
        evaluation_periods=watched.minutes,
        datapoints_to_alarm=watched.minutes,
        missing="notBreaching",
        severity=watched.severity,
        meaning=watched.meaning,
        runbook=f"cache-{_RUNBOOKS.get(watched.topic, watched.topic)}.md",
    )
