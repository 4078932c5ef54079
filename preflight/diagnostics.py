"""Turns what a policy pack says into findings.

A finding is a plain dict, because it travels as JSON from the worker to the command:
control, policy, verdict (violation | undecided | exempted | error), level (mandatory | advisory), phase (preview |
update), urn, message, path, fix, references; for an exempted one also `exemption`: by whom, until when, why.
"""

import re
from typing import Any, Literal

Finding = dict[str, Any]
Phase = Literal["preview", "update"]

_HEAD = re.compile(r"\[(?P<control>[\w.:-]+)\] (?P<verdict>violation|undecided|exempted|internal error): *", re.DOTALL)
_LABEL = re.compile(r"^(resource|path|fix|exempted|references): ?", re.MULTILINE)
_UNKNOWN = re.compile(r"can't run policy '(?P<policy>.*?)' from policy pack '.*?' during preview: ", re.DOTALL)


def finding(  # noqa: PLR0913 one argument for each key
    *, control: str, policy: str, verdict: str, level: str, phase: Phase, urn: str, message: str,
    path: list[str] | None = None, fix: str = "", references: list[str] | None = None,
) -> Finding:  # fmt: skip
    """A finding with all its keys."""
    return {
        "control": control, "policy": policy, "verdict": verdict, "level": level, "phase": phase, "urn": urn,
        "message": message, "path": path or [], "fix": fix, "references": references or [],
    }  # fmt: skip


def parse(
    *, policy: str, description: str, message: str, level: str, policy_level: str, phase: Phase, urn: str
) -> Finding:
    """One diagnostic of the protocol as a finding.

    A policy that touched an unknown value says so in an advisory diagnostic, whatever its own level: that is an
    undecided verdict, never a pass. `level` is what the engine enforces, `policy_level` what the policy is set to.
    """
    text = message.removeprefix(description).strip() or description.strip()
    if unknown := _UNKNOWN.match(message):
        return finding(
            control=policy, policy=policy, verdict="undecided", level=level, phase=phase, urn=urn,
            message=f"this {policy_level} policy could not be evaluated: {message[unknown.end() :].strip()}",
        )  # fmt: skip
    head = _HEAD.match(text)
    if head is None:
        return finding(
            control=policy, policy=policy, verdict="violation", level=level, phase=phase, urn=urn, message=text
        )
    said, labels = _labelled(text[head.end() :])
    verdict = "error" if head["verdict"] == "internal error" else head["verdict"]
    found = finding(
        control=head["control"], policy=policy, verdict=verdict, level=level, phase=phase,
        urn=_urn(labels.get("resource", "")) or urn, message=said,
        path=[step.strip() for step in labels.get("path", "").split(" -> ") if step.strip()],
        fix=labels.get("fix", ""),
        references=[name.strip() for name in labels.get("references", "").split(",") if name.strip()],
    )  # fmt: skip
    return {**found, "exemption": labels.get("exempted", "")} if verdict == "exempted" else found


def _urn(text: str) -> str:
    return text if text.startswith("urn:pulumi:") else ""


def _labelled(text: str) -> tuple[str, dict[str, str]]:
    pieces = _LABEL.split(text)
    labels = {label: " ".join(value.split()) for label, value in zip(pieces[1::2], pieces[2::2], strict=True)}
    return " ".join(pieces[0].split()), labels


def order(entry: Finding) -> tuple[str, ...]:
    """The sorting key: findings come in the order of threads, reports must not."""
    return tuple(str(entry[key]) for key in ("urn", "control", "verdict", "level", "message", "path"))
