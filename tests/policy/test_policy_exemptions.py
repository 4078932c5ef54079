"""Where exemptions come from, and what is wrong with some."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from guardrails.config import Config
from guardrails.controls import CONTROLS
from guardrails.exemptions import FILE, STACK_KEY, Exemptions, Source, load, read_early
from guardrails.graph import Graph
from guardrails.run import evaluate
from guardrails.verdicts import BASELINE, COST, PACKS, Level

from tests.gathered import for_each
from tests.policy.cases.kit import BY_ID
from tests.policy.cases.stack import ENTRY, but
from tests.policy.catalogue import ROOT
from tests.policy.graphs import run_of

RUN = run_of("preview")


def loaded(config: Config | None = None, *folders: Path, here: str | None = None) -> Exemptions:
    source = Source(folders, {} if here is None else {STACK_KEY: here})
    return load(config or Config(), source, CONTROLS, RUN)


def said(found: Exemptions) -> str:
    assert found.entries == (), "what is wrong exempts nothing"
    (mistake,) = found.mistakes
    return f"{mistake.place}: {mistake.says}"


def test_a_file_of_the_pack_is_found_by_itself(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps([ENTRY]))
    (entry,) = loaded(None, tmp_path).entries
    assert entry.spoken == "by data@example.com until 2026-03-31, OPS-1: moves behind the VPN in spring"
    assert loaded(None, tmp_path / "elsewhere", tmp_path).entries == (), "only beside the pack"


def test_dates_may_be_written_as_yaml_writes_them(tmp_path: Path) -> None:
    lines = "".join(f"  {key}: {value}\n" for key, value in {**ENTRY, "resource": f'"{ENTRY["resource"]}"'}.items())
    (tmp_path / "own.yaml").write_text("exemptions:\n- " + lines.lstrip())
    assert len(loaded(Config(exemptions_file="own.yaml"), tmp_path / "x", tmp_path).entries) == 1


def test_a_program_carries_its_own_in_its_stack_configuration() -> None:
    assert len(loaded(here=json.dumps([ENTRY])).entries) == 1
    assert STACK_KEY in said(loaded(here="{}"))
    assert STACK_KEY in said(loaded(here="no JSON"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a: [", "exemptions.yaml: it is no YAML in line 1"),
        ("a: 1", "exemptions.yaml: it should be a list of entries"),
        ("- legacy", "entry 1 of exemptions.yaml: it should have the keys control, resource"),
    ],
)
def test_a_file_that_does_not_parse_is_a_finding(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert said(loaded(None, tmp_path)).startswith(says)


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    assert "there is no file" in said(loaded(Config(exemptions_file="gone.yaml"), tmp_path))


@for_each(
    "change, says",
    [
        ({"control": "rds-not-publicly-accesible"}, "did you mean 'rds-not-publicly-accessible'"),
        ({"control": "exemptions-valid"}, "cannot be exempted from"),
        ({"resource": "legacy"}, "resource should be a URN"),
        ({"resource": "urn:pulumi:test::program::*rds*"}, "resource should be a URN"),
        ({"resource": "urn:pulumi:test::program::aws:rds/instance:Instance::*"}, "too broad"),
        ({"resource": "urn:pulumi:test::program::*::a*"}, "too broad"),
        ({"resource": "urn:pulumi:*::program::aws:rds/instance:Instance::db"}, "too broad"),
        ({"resource": "urn:pulumi:test::program::aws:rds/instance:Instance::d?"}, "too broad"),
        ({"resource": "urn:pulumi:test::program::aws:rds/instance:Instance::"}, "too broad"),
        ({"owner": None}, "owner missing"),
        ({"owner": ["a"]}, "owner should be a text"),
        ({"until": "2026-02-01"}, "there is no key until"),
        ({"expires": "soon"}, "expires should be a date"),
        ({"expires": "2026-01-14"}, "it expired on 2026-01-14"),
        ({"expires": "2026-07-15"}, "the latest day is 2026-07-14"),
    ],
)
def test_an_entry_says_what_is_wrong_with_it(change: dict[str, Any], says: str) -> None:
    assert says in said(loaded(Config(exemptions=tuple(but(**change)))))


def test_a_whole_urn_is_never_too_broad_however_short_its_name_is() -> None:
    exact = "urn:pulumi:test::program::aws:ec2/securityGroup:SecurityGroup::db"
    found = loaded(Config(exemptions=tuple(but(resource=exact))))
    assert found.mistakes == ()
    control = found.entries[0].control
    assert found.of(control, exact) is not None
    assert found.of(control, exact.replace("::db", "::db2")) is None


@pytest.mark.parametrize("expires", ["2026-01-15", "2026-07-14"])
def test_the_last_day_still_counts(expires: str) -> None:
    assert loaded(Config(exemptions=tuple(but(expires=expires)))).mistakes == ()


def test_a_pattern_is_no_regular_expression() -> None:
    found = loaded(Config(exemptions=tuple(but(resource="urn:pulumi:test::program::*::leg[a]cy"))))
    assert found.of(ENTRY["control"], "urn:pulumi:test::program::t::leg[a]cy") is not None
    assert found.of(ENTRY["control"], "urn:pulumi:test::program::t::legacy") is None


def test_an_entry_that_is_out_of_time_matters_only_where_its_control_is_asked_and_its_stack_is_run() -> None:
    for expires, words in (("2026-01-14", "expired"), ("2027-01-01", "the latest day")):
        late = but(expires=expires)
        assert words in complaints(Config(exemptions=tuple(late), packs=frozenset(PACKS)))
        assert complaints(Config(exemptions=tuple(late), packs=frozenset({COST}))) == ""
    broad = but(resource="urn:pulumi:test::program::*::*")
    assert "too broad" in complaints(Config(exemptions=tuple(broad), packs=frozenset({COST})))
    elsewhere = but(expires="2026-01-14", resource="urn:pulumi:test::another::*::legacy")
    assert complaints(Config(exemptions=tuple(elsewhere), packs=frozenset(PACKS))) == ""


def complaints(config: Config) -> str:
    """What `exemptions-valid` says of mistakes, in a program without any resource."""
    config = replace(config, levels={"exemptions-valid": Level.MANDATORY})
    found = evaluate(CONTROLS, Graph(()), config, RUN, loaded(config))
    said = [
        v.finding.says for v in found if v.control.id == "exemptions-valid" and "nothing needs" not in v.finding.says
    ]
    return "; ".join(said)


def test_what_is_committed_is_in_time_when_it_is_written_and_names_a_ticket_each() -> None:
    written = RUN._replace(project="groundwork", stack="prod", today=date(2026, 11, 21))
    found = load(Config(), Source((ROOT / "policy",)), CONTROLS, written)
    assert found.mistakes == ()
    assert len(found.entries) <= 6, "few: mend the program, or set a parameter"
    assert [entry.control for entry in found.entries if BASELINE in BY_ID[entry.control].packs] == []


def test_a_file_that_is_read_before_it_is_asked_for_says_what_is_wrong_only_then(tmp_path: Path) -> None:
    read_early(Source((tmp_path,)))
    read_early(Source())
    (tmp_path / "exemptions.yaml").write_text("- a: [")
    read_early(Source((tmp_path,)))
    assert "it is no YAML in line 1" in said(loaded(Config(), tmp_path))
    (tmp_path / "exemptions.yaml").write_text("[]")
    assert loaded(Config(), tmp_path).mistakes == (), "and it is the file as it is then that counts"
