"""What cases cannot show: resources that exist already, and the arithmetic of ordered entries."""

from typing import Any

import pytest
from guardrails import kinds
from guardrails.addresses import coverage, first_match
from guardrails.config import Config
from guardrails.verdicts import PACKS, Outcome

from tests.gathered import for_each
from tests.policy.graphs import Phase, Program, complaints, only

CONFLICT = "sg-no-rule-management-conflict"
EVERYTHING = Config(packs=frozenset(PACKS))
WORLD = "0.0.0.0/0"


@pytest.fixture
def program() -> Program:
    program = Program()
    group = program.add(kinds.SECURITY_GROUP, "web")
    program.add(kinds.SECURITY_GROUP, "app")
    inputs = {"securityGroupId": group.id, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    program.add(kinds.INGRESS_RULE, "in", **inputs, cidrIpv4=WORLD)
    program.add(kinds.INGRESS_RULE, "app-in", **inputs, referencedSecurityGroupId=program["app"].id)
    return program


def block(**parts: Any) -> dict[str, Any]:
    return {"protocol": "tcp", "fromPort": 443, "toPort": 443} | parts


def test_what_aws_repeats_of_rule_resources_is_no_inline_rule(program: Program) -> None:
    program["web"].inputs["ingress"] = [block(cidrBlocks=[WORLD], securityGroups=[program["app"].id])]
    assert complaints(program, "update", CONFLICT, EVERYTHING) == {}, "a refresh puts them into the group's state"
    assert complaints(program, "preview", CONFLICT, EVERYTHING) == {"web": Outcome.VIOLATION}, "nothing to repeat yet"


@for_each(
    "more",
    [
        block(cidrBlocks=["10.0.0.0/8"]),
        block(cidrBlocks=[WORLD], fromPort=80, toPort=80),
        block(cidrBlocks=[WORLD], protocol="udp"),
        block(securityGroups=["sg-1"]),
        block(prefixListIds=["pl-1a2b"]),
        block(self=True),
    ],
    changes=["program"],
)
def test_an_inline_rule_that_no_rule_resource_declares_is_one(
    program: Program, phase: Phase, more: dict[str, Any]
) -> None:
    program["web"].inputs["ingress"] = [block(cidrBlocks=[WORLD]), more]
    assert complaints(program, phase, CONFLICT, EVERYTHING) == {"web": Outcome.VIOLATION}


def test_a_rule_of_the_other_direction_is_not_repeated(program: Program) -> None:
    program["web"].inputs["egress"] = [block(cidrBlocks=[WORLD])]
    assert complaints(program, "update", CONFLICT, EVERYTHING) == {"web": Outcome.VIOLATION}


def test_a_web_acl_without_rules_is_told_from_one_without_that_group(phase: Phase) -> None:
    program = Program()
    acl = program.add(kinds.WEB_ACL, "acl")
    assert only(program, phase, "waf-has-rules", EVERYTHING).finding.says == "it has no rule"
    acl.inputs["rules"] = [{"name": "rate", "statement": {"rateBasedStatement": {"limit": 1000}}}]
    assert "AWSManagedRulesKnownBadInputsRuleSet" in only(program, phase, "waf-has-rules", EVERYTHING).finding.says


@for_each(
    "rules, share",
    [
        ([], 0),
        ([(True, WORLD)], 1),
        ([(False, WORLD), (True, WORLD)], 0),
        ([(True, WORLD), (False, WORLD)], 1),
        ([(False, "0.0.0.0/1"), (True, WORLD)], coverage(("128.0.0.0/1",))),
        ([(False, "128.0.0.0/1"), (True, WORLD)], coverage(("0.0.0.0/1",))),
        ([(False, "64.0.0.0/2"), (True, WORLD)], coverage(("0.0.0.0/2", "128.0.0.0/1"))),
        ([(True, "0.0.0.0/2"), (True, "0.0.0.0/1")], coverage(("0.0.0.0/1",))),
        ([(False, "0.0.0.0/2"), (True, "0.0.0.0/1"), (False, "0.0.0.0/1")], coverage(("64.0.0.0/2",))),
        ([(True, "10.0.0.0/8")], 0),
        ([(False, WORLD), (True, "::/0")], 1),
        ([(False, "::/0"), (True, WORLD)], 1),
        ([(False, "::/0"), (True, "2000::/4")], 0),
    ],
)
def test_the_first_range_that_holds_an_address_decides(rules: list[tuple[bool, str]], share: float) -> None:
    assert first_match(tuple(rules)) == pytest.approx(share)
