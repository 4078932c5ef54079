"""Who may become whom: trust policies, users and keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from guardrails import kinds
from guardrails.checks import forbidden, is_unset
from guardrails.documents import Condition, Statement
from guardrails.graph import Node
from guardrails.joins import ROLE
from guardrails.ownership import foreign
from guardrails.parameters import ACCOUNTS, BOUNDARY
from guardrails.policies import TRUST, is_public, no_statement, no_statement_here
from guardrails.reading import Absent, Items, Known, Record, Unknown, Value
from guardrails.scoping import allowed, narrows, unless
from guardrails.verdicts import BASELINE, HOLDS, Control, Finding, Scope, Severity, View, breaks, waits

_PART = "an effect, principal or condition of the trust policy"
_FOR_OTHERS = frozenset(
    {
        "aps", "appflow", "backup", "bedrock", "cloudtrail", "codebuild", "codepipeline", "config", "datasync",
        "delivery.logs", "dms", "events", "firehose", "glue", "grafana", "imagebuilder", "iot", "kinesisanalytics",
        "logs", "pipes", "s3", "batchoperations.s3", "sagemaker", "scheduler", "ses", "sns", "ssm", "states",
        "transfer", "vpc-flow-logs",
    }
)  # fmt: skip
"""Services that work for anybody's account with a role whose ARN they are told, and whose guide asks for
`aws:SourceAccount` or `aws:SourceArn` in its trust policy; 2025-11. Machines, functions and tasks are not among them:
there the caller's own `iam:PassRole` decides."""
_SOURCES = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "sts:externalid")
_OF_CUSTOMERS = ("sts:externalid", "aws:principalorgid", "aws:principalorgpaths")
_SERVICE = re.compile(r"([a-z0-9.-]+?)(?:\.[a-z]{2}(?:-[a-z]+)+-\d)?\.amazonaws\.com(?:\.cn)?")


def _open_to_customers(statement: Statement, _node: Node, view: View) -> bool | None:
    """Whether another account, or a service on behalf of one, may use the role by knowing its name."""
    named = narrows(statement, lambda key: key in _OF_CUSTOMERS)
    sourced = narrows(statement, lambda key: key in _SOURCES)
    strangers = [foreign(party, view) for party in statement.parties if party.sort in ("aws", "*")]
    answers = [*(unless(found, named) for found in strangers), *(unless(True, sourced) for _ in _risky(statement))]
    return allowed(statement, True if True in answers else None if None in answers else False)


def _risky(statement: Statement) -> list[str]:
    named = [
        _SERVICE.fullmatch(party.who.value.lower())
        for party in statement.parties
        if party.sort == "service" and isinstance(party.who, Known)
    ]
    return [found[1] for found in named if found is not None and found[1] in _FOR_OTHERS]


# -- web identities ----------------------------------------------------------------------------------------------------

_WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"
_FOR_CUSTOMERS = {
    "cognito-identity.amazonaws.com": ("aud",),
    "accounts.google.com": ("aud", "oaud", "sub"),
    "www.amazon.com": ("app_id", "user_id"),
    "graph.facebook.com": ("app_id", "id"),
}
"""Issuers of people's own identities, for whom the application is what a role is for, and not one subject."""
_GITHUB = "githubusercontent.com"
_GITHUB_CLAIMS = (
    "repo", "repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref", "enterprise",
    "organization",
)  # fmt: skip
"""Claims in which GitHub names somebody's; `ref`, `environment` or `workflow` are called the same by everybody."""
_SCHEME = frozenset(
    {
        "repo", "repository", "repository_owner", "project_path", "project", "system", "serviceaccount",
        "organization", "org", "pulumi", "deploy", "environments", "space", "ref", "environment", "workflow",
        "workspace", "user", "namespace", "",
    }
)  # fmt: skip
"""What subjects begin with at every issuer: it names nobody."""
_MUST = re.compile(r"^(foranyvalue:)?string(equals|like|equalsignorecase)$", re.IGNORECASE)


def _web_identity_open(statement: Statement) -> bool | None:
    """Whether a token of an issuer is enough, whoever it was made for."""
    web = statement.may(_WEB_IDENTITY)
    issuers = [party.who for party in statement.parties if party.sort == "federated"]
    issuers = [who for who in issuers if not (isinstance(who, Known) and ":saml-provider/" in who.value)]
    if not any(_unpinned(who.value if isinstance(who, Known) else "", statement) for who in issuers):
        return False
    return allowed(statement, unless(web, None if statement.open_conditions else False))


