"""A private bucket for what users and services leave."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.contracts import Access, BucketAddress, Notice, Recoverable, Signal, Statement
from components.data import bucket_copy
from components.data.store import StoreArgs
from components.security.bucket import BucketPolicy, Lock, PrivateBucket, PrivateBucketArgs, private_bucket
from components.security.log_archive import BUCKETS_PREFIX
from settings.buckets import BucketSettings, CorsSettings, TieringSettings
from settings.stores import variable

_READ_OBJECTS = ("s3:GetObject",)
_WRITE_OBJECTS = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:PutObject")
# Level -> actions on the objects, actions on the key. An upload in parts reads what it wrote, so writing decrypts too.
_OLD_VERSIONS = ("s3:DeleteObjectVersion", "s3:GetObjectVersion")
_LEVELS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "read": (_READ_OBJECTS, ("kms:Decrypt",)),
    "write": ((*_READ_OBJECTS, *_WRITE_OBJECTS), ("kms:Decrypt", "kms:GenerateDataKey")),
    "admin": ((*_READ_OBJECTS, *_WRITE_OBJECTS, *_OLD_VERSIONS), ("kms:Decrypt", "kms:GenerateDataKey")),
}


class ObjectStore(pulumi.ComponentResource):
    """Objects, encrypted with our key, every version kept for a while, every request logged, TLS only.

    Signals only of its copy: request metrics cost extra, and a service that cannot read or write shows it in its own
    errors.
    """

    signals: Sequence[Signal]
    recoverable: Recoverable
    bucket: BucketAddress
    notices: Mapping[str, Notice]
    """The queues that it tells of its events, by name; filled in by who makes both."""

    def __init__(self, name: str, args: StoreArgs[BucketSettings], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:data:ObjectStore", name, None, opts)
        self._args = args
        bucket = private_bucket(
            name,
            PrivateBucketArgs(
                key_arn=args.key_arn,
                lifecycle=_lifecycle(args.settings),
                protected=args.protected,
                lock=_lock(args.settings),
            ),
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
        _extras(name, args.settings, bucket, pulumi.ResourceOptions(parent=self))
        replication = args.settings.replication
        self.signals = [] if replication is None else bucket_copy.make(name, args, replication, bucket, self)
        self._bucket = bucket
        self.bucket = BucketAddress(name=bucket.name, arn=bucket.arn, backed_up=args.backed_up)
        self.notices = {}
        self.recoverable = Recoverable(name=args.store, kind="S3", arn=bucket.arn, key_arn=args.key_arn)
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
            bucket=self.bucket,
        )


def _lock(settings: BucketSettings) -> Lock | None:
    lock = settings.object_lock
    if lock is None:
        return None
    return Lock(mode="GOVERNANCE" if lock.mode == "governance" else "COMPLIANCE", days=lock.days)


def _lifecycle(settings: BucketSettings) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    expiration = aws.s3.BucketLifecycleConfigurationRuleExpirationArgs
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="age",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        transitions=_transitions(settings) or None,
        # A deleted object leaves a marker; when its last version has gone, the marker alone would still be listed over.
        # With days S3 takes such markers away as well, and refuses to be told so.
        expiration=expiration(expired_object_delete_marker=True)
        if settings.expire_after_days is None
        else expiration(days=settings.expire_after_days),
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=settings.expire_noncurrent_after_days
        ),
        abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=settings.abort_uploads_after_days
        ),
    )


def _transitions(settings: BucketSettings) -> list[aws.s3.BucketLifecycleConfigurationRuleTransitionArgs]:
    """In their order; deep archive is read back within half a day, and billed for at least 180 days."""
    moves = [
        (0 if settings.tiering is not None else None, "INTELLIGENT_TIERING"),
        (settings.infrequent_access_after_days, "STANDARD_IA"),
        (settings.archive_after_days, "DEEP_ARCHIVE"),
    ]
    transition = aws.s3.BucketLifecycleConfigurationRuleTransitionArgs
    return [transition(days=days, storage_class=kind) for days, kind in moves if days is not None]


def _extras(name: str, settings: BucketSettings, bucket: PrivateBucket, opts: pulumi.ResourceOptions) -> None:
    """What pages in browsers may do, and the tiers that S3 moves unread objects to."""
    if settings.cors:
        aws.s3.BucketCorsConfiguration(
            f"{name}-cors", bucket=bucket.name, cors_rules=[_cors(rule) for rule in settings.cors], opts=opts
        )
    if settings.tiering is not None and (tiers := _tiers(settings.tiering)):
        aws.s3.BucketIntelligentTieringConfiguration(
            f"{name}-tiers", name="unread", bucket=bucket.name, status="Enabled", tierings=tiers, opts=opts
        )


def _cors(rule: CorsSettings) -> aws.s3.BucketCorsConfigurationCorsRuleArgs:
    return aws.s3.BucketCorsConfigurationCorsRuleArgs(
        allowed_origins=list(rule.origins),
        allowed_methods=list(rule.methods),
        allowed_headers=list(rule.headers) or None,
        expose_headers=list(rule.exposed) or None,
        max_age_seconds=rule.max_age_seconds,
    )


def _tiers(tiering: TieringSettings) -> list[aws.s3.BucketIntelligentTieringConfigurationTieringArgs]:
    tiers = {"ARCHIVE_ACCESS": tiering.archive_after_days, "DEEP_ARCHIVE_ACCESS": tiering.deep_archive_after_days}
    tier = aws.s3.BucketIntelligentTieringConfigurationTieringArgs
    return [tier(access_tier=name, days=days) for name, days in tiers.items() if days is not None]
