"""Buckets: a new one takes no access lists and lets nobody in from outside until it is told otherwise (S3 User Guide,
"Default settings for new S3 buckets", since April 2023)."""

from typing import Any

from preflight.between.made import Made, Told, at, known
from preflight.between.permissions import statements_of
from preflight.registry import Entry
from preflight.simulation.documents import listed
from preflight.simulation.together import Problem

BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
_CONTROLS = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
ACLS = ("aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketAclV2:BucketAclV2")
_OBJECTS = ("aws:s3/bucketObject:BucketObject", "aws:s3/bucketObjectv2:BucketObjectv2")
_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
_CDN = "aws:cloudfront/distribution:Distribution"
_PUBLIC = frozenset({"authenticated-read", "public-read", "public-read-write"})
_OTHERS = _PUBLIC | {"aws-exec-read", "log-delivery-write"}
_OPEN = "add s3.BucketOwnershipControls with object_ownership BucketOwnerPreferred before it"
_NO_ACLS = "the bucket '{}' takes no access lists, as every new one: drop it, or {} ({})"


def problems(made: Made) -> Told:
    """Of buckets of the program and what is said of them."""
    for bucket in made.all(*BUCKETS):
        if known(bucket.checked.get("acl")) in _OTHERS:
            error = "InvalidBucketAclWithObjectOwnership"
            how = f"{_OPEN} and set it by s3.BucketAcl"
            yield bucket, Problem("acl", _NO_ACLS.format(bucket.name, how, error))
    for acl in made.all(*ACLS):
        if (word := known(acl.checked.get("acl"))) in _OTHERS | {"private"}:
            yield from _listed(made, acl, word in _PUBLIC)
    for each in made.all(*_OBJECTS):
        if (word := known(each.checked.get("acl"))) in _OTHERS:
            yield from _listed(made, each, word in _PUBLIC)
    for policy in made.all(_POLICY):
        of = made.find(policy.checked.get("bucket"), *BUCKETS)
        if of and _is_public(policy.checked.get("policy")) and _blocked(made, of, "blockPublicPolicy"):
            yield policy, Problem("policy", _closed(of, "block_public_policy"))
    yield from _logged(made)


def _logged(made: Made) -> Told:
    for cdn in made.all(_CDN):
        logs = made.find(at(cdn, "loggingConfig.bucket"), *BUCKETS)
        if logs and _takes_acls(made, logs) is False:
            said = "InvalidArgument: The S3 bucket that you specified for CloudFront logs does not enable ACL access"
            yield cdn, Problem("loggingConfig.bucket", _NO_ACLS.format(logs.name, _OPEN, said))


def _listed(made: Made, entry: Entry, public: bool) -> Told:
    bucket = made.find(entry.checked.get("bucket"), *BUCKETS)
    if bucket is None:
        return
    if (takes := _takes_acls(made, bucket)) is False:
        yield entry, Problem("acl", _NO_ACLS.format(bucket.name, _OPEN, "AccessControlListNotSupported"))
    elif takes and public and _blocked(made, bucket, "blockPublicAcls"):
        yield entry, Problem("acl", _closed(bucket, "block_public_acls"))


def _takes_acls(made: Made, bucket: Entry) -> bool | None:
    controls = made.beside(bucket, "bucket", _CONTROLS)
    if controls is None:
        return None
    rules = [each.checked.get("rule") for each in controls]
    words = [known(rule.get("objectOwnership")) if isinstance(rule, dict) else None for rule in rules]
    return None if None in words else any(word != "BucketOwnerEnforced" for word in words)


def _blocked(made: Made, bucket: Entry, key: str) -> bool:
    """Whether public access is refused to it for certain: nothing takes the block away that every new bucket has."""
    blocks = made.beside(bucket, "bucket", _BLOCK)
    return blocks is not None and all(each.checked.get(key) is True for each in blocks)


def _closed(bucket: Entry, argument: str) -> str:
    how = f"s3.BucketPublicAccessBlock with {argument}=False, made before it (depends_on)"
    return (
        f"the bucket '{bucket.name}' refuses what lets everybody in, as every new one does without {how} (AccessDenied)"
    )


def _is_public(document: Any) -> bool:
    """Whether a policy lets everybody in for certain: an Allow for everyone without any condition, of which no Deny
    takes anything away but by the kind of connection."""
    statements = statements_of(document) or []
    allowed = [each for each in statements if each.get("Effect") == "Allow"]
    return any(not each.get("Condition") and _everyone(each) for each in allowed) and all(
        each in allowed or _of_connection(each.get("Condition")) for each in statements
    )


def _of_connection(condition: Any) -> bool:
    tests = [*condition.values()] if isinstance(condition, dict) else []
    keys = {str(key).lower() for test in tests for key in (test if isinstance(test, dict) else [""])}
    return bool(keys) and keys <= {"aws:securetransport", "s3:tlsversion"}


def _everyone(statement: dict[str, Any]) -> bool:
    given = statement.get("Principal")
    return bool(statement.get("Action") and statement.get("Resource")) and (
        given == "*" or (isinstance(given, dict) and "*" in listed(given.get("AWS")))
    )
