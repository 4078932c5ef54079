"""`python -m preflight` in an interpreter that is not the right one: one line that says which, and what to do."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import preflight.__main__ as entry
from preflight import progress

ROOT = Path(entry.__file__).parents[1]


def test_an_interpreter_without_what_preflight_needs_is_named_in_one_line() -> None:
    bare = [sys.executable, "-S", "-m", "preflight", "check"]  # without site there are no installed packages
    done = subprocess.run(bare, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr == (
        f"preflight: the interpreter that runs it, {sys.executable}, has no module 'yaml'. "
        f"Run `make setup` in {ROOT}, then use {ROOT}/.venv/bin/python\n"
    )


def test_an_interpreter_that_is_too_old_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(entry, "OLDEST", (99, 1))
    assert entry.start() == 3
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert (
        f"{sys.executable}, is Python {version}, 99.1 or later is needed. Run `make setup`" in capsys.readouterr().err
    )


def test_an_old_interpreter_can_read_the_file_that_tells_it() -> None:
    ast.parse(Path(entry.__file__).read_text(), feature_version=(3, 6))


def test_a_fault_of_preflight_is_not_the_exit_code_of_a_violated_rule(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> int:
        raise KeyError("urn")

    monkeypatch.setattr("preflight.cli.main", broken)
    assert entry.start() == 3
    said = capsys.readouterr().err
    assert "KeyError: 'urn'" in said
    assert said.endswith("preflight: a fault of preflight itself; nothing was decided\n")


def test_a_module_of_our_own_that_is_missing_is_not_blamed_on_the_interpreter(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "preflight.cli", None)
    assert entry.start() == 3
    said = capsys.readouterr().err
    assert "ModuleNotFoundError" in said
    assert "make setup" not in said


def test_an_interruption_outside_of_the_work_itself_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("preflight.cli.main", interrupted)
    assert entry.start() == 130
    assert capsys.readouterr() == ("", "preflight: interrupted\n")


def test_what_is_prepared_while_programs_run_is_prepared_once_and_after_they_have_been_started() -> None:
    done: list[object] = []
    changed = progress.meanwhile(lambda: done.append("prepared"), done.append)
    changed(["prod preview"])
    changed(["prod update"])
    assert done == [["prod preview"], "prepared", ["prod update"]]
