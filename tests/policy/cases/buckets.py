"""Cases of the controls in `guardrails.controls.buckets`."""

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Make, breaks, build, document, holds, lost, made_of, one, ref, retyped, waits
from tests.policy.houses import BLOCKED, statement

CROSS, POINT, DESTROY, VERSIONS, LOGS, LIFE = (
    "s3-cross-account-restricted",
    "s3-access-point-block",
    "s3-no-force-destroy-in-prod",
    "s3-versioning",
    "s3-access-logging",
    "s3-lifecycle",
)
OURS: dict[str, Any] = {"accounts": ["111122223333"]}
STRANGER = {"AWS": "arn:aws:iam::999988887777:root"}
ABORTS = {"id": "x", "status": "Enabled", "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7}}


def allowing(principal: Any, action: Any = "s3:PutBucketPolicy", condition: Any = None, **parts: Any) -> Make:
    """A bucket policy of one statement."""
    made = statement(Principal=principal, Action=action, Resource="*") | parts
    made |= {"Condition": condition} if condition else {}
    return one(kinds.BUCKET_POLICY, bucket="files", policy=document({"Statement": made}))


def having(kind: str, bucket: Any = None, /, **inputs: Any) -> Make:
    """A bucket with a companion."""
    return build(
        it=(kinds.BUCKET, dict(bucket or {})),
        other=(kinds.BUCKET, {"logging": {"targetBucket": "far"}, "versioning": {"enabled": True}, "lifecycleRules": [
            {"enabled": True, "abortIncompleteMultipartUploadDays": 7}]}),
        its=(kind, {"bucket": ref("it.id")} | inputs),
    )  # fmt: skip


def versions(status: Any, **bucket: Any) -> Make:
    """A bucket with its versioning."""
    return having(kinds.BUCKET_VERSIONING, bucket, versioningConfiguration={"status": status})


def life(*rules: dict[str, Any]) -> Make:
    """A bucket with its lifecycle."""
    return having(kinds.BUCKET_LIFECYCLE, rules=list(rules))


def receiving(kind: str, **inputs: Any) -> Make:
    """A bucket that gets the logs of something else."""
    return build(it=(kinds.BUCKET, {}), sender=(kind, inputs))


CASES = (
    holds(CROSS, "our own account", allowing({"AWS": "arn:aws:iam::111122223333:root"}), **OURS),
    holds(CROSS, "another account reads", allowing(STRANGER, ["s3:GetObject", "s3:List*"]), **OURS),
    holds(CROSS, "a service", allowing({"Service": "logging.s3.amazonaws.com"}, "s3:PutObject")),
    holds(CROSS, "our organisation", allowing("*", condition={"StringEquals": {"aws:PrincipalOrgID": "o-1a2b3c4d5e"}})),
    holds(CROSS, "a refusal", allowing(STRANGER, Effect="Deny"), **OURS),
    breaks(CROSS, "another account writes the policy", allowing(STRANGER), **OURS),
    breaks(CROSS, "another account, by its number", allowing({"AWS": ["111122223333", "999988887777"]}), **OURS),
    breaks(CROSS, "another account may do everything", allowing(STRANGER, "s3:*"), **OURS),
    breaks(CROSS, "another account may do all but one thing", allowing(STRANGER, [], NotAction="s3:GetObject"), **OURS),
    breaks(CROSS, "a family of actions", allowing(STRANGER, "s3:Put*"), **OURS),
    breaks(CROSS, "everyone", allowing("*", "s3:DeleteBucket")),
    breaks(
        CROSS,
        "everyone of another account",
        allowing("*", condition={"StringEquals": {"aws:PrincipalAccount": "999988887777"}}),
        **OURS,
    ),
    breaks(
        CROSS,
        "on the bucket itself",
        one(
            kinds.BUCKET,
            policy=document({"Statement": statement(Principal=STRANGER, Action="s3:PutBucketAcl", Resource="*")}),
        ),
        **OURS,
    ),
    waits(CROSS, "nothing says which account is ours", allowing(STRANGER)),
    holds(
        CROSS,
        "a role of the program",
        build(
            web=(kinds.IAM_ROLE, {"assumeRolePolicy": "{}"}),
            it=(
                kinds.BUCKET_POLICY,
                {
                    "bucket": "files",
                    "policy": {
                        "Statement": [statement(Principal={"AWS": ref("web.arn")}, Action="s3:*", Resource="*")]
                    },
                },
            ),
        ),
    ),
    holds(POINT, "nothing is said, and AWS blocks", one(kinds.ACCESS_POINT, bucket="files")),
    holds(POINT, "all four flags", one(kinds.ACCESS_POINT, publicAccessBlockConfiguration=BLOCKED)),
    *(
        breaks(POINT, f"{flag} is off", one(kinds.ACCESS_POINT, publicAccessBlockConfiguration=BLOCKED | {flag: False}))
        for flag in BLOCKED
    ),
    holds(DESTROY, "nothing is said", one(kinds.BUCKET), protected=True),
    holds(DESTROY, "where nothing is protected", one(kinds.BUCKET, forceDestroy=True)),
    breaks(DESTROY, "on a protected stack", one(kinds.BUCKET, forceDestroy=True), protected=True),
    breaks(
        DESTROY,
        "of the second edition",
        retyped(one(kinds.BUCKET, forceDestroy="true"), "it", "aws:s3/bucketV2:BucketV2"),
        protected=True,
    ),
    holds(VERSIONS, "they are kept", versions("Enabled")),
    holds(VERSIONS, "said on the bucket itself", one(kinds.BUCKET, versioning={"enabled": True})),
    holds(
        VERSIONS,
        "said on a bucket of the second edition",
        retyped(one(kinds.BUCKET, versionings=[{"enabled": True}]), "it", "aws:s3/bucketV2:BucketV2"),
    ),
    holds(
        VERSIONS,
        "by a companion of the second edition",
        retyped(versions("Enabled"), "its", "aws:s3/bucketVersioningV2:BucketVersioningV2"),
    ),
    holds(VERSIONS, "objects are locked", one(kinds.BUCKET, objectLockEnabled=True)),
    breaks(VERSIONS, "nothing is said", one(kinds.BUCKET)),
    breaks(VERSIONS, "they are no longer kept", versions("Suspended")),
    breaks(
        VERSIONS,
        "they are no longer kept, whatever the bucket says",
        versions("Suspended", versioning={"enabled": True}),
    ),
    breaks(VERSIONS, "switched off on the bucket itself", one(kinds.BUCKET, versioning={"enabled": False})),
    breaks(
        VERSIONS,
        "those of another bucket are kept",
        build(
            it=(kinds.BUCKET, {}),
            other=(kinds.BUCKET, {}),
            its=(
                kinds.BUCKET_VERSIONING,
                {"bucket": ref("other.id"), "versioningConfiguration": {"status": "Enabled"}},
            ),
        ),
        "it",
    ),
    breaks(
        VERSIONS,
        "those of a bucket of another stack",
        build(
            it=(kinds.BUCKET, {}),
            its=(kinds.BUCKET_VERSIONING, {"bucket": lost("far"), "versioningConfiguration": {"status": "Enabled"}}),
        ),
        undecided_at_preview=True,
    ),
    holds(LOGS, "to another bucket", having(kinds.BUCKET_LOGGING, targetBucket=ref("other.id"))),
    holds(LOGS, "to a bucket of another stack", having(kinds.BUCKET_LOGGING, targetBucket="central-logs")),
    holds(LOGS, "said on the bucket itself", one(kinds.BUCKET, logging={"targetBucket": "central-logs"})),
    holds(
        LOGS,
        "said on a bucket of the second edition",
        retyped(one(kinds.BUCKET, loggings=[{"targetBucket": "far"}]), "it", "aws:s3/bucketV2:BucketV2"),
    ),
    breaks(LOGS, "nowhere", one(kinds.BUCKET)),
    breaks(
        LOGS,
        "a bucket of which nothing is logged, beside one for logs",
        build(
            it=(kinds.BUCKET, {}),
            logs=(kinds.BUCKET, {}),
            third=(kinds.BUCKET, {}),
            its=(kinds.BUCKET_LOGGING, {"bucket": ref("third.id"), "targetBucket": ref("logs.id")}),
        ),
    ),
    holds(
        LOGS,
        "it receives those of another bucket",
        build(
            other=(kinds.BUCKET, {}),
            it=(kinds.BUCKET, {}),
            its=(kinds.BUCKET_LOGGING, {"bucket": ref("other.id"), "targetBucket": ref("it.bucket")}),
        ),
    ),
    holds(
        LOGS,
        "it receives those of a balancer",
        receiving(kinds.LOAD_BALANCER, accessLogs={"bucket": ref("it.id"), "enabled": True}),
    ),
    holds(LOGS, "it receives those of a network", receiving(kinds.FLOW_LOG, logDestination=ref("it.arn"))),
    holds(
        LOGS,
        "its ACL lets logs in",
        build(it=(kinds.BUCKET, {}), acl=(kinds.BUCKET_ACL, {"bucket": ref("it.id"), "acl": "log-delivery-write"})),
    ),
    holds(LOGS, "its own ACL lets logs in", one(kinds.BUCKET, acl="log-delivery-write")),
    breaks(
        LOGS,
        "where its requests are logged is not known",
        build(it=(kinds.BUCKET, {}), block=(kinds.BUCKET_LOGGING, {"bucket": lost("far"), "targetBucket": "x"})),
        undecided_at_preview=True,
    ),
    holds(LIFE, "unfinished uploads end", life(ABORTS)),
    holds(LIFE, "beside a rule for a part", life({"status": "Enabled", "filter": {"prefix": "tmp/"}}, ABORTS)),
    holds(LIFE, "with an empty filter", life(ABORTS | {"filter": {"prefix": ""}})),
    holds(
        LIFE,
        "said on the bucket itself",
        one(kinds.BUCKET, lifecycleRules=[{"enabled": True, "abortIncompleteMultipartUploadDays": 3}]),
    ),
    breaks(LIFE, "nothing is said", one(kinds.BUCKET)),
    breaks(LIFE, "a rule that is off", life(ABORTS | {"status": "Disabled"})),
    breaks(LIFE, "a rule for a part of the bucket", life(ABORTS | {"filter": {"prefix": "tmp/"}})),
    breaks(LIFE, "a rule for a part, by several things", life(ABORTS | {"filter": {"and": {"prefix": "tmp/"}}})),
    breaks(LIFE, "a rule for a part, in the old form", life(ABORTS | {"prefix": "tmp/"})),
    breaks(LIFE, "a rule that only removes objects", life({"status": "Enabled", "expiration": {"days": 30}})),
    breaks(
        LIFE,
        "a rule on the bucket itself that is off",
        one(kinds.BUCKET, lifecycleRules=[{"enabled": False, "abortIncompleteMultipartUploadDays": 3}]),
    ),
    breaks(
        LIFE,
        "a rule on the bucket itself for a part",
        one(
            kinds.BUCKET, lifecycleRules=[{"enabled": True, "prefix": "tmp/", "abortIncompleteMultipartUploadDays": 3}]
        ),
    ),
    holds(
        LIFE,
        "how many days shows later",
        life(ABORTS | {"abortIncompleteMultipartUpload": {"daysAfterInitiation": lost(7)}}),
        at_preview=("it",),
    ),
    breaks(
        CROSS,
        "what another account may do shows later",
        one(
            kinds.BUCKET_POLICY,
            policy={"Statement": [statement(Principal=STRANGER, Action=lost("s3:PutBucketAcl"), Resource="*")]},
        ),
        undecided_at_preview=True,
        **OURS,
    ),
    holds(
        LOGS,
        "one of two buckets",
        build(
            a=(kinds.BUCKET, {"logging": {"targetBucket": "far"}}),
            it=(kinds.BUCKET, {"bucket": "shop"}),
            its=(
                kinds.BUCKET_LOGGING,
                {
                    "bucket": ref("it.id"),
                    "targetBucket": made_of(ref("a.id"), ref("it.id"), make=lambda first, _: first),
                },
            ),
        ),
        at_preview=("it",),
    ),
    holds(
        LOGS,
        "a bucket of another stack, and an unknown one that receives logs",
        build(
            it=(kinds.BUCKET, {"bucket": "shop", "logging": {"targetBucket": "far"}}),
            its=(kinds.BUCKET_LOGGING, {"bucket": "elsewhere", "targetBucket": lost("further")}),
        ),
    ),
    *(
        case(
            LIFE, f"after {days} days", life(ABORTS | {"abortIncompleteMultipartUpload": {"daysAfterInitiation": days}})
        )
        for case, days in ((holds, 1), (breaks, 0))
    ),
    breaks(LIFE, "no days", life(ABORTS | {"abortIncompleteMultipartUpload": {}})),
)
