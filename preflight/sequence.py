"""In which order a program makes its resources, and what it had waited for when it made one.

The monitor hears of a resource only when all that it waits for is there, and in a plain run from several threads. So
the place of each is noted where the SDK is asked for it, and goes along in the context of the call to the monitor.
"""

import inspect
from collections.abc import Callable
from contextvars import ContextVar
from types import FrameType
from typing import Any, NamedTuple

import pulumi.resource

_ASKED = ("register_resource", "read_resource")  # by the constructor of every resource


class Made(NamedTuple):
    """When a resource was made: sorted, it is the order of the program.

    What a callback makes comes last: when it runs is no more than the order in which values happened to be there.
    ``awaited`` are the URNs of what the callback's value came from; the engine knows nothing of them. What neither a
    callback nor the program's own lines make (but a task of the program's own) has the number 0.
    """

    late: bool = True
    awaited: tuple[str, ...] = ()
    number: int = 0


_NOT_SEEN = Made()
MADE: ContextVar[Made] = ContextVar("preflight_made", default=_NOT_SEEN)
"""Of the resource that a call to the monitor is about; its default for one that nobody has seen being made."""


class Sequence:
    """Counts what is made until the last line of the program has run; the rest is late."""

    def __init__(self) -> None:
        self._number = 0
        self._ended = False

    def watch(self) -> None:
        """From now on every resource is counted."""
        for name in _ASKED:
            setattr(pulumi.resource, name, self._counting(getattr(pulumi.resource, name)))

    def run(self, program: Callable[[], object]) -> None:
        """Runs the program's own lines."""
        try:
            program()
        finally:
            self._ended = True

    def _counting(self, original: Callable[..., None]) -> Callable[..., None]:
        def ask(*arguments: Any, **named: Any) -> None:
            token = MADE.set(self._made())
            try:
                original(*arguments, **named)
            finally:
                MADE.reset(token)

        return ask

    def _made(self) -> Made:
        callback = _callback(inspect.currentframe())
        if callback is None and self._ended:
            return Made()
        self._number += 1
        return Made(callback is not None, _urns(callback) if callback is not None else (), self._number)


def _callback(frame: FrameType | None) -> FrameType | None:
    """The SDK's own frame that has called the program back with a value (``Output.apply``), if one has."""
    while frame is not None:
        # The code of a frame last: each look at it is an audit event, see guard.py.
        if frame.f_globals.get("__name__") == "pulumi.output" and frame.f_code.co_name == "run":
            return frame
        frame = frame.f_back
    return None


def _urns(callback: FrameType) -> tuple[str, ...]:
    """URNs of the resources that the value of a callback came from; of an SDK that keeps them elsewhere none."""
    found = set()
    for resource in callback.f_locals.get("resources") or ():
        data = getattr(resource.__dict__.get("urn"), "_data", None)
        if data is not None and data.done() and not data.cancelled() and data.exception() is None:
            found.add(data.result().value)
    return tuple(sorted(urn for urn in found if isinstance(urn, str)))
