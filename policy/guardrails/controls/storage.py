"""Buckets: private, encrypted, spoken to over TLS. Every control reads the bucket's own inputs and its companions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guardrails import kinds
from guardrails.buckets import companions
from guardrails.documents import Statement, matches
from guardrails.graph import Node
from guardrails.policies import BUCKETS, is_public, no_statement
from guardrails.reading import Absent, Known, Record, Unknown, Value, or_default, unset_if_computed
from guardrails.transport import refused
from guardrails.verdicts import BASELINE, HOLDS, Control, Family, Finding, Scope, Severity, View, breaks, waits

from . import buckets

_FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_PUBLIC_ACLS = frozenset({"public-read", "public-read-write", "authenticated-read"})
_PUBLIC_GRANTEES = ("/groups/global/AllUsers", "/groups/global/AuthenticatedUsers")
_WITH_ACL = (kinds.BUCKET_ACL, kinds.BUCKET, kinds.BUCKET_OBJECT, kinds.OBJECT_COPY)
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b")
_S3_ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket")


def public_access_blocked(bucket: Node, view: View) -> Iterable[Finding]:
    """Whether the bucket or the account blocks all public access to it."""
    blocks, doubt = companions(bucket, view, kinds.BUCKET_PUBLIC_ACCESS_BLOCK)
    effective = (*blocks, *view.graph.of(kinds.ACCOUNT_PUBLIC_ACCESS_BLOCK))
    flags = {flag: [or_default(node.props.flag(flag), False) for node in effective] for flag in _FLAGS}
    off = [flag for flag, values in flags.items() if all(value == Known(False) for value in values)]
    unknown = [flag for flag, values in flags.items() if Known(True) not in values]
    path = (bucket.label, *(node.label for node in effective))
    if off and doubt is not None:
        yield doubt
    elif off:
        yield breaks(f"{', '.join(off)} not set to true" if blocks else "it has no BucketPublicAccessBlock", *path)
    elif unknown:
        yield waits(f"{', '.join(unknown)} of its public access block", *path)
    else:
        yield HOLDS


def _s3_no_public_acl(node: Node, view: View) -> Iterable[Finding]:
    acl = node.props.text("acl")
    if node.kind == kinds.BUCKET_OBJECT:  # its provider says what it is when nobody does: private
        acl = unset_if_computed(acl)
    if isinstance(acl, Known) and acl.value in _PUBLIC_ACLS:
        yield breaks(f"the canned ACL {acl.value} lets in people outside of the account", node.label)
        return
    uris = list(_grantees(node))
    if any(isinstance(uri, Known) and uri.value.endswith(_PUBLIC_GRANTEES) for uri in uris):
        yield breaks("a grant names AllUsers or AuthenticatedUsers", node.label)
    elif isinstance(acl, Unknown) or any(isinstance(uri, Unknown) for uri in uris):
        unknown = next(value for value in (acl, *uris) if isinstance(value, Unknown))
        yield waits(f"its ACL, {view.graph.describe(unknown)}", node.label)
    else:
        yield HOLDS


def _grantees(node: Node) -> Iterator[Value[str]]:
    """The URIs of all grants: nested on a `BucketAcl`, flat on the others."""
    holder: Value[Record] = Known(node.props)
    if node.kind == kinds.BUCKET_ACL:
        holder = node.props.record("accessControlPolicy")
    grants = unset_if_computed(holder.value.items("grants")) if isinstance(holder, Known) else holder
    if isinstance(grants, Unknown):
        yield grants
    elif isinstance(grants, Known):
        for grant in grants.value.records():
            yield _uri(grant.value) if isinstance(grant, Known) else grant


def _uri(grant: Record) -> Value[str]:
    grantee = grant.record("grantee")
    if isinstance(grantee, Absent):
        return grant.text("uri")
    return grantee.value.text("uri") if isinstance(grantee, Known) else grantee


def _s3_tls_only(bucket: Node, view: View) -> Iterable[Finding]:
    def covers(statement: Statement) -> bool | None:
        return _covers(statement, bucket)

    policies = companions(bucket, view, kinds.BUCKET_POLICY)
    says = "no policy denies requests without TLS for the bucket and its objects"
    yield refused(bucket, view, policies, BUCKETS, _S3_ACTIONS, covers, says)


def _covers(statement: Statement, bucket: Node) -> bool | None:
    """Whether the bucket and all its objects are named.

    ARNs that are unknown at preview are taken for these two when there are at least two of them and they come from this
    bucket; the update, where they are known, decides.
    """
    known = [value.value for value in statement.resources if isinstance(value, Known)]
    unknown = [value for value in statement.resources if isinstance(value, Unknown)]
    arn = _arn(bucket)
    if arn is not None and _names(known, arn):
        return True
    if not unknown:
        return None if arn is None and known else False
    return True if len(unknown) > 1 and all(bucket.urn in value.sources for value in unknown) else None


def _names(patterns: list[str], arn: str) -> bool:
    """Whether the bucket and its objects are named; a name is in one partition only, which the name does not tell."""
    _, _, bucket = arn.partition(":s3:::")
    arns = [f"arn:{partition}:s3:::{bucket}" for partition in _PARTITIONS] if bucket else [arn]
    return any(
        all(any(matches(pattern, probe) for pattern in patterns) for probe in (found, f"{found}/any/object"))
        for found in arns
    )


def _arn(bucket: Node) -> str | None:
    for key in ("arn", "bucket", "id"):
        value = bucket.props.text(key)
        if isinstance(value, Known):
            return value.value if key == "arn" else f"arn:aws:s3:::{value.value}"
    return None


def _s3_acl_disabled(bucket: Node, view: View) -> Iterable[Finding]:
    controls, doubt = companions(bucket, view, kinds.BUCKET_OWNERSHIP)
    path = (bucket.label, *(node.label for node in controls))
    values = [_ownership(node) for node in controls]
    if Known("BucketOwnerEnforced") in values:
        yield HOLDS
    elif any(isinstance(value, Unknown) for value in values):
        yield waits("the ownership that its BucketOwnershipControls set", *path)
    elif doubt is not None:
        yield doubt
    else:
        yield breaks(
            "its ownership controls leave ACLs in force" if controls else "it has no BucketOwnershipControls", *path
        )


def _ownership(node: Node) -> Value[str]:
    rule = node.props.record("rule")
    return rule.value.text("objectOwnership") if isinstance(rule, Known) else rule


def _s3_encryption(bucket: Node, view: View) -> Iterable[Finding]:
    found, doubt = companions(bucket, view, kinds.BUCKET_ENCRYPTION)
    path = (bucket.label, *(node.label for node in found))
    rules = [rule for node in found for rule in node.props.blocks("rules")]
    if not found:
        rules = list(_inline_rules(bucket.props))
    answers = [_encrypts(rule.value) if isinstance(rule, Known) else None for rule in rules]
    wrong = [answer for answer in answers if answer]
    if wrong:
        yield breaks(wrong[0], *path)
    elif None in answers:
        yield waits("the rules of its encryption configuration", *path)
    elif not answers and doubt is not None:
        yield doubt
    elif answers:
        yield HOLDS
    else:
        yield breaks("it has no BucketServerSideEncryptionConfiguration", *path)


def _inline_rules(props: Record) -> Iterator[Known[Record] | Unknown]:
    """Of a bucket's own block: one rule in the current edition, lists under plural names in the second."""
    for block, rule in (("serverSideEncryptionConfiguration", "rule"), ("serverSideEncryptionConfigurations", "rules")):
        inline = props.record(block)
        if isinstance(inline, Known):
            yield from inline.value.blocks(rule)
        elif isinstance(inline, Unknown):
            yield inline


