"""Starts preflight, its nurseries, `operations` or a few lines of Python from a process that has loaded what they need: the
same code and the same end, without the imports.

For tests of what preflight says and does; they run it hundreds of times, and two thirds of each run were imports. How
it is started is tested with processes of its own: test_cli_process, test_cli_start, test_launcher_nursery, test_startup,
and every check of the committed stacks. So is what must not depend on the process (the seed of hashes is that of the
process which all of these come from), and whatever is to run with another environment.
"""

import atexit
import contextlib
import functools
import hashlib
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import types
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

from tests.preflight.processes import Interpreters, Nursery, Processes, become_given, end

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    "preflight.cost.estimate", "preflight.diff.command", "preflight.diff.compare", "preflight.diff.markdown",
    "preflight.diff.text",
    "preflight.exchange", "preflight.explain.command", "preflight.page", "preflight.picture", "preflight.reach",
    "preflight.resilience", "preflight.scaling.command", "preflight.timeline",
)  # fmt: skip
"""What the commands import when they are called, or where a report is asked for."""
_MOST = 253  # descriptors that Linux takes in one message


class Warm:
    """The process that others are forked from; it ends with the one that made it."""

    def __init__(self, *having: str) -> None:
        self._line, theirs = socket.socketpair()
        command = [sys.executable, "-m", __name__, str(theirs.fileno()), *having]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=[theirs.fileno()]
        )
        theirs.close()
        self.pid = self._process.pid
        self._turn = threading.Lock()
        atexit.register(self._end)

    def run(
        self, module: str, arguments: Sequence[str], *, env: Mapping[str, str], cwd: str = str(ROOT), given: str = "",
        kept: Path | None = None, timeout: float = 120,
    ) -> "subprocess.CompletedProcess[bytes]":  # fmt: skip
        """What `python -m MODULE ARGUMENT ...` would be, with `given` on standard input; the module "-c" has lines for an
        argument.

        `kept` is a folder for what runs of a program have answered: the same run is not made twice.
        """
        with self._turn, tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            (place / "in").write_text(given)
            order: dict[str, Any] = {
                "module": module,
                "arguments": list(arguments),
                "env": dict(env),
                "cwd": cwd,
                "folder": folder,
            }
            order["kept"] = str(kept) if kept else None
            process = self._ask(order)
            try:
                code = self._ask({"wait": process, "seconds": timeout})
            except BaseException:
                os.kill(process, signal.SIGKILL)
                raise
            if code is None:
                raise subprocess.TimeoutExpired([module, *arguments], timeout)
            out, err = ((place / name).read_bytes() for name in ("out", "err"))
        return subprocess.CompletedProcess([module, *arguments], code, out, err)

    def nursery(self, command: list[str], output: int, kept: Sequence[int]) -> "_Elsewhere":
        """What the launcher's command would start, with the descriptors that it has kept under their numbers."""
        reading, writing = os.pipe()
        with self._turn:
            order = {"nursery": command[2:], "kept": list(kept), "env": dict(os.environ), "cwd": os.getcwd()}
            process = self._ask(order, [reading, output, *kept])
        os.close(reading)
        return _Elsewhere(self, process, writing)

    def collect(self, process: int, seconds: float) -> int | None:
        """The exit code of a process that was made, see `_ended`."""
        with self._turn:
            code: int | None = self._ask({"wait": process, "seconds": seconds})
        return code

    def _ask(self, order: Mapping[str, Any], given: Sequence[int] = ()) -> Any:
        orders, answers = self._process.stdin, self._process.stdout
        assert orders is not None
        assert answers is not None
        orders.write(json.dumps(order) + "\n")
        orders.flush()
        if given:
            socket.send_fds(self._line, [b"."], given)
        return json.loads(answers.readline())

    def _end(self) -> None:
        self._process.communicate()


_MADE: dict[tuple[str, ...], Warm] = {}


