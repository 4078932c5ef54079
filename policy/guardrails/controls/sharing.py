"""What is handed to everybody: policies of resources that have no family of their own, images, documents, layers."""

from __future__ import annotations

from collections.abc import Iterable

from guardrails import kinds
from guardrails.checks import equals
from guardrails.documents import Statement
from guardrails.graph import Node
from guardrails.policies import OTHERS, is_public, no_statement_here
from guardrails.reading import Absent, Known, Unknown, Value
from guardrails.verdicts import BASELINE, HOLDS, Control, Family, Finding, Severity, View, breaks, waits

_MOUNTED = "elasticfilesystem:accessedviamounttarget"
_ALL = "all"
_IMAGE = equals("group", "", absent="", says="everybody with an AWS account may start machines from the image")


def _public(statement: Statement, node: Node, _view: View) -> bool | None:
    """A file system that is reached through its mount targets only is as open as their security groups."""
    if node.kind == kinds.FILE_SYSTEM_POLICY:
        mounted = [condition for condition in statement.conditions if condition.key == _MOUNTED]
        values = [value for condition in mounted if condition.operator.lower() == "bool" for value in condition.values]
        if len(values) == 1:
            only = values[0]
            public = is_public(statement)
            return False if only == Known("true") else public if isinstance(only, Known) else public and None
    return is_public(statement)


def _not_shared(node: Node, view: View) -> Iterable[Finding]:
    if node.kind == kinds.IMAGE_PERMISSION:
        yield _IMAGE.answer(node, view)
    elif node.kind == kinds.SSM_DOCUMENT:
        shared = node.props.record("permissions")
        accounts: Value[str] = shared.value.text("account_ids") if isinstance(shared, Known) else shared
        yield _with_nobody(accounts, _ALL, "every account may read and run the document", node, view)
    else:
        with_all = isinstance(node.props.text("organizationId"), Absent)
        principal = node.props.text("principal")
        yield _with_nobody(principal, "*", "every account may use the layer", node, view) if with_all else HOLDS


def _with_nobody(value: Value[str], everybody: str, says: str, node: Node, view: View) -> Finding:
    if isinstance(value, Unknown):
        return waits(f"with whom it is shared, {view.graph.describe(value)}", node.label)
    if isinstance(value, Known) and everybody in [each.strip().lower() for each in value.value.split(",")]:
        return breaks(says, node.label)
    return HOLDS


CONTROLS = (
    Control(
        id="resource-policy-not-public",
        title="No policy of a stream, table, file system, vault or other resource allows everyone",
        severity=Severity.CRITICAL,
        subjects=tuple(OTHERS),
        references=("CKV_AWS_167",),
        own_packs=(BASELINE,),
        why="Everybody with an AWS account can then use the resource, or take what is in it.",
        fix="name the principals, or add a condition such as aws:PrincipalOrgID, aws:SourceArn or aws:SourceVpce",
        judge=no_statement_here(OTHERS, _public, "a statement allows everyone, and no condition narrows it"),
    ),
    Control(
        id="not-shared-with-everyone",
        title="No machine image, document or layer is shared with everyone",
        severity=Severity.CRITICAL,
        subjects=(kinds.IMAGE_PERMISSION, kinds.SSM_DOCUMENT, kinds.LAYER_PERMISSION),
        references=("SSM.4",),
        own_packs=(BASELINE,),
        why="What is built into them, programs and often credentials, is then everybody's.",
        fix='name the accounts or the organisation, never "all" or "*"',
        judge=_not_shared,
    ),
)
FAMILY = Family("sharing", "What is shared (other resource policies, images, documents)", CONTROLS)
