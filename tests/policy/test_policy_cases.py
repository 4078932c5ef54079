"""Every case of every control, at preview and at update; and what must hold of all of them."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TypeVar

import pytest
from guardrails.checks import Check, Read
from guardrails.config import Config
from guardrails.controls import CONTROLS, FAMILIES
from guardrails.exemptions import Source, load
from guardrails.graph import Graph
from guardrails.parameters import EXEMPTION_DAYS, PARAMETERS, Parameter
from guardrails.run import evaluate
from guardrails.verdicts import BASELINE, PACKS, Control, Outcome, Scope, Verdict

from tests.gathered import each, for_each
from tests.policy import cases, sdk
from tests.policy.cases.kit import BY_ID, Case
from tests.policy.graphs import PHASES, Phase, run_of
from tests.policy.hiding import hiding

T = TypeVar("T")
ORDER = [Outcome.PASS, Outcome.UNDECIDED, Outcome.VIOLATION, Outcome.ERROR]
EVERYTHING = Config(packs=frozenset(PACKS))


def of_each_family(*scopes: Scope) -> pytest.MarkDecorator:
    """A test item for each module of cases that has some of controls of these scopes (default: all); it gets them as
    `said`."""
    chosen = {
        name: [case for case in family if BY_ID[case.control].scope in (scopes or Scope)]
        for name, family in cases.FAMILIES.items()
    }
    return pytest.mark.parametrize("said", [pytest.param(found, id=name) for name, found in chosen.items() if found])


@cache
def graph_of(case: Case, phase: Phase) -> Graph:
    """The graph of the case as it is written, which several tests read."""
    return case.program().graph(phase)


@dataclass(frozen=True, kw_only=True)
class Noting(Config):
    """Notes the names of the parameters that are read."""

    read: set[str] = field(default_factory=set)

    def __getitem__(self, parameter: Parameter[T]) -> T:
        self.read.add(parameter.name)
        return super().__getitem__(parameter)


@cache
def said_of(case: Case, phase: Phase) -> tuple[list[Verdict], set[str]]:
    """What the control of the case says of it as it is written, and the parameters that were read for that."""
    config = Noting(**vars(case.config()))
    return verdicts(case, graph_of(case, phase), phase, config), config.read


def verdicts(case: Case, graph: Graph, phase: Phase, given: Config | None = None) -> list[Verdict]:
    """What the control of the case says; one that judges the run hears all others first."""
    control = BY_ID[case.control]
    asked = CONTROLS if control.scope is Scope.RUN else [control]
    config, run = given or case.config(), run_of(phase)
    found = evaluate(asked, graph, config, run, load(config, Source(), CONTROLS, run))
    return [verdict for verdict in found if verdict.control is control]


def worst(found: list[Verdict]) -> dict[str, Outcome]:
    """The complaints by resource, the worst of each."""
    by_name: dict[str, Outcome] = {}
    for verdict in found:
        before = by_name.get(verdict.node.name, Outcome.PASS)
        by_name[verdict.node.name] = max(before, verdict.finding.outcome, key=ORDER.index)
    return {name: outcome for name, outcome in by_name.items() if outcome is not Outcome.PASS}


@of_each_family()
def test_a_case_is_judged_as_it_says(said: list[Case], phase: Phase) -> None:
    def judge(case: Case) -> None:
        found, _ = said_of(case, phase)
        assert found, f"{case.control} judged nothing"
        told = [f"{verdict.node.name}: {verdict.finding.outcome} {verdict.finding.says}" for verdict in found]
        assert worst(found) == (case.preview if phase == "preview" else case.update), told
        messages = [verdict.message() for verdict in found if verdict.finding.outcome is not Outcome.PASS]
        assert not messages or any(case.told in message for message in messages), messages

    each(said, judge)


@of_each_family(Scope.RESOURCE)
def test_a_resource_alone_never_says_more_than_the_graph(said: list[Case], phase: Phase) -> None:
    def judge(case: Case) -> None:
        program, control = case.program(), BY_ID[case.control]
        graph = {v.node.name for v in said_of(case, phase)[0] if v.finding.outcome is Outcome.VIOLATION}
        alone = set()
        for name in program.resources:
            sent = Graph.of_resource(program.validation(name, phase))
            found = evaluate([control], sent, case.config(), run_of(phase))
            assert not [v for v in found if v.finding.outcome is Outcome.ERROR]
            alone |= {name for v in found if v.finding.outcome is Outcome.VIOLATION}
        assert alone <= graph
        if phase == "update" and len(program.resources) == 1:
            assert alone == graph, "its own inputs prove it, so the update must stop before it is made"

    each(said, judge)


@of_each_family()
def test_no_control_fails_on_any_case(said: list[Case], phase: Phase) -> None:
    def judge(case: Case) -> None:
        found = evaluate(CONTROLS, graph_of(case, phase), EVERYTHING, run_of(phase))
        assert [(v.control.id, v.finding.says) for v in found if v.finding.outcome is Outcome.ERROR] == []

    each(said, judge)


@of_each_family(Scope.RESOURCE, Scope.GRAPH)
def test_what_is_unknown_is_taken_neither_for_good_nor_for_bad(said: list[Case]) -> None:
    """Hides each input in turn that the control looks at, and each value in it. It may still be what it is, so the verdict
    may not be the opposite one."""

    def judge(case: Case) -> None:
        opposite = Outcome.PASS if case.update else Outcome.VIOLATION
        wrong = []
        for place, graph in hiding(case, partial(verdicts, case, phase="preview")):
            found = worst(verdicts(case, graph, "preview"))
            names = case.update or dict.fromkeys(found, Outcome.VIOLATION)
            if any(found.get(name, Outcome.PASS) is opposite for name in names) or Outcome.ERROR in found.values():
                wrong.append(place)
        assert wrong == [], f"hidden, these turn the verdict into {opposite}, or cannot be judged"

    each(said, judge)


def test_what_a_control_does_not_look_at_is_hidden_without_consequence() -> None:
    """So it may be left out above. Of some it is only looked at where they come from, as of what carries a group."""
    large = [max(some[:20], key=lambda case: len(case.program().resources)) for some in cases.FAMILIES.values()]
    carried = [case for case in cases.CASES if "carries the group" in case.says]
    assert carried
    left_out = 0
    for case in (*large, *carried):
        looks = {place for place, _ in hiding(case, partial(verdicts, case, phase="preview"))}
        said = [verdict.message() for verdict in said_of(case, "preview")[0]]
        for place, graph in hiding(case):
            if place not in looks:
                left_out += 1
                assert [verdict.message() for verdict in verdicts(case, graph, "preview")] == said, f"{case}: {place}"
    assert left_out > 100


@cache
def counted() -> Counter[tuple[str, bool]]:
    return Counter((case.control, bool(case.update)) for case in cases.CASES)


@for_each("control", CONTROLS, name=lambda control: control.id)
def test_every_control_has_a_compliant_and_a_breaking_case(control: Control) -> None:
    name = control.id
    broken = [case for case in cases.CASES if case.control == name and Outcome.VIOLATION in case.update.values()]
    assert counted()[name, False], f"{name} has no compliant case"
    assert broken, f"{name} has no breaking case"


def test_no_case_is_written_twice() -> None:
    assert [name for name, count in Counter(map(str, cases.CASES)).items() if count > 1] == []


@for_each("control", CONTROLS, name=lambda control: control.id)
def test_every_control_can_be_selected(control: Control) -> None:
    packs = control.packs
    assert packs
    assert packs <= set(PACKS)
    assert BASELINE in packs or control.severity != "critical"


def test_no_two_controls_or_families_share_a_name() -> None:
    assert [name for name, count in Counter(control.id for control in CONTROLS).items() if count > 1] == []
    assert [name for name, count in Counter(family.id for family in FAMILIES).items() if count > 1] == []


@for_each("control", [c for c in CONTROLS if c.scope is not Scope.RUN], name=lambda control: control.id)
def test_a_control_declares_exactly_the_parameters_that_it_reads(control: Control) -> None:
    """The catalogue is made from that."""
    mine = [case for case in cases.CASES if case.control == control.id]
    read = {name for case in mine for phase in PHASES for name in said_of(case, phase)[1]}
    assert {parameter.name for parameter in control.parameters} == read


def test_every_parameter_belongs_to_a_control() -> None:
    declared = {parameter.name for control in CONTROLS for parameter in control.parameters}
    assert declared == {parameter.name for parameter in PARAMETERS}
    assert EXEMPTION_DAYS in BY_ID["exemptions-valid"].parameters, "which are read when they are loaded"


READS = [
    (control.id, kind, read)
    for control in CONTROLS
    if isinstance(control.judge, Check)
    for read in control.judge.reads
    for kind in ((read.kind,) if read.kind else control.subjects)
    if kind.startswith("aws:") and "/" in kind
]


@for_each("control, kind, read", READS)
def test_every_property_that_a_check_reads_is_an_input_of_its_type(control: str, kind: str, read: Read) -> None:
    path: str = read.path
    found = sdk.shape(kind)
    assert found is not None
    top, *inner = path.replace("[]", "").split(".")
    assert top in found.properties
    for name in inner:
        snake = sdk.snake(name)
        assert f"    def {snake}(self)" in sdk.nested(kind), f"no block of {kind} has {name}"
    assert inner or not read.computed, "computed is for inputs in blocks; at the top the SDK decides"


def test_what_the_provider_makes_up_is_what_the_sdk_says() -> None:
    assert sdk.COMPUTED.read_text() == sdk.computed_module(), "make policy-facts"


def test_what_takes_tags_is_what_the_sdk_says() -> None:
    assert sdk.TAGGABLE.read_text() == sdk.taggable_module(), "make policy-facts"


def test_every_message_names_resource_and_fix_and_repeats_no_secret() -> None:
    for case in cases.CASES:
        for verdict in said_of(case, "update")[0]:
            lines = [line.split(":")[0] for line in verdict.message().splitlines()[1:]]
            assert lines[0] == "resource"
            assert "fix" in lines
            assert "hunter2" not in verdict.message()
