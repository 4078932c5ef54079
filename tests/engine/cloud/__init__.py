"""A simulated AWS that the real engine talks to: plugins over gRPC, a store on disk, and a script of faults."""

import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from preflight.simulation.changes import CONSEQUENCES
from preflight.simulation.place import Place
from tests.engine.cloud.awsx import Components
from tests.engine.cloud.families import Aws, Images
from tests.engine.cloud.faults import Fault, Script
from tests.engine.cloud.provider import Call, Ground, Guess, Provider, Span
from tests.engine.cloud.store import CloudError, Store, Thing

__all__ = ["Call", "Cloud", "CloudError", "Fault", "Guess", "Script", "Span", "Store", "Thing"]

HOME = Place("us-east-1", "111122223333")
# The versions that the project's SDKs ask for; an engine warns when a plugin is another.
VERSIONS = {"aws": "7.51.1", "awsx": "3.11.0", "docker-build": "0.0.22"}
_CALLS_AT_ONCE = 256  # threads are started when they are needed
_LIMIT = [("grpc.max_receive_message_length", 400 << 20)]


class Cloud:
    """One account. Its folder is the cloud: another ``Cloud`` on the same folder finds everything that was made.

    ``store`` holds what exists and what happened, ``script`` what will go wrong, ``calls`` what the engine asked for.
    ``pace`` is the fraction of AWS's own durations that operations take (0: none). Close it, or use it as a context.
    """

    def __init__(self, folder: Path, *, pace: float = 0.0, place: Place = HOME) -> None:
        self.store = Store(folder)
        self.script = Script()
        self.ground = Ground(self.store, self.script, place, pace)
        self._servers: list[grpc.Server] = []
        ports = []
        for package, version in VERSIONS.items():
            server = grpc.server(ThreadPoolExecutor(_CALLS_AT_ONCE), options=_LIMIT)
            provider_pb2_grpc.add_ResourceProviderServicer_to_server(self._servicer(package, version), server)
            ports.append(f"{package}:{server.add_insecure_port('127.0.0.1:0')}")
            server.start()
            self._servers.append(server)
        self.attach = ",".join(ports)
        """The value of PULUMI_DEBUG_PROVIDERS with which an engine uses this cloud."""

    def _servicer(self, package: str, version: str) -> provider_pb2_grpc.ResourceProviderServicer:
        if package == "awsx":
            return Components(self.ground, version)

        def aws(arguments: Mapping[str, Any], place: Place) -> Aws:
            tags = arguments.get("defaultTags") or {}
            return Aws(self.store, place, tags.get("tags") or {})

        def image_builder(arguments: Mapping[str, Any], place: Place) -> Images:
            return Images()

        return Provider(self.ground, version, aws if package == "aws" else image_builder)

    @property
    def calls(self) -> list[Call]:
        """Every call of the engine so far, in order of arrival."""
        return self.ground.calls

    @property
    def spans(self) -> list[Span]:
        """What each operation took, in order of their ends; the engine's own time is between them."""
        return self.ground.spans

    @property
    def guesses(self) -> list[Guess]:
        """Changes of which nobody knows whether they replace. Fixtures fail a test that has any."""
        return self.ground.guesses

    def assert_nothing_guessed(self) -> None:
        """Fails when the tables did not know what a change does: then a result proves nothing about replacements."""
        told = sorted({f"{guess.type}::{guess.name} {guess.path}" for guess in self.guesses})
        assert not told, (
            f"{CONSEQUENCES['unknown']}, so the engine was told that it does: {', '.join(told)}. Find it out and add a "
            "row with its source to preflight/simulation/changes_read.json"
        )

    def fork(self, folder: Path) -> "Cloud":
        """Another cloud in which the same things exist and the same has happened; no faults, no calls yet."""
        shutil.copytree(self.store.folder, folder)
        return Cloud(folder, pace=self.ground.pace, place=self.ground.place)

    def close(self) -> None:
        """Ends the plugins; the store stays."""
        for server in self._servers:
            server.stop(grace=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
