"""Runs workers, each one (stack, mode) in a fresh process, and collects what they say.

Output goes to temporary files instead of pipes: nothing has to be drained, and a grandchild that keeps a pipe open
cannot make this wait. Every worker ends when this process does (see lifeline.py).
"""

import json
import os
import queue
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

MODES = ("preview", "update")
KILL_AFTER = 5.0  # seconds that a worker gets beyond its own timeout; C code can hold back its watchdog
_TAIL = 20  # lines of standard error in the message about a worker that broke


class Job(NamedTuple):
    """One run of the program; `document` is the worker protocol's job."""

    stack: str
    mode: str
    python: str
    document: dict[str, Any]


class Outcome(NamedTuple):
    """What one worker answered; `result` always has the protocol's shape, `printed` is what the program wrote."""

    stack: str
    mode: str
    result: dict[str, Any]
    printed: str
    seconds: float


class _Running(NamedTuple):
    job: Job
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    words: IO[bytes]
    lifeline: int
    started: float


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(jobs: Sequence[Job], on_change: Callable[[list[str]], None]) -> list[Outcome]:
    """All outcomes in the order of the jobs. `on_change` hears several times a second what is running.

    Both modes of a stack run side by side, and as many stacks at once as there are pairs of processors. Whatever
    interrupts this kills the workers first.
    """
    at_once = 2 * max(1, processors() // 2)
    waiting = list(jobs)
    running: dict[int, _Running] = {}
    done: dict[int, Outcome] = {}
    ended: queue.Queue[int] = queue.Queue()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                job = waiting.pop(0)
                number = len(jobs) - len(waiting) - 1
                started = _start(job)
                if isinstance(started, Outcome):
                    done[number] = started
                    continue
                running[number] = started
                threading.Thread(target=_follow, args=(started, number, ended), daemon=True).start()
            on_change([f"{entry.job.stack} {entry.job.mode}" for entry in running.values()])
            try:
                number = ended.get(timeout=0.1)
            except queue.Empty:
                continue
            done[number] = _outcome(running.pop(number))
    finally:
        for entry in running.values():
            entry.process.kill()
            entry.process.wait()
    return [done[number] for number in range(len(jobs))]


def _start(job: Job) -> _Running | Outcome:
    reading, lifeline = os.pipe()
    here = Path(__file__)
    output, words = (tempfile.TemporaryFile() for _ in range(2))  # noqa: SIM115 closed when the worker has ended
    try:
        process = subprocess.Popen(  # noqa: S603 the project's own interpreter
            [job.python, str(here.with_name("lifeline.py")), str(reading), "preflight.worker"],
            stdin=subprocess.PIPE, stdout=output, stderr=words, pass_fds=[reading],
        )  # fmt: skip
    except OSError as error:
        os.close(lifeline)
        message = f"the project's interpreter {job.python} cannot be started: {error.strerror or error}"
        return Outcome(job.stack, job.mode, failure("config", message), "", 0.0)
    finally:
        os.close(reading)
    return _Running(job, process, output, words, lifeline, time.monotonic())


def _follow(entry: _Running, number: int, ended: "queue.Queue[int]") -> None:
    assert entry.process.stdin is not None
    try:
        entry.process.stdin.write(json.dumps(entry.job.document).encode())
        entry.process.stdin.close()
    except OSError:
        pass  # it ended before it read its job; the exit code and its words tell why
    try:
        entry.process.wait(entry.job.document["timeoutSeconds"] + KILL_AFTER)
    except subprocess.TimeoutExpired:
        entry.process.kill()
        entry.process.wait()
    ended.put(number)


def _outcome(entry: _Running) -> Outcome:
    seconds = time.monotonic() - entry.started
    os.close(entry.lifeline)
    texts = []
    for stream in (entry.output, entry.words):
        stream.seek(0)
        texts.append(stream.read().decode(errors="replace"))
        stream.close()
    answer, printed = texts
    try:
        result = json.loads(answer) if entry.process.returncode == 0 else None
    except ValueError:
        result = None
    if not isinstance(result, dict) or "ok" not in result:
        result = _broken(entry, printed, seconds)
    return Outcome(entry.job.stack, entry.job.mode, result, printed, seconds)


def _broken(entry: _Running, printed: str, seconds: float) -> dict[str, Any]:
    limit = entry.job.document["timeoutSeconds"]
    if seconds >= limit + KILL_AFTER:
        return failure(
            "timeout", f"the program did not end within {limit:g} s and did not react; --timeout raises the limit"
        )
    for module in ("pulumi", "grpc", "google"):
        if f"No module named '{module}'" in printed:
            message = (
                f"the interpreter {entry.job.python} has no Pulumi SDK: install the project's requirements into it"
            )
            return failure("config", message)
    tail = "\n".join(f"  {line}" for line in printed.strip().splitlines()[-_TAIL:])
    message = f"the worker ended with exit code {entry.process.returncode} and without a result"
    return failure("internal", f"{message}:\n{tail}" if tail else message)


def failure(kind: str, message: str, source: str | None = None) -> dict[str, Any]:
    """A result of the worker protocol that says what went wrong."""
    error = {"kind": kind, "message": message, "source": source, "traceback": None}
    return {"ok": False, "error": error, "errors": [error], "timings": {}}
