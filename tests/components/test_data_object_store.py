"""A private bucket for users' files: what it keeps, for how long, and what a service may do with it."""

import json
from typing import Any

import pulumi
import pytest

from components.contracts import Access
from components.data.object_store import ObjectStore
from components.security import documents
from settings.buckets import BucketSettings
from tests.components.stores import KEY, store_args

BUCKET = "aws:s3/bucket:Bucket"
SETTINGS = {
    "infrequentAccessAfterDays": 30,
    "archiveAfterDays": 90,
    "abortUploadsAfterDays": 7,
    "expireNoncurrentAfterDays": 180,
}


def store(name: str = "uploads", **change: Any) -> ObjectStore:
    return ObjectStore(f"data-{name}", store_args(name, BucketSettings.model_validate(SETTINGS), **change))


def granted(deploy: Any, level: str) -> tuple[dict[str, dict[str, Any]], Access, Any]:
    """Statements by sid, the access itself, and the ARN of the bucket."""
    documents_: list[str] = []

    def build() -> Access:
        access = store().access(level)
        documents.document(access.statements).apply(documents_.append)
        return access

    deployment = deploy(build)
    statements = {statement["Sid"]: statement for statement in json.loads(documents_[0])["Statement"]}
    return statements, deployment.built, statements["ListBucket"]["Resource"][0]


def test_objects_are_encrypted_with_our_key_at_the_price_of_a_bucket_key(deploy: Any) -> None:
    encryption = deploy(store).one(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    )
    (rule,) = encryption.inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}
    assert rule["bucketKeyEnabled"] is True


def test_objects_move_to_cheaper_storage_and_old_versions_end(deploy: Any) -> None:
    lifecycle = deploy(store).one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    (rule,) = lifecycle.inputs["rules"]
    assert rule["transitions"] == [
        {"days": 30, "storageClass": "STANDARD_IA"},
        {"days": 90, "storageClass": "DEEP_ARCHIVE"},
    ]
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 180}
    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert rule["expiration"] == {"expiredObjectDeleteMarker": True}, (
        "what users left never ends by itself; only the markers of what they deleted do"
    )


def test_every_request_is_logged_under_the_name_of_the_store(deploy: Any) -> None:
    logging = deploy(store).one("aws:s3/bucketLogging:BucketLogging").inputs
    assert (logging["targetBucket"], logging["targetPrefix"]) == ("logs", "buckets/uploads/")


def test_the_bucket_policy_grants_nothing_and_refuses_plain_http(deploy: Any) -> None:
    document = json.loads(deploy(store).one("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])
    assert [(s["Sid"], s["Effect"]) for s in document["Statement"]] == [("OnlyOverTls", "Deny")]


@pytest.mark.parametrize("protected", [True, False])
def test_content_is_only_ever_deleted_with_an_unprotected_stack(deploy: Any, protected: bool) -> None:
    bucket = deploy(lambda: store(protected=protected)).one(BUCKET)
    assert (bucket.protect, bucket.inputs["forceDestroy"]) == (protected, not protected)


def test_reading_is_listing_getting_and_decrypting_of_this_bucket(deploy: Any) -> None:
    statements, access, arn = granted(deploy, "read")
    assert statements["ListBucket"]["Action"] == ["s3:ListBucket"]
    assert statements["UseObjects"]["Action"] == ["s3:GetObject"]
    assert statements["UseObjects"]["Resource"] == [f"{arn}/*"]
    assert statements["UseBucketKey"]["Action"] == ["kms:Decrypt"]
    assert access.execution_statements == ()
    assert access.secrets == {}
    assert access.opening is None


def test_writing_adds_putting_and_deleting_but_no_old_version_and_no_setting(deploy: Any) -> None:
    statements, _, _ = granted(deploy, "write")
    actions = set(statements["UseObjects"]["Action"])
    assert {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"} <= actions
    assert not [action for action in actions if "*" in action or "Version" in action or "Bucket" in action]
    assert set(statements["UseBucketKey"]["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey"}


def test_an_administrator_also_deletes_old_versions_but_changes_no_setting(deploy: Any) -> None:
    writing, _, _ = granted(deploy, "write")
    statements, _, arn = granted(deploy, "admin")
    more = set(statements["UseObjects"]["Action"]) - set(writing["UseObjects"]["Action"])
    assert more == {"s3:DeleteObjectVersion", "s3:GetObjectVersion"}
    assert statements["ListBucket"]["Action"] == ["s3:ListBucket", "s3:ListBucketVersions"]
    assert (statements["ListBucket"]["Resource"], statements["UseObjects"]["Resource"]) == ([arn], [f"{arn}/*"])


@pytest.mark.parametrize("level", ["read", "write", "admin"])
def test_the_key_is_usable_only_through_s3(deploy: Any, level: str) -> None:
    statements, _, _ = granted(deploy, level)
    assert statements["UseBucketKey"]["Resource"] == [KEY]
    assert statements["UseBucketKey"]["Condition"] == {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}


def test_a_service_is_told_name_and_region(deploy: Any) -> None:
    seen: list[Any] = []

    def build() -> None:
        access = store("user-uploads").access("read")
        pulumi.Output.from_input(dict(access.environment)).apply(seen.append)

    deployment = deploy(build)
    assert set(seen[0]) == {"USER_UPLOADS_BUCKET", "USER_UPLOADS_REGION"}
    assert seen[0]["USER_UPLOADS_REGION"] == "us-east-1"
    logging = deployment.one("aws:s3/bucketLogging:BucketLogging")
    assert seen[0]["USER_UPLOADS_BUCKET"] == logging.inputs["bucket"]


def test_an_unknown_level_says_what_there_is(deploy: Any) -> None:
    with pytest.raises(
        ValueError, match=r"bucket 'uploads' has no access level 'own': use one of \['admin', 'read', 'write'\]"
    ):
        deploy(lambda: store().access("own"))


def test_every_resource_belongs_to_the_store(deploy: Any) -> None:
    resources = [r for r in deploy(store).registered if r.type.startswith("aws:")]
    assert len(resources) == 8
    assert [r.name for r in resources if "groundwork:data:ObjectStore" not in r.parent] == []
