"""How the SDK waits for what it has started, and how it notes where a resource was made.

Waiting: the SDK waits for all open outputs again after each one that ends, which grows with the square of their number.
Calls to the monitor: the SDK hands each one to a thread, because the engine is a process away; ours answers at once.
Stack traces: the SDK looks up the source line of every frame of every registration, and sends none of them.
"""

import asyncio
import functools
import inspect
import pathlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from pulumi.runtime import _callbacks, resource, settings, stack
from pulumi.runtime.proto import source_pb2

from preflight.sdk_speed import known

WAITING: known.Texts = {
    "pulumi.runtime.stack": {"wait_for_rpcs": "0bba8c7cdf363ee0"},
    "pulumi.runtime.rpc_manager": {"RPCManager.do_rpc": "2d2fe9faf85f7582"},
}
TRACES: known.Texts = {
    "pulumi.runtime.resource": {"_get_stack_trace": "7c8769deaa479727", "_get_source_position": "658fcda8a396569c"}
}

_ends: list[Callable[[str], object]] = []
_CONSTRUCTORS = 3  # Resource, CustomResource or ComponentResource, and the concrete class
_SLICE = 0.5  # seconds after which outputs made in the meantime are waited for as well


def install() -> None:
    """Replaces what is known."""
    if known.as_expected(WAITING):
        stack.wait_for_rpcs = _wait_for_rpcs
    if known.as_expected(TRACES):
        resource._get_stack_trace = _stack_trace  # noqa: SLF001


def end_traces(at: Callable[[str], object]) -> None:
    """Traces end with the first frame for whose file `at` answers something: nobody looks further than that."""
    _ends[:] = [at]


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
        filename = frame.f_code.co_filename
        uri = _uri(filename)
        added = trace.frames.add()
        if uri is not None:
            added.pc.uri, added.pc.line = uri, frame.f_lineno
        if _ends and _ends[0](filename):
            break
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
            if (error := task.exception()) is not None:
                raise error  # awaiting the task would, where others have awaited it before, take the traceback away
        with settings.SETTINGS.lock:
            settings.SETTINGS.outputs.update(open_)


def _has_callbacks() -> bool:
    """Whether a callback server runs. ``SETTINGS.callbacks`` is a context variable: not every task sees it."""
    return bool(getattr(_callbacks._CallbackServicer, "_servicers", True))  # noqa: SLF001


def call_at_once(loop: asyncio.AbstractEventLoop, threads: int) -> None:
    """Has the loop run what would go to a thread at once, until the program has callbacks to be called back on.

    A transform is answered by the event loop, so a thread must wait for it, not the loop itself. The answer is there in
    the loop's next round, as that of a thread would be at the earliest.
    """
    loop.set_default_executor(ThreadPoolExecutor(threads))
    in_thread: Any = loop.run_in_executor

    def run_in_executor(executor: Any, function: Callable[..., Any], *arguments: Any) -> "asyncio.Future[Any]":
        if executor is not None or _has_callbacks():
            started: asyncio.Future[Any] = in_thread(executor, function, *arguments)
            return started
        ended = loop.create_future()
        try:
            result = function(*arguments)
        except Exception as error:  # noqa: BLE001  it is the future's
            failed: Future[Any] = Future()
            failed.set_exception(error)
            return asyncio.wrap_future(failed, loop=loop)
        loop.call_soon(_settle, ended, result)
        return ended

    loop.run_in_executor = run_in_executor  # type: ignore[method-assign, assignment]


def _settle(future: "asyncio.Future[Any]", result: Any) -> None:
    if not future.cancelled():
        future.set_result(result)
