"""Whether somebody would notice: logs, trails, alarms, detectors, budgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from guardrails import kinds
from guardrails.checks import (
    ANYTHING,
    all_of,
    at_least,
    differs,
    equals,
    has_companion,
    is_false,
    is_set,
    is_true,
    limit_spoken,
)  # fmt: skip
from guardrails.graph import Node, Reference
from guardrails.joins import BUCKET
from guardrails.parameters import BUDGETS, DETECTORS, ENCRYPTED_LOGS, LOG_DAYS
from guardrails.reading import Items, Known, Record, Unknown, Value
from guardrails.verdicts import (
    BASELINE,
    COST,
    HOLDS,
    Control,
    Family,
    Finding,
    Outcome,
    Scope,
    Severity,
    View,
    breaks,
    waits,
)  # fmt: skip

from . import alarms, recovery
from .buckets import logged, versioned
from .storage import public_access_blocked

_FOREVER = 0


def _lasting(value: Value[int], view: View) -> str:
    days = value.value if isinstance(value, Known) else _FOREVER
    if days == _FOREVER:
        return "it keeps its events for ever"
    return f"it keeps its events for {days} day{'s' * (days > 1)}, fewer than {limit_spoken(LOG_DAYS, view)}"


_RETENTION = at_least("retentionInDays", LOG_DAYS, absent=_FOREVER, says=_lasting)
_HAS_KEY = is_set("kmsKeyId", says="it has no KMS key")


def _retention(node: Node, view: View) -> Iterable[Finding]:
    """AWS sets the days of the class DELIVERY itself."""
    sort = node.props.text("logGroupClass")
    days = HOLDS if sort == Known("DELIVERY") else _RETENTION.answer(node, view)
    if days.outcome is Outcome.VIOLATION and isinstance(sort, Unknown):
        days = waits(f"its class, {view.graph.describe(sort)}", node.label)
    yield _worst([days, _key(node, view)])


def _key(node: Node, view: View) -> Finding:
    patterns, name = view.config[ENCRYPTED_LOGS], node.props.text("name")
    names = [node.name, *([name.value] if isinstance(name, Known) else [])]
    found = _HAS_KEY.answer(node, view) if patterns else HOLDS
    if any(fnmatchcase(each, pattern) for each in names for pattern in patterns) or found.outcome is Outcome.PASS:
        return found
    return waits(f"its name, {view.graph.describe(name)}", node.label) if isinstance(name, Unknown) else HOLDS


def _worst(found: list[Finding]) -> Finding:
    broken = [each for each in found if each.outcome is Outcome.VIOLATION]
    return (broken or [each for each in found if each.outcome is not Outcome.PASS] or [HOLDS])[0]


# -- trails ------------------------------------------------------------------------------------------------------------

_BASELINE = all_of(
    is_true("isMultiRegionTrail"),
    is_true("enableLogFileValidation"),
    is_true("enableLogging", absent=True),
    is_set("kmsKeyId"),
    is_set("cloudWatchLogsGroupArn"),
)


def _trail_bucket(trail: Node, view: View) -> Iterable[Finding]:
    members = view.graph.link(trail.props.text("s3BucketName"), BUCKET)
    if members.one is None:
        yield waits(f"the bucket that it writes to: {members.missing}", trail.label)
        return
    bucket = members.one
    found = [
        *public_access_blocked(bucket, view),
        versioned(bucket, view),
        logged(bucket, view),
        _NOT_EMPTIED.answer(bucket, view),
    ]
    worst = _worst(found)
    yield worst._replace(path=(trail.label, *worst.path))


_NOT_EMPTIED = is_false("forceDestroy", says="forceDestroy is true: it is deleted with what is in it")

# -- what an account switches on ---------------------------------------------------------------------------------------

_FEATURES = ("S3_DATA_EVENTS", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS", "RUNTIME_MONITORING")
"""The last one is how GuardDuty looks into ECS tasks."""
_SWITCHES = {
    "guardduty": (kinds.GUARDDUTY_DETECTOR, is_true("enable", absent=True)),
    "securityhub": (kinds.SECURITY_HUB, ANYTHING),
    "access-analyzer": (kinds.ACCESS_ANALYZER, equals("type", "ACCOUNT", "ORGANIZATION", absent="ACCOUNT")),
    "config": (kinds.CONFIG_RECORDER, ANYTHING),
}


def _services_on(stack: Node, view: View) -> Iterable[Finding]:
    missing: list[str] = []
    doubt: Finding | None = None
    for name in sorted(view.config[DETECTORS] & _SWITCHES.keys()):
        kind, check = _SWITCHES[name]
        found = [check.answer(node, view) for node in view.graph.of(kind)]
        if any(each.outcome is Outcome.PASS for each in found):
            continue
        unknown = [each for each in found if each.outcome is Outcome.UNDECIDED]
        doubt = unknown[0] if unknown else doubt
        missing += [] if unknown else [kinds.spoken(kind)]
    if "guardduty" in view.config[DETECTORS]:
        features, waiting = _features(view)
        missing += [f"detector feature {name}" for name in features]
        doubt = waiting or doubt
    if missing:
        yield breaks(f"the stack is to switch these on and does not: {', '.join(missing)}", stack.label)
    else:
        yield doubt or HOLDS


def _features(view: View) -> tuple[list[str], Finding | None]:
    """The features that are not on; `datasources.s3Logs` of the detector is the old way to say the first."""
    on: set[str] = set()
    doubt: Finding | None = None
    for node in view.graph.of(kinds.GUARDDUTY_FEATURE):
        name, status = node.props.text("name"), node.props.text("status")
        if isinstance(name, Unknown) or isinstance(status, Unknown):
            doubt = waits("the name or status of a detector feature", node.label)
        elif isinstance(name, Known) and status == Known("ENABLED"):
            on.add(name.value)
    for node in view.graph.of(kinds.GUARDDUTY_DETECTOR):
        old = _inside(node.props, "datasources", "s3Logs")
        enabled = old.value.flag("enable") if isinstance(old, Known) else old
        if enabled == Known(True):
            on.add(_FEATURES[0])
        elif isinstance(enabled, Unknown):
            doubt = waits("the datasources of the detector", node.label)
    missing = [name for name in _FEATURES if name not in on]
    return ([], doubt) if doubt is not None and missing else (missing, None)


def _inside(record: Record, *names: str) -> Value[Record]:
    value: Value[Record] = Known(record)
    for name in names:
        value = value.value.record(name) if isinstance(value, Known) else value
    return value


_RECORDER = Reference({kinds.CONFIG_RECORDER: ("name", "id")})
_RECORDS_ALL = all_of(
    is_true("recordingGroup.allSupported", absent=True),
    is_true("recordingGroup.includeGlobalResourceTypes"),
    differs(
        "recordingGroup.recordingStrategies[].useOnly",
        "INCLUSION_BY_RESOURCE_TYPES",
        "EXCLUSION_BY_RESOURCE_TYPES",
        computed=True,
    ),
    has_companion(
        kinds.CONFIG_RECORDER_STATUS, "name", _RECORDER, is_true("isEnabled"), missing="no cfg.RecorderStatus starts it"
    ),
)


def _budget(node: Node, view: View) -> Iterable[Finding]:
    over = [] if node.kind == kinds.BUDGET else _too_many(view)
    if node.kind == kinds.BUDGET:
        yield _alerts(node, view)
    elif over:
        yield breaks("; ".join(over), node.label, fix="make fewer, or raise the number in resourceBudgets")
    elif "budget" in view.config[DETECTORS] and not view.graph.of(kinds.BUDGET):
        yield breaks("the stack is to have a budget and has none", node.label)
    else:
        yield HOLDS


def _too_many(view: View) -> list[str]:
    """The types of which there are more resources than the configuration has a budget for."""
    budgets: Mapping[str, int] = view.config[BUDGETS]
    counted = {token: len(view.graph.of(kinds.kind_of(token))) for token in sorted(budgets)}
    return [
        f"{count} resource{'s' * (count > 1)} of {token}, and {BUDGETS.name} allows {allowed}"
        for token, count in counted.items()
        if count > (allowed := budgets[token])
    ]


def _alerts(budget: Node, view: View) -> Finding:
    found = budget.props.items("notifications")
    if isinstance(found, Unknown):
        return waits(f"notifications, {view.graph.describe(found)}", budget.label)
    answers = [
        _reaches(each.value) if isinstance(each, Known) else None
        for each in (found.value.records() if isinstance(found, Known) else ())
    ]
    if True in answers:
        return HOLDS
    return (
        waits("whom its notifications reach", budget.label)
        if None in answers
        else breaks("no notification of it reaches anybody", budget.label)
    )


def _reaches(notification: Record) -> bool | None:
    lists: list[Value[Items]] = [
        notification.items(key) for key in ("subscriberEmailAddresses", "subscriberSnsTopicArns")
    ]
    if any(isinstance(each, Known) and not each.value.blank for each in lists):
        return True
    return None if any(isinstance(each, Unknown) for each in lists) else False


CONTROLS: tuple[Control, ...] = (
    Control(
        id="cloudtrail-baseline",
        title="Trails cover all regions, are validated and encrypted, and reach CloudWatch Logs",
        severity=Severity.HIGH,
        subjects=(kinds.TRAIL,),
        references=(
            "CloudTrail.1",
            "CloudTrail.2",
            "CloudTrail.4",
            "CloudTrail.5",
            "CIS 3.1",
            "CIS 3.2",
            "CIS 3.5",
            "CKV_AWS_35",
            "CKV_AWS_36",
            "CKV_AWS_67",
            "CKV2_AWS_10",
        ),
        why="Whoever takes an account works where nobody looks, and then changes the logs.",
        fix="set is_multi_region_trail, enable_log_file_validation, kms_key_id and cloud_watch_logs_group_arn",
        judge=_BASELINE,
        own_packs=(BASELINE,),
    ),
    Control(
        id="trail-bucket-protected",
        title="The bucket of a trail is private, logged, versioned, and never emptied by Pulumi",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=(kinds.TRAIL,),
        references=("CloudTrail.6", "CloudTrail.7", "CIS 3.4"),
        why="It is the only witness of what happened in the account.",
        fix="add BucketPublicAccessBlock, BucketVersioning and BucketLogging to the bucket, and drop force_destroy",
        judge=_trail_bucket,
        own_packs=(BASELINE,),
    ),
    Control(
        id="detective-services-on",
        title="The stack that owns detective services of an account switches them on",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=(kinds.STACK,),
        parameters=(DETECTORS,),
        references=(
            "GuardDuty.1",
            "GuardDuty.9",
            "GuardDuty.10",
            "CIS 4.16",
            "CIS 1.19",
            "CKV_AWS_238",
            "CKV2_AWS_3",
        ),
        why="Nothing else in the account says that somebody is in it.",
        fix="add guardduty.Detector with its features, securityhub.Account, accessanalyzer.Analyzer, cfg.Recorder",
        judge=_services_on,
        own_packs=(BASELINE,),
    ),
    Control(
        id="log-group-retention",
        title="Log groups keep what is written long enough, and not for ever",
        severity=Severity.MEDIUM,
        subjects=(kinds.LOG_GROUP,),
        parameters=(LOG_DAYS, ENCRYPTED_LOGS),
        references=("CKV_AWS_66", "CKV_AWS_338", "CKV_AWS_158"),
        why="Without retention_in_days everything is kept and paid for, personal data too.",
        fix="set retention_in_days to minimumLogRetentionDays or more; kms_key_id where encryptedLogGroups names it",
        judge=_retention,
        own_packs=(COST,),
    ),
    Control(
        id="config-recorder-all",
        title="AWS Config records all types of resources, the global ones too",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.CONFIG_RECORDER,),
        references=("Config.1", "CIS 3.3", "CKV2_AWS_45", "CKV2_AWS_48"),
        why="What is not recorded was never there when somebody asks.",
        fix="set all_supported and include_global_resource_types, and add cfg.RecorderStatus(is_enabled=True)",
        judge=_RECORDS_ALL,
    ),
    Control(
        id="budget-with-alert",
        title="Budgets tell somebody, the account's stack has one, and no type has more resources than its budget",
        severity=Severity.LOW,
        scope=Scope.GRAPH,
        subjects=(kinds.STACK, kinds.BUDGET),
        parameters=(DETECTORS, BUDGETS),
        own_packs=(COST,),
        why="The bill comes a month later.",
        fix="add budgets.Budget with notifications to subscriber_email_addresses or subscriber_sns_topic_arns",
        judge=_budget,
    ),
)
FAMILY = Family("watching", "Logs, detection, backup, cost", (*CONTROLS, *alarms.CONTROLS, *recovery.CONTROLS))
