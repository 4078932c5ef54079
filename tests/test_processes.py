"""Tests that are run in several processes say what they say in one, and none is lost."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
CONFTEST = """
from tests import processes

def pytest_addoption(parser):
    processes.add_option(parser)

def pytest_runtestloop(session):
    return processes.run(session)
"""
FILES = {
    "test_kinds.py": """
import os, pytest, sys, warnings

def test_fine(tmp_path):
    assert os.environ["PYTEST_XDIST_WORKER"] in str(tmp_path)

def test_fails():
    print("in the process")
    os.system("echo of its child")
    assert {"a": 1} == {"a": 2}

def test_warns():
    warnings.warn("careful")

def test_skipped():
    pytest.skip("not here")

@pytest.fixture(scope="session")
def spoilt():
    yield
    raise ValueError("taken apart badly")

def test_asks(spoilt):
    pass
""",
    "test_lost.py": """
import os

def test_before():
    pass

def test_ends_its_process():
    os._exit(0)

def test_after():
    pass
""",
    "test_more.py": "def test_more():\n    pass\n",
}


def run(folder: Path, *arguments: str) -> str:
    """What pytest prints at the end of a run of FILES."""
    (folder / "conftest.py").write_text(CONFTEST)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    command = [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", f"--rootdir={folder}", *arguments]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    return done.stdout


def counted(told: str) -> dict[str, int]:
    """How many tests ended how."""
    return {
        word: int(number) for number, word in re.findall(r"(\d+) (\w+)", told.splitlines()[-1].partition(" in ")[0])
    }


def test_every_end_of_a_test_is_told_and_whatever_a_lost_process_leaves_has_failed(tmp_path: Path) -> None:
    told = run(tmp_path, "--processes", "2")
    assert counted(told) == {"failed": 3, "passed": 5, "skipped": 1, "warning": 1, "error": 1}
    for said in (
        "FAILED test_lost.py::test_ends_its_process - the process that ran it ended",
        "FAILED test_lost.py::test_after - the process that was to run it ended",
        "FAILED test_kinds.py::test_fails - AssertionError: assert {'a': 1} == {'a': 2}",
        "Differing items:",
        "in the process\nof its child\n",
        "UserWarning: careful",
        "not here",
        "ValueError: taken apart badly",
    ):
        assert said in told


def test_after_the_first_failure_no_other_file_is_begun(tmp_path: Path) -> None:
    told = run(tmp_path, "--processes", "1", "-x")
    assert "stopping after 1 failures" in told
    assert counted(told) == {"failed": 1, "passed": 1}
