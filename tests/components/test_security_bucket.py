"""The log archive, and with it what holds for every bucket of the platform."""

import json
from typing import Any

import pytest

from components.security.log_archive import LogArchive, LogArchiveArgs
from settings.location import Location

HERE = Location.of("us-east-1", "111122223333")
BUCKET, POLICY = "aws:s3/bucket:Bucket", "aws:s3/bucketPolicy:BucketPolicy"


def archive(**change: Any) -> Any:
    args: dict[str, Any] = {"location": HERE, "retention_days": 90, "protected": True, **change}
    return lambda: LogArchive("logs", LogArchiveArgs(**args))


def statements(deployment: Any) -> dict[str, dict[str, Any]]:
    document = json.loads(deployment.one(POLICY).inputs["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def types_behind(urns: frozenset[str]) -> set[str]:
    return {urn.split("::")[2].split("$")[-1] for urn in urns}


def test_nobody_can_open_the_bucket_by_accident(deploy: Any) -> None:
    deployment = deploy(archive())
    block = deployment.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    for flag in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"):
        assert block[flag] is True
    ownership = deployment.one("aws:s3/bucketOwnershipControls:BucketOwnershipControls").inputs
    assert ownership["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    assert deployment.of("aws:s3/bucketAcl:BucketAcl") == {}


def test_plain_http_is_refused_to_everyone_for_bucket_and_objects(deploy: Any) -> None:
    deny = statements(deploy(archive()))["OnlyOverTls"]
    assert (deny["Effect"], deny["Action"], deny["Principal"]) == ("Deny", ["s3:*"], {"AWS": ["*"]})
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    arn = deny["Resource"][0]
    assert deny["Resource"] == [arn, f"{arn}/*"]


def test_only_the_load_balancer_and_s3_may_write_each_under_its_own_prefix(deploy: Any) -> None:
    found = statements(deploy(archive()))
    arn = found["OnlyOverTls"]["Resource"][0]
    allowed = {sid: statement for sid, statement in found.items() if statement["Effect"] == "Allow"}
    assert set(allowed) == {"LoadBalancerLogs", "BucketLogs"}
    assert all(statement["Action"] == ["s3:PutObject"] for statement in allowed.values())
    load_balancer, buckets = allowed["LoadBalancerLogs"], allowed["BucketLogs"]
    assert load_balancer["Principal"] == {"Service": ["logdelivery.elasticloadbalancing.amazonaws.com"]}
    assert load_balancer["Resource"] == [f"{arn}/load-balancer/AWSLogs/111122223333/*"]
    assert load_balancer["Condition"] == {
        "ArnLike": {"aws:SourceArn": "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/*"}
    }
    assert buckets["Principal"] == {"Service": ["logging.s3.amazonaws.com"]}
    assert buckets["Resource"] == [f"{arn}/buckets/*"]
    assert buckets["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}


def test_a_key_of_ours_would_stop_the_load_balancer_from_writing(deploy: Any) -> None:
    rule = (
        deploy(archive())
        .one("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")
        .inputs["rules"][0]
    )
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


def test_logs_end_with_their_retention_and_deleted_ones_a_week_later(deploy: Any) -> None:
    deployment = deploy(archive(retention_days=14))
    lifecycle = deployment.one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    (rule,) = lifecycle.inputs["rules"]
    assert rule["status"] == "Enabled"
    assert rule["filter"] == {"prefix": ""}, "the rule is for everything"
    assert rule["expiration"] == {"days": 14}
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 7}
    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    versioning = deployment.one("aws:s3/bucketVersioning:BucketVersioning")
    assert versioning.inputs["versioningConfiguration"]["status"] == "Enabled"
    assert versioning.urn in lifecycle.dependencies


@pytest.mark.parametrize("protected", [True, False])
def test_logs_outlive_a_protected_stack_and_go_with_any_other(deploy: Any, protected: bool) -> None:
    deployment = deploy(archive(protected=protected))
    bucket = deployment.one(BUCKET)
    assert bucket.protect is protected
    assert bucket.retain_on_delete is protected
    assert bucket.inputs["forceDestroy"] is not protected
    assert "bucket" not in bucket.inputs, "the name is left to auto-naming"
    around = [r for r in deployment.registered if r.type.startswith("aws:s3/bucket") and r is not bucket]
    assert len(around) == 6, "policy, public access, ownership, encryption, versioning, lifecycle"
    assert {r.retain_on_delete for r in around} == {protected}, "a bucket that stays must stay private"


def test_who_writes_logs_waits_for_the_policy_and_still_names_the_bucket(deploy: Any) -> None:
    import pulumi_aws as aws  # noqa: PLC0415

    def build() -> object:
        name = archive()().bucket_name
        return aws.s3.BucketLogging("writer", bucket="b", target_bucket=name, target_prefix="x/")

    deployment = deploy(build)
    writer = deployment.one("aws:s3/bucketLogging:BucketLogging")
    assert types_behind(writer.property_dependencies["targetBucket"]) == {BUCKET, POLICY}
    assert writer.inputs["targetBucket"]


def test_the_statements_are_inputs_of_the_policys_own_component(deploy: Any) -> None:
    deployment = deploy(archive())
    component = deployment.one("groundwork:security:BucketPolicy")
    policy = deployment.one(POLICY)
    assert policy.parent == component.urn
    assert component.inputs["statements"] == json.loads(policy.inputs["policy"])["Statement"]


def test_every_resource_belongs_to_the_archive(deploy: Any) -> None:
    resources = [r for r in deploy(archive()).registered if r.type.startswith("aws:")]
    assert [r.name for r in resources if "groundwork:security:LogArchive" not in r.parent] == []
