"""The differences as a comment on a pull request: the counts first, what is grave next, then everything in folds."""

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from preflight import report
from preflight.diff import words
from preflight.markdown import LIMIT_BYTES, block, cell, span

_ROW = 700  # characters of one line; the rest of it is cut
_MORE = 30  # bytes that say how many rows are left out, beside the command that shows them, and the lines between
_PROPERTIES = 12  # of one resource
_COLUMNS = (
    ("added", "add"), ("updated", "update"), ("replaced", "replace"), ("perhaps replaced", "unknown"),
    ("removed", "remove"), ("renamed", "rename"),
)  # fmt: skip
_SIGNS = {"engineRefuses": "🔒", "deletionRefused": "⛔", "losesData": "⚠️", "restorable": "💾", "staysInAws": "📦"}


class _Section(NamedTuple):
    """Rows under a title; `grave` ones are not folded, and get room first, `late` ones what the others leave."""

    title: str
    rows: Sequence[str]
    grave: bool = False
    late: bool = False

    @property
    def turn(self) -> int:
        """When it gets its room."""
        return 0 if self.grave else 2 if self.late else 1


def markdown(found: Mapping[str, Any], limit: int = LIMIT_BYTES) -> str:
    """At most `limit` bytes in UTF-8; where not everything fits, each section says how much it leaves out."""
    head = [f"## Preflight: what changes against {span(words.against(found['base']))}", ""]
    head += [block(words.error(error, found["base"])[:2000]) for error in found["errors"]]
    head += _table(found["stacks"]) if found["stacks"] else []
    head += [text for note in found["notes"] for text in ("", span(note))]
    tail = (
        "Offline, program against program: what the state of the real stack holds is in the previews. Values that AWS "
        "makes are not known before the deployment, secrets are not shown."
    )
    parts: list[tuple[str, list[_Section]]] = []
    for name, stack in found["stacks"].items():
        parts.append((f"### {span(name)}", list(_sections(stack, found["base"]))))
    room = limit - _size("\n".join([*head, "", tail])) - sum(_size(title) + 4 for title, _ in parts) - 200
    turns = sorted((section for _, sections in parts for section in sections), key=lambda section: section.turn)
    command = span(f"python -m preflight diff --all --base {shlex.quote(found['base']['name'])}")
    room -= sum(_size("".join(_frame(section))) + _size(command) + _MORE for section in turns)
    left = Counter(section.turn for section in turns)
    written: dict[int, str] = {}
    for section in turns:
        share = room // 2 if section.grave else room // left[section.turn]
        left[section.turn] -= 1
        written[id(section)], used = _fitted(section, share, command)
        room -= used
    lines = list(head)
    for title, sections in parts:
        if sections:
            lines += ["", title, "", *(written[id(section)] + "\n" for section in sections if written[id(section)])]
    apart = [] if lines[-1].endswith("\n") else [""]  # else it were a row of the table
    return "\n".join([*lines, *apart, tail]) + "\n"


