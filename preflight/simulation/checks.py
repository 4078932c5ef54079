"""What the provider refuses before anything is made: types and properties it does not have, missing ones, bad values.

A value that is not known yet passes; it is judged again when it is. This is the provider's own, simple validation: what
only AWS would refuse (quotas, combinations, permissions) is not here.
"""

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from preflight.simulation import (
    combined,
    documents,
    limits,
    provider_rules,
    ranges,
    ranges_stores,
    sdk_types,
    shapes,
    table,
)
from preflight.simulation.limits import EVEN_EMPTY, Rule, between, block, document, matches, network, number, of
from preflight.simulation.together import UNKNOWN, Inputs, Problem, blocks, one_of

__all__ = ["UNKNOWN", "Problem", "problems", "refused"]


def problems(type_token: str, inputs: Inputs) -> list[Problem]:
    """Everything that the provider refuses in plain inputs; one entry with no property for a type unknown to it."""
    known = table.inputs(type_token)
    if known is None:
        return [Problem("", f"the provider has no type {type_token}")]
    found = [*_missing(known, inputs), *_unexpected(known, inputs)]
    found.extend(_bad_values(type_token, inputs, known.required.__contains__))
    if type_token in combined.SIMULATED:
        found.extend(combined.SIMULATED[type_token](inputs))
    return sorted(set(found))


def refused(type_token: str, inputs: Inputs, *, created: bool = True) -> list[Problem]:
    """The same by the classes of the installed SDK instead of the table, and with what AWS refuses of values and of
    several taken together; nothing for a type that the SDK does not have. `created`: False for what is imported, which
    needs less."""
    if not type_token.startswith("aws:") or sdk_types.arguments_class(type_token) is None:
        return []
    found = [*shapes.problems(type_token, inputs)]
    sound: Mapping[str, Any] = inputs
    for problem in found:
        sound = _without(sound, re.findall(r"[^.\[\]]+", problem.property))
    kind = limits.SAME.get(type_token, type_token)
    required = functools.partial(shapes.requires, type_token)
    found += [*_bad_values(kind, sound, required), *documents.problems(kind, sound)]
    if created:
        found.extend(combined.problems(kind, sound))
    rules = _rules(kind)
    for key in rules.keys() & sound.keys():
        for path, rule in rules[key]:
            for place, value in _at(sound[key], path, key):
                if not _is_none(kind, value, ".".join((key, *path)), required) and (reason := rule(value)) is not None:
                    found.append(Problem(place, reason))
    return sorted(set(found))


def _is_none(kind: str, value: Any, path: str, required: Callable[[str], bool]) -> bool:
    """Whether a value is an empty text that says that nothing is given."""
    judged = path in EVEN_EMPTY.get(kind, ()) or path in provider_rules.of_type(kind).even_empty
    return value == "" and not judged and not required(path)


@functools.cache
def _rules(kind: str) -> Mapping[str, list[tuple[list[str], Rule]]]:
    """What is asked of a type, by argument: the further steps of a path, and the rule behind them."""
    tables = (limits.OF_TYPE, ranges.OF_TYPE, ranges_stores.OF_TYPE)
    paths = [each for table_ in tables for each in table_.get(kind, {}).items()]
    paths += provider_rules.of_type(kind).values
    found: dict[str, list[tuple[list[str], Rule]]] = {}
    for path, rule in paths:
        key, *steps = re.findall(r"[^.\[\]]+|\[\]", path)
        found.setdefault(key, []).append((steps, rule))
    return found


def _without(value: Any, place: Sequence[str]) -> Any:
    """The value with that at a place not known: what is said of it already is not said in other words too."""
    if not place:
        return UNKNOWN
    step, *rest = place
    if isinstance(value, Mapping):
        return {**value, step: _without(value.get(step), rest)}
    if isinstance(value, list) and step.isdigit() and int(step) < len(value):
        return [_without(each, rest) if index == int(step) else each for index, each in enumerate(value)]
    return UNKNOWN


def _at(value: Any, path: Sequence[str], place: str) -> Iterator[tuple[str, Any]]:
    """The known values at a path with their places; lists of blocks on the way stand for each of their elements."""
    if value in (None, UNKNOWN):
        return
    if not path:
        yield place, value
    elif isinstance(value, list):
        rest = path[1:] if path[0] == "[]" else path
        for index, each in enumerate(value):
            yield from _at(each, rest, f"{place}[{index}]")
    elif isinstance(value, dict):
        yield from _at(value.get(path[0]), path[1:], f"{place}.{path[0]}")


