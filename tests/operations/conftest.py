"""A small project with two stacks, in a git checkout, and a `pulumi` that says what it was asked."""

import json
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.operations.support import URNS, events, git
from tests.preflight.warm import warm

PROTECTION = "config:\n  groundwork:protection: {{accountId: '111122223333', protected: {protected}}}\n"

# Stands for the CLI: notes its arguments and what it was told, then answers as the files beside it say, by the command's
# first word. A shell, which starts in a tenth of the time that Python takes.
FAKE = """#!/bin/sh
here=${0%/*} code=0 before=
printf '%s\\0' "$#" "$@" "$PULUMI_ENABLE_STREAMING_JSON_PREVIEW" "$PULUMI_PARALLEL" >> "$here/calls"
if [ -e "$here/$1.code" ]; then read -r code < "$here/$1.code"; fi
for word; do
  if [ "$before" = --save-plan ] && [ "$code" = 0 ]; then printf "the engine's plan" > "$word"; fi
  before=$word
done
if [ -e "$here/$1.out" ]; then cat "$here/$1.out"; fi
exit "$code"
"""


class Cli:
    """The `pulumi` on the PATH."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        program = folder / "pulumi"
        program.write_text(FAKE)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self.answer("stack", json.dumps({"deployment": {"resources": []}}))
        self.answer("preview", events())

    def answer(self, command: str, out: str = "", code: int = 0) -> None:
        (self._folder / f"{command}.out").write_text(out)
        (self._folder / f"{command}.code").write_text(f"{code}\n")

    def state(self, *resources: dict[str, Any]) -> None:
        self.answer("stack", json.dumps({"deployment": {"resources": list(resources)}}))

    @property
    def calls(self) -> list[list[str]]:
        return [call["arguments"] for call in self.noted]

    @property
    def noted(self) -> list[dict[str, Any]]:
        log = self._folder / "calls"
        words = iter(log.read_text().split("\0")[:-1] if log.exists() else ())
        return [
            {
                "arguments": list(islice(words, int(count))),
                **{name: next(words) or None for name in ("streaming", "parallel")},
            }
            for count in words
        ]


@pytest.fixture
def project(tmp_path: Path, committed_project: Path) -> Path:
    """Two stacks, dev and prod, the latter protected; everything committed."""
    return Path(shutil.copytree(committed_project, tmp_path / "project"))


@pytest.fixture(scope="session")
def committed_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `project` is a copy of."""
    root = tmp_path_factory.mktemp("committed") / "project"
    (root / "policy" / "config").mkdir(parents=True)
    (root / "operations").mkdir()
    for name, protected in (("dev", "false"), ("prod", "true")):
        (root / f"Pulumi.{name}.yaml").write_text(PROTECTION.format(protected=protected))
        (root / "policy" / "config" / f"{name}.json").write_text("{}")
    budget = {
        "routine": ["aws:ecs/taskDefinition:TaskDefinition"],
        "stacks": {name: {"replacements": 1, "deletions": 1, "data": []} for name in ("dev", "prod")},
    }
    (root / "operations" / "budget.json").write_text(json.dumps(budget))
    (root / "Pulumi.yaml").write_text("name: groundwork\nruntime: python\n")
    (root / "__main__.py").write_text("")
    (root / ".gitignore").write_text("build/\n")
    (root / "tests" / "golden").mkdir(parents=True)
    (root / "tests" / "golden" / "state").mkdir()
    (root / "tests" / "golden" / "dev.urns").write_text("".join(f"{urn}\n" for urn in URNS))
    (root / "tests" / "golden" / "state" / "0.1.0.dev.json").write_text("{}")
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## 0.1.0 (unreleased)\n\n- The first of all.\n")
    git(root, "init", "--quiet", "--initial-branch", "main", "--template=")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "first")
    return root


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return Cli(folder)


Operate = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def operate(project: Path) -> Operate:
    """Runs what `python -m operations` does on the project, without a terminal. How it is started: test_make_targets.py."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "GITHUB_STEP_SUMMARY": "", **environment}
        ready = warm("nothing", "operations.__main__", "operations.github")
        done = ready.run("operations", ["--root", str(project), *arguments], env=env)
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
