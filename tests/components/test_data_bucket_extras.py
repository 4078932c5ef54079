"""What a bucket can beside keeping objects: pages, tiers, expiry, a lock, a copy elsewhere, queues that are told."""

import json
from typing import Any

import pytest

from components.contracts import Signal, Site
from components.data import Data, DataArgs
from components.data.object_store import ObjectStore
from components.observability.alarms import RUNBOOKS
from settings.buckets import BucketSettings
from settings.data import DataSettings
from tests.components.stores import HERE, KEY, LOG_KEY, store_args

BUCKET, LIFECYCLE, LOCK, COPY, POLICY = (
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
    "aws:iam/rolePolicy:RolePolicy",
)
CORS = "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration"
TIERS = "aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration"
SETTINGS: dict[str, Any] = {
    "infrequentAccessAfterDays": 30,
    "archiveAfterDays": 90,
    "abortUploadsAfterDays": 7,
    "expireNoncurrentAfterDays": 180,
}
PLAIN = {**SETTINGS, "infrequentAccessAfterDays": None, "archiveAfterDays": None}
ELSEWHERE: dict[str, Any] = {"replication": {"region": "us-west-2", "storage": "infrequentAccess"}}
QUEUE = {"fifo": False, "visibilitySeconds": 120, "maxReceives": 5, "retentionDays": 4, "alarmAgeSeconds": 900}


def store(*, protected: bool = True, **change: Any) -> ObjectStore:
    settings = BucketSettings.model_validate({**SETTINGS, **change})
    return ObjectStore("data-uploads", store_args("uploads", settings, protected=protected))


def rule(made: Any) -> Any:
    (found,) = made.of(LIFECYCLE)["data-uploads-lifecycle"].inputs["rules"]
    return found


def test_a_bucket_that_asks_for_nothing_has_nothing_more(deploy: Any) -> None:
    made = deploy(store)
    for kind in (CORS, TIERS, LOCK, COPY):
        assert not made.of(kind)
    bucket = made.one(BUCKET)
    assert not {"objectLockEnabled", "region"} & set(bucket.inputs)
    assert bucket.ignore_changes == ()
    assert made.built.signals == []


def test_objects_go_when_their_days_are_over(deploy: Any) -> None:
    made = rule(deploy(lambda: store(expireAfterDays=400)))
    assert made["expiration"] == {"days": 400}, "S3 refuses days and a word about markers together"


def test_objects_may_stay_where_they_are(deploy: Any) -> None:
    assert "transitions" not in rule(deploy(lambda: store(**PLAIN)))


def test_s3_moves_unread_objects_by_itself(deploy: Any) -> None:
    made = deploy(lambda: store(**PLAIN, tiering={"archiveAfterDays": 90, "deepArchiveAfterDays": 180}))
    assert rule(made)["transitions"] == [{"days": 0, "storageClass": "INTELLIGENT_TIERING"}]
    assert made.one(TIERS).inputs["tierings"] == [
        {"accessTier": "ARCHIVE_ACCESS", "days": 90},
        {"accessTier": "DEEP_ARCHIVE_ACCESS", "days": 180},
    ]
    assert not deploy(lambda: store(**PLAIN, tiering={})).of(TIERS), "without hours to wait there is nothing to say"


def test_pages_may_do_what_the_rules_say(deploy: Any) -> None:
    pages = {"origins": ["https://app.example.com"], "methods": ["PUT"], "headers": ["content-type"]}
    (made,) = deploy(lambda: store(cors=[pages])).one(CORS).inputs["corsRules"]
    assert made == {
        "allowedOrigins": ["https://app.example.com"],
        "allowedMethods": ["PUT"],
        "allowedHeaders": ["content-type"],
        "maxAgeSeconds": 3600,
    }


def test_a_lock_is_said_when_the_bucket_is_made_and_never_replaces_it(deploy: Any) -> None:
    made = deploy(lambda: store(objectLock={"mode": "governance", "days": 30}))
    bucket = made.one(BUCKET)
    assert bucket.inputs["objectLockEnabled"] is True
    assert bucket.ignore_changes == ("objectLockEnabled",), "the provider would replace the bucket for it"
    lock = made.one(LOCK)
    assert lock.inputs["rule"] == {"defaultRetention": {"mode": "GOVERNANCE", "days": 30}}
    versioning = made.one("aws:s3/bucketVersioning:BucketVersioning")
    assert versioning.urn in lock.dependencies, "S3 locks versions only"


def test_a_copy_is_in_the_other_region_with_all_that_makes_it_private(deploy: Any) -> None:
    made = deploy(lambda: store(**ELSEWHERE))
    theirs = [one for one in made.registered if one.inputs.get("region") == "us-west-2"]
    assert sorted(one.type.rpartition(":")[2] for one in theirs) == [
        "Alias",
        "Bucket",
        "BucketLifecycleConfiguration",
        "BucketOwnershipControls",
        "BucketPolicy",
        "BucketPublicAccessBlock",
        "BucketServerSideEncryptionConfiguration",
        "BucketVersioning",
        "Key",
    ]
    assert not [one for one in made.registered if one.name == "data-uploads" and "region" in one.inputs]
    encryption = made.of("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")
    (by,) = encryption["data-uploads-copy-encryption"].inputs["rules"]
    assert ":us-west-2:" in by["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"], "a key of that region"


