"""What IAM policies allow."""

from __future__ import annotations

import re
from collections.abc import Iterable

from guardrails import kinds
from guardrails.documents import Statement, matches
from guardrails.graph import Node
from guardrails.policies import IAM, allows_all_but, allows_everything, no_statement
from guardrails.reading import Known, Unknown
from guardrails.scoping import allowed, by_what_is_asked, changes, every_one_of, narrows, needs_no_resource, unless
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


_WHOLE_SERVICE = re.compile(r"[^:]*:[*?]*\*[*?]*|[*?]*\*[*?]*")
"""`s3:*`, however it is spelled: `s3:?*`, `s3:**`, `*:*`, `*`."""
_ESCALATION = (
    "iam:AddUserToGroup", "iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy",
    "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreatePolicyVersion", "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary", "iam:PutGroupPolicy", "iam:PutRolePolicy", "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy", "iam:UpdateLoginProfile",
)  # fmt: skip
"""With one of these on everybody one makes oneself administrator. Rhino Security Labs' list, 2025-11."""
_PASSED_TO = ("iam:passedtoservice", "iam:associatedresourcearn")
_ONE_KEY = ("kms:resourcealiases", "kms:viaservice", "kms:multiregionkeyid", "kms:keyorigin")


def _whole_service(statement: Statement) -> bool | None:
    return allowed(statement, statement.any_action(lambda action: _WHOLE_SERVICE.fullmatch(action.strip()) is not None))


def _changes_anything(statement: Statement) -> bool | None:
    """Whether it may change all resources of a service although AWS could name them."""
    if not statement.every_resource() or statement.not_resources:
        return False  # an ARN that is unknown comes from a resource; `NotResource` is another control's
    harmful = statement.any_action(lambda action: changes(action) and not needs_no_resource(action))
    return unless(allowed(statement, harmful), narrows(statement, by_what_is_asked))


def _passes_any_role(statement: Statement) -> bool | None:
    if not every_one_of(statement, "iam", "role"):
        return False
    return unless(
        allowed(statement, statement.may("iam:PassRole")),
        narrows(statement, lambda key: key in _PASSED_TO or "resourcetag/" in key),
    )


def _escalates(statement: Statement) -> bool | None:
    every = any(every_one_of(statement, "iam", sort) for sort in ("role", "user", "group", "policy"))
    return unless(
        allowed(statement, every and statement.any_action(_makes_administrator)),
        narrows(statement, by_what_is_asked),
    )


def _makes_administrator(pattern: str) -> bool:
    return any(matches(pattern, action) for action in _ESCALATION)


def _decrypts_with_any_key(statement: Statement) -> bool | None:
    if not every_one_of(statement, "kms", "key"):
        return False
    decrypts = statement.may("kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo")
    return unless(allowed(statement, decrypts), narrows(statement, _names_keys))


def _names_keys(key: str) -> bool:
    return key in _ONE_KEY or "resourcetag/" in key or key.startswith("kms:encryptioncontext")


def _passrole_scoped(statement: Statement) -> bool | None:
    answers = (_passes_any_role(statement), _escalates(statement))
    return True if True in answers else None if None in answers else False


_PART = "an effect, action, resource or condition of the policy document"
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
    Control(
        id="iam-no-service-wildcard",
        title="No policy allows all actions of a service",
        severity=Severity.HIGH,
        subjects=tuple(IAM),
        references=("IAM.21", "AwsSolutions-IAM5"),
        why="Reading a queue then also means deleting it, and what AWS adds to the service is allowed the same day.",
        fix="name the actions that the workload uses, such as sqs:ReceiveMessage instead of sqs:*",
        judge=no_statement(
            IAM, _whole_service, "a statement allows all actions of a service", "an effect or action of the document"
        ),
        own_packs=(BASELINE,),
    ),
    Control(
        id="iam-no-star-resource-on-mutating",
        title='Actions that change something name their resources, unless AWS knows only "*" for them',
        severity=Severity.MEDIUM,
        subjects=tuple(IAM),
        references=("CKV_AWS_355", "CKV_AWS_290", "AwsSolutions-IAM5"),
        why="Then one workload can change what belongs to all others in the account.",
        fix="name the ARNs, or add a condition on the resource such as aws:ResourceTag/...",
        judge=no_statement(
            IAM,
            _changes_anything,
            'a statement allows changes on Resource "*", and no condition narrows the resource',
            _PART,
        ),
        own_packs=(BASELINE,),
    ),
    Control(
        id="iam-passrole-scoped",
        title="Roles are passed by ARN or to one service, and no policy lets people raise themselves",
        severity=Severity.HIGH,
        subjects=tuple(IAM),
        references=("CKV_AWS_286", "CKV_AWS_289"),
        why="Who may hand any role to a machine, or rewrite any policy, is an administrator.",
        fix='give iam:PassRole the ARNs of the roles, or a condition StringEquals "iam:PassedToService"',
        judge=no_statement(
            IAM,
            _passrole_scoped,
            "a statement allows iam:PassRole, or an action that raises one's own rights, on all of IAM",
            _PART,
        ),
        own_packs=(BASELINE,),
    ),
    Control(
        id="iam-kms-decrypt-scoped",
        title="No policy allows decryption with every key",
        severity=Severity.MEDIUM,
        subjects=tuple(IAM),
        references=("KMS.1", "KMS.2"),
        why="A key separates nothing when everybody who can read ciphertext can also use it.",
        fix="name the ARNs of the keys for kms:Decrypt and kms:ReEncrypt*",
        judge=no_statement(
            IAM, _decrypts_with_any_key, "a statement allows kms:Decrypt or kms:ReEncrypt* on all keys", _PART
        ),
    ),
)
FAMILY = Family("iam", "Who may do what (IAM)", (*CONTROLS, *trust.CONTROLS))
