"""The report as text for a person: about one screen a stack, plain in a pipe, colours on a terminal only.

Written without rich, on purpose: importing its console, table and text takes 30 ms and 4.5 MB (measured, Python 3.11,
of a command that takes about one second), and its markup would read `[control-id]` as a style.
"""

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from preflight import findings, report, summary_risks, times
from preflight.counted import counted
from preflight.visible import visible

CANNOT_KNOW = (
    "service quotas of the account, IAM permissions of whoever deploys, checks that only the provider or AWS makes, "
    "and differences against what exists already"
)
_STYLES = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "dim": "2"}
_SLOW = 0.02  # of the longest chain: what takes less is not worth a word
# Findings before "and N more"; --verbose shows all.
_SHOWN = {"error": 6, "violation": 20, "undecided": 8, "exempted": 20}
_PLACES = 3  # resources named for one finding that many share
_KINDS = 8  # resource types named for one component
_INDENT = "  "


class Page(NamedTuple):
    """Where the text goes: its width, whether it has colours, whether everything is wanted."""

    width: int
    colour: bool
    verbose: bool

    def styled(self, text: str, *styles: str) -> str:
        """The text in colour, where there are colours."""
        if not self.colour or not text:
            return text
        return f"\033[{';'.join(_STYLES[style] for style in styles)}m{text}\033[0m"

    def wrapped(self, text: str, indent: str, hanging: str = "", *styles: str, whole: bool = False) -> list[str]:
        """Lines no wider than the page; the first begins with `indent`, the others hang. `whole`: what has no blank in
        it, such as a URN, is there to be copied, so that it stays in one piece and may make its line longer."""
        lines: list[str] = []
        for paragraph in visible(text).splitlines() or [""]:
            wrapper = textwrap.TextWrapper(
                max(self.width, 20),
                initial_indent=indent,
                subsequent_indent=indent + hanging + " " * (len(paragraph) - len(paragraph.lstrip())),
                break_on_hyphens=False,
                break_long_words=not whole,
            )
            lines += wrapper.wrap(paragraph) or [indent.rstrip()]
            indent = indent + hanging
            hanging = ""
        return [self.styled(line, *styles) if styles else line for line in lines]


def text(document: Mapping[str, Any], page: Page) -> str:
    """The whole report as text, ending in a line feed."""
    lines: list[str] = []
    for error in document["errors"]:
        lines += _error(error, page)
    for name, stack in document["stacks"].items():
        lines += [*_stack(name, stack, page), ""]
    if any(stack["resources"] for stack in document["stacks"].values()):
        lines += page.wrapped(f"Preflight cannot know: {CANNOT_KNOW}.", "", "", "dim")
    return "\n".join(lines).rstrip() + "\n"


def _stack(name: str, stack: Mapping[str, Any], page: Page) -> list[str]:
    summary = stack["summary"]
    verdict, style = {
        report.FINE: ("fine", "green"),
        report.VIOLATED: (report.violated_words(stack, "breaks a mandatory rule"), "red"),
        report.WRONG: (_wrong(stack), "red"),
        report.FAULT: ("preflight or the policy pack failed", "red"),
    }[summary["exitCode"]]
    made = f"{counted(summary['resources'], 'resource')} in {counted(summary['components'], 'component')}"
    head = f"{name}: {verdict}" if not stack["resources"] else f"{name}: {verdict}, {made}"
    lines = page.wrapped(head, "", _INDENT, "bold", style)
    for error in stack["errors"]:
        lines += _error(error, page)
    if stack["resources"]:
        lines += _created(stack["resources"], page)
        lines += _cost(stack, page)
        lines += first_deployment(stack, page)
        lines += summary_risks.reach(stack, page)
        lines += summary_risks.resilience(stack, page)
        lines += _exports(stack["exports"], page)
        lines += _verdicts(stack, page)
    lines += _notes(stack["notes"], page)
    if page.verbose:
        lines += _listing(stack, page)
    return lines