def test_each_new_object_is_copied_and_what_is_deleted_stays_in_the_copy(deploy: Any) -> None:
    made = deploy(lambda: store(**ELSEWHERE))
    order = made.one(COPY)
    (copying,) = order.inputs["rules"]
    assert copying["status"] == "Enabled"
    assert copying["deleteMarkerReplication"] == {"status": "Disabled"}
    assert copying["sourceSelectionCriteria"] == {"sseKmsEncryptedObjects": {"status": "Enabled"}}
    there = copying["destination"]
    assert (there["storageClass"], there["metrics"]) == ("STANDARD_IA", {"status": "Enabled"})
    assert ":us-west-2:" in there["encryptionConfiguration"]["replicaKmsKeyId"]
    versioned = {one.urn for one in made.of("aws:s3/bucketVersioning:BucketVersioning").values()}
    assert versioned <= order.dependencies
    assert len(versioned) == 2, "S3 copies versions only, into versions only"


def test_the_copier_reads_one_bucket_writes_one_other_and_uses_keys_through_s3(deploy: Any) -> None:
    made = deploy(lambda: store(**ELSEWHERE))
    (policy,) = made.inputs(POLICY).values()
    statements = {each["Sid"]: each for each in json.loads(policy["policy"])["Statement"]}
    assert statements["DecryptSource"]["Resource"] == [KEY]
    via = {
        sid: each["Condition"]["StringEquals"]["kms:ViaService"]
        for sid, each in statements.items()
        if "Condition" in each
    }
    assert via == {"DecryptSource": "s3.us-east-1.amazonaws.com", "EncryptCopies": "s3.us-west-2.amazonaws.com"}
    writing = statements["WriteCopies"]
    assert writing["Action"] == ["s3:ReplicateObject", "s3:ReplicateTags"], "nothing is deleted in the copy"
    assert "-copy-" in writing["Resource"][0]
    role = made.one("aws:iam/role:Role").inputs
    (trust,) = json.loads(role["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": ["s3.amazonaws.com"]}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}


@pytest.mark.parametrize("protected", [True, False])
def test_the_copy_outlives_a_protected_stack_and_no_other(deploy: Any, protected: bool) -> None:
    made = deploy(lambda: store(protected=protected, **ELSEWHERE))
    copy, key = made.of(BUCKET)["data-uploads-copy"], made.one("aws:kms/key:Key")
    assert (copy.protect, copy.retain_on_delete, copy.inputs["forceDestroy"]) == (protected, protected, not protected)
    assert (key.protect, key.retain_on_delete) == (protected, protected), "without its key the copy is gone"


def test_a_copy_that_has_gaps_or_is_late_is_told(deploy: Any) -> None:
    found: list[Signal] = deploy(lambda: store(**ELSEWHERE)).built.signals
    assert [signal.name for signal in found] == ["data-uploads-copy-failures", "data-uploads-copy-late"]
    for signal in found:
        assert (RUNBOOKS / signal.runbook).is_file()
        (metric,) = signal.metrics.values()
        assert set(metric.dimensions) == {"SourceBucket", "DestinationBucket", "RuleId"}


def told(**change: Any) -> Data:
    settings = DataSettings.model_validate({
        "databases": {},
        "buckets": {"uploads": {**SETTINGS, "tells": {"news": {"prefix": "in/", "events": ["created", "removed"]}}}},
        "queues": {"news": QUEUE, "other": QUEUE},
        **change,
    })  # fmt: skip
    args = DataArgs(
        settings=settings,
        site=Site(vpc_id="vpc-1", data_subnet_ids=["subnet-a", "subnet-b"]),
        key_arn=KEY,
        log_key_arn=LOG_KEY,
        log_bucket="logs",
        log_retention_days=90,
        location=HERE,
        protected=True,
    )
    return Data("data", args)


def test_a_queue_takes_messages_of_the_bucket_that_tells_it_and_of_no_other(deploy: Any) -> None:
    made = deploy(told)
    policies = made.inputs("aws:sqs/queuePolicy:QueuePolicy")
    (_, sending) = json.loads(policies["data-news-policy-document"]["policy"])["Statement"]
    assert (sending["Action"], sending["Principal"]) == (["sqs:SendMessage"], {"Service": ["s3.amazonaws.com"]})
    (source,) = sending["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert source.startswith("arn:aws:s3:::data-uploads-")
    assert sending["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}
    assert len(json.loads(policies["data-other-policy-document"]["policy"])["Statement"]) == 1
    assert len(json.loads(policies["data-news-dead-policy-document"]["policy"])["Statement"]) == 1


def test_a_bucket_knows_the_queues_that_it_tells(deploy: Any) -> None:
    data = deploy(told).built
    assert set(data.stores["uploads"].notices) == {"news"}
    notice = data.stores["uploads"].notices["news"]
    assert (notice.prefix, notice.suffix, tuple(notice.events)) == ("in/", "", ("created", "removed"))
