"""Interpreters for policy packs that have imported the SDK when they are started: most of a pack's start is that."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

# Forks packs as they are in an interpreter of their own, but that it has imported the SDK; asked for the end of one, says
# its exit code or null.
INTERPRETER = """
import json, os, socket, sys
import pulumi_policy.policy
from tests.preflight.processes import become_pack
line = socket.socket(fileno=int(sys.argv[1]))
while True:
    text, given, _, _ = socket.recv_fds(line, 1 << 20, 3)
    if not text:
        break
    order = json.loads(text)
    if "pid" in order:
        ended, status = os.waitpid(order["pid"], os.WNOHANG)
        line.send(json.dumps(os.waitstatus_to_exitcode(status) if ended else None).encode())
        continue
    if not (pid := os.fork()):
        streams = os.open(os.devnull, os.O_RDONLY), *given[:2]
        become_pack([str(given[2]), *order["arguments"]], streams, given[2:], order["env"], order["cwd"])
    for descriptor in given:
        os.close(descriptor)
    line.send(b"%d" % pid)
"""


class Interpreters:
    """`subprocess` as pack_process knows it, but that the interpreter of a pack is one that has imported the SDK."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    def Popen(
        self, command: list[str], *, stderr: Any, cwd: str, env: dict[str, str], pass_fds: list[int], **_: Any
    ) -> Any:
        """A process that runs."""
        assert command[:2] == [sys.executable, "-u"]
        return Interpreter(self._line, command[4:], stderr.fileno(), cwd, env, pass_fds[0])


class Interpreter:
    """What pack_process has to know of the process."""

    def __init__(
        self, line: socket.socket, arguments: list[str], stderr: int, cwd: str, env: dict[str, str], lifeline: int
    ) -> None:
        self._line = line
        self._code: int | None = None
        reading, writing = os.pipe()
        self.stdout = os.fdopen(reading, "rb")
        order = json.dumps({"arguments": arguments, "cwd": cwd, "env": env})
        socket.send_fds(line, [order.encode()], [writing, stderr, lifeline])
        os.close(writing)
        self.pid = int(line.recv(64))

    def wait(self, timeout: float = 60) -> int:
        """See `subprocess.Popen`."""
        deadline = time.monotonic() + timeout
        while self._code is None:
            self._line.sendall(json.dumps({"pid": self.pid}).encode())
            self._code = json.loads(self._line.recv(64))
            if self._code is None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("a pack", timeout)
            time.sleep(0 if self._code is not None else 0.01)
        return self._code

    def kill(self) -> None:
        """See `subprocess.Popen`."""
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)


def process(code: str) -> Iterator[socket.socket]:
    """The line to a process that runs this code."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-c", code, str(theirs.fileno())]
    with subprocess.Popen(command, pass_fds=[theirs.fileno()], cwd=ROOT) as running:
        theirs.close()
        yield ours
        ours.close()
        assert running.wait(10) == 0
