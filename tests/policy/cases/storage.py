"""Cases of the controls on buckets."""

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Case, Make, breaks, build, changed, document, holds, house, lost, one, ref, without
from tests.policy.houses import bucket, statement

PUBLIC = statement(Principal="*", Action="s3:GetObject", Resource="*")
OURS = PUBLIC | {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1a2b3c4d5e"}}}

ALL = "http://acs.amazonaws.com/groups/global/AllUsers"
LOGGERS = "http://acs.amazonaws.com/groups/s3/LogDelivery"
FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
BLOCK, ACL, TLS, OWNER, KMS = (
    "s3-block-public-access", "s3-no-public-acl", "s3-tls-only", "s3-acl-disabled", "s3-encryption",
)  # fmt: skip


def granted(uri: Any) -> Make:
    """An ACL with one grant to a group."""
    grant = {"permission": "READ", "grantee": {"type": "Group", "uri": uri}}
    return one(kinds.BUCKET_ACL, accessControlPolicy={"grants": [grant]})


def rules(**default: Any) -> dict[str, Any]:
    """The rules of an encryption configuration."""
    return {"rules": [{"applyServerSideEncryptionByDefault": default}]}


def denied(*resources: Any) -> dict[str, Any]:
    """A policy that refuses plain HTTP for these."""
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    said = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": list(resources), "Condition": plain}
    return {"policy": document({"Version": "2012-10-17", "Statement": [said]})}


FILES: dict[str, Any] = {"bucket": "files-of-the-shop"}
NAMED = "arn:aws:s3:::files-of-the-shop"
MORE = (
    holds(BLOCK, "the account blocks all",
          build(it=(kinds.BUCKET, {}), account=(kinds.ACCOUNT_PUBLIC_ACCESS_BLOCK, dict.fromkeys(FLAGS, True)))),
    holds(BLOCK, "the account blocks what the bucket does not",
          build(it=(kinds.BUCKET, {}),
                own=(kinds.BUCKET_PUBLIC_ACCESS_BLOCK, {"bucket": ref("it.id")} | dict.fromkeys(FLAGS[:2], True)),
                account=(kinds.ACCOUNT_PUBLIC_ACCESS_BLOCK, dict.fromkeys(FLAGS[2:], True)))),
    holds(BLOCK, "a flag that is not known before the update", changed(bucket, "files-block", ignorePublicAcls=lost(True)),
          at_preview=("files",)),
    holds(BLOCK, "the block of a bucket that is not seen", changed(bucket, "files-block", bucket=lost("files-1a2b3c")),
          at_preview=("files",)),
    *(breaks(BLOCK, f"without {flag}", changed(bucket, "files-block", **{flag: None}), "files") for flag in FLAGS),
    *(breaks(ACL, f"the canned ACL {acl} of {kind}", one(kind, acl=acl))
      for kind in (kinds.BUCKET, kinds.BUCKET_ACL, kinds.BUCKET_OBJECT, kinds.OBJECT_COPY)
      for acl in ("public-read-write", "authenticated-read")),
    breaks(ACL, "a grant to everybody", granted(ALL)),
    breaks(ACL, "a grant in the bucket", one(kinds.BUCKET, grants=[
        {"type": "Group", "permissions": ["READ"], "uri": ALL}])),
    breaks(ACL, "the second grant", one(kinds.BUCKET, grants=[
        {"type": "Group", "permissions": ["WRITE"], "uri": LOGGERS}, {"type": "Group", "permissions": ["READ"], "uri": ALL}])),
    breaks(ACL, "an ACL that is not known before the update", one(kinds.BUCKET_ACL, acl=lost("public-read")),
           undecided_at_preview=True),
    breaks(ACL, "a grantee that is not known before the update", granted(lost(ALL)), undecided_at_preview=True),
    holds(ACL, "a grant to those who write logs", granted(LOGGERS)),
    holds(ACL, "nothing is said", one(kinds.BUCKET)),
    holds(TLS, "the bucket by its name", build(
        it=(kinds.BUCKET, FILES), own=(kinds.BUCKET_POLICY, {"bucket": ref("it.id")} | denied(NAMED, f"{NAMED}/*")))),
    holds(TLS, "in another partition", build(it=(kinds.BUCKET, FILES), own=(kinds.BUCKET_POLICY, {
        "bucket": ref("it.id")} | denied("arn:aws-cn:s3:::files-of-the-shop", "arn:aws-cn:s3:::files-of-the-shop/*")))),
    holds(TLS, "everything", build(
        it=(kinds.BUCKET, FILES), own=(kinds.BUCKET_POLICY, {"bucket": ref("it.id")} | denied("*")))),
    breaks(TLS, "the objects only", build(
        it=(kinds.BUCKET, FILES), own=(kinds.BUCKET_POLICY, {"bucket": ref("it.id")} | denied(f"{NAMED}/*")))),
    breaks(TLS, "the bucket without its objects", build(
        it=(kinds.BUCKET, FILES), own=(kinds.BUCKET_POLICY, {"bucket": ref("it.id")} | denied(NAMED)))),
    breaks(TLS, "another bucket", build(it=(kinds.BUCKET, FILES), own=(kinds.BUCKET_POLICY, {
        "bucket": ref("it.id")} | denied("arn:aws:s3:::other", "arn:aws:s3:::other/*")))),
    breaks(OWNER, "the writer owns what is written",
           changed(bucket, "files-ownership", rule={"objectOwnership": "ObjectWriter"}), "files"),
    holds(OWNER, "not known before the update",
          changed(bucket, "files-ownership", rule={"objectOwnership": lost("BucketOwnerEnforced")}),
          at_preview=("files",)),
    holds(OWNER, "controls of a bucket that is not seen",
          changed(bucket, "files-ownership", bucket=lost("files-1a2b3c")), at_preview=("files",)),
    holds(KMS, "keys of S3 itself", changed(bucket, "files-encryption", **rules(sseAlgorithm="AES256"))),
    holds(KMS, "in two layers", changed(bucket, "files-encryption", **rules(sseAlgorithm="aws:kms:dsse"))),
    holds(KMS, "an algorithm that is not known before the update",
          changed(bucket, "files-encryption", **rules(sseAlgorithm=lost("AES256"))), at_preview=("files",)),
    holds(KMS, "the configuration of a bucket that is not seen",
          changed(bucket, "files-encryption", bucket=lost("files-1a2b3c")), at_preview=("files",)),
    holds(KMS, "inside of the bucket, as it was written before", one(kinds.BUCKET, serverSideEncryptionConfiguration={
        "rule": {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}})),
    breaks(KMS, "no algorithm", changed(bucket, "files-encryption", rules=[{"bucketKeyEnabled": True}]), "files"),
    breaks(KMS, "inside of the bucket, without a bucket key", one(kinds.BUCKET, serverSideEncryptionConfiguration={
        "rule": {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}})),
)  # fmt: skip

CASES: tuple[Case, ...] = (
    *MORE,
    holds("s3-block-public-access", "all four flags", bucket),
    breaks("s3-block-public-access", "no block at all", without(bucket, "files-block"), "files"),
    breaks(
        "s3-block-public-access", "one flag is off", changed(bucket, "files-block", ignorePublicAcls=False), "files"
    ),
    holds("s3-no-public-acl", "a private ACL", one(kinds.BUCKET_ACL, acl="private")),
    breaks("s3-no-public-acl", "everybody may read", one(kinds.BUCKET_ACL, acl="public-read")),
    holds(
        "s3-no-public-policy",
        "everybody of the organisation",
        one(kinds.BUCKET_POLICY, policy=document({"Statement": [OURS]})),
    ),
    breaks(
        "s3-no-public-policy",
        "everybody",
        one(kinds.BUCKET_POLICY, policy=document({"Statement": [PUBLIC]})),
    ),
    holds("s3-tls-only", "the policy refuses plain HTTP", bucket),
    breaks("s3-tls-only", "no policy at all", without(bucket, "files-policy"), "files"),
    holds("s3-acl-disabled", "the owner of the bucket owns all", bucket),
    breaks("s3-acl-disabled", "no ownership controls", without(bucket, "files-ownership"), "files"),
    holds("s3-encryption", "KMS with a bucket key", bucket),
    breaks("s3-encryption", "nothing is said", without(bucket, "files-encryption"), "files"),
    breaks(
        "s3-encryption",
        "KMS without a bucket key",
        changed(
            bucket,
            "files-encryption",
            bucket=ref("files.id"),
            rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}],
        ),
        "files",
    ),
    holds(
        BLOCK,
        "all is blocked, and a block of a bucket that is not seen",
        house(bucket, more=(kinds.BUCKET_PUBLIC_ACCESS_BLOCK, {"bucket": lost("x"), "blockPublicAcls": False})),
    ),
    holds(
        KMS,
        "a rule of its own, and those of a bucket that is not seen",
        house(bucket, more=(kinds.BUCKET_ENCRYPTION, {"bucket": lost("x")} | rules(sseAlgorithm="aws:kms"))),
    ),
    holds(ACL, "an object of which AWS says that it is private", one(kinds.BUCKET_OBJECT, acl=lost("private"))),
    breaks(
        TLS,
        "a refusal for nothing",
        build(it=(kinds.BUCKET, {}), its=(kinds.BUCKET_POLICY, {"bucket": ref("it.id")} | denied())),
    ),
    breaks(
        "s3-no-public-policy",
        "an access point that changes objects",
        one(
            kinds.OBJECT_LAMBDA_POLICY,
            policy=document(
                {"Statement": [statement(Principal="*", Action="s3-object-lambda:GetObject", Resource="*")]}
            ),
        ),
    ),
    breaks(
        "s3-no-public-policy",
        "an access point of several regions",
        one(
            kinds.MULTI_REGION_POLICY,
            details={
                "name": "x",
                "policy": document({"Statement": [statement(Principal="*", Action="s3:GetObject", Resource="*")]}),
            },
        ),
    ),
)
