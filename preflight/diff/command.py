"""The command `diff`: what it takes, and how base and head come about."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from preflight.diff import base, compare, sealed
from preflight.project import Project, open_project
from preflight.yaml_source import SourceError

Check = Callable[[argparse.Namespace], tuple[dict[str, Any], str]]
_PASSED_ON = ("policy", "policy_config", "answers", "stack_outputs", "organization", "timeout", "parallel")


def answer(options: argparse.Namespace, check: Check) -> dict[str, Any]:
    """The document of differences. `check` makes the report of the head, while a child makes that of the base."""
    against: dict[str, Any] = {"kind": "commit", "name": options.base, "commit": None}
    try:
        if Path(options.base).is_file() or options.base.endswith(".json"):
            against["kind"] = "report"
            report = base.saved(Path(options.base))
            head, _ = check(options)
            report["stacks"] = {
                name: stack for name, stack in report["stacks"].items() if name in (options.stacks or report["stacks"])
            }
            return _against_saved(report, head, against)
        project = open_project(Path(options.program))
        with base.comparing(), base.checkout(project, options.base) as there:
            against["commit"] = there.commit
            return _recorded(options, check, project, there, against)
    except SourceError as error:
        return compare.failed(against, error.messages)


def _against_saved(saved: dict[str, Any], head: dict[str, Any], against: dict[str, Any]) -> dict[str, Any]:
    """What somebody changed by hand, or wrote with something else, may lack anything."""
    try:
        return compare.document(saved, head, against, {})
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise SourceError(
            f"--base {against['name']}: is not as `python -m preflight check --json FILE` writes a report"
            f" ({type(error).__name__}: {error}); write it again, or compare with the commit itself, --base REF"
        ) from error


def _recorded(
    options: argparse.Namespace, check: Check, project: Project, there: base.Checkout, against: dict[str, Any]
) -> dict[str, Any]:
    known = there.project.stack_files()
    stacks = [name for name in options.stacks or known if name in known]
    if not stacks:
        head, _ = check(options)
        return compare.document({"stacks": {}, "errors": []}, head, against, {})
    with base.Recorder(there.project, project, stacks, _arguments(options)) as recorder:
        head, _ = check(options)
        old = recorder.result()
    changed = {name: sealed.differing(there.project, project, name) for name in stacks}
    return compare.document(old, head, against, changed)


def _arguments(options: argparse.Namespace) -> Sequence[str]:
    """What the check of the base has in common with that of the head."""
    given = [(name, getattr(options, name)) for name in _PASSED_ON]
    said = [f"--{name.replace('_', '-')}={value}" for name, value in given if value is not None]
    said += [f"--config={value}" for value in options.config]
    return [*said, *(["--no-policy"] if options.no_policy else []), *(["--plain"] if options.plain else [])]
