"""The bucket of the dumps: written to by the jobs that dump, read by nobody of the stack, locked."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Access, BucketAddress, Recoverable, Signal, Statement
from components.security.bucket import (
    ABORT_UPLOADS_AFTER_DAYS,
    BucketPolicy,
    Lock,
    PrivateBucketArgs,
    private_bucket,
)
from components.security.log_archive import BUCKETS_PREFIX
from settings import dumps
from settings.dumps import DumpSettings
from settings.location import Location
from settings.stores import variable


@dataclass(frozen=True, kw_only=True)
class DumpStoreArgs:
    """For how long dumps are locked and kept, the key, and the archive of the access log."""

    settings: DumpSettings
    key_arn: pulumi.Input[str]
    log_bucket: pulumi.Input[str]
    location: Location
    protected: bool


class DumpStore(pulumi.ComponentResource):
    """Dumps of databases: encrypted with our key, locked against everybody, deleted when their time is over.

    No part of the backups: it is one, in another form. No signals: a dump that fails is a job that fails.
    """

    signals: Sequence[Signal] = ()
    recoverable: Recoverable | None = None

    def __init__(self, name: str, args: DumpStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:data:DumpStore", name, None, opts)
        self._args = args
        child = pulumi.ResourceOptions(parent=self)
        bucket = private_bucket(
            name,
            PrivateBucketArgs(
                key_arn=args.key_arn,
                lifecycle=_lifecycle(args.settings),
                protected=args.protected,
                lock=Lock(mode="GOVERNANCE", days=args.settings.locked_days),
            ),
            parent=self,
        )
        BucketPolicy(f"{name}-policy", bucket, opts=child)
        aws.s3.BucketLogging(
            f"{name}-logging",
            bucket=bucket.name,
            target_bucket=args.log_bucket,
            target_prefix=f"{BUCKETS_PREFIX}/{dumps.STORE}/",
            opts=child,
        )
        self._bucket = bucket
        self.register_outputs({"bucketName": bucket.name, "bucketArn": bucket.arn})

    def access(self, level: str) -> Access:
        """`append`: put objects there. Whoever dumps can neither read a dump nor delete one, its own included."""
        if level != dumps.LEVEL:
            raise ValueError(f"the bucket of the dumps has no access level {level!r}: use {dumps.LEVEL!r}")
        location = self._args.location
        via = {"StringEquals": {"kms:ViaService": f"s3.{location.region}.{location.dns_suffix}"}}
        return Access(
            statements=[
                Statement(
                    sid="PutDumps",
                    actions=["s3:AbortMultipartUpload", "s3:PutObject"],
                    resources=[pulumi.Output.concat(self._bucket.arn, "/*")],
                ),
                # An upload in parts is put together from what was encrypted part by part.
                Statement(
                    sid="UseDumpKey",
                    actions=["kms:Decrypt", "kms:GenerateDataKey"],
                    resources=[self._args.key_arn],
                    conditions=via,
                ),
            ],
            environment={
                variable(dumps.STORE, "BUCKET"): self._bucket.name,
                variable(dumps.STORE, "REGION"): location.region,
            },
            bucket=BucketAddress(name=self._bucket.name, arn=self._bucket.arn),
        )


def _lifecycle(settings: DumpSettings) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    archive = settings.archive_after_days
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="expire",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        transitions=None
        if archive is None
        else [
            aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(days=archive, storage_class="DEEP_ARCHIVE"),
        ],
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=settings.keep_days),
        # A dump that has expired is an old version, and gone the day after.
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=1
        ),
        abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=ABORT_UPLOADS_AFTER_DAYS
        ),
    )