def _unpinned(issuer: str, statement: Statement) -> bool:
    name = issuer.rpartition(":oidc-provider/")[2].lower()
    customers = next((claims for host, claims in _FOR_CUSTOMERS.items() if name == host), None)
    if customers is not None:
        return not any(_pins_claim(condition, customers) for condition in statement.conditions)
    audience = any(_pins_claim(condition, ("aud", "azp")) for condition in statement.conditions)
    return not audience or not any(_pins_subject(condition) for condition in statement.conditions)


def _pins_claim(condition: Condition, claims: tuple[str, ...]) -> bool:
    return condition.key.rpartition(":")[2] in claims and _every_value(condition, _is_specific)


def _pins_subject(condition: Condition) -> bool:
    """An unknown value comes from a resource and is somebody's."""
    issuer, _, claim = condition.key.rpartition(":")
    if _GITHUB in issuer and claim in _GITHUB_CLAIMS:
        return _every_value(condition, _names_somebody)
    if claim != "sub":
        return False
    return _every_value(condition, _names_a_repository if _GITHUB in issuer else _names_somebody)


def _every_value(condition: Condition, holds: Callable[[str], bool]) -> bool:
    if not _MUST.match(condition.operator) or not condition.values:
        return False
    return all(holds(value.value) for value in condition.values if isinstance(value, Known))


def _is_specific(value: str) -> bool:
    return "*" not in value and "?" not in value


def _names_somebody(subject: str) -> bool:
    """Whether what stands before the first wildcard has a whole part that is a name."""
    before = re.split(r"[*?]", subject)[0]
    parts = re.split(r"[:/|]", before)
    whole = parts if before == subject else parts[:-1]
    return any(part.lower() not in _SCHEME for part in whole)


def _names_a_repository(subject: str) -> bool:
    """`repo:org/...`, also further on in a subject that an organisation has put together itself."""
    before = re.split(r"[*?]", subject)[0]
    claims = "|".join(_GITHUB_CLAIMS)
    end = "(?:[:/]|$)" if before == subject else "[:/]"
    return re.search(rf"(?:^|:)(?:{claims}):[^:/]+{end}", before, re.IGNORECASE) is not None


# -- people and roles --------------------------------------------------------------------------------------------------

_PERSONS = (
    kinds.IAM_USER, kinds.IAM_ACCESS_KEY, kinds.IAM_USER_LOGIN_PROFILE, kinds.IAM_USER_POLICY,
    kinds.IAM_USER_ATTACHMENT,
)  # fmt: skip
_NO_PERSON = forbidden("it belongs to an IAM user, whose credentials do not end")
_NO_USERS = is_unset("users", says="it attaches a policy to IAM users")
_NO_ARNS = is_unset("policyArns", says="it attaches policies to an IAM user")


def _no_users_or_keys(node: Node, view: View) -> Iterable[Finding]:
    if node.kind == kinds.IAM_POLICY_ATTACHMENT:
        return _NO_USERS(node, view)
    return (_NO_ARNS if node.kind == kinds.IAM_USER_ATTACHMENTS else _NO_PERSON)(node, view)


def _boundary(node: Node, view: View) -> Iterable[Finding]:
    wanted = view.config[BOUNDARY]
    carried = node.props.text("permissionsBoundary")
    if not wanted:
        yield HOLDS
    elif isinstance(carried, Unknown):
        yield waits(f"permissionsBoundary, {view.graph.describe(carried)}", node.label)
    elif isinstance(carried, Absent):
        yield breaks("it has no permissions boundary", node.label)
    else:
        yield HOLDS if carried.value in wanted else breaks("its permissions boundary is another one", node.label)


_EXCLUSIVE = (
    ("managedPolicyArns", kinds.IAM_ROLE_ATTACHMENT, "policyArn"),
    ("inlinePolicies", kinds.IAM_ROLE_POLICY, "name"),
)


def _no_policy_conflict(role: Node, view: View) -> Iterable[Finding]:
    """After a refresh AWS answers with what is attached by others, so only what no other resource attaches tells."""
    doubt: Finding | None = None
    for key, kind, named in _EXCLUSIVE:
        said = role.props.items(key)
        if isinstance(said, Absent) or (isinstance(said, Known) and said.value.blank):
            continue
        companions = view.graph.companions(kind, "role", ROLE)
        attached = companions.of(role)
        if not attached:
            loose = companions.maybe(role)
            doubt = waits(f"whether {loose[0].label} is for this role", role.label) if loose else doubt
            continue
        mixed = _mixed(role, said, attached, named)
        if mixed:
            says = f"{key} is the whole list, and {attached[0].label} attaches another one: each deployment undoes one"
            yield breaks(says, role.label, attached[0].label)
            return
        if mixed is None:
            doubt = waits(f"whether {key} lists more than what other resources attach", role.label)
    yield doubt or HOLDS


