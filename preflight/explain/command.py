"""The command `explain`: finds out what its subject is, and says it."""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from preflight import checking, report, times
from preflight.diff import words
from preflight.explain import controls, errors, messages, resources
from preflight.packs import find_pack
from preflight.project import nearest, open_project
from preflight.summary import Page
from preflight.yaml_source import SourceError

SCHEMA_VERSION = 1
_INDENT = "  "
_KINDS = (
    "a control or policy of the pack, a resource by URN or logical name, a kind of error, or (part of) a message of "
    "preflight, as it was said"
)


def answer(options: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """The document and the exit code. The program is run only for what neither the pack nor the index of errors has."""
    subject = resources.unbroken(options.subject.strip())
    mistakes = errors.found(subject)
    if mistakes:
        return _document(subject, [errors.explanation(mistakes)], []), report.FINE
    if spoken := messages.found(subject):
        return _document(subject, spoken, []), report.FINE
    known: list[str] = [each.kind for each in errors.INDEX]
    wrong: list[str] = []
    if not options.no_policy:
        try:
            control, names = _control(options, subject)
        except SourceError as error:
            wrong += error.messages
        else:
            if control is not None:
                return _document(subject, [control], []), report.FINE
            known += names
    # The policies are asked all the same: findings are part of what there is to say.
    [(found, _)] = checking.run(checking.Check(options))
    wrong += [error["message"] for error in found["errors"]]
    wrong += [f"{name}: {e['message']}" for name, stack in found["stacks"].items() for e in stack["errors"]]
    matches = [resources.explanation(found, stack, entry) for stack, entry in resources.matching(found, subject)]
    if matches:
        return _document(subject, matches, []), report.FINE
    hint = nearest(subject, known + resources.names(found))
    wrong = list(dict.fromkeys(wrong))
    return _document(
        subject, [], [*wrong, f"{subject!r} is nothing that can be explained{hint or '.'} Allowed: {_KINDS}"]
    ), report.WRONG


def _control(options: argparse.Namespace, subject: str) -> tuple[dict[str, Any] | None, list[str]]:
    project = open_project(Path(options.program))
    pack = find_pack(project, options.policy)
    described = controls.described(pack)
    if subject not in described.names():
        return None, described.names()
    levels = controls.levels(pack, described, project, subject, options.policy_config)
    return controls.explanation(described, subject, levels), described.names()


def _document(subject: str, found: Sequence[Mapping[str, Any]], wrong: Sequence[str]) -> dict[str, Any]:
    return {
        "schemaVersion": SCHEMA_VERSION, "tool": report.TOOL, "subject": subject,
        "errors": list(wrong), "explanations": [dict(each) for each in found],
    }  # fmt: skip


def text(document: Mapping[str, Any], page: Page) -> str:
    """For a person, ending in a line feed."""
    lines: list[str] = []
    for each in document["explanations"]:
        told = {"error": _error, "message": _message, "resource": _resource}.get(each["kind"], _rule)(each)
        for title, parts in told:
            style = [] if title else ["bold"]
            said, indent = (f"{title}: {parts}", _INDENT) if title else (parts, "")
            lines += page.wrapped(said, indent, _INDENT, *style, whole=True)
        lines.append("")
    for message in document["errors"]:
        lines += page.wrapped(message, "", _INDENT, "red", whole=True)
    return "\n".join(lines).rstrip() + "\n"


Said = Iterator[tuple[str, str]]


def _rule(each: Mapping[str, Any]) -> Said:
    yield "", f"{each['name']}, a {each['kind']} of {each['pack']}"
    yield from _some("severity", each["severity"] or "")
    where = "where one of its packs is selected, " if each["packs"] else ""
    yield from _some(
        "level", f"{each['level']} {where}unless the configuration says otherwise" if each["level"] else ""
    )
    if each["levels"]:
        yield "configured", ", ".join(f"{stack} {level}" for stack, level in each["levels"].items())
    for title in ("says", "why", "fix", "url"):
        if each[title]:
            yield title, each[title]
    for title, key in (("references", "references"), ("packs", "packs"), ("about", "subjects")):
        if each[key]:
            yield title, ", ".join(each[key])
    for parameter in each["parameters"]:
        default = parameter["default"]
        said = default if isinstance(default, str) else json.dumps(default)
        known = f" (default: {said})" if default is not None else ""
        yield "parameter", f"{parameter['name']}: {parameter['meaning']}{known}"


def _error(each: Mapping[str, Any]) -> Said:
    for mistake in each["errors"]:
        said = f": ... {mistake['message']} ..." if mistake["message"] else ""
        said_by = "AWS says it in a deployment" if mistake["kind"] == errors.OF_AWS else "a note, not an error"
        ends = f"exit code {mistake['exitCode']}" if mistake["exitCode"] else said_by
        yield "", f"{mistake['kind']}{said} ({ends})"
        yield "cause", mistake["cause"]
        yield "cure", mistake["cure"]


def _within_a_sentence(words: str) -> str:
    """With a small letter first, but for abbreviations: ECS services."""
    first = words.partition(" ")[0]
    return words if len(first) > 1 and first[:2].isupper() else words[0].lower() + words[1:]


def _message(each: Mapping[str, Any]) -> Said:
    yield "", each["name"]
    yield "said by", f"{each['part']}: {_within_a_sentence(each['about'])}" if each["about"] else each["part"]
    if each["error"]:
        yield "kind", f"{each['error']} (exit code {each['exitCode']})"
        yield "cause", each["cause"]
        yield "cure", each["cure"]
    else:
        yield "meaning", "what it says: preflight keeps no cause and cure of it. Of an error its kind has both"
    yield "read on", each["readOn"]


def _resource(each: Mapping[str, Any]) -> Said:
    yield "", f"{words.called(each)} in {each['stack']}: {each['what']}"
    yield "urn", each["urn"]
    yield from _some("made at", each["source"] or "")
    yield from _some("parent", _name(each["parent"]) if each["parent"] else "")
    yield from _some("holds data", "replacing or deleting it loses them" if each["holdsData"] else "")
    options = [f"{key} {words.value(value)}" for key, value in each["options"].items() if key != "aliases"]
    yield from _some("options", ", ".join(options))
    for key, value in each["inputs"].items():
        yield f"input {key}", words.value(value)
    yield from _some("children", _names(each["children"]))
    yield from _some("needs", _names(each["needs"]))
    users = [f"{_name(urn)} ({', '.join(keys)})" if keys else _name(urn) for urn, keys in each["neededBy"].items()]
    yield from _some("needed by", ", ".join(users))
    yield from _price(each)
    found = [f"{e['level']} {e['verdict']} [{e['control']}] {e['message']}" for e in each["findings"]]
    for said in found or ["none"]:
        yield "finding" if found else "findings", said


def _price(each: Mapping[str, Any]) -> Said:
    if each["cost"]:
        yield "cost", ", ".join(f"{profile} {usd}" for profile, usd in each["cost"].items()) + " USD a month"
    for why in each["notPriced"]:
        yield "not or not fully priced", why
    if each["seconds"]:
        took = each["seconds"]
        span = f" ({found})" if (found := times.between(took["low"], took["high"])) else ""
        timed = "" if took["confidence"] != "none" else ", which nobody has timed"
        yield "takes", f"about {times.minutes(took['typical'])}{span}{timed}"


def _some(title: str, text: str) -> Said:
    if text:
        yield title, text


def _names(urns: Sequence[str]) -> str:
    shown = [_name(urn) for urn in urns[:20]]
    return ", ".join(shown) + (f" and {len(urns) - 20} more" if len(urns) > 20 else "")


def _name(urn: str) -> str:
    head, _, name = urn.rpartition("::")
    return f"{name} ({words.kind(head.rpartition('::')[2].rpartition('$')[2])})"