def _missing(known: table.Inputs, inputs: Inputs) -> Iterator[Problem]:
    for path in known.required:
        *block, name = path.split(".")
        for element in blocks(inputs, block):
            if element.get(name) is None:
                place = ".".join(block)
                yield Problem(path, f'the argument "{name}" is required' + (f" in {place}" if place else ""))


def _unexpected(known: table.Inputs, inputs: Inputs) -> Iterator[Problem]:
    names = {path.partition(".")[0] for path in known.known}
    for key in inputs:
        if key not in names and key not in ("region", "tagsAll", "timeouts") and not key.startswith("__"):
            yield Problem(key, f'an argument named "{key}" is not expected here')


def _bad_values(type_token: str, inputs: Inputs, required: Callable[[str], bool]) -> Iterator[Problem]:
    common = _EVERYWHERE if type_token.startswith("aws:") else {}
    for key, value in inputs.items():
        rule = _OF_TYPE.get((type_token, key)) or common.get(key)
        if rule is None or value is None or value == UNKNOWN or _is_none(type_token, value, key, required):
            continue
        reason = rule(value)
        if reason is not None:
            yield Problem(key, reason)


def _policy(value: Any) -> str | None:
    """Some types name a policy in an argument of this name: a document has braces."""
    return document(value) if isinstance(value, str) and "{" in value else None


def _port(value: Any) -> str | None:
    return (
        None if isinstance(value, int | float) and -1 <= value <= 65535 else f"{value!r} is not a port from 0 to 65535"
    )


