"""The fast path for programs that the real engine runs: lazily loaded SDK modules, no cyclic garbage collector, and a
program that neither waits for the same outputs over and over nor says each of its steps to nobody.

``python -m preflight.startup`` puts a hook into a virtual environment: groundwork_fast.pth, which Python executes at
every start and which does nothing unless ``GROUNDWORK_FAST`` is 1, and groundwork_fast.py, which calls `begin` in the
processes that Pulumi's language host starts for the program and its policy pack. No file of the SDK is changed. In the
program three of its functions are replaced in memory, none of which has a part in what is registered; preflight's own
runs replace more, see sdk_speed.
"""

import atexit
import contextlib
import gc
import os
import shutil
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

from preflight import lazy_sdk
from preflight.startup.afterwards import Afterwards

SWITCH = "GROUNDWORK_FAST"
HOOK = ("groundwork_fast.py", "groundwork_fast.pth")


class NoEnvironmentError(Exception):
    """The hook can only be put into a virtual environment."""


def install() -> Path:
    """Puts the hook into the virtual environment of this interpreter, and answers where; a second call renews it.

    Raises NoEnvironmentError outside of a virtual environment, whose Python other programs use.
    """
    if sys.prefix == sys.base_prefix:
        raise NoEnvironmentError(
            f"{sys.executable} is not in a virtual environment: use .venv/bin/python (`make setup`)"
        )
    folder = Path(sysconfig.get_path("purelib"))
    for name in HOOK:
        draft = folder / f"{name}.{os.getpid()}"
        shutil.copyfile(Path(__file__).with_name(name), draft)
        draft.replace(folder / name)
    return folder


def begin(project: str, failed: Callable[[Exception], None] | None = None) -> None:
    """For the rest of this process; ``project`` is the folder under which the loader notes what was used. ``failed`` is
    given for a program, not for a pack: it hears why functions of the SDK stay as they are, if that went wrong.

    Nothing is collected: a run allocates as much as its program declares. At the exit Python would go through all of it
    once, unless it is told that it is there to stay.
    """
    lazy_sdk.install()
    gc.disable()
    if failed is not None:
        sys.meta_path.insert(0, Afterwards("pulumi", lambda: _replace(failed)))
    atexit.register(_end, project)


def _replace(failed: Callable[[Exception], None]) -> None:
    try:
        from preflight import sdk_speed  # noqa: PLC0415  it imports the SDK

        sdk_speed.install_for_engine()
    except Exception as error:  # noqa: BLE001  the program goes on with the SDK's own
        failed(error)


def _end(project: str) -> None:
    with contextlib.suppress(Exception):  # what was learnt is lost, and the program has ended well
        lazy_sdk.save(project)
    gc.freeze()