def _cost(stack: Mapping[str, Any], page: Page) -> list[str]:
    cost = stack["cost"]
    if cost is None:
        return []
    said = ", ".join(f"{profile} {_usd(usd)}" for profile, usd in cost["total"].items())
    lines = page.wrapped(f"Cost a month: {said} USD (list prices, before tax)", _INDENT, _INDENT, "bold")
    if cost["budget"]:
        style = ["red"] if report.over_budget(cost) else ["yellow"] if report.borrowed_words(cost) else []
        lines += page.wrapped(report.budget_words(cost, _usd), _INDENT * 2, _INDENT, *style)
    names = {entry["urn"]: entry["name"] for entry in stack["resources"]} | {None: "outside a component"}
    closed = {each["urn"] for each in cost["unpriced"]}  # a component that nothing is known of is no component of 0.00
    parts = [
        f"{names[each['urn']]} {_usd(each['usd']['expected'])}"
        for each in sorted(cost["components"], key=lambda each: (-float(each["usd"]["expected"]), str(each["urn"])))
        if each["urn"] not in closed or float(each["usd"]["peak"])
    ]
    lines += page.wrapped(f"expected: {', '.join(parts)}", _INDENT * 2, _INDENT) if parts else []
    if cost["unpriced"]:
        kinds = Counter(_kind_of(each["urn"]) for each in cost["unpriced"])
        parts = [f"{number} {kind}" if number > 1 else kind for kind, number in sorted(kinds.items())]
        lines += page.wrapped(f"not or not fully priced: {', '.join(parts)}", _INDENT * 2, _INDENT, "yellow")
    if (borrowed := report.borrowed_words(cost)) and not cost["budget"]:  # else the line of the budget says so
        lines += page.wrapped(borrowed, _INDENT * 2, _INDENT, "yellow")
    return lines


def first_deployment(stack: Mapping[str, Any], page: Page) -> list[str]:
    """How long it takes and what decides; components of other processes that nobody can time are named."""
    line = stack["timeline"]
    if line is None:
        return []
    names = {entry["urn"]: entry for entry in stack["resources"]}
    unseen = [_place(names[urn], names[urn]).partition(" at ")[0] for urn in line.get("notCounted", ())]
    lines = page.wrapped(f"not counted: {', '.join(unseen)}", _INDENT * 2, _INDENT, "yellow") if unseen else []
    untimed = Counter(_kind_of(urn) for urn in times.untimed(line))
    if untimed:
        known = ", ".join(f"{number} {kind}" if number > 1 else kind for kind, number in sorted(untimed.items()))
        many = f"{counted(untimed.total(), 'resource')} of {counted(len(untimed), 'type')} (--verbose shows all)"
        said = f"not timed, a second each: {known if page.verbose or len(untimed) <= _KINDS else many}"
        lines += page.wrapped(said, _INDENT * 2, _INDENT, "yellow")
    if not line["steps"]:
        return page.wrapped("First deployment", _INDENT, _INDENT, "bold") + lines if lines else []
    span = f" ({found})" if (found := times.between(line["low"], line["high"])) else ""
    at_once = f"{counted(line['parallel'], 'resource')} at a time"
    said = f"First deployment: about {times.minutes(line['seconds'])}{span}, {at_once}"
    head = page.wrapped(said, _INDENT, _INDENT, "bold")
    links, whole = line["chain"]["links"], line["chain"]["seconds"]
    slow = [link for link in links if whole and link["end"] - link["start"] >= _SLOW * whole]
    if whole and links and not slow:  # none by itself
        slow = [max(links, key=lambda link: link["end"] - link["start"])]
    parts = [
        f"{_place(names[link['urn']], names[link['urn']]).partition(' at ')[0]} "
        f"{times.minutes(link['end'] - link['start'])}"
        for link in slow
    ]
    decides = page.wrapped(f"what decides: {', then '.join(parts)}", _INDENT * 2, _INDENT) if parts else []
    return head + decides + lines


def _usd(text: str) -> str:
    """Whole dollars from ten on: nobody reads cents of an estimate."""
    return f"{float(text):,.0f}" if float(text) >= 10 else text


def _kind_of(urn: str) -> str:
    return _kind(urn.split("::")[2].rpartition("$")[2])


def _wrong(stack: Mapping[str, Any]) -> str:
    if report.ran_to_its_end(stack["errors"]):
        return f"{counted(len(stack['errors']), 'mistake')} in what it asks of AWS"
    if any(error["kind"] != "input" for error in stack["errors"]):
        return "the program or its stack file is wrong"
    return f"{'' if stack['resources'] else 'not run, '}its stack file or an option is wrong"