def warm(having: str = "preflight", *modules: str) -> Warm:
    """The one of this process that has loaded "preflight" and the SDK with what preflight replaces in it, the SDK as it is
    ("plain"), or "nothing" but the loader; and these modules."""
    if (having, *modules) not in _MADE:
        _MADE[having, *modules] = Warm(having, *modules)
    return _MADE[having, *modules]


def serve(orders: IO[str], answers: int, others: socket.socket, having: str, modules: Sequence[str]) -> None:
    """Forks what it is told to, until there are no more orders."""
    began = time.time_ns()
    if having != "nothing":
        from preflight import cli, worker  # noqa: F401, PLC0415

        worker.load(plain=having == "plain")
    if having == "preflight":
        _load_all()
    for module in modules:
        hasattr(
            importlib.import_module(module), "Any"
        )  # one of the SDK's is executed when it is first asked for something
    import gc  # noqa: PLC0415

    gc.freeze()
    written = {memo._path: when for memo, when in _memos() if when < began}  # these have been read
    for line in orders:
        order = json.loads(line)
        if "wait" in order:
            answer: int | None = _ended(order["wait"], order["seconds"])
            _learn(written)
        else:
            given = socket.recv_fds(others, 1, _MOST)[1] if "nursery" in order else []
            answer = os.fork()
            if not answer:
                os.close(answers)
                others.close()
                if given:
                    end(functools.partial(become_given, order, given))
                _become(order)
            for descriptor in given:
                os.close(descriptor)
        os.write(answers, json.dumps(answer).encode() + b"\n")


def _load_all() -> None:
    """What a run of a program and its report take: modules, tables that are read from files, and what is put in place of
    the library's and the SDK's own, which a process that comes from this one need not do again."""
    import pulumi_aws  # noqa: F401, PLC0415  as for a program that has used it before
    import pulumi_policy.policy  # noqa: F401, PLC0415  for packs

    from preflight import lazy_sdk, sdk_speed  # noqa: PLC0415
    from preflight.cost import HOME, catalogue  # noqa: PLC0415
    from preflight.lazy_sdk.modules import Finder  # noqa: PLC0415
    from preflight.simulation import allowed, defaults, deletions, durations, identities, table  # noqa: PLC0415

    for module in COMMANDS:
        importlib.import_module(module)
    for read in (
        allowed._table, defaults.rows, deletions.rows, durations._table, identities.rows, table._types, table._changes,
        table._read, catalogue.edition,
    ):  # fmt: skip
        read()
    catalogue._known(HOME)
    vars(sdk_speed)["install"] = lambda: None  # `worker.load` has
    lazy_sdk._savers[:] = [lambda: None]  # what was compiled from texts is kept by none of these processes

    def save(finder: Finder, program: str) -> None:
        """What was compiled of the SDK, and not what this program uses of it: none is kept as a program of its own."""
        for memo in list(finder._memos.values()):
            memo.save()

    setattr(Finder, "save", save)  # noqa: B010  as typed it is a method


def _memos() -> Iterator[tuple[Any, int]]:
    """What this process knows of each package of the SDK, and when its file was written."""
    from preflight.lazy_sdk import modules  # noqa: PLC0415

    for finder in sys.meta_path:
        for memo in finder._memos.values() if isinstance(finder, modules.Finder) else ():
            with contextlib.suppress(FileNotFoundError):
                yield memo, os.stat(memo._path).st_mtime_ns


def _learn(written: dict[str, int]) -> None:
    """Takes what the processes that came from this one have compiled, so that the next ones need not. `written`: when the
    files were, as far as they have been read."""
    from preflight.lazy_sdk import memo  # noqa: PLC0415

    for one, when in _memos():
        if written.get(one._path) == when:
            continue
        written[one._path] = when
        records, _ = memo.read(one._path, one._key, 2) or ({}, {})
        for name, (stamp, shape, slices) in records.items():
            known = one._records.setdefault(name, memo.Record(stamp, shape, slices))
            if known.stamp == stamp:
                known.slices = {**slices, **known.slices}  # of two that are the same the one that is there


