"""Replaces the parts of the SDK's runtime that cost most and are not about the program; nothing in a plain run.

All must leave order and meaning as they are: the tests compare a plain run with this one, for every kind of value and
for the committed stacks. A function is replaced only if its text is the one that its replacement was written for (see
known.py); after raising the SDK's version, tests/preflight/test_sdk_speed.py says which are not, and what to do.
"""

from preflight.sdk_speed import outputs, types, values, waiting
from preflight.sdk_speed.waiting import AtOnce

__all__ = ["AtOnce", "install"]


def install() -> None:
    """Replaces what is known, in this process and those that are forked from it; to be called once."""
    for part in (waiting, outputs, types, values):
        part.install()
