"""What IAM policies allow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guardrails import kinds
from guardrails.documents import Document, Statement, read
from guardrails.graph import Node
from guardrails.reading import Known, Unknown, unset_if_computed
from guardrails.verdicts import HOLDS, Control, Finding, Scope, Severity, View, breaks, waits

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
    doubt: Finding | None = None
    for document in _documents(node, view):
        for statement in document.statements:
            admin = _allows_everything(statement)
            if admin:
                yield breaks("a statement allows every action on every resource", node.label, *document.path)
                return
            if admin is None:
                doubt = waits("an action or resource of the policy document", node.label, *document.path)
        if document.waits_for is not None:
            doubt = waits(document.waits_for, node.label, *document.path)
    yield doubt or HOLDS


def _allows_everything(statement: Statement) -> bool | None:
    actions, resources = statement.every_action(), statement.every_resource()
    if not statement.allow or actions is False or resources is False:
        return False
    # An ARN that is unknown at preview comes from a resource, so it is not "*".
    return actions if resources else False if actions else None


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
)
