"""How many there are, on average over a month, of what scales: ECS tasks, instances of a group."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from preflight.cost import calendar
from preflight.cost.meters import Unpriced
from preflight.cost.raters import Context
from preflight.cost.view import Entry, inputs, maps, number
from preflight.yaml_source import SourceError

_TARGET = "aws:appautoscaling/target:Target"
_ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction"
_SCHEDULE = "aws:autoscaling/schedule:Schedule"
_POLICY = "aws:autoscaling/policy:Policy"
_PROVIDER = "aws:ecs/capacityProvider:CapacityProvider"


def tasks(service: Entry, context: Context) -> list[tuple[Decimal, Decimal]]:
    """(share of the time, tasks) of an ECS service: between the bounds of its target by load, else as desired."""
    targets = [target for target in context.view.all(_TARGET) if _of_service(target, service)]
    if not targets:
        return [(Decimal(1), number(inputs(service), "desiredCount", 0))]
    return scaled(targets[0], context)


def scaled(target: Entry, context: Context) -> list[tuple[Decimal, Decimal]]:
    """(share of the time, units) of a scalable target: between its bounds by load, as its schedules set them."""
    changes = [
        calendar.Change(
            expression=str(inputs(action).get("schedule")),
            zone=str(inputs(action).get("timezone") or "UTC"),
            least=_bound(inputs(action), "minCapacity"),
            most=_bound(inputs(action), "maxCapacity"),
        )
        for action in context.view.all(_ACTION)
        if _of_target(action, target)
    ]
    return _held(number(inputs(target), "minCapacity"), number(inputs(target), "maxCapacity"), changes, context)


def instances(group: Entry, context: Context) -> list[tuple[Decimal, Decimal]]:
    """(share of the time, instances) of an Auto Scaling group: between its bounds by load; where nothing in the program
    scales it as many as it wants, which are its least if it does not say."""
    least, most = number(inputs(group), "minSize"), number(inputs(group), "maxSize")
    if not _scaled(group, context):
        wanted = "minSize" if inputs(group).get("desiredCapacity") is None else "desiredCapacity"
        return [(Decimal(1), number(inputs(group), wanted))]
    changes = [
        calendar.Change(
            expression=_cron(inputs(schedule).get("recurrence")),
            zone=str(inputs(schedule).get("timeZone") or "UTC"),
            least=_size(inputs(schedule), "minSize"),
            most=_size(inputs(schedule), "maxSize"),
        )
        for schedule in context.view.naming(group, "autoscalingGroupName", _SCHEDULE)
    ]
    return _held(least, most, changes, context)


def _scaled(group: Entry, context: Context) -> bool:
    """Whether a policy, a schedule or the capacity provider of a cluster changes the size of a group."""
    name = inputs(group).get("name")
    for token in (_SCHEDULE, _POLICY):
        if context.view.naming(group, "autoscalingGroupName", token):
            return True
        if name is not None and any(inputs(one).get("autoscalingGroupName") == name for one in context.view.all(token)):
            return True
    return any(
        scaling.get("status") == "ENABLED"
        for provider in context.view.naming(group, "autoScalingGroupProvider", _PROVIDER)
        for own in maps(inputs(provider).get("autoScalingGroupProvider"))
        for scaling in maps(own.get("managedScaling"))
    )


def table(table: Entry, kind: str, context: Context, index: object = None) -> Decimal | None:
    """Units of a DynamoDB table, or of the index of this name, by its scalable target, `kind` being Read or Write; None
    where it has none. Where the target's path is not known, it is that of the table's only index."""
    name, dimension = inputs(table).get("name"), f"dynamodb:{'table' if index is None else 'index'}:{kind}CapacityUnits"
    end = "" if index is None else f"/index/{index}"
    only = index is None or len([*maps(inputs(table).get("globalSecondaryIndexes"))]) == 1
    return _target(table, dimension, None if name is None else f"table/{name}{end}", context, end=end, only=only)


def cache_group(group: Entry, kind: str, context: Context) -> Decimal | None:
    """Shards of a replication group of ElastiCache (`kind` NodeGroups) or replicas of each (Replicas) by its scalable
    target; None where it has none."""
    name = inputs(group).get("replicationGroupId")
    path = None if name is None else f"replication-group/{name}"
    return _target(group, f"elasticache:replication-group:{kind}", path, context)


def _target(
    entry: Entry, dimension: str, path: str | None, context: Context, *, end: str = "", only: bool = True
) -> Decimal | None:
    """Units by the scalable target of a dimension whose resource id is this path, or comes from the resource: then it
    has the `end`, or is not known and can mean nothing else (`only`)."""
    for target in context.view.all(_TARGET):
        given = inputs(target)
        if given.get("scalableDimension") != dimension:
            continue
        edges = (target.get("propertyDependencies") or {}).get("resourceId", ())
        known = given.get("resourceId") if isinstance(given.get("resourceId"), str) else None
        own = entry["urn"] in edges and (only if known is None else known.endswith(end))
        if own or (known is not None and known == path):
            least, most = number(given, "minCapacity"), number(given, "maxCapacity")
            return least + (most - least) * context.usage.load
    return None


def _held(
    least: Decimal, most: Decimal, changes: list[calendar.Change], context: Context
) -> list[tuple[Decimal, Decimal]]:
    try:
        held = calendar.bounds(least, most, changes)
    except SourceError as error:
        raise Unpriced(str(error)) from None
    return [(part.share, part.least + (part.most - part.least) * context.usage.load) for part in held]


def split(count: Decimal, strategies: list[tuple[str, Decimal, Decimal]]) -> Iterator[tuple[str, Decimal]]:
    """(provider, tasks) for a number of tasks by a capacity provider strategy of (provider, base, weight)."""
    bases = {provider: min(count, base) for provider, base, _ in strategies}
    rest = count - sum(bases.values())
    whole = sum(weight for *_, weight in strategies)
    for provider, _, weight in strategies:
        yield provider, bases[provider] + (rest * weight / whole if whole else Decimal(0))


def strategies(values: object) -> list[tuple[str, Decimal, Decimal]]:
    """(provider, base, weight) from `capacityProviderStrategies`."""
    return [
        (str(entry.get("capacityProvider")), number(entry, "base", 0), number(entry, "weight", 0))
        for entry in maps(values)
    ]


def _of_service(target: Entry, service: Entry) -> bool:
    """By the edge of its resource id, or by the name in it."""
    if inputs(target).get("serviceNamespace") != "ecs":
        return False
    if service["urn"] in (target.get("propertyDependencies") or {}).get("resourceId", ()):
        return True
    path, name = inputs(target).get("resourceId"), inputs(service).get("name")
    return isinstance(path, str) and isinstance(name, str) and path.rpartition("/")[2] == name


def _of_target(action: Entry, target: Entry) -> bool:
    if inputs(action).get("scalableDimension") != inputs(target).get("scalableDimension"):
        return False
    if target["urn"] in (action.get("propertyDependencies") or {}).get("resourceId", ()):
        return True
    path = inputs(action).get("resourceId")
    return isinstance(path, str) and path == inputs(target).get("resourceId")


def _bound(action: Any, key: str) -> Decimal | None:
    for values in maps(action.get("scalableTargetAction")):
        return None if values.get(key) is None else number(values, key)
    return None


def _size(schedule: Any, key: str) -> Decimal | None:
    value = schedule.get(key)
    return None if value is None or value == -1 else number(schedule, key)


def _cron(recurrence: object) -> str:
    """A Unix cron of an Auto Scaling group in the other services' form; `at()` of nothing where there is none."""
    if not isinstance(recurrence, str) or len(recurrence.split()) != 5:
        raise Unpriced(f"the recurrence {recurrence!r} of a schedule is not read")
    minute, hour, day, month, weekday = recurrence.split()
    if weekday == "*":
        return f"cron({minute} {hour} {day} {month} ? *)"
    if day != "*":
        raise Unpriced(f"the recurrence {recurrence!r} names days of both kinds")
    shifted = "".join(str(int(sign) % 7 + 1) if sign.isdigit() else sign for sign in weekday)  # Unix: 0 is Sunday
    return f"cron({minute} {hour} ? {month} {shifted} *)"
