"""The process of a policy pack: started by itself, or forked from one that has loaded the Pulumi SDK.

A forked pack is a child of the nursery, not of the worker that talks to it. So it says itself with which code it ends
(see pack_child.py), and the worker may only kill it while the nursery lives, which collects it last.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, NamedTuple, Protocol

from preflight import pack_calls
from preflight.interpreters import place


class Process(Protocol):
    """What `analyzer.Pack` has to know of it."""

    pid: int
    output: IO[bytes]
    """Its standard output, which begins with its port."""
    calls: pack_calls.Direct | None
    """How it can be asked without a port, if it can."""

    def ended(self, timeout: float) -> str | None:
        """How it ended, as in "ended with exit code 1"; None when it runs on after `timeout` seconds."""

    def words(self) -> str:
        """What it has written to standard error."""

    def close(self) -> None:
        """Ends it."""


def same_interpreter(python: str) -> bool:
    """Whether this process runs in that interpreter, so that a fork of it would."""
    return place(python) == place(sys.executable)


class Spawned:
    """A pack in an interpreter of its own, started as the engine does; ends with this process, however that ends."""

    calls: pack_calls.Direct | None = None

    def __init__(self, python: str, pack_dir: str, env: Mapping[str, str]) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 lives as long as the process
        lifeline_end, self._lifeline = os.pipe()
        command = [
            python, "-u", str(Path(__file__).with_name("lifeline.py")), str(lifeline_end), *arguments(pack_dir),
        ]  # fmt: skip
        try:
            self._process = subprocess.Popen(  # noqa: S603 the pack is code the user asked to run
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._stderr, cwd=pack_dir,
                env=dict(env), pass_fds=[lifeline_end],
            )  # fmt: skip
        except OSError:
            os.close(self._lifeline)
            self._stderr.close()
            raise
        finally:
            os.close(lifeline_end)
        assert self._process.stdout is not None
        self.output: IO[bytes] = self._process.stdout
        self.pid = self._process.pid

    def ended(self, timeout: float) -> str | None:
        """See `Process`."""
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        return f"ended with exit code {code}" if code >= 0 else f"was ended by signal {-code}"

    def words(self) -> str:
        """See `Process`."""
        return _read(self._stderr)

    def close(self) -> None:
        """See `Process`."""
        self._process.kill()
        self._process.wait()
        os.close(self._lifeline)
        self._stderr.close()


class Descriptors(NamedTuple):
    """Both ends of everything between a forked pack and its worker."""

    stderr: IO[bytes]
    output: tuple[int, int]
    lifeline: tuple[int, int]
    line: tuple[socket.socket, socket.socket]

    @classmethod
    def made(cls) -> Descriptors:
        """New ones; this process holds all of them."""
        return cls(tempfile.TemporaryFile(), os.pipe(), os.pipe()[::-1], socket.socketpair())

    def close(self, *, of_the_pack: bool) -> None:
        """Closes the ends that the pack uses, or those that the worker uses."""
        ends = 1 if of_the_pack else 0
        os.close(self.output[ends])
        os.close(self.lifeline[ends])
        self.line[ends].close()
        if not of_the_pack:
            self.stderr.close()


class Forked:
    """A pack forked from this process, or from its parent; ends when the last holder of its lifeline does."""

    def __init__(self, pid: int, descriptors: Descriptors) -> None:
        self.pid = pid
        self._parent = os.getpid()
        self._descriptors = descriptors
        self.output: IO[bytes] = open(descriptors.output[0], "rb", closefd=False)  # noqa: SIM115
        self.calls: pack_calls.Direct | None = pack_calls.Direct(descriptors.line[0])

    def leave(self) -> None:
        """Lets go of it in a process that has nothing to do with it."""
        self._descriptors.close(of_the_pack=False)

    def ended(self, timeout: float) -> str | None:
        """See `Process`."""
        assert self.calls is not None
        return self.calls.ended(timeout)

    def words(self) -> str:
        """See `Process`."""
        return _read(self._descriptors.stderr)

    def close(self) -> None:
        """See `Process`."""
        if self._parent in (os.getpid(), os.getppid()):  # else its number may be another process's by now
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        os.close(self._descriptors.lifeline[0])  # its output is read to the end, which is near

    def collect(self) -> None:
        """Ends it if it still runs, and waits for its end; in the process that forked it."""
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


def fork(pack_dir: str, env: Mapping[str, str]) -> Forked:
    """Forks a pack from this process with what it has imported.

    Only in a process that has not used grpc and has no threads.
    """
    descriptors = Descriptors.made()
    pid = os.fork()
    if not pid:
        from preflight import pack_child  # noqa: PLC0415

        pack_child.become(descriptors, pack_dir, env, arguments(pack_dir))
    descriptors.close(of_the_pack=True)
    return Forked(pid, descriptors)


def arguments(pack_dir: str) -> list[str]:
    """The module that serves a pack and what it is called with; the engine's address is never dialled."""
    return ["pulumi.policy", "127.0.0.1:1", pack_dir]


def _read(stream: IO[bytes]) -> str:
    with contextlib.suppress(OSError, ValueError):
        stream.seek(0)
        return stream.read().decode(errors="replace")
    return ""