def _error(error: Mapping[str, Any], page: Page) -> list[str]:
    place, message = error["source"], error["message"]
    modes = f" (at {error['phases'][0]} only)" if len(error["phases"]) == 1 else ""
    if error["kind"] == report.REFUSED and error["phases"] == ["preview"]:  # it ends there: nobody gets to the update
        modes = ""
    if place and "\n" in message:  # a text of its own, such as a list of mistakes: what it says comes first
        if page.verbose or error["kind"] != "config":  # whoever mends a stack file needs no line of the program
            message += f"\n(raised at {place})"
    elif place:
        message = f"{place}: {message}"
    return page.wrapped(f"{error['kind']} error{modes}: {message}", _INDENT, _INDENT, "red")


def _created(resources: Sequence[Mapping[str, Any]], page: Page) -> list[str]:
    groups: dict[str | None, Counter[str]] = {}
    titles: dict[str | None, str] = {None: "outside a component"}
    for resource in resources:
        component = resource["component"]
        if resource["urn"] == component:
            titles[component] = f"{resource['name']} ({resource['type'].rpartition(':')[2]})"
        if report.is_created(resource):
            groups.setdefault(component, Counter())[_kind(resource["type"])] += 1
    lines = page.wrapped("Will be created", _INDENT, "", "bold")
    for component in sorted(groups, key=lambda urn: (urn is None, titles[urn])):
        kinds = sorted(groups[component].items(), key=lambda item: (-item[1], item[0]))
        shown = kinds if page.verbose or len(kinds) <= _KINDS + 1 else kinds[:_KINDS]
        parts = ", ".join(f"{count} {kind}" if count > 1 else kind for kind, count in shown)
        if len(shown) < len(kinds):
            parts += f", {sum(count for _, count in kinds[_KINDS:])} more of {len(kinds) - _KINDS} types"
        title = f"{titles[component]}: {sum(groups[component].values())}"
        lines += page.wrapped(f"{title} - {parts}", _INDENT * 2, _INDENT)
    return lines if groups else [*lines, f"{_INDENT * 2}nothing"]


def _kind(token: str) -> str:
    """`aws:ec2/subnet:Subnet` as `ec2.Subnet`."""
    package, _, rest = token.partition(":")
    module, _, name = rest.rpartition(":")
    module = module.partition("/")[0]
    return f"{module}.{name}" if package == "aws" else f"{package}.{name}"


def _exports(exports: Mapping[str, Any], page: Page) -> list[str]:
    if not exports:
        return []
    lines = page.wrapped("Exports", _INDENT, "", "bold")
    later = [name for name, entry in exports.items() if not entry["knownAtPreview"]]
    for name, entry in exports.items():
        if name not in later:
            lines += page.wrapped(f"{name} = {_value(entry['value'])}", _INDENT * 2, _INDENT)
    if later:
        lines += page.wrapped(f"known after the deployment: {', '.join(later)}", _INDENT * 2, _INDENT)
    return lines


def _value(value: Any) -> str:
    if isinstance(value, dict) and value.get("$secret") is True:
        return "[secret]"
    if isinstance(value, (dict, list)):
        return f"({counted(len(value), 'value')})"
    return str(value)


def _verdicts(stack: Mapping[str, Any], page: Page) -> list[str]:
    if stack["policies"] is None and not stack["findings"]:
        return page.wrapped("Policies: none were asked", _INDENT, _INDENT, "yellow")
    counts, pack = stack["summary"], stack["policies"] or {"pack": "the pack"}
    said = (
        f"Policies ({pack['pack']}): "
        f"{counts['violations']['mandatory']} mandatory and {counts['violations']['advisory']} advisory violations, "
        f"{counts['undecided']['open']} undecided"
    )
    if counts["exempted"]:
        said += f"; {counts['exempted']} exempted"
    lines = page.wrapped(said + _decided(counts["undecided"]), _INDENT, _INDENT, "bold")
    names = {entry["urn"]: entry for entry in stack["resources"]}
    for verdict in ("error", "violation", "undecided", "exempted"):
        wanted = [e for e in stack["findings"] if e["verdict"] == verdict]
        groups = _grouped(e for e in wanted if page.verbose or "decidedAtUpdate" not in e)
        limit = len(groups) if page.verbose else _SHOWN[verdict]
        before = None
        for group in groups[:limit]:
            told = (group[0]["control"], group[0]["fix"])
            lines += _finding(group, names, page, again=told == before)
            before = told
        if len(groups) > limit:
            rest = counted(sum(map(len, groups[limit:])), f"more {verdict} finding")
            lines += page.wrapped(f"and {rest} (--verbose shows all)", _INDENT * 2)
    return lines


