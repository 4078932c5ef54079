"""Policy documents in every form, and the one that allows everything."""

import json
from typing import Any

import pytest
from guardrails import kinds
from guardrails.documents import Statement, matches, read
from guardrails.verdicts import Outcome

from tests.policy.graphs import Derived, Phase, Program, complaints, json_of, only, outcomes
from tests.policy.houses import role, statement

STAR = "iam-no-admin-star"
ADMIN = statement(Action="*", Resource="*")


@pytest.fixture
def program() -> Program:
    return role()


def parsed(raw: dict[str, Any]) -> Statement:
    program = Program()
    program.add(kinds.BUCKET_POLICY, "policy", policy=json.dumps({"Statement": raw}))
    graph = program.graph("update")
    node = next(iter(graph))
    (found,) = read(graph, node, node.props.document("policy")).statements
    return found


@pytest.mark.parametrize(
    "kind", [kinds.IAM_POLICY, kinds.IAM_ROLE_POLICY, kinds.IAM_USER_POLICY, kinds.IAM_GROUP_POLICY]
)
@pytest.mark.parametrize("as_text", [True, False])
def test_every_carrier_is_read_as_text_and_as_block(program: Program, phase: Phase, kind: str, as_text: bool) -> None:
    document = {"Version": "2012-10-17", "Statement": [ADMIN]}
    program.add(kind, "admin", policy=json.dumps(document) if as_text else document)
    assert complaints(program, phase, STAR) == {"admin": Outcome.VIOLATION}


def test_inline_policies_of_a_role_are_read(program: Program, phase: Phase) -> None:
    blocks = [{"name": "x", "policy": json.dumps({"Statement": [ADMIN]})}]
    program["web-task"].inputs["inlinePolicies"] = blocks
    assert complaints(program, phase, STAR) == {"web-task": Outcome.VIOLATION}


