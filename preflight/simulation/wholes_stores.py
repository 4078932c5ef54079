"""As ``wholes``, of what keeps data, carries messages or watches. Sources and date are those of it."""

import re
from collections.abc import Iterator
from typing import Any

from preflight.simulation.limits import number, password
from preflight.simulation.together import UNKNOWN, Inputs, Problem, blocks, given, one_of, snake, sure
from preflight.simulation.wholes import Whole, as_json, elements, needs

# -- messages and watching ----------------------------------------------------------------------------------------


_WITHOUT_THRESHOLD = ("thresholdMetricId", "evaluationCriteria")  # the latter holds a query that has one in it


def _alarm(inputs: Inputs) -> Iterator[Problem]:
    points, periods = number(inputs.get("datapointsToAlarm")), number(inputs.get("evaluationPeriods"))
    if points is not None and periods is not None and points > periods:
        yield Problem("datapointsToAlarm", f"{points:g} is above evaluation_periods ({periods:g})")
    period = number(inputs.get("period"))
    longest = 86400 if period is not None and period < 3600 else 604800
    if period is not None and periods is not None and period * periods > longest:
        yield Problem("evaluationPeriods", f"{periods:g} times a period of {period:g} s is above {longest} s")
    if sure(inputs, "metricName"):
        if not given(inputs, "statistic") and not given(inputs, "extendedStatistic"):
            yield Problem("statistic", "one of statistic, extended_statistic has to be given with metric_name")
        for key in ("namespace", "period"):
            yield from needs(inputs, key, "with metric_name")
    if inputs.get("threshold") is None and not any(given(inputs, key) for key in _WITHOUT_THRESHOLD):
        yield Problem("threshold", "is required, or threshold_metric_id for a band of anomalies")


def _redrive(inputs: Inputs) -> Iterator[Problem]:
    """Of a queue: what it does with messages that nobody gets done."""
    policy = as_json(inputs.get("redrivePolicy"))
    if isinstance(policy, dict):
        strays = sorted(policy.keys() - {"deadLetterTargetArn", "maxReceiveCount"})
        if strays:
            yield Problem("redrivePolicy", f"has no {', '.join(strays)}; it has deadLetterTargetArn, maxReceiveCount")
        count = number(policy.get("maxReceiveCount"))
        if count is not None and not 1 <= count <= 1000:
            yield Problem("redrivePolicy", f"maxReceiveCount: expected 1 to 1000, got {count:g}")


def _subscription(inputs: Inputs) -> Iterator[Problem]:
    protocol, endpoint = inputs.get("protocol"), inputs.get("endpoint")
    forms = {"email": ".+@.+", "email-json": ".+@.+", "http": "http://.+", "https": "https://.+", "lambda": "arn:.+",
             "sqs": "arn:.+", "firehose": "arn:.+"}  # fmt: skip
    form = forms.get(str(protocol))
    if form and isinstance(endpoint, str) and endpoint != UNKNOWN and not re.fullmatch(form, endpoint):
        yield Problem("endpoint", f"{endpoint!r} is none for the protocol {protocol}, which takes {form}")
    if protocol == "firehose":
        yield from needs(inputs, "subscriptionRoleArn", "with the protocol firehose")


def _schedule(inputs: Inputs) -> Iterator[Problem]:
    for window in blocks(inputs.get("flexibleTimeWindow"), []):
        if window.get("mode") == "FLEXIBLE" and window.get("maximumWindowInMinutes") is None:
            yield Problem("flexibleTimeWindow.maximumWindowInMinutes", "is required with the mode FLEXIBLE")


def _stream(inputs: Inputs) -> Iterator[Problem]:
    modes = [each.get("streamMode") for each in blocks(inputs.get("streamModeDetails"), [])]
    if modes == ["ON_DEMAND"] and sure(inputs, "shardCount"):
        yield Problem("shardCount", "does not go with the stream_mode ON_DEMAND")
    if modes in ([], ["PROVISIONED"]) and inputs.get("streamModeDetails") != UNKNOWN:
        yield from needs(inputs, "shardCount", "with the stream_mode PROVISIONED")


