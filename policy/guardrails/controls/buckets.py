"""What is kept of a bucket, and for how long, beside what `storage` says of its doors."""

from __future__ import annotations

from collections.abc import Iterable

from guardrails import kinds
from guardrails.buckets import LogBuckets, block, companions
from guardrails.checks import all_of, is_false, is_true, on_protected_stacks
from guardrails.documents import Statement
from guardrails.graph import Node
from guardrails.joins import BUCKET
from guardrails.ownership import reaches_foreigners
from guardrails.parameters import ACCOUNTS
from guardrails.policies import BUCKETS, no_statement_here
from guardrails.reading import Absent, Known, Record, Unknown, Value, or_default
from guardrails.verdicts import BASELINE, HOLDS, RESILIENCE, Control, Finding, Scope, Severity, View, breaks, waits

_FOR_OWNERS_ONLY = (
    "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutBucketPolicy",
    "s3:PutEncryptionConfiguration", "s3:PutObjectAcl",
)  # fmt: skip
"""The list of Security Hub S3.6, and the deletion of the bucket."""


def _given_away(statement: Statement, _node: Node, view: View) -> bool | None:
    rights = True if statement.not_actions else statement.may(*_FOR_OWNERS_ONLY)
    strangers = reaches_foreigners(statement, view)
    if rights is False or strangers is False:
        return False
    return True if rights and strangers else None


# -- versions ----------------------------------------------------------------------------------------------------------


def versioned(bucket: Node, view: View) -> Finding:
    """Whether old versions of objects are kept; Object Lock does not work without."""
    mine, doubt = companions(bucket, view, kinds.BUCKET_VERSIONING)
    path = (bucket.label, *(node.label for node in mine))
    lock = _is_true(bucket.props.flag("objectLockEnabled"))
    answers = [_is(_status(node), "Enabled") for node in mine] or [_is_true(_own_versioning(bucket))]
    if lock or (True in answers and doubt is None):
        return HOLDS
    if doubt is not None:
        return doubt
    if None in answers or lock is None:
        return waits("the status of its versioning", *path)
    return breaks("its versioning is not enabled" if mine else "it has no BucketVersioning", *path)


def _is_true(value: Value[bool]) -> bool | None:
    return None if isinstance(value, Unknown) else value == Known(True)


def _status(node: Node) -> Value[str]:
    found = node.props.record("versioningConfiguration")
    return found.value.text("status") if isinstance(found, Known) else found


def _own_versioning(bucket: Node) -> Value[bool]:
    found = block(bucket.props, "versioning", "versionings")
    return found.value.flag("enabled") if isinstance(found, Known) else found


# -- access logs -------------------------------------------------------------------------------------------------------


def logged(bucket: Node, view: View) -> Finding:
    """Whether requests are logged to another bucket."""
    mine, doubt = companions(bucket, view, kinds.BUCKET_LOGGING)
    path = (bucket.label, *(node.label for node in mine))
    targets = [node.props.text("targetBucket") for node in mine] if mine else [_own_target(bucket)]
    given = [value for value in targets if not isinstance(value, Absent)]
    answers = [_another(value, bucket, view) for value in given]
    if True in answers:
        return HOLDS
    if None in answers:
        return waits("which bucket its requests are logged to", *path)
    if doubt is not None:
        return doubt
    return breaks("it logs its requests to itself" if given else "its requests are not logged", *path)


def _another(target: Value[str], bucket: Node, view: View) -> bool | None:
    """Whether a target is another bucket. As long as this one has no name, any other name may be its own."""
    found = view.graph.link(target, BUCKET)
    if found.one is not None:
        return found.one is not bucket
    nameless = isinstance(bucket.props.text("bucket"), Unknown)
    return None if nameless or not isinstance(target, Known) else True


def _own_target(bucket: Node) -> Value[str]:
    found = block(bucket.props, "logging", "loggings")
    return found.value.text("targetBucket") if isinstance(found, Known) else found


def _logged_unless_for_logs(bucket: Node, view: View) -> Iterable[Finding]:
    logs: LogBuckets = view.graph.shared(LogBuckets)
    found = logged(bucket, view)
    if found is HOLDS or bucket.urn in logs.sure:
        yield HOLDS
    elif bucket.urn in logs.maybe or logs.waits_for is not None:
        yield waits(f"whether it is a bucket for logs: {logs.waits_for or 'which bucket receives them'}", bucket.label)
    else:
        yield found


# -- lifecycle ---------------------------------------------------------------------------------------------------------


def _lifecycle(bucket: Node, view: View) -> Iterable[Finding]:
    mine, doubt = companions(bucket, view, kinds.BUCKET_LIFECYCLE)
    path = (bucket.label, *(node.label for node in mine))
    answers = [
        _aborts(rule.value) if isinstance(rule, Known) else None for node in mine for rule in node.props.blocks("rules")
    ]
    if not mine:
        answers = [
            _aborts_inline(rule.value) if isinstance(rule, Known) else None
            for rule in bucket.props.blocks("lifecycleRules")
        ]
    if True in answers:
        yield HOLDS
    elif None in answers:
        yield waits("the rules of its lifecycle", *path)
    elif doubt is not None:
        yield doubt
    else:
        yield breaks(
            "no enabled rule for the whole bucket ends uploads that were never completed"
            if mine or answers
            else "it has no BucketLifecycleConfiguration",
            *path,
        )


