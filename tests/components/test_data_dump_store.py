"""The bucket of the dumps: added to, locked, and gone when its time is over."""

import json
from typing import Any

import pytest

from components.data.dump_store import DumpStore, DumpStoreArgs
from components.security import documents
from settings.dumps import DumpSettings
from tests.components.stores import HERE, KEY

SETTINGS = {
    "databases": ["main"],
    "schedule": {"when": "cron(30 7 * * ? *)", "timezone": "UTC"},
    "lockedDays": 30,
    "keepDays": 90,
    "size": {"cpu": 512, "memory": 1024, "architecture": "arm64"},
}


def store(protected: bool = True, **change: Any) -> DumpStore:
    settings = DumpSettings.model_validate({**SETTINGS, **change})
    args = DumpStoreArgs(settings=settings, key_arn=KEY, log_bucket="logs", location=HERE, protected=protected)
    return DumpStore("data-dumps", args)


def test_a_dump_is_locked_and_then_deleted(deploy: Any) -> None:
    deployment = deploy(store)
    lock = deployment.one("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration").inputs
    assert lock["rule"]["defaultRetention"] == {"mode": "GOVERNANCE", "days": 30}
    assert deployment.one("aws:s3/bucket:Bucket").inputs["objectLockEnabled"] is True
    (rule,) = deployment.one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs["rules"]
    assert rule["expiration"] == {"days": 90}
    assert "transitions" not in rule


def test_old_dumps_are_archived_when_that_is_asked_for(deploy: Any) -> None:
    lifecycle = deploy(lambda: store(archiveAfterDays=30)).one(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    )
    assert lifecycle.inputs["rules"][0]["transitions"] == [{"days": 30, "storageClass": "DEEP_ARCHIVE"}]


def test_who_dumps_can_add_and_do_nothing_else(deploy: Any) -> None:
    written: list[str] = []

    def build() -> Any:
        access = store().access("append")
        documents.document(access.statements).apply(written.append)
        return access

    access = deploy(build).built
    actions = {action for statement in json.loads(written[0])["Statement"] for action in statement["Action"]}
    assert actions == {"s3:AbortMultipartUpload", "s3:PutObject", "kms:Decrypt", "kms:GenerateDataKey"}
    assert access.environment.keys() == {"DUMPS_BUCKET", "DUMPS_REGION"}, "what services/dump reads"


@pytest.mark.parametrize("level", ["read", "write", "admin"])
def test_nobody_of_the_stack_reads_a_dump(deploy: Any, level: str) -> None:
    with pytest.raises(ValueError, match="no access level"):
        deploy(lambda: store().access(level))


@pytest.mark.parametrize("protected", [True, False])
def test_dumps_outlive_a_protected_stack_and_no_other(deploy: Any, protected: bool) -> None:
    bucket = deploy(lambda: store(protected)).one("aws:s3/bucket:Bucket")
    assert (bucket.protect, bucket.retain_on_delete, bucket.inputs["forceDestroy"]) == (
        protected,
        protected,
        not protected,
    )
