"""Has every (stack, mode) run by a worker in a process of its own, and collects what they say.

The workers of an interpreter come from one nursery (nursery.py), which loads the SDK once, or where processes must not
be forked from a nursery each. Jobs, answers and what the programs print go through temporary files instead of pipes:
nothing has to be drained, and a grandchild that keeps a pipe open cannot make this wait. Every process ends when this
one does (see lifeline.py).
"""

import contextlib
import json
import os
import select
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from preflight import ahead, interpreters

MODES = ("preview", "update")
KILL_AFTER = 5.0  # seconds that a worker gets beyond its own timeout; C code can hold back its watchdog
OLDEST = (3, 11)  # what the workers need
_SDK = ("pulumi", "grpc", "google")  # modules
FORKS = sys.platform != "darwin"  # a process that was forked on macOS may crash in the system's own libraries
_LOOK = 0.1  # seconds between two reports of progress
_GRACE = 1.0  # seconds for a nursery whose jobs are done to end; it waits for the processes that it has made
_HEAD, _TAIL = 12, 12  # lines of standard error in the message about a worker that broke; a crash begins with its place


class Job(NamedTuple):
    """One run of the program; `document` is the worker protocol's job. `side` is said of it beside stack and mode."""

    stack: str
    mode: str
    python: str
    document: dict[str, Any]
    side: str = ""


class Later(NamedTuple):
    """Jobs that become known while others run. As many as `most` in this interpreter share what those have loaded."""

    python: str
    most: int
    jobs: Callable[[], Sequence[Job]]
    """Called once, when the first workers have been started."""


class Outcome(NamedTuple):
    """What one worker answered; `result` always has the protocol's shape, `printed` is what the program wrote."""

    stack: str
    mode: str
    result: dict[str, Any]
    printed: str
    seconds: float


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(
    jobs: Sequence[Job],
    on_change: Callable[[list[str]], None],
    on_recording: Callable[[Job, dict[str, Any]], None] = lambda _job, _recording: None,
    later: Later | None = None,
) -> list[Outcome]:
    """All outcomes in the order of the jobs, those of `later` last. `on_change` hears several times a second what is
    running, `on_recording` what a program has registered as soon as it has ended: its policies are at work then, and
    may fail yet.

    Both modes of a stack run side by side, and as many stacks at once as there are pairs of processors. Whatever
    interrupts this kills the workers first.
    """
    if not jobs:
        return run(later.jobs(), on_change, on_recording) if later else []
    with contextlib.ExitStack() as closing:
        work = _Work(closing, jobs, later)
        while work.waiting or work.running:
            work.start()
            on_change([f"{entry.job.stack} {entry.job.mode}{entry.job.side}" for entry in work.running])
            if later is not None:
                work.add(later.jobs())
                later = None
                continue
            work.listen(on_recording)
        return [entry.outcome for entry in work.entries]


