"""Every policy of every recorded stack: rights by ARN, each wider one with its reason, every role within its boundary."""

import json
from typing import Any

import pytest

from components.security.unscoped import ACTIONS
from tests.committed import Committed
from tests.components import rights
from tests.components.every_right import BOUNDARY
from tests.gathered import for_each

ROLE = "aws:iam/role:Role"


@pytest.fixture(scope="module")
def as_committed(recording: Committed) -> dict[str, list[dict[str, Any]]]:
    return {name: stack["resources"] for name, stack in recording.report()["stacks"].items()}


@pytest.fixture(scope="module")
def everything(shaped: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Both with all in their files that rights are given for, as an update has them."""
    return {name: shaped["stacks"][shape]["resources"] for name, shape in (("dev", "night"), ("prod", "kept"))}


@pytest.mark.parametrize("which", ["as_committed", "everything"])
@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_every_right_is_by_arn_or_has_its_reason(stack: str, which: str, request: pytest.FixtureRequest) -> None:
    resources = request.getfixturevalue(which)[stack]
    assert [r for r in resources if r["type"] in rights.IDENTITY]
    assert rights.complaints(resources) == []


def test_the_list_of_reasons_has_nothing_that_is_not_needed(everything: dict[str, list[dict[str, Any]]]) -> None:
    used = {action for resources in everything.values() for action in rights.starred(resources)}
    assert used <= ACTIONS.keys()
    assert {"ecr:GetAuthorizationToken", "ssmmessages:OpenDataChannel"} <= used, "the walk sees what is starred"


@pytest.mark.parametrize(("which", "boundary"), [("everything", BOUNDARY), ("as_committed", None)])
@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_every_role_has_the_boundary_that_is_asked_for_or_none_has_one(
    stack: str, which: str, boundary: str | None, request: pytest.FixtureRequest
) -> None:
    roles = [r for r in request.getfixturevalue(which)[stack] if r["type"] == ROLE]
    assert roles
    assert {r["inputs"].get("permissionsBoundary") for r in roles} == {boundary}


WIDE = {
    "an action by pattern": {"Action": ["s3:*"], "Resource": ["arn:aws:s3:::b/*"]},
    "everything": {"Action": ["s3:GetObject"], "Resource": ["*"]},
    "any bucket": {"Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::*"]},
    "any queue": {"Action": ["sqs:SendMessage"], "Resource": ["arn:aws:sqs:us-east-1:111122223333:*"]},
    "any account": {"Action": ["sqs:SendMessage"], "Resource": ["arn:aws:sqs:us-east-1:*:jobs"]},
    "any region": {"Action": ["sqs:SendMessage"], "Resource": ["arn:aws:sqs:*:111122223333:jobs"]},
    "a key directly": {"Action": ["kms:Decrypt"], "Resource": ["arn:aws:kms:us-east-1:111122223333:key/1"]},
    "a role for anybody": {"Action": ["iam:PassRole"], "Resource": ["arn:aws:iam::111122223333:role/a"]},
    "all but something": {"NotAction": ["iam:*"], "Resource": ["arn:aws:s3:::b"]},
}


@for_each("name", WIDE)
def test_the_walk_sees_a_right_that_is_too_wide(name: str) -> None:
    statement = {"Sid": "Some", "Effect": "Allow", **WIDE[name]}
    policy = {
        "type": "aws:iam/rolePolicy:RolePolicy",
        "name": "some",
        "inputs": {"policy": json.dumps({"Statement": [statement]})},
    }
    assert len(rights.complaints([policy])) == 1


def test_the_walk_sees_anybody_in_the_policy_of_a_resource_and_a_policy_of_aws() -> None:
    statement = {"Sid": "Some", "Effect": "Allow", "Action": ["sqs:SendMessage"], "Principal": {"AWS": ["*"]}}
    queue = {
        "type": "aws:sqs/queuePolicy:QueuePolicy",
        "name": "q",
        "inputs": {"policy": json.dumps({"Statement": [statement]})},
    }
    attached = {
        "type": "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "name": "a",
        "inputs": {"policyArn": "arn:aws:iam::aws:policy/AmazonS3FullAccess"},
    }
    assert len(rights.complaints([queue, attached])) == 2
