"""The few words that stand on a drawn thing: how many there are, and how big. What is not known is left out."""

from collections.abc import Iterator, Mapping
from typing import Any

from preflight.reach import Surroundings
from preflight.reach.graph import Node, known, maps
from preflight.reach.services import TASK, TEMPLATE
from preflight.reach.store_kinds import CLUSTER, DATABASE
from preflight.reach.stores import Store
from preflight.resilience.parts import CLUSTER_INSTANCE

_MIB = 1024
_ENGINES = {
    "postgres": "PostgreSQL", "aurora-postgresql": "Aurora PostgreSQL", "mysql": "MySQL",
    "aurora-mysql": "Aurora MySQL", "mariadb": "MariaDB", "redis": "Redis", "valkey": "Valkey",
    "memcached": "Memcached",
}  # fmt: skip


def within(inputs: Any, path: str) -> Any:
    """The value at a path of keys, in the first block where there are several; None where there is none."""
    for key in path.split("."):
        block = next(maps(inputs), None)
        if block is None:
            return None
        inputs = block.get(key)
    return inputs


def tasks(around: Surroundings, node: Node) -> list[str]:
    """Of an ECS service."""
    target = around.scaled.get(node.urn)
    if target is not None:
        count = _span(target.inputs.get("minCapacity"), target.inputs.get("maxCapacity"), "task")
    else:
        count = _count(node.inputs.get("desiredCount"), "task")
    spot = any(
        within(block, "capacityProvider") == "FARGATE_SPOT" and within(block, "weight") not in (0, "0")
        for block in maps(node.inputs.get("capacityProviderStrategies"))
    )
    definition = around.graph.link(node, "taskDefinition", TASK).one
    return _some(count, *_size(definition), "Spot" if spot else None)


def schedule(around: Surroundings, node: Node) -> list[str]:
    """Of a task that EventBridge starts."""
    when = node.text("scheduleExpression")
    definition = next(
        (each for urn in node.edges.get("target", ()) if (each := around.graph.at(urn)) and each.kind == TASK), None
    )
    return _some(when, *_size(definition))


def function(_around: Surroundings, node: Node) -> list[str]:
    """Of a Lambda function."""
    runtime = node.text("runtime") or ("container image" if node.text("packageType") == "Image" else None)
    architectures = node.inputs.get("architectures")
    first = architectures[0] if isinstance(architectures, list) and architectures else None
    return _some(_memory(node.inputs.get("memorySize", 128)), runtime, first if isinstance(first, str) else None)


def fleet(around: Surroundings, node: Node) -> list[str]:
    """Of an Auto Scaling group."""
    count = _span(node.inputs.get("minSize"), node.inputs.get("maxSize"), "instance")
    templates = [
        each
        for key in ("launchTemplate", "mixedInstancesPolicy")
        for urn in node.edges.get(key, ())
        if (each := around.graph.at(urn)) and each.kind == TEMPLATE
    ]
    return _some(count, templates[0].text("instanceType") if templates else None)


def nodes(node: Node) -> list[str]:
    """Of a managed group of Kubernetes nodes."""
    sizes = [within(node.inputs, f"scalingConfig.{key}") for key in ("minSize", "maxSize")]
    types = node.inputs.get("instanceTypes")
    first = types[0] if isinstance(types, list) and types else None
    return _some(_span(sizes[0], sizes[1], "node"), _text(first))


def instance(_around: Surroundings, node: Node) -> list[str]:
    """Of an EC2 instance."""
    return _some(node.text("instanceType"))


def store(around: Surroundings, found: Store) -> list[str]:
    """Of a store."""
    return _some(*_of_store(around, found.node))


def _of_store(around: Surroundings, node: Node) -> Iterator[str | None]:
    given = node.inputs
    engine = node.text("engine")
    if engine:
        version = str(node.inputs.get("engineVersion") or "") if known(node.inputs.get("engineVersion") or "") else ""
        yield f"{_ENGINES.get(engine, engine)} {version}".rstrip()
    if node.kind == CLUSTER:
        yield _count(len(around.graph.owned(node, CLUSTER_INSTANCE, "clusterIdentifier")) or None, "instance")
        block = within(given, "serverlessv2ScalingConfiguration")
        if block is not None:
            yield _range(within(block, "minCapacity"), within(block, "maxCapacity"), "ACU")
    for key in ("instanceClass", "nodeType", "dbClusterInstanceClass"):
        yield node.text(key)
    if node.kind == DATABASE:
        yield _unit(given.get("allocatedStorage"), "GiB")
        yield "two zones" if given.get("multiAz") is True else None
    nodes = given.get("numCacheClusters") or given.get("numCacheNodes")
    yield _count(nodes, "node") if nodes else None
    yield _count(given.get("numberOfNodes"), "node")
    yield _count(within(given, "clusterConfig.instanceCount"), "node")
    yield _text(within(given, "clusterConfig.instanceType"))
    yield _count(given.get("shardCount"), "shard")
    yield _count(given.get("numberOfBrokerNodes"), "broker")
    yield _text(within(given, "brokerNodeGroupInfo.instanceType"))
    if given.get("fifoQueue") is True or given.get("fifoTopic") is True:
        yield "FIFO"
    if node.kind.startswith("aws:dynamodb/"):
        yield "provisioned" if given.get("billingMode", "PROVISIONED") == "PROVISIONED" else "on demand"


def _size(definition: Node | None) -> tuple[str | None, ...]:
    if definition is None:
        return ()
    cpu: Any = definition.inputs.get("cpu")
    architecture = _text(within(definition.inputs, "runtimePlatform.cpuArchitecture"))
    size = f"{int(cpu) / _MIB:g} vCPU" if _number(cpu) else None
    return size, _memory(definition.inputs.get("memory")), architecture.lower() if architecture else None


def _memory(value: Any) -> str | None:
    if not _number(value):
        return None
    mib = int(value)
    return f"{mib / _MIB:g} GiB" if mib >= _MIB // 2 and mib % (_MIB // 2) == 0 else f"{mib} MiB"


def _span(low: Any, high: Any, what: str) -> str | None:
    if not _number(low) or not _number(high):
        return None
    if int(low) == int(high):
        return _count(low, what)
    return f"{int(low)} to {int(high)} {what}s"


def _range(low: Any, high: Any, unit: str) -> str | None:
    if not _number(low) or not _number(high):
        return None
    return f"{float(low):g} to {float(high):g} {unit}"


def _count(value: Any, what: str) -> str | None:
    if not _number(value):
        return None
    return f"{int(value)} {what}" + ("" if int(value) == 1 else "s")


def _unit(value: Any, unit: str) -> str | None:
    return f"{int(value)} {unit}" if _number(value) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any) -> bool:
    if isinstance(value, bool | Mapping) or value is None:
        return False
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _some(*words: str | None) -> list[str]:
    return [word for word in words if word]