def _table(stacks: Mapping[str, Any]) -> list[str]:
    titles = [
        "stack",
        *(title for title, _ in _COLUMNS),
        "engine refuses",
        "loses data",
        "AWS refuses",
        "USD a month",
        "findings",
        "reach",
    ]
    rows = [f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
    for name, stack in stacks.items():
        summary = stack["summary"]
        ran = report.ran_to_its_end(stack["errors"])
        if not ran or stack["state"] == "gone":
            said = "no stack file any more" if ran else "cannot be compared, see below"
            rows.append(f"| {cell(name)} | {said} |{' |' * (len(titles) - 2)}")
            continue
        cells = [cell(name) + (" (new)" if stack["state"] == "new" else "")]
        cells += [str(summary[key] or "") for _, key in _COLUMNS]
        told = words.grave(stack["resources"])
        by_aws = summary["refused"] + len(told["deletionRefused"])
        grave = (summary["engineRefuses"], len(told["losesData"]), by_aws)
        cells += [f"**{number}**" if number else "" for number in grave]
        cost, reach, findings = stack["cost"], stack["reach"], stack["findings"]
        cells.append(_cost_cell(cost) if cost else "")
        cells.append(_signed(len(findings["new"]), len(findings["gone"])))
        cells.append(_signed(len(reach["opened"]), len(reach["closed"])) if reach else "")
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def _cost_cell(cost: Mapping[str, Any]) -> str:
    over = f", over budget ({cost['budget']})" if cost["budgetExceeded"] else ""
    if cost["base"] is None or cost["head"] is None:
        return str((cost["head"] or cost["base"])["expected"]) + over
    return f"{words.signed(cost['delta']['expected'])} ({cost['head']['expected']}){over}"


def _signed(more: int, fewer: int) -> str:
    return " ".join([*([f"+{more}"] if more else []), *([f"-{fewer}"] if fewer else [])])


def _sections(stack: Mapping[str, Any], base: Mapping[str, Any]) -> Iterator[_Section]:
    names = stack["names"]
    ran = report.ran_to_its_end(stack["errors"])
    if stack["errors"]:
        title = "Mistakes in what it asks of AWS" if ran else "Cannot be compared"
        yield _Section(title, [_line(words.error(each, base)) for each in stack["errors"]], True)
    if not ran:
        return
    listed = stack["resources"]
    if moved := words.moved(stack):
        yield _Section("Before all else", [_line(said) for said in moved], True)
    yield from _grave(stack)
    planned = [each for each in listed if each["action"] != "none" and not words.is_provider(each)]
    for leading in (True, False):
        for action in ("remove", "replace", "unknown", "update", "add", "rename"):
            whole = action in ("remove", "add", "rename")  # these follow nobody
            mine = [each for each in planned if each["action"] == action and (whole or words.leads(each)) is leading]
            if mine:
                title = words.TITLES[action] + ("" if leading else ", only to follow or watch others")
                rows = [_resource(each, names) for each in mine]
                yield _Section(f"{title[0].upper()}{title[1:]}", rows, late=not leading)
    yield from _listed(
        words.PROVIDERS, [_provider(each, names) for each in listed if words.is_provider(each) and _does(each)]
    )
    idle = [each for each in listed if each["action"] == "none" and each["changes"] and not words.is_provider(each)]
    if idle:
        yield _Section("Changed in the program, nothing planned", [_resource(each, names) for each in idle])
    yield from _answers(stack)
    said = [*words.waiting(stack["findings"]), *stack["notes"]]
    if stack["secretConfiguration"]:
        said.append(f"encrypted configuration differs: {', '.join(stack['secretConfiguration'])}")
    if said:
        yield _Section("Notes", [_line(each) for each in said])


def _grave(stack: Mapping[str, Any]) -> Iterator[_Section]:
    listed = stack["resources"]
    for key, rows in words.grave(listed).items():
        if rows:
            yield _Section(f"{_SIGNS[key]} {words.GRAVE[key]}", [_line(row) for row in rows], True)
    for outcome, title in (
        ("refused", "⛔ Planned, and AWS refuses it"),
        ("not planned", "Nothing is planned, although the program changed"),
    ):
        told = [
            _line(words.warning(warning, each))
            for each in listed
            for warning in each["warnings"]
            if warning["outcome"] == outcome
        ]
        if told:
            yield _Section(title, told, outcome == "refused")
    worse = [each for each in stack["findings"]["new"] if each["level"] == "mandatory"]
    if worse:
        yield _Section(
            "❌ New findings that stop a deployment", [_finding(each, stack["names"]) for each in worse], True
        )
    world = [way for way in (stack["reach"] or {"opened": ()})["opened"] if way["kind"] == "world"]
    if world and stack["state"] == "compared":
        yield _Section("🌍 Newly open to the world", [_line(words.reached(way, stack["names"])) for way in world], True)


def _answers(stack: Mapping[str, Any]) -> Iterator[_Section]:
    names = stack["names"]
    yield from _cost(stack["cost"], names) if stack["cost"] else ()
    for key, title in (("new", "New findings"), ("gone", "Findings gone")):
        yield from _listed(title, [_finding(each, names) for each in stack["findings"][key]])
    for key, title in words.REACH.items():
        ways = stack["reach"][key] if stack["reach"] else ()
        yield from _listed(title, [_line(words.reached(way, names)) for way in ways])
    for key, title in (("new", "New single points of failure"), ("gone", "Single points of failure gone")):
        points = stack["singlePoints"][key] if stack["singlePoints"] else ()
        yield from _listed(title, [_line(f"{_name(names, each['urn'])}: {each['what']}") for each in points])
    line = stack["timeline"]
    if line and (line["delta"] or not line["sameChain"] or line["base"]["notCounted"] != line["head"]["notCounted"]):
        title = f"Time to make this stack from nothing: {words.duration(line)}; what decides it now, in order"
        yield _Section(title, [_line(said) for said in words.chain(line, names)])
    yield from _listed(
        "Exports gone, which other stacks may read", [_line(each) for each in stack["exports"]["removed"]]
    )


def _listed(title: str, rows: Sequence[str]) -> Iterator[_Section]:
    if rows:
        yield _Section(title, rows)


def _cost(cost: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[_Section]:
    rows = [
        f"- {span(_name(names, each['urn']))} {words.amount(each)} USD a month"
        for key in ("components", "resources")
        for each in cost[key]
    ]
    over = [f"- **{words.over_budget(cost)}**"] if cost["budgetExceeded"] else []
    told = [f"- {said}" for said in words.prices(cost)]
    yield from _listed(f"Cost: {words.money(cost)}", over + told + rows)
    rows = [_line(f"{_name(names, each['urn'])}: {each['why']}") for each in cost["unpriced"]["new"]]
    yield from _listed("New, and not or not fully priced", rows)


def _resource(each: Mapping[str, Any], names: Mapping[str, str]) -> str:
    ranked = sorted(each["changes"], key=lambda change: change["effect"] != each["action"])
    said = [words.change(change, names) for change in ranked[:_PROPERTIES]]
    if len(ranked) > _PROPERTIES:
        said.append(f"and {len(ranked) - _PROPERTIES} more")
    if each["renamedFrom"]:
        said.insert(0, f"before {each['renamedFrom'].rpartition('::')[2]}")
    if each["deletedFirst"]:
        said.append("the old one is deleted before the new one comes")
    said += words.kept(each)
    place = f" at {each['source']}" if each["source"] else ""
    head = f"- {span(words.called(each))}{place if not place else ' ' + span(place.removeprefix(' at '))}"
    return f"{head}: {span(_cut('; '.join(said)))}" if said else head


def _does(each: Mapping[str, Any]) -> bool:
    return bool(each["changes"]) or each["action"] != "none"


def _provider(each: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What becomes of it first: no title says so."""
    return _resource(each, names).replace("- ", f"- {words.TITLES[each['action']]}: ", 1)


def _finding(each: Mapping[str, Any], names: Mapping[str, str]) -> str:
    place = f" {each['source']}" if each["source"] else ""
    fix = f" Fix: {each['fix']}" if each["fix"] else ""
    said = f"{_name(names, each['urn'])}{place}: {each['message']}{fix}"
    return f"- {each['level']} {each['verdict']} {span(each['control'])} {span(_cut(said))}"


def _line(text: str) -> str:
    return f"- {span(_cut(text))}"


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _ROW else f"{flat[: _ROW - 3]}..."


def _name(names: Mapping[str, str], urn: str | None) -> str:
    return "outside a component" if urn is None else names.get(urn, urn.rpartition("::")[2])


def _frame(section: _Section) -> tuple[str, str]:
    title = f"{section.title} ({len(section.rows)})"
    if section.grave:
        return f"**{title}**\n\n", "\n"
    return f"<details><summary>{_escaped(title)}</summary>\n\n", "\n\n</details>"


def _fitted(section: _Section, room: int, command: str) -> tuple[str, int]:
    """The section with as many rows as fit, how many it leaves out and what shows them; and the room its rows take."""
    before, after = _frame(section)
    rows: list[str] = []
    used = 0
    for row in section.rows:
        if used + _size(row) + 1 > room:
            break
        used += _size(row) + 1
        rows.append(row)
    if len(rows) < len(section.rows):
        rows.append(f"- and {len(section.rows) - len(rows)} more: {command} shows them")
    return before + "\n".join(rows) + after, used


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _size(text: str) -> int:
    return len(text.encode())
