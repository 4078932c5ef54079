"""Raters of what computes without machines of one's own: ECS, Lambda, EKS, and what starts them."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from preflight.cost import bills, calendar, capacity
from preflight.cost.meters import Unpriced
from preflight.cost.raters import SECONDS, Context, Line, hourly, lines, monthly, rates, told
from preflight.cost.usage import HOURS
from preflight.cost.view import Entry, inputs, maps, number, text
from preflight.yaml_source import SourceError

_TASK = "aws:ecs/taskDefinition:TaskDefinition"
_CLUSTER = "aws:ecs/cluster:Cluster"
_PROVIDERS = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
_FUNCTION = "aws:lambda/function:Function"
_CDN = "aws:cloudfront/distribution:Distribution"
_WORKFLOW_MB = 64  # the least that is counted of an express workflow (price page of Step Functions, read 2026-11)
_PROVISIONED = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"
_SPOT = "FARGATE_SPOT"
# What scales there is counted with the resource; storage of brokers as it begins, for it grows with the data only.
_COUNTED_ELSEWHERE = frozenset({"ecs", "dynamodb", "kafka"})
_CACHE_GROUP = "elasticache:replication-group:"
# The first version of Kubernetes in standard support; those before it are updated by themselves unless they pay for the
# extended one (release calendar of EKS, read 2026-11: 1.33 until 2026-07-29, 1.34 until 2026-12-02).
_STANDARD = (1, 34)
# Metrics of Container Insights, standard (ECS developer guide, read 2026-11): all the time, and more while tasks run
# for each of cluster, service and task family. Metrics are charged by the hour.
_ALWAYS_CLUSTER, _ALWAYS_SERVICE, _BUSY = 3, 5, 10


@rates("aws:ecs/service:Service")
def service(entry: Entry, context: Context) -> Iterator[Line]:
    """Task-hours on Fargate; on EC2 the instances are what costs."""
    given = inputs(entry)
    if given.get("schedulingStrategy") == "DAEMON" or given.get("launchType") in ("EC2", "EXTERNAL"):
        return
    if given.get("launchType") is not None:
        text(entry, "launchType")  # known, or there is no telling what costs
    strategies = capacity.strategies(given.get("capacityProviderStrategies"))
    if not strategies and not given.get("launchType"):
        strategies = _of_cluster(entry, context)
    definition = _definition(entry, "taskDefinition", context)
    if given.get("launchType") == "FARGATE" or not strategies:
        if not given.get("launchType") and "FARGATE" not in (inputs(definition).get("requiresCompatibilities") or ()):
            return
        strategies = [("FARGATE", Decimal(0), Decimal(1))]
    hours = {"FARGATE": Decimal(0), _SPOT: Decimal(0)}
    for share, count in capacity.tasks(entry, context):
        for provider, tasks in capacity.split(count, strategies):
            hours[provider] = hours.get(provider, Decimal(0)) + tasks * share * HOURS
    yield from _on_fargate(entry, definition, hours["FARGATE"], hours[_SPOT], context.usage.spot_discount)
    for managed in (ebs for one in maps(given.get("volumeConfiguration")) for ebs in maps(one.get("managedEbsVolume"))):
        tasks = sum(hours.values(), Decimal(0)) / HOURS
        speed = {"iops": number(managed, "iops", 0), "mibps": number(managed, "throughput", 0)}
        bill = bills.volume(str(managed.get("volumeType") or "gp3"), number(managed, "sizeInGb"), **speed)
        yield from lines([(meter, quantity * tasks) for meter, quantity in bill], "volumes of tasks")


def _of_cluster(entry: Entry, context: Context) -> list[tuple[str, Decimal, Decimal]]:
    """The strategy that the cluster has for services which say nothing of their own."""
    for cluster in context.view.behind(entry, "cluster", _CLUSTER):
        for providers in context.view.naming(cluster, "clusterName", _PROVIDERS):
            return capacity.strategies(inputs(providers).get("defaultCapacityProviderStrategies"))
    return []


def _on_fargate(
    entry: Entry, definition: Entry, on_demand: Decimal, spot: Decimal, discount: Decimal
) -> Iterator[Line]:
    if on_demand:
        yield from lines(_size(definition, on_demand), "tasks on Fargate")
    if spot:
        what = "tasks on Fargate Spot, counted at the regular price less the discount assumed"
        yield from lines(_size(definition, spot * (1 - discount)), what)
    if any(network.get("assignPublicIp") is True for network in maps(inputs(entry).get("networkConfiguration"))):
        yield Line(meter="ipv4.public.in_use.hour", quantity=on_demand + spot, what="public addresses of tasks")


def _definition(entry: Entry, key: str, context: Context) -> Entry:
    found = context.view.behind(entry, key, _TASK)
    if not found:
        named = inputs(entry).get(key)
        raise Unpriced(
            f"its task definition {named if isinstance(named, str) else ''} is not in this program".replace("  ", " ")
        )
    return found[0]


def _size(definition: Entry, hours: Decimal) -> bills.Quantities:
    given = inputs(definition)
    platform = next(maps(given.get("runtimePlatform")), {})
    windows = str(platform.get("operatingSystemFamily") or "LINUX").startswith("WINDOWS")
    storage = next(maps(given.get("ephemeralStorage")), {})
    return bills.fargate(
        hours,
        _units(given.get("cpu"), "cpu", "vcpu"),
        _units(given.get("memory"), "memory", "gb"),
        arm=platform.get("cpuArchitecture") == "ARM64",
        windows=windows,
        ephemeral_gb=number(storage, "sizeInGib", 20),
    )


def _units(value: object, key: str, unit: str) -> Decimal:
    """`1024` or `1 vCPU`, `2 GB`: vCPU or GB."""
    plain = str(value).strip().lower() if isinstance(value, str | int) else ""
    digits = plain.removesuffix(unit).strip()
    if not digits.replace(".", "", 1).isdigit():
        raise Unpriced(f"{key} of its task definition is not known")
    return Decimal(digits) if plain.endswith(unit) else Decimal(digits) / 1024


@rates(_CLUSTER)
def cluster(entry: Entry, context: Context) -> Iterator[Line]:
    """The metrics of Container Insights; a cluster itself is free."""
    modes = [s.get("value") for s in maps(inputs(entry).get("settings")) if s.get("name") == "containerInsights"]
    if "enhanced" in modes:
        raise Unpriced("Container Insights with enhanced observability is charged by what it observes")
    if "enabled" in modes:
        services = context.view.naming(entry, "cluster", "aws:ecs/service:Service")
        busy = [_busy(service, context) for service in services]
        always = (_ALWAYS_CLUSTER + _ALWAYS_SERVICE * len(services)) if services else 0
        count = always + _BUSY * (max(busy, default=Decimal(0)) + 2 * sum(busy))
        yield monthly("cloudwatch.metric.custom", count, "metrics of Container Insights, by the hour")


def _busy(service: Entry, context: Context) -> Decimal:
    """The share of the time in which a service has tasks."""
    try:
        return sum((share for share, count in capacity.tasks(service, context) if count), Decimal(0))
    except Unpriced:
        return Decimal(1)


@rates("aws:scheduler/schedule:Schedule")
def schedule(entry: Entry, context: Context) -> Iterator[Line]:
    """Calls of EventBridge Scheduler, and the run of the task where it starts one."""
    given = inputs(entry)
    if given.get("state") == "DISABLED":
        return
    runs = _runs(text(entry, "scheduleExpression"), given.get("scheduleExpressionTimezone"))
    yield monthly("eventbridge.scheduler.invocations", runs, "runs of the schedule")
    for target in maps(given.get("target")):
        yield from _started(entry, "target", target.get("ecsParameters"), runs, context)


@rates("aws:cloudwatch/eventTarget:EventTarget")
def event_target(entry: Entry, context: Context) -> Iterator[Line]:
    """The run of a task that a rule with a schedule starts."""
    if not inputs(entry).get("ecsTarget"):
        return
    rules = context.view.behind(entry, "rule", "aws:cloudwatch/eventRule:EventRule")
    expression = inputs(rules[0]).get("scheduleExpression") if rules else None
    if not isinstance(expression, str):
        raise Unpriced("how often events start its task is not known")
    yield from _started(entry, "ecsTarget", inputs(entry).get("ecsTarget"), _runs(expression, "UTC"), context)


def _runs(expression: str, zone: object) -> Decimal:
    try:
        return calendar.runs(expression, zone if isinstance(zone, str) else "UTC", HOURS)
    except SourceError as error:
        raise Unpriced(str(error)) from None


def _started(entry: Entry, key: str, parameters: object, runs: Decimal, context: Context) -> Iterator[Line]:
    for each in maps(parameters):
        if each.get("launchType") in ("EC2", "EXTERNAL"):
            continue
        definition = _definition(entry, key, context)
        minutes = max(Decimal(1), context.usage.job_minutes)  # a task is counted for a minute at least
        hours = runs * number(each, "taskCount", 1) * minutes / 60
        yield from lines(_size(definition, hours), "runs of the task on Fargate")


@rates(_FUNCTION)
def function(entry: Entry, context: Context) -> Iterator[Line]:
    """Calls and their duration."""
    given = inputs(entry)
    usage = context.usage
    if any(_at_edge(entry, cdn) for cdn in context.view.all(_CDN)):
        yield from _of_edge(given, context)
        return
    architectures = given.get("architectures") or []
    storage = next(maps(given.get("ephemeralStorage")), {})
    bill = bills.function(
        usage.function_calls,
        usage.function_milliseconds,
        number(given, "memorySize", 128),
        arm="arm64" in architectures if isinstance(architectures, list) else False,
        ephemeral_mb=number(storage, "size", 512),
    )
    yield from lines(_on_provisioned(bill, entry, context), "calls")
    ready = any(snap.get("applyOn") == "PublishedVersions" for snap in maps(given.get("snapStart")))
    if ready and not str(given.get("runtime")).startswith("java"):  # free for Java only
        raise Unpriced("snapshots that SnapStart keeps and restores are not asked for")


def _on_provisioned(bill: bills.Quantities, entry: Entry, context: Context) -> bills.Quantities:
    """Calls run on the concurrency that is kept ready as far as it goes, where their duration costs less."""
    kept = sum(
        (
            number(inputs(one), "provisionedConcurrentExecutions") * number(inputs(entry), "memorySize", 128) / 1024
            for one in context.view.naming(entry, "functionName", _PROVISIONED)
        ),
        Decimal(0),
    )
    found: bills.Quantities = []
    for meter, quantity in bill:
        ready = min(quantity, kept * SECONDS) if meter.endswith(".duration") else Decimal(0)
        if ready:
            found.append((meter.replace(".duration", ".provisioned_duration"), ready))
        found.append((meter, quantity - ready))
    return found


def _of_edge(given: Mapping[str, Any], context: Context) -> Iterator[Line]:
    """Calls at the edge, which have no free allowance and no tiers."""
    usage, memory = context.usage, number(given, "memorySize", 128)
    (_, calls), (_, duration), *_ = bills.function(usage.function_calls, usage.function_milliseconds, memory, arm=False)
    bill = [("lambda.edge.requests", calls), ("lambda.edge.duration", duration)]
    yield from lines(bill, "calls at the edge")


def _at_edge(entry: Entry, cdn: Entry) -> bool:
    edges = cdn.get("propertyDependencies") or {}
    named = any(entry["urn"] in edges.get(key, ()) for key in ("defaultCacheBehavior", "orderedCacheBehaviors"))
    behaviors = [*maps(inputs(cdn).get("defaultCacheBehavior")), *maps(inputs(cdn).get("orderedCacheBehaviors"))]
    return named and any([*maps(behavior.get("lambdaFunctionAssociations"))] for behavior in behaviors)


@rates(_PROVISIONED)
def provisioned(entry: Entry, context: Context) -> Iterator[Line]:
    """Environments that are kept ready."""
    for key in ("functionName", "qualifier"):
        for one in context.view.behind(entry, key, _FUNCTION):
            arm = "arm64" in (inputs(one).get("architectures") or [])
            ready = (
                number(inputs(entry), "provisionedConcurrentExecutions") * number(inputs(one), "memorySize", 128) / 1024
            )
            meter = f"lambda.{'arm' if arm else 'x86'}.provisioned_concurrency"
            yield Line(meter=meter, quantity=ready * HOURS * 3600, what="concurrency kept ready")
            return
    raise Unpriced("its function is not in this program")


@rates("aws:appautoscaling/target:Target")
def scalable(entry: Entry, context: Context) -> Iterator[Line]:
    """Free where what scales is counted with its resource; concurrency of a function is nowhere else."""
    if text(entry, "serviceNamespace") in _COUNTED_ELSEWHERE:
        return
    dimension = text(entry, "scalableDimension")
    if dimension.startswith(_CACHE_GROUP):  # counted with the group; clusters of Memcached are not
        return
    if dimension != "lambda:function:ProvisionedConcurrency":
        raise Unpriced(f"what {dimension} adds is not counted")
    for one in context.view.behind(entry, "resourceId", _FUNCTION):
        arm = "arm64" in (inputs(one).get("architectures") or [])
        count = sum((share * size for share, size in capacity.scaled(entry, context)), Decimal(0))
        ready = count * number(inputs(one), "memorySize", 128) / 1024
        meter = f"lambda.{'arm' if arm else 'x86'}.provisioned_concurrency"
        yield Line(meter=meter, quantity=ready * SECONDS, what="concurrency kept ready")
        return
    raise Unpriced("its function is not in this program")


@rates("aws:eks/cluster:Cluster")
def kubernetes(entry: Entry, _context: Context) -> Iterator[Line]:
    """The control plane; nodes are their own resources."""
    given = inputs(entry)
    yield hourly("eks.cluster_hour", 1, "control plane")
    policy = next(maps(given.get("upgradePolicy")), {}).get("supportType")
    if _past_standard(given.get("version")) and policy != "STANDARD":
        yield hourly(
            "eks.extended_support.cluster_hour", 1, "extended support of a version that is past its standard one"
        )
    if any(tier.get("tier") not in (None, "standard") for tier in maps(given.get("controlPlaneScalingConfig"))):
        raise Unpriced("no list price of a provisioned control plane is known")
    if any(mode.get("enabled") is True for mode in maps(given.get("computeConfig"))):
        raise Unpriced("the nodes that Auto Mode starts, and its fee for them, are not known")


def _past_standard(version: object) -> bool:
    parts = version.split(".") if isinstance(version, str) else []
    return len(parts) > 1 and all(part.isdigit() for part in parts) and tuple(map(int, parts[:2])) < _STANDARD


@rates("aws:ecr/repository:Repository")
def repository(_entry: Entry, context: Context) -> list[Line]:
    """Images kept."""
    return [monthly("ecr.private.storage", context.usage.image_gigabytes, "images kept")]


@rates("aws:sfn/stateMachine:StateMachine")
def state_machine(entry: Entry, context: Context) -> list[Line]:
    """By what it does."""
    usage = context.usage
    if inputs(entry).get("type") == "EXPRESS":
        runs = told(usage.workflow_runs, "runs of workflows")
        seconds = runs * told(usage.workflow_seconds, "seconds of workflows")
        gigabyte_seconds = seconds * _WORKFLOW_MB / 1024
        return [
            monthly("step_functions.express.requests", runs, "runs"),
            monthly("step_functions.express.duration", gigabyte_seconds, "duration, with 64 MB"),
        ]
    transitions = told(usage.state_transitions, "transitions")
    return [monthly("step_functions.standard.transitions", transitions, "transitions")]
