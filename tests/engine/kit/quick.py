"""Lets a program load the SDK as preflight does: the same requests to the engine for two thirds of the time.

The language host runs this file before the program when it is told where to keep what was compiled. That the requests
are the same is proven elsewhere: `test_engine_fidelity.py` compares a plain program on the engine with preflight's.
"""

import atexit
import sys
from pathlib import Path

ROOT = str(Path(__file__).resolve().parents[3])


def install(cache: Path) -> None:
    """For the rest of this process. Nothing else of this checkout can be imported by the program afterwards."""
    sys.path.insert(0, ROOT)
    try:
        from preflight import lazy_sdk, sdk_speed  # noqa: PLC0415  found only while the path is there
    finally:
        sys.path.remove(ROOT)
    lazy_sdk.keep_texts(cache)
    lazy_sdk.install(cache_dir=cache)
    atexit.register(lazy_sdk.save, "")
    sdk_speed.install()


if __name__ == "__main__":
    install(Path(sys.argv[1]))
