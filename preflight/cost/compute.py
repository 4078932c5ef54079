"""Raters of what computes: ECS, EC2, Lambda, EKS, and what starts them."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from preflight.cost import agent, bills, calendar, capacity
from preflight.cost.meters import Unpriced
from preflight.cost.raters import Context, Line, hourly, lines, monthly, rates
from preflight.cost.usage import HOURS
from preflight.cost.view import Entry, inputs, maps, number, text
from preflight.yaml_source import SourceError

_TASK = "aws:ecs/taskDefinition:TaskDefinition"
_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration"
_SPOT = "FARGATE_SPOT"
_ROOT_GB = 8  # of Amazon Linux images; used where the program leaves the size to the image
# Metrics of Container Insights, standard (ECS developer guide, read 2026-11): all the time, and more while tasks run
# for each of cluster, service and task family. Metrics are charged by the hour.
_ALWAYS_CLUSTER, _ALWAYS_SERVICE, _BUSY = 3, 5, 10


@rates("aws:ecs/service:Service")
def service(entry: Entry, context: Context) -> Iterator[Line]:
    """Task-hours on Fargate; on EC2 the instances are what costs."""
    given = inputs(entry)
    if given.get("schedulingStrategy") == "DAEMON" or given.get("launchType") in {"EC2", "EXTERNAL"}:
        return
    strategies = capacity.strategies(given.get("capacityProviderStrategies"))
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
    storage = next(maps(given.get("ephemeralStorage")), {})
    return bills.fargate(
        hours,
        _units(given.get("cpu"), "cpu", "vcpu"),
        _units(given.get("memory"), "memory", "gb"),
        arm=platform.get("cpuArchitecture") == "ARM64",
        ephemeral_gb=number(storage, "sizeInGib", 20),
    )


def _units(value: object, key: str, unit: str) -> Decimal:
    """`1024` or `1 vCPU`, `2 GB`: vCPU or GB."""
    plain = str(value).strip().lower() if isinstance(value, str | int) else ""
    digits = plain.removesuffix(unit).strip()
    if not digits.replace(".", "", 1).isdigit():
        raise Unpriced(f"{key} of its task definition is not known")
    return Decimal(digits) if plain.endswith(unit) else Decimal(digits) / 1024


@rates("aws:ecs/cluster:Cluster")
def cluster(entry: Entry, context: Context) -> Iterator[Line]:
    """The metrics of Container Insights; a cluster itself is free."""
    insights = {setting.get("name"): setting.get("value") for setting in maps(inputs(entry).get("settings"))}
    if insights.get("containerInsights") == "enhanced":
        raise Unpriced("Container Insights with enhanced observability is charged by what it observes")
    if insights.get("containerInsights") == "enabled":
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
        if each.get("launchType") in {"EC2", "EXTERNAL"}:
            continue
        definition = _definition(entry, key, context)
        minutes = max(Decimal(1), context.usage.job_minutes)  # a task is counted for a minute at least
        hours = runs * number(each, "taskCount", 1) * minutes / 60
        yield from lines(_size(definition, hours), "runs of the task on Fargate")


@rates("aws:ec2/instance:Instance")
def instance(entry: Entry, context: Context) -> Iterator[Line]:
    """Instance-hours, its volumes and its public address."""
    given = inputs(entry)
    template = next(iter(context.view.behind(entry, "launchTemplate", _TEMPLATE)), None)
    kind = given.get("instanceType") or (inputs(template).get("instanceType") if template else None)
    yield from _machine(kind, Decimal(HOURS))
    if given.get("associatePublicIpAddress") is True:
        yield hourly("ipv4.public.in_use.hour", 1, "public address")
    yield from _volumes([*maps(given.get("rootBlockDevice"))][:1] or [{}], Decimal(1))
    yield from _volumes([*maps(given.get("ebsBlockDevices"))], Decimal(1))
    sources = [given, inputs(template) if template else {}]
    found = agent.series(next((each["userData"] for each in sources if each.get("userData")), None))
    yield from _metrics(found, Decimal(1), Decimal(1))


@rates("aws:autoscaling/group:Group")
def group(entry: Entry, context: Context) -> Iterator[Line]:
    """Instance-hours between the group's bounds, with the volumes of its launch template."""
    given = inputs(entry)
    templates = context.view.behind(entry, "launchTemplate", _TEMPLATE) or context.view.behind(
        entry, "mixedInstancesPolicy", _TEMPLATE
    )
    sources = templates or context.view.behind(entry, "launchConfiguration", _CONFIGURATION)
    if not sources:
        raise Unpriced("its launch template is not in this program")
    template = inputs(sources[0])
    overrides = [
        override.get("instanceType")
        for policy in maps(given.get("mixedInstancesPolicy"))
        for part in maps(policy.get("launchTemplate"))
        for override in maps(part.get("overrides"))
    ]
    held = capacity.instances(entry, context)
    count = sum((share * number for share, number in held), Decimal(0))
    spot = sum((share * _on_spot(given, number) for share, number in held), Decimal(0))
    kind = next((kind for kind in overrides if kind), template.get("instanceType"))
    if spot < count:
        yield from _machine(kind, (count - spot) * HOURS)
    if spot:
        what = "on Spot, counted at the regular price less the discount assumed"
        yield from _machine(kind, spot * (1 - context.usage.spot_discount) * HOURS, what)
    mapped = [ebs for mapping in maps(template.get("blockDeviceMappings")) for ebs in maps(mapping.get("ebs"))]
    yield from _volumes(mapped or [*maps(template.get("rootBlockDevice"))] or [{}], count)
    interfaces = [*maps(template.get("networkInterfaces"))]
    public = [template, *interfaces]
    if any(str(one.get("associatePublicIpAddress")).lower() == "true" for one in public):
        yield Line(meter="ipv4.public.in_use.hour", quantity=count * HOURS, what="public addresses of instances")
    running = sum((share for share, number in held if number), Decimal(0))
    yield from _metrics(agent.series(template.get("userData")), running, count)