def _encrypts(rule: Record) -> str | None:
    """What is wrong, empty for nothing, None when unknown. A key per object costs a KMS request per object."""
    default = rule.record("applyServerSideEncryptionByDefault")
    if isinstance(default, Absent):
        default = rule.record("applyServerSideEncryptionByDefaults")
    algorithm = default.value.text("sseAlgorithm") if isinstance(default, Known) else default
    if isinstance(algorithm, Unknown):
        return None
    if isinstance(algorithm, Absent):
        return "its encryption configuration names no algorithm"
    bucket_key = or_default(rule.flag("bucketKeyEnabled"), False)
    if algorithm.value != "aws:kms" or bucket_key == Known(True):
        return ""
    return None if isinstance(bucket_key, Unknown) else "it encrypts with KMS but without a bucket key"


CONTROLS = (
    Control(
        id="s3-block-public-access",
        title="Every bucket blocks public access, with all four flags",
        severity=Severity.CRITICAL,
        scope=Scope.GRAPH,
        subjects=(kinds.BUCKET,),
        references=(
            "S3.1",
            "S3.8",
            "CIS 2.1.4",
            "CKV_AWS_53",
            "CKV_AWS_54",
            "CKV_AWS_55",
            "CKV_AWS_56",
            "CKV2_AWS_6",
            "AwsSolutions-S2",
        ),
        why="The block holds even when a policy or an ACL is wrong; each flag that is missing opens one way around it.",
        fix="add s3.BucketPublicAccessBlock(bucket=bucket.id) with all four flags True",
        judge=public_access_blocked,
        own_packs=(BASELINE,),
    ),
    Control(
        id="s3-no-public-acl",
        title="No ACL of a bucket or object lets in people outside of the account",
        severity=Severity.CRITICAL,
        subjects=_WITH_ACL,
        references=("S3.2", "S3.3", "CKV_AWS_20", "CKV_AWS_57", "CKV_AWS_375", "CKV2_AWS_43"),
        why="AllUsers is the internet, and AuthenticatedUsers is everybody with any AWS account.",
        fix='drop the ACL and set s3.BucketOwnershipControls to object_ownership="BucketOwnerEnforced"',
        judge=_s3_no_public_acl,
        own_packs=(BASELINE,),
    ),
    Control(
        id="s3-no-public-policy",
        title="No bucket or access point policy allows everyone",
        severity=Severity.CRITICAL,
        subjects=tuple(BUCKETS),
        references=("S3.2", "S3.3", "CKV_AWS_70"),
        why='Principal "*" without a condition that pins an account, organisation, network or source is the internet.',
        fix="name the principals, or add a condition such as aws:PrincipalOrgID, aws:SourceArn or aws:SourceVpce",
        judge=no_statement(
            BUCKETS,
            is_public,
            "a statement allows everyone, and no condition narrows it",
            "an effect, principal or condition of the policy document",
        ),
        own_packs=(BASELINE,),
    ),
    Control(
        id="s3-tls-only",
        title="Every bucket refuses requests without TLS",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=(kinds.BUCKET,),
        references=("S3.5", "CIS 2.1.1", "CKV_AWS_379", "AwsSolutions-S10"),
        why="S3 also answers plain HTTP, and then objects and signatures can be read on the way.",
        fix='deny s3:* to Principal "*" on the bucket ARN and its /* when Bool aws:SecureTransport is "false"',
        judge=_s3_tls_only,
        own_packs=(BASELINE,),
    ),
    Control(
        id="s3-acl-disabled",
        title="ACLs are switched off on every bucket",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.BUCKET,),
        references=("S3.12", "CKV2_AWS_65"),
        why="Then policies alone decide, and objects that others write belong to the bucket's owner.",
        fix='add s3.BucketOwnershipControls(rule={object_ownership: "BucketOwnerEnforced"})',
        judge=_s3_acl_disabled,
        own_packs=(BASELINE,),
    ),
    Control(
        id="s3-encryption",
        title="Every bucket states its encryption, and a bucket key where it is KMS",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.BUCKET,),
        references=("S3.17", "CKV_AWS_19", "CKV_AWS_145"),
        why="Otherwise nobody can audit or revoke the key; a bucket key saves a KMS request per object.",
        fix='add s3.BucketServerSideEncryptionConfiguration with sse_algorithm="aws:kms" and bucket_key_enabled=True',
        judge=_s3_encryption,
        own_packs=(BASELINE,),
    ),
)
FAMILY = Family("s3", "Buckets (S3)", (*CONTROLS, *buckets.CONTROLS))
