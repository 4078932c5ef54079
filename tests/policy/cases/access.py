"""Cases of the controls on IAM."""

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Make, breaks, build, document, holds, lost, one, ref, waits
from tests.policy.houses import role, statement


def policy(**parts: Any) -> Make:
    """A policy of one statement."""
    return one(kinds.IAM_POLICY, policy=document({"Statement": [statement(**parts)]}))


def tagged(key: str, value: str = "orders", operator: str = "StringEquals") -> dict[str, Any]:
    """A condition block."""
    return {operator: {key: value}}


def inline(**parts: Any) -> Make:
    """The same as an inline policy of a role."""
    return one(kinds.IAM_ROLE, inlinePolicies=[{"name": "x", "policy": document({"Statement": statement(**parts)})}])


KEY = "arn:aws:kms:eu-west-1:111122223333:key/7f3c"
ROLE_ARN = "arn:aws:iam::111122223333:role/web"
WILDCARD, STAR, PASS, DECRYPT = (
    "iam-no-service-wildcard",
    "iam-no-star-resource-on-mutating",
    "iam-passrole-scoped",
    "iam-kms-decrypt-scoped",
)

CASES = (
    holds("iam-no-admin-star", "a policy by ARN, vouched for by its component", role),
    breaks("iam-no-admin-star", "everything on everything", policy(Action="*", Resource="*")),
    breaks(
        "iam-no-admin-star",
        "in an inline policy of the role",
        one(
            kinds.IAM_ROLE,
            inlinePolicies=[{"policy": document({"Statement": statement(Action=["*"], Resource=["*"])})}],
        ),
    ),
    holds("iam-no-notaction-allow", "named actions", policy(Action="s3:GetObject", Resource="*")),
    breaks("iam-no-notaction-allow", "all but one action", policy(NotAction="iam:*", Resource="*")),
    holds(
        "iam-no-managed-admin",
        "a narrow policy of AWS",
        one(kinds.IAM_ROLE_ATTACHMENT, policyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"),
    ),
    breaks(
        "iam-no-managed-admin",
        "AdministratorAccess",
        one(kinds.IAM_ROLE_ATTACHMENT, policyArn="arn:aws:iam::aws:policy/AdministratorAccess"),
    ),
    *(
        breaks("iam-no-managed-admin", name, one(kinds.IAM_ROLE, managedPolicyArns=[f"arn:aws:iam::aws:policy/{name}"]))
        for name in ("IAMFullAccess", "PowerUserAccess")
    ),
    holds(
        "iam-no-managed-admin",
        "a policy of the program, which others judge",
        build(own=(kinds.IAM_POLICY, {}), it=(kinds.IAM_ROLE_ATTACHMENT, {"policyArn": ref("own.arn")})),
    ),
    holds(
        "iam-no-managed-admin",
        "an ARN that something else keeps",
        build(kept=(kinds.SSM_PARAMETER, {}), it=(kinds.IAM_ROLE_ATTACHMENT, {"policyArn": ref("kept.value")})),
        at_preview=("it",),
    ),
    breaks(
        "iam-no-managed-admin",
        "AdministratorAccess, by a lost edge",
        one(kinds.IAM_ROLE_ATTACHMENT, policyArn=lost("arn:aws:iam::aws:policy/AdministratorAccess")),
        undecided_at_preview=True,
    ),
    *(
        holds(
            "iam-kms-decrypt-scoped",
            f"narrowed by {key}",
            policy(Action="kms:Decrypt", Resource="*", Condition={"StringEquals": {key: "x"}}),
        )
        for key in ("kms:ViaService", "aws:ResourceTag/team", "kms:EncryptionContext:aws:logs:arn")
    ),
    holds(WILDCARD, "named actions, and a family of them", policy(Action=["s3:GetObject", "s3:List*"], Resource="*")),
    breaks(WILDCARD, "all of a service", policy(Action="s3:*", Resource="arn:aws:s3:::b/*")),
    breaks(WILDCARD, "in other letters", policy(Action=["sqs:SendMessage", "S3:*"], Resource="arn:aws:s3:::b/*")),
    breaks(WILDCARD, "with a question mark", policy(Action="s3:?*", Resource="arn:aws:s3:::b/*")),
    breaks(WILDCARD, "all of all services", policy(Action="*:*", Resource="arn:aws:s3:::b/*")),
    breaks(WILDCARD, "a bare star", policy(Action=["*"], Resource="arn:aws:s3:::b/*")),
    breaks(WILDCARD, "inline on the role", inline(Action="ec2:**", Resource="arn:aws:s3:::b/*")),
    breaks(
        WILDCARD,
        "of a user, as a block and not as text",
        one(kinds.IAM_USER_POLICY, policy={"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}),
    ),
    holds(WILDCARD, "a refusal", policy(Effect="Deny", Action="s3:*", Resource="*")),
    holds(WILDCARD, "all but some is another control's", policy(NotAction="s3:*", Resource="*")),
    waits(WILDCARD, "a document that is no JSON", one(kinds.IAM_POLICY, policy="{Statement")),
    holds(
        STAR,
        "everything but one queue, which is another control's",
        policy(Action="sqs:DeleteQueue", NotResource="arn:aws:sqs:eu-west-1:111122223333:q"),
    ),
    holds(STAR, "a change by ARN", policy(Action="sqs:SendMessage", Resource="arn:aws:sqs:eu-west-1:111122223333:q")),
    holds(
        STAR,
        "reading everything",
        policy(Action=["ec2:Describe*", "s3:GetObject", "ecr:BatchCheckLayerAvailability"], Resource="*"),
    ),
    holds(
        STAR,
        "changes for which AWS knows no resource",
        policy(
            Action=["xray:PutTraceSegments", "cloudwatch:PutMetricData", "ecr:GetAuthorizationToken", "ssmmessages:*"],
            Resource="*",
        ),
    ),
    holds(
        STAR,
        "only what has a tag",
        policy(Action="ec2:TerminateInstances", Resource="*", Condition=tagged("aws:ResourceTag/service")),
    ),
    holds(
        STAR,
        "only what has any tag of that name",
        policy(
            Action="ec2:DeleteSecurityGroup", Resource="*", Condition=tagged("aws:ResourceTag/cluster", "false", "Null")
        ),
    ),
    breaks(STAR, "a change on everything", policy(Action="sqs:SendMessage", Resource="*")),
    breaks(STAR, "one star among ARNs", policy(Action="s3:PutObject", Resource=["arn:aws:s3:::b/*", "*"])),
    breaks(STAR, "a pattern that stands for changes too", policy(Action=["s3:*Object"], Resource="*")),
    breaks(STAR, "one change among reads", policy(Action=["ec2:Describe*", "ec2:RunInstances"], Resource="*")),
    breaks(
        STAR,
        "a condition on who asks",
        policy(Action="dynamodb:DeleteTable", Resource="*", Condition=tagged("aws:PrincipalOrgID", "o-1a2b3c4d5e")),
    ),
    breaks(
        STAR,
        "a condition that holds without the tag",
        policy(
            Action="dynamodb:DeleteTable",
            Resource="*",
            Condition=tagged("aws:ResourceTag/x", "y", "StringEqualsIfExists"),
        ),
    ),
    breaks(
        STAR,
        "a condition that any tag fits",
        policy(Action="dynamodb:DeleteTable", Resource="*", Condition=tagged("aws:ResourceTag/x", "*", "StringLike")),
    ),
    breaks(
        STAR,
        "a condition by what it is not",
        policy(
            Action="dynamodb:DeleteTable", Resource="*", Condition=tagged("aws:ResourceTag/x", "y", "StringNotEquals")
        ),
    ),
    holds(STAR, "a refusal", policy(Effect="Deny", Action="s3:PutObject", Resource="*")),
    holds(PASS, "one role", policy(Action="iam:PassRole", Resource=ROLE_ARN)),
    holds(PASS, "roles under a path", policy(Action="iam:PassRole", Resource="arn:aws:iam::111122223333:role/app/*")),
    holds(
        PASS,
        "to one service",
        policy(Action="iam:PassRole", Resource="*", Condition=tagged("iam:PassedToService", "ecs-tasks.amazonaws.com")),
    ),
    holds(
        PASS,
        "a role of the program",
        build(
            web=(kinds.IAM_ROLE, {"assumeRolePolicy": "{}"}),
            it=(
                kinds.IAM_POLICY,
                {"policy": document({"Statement": [statement(Action="iam:PassRole", Resource=ref("web.arn"))]})},
            ),
        ),
        at_preview=("it",),
    ),
    breaks(PASS, "any role", policy(Action=["iam:GetRole", "iam:PassRole"], Resource="*")),
    breaks(PASS, "any role of one account", policy(Action="iam:Pass*", Resource="arn:aws:iam::111122223333:role/*")),
    breaks(PASS, "any role, by everything that IAM can do", policy(Action="iam:*", Resource=["arn:aws:iam::*:role/*"])),
    breaks(
        PASS,
        "to any service",
        policy(Action="iam:PassRole", Resource="*", Condition=tagged("iam:PassedToService", "*", "StringLike")),
    ),
    breaks(
        PASS,
        "to all services but one",
        policy(
            Action="iam:PassRole",
            Resource="*",
            Condition=tagged("iam:PassedToService", "ec2.amazonaws.com", "StringNotEquals"),
        ),
    ),
    breaks(PASS, "new versions of any policy", policy(Action="iam:CreatePolicyVersion", Resource="*")),
    breaks(PASS, "a policy for any user", policy(Action="iam:PutUserPolicy", Resource="arn:aws:iam::*:user/*")),
    breaks(PASS, "in an inline policy", inline(Action="iam:PassRole", Resource="*")),
    holds(PASS, "policies on one role", policy(Action="iam:AttachRolePolicy", Resource=ROLE_ARN)),
    holds(
        PASS,
        "roles that keep a boundary",
        policy(
            Action=["iam:PutRolePolicy"],
            Resource="*",
            Condition=tagged("iam:PermissionsBoundary", "arn:aws:iam::111122223333:policy/edge"),
        ),
    ),
    holds(PASS, "a refusal", policy(Effect="Deny", Action="iam:PassRole", Resource="*")),
    holds(DECRYPT, "one key", policy(Action=["kms:Decrypt", "kms:GenerateDataKey"], Resource=KEY)),
    holds(DECRYPT, "looking at keys", policy(Action=["kms:DescribeKey", "kms:List*"], Resource="*")),
    holds(
        DECRYPT,
        "the key behind an alias",
        policy(
            Action="kms:Decrypt",
            Resource="*",
            Condition=tagged("kms:ResourceAliases", "alias/x", "ForAnyValue:StringEquals"),
        ),
    ),
    breaks(DECRYPT, "all keys", policy(Action="kms:Decrypt", Resource="*")),
    breaks(
        DECRYPT, "all keys of one account", policy(Action="kms:ReEncrypt*", Resource="arn:aws:kms:*:111122223333:key/*")
    ),
    breaks(DECRYPT, "all that KMS can do", policy(Action="kms:*", Resource=["*"])),
    breaks(
        DECRYPT,
        "a condition on who asks",
        policy(Action="kms:Decrypt", Resource="*", Condition=tagged("aws:PrincipalTag/team", "x")),
    ),
    holds(DECRYPT, "a refusal", policy(Effect="Deny", Action="kms:Decrypt", Resource="*")),
    holds(DECRYPT, "an empty document", one(kinds.IAM_POLICY, policy="{}")),
    breaks(
        DECRYPT,
        "an effect that only the update tells",
        one(
            kinds.IAM_POLICY, policy={"Statement": {"Effect": lost("Allow"), "Action": "kms:Decrypt", "Resource": "*"}}
        ),
        undecided_at_preview=True,
    ),
    holds(PASS, "something else on everything", policy(Action=["s3:GetObject", "iam:GetRole"], Resource="*")),
    holds(
        PASS,
        "roles with a tag",
        policy(Action="iam:PassRole", Resource="*", Condition=tagged("aws:ResourceTag/service")),
    ),
)