def _machine(inputs: Inputs) -> Iterator[Problem]:
    """Of a state machine: that its definition begins somewhere."""
    definition = inputs.get("definition")
    if not isinstance(definition, str) or definition == UNKNOWN:
        return
    document = as_json(definition)
    if not isinstance(document, dict):
        yield Problem("definition", "is no JSON object with StartAt and States")
        return
    states, first = document.get("States"), document.get("StartAt")
    for name in ("StartAt", "States"):
        if not document.get(name):
            yield Problem("definition", f"{name} is missing")
    if isinstance(states, dict) and states and isinstance(first, str) and first not in states:
        yield Problem("definition", f"StartAt names {first!r}; there are {', '.join(sorted(states))}")


def _parameter(inputs: Inputs) -> Iterator[Problem]:
    name = inputs.get("name")
    if inputs.get("type") == "SecureString" and sure(inputs, "insecureValue"):
        yield Problem("insecureValue", "does not go with the type SecureString")
    if isinstance(name, str) and name != UNKNOWN:
        if re.match(r"(?i)/?(aws|ssm)(?![a-z0-9_.-])|(aws|ssm)", name):
            yield Problem("name", f"{name!r}: names that begin with aws or ssm are kept for AWS")
        elif "/" in name and not name.startswith("/"):
            yield Problem("name", f"{name!r}: a name with / in it begins with /")


# -- stores -------------------------------------------------------------------------------------------------------


def _table(inputs: Inputs) -> Iterator[Problem]:
    made_of = ("restoreSourceName", "restoreSourceTableArn", "globalTableWitness", "importTable")
    if not given(inputs, "hashKey") and not any(given(inputs, key) for key in made_of):
        yield Problem("hashKey", "is required for a table that is not restored")
    locals_ = inputs.get("localSecondaryIndexes")
    if isinstance(locals_, list) and locals_ and not given(inputs, "rangeKey"):
        yield Problem("localSecondaryIndexes", "an index of this kind needs the range_key of the table")
    for kind, most in (("globalSecondaryIndexes", None), ("localSecondaryIndexes", 5)):
        for place, index in elements(inputs, kind):
            projection = index.get("projectionType")
            if projection == "INCLUDE" and not given(index, "nonKeyAttributes"):
                yield Problem(f"{place}.nonKeyAttributes", "is required with the projection_type INCLUDE")
            if projection in ("ALL", "KEYS_ONLY") and sure(index, "nonKeyAttributes"):
                yield Problem(f"{place}.nonKeyAttributes", f"does not go with the projection_type {projection}")
        count = len(inputs[kind]) if isinstance(inputs.get(kind), list) else 0
        if most is not None and count > most:
            yield Problem(kind, f"{count} indexes, a table has at most {most}")
    for ttl in blocks(inputs.get("ttl"), []):
        if ttl.get("enabled") is True and not given(ttl, "attributeName"):
            yield Problem("ttl.attributeName", "is required with enabled")


def _bucket(inputs: Inputs) -> Iterator[Problem]:
    name, prefix = inputs.get("bucket"), inputs.get("bucketPrefix")
    if isinstance(prefix, str) and prefix != UNKNOWN and len(prefix) > 37:
        yield Problem("bucketPrefix", f"{len(prefix)} characters, 37 are allowed")
    if not isinstance(name, str) or name == UNKNOWN:
        return
    if ".." in name or re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name):
        yield Problem("bucket", f"{name!r} has two dots together or is an address")
    if name.startswith(("xn--", "sthree-")) or name.endswith(("-s3alias", "--ol-s3")):
        yield Problem("bucket", f"{name!r} begins or ends as names that are kept for AWS")


def _encryption(inputs: Inputs) -> Iterator[Problem]:
    for rule in blocks(inputs.get("rules"), ["applyServerSideEncryptionByDefault"]):
        if rule.get("sseAlgorithm") == "AES256" and sure(rule, "kmsMasterKeyId"):
            yield Problem("rules", "kms_master_key_id does not go with the sse_algorithm AES256: aws:kms")


_DOES = (
    "abortIncompleteMultipartUpload", "expiration", "noncurrentVersionExpiration", "noncurrentVersionTransitions",
    "transitions",
)  # fmt: skip


