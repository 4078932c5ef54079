"""Security groups: all four forms of a rule, in all spellings."""

from collections.abc import Callable
from typing import Any

import pytest
from guardrails import kinds
from guardrails.config import Config
from guardrails.verdicts import Outcome

from tests.gathered import for_each
from tests.policy.graphs import Derived, Elsewhere, Phase, Program, complaints, only, outcomes
from tests.policy.houses import WORLD

ADMIN = "sg-no-public-admin-port"
DATABASE = "sg-no-public-db-port"
EVERYTHING = "sg-no-public-all-ports"
SPLIT = "sg-split-cidr"
Form = Callable[..., str]


@pytest.fixture
def program() -> Program:
    program = Program()
    program.add(kinds.SECURITY_GROUP, "group")
    return program


def inline(program: Program, *cidrs: str, **rule: Any) -> str:
    block = {"protocol": "tcp", "cidrBlocks": list(cidrs)} | rule
    program["group"].inputs.setdefault("ingress", []).append(block)
    return "group"


def classic(program: Program, *cidrs: str, **rule: Any) -> str:
    name = f"rule-{len(program.resources)}"
    inputs = {"type": "ingress", "protocol": "tcp", "cidrBlocks": list(cidrs)} | rule
    program.add(kinds.SECURITY_GROUP_RULE, name, securityGroupId=program["group"].id, **inputs)
    return name


def modern(program: Program, cidr: str, **rule: Any) -> str:
    name = f"rule-{len(program.resources)}"
    if "protocol" in rule:
        rule["ipProtocol"] = rule.pop("protocol")
    if "ipv6CidrBlocks" in rule:
        rule["cidrIpv6"] = rule.pop("ipv6CidrBlocks")[0]
    inputs = {"ipProtocol": "tcp", "cidrIpv4": cidr or None} | rule
    program.add(kinds.INGRESS_RULE, name, securityGroupId=program["group"].id, **inputs)
    return name


FORMS = for_each("form", [inline, classic, modern], name=lambda form: form.__name__, changes=["program"])


@FORMS
@for_each(
    "rule",
    [
        {"fromPort": 22, "toPort": 22},
        {"fromPort": 20, "toPort": 25},
        {"fromPort": 0, "toPort": 65535},
        {"protocol": "6", "fromPort": 22, "toPort": 22},
        {"protocol": "TCP", "fromPort": 22, "toPort": 22},
        {"protocol": "-1", "fromPort": 0, "toPort": 0},
        {"protocol": "all", "fromPort": -1, "toPort": -1},
        {"protocol": "17", "fromPort": 3389, "toPort": 3389},
    ],
    changes=["program"],
)
def test_an_admin_port_open_to_the_world_is_found(program: Program, phase: Phase, form: Form, rule: Any) -> None:
    name = form(program, WORLD, **rule)
    assert complaints(program, phase, ADMIN) == {name: Outcome.VIOLATION}


@FORMS
@for_each(
    "rule",
    [
        {"fromPort": 443, "toPort": 443},
        {"fromPort": 23000, "toPort": 23010},
        {"protocol": "udp", "fromPort": 22, "toPort": 22},
        {"protocol": "icmp", "fromPort": -1, "toPort": -1},
        {"protocol": "50"},
    ],
    changes=["program"],
)
def test_other_ports_and_protocols_are_no_admin_port(program: Program, phase: Phase, form: Form, rule: Any) -> None:
    form(program, WORLD, **rule)
    assert complaints(program, phase, ADMIN) == {}


@FORMS
@for_each(
    "cidr", ["10.0.0.0/8", "192.168.0.0/16", "198.51.100.7/32", "10.0.0.0/23", "172.16.0.0/12"], changes=["program"]
)
def test_narrow_and_private_sources_pass(program: Program, phase: Phase, form: Form, cidr: str) -> None:
    form(program, cidr, fromPort=22, toPort=22)
    for control in (ADMIN, SPLIT, DATABASE, EVERYTHING):
        assert complaints(program, phase, control) == {}


