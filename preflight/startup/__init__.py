"""The fast path for programs that the real engine runs: lazily loaded SDK modules, and no cyclic garbage collector.

``python -m preflight.startup`` puts a hook into a virtual environment: groundwork_fast.pth, which Python executes at
every start and which does nothing unless ``GROUNDWORK_FAST`` is 1, and groundwork_fast.py, which calls `begin` in the
processes that Pulumi's language host starts for the program and its policy pack. No function of the SDK is replaced
(preflight's own runs do that, see sdk_speed): what registers resources is the SDK as it was installed.
"""

import atexit
import contextlib
import gc
import os
import shutil
import sys
import sysconfig
from pathlib import Path

from preflight import lazy_sdk

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


def begin(project: str) -> None:
    """For the rest of this process; ``project`` is the folder under which the loader notes what was used.

    Nothing is collected: a run allocates as much as its program declares. At the exit Python would go through all of it
    once, unless it is told that it is there to stay.
    """
    lazy_sdk.install()
    gc.disable()
    atexit.register(_end, project)


def _end(project: str) -> None:
    with contextlib.suppress(Exception):  # what was learnt is lost, and the program has ended well
        lazy_sdk.save(project)
    gc.freeze()
