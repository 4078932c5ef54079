"""The one way in which this platform makes a bucket."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.contracts import Statement
from components.security import documents

# Parts of an upload that never finished: nobody sees them, everybody pays for them.
ABORT_UPLOADS_AFTER_DAYS = 7

Rule = aws.s3.BucketLifecycleConfigurationRuleArgs


@dataclass(frozen=True, kw_only=True)
class Lock:
    """For how many days nobody can delete a version of an object: in `GOVERNANCE` nobody without a right of its own for
    that, in `COMPLIANCE` nobody at all."""

    mode: Literal["GOVERNANCE", "COMPLIANCE"]
    days: int


@dataclass(frozen=True, kw_only=True)
class PrivateBucketArgs:
    """What differs between buckets: the key, what happens to old objects, whether they outlive the stack."""

    key_arn: pulumi.Input[str] | None
    """Our key, by which S3 encrypts; ``None`` leaves it to keys of S3 (SSE-S3), for writers that cannot use ours."""
    lifecycle: Rule
    protected: bool
    lock: Lock | None = None
    region: str | None = None
    """Where it is not the stack's own."""


@dataclass(frozen=True, kw_only=True)
class PrivateBucket:
    """A bucket without public access or ACLs, versioned, encrypted, with an end for old objects.

    Whoever uses it still has to give it a policy (`BucketPolicy`), which brings the rule that refuses plain HTTP.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    retained: bool
    """Whether it stays when the stack goes; then all that makes it private has to stay, too."""
    versioned: pulumi.Resource
    """Until then it keeps no versions, which locks and copies ask for."""
    region: str | None = None


def private_bucket(name: str, args: PrivateBucketArgs, parent: pulumi.Resource) -> PrivateBucket:
    """The bucket and its settings, as children of `parent`.

    In a protected stack the bucket is protected and stays when the stack goes; elsewhere it goes with all its objects.
    """
    child = pulumi.ResourceOptions(parent=parent, retain_on_delete=args.protected)
    bucket = aws.s3.Bucket(
        name,
        force_destroy=not args.protected,
        # Said when the bucket is made, so that a stack that goes can empty it, and never after: the provider would
        # replace it, although S3 takes a lock at any time.
        object_lock_enabled=True if args.lock else None,
        region=args.region,
        opts=pulumi.ResourceOptions(
            parent=parent,
            protect=args.protected,
            retain_on_delete=args.protected,
            ignore_changes=["object_lock_enabled"] if args.lock else [],
        ),
    )
    aws.s3.BucketPublicAccessBlock(
        f"{name}-public-access",
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        region=args.region,
        opts=child,
    )
    aws.s3.BucketOwnershipControls(
        f"{name}-ownership",
        bucket=bucket.bucket,
        rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        region=args.region,
        opts=child,
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption",
        bucket=bucket.bucket,
        rules=[_encryption(args.key_arn)],
        region=args.region,
        opts=child,
    )
    versioning = aws.s3.BucketVersioning(
        f"{name}-versioning",
        bucket=bucket.bucket,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
        region=args.region,
        opts=child,
    )
    after_versioning = pulumi.ResourceOptions(depends_on=[versioning])
    aws.s3.BucketLifecycleConfiguration(
        f"{name}-lifecycle",
        bucket=bucket.bucket,
        rules=[args.lifecycle],
        region=args.region,
        # Rules about old versions are only valid once there are versions.
        opts=pulumi.ResourceOptions.merge(child, after_versioning),
    )
    if args.lock is not None:
        _lock(name, args.lock, bucket, pulumi.ResourceOptions.merge(child, after_versioning))
    return PrivateBucket(
        name=bucket.bucket, arn=bucket.arn, retained=args.protected, versioned=versioning, region=args.region
    )


def _lock(name: str, lock: Lock, bucket: aws.s3.Bucket, opts: pulumi.ResourceOptions) -> None:
    retention = aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(mode=lock.mode, days=lock.days)
    aws.s3.BucketObjectLockConfiguration(
        f"{name}-lock",
        bucket=bucket.bucket,
        rule=aws.s3.BucketObjectLockConfigurationRuleArgs(default_retention=retention),
        opts=opts,
    )


def _encryption(
    key_arn: pulumi.Input[str] | None,
) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgs:
    default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs
    if key_arn is None:
        by_default = default(sse_algorithm="AES256")
    else:
        by_default = default(sse_algorithm="aws:kms", kms_master_key_id=key_arn)
    return aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=by_default,
        # One key request per bucket and while instead of one per object: a hundredth of the KMS bill.
        bucket_key_enabled=key_arn is not None,
    )


class BucketPolicy(pulumi.ComponentResource):
    """The policy of a bucket: only over TLS, and whatever `grants` adds.

    A component of its own because its statements name the ARN of the bucket: as inputs of this component they can be
    judged one by one at preview, when the ARN, and with it the whole document, is still unknown.
    """

    bucket_name: pulumi.Output[str]
    """Name of the bucket, known only when the policy is in force: for writers that AWS checks against it."""

    def __init__(
        self,
        name: str,
        bucket: PrivateBucket,
        grants: Sequence[Statement] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        statements = [_tls_only(bucket), *grants]
        super().__init__("groundwork:security:BucketPolicy", name, {"statements": documents.rendered(statements)}, opts)
        policy = aws.s3.BucketPolicy(
            f"{name}-document",
            bucket=bucket.name,
            policy=documents.document(statements),
            region=bucket.region,
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=bucket.retained),
        )
        # Both outputs, so that who follows the edges of a writer finds the bucket as well as the policy it waits for.
        self.bucket_name = pulumi.Output.all(bucket.name, policy.bucket).apply(lambda names: str(names[0]))
        self.register_outputs({"bucketName": self.bucket_name})


def _tls_only(bucket: PrivateBucket) -> Statement:
    return Statement(
        sid="OnlyOverTls",
        effect="Deny",
        actions=["s3:*"],
        resources=[bucket.arn, pulumi.Output.concat(bucket.arn, "/*")],
        principals={"AWS": ["*"]},
        conditions={"Bool": {"aws:SecureTransport": "false"}},
    )
