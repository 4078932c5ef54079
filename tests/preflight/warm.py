"""Starts preflight, `operations` or a few lines of Python from a process that has loaded what they need: the same code and
the same end, without the imports.

For tests of what preflight says and does; they run it hundreds of times, and two thirds of each run were imports. How
it is started is tested with processes of its own: test_cli_process, test_cli_start, test_launcher_nursery, test_startup,
and every check of the committed stacks. So is what must not depend on the process (the seed of hashes is that of the
process which all of these come from), and whatever is to run with another environment.
"""

import atexit
import functools
import hashlib
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    "preflight.cost.estimate", "preflight.diff.command", "preflight.diff.compare", "preflight.diff.markdown",
    "preflight.diff.text",
    "preflight.exchange", "preflight.explain.command", "preflight.page", "preflight.picture", "preflight.reach",
    "preflight.resilience", "preflight.scaling.command", "preflight.timeline",
)  # fmt: skip
"""What the commands import when they are called, or where a report is asked for."""
NURSERY, PACK = 3, 4  # place of the module in the command of the launcher, and in that of a pack


class Warm:
    """The process that others are forked from; it ends with the one that made it."""

    def __init__(self, *having: str) -> None:
        command = [sys.executable, "-m", __name__, *having]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._turn = threading.Lock()
        atexit.register(self._end)

    def run(
        self, module: str, arguments: Sequence[str], *, env: Mapping[str, str], cwd: str = str(ROOT), given: str = "",
        kept: Path | None = None, timeout: float = 120,
    ) -> "subprocess.CompletedProcess[bytes]":  # fmt: skip
        """What `python -m MODULE ARGUMENT ...` would be, with `given` on standard input; the module "-c" has lines for an
        argument. "preflight.launcher" runs the `jobs` that it is given with these `settings` of the launcher, and says
        the outcomes.

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

    def _ask(self, order: Mapping[str, Any]) -> Any:
        orders, answers = self._process.stdin, self._process.stdout
        assert orders is not None
        assert answers is not None
        orders.write(json.dumps(order) + "\n")
        orders.flush()
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


def serve(orders: IO[str], answers: int, having: str, modules: Sequence[str]) -> None:
    """Forks what it is told to, until there are no more orders."""
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
    written: dict[str, int] = {}
    for line in orders:
        order = json.loads(line)
        if "wait" in order:
            answer: int | None = _ended(order["wait"], order["seconds"])
            _learn(written)
        else:
            answer = os.fork()
            if not answer:
                os.close(answers)
                _become(order)
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


def _learn(written: dict[str, int]) -> None:
    """Takes what the processes that came from this one have compiled, so that the next ones need not. `written`: when the
    files were, as far as they have been read."""
    from preflight.lazy_sdk import memo, modules  # noqa: PLC0415

    for finder in sys.meta_path:
        for one in finder._memos.values() if isinstance(finder, modules.Finder) else ():
            try:
                when = os.stat(one._path).st_mtime_ns
            except FileNotFoundError:
                continue
            if written.get(one._path) == when:
                continue
            written[one._path] = when
            records, _ = memo.read(one._path, one._key, 2) or ({}, {})
            for name, (stamp, shape, slices) in records.items():
                known = one._records.setdefault(name, memo.Record(stamp, shape, slices))
                if known.stamp == stamp:
                    known.slices.update(slices)


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
    _end(lambda: _called(order))


def _end(call: Callable[[], int | None]) -> NoReturn:
    """Ends as an interpreter does that has called this and nothing else."""
    try:
        code = call() or 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001  as the interpreter would
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # to take the interpreter and the SDK apart takes longer than most of what is called


def _called(order: Mapping[str, Any]) -> int:
    """The exit code of what was asked for."""
    if order["module"] == "-c":
        main = sys.modules["__main__"] = types.ModuleType("__main__")
        exec(order["arguments"][0], vars(main))
        return 0
    if order["module"] == "operations":
        from operations import __main__ as operations  # noqa: PLC0415

        return operations.main()
    from preflight import __main__, launcher, pack_process  # noqa: PLC0415
    from preflight.explain import controls  # noqa: PLC0415

    for module in (controls, launcher, pack_process):
        vars(module)["subprocess"] = _Processes()
    if order["module"] == "preflight.launcher":
        told = json.load(sys.stdin)
        vars(launcher).update(told["settings"])
        print(json.dumps(launcher.run([launcher.Job(*job) for job in told["jobs"]], lambda _running: None)))
        return 0
    if order["kept"]:
        launcher.run = _Kept(Path(order["kept"]), launcher.run)
    return __main__.start()


class _Kept:
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


class _Processes:
    """`subprocess` as preflight knows it, but that the nursery and the reader of a pack are forked from this process, and so
    is a pack that is to have the SDK as it is."""

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    def Popen(self, command: list[str], **how: Any) -> Any:
        """A process, started or forked."""
        from preflight import interpreters  # noqa: PLC0415

        if command[0] == sys.executable and command[NURSERY] == "preflight.nursery":
            return _Nursery(command[2], command[NURSERY + 1 :], how["stdout"].fileno(), how["pass_fds"])
        if command[1] == "-u" and interpreters.place(command[0]) == interpreters.place(sys.executable) and _is_plain():
            how["preexec_fn"] = functools.partial(_become_pack, *command[PACK - 1 :], env=how["env"])
        return subprocess.Popen(command, **how)

    def run(self, command: list[str], **how: Any) -> Any:
        """A process that has ended."""
        from preflight.explain import pack_reader  # noqa: PLC0415

        if command[:2] != [sys.executable, pack_reader.__file__]:
            return subprocess.run(command, **how)  # noqa: PLW1510  it says itself
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            process = os.fork()
            if not process:
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                atexit._clear()  # the folder to write to is the other process's to remove
                _end(lambda: pack_reader.main(command[2:]))
            code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            for stream in (out, err):
                stream.seek(0)
            return subprocess.CompletedProcess(command, code, out.read(), err.read())


def _is_plain() -> bool:
    """Whether this process has loaded the SDK as it is."""
    from preflight import lazy_sdk  # noqa: PLC0415

    return "pulumi_policy.policy" in sys.modules and not lazy_sdk.installed()


def _become_pack(lifeline_end: str, module: str, *arguments: str, env: Mapping[str, str]) -> NoReturn:
    """What lifeline.py does in a new interpreter, whose streams and folder this process has by now."""
    import gc  # noqa: PLC0415

    from preflight import lifeline, pack_child  # noqa: PLC0415

    kept = int(lifeline_end)
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))
    sys.stdout, sys.stderr = map(pack_child._unbuffered, (1, 2))
    os.environ.clear()
    os.environ.update(env)
    atexit._clear()
    gc.enable()
    lifeline.watch(kept)
    _end(lambda: lifeline.become(module, list(arguments)))


class _Nursery:
    """What the launcher has to know of the process."""

    def __init__(self, lifeline: str, arguments: list[str], output: int, kept: Sequence[int]) -> None:
        reading, writing = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            _become_nursery(lifeline, arguments, reading, output, kept)
        os.close(reading)
        self.stdin = os.fdopen(writing, "wb")

    def kill(self) -> None:
        """See `subprocess.Popen`; it is collected after this only."""
        os.kill(self._pid, signal.SIGKILL)

    def wait(self) -> int:
        """See `subprocess.Popen`."""
        self.stdin.close()
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


def _become_nursery(
    lifeline_end: str, arguments: list[str], reading: int, output: int, kept: Sequence[int]
) -> NoReturn:
    """What lifeline.py does in a new interpreter."""
    import gc  # noqa: PLC0415

    from preflight import lifeline  # noqa: PLC0415

    gc.disable()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for number, opened in enumerate((reading, output, output)):
        os.dup2(opened, number)
    last = 2
    for descriptor in sorted(kept):
        os.closerange(last + 1, descriptor)
        os.set_inheritable(descriptor, True)
        last = descriptor
    os.closerange(last + 1, os.sysconf("SC_OPEN_MAX"))
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    del sys.path[:2]
    lifeline.become("preflight.nursery", [lifeline_end, *arguments])
    sys.exit(0)


if __name__ == "__main__":
    answers = os.dup(1)
    os.dup2(2, 1)
    os.set_inheritable(answers, False)
    serve(sys.stdin, answers, sys.argv[1], sys.argv[2:])
