"""`python -m preflight check` among other processes: time limits, terminals, signals, what it leaves behind."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from preflight import launcher
from tests.preflight.cli_support import PACK, ROOT, Project


def test_a_program_that_does_not_end_is_ended(project: Project) -> None:
    project.write("__main__.py", "import time\ntime.sleep(600)\n")  # one that spins: test_worker_mistakes.py
    began = time.monotonic()
    result = project.check("--timeout", "1.5", fresh=True)
    assert result.code == 2
    assert "timeout error" in result.out
    assert time.monotonic() - began < 60


def test_a_narrow_terminal_is_not_exceeded(project: Project, tmp_path: Path) -> None:
    project.pack(PACK)
    for columns in (40, 72):
        result = project.check(policies=True, kept=tmp_path, COLUMNS=str(columns))
        assert max(map(len, result.out.splitlines())) <= columns
        assert "thing-size" in result.out


def test_a_terminal_gets_colour_and_progress_unless_it_is_unwanted(project: Project) -> None:
    plain = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    for environment, coloured in (({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False)):
        master, slave = pty.openpty()
        with subprocess.Popen(
            project.command(), stdout=slave, stderr=slave, cwd=ROOT, env=plain | environment
        ) as process:
            os.close(slave)
            text = b""
            while chunk := _read(master):
                text += chunk
            assert process.wait() == 0
        os.close(master)
        assert b"dev preview, dev update" in text
        assert (b"\033[1;32mdev: fine" in text) is coloured


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux reports the closed terminal as an error
        return b""


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Has children react to SIGINT also where the tests themselves run in the background of a shell, which has it
    ignored; who starts a program so that it ignores the signal means it, and preflight leaves it at that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGTERM, 130)])
def test_no_process_is_left_behind_however_preflight_ends(
    project: Project, number: int, code: int, interruptible: None
) -> None:
    project.pack(PACK)
    project.write(
        "__main__.py", "import pathlib, time\npathlib.Path(__file__).with_name('up').touch()\ntime.sleep(600)\n"
    )
    with subprocess.Popen(
        project.command(policies=True), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as process:
        _wait_for(lambda: (project.directory / "up").exists() and len(_descendants(process.pid)) == 4)
        children = _descendants(process.pid)
        process.send_signal(number)
        assert process.wait(10) == code
    _wait_for(lambda: not [child for child in children if _alive(child)])


def test_an_interruption_inside_a_run_ends_the_workers_before_it_goes_on(project: Project) -> None:
    program = (
        "import ctypes, os, pathlib\npathlib.Path(__file__).with_name(f'up-{os.getpid()}').touch()\n"
        "ctypes.PyDLL(None).sleep(600)  # without letting go of the interpreter: its lifeline cannot end it\n"
    )
    project.write("__main__.py", program)
    names = {"project": "demo", "stack": "dev", "organization": "organization", "root": str(project.directory)}
    common = {**names, "config": {}, "plain": False, "timeoutSeconds": 60}
    jobs = [launcher.Job("dev", mode, sys.executable, {**common, "mode": mode}) for mode in launcher.MODES]

    def running() -> list[int]:
        return [int(file.name.removeprefix("up-")) for file in project.directory.glob("up-*")]

    def interrupt(_running: list[str]) -> None:
        if len(running()) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        launcher.run(jobs, interrupt)
    assert len(running()) == 2
    _wait_for(lambda: not [child for child in running() if _alive(child)])


def _wait_for(condition: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *_descendants(child)]
    return found


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False