def _metrics(found: agent.Series, running: Decimal, count: Decimal) -> Iterator[Line]:
    """Custom metrics while there are instances, and for each of them."""
    if quantity := found.shared * running + found.each * count:
        yield monthly("cloudwatch.metric.custom", quantity, "metrics of the CloudWatch agent, by the hour")


def _on_spot(given: Mapping[str, object], count: Decimal) -> Decimal:
    """How many of `count` instances of a group are on Spot; AWS's own defaults are none."""
    for policy in maps(given.get("mixedInstancesPolicy")):
        for distribution in maps(policy.get("instancesDistribution")):
            further = max(Decimal(0), count - number(distribution, "onDemandBaseCapacity", 0))
            return further * (100 - number(distribution, "onDemandPercentageAboveBaseCapacity", 100)) / 100
    return Decimal(0)


def _machine(kind: object, hours: Decimal, what: str = "on demand") -> Iterator[Line]:
    if not isinstance(kind, str):
        raise Unpriced("its instance type is not known")
    yield Line(meter=f"ec2.linux.{kind}.hour", quantity=hours, what=f"{kind}, Linux, {what}")


def _volumes(devices: Sequence[object], count: Decimal) -> Iterator[Line]:
    for device in maps(devices):
        kind = device.get("volumeType") or "gp3"
        size = number(device, "volumeSize", _ROOT_GB)
        rest = {"iops": number(device, "iops", 0), "mibps": number(device, "throughput", 0)}
        for meter, quantity in bills.volume(str(kind), size, **rest):
            yield Line(meter=meter, quantity=quantity * count, what="volumes of instances")


@rates("aws:ebs/volume:Volume")
def disk(entry: Entry, _context: Context) -> list[Line]:
    """A volume of its own."""
    given = inputs(entry)
    kind = text(entry, "type", "gp2")
    rest = {"iops": number(given, "iops", 0), "mibps": number(given, "throughput", 0)}
    return lines(bills.volume(kind, number(given, "size"), **rest), f"{kind} volume")


@rates("aws:lambda/function:Function")
def function(entry: Entry, context: Context) -> list[Line]:
    """Calls and their duration."""
    given = inputs(entry)
    usage = context.usage
    architectures = given.get("architectures") or []
    storage = next(maps(given.get("ephemeralStorage")), {})
    bill = bills.function(
        usage.function_calls,
        usage.function_milliseconds,
        number(given, "memorySize", 128),
        arm="arm64" in architectures if isinstance(architectures, list) else False,
        ephemeral_mb=number(storage, "size", 512),
    )
    return lines(bill, "calls")


@rates("aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig")
def provisioned(entry: Entry, context: Context) -> Iterator[Line]:
    """Environments that are kept ready."""
    for key in ("functionName", "qualifier"):
        for one in context.view.behind(entry, key, "aws:lambda/function:Function"):
            arm = "arm64" in (inputs(one).get("architectures") or [])
            ready = (
                number(inputs(entry), "provisionedConcurrentExecutions") * number(inputs(one), "memorySize", 128) / 1024
            )
            meter = f"lambda.{'arm' if arm else 'x86'}.provisioned_concurrency"
            yield Line(meter=meter, quantity=ready * HOURS * 3600, what="concurrency kept ready")
            return
    raise Unpriced("its function is not in this program")


@rates("aws:eks/cluster:Cluster")
def kubernetes(_entry: Entry, _context: Context) -> list[Line]:
    """The control plane; nodes are their own resources."""
    return [hourly("eks.cluster_hour", 1, "control plane")]


@rates("aws:ecr/repository:Repository")
def repository(_entry: Entry, context: Context) -> list[Line]:
    """Images kept."""
    return [monthly("ecr.private.storage", context.usage.image_gigabytes, "images kept")]


@rates("aws:sfn/stateMachine:StateMachine")
def state_machine(entry: Entry, _context: Context) -> list[Line]:
    """By what it does, which is not asked for."""
    raise Unpriced(
        f"{'requests and duration' if inputs(entry).get('type') == 'EXPRESS' else 'transitions'} are not asked for"
    )