def _mixed(role: Node, said: Value[Items], attached: tuple[Node, ...], named: str) -> bool | None:
    """Of a role that is only being made, what is known is what the program says."""
    if not isinstance(said, Known):
        return None
    arn = role.props.text("arn")
    if isinstance(arn, Unknown) and arn.computed:
        return True
    names = [_named(element) for element in _elements(said.value, named)]
    others = [each.props.text(named) for each in attached]
    foreign_ones = [name for name in names if name not in others]
    if any(isinstance(name, Unknown) for name in (*foreign_ones, *others)):
        return None if foreign_ones else False
    return bool(foreign_ones)


def _elements(items: Items, named: str) -> list[Value[str] | Value[Record]]:
    return list(items.records() if named == "name" else items.texts())


def _named(element: Value[str] | Value[Record]) -> Value[str]:
    if isinstance(element, Known) and isinstance(element.value, Record):
        return element.value.text("name")
    assert not isinstance(element, Known) or isinstance(element.value, str)
    return element  # type: ignore[return-value]


CONTROLS = (
    Control(
        id="iam-trust-not-public",
        title="No role can be assumed by everyone",
        severity=Severity.CRITICAL,
        subjects=tuple(TRUST),
        references=("CKV_AWS_60", "CKV_AWS_61"),
        why='Principal "*" is every account of AWS, and an external id is no secret.',
        fix="name the principals, or add a condition such as aws:PrincipalOrgID or aws:PrincipalArn",
        judge=no_statement(TRUST, is_public, "the trust policy lets everyone in, and no condition narrows it", _PART),
        own_packs=(BASELINE,),
    ),
    Control(
        id="iam-oidc-sub-scoped",
        title="Web identities are trusted for one audience and named subjects",
        severity=Severity.CRITICAL,
        subjects=tuple(TRUST),
        references=("CKV_AWS_358", "CKV_AWS_393"),
        why="Issuers such as GitHub make tokens for everybody; without the subject any repository can use the role.",
        fix='add StringEquals "<issuer>:aud" and StringLike "<issuer>:sub" with at least the owner, repo:my-org/...',
        judge=no_statement(
            TRUST,
            _web_identity_open,
            "a web identity is trusted without a condition that names audience and subject",
            _PART,
        ),
        own_packs=(BASELINE,),
    ),
    Control(
        id="iam-trust-external-condition",
        title="Other accounts prove who they are, and services on whose behalf they work",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=tuple(TRUST),
        parameters=(ACCOUNTS,),
        why="Who else knows the role's name could let that account or service use it in his place.",
        fix="add a condition on sts:ExternalId or aws:PrincipalOrgID, for a service on aws:SourceAccount",
        judge=no_statement_here(
            TRUST,
            _open_to_customers,
            "another account, or a service that works for all accounts, may assume it without a further condition",
            "which accounts are ours (parameter accounts), or a principal or condition of the trust policy",
        ),
        own_packs=(BASELINE,),
    ),
    Control(
        id="iam-no-users-or-keys",
        title="There are no IAM users, access keys or policies of users",
        severity=Severity.HIGH,
        subjects=(*_PERSONS, kinds.IAM_USER_ATTACHMENTS, kinds.IAM_POLICY_ATTACHMENT),
        references=("IAM.2", "CIS 1.14", "CIS 1.20", "CKV_AWS_40", "CKV_AWS_273"),
        why="The keys of a user are valid until somebody remembers them.",
        fix="give people permission sets of IAM Identity Center, and machines a role",
        judge=_no_users_or_keys,
        own_packs=(BASELINE,),
    ),
    Control(
        id="iam-permissions-boundary",
        title="Roles carry a permissions boundary of the organisation",
        severity=Severity.LOW,
        subjects=(kinds.IAM_ROLE,),
        parameters=(BOUNDARY,),
        why="Whatever a policy allows later, the boundary stays.",
        fix="set permissions_boundary to an ARN of the parameter permissionsBoundary",
        judge=_boundary,
        own_packs=(BASELINE,),
    ),
    Control(
        id="iam-role-no-policy-conflict",
        title="The policies of a role are listed on it or attached to it, not both",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.IAM_ROLE,),
        why="inline_policies and managed_policy_arns take away what other resources attach, on every other deployment.",
        fix="attach all with iam.RolePolicyAttachment and iam.RolePolicy, and drop the lists on the role",
        judge=_no_policy_conflict,
        own_packs=(BASELINE,),
    ),
)
