"""Policy documents in every form, and the one that allows everything."""

import json
from typing import Any

import pytest
from guardrails import kinds
from guardrails.documents import Statement, _compiled, matches, read
from guardrails.verdicts import Outcome

from tests.gathered import for_each
from tests.policy.graphs import Derived, Elsewhere, Phase, Program, complaints, json_of, only, outcomes
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


@for_each(
    "kind",
    [kinds.IAM_POLICY, kinds.IAM_ROLE_POLICY, kinds.IAM_USER_POLICY, kinds.IAM_GROUP_POLICY, kinds.IOT_POLICY],
    changes=["program"],
)
@for_each("as_text", [True, False], changes=["program"])
def test_every_carrier_is_read_as_text_and_as_block(program: Program, phase: Phase, kind: str, as_text: bool) -> None:
    document = {"Version": "2012-10-17", "Statement": [ADMIN]}
    program.add(kind, "admin", policy=json.dumps(document) if as_text else document)
    assert complaints(program, phase, STAR) == {"admin": Outcome.VIOLATION}


@for_each("kind", ["aws:organizations/policy:Policy"], changes=["program"])
def test_a_policy_of_an_organisation_gives_nothing_and_is_no_grant(program: Program, phase: Phase, kind: str) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": [ADMIN]})
    program.add(kind, "full-access", type="SERVICE_CONTROL_POLICY", content=document)
    judged = {verdict.control.id for verdict in program.verdicts(phase) if verdict.node.name == "full-access"}
    assert judged
    assert not [control for control in judged if control.startswith("iam-")]


def test_inline_policies_of_a_role_are_read(program: Program, phase: Phase) -> None:
    blocks = [{"name": "x", "policy": json.dumps({"Statement": [ADMIN]})}]
    program["web-task"].inputs["inlinePolicies"] = blocks
    assert complaints(program, phase, STAR) == {"web-task": Outcome.VIOLATION}


