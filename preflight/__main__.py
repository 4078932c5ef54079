"""``python -m preflight``.

Can be read by any Python from 3.6 on, to say what is wrong with it: a newcomer's first one is often not the right one.
"""

import gc
import os
import sys
import traceback

OLDEST = (3, 11)
_FAULT, _INTERRUPTED = 3, 130  # exit codes, see docs/preflight.md


def start() -> int:
    """Runs the command, or says in one line why this interpreter cannot; returns the exit code."""
    if sys.version_info < OLDEST:
        return _unfit("is Python {}.{}, {}.{} or later is needed".format(*sys.version_info[:2], *OLDEST))
    try:
        from preflight import ahead  # noqa: PLC0415 an older interpreter could not read it

        ahead.begin()
        try:
            return _run()
        finally:
            ahead.end()
    except KeyboardInterrupt:  # while it was being loaded, or was writing; `main` tells of any other
        print("preflight: interrupted", file=sys.stderr)
        return _INTERRUPTED
    except Exception:  # noqa: BLE001 - Python would end with 1, which says that a rule is violated
        traceback.print_exc()
        print("preflight: a fault of preflight itself; nothing was decided", file=sys.stderr)
        return _FAULT


def _run() -> int:
    try:
        from preflight.cli import main  # noqa: PLC0415 an older interpreter could not read it
    except ModuleNotFoundError as error:
        if (error.name or "preflight").partition(".")[0] == "preflight":
            raise
        return _unfit(f"has no module {error.name!r}")
    return main()


def _unfit(why: str) -> int:
    groundwork = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    python = os.path.join(groundwork, ".venv", "bin", "python")
    print(
        f"preflight: the interpreter that runs it, {sys.executable}, {why}. "
        f"Run `make setup` in {groundwork}, then use {python}",
        file=sys.stderr,
    )
    return _FAULT


def _open_streams() -> None:
    """Has a standard stream that is closed lead nowhere: its number would otherwise be that of a file of ours."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
            os.set_inheritable(descriptor, True)
            # As Python does it at its start: the number outlives the stream, which a policy pack replaces by its own.
            setattr(sys, name, open(descriptor, mode, closefd=False))  # noqa: SIM115


def _end(code: int) -> None:
    """Ends the process at once: taking a report apart object by object costs as much as writing it."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        raise SystemExit(code) from None  # Python says what it could not write
    os._exit(code)


if __name__ == "__main__":
    gc.disable()  # a run is short, and its end frees what is left
    _open_streams()
    _end(start())
