"""Cases of the controls on buckets."""

from guardrails import kinds

from tests.policy.cases.kit import breaks, changed, document, holds, one, ref, without
from tests.policy.houses import bucket, statement

PUBLIC = statement(Principal="*", Action="s3:GetObject", Resource="*")
OURS = PUBLIC | {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1a2b3c4d5e"}}}

CASES = (
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
)
