"""The policy pack on the real engine: each guardrail refuses by itself, and says what preflight says."""

import itertools
import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from guardrails.controls import CONTROLS
from guardrails.verdicts import Scope

from tests.engine.cloud import Cloud
from tests.engine.fidelity import verdicts
from tests.engine.fidelity.verdicts import Verdict
from tests.engine.kit.engine import Engine
from tests.engine.night import NIGHTLY
from tests.engine.outcome import Outcome
from tests.engine.stack import ROOT, Stack

PROGRAM = Path(__file__).parent / "fidelity" / "broken"
ALL = tuple(control.id for control in CONTROLS)
IDS = tuple(control for control in ALL if f'"{control}":' in (PROGRAM / "__main__.py").read_text())
"""Those that have a program written as people write them; test_engine_controls.py has a case of every control."""
ALONE = (
    IDS if NIGHTLY else ("rds-not-publicly-accessible", "sg-no-public-db-port", "db-subnet-not-public", "s3-tls-only")
)
"""Those whose program is previewed and updated for itself; by day some of each scope. All are in `everything`, and
test_engine_controls.py has a case of each that is refused."""
EVERYTHING = {"levels": dict.fromkeys(ALL, "disabled") | dict.fromkeys(IDS, "advisory")}
AT_ONCE = 2  # engines side by side: each spends half of its time waiting for its own processes


@dataclass(frozen=True)
class Refused:
    """A program that breaks one control, all others being off: what its preview and its update came to."""

    preview: Outcome
    update: Outcome
    made: list[str]
    """Types of what the update has made all the same."""


class Bench:
    """The programs with a copy of the pack beside them, one configuration of the pack for each, and one cloud."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        self.project = folder / "project"
        self.cloud = Cloud(folder / "cloud")
        self._stacks: list[Stack] = []
        self._numbers = itertools.count()
        shutil.copytree(PROGRAM, self.project)
        shutil.copytree(ROOT / "policy", self.project / "policy")
        (self.project / ".venv").symlink_to(sys.prefix)
        for control in IDS:
            levels = {other: "mandatory" if other == control else "disabled" for other in ALL}
            self.write(control, {"levels": levels})
        self.write("everything", EVERYTHING)

    def write(self, name: str, config: dict[str, Any]) -> None:
        """A stack file, and the configuration of the pack for it."""
        (self.project / f"Pulumi.{name}.yaml").write_text("config:\n  aws:region: eu-west-1\n")
        self.config(name).write_text(json.dumps({"guardrails": config}))

    def config(self, name: str) -> Path:
        """Where the configuration of the pack is."""
        return self.project / "policy" / "config" / f"{name}.json"

    def stack(self, name: str) -> Stack:
        """The stack that breaks the control of this name; not deployed."""
        folder = self.folder / f"stack-{next(self._numbers)}"  # also when two are made at once
        made = Stack(self.engine, self.cloud, folder, name, source=self.project)
        self._stacks.append(made)
        return made

    def run(self, stack: Stack, *command: str, configured: bool = True) -> Outcome:
        """A command with the pack on, in its configuration for the stack or as it comes."""
        pack = ["--policy-pack", str(self.project / "policy")]
        if configured:
            pack += ["--policy-pack-config", str(self.config(stack.name))]
        return stack.run(*command, *pack, fast=command[0] == "up")

    def refused(self, control: str) -> Refused:
        """Preview and update of the program that breaks one control."""
        stack = self.stack(control)
        preview = self.run(stack, "preview")
        update = self.run(stack, "up", "--yes", "--skip-preview")
        made = [
            thing.type
            for thing in self.cloud.store.things
            if f"::{stack.project.name}" not in thing.urn and f":{control}::" in thing.urn
        ]
        return Refused(preview, update, made)

    def close(self) -> None:
        """Ends everything."""
        for stack in self._stacks:
            stack.end()
        self.cloud.close()


@pytest.fixture(scope="module")
def bench(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = Bench(engine, tmp_path_factory.mktemp("policy"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def refused(bench: Bench) -> dict[str, Refused]:
    """Controls with the programs that break them."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(ALONE, pool.map(bench.refused, ALONE), strict=True))


