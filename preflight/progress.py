"""What a terminal shows while programs run, and what this process does meanwhile."""

import os
import shutil
import sys
import time
from collections.abc import Callable

OnChange = Callable[[list[str]], None]


def show(started: float) -> OnChange:
    """Says on a terminal what is running; silent anywhere else."""
    if not _shows():
        return lambda _running: None

    def shown(running: list[str]) -> None:
        line = f"{', '.join(running)} ({time.monotonic() - started:.1f} s)" if running else ""
        sys.stderr.write(f"\r\033[K{line[: shutil.get_terminal_size().columns - 1]}")
        sys.stderr.flush()

    return shown


def clear() -> None:
    """Takes the line away again."""
    if _shows():
        sys.stderr.write("\r\033[K")


def _shows() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def meanwhile(act: Callable[[], None], on_change: OnChange) -> OnChange:
    """`on_change`, and once, when the first workers have been started, `act`."""
    waiting = [act]

    def changed(running: list[str]) -> None:
        on_change(running)
        while waiting:
            waiting.pop()()

    return changed