@pytest.mark.parametrize(
    "wild",
    [
        {"Action": "*", "Resource": "*"},
        {"Action": ["s3:GetObject", "*"], "Resource": ["arn:aws:s3:::x", "*"]},
        {"Action": "*:*", "Resource": "*"},
        {"Action": "**", "Resource": "arn:*"},
        {"Action": "?*:*", "Resource": "arn:aws:*"},
        {"action": "*", "resource": "*"},
        {"actions": ["*"], "resources": ["*"]},
        {"Action": "*", "NotResource": "arn:aws:s3:::x"},
        {"Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}},
    ],
)
def test_every_spelling_of_everything_is_everything(program: Program, phase: Phase, wild: dict[str, Any]) -> None:
    program.add(kinds.IAM_POLICY, "admin", policy=json.dumps({"Statement": {"Effect": "Allow"} | wild}))
    assert complaints(program, phase, STAR) == {"admin": Outcome.VIOLATION}


@pytest.mark.parametrize(
    "tame",
    [
        {"Effect": "Deny", "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:?*", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::x/*"},
        {"Effect": "Allow", "Action": "*:Get*", "Resource": "*"},
    ],
)
def test_less_than_everything_is_not_this_controls_business(
    program: Program, phase: Phase, tame: dict[str, Any]
) -> None:
    program.add(kinds.IAM_POLICY, "tame", policy=json.dumps({"Statement": [tame]}))
    assert outcomes(program, phase, STAR)["tame"] is Outcome.PASS


def test_what_the_component_says_is_judged_while_the_document_is_unknown(program: Program) -> None:
    assert complaints(program, "preview", STAR) == {}
    program["web"].inputs["statements"].append(ADMIN)
    verdict = only(program, "preview", STAR)
    assert verdict.node.name == "web-task-policy"
    assert verdict.finding.path == ("role policy web-task-policy", "statements of web")


def test_an_unknown_document_that_nobody_vouches_for_is_undecided(program: Program) -> None:
    del program["web"].inputs["statements"]
    assert complaints(program, "preview", STAR) == {"web-task-policy": Outcome.UNDECIDED}
    assert complaints(program, "update", STAR) == {}


def test_a_grandparent_does_not_vouch(program: Program) -> None:
    between = program.add("groundwork:compute:Roles", "between", program["web"])
    program["web-task-policy"].parent = between
    assert complaints(program, "preview", STAR) == {"web-task-policy": Outcome.UNDECIDED}


def test_unknown_actions_are_undecided_and_unknown_arns_are_not_everything(program: Program) -> None:
    table = program["table"]
    program["web"].inputs["statements"] = [statement(Action="*", Resource=[table.arn])]
    assert complaints(program, "preview", STAR) == {}, "an ARN that AWS will tell is one resource"
    unknown = Derived((table.out("hashKey"),), lambda _: "*")
    program["web"].inputs["statements"] = [statement(Action=[unknown], Resource="*")]
    assert complaints(program, "preview", STAR) == {"web-task-policy": Outcome.UNDECIDED}


def test_a_document_that_is_no_json_is_an_error_without_its_text(program: Program, phase: Phase) -> None:
    program.add(kinds.IAM_POLICY, "broken", policy="hunter2")
    verdict = only(program, phase, STAR)
    assert verdict.finding.outcome is Outcome.ERROR
    assert "[iam-no-admin-star] internal error: the policy document is not JSON" in verdict.message()
    assert "hunter2" not in verdict.message()


def test_secret_looking_values_never_reach_a_message(program: Program) -> None:
    secret = {"Sid": "hunter2", "Condition": {"StringEquals": {"aws:UserAgent": "hunter2"}}}
    document = {"Statement": [ADMIN | secret]}
    program["web-task-policy"].inputs["policy"] = json_of(program["table"].arn, make=lambda _: document)
    assert not [v for v in program.verdicts("update") if "hunter2" in v.message()]


PINS = [
    {"StringEquals": {"aws:PrincipalOrgID": "o-acme12345"}},
    {"StringEquals": {"AWS:SourceAccount": "111122223333"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}},
    {"ArnEquals": {"aws:SourceArn": ["arn:aws:cloudfront::111122223333:distribution/E1"]}},
    {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-acme12345/*"]}},
    {"StringEquals": {"kms:CallerAccount": "111122223333"}},
    {"IpAddress": {"aws:SourceIp": ["198.51.100.0/24"]}},
]
NO_PINS = [
    {},
    {"StringLike": {"aws:PrincipalOrgID": "*"}},
    {"StringNotEquals": {"aws:PrincipalOrgID": "o-acme12345"}},
    {"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}},
    {"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-acme12345/"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
    {"ArnLike": {"aws:SourceArn": ["arn:aws:sns:*:111122223333:x", "*"]}},
    {"IpAddress": {"aws:SourceIp": ["0.0.0.0/0"]}},
    {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}},
    {"NotIpAddress": {"aws:SourceIp": ["198.51.100.0/24"]}},
    {"StringEquals": {"s3:prefix": "public/"}},
    {"Bool": {"aws:SecureTransport": "true"}},
]


@pytest.mark.parametrize("condition", PINS)
def test_conditions_that_narrow_everyone_to_somebody(condition: dict[str, Any]) -> None:
    assert parsed(statement(Principal="*", Action="s3:*", Resource="*", Condition=condition)).pinned() is True


@pytest.mark.parametrize("condition", NO_PINS)
def test_conditions_that_narrow_nothing(condition: dict[str, Any]) -> None:
    assert parsed(statement(Principal="*", Action="s3:*", Resource="*", Condition=condition)).pinned() is False


@pytest.mark.parametrize(
    ("principal", "everyone"),
    [
        ("*", True),
        ({"AWS": "*"}, True),
        ({"*": "*"}, True),
        ({"AWS": ["arn:aws:iam::111122223333:root"]}, False),
        ({"Service": "logs.us-east-1.amazonaws.com"}, False),
        ({"Service": ["a.amazonaws.com"], "AWS": ["*"]}, True),
        ({"CanonicalUser": "79a59df900b949e5"}, False),
    ],
)
def test_principals_that_are_everyone(principal: Any, everyone: bool) -> None:
    assert parsed(statement(Principal=principal, Action="s3:*", Resource="*")).everyone() is everyone


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("s3:Get*", "S3:getobject", True),
        ("s3:?*", "s3:", False),
        ("s3:Get.bject", "s3:GetObject", False),
        ("arn:aws:s3:::a", "arn:aws:s3:::ab", False),
        ("*", "", True),
        ("a*c*e", "abcde", True),
    ],
)
def test_patterns_match_as_in_iam(pattern: str, text: str, fits: bool) -> None:
    assert matches(pattern, text) is fits


def test_an_empty_document_is_nothing(phase: Phase) -> None:
    program = Program()
    program.add(kinds.IAM_POLICY, "empty", policy="")
    assert outcomes(program, phase, STAR) == {"empty": Outcome.PASS}
