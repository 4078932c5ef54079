"""One resource of a report: what it is, where it comes from, what hangs on it, what it costs."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from preflight import texts
from preflight.diff.made_up import MadeUp, Told, account, region
from preflight.diff.values import without_marks
from preflight.recording import UNKNOWN
from preflight.simulation import durations, holders, lookups
from preflight.stand_in import ANSWER

Report = Mapping[str, Any]
_DRAWN = re.compile(rf"{ANSWER}|[0-9a-f]{{8}}|[0-9A-F]{{8}}")  # in a text that a stand-in has and nobody else
_ELSEWHERE = ("provider", "version", "providers")  # options that say how, not what


def matching(report: Report, subject: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Stack and resource of every URN or logical name that is meant."""
    return [
        (name, entry)
        for name, stack in report["stacks"].items()
        for entry in stack["resources"]
        if subject in (entry["urn"], entry["name"]) or subject == unbroken(entry["urn"])
    ]


def unbroken(subject: str) -> str:
    """A URN without line breaks and blanks, which it has where a terminal or a mail broke it; any other subject as it
    is."""
    return "".join(subject.split()) if subject.startswith("urn:") else subject


def names(report: Report) -> list[str]:
    """All logical names and URNs."""
    entries = [entry for stack in report["stacks"].values() for entry in stack["resources"]]
    return sorted({entry["name"] for entry in entries} | {entry["urn"] for entry in entries})


def explanation(report: Report, stack_name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that the report says of it. Inputs that AWS makes are unknown, secrets are hidden, and what a run made
    up for AWS says what it is of."""
    stack = report["stacks"][stack_name]
    urn = entry["urn"]
    unknown = set(entry["unknownAtPreview"])
    told = _told(stack, entry)
    cost = next((each for each in (stack["cost"] or {"resources": []})["resources"] if each["urn"] == urn), None)
    step = next((each for each in (stack["timeline"] or {"steps": []})["steps"] if each["urn"] == urn), None)
    return {
        "kind": "resource", "stack": stack_name, "urn": urn, "type": entry["type"], "name": entry["name"],
        "what": _what(entry), "source": entry["source"], "parent": entry["parent"], "component": entry["component"],
        "provider": entry["options"].get("provider"),
        "options": {key: value for key, value in entry["options"].items() if key not in _ELSEWHERE},
        "holdsData": entry["type"] in holders.TYPES,
        "inputs": {key: _shown(without_marks(value), key, unknown, told) for key, value in entry["inputs"].items()},
        "needs": sorted({*entry["dependencies"]}.union(*entry["propertyDependencies"].values())),
        "neededBy": _needed_by(stack["resources"], urn),
        "children": sorted(each["urn"] for each in stack["resources"] if each["parent"] == urn),
        "cost": cost["usd"] if cost else None,
        "notPriced": [each["why"] for each in (stack["cost"] or {"unpriced": []})["unpriced"] if each["urn"] == urn],
        "seconds": _seconds(entry, step),
        "findings": [dict(each) for each in stack["findings"] if each["urn"] == urn],
    }  # fmt: skip


def _what(entry: Mapping[str, Any]) -> str:
    if entry["type"].startswith("pulumi:providers:"):
        return "a provider: through it resources are made"
    if not entry["custom"]:
        return "a component: it groups resources and makes nothing itself"
    if entry["options"].get("external"):
        return "only read: somebody else made it"
    return "a resource that a deployment makes"


def _needed_by(entries: Sequence[Mapping[str, Any]], urn: str) -> dict[str, list[str]]:
    """Who depends on it: by which inputs, none where only the order is asked for."""
    found = {}
    for entry in entries:
        keys = sorted(key for key, urns in entry["propertyDependencies"].items() if urn in urns)
        if keys or urn in entry["dependencies"]:
            found[entry["urn"]] = keys
    return dict(sorted(found.items()))


def _seconds(entry: Mapping[str, Any], step: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if step is None or not entry["custom"]:
        return None
    took = durations.of(entry["type"], "create", entry["inputs"])
    return {"low": took.low, "typical": took.typical, "high": took.high, "confidence": step["confidence"]}


def _told(stack: Mapping[str, Any], entry: Mapping[str, Any]) -> Told:
    """What writes a text with its stand-ins marked: of other resources, and of lookups that nobody answered. What a
    program asks by, and words that are no stand-ins, may be its own."""
    entries = {each["urn"]: each for each in stack["resources"]}
    here = account(stack)
    of_resources = MadeUp(entries, region(stack), here).told(entry)
    stand_ins: dict[str, set[str]] = {}
    for lookup in stack["lookups"]:
        token, asked = lookup["token"], {here, *texts.of(lookup["args"])}
        noted = any(f"answer to {token} " in note and "is a stand-in" in note for note in stack["notes"])
        found = lookup["result"].items() if noted and lookups.is_stand_in(token) else ()
        called = {text: key for key, text in sorted(found, reverse=True)  # the id last, which counts
                  if isinstance(text, str) and _DRAWN.search(text)}  # fmt: skip
        for text in {*called} - asked:
            stand_ins.setdefault(text, set()).add(f"{called[text]} of {token}")

    def told(text: str) -> str:
        return f"<{' or '.join(sorted(stand_ins[text]))}>" if text in stand_ins else of_resources(text)

    return told


def _shown(value: Any, path: str, unknown: set[str], told: Told) -> Any:
    if path in unknown:
        return {UNKNOWN: True}
    if isinstance(value, dict):
        return {key: _shown(inner, f"{path}.{key}", unknown, told) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shown(inner, f"{path}[{i}]", unknown, told) for i, inner in enumerate(value)]
    return told(value) if isinstance(value, str) else value
