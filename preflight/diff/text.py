"""The differences on a terminal: one screen, and with `--all` every change."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from preflight import report
from preflight.diff import words
from preflight.summary import Page

_INDENT = "  "
_SHOWN = 5  # of one kind before "and N more"; --all shows all
_GOING = 10  # of what is removed or replaced, or may be
_CHANGES = 2  # properties of one resource


def text(found: Mapping[str, Any], page: Page, *, everything: bool) -> str:
    """The whole answer, ending in a line feed."""
    lines: list[str] = []
    for error in found["errors"]:
        lines += page.wrapped(words.error(error, found["base"]), "", _INDENT, "red")
    for name, stack in found["stacks"].items():
        lines += [*_stack(name, stack, found["base"], page, everything), ""]
    for note in found["notes"]:
        lines += page.wrapped(note, "", _INDENT, "yellow")
    return "\n".join(lines).rstrip() + "\n"


def _stack(name: str, stack: Mapping[str, Any], base: Mapping[str, Any], page: Page, everything: bool) -> list[str]:
    summary, names, against = stack["summary"], stack["names"], words.against(base)
    if not report.ran_to_its_end(stack["errors"]):
        lines = page.wrapped(f"{name}: cannot be compared with {against}", "", _INDENT, "bold", "red")
        for error in stack["errors"]:
            lines += page.wrapped(words.error(error, base), _INDENT, _INDENT, "red")
        return lines
    if stack["state"] == "gone":
        return page.wrapped(
            f"{name}: no stack file any more (what it deployed stays until `pulumi destroy`)", "", _INDENT
        )
    grave = any(summary[key] for key in ("engineRefuses", "deletionRefused", "losesData", "refused"))
    style = "red" if grave or summary["exitCode"] else "green"
    what = "is a new stack" if stack["state"] == "new" else f"against {against}"
    told = words.grave(stack["resources"])
    lines = page.wrapped(f"{name} {what}: {words.counts(summary, told)}", "", _INDENT, "bold", style)
    for said in words.moved(stack):
        lines += page.wrapped(said, _INDENT, _INDENT, "bold", "yellow")
    for error in stack["errors"]:
        lines += page.wrapped(words.error(error, base), _INDENT, _INDENT, "red")
    limit = sys.maxsize if everything else _SHOWN
    for key, rows in told.items():
        lines += _part(words.GRAVE[key], rows, page, limit, "yellow" if key in ("restorable", "staysInAws") else "red")
    warned = [
        (warning["outcome"], words.warning(warning, each))
        for each in stack["resources"]
        for warning in each["warnings"]
    ]
    for outcome, title in (
        ("refused", "Planned, and AWS refuses it"),
        ("not planned", "Changed in the program, and nothing is planned"),
    ):
        lines += _part(
            title,
            [said for which, said in warned if which == outcome],
            page,
            limit,
            "red" if outcome == "refused" else "yellow",
        )
    if stack["state"] == "compared":
        lines += _resources(stack, page, limit, everything)
    lines += _answers(stack, names, page, limit)
    lines += _part("Notes", [*_sealed(stack), *words.waiting(stack["findings"]), *stack["notes"]], page, limit)
    return lines


def _resources(stack: Mapping[str, Any], page: Page, limit: int, everything: bool) -> list[str]:
    lines: list[str] = []
    listed = [each for each in stack["resources"] if each["changes"] or each["action"] != "none"]
    groups = {
        title: [each for each in listed if each["action"] == action and not words.is_provider(each)]
        for action, title in words.TITLES.items()
    }
    most = {title: limit if everything or not words.goes(each) else _GOING for title, each in groups.items()}
    causes = {title: sum(map(words.leads, each)) for title, each in groups.items()}
    hidden = any(causes[title] > most[title] + 1 for title in groups)  # then what follows them is only counted
    for title, mine in groups.items():
        said = [_resource(each, stack["names"], everything) for each in mine]
        shown = min(most[title], causes[title]) if hidden else most[title]
        rest = "" if any(map(words.leads, mine[shown:])) else ", which only follow or watch others"
        lines += _part(f"{title[0].upper()}{title[1:]}", said, page, shown, rest=rest)
    providers = [_resource(each, stack["names"], everything) for each in listed if words.is_provider(each)]
    return lines + _part(words.PROVIDERS, providers, page, limit)


def _resource(each: Mapping[str, Any], names: Mapping[str, str], everything: bool) -> str:
    place = f" at {each['source']}" if each["source"] and everything else ""
    renamed = f", before {each['renamedFrom'].rpartition('::')[2]}" if each["renamedFrom"] else ""
    head = f"{words.SIGNS[each['action']]} {words.called(each)}{renamed}{place}"
    ranked = sorted(each["changes"], key=lambda change: change["effect"] != each["action"])
    shown = ranked if everything else ranked[:_CHANGES]
    said = [words.change(change, names) for change in shown]
    if len(shown) < len(ranked):
        said.append(f"{len(ranked) - len(shown)} more")
    if each["deletedFirst"]:
        said.append("the old one is deleted before the new one comes")
    said += words.kept(each)
    return f"{head}: {'; '.join(said)}" if said else head


def _answers(stack: Mapping[str, Any], names: Mapping[str, str], page: Page, limit: int) -> list[str]:
    lines = _cost(stack["cost"], names, page, limit) if stack["cost"] else []
    for key, title, style in (("new", "New findings", "red"), ("gone", "Findings gone", "green")):
        lines += _part(title, [_finding(each, names) for each in stack["findings"][key]], page, limit, style)
    for key, title in words.REACH.items():
        ways = stack["reach"][key] if stack["reach"] else ()
        lines += _part(title, [words.reached(way, names) for way in ways], page, limit)
    for key, title in (("new", "New single points of failure"), ("gone", "Single points of failure gone")):
        points = stack["singlePoints"][key] if stack["singlePoints"] else ()
        said = [f"{_name(names, each['urn'])}: {each['what']}" for each in points]
        lines += _part(title, said, page, limit)
    if stack["timeline"]:
        lines += page.wrapped(f"First deployment: {words.time(stack['timeline'], names)}", _INDENT, _INDENT, "bold")
    lines += _part("Exports gone, which other stacks may read", stack["exports"]["removed"], page, limit, "yellow")
    if stack["summary"]["exitCode"] == report.VIOLATED and not (stack["cost"] and stack["cost"]["budgetExceeded"]):
        broken = "breaks a mandatory rule: `python -m preflight check` says which"
        lines += page.wrapped(broken, _INDENT, _INDENT, "red")
    return lines


def _cost(cost: Mapping[str, Any], names: Mapping[str, str], page: Page, limit: int) -> list[str]:
    lines = page.wrapped(f"Cost: {words.money(cost)}", _INDENT, _INDENT, "bold")
    parts = [f"{_name(names, each['urn'])} {words.amount(each)}" for each in cost["components"]]
    lines += page.wrapped(", ".join(parts), _INDENT * 2, _INDENT) if parts else []
    if cost["budgetExceeded"]:
        lines += page.wrapped(words.over_budget(cost), _INDENT * 2, _INDENT, "red")
    if cost["unpriced"]["new"]:
        listed = ", ".join(_name(names, each["urn"]) for each in cost["unpriced"]["new"][:limit])
        lines += page.wrapped(f"new, and not or not fully priced: {listed}", _INDENT * 2, _INDENT, "yellow")
    for said in words.prices(cost):
        lines += page.wrapped(said, _INDENT * 2, _INDENT, "yellow")
    return lines


def _finding(each: Mapping[str, Any], names: Mapping[str, str]) -> str:
    return f"{each['level']} {each['verdict']} [{each['control']}] {_name(names, each['urn'])}: {each['message']}"


def _sealed(stack: Mapping[str, Any]) -> list[str]:
    keys = stack["secretConfiguration"]
    said = (
        "encrypted configuration differs (another value, or encrypted anew); what hangs on it is not shown as changed"
    )
    return [f"{said}: {', '.join(keys)}"] if keys else []


def _name(names: Mapping[str, str], urn: str | None) -> str:
    return names.get(urn or "", "outside a component" if urn is None else urn)


def _part(title: str, texts: Sequence[str], page: Page, limit: int, *styles: str, rest: str = "") -> list[str]:
    if not texts:
        return []
    lines = page.wrapped(f"{title} ({len(texts)})", _INDENT, "", "bold", *styles)
    shown = texts if len(texts) <= limit + 1 and limit else texts[:limit]
    lines += [line for each in shown for line in page.wrapped(each, _INDENT * 2, _INDENT)]
    if len(shown) < len(texts):
        lines += page.wrapped(f"and {len(texts) - len(shown)} more{rest} (--all shows all)", _INDENT * 2)
    return lines