class _Work:
    """What has to be run, what is running, and the nurseries that it comes from."""

    def __init__(self, closing: contextlib.ExitStack, jobs: Sequence[Job], later: Later | None) -> None:
        self._closing = closing
        self.entries = [closing.enter_context(_Entry(job)) for job in jobs]
        place = Job("", "", later.python if later else "", {})
        self._free = [closing.enter_context(_Entry(place)) for _ in range(later.most if later else 0)]
        self._selector = closing.enter_context(selectors.DefaultSelector())
        self._nurseries: dict[str, _Nursery] = {}
        self._at_once = 2 * max(1, processors() // 2)
        self.waiting, self.running = list(self.entries), list[_Entry]()

    def start(self) -> None:
        """Has as many workers made as may run at once."""
        while self.waiting and len(self.running) < self._at_once:
            entry = self.waiting.pop(0)
            siblings = [other for other in (*self.waiting, *self._free) if other.origin == entry.origin]
            try:
                if entry.origin not in self._nurseries:
                    self._nurseries[entry.origin] = self._closing.enter_context(_Nursery([entry, *siblings]))
            except OSError as error:
                for refused in (entry, *siblings):
                    refused.refuse(error)
                self.waiting = [other for other in self.waiting if other not in siblings]
                self._free = [other for other in self._free if other not in siblings]
                continue
            self._nurseries[entry.origin].order(entry, last=not siblings)
            self._selector.register(entry.listening, selectors.EVENT_READ, entry)
            self.running.append(entry)

    def add(self, jobs: Sequence[Job]) -> None:
        """Takes what was announced; there will be no more."""
        for job in jobs:
            entry = next((one for one in self._free if one.fits(job)), None)
            if entry is not None:
                self._free.remove(entry)
                entry.take(job)
            else:
                entry = self._closing.enter_context(_Entry(job))
                entry.origin += " later"  # the others' nursery has not inherited what belongs to it
            self.entries.append(entry)
            self.waiting.append(entry)
        for nursery in self._nurseries.values():
            nursery.forget(self._free)
        self._free = []

    def listen(self, on_recording: Callable[[Job, dict[str, Any]], None]) -> None:
        """Waits a while for what the workers say, and settles what has ended."""
        for key, _ in self._selector.select(_LOOK):
            key.data.listen()
        for entry in self.running:
            if (recording := entry.begun()) is not None:
                on_recording(entry.job, recording)
        for entry in [entry for entry in self.running if entry.has_ended() or entry.is_overdue()]:
            self.running.remove(entry)
            self._selector.unregister(entry.listening)
            entry.settle()


class _Entry:
    """A job with the files and the pipe that lead to its worker, and at last its outcome."""

    outcome: Outcome

    def __init__(self, job: Job) -> None:
        self.job = job
        self.files: list[IO[bytes]] = [tempfile.TemporaryFile() for _ in range(3)]  # noqa: SIM115 see `__exit__`
        self._document, self._answer, self._printed = self.files
        self.listening, writing = os.pipe()
        self.name = writing
        """The number of the end that a worker writes to, by which the nursery knows the job."""
        self.origin = interpreters.place(job.python) if FORKS else str(writing)
        """Entries with the same one come from one nursery."""
        self._handed_over = False
        self._heard = b""
        self._closed = False
        self._result: dict[str, Any] = {}
        self._read = 0
        """How much of the answer is in the result."""
        self._started = 0.0
        self._words: Callable[[], str] = str
        self.take(job)

    def fits(self, job: Job) -> bool:
        """Whether what is to come from its nursery can be this job."""
        return FORKS and interpreters.place(job.python) == self.origin

    def take(self, job: Job) -> None:
        """The job is this one, and nobody has been told of another."""
        self.job = job
        self._document.seek(0)
        self._document.write(json.dumps(job.document).encode())
        self._document.flush()

    def __enter__(self) -> "_Entry":
        return self

    def __exit__(self, *_: object) -> None:
        self.hand_over()
        os.close(self.listening)
        for file in self.files:
            file.close()

    def hand_over(self) -> None:
        """Lets go of the end of the pipe that a nursery has inherited."""
        if not self._handed_over:
            os.close(self.name)
            self._handed_over = True

    def order(self, words: Callable[[], str], *, last: bool) -> bytes:
        """The line that a nursery is told, from which on time is counted; `words` are what that writes itself."""
        self._started, self._words = time.monotonic(), words
        names = ("job", "answer", "printed")
        descriptors = {name: file.fileno() for name, file in zip(names, self.files, strict=True)}
        return json.dumps({**descriptors, "alive": self.name, "last": last}).encode() + b"\n"

    def listen(self) -> None:
        """Takes what the worker says of itself; there must be something, or the end."""
        text = os.read(self.listening, 64)
        self._heard += text
        self._closed = not text

    def await_end(self, deadline: float) -> None:
        """Waits until no process has the job any more; until the deadline, as time.monotonic() tells it."""
        while not self._closed and select.select([self.listening], [], [], max(0.0, deadline - time.monotonic()))[0]:
            self.listen()

    def has_ended(self) -> bool:
        """Whether the answer is complete, or the worker dead."""
        return self._closed or self._heard[-5:] == b"done\n"

    def begun(self) -> dict[str, Any] | None:
        """The recording, once: when it is there and the answer is not complete."""
        if self._read or self.has_ended() or b"begun\n" not in self._heard:
            return None
        self._take()
        recording: dict[str, Any] | None = self._result.get("recording")
        return recording

    def _take(self) -> None:
        """Reads on in the answer, whose lines are one object. Not by the file's position: the worker writes at it."""
        descriptor = self._answer.fileno()
        content = os.pread(descriptor, os.fstat(descriptor).st_size - self._read, self._read)
        self._read += len(content)
        with contextlib.suppress(ValueError, TypeError):  # it broke while writing
            for line in filter(None, content.decode(errors="replace").split("\n")):
                self._result |= json.loads(line)

    def is_overdue(self) -> bool:
        """Whether the worker's own timeout should have ended it long ago."""
        return bool(time.monotonic() > self._started + self.job.document["timeoutSeconds"] + KILL_AFTER)

    def kill(self) -> None:
        """Ends a worker that has not answered."""
        self.await_end(0)
        pid = self._heard.partition(b"\n")[0]
        if pid.isdigit() and not self.has_ended():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)

    def refuse(self, error: OSError) -> None:
        """Says why there is no worker for it."""
        message = f"the project's interpreter {self.job.python} cannot be started: {error.strerror or error}"
        self.outcome = Outcome(self.job.stack, self.job.mode, failure("config", message), "", 0.0)

    def settle(self) -> None:
        """Takes what came of it, from a worker that has ended or has to end now."""
        self.kill()
        seconds = time.monotonic() - self._started
        self._take()
        self._printed.seek(0)
        printed = self._printed.read().decode(errors="replace")
        result = self._result if "ok" in self._result else self._broken(self._words() + printed, seconds)
        self.outcome = Outcome(self.job.stack, self.job.mode, result, printed, seconds)

    def _broken(self, printed: str, seconds: float) -> dict[str, Any]:
        limit = self.job.document["timeoutSeconds"]
        if seconds >= limit + KILL_AFTER:
            return failure(
                "timeout", f"the program did not end within {limit:g} s and did not react; --timeout raises the limit"
            )
        if unfit := _unfit(self.job.python, printed):
            return failure("config", unfit)
        lines = printed.strip().splitlines()
        if len(lines) > _HEAD + _TAIL:
            lines[_HEAD:-_TAIL] = ["..."]
        said = "\n".join(f"  {line}" for line in lines)
        message = "the worker ended without a result: something killed it, or native code in it crashed"
        return failure("internal", f"{message}\n{said}".rstrip())


