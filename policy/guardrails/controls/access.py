"""What IAM policies allow."""

from __future__ import annotations

from collections.abc import Iterable

from guardrails import kinds
from guardrails.graph import Node
from guardrails.policies import IAM, allows_all_but, allows_everything, no_statement
from guardrails.reading import Known, Unknown
from guardrails.verdicts import BASELINE, HOLDS, Control, Family, Finding, Severity, View, breaks, waits

from . import trust

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


def _iam_no_managed_admin(node: Node, view: View) -> Iterable[Finding]:
    attached = node.props.items(_ATTACHED[node.kind])
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
        subjects=tuple(IAM),
        references=("IAM.1", "CIS 1.15", "CKV_AWS_62", "CKV_AWS_63"),
        why="Whoever gets hold of the credentials owns the account.",
        fix="name the actions and the ARNs that the workload uses",
        judge=no_statement(
            IAM,
            allows_everything,
            "a statement allows every action on every resource",
            "an effect, action or resource of the policy document",
        ),
        own_packs=(BASELINE,),
    ),
    Control(
        id="iam-no-notaction-allow",
        title="No policy allows everything but a few actions or resources",
        severity=Severity.HIGH,
        subjects=tuple(IAM),
        why="What AWS adds tomorrow is allowed the same day, and the few that are left out can often be got around.",
        fix="name the allowed actions and ARNs with Action and Resource; keep NotAction for Deny statements",
        judge=no_statement(
            IAM,
            allows_all_but,
            "a statement allows everything but what it names (NotAction or NotResource)",
            "the effect of a statement with NotAction or NotResource",
        ),
        own_packs=(BASELINE,),
    ),
    Control(
        id="iam-no-managed-admin",
        title="No AdministratorAccess, IAMFullAccess or PowerUserAccess is attached",
        severity=Severity.CRITICAL,
        subjects=tuple(_ATTACHED),
        references=("CKV_AWS_274", "CKV2_AWS_56", "AwsSolutions-IAM4"),
        why="AWS writes these three for people who run the account, not for workloads.",
        fix="attach a policy that names the actions and ARNs which the workload uses",
        judge=_iam_no_managed_admin,
        own_packs=(BASELINE,),
    ),
)
FAMILY = Family("iam", "Who may do what (IAM)", (*CONTROLS, *trust.CONTROLS))
