"""Providers that take whatever they are given, for programs that no account would take: the cases of the policy pack."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from preflight import wire
from tests.engine.cloud.plugin import Plugin

Answer = Callable[[str, str, dict[str, Any]], Mapping[str, Any]]
"""Type, name and inputs -> outputs."""
_LIMIT = [("grpc.max_receive_message_length", 400 << 20)]


class Accepting:
    """Providers of the packages, which answer a preview with `unknown` and an update with `known`.

    `attach` is the value of PULUMI_DEBUG_PROVIDERS. Nothing is kept: what was made is in the state of the stack. Close
    it, or use it as a context.
    """

    def __init__(self, packages: Mapping[str, str], known: Answer, unknown: Answer) -> None:
        self._servers: list[grpc.Server] = []
        ports = []
        for package, version in packages.items():
            server = grpc.server(ThreadPoolExecutor(64), options=_LIMIT)
            provider_pb2_grpc.add_ResourceProviderServicer_to_server(_Provider(version, known, unknown), server)
            ports.append(f"{package}:{server.add_insecure_port('127.0.0.1:0')}")
            server.start()
            self._servers.append(server)
        self.attach = ",".join(ports)

    def close(self) -> None:
        """Ends the plugins."""
        for server in self._servers:
            server.stop(grace=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class _Provider(Plugin):
    def __init__(self, version: str, known: Answer, unknown: Answer) -> None:
        super().__init__(version)
        self._known = known
        self._unknown = unknown

    def Check(self, request: Any, context: Any) -> Any:
        """Any inputs are fine."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> Any:
        """Nothing is ever changed."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Create(self, request: Any, context: Any) -> Any:
        """Makes it, or says what of it will be known."""
        head, _, name = request.urn.rpartition("::")
        token = str(head.rpartition("::")[2].rpartition("$")[2])
        given = wire.plain(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(
                properties=wire.struct({**_hidden(self._unknown(token, name, {})), **given})
            )
        made = self._known(token, name, wire.bare(given))
        return provider_pb2.CreateResponse(id=str(made.get("id", name)), properties=wire.struct({**made, **given}))


def _hidden(values: Mapping[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(values, wire.UNKNOWN)