def _aborts(rule: Record) -> bool | None:
    """Whether a rule ends uploads in the whole bucket; AWS takes no tags and no sizes beside that."""
    upload = rule.record("abortIncompleteMultipartUpload")
    days = upload.value.number("daysAfterInitiation") if isinstance(upload, Known) else upload
    narrowed = rule.record("filter")
    prefixes: list[Value[str]] = [rule.text("prefix")]
    if isinstance(narrowed, Known):
        both = narrowed.value.record("and")
        prefixes += [narrowed.value.text("prefix"), both.value.text("prefix") if isinstance(both, Known) else both]
    else:
        prefixes.append(narrowed)
    return _all(_is(rule.text("status"), "Enabled"), _positive(days), *(_unset(prefix) for prefix in prefixes))


def _aborts_inline(rule: Record) -> bool | None:
    on = _is_true(rule.flag("enabled"))
    return _all(on, _positive(rule.number("abortIncompleteMultipartUploadDays")), _unset(rule.text("prefix")))


def _is(value: Value[str], wanted: str) -> bool | None:
    return None if isinstance(value, Unknown) else value == Known(wanted)


def _positive(value: Value[int]) -> bool | None:
    days = or_default(value, 0)
    return None if isinstance(days, Unknown) else days.value > 0


def _unset(value: Value[str] | Value[Record]) -> bool | None:
    return None if isinstance(value, Unknown) else isinstance(value, Absent)


def _all(*answers: bool | None) -> bool | None:
    return False if False in answers else None if None in answers else True


CONTROLS: tuple[Control, ...] = (
    Control(
        id="s3-cross-account-restricted",
        title="Only our own accounts may change the policy, ACLs or encryption of a bucket, or delete it",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=tuple(BUCKETS),
        parameters=(ACCOUNTS,),
        references=("S3.6",),
        why="Whoever may write the policy of a bucket owns it.",
        fix="give other accounts the actions on objects that they need, such as s3:GetObject",
        judge=no_statement_here(
            BUCKETS,
            _given_away,
            "a statement lets another account change the bucket's policy, ACLs or encryption, or delete it",
            "which accounts are ours (parameter accounts), or an action, principal or condition of the policy",
        ),
        own_packs=(BASELINE,),
    ),
    Control(
        id="s3-access-point-block",
        title="Access points block public access, with all four flags",
        severity=Severity.HIGH,
        subjects=(kinds.ACCESS_POINT,),
        references=("S3.19", "CKV_AWS_392"),
        why="An access point has a policy of its own, and its block cannot be changed later.",
        fix="leave public_access_block_configuration out, or set all four flags to True",
        judge=all_of(
            *(
                is_true(f"publicAccessBlockConfiguration.{flag}", absent=True)
                for flag in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
            )
        ),
        own_packs=(BASELINE,),
    ),
    Control(
        id="s3-no-force-destroy-in-prod",
        title="Buckets of protected stacks are not deleted with what is in them",
        severity=Severity.HIGH,
        subjects=(kinds.BUCKET,),
        why="One mistaken destroy then takes every object.",
        fix="drop force_destroy=True",
        judge=on_protected_stacks(is_false("forceDestroy")),
        own_packs=(BASELINE, RESILIENCE),
    ),
    Control(
        id="s3-versioning",
        title="Every bucket keeps old versions",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.BUCKET,),
        references=("S3.14", "CKV_AWS_21"),
        own_packs=(RESILIENCE,),
        why="Otherwise an object that is overwritten or deleted by mistake is gone.",
        fix='add s3.BucketVersioning(bucket=bucket.id, versioning_configuration={"status": "Enabled"})',
        judge=lambda bucket, view: (versioned(bucket, view),),
    ),
    Control(
        id="s3-access-logging",
        title="Requests to every bucket are logged to another one",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.BUCKET,),
        references=("S3.9", "CKV_AWS_18", "AwsSolutions-S1"),
        why="Otherwise nobody can say who read what. Buckets that receive logs are left out.",
        fix="add s3.BucketLogging(bucket=bucket.id, target_bucket=logs.id, target_prefix=...)",
        judge=_logged_unless_for_logs,
    ),
    Control(
        id="s3-lifecycle",
        title="Every bucket ends uploads that were never completed",
        severity=Severity.LOW,
        scope=Scope.GRAPH,
        subjects=(kinds.BUCKET,),
        references=("S3.10", "S3.13", "CKV2_AWS_61", "CKV_AWS_300"),
        why="Their parts are paid for, and no listing shows them.",
        fix="add s3.BucketLifecycleConfiguration with a rule abort_incomplete_multipart_upload for the whole bucket",
        judge=_lifecycle,
    ),
)
