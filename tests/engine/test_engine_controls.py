"""Every control of the pack on the real engine: a program that breaks it is refused, with the words of preflight.

The programs are the breaking cases of tests/policy/cases, joined into few. The engine's provider takes anything, so that
only policies can refuse them.
"""

import json
import shutil
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from guardrails.controls import CONTROLS
from guardrails.verdicts import Scope

from tests.engine.cloud.accepting import Accepting
from tests.engine.fidelity import verdicts, written
from tests.engine.fidelity.verdicts import Verdict
from tests.engine.kit.engine import Engine
from tests.engine.outcome import Outcome
from tests.engine.stack import ROOT, Stack

PROGRAM = Path(__file__).parent / "fidelity" / "cases"
PACKAGES = {"aws": "7.51.1", "random": "4.18.0"}
IDS = [control.id for control in CONTROLS]
AT_ONCE = 2  # engines side by side: each spends half of its time waiting for its own processes


class Found(NamedTuple):
    """A verdict, as far as it is the same wherever it is given."""

    control: str
    verdict: str
    name: str


@dataclass(frozen=True)
class Ran:
    """What the engine came to with a group of cases. `update` is with all controls advisory, `refused` with those
    mandatory that look at the whole graph, `stopped` with those of single resources."""

    group: written.Group
    preview: Outcome
    update: Outcome
    refused: Outcome
    stopped: Outcome
    preflight: dict[str, list[Verdict]]

    def said(self, phase: str) -> set[Found]:
        return found(verdicts.of_engine((self.preview if phase == "preview" else self.update).violations))


def found(said: Iterable[Verdict]) -> set[Found]:
    return {Found(each.control, each.verdict, _name(each.urn)) for each in said}


def _name(urn: str) -> str:
    return written.ROOT if "pulumi:pulumi:Stack" in urn or not urn else urn.rpartition("::")[2]


def own(control: str, prefix: str, said: Iterable[Found]) -> set[Found]:
    """What a control says of its case."""
    return {
        each
        for each in said
        if each.control == control and (each.name == written.ROOT or each.name.startswith(f"{prefix}-"))
    }


class Bench:
    """A folder for each group, with the pack beside its program."""

    def __init__(self, engine: Engine, cloud: Any, folder: Path) -> None:
        self.engine = engine
        self.cloud = cloud
        self.folder = folder
        self.stacks: list[Stack] = []

    def run(self, numbered: tuple[int, written.Group]) -> Ran:
        """Preview and updates of one group, and what preflight says of it."""
        number, group = numbered
        project = self.folder / f"project-{number}"
        shutil.copytree(PROGRAM, project, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "policy", project / "policy", ignore=shutil.ignore_patterns("exemptions.yaml"))
        (project / ".venv").symlink_to(sys.prefix)
        (project / "resources.json").write_text(written.written(group.program()))
        (project / f"Pulumi.{written.STACK}.yaml").write_text("config: {}\n")
        stack = Stack(self.engine, self.cloud, self.folder / f"stack-{number}", written.STACK, source=project)
        self.stacks.append(stack)
        mandatory, advisory = group.configuration("mandatory"), group.configuration("advisory")
        scopes = {control.id: control.scope for control in CONTROLS}
        whole, single = (
            {**mandatory, "levels": {c: lv for c, lv in mandatory["levels"].items() if (scopes[c] is RESOURCE) is own}}
            for own in (False, True)
        )
        update = ("up", "--yes", "--skip-preview")
        # What is refused whole is made all the same, one resource after the other; what is stopped has to be new.
        return Ran(
            group,
            preview=self.call(stack, mandatory, "preview"),
            stopped=self.call(stack, quiet(single), *update),
            refused=self.call(stack, mandatory if group.of_the_run else quiet(whole), *update),
            update=self.call(stack, advisory, *update),
            preflight=self.preflight(project, mandatory),
        )

    def call(self, stack: Stack, config: dict[str, Any], *command: str) -> Outcome:
        """A command with the pack in this configuration."""
        rules = stack.folder / "rules.json"
        rules.write_text(json.dumps({"guardrails": config}))
        pack = ["--policy-pack", str(stack.project / "policy"), "--policy-pack-config", str(rules)]
        return stack.run(*command, *pack, fast=command[0] == "up")

    def preflight(self, project: Path, config: dict[str, Any]) -> dict[str, list[Verdict]]:
        """What preflight says, by mode."""
        (project / "policy" / "config" / f"{written.STACK}.json").write_text(json.dumps({"guardrails": config}))
        return verdicts.of_preflight(project, [written.STACK])[written.STACK]


