"""Cases of the controls on IAM."""

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Make, breaks, document, holds, one
from tests.policy.houses import role, statement


def policy(**parts: Any) -> Make:
    """A policy of one statement."""
    return one(kinds.IAM_POLICY, policy=document({"Statement": [statement(**parts)]}))


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
)
