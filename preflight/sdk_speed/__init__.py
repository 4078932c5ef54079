"""Replaces the parts of the SDK's runtime that cost most and are not about the program; nothing in a plain run.

All must leave order and meaning as they are: the tests compare a plain run with this one, for every kind of value, for
a program with everything in it and for prod. A function is replaced only if its text is the one that its replacement
was written for (see known.py); after raising the SDK's version, tests/preflight/test_sdk_speed.py says which are not,
and what to do.
"""

from preflight.sdk_speed import asking, outputs, saying, types, values, waiting
from preflight.sdk_speed.waiting import call_at_once, end_traces

__all__ = ["call_at_once", "end_traces", "install", "install_for_engine"]


def install() -> None:
    """Replaces what is known, in this process and those that are forked from it; to be called once."""
    install_for_engine()
    for part in (asking, outputs, types, values):
        part.install()


def install_for_engine() -> None:
    """Of that, what a program that the real engine runs may do without: how the SDK waits, and what it says to nobody.

    What the engine is asked for is made by the SDK's own code alone. See docs/decisions/0014.
    """
    for part in (waiting, saying):
        part.install()
