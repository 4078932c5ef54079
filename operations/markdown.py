"""Reports as Markdown for a pull request: at most 60 kB, whatever happened (GitHub takes 65,536 characters).

Text of others (messages, names) is quoted in code blocks or code spans, so that it can neither close them nor mention
anybody.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from operations.budget import Verdict
from operations.changes import GRAVEST, Change, Preview
from preflight import findings
from preflight.counted import counted
from preflight.markdown import block, bounded, cell, span

_SIGNS = {"create": "+", "update": "~", "replace": "+-", "delete": "-", "other": "?"}
_VERDICTS = {
    0: "fine",
    1: "breaks a mandatory rule",
    2: "the program or its stack file is wrong",
    3: "preflight or the policy pack failed",
}
_SHOWN = 200  # changes, findings


def preflight(report: Mapping[str, Any]) -> str:
    """The document of `python -m preflight check --json` as a comment."""
    parts = ["## Preflight", ""]
    parts += [f"- {span(error['kind'])} {block(error['message'])}" for error in report["errors"]]
    for name, stack in report["stacks"].items():
        parts += [*_stack(name, stack), ""]
    parts.append("A first deployment of each stack, offline. What differs from what exists already is in the previews.")
    return bounded("\n".join(parts))


def _stack(name: str, stack: Mapping[str, Any]) -> list[str]:
    summary = stack["summary"]
    found = [*filter(findings.lasts, stack["findings"])]
    head = f"{_mark(summary['exitCode'] == 0)} **{name}**: {_VERDICTS[summary['exitCode']]}"
    rules = summary["violations"]
    told = (
        f"{head}; {counted(summary['resources'], 'resource')} in {counted(summary['components'], 'component')}, "
        f"{rules['mandatory']} mandatory and {rules['advisory']} advisory violations, "
        f"{summary['undecided']['open']} undecided"
    )
    if summary.get("exempted"):  # a report of an older preflight has no such key
        told += f", {summary['exempted']} exempted"
    lines = [told, ""]
    lines += [block(f"{error['kind']}: {error['source'] or ''}\n{error['message']}") for error in stack["errors"]]
    shown = [_finding(finding) for finding in found[:_SHOWN]]
    if shown:
        lines += ["| control | verdict | resource | where | fix |", "|---|---|---|---|---|", *shown, ""]
    if len(found) > _SHOWN:
        lines += [f"and {counted(len(found) - _SHOWN, 'more finding')}", ""]
    kinds = Counter(resource["type"] for resource in stack["resources"] if resource["custom"])
    if kinds:
        rows = "\n".join(f"{count:4d}  {kind}" for kind, count in sorted(kinds.items()))
        lines += ["<details><summary>What would be created</summary>", "", block(rows), "", "</details>"]
    return lines


def _finding(finding: Mapping[str, Any]) -> str:
    level = f"{finding['verdict']} ({finding['level']})"
    name = (finding["urn"] or "").rpartition("::")[2]
    cells = [finding["control"] or finding["policy"], level, name, finding["source"] or "", finding["fix"] or ""]
    return f"| {' | '.join(cell(str(said)) for said in cells)} |"


def preview(stack: str, found: Preview, verdict: Verdict, late: Sequence[str] = ()) -> str:
    """A preview against the real account as a comment: verdict first, then what would change."""
    counts = Counter(change.operation for change in found.changes if change.custom)
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "nothing changes"
    stopping = [violation for violation in found.violations if violation.level != "advisory"]
    good = not (found.errors or verdict.problems or stopping)
    lines = [f"## Preview of {stack}", "", f"{_mark(good)} {told}; {found.unchanged} unchanged", ""]
    lines += [f"- **budget** {span(problem)}" for problem in verdict.problems]
    lines += [f"- {span(remark)}" for remark in verdict.remarks]
    lines += [block(f"[{entry.level}] {entry.policy}\n{entry.message}") for entry in found.violations[:_SHOWN]]
    lines += [block(error) for error in found.errors]
    if late:
        lines += [
            "",
            "No plan can have these, they appear only during the update; it is compared with this preview instead: "
            + ", ".join(span(name) for name in late),
        ]
    lines += ["", *_changes([change for change in found.changes if change.custom])]
    return bounded("\n".join(lines))


def _changes(found: Sequence[Change]) -> list[str]:
    ranked = sorted(found, key=lambda change: (GRAVEST.index(change.operation), change.resource))
    if not ranked:
        return []
    rows = "\n".join(_row(change) for change in ranked[:_SHOWN])
    more = f"\nand {len(ranked) - _SHOWN} more" if len(ranked) > _SHOWN else ""
    losing = any(change.operation in ("delete", "replace") for change in found)
    opened = " open" if losing else ""
    return [f"<details{opened}><summary>Changes</summary>", "", block(rows + more), "", "</details>"]


def _row(change: Change) -> str:
    because = f"  [{', '.join(change.because)}]" if change.because else ""
    return f"{_SIGNS[change.operation]:>2} {change.resource}{because}"


def drift(stack: str, output: str) -> str:
    """What `make drift` printed, as the text of an issue."""
    intro = (
        f"AWS differs from the state of **{stack}**: somebody or something changed it outside of this repository. "
        "`docs/operating.md`, section Drift, says what to do. This issue is updated every night and closed when the "
        "difference is gone."
    )
    return bounded(f"{intro}\n\n{block(output)}")


def _mark(good: bool) -> str:
    return "✅" if good else "❌"