def _tags(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return "tags must be a map of strings"
    if len(value) > 50:
        return f"{len(value)} tags, AWS allows 50"
    for key, text in value.items():
        if key.lower().startswith("aws:"):
            return f"the prefix aws: of tag {key!r} is kept for AWS"
        if len(key) > 128 or (isinstance(text, str) and len(text) > 256 and text != UNKNOWN):
            return f"tag {key!r} is longer than 128 characters, or its value than 256"
    return None


def _listed_tags(value: Any) -> str | None:
    """Of an Auto Scaling group, which says of each tag whether instances get it too."""
    if not isinstance(value, list):
        return "tags must be a list of key, value and propagateAtLaunch"
    known = [tag for tag in value if isinstance(tag, Mapping) and isinstance(tag.get("key"), str)]
    if len({tag["key"] for tag in known}) < len(known):
        return "a tag is listed twice"
    return _tags({tag["key"]: tag.get("value") for tag in known})


def _zero_or_between(low: float, high: float) -> Rule:
    inside = between(low, high)
    return lambda value: (
        None if number(value) == 0 or inside(value) is None else f"expected 0 or {low} to {high}, got {value}"
    )


def _capacity(value: Any) -> str | None:
    scaling: Any = next(blocks(value, []), {})
    low, high = scaling.get("minCapacity"), scaling.get("maxCapacity")
    if not all(isinstance(number, int | float) for number in (low, high)):
        return None
    fits = (
        0 <= low <= high and 1 <= high <= 256 and all((number * 2).is_integer() for number in (float(low), float(high)))
    )
    return (
        None
        if fits
        else f"capacity must be half ACUs from 0 to 256, the minimum not above the maximum: {low} to {high}"
    )


def _deployment(value: Any) -> str | None:
    """Of an ECS service: the strategy, and its minutes (texts) and percentages."""
    if not isinstance(value, Mapping):
        return None
    if value.get("strategy") not in (None, "", UNKNOWN, "ROLLING", "BLUE_GREEN", "CANARY", "LINEAR"):
        return f"expected one of ROLLING, BLUE_GREEN, CANARY, LINEAR, got {value['strategy']}"
    canary, linear = (next(blocks(value, [f"{each}Configuration"]), {}) for each in ("canary", "linear"))
    for minutes in (
        value.get("bakeTimeInMinutes"),
        canary.get("canaryBakeTimeInMinutes"),
        linear.get("stepBakeTimeInMinutes"),
    ):
        if minutes not in (None, "", UNKNOWN) and not (str(minutes).isdigit() and int(minutes) <= 1440):
            return f"expected 0 to 1440 minutes, got {minutes}"
    for percent, least in ((canary.get("canaryPercent"), 0.1), (linear.get("stepPercent"), 3.0)):
        if isinstance(percent, int | float) and not least <= percent <= 100:
            return f"expected {least} to 100 percent, got {percent}"
    return None


_STICKY = ("lb_cookie", "app_cookie", "source_ip", "source_ip_dest_ip", "source_ip_dest_ip_proto", UNKNOWN)


def _stickiness(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return None
    kind, seconds, cookie = value.get("type"), value.get("cookieDuration", 1), str(value.get("cookieName") or "")
    if kind is not None and kind not in _STICKY:
        return f"no such type of stickiness: {kind}"
    if isinstance(seconds, int | float) and not 0 <= seconds <= 604800:
        return f"expected a cookie_duration of 0 to 604800, got {seconds}"
    return f"the cookie name {cookie!r} begins with a reserved prefix" if cookie.startswith("AWSALB") else None


def _backup_rules(value: Any) -> str | None:
    """Lifecycles of the rules of a backup plan, and of the copies they make."""
    for rule in blocks(value, []):
        for part in (rule, *blocks(rule.get("copyActions"), [])):
            for lifecycle in blocks(part.get("lifecycle"), []):
                cold, end = lifecycle.get("coldStorageAfter"), lifecycle.get("deleteAfter")
                if isinstance(cold, int | float) and isinstance(end, int | float) and cold > 0 < end < cold + 90:
                    return f"expected a delete_after of {cold + 90:g} days or more with cold_storage_after {cold:g}"
    return None


def _recovery_points(value: Any) -> str | None:
    for chosen in blocks(value, []):
        if chosen.get("algorithm") not in {"LATEST_WITHIN_WINDOW", "RANDOM_WITHIN_WINDOW", UNKNOWN}:
            return f"no such algorithm: {chosen.get('algorithm')}"
        strays = {*(chosen.get("recoveryPointTypes") or [])} - {"SNAPSHOT", "CONTINUOUS", UNKNOWN}
        if strays:
            return f"no such types of recovery points: {', '.join(sorted(map(str, strays)))}"
        days = chosen.get("selectionWindowDays")
        if isinstance(days, int | float) and not 1 <= days <= 365:
            return f"expected a selection_window_days of 1 to 365, got {days:g}"
    return None


# Days that CloudWatch Logs can keep events (PutRetentionPolicy, 2026-11); 0 is for ever.
_RETENTION = (
    0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip


def _rotation_rules(value: Any) -> str | None:
    for rules in blocks(value, []):
        days = rules.get("automaticallyAfterDays")
        if not one_of(rules, ("automaticallyAfterDays", "scheduleExpression")):
            return "one of automatically_after_days and schedule_expression has to be given"
        if isinstance(days, int | float) and not 1 <= days <= 1000:
            return f"expected automatically_after_days of 1 to 1000, got {days:g}"
    return None


_UNDERSCORED = matches(r"[A-Za-z0-9_]{1,50}", "a name of 1 to 50 letters, digits and underscores, no hyphen")
_TARGETS = matches(r"[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?", "a name of 1 to 32 letters, digits and hyphens")
_BALANCER = matches(
    r"(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?",
    "a name of 1 to 32 letters, digits and hyphens that does not begin with internal-",
)
_BUCKET = matches(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "a name of 3 to 63 small letters, digits, dots and hyphens")

_EVERYWHERE: dict[str, Rule] = {
    "cidrBlock": block,
    "cidrIpv4": block,
    "cidrIpv6": block,
    "destinationCidrBlock": block,
    "policy": _policy,
    "assumeRolePolicy": document,
    "containerDefinitions": document,
    "containerProperties": _policy,
    "accessPolicies": _policy,
    "deliveryPolicy": document,
    "eventPattern": document,
    "filterPolicy": document,
    "inlinePolicy": _policy,
    "redriveAllowPolicy": document,
    "redrivePolicy": document,
    "resourcePolicy": _policy,
    "dashboardBody": document,
    "fromPort": _port,
    "toPort": _port,
    "tags": _tags,
}
_OF_TYPE: dict[tuple[str, str], Rule] = {
    ("aws:autoscaling/group:Group", "tags"): _listed_tags,
    ("aws:autoscaling/group:Group", "maxInstanceLifetime"): _zero_or_between(86400, 31536000),
    ("aws:autoscaling/policy:Policy", "policyType"): of(
        "SimpleScaling", "StepScaling", "TargetTrackingScaling", "PredictiveScaling"
    ),
    ("aws:backup/plan:Plan", "name"): matches(r"[A-Za-z0-9._-]{1,50}", "a name of 1 to 50 letters, digits, . _ -"),
    ("aws:backup/plan:Plan", "rules"): _backup_rules,
    ("aws:backup/restoreTestingPlan:RestoreTestingPlan", "name"): _UNDERSCORED,
    ("aws:backup/restoreTestingPlan:RestoreTestingPlan", "recoveryPointSelection"): _recovery_points,
    ("aws:backup/restoreTestingPlan:RestoreTestingPlan", "startWindowHours"): between(1, 168),
    ("aws:backup/restoreTestingSelection:RestoreTestingSelection", "name"): _UNDERSCORED,
    ("aws:backup/restoreTestingSelection:RestoreTestingSelection", "validationWindowHours"): between(1, 168),
    ("aws:backup/selection:Selection", "name"): matches(
        r"[A-Za-z0-9._-]{1,50}", "a name of 1 to 50 letters, digits, . _ -"
    ),
    ("aws:backup/vault:Vault", "name"): matches(r"[A-Za-z0-9_-]{2,50}", "a name of 2 to 50 letters, digits, _ -"),
    ("aws:backup/vaultLockConfiguration:VaultLockConfiguration", "changeableForDays"): between(3, 36500),
    ("aws:cloudwatch/logGroup:LogGroup", "retentionInDays"): of(*_RETENTION),
    ("aws:dynamodb/table:Table", "billingMode"): of("PROVISIONED", "PAY_PER_REQUEST"),
    ("aws:dynamodb/table:Table", "streamViewType"): of("", "KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"),
    ("aws:dynamodb/table:Table", "tableClass"): of("STANDARD", "STANDARD_INFREQUENT_ACCESS"),
    ("aws:ec2/route:Route", "destinationCidrBlock"): network,
    ("aws:ec2/subnet:Subnet", "cidrBlock"): network,
    ("aws:ec2/vpc:Vpc", "cidrBlock"): network,
    ("aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation", "cidrBlock"): network,
    ("aws:ec2transitgateway/route:Route", "destinationCidrBlock"): network,
    **{
        (f"aws:vpc/securityGroup{side}Rule:SecurityGroup{side}Rule", key): network
        for side in ("Egress", "Ingress")
        for key in ("cidrIpv4", "cidrIpv6")
    },
    ("aws:ecs/service:Service", "deploymentConfiguration"): _deployment,
    ("aws:ecs/taskDefinition:TaskDefinition", "cpu"): matches(r"(?i)\d+|\d*(\.\d+)? ?vCPU", "a number of CPU units"),
    ("aws:efs/fileSystem:FileSystem", "creationToken"): matches(r".{0,64}", "a token of at most 64 characters"),
    ("aws:efs/fileSystem:FileSystem", "performanceMode"): of("generalPurpose", "maxIO"),
    ("aws:efs/fileSystem:FileSystem", "throughputMode"): of("bursting", "provisioned", "elastic"),
    ("aws:iam/role:Role", "maxSessionDuration"): between(3600, 43200),
    ("aws:kms/key:Key", "deletionWindowInDays"): between(7, 30),
    ("aws:lambda/alias:Alias", "name"): matches(
        r"(?!\d+$)[A-Za-z0-9_-]{1,128}", "a name of an alias: letters, digits, - and _, not digits alone"
    ),
    ("aws:lambda/eventSourceMapping:EventSourceMapping", "batchSize"): between(1, 10000),
    ("aws:lambda/eventSourceMapping:EventSourceMapping", "maximumBatchingWindowInSeconds"): between(0, 300),
    ("aws:lambda/eventSourceMapping:EventSourceMapping", "maximumRetryAttempts"): between(-1, 10000),
    ("aws:lambda/eventSourceMapping:EventSourceMapping", "parallelizationFactor"): between(1, 10),
    ("aws:lambda/eventSourceMapping:EventSourceMapping", "startingPosition"): of(
        "AT_TIMESTAMP", "LATEST", "TRIM_HORIZON"
    ),
    ("aws:lambda/function:Function", "memorySize"): between(128, 32768),
    ("aws:lambda/function:Function", "name"): matches(r"[A-Za-z0-9_:-]{1,140}", "a name or an ARN of a function"),
    ("aws:lambda/function:Function", "packageType"): of("Image", "Zip"),
    ("aws:lambda/function:Function", "timeout"): between(1, 900),
    ("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "maximumEventAgeInSeconds"): between(60, 21600),
    ("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "maximumRetryAttempts"): between(0, 2),
    ("aws:lambda/permission:Permission", "action"): matches(r"lambda:[A-Za-z*]+|\*", "an action of Lambda"),
    ("aws:lb/loadBalancer:LoadBalancer", "name"): _BALANCER,
    ("aws:lb/targetGroup:TargetGroup", "name"): _TARGETS,
    ("aws:lb/targetGroup:TargetGroup", "targetType"): of("instance", "ip", "lambda", "alb"),
    ("aws:lb/listener:Listener", "port"): between(1, 65535),
    ("aws:elasticache/replicationGroup:ReplicationGroup", "replicationGroupId"): matches(
        r"(?!.*--)[a-zA-Z](?!.*-$)[a-zA-Z0-9-]{0,39}", "1 to 40 letters, digits and single hyphens, a letter first"
    ),
    ("aws:elasticache/replicationGroup:ReplicationGroup", "engine"): of("redis", "valkey", ignoring_case=True),
    ("aws:elasticache/replicationGroup:ReplicationGroup", "snapshotRetentionLimit"): between(0, 35),
    ("aws:elasticache/replicationGroup:ReplicationGroup", "transitEncryptionMode"): of("preferred", "required"),
    ("aws:elasticache/serverlessCache:ServerlessCache", "engine"): of("memcached", "redis", "valkey"),
    ("aws:elasticache/user:User", "engine"): of("redis", "valkey", ignoring_case=True),
    ("aws:rds/proxy:Proxy", "engineFamily"): of("MYSQL", "POSTGRESQL", "SQLSERVER"),
    ("aws:rds/proxy:Proxy", "name"): matches(
        r"[a-zA-Z](-?[a-zA-Z0-9]){0,62}", "a name of 1 to 63 letters, digits and single hyphens, a letter first"
    ),
    ("aws:rds/proxyEndpoint:ProxyEndpoint", "targetRole"): of("READ_WRITE", "READ_ONLY"),
    ("aws:secretsmanager/secretRotation:SecretRotation", "rotationRules"): _rotation_rules,
    ("aws:msk/cluster:Cluster", "enhancedMonitoring"): of(
        "DEFAULT", "PER_BROKER", "PER_TOPIC_PER_BROKER", "PER_TOPIC_PER_PARTITION"
    ),
    ("aws:msk/cluster:Cluster", "storageMode"): of("LOCAL", "TIERED"),
    ("aws:rds/cluster:Cluster", "backupRetentionPeriod"): between(0, 35),
    ("aws:rds/cluster:Cluster", "serverlessv2ScalingConfiguration"): _capacity,
    ("aws:rds/instance:Instance", "backupRetentionPeriod"): between(0, 35),
    ("aws:s3/bucket:Bucket", "bucket"): _BUCKET,
    ("aws:lb/targetGroup:TargetGroup", "deregistrationDelay"): between(0, 3600),
    ("aws:lb/targetGroup:TargetGroup", "slowStart"): _zero_or_between(30, 900),
    ("aws:lb/targetGroup:TargetGroup", "protocolVersion"): of("HTTP1", "HTTP2", "GRPC"),
    ("aws:lb/targetGroup:TargetGroup", "loadBalancingAlgorithmType"): of(
        "round_robin", "least_outstanding_requests", "weighted_random"
    ),
    ("aws:lb/targetGroup:TargetGroup", "stickiness"): _stickiness,
    ("aws:lb/listenerRule:ListenerRule", "priority"): between(1, 50000),
    ("aws:lb/loadBalancer:LoadBalancer", "clientKeepAlive"): between(60, 604800),
    ("aws:lb/loadBalancer:LoadBalancer", "desyncMitigationMode"): of("monitor", "defensive", "strictest"),
    ("aws:servicediscovery/httpNamespace:HttpNamespace", "name"): matches(
        r"[0-9A-Za-z_.-]{1,1024}", "a name of letters, digits, dots, hyphens and underscores"
    ),
    ("aws:sqs/queue:Queue", "visibilityTimeoutSeconds"): between(0, 43200),
}