@FORMS
@for_each("cidr", ["::/0", "0:0:0:0:0:0:0:0/0", "0000::/0", "2000::/3"], changes=["program"])
def test_every_spelling_of_the_ipv6_world_is_the_world(program: Program, phase: Phase, form: Form, cidr: str) -> None:
    sources = {"ipv6CidrBlocks": [cidr]}
    name = (
        modern(program, "", fromPort=22, toPort=22, **sources)
        if form is modern
        else form(program, fromPort=22, toPort=22, **sources)
    )
    assert complaints(program, phase, ADMIN) == {name: Outcome.VIOLATION}


def test_the_message_names_ports_and_ranges_and_nothing_else(program: Program, phase: Phase) -> None:
    inline(program, WORLD, fromPort=22, toPort=22, description="hunter2")
    message = only(program, phase, ADMIN).message()
    assert message.splitlines() == [
        "[sg-no-public-admin-port] violation: administration is open to the world: tcp port 22, from 0.0.0.0/0",
        "resource: group (aws:ec2/securityGroup:SecurityGroup)",
        "path: security group group",
        (
            "fix: let in a group (referenced_security_group_id, inline security_groups) or a private range (cidr_ipv4,"
            " inline cidr_blocks), or drop the rule and use Session Manager"
        ),
        "references: EC2.13, EC2.14, EC2.19, CIS 5.3, CIS 5.4, CIS 5.1.2, CKV_AWS_24, CKV_AWS_25, AWS-0107",
    ]


def test_a_self_rule_does_not_hide_the_next_one(program: Program, phase: Phase) -> None:
    inline(program, self=True, protocol="-1")
    inline(program, WORLD, fromPort=22, toPort=22)
    assert complaints(program, phase, ADMIN) == {"group": Outcome.VIOLATION}


def test_a_prefix_list_does_not_hide_the_range_beside_it(program: Program, phase: Phase) -> None:
    inline(program, WORLD, fromPort=22, toPort=22, prefixListIds=["pl-1"])
    assert complaints(program, phase, ADMIN) == {"group": Outcome.VIOLATION}


def test_a_referenced_group_is_no_public_source(program: Program, phase: Phase) -> None:
    other = program.add(kinds.SECURITY_GROUP, "other")
    modern(program, "", protocol="-1", referencedSecurityGroupId=other.id)
    for control in (ADMIN, DATABASE, EVERYTHING, SPLIT):
        assert complaints(program, phase, control) == {}


def test_egress_is_not_ingress(program: Program, phase: Phase) -> None:
    program["group"].inputs["egress"] = [{"protocol": "-1", "cidrBlocks": [WORLD]}]
    classic(program, WORLD, type="egress", protocol="-1")
    program.add(kinds.EGRESS_RULE, "out", securityGroupId=program["group"].id, ipProtocol="-1", cidrIpv4=WORLD)
    for control in (ADMIN, DATABASE, EVERYTHING, SPLIT):
        assert complaints(program, phase, control) == {}


@FORMS
def test_a_database_port_open_to_the_world_is_found(program: Program, phase: Phase, form: Form) -> None:
    name = form(program, WORLD, fromPort=5432, toPort=5432)
    assert complaints(program, phase, DATABASE) == {name: Outcome.VIOLATION}
    assert complaints(program, phase, ADMIN) == {}


@FORMS
@for_each(
    "rule, verdict",
    [
        ({"protocol": "-1"}, Outcome.VIOLATION),
        ({"fromPort": 1024, "toPort": 65535}, Outcome.VIOLATION),
        ({"fromPort": 8000, "toPort": 8010}, Outcome.PASS),
        ({"protocol": "icmp", "fromPort": -1, "toPort": -1}, Outcome.PASS),
    ],
    changes=["program"],
)
def test_all_ports_means_all_or_nearly_all(
    program: Program, phase: Phase, form: Form, rule: Any, verdict: Outcome
) -> None:
    name = form(program, WORLD, **rule)
    assert outcomes(program, phase, EVERYTHING)[name] is verdict


HALVES = ("0.0.0.0/1", "128.0.0.0/1")


