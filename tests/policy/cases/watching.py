"""Cases of the controls in `guardrails.controls.watching`, `alarms` and `recovery`."""

import json
from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import (
    Make,
    breaks,
    build,
    changed,
    document,
    holds,
    house,
    lost,
    made_of,
    one,
    ref,
    waits,
    without,
)
from tests.policy.houses import BLOCKED

LOGS, TRAIL, STORE, SERVICES, CONFIG, BUDGET, COVER, TELL, VAULT, BACKUP = (
    "log-group-retention",
    "cloudtrail-baseline",
    "trail-bucket-protected",
    "detective-services-on",
    "config-recorder-all",
    "budget-with-alert",
    "alarms-cover-tiers",
    "alarms-have-actions",
    "backup-vault-protected",
    "backup-covers-data",
)
GOOD_TRAIL = one(
    kinds.TRAIL, isMultiRegionTrail=True, enableLogFileValidation=True, kmsKeyId="arn:aws:kms:x",
    cloudWatchLogsGroupArn="arn:aws:logs:x", s3BucketName="trail",
)  # fmt: skip
STORED = build(
    logs=(kinds.BUCKET, {}),
    store=(kinds.BUCKET, {}),
    block=(kinds.BUCKET_PUBLIC_ACCESS_BLOCK, {"bucket": ref("store.id")} | BLOCKED),
    versions=(kinds.BUCKET_VERSIONING, {"bucket": ref("store.id"), "versioningConfiguration": {"status": "Enabled"}}),
    requests=(kinds.BUCKET_LOGGING, {"bucket": ref("store.id"), "targetBucket": ref("logs.id")}),
    it=(kinds.TRAIL, {"s3BucketName": ref("store.id")}),
)
OWNED: dict[str, Any] = {"ownsDetectors": ["guardduty", "securityhub", "access-analyzer", "config"]}
FEATURES = ("S3_DATA_EVENTS", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS", "RUNTIME_MONITORING")
DETECTED = build(
    guard=(kinds.GUARDDUTY_DETECTOR, {"enable": True}),
    hub=(kinds.SECURITY_HUB, {}),
    analyzer=(kinds.ACCESS_ANALYZER, {"type": "ORGANIZATION"}),
    recorder=(kinds.CONFIG_RECORDER, {}),
    **{
        name.lower(): (kinds.GUARDDUTY_FEATURE, {"detectorId": ref("guard.id"), "name": name, "status": "ENABLED"})
        for name in FEATURES
    },
)
RECORDED = build(
    it=(kinds.CONFIG_RECORDER, {"recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True}}),
    on=(kinds.CONFIG_RECORDER_STATUS, {"name": ref("it.name"), "isEnabled": True}),
)
LOCKED = build(
    it=(kinds.BACKUP_VAULT, {"kmsKeyArn": "arn:aws:kms:x"}),
    lock=(kinds.BACKUP_VAULT_LOCK, {"backupVaultName": ref("it.name")}),
)


def notified(**inputs: Any) -> Make:
    """A budget with one notification."""
    return one(kinds.BUDGET, limitAmount="100", notifications=[{"threshold": 80} | inputs])


def watched(kind: str, inputs: dict[str, Any], dimensions: Any, **more: Any) -> Make:
    """A resource, and an alarm with these dimensions."""
    return build(it=(kind, inputs), **more, alarm=(kinds.ALARM, {"dimensions": dimensions, "alarmActions": ["x"]}))


def letters(**alarm: Any) -> Make:
    """A queue whose failures go to another one, with an alarm."""
    return build(
        it=(kinds.QUEUE, {"name": "failed"}),
        work=(kinds.QUEUE, {"redrivePolicy": document({"deadLetterTargetArn": ref("it.arn"), "maxReceiveCount": 3})}),
        alarm=(kinds.ALARM, alarm),
    )


def to(arn: str) -> str:
    """A redrive policy."""
    return json.dumps({"deadLetterTargetArn": arn})


def selected(kind: str = kinds.TABLE, inputs: Any = None, /, **selection: Any) -> Make:
    """A resource, another one, and a backup selection."""
    return build(
        it=(kind, dict(inputs or {})),
        other=(kinds.DB_INSTANCE, {"replicateSourceDb": "far"}),
        selection=(kinds.BACKUP_SELECTION, selection),
    )


TAGGED = {"tags": {"backup": "daily"}}
DAILY = {"type": "STRINGEQUALS", "key": "backup", "value": "daily"}

CASES = (
    holds(LOGS, "long enough", one(kinds.LOG_GROUP, retentionInDays=30)),
    holds(LOGS, "a limit of one's own", one(kinds.LOG_GROUP, retentionInDays=7), minimumLogRetentionDays=7),
    holds(LOGS, "a class of which AWS sets the days", one(kinds.LOG_GROUP, logGroupClass="DELIVERY")),
    holds(
        LOGS,
        "a key, where it is asked for",
        one(kinds.LOG_GROUP, name="/shop/web", retentionInDays=90, kmsKeyId="k"),
        encryptedLogGroups=["/shop/*"],
    ),
    holds(
        LOGS,
        "no key, where none is asked for",
        one(kinds.LOG_GROUP, name="/x/web", retentionInDays=90),
        encryptedLogGroups=["/shop/*"],
    ),
    breaks(LOGS, "for ever, as nothing is said", one(kinds.LOG_GROUP), told="for ever"),
    breaks(LOGS, "for ever, as AWS writes it", one(kinds.LOG_GROUP, retentionInDays=0)),
    breaks(LOGS, "for ever, where a day would do", one(kinds.LOG_GROUP), minimumLogRetentionDays=1),
    holds(
        LOGS,
        "long enough, whatever its class and name",
        build(
            vpc=(kinds.VPC, {}),
            it=(
                kinds.LOG_GROUP,
                {"retentionInDays": 90, "kmsKeyId": "k", "name": ref("vpc.id"), "logGroupClass": ref("vpc.class")},
            ),
        ),
        encryptedLogGroups=["/shop/*"],
    ),
    breaks(
        LOGS,
        "too short",
        one(kinds.LOG_GROUP, retentionInDays=14),
        told="14 days, fewer than 30 (minimumLogRetentionDays)",
    ),
    breaks(LOGS, "a day", one(kinds.LOG_GROUP, retentionInDays=1), told="for 1 day, fewer"),
    breaks(
        LOGS,
        "no key, where one is asked for",
        one(kinds.LOG_GROUP, name="/shop/web", retentionInDays=90),
        encryptedLogGroups=["/shop/*"],
    ),
    breaks(LOGS, "no key, by logical name", one(kinds.LOG_GROUP, retentionInDays=90), encryptedLogGroups=["it"]),
    holds(TRAIL, "everything", GOOD_TRAIL),
    *(
        breaks(TRAIL, f"{key} is left out", changed(GOOD_TRAIL, "it", **{key: None}))
        for key in ("isMultiRegionTrail", "enableLogFileValidation", "kmsKeyId", "cloudWatchLogsGroupArn")
    ),
    breaks(TRAIL, "it is switched off", changed(GOOD_TRAIL, "it", enableLogging=False)),
    holds(STORE, "private, logged and versioned", STORED),
    breaks(STORE, "one flag is off", changed(STORED, "block", blockPublicAcls=False)),
    breaks(STORE, "not private", without(STORED, "block")),
    breaks(STORE, "not versioned", without(STORED, "versions")),
    breaks(STORE, "not logged", without(STORED, "requests")),
    breaks(STORE, "deleted with what is in it", changed(STORED, "store", forceDestroy=True)),
    breaks(
        STORE,
        "deleted with what is in it, whatever is not known yet",
        changed(changed(STORED, "block", blockPublicAcls=lost(True)), "store", forceDestroy=True),
    ),
    waits(STORE, "a bucket of another account", one(kinds.TRAIL, s3BucketName="central-trail")),
    holds(SERVICES, "nobody asks", one(kinds.VPC)),
    holds(SERVICES, "all of them", DETECTED, **OWNED),
    holds(SERVICES, "one that is owned", one(kinds.SECURITY_HUB), ownsDetectors=["securityhub"]),
    holds(
        SERVICES,
        "the old way to look into buckets",
        changed(without(DETECTED, "s3-data-events"), "guard", datasources={"s3Logs": {"enable": True}}),
        **OWNED,
    ),
    *(
        breaks(SERVICES, f"without {name}", without(DETECTED, name), "stack", **OWNED)
        for name in (
            "hub",
            "analyzer",
            "recorder",
            "s3-data-events",
            "rds-login-events",
            "lambda-network-logs",
            "runtime-monitoring",
        )
    ),
    holds(SERVICES, "a detector is on unless it is switched off", changed(DETECTED, "guard", enable=None), **OWNED),
    holds(
        SERVICES,
        "one feature more, of which nobody knows yet",
        house(DETECTED, more=(kinds.GUARDDUTY_FEATURE, {"name": "EKS_AUDIT_LOGS", "status": lost("ENABLED")})),
        **OWNED,
    ),
    breaks(SERVICES, "a feature without a name", changed(DETECTED, "rds-login-events", name=None), "stack", **OWNED),
    breaks(
        SERVICES,
        "a detector that is off",
        changed(DETECTED, "guard", enable=False),
        "stack",
        told="the stack is to switch these on",
        **OWNED,
    ),
    breaks(
        SERVICES, "a feature that is off", changed(DETECTED, "rds-login-events", status="DISABLED"), "stack", **OWNED
    ),
    breaks(
        SERVICES,
        "an analyzer of something else",
        changed(DETECTED, "analyzer", type="ACCOUNT_UNUSED_ACCESS"),
        "stack",
        **OWNED,
    ),
    breaks(SERVICES, "none at all", one(kinds.VPC), "stack", **OWNED),
    holds(CONFIG, "everything", RECORDED),
    holds(
        CONFIG,
        "everything is what AWS takes, and the strategy is AWS's own",
        changed(RECORDED, "it", recordingGroup={"includeGlobalResourceTypes": True, "recordingStrategies": lost([])}),
    ),
    breaks(
        CONFIG,
        "not everything",
        changed(RECORDED, "it", recordingGroup={"allSupported": False, "includeGlobalResourceTypes": True}),
    ),
    breaks(CONFIG, "without global types", changed(RECORDED, "it", recordingGroup={"allSupported": True})),
    breaks(CONFIG, "nothing is said", changed(RECORDED, "it", recordingGroup=None)),
    breaks(
        CONFIG,
        "all but some",
        changed(
            RECORDED,
            "it",
            recordingGroup={
                "allSupported": True,
                "includeGlobalResourceTypes": True,
                "recordingStrategies": [{"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"}],
            },
        ),
    ),
    breaks(CONFIG, "nobody starts it", without(RECORDED, "on")),
    breaks(CONFIG, "it is switched off", changed(RECORDED, "on", isEnabled=False)),
    holds(BUDGET, "it writes to somebody", notified(subscriberEmailAddresses=["a@example.com"])),
    holds(BUDGET, "it tells a topic", notified(subscriberSnsTopicArns=["arn:aws:sns:x"])),
    holds(BUDGET, "nobody asks for one", one(kinds.VPC)),
    holds(
        BUDGET,
        "the one that is asked for",
        notified(subscriberSnsTopicArns=["arn:aws:sns:x"]),
        ownsDetectors=["budget"],
    ),
    breaks(BUDGET, "no notification", one(kinds.BUDGET, limitAmount="100")),
    breaks(BUDGET, "nobody is told", notified(subscriberEmailAddresses=[])),
    breaks(BUDGET, "none where one is asked for", one(kinds.VPC), "stack", ownsDetectors=["budget"]),
    holds(COVER, "a balancer", watched(kinds.LOAD_BALANCER, {}, {"LoadBalancer": ref("it.arnSuffix")})),
    holds(
        COVER,
        "a balancer by its ARN",
        watched(
            kinds.LOAD_BALANCER,
            {"arn": "arn:aws:elasticloadbalancing:x:1:loadbalancer/app/web/1"},
            {"LoadBalancer": "app/web/1"},
        ),
    ),
    holds(COVER, "a service by its name", watched(kinds.ECS_SERVICE, {"name": "web"}, {"ServiceName": "web"})),
    holds(
        COVER,
        "a database in a formula",
        build(
            it=(kinds.DB_INSTANCE, {"identifier": "main"}),
            alarm=(kinds.ALARM, {"metricQueries": [{"metric": {"dimensions": {"DBInstanceIdentifier": "main"}}}]}),
        ),
    ),
    holds(
        COVER,
        "a cluster by one of its instances",
        build(
            it=(kinds.DB_CLUSTER, {}),
            one=(kinds.DB_CLUSTER_INSTANCE, {"clusterIdentifier": ref("it.id")}),
            alarm=(kinds.ALARM, {"dimensions": {"DBInstanceIdentifier": ref("one.identifier")}}),
        ),
    ),
    holds(COVER, "failures that somebody hears of", letters(dimensions={"QueueName": ref("it.name")})),
    holds(COVER, "a queue that gets no failures", one(kinds.QUEUE)),
    holds(COVER, "a gateway balancer", one(kinds.LOAD_BALANCER, loadBalancerType="gateway")),
    breaks(COVER, "a balancer that nobody watches", one(kinds.LOAD_BALANCER)),
    breaks(COVER, "a service", watched(kinds.ECS_SERVICE, {"name": "web"}, {"ServiceName": "other"})),
    breaks(
        COVER,
        "a database, and an alarm on another one",
        watched(
            kinds.DB_INSTANCE,
            {"identifier": "main"},
            {"DBInstanceIdentifier": ref("two.identifier")},
            two=(kinds.DB_INSTANCE, {"identifier": "two"}),
        ),
    ),
    holds(
        COVER,
        "a cluster by one of its two instances",
        build(
            it=(kinds.DB_CLUSTER, {}),
            one=(kinds.DB_CLUSTER_INSTANCE, {"clusterIdentifier": ref("it.id")}),
            two=(kinds.DB_CLUSTER_INSTANCE, {"clusterIdentifier": ref("it.id")}),
            alarm=(kinds.ALARM, {"dimensions": {"DBInstanceIdentifier": ref("one.identifier")}}),
        ),
    ),
    breaks(
        COVER,
        "a cluster, and an instance that nobody watches, of whichever cluster",
        build(it=(kinds.DB_CLUSTER, {}), one=(kinds.DB_CLUSTER_INSTANCE, {"clusterIdentifier": lost("x")})),
    ),
    breaks(
        COVER,
        "a name that is made of something",
        build(vpc=(kinds.VPC, {}), it=(kinds.ECS_SERVICE, {"name": ref("vpc.id")})),
    ),
    breaks(COVER, "an empty dimension", watched(kinds.LOAD_BALANCER, {}, {"LoadBalancer": ""})),
    breaks(
        COVER,
        "a formula that is not known yet",
        build(
            it=(kinds.ECS_SERVICE, {"name": "web"}),
            alarm=(kinds.ALARM, {"metricQueries": [{"id": "a", "expression": lost("a / b")}]}),
        ),
    ),
    holds(
        COVER,
        "metrics that are not known yet",
        build(
            it=(kinds.ECS_SERVICE, {"name": "web"}),
            alarm=(kinds.ALARM, {"metricQueries": lost([{"metric": {"dimensions": {"ServiceName": "web"}}}])}),
        ),
        at_preview=("it",),
    ),
    breaks(
        COVER,
        "where failures go is not known yet",
        build(
            topic=(kinds.TOPIC, {}),
            it=(kinds.QUEUE, {}),
            a=(kinds.FUNCTION, {"deadLetterConfig": {"targetArn": lost("arn:aws:x:::queue/it")}}),
            b=(kinds.FUNCTION, {"deadLetterConfig": {"targetArn": ref("topic.arn")}}),
            c=(kinds.FUNCTION, {}),
        ),
        undecided_at_preview=True,
    ),
    breaks(
        COVER,
        "failures go to one of two queues",
        build(
            it=(kinds.QUEUE, {}),
            other=(kinds.QUEUE, {}),
            work=(
                kinds.QUEUE,
                {"redrivePolicy": made_of(ref("it.arn"), ref("other.arn"), make=lambda one, _: to(one))},
            ),
            alarm=(kinds.ALARM, {"dimensions": {"QueueName": ref("other.name")}}),
        ),
        undecided_at_preview=True,
    ),
    breaks(
        COVER,
        "failures of a queue that says so in a block",
        build(it=(kinds.QUEUE, {}), work=(kinds.QUEUE, {"redrivePolicy": {"deadLetterTargetArn": ref("it.arn")}})),
    ),
    breaks(COVER, "a cluster", one(kinds.DB_CLUSTER)),
    breaks(COVER, "failures that nobody hears of", letters(dimensions={"QueueName": "other"})),
    breaks(
        COVER,
        "failures of a function",
        build(it=(kinds.QUEUE, {}), work=(kinds.FUNCTION, {"deadLetterConfig": {"targetArn": ref("it.arn")}})),
    ),
    breaks(
        COVER,
        "a dimension that is known later",
        watched(kinds.DB_INSTANCE, {"identifier": "main"}, {"DBInstanceIdentifier": lost("other")}),
        undecided_at_preview=True,
    ),
    breaks(
        COVER,
        "its name in an alarm, but not as a dimension",
        build(
            it=(kinds.ECS_SERVICE, {"name": "web"}),
            alarm=(
                kinds.ALARM,
                {"namespace": "web", "metricQueries": [{"id": "web", "metric": {"metricName": "web"}}]},
            ),
        ),
    ),
    holds(TELL, "a topic", one(kinds.ALARM, alarmActions=["arn:aws:sns:x"])),
    holds(TELL, "of several alarms", one(kinds.COMPOSITE_ALARM, alarmActions=["arn:aws:sns:x"], actionsEnabled=True)),
    breaks(TELL, "nobody", one(kinds.ALARM)),
    breaks(TELL, "an empty list", one(kinds.ALARM, alarmActions=[])),
    breaks(TELL, "switched off", one(kinds.ALARM, alarmActions=["arn:aws:sns:x"], actionsEnabled=False)),
    breaks(TELL, "only when all is well again", one(kinds.ALARM, okActions=["arn:aws:sns:x"])),
    breaks(TELL, "of several alarms, nobody", one(kinds.COMPOSITE_ALARM, alarmRule="ALARM(web)")),
    holds(VAULT, "a key and a lock", LOCKED, protected=True),
    holds(VAULT, "no lock, where nothing is protected", without(LOCKED, "lock")),
    breaks(VAULT, "no lock", without(LOCKED, "lock"), protected=True),
    breaks(VAULT, "no key", changed(LOCKED, "it", kmsKeyArn=None)),
    breaks(VAULT, "emptied with it", changed(LOCKED, "it", forceDestroy=True)),
    breaks(
        VAULT,
        "the lock of another vault",
        build(
            it=(kinds.BACKUP_VAULT, {"kmsKeyArn": "arn:aws:kms:x"}),
            other=(kinds.BACKUP_VAULT, {"kmsKeyArn": "arn:aws:kms:x"}),
            lock=(kinds.BACKUP_VAULT_LOCK, {"backupVaultName": ref("other.name")}),
        ),
        "it",
        protected=True,
    ),
    holds(BACKUP, "by its ARN", selected(resources=[ref("it.arn")])),
    holds(BACKUP, "one of two ARNs", selected(resources=[ref("it.arn"), ref("other.arn")])),
    holds(BACKUP, "everything", selected(resources=["*"])),
    holds(
        BACKUP,
        "one of two ARNs beside a third",
        selected(
            resources=[
                "arn:aws:dynamodb:eu-west-1:1:table/x",
                made_of(ref("it.arn"), ref("other.arn"), make=lambda first, _: first),
            ]
        ),
        at_preview=("it",),
    ),
    breaks(BACKUP, "what is no ARN", selected(resources=["tables"]), undecided_at_preview=True),
    breaks(
        BACKUP,
        "a tag is compared as it is written",
        selected(kinds.TABLE, TAGGED, selectionTags=[DAILY | {"value": "da*"}]),
    ),
    *(
        case(
            BACKUP,
            f"everything with {operator} of {value}",
            selected(
                kinds.TABLE,
                TAGGED,
                resources=["*"],
                conditions=[{operator: [{"key": "aws:ResourceTag/backup", "value": value}]}],
            ),
        )
        for case, operator, value in (
            (breaks, "stringEquals", "da*"),
            (holds, "stringNotEquals", "da*"),
            (breaks, "stringNotLikes", "da*"),
            (holds, "stringNotLikes", "we*"),
        )
    ),
    holds(
        BACKUP,
        "all tables",
        selected(
            kinds.TABLE, {"arn": "arn:aws:dynamodb:eu-west-1:1:table/t"}, resources=["arn:aws:dynamodb:*:*:table/*"]
        ),
    ),
    holds(BACKUP, "by a tag", selected(kinds.DB_CLUSTER, TAGGED, selectionTags=[DAILY])),
    holds(
        BACKUP,
        "by a tag of the provider",
        selected(kinds.FILE_SYSTEM, {"tagsAll": {"backup": "daily"}}, selectionTags=[DAILY]),
    ),
    holds(
        BACKUP,
        "everything with a tag",
        selected(
            kinds.TABLE,
            TAGGED,
            resources=["*"],
            conditions=[{"stringEquals": [{"key": "aws:ResourceTag/backup", "value": "daily"}]}],
        ),
    ),
    holds(
        BACKUP,
        "everything with a tag like that",
        selected(
            kinds.TABLE,
            TAGGED,
            resources=["*"],
            conditions=[{"stringLikes": [{"key": "aws:ResourceTag/backup", "value": "da*"}]}],
        ),
    ),
    holds(BACKUP, "a copy of another database", one(kinds.DB_INSTANCE, replicateSourceDb="far")),
    breaks(BACKUP, "no selection", one(kinds.TABLE)),
    breaks(BACKUP, "an empty selection", selected()),
    breaks(BACKUP, "another one", selected(resources=[ref("other.arn")])),
    breaks(BACKUP, "all databases, and this is a table", selected(resources=["arn:aws:rds:*:*:db:*"])),
    breaks(
        BACKUP, "another value of the tag", selected(kinds.TABLE, {"tags": {"backup": "never"}}, selectionTags=[DAILY])
    ),
    breaks(BACKUP, "no tag", selected(kinds.VOLUME, selectionTags=[DAILY])),
    breaks(
        BACKUP,
        "everything but this",
        selected(
            kinds.TABLE,
            {"arn": "arn:aws:dynamodb:eu-west-1:1:table/t"},
            resources=["*"],
            notResources=["arn:aws:dynamodb:*:*:table/t"],
        ),
    ),
    breaks(
        BACKUP,
        "everything with another tag",
        selected(
            kinds.TABLE,
            TAGGED,
            resources=["*"],
            conditions=[{"stringNotEquals": [{"key": "aws:ResourceTag/backup", "value": "daily"}]}],
        ),
    ),
    breaks(
        BACKUP,
        "an ARN that is known later",
        selected(resources=[lost("arn:aws:dynamodb:eu-west-1:1:table/x")]),
        undecided_at_preview=True,
    ),
)
