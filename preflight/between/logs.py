"""Logs: the buckets that services write them to, and the keys that these are encrypted with."""

from preflight.between.buckets import ACLS, BUCKETS
from preflight.between.made import Made, Told, at
from preflight.between.networks import BALANCERS
from preflight.between.permissions import allows, policies
from preflight.registry import Entry
from preflight.simulation.together import Problem

_LOG_GROUP, _TRAIL, _KEY = "aws:cloudwatch/logGroup:LogGroup", "aws:cloudtrail/trail:Trail", "aws:kms/key:Key"
_BUCKET_POLICY, _KEY_POLICY = "aws:s3/bucketPolicy:BucketPolicy", "aws:kms/keyPolicy:KeyPolicy"
_GRANT = "aws:kms/grant:Grant"


def problems(made: Made) -> Told:
    """Of log groups, trails and application load balancers: for those of networks AWS writes the policy itself, where
    there is none (CloudWatch Logs User Guide, "Logs sent to Amazon S3")."""
    yield from _keys(made)
    for entry in made.all(_TRAIL):
        bucket = made.find(entry.checked.get("s3BucketName"), *BUCKETS)
        said = policies(made, bucket, _BUCKET_POLICY, "bucket") if bucket else None
        if bucket and allows(said, "cloudtrail.", accounts=True) is False:
            reason = f"no policy allows cloudtrail.amazonaws.com to write to '{bucket.name}'"
            yield entry, Problem("s3BucketName", f"{reason} (InsufficientS3BucketPolicyException)")
    for entry in made.all(*BALANCERS):
        bucket = made.find(at(entry, "accessLogs.bucket"), *BUCKETS)
        on = at(entry, "accessLogs.enabled") is True and entry.checked.get("loadBalancerType") in (None, "application")
        if on and bucket and not _by_list(made, bucket) and policies(made, bucket, _BUCKET_POLICY, "bucket") == []:
            reason = f"the bucket '{bucket.name}' has no policy, and so lets nobody write logs into it"
            yield entry, Problem("accessLogs.bucket", f"{reason} (Access Denied for bucket)")


def _by_list(made: Made, bucket: Entry) -> bool:
    """Whether an access list may say who writes to a bucket."""
    return made.beside(bucket, "bucket", *ACLS) != [] or any(bucket.checked.get(key) for key in ("acl", "grants"))


def _keys(made: Made) -> Told:
    for kind, service, error in (
        (_LOG_GROUP, "logs.<region>.amazonaws.com", "AccessDeniedException"),
        (_TRAIL, "cloudtrail.amazonaws.com", "InsufficientEncryptionPolicyException"),
    ):
        for entry in made.all(kind):
            key = made.find(entry.checked.get("kmsKeyId"), _KEY)
            said = (
                policies(made, key, _KEY_POLICY, "keyId") if key and made.beside(key, "keyId", _GRANT) == [] else None
            )
            if key and allows(said, service.partition("<")[0]) is False:
                reason = f"the policy of key '{key.name}' does not allow {service} to use it"
                yield entry, Problem("kmsKeyId", f"{reason}, as a key's own default does not either ({error})")