def _lifecycle(inputs: Inputs) -> Iterator[Problem]:
    ids = [rule.get("id") for _, rule in elements(inputs, "rules")]
    for repeated in sorted({str(each) for each in ids if each not in (None, "", UNKNOWN) and ids.count(each) > 1}):
        yield Problem("rules", f"the id {repeated!r} stands at more than one rule")
    for place, rule in elements(inputs, "rules"):
        if not any(given(rule, key) for key in _DOES):
            yield Problem(place, f"a rule does something: {', '.join(map(snake, _DOES))}")
        moved = [(number(each.get("days")), each) for each in blocks(rule.get("transitions"), [])]
        for days, each in moved:
            kind = each.get("storageClass")
            if kind in ("STANDARD_IA", "ONEZONE_IA") and days is not None and days < 30:
                yield Problem(f"{place}.transitions", f"{kind} takes objects from 30 days on, got {days:g}")
            if days is not None and sure(each, "date"):
                yield Problem(f"{place}.transitions", "one of days and date is given, not both")
        for expiration in blocks(rule.get("expiration"), []):
            end = number(expiration.get("days"))
            late = [days for days, _ in moved if days is not None and end is not None and days >= end]
            if late:
                yield Problem(
                    f"{place}.expiration", f"{end:g} days have to be more than the {max(late):g} of a transition"
                )


def _website(inputs: Inputs) -> Iterator[Problem]:
    if not one_of(inputs, ("indexDocument", "redirectAllRequestsTo")):
        yield Problem("", "one of index_document, redirect_all_requests_to has to be given")


def _lock(inputs: Inputs) -> Iterator[Problem]:
    for kept in blocks(inputs.get("rule"), ["defaultRetention"]):
        if not one_of(kept, ("days", "years")):
            yield Problem("rule.defaultRetention", "one of days and years has to be given")


def _key(inputs: Inputs) -> Iterator[Problem]:
    spec = inputs.get("customerMasterKeySpec")
    if inputs.get("enableKeyRotation") is True and spec not in (None, "", "SYMMETRIC_DEFAULT", UNKNOWN):
        yield Problem("enableKeyRotation", f"AWS turns symmetric keys only, this is {spec}")


def _cache(inputs: Inputs) -> Iterator[Problem]:
    engine, nodes = str(inputs.get("engine")).lower(), number(inputs.get("numCacheNodes"))
    if engine in ("redis", "valkey") and nodes is not None and nodes > 1:
        yield Problem("numCacheNodes", f"a cluster of {engine} has one node: elasticache.ReplicationGroup has more")
    if inputs.get("azMode") == "cross-az" and nodes == 1:
        yield Problem("azMode", "cross-az needs num_cache_nodes of 2 or more")
    yield from _windows(inputs, "snapshotWindow", "maintenanceWindow", 60)


def _cache_group(inputs: Inputs) -> Iterator[Problem]:
    """Nodes are counted in one way, failover has somebody to fail over to, keys and tokens need encryption; whether a
    secondary of a global group is encrypted says that."""
    world = given(inputs, "globalReplicationGroupId")
    nodes, replicas = inputs.get("numCacheClusters"), inputs.get("replicasPerNodeGroup")
    if sure(inputs, "numCacheClusters") and replicas not in (None, UNKNOWN):
        yield Problem("replicasPerNodeGroup", "conflicts with num_cache_clusters")
    failover = inputs.get("automaticFailoverEnabled")
    if failover is True and isinstance(nodes, int | float) and nodes < 2:
        yield Problem("numCacheClusters", "must be at least 2 if automatic_failover_enabled is true")
    if inputs.get("multiAzEnabled") is True and failover not in (True, UNKNOWN):
        yield Problem("automaticFailoverEnabled", "must be true if multi_az_enabled is true")
    encrypted = inputs.get("atRestEncryptionEnabled")
    if encrypted is None and (world or inputs.get("engine") in ("valkey", UNKNOWN)):
        encrypted = True  # its default
    if sure(inputs, "kmsKeyId") and encrypted in (None, False):
        yield Problem("kmsKeyId", "can only be set with at_rest_encryption_enabled")
    silent = (False,) if world else (None, False)
    if sure(inputs, "authToken") and inputs.get("transitEncryptionEnabled") in silent:
        yield Problem("authToken", "needs transit_encryption_enabled")
    yield from _windows(inputs, "snapshotWindow", "maintenanceWindow", 60)


def _cache_user(inputs: Inputs) -> Iterator[Problem]:
    """Who signs in with IAM is called as its id, who has passwords has one or two."""
    for mode in blocks(inputs.get("authenticationMode"), []):
        kind, passwords = mode.get("type"), mode.get("passwords") or []
        names = {inputs.get("userId"), inputs.get("userName")}
        if kind == "iam" and UNKNOWN not in names and len(names) > 1:
            yield Problem("userName", "must be the user_id with IAM authentication")
        if isinstance(passwords, list) and kind != UNKNOWN and (kind == "password") != (1 <= len(passwords) <= 2):
            yield Problem("authenticationMode", "passwords, one or two, go with the type password and with no other")