def _decided(undecided: Mapping[str, int]) -> str:
    """What became of the verdicts that a preview could not give; nothing where it gave all."""
    passed, broken = undecided["pass"], undecided["violation"]
    if not passed + broken:
        return ""
    begun = f". {passed + broken}{' more' if undecided['open'] else ''} waited for ids at preview"
    if not broken:
        return f"{begun} and {'pass' if passed > 1 else 'passes'} at update."
    kept = f"{passed} {'pass' if passed > 1 else 'passes'} at update, " if passed else ""
    return f"{begun}: {kept}{broken} {'are' if broken > 1 else 'is'} among these violations."


def _grouped(entries: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Findings that say the same of several resources, together."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        same = {key: value for key, value in entry.items() if key not in {"urn", "source"}}
        groups.setdefault(repr(same), []).append(entry)
    return list(groups.values())


def _finding(
    group: Sequence[Mapping[str, Any]], names: Mapping[str, Mapping[str, Any]], page: Page, *, again: bool
) -> list[str]:
    """Findings that say the same; `again`: their fix stands just above."""
    entry = group[0]
    shown = group if page.verbose else group[:_PLACES]
    places = [_place(each, names.get(each["urn"])) for each in shown]
    if len(group) > len(shown):
        places.append(f"and {counted(len(group) - len(shown), 'more resource')}")
    severity = "red" if entry["verdict"] == "error" or findings.stops(entry) else "yellow"
    label = {"error": "policy error", "exempted": "exempted"}.get(
        entry["verdict"], f"{entry['level']} {entry['verdict']}"
    )
    if entry["phase"] != ["preview", "update"]:
        label += f" at {' and '.join(entry['phase'])} only"
    if "decidedAtUpdate" in entry:
        label += f", decided at update: {entry['decidedAtUpdate']}"
    lines = page.wrapped(
        f"{label} [{entry['control']}] {', '.join(filter(None, places))}", _INDENT * 2, _INDENT, severity
    )
    lines += page.wrapped(entry["message"], _INDENT * 3, _INDENT)
    if entry["path"]:
        lines += page.wrapped("path: " + " -> ".join(entry["path"]), _INDENT * 3, _INDENT)
    if entry["verdict"] == "exempted":
        lines += page.wrapped(entry["exemption"], _INDENT * 3, _INDENT)
    elif entry["fix"]:
        lines += page.wrapped("fix: as above" if again else f"fix: {entry['fix']}", _INDENT * 3, _INDENT)
    return lines


def _place(entry: Mapping[str, Any], resource: Mapping[str, Any] | None) -> str:
    at = f" at {entry['source']}" if entry["source"] else ""
    return f"{resource['name']} ({_kind(resource['type'])}){at}" if resource else ""


def _notes(notes: Iterable[str], page: Page) -> list[str]:
    lines = [line for note in notes for line in page.wrapped(f"- {note}", _INDENT * 2, _INDENT)]
    return [*page.wrapped("Notes", _INDENT, "", "bold"), *lines] if lines else []


def _listing(stack: Mapping[str, Any], page: Page) -> list[str]:
    lines = page.wrapped("Resources", _INDENT, "", "bold") if stack["resources"] else []
    for entry in stack["resources"]:
        place = f" at {entry['source']}" if entry["source"] else ""
        lines += page.wrapped(f"{entry['name']} ({entry['type']}){place}", _INDENT * 2, _INDENT)
    for mode, timings in stack["timings"].items():
        steps = ", ".join(f"{step} {seconds:.2f} s" for step, seconds in timings.items())
        lines += page.wrapped(f"{mode}: {steps}", _INDENT, _INDENT, "dim")
    return lines
