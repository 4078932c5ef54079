"""A copy of a bucket in another region: each new object, under a key of that region."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.contracts import Metric, Severity, Signal, Statement
from components.data.store import StoreArgs
from components.security import documents, keys
from components.security.bucket import BucketPolicy, PrivateBucket, PrivateBucketArgs, private_bucket
from components.security.keys import EncryptionKey, EncryptionKeyArgs
from components.security.role import role
from settings.buckets import BucketSettings, ReplicationSettings
from settings.location import Location

RULE = "all"
RUNBOOK = "bucket-copy.md"
# Ours: S3 copies most objects within a quarter of an hour, large ones take hours.
LATE_SECONDS = 6 * 3600
_CLASSES: Mapping[str, str] = {"standard": "STANDARD", "infrequentAccess": "STANDARD_IA", "archive": "DEEP_ARCHIVE"}


def make(
    name: str,
    args: StoreArgs[BucketSettings],
    replication: ReplicationSettings,
    source: PrivateBucket,
    parent: pulumi.Resource,
) -> list[Signal]:
    """The other bucket, its key, and the order to copy, as children of `parent`; what is worth watching on it."""
    child = pulumi.ResourceOptions(parent=parent)
    there = Location.of(replication.region, args.location.account_id)
    key_args = EncryptionKeyArgs(
        purpose=f"copy-{args.store}",
        description=f"Copy of the bucket {args.store}",
        statements=keys.for_copies(there),
        protected=args.protected,
        region=there.region,
    )
    key = EncryptionKey(f"{name}-copy", key_args, child)
    copy = private_bucket(
        f"{name}-copy",
        PrivateBucketArgs(
            key_arn=key.arn, lifecycle=_lifecycle(args.settings), protected=args.protected, region=there.region
        ),
        parent=parent,
    )
    BucketPolicy(f"{name}-copy-policy", copy, opts=child)
    copier = CopyRole(f"{name}-copy-role", _rights(args, source, copy, key, there), args.location, child)
    rule = aws.s3.BucketReplicationConfigRuleArgs
    aws.s3.BucketReplicationConfig(
        f"{name}-copy",
        bucket=source.name,
        role=copier.arn,
        rules=[
            rule(
                id=RULE,
                status="Enabled",
                priority=1,
                filter=aws.s3.BucketReplicationConfigRuleFilterArgs(prefix=""),
                delete_marker_replication=aws.s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(
                    status="Disabled"
                ),
                source_selection_criteria=_encrypted(),
                destination=_destination(replication, copy, key),
            )
        ],
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[source.versioned, copy.versioned])),
    )
    return _signals(name, args.store, source, copy)


class CopyRole(pulumi.ComponentResource):
    """The role in which S3 copies this bucket and no other.

    A component of its own because its statements name ARNs of both buckets: as inputs of this component they can be
    judged one by one at preview.
    """

    arn: pulumi.Output[str]
    """Known only when the role has its rights."""

    def __init__(
        self, name: str, statements: list[Statement], location: Location, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        trusted = [
            documents.assumed_by("s3.amazonaws.com", {"StringEquals": {"aws:SourceAccount": location.account_id}})
        ]
        props = {"statements": documents.rendered([*trusted, *statements])}
        super().__init__("groundwork:data:CopyRole", name, props, opts)
        child = pulumi.ResourceOptions(parent=self)
        made = role(name, "What S3 may do to copy a bucket", trusted, location, child)
        policy = aws.iam.RolePolicy(f"{name}-policy", role=made.name, policy=documents.document(statements), opts=child)
        self.arn = pulumi.Output.all(made.arn, policy.id).apply(lambda values: str(values[0]))
        self.register_outputs({"arn": self.arn})


def _rights(
    args: StoreArgs[BucketSettings], source: PrivateBucket, copy: PrivateBucket, key: EncryptionKey, there: Location
) -> list[Statement]:
    """As AWS has them for encrypted objects (S3 guide, setting-repl-config-perm-overview, read 2026-11)."""
    here = args.location
    return [
        Statement(
            sid="ReadSource", actions=["s3:GetReplicationConfiguration", "s3:ListBucket"], resources=[source.arn]
        ),
        Statement(
            sid="ReadVersions",
            actions=[
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionForReplication",
                "s3:GetObjectVersionTagging",
            ],
            resources=[pulumi.Output.concat(source.arn, "/*")],
        ),
        Statement(
            sid="WriteCopies",
            actions=["s3:ReplicateObject", "s3:ReplicateTags"],
            resources=[pulumi.Output.concat(copy.arn, "/*")],
        ),
        Statement(
            sid="DecryptSource",
            actions=["kms:Decrypt"],
            resources=[args.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"s3.{here.region}.{here.dns_suffix}"}},
        ),
        Statement(
            sid="EncryptCopies",
            actions=["kms:Encrypt", "kms:GenerateDataKey"],
            resources=[key.arn],
            conditions={"StringEquals": {"kms:ViaService": f"s3.{there.region}.{there.dns_suffix}"}},
        ),
    ]


def _encrypted() -> aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs:
    return aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
        sse_kms_encrypted_objects=aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(
            status="Enabled"
        )
    )


def _destination(
    replication: ReplicationSettings, copy: PrivateBucket, key: EncryptionKey
) -> aws.s3.BucketReplicationConfigRuleDestinationArgs:
    return aws.s3.BucketReplicationConfigRuleDestinationArgs(
        bucket=copy.arn,
        storage_class=_CLASSES[replication.storage],
        encryption_configuration=aws.s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
            replica_kms_key_id=key.arn
        ),
        metrics=aws.s3.BucketReplicationConfigRuleDestinationMetricsArgs(status="Enabled"),
    )


def _lifecycle(settings: BucketSettings) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    """Objects stay; versions that were overwritten go as they do in the original."""
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="age",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=settings.expire_noncurrent_after_days
        ),
        abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=settings.abort_uploads_after_days
        ),
    )


def _signals(name: str, store: str, source: PrivateBucket, copy: PrivateBucket) -> list[Signal]:
    dimensions: Mapping[str, pulumi.Input[str]] = {
        "SourceBucket": source.name,
        "DestinationBucket": copy.name,
        "RuleId": RULE,
    }

    def signal(role: str, metric: str, statistic: str, threshold: float, periods: int, meaning: str) -> Signal:
        return Signal(
            name=f"{name}-copy-{role}",
            metrics={role: Metric(namespace="AWS/S3", name=metric, statistic=statistic, dimensions=dimensions)},
            comparison="GreaterThanThreshold",
            threshold=threshold,
            period_seconds=300,
            evaluation_periods=periods,
            datapoints_to_alarm=periods,
            missing="notBreaching",  # nothing is sent while nothing is copied
            severity=Severity.WARNING,
            meaning=meaning,
            runbook=RUNBOOK,
        )

    return [
        signal(
            "failures",
            "OperationsFailedReplication",
            "Sum",
            0,
            1,
            f"Objects of the bucket {store} could not be copied to the other region: the copy has gaps.",
        ),
        signal(
            "late",
            "ReplicationLatency",
            "Maximum",
            LATE_SECONDS,
            3,
            f"The copy of the bucket {store} is more than {LATE_SECONDS // 3600} hours behind.",
        ),
    ]
