"""The command `diff`: what it takes, and how base and head come about."""

import argparse
import contextlib
import threading
from collections.abc import Sequence
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
            stacks, notes = _of_both(options, report)
            [(head, _)] = checking.run(checking.Check(argparse.Namespace(**{**vars(options), "stacks": stacks})))
            report["stacks"] = {
                name: stack for name, stack in report["stacks"].items() if not options.stacks or name in stacks
            }
            return _against_saved(report, head, against, notes)
        project = open_project(Path(options.program))
        with base.comparing(), contextlib.ExitStack() as leaving:
            return _recorded(options, project, leaving, against)
    except SourceError as error:
        return compare.failed(against, error.messages)


def _of_both(options: argparse.Namespace, saved: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Which stacks to compare with a saved report, and what to note of the others: a report may be of some stacks only,
    so one that it does not hold need not be new. SourceError where it lacks one that was named, or all of them."""
    there = saved["stacks"]
    known: list[str] = []
    with contextlib.suppress(SourceError):  # the check says what is wrong with the program
        known = list(open_project(Path(options.program)).stack_files())
    wanted = sorted(set(options.stacks)) or known
    lacking = [name for name in wanted if name not in there]
    if lacking and (options.stacks or len(lacking) == len(wanted)):
        of_check = [f"in it: {error['message']}" for error in saved["errors"]]
        raise SourceError(
            f"--base {options.base}: the report holds no {_stacks(lacking)}, but {_stacks(sorted(there)) or 'none'}; "
            f"write one of the program as it was, `python -m preflight check {' '.join(wanted)} --json FILE`, or "
            "compare with the commit itself, --base REF",
            *of_check,
        )
    left = (
        f"{', '.join(lacking)}: not compared, as {options.base} does not hold {'it' if len(lacking) == 1 else 'them'}"
    )
    return [name for name in wanted if name in there], [left] if lacking else []


def _stacks(names: Sequence[str]) -> str:
    said = ", ".join(map(repr, names))
    return f"{'stacks' if len(names) > 1 else 'stack'} {said}" if names else ""


def _against_saved(
    saved: dict[str, Any], head: dict[str, Any], against: dict[str, Any], notes: Sequence[str]
) -> dict[str, Any]:
    """What somebody changed by hand, or wrote with something else, may lack anything."""
    try:
        return compare.document(saved, head, against, {}, notes)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise SourceError(
            f"--base {against['name']}: is not as `python -m preflight check --json FILE` writes a report"
            f" ({type(error).__name__}: {error}); write it again, or compare with the commit itself, --base REF"
        ) from error


def _recorded(
    options: argparse.Namespace, project: Project, leaving: contextlib.ExitStack, against: dict[str, Any]
) -> dict[str, Any]:
    """The base is checked out while the SDK is loaded for the head, and goes again while the two are compared."""
    sides: list[tuple[base.Checkout, list[str]]] = []

    def before() -> checking.Check | None:
        there = leaving.enter_context(base.checkout(project, options.base))
        against["commit"] = there.commit
        known = there.project.stack_files()
        stacks = [name for name in options.stacks or known if name in known]
        sides.append((there, stacks))
        passing = argparse.Namespace(**{**vars(options), "program": there.project.directory, "stacks": stacks})
        return checking.Check(passing, known_as=project.directory, side=" of the base") if stacks else None

    (found, _), *rest = checking.run(checking.Check(options), later=before)
    [(there, stacks)] = sides
    old = rest[0][0] if rest else {"stacks": {}, "errors": []}
    changed = {name: sealed.differing(there.project, project, name) for name in stacks}
    going = threading.Thread(target=leaving.pop_all().close)
    going.start()
    try:
        return compare.document(old, found, against, changed)
    finally:
        going.join()
