"""A private bucket for what users and services leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Access, BucketAddress, Statement
from components.security.bucket import BucketPolicy, PrivateBucketArgs, private_bucket
from components.security.log_archive import BUCKETS_PREFIX
from settings.data import BucketSettings, variable
from settings.location import Location

_READ_OBJECTS = ("s3:GetObject",)
_WRITE_OBJECTS = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:PutObject")
# Level -> actions on the objects, actions on the key. An upload in parts reads what it wrote, so writing decrypts too.
_OLD_VERSIONS = ("s3:DeleteObjectVersion", "s3:GetObjectVersion")
_LEVELS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "read": (_READ_OBJECTS, ("kms:Decrypt",)),
    "write": ((*_READ_OBJECTS, *_WRITE_OBJECTS), ("kms:Decrypt", "kms:GenerateDataKey")),
    "admin": ((*_READ_OBJECTS, *_WRITE_OBJECTS, *_OLD_VERSIONS), ("kms:Decrypt", "kms:GenerateDataKey")),
}


@dataclass(frozen=True, kw_only=True)
class ObjectStoreArgs:
    """When objects move to cheaper storage, the key, and the archive of the access log."""

    store: str
    settings: BucketSettings
    key_arn: pulumi.Input[str]
    log_bucket: pulumi.Input[str]
    location: Location
    protected: bool


class ObjectStore(pulumi.ComponentResource):
    """Objects, encrypted with our key, every version kept for a while, every request logged, TLS only.

    No signals: request metrics cost extra, and a service that cannot read or write shows it in its own errors.
    """

    def __init__(self, name: str, args: ObjectStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:data:ObjectStore", name, None, opts)
        self._args = args
        bucket = private_bucket(
            name,
            PrivateBucketArgs(key_arn=args.key_arn, lifecycle=_lifecycle(args.settings), protected=args.protected),
            parent=self,
        )
        BucketPolicy(f"{name}-policy", bucket, opts=pulumi.ResourceOptions(parent=self))
        aws.s3.BucketLogging(
            f"{name}-logging",
            bucket=bucket.name,
            target_bucket=args.log_bucket,
            target_prefix=f"{BUCKETS_PREFIX}/{args.store}/",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._bucket = bucket
        self.register_outputs({"bucketName": bucket.name, "bucketArn": bucket.arn})

    def access(self, level: str) -> Access:
        """`read`: list and get objects. `write`: put and delete them as well, but never delete an old version. `admin`:
        list, get and delete old versions too, after which an object is gone for good."""
        if level not in _LEVELS:
            raise ValueError(f"bucket {self._args.store!r} has no access level {level!r}: use one of {sorted(_LEVELS)}")
        on_objects, on_key = _LEVELS[level]
        listing = ["s3:ListBucket", *(["s3:ListBucketVersions"] if level == "admin" else [])]
        location, store = self._args.location, self._args.store
        via = {"StringEquals": {"kms:ViaService": f"s3.{location.region}.{location.dns_suffix}"}}
        return Access(
            statements=[
                Statement(sid="ListBucket", actions=listing, resources=[self._bucket.arn]),
                Statement(
                    sid="UseObjects", actions=on_objects, resources=[pulumi.Output.concat(self._bucket.arn, "/*")]
                ),
                Statement(sid="UseBucketKey", actions=on_key, resources=[self._args.key_arn], conditions=via),
            ],
            environment={
                variable(store, "BUCKET"): self._bucket.name,
                variable(store, "REGION"): location.region,
            },
            bucket=BucketAddress(name=self._bucket.name, arn=self._bucket.arn),
        )


def _lifecycle(settings: BucketSettings) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    transition = aws.s3.BucketLifecycleConfigurationRuleTransitionArgs
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="age",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        transitions=[
            transition(days=settings.infrequent_access_after_days, storage_class="STANDARD_IA"),
            # Back within half a day; deep archive is billed for at least 180 days.
            transition(days=settings.archive_after_days, storage_class="DEEP_ARCHIVE"),
        ],
        # A deleted object leaves a marker; when its last version has gone, the marker alone would still be listed over.
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True),
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=settings.expire_noncurrent_after_days
        ),
        abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=settings.abort_uploads_after_days
        ),
    )
