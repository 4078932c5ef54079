"""Calls to a policy pack: over gRPC, or over a socket to a pack that was forked from a process of ours.

The messages and the pack's own code that answers them are the same. Between two processes of one machine, HTTP/2 and
its threads cost more than the policies do: a third of a check of 200 resources.

On the socket each message has a header, its length and one number: in a call that of the method, in an answer one of
the three below. Calls are answered one after the other, in the order in which they come.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import grpc

METHODS = ("Handshake", "ConfigureStack", "GetAnalyzerInfo", "Configure", "Analyze", "AnalyzeStack")
HEADER = struct.Struct("!IB")
ANSWER, FAILURE, FAREWELL = range(3)
_MESSAGE_LIMIT = 400 << 20  # of the engine and of the pack's server; the Python client's default is 4 MB
_CHUNK = 1 << 20


class CallError(Exception):
    """A call that the pack answered with an error; `code` is the name of a gRPC status code."""

    def __init__(self, code: str, details: str) -> None:
        super().__init__(f"{code}: {details}")
        self.code = code
        self.details = details


class Grpc:
    """Calls over a port of this machine."""

    def __init__(self, port: int) -> None:
        import grpc  # noqa: PLC0415  starts threads, so only in a process that forks no more
        from pulumi.runtime.proto import analyzer_pb2_grpc  # noqa: PLC0415

        self._error = grpc.RpcError
        options = [("grpc.max_receive_message_length", _MESSAGE_LIMIT)]
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=options)
        self._stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)

    def asked(self, requests: Iterable[tuple[str, Any]], deadline: float) -> Callable[[], list[Any]]:
        """Asks all of these, each with the method's name before it. What comes back waits for the answers, in the order
        of the requests; an error that a policy caused stands for its answer."""
        pending: list[tuple[str, grpc.Future[Any]]] = []
        for method, request in requests:
            if pending and method != pending[-1][0]:  # its server has several threads, and each method its turn
                for _, future in pending:
                    future.exception()
            left = max(0.1, deadline - time.monotonic())
            pending.append((method, getattr(self._stub, method).future(request, timeout=left)))
        return lambda: [self._result(future) for _, future in pending]

    def _result(self, future: grpc.Future[Any]) -> Any:
        try:
            return future.result()
        except self._error as error:
            failed = CallError(error.code().name, error.details() or "")
            if failed.code != "UNKNOWN":
                raise failed from None
            return failed

    def close(self) -> None:
        """Ends the connection."""
        self._channel.close()


class Direct:
    """Calls over a socket that both processes had from the start; the other end is in pack_child.py."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._exit_code: int | None = None

    def asked(self, requests: Iterable[tuple[str, Any]], deadline: float) -> Callable[[], list[Any]]:
        """See `Grpc`. The pack hears of each request as soon as it has read those before, while the next is made."""
        methods: list[str] = []
        unsent = bytearray()
        for method, request in requests:
            methods.append(method)
            content = request.SerializeToString()
            unsent += HEADER.pack(len(content), METHODS.index(method)) + content
            self._begin(unsent)
        if unsent:  # more than the socket holds: the pack has to take some first
            threading.Thread(
                target=self._send, args=(unsent, deadline), name="policy-pack-requests", daemon=True
            ).start()
        return lambda: [self._answer(method, deadline) for method in methods]

    def _begin(self, unsent: bytearray) -> None:
        """Sends as much as the socket takes now, and leaves the rest."""
        self._line.settimeout(0)
        try:
            del unsent[: self._line.send(unsent)]
        except BlockingIOError:
            return
        except ConnectionError:  # it has ended, and may have said so
            unsent.clear()

    def _send(self, content: bytearray, deadline: float) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError):  # whoever waits for the answers will notice
            self._line.settimeout(_left(deadline))
            self._line.sendall(content)

    def _answer(self, method: str, deadline: float) -> Any:
        from google.protobuf import empty_pb2  # noqa: PLC0415
        from pulumi.runtime.proto import analyzer_pb2  # noqa: PLC0415

        answer: Any = {
            "Handshake": analyzer_pb2.AnalyzerHandshakeResponse,
            "ConfigureStack": analyzer_pb2.AnalyzerStackConfigureResponse,
            "GetAnalyzerInfo": analyzer_pb2.AnalyzerInfo,
            "Configure": empty_pb2.Empty,
            "Analyze": analyzer_pb2.AnalyzeResponse,
            "AnalyzeStack": analyzer_pb2.AnalyzeResponse,
        }[method]
        kind, content = self._receive(deadline)
        if kind == ANSWER:
            return answer.FromString(content)
        failed = CallError(*json.loads(content))
        if failed.code != "UNKNOWN":
            raise failed
        return failed

    def _receive(self, deadline: float) -> tuple[int, bytes]:
        try:
            kind, content = receive(self._line, deadline)
        except TimeoutError:
            raise CallError("DEADLINE_EXCEEDED", "no answer") from None
        except (EOFError, ConnectionError):
            raise CallError("UNAVAILABLE", "the pack has ended") from None
        if kind == FAREWELL:
            self._exit_code = int(content)
            raise CallError("UNAVAILABLE", "the pack has ended")
        return kind, content

    def ended(self, timeout: float) -> str | None:
        """How the pack ended, None when it runs on after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while self._exit_code is None:
            try:
                self._receive(deadline)
            except CallError as error:
                if self._exit_code is None:
                    return "was ended by a signal, or crashed," if error.code == "UNAVAILABLE" else None
        return f"ended with exit code {self._exit_code}"

    def close(self) -> None:
        """The socket is the process's."""


def send(line: socket.socket, number: int, content: bytes, deadline: float | None = None) -> None:
    """Sends one message."""
    line.settimeout(_left(deadline))
    line.sendall(HEADER.pack(len(content), number) + content)


def receive(line: socket.socket, deadline: float | None = None) -> tuple[int, bytes]:
    """One message: its number and content. Raises EOFError at the end, TimeoutError at the deadline."""
    length, number = HEADER.unpack(_exactly(line, HEADER.size, deadline))
    return number, _exactly(line, length, deadline)


def _exactly(line: socket.socket, length: int, deadline: float | None) -> bytes:
    parts: list[bytes] = []
    while length:
        line.settimeout(_left(deadline))
        part = line.recv(min(length, _CHUNK))
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.05, deadline - time.monotonic())
