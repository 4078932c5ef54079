"""Places in the program: which files are its own, and the ``file:line`` of a frame, traceback or registration."""

import inspect
import os
import sys
import threading
from collections.abc import Iterator
from types import FrameType, TracebackType
from urllib.parse import unquote, urlsplit

# Folders inside a program's root that hold other people's code.
_FOREIGN = frozenset({"site-packages", "dist-packages", "node_modules", ".venv", "venv", ".tox", ".nox"})
# This package may lie inside the program's root; it is never the program.
# Parts of it that stand between the program and the SDK: an exception may pass through them.
_TRANSPARENT = frozenset({"program.py", "sequence.py", "worker.py", "sdk_speed", "lazy_sdk"})
_OWN = os.path.dirname(os.path.realpath(__file__)) + os.sep


class Places:
    """The files of one program, below ``root`` and not in an environment. Below it is also what a symbolic link there
    leads to."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self._named = os.path.abspath(root)
        self._known: dict[str, str | None] = {}

    def relative(self, filename: str) -> str | None:
        """The path below the root with forward slashes, or None for a file that is not the program's own."""
        if filename not in self._known:
            self._known[filename] = self._relative(filename)
        return self._known[filename]

    def _relative(self, filename: str) -> str | None:
        if filename.startswith("<"):
            return None
        real = os.path.realpath(filename)
        if real.startswith(_OWN) or not os.path.isfile(real):
            return None  # compiled libraries name source files that are not here
        path = _below(self.root, real)
        if path is None and _FOREIGN.isdisjoint(real.split(os.sep)):
            path = _below(self._named, os.path.abspath(filename))
        return path if path is not None and _FOREIGN.isdisjoint(path.split("/")) else None

    def of_frame(self, frame: FrameType | None) -> str | None:
        """The innermost place of the program on the stack of a frame."""
        while frame is not None:
            found = self.relative(frame.f_code.co_filename)
            if found is not None:
                return f"{found}:{frame.f_lineno}"
            frame = frame.f_back
        return None

    def here(self) -> str | None:
        """The innermost place of the program on the caller's stack, or on the main thread's, where sync calls wait."""
        found = self.of_frame(inspect.currentframe())
        if found is None and threading.current_thread() is not threading.main_thread():
            found = self.of_main_thread()
        return found

    def of_main_thread(self) -> str | None:
        """Where the program's own thread is now."""
        return self.of_frame(sys._current_frames().get(threading.main_thread().ident or 0))  # noqa: SLF001

    def of_traceback(self, trace: TracebackType | None) -> str | None:
        """The innermost place of the program that an exception passed through."""
        found = None
        while trace is not None:
            path = self.relative(trace.tb_frame.f_code.co_filename)
            if path is not None:
                found = f"{path}:{trace.tb_lineno}"
            trace = trace.tb_next
        return found

    def of_error(self, error: BaseException) -> str | None:
        """The place of an exception, or of what caused it."""
        for link in chain(error):
            if isinstance(link, SyntaxError) and link.filename and (path := self.relative(link.filename)):
                return f"{path}:{link.lineno}"
            found = self.of_traceback(link.__traceback__)
            if found is not None:
                return found
        return None

    def blames_this_package(self, error: BaseException) -> bool:
        """Whether an exception comes from this package's answers to the program, and not from the program itself."""
        ours = False
        trace = error.__traceback__
        while trace is not None:
            name = trace.tb_frame.f_code.co_filename
            if name.startswith(_OWN):
                ours = ours or name.removeprefix(_OWN).partition(os.sep)[0] not in _TRANSPARENT
            elif self.relative(name) is not None:
                ours = False
            trace = trace.tb_next
        return ours

    def of_uri(self, uri: str, line: int) -> str | None:
        """The place of a ``file:`` URI."""
        path = self.relative(unquote(urlsplit(uri).path)) if uri else None
        return f"{path}:{line}" if path is not None else None


def _below(folder: str, path: str) -> str | None:
    parts = os.path.relpath(path, folder).split(os.sep)
    return None if parts[0] == os.pardir else "/".join(parts)


def chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, then what it was raised from or during, innermost last; each once."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__
