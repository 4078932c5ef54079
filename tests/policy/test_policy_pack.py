"""The pack between Pulumi and the controls: levels, one report for each finding, configuration, faults."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from guardrails import kinds
from guardrails.config import POLICY, Config, ConfigError, parse, schema
from guardrails.controls import CONTROLS
from guardrails.graph import Node
from guardrails.pack import ADVISORY_POLICY, REMEDY_POLICY, STACK_POLICY
from guardrails.parameters import PUBLIC_COVERAGE, PUBLIC_PORTS
from guardrails.verdicts import BASELINE, HOLDS, Control, Finding, Level, Outcome, Scope, Severity, View, breaks

from tests.gathered import for_each
from tests.policy.driven import Pack
from tests.policy.graphs import PHASES, Phase, Program
from tests.policy.houses import everything, role, statement, tiers

CONFIGS = Path(__file__).parents[2] / "policy" / "config"


def firsts(messages: list[str]) -> list[str]:
    return [message.split(":", 1)[0] for message in messages]


def broken() -> Program:
    program = tiers()
    program["writer"].inputs["publiclyAccessible"] = True
    del program["default"]
    return program


@pytest.mark.parametrize("phase", PHASES)
def test_a_compliant_program_is_met_with_silence(phase: Phase) -> None:
    assert Pack().run(everything(), phase) == {POLICY: [], REMEDY_POLICY: [], STACK_POLICY: [], ADVISORY_POLICY: []}


@pytest.mark.parametrize("phase", PHASES)
def test_each_finding_is_reported_once_and_as_early_as_possible(phase: Phase) -> None:
    said = Pack().run(broken(), phase)
    assert firsts(said[POLICY]) == ["[rds-not-publicly-accessible] violation"]
    assert firsts(said[STACK_POLICY]) == ["[default-sg-closed] violation"]
    assert said[ADVISORY_POLICY] == []


def test_a_resource_under_an_old_name_is_stopped_as_early_as_under_its_new_one() -> None:
    for token in (kinds.BUCKET, "aws:s3/bucketV2:BucketV2"):
        program = Program()
        program.add(token, "files", acl="public-read")
        assert firsts(Pack().run(program, "update")[POLICY]) == ["[s3-no-public-acl] violation"]


EXEMPTION = {
    "control": "rds-not-publicly-accessible", "resource": "urn:pulumi:test::program::*::writer",
    "owner": "data@example.com", "reason": "it moves in spring", "expires": "2026-03-31", "ticket": "OPS-1",
}  # fmt: skip


@pytest.mark.parametrize("phase", PHASES)
def test_an_exempted_violation_stops_nothing_and_is_shown_with_its_owner(phase: Phase) -> None:
    said = Pack({"exemptions": [EXEMPTION]}).run(broken(), phase)
    assert said[POLICY] == []
    assert firsts(said[STACK_POLICY]) == ["[default-sg-closed] violation"]
    (message,) = said[ADVISORY_POLICY]
    assert message.startswith("[rds-not-publicly-accessible] exempted: it gets a public address")
    assert "\nexempted: by data@example.com until 2026-03-31, OPS-1: it moves in spring\n" in message


@pytest.mark.parametrize("change", [{"expires": "2026-01-14"}, {"ticket": ""}, {"resource": "*"}])
def test_a_wrong_exemption_exempts_nothing_and_is_a_finding(change: dict[str, str]) -> None:
    said = Pack({"exemptions": [EXEMPTION | change]}).run(broken(), "update")
    assert firsts(said[POLICY]) == ["[rds-not-publicly-accessible] violation"]
    assert firsts(said[STACK_POLICY]) == ["[default-sg-closed] violation", "[exemptions-valid] violation"]
    assert said[ADVISORY_POLICY] == []


def test_the_run_itself_is_judged_once_and_on_the_stack() -> None:
    program = broken()
    root = program.add(kinds.STACK, "program-test")
    said = Pack({"exemptions": [EXEMPTION | {"ticket": ""}]}).run(program, "update")
    (message,) = [m for m in said[STACK_POLICY] if m.startswith("[exemptions-valid]")]
    assert message.endswith(f"urn: {root.urn}")


def test_an_exemption_hides_no_fault_of_a_control() -> None:
    control = replace(failing(Scope.GRAPH), severity=Severity.HIGH)
    said = Pack({"exemptions": [EXEMPTION | {"control": control.id}]}, [control]).run(broken(), "update")
    assert firsts(said[STACK_POLICY]) == ["[always-fails] internal error"]


def test_without_the_resource_calls_the_stack_policy_says_everything() -> None:
    said = Pack().run(broken(), "update", analyze=False)
    assert firsts(said[STACK_POLICY]) == ["[default-sg-closed] violation", "[rds-not-publicly-accessible] violation"]


def test_a_second_run_in_the_same_process_starts_afresh() -> None:
    pack, program = Pack(), broken()
    pack.run(program, "preview")
    program["writer"].inputs["publiclyAccessible"] = False
    said = pack.run(program, "update")
    assert firsts(said[POLICY]) == []
    assert firsts(said[STACK_POLICY]) == ["[default-sg-closed] violation"]


def test_a_finding_that_a_resource_alone_no_longer_shows_is_not_hidden_by_an_earlier_run() -> None:
    pack, program = Pack(), broken()
    pack.run(program, "preview")
    program["writer"].inputs["publiclyAccessible"] = True
    assert firsts(pack.run(program, "update")[POLICY]) == ["[rds-not-publicly-accessible] violation"]


UNREAD = (
    "iam-no-admin-star",
    "iam-no-notaction-allow",
    "iam-no-service-wildcard",
    "iam-no-star-resource-on-mutating",
    "iam-passrole-scoped",
)
"""What waits for a policy document of IAM that cannot be read."""


def test_undecided_is_advice_and_comes_from_the_stack() -> None:
    program = role()
    del program["web"].inputs["statements"]
    said = Pack().run(program, "preview")
    assert (said[POLICY], said[STACK_POLICY]) == ([], [])
    assert firsts(said[ADVISORY_POLICY]) == [f"[{name}] undecided" for name in UNREAD]


def test_undecided_can_be_made_mandatory_or_switched_off() -> None:
    program = role()
    del program["web"].inputs["statements"]
    said = Pack({"undecidedMandatory": ["iam-no-admin-star"]}).run(program, "preview")
    assert firsts(said[STACK_POLICY]) == ["[iam-no-admin-star] undecided"]
    assert firsts(said[ADVISORY_POLICY]) == [f"[{name}] undecided" for name in UNREAD[1:]]
    assert Pack({"undecided": "disabled"}).run(program, "preview")[ADVISORY_POLICY] == []


def test_statements_seen_with_the_component_are_remembered_for_its_policies() -> None:
    program = role()
    program["web"].inputs["statements"].append(statement(Action="*", Resource="*"))
    said = Pack().run(program, "preview")
    (message,) = [text for text in said[STACK_POLICY] if text.startswith("[iam-no-admin-star] violation:")]
    assert said[POLICY] == []
    assert message.endswith(f"urn: {program['web-task-policy'].urn}")
    assert "path: role policy web-task-policy -> statements of web" in message


def test_levels_move_a_control_between_the_policies() -> None:
    advisory = Pack({"levels": {"rds-not-publicly-accessible": "advisory", "default-sg-closed": "disabled"}})
    said = advisory.run(broken(), "update")
    assert (said[POLICY], said[STACK_POLICY]) == ([], [])
    assert firsts(said[ADVISORY_POLICY]) == ["[rds-not-publicly-accessible] violation"]


def fails(node: Node, view: View) -> Iterable[Finding]:
    if node.name == "writer":
        raise ValueError("hunter2")
    yield HOLDS


def failing(scope: Scope) -> Control:
    return Control(
        id="always-fails", title="t", severity=Severity.LOW, scope=scope, subjects=(kinds.DB_CLUSTER_INSTANCE,),
        own_packs=(BASELINE,), why="w", fix="f", judge=fails,
    )  # fmt: skip


@pytest.mark.parametrize(("scope", "policy"), [(Scope.RESOURCE, POLICY), (Scope.GRAPH, STACK_POLICY)])
@pytest.mark.parametrize("phase", PHASES)
def test_a_control_that_fails_is_a_mandatory_finding_and_stops_no_other(
    phase: Phase, scope: Scope, policy: str
) -> None:
    said = Pack(controls=[failing(scope), *CONTROLS]).run(broken(), phase)
    (message,) = [m for m in said[policy] if m.startswith("[always-fails]")]
    assert message.startswith("[always-fails] internal error: ValueError")
    assert "hunter2" not in message, "the text of an exception may repeat a value"
    everything_said = [m for messages in said.values() for m in messages]
    assert len([m for m in everything_said if m.startswith("[always-fails]")]) == 1
    assert "[rds-not-publicly-accessible] violation" in firsts(everything_said)
    assert "[default-sg-closed] violation" in firsts(everything_said)


def yields_then_fails(node: Node, view: View) -> Iterable[Finding]:
    yield breaks("seen before the fault")
    raise RuntimeError


def test_what_a_control_found_before_it_failed_is_kept() -> None:
    control = replace(failing(Scope.GRAPH), judge=yields_then_fails, severity=Severity.HIGH)
    said = Pack(controls=[control]).run(broken(), "update")
    assert firsts(said[STACK_POLICY]) == ["[always-fails] internal error", "[always-fails] violation"]


MISTAKES = [
    ({"levels": {"rds-storage-encryptd": "advisory"}}, "did you mean 'rds-storage-encrypted'"),
    ({"levels": {"rds-storage-encrypted": "warn"}}, "allowed are mandatory, advisory, disabled"),
    ({"levels": []}, "levels: should be an object"),
    ({"level": {}}, "unknown parameter: 'level'; did you mean 'levels'"),
    ({"zzz": 1}, "allowed are accounts, allowedPublicPorts"),
    ({"undecided": "mandatory"}, "undecidedMandatory lists the controls"),
    ({"undecidedMandatory": ["nope"]}, "unknown control in undecidedMandatory: 'nope'"),
    ({"undecidedMandatory": "iam-no-admin-star"}, "undecidedMandatory: should be a list"),
    ({"allowedPublicPorts": [70000]}, "allowedPublicPorts: 70000 is no port"),
    ({"allowedPublicPorts": [True]}, "allowedPublicPorts: True is no port"),
    ({"packs": ["fsb"]}, "unknown pack in packs: 'fsb'; did you mean 'fsbp'"),
    ({"severityLevels": {"severe": "advisory"}}, "unknown severity in severityLevels: 'severe'"),
    ({"minimumBackupDays": 36}, "minimumBackupDays: 36 is no number of days; allowed are whole numbers from 1 to 35"),
    ({"requiredTags": {"owner": 1}}, "requiredTags.owner: 1 is no pattern"),
    ({"requiredTags": {"owner": "(shop"}}, "requiredTags.owner: '(shop' is no pattern"),
    ({"exemptionsFile": 1}, "exemptionsFile: should be a text"),
    ({"publicCoverage": 0}, "publicCoverage: 0 is no share"),
    ({"managedPrefixLists": {"cloudfront": "x"}}, "'cloudfront' is no prefix list id such as pl-3b927c52"),
]


@for_each("raw, says", MISTAKES)
def test_a_wrong_configuration_is_one_mandatory_finding_and_nothing_is_passed(raw: dict[str, Any], says: str) -> None:
    said = Pack(raw).run(broken(), "update")
    (message,) = said[STACK_POLICY]
    assert message.startswith("[pack-config] violation: the configuration of the pack is wrong: ")
    assert says in message
    assert (said[POLICY], said[ADVISORY_POLICY]) == ([], [])


@pytest.mark.parametrize("last", [True, False])
def test_a_wrong_configuration_stops_the_stack_resource_whenever_it_comes(last: bool) -> None:
    program = broken()
    root = program.add("pulumi:pulumi:Stack", "program-test")
    if not last:
        program.resources = {"program-test": root, **program.resources}
    said = Pack({"zzz": 1}).run(program, "update")
    (message,) = said[POLICY]
    assert message.endswith(f"urn: {root.urn}")
    assert (said[STACK_POLICY], said[ADVISORY_POLICY]) == ([], [])


def test_a_wrong_configuration_is_reported_again_by_the_next_run() -> None:
    pack, program = Pack({"zzz": 1}), broken()
    assert [len(pack.run(program, phase)[STACK_POLICY]) for phase in PHASES] == [1, 1]


def test_all_mistakes_come_at_once() -> None:
    with pytest.raises(ConfigError) as raised:
        parse({"zzz": 1, "undecided": "x", "allowedPublicPorts": [-1]}, CONTROLS)
    assert len(str(raised.value).splitlines()) == 3


STRICTER: dict[str, Any] = {
    "protected": {"levels": {"s3-encryption": "mandatory"}, "packs": ["fsbp"]},
    "packs": ["cis-aws-v5"],
}


def test_a_protected_stack_is_stricter_by_configuration_alone() -> None:
    plain, strict = (parse(STRICTER, CONTROLS, stack) for stack in ("dev", "prod"))
    assert (plain.protected, set(plain.packs), dict(plain.levels)) == (False, {"cis-aws-v5"}, {})
    assert (strict.protected, set(strict.packs)) == (True, {"fsbp"})
    assert strict.levels == {"s3-encryption": Level.MANDATORY}
    assert parse({**STRICTER, "protectedStacks": ["live-*"]}, CONTROLS, "live-eu").protected
    assert not parse({**STRICTER, "protectedStacks": ["live-*"]}, CONTROLS, "prod").protected


def test_a_mistake_that_only_a_protected_stack_would_meet_is_found_on_every_stack() -> None:
    mistakes: list[Any] = [{"levels": {"nope": "advisory"}}, {"minimumBackupDays": 99}, {"exemptions": []}, 1]
    for wrong in mistakes:
        with pytest.raises(ConfigError):
            parse({"protected": wrong}, CONTROLS, "dev")


def test_packs_and_severities_select_and_naming_a_control_switches_it_on() -> None:
    by_id = {control.id: control for control in CONTROLS}
    encryption, open_main = by_id["s3-encryption"], by_id["main-route-table-no-igw"]
    fsbp = parse({"packs": ["fsbp"], "severityLevels": {"medium": "mandatory"}}, CONTROLS)
    assert (fsbp.level(encryption), fsbp.level(open_main)) == (Level.MANDATORY, Level.DISABLED)
    named = parse({"packs": ["fsbp"], "levels": {open_main.id: "advisory"}}, CONTROLS)
    assert named.level(open_main) is Level.ADVISORY


def test_what_the_engine_sends_is_read() -> None:
    raw = {"allowedPublicPorts": [8443.0], "publicCoverage": 0.5, "levels": {"s3-encryption": "mandatory"},
           "managedPrefixLists": {"pl-1": "ours"}}  # fmt: skip
    config = parse(raw, CONTROLS)
    assert config[PUBLIC_PORTS] == {8443}, "numbers arrive as floats"
    assert (config[PUBLIC_COVERAGE], config.levels) == (0.5, {"s3-encryption": Level.MANDATORY})
    assert parse({}, CONTROLS) == Config()


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.json")), ids=lambda path: path.stem)
def test_the_committed_configurations_are_valid(path: Path) -> None:
    raw = json.loads(path.read_text())
    assert set(raw) == {POLICY}
    parse(raw[POLICY], CONTROLS)


def test_the_schema_knows_every_control_and_every_parameter() -> None:
    levels = schema(CONTROLS)["levels"]
    assert set(levels["properties"]) == {control.id for control in CONTROLS}
    assert levels["additionalProperties"] is False


@for_each("control", CONTROLS, name=lambda control: control.id)
def test_every_control_says_what_it_is_and_how_to_mend(control: Control) -> None:
    for text in (control.title, control.why, control.fix):
        assert text.strip()
        assert "\n" not in text
    assert control.subjects


def test_a_message_keeps_its_lines_whatever_a_resource_is_called() -> None:
    program = Program()
    program.add(kinds.DB_INSTANCE, "two\nlines", publiclyAccessible=True, storageEncrypted=True)
    (verdict,) = [v for v in program.verdicts("update") if v.control.id == "rds-not-publicly-accessible"]
    lines = verdict.message().splitlines()
    assert [line.split(":")[0] for line in lines[1:]] == ["resource", "path", "fix", "references"]
    assert verdict.finding.outcome is Outcome.VIOLATION
