"""Cases of the controls in `guardrails.controls.trust`."""

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Make, breaks, build, document, holds, lost, one, ref, waits
from tests.policy.houses import statement

PUBLIC, OIDC, OTHERS, PEOPLE, BOUNDARY, MIXED = (
    "iam-trust-not-public",
    "iam-oidc-sub-scoped",
    "iam-trust-external-condition",
    "iam-no-users-or-keys",
    "iam-permissions-boundary",
    "iam-role-no-policy-conflict",
)
EDGE = "arn:aws:iam::111122223333:policy/edge"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
OURS: dict[str, Any] = {"accounts": ["111122223333"]}
HUB = "token.actions.githubusercontent.com"
EKS = "oidc.eks.eu-west-1.amazonaws.com/id/AB12"


def trusting(principal: Any, condition: Any = None, action: str = "sts:AssumeRole") -> dict[str, Any]:
    """A trust policy of one statement."""
    made = statement(Principal=principal, Action=action)
    return {"Statement": [made | ({"Condition": condition} if condition else {})]}


def role(principal: Any, condition: Any = None, **inputs: Any) -> Make:
    """A role with that trust policy."""
    return one(kinds.IAM_ROLE, assumeRolePolicy=document(trusting(principal, condition)), **inputs)


def web(
    issuer: str, sub: Any = None, aud: Any = "sts.amazonaws.com", operator: str = "StringLike", **more: Any
) -> Make:
    """A role for the tokens of an issuer."""
    condition: dict[str, Any] = {operator: {f"{issuer}:sub": sub} if sub else {}, "StringEquals": {}}
    condition["StringEquals"] |= {f"{issuer}:aud": aud} if aud else {}
    condition["StringEquals"] |= {f"{issuer}:{key}": value for key, value in more.items()}
    federated = issuer if "/" not in issuer and issuer != HUB else f"arn:aws:iam::111122223333:oidc-provider/{issuer}"
    trust = trusting({"Federated": federated}, condition, "sts:AssumeRoleWithWebIdentity")
    return one(kinds.IAM_ROLE, assumeRolePolicy=document(trust))


def listed(**inputs: Any) -> dict[str, tuple[str, dict[str, Any]]]:
    """A role that lists policies itself."""
    return {"it": (kinds.IAM_ROLE, {"assumeRolePolicy": "{}"} | inputs)}


ATTACHED = (kinds.IAM_ROLE_ATTACHMENT, {"role": ref("it.name"), "policyArn": "arn:aws:iam::aws:policy/Other"})
ADDED = (kinds.IAM_ROLE_POLICY, {"role": ref("it.id"), "name": "other", "policy": "{}"})
FOREIGN = {"AWS": "arn:aws:iam::999988887777:root"}