def complaints(outcome: Outcome) -> set[tuple[str, str, str]]:
    return {(found.control, found.verdict, found.level) for found in verdicts.of_engine(outcome.violations)}


@pytest.mark.parametrize("control", ALONE)
def test_each_control_fails_the_preview_of_a_program_that_breaks_it(refused: dict[str, Refused], control: str) -> None:
    outcome = refused[control].preview.expect(1)
    assert f"[{control}] violation: " in outcome.output
    assert (control, "violation", "mandatory") in complaints(outcome)
    assert {found[0] for found in complaints(outcome)} == {control}, "all others are off, so nothing else refuses it"


@pytest.mark.parametrize("control", ALONE)
def test_a_control_fails_the_update_with_ids_known(refused: dict[str, Refused], control: str) -> None:
    outcome = refused[control].update.expect(1)
    assert f"[{control}] violation: " in outcome.output
    assert {found[0] for found in complaints(outcome)} == {control}
    assert outcome.failed == [], "nothing but the policy stopped it"


@pytest.mark.parametrize("control", [c.id for c in CONTROLS if c.scope is Scope.RESOURCE and c.id in ALONE])
def test_what_a_control_of_one_resource_refuses_is_not_made(refused: dict[str, Refused], control: str) -> None:
    found = verdicts.of_engine(refused[control].update.violations)
    assert found
    assert {entry.urn.split("::")[2] for entry in found}.isdisjoint(refused[control].made)


def test_without_its_controls_the_pack_lets_all_of_these_programs_pass(bench: Bench) -> None:
    bench.write("everything", {"levels": dict.fromkeys(ALL, "disabled")})
    try:
        outcome = bench.run(bench.stack("everything"), "preview").expect(0)
        assert outcome.violations == []
    finally:
        bench.write("everything", EVERYTHING)


def test_a_database_in_a_public_subnet_is_refused_by_the_pack_as_it_comes(bench: Bench) -> None:
    before = len(bench.cloud.store.events)
    one = bench.stack("db-subnet-not-public")
    one.engine = one.engine.plain  # as it is for users
    outcome = bench.run(one, "preview", configured=False).expect(1)
    assert "[db-subnet-not-public] violation: " in outcome.output
    assert "routes to the internet" in outcome.output
    assert "fix: give the subnet an ec2.RouteTableAssociation to a table without a route" in outcome.output
    assert len(bench.cloud.store.events) == before, "nothing was made"


@pytest.fixture(scope="module")
def said(bench: Bench) -> dict[str, dict[str, list[Verdict]]]:
    """What the engine's diagnostics and preflight say of all programs in one, by mode; nothing stops it."""
    stack = bench.stack("everything")
    preview = bench.run(stack, "preview").expect(0)
    update = bench.run(stack, "up", "--yes", "--skip-preview").expect(0)
    return {
        "engine": {
            "preview": verdicts.of_engine(preview.violations),
            "update": verdicts.of_engine(update.violations),
        },
        "preflight": verdicts.of_preflight(bench.project, ["everything"])["everything"],
    }


@pytest.mark.parametrize("mode", ["preview", "update"])
@pytest.mark.parametrize("control", IDS)
def test_preflight_says_of_each_control_what_the_engine_says(
    said: dict[str, dict[str, list[Verdict]]], control: str, mode: str
) -> None:
    ours = [verdict for verdict in said["preflight"][mode] if verdict.control == control]
    theirs = [verdict for verdict in said["engine"][mode] if verdict.control == control]
    assert ours == theirs
    assert "violation" in {verdict.verdict for verdict in ours}


def test_the_programs_have_undecided_verdicts_that_the_update_decides(
    said: dict[str, dict[str, list[Verdict]]],
) -> None:
    undecided = {mode: {v for v in said["engine"][mode] if v.verdict == "undecided"} for mode in ("preview", "update")}
    assert undecided["preview"] > undecided["update"] != set()
