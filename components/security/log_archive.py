"""Where access logs go: who asked the load balancer and the buckets for what."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Statement
from components.security.bucket import (
    ABORT_UPLOADS_AFTER_DAYS,
    BucketPolicy,
    PrivateBucket,
    PrivateBucketArgs,
    private_bucket,
)
from settings.location import Location

LOAD_BALANCER_PREFIX = "load-balancer"
BUCKETS_PREFIX = "buckets"
# Nobody overwrites a log; an old version is one that was deleted, by its age or by someone. Time to take it back.
KEEP_DELETED_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class LogArchiveArgs:
    """Where the archive lives and for how long it keeps a log, in days."""

    location: Location
    retention_days: int
    protected: bool


class LogArchive(pulumi.ComponentResource):
    """One private bucket that the load balancer and S3 may write to, each under its own prefix, and nobody else.

    Encrypted by keys of S3, not by ours: an Application Load Balancer cannot write to a bucket with a KMS key.
    It keeps no access log of itself, which would never end.
    """

    bucket_name: pulumi.Output[str]
    """Known only when the policy is in force: AWS tests the right to write when a writer is switched on."""

    def __init__(self, name: str, args: LogArchiveArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:security:LogArchive", name, None, opts)
        bucket = private_bucket(
            name,
            PrivateBucketArgs(key_arn=None, lifecycle=_lifecycle(args.retention_days), protected=args.protected),
            parent=self,
        )
        writers = [_load_balancer(bucket, args.location), _buckets(bucket, args.location)]
        policy = BucketPolicy(f"{name}-policy", bucket, writers, pulumi.ResourceOptions(parent=self))
        self.bucket_name = policy.bucket_name
        self.register_outputs({"bucketName": self.bucket_name})


def _lifecycle(retention_days: int) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="expire",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=retention_days),
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=KEEP_DELETED_DAYS
        ),
        abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=ABORT_UPLOADS_AFTER_DAYS
        ),
    )


def _load_balancer(bucket: PrivateBucket, location: Location) -> Statement:
    """Account in path and source ARN; `aws:SourceAccount` is not documented for this service (2026-09)."""
    return Statement(
        sid="LoadBalancerLogs",
        actions=["s3:PutObject"],
        resources=[pulumi.Output.concat(bucket.arn, f"/{LOAD_BALANCER_PREFIX}/AWSLogs/{location.account_id}/*")],
        principals={"Service": ["logdelivery.elasticloadbalancing.amazonaws.com"]},
        conditions={"ArnLike": {"aws:SourceArn": location.arn("elasticloadbalancing", "loadbalancer/*")}},
    )


def _buckets(bucket: PrivateBucket, location: Location) -> Statement:
    return Statement(
        sid="BucketLogs",
        actions=["s3:PutObject"],
        resources=[pulumi.Output.concat(bucket.arn, f"/{BUCKETS_PREFIX}/*")],
        principals={"Service": ["logging.s3.amazonaws.com"]},
        conditions={
            "ArnLike": {"aws:SourceArn": location.arn("s3", "*", region=False, account=False)},
            "StringEquals": {"aws:SourceAccount": location.account_id},
        },
    )
