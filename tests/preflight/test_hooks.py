"""What other repositories use: the pre-commit hook and the composite action, run as those would run them."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.gathered import for_each
from tests.preflight.cli_support import ROOT, Project, Result

ACTION = ROOT / ".github" / "actions" / "preflight"
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


def run(command: list[str], directory: Path, **variables: str) -> Result:
    environment = {**os.environ, "PREFLIGHT_PYTHON": sys.executable, **variables}
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return Result(done.returncode, done.stdout, done.stderr)


def act(project: Project, **inputs: str) -> Result:
    """As the runner does: the inputs become the variables that action.yml says."""
    described = yaml.safe_load((ACTION / "action.yml").read_text())
    (step,) = described["runs"]["steps"]
    given = {name: str(entry["default"]) for name, entry in described["inputs"].items()} | inputs
    variables = {
        key: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: given[found[1]], value)
        for key, value in step["env"].items()
    }
    files = {"GITHUB_OUTPUT": project.directory / "output", "GITHUB_STEP_SUMMARY": project.directory / "page"}
    command = ["bash", "-c", step["run"]]
    paths = {key: str(path) for key, path in files.items()}
    return run(command, project.directory, GITHUB_ACTION_PATH=str(ACTION), **variables, **paths)


def test_the_hook_runs_preflight_in_the_project_that_commits(project: Project) -> None:
    result = run([str(ROOT / HOOK["entry"]), *HOOK["args"], "--no-policy"], project.directory)
    assert result.code == 0, result.everything
    assert "dev: fine, 2 resources" in result.out


def test_the_hook_stops_a_commit_that_would_not_deploy(project: Project) -> None:
    project.write("__main__.py", "raise ValueError('boom')\n")
    result = run([str(ROOT / HOOK["entry"]), *HOOK["args"], "--no-policy"], project.directory)
    assert result.code == 2
    assert "boom" in result.out


@for_each(
    "file, wanted",
    [("__main__.py", True), ("infra/vpc.py", True), ("Pulumi.dev.yaml", True), ("a/Pulumi.yml", True),
     ("policy/config/dev.json", True), ("README.md", False), ("logo.svg", False)],
)  # fmt: skip
def test_the_hook_runs_for_what_can_change_the_outcome(file: str, wanted: bool) -> None:
    assert bool(re.search(HOOK["files"], file)) is wanted
    assert (HOOK["language"], HOOK["pass_filenames"]) == ("script", False)
    assert os.access(ROOT / HOOK["entry"], os.X_OK)


def test_without_a_fit_interpreter_the_hook_says_what_to_install(project: Project, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "dirname"):
        (tools / name).symlink_to(f"/usr/bin/{name}" if Path(f"/usr/bin/{name}").exists() else f"/bin/{name}")
    result = run([str(ROOT / HOOK["entry"]), "check"], project.directory, PATH=str(tools), PREFLIGHT_PYTHON="")
    assert result.code == 3
    assert "PyYAML" in result.err
    assert "PREFLIGHT_PYTHON=" in result.err


def test_the_action_writes_every_report_and_says_how_it_ended(project: Project) -> None:
    result = act(project, policy="none")
    assert result.code == 0, result.everything
    folder = project.directory / "preflight-reports"
    assert sorted(path.name for path in folder.iterdir()) == ["report.json", "report.junit.xml", "report.sarif"]
    assert (project.directory / "output").read_text().splitlines() == ["exit-code=0", "reports=preflight-reports"]


def test_the_action_fails_with_the_code_of_the_check_and_still_reports(project: Project) -> None:
    project.write("__main__.py", "raise ValueError('boom')\n")
    result = act(project, policy="none", stacks="dev")
    assert result.code == 2
    assert "exit-code=2" in (project.directory / "output").read_text()
    report: dict[str, Any] = json.loads((project.directory / "preflight-reports" / "report.json").read_text())
    assert report["stacks"]["dev"]["errors"]


def test_the_action_compares_with_a_base_on_the_page_of_the_run(project: Project) -> None:
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=x"]):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        subprocess.run(["git", *identity, *arguments], cwd=project.directory, check=True)
    project.write(
        "__main__.py", (project.directory / "__main__.py").read_text().replace('Room("hall")', 'Room("lobby")')
    )
    assert act(project, policy="none", base="HEAD").code == 0
    assert "| `dev` | 2 |" in (project.directory / "page").read_text()


@pytest.mark.parametrize("stacks", ["--config=x=y", "dev --no-policy", "-h"])
def test_no_input_of_the_action_becomes_an_option(project: Project, stacks: str) -> None:
    result = act(project, policy="none", stacks=stacks)
    assert result.code == 2
    assert "is no name of a stack" in result.err


def test_no_input_of_the_action_becomes_a_command(project: Project) -> None:
    act(
        project,
        policy="$(touch broken)",
        program="`touch broken`",
        base="; touch broken",
        stacks="$(touch${IFS}broken)",
    )
    assert not (project.directory / "broken").exists()


def test_no_expression_stands_in_a_command_of_the_action() -> None:
    described = yaml.safe_load((ACTION / "action.yml").read_text())
    assert [step["run"] for step in described["runs"]["steps"] if "${{" in step["run"]] == []
    assert {name for name, entry in described["inputs"].items() if not entry.get("description")} == set()