@pytest.mark.parametrize("control", [ADMIN, SPLIT])
def test_two_halves_in_one_block_are_the_world(program: Program, phase: Phase, control: str) -> None:
    inline(program, *HALVES, fromPort=22, toPort=22)
    assert complaints(program, phase, control) == {"group": Outcome.VIOLATION}


QUARTERS = ("0.0.0.0/3", "32.0.0.0/3", "64.0.0.0/3", "96.0.0.0/3")


@pytest.mark.parametrize("form", [classic, modern])
def test_small_shares_in_several_resources_add_up(program: Program, phase: Phase, form: Form) -> None:
    names = [form(program, cidr, fromPort=22, toPort=22) for cidr in QUARTERS]
    assert complaints(program, phase, ADMIN) == {"group": Outcome.VIOLATION}
    verdict = only(program, phase, SPLIT)
    assert verdict.node.name == "group"
    assert verdict.finding.path == ("security group group", *(f"rule {name}" for name in names))


def test_shares_of_different_ports_do_not_add_up(program: Program, phase: Phase) -> None:
    for port, cidr in zip((22, 23, 3389), QUARTERS, strict=False):
        modern(program, cidr, fromPort=port, toPort=port)
    assert complaints(program, phase, ADMIN) == {}
    assert complaints(program, phase, SPLIT) == {}


def test_shares_of_different_groups_do_not_add_up(program: Program, phase: Phase) -> None:
    other = program.add(kinds.SECURITY_GROUP, "other")
    for cidr in QUARTERS:
        name = modern(program, cidr, fromPort=22, toPort=22)
        if cidr.startswith(("32.", "64.")):
            program[name].inputs["securityGroupId"] = other.id
    assert complaints(program, phase, ADMIN, Config(values={"publicCoverage": 0.5})) == {}


def test_shares_of_a_foreign_group_add_up_and_are_reported_once(program: Program, phase: Phase) -> None:
    names = [modern(program, cidr, fromPort=22, toPort=22) for cidr in QUARTERS]
    for name in names:
        program[name].inputs["securityGroupId"] = "sg-0a1b2c3d"
    assert complaints(program, phase, ADMIN) == {names[0]: Outcome.VIOLATION}


def test_an_authorised_port_may_face_the_world_in_pieces(program: Program, phase: Phase) -> None:
    inline(program, *HALVES, fromPort=443, toPort=443)
    assert complaints(program, phase, SPLIT) == {}
    assert complaints(program, phase, SPLIT, Config(values={"allowedPublicPorts": frozenset()})) == {
        "group": Outcome.VIOLATION
    }


def test_a_range_that_starts_with_an_authorised_port_is_still_seen(program: Program, phase: Phase) -> None:
    inline(program, *HALVES, fromPort=443, toPort=450)
    assert "tcp port 444" in only(program, phase, SPLIT).finding.says


def test_a_whole_world_source_is_no_split(program: Program, phase: Phase) -> None:
    inline(program, WORLD, "0.0.0.0/1", fromPort=8080, toPort=8080)
    assert complaints(program, phase, SPLIT) == {}


def test_an_unknown_range_is_undecided_until_the_update(program: Program) -> None:
    lookup = program.add("aws:ssm/parameter:Parameter", "office")
    modern(program, Derived((lookup.out("value"),), lambda _: "198.51.100.0/24"), fromPort=22, toPort=22)  # type: ignore[arg-type]
    verdict = only(program, "preview", ADMIN)
    assert verdict.finding.outcome is Outcome.UNDECIDED
    assert "parameter office" in verdict.finding.says
    assert complaints(program, "update", ADMIN) == {}


def test_an_unknown_range_on_another_port_decides_nothing_here(program: Program, phase: Phase) -> None:
    modern(program, Elsewhere(WORLD), fromPort=443, toPort=443)  # type: ignore[arg-type]
    assert complaints(program, phase, ADMIN) == {}


