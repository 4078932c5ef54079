"""The command `diff`: what it takes, and how base and head come about."""

import argparse
from pathlib import Path
from typing import Any

from preflight import checking
from preflight.diff import base, compare, sealed
from preflight.project import Project, open_project
from preflight.yaml_source import SourceError


def answer(options: argparse.Namespace) -> dict[str, Any]:
    """The document of differences."""
    against: dict[str, Any] = {"kind": "commit", "name": options.base, "commit": None}
    try:
        if Path(options.base).is_file() or options.base.endswith(".json"):
            against["kind"] = "report"
            report = base.saved(Path(options.base))
            [(head, _)] = checking.run(checking.Check(options))
            report["stacks"] = {
                name: stack for name, stack in report["stacks"].items() if name in (options.stacks or report["stacks"])
            }
            return _against_saved(report, head, against)
        project = open_project(Path(options.program))
        with base.comparing(), base.checkout(project, options.base) as there:
            against["commit"] = there.commit
            return _recorded(options, project, there, against)
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
    options: argparse.Namespace, project: Project, there: base.Checkout, against: dict[str, Any]
) -> dict[str, Any]:
    known = there.project.stack_files()
    stacks = [name for name in options.stacks or known if name in known]
    head = checking.Check(options)
    if not stacks:
        [(found, _)] = checking.run(head)
        return compare.document({"stacks": {}, "errors": []}, found, against, {})
    passing = argparse.Namespace(**{**vars(options), "program": there.project.directory, "stacks": stacks})
    before = checking.Check(passing, known_as=project.directory, side=" of the base")
    (found, _), (old, _) = checking.run(head, before)
    changed = {name: sealed.differing(there.project, project, name) for name in stacks}
    return compare.document(old, found, against, changed)