def _unfit(python: str, printed: str) -> str:
    """What the interpreter of a worker that broke lacks, and what to do; empty when it lacks nothing."""
    own = " (the one that runs preflight)" if os.path.abspath(python) == os.path.abspath(sys.executable) else ""
    remedy = (
        "name a virtual environment that has them in Pulumi.yaml, "
        "as in `runtime: {name: python, options: {virtualenv: .venv}}`"
    )
    version = _version(python)
    if version is not None and version < OLDEST:
        return (
            f"the program's interpreter {python}{own} is Python {version[0]}.{version[1]}, 3.11 or later is needed "
            f"with the project's requirements; {remedy}"
        )
    if any(f"No module named '{module}'" in printed for module in _SDK):
        return (
            f"the program's interpreter {python}{own} has no Pulumi SDK. Install the project's requirements into it, "
            f"or {remedy}"
        )
    return ""


def _version(python: str) -> tuple[int, int] | None:
    """Major and minor version of an interpreter, None when it does not say."""
    try:
        command = [python, "-c", "import sys; print('%d %d' % sys.version_info[:2])"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)  # noqa: S603 see `_Nursery`
        major, minor = map(int, done.stdout.split())
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return major, minor


class _Nursery:
    """The process that workers come from; leaving the context ends it and them."""

    def __init__(self, entries: Sequence[_Entry]) -> None:
        self._entries = list(entries)
        self._process: subprocess.Popen[bytes] | ahead.Begun
        self._stream: IO[bytes]
        job = entries[0].job
        alive = [entry.name for entry in entries]
        files = [file.fileno() for entry in entries for file in entry.files]
        try:
            begun = None if job.document.get("plain") or not FORKS else ahead.take(job.python, alive, files)
            if begun is not None:
                self._process, self._stream, self._lifeline = begun, begun.words, begun.lifeline
            else:
                self._start(job.python, alive, files)
        finally:
            for entry in entries:
                entry.hand_over()

    def _start(self, python: str, alive: Sequence[int], files: Sequence[int]) -> None:
        self._stream = tempfile.TemporaryFile()  # noqa: SIM115 see `_close`
        lifeline_end, self._lifeline = os.pipe()
        command = [
            python, str(Path(__file__).with_name("lifeline.py")), str(lifeline_end),
            "preflight.nursery", ",".join(map(str, alive)),
        ]  # fmt: skip
        try:
            self._process = subprocess.Popen(  # noqa: S603 the project's own interpreter
                command, stdin=subprocess.PIPE, stdout=self._stream, stderr=self._stream,
                pass_fds=[lifeline_end, *alive, *files],
            )  # fmt: skip
        except OSError:
            self._close()
            raise
        finally:
            os.close(lifeline_end)

    def __enter__(self) -> "_Nursery":
        return self

    def __exit__(self, error: object, *_: object) -> None:
        if error is None:
            deadline = time.monotonic() + _GRACE
            for entry in self._entries:
                entry.await_end(deadline)
        self._process.kill()
        self._process.wait()
        for entry in self._entries:  # now no more can be forked
            entry.kill()
        self._close()

    def forget(self, entries: Sequence[_Entry]) -> None:
        """Nothing will be made for these."""
        self._entries = [entry for entry in self._entries if entry not in entries]

    def order(self, entry: _Entry, *, last: bool) -> None:
        """Has a worker made for this job."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has died; the pipe of the entry tells
            self._process.stdin.write(entry.order(self._words, last=last))
            self._process.stdin.flush()

    def _words(self) -> str:
        """What it has written; a worker's words are elsewhere."""
        self._stream.seek(0)
        return self._stream.read().decode(errors="replace")

    def _close(self) -> None:
        os.close(self._lifeline)
        self._stream.close()


def failure(kind: str, message: str, source: str | None = None) -> dict[str, Any]:
    """A result of the worker protocol that says what went wrong."""
    error = {"kind": kind, "message": message, "source": source, "traceback": None}
    return {"ok": False, "error": error, "errors": [error], "timings": {}}
