"""A policy pack in a process that was forked for it: where its input and output go, how it answers, how it ends.

It is run as ``python -m pulumi.policy`` would run it. Its server, and what the SDK does to each resource for each
policy, are replaced by something quicker that does the same, if the SDK is one that is known.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import io
import json
import os
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, cast

from preflight import lifeline, pack_calls
from preflight.sdk_speed import known

if TYPE_CHECKING:
    from preflight.pack_process import Descriptors

_DESCRIPTORS = 4096  # above all that the nursery has open
_SERVICE = "/pulumirpc.Analyzer/"
SERVER: known.Texts = {
    "pulumi_policy.policy": {
        "PolicyPack.__init__": "37f381214b5bdcc0",
        "_PolicyAnalyzerServicer._configure_runtime_settings": "2d70dd18aa957ea2",
    }
}


def become(descriptors: Descriptors, pack_dir: str, env: Mapping[str, str], arguments: list[str]) -> NoReturn:
    """Runs the pack in this process until that ends."""
    line, lifeline_end = descriptors.line[1], descriptors.lifeline[1]
    code: object = 1
    process, exit_at_once = os.getpid(), os._exit

    def end(status: int) -> NoReturn:
        if os.getpid() == process:  # not a process that a policy forked
            with contextlib.suppress(OSError):
                pack_calls.send(line, pack_calls.FAREWELL, b"%d" % status)
        exit_at_once(status)

    os._exit = end
    try:
        _redirect(descriptors.output[1], descriptors.stderr.fileno(), sorted((line.fileno(), lifeline_end)))
        os.environ.clear()
        os.environ.update(env)
        os.chdir(pack_dir)
        gc.enable()
        lifeline.watch(lifeline_end)
        with contextlib.suppress(ImportError):  # the pack will say so
            _speed_up(line)
        module, *rest = arguments
        lifeline.become(module, rest)
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001 as the interpreter would
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        end(code if isinstance(code, int) else int(code is not None))


def _redirect(output: int, stderr: int, kept: list[int]) -> None:
    """Standard streams to where they belong; everything else closed but the two that are kept."""
    for descriptor, own in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (stderr, 2)):
        os.dup2(descriptor, own)
    for first, last in zip((3, *(one + 1 for one in kept)), (*kept, _DESCRIPTORS), strict=True):
        os.closerange(first, last)
    sys.stdout, sys.stderr = (_unbuffered(own) for own in (1, 2))


def _unbuffered(descriptor: int) -> io.TextIOWrapper:
    return io.TextIOWrapper(cast("BinaryIO", open(descriptor, "wb", 0, closefd=False)), write_through=True)


def _speed_up(line: socket.socket) -> None:
    import grpc  # noqa: PLC0415
    import pulumi_policy.policy  # noqa: PLC0415

    from preflight import pack_props  # noqa: PLC0415

    if known.as_expected(SERVER):
        props = pack_props.Properties()
        served: Any = pulumi_policy.policy
        served.grpc = SimpleNamespace(**{**vars(grpc), "server": functools.partial(_Server, line, props.during)})
        servicer = served._PolicyAnalyzerServicer  # noqa: SLF001
        servicer._configure_runtime_settings = _once(servicer._configure_runtime_settings)  # noqa: SLF001
        props.install(served)


def _once(configure: Any) -> Any:
    """The SDK tells every thread of its server at every call what its environment says; here there is one thread."""
    done: list[bool] = []

    def configured(servicer: Any) -> None:
        if not done:
            configure(servicer)
            done.append(True)

    return configured


class _Server:
    """In the place of `grpc.server`: answers the calls that come on the socket, one after the other, in one thread."""

    def __init__(self, line: socket.socket, begins: Callable[[str], None], *_: Any, **__: Any) -> None:
        self._line, self._begins = line, begins
        self._handlers: list[Any] = []

    def add_generic_rpc_handlers(self, handlers: Iterable[Any]) -> None:
        """The methods of a service."""
        self._handlers += handlers

    def add_registered_method_handlers(self, _service: str, _handlers: Mapping[str, Any]) -> None:
        """The same methods again, as newer generated code tells them."""

    def add_insecure_port(self, address: str) -> int:  # noqa: ARG002
        """No port: 0, which the other side understands."""
        return 0

    def start(self) -> None:
        """Answers from now on."""
        threading.Thread(target=self._serve, name="policy-pack-calls", daemon=True).start()

    def stop(self, _grace: float | None) -> None:
        """Ends with the process."""

    def _serve(self) -> None:
        with contextlib.suppress(EOFError, ConnectionError):
            while True:
                number, content = pack_calls.receive(self._line)
                self._begins(pack_calls.METHODS[number])
                pack_calls.send(self._line, *self._answer(_SERVICE + pack_calls.METHODS[number], content))
        os._exit(0)  # the worker has gone

    def _answer(self, method: str, content: bytes) -> tuple[int, bytes]:
        asked = SimpleNamespace(method=method, invocation_metadata=())
        handler = next((found for one in self._handlers if (found := one.service(asked)) is not None), None)
        if handler is None:
            return pack_calls.FAILURE, json.dumps(("UNIMPLEMENTED", f"there is no {method}")).encode()
        context = _Context()
        try:
            answer = handler.unary_unary(handler.request_deserializer(content), context)
            return pack_calls.ANSWER, handler.response_serializer(answer)
        except BaseException as error:  # noqa: BLE001 whatever it is, the other side waits for an answer
            traceback.print_exc()
            said = str(error) if isinstance(error, Exception) else repr(error)
            failure = context.code or "UNKNOWN", f"Exception calling application: {said}"
            return pack_calls.FAILURE, json.dumps(failure).encode()


class _Context:
    """As much of a call's context as the generated code uses for a method that the pack's SDK leaves out."""

    code = ""

    def set_code(self, code: Any) -> None:
        """The status of the call."""
        self.code = code.name

    def set_details(self, details: str) -> None:
        """What the status means."""
