"""A nursery that is begun before anybody knows what is to run: it loads the base of the SDK while the command line and
the project's files are read.

It is forked from the process of ``python -m preflight``, which has imported next to nothing by then, so that no other
interpreter has to start. Where it turns out that another one is to run the program, or the SDK is to be left as it is,
it ends unused. What a nursery inherits otherwise is handed over on a socket, its standard input, on which the orders
follow: the descriptors, the numbers by which the launcher knows them, and the environment.
"""

import contextlib
import json
import os
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Any, NoReturn, cast

if TYPE_CHECKING:
    from io import TextIOWrapper

_COMMANDS = frozenset({"check", "diff", "scale"})  # which run the program whatever else they are told
_WITHOUT = frozenset({"--plain", "-h", "--help"})
_STARTED = ["-m", "preflight"]  # without options of the interpreter, which would hold for the programs as well
_MOST = 253  # descriptors that Linux takes in one message
_LENGTH = struct.Struct("!I")  # of the message, before it

_begun: "list[Begun]" = []


class Begun:
    """A nursery that has not been told anything yet; what the launcher has to know of it, as of `subprocess.Popen`."""

    def __init__(self, pid: int, orders: socket.socket, words: int, lifeline: int) -> None:
        self.pid, self.lifeline = pid, lifeline
        self.words: IO[bytes] = open(words, "rb")  # noqa: SIM115  closed by whoever takes it over
        self._orders = orders
        self.stdin = orders.makefile("wb", 0)

    def hand_over(self, alive: Sequence[int], others: Sequence[int]) -> None:
        """Gives it these descriptors, of which `alive` are the ends that workers write to, and the environment. An
        OSError when it has died."""
        numbers = [*alive, *others]
        message = {"alive": list(alive), "numbers": numbers, "environment": dict(os.environ)}
        content = json.dumps(message).encode()
        socket.send_fds(self._orders, [_LENGTH.pack(len(content))], numbers)
        self._orders.sendall(content)

    def kill(self) -> None:
        """Ends it; it is collected after this only."""
        with contextlib.suppress(ProcessLookupError):  # it has ended, and SIGCHLD is ignored: see `wait`
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> None:
        """Waits for its end."""
        self.stdin.close()
        self._orders.close()
        with contextlib.suppress(ChildProcessError):  # whoever started us ignores SIGCHLD: the kernel has collected it
            os.waitpid(self.pid, 0)


def begin() -> None:
    """Begins one in the place of the first that the launcher will need, if that is likely and this system can; no
    thread may run yet."""
    command = sys.orig_argv[1:4]
    if command[:2] != _STARTED or not _COMMANDS.issuperset(command[2:]) or not _WITHOUT.isdisjoint(sys.argv):
        return
    if not hasattr(os, "memfd_create"):  # not Linux
        return
    with contextlib.ExitStack() as unused, contextlib.suppress(OSError):
        # So many descriptors or processes may not be, or a sandbox has no such calls: whoever needs one will say so.
        ours, theirs = (unused.enter_context(end) for end in socket.socketpair())
        words = os.memfd_create("words")
        unused.callback(os.close, words)
        lifeline_end, lifeline = os.pipe()
        unused.callback(os.close, lifeline_end)
        unused.callback(os.close, lifeline)
        # Ctrl-C reaches both: the child takes it when it is a nursery, this process when it knows of the child.
        masked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            pid = os.fork()
            if not pid:
                _become_nursery(theirs, words, lifeline_end, masked)
            unused.pop_all()
            _begun.append(Begun(pid, ours, words, lifeline))
            theirs.close()
            os.close(lifeline_end)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, masked)


def take(python: str, alive: Sequence[int], others: Sequence[int]) -> Begun | None:
    """The one that was begun, with these descriptors, if there is one and it runs in this interpreter; only once."""
    while _begun:
        if python == sys.executable and len(alive) + len(others) <= _MOST:
            try:
                _begun[0].hand_over(alive, others)
            except OSError:  # it has died; another one will say why
                pass
            else:
                return _begun.pop()
        end()
    return None


def end() -> None:
    """Ends what was begun and not taken."""
    while _begun:
        unused = _begun.pop()
        unused.kill()
        unused.wait()
        unused.words.close()
        os.close(unused.lifeline)


def _become_nursery(
    orders: socket.socket, words: int, lifeline_end: int, masked: set[int | signal.Signals]
) -> NoReturn:
    """What lifeline.py does in a new interpreter; `masked`: the signals that were held back before."""
    code = 1
    try:
        from preflight import lifeline  # noqa: PLC0415

        for descriptor, own in ((orders.detach(), 0), (words, 1), (words, 2)):
            os.dup2(descriptor, own)
        for descriptor in {*map(int, os.listdir("/proc/self/fd"))} - {0, 1, 2, lifeline_end}:
            with contextlib.suppress(OSError):  # that of the list
                os.close(descriptor)
        signal.pthread_sigmask(signal.SIG_SETMASK, masked)
        cast("TextIOWrapper", sys.stdout).reconfigure(line_buffering=False)  # it is no terminal any more
        if not sys.flags.safe_path:
            sys.path.pop(0)  # the folder that ``-m`` adds
        lifeline.become("preflight.nursery", [str(lifeline_end)])
        code = 0
    except BaseException:  # noqa: BLE001  as the interpreter would
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def received() -> tuple[set[int], dict[int, int]]:
    """In such a nursery: the ends that its workers write to, and the numbers here of all descriptors that it has been
    given, by those that the launcher knows them by; nothing when it is not needed."""
    with socket.socket(fileno=os.dup(0)) as orders:
        length, descriptors, _, _ = socket.recv_fds(orders, _LENGTH.size, _MOST)
        if not length:
            return set(), {}
        [rest] = _LENGTH.unpack(length)
        message: dict[str, Any] = json.loads(orders.recv(rest, socket.MSG_WAITALL))
    if message["environment"] != dict(os.environ):
        os.environ.clear()
        os.environ.update(message["environment"])
    own = dict(zip(message["numbers"], descriptors, strict=True))
    return {own[number] for number in message["alive"]}, own