def _ended(process: int, seconds: float) -> int | None:
    """The exit code of a process; None when it had to be ended."""

    def late(_number: int, _frame: object) -> None:
        os.kill(process, signal.SIGKILL)

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    status = os.waitpid(process, 0)[1]
    left = signal.setitimer(signal.ITIMER_REAL, 0)[0]
    signal.signal(signal.SIGALRM, before)
    return os.waitstatus_to_exitcode(status) if left else None


def _become(order: Mapping[str, Any]) -> NoReturn:
    """Is the process that was asked for."""
    import gc  # noqa: PLC0415

    folder = Path(order["folder"])
    for number, name, mode in ((0, "in", os.O_RDONLY), (1, "out", os.O_WRONLY), (2, "err", os.O_WRONLY)):
        opened = os.open(folder / name, mode | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  the other one has read ahead
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    told = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:1] = [order["cwd"], *told, str(ROOT)]
    sys.argv[:] = [order["module"], *order["arguments"]]
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    if order["module"] == "preflight.worker":
        from preflight import worker  # noqa: PLC0415

        worker.main()
    gc.enable()
    end(lambda: _called(order))


def _called(order: Mapping[str, Any]) -> int:
    """The exit code of what was asked for."""
    if order["module"] == "-c":
        main = sys.modules["__main__"] = types.ModuleType("__main__")
        exec(order["arguments"][0], vars(main))
        return 0
    if order["module"] == "operations":
        from operations import __main__ as operations  # noqa: PLC0415

        return operations.main()
    from preflight import __main__, launcher, lazy_sdk, pack_process  # noqa: PLC0415
    from preflight.explain import controls  # noqa: PLC0415

    vars(launcher)["subprocess"] = vars(controls)["subprocess"] = Processes()
    if "pulumi_policy.policy" in sys.modules and not lazy_sdk.installed():  # a pack that is to have the SDK as it is
        vars(pack_process)["subprocess"] = Interpreters()
    if order["kept"]:
        launcher.run = Kept(Path(order["kept"]), launcher.run)
    return __main__.start()


class Kept:
    """`launcher.run` that makes only runs which have not been made."""

    def __init__(self, folder: Path, run: Any) -> None:
        self._folder, self._run = folder, run

    def __call__(
        self, jobs: Sequence[Any], on_change: Any, on_recording: Any = lambda _job, _recording: None, later: Any = None
    ) -> list[Any]:
        from preflight import launcher  # noqa: PLC0415

        if later is not None:  # a base in a passing folder, which no other run has
            made: list[Any] = self._run(jobs, on_change, on_recording, later)
            return made
        missing = [job for job in jobs if not self._file(job).exists()]
        for job, outcome in zip(missing, self._run(missing, on_change), strict=True):
            self._file(job).write_text(json.dumps(outcome))
        return [launcher.Outcome(*json.loads(self._file(job).read_text())) for job in jobs]

    def _file(self, job: Any) -> Path:
        return self._folder / hashlib.sha256(json.dumps(job).encode()).hexdigest()


class Nurseries:
    """`subprocess` as the launcher knows it in this process, but that a nursery of this interpreter is forked from one
    that has loaded the SDK, and packs in an interpreter of their own from such a nursery."""

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    def Popen(self, command: list[str], **how: Any) -> Any:
        """A process, started or forked."""
        if command[0] == sys.executable:
            return warm().nursery(command, how["stdout"].fileno(), how["pass_fds"])
        return subprocess.Popen(command, **how)


class _Elsewhere(Nursery):
    """One that is a child of the process that others are forked from."""

    def __init__(self, warm: Warm, pid: int, writing: int) -> None:
        self._warm, self._pid = warm, pid
        self.stdin = os.fdopen(writing, "wb")

    def wait(self) -> int:
        """See `subprocess.Popen`."""
        self.stdin.close()
        code = self._warm.collect(self._pid, 60)
        assert code is not None, "killed, and did not end"
        return code


if __name__ == "__main__":
    answers = os.dup(1)
    os.dup2(2, 1)
    os.set_inheritable(answers, False)
    serve(sys.stdin, answers, socket.socket(fileno=int(sys.argv[1])), sys.argv[2], sys.argv[3:])
