"""The catalogue in docs/policies.md, made from the controls and their cases; `make policy-docs` writes it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from guardrails.config import Config
from guardrails.controls import CONTROLS, FAMILIES
from guardrails.parameters import PARAMETERS
from guardrails.verdicts import PACKS, Control, Level, Scope

from tests.policy.cases import CASES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "policies.md"
PINNED = ROOT / "tests" / "golden" / "policies.txt"
_EVERYTHING = Config(packs=frozenset(PACKS))
_EARLY = {Scope.RESOURCE: "yes", Scope.GRAPH: "no", Scope.RUN: "no"}


def level(control: Control) -> Level:
    """The level of its violations where only packs are selected."""
    return _EVERYTHING.level(control)


def pinned() -> list[str]:
    """Each control on a line with what a user relies on: id, severity, level, scope, packs."""
    return [
        f"{control.id} {control.severity} {level(control)} {control.scope} "
        + ",".join(pack for pack in PACKS if pack in control.packs)
        for control in sorted(CONTROLS, key=lambda control: control.id)
    ]


def controls() -> Iterator[str]:
    """The lines of the block `controls`: a section for each family."""
    cases = Counter(case.control for case in CASES)
    filled = [family for family in FAMILIES if family.controls]
    yield f"{len(CONTROLS)} controls in {len(filled)} families, {sum(cases.values())} cases in `tests/policy/cases`."
    for family in filled:
        yield from ("", f"### {family.title}", "")
        yield "| control | severity | level | early | packs | says | fix | parameters | references | cases |"
        yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
        for control in family.controls:
            yield _row(
                f"`{control.id}`",
                control.severity,
                level(control),
                _EARLY[control.scope],
                ", ".join(pack for pack in PACKS if pack in control.packs),
                _escaped(f"{control.title}. {control.why}"),
                _escaped(control.fix),
                ", ".join(f"`{parameter.name}`" for parameter in control.parameters) or "none",
                ", ".join(control.references) or "none",
                str(cases[control.id]),
            )


def parameters() -> Iterator[str]:
    """The lines of the block `parameters`: those that belong to controls."""
    yield "| parameter | default | meaning |"
    yield "| --- | --- | --- |"
    for each in PARAMETERS:
        default = each.shown or ("none" if each.default in (frozenset(), {}) else _plain(each.default))
        yield _row(f"`{each.name}`", _escaped(default), _escaped(each.meaning))


def packs() -> Iterator[str]:
    """The lines of the block `packs`."""
    yield "| pack | controls |"
    yield "| --- | --- |"
    for pack in PACKS:
        yield _row(f"`{pack}`", str(sum(pack in control.packs for control in CONTROLS)))


BLOCKS = {"controls": controls, "parameters": parameters, "packs": packs}


def page(before: str) -> str:
    """The page with all generated blocks made anew."""
    for name, lines in BLOCKS.items():
        block = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", re.DOTALL)
        assert block.search(before), f"docs/policies.md has no block {name!r}"
        text = "\n".join(lines())
        before = block.sub(lambda found, text=text: f"{found[1]}{text}{found[2]}", before)  # type: ignore[misc]
    return before


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(default: object) -> str:
    return ", ".join(map(str, sorted(default))) if isinstance(default, frozenset) else str(default)


def _escaped(text: str) -> str:
    return text.replace("|", r"\|").replace("*", r"\*")


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
    PINNED.write_text("\n".join(pinned()) + "\n")