RESOURCE = Scope.RESOURCE


def quiet(config: dict[str, Any]) -> dict[str, Any]:
    """The same with all controls off that are not named."""
    return {**config, "levels": {**dict.fromkeys(IDS, "disabled"), **config["levels"]}}


@pytest.fixture(scope="module")
def ran(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Ran]]:
    """All groups of cases."""
    with Accepting(PACKAGES, written.known, written.unknown) as cloud:
        bench = Bench(engine, cloud, tmp_path_factory.mktemp("controls"))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            yield list(pool.map(bench.run, enumerate(written.together(written.chosen()))))
        for stack in bench.stacks:
            stack.end()


@pytest.fixture(scope="module")
def by_control(ran: list[Ran]) -> dict[str, tuple[str, Ran]]:
    """Control -> prefix of its case, and the run that it was in."""
    return {case.control: (prefix, each) for each in ran for prefix, case in each.group.cases.items()}


def test_there_is_a_case_of_every_control(by_control: dict[str, tuple[str, Ran]]) -> None:
    assert sorted(by_control) == sorted(IDS)


@pytest.mark.parametrize("control", IDS)
def test_a_program_that_breaks_a_control_fails_the_preview(
    by_control: dict[str, tuple[str, Ran]], control: str
) -> None:
    prefix, each = by_control[control]
    wanted = {
        Found(control, str(outcome), written.prefixed(prefix, name))
        for name, outcome in each.group.cases[prefix].preview.items()
    }
    assert own(control, prefix, each.said("preview")) == wanted
    if "violation" in {said.verdict for said in wanted}:
        assert each.preview.code != 0
        assert f"[{control}] violation: " in each.preview.output


@pytest.mark.parametrize("control", IDS)
def test_a_program_that_breaks_a_control_is_found_by_the_update(
    by_control: dict[str, tuple[str, Ran]], control: str
) -> None:
    prefix, each = by_control[control]
    wanted = {
        Found(control, str(outcome), written.prefixed(prefix, name))
        for name, outcome in each.group.cases[prefix].update.items()
    }
    assert own(control, prefix, each.said("update")) == wanted
    assert "violation" in {said.verdict for said in wanted}


@pytest.mark.parametrize("control", [control.id for control in CONTROLS if control.scope is not RESOURCE])
def test_a_control_of_the_whole_graph_fails_the_update(by_control: dict[str, tuple[str, Ran]], control: str) -> None:
    _, each = by_control[control]
    assert each.refused.code != 0
    assert f"[{control}] violation: " in each.refused.output
    assert each.refused.failed == [], "nothing but the policy stopped it"


def test_what_breaks_a_control_of_single_resources_is_not_made(ran: list[Ran]) -> None:
    seen = 0
    for each in ran:
        asked = {case.control for case in each.group.cases.values()}
        if not [control for control in CONTROLS if control.id in asked and control.scope is RESOURCE]:
            continue
        assert each.stopped.code != 0
        refused = {violation.urn for violation in each.stopped.violations if violation.level == "mandatory"}
        assert refused
        assert refused.isdisjoint(step.urn for step in each.stopped.of("create")), "stopped before it was made"
        seen += 1
    assert seen >= 2


@pytest.mark.parametrize("phase", ["preview", "update"])
@pytest.mark.parametrize("control", IDS)
def test_preflight_says_of_a_control_what_the_engine_says(
    by_control: dict[str, tuple[str, Ran]], control: str, phase: str
) -> None:
    """Of the resources of its case: what else AWS makes up for the others is not the same in both."""
    prefix, each = by_control[control]
    assert own(control, prefix, found(each.preflight[phase])) == own(control, prefix, each.said(phase))
