"""What stands in for a new interpreter: processes that are forked from one that has loaded the SDK, and behave alike."""

import atexit
import fcntl
import io
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, Any, BinaryIO, NoReturn, cast

NURSERY = 3  # place of the module in the launcher's command


class Processes:
    """`subprocess` as preflight knows it, but that the nursery and the reader of a pack are forked from this process."""

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    def Popen(self, command: list[str], **how: Any) -> Any:
        """A process, started or forked."""
        if command[0] == sys.executable and command[NURSERY] == "preflight.nursery":
            return Nursery(command[2], command[NURSERY + 1 :], how["stdout"].fileno(), how["pass_fds"])
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
                end(lambda: pack_reader.main(command[2:]))
            code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            for stream in (out, err):
                stream.seek(0)
            return subprocess.CompletedProcess(command, code, out.read(), err.read())


class Nursery:
    """What the launcher has to know of the process."""

    def __init__(self, lifeline: str, arguments: list[str], output: int, kept: Sequence[int]) -> None:
        reading, writing = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            del sys.path[:2]
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


def become_given(order: Mapping[str, Any], given: Sequence[int]) -> NoReturn:
    """The same for another process, which has given its descriptors and says their numbers."""
    from preflight import pack_process  # noqa: PLC0415

    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    del sys.path[:1]
    vars(pack_process)["subprocess"] = Interpreters()
    lifeline_end, _, *arguments = order["nursery"]
    above = 1 + max(order["kept"])
    reading, output, *kept = (fcntl.fcntl(descriptor, fcntl.F_DUPFD, above) for descriptor in given)
    for descriptor, number in zip(kept, order["kept"], strict=True):
        os.dup2(descriptor, number)
    _become_nursery(lifeline_end, arguments, reading, output, order["kept"])


def _become_nursery(
    lifeline_end: str, arguments: list[str], reading: int, output: int, kept: Sequence[int]
) -> NoReturn:
    """What lifeline.py does in a new interpreter."""
    import gc  # noqa: PLC0415

    from preflight import lifeline  # noqa: PLC0415

    gc.disable()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _keep((reading, output, output), kept)
    lifeline.become("preflight.nursery", [lifeline_end, *arguments])
    sys.exit(0)


def _keep(streams: Sequence[int], kept: Iterable[int]) -> None:
    """Has these for the standard streams, and closes what else is open but those that are kept."""
    for number, opened in enumerate(streams):
        os.dup2(opened, number)
    last = 2
    for descriptor in sorted(kept):
        os.closerange(last + 1, descriptor)
        os.set_inheritable(descriptor, True)
        last = descriptor
    os.closerange(last + 1, os.sysconf("SC_OPEN_MAX"))
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115


class Interpreters:
    """`subprocess` as pack_process knows it, but that a pack is forked from this process, if its interpreter has the same
    packages."""

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    def Popen(self, command: list[str], **how: Any) -> Any:
        """A process, started or forked."""
        if os.path.realpath(command[0]) == os.path.realpath(sys.executable):
            return _Interpreter(command[3:], **how)
        return subprocess.Popen(command, **how)


class _Interpreter:
    """What pack_process has to know of the process."""

    def __init__(
        self,
        arguments: list[str],
        *,
        stderr: IO[bytes],
        cwd: str,
        env: Mapping[str, str],
        pass_fds: Sequence[int],
        **_: Any,
    ) -> None:
        reading, writing = os.pipe()
        self.stdout = os.fdopen(reading, "rb")
        self._code: int | None = None
        self._turn = threading.Lock()
        self.pid = os.fork()
        if not self.pid:
            become_pack(arguments, (os.open(os.devnull, os.O_RDONLY), writing, stderr.fileno()), pass_fds, env, cwd)
        os.close(writing)

    def wait(self, timeout: float = 60) -> int:
        """See `subprocess.Popen`."""
        deadline = time.monotonic() + timeout
        while (code := self._ended()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("a pack", timeout)
            time.sleep(0.01)
        return code

    def _ended(self) -> int | None:
        with self._turn:
            if self._code is None:
                ended, status = os.waitpid(self.pid, os.WNOHANG)
                self._code = os.waitstatus_to_exitcode(status) if ended else None
            return self._code

    def kill(self) -> None:
        """See `subprocess.Popen`."""
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)


def become_pack(
    arguments: Sequence[str], streams: Sequence[int], kept: Sequence[int], env: Mapping[str, str], cwd: str
) -> NoReturn:
    """What `python -u lifeline.py ARGUMENT ...` is, but that it has imported the SDK."""
    from preflight import lifeline  # noqa: PLC0415

    _keep(streams, kept)
    unbuffered = cast("BinaryIO", open(1, "wb", 0, closefd=False))  # noqa: SIM115
    sys.stdout = io.TextIOWrapper(unbuffered, write_through=True)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.path.insert(0, "")  # of the file that would have been started
    end(lambda: lifeline.main([*arguments]))


def end(call: Callable[[], int | None]) -> NoReturn:
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
