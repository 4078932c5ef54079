"""What the processes of one run of the tests compile between them.

Each of them imports every file of the tests, and in a fresh clone none is compiled: all would rewrite and compile all of
them at the same time, which takes a process longer than the rest of its collection. So each does a part first, and finds
what the others have done meanwhile.
"""

import contextlib
import os
import py_compile
import sys
from importlib import import_module
from importlib.util import cache_from_source
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent
PROGRAM = ("components", "functions", "operations", "policy", "preflight", "services", "settings", "tests")
LEFT_OUT = ("browser", "engine")  # see left_out.py


def compile_mine() -> None:
    """Compiles a part of the project; of the files of tests by importing them, as pytest does, which compiles them with
    their assertions rewritten. What cannot be imported is reported where it is collected."""
    files = [path for folder in PROGRAM for path in (ROOT / folder).rglob("*.py")]
    files = [path for path in files if path.relative_to(TESTS.parent).parts[1] not in LEFT_OUT]
    for path in [] if sys.dont_write_bytecode else _mine(files):
        if TESTS in path.parents and path.name.startswith("test_"):
            _import(".".join(path.relative_to(ROOT).with_suffix("").parts))
        elif not Path(cache_from_source(str(path))).exists():
            with contextlib.suppress(OSError):  # a checkout that may not be written
                py_compile.compile(str(path), quiet=2)


def _mine(paths: list[Path]) -> list[Path]:
    """The part of this process, of those that pytest-xdist has started; nothing where it is the only one."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    return sorted(paths)[int(number) :: int(os.environ["PYTEST_XDIST_WORKER_COUNT"])] if number else []


def _import(name: str) -> None:
    try:
        import_module(name)
    except (Exception, pytest.skip.Exception):  # noqa: BLE001
        sys.modules.pop(name, None)
