"""Brings the verdicts of both modes together: each finding once, and what the update made of an open question."""

from collections import deque
from collections.abc import Mapping
from typing import Any

Finding = dict[str, Any]
_ORDER = {"error": 0, "violation": 1, "undecided": 2, "exempted": 3}
_ALIKE = ("control", "verdict", "urn")
_SAME = (*_ALIKE, "message")


def combined(
    preview: list[Finding] | None, update: list[Finding] | None, sources: dict[str, str | None]
) -> list[Finding]:
    """Both modes' findings, each with the list of phases it was reported in; None = that mode gave no verdicts.

    Two reports are the same finding when control, verdict and resource agree, and the text too or else the position
    among their like: at update a message may name ids that were unknown before. The update's text is kept.
    """
    result: list[Finding] = []
    first, second = _judged(preview), _judged(update)
    for keys in (_SAME, _ALIKE):
        waiting: dict[tuple[Any, ...], deque[Finding]] = {}
        for other in second:
            waiting.setdefault(tuple(other[key] for key in keys), deque()).append(other)
        alone = []
        for entry in first:
            if twins := waiting.get(tuple(entry[key] for key in keys)):
                result.append(_with_phases(twins.popleft(), ["preview", "update"], sources))
            else:
                alone.append(entry)
        first, second = alone, [other for twins in waiting.values() for other in twins]
    result += [_with_phases(entry, ["preview"], sources) for entry in first]
    result += [_with_phases(entry, ["update"], sources) for entry in second]
    if update is not None and evaluated(update) is not None:
        _decide(result)
    return sorted(result, key=_sorting)


def evaluated(findings: list[Finding] | None) -> Finding | None:
    """The record of what the pack was asked, None when it gave no verdict at all."""
    return next((entry for entry in findings or () if entry["verdict"] == "evaluated"), None)


def stops(entry: Mapping[str, Any]) -> bool:
    """Whether the engine would refuse the deployment for this finding."""
    return bool(entry["verdict"] in {"violation", "undecided"} and entry["level"] == "mandatory")


def lasts(entry: Mapping[str, Any]) -> bool:
    """Whether there is something to tell of it: what the update decides is over, unless it stops the preview."""
    return "decidedAtUpdate" not in entry or stops(entry)


def _judged(findings: list[Finding] | None) -> list[Finding]:
    """The verdicts of one mode; a rule that speaks both per resource and per stack is heard once."""
    once = {
        (entry["control"], entry["verdict"], entry["urn"], entry["message"]): entry
        for entry in findings or ()
        if entry["verdict"] != "evaluated"
    }
    return list(once.values())


def _with_phases(entry: Finding, phases: list[str], sources: dict[str, str | None]) -> Finding:
    return {**entry, "phase": phases, "source": sources.get(entry["urn"])}


def _decide(findings: list[Finding]) -> None:
    """Marks what was undecided at preview only; where an error stood in the way at update, nothing was decided."""
    final = [entry for entry in findings if "update" in entry["phase"]]
    by_urn: dict[str, list[Finding]] = {}
    for entry in final:
        by_urn.setdefault(entry["urn"], []).append(entry)
    for entry in findings:
        if entry["verdict"] != "undecided" or "update" in entry["phase"]:
            continue
        about = final if _of_stack(entry) else [*by_urn.get(entry["urn"], ()), *by_urn.get("", ())]
        verdicts = {other["verdict"] for other in about if _answers(entry, other)}
        if not verdicts & {"error", "undecided"}:
            entry["decidedAtUpdate"] = "violation" if verdicts else "pass"


def _of_stack(entry: Finding) -> bool:
    """A stack policy that could not run is reported on the stack, or nowhere: it stands for all resources."""
    return not entry["urn"] or "::pulumi:pulumi:Stack::" in entry["urn"]


def _answers(entry: Finding, other: Finding) -> bool:
    """A policy that raised may have held the control: its error (control = policy) answers for all of them."""
    raised = other["verdict"] == "error" and other["control"] == other["policy"]
    return raised or bool(other["control"] == entry["control"])


def _sorting(entry: Finding) -> tuple[Any, ...]:
    return (
        _ORDER[entry["verdict"]],
        entry["level"] != "mandatory",
        entry["control"],
        entry["urn"],
        entry["phase"],
        entry["message"],
    )
