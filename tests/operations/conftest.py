"""A small project with two stacks, in a git checkout, and a `pulumi` that says what it was asked."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.operations.support import URNS, events, git
from tests.preflight.warm import warm

PROTECTION = "config:\n  groundwork:protection: {{accountId: '111122223333', protected: {protected}}}\n"

# Stands for the CLI: notes its arguments, then answers as `answers.json` beside it says, by the command's first word.
FAKE = """#!{python}
import json, os, pathlib, sys
here = pathlib.Path(__file__).parent
with open(here / "calls.jsonl", "a") as calls:
    told = {{"streaming": "PULUMI_ENABLE_STREAMING_JSON_PREVIEW", "parallel": "PULUMI_PARALLEL"}}
    told = {{name: os.environ.get(variable) for name, variable in told.items()}}
    calls.write(json.dumps({{"arguments": sys.argv[1:], **told}}) + "\\n")
answer = json.loads((here / "answers.json").read_text()).get(sys.argv[1], {{}})
if "--save-plan" in sys.argv and not answer.get("code"):
    pathlib.Path(sys.argv[sys.argv.index("--save-plan") + 1]).write_text("the engine's plan")
sys.stdout.write(answer.get("out", ""))
sys.exit(answer.get("code", 0))
"""


class Cli:
    """The `pulumi` on the PATH."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        program = folder / "pulumi"
        program.write_text(FAKE.format(python=sys.executable))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self.answers: dict[str, dict[str, Any]] = {}
        self.answer("stack", json.dumps({"deployment": {"resources": []}}))
        self.answer("preview", events())

    def answer(self, command: str, out: str = "", code: int = 0) -> None:
        self.answers[command] = {"out": out, "code": code}
        (self._folder / "answers.json").write_text(json.dumps(self.answers))

    def state(self, *resources: dict[str, Any]) -> None:
        self.answer("stack", json.dumps({"deployment": {"resources": list(resources)}}))

    @property
    def calls(self) -> list[list[str]]:
        return [call["arguments"] for call in self.noted]

    @property
    def noted(self) -> list[dict[str, Any]]:
        log = self._folder / "calls.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two stacks, dev and prod, the latter protected; everything committed."""
    root = tmp_path / "project"
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
    git(root, "init", "--quiet", "--initial-branch", "main")
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
        done = warm().run("operations", ["--root", str(project), *arguments], env=env)
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