def _file_system(inputs: Inputs) -> Iterator[Problem]:
    if inputs.get("throughputMode") == "provisioned":
        yield from needs(inputs, "provisionedThroughputInMibps", "with the throughput_mode provisioned")


def _brokers(inputs: Inputs) -> Iterator[Problem]:
    for group in blocks(inputs.get("brokerNodeGroupInfo"), []):
        subnets = group.get("clientSubnets")
        zones = len(subnets) if isinstance(subnets, list) and UNKNOWN not in subnets else 0
        nodes = number(inputs.get("numberOfBrokerNodes"))
        if zones == 1:
            yield Problem("brokerNodeGroupInfo.clientSubnets", "a cluster is in two or three zones, got one subnet")
        elif zones and nodes is not None and nodes % zones:
            yield Problem("numberOfBrokerNodes", f"{nodes:g} is no multiple of the {zones} subnets")


# -- databases ----------------------------------------------------------------------------------------------------

_LOGS = {
    "postgres": {"postgresql", "upgrade", "iam-db-auth-error"},
    "mysql": {"audit", "error", "general", "slowquery", "iam-db-auth-error"},
    "mariadb": {"audit", "error", "general", "slowquery", "iam-db-auth-error"},
}
_LONGEST = {"mysql": 41, "mariadb": 41, "aurora-mysql": 41}
_OPEN_ENGINES = ("postgres", "mysql", "mariadb", "aurora-mysql", "aurora-postgresql")
_WEEK = 7 * 24 * 60


def _database(inputs: Inputs) -> Iterator[Problem]:
    engine = str(inputs.get("engine")).lower()
    yield from _login(inputs, engine, "username", "password", "dbName")
    yield from _windows(inputs, "backupWindow", "maintenanceWindow")
    exports, known = inputs.get("enabledCloudwatchLogsExports"), _LOGS.get(engine)
    for each in exports if isinstance(exports, list) and known else ():
        if isinstance(each, str) and each != UNKNOWN and each not in (known or ()):
            yield Problem(
                "enabledCloudwatchLogsExports", f"{engine} writes {', '.join(sorted(known or ()))}, got {each!r}"
            )
    size, most = number(inputs.get("allocatedStorage")), number(inputs.get("maxAllocatedStorage"))
    if size is not None and most is not None and 0 < most < size:
        yield Problem("maxAllocatedStorage", f"{most:g} is below allocated_storage ({size:g})")
    kind = inputs.get("storageType")
    if kind in ("io1", "io2") and not given(inputs, "snapshotIdentifier") and not given(inputs, "replicateSourceDb"):
        yield from needs(inputs, "iops", f"with the storage_type {kind}")
    small = size is not None and size < 400 and engine in ("postgres", "mysql", "mariadb")
    for key_ in ("iops", "storageThroughput"):
        if kind == "gp3" and small and sure(inputs, key_):
            yield Problem(key_, f"{engine} has the least of gp3 below 400 GiB of allocated_storage, which is {size:g}")
    if sure(inputs, "storageThroughput") and kind not in ("gp3", UNKNOWN, None, ""):
        yield Problem("storageThroughput", f"goes with the storage_type gp3, this is {kind}")
    if engine.startswith("sqlserver") and sure(inputs, "dbName"):
        yield Problem("dbName", "SQL Server makes none: leave it out")


def _cluster(inputs: Inputs) -> Iterator[Problem]:
    engine = str(inputs.get("engine")).lower()
    yield from _login(inputs, engine, "masterUsername", "masterPassword", "databaseName")
    yield from _windows(inputs, "preferredBackupWindow", "preferredMaintenanceWindow")
    made_of = ("snapshotIdentifier", "replicationSourceIdentifier", "globalClusterIdentifier", "restoreToPointInTime",
               "s3Import")  # fmt: skip
    if not any(given(inputs, each) for each in made_of):
        yield from needs(inputs, "masterUsername", "for a cluster that is not made of another one")
        if not any(given(inputs, each) for each in ("masterPassword", "masterPasswordWo", "manageMasterUserPassword")):
            said = "one of master_password, master_password_wo, manage_master_user_password has to be given"
            yield Problem("masterPassword", said)


