"""Looks into what AWS Backup restored for a test, and at how old backups and proven restores are. Runs as a function.

Called by the event of a restore that is done, it checks the copy, tells AWS Backup what it found (which then deletes
the copy) and publishes it. Called with `{"look": [arn, ...]}` it publishes the age of the newest backup of each store
(hours) and, where PLAN names the restore testing plan, of its newest proven restore (days).

A check that could not be made (no right, no answer) raises: it is tried again, and what stays unproven raises an alarm.
A verdict is for good, so none is given on a guess. Python's standard library and boto3, which the runtime brings.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

CANARY = ".groundwork/canary-"
LONGEST_MESSAGE = 1000
METRICS_AT_ONCE = 500  # CloudWatch takes 1,000
PAUSE_SECONDS = 5
MOUNTING_SECONDS = 240


class BadCopyError(Exception):
    """The copy is not what was backed up; the text says how."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the stack says about itself, from the environment."""

    namespace: str
    stack: str
    vault: str
    oldest_hours: float
    plan: str | None = None
    closed_group: str | None = None
    subnet: str | None = None

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> "Settings":
        """From environment variables; KeyError names one that is missing."""
        return cls(
            namespace=variables["NAMESPACE"],
            stack=variables["STACK"],
            vault=variables["VAULT"],
            oldest_hours=float(variables["OLDEST_HOURS"]),
            plan=variables.get("PLAN"),
            closed_group=variables.get("CLOSED_GROUP"),
            subnet=variables.get("SUBNET"),
        )


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A restored copy, and what it was restored from."""

    arn: str
    source: str
    backed_up: datetime


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """Who is asked: a client of boto3 by the name of its service, the time, and how to wait."""

    client: Callable[[str], Any]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """The function itself."""
    import boto3  # noqa: PLC0415 - it is where the function runs

    cloud = Cloud(client=boto3.client)
    settings = Settings.of(os.environ)
    outcome = looked(event["look"], settings, cloud) if "look" in event else judged(event["detail"], settings, cloud)
    print(json.dumps(outcome, default=str))
    return outcome


# --- The event of a restore.


def judged(detail: Mapping[str, Any], settings: Settings, cloud: Cloud) -> dict[str, Any]:
    """Checks one copy, and says so to AWS Backup."""
    backup = cloud.client("backup")
    job = backup.describe_restore_job(RestoreJobId=detail["restoreJobId"])
    if job.get("ValidationStatus") in {"SUCCESSFUL", "FAILED", "TIMED_OUT"}:
        return {"restoreJobId": detail["restoreJobId"], "status": job["ValidationStatus"], "message": "judged before"}
    copy = Copy(
        arn=job["CreatedResourceArn"],
        source=job.get("SourceResourceArn") or detail["sourceResourceArn"],
        backed_up=job.get("RecoveryPointCreationDate") or job["CreationDate"],
    )
    kind = job["ResourceType"]  # KeyError for one that the plan does not restore
    try:
        facts = [_fresh(copy, settings, cloud), *CHECKS[kind](copy, settings, cloud)]
        status, message = "SUCCESSFUL", "; ".join(facts)
    except BadCopyError as error:
        status, message = "FAILED", str(error)
    backup.put_restore_validation_result(
        RestoreJobId=detail["restoreJobId"],
        ValidationStatus=status,
        ValidationStatusMessage=message[:LONGEST_MESSAGE],
    )
    _publish([_datum("RestoreProven", copy.source, 1.0 if status == "SUCCESSFUL" else 0.0, settings)], settings, cloud)
    return {"restoreJobId": detail["restoreJobId"], "status": status, "message": message, "source": copy.source}


def _fresh(copy: Copy, settings: Settings, cloud: Cloud) -> str:
    """The newest data of a copy is as old as the backup it comes from."""
    hours = _hours(cloud.now() - copy.backed_up)
    if hours > settings.oldest_hours:
        raise BadCopyError(f"its newest data is {hours:.0f} hours old; {settings.oldest_hours:.0f} are allowed")
    return f"newest data {hours:.1f} hours old"


def _cluster(copy: Copy, settings: Settings, cloud: Cloud) -> Iterator[str]:
    """Aurora restores the cluster, which holds the data; instances are not part of a backup."""
    found, source = (_described(cloud, "clusters", arn) for arn in (copy.arn, copy.source))
    assert found is not None
    if source is not None:
        _alike("engine", found["Engine"], source["Engine"])
        _alike("major version", _major(found["EngineVersion"]), _major(source["EngineVersion"]))
        _alike("database", found.get("DatabaseName"), source.get("DatabaseName"))
        _alike("subnet group", found["DBSubnetGroup"], source["DBSubnetGroup"])
    _closed([group["VpcSecurityGroupId"] for group in found["VpcSecurityGroups"]], settings)
    _ready(found["Status"], found["StorageEncrypted"])
    yield f"{found['Engine']} {found['EngineVersion']}"
    yield f"{found.get('AllocatedStorage', 0)} GiB allocated"
    yield "compared with the original" if source else "the original is gone"


def _instance(copy: Copy, settings: Settings, cloud: Cloud) -> Iterator[str]:
    found, source = (_described(cloud, "instances", arn) for arn in (copy.arn, copy.source))
    assert found is not None
    size = found["AllocatedStorage"]
    if source is not None:
        _alike("engine", found["Engine"], source["Engine"])
        _alike("major version", _major(found["EngineVersion"]), _major(source["EngineVersion"]))
        _alike("database", found.get("DBName"), source.get("DBName"))
        _alike("subnet group", _group(found), _group(source))
        if size > source["AllocatedStorage"]:
            raise BadCopyError(f"has {size} GiB of storage, the original {source['AllocatedStorage']}")
    if size < 1:
        raise BadCopyError("has no storage")
    if found["PubliclyAccessible"]:
        raise BadCopyError("can be reached from the internet")
    _closed([group["VpcSecurityGroupId"] for group in found["VpcSecurityGroups"]], settings)
    _ready(found["DBInstanceStatus"], found["StorageEncrypted"])
    yield f"{found['Engine']} {found['EngineVersion']}"
    yield f"{size} GiB allocated"
    yield "compared with the original" if source else "the original is gone"


def _group(instance: Mapping[str, Any]) -> str:
    return str(instance["DBSubnetGroup"]["DBSubnetGroupName"])


def _described(cloud: Cloud, what: str, arn: str) -> Mapping[str, Any] | None:
    """A database by its ARN; None where there is none any more."""
    rds = cloud.client("rds")
    identifier = arn.rpartition(":")[2]
    clusters = what == "clusters"
    gone = rds.exceptions.DBClusterNotFoundFault if clusters else rds.exceptions.DBInstanceNotFoundFault
    try:
        found: Mapping[str, Any] = (
            rds.describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"][0]
            if clusters
            else rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0]
        )
    except gone:
        if identifier.startswith("awsbackup-restore-test"):
            raise BadCopyError(f"the copy {identifier} does not exist") from None
        return None
    return found


def _table(copy: Copy, _settings: Settings, cloud: Cloud) -> Iterator[str]:
    dynamodb = cloud.client("dynamodb")

    def described(arn: str) -> Mapping[str, Any]:
        table: Mapping[str, Any] = dynamodb.describe_table(TableName=arn.rpartition("/")[2])["Table"]
        return table

    found = described(copy.arn)
    if found["TableStatus"] != "ACTIVE":
        raise BadCopyError(f"is {found['TableStatus']}")
    # The count of a table is up to six hours old, and a restored one starts with none: items are counted by reading.
    page = dynamodb.scan(TableName=found["TableName"], Select="COUNT")
    items, more = page["Count"], "LastEvaluatedKey" in page
    try:
        source = described(copy.source)
    except dynamodb.exceptions.ResourceNotFoundException:
        source = None
    if source is not None:
        _alike("key schema", _keys(found), _keys(source))
        if source["ItemCount"] and not items:
            raise BadCopyError(f"is empty, and the original has {source['ItemCount']} items")
    yield f"keys {_keys(found)}"
    yield f"{items}{' or more' if more else ''} items"
    yield f"the original has {source['ItemCount']}" if source else "the original is gone"


def _keys(table: Mapping[str, Any]) -> str:
    types = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}
    return ", ".join(
        f"{key['AttributeName']} {types[key['AttributeName']]} {key['KeyType']}"
        for key in sorted(table["KeySchema"], key=lambda key: str(key["KeyType"]))
    )


def _bucket(copy: Copy, _settings: Settings, cloud: Cloud) -> Iterator[str]:
    s3 = cloud.client("s3")
    name = copy.arn.rpartition(":")[2]
    canaries = s3.list_objects_v2(Bucket=name, Prefix=CANARY, MaxKeys=10).get("Contents", [])
    if not canaries:
        raise BadCopyError(f"has no object {CANARY}*, which is in the original")
    for canary in canaries:
        body = s3.get_object(Bucket=name, Key=canary["Key"])["Body"].read()
        if hashlib.sha256(body).hexdigest() != canary["Key"].removeprefix(CANARY):
            raise BadCopyError(f"the object {canary['Key']} has another content than its name says")
    page = s3.list_objects_v2(Bucket=name, MaxKeys=1000)
    yield f"canary of {len(canaries)} intact"
    yield f"{page['KeyCount']}{' or more' if page.get('IsTruncated') else ''} objects"


def _files(copy: Copy, settings: Settings, cloud: Cloud) -> Iterator[str]:
    """Attached to a subnet and detached again: the copy can be mounted. Nothing can reach it meanwhile."""
    efs = cloud.client("efs")
    identity = copy.arn.rpartition("/")[2]
    found = efs.describe_file_systems(FileSystemId=identity)["FileSystems"][0]
    if found["LifeCycleState"] != "available":
        raise BadCopyError(f"is {found['LifeCycleState']}")
    if not found["Encrypted"]:
        raise BadCopyError("is not encrypted")
    size = found["SizeInBytes"]["Value"]
    if size <= 0:
        raise BadCopyError("is empty")
    if efs.describe_mount_targets(FileSystemId=identity)["MountTargets"]:
        raise RuntimeError(f"{identity} is attached already: no copy for a test, or one that an attempt left; see it")
    target = efs.create_mount_target(
        FileSystemId=identity, SubnetId=settings.subnet, SecurityGroups=[settings.closed_group]
    )["MountTargetId"]
    try:
        state = _until(lambda: _state(efs, target), {"available", "error"}, cloud)
    finally:
        efs.delete_mount_target(MountTargetId=target)
    _until(lambda: _state(efs, target), {"deleted"}, cloud)
    if state != "available":
        raise BadCopyError(f"cannot be mounted: its mount target is {state}")
    yield f"{size} bytes"
    yield "can be mounted"


def _state(efs: Any, target: str) -> str:
    try:
        return str(efs.describe_mount_targets(MountTargetId=target)["MountTargets"][0]["LifeCycleState"])
    except efs.exceptions.MountTargetNotFound:
        return "deleted"


def _until(state: Callable[[], str], wanted: set[str], cloud: Cloud) -> str:
    for _ in range(MOUNTING_SECONDS // PAUSE_SECONDS):
        if (found := state()) in wanted:
            return found
        cloud.sleep(PAUSE_SECONDS)
    raise TimeoutError(f"still {state()} after {MOUNTING_SECONDS} seconds")


def _alike(what: str, copy: object, source: object) -> None:
    if copy != source:
        raise BadCopyError(f"{what} is {copy}, that of the original {source}")


def _closed(groups: Sequence[str], settings: Settings) -> None:
    if groups != [settings.closed_group]:
        raise BadCopyError(f"is in the security groups {', '.join(groups)}, not in the closed one alone")


def _ready(status: str, encrypted: bool) -> None:
    if status != "available":
        raise BadCopyError(f"is {status}")
    if not encrypted:
        raise BadCopyError("is not encrypted")


def _major(version: str) -> str:
    """What a database does not change by itself: `17` of 17.7, `8.0` of 8.0.mysql_aurora.3.08.0 and of 8.4.6 `8.4`."""
    first, *others = version.split(".")
    return first if int(first) >= 10 and not others[1:] else ".".join([first, *others[:1]])


CHECKS: Mapping[str, Callable[[Copy, Settings, Cloud], Iterator[str]]] = {
    "Aurora": _cluster,
    "DynamoDB": _table,
    "EFS": _files,
    "RDS": _instance,
    "S3": _bucket,
}


# --- By the clock.


def looked(arns: Sequence[str], settings: Settings, cloud: Cloud) -> dict[str, Any]:
    """Publishes the ages for each store. A store without any counts from when its vault, or the plan, was made."""
    backup = cloud.client("backup")
    vault = backup.describe_backup_vault(BackupVaultName=settings.vault)["CreationDate"]
    ages = {arn: _hours(cloud.now() - max([vault, *_backups(arn, settings, cloud)])) for arn in arns}
    data = [_datum("BackupAgeHours", arn, hours, settings) for arn, hours in ages.items()]
    proofs: dict[str, float] = {}
    if settings.plan is not None:
        plan = backup.get_restore_testing_plan(RestoreTestingPlanName=settings.plan)["RestoreTestingPlan"]
        made, name = plan["CreationTime"], plan["RestoreTestingPlanArn"]
        proofs = {arn: _hours(cloud.now() - max([made, *_proofs(arn, name, cloud)])) / 24 for arn in arns}
        data += [_datum("RestoreProofAgeDays", arn, days, settings) for arn, days in proofs.items()]
    _publish(data, settings, cloud)
    return {"backupAgeHours": ages, "restoreProofAgeDays": proofs}


def _backups(arn: str, settings: Settings, cloud: Cloud) -> Iterator[datetime]:
    since = cloud.now() - timedelta(hours=settings.oldest_hours)
    pages = (
        cloud.client("backup")
        .get_paginator("list_recovery_points_by_backup_vault")
        .paginate(BackupVaultName=settings.vault, ByResourceArn=arn, ByCreatedAfter=since)
    )
    # A continuous backup is one point that grows: it says nothing about when the last one was taken.
    for page in pages:
        for point in page["RecoveryPoints"]:
            if point["Status"] == "COMPLETED" and not _continuous(point):
                yield point["CreationDate"]


def _continuous(point: Mapping[str, Any]) -> bool:
    return ":continuous" in str(point["RecoveryPointArn"])


def _proofs(arn: str, plan_arn: str, cloud: Cloud) -> Iterator[datetime]:
    pages = (
        cloud.client("backup")
        .get_paginator("list_restore_jobs_by_protected_resource")
        .paginate(ResourceArn=arn, ByStatus="COMPLETED")
    )
    for page in pages:
        for job in page["RestoreJobs"]:
            if (
                job.get("CreatedBy", {}).get("RestoreTestingPlanArn") == plan_arn
                and job.get("ValidationStatus") == "SUCCESSFUL"
            ):
                yield job["CompletionDate"]


def _datum(metric: str, arn: str, value: float, settings: Settings) -> dict[str, Any]:
    dimensions = [{"Name": "Stack", "Value": settings.stack}, {"Name": "Resource", "Value": arn}]
    return {"MetricName": metric, "Dimensions": dimensions, "Value": value}


def _publish(data: Sequence[Mapping[str, Any]], settings: Settings, cloud: Cloud) -> None:
    cloudwatch = cloud.client("cloudwatch")
    for first in range(0, len(data), METRICS_AT_ONCE):
        cloudwatch.put_metric_data(Namespace=settings.namespace, MetricData=data[first : first + METRICS_AT_ONCE])


def _hours(span: timedelta) -> float:
    return span.total_seconds() / 3600
