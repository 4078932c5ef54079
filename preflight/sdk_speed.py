"""Replaces the parts of the SDK's runtime that cost most and are not about the program; nothing in a plain run.

Waiting: the SDK waits for all open outputs again after each one that ends, which grows with the square of their number.
Calls to the monitor: the SDK hands each one to a thread, because the engine is a process away; ours answers at once.
Stack traces: the SDK looks up the source line of every frame of every registration, and sends none of them.
All must leave order and meaning as they are: the tests compare a plain run with this one.
"""

import asyncio
import contextlib
import functools
import inspect
import pathlib
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pulumi
from pulumi import _types
from pulumi.runtime import _callbacks, resource, settings, stack
from pulumi.runtime.proto import source_pb2

_CONSTRUCTORS = 3  # Resource, CustomResource or ComponentResource, and the concrete class
_SLICE = 0.5  # seconds after which outputs made in the meantime are waited for as well


def install() -> None:
    """Replaces what this module knows; leaves an SDK alone that is not built the known way."""
    known = {"rpc_manager", "outputs", "lock"} <= set(dir(settings.SETTINGS))
    if known and hasattr(stack, "wait_for_rpcs"):
        stack.wait_for_rpcs = _wait_for_rpcs
    if hasattr(resource, "_get_stack_trace"):
        resource._get_stack_trace = _stack_trace  # noqa: SLF001


def remember_types(classes: Iterable[type]) -> None:
    """Has the SDK work out the properties' types of these classes now; it keeps them as long as the process lives."""
    for one in classes:
        with contextlib.suppress(Exception):  # the SDK will meet it again and say so
            if _types.is_input_type(one):
                _types.input_type_types(one)
            elif issubclass(one, pulumi.Resource):
                _types.resource_types(one)


def _stack_trace() -> source_pb2.StackTrace:
    """The frames from the caller of the concrete resource's constructor on: the third ``__init__`` from here up."""
    frame = inspect.currentframe()
    constructors = 0
    while frame is not None:
        constructors += frame.f_code.co_name == "__init__"
        if constructors == _CONSTRUCTORS:
            break
        frame = frame.f_back
    trace = source_pb2.StackTrace()
    frame = frame.f_back if frame is not None else None
    while frame is not None:
        uri = _uri(frame.f_code.co_filename)
        added = trace.frames.add()
        if uri is not None:
            added.pc.uri, added.pc.line = uri, frame.f_lineno
        frame = frame.f_back
    return trace


@functools.cache
def _uri(filename: str) -> str | None:
    try:
        return pathlib.Path(filename).as_uri()
    except ValueError:  # a relative path has no URI, nor have names such as <string>
        return None


async def _wait_for_rpcs(await_all_outstanding_tasks: bool = True) -> None:
    manager = settings.SETTINGS.rpc_manager
    while True:
        while manager.rpcs:
            await asyncio.sleep(0)
            try:
                await manager.rpcs.pop()
            except Exception as error:
                if manager.unhandled_exception is not None:
                    raise error from manager.unhandled_exception.with_traceback(manager.exception_traceback)
                raise
        if manager.unhandled_exception is not None:
            raise manager.unhandled_exception.with_traceback(manager.exception_traceback)
        if await_all_outstanding_tasks:
            await _wait_for_outputs()
        if not manager.rpcs:
            return


async def _wait_for_outputs() -> None:
    while True:
        with settings.SETTINGS.lock:
            pending = list(settings.SETTINGS.outputs)
            settings.SETTINGS.outputs.clear()
        if not pending:
            return
        done, open_ = await asyncio.wait(pending, timeout=_SLICE, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            await task
        with settings.SETTINGS.lock:
            settings.SETTINGS.outputs.update(open_)


def _has_callbacks() -> bool:
    """Whether a callback server runs. ``SETTINGS.callbacks`` is a context variable: not every task sees it."""
    return bool(getattr(_callbacks._CallbackServicer, "_servicers", True))  # noqa: SLF001


class AtOnce(ThreadPoolExecutor):
    """Runs what it is given at once, in the caller's thread, until the program has callbacks to be called back on.

    A transform is answered by the event loop, so a thread must wait for it, not the loop itself.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """A finished future, or that of a thread once the program has a callback server."""
        if _has_callbacks():
            return super().submit(fn, *args, **kwargs)
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  it is the future's
            future.set_exception(error)
        return future
