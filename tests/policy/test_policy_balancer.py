"""HTTP does nothing but redirect."""

from typing import Any

import pytest
from guardrails import kinds
from guardrails.verdicts import Outcome

from tests.gathered import for_each
from tests.policy.graphs import Derived, Phase, Program, complaints, only
from tests.policy.houses import tiers

HTTPS = "lb-https-only"
FORWARD = {"type": "forward", "targetGroupArn": "arn:aws:tg"}
TO_HTTPS = {"type": "redirect", "redirect": {"protocol": "HTTPS", "statusCode": "HTTP_301"}}
ALIASES = ["aws:lb", "aws:alb", "aws:elasticloadbalancingv2", "aws:applicationloadbalancing"]


@pytest.fixture
def program() -> Program:
    return tiers()


@for_each(
    "action",
    [
        FORWARD,
        {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain"}},
        {"type": "redirect", "redirect": {"statusCode": "HTTP_301", "host": "x"}},
        {"type": "redirect", "redirect": {"protocol": "#{protocol}", "statusCode": "HTTP_301"}},
        {"type": "redirect", "redirect": {"protocol": "HTTP", "statusCode": "HTTP_301"}},
    ],
    changes=["program"],
)
@for_each("module", ALIASES, changes=["program"])
def test_an_http_listener_that_answers_is_a_violation(
    program: Program, phase: Phase, action: dict[str, Any], module: str
) -> None:
    program["http"].inputs["defaultActions"] = [action]
    program["http"].type = f"{module}/listener:Listener"
    assert complaints(program, phase, HTTPS) == {"http": Outcome.VIOLATION}


@pytest.mark.parametrize("redirect", [TO_HTTPS, {"type": "redirect", "redirect": [{"protocol": "https"}]}])
def test_a_redirect_to_https_is_all_that_http_may_do(program: Program, phase: Phase, redirect: dict[str, Any]) -> None:
    program["http"].inputs["defaultActions"] = [redirect]
    assert complaints(program, phase, HTTPS) == {}
    program["http"].inputs["defaultActions"] = [redirect, FORWARD]
    assert complaints(program, phase, HTTPS) == {"http": Outcome.VIOLATION}


def test_a_rule_on_an_http_listener_is_judged_too(program: Program, phase: Phase) -> None:
    for name, listener in (("leak", "http"), ("fine", "https")):
        program.add(kinds.LISTENER_RULE, name, listenerArn=program[listener].arn, actions=[FORWARD])
    verdict = only(program, phase, HTTPS)
    assert verdict.node.name == "leak"
    assert verdict.finding.path == ("listener http", "listener rule leak")
    assert "fix: set actions=[{" in verdict.message()
    assert "default_actions" not in verdict.message(), "a rule has no such argument"


def test_the_fix_for_a_listener_names_the_argument_that_it_has(program: Program, phase: Phase) -> None:
    program["http"].inputs["defaultActions"] = [FORWARD]
    assert "fix: set default_actions=[{" in only(program, phase, HTTPS).message()


def test_without_a_protocol_an_application_balancer_speaks_http(program: Program, phase: Phase) -> None:
    program["http"].inputs = {"loadBalancerArn": program["lb"].arn, "port": 80, "defaultActions": [FORWARD]}
    assert complaints(program, phase, HTTPS) == {"http": Outcome.VIOLATION}
    program["lb"].inputs["loadBalancerType"] = "gateway"
    assert complaints(program, phase, HTTPS) == {}


def test_network_protocols_are_not_http(program: Program, phase: Phase) -> None:
    program["http"].inputs |= {"protocol": "TCP", "defaultActions": [FORWARD]}
    assert complaints(program, phase, HTTPS) == {}


def test_a_rule_on_a_foreign_listener_is_undecided_unless_it_redirects(program: Program, phase: Phase) -> None:
    program.add(kinds.LISTENER_RULE, "foreign", listenerArn="arn:aws:listener/x", actions=[FORWARD])
    program.add(kinds.LISTENER_RULE, "foreign-redirect", listenerArn="arn:aws:listener/x", actions=[TO_HTTPS])
    assert complaints(program, phase, HTTPS) == {"foreign": Outcome.UNDECIDED}


def test_derived_actions_are_undecided_until_the_update(program: Program) -> None:
    program["http"].inputs["defaultActions"] = Derived((program["lb"].arn,), lambda _: [FORWARD])
    assert complaints(program, "preview", HTTPS) == {"http": Outcome.UNDECIDED}
    assert complaints(program, "update", HTTPS) == {"http": Outcome.VIOLATION}


@pytest.mark.parametrize("module", ["aws:elb", "aws:elasticloadbalancing"])
def test_a_classic_load_balancer_may_not_speak_http_at_all(program: Program, phase: Phase, module: str) -> None:
    secure = {"lbPort": 443, "lbProtocol": "https", "instancePort": 80, "instanceProtocol": "http"}
    program.add(f"{module}/loadBalancer:LoadBalancer", "classic", listeners=[secure])
    assert complaints(program, phase, HTTPS) == {}
    program["classic"].inputs["listeners"] = [secure, secure | {"lbPort": 80, "lbProtocol": "http"}]
    assert complaints(program, phase, HTTPS) == {"classic": Outcome.VIOLATION}


@pytest.mark.parametrize("unknown", ["list", "element", "protocol"])
def test_derived_listeners_of_a_classic_load_balancer_are_undecided_until_the_update(
    program: Program, unknown: str
) -> None:
    arn = program["lb"].arn
    shapes: dict[str, Any] = {
        "list": Derived((arn,), lambda _: [{"lbProtocol": "http"}]),
        "element": [Derived((arn,), lambda _: {"lbProtocol": "http"})],
        "protocol": [{"lbProtocol": Derived((arn,), lambda _: "http")}],
    }
    program.add(kinds.CLASSIC_LOAD_BALANCER, "classic", listeners=shapes[unknown])
    assert complaints(program, "preview", HTTPS) == {"classic": Outcome.UNDECIDED}
    assert complaints(program, "update", HTTPS) == {"classic": Outcome.VIOLATION}