def _login(inputs: Inputs, engine: str, user: str, secret: str, name: str) -> Iterator[Problem]:
    """User, password and name of the first database. The password is not shown."""
    login, word, first = inputs.get(user), inputs.get(secret), inputs.get(name)
    if isinstance(login, str) and login not in ("", UNKNOWN):
        reserved = {"rdsadmin", "admin"} if engine in ("postgres", "aurora-postgresql") else {"rdsadmin"}
        if login.lower() in reserved:
            yield Problem(user, f"{login!r} is a name that {engine} keeps for itself")
        elif engine in _OPEN_ENGINES and not re.fullmatch(r"[A-Za-z]\w{0,62}", login):
            yield Problem(user, f"{login!r} is not a name of letters, digits and _ that begins with a letter")
    if engine not in _OPEN_ENGINES:
        return
    if isinstance(word, str) and word not in ("", UNKNOWN):
        reason = password(8, _LONGEST.get(engine, 128), '/@" ')(word)
        yield from [Problem(secret, reason)] if reason is not None else []
    if isinstance(first, str) and first not in ("", UNKNOWN) and not re.fullmatch(r"[A-Za-z_]\w{0,63}", first):
        yield Problem(name, f"{first!r} is not a name of letters, digits and _ that begins with a letter")


def _windows(inputs: Inputs, backup: str, maintenance: str, least: int = 30) -> Iterator[Problem]:
    """Both have so many minutes at least, and are not at the same time."""
    daily, weekly = _minutes(inputs.get(backup)), _minutes(inputs.get(maintenance))
    for key_, window in ((backup, daily), (maintenance, weekly)):
        if window is not None and window[1] < least:
            yield Problem(key_, f"a window has {least} minutes at least, got {window[1]}")
    if daily is None or weekly is None:
        return
    for day in range(-1, 8):
        start = daily[0] + day * 24 * 60
        if start < weekly[0] + weekly[1] and weekly[0] < start + daily[1]:
            yield Problem(maintenance, f"overlaps with {snake(backup)} ({inputs[backup]})")
            return


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _minutes(text: Any) -> tuple[int, int] | None:
    """Beginning, in minutes of its week or day, and length of a window."""
    found = re.fullmatch(r"(?:(\w{3}):)?(\d\d):(\d\d)-(?:(\w{3}):)?(\d\d):(\d\d)", str(text).lower())
    if found is None or (found[1] is None) != (found[4] is None):
        return None
    if found[1] is not None and not {found[1], found[4]} <= {*_DAYS}:
        return None
    around = _WEEK if found[1] is not None else 24 * 60
    days = [_DAYS.index(each) * 24 * 60 if each else 0 for each in (found[1], found[4])]
    start, end = (
        day + int(hour) * 60 + int(minute)
        for day, hour, minute in zip(days, found.group(2, 5), found.group(3, 6), strict=True)
    )
    return start, (end - start) % around


def _subnets_of_databases(inputs: Inputs) -> Iterator[Problem]:
    subnets = inputs.get("subnetIds")
    if isinstance(subnets, list) and UNKNOWN not in subnets and len({*map(str, subnets)}) == 1:
        yield Problem("subnetIds", "databases need subnets in two zones or more, got one subnet")


OF_TYPE: dict[str, Whole] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:dynamodb/table:Table": _table,
    "aws:efs/fileSystem:FileSystem": _file_system,
    "aws:elasticache/cluster:Cluster": _cache,
    "aws:elasticache/replicationGroup:ReplicationGroup": _cache_group,
    "aws:elasticache/user:User": _cache_user,
    "aws:kinesis/stream:Stream": _stream,
    "aws:kms/key:Key": _key,
    "aws:msk/cluster:Cluster": _brokers,
    "aws:rds/cluster:Cluster": _cluster,
    "aws:rds/instance:Instance": _database,
    "aws:rds/subnetGroup:SubnetGroup": _subnets_of_databases,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _lifecycle,
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": _lock,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _encryption,
    "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration": _website,
    "aws:scheduler/schedule:Schedule": _schedule,
    "aws:sfn/stateMachine:StateMachine": _machine,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
    "aws:sqs/queue:Queue": _redrive,
    "aws:ssm/parameter:Parameter": _parameter,
}
