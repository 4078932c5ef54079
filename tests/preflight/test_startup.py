"""The hook in a virtual environment: who is made faster, who is left alone, and that nothing can break by it.

Each environment is a real one of this interpreter, in a project folder with this preflight in it.
"""

import copy
import itertools
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

import pytest

from preflight import startup
from tests.gathered import for_each

ROOT = Path(__file__).parents[2]
RUNNER = "pulumi-language-python-exec"
STATE = """
import gc, json, sys
print(json.dumps({
    "argv": sys.argv[1:], "collects": gc.isenabled(),
    "lazy": any(type(finder).__module__ == "preflight.lazy_sdk.modules" for finder in sys.meta_path),
    "ours": sorted(name for name in sys.modules if name.partition(".")[0] in ("preflight", "groundwork_fast")),
    "path": [entry for entry in sys.path if entry == %r],
}))
"""


class Place:
    """A project folder with an environment in it, and with programs to start there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        venv.create(folder / ".venv", symlinks=True)
        (folder / "preflight").symlink_to(ROOT / "preflight")
        done = self.run([], "-m", "preflight.startup")
        assert done.returncode == 0, done.stderr
        (folder / "pulumi" / "policy").mkdir(parents=True)
        (folder / "bin").mkdir()
        for name in ("pulumi/__init__.py", "pulumi/policy/__init__.py"):
            (folder / name).touch()
        self._write_programs()

    def _write_programs(self) -> None:
        for name in (f"bin/{RUNNER}", "bin/other", "pulumi/policy/__main__.py", "pulumi/dynamic.py", "program.py"):
            (self.folder / name).write_text(STATE % str(self.folder))

    def copied(self, folder: Path) -> "Place":
        """The same in another folder, to be changed."""
        other = copy.copy(self)
        other.folder = Path(shutil.copytree(self.folder, folder, symlinks=True))
        other._write_programs()
        return other

    @property
    def packages(self) -> Path:
        return next(self.folder.glob(".venv/lib/*/site-packages"))

    def run(self, fast: Sequence[str], *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("GROUNDWORK_", "PYTHON"))}
        return subprocess.run(
            [self.folder / ".venv" / "bin" / "python", *arguments],
            cwd=self.folder,
            env={**clean, **({startup.SWITCH: fast[0]} if fast else {}), **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def state(self, fast: Sequence[str], *arguments: str, said: str = "", **variables: str) -> dict[str, object]:
        done = self.run(fast, *arguments, **variables)
        assert done.returncode == 0, done.stderr
        if not said:
            assert done.stderr == ""
        else:
            assert done.stderr.count("\n") == 1 and said in done.stderr
        state: dict[str, object] = json.loads(done.stdout)
        return state


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("startup") / "project")


PROGRAM = ("-u", f"bin/{RUNNER}", "--monitor", "127.0.0.1:1", "program.py")
PACK = ("-u", "-m", "pulumi.policy", "127.0.0.1:1", "policy")


@for_each("command", [PROGRAM, PACK, PROGRAM[1:], PACK[1:]])
def test_what_pulumi_starts_for_a_project_is_made_faster_and_finds_what_it_always_does(
    place: Place, command: Sequence[str]
) -> None:
    fast, stock = place.state(["1"], *command), place.state([], *command)
    assert (fast["lazy"], fast["collects"]) == (True, False)
    assert (stock["lazy"], stock["collects"], stock["ours"]) == (False, True, [])
    assert fast["argv"] == stock["argv"] != []
    assert fast["path"] == stock["path"]


@for_each("fast, command", itertools.product(["0", "", "yes"], [PROGRAM, PACK]))
def test_told_anything_else_it_does_nothing_at_all(place: Place, fast: str, command: Sequence[str]) -> None:
    state = place.state([fast], *command)
    assert state["lazy"] is False
    assert state["collects"] is True
    assert state["ours"] == []


OTHERS: list[tuple[str, ...]] = [
    ("-u", "-m", "pulumi.dynamic", "1234"),
    ("-u", "bin/other", RUNNER),
    ("-u", "-c", STATE % "", RUNNER),
    ("bin/other", "-m", "pulumi.policy"),
]


@for_each("command", OTHERS, ["dynamic provider", "another script", "code", "a script's words"])
def test_whatever_else_the_interpreter_runs_is_left_alone(place: Place, command: Sequence[str]) -> None:
    state = place.state(["1"], *command)
    assert state["lazy"] is False
    assert state["collects"] is True
    assert state["ours"] == ["groundwork_fast"]


def test_a_program_whose_sdk_is_another_one_keeps_its_functions_and_says_so_once(place: Place, tmp_path: Path) -> None:
    other = place.copied(tmp_path / "project")
    runner = other.folder / "bin" / RUNNER
    runner.write_text(f"import pulumi, importlib; importlib.reload(pulumi)\n{runner.read_text()}")
    said = f"{other.folder}: functions of the SDK are kept: No module named"
    for fast in ("1", "0"):
        state = other.state([fast], *PROGRAM, said=said if fast == "1" else "", PYTHONPATH=str(other.folder))
        assert state["lazy"] is (fast == "1")
        assert other.state([fast], *PACK)["lazy"] is (fast == "1"), "a pack keeps its functions, and says nothing"


def test_the_loaders_own_switch_turns_the_loader_off_here_too(place: Place) -> None:
    assert place.state(["1"], *PROGRAM, GROUNDWORK_PLAIN_SDK="1")["lazy"] is False


def test_a_moved_project_takes_its_hook_along(tmp_path: Path) -> None:
    place = Place(tmp_path / "here")
    place.folder = place.folder.rename(tmp_path / "there")
    assert place.state(["1"], *PROGRAM)["lazy"] is True


def test_an_environment_without_its_project_runs_the_plain_way_and_says_so_in_one_line(
    place: Place, tmp_path: Path
) -> None:
    other = place.copied(tmp_path / "project")
    (other.folder / "preflight").unlink()
    state = other.state(
        ["1"], *PROGRAM, said=f"{other.folder}: the SDK is loaded the plain way: No module named 'preflight'"
    )
    assert state["lazy"] is False
    assert state["collects"] is True
    assert state["path"] == []


def test_a_broken_loader_is_one_line_and_no_traceback(place: Place, tmp_path: Path) -> None:
    other = place.copied(tmp_path / "project")
    (other.folder / "preflight").unlink()
    (other.folder / "preflight" / "startup").mkdir(parents=True)
    (other.folder / "preflight" / "startup" / "__init__.py").write_text("raise ValueError('half\\nwritten')\n")
    assert other.state(["1"], *PROGRAM, said="the SDK is loaded the plain way: half written")["collects"] is True


def test_it_is_put_in_twice_as_once_and_is_what_the_project_has(place: Place) -> None:
    assert place.run([], "-m", "preflight.startup").returncode == 0
    for name in startup.HOOK:
        assert (place.packages / name).read_text() == (ROOT / "preflight" / "startup" / name).read_text()
    assert len(list(place.packages.glob("groundwork_fast*"))) == len(startup.HOOK), "no drafts are left"


def test_the_python_of_the_machine_gets_no_hook() -> None:
    done = subprocess.run(
        [os.path.realpath(sys.executable), "-m", "preflight.startup"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "is not in a virtual environment: use .venv/bin/python (`make setup`)" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_makefile_tells_what_runs_the_program_and_listens_to_whoever_says_no() -> None:
    targets = ["preview", "up", "plan", "refresh", "destroy", "drift", "preflight-report"]
    told = [f"{target} <{'1' if number < 5 else ''}>" for number, target in enumerate(targets)]
    for given, expected in (({}, told), ({startup.SWITCH: "0"}, [f"{target} <0>" for target in targets])):
        done = subprocess.run(
            ["make", "--silent", "--no-print-directory", *targets, "RUNTIME=Makefile", "FAST=Makefile",
             f'OPERATE=echo "$@ <$${{{startup.SWITCH}-}}>"; :'],
            cwd=ROOT,
            env={**{key: value for key, value in os.environ.items() if key not in (startup.SWITCH, "MAKEFLAGS")}, **given},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        assert done.stdout.splitlines() == expected, done
