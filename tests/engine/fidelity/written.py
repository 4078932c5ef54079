"""Programs of the policy cases as the engine can run them: written down as JSON, and joined into few.

Cases that run together have names of their own, and each is still judged as by itself: `together` asks the pack in this
process and keeps apart what would not be (controls that look at the whole stack, other parameters).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from guardrails import kinds
from guardrails.config import Config, parse
from guardrails.controls import CONTROLS
from guardrails.exemptions import Source, load
from guardrails.run import evaluate
from guardrails.verdicts import Outcome, Run, Scope

from tests.policy.cases.kit import BY_ID, Case
from tests.policy.graphs import PHASES, Derived, Elsewhere, Output, Phase, Program, Resource, resolved

PROJECT, STACK, ROOT = "program", "test", "stack"
_ORDER = [Outcome.PASS, Outcome.UNDECIDED, Outcome.VIOLATION, Outcome.ERROR]
_ADVICE = dict.fromkeys(("critical", "high", "medium", "low"), "advisory")
Said = Mapping[tuple[str, str], Outcome]
"""The worst that a control says of a resource, by both names; passes left out."""


@dataclass
class Group:
    """Cases that run in one program, under the parameters of the first."""

    raw: Mapping[str, Any]
    protected: bool
    cases: dict[str, Case] = field(default_factory=dict)
    """By the prefix of their names."""

    def program(self) -> Program:
        """All resources; each name begins with the prefix of its case."""
        joined = Program()
        for prefix, case in self.cases.items():
            for resource in case.program().resources.values():
                resource.name = f"{prefix}-{resource.name}"
                joined.resources[resource.name] = resource
        return joined

    def configuration(self, level: str) -> dict[str, Any]:
        """That of the pack: the controls of the cases at this level, all others off, unless one looks at what they say."""
        asked = {case.control for case in self.cases.values()}
        levels = {control.id: level if control.id in asked else "disabled" for control in CONTROLS}
        common = {**self.raw, "protectedStacks": [STACK] if self.protected else ["nobody"]}
        if self.of_the_run:
            return {**common, "levels": dict.fromkeys(asked, level), "severityLevels": _ADVICE}
        return {**common, "levels": levels}

    @property
    def of_the_run(self) -> bool:
        """Whether its control looks at what the others say."""
        return any(_looks_at_the_run(case) for case in self.cases.values())

    def misjudged(self) -> list[str]:
        """The prefixes of cases of which the pack does not say in this program what it says of each by itself."""
        config = parse(self.configuration("mandatory"), CONTROLS, STACK)
        wrong: list[str] = []
        for phase in PHASES:
            found = judged(self.program(), config, phase)
            for prefix, case in self.cases.items():
                said = case.preview if phase == "preview" else case.update
                wanted = {(case.control, prefixed(prefix, name)): outcome for name, outcome in said.items()}
                own = {key: outcome for key, outcome in found.items() if key[0] == case.control}
                if wanted != {key: v for key, v in own.items() if key[1] == ROOT or key[1].startswith(f"{prefix}-")}:
                    wrong.append(prefix)
        return list(dict.fromkeys(wrong))


def prefixed(prefix: str, name: str) -> str:
    return ROOT if name == ROOT else f"{prefix}-{name}"


def judged(program: Program, config: Config, phase: Phase) -> Said:
    """What the pack says in this process, today."""
    run = Run(STACK, PROJECT, phase == "update", datetime.now(UTC).date())
    found: dict[tuple[str, str], Outcome] = {}
    exemptions = load(config, Source(), CONTROLS, run)
    for verdict in evaluate(CONTROLS, program.graph(phase), config, run, exemptions):
        if verdict.finding.outcome is not Outcome.PASS:
            key = verdict.control.id, ROOT if verdict.node.kind == kinds.STACK else verdict.node.name
            found[key] = max(found.get(key, Outcome.PASS), verdict.finding.outcome, key=_ORDER.index)
    return found


def together(cases: Iterable[Case]) -> list[Group]:
    """The cases in as few programs as they fit into; what is disturbed by the others goes into another one."""
    left = {f"c{number}": case for number, case in enumerate(cases)}
    groups: list[Group] = []
    while left:
        first = next(iter(left.values()))
        group = Group(first.raw, first.protected)
        group.cases |= {prefix: case for prefix, case in left.items() if _alike(case, first)}
        while wrong := group.misjudged():
            assert len(group.cases) > 1, f"{first}: not judged as it says, even by itself"
            for prefix in wrong if len(wrong) < len(group.cases) else list(group.cases)[1:]:
                del group.cases[prefix]
        groups.append(group)
        left = {prefix: case for prefix, case in left.items() if prefix not in group.cases}
    return groups


def chosen() -> list[Case]:
    """One breaking case for each control: the simplest that a preview decides, if there is one."""
    from tests.policy.cases import CASES  # noqa: PLC0415 - half a second, only for who runs them

    breaking: dict[str, list[Case]] = {}
    for case in CASES:
        if Outcome.VIOLATION in case.update.values():
            breaking.setdefault(case.control, []).append(case)
    return [next(case for case in sorted(found, key=_oddness) if _alone(case)) for found in breaking.values()]


def _alone(case: Case) -> bool:
    """Whether it is still judged as it says: some have a date in them."""
    return not Group(case.raw, case.protected, {"c": case}).misjudged()


def _alike(case: Case, other: Case) -> bool:
    """Whether they may stand in one program: the same configuration."""
    said = [(each.raw, each.protected, _looks_at_the_run(each)) for each in (case, other)]
    return said[0] == said[1]


def _looks_at_the_run(case: Case) -> bool:
    return BY_ID[case.control].scope is Scope.RUN


def _oddness(case: Case) -> tuple[bool, bool, int]:
    return Outcome.VIOLATION not in case.preview.values(), bool(case.raw), len(case.program().resources)


def written(program: Program) -> str:
    """The program as JSON, for `cases/__main__.py`."""
    names: dict[int, str] = {id(resource): resource.name for resource in program.resources.values()}
    wanted: dict[str, set[str]] = {}
    rows = []
    for resource in program.resources.values():
        row = {key: _written(item, names, wanted) for key, item in resource.inputs.items()}
        rows.append(
            {
                "key": resource.name, "name": resource.name, "type": resource.type, "inputs": row,
                "parent": None if resource.parent is None else names[id(resource.parent)],
                "protect": resource.protect, "ignores": resource.ignores, "provider": resource.provider,
                "custom": _is_custom(resource.type),
            }
        )  # fmt: skip
    for each in rows:
        each["outputs"] = sorted(wanted.get(str(each["name"]), ()))
    return json.dumps(rows, indent=1)


def _is_custom(token: str) -> bool:
    return token.startswith("aws:") or token.count("/") == 1


def _written(value: Any, names: Mapping[int, str], wanted: dict[str, set[str]]) -> Any:
    if isinstance(value, Output):
        return {"$output": _place(value, names, wanted)}
    if isinstance(value, Elsewhere):
        return {"$lost": value.value}
    if isinstance(value, Derived):
        places = [_place(output, names, wanted) for output in value.outputs]
        with _Tokens(names):
            return {"$places": places, "$derived": value.resolved()}
    if isinstance(value, Mapping):
        return {key: _written(item, names, wanted) for key, item in value.items()}
    return [_written(item, names, wanted) for item in value] if isinstance(value, list) else value


def _place(output: Output, names: Mapping[int, str], wanted: dict[str, set[str]]) -> str:
    name = names[id(output.resource)]
    wanted.setdefault(name, set()).update({output.key} - {"id"})
    return f"{name} {output.key}"


class _Tokens:
    """While it lasts, outputs are read as the marks that the program fills in."""

    def __init__(self, names: Mapping[int, str]) -> None:
        self._names = names
        self._known = Resource.known

    def __enter__(self) -> None:
        names = self._names
        Resource.known = lambda self, key: f"@@{names[id(self)]} {key}@@"  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        Resource.known = self._known  # type: ignore[method-assign]


def known(token: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """What AWS says of a resource, as the cases have it at update."""
    return dict(resolved(Resource(token, name, inputs).properties("update")))


def unknown(token: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """The same at preview: what AWS makes up is not known."""
    return Resource(token, name, inputs).properties("preview")
