"""What the checkout of a base gets from the program as it is now."""

import errno
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from preflight.diff import base
from preflight.project import Project, open_project
from tests.preflight.recorder_support import write


def made(folder: Path, **modules: str) -> Project:
    """A project whose modules export something, with all that Python compiled of it."""
    folder.mkdir()
    project = open_project(write(folder, ""))
    (folder / "deep").mkdir()
    for name, text in modules.items():
        place = folder / name.replace("_", "/", 1)
        place.with_suffix(".py").write_text(f"HERE = {text!r}\n")
        py_compile.compile(str(place.with_suffix(".py")), doraise=True)
    return project


def test_a_base_runs_what_was_compiled_of_equal_files_only(tmp_path: Path) -> None:
    now = made(tmp_path / "now", same="same", other="later", deep_one="deep", gone="now only")
    then = made(tmp_path / "then", same="same", other="first", deep_one="deep", old="then only").directory
    for file in then.rglob("*.pyc"):
        file.unlink()
    for file in then.rglob("*.py"):
        os.utime(file, (1e9, 1e9))  # checked out long after it was compiled, or before
    tag, compiled = sys.implementation.cache_tag, now.directory / "__pycache__"
    (compiled / f"same.{tag}-pytest-9.0.2.pyc").write_bytes(b"")
    for name in (f"removed{number}" for number in range(20)):  # in a folder's own order some stand before the others
        (compiled / f"{name}.{tag}.pyc").write_bytes(b"")
        (then / f"{name}.py").write_text("HERE = 'then only'\n")
    moment = (now.directory / "other.py").stat().st_mtime_ns
    os.utime(then / "other.py", ns=(moment, moment))  # of the same size and time, and another text
    base._lend_bytecode(then, now)
    assert {file.name for file in then.rglob("*.pyc")} == {f"same.{tag}.pyc", f"one.{tag}.pyc"}
    code = "import same, other, old, deep.one; print(same.HERE, other.HERE, old.HERE, deep.one.HERE, same.__file__)"
    done = subprocess.run(
        [sys.executable, "-B", "-v", "-c", code], cwd=then, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["same", "first", "then", "only", "deep", str(then / "same.py")]
    for name, spared in {"same": True, "deep/one": True, "other": False, "old": False}.items():
        assert (f"matches {then / name}.py" in done.stderr) is spared, name


@pytest.mark.parametrize("other_disk", [False, True])
def test_nothing_that_happens_to_the_base_changes_what_is_compiled_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other_disk: bool
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    if other_disk:
        monkeypatch.setattr(os, "link", refuse)
    now = made(tmp_path / "now", same="same")
    then = made(tmp_path / "then", same="same").directory
    shutil.rmtree(then / "__pycache__")
    compiled = now.directory / "__pycache__" / f"same.{sys.implementation.cache_tag}.pyc"
    before = compiled.read_bytes()
    base._lend_bytecode(then, now)
    assert (then / "__pycache__" / compiled.name).read_bytes() == before
    (then / "same.py").write_text("HERE = 'another'\n")
    compile_it = "import sys; sys.dont_write_bytecode = False; import same"  # whatever the environment asks for
    subprocess.run([sys.executable, "-c", compile_it], cwd=then, check=True)
    assert b"another" in (then / "__pycache__" / compiled.name).read_bytes()
    shutil.rmtree(then)
    assert compiled.read_bytes() == before


def test_folders_of_tools_and_environments_are_left_alone(tmp_path: Path) -> None:
    now, then = made(tmp_path / "now"), made(tmp_path / "then").directory
    for folder in (now.directory, then):
        (folder / ".hidden").mkdir()
        (folder / ".hidden" / "a.py").write_text("A = 1\n")
    py_compile.compile(str(now.directory / ".hidden" / "a.py"), doraise=True)
    base._lend_bytecode(then, now)
    assert not list(then.rglob("*.pyc"))
