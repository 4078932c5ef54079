"""The function that looks into restored copies, against stores in memory (moto) and against AWS's own API models."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from functions.restore_check import restore_check
from functions.restore_check.restore_check import BadCopyError, Cloud, Copy, Settings, judged, looked
from tests.gathered import for_each

if TYPE_CHECKING:
    from botocore.stub import Stubber

NOW = datetime(2027, 1, 10, 12, tzinfo=UTC)
PLAN = "arn:aws:backup:us-east-1:111122223333:restore-testing-plan:groundwork_prod_restores-1"
ACCOUNT = "123456789012"  # moto's own
SETTINGS = Settings(
    namespace="groundwork/recovery",
    stack="groundwork-prod",
    vault="vault-1",
    oldest_hours=48,
    plan="groundwork_prod_restores",
    closed_group="sg-00000closed",
    subnet="subnet-12345678",
)


@cache
def session() -> Any:
    """Reads each API model once. The SDK takes a third of a second, which every process that collects this would pay."""
    import boto3  # noqa: PLC0415

    return boto3.Session()


def aws(service: str) -> Any:
    return session().client(service, region_name="us-east-1")


def stubbed(client: Any) -> "Stubber":
    from botocore.stub import Stubber  # noqa: PLC0415

    return Stubber(client)


class Recorded:
    """CloudWatch and AWS Backup as far as the function tells them something, with the answers that it asks for."""

    def __init__(self, job: Mapping[str, Any]) -> None:
        self.job = job
        self.verdicts: list[Mapping[str, Any]] = []
        self.metrics: list[Mapping[str, Any]] = []

    def describe_restore_job(self, RestoreJobId: str) -> Mapping[str, Any]:  # noqa: N803 - as boto3 has it
        assert RestoreJobId == "job-1"
        return self.job

    def put_restore_validation_result(self, **told: Any) -> None:
        self.verdicts.append(told)

    def put_metric_data(self, Namespace: str, MetricData: list[Mapping[str, Any]]) -> None:  # noqa: N803
        assert Namespace == "groundwork/recovery"
        self.metrics += MetricData


def judge(kind: str, copy: str, source: str, *, hours: float = 3, **job: Any) -> Recorded:
    """What the function says of a copy that was restored from a backup so many hours old."""
    recorded = Recorded(
        {
            "ResourceType": kind,
            "CreatedResourceArn": copy,
            "SourceResourceArn": source,
            "RecoveryPointCreationDate": NOW - timedelta(hours=hours),
            **job,
        }
    )

    def client(service: str) -> Any:
        return recorded if service in {"backup", "cloudwatch"} else aws(service)

    judged({"restoreJobId": "job-1"}, SETTINGS, Cloud(client=client, now=lambda: NOW, sleep=lambda _: None))
    return recorded


def verdict(recorded: Recorded) -> tuple[str, str]:
    (told,) = recorded.verdicts
    return told["ValidationStatus"], told["ValidationStatusMessage"]


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    from moto import mock_aws  # noqa: PLC0415

    with mock_aws():
        yield


# --- Tables.


def table(name: str, items: int, key: str = "id") -> str:
    dynamodb = aws("dynamodb")
    made = dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(items):
        dynamodb.put_item(TableName=name, Item={key: {"S": str(number)}})
    return str(made["TableDescription"]["TableArn"])


def test_a_table_with_its_items_and_keys_is_proven() -> None:
    recorded = judge("DynamoDB", table("awsbackup-restore-test-1", 3), table("profiles", 3))
    status, message = verdict(recorded)
    assert status == "SUCCESSFUL"
    assert "3 items" in message and "id S HASH" in message
    (metric,) = recorded.metrics
    assert (metric["MetricName"], metric["Value"]) == ("RestoreProven", 1.0)
    assert {"Name": "Stack", "Value": "groundwork-prod"} in metric["Dimensions"]


@pytest.mark.parametrize(
    ("copied", "key", "said"),
    [(0, "id", "is empty, and the original has 3 items"), (3, "other", "key schema is other S HASH")],
)
def test_a_table_without_its_items_or_with_other_keys_is_refused(copied: int, key: str, said: str) -> None:
    recorded = judge("DynamoDB", table("awsbackup-restore-test-1", copied, key), table("profiles", 3))
    status, message = verdict(recorded)
    assert status == "FAILED" and said in message
    assert recorded.metrics[0]["Value"] == 0.0


def test_an_empty_table_whose_original_is_empty_too_is_proven() -> None:
    assert verdict(judge("DynamoDB", table("awsbackup-restore-test-1", 0), table("profiles", 0)))[0] == "SUCCESSFUL"


def test_a_copy_is_still_looked_into_when_its_original_is_gone() -> None:
    gone = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/gone"
    status, message = verdict(judge("DynamoDB", table("awsbackup-restore-test-1", 1), gone))
    assert status == "SUCCESSFUL" and "the original is gone" in message


# --- Buckets.


def bucket(objects: Mapping[str, bytes]) -> str:
    s3 = aws("s3")
    s3.create_bucket(Bucket="awsbackup-restore-test-1")
    for key, content in objects.items():
        s3.put_object(Bucket="awsbackup-restore-test-1", Key=key, Body=content)
    return "arn:aws:s3:::awsbackup-restore-test-1"


def canary(content: bytes) -> str:
    return f".groundwork/canary-{hashlib.sha256(content).hexdigest()}"


def test_a_bucket_with_its_canary_is_proven() -> None:
    arn = bucket({canary(b"tweet"): b"tweet", "photo.jpg": b"..."})
    status, message = verdict(judge("S3", arn, "arn:aws:s3:::uploads-1"))
    assert status == "SUCCESSFUL" and "2 objects" in message


@for_each(
    "objects, said",
    [
        ({"photo.jpg": b"..."}, "has no object"),
        ({}, "has no object"),
        ({canary(b"tweet"): b"cuckoo"}, "has another content"),
        ({canary(b"tweet"): b"tweet", canary(b"other"): b"cuckoo"}, "has another content"),
    ],
)
def test_a_bucket_whose_canary_is_missing_or_changed_is_refused(objects: Mapping[str, bytes], said: str) -> None:
    status, message = verdict(judge("S3", bucket(objects), "arn:aws:s3:::uploads-1"))
    assert status == "FAILED" and said in message


# --- Databases: AWS's API models check each request and each answer.


def described(identifier: str, **change: Any) -> dict[str, Any]:
    clusters = {
        "DBClusterIdentifier": identifier,
        "Engine": "aurora-postgresql",
        "EngineVersion": "17.7",
        "DatabaseName": "main",
        "Status": "available",
        "StorageEncrypted": True,
        "AllocatedStorage": 1,
        "DBSubnetGroup": "data",
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-00000closed", "Status": "active"}],
    }
    instances = {
        "DBInstanceIdentifier": identifier,
        "Engine": "mysql",
        "EngineVersion": "8.4.6",
        "DBName": "main",
        "DBInstanceStatus": "available",
        "StorageEncrypted": True,
        "AllocatedStorage": 20,
        "PubliclyAccessible": False,
        "DBSubnetGroup": {"DBSubnetGroupName": "data"},
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-00000closed", "Status": "active"}],
    }
    return {"Aurora": clusters, "RDS": instances}[change.pop("kind")] | change


def judge_database(kind: str, copy: Mapping[str, Any], source: Mapping[str, Any] | None) -> tuple[str, str]:
    rds = aws("rds")
    plural = "DBClusters" if kind == "Aurora" else "DBInstances"
    asked = "DBClusterIdentifier" if kind == "Aurora" else "DBInstanceIdentifier"
    operation = "describe_db_clusters" if kind == "Aurora" else "describe_db_instances"
    noun = "cluster" if kind == "Aurora" else "db"
    recorded = Recorded(
        {
            "ResourceType": kind,
            "CreatedResourceArn": f"arn:aws:rds:us-east-1:{ACCOUNT}:{noun}:awsbackup-restore-test-1",
            "SourceResourceArn": f"arn:aws:rds:us-east-1:{ACCOUNT}:{noun}:main-1",
            "RecoveryPointCreationDate": NOW - timedelta(hours=3),
        }
    )
    with stubbed(rds) as stub:
        stub.add_response(operation, {plural: [copy]}, {asked: "awsbackup-restore-test-1"})
        if source is None:
            code = "DBClusterNotFoundFault" if kind == "Aurora" else "DBInstanceNotFound"
            stub.add_client_error(operation, code, expected_params={asked: "main-1"})
        else:
            stub.add_response(operation, {plural: [source]}, {asked: "main-1"})

        def client(service: str) -> Any:
            return recorded if service in {"backup", "cloudwatch"} else rds

        judged({"restoreJobId": "job-1"}, SETTINGS, Cloud(client=client, now=lambda: NOW))
    return verdict(recorded)


@pytest.mark.parametrize("kind", ["Aurora", "RDS"])
def test_a_database_of_the_same_engine_in_the_closed_group_is_proven(kind: str) -> None:
    source = described("main-1", kind=kind, VpcSecurityGroups=[{"VpcSecurityGroupId": "sg-open"}])
    status, message = judge_database(kind, described("awsbackup-restore-test-1", kind=kind), source)
    assert status == "SUCCESSFUL"
    assert "GiB allocated" in message and "newest data 3.0 hours old" in message and "compared" in message


@pytest.mark.parametrize("kind", ["Aurora", "RDS"])
def test_a_database_whose_original_is_gone_is_judged_by_itself(kind: str) -> None:
    status, message = judge_database(kind, described("awsbackup-restore-test-1", kind=kind), None)
    assert status == "SUCCESSFUL" and "the original is gone" in message


@for_each(
    "kind, change, said",
    [
        ("Aurora", {"Engine": "aurora-mysql"}, "engine is aurora-mysql"),
        ("Aurora", {"EngineVersion": "16.9"}, "major version is 16"),
        ("Aurora", {"StorageEncrypted": False}, "is not encrypted"),
        ("Aurora", {"Status": "creating"}, "is creating"),
        ("Aurora", {"DBSubnetGroup": "default"}, "subnet group is default"),
        ("Aurora", {"DatabaseName": "other"}, "database is other"),
        ("RDS", {"PubliclyAccessible": True}, "from the internet"),
        ("RDS", {"AllocatedStorage": 40}, "has 40 GiB of storage, the original 20"),
        ("RDS", {"AllocatedStorage": 0}, "has no storage"),
        ("RDS", {"EngineVersion": "8.0.42"}, "major version is 8.0"),
        ("RDS", {"DBSubnetGroup": {"DBSubnetGroupName": "default"}}, "subnet group is default"),
        ("RDS", {"VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-default"}]}, "not in the closed one"),
        (
            "Aurora",
            {"VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-00000closed"}, {"VpcSecurityGroupId": "sg-open"}]},
            "not in the closed one",
        ),
    ],
)
def test_a_database_that_is_not_what_it_should_be_is_refused(kind: str, change: dict[str, Any], said: str) -> None:
    copy = described("awsbackup-restore-test-1", kind=kind, **change)
    status, message = judge_database(kind, copy, described("main-1", kind=kind))
    assert status == "FAILED" and said in message


@for_each(
    "version, major",
    [("17.7", "17"), ("8.4.6", "8.4"), ("8.0.mysql_aurora.3.08.0", "8.0"), ("10.11.8", "10.11"), ("11.4.5", "11.4")],
)
def test_a_major_version_is_what_a_database_keeps_by_itself(version: str, major: str) -> None:
    assert restore_check._major(version) == major


# --- File systems.


def file_system(state: str = "available", size: int = 6144, states: tuple[str, ...] = ("creating", "available")) -> Any:
    efs = aws("efs")
    stub = stubbed(efs)
    described = {
        "OwnerId": ACCOUNT,
        "CreationToken": "t",
        "FileSystemId": "fs-12345678",
        "CreationTime": NOW,
        "LifeCycleState": state,
        "NumberOfMountTargets": 0,
        "SizeInBytes": {"Value": size},
        "PerformanceMode": "generalPurpose",
        "Encrypted": True,
        "Tags": [],
    }
    target = {"MountTargetId": "fsmt-12345678", "FileSystemId": "fs-12345678", "SubnetId": "subnet-12345678"}
    stub.add_response("describe_file_systems", {"FileSystems": [described]}, {"FileSystemId": "fs-12345678"})
    if state == "available" and size:
        stub.add_response("describe_mount_targets", {"MountTargets": []}, {"FileSystemId": "fs-12345678"})
        stub.add_response(
            "create_mount_target",
            {**target, "LifeCycleState": "creating"},
            {"FileSystemId": "fs-12345678", "SubnetId": "subnet-12345678", "SecurityGroups": ["sg-00000closed"]},
        )
        for one in states:
            answer = {"MountTargets": [{**target, "LifeCycleState": one}]}
            stub.add_response("describe_mount_targets", answer, {"MountTargetId": "fsmt-12345678"})
        stub.add_response("delete_mount_target", {}, {"MountTargetId": "fsmt-12345678"})
        stub.add_client_error(
            "describe_mount_targets", "MountTargetNotFound", expected_params={"MountTargetId": "fsmt-12345678"}
        )
    return efs, stub


def judge_files(efs: Any, stub: "Stubber") -> tuple[str, str]:
    recorded = Recorded(
        {
            "ResourceType": "EFS",
            "CreatedResourceArn": f"arn:aws:elasticfilesystem:us-east-1:{ACCOUNT}:file-system/fs-12345678",
            "SourceResourceArn": f"arn:aws:elasticfilesystem:us-east-1:{ACCOUNT}:file-system/fs-87654321",
            "RecoveryPointCreationDate": NOW - timedelta(hours=3),
        }
    )
    with stub:
        client = {"efs": efs, "backup": recorded, "cloudwatch": recorded}.__getitem__
        judged({"restoreJobId": "job-1"}, SETTINGS, Cloud(client=client, now=lambda: NOW, sleep=lambda _: None))
        stub.assert_no_pending_responses()
    return verdict(recorded)


def test_a_file_system_that_can_be_mounted_is_proven_and_left_as_it_was() -> None:
    status, message = judge_files(*file_system())
    assert status == "SUCCESSFUL" and "6144 bytes" in message and "can be mounted" in message


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"state": "error"}, "is error"),
        ({"size": 0}, "is empty"),
        ({"states": ("creating", "error")}, "cannot be mounted: its mount target is error"),
    ],
)
def test_a_file_system_that_is_broken_is_refused(given: dict[str, Any], said: str) -> None:
    status, message = judge_files(*file_system(**given))
    assert status == "FAILED" and said in message


# --- Every kind.


def test_a_copy_of_an_old_backup_is_refused() -> None:
    status, message = verdict(judge("DynamoDB", table("awsbackup-restore-test-1", 3), table("profiles", 3), hours=49))
    assert status == "FAILED" and "49 hours old; 48 are allowed" in message


def test_a_verdict_is_given_once() -> None:
    recorded = judge("S3", "arn:aws:s3:::gone", "arn:aws:s3:::uploads", ValidationStatus="FAILED")
    assert not recorded.verdicts and not recorded.metrics


def test_what_cannot_be_asked_is_no_verdict() -> None:
    with pytest.raises(Exception, match="NoSuchBucket"):
        judge("S3", "arn:aws:s3:::awsbackup-restore-test-1", "arn:aws:s3:::uploads")


def test_a_kind_that_nobody_can_check_is_no_proof() -> None:
    with pytest.raises(KeyError, match="FSx"):
        judge("FSx", "arn:aws:fsx:us-east-1:1:file-system/fs-1", "arn:aws:fsx:us-east-1:1:file-system/fs-2")


# --- The ages.


def look(points: list[dict[str, Any]], jobs: list[dict[str, Any]], settings: Settings = SETTINGS) -> dict[str, float]:
    """The figures that are published, by metric, for one store."""
    backup, cloudwatch = (aws(name) for name in ("backup", "cloudwatch"))
    arn = "arn:aws:dynamodb:us-east-1:111122223333:table/profiles"
    made = NOW - timedelta(days=20)
    published: list[dict[str, Any]] = []
    with stubbed(backup) as asked, stubbed(cloudwatch) as told:
        asked.add_response("describe_backup_vault", {"CreationDate": made}, {"BackupVaultName": "vault-1"})
        asked.add_response(
            "list_recovery_points_by_backup_vault",
            {"RecoveryPoints": points},
            {
                "BackupVaultName": "vault-1",
                "ByResourceArn": arn,
                "ByCreatedAfter": NOW - timedelta(hours=settings.oldest_hours),
            },
        )
        if settings.plan:
            asked.add_response(
                "get_restore_testing_plan",
                {
                    "RestoreTestingPlan": {
                        "CreationTime": made,
                        "RestoreTestingPlanArn": PLAN,
                        "RestoreTestingPlanName": "groundwork_prod_restores",
                        "RecoveryPointSelection": {},
                        "ScheduleExpression": "cron(0 9 ? * SUN *)",
                    }
                },
                {"RestoreTestingPlanName": "groundwork_prod_restores"},
            )
            asked.add_response(
                "list_restore_jobs_by_protected_resource",
                {"RestoreJobs": jobs},
                {"ResourceArn": arn, "ByStatus": "COMPLETED"},
            )
        told.add_response("put_metric_data", {})
        cloudwatch.meta.events.register(  # what is sent, as botocore has checked it
            "provide-client-params.cloudwatch.PutMetricData",
            lambda params, **_: published.extend(params["MetricData"]),
        )
        looked([arn], settings, Cloud(client={"backup": backup, "cloudwatch": cloudwatch}.__getitem__, now=lambda: NOW))
        asked.assert_no_pending_responses()
    for one in published:
        assert {"Name": "Resource", "Value": arn} in one["Dimensions"]
    return {one["MetricName"]: round(one["Value"], 1) for one in published}


def point(hours: float, status: str = "COMPLETED", kind: str = "recovery-point:1") -> dict[str, Any]:
    arn = f"arn:aws:backup:us-east-1:111122223333:{kind}"
    return {"RecoveryPointArn": arn, "CreationDate": NOW - timedelta(hours=hours), "Status": status}


def job(days: float, status: str = "SUCCESSFUL", plan: str = PLAN) -> dict[str, Any]:
    return {
        "CompletionDate": NOW - timedelta(days=days),
        "ValidationStatus": status,
        "CreatedBy": {"RestoreTestingPlanArn": plan},
    }


def test_the_ages_are_those_of_the_newest_backup_and_the_newest_proof() -> None:
    assert look([point(31), point(7)], [job(8), job(1), job(15)]) == {
        "BackupAgeHours": 7.0,
        "RestoreProofAgeDays": 1.0,
    }


def test_a_store_without_backups_or_proofs_counts_from_when_there_could_have_been_some() -> None:
    assert look([], []) == {"BackupAgeHours": 480.0, "RestoreProofAgeDays": 20.0}


@pytest.mark.parametrize(
    ("points", "jobs"),
    [
        ([point(1, status="PARTIAL")], [job(1, status="FAILED")]),
        ([point(1, kind="recovery-point:continuous:bucket-1")], [job(1, plan=f"{PLAN}-other")]),
        ([point(1, status="EXPIRED")], [job(1, status="TIMED_OUT")]),
    ],
)
def test_what_is_not_whole_and_what_was_not_proven_counts_for_nothing(points: Any, jobs: Any) -> None:
    assert look(points, jobs) == {"BackupAgeHours": 480.0, "RestoreProofAgeDays": 20.0}


def test_without_tests_of_restores_only_backups_are_looked_at() -> None:
    alone = Settings(namespace="groundwork/recovery", stack="groundwork-prod", vault="vault-1", oldest_hours=48)
    assert look([point(7)], [], alone) == {"BackupAgeHours": 7.0}


def test_settings_come_from_the_environment() -> None:
    given = {"NAMESPACE": "n", "STACK": "s", "VAULT": "v", "OLDEST_HOURS": "840", "PLAN": "p"}
    assert Settings.of(given) == Settings(namespace="n", stack="s", vault="v", oldest_hours=840, plan="p")
    with pytest.raises(KeyError, match="VAULT"):
        Settings.of({name: value for name, value in given.items() if name != "VAULT"})


def test_a_copy_that_does_not_exist_is_refused() -> None:
    rds = aws("rds")
    copy = Copy(
        arn=f"arn:aws:rds:us-east-1:{ACCOUNT}:db:awsbackup-restore-test-1",
        source=f"arn:aws:rds:us-east-1:{ACCOUNT}:db:main-1",
        backed_up=NOW,
    )
    gone = rds.meta.service_model.shape_for("DBInstanceNotFoundFault").error_code
    stub = stubbed(rds)
    stub.add_client_error("describe_db_instances", gone)
    with stub, pytest.raises(BadCopyError, match="does not exist"):
        list(restore_check._instance(copy, SETTINGS, Cloud(client=lambda _: rds)))