CASES = (
    holds(PUBLIC, "one service", role({"Service": "ecs-tasks.amazonaws.com"})),
    holds(PUBLIC, "one account", role(FOREIGN)),
    holds(PUBLIC, "everybody of one organisation", role("*", {"StringEquals": {"aws:PrincipalOrgID": "o-1a2b3c4d5e"}})),
    breaks(PUBLIC, "everybody", role("*")),
    breaks(PUBLIC, "every principal of AWS", role({"AWS": "*"})),
    breaks(PUBLIC, "every account by ARN", role({"AWS": ["arn:aws:iam::*:root"]})),
    breaks(PUBLIC, "everybody who knows a word", role("*", {"StringEquals": {"sts:ExternalId": "orders"}})),
    breaks(
        PUBLIC,
        "a condition that holds without its key",
        role({"AWS": "*"}, {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1a2b3c4d5e"}}),
    ),
    breaks(
        PUBLIC,
        "everybody but one",
        one(
            kinds.IAM_ROLE,
            assumeRolePolicy=document(
                {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": FOREIGN}}
            ),
        ),
    ),
    breaks(PUBLIC, "as a block and not as text", one(kinds.IAM_ROLE, assumeRolePolicy=trusting("*"))),
    holds(
        PUBLIC,
        "nobody",
        one(
            kinds.IAM_ROLE,
            assumeRolePolicy=document({"Statement": statement(Effect="Deny", Principal="*", Action="sts:AssumeRole")}),
        ),
    ),
    waits(PUBLIC, "a document that is no JSON", one(kinds.IAM_ROLE, assumeRolePolicy="trust me")),
    holds(OIDC, "one repository", web(HUB, "repo:acme/shop:*")),
    holds(OIDC, "one branch, exactly", web(HUB, "repo:acme/shop:ref:refs/heads/main")),
    holds(OIDC, "one organisation", web(HUB, "repo:acme/*")),
    holds(OIDC, "two repositories", web(HUB, ["repo:acme/shop:*", "repo:acme/site:*"])),
    holds(OIDC, "a claim that GitHub has besides", web(HUB, repository="acme/shop")),
    holds(
        OIDC, "a subject that an organisation has put together", web(HUB, "environment:prod:repository_owner:acme:*")
    ),
    breaks(OIDC, "no subject", web(HUB)),
    breaks(OIDC, "no audience", web(HUB, "repo:acme/shop:*", None)),
    breaks(OIDC, "any audience", web(HUB, "repo:acme/shop:*", "*")),
    breaks(OIDC, "any repository", web(HUB, "repo:*")),
    breaks(OIDC, "an audience with a gap", web(HUB, "repo:acme/shop:*", "sts.amazonaws.co?")),
    breaks(OIDC, "a claim of GitHub at another issuer", web(EKS, repository="acme/shop")),
    holds(OIDC, "a subject of one word", web(EKS, "deployer")),
    breaks(OIDC, "a subject that is the beginning of a word", web(EKS, "deploy-*")),
    breaks(OIDC, "any subject", web(HUB, "*")),
    breaks(OIDC, "owners who begin alike", web(HUB, "repo:acme*")),
    breaks(OIDC, "another claim in place of the audience", web(HUB, "repo:acme/shop:*", None, actor="somebody")),
    breaks(OIDC, "one bad subject among good ones", web(HUB, ["repo:acme/shop:*", "repo:*/shop:*"])),
    breaks(OIDC, "a claim that everybody can have", web(HUB, "environment:prod")),
    breaks(OIDC, "a condition that holds without its key", web(HUB, "repo:acme/shop:*", operator="StringLikeIfExists")),
    breaks(
        OIDC, "a condition for all values of none", web(HUB, "repo:acme/shop:*", operator="ForAllValues:StringLike")
    ),
    breaks(OIDC, "all but one", web(HUB, "repo:acme/shop:*", operator="StringNotLike")),
    holds(OIDC, "one service account of a cluster", web(EKS, "system:serviceaccount:shop:web")),
    holds(OIDC, "the service accounts of one namespace", web(EKS, "system:serviceaccount:shop:*")),
    breaks(OIDC, "all service accounts of a cluster", web(EKS, "system:serviceaccount:*")),
    breaks(OIDC, "a namespace that may be any", web(EKS, "system:serviceaccount:*:web")),
    holds(OIDC, "the users of one identity pool", web("cognito-identity.amazonaws.com", None, "eu-west-1:1a2b")),
    breaks(OIDC, "the users of all identity pools", web("cognito-identity.amazonaws.com", None, None)),
    holds(OIDC, "a service is none", role({"Service": "ec2.amazonaws.com"})),
    holds(OIDC, "SAML has its own conditions", role({"Federated": "arn:aws:iam::111122223333:saml-provider/people"})),
    holds(
        OIDC,
        "the issuer is a resource of the program",
        build(
            hub=(kinds.IAM_OIDC_PROVIDER, {"url": f"https://{HUB}", "clientIdLists": ["sts.amazonaws.com"]}),
            it=(
                kinds.IAM_ROLE,
                {
                    "assumeRolePolicy": document(
                        trusting(
                            {"Federated": ref("hub.arn")},
                            {
                                "StringEquals": {f"{HUB}:aud": "sts.amazonaws.com"},
                                "StringLike": {f"{HUB}:sub": "repo:a/b:*"},
                            },
                            "sts:AssumeRoleWithWebIdentity",
                        )
                    )
                },
            ),
        ),
        at_preview=("it",),
    ),
    holds(OTHERS, "our own account", role({"AWS": "arn:aws:iam::111122223333:root"}), **OURS),
    holds(OTHERS, "our own account, as the number", role({"AWS": "111122223333"}), **OURS),
    holds(
        OTHERS,
        "a foreign account with an external id",
        role(FOREIGN, {"StringEquals": {"sts:ExternalId": "orders"}}),
        **OURS,
    ),
    holds(
        OTHERS,
        "a foreign account of our organisation, which nobody has to configure",
        role(FOREIGN, {"StringEquals": {"aws:PrincipalOrgID": "o-1a2b3c4d5e"}}),
    ),
    breaks(OTHERS, "a foreign account", role(FOREIGN), **OURS),
    breaks(
        OTHERS,
        "a role of a foreign account",
        role({"AWS": ["111122223333", "arn:aws:iam::999988887777:role/x"]}),
        **OURS,
    ),
    breaks(OTHERS, "an external id that may be any", role(FOREIGN, {"StringLike": {"sts:ExternalId": "*"}}), **OURS),
    breaks(
        OTHERS,
        "the provider says which account is ours",
        build(
            it=(
                kinds.IAM_ROLE,
                {"assumeRolePolicy": document(trusting(FOREIGN))},
                {"provider": {"allowedAccountIds": '["111122223333"]'}},
            )
        ),
    ),
    breaks(
        OTHERS,
        "the role's own ARN says which account is ours",
        build(
            it=(
                kinds.IAM_ROLE,
                {"assumeRolePolicy": document(trusting(FOREIGN)), "arn": "arn:aws:iam::111122223333:role/it"},
            )
        ),
    ),
    holds(
        OTHERS,
        "the account of another resource is ours",
        build(
            it=(kinds.IAM_ROLE, {"assumeRolePolicy": document(trusting({"AWS": "111122223333"}))}),
            key=(kinds.KMS_KEY, {"arn": "arn:aws:kms:eu-west-1:111122223333:key/1"}),
        ),
    ),
    waits(OTHERS, "nothing says which account is ours", role(FOREIGN)),
    holds(
        OTHERS,
        "a role of the program",
        build(
            other=(kinds.IAM_ROLE, {"assumeRolePolicy": "{}"}),
            it=(kinds.IAM_ROLE, {"assumeRolePolicy": trusting({"AWS": ref("other.arn")})}),
        ),
    ),
    holds(OTHERS, "machines and functions", role({"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com", "a.b.c"]})),
    holds(
        OTHERS,
        "a service for our account only",
        role({"Service": "scheduler.amazonaws.com"}, {"StringEquals": {"aws:SourceAccount": "111122223333"}}),
    ),
    holds(
        OTHERS,
        "a service for one resource only",
        role(
            {"Service": "logs.eu-west-1.amazonaws.com"},
            {"ArnLike": {"aws:SourceArn": "arn:aws:logs:eu-west-1:111122223333:*"}},
        ),
    ),
    breaks(OTHERS, "a service for whoever asks", role({"Service": "scheduler.amazonaws.com"})),
    breaks(OTHERS, "a service of one region for whoever asks", role({"Service": "logs.eu-west-1.amazonaws.com"})),
    breaks(
        OTHERS,
        "an external account condition does not bind the service beside it",
        role({"Service": "events.amazonaws.com"}, {"StringEquals": {"aws:PrincipalOrgID": "o-1a2b3c4d5e"}}),
    ),
    holds(
        PEOPLE,
        "a policy attached to roles",
        one(kinds.IAM_POLICY_ATTACHMENT, roles=["web"], policyArn=READ_ONLY, users=[]),
    ),
    breaks(PEOPLE, "a user", one(kinds.IAM_USER, name="deploy")),
    breaks(PEOPLE, "a key", one(kinds.IAM_ACCESS_KEY, user="deploy")),
    breaks(PEOPLE, "a password for the console", one(kinds.IAM_USER_LOGIN_PROFILE, user="deploy")),
    breaks(PEOPLE, "a policy of a user", one(kinds.IAM_USER_POLICY, user="deploy", policy="{}")),
    breaks(PEOPLE, "a policy on a user", one(kinds.IAM_USER_ATTACHMENT, user="deploy", policyArn=READ_ONLY)),
    breaks(PEOPLE, "policies on a user", one(kinds.IAM_USER_ATTACHMENTS, userName="deploy", policyArns=[READ_ONLY])),
    holds(PEOPLE, "no policy may be on this user", one(kinds.IAM_USER_ATTACHMENTS, userName="x", policyArns=[])),
    breaks(
        PEOPLE,
        "a policy attached to a user among roles",
        one(kinds.IAM_POLICY_ATTACHMENT, roles=["web"], users=["deploy"], policyArn=READ_ONLY),
    ),
    holds(BOUNDARY, "nobody asks for one", one(kinds.IAM_ROLE, assumeRolePolicy="{}")),
    holds(
        BOUNDARY,
        "the one that is asked for",
        one(kinds.IAM_ROLE, assumeRolePolicy="{}", permissionsBoundary=EDGE),
        permissionsBoundary=[EDGE],
    ),
    breaks(
        BOUNDARY, "none", one(kinds.IAM_ROLE, assumeRolePolicy="{}", permissionsBoundary=""), permissionsBoundary=[EDGE]
    ),
    breaks(
        BOUNDARY,
        "another one",
        one(kinds.IAM_ROLE, assumeRolePolicy="{}", permissionsBoundary=READ_ONLY),
        permissionsBoundary=[EDGE],
    ),
    holds(
        BOUNDARY,
        "one of another stack",
        one(kinds.IAM_ROLE, assumeRolePolicy="{}", permissionsBoundary=lost(EDGE)),
        at_preview=("it",),
        permissionsBoundary=[EDGE],
    ),
    holds(MIXED, "only attached", build(**listed(), a=ATTACHED, b=ADDED)),
    holds(MIXED, "only listed", build(**listed(managedPolicyArns=[READ_ONLY], inlinePolicies=[{"name": "x"}]))),
    holds(MIXED, "one of each sort", build(**listed(managedPolicyArns=[READ_ONLY]), b=ADDED)),
    holds(
        MIXED,
        "a list on the role, and one attached to another role",
        build(
            **listed(managedPolicyArns=[READ_ONLY]),
            other=(kinds.IAM_ROLE, {"assumeRolePolicy": "{}"}),
            a=(kinds.IAM_ROLE_ATTACHMENT, {"role": ref("other.name"), "policyArn": READ_ONLY}),
        ),
    ),
    breaks(MIXED, "listed and attached", build(**listed(managedPolicyArns=[READ_ONLY]), a=ATTACHED)),
    breaks(
        MIXED,
        "written on the role and beside it",
        build(**listed(inlinePolicies=[{"name": "x", "policy": "{}"}]), b=ADDED),
    ),
    holds(
        MIXED,
        "AWS answers with what is attached, after a refresh",
        build(
            **listed(arn="arn:aws:iam::111122223333:role/it", managedPolicyArns=[READ_ONLY]),
            a=(kinds.IAM_ROLE_ATTACHMENT, {"role": ref("it.name"), "policyArn": READ_ONLY}),
        ),
    ),
    holds(
        MIXED, "an empty list, as AWS writes it", build(**listed(managedPolicyArns=[], inlinePolicies=[]), a=ATTACHED)
    ),
    breaks(
        MIXED,
        "listed by a literal, attached by what is known later",
        build(
            **listed(inlinePolicies=[{"name": "x", "policy": "{}"}]),
            b=(kinds.IAM_ROLE_POLICY, {"role": ref("it.id"), "name": lost("other"), "policy": "{}"}),
        ),
    ),
    breaks(OIDC, "no audience at all", web(HUB, "repo:shop/web:ref:refs/heads/main", aud=None, azp=[])),
)