def test_the_address_of_a_network_or_an_elastic_ip_is_never_the_world(program: Program, phase: Phase) -> None:
    vpc, eip = program.add(kinds.VPC, "vpc", cidrBlock=Elsewhere("10.0.0.0/16")), program.add(kinds.EIP, "eip")
    modern(program, vpc.out("cidrBlock"), fromPort=22, toPort=22)  # type: ignore[arg-type]
    modern(program, Derived((eip.out("publicIp"),), lambda _: "198.51.100.9/32"), fromPort=22, toPort=22)  # type: ignore[arg-type]
    assert complaints(program, phase, ADMIN) == {}


def test_unknown_ports_matter_only_for_public_sources(program: Program) -> None:
    source = program.add("aws:ssm/parameter:Parameter", "port")
    port = Derived((source.out("value"),), lambda _: 443)
    name = modern(program, WORLD, fromPort=port, toPort=port)
    modern(program, "10.0.0.0/8", fromPort=port, toPort=port)
    assert complaints(program, "preview", ADMIN) == {name: Outcome.UNDECIDED}
    assert complaints(program, "update", ADMIN) == {}


def test_inline_rules_that_are_unknown_as_a_whole_are_undecided_when_derived(program: Program) -> None:
    other = program.add(kinds.SECURITY_GROUP, "other")
    program["group"].inputs["ingress"] = Derived((other.id,), lambda _: [])
    assert complaints(program, "preview", ADMIN) == {"group": Outcome.UNDECIDED}
    assert complaints(program, "update", ADMIN) == {}


def test_inline_rules_derived_from_a_resource_that_is_only_read_are_undecided(program: Program) -> None:
    read = program.add("aws:ssm/parameter:Parameter", "read")
    open_to_all = [{"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": [WORLD]}]
    program["group"].inputs["ingress"] = Derived((read.out("value"),), lambda _: open_to_all)
    del program["read"]
    assert complaints(program, "preview", ADMIN) == {"group": Outcome.UNDECIDED}
    assert complaints(program, "update", ADMIN) == {"group": Outcome.VIOLATION}


def test_inline_rules_that_nobody_set_are_none(program: Program) -> None:
    assert outcomes(program, "preview", ADMIN) == {"group": Outcome.PASS}, "unknown without a source: not set"


def test_a_foreign_prefix_list_is_undecided_unless_the_configuration_knows_it(program: Program, phase: Phase) -> None:
    name = modern(program, "", fromPort=22, toPort=22, prefixListId="pl-3b927c52")
    assert complaints(program, phase, ADMIN) == {name: Outcome.UNDECIDED}
    trusted = Config(values={"managedPrefixLists": {"pl-3b927c52": "CloudFront"}})
    assert complaints(program, phase, ADMIN, trusted) == {}


@pytest.mark.parametrize("standalone", [False, True])
@pytest.mark.parametrize(("cidrs", "verdict"), [(HALVES, Outcome.VIOLATION), (("10.0.0.0/8",), Outcome.PASS)])
def test_a_prefix_list_of_the_program_is_read(
    program: Program, phase: Phase, cidrs: tuple[str, ...], verdict: Outcome, standalone: bool
) -> None:
    entries = [{"cidr": cidr} for cidr in cidrs]
    made = program.add(kinds.PREFIX_LIST, "list", **({} if standalone else {"entries": entries}))
    for index, cidr in enumerate(cidrs if standalone else ()):
        program.add(kinds.PREFIX_LIST_ENTRY, f"entry-{index}", prefixListId=made.id, cidr=cidr)
    name = modern(program, "", fromPort=22, toPort=22, prefixListId=made.id)
    assert outcomes(program, phase, ADMIN)[name] is verdict


@pytest.mark.parametrize("control", [ADMIN, SPLIT])
def test_a_text_that_is_no_range_is_undecided_and_hides_nothing_beside_it(
    program: Program, phase: Phase, control: str
) -> None:
    bad = inline(program, "hunter2", fromPort=22, toPort=22)
    assert complaints(program, phase, control) == {bad: Outcome.UNDECIDED}
    inline(program, "0.0.0.0/1", "128.0.0.0/1", fromPort=22, toPort=22)
    assert complaints(program, phase, control) == {bad: Outcome.VIOLATION}
    assert not [v for v in program.verdicts(phase) if "hunter2" in v.message()]
