"""What IAM policies allow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from guardrails import kinds
from guardrails.documents import Document, Statement, read
from guardrails.graph import Node
from guardrails.reading import Known, Unknown, unset_if_computed
from guardrails.verdicts import HOLDS, Control, Finding, Scope, Severity, View, breaks, waits

_ATTACHED = {
    kinds.IAM_ROLE: "managedPolicyArns",
    kinds.IAM_POLICY_ATTACHMENT: "policyArn",
    kinds.IAM_ROLE_ATTACHMENT: "policyArn",
    kinds.IAM_USER_ATTACHMENT: "policyArn",
    kinds.IAM_GROUP_ATTACHMENT: "policyArn",
    kinds.IAM_ROLE_ATTACHMENTS: "policyArns",
    kinds.IAM_USER_ATTACHMENTS: "policyArns",
    kinds.IAM_GROUP_ATTACHMENTS: "policyArns",
    kinds.PERMISSION_SET_ATTACHMENT: "managedPolicyArn",
}
_TOO_MUCH = frozenset({"AdministratorAccess", "IAMFullAccess", "PowerUserAccess"})
"""AWS managed policies with which one can make oneself administrator, or do nearly everything. 2025-11."""
_CARRIERS = {
    kinds.IAM_POLICY: "policy",
    kinds.IAM_ROLE_POLICY: "policy",
    kinds.IAM_USER_POLICY: "policy",
    kinds.IAM_GROUP_POLICY: "policy",
    kinds.PERMISSION_SET_INLINE_POLICY: "inlinePolicy",
}


def _documents(node: Node, view: View) -> Iterator[Document]:
    if node.kind in _CARRIERS:
        yield read(view.graph, node, node.props.document(_CARRIERS[node.kind]))
        return
    blocks = unset_if_computed(node.props.items("inlinePolicies"))
    if isinstance(blocks, Unknown):
        yield Document(waits_for=f"inlinePolicies, {view.graph.describe(blocks)}")
    elif isinstance(blocks, Known):
        for block in blocks.value.records():
            value = block.value.document("policy") if isinstance(block, Known) else block
            yield read(view.graph, node, value)


def _iam_no_admin_star(node: Node, view: View) -> Iterable[Finding]:
    says = "a statement allows every action on every resource"
    return _no_statement(node, view, _allows_everything, says, "an effect, action or resource of the policy document")


def _iam_no_notaction_allow(node: Node, view: View) -> Iterable[Finding]:
    says = "a statement allows everything but what it names (NotAction or NotResource)"
    return _no_statement(node, view, _allows_all_but, says, "the effect of a statement with NotAction or NotResource")


def _no_statement(
    node: Node, view: View, is_bad: Callable[[Statement], bool | None], says: str, unknown: str
) -> Iterator[Finding]:
    doubt: Finding | None = None
    for document in _documents(node, view):
        answers = [is_bad(statement) for statement in document.statements]
        if True in answers:
            yield breaks(says, node.label, *document.path)
            return
        if document.waits_for is not None:
            doubt = waits(document.waits_for, node.label, *document.path)
        elif None in answers:
            doubt = waits(unknown, node.label, *document.path)
    yield doubt or HOLDS


def _allows_everything(statement: Statement) -> bool | None:
    actions, resources = statement.every_action(), statement.every_resource()
    if statement.allow is False or actions is False or resources is False:
        return False
    # An ARN that is unknown at preview comes from a resource, so it is not "*".
    if not resources:
        return False if actions else None
    return actions if statement.allow else None


def _allows_all_but(statement: Statement) -> bool | None:
    return statement.allow if statement.not_actions or statement.not_resources else False


def _iam_no_managed_admin(node: Node, view: View) -> Iterable[Finding]:
    attached = node.props.items(_ATTACHED[node.kind])
    if node.kind == kinds.IAM_ROLE:
        attached = unset_if_computed(attached)
    arns = list(attached.value.texts()) if isinstance(attached, Known) else []
    names = [arn.value.rpartition(":policy/")[2] for arn in arns if isinstance(arn, Known)]
    bad = sorted(_TOO_MUCH.intersection(names))
    unknown = [arn for arn in (attached, *arns) if isinstance(arn, Unknown) and not _own_policies(arn, view)]
    if bad:
        yield breaks(f"it attaches the AWS managed policy {', '.join(bad)}", node.label)
    elif unknown:
        yield waits(f"the policy that it attaches, {view.graph.describe(unknown[0])}", node.label)
    else:
        yield HOLDS


def _own_policies(arn: Unknown, view: View) -> bool:
    """Whether an unknown ARN is that of policies of this program, which other controls judge."""
    sources = view.graph.sources(arn)
    return bool(sources) and all(source.kind == kinds.IAM_POLICY for source in sources)


CONTROLS = (
    Control(
        id="iam-no-admin-star",
        title="No policy allows every action on every resource",
        severity=Severity.CRITICAL,
        scope=Scope.RESOURCE,
        subjects=(*_CARRIERS, kinds.IAM_ROLE),
        references=("IAM.1", "CIS 1.15", "CKV_AWS_62", "CKV_AWS_63"),
        why="Whoever gets hold of the credentials owns the account.",
        fix="name the actions and the ARNs that the workload uses",
        judge=_iam_no_admin_star,
    ),
    Control(
        id="iam-no-notaction-allow",
        title="No policy allows everything but a few actions or resources",
        severity=Severity.HIGH,
        scope=Scope.RESOURCE,
        subjects=(*_CARRIERS, kinds.IAM_ROLE),
        references=(),
        why="What AWS adds tomorrow is allowed the same day, and the few that are left out can often be got around.",
        fix="name the allowed actions and ARNs with Action and Resource; keep NotAction for Deny statements",
        judge=_iam_no_notaction_allow,
    ),
    Control(
        id="iam-no-managed-admin",
        title="No AdministratorAccess, IAMFullAccess or PowerUserAccess is attached",
        severity=Severity.CRITICAL,
        scope=Scope.RESOURCE,
        subjects=tuple(_ATTACHED),
        references=("CKV_AWS_274", "CKV2_AWS_56", "AwsSolutions-IAM4"),
        why="AWS writes these three for people who run the account, not for workloads.",
        fix="attach a policy that names the actions and ARNs which the workload uses",
        judge=_iam_no_managed_admin,
    ),
)