@for_each(
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
    changes=["program"],
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


@pytest.mark.parametrize("text", ["hunter2", '["hunter2"]'])
def test_a_document_that_is_no_json_is_undecided_without_its_text(program: Program, phase: Phase, text: str) -> None:
    program.add(kinds.IAM_POLICY, "broken", policy=text)
    verdict = only(program, phase, STAR)
    assert verdict.finding.outcome is Outcome.UNDECIDED, "AWS refuses it, so there is nothing to violate"
    assert "the policy document, which is no JSON object" in verdict.message()
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
    {"StringLike": {"aws:userid": "AROAEXAMPLEID:*"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:acme-files"}},
    {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}},
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
    {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}},
    {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
    {"StringLike": {"aws:SourceVpce": "vpce-*"}},
    {"StringLike": {"aws:SourceVpc": "vpc-?*"}},
    {"StringLike": {"aws:PrincipalOrgPaths": "o-*/r-1/"}},
    {"StringLike": {"aws:userid": "*:session"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:topic"}},
    {"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}},
    {"StringEquals": {"aws:PrincipalOrgID": []}},
    {"Bool": {"aws:SecureTransport": "true"}},
]


@for_each("condition", PINS)
def test_conditions_that_narrow_everyone_to_somebody(condition: dict[str, Any]) -> None:
    assert parsed(statement(Principal="*", Action="s3:*", Resource="*", Condition=condition)).pinned() is True


@for_each("condition", NO_PINS)
def test_conditions_that_narrow_nothing(condition: dict[str, Any]) -> None:
    assert parsed(statement(Principal="*", Action="s3:*", Resource="*", Condition=condition)).pinned() is False


@pytest.mark.parametrize("hidden", ["condition", "operator"])
def test_a_condition_that_is_unknown_may_narrow(hidden: str) -> None:
    program = Program()
    endpoint = program.add(kinds.VPC_ENDPOINT, "endpoint")
    unknown = Derived((endpoint.id,), lambda made: {"aws:SourceVpce": made})
    condition: Any = {"StringEquals": unknown}
    if hidden == "condition":
        condition = Derived((endpoint.id,), lambda made: {"StringEquals": {"aws:SourceVpce": made}})
    open_statement = statement(Principal="*", Action="s3:*", Resource="*", Condition=condition)
    program.add(kinds.BUCKET_POLICY, "policy", policy={"Statement": [open_statement]})
    assert complaints(program, "preview", "s3-no-public-policy") == {"policy": Outcome.UNDECIDED}
    assert complaints(program, "update", "s3-no-public-policy") == {}


@pytest.mark.parametrize("part", ["principal", "address"])
def test_an_unknown_principal_or_address_is_undecided_until_the_update(part: str) -> None:
    program = Program()
    source = program.add("aws:ssm/parameter:Parameter", "who")
    known = {"Principal": {"AWS": "*"}, "Condition": {"IpAddress": {"aws:SourceIp": ["198.51.100.0/24"]}}}
    if part == "principal":
        known = {"Principal": {"AWS": [Derived((source.out("value"),), lambda _: "*")]}}
    else:
        unknown = Derived((source.out("value"),), lambda _: "0.0.0.0/0")
        known["Condition"]["IpAddress"]["aws:SourceIp"].append(unknown)  # type: ignore[index]
    statements = [statement(Action="s3:*", Resource="*") | known]
    program.add(kinds.BUCKET_POLICY, "policy", policy={"Statement": statements})
    assert complaints(program, "preview", "s3-no-public-policy") == {"policy": Outcome.UNDECIDED}
    assert complaints(program, "update", "s3-no-public-policy") == {"policy": Outcome.VIOLATION}


@pytest.mark.parametrize("shape", ["block", "text"])
def test_a_principal_that_is_unknown_as_a_whole_is_undecided_until_the_update(shape: str) -> None:
    program = Program()
    source = program.add("aws:ssm/parameter:Parameter", "who")
    principal = Derived((source.out("value"),), lambda _: {"AWS": "*"} if shape == "block" else "*")
    public = statement(Action="s3:*", Resource="*", Principal=principal)
    program.add(kinds.BUCKET_POLICY, "policy", policy={"Statement": [public]})
    assert complaints(program, "preview", "s3-no-public-policy") == {"policy": Outcome.UNDECIDED}
    assert complaints(program, "update", "s3-no-public-policy") == {"policy": Outcome.VIOLATION}


@pytest.mark.parametrize("control", [STAR, "s3-no-public-policy", "iam-no-notaction-allow"])
def test_an_unknown_effect_is_undecided(control: str) -> None:
    program = Program()
    source = program.add("aws:ssm/parameter:Parameter", "effect")
    kind = kinds.BUCKET_POLICY if control.startswith("s3") else kinds.IAM_POLICY
    parts = {"NotAction": "iam:*"} if "notaction" in control else {"Action": "*", "Principal": "*"}
    effect = Derived((source.out("value"),), lambda _: "Deny")
    program.add(kind, "policy", policy={"Statement": [{"Effect": effect, "Resource": "*"} | parts]})
    assert complaints(program, "preview", control) == {"policy": Outcome.UNDECIDED}
    assert complaints(program, "update", control) == {}


NOT_ACTION = "iam-no-notaction-allow"


@pytest.mark.parametrize("parts", [{"NotAction": "iam:*", "Resource": "*"}, {"Action": "s3:*", "NotResource": ["a"]},
                                   {"not_actions": ["iam:*"], "resources": ["*"]}])  # fmt: skip
def test_an_allowance_by_what_is_left_out_is_a_violation(program: Program, phase: Phase, parts: dict[str, Any]) -> None:
    program.add(kinds.IAM_POLICY, "nearly", policy=json.dumps({"Statement": {"Effect": "Allow"} | parts}))
    assert complaints(program, phase, NOT_ACTION) == {"nearly": Outcome.VIOLATION}
    program["nearly"].inputs["policy"] = json.dumps({"Statement": {"Effect": "Deny"} | parts})
    assert complaints(program, phase, NOT_ACTION) == {}, "a denial of all but a few is how boundaries are written"


MANAGED = "iam-no-managed-admin"
ATTACHMENTS = [
    (kinds.IAM_ROLE, "managedPolicyArns"),
    (kinds.IAM_ROLE_ATTACHMENT, "policyArn"),
    (kinds.IAM_USER_ATTACHMENT, "policyArn"),
    (kinds.IAM_GROUP_ATTACHMENT, "policyArn"),
    (kinds.IAM_POLICY_ATTACHMENT, "policyArn"),
    (kinds.IAM_ROLE_ATTACHMENTS, "policyArns"),
    (kinds.PERMISSION_SET_ATTACHMENT, "managedPolicyArn"),
]


@for_each("kind, key", ATTACHMENTS, changes=["program"])
@for_each(
    "arn, verdict",
    [
        ("arn:aws:iam::aws:policy/AdministratorAccess", Outcome.VIOLATION),
        ("arn:aws-us-gov:iam::aws:policy/IAMFullAccess", Outcome.VIOLATION),
        ("arn:aws:iam::aws:policy/PowerUserAccess", Outcome.VIOLATION),
        ("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy", Outcome.PASS),
        ("arn:aws:iam::111122223333:policy/deploy", Outcome.PASS),
    ],
    changes=["program"],
)
def test_the_policies_of_administrators_are_attached_to_nothing(
    program: Program, phase: Phase, kind: str, key: str, arn: str, verdict: Outcome
) -> None:
    plural = key.endswith("s")
    program.add(kind, "attached", **{key: ["arn:aws:iam::aws:policy/ReadOnlyAccess", arn] if plural else arn})
    assert outcomes(program, phase, MANAGED)["attached"] is verdict


def test_an_attached_policy_of_the_program_is_judged_where_it_is_written(program: Program, phase: Phase) -> None:
    made = program.add(kinds.IAM_POLICY, "made", policy=json.dumps({"Statement": []}))
    program.add(kinds.IAM_ROLE_ATTACHMENT, "attached", policyArn=made.arn)
    assert complaints(program, phase, MANAGED) == {}


def test_an_attached_policy_from_elsewhere_is_undecided_until_the_update(program: Program) -> None:
    source = program.add("aws:ssm/parameter:Parameter", "arn")
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    program.add(kinds.IAM_ROLE_ATTACHMENT, "attached", policyArn=Elsewhere(admin))
    assert complaints(program, "preview", MANAGED) == {"attached": Outcome.UNDECIDED}, "an edge may be lost"
    program["attached"].inputs["policyArn"] = Derived((source.out("value"),), lambda _: admin)
    assert complaints(program, "preview", MANAGED) == {"attached": Outcome.UNDECIDED}
    assert complaints(program, "update", MANAGED) == {"attached": Outcome.VIOLATION}


@for_each(
    "principal, everyone",
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


@for_each(
    "pattern, text, fits",
    [
        ("s3:Get*", "S3:getobject", True),
        ("s3:?*", "s3:", False),
        ("s3:Get.bject", "s3:GetObject", False),
        ("arn:aws:s3:::a", "arn:aws:s3:::ab", False),
        ("*", "", True),
        ("a*c*e", "abcde", True),
        ("S3:GET**", "s3:getobject", True),
        ("s3:get*", "s3:ge", False),
        ("s3:get", "s3:getobject", False),
        ("", "", True),
        ("", "a", False),
        ("a*", "a\nb", True),
        ("a", "a\n", False),
        ("s3:*", "\u017f3:a", True),
        ("\u212a*", "kms", True),
    ],
)
def test_patterns_match_as_in_iam(pattern: str, text: str, fits: bool) -> None:
    assert matches(pattern, text) is fits
    assert (_compiled(pattern).match(text) is not None) is fits, "as a regular expression says that has its form"


def test_an_empty_document_is_nothing(phase: Phase) -> None:
    program = Program()
    program.add(kinds.IAM_POLICY, "empty", policy="")
    assert outcomes(program, phase, STAR) == {"empty": Outcome.PASS}
