"""What policies said of a program: on the engine, and in preflight."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.engine.fidelity.ours import ROOT
from tests.engine.outcome import Violation

_MESSAGE = re.compile(r"^\[([a-z0-9-]+)\] (violation|undecided|internal error): (.*)", re.MULTILINE)


class Verdict(NamedTuple):
    """One verdict of one control on one resource; ``level`` says whether it stops a run."""

    control: str
    verdict: str
    urn: str
    level: str
    says: str


def of_engine(violations: Iterable[Violation]) -> list[Verdict]:
    """The diagnostics of a run of the engine, sorted."""
    found = []
    for violation in violations:
        read = _MESSAGE.search(violation.message)
        assert read is not None, f"a diagnostic in no known form: {violation.message!r}"
        found.append(Verdict(read[1], read[2], violation.urn, violation.level, read[3]))
    return sorted(found)


def of_preflight(program: Path, stacks: Sequence[str]) -> dict[str, dict[str, list[Verdict]]]:
    """Stack -> mode -> verdicts, from the JSON of `python -m preflight check`. What the real provider would refuse, our
    simulated one takes: beside it there are verdicts all the same."""
    command = [sys.executable, "-m", "preflight", "check", *stacks, "--program", str(program), "--json", "-"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, cwd=program, env=environment
    )
    assert done.returncode in (0, 1, 2), done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert sorted(report["stacks"]) == sorted(stacks)
    errors = [*report["errors"], *(error for stack in report["stacks"].values() for error in stack["errors"])]
    assert {error["kind"] for error in errors} <= {"refused"}, done.stderr
    return {
        name: {mode: _verdicts(stack["findings"], mode) for mode in ("preview", "update")}
        for name, stack in report["stacks"].items()
    }


def _verdicts(findings: Iterable[dict[str, Any]], mode: str) -> list[Verdict]:
    return sorted(
        Verdict(found["control"], found["verdict"], found["urn"], found["level"], found["message"])
        for found in findings
        if mode in found["phase"]
    )
