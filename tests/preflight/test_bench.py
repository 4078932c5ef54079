"""The stack that `make bench` makes to show what a first platform costs."""

import json
import os
import subprocess
from pathlib import Path

from preflight import bench, checking
from preflight.project import open_project
from tests.preflight.recorder_support import write
from tests.preflight.warm import warm

ROOT = Path(__file__).parents[2]


def test_the_basic_stack_is_prod_with_its_web_services_and_runs_in_the_same_environment(
    tmp_path: Path, shipped_program: Path
) -> None:
    project = open_project(shipped_program)
    copy = bench._basic(project, tmp_path)
    assert copy is not None
    assert open_project(copy).interpreter == project.interpreter
    assert list(open_project(copy).stack_files()) == ["basic"]
    environment = {**os.environ, checking.KNOWN_AS: str(ROOT / "tests")}
    done = warm().run("preflight", ["check", "--program", str(copy), "--json", "-"], env=environment)
    assert done.returncode == 0, done.stderr.decode()
    stack = json.loads(done.stdout)["stacks"]["basic"]
    assert 150 <= stack["summary"]["resources"] <= 190
    names = {one["name"] for one in stack["resources"]}
    assert {"web-service", "status-service"} <= names
    assert not [name for name in names if name.startswith(("indexer", "nightly", "jobs"))]
    assert stack["policies"]["pack"] == "guardrails"


def test_a_program_of_another_kind_has_no_basic_stack(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    write(other, "")
    assert bench._basic(open_project(other), tmp_path / "copies") is None
    (other / "Pulumi.prod.yaml").write_text("config: {demo:size: 1}\n")
    assert bench._basic(open_project(other), tmp_path / "copies") is None
    assert not (tmp_path / "copies").exists()


def test_a_diff_is_timed_where_there_is_a_commit_to_compare_with_and_nowhere_else(tmp_path: Path) -> None:
    write(tmp_path, "")
    git = [
        "git",
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "-c",
        "commit.gpgsign=false",
        "-C",
        str(tmp_path),
    ]
    for command in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run([*git, *command], check=True)
    before = {name for name, _ in bench._variants("dev", tmp_path, tmp_path)}
    subprocess.run([*git, "commit", "--quiet", "--message=x"], check=True)
    after = dict(bench._variants("dev", tmp_path, tmp_path))
    assert {*after} - before == {"diff dev"}
    assert after["diff dev"].command[-2:] == ["--base", "HEAD"]
