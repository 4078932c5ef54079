"""Parts of the Pulumi SDK that it imports at its start and hardly any program uses: loaded when first asked for.

They take a third of ``import pulumi``: the Automation API, which a program that an engine runs has no use for, the
pickler of dynamic providers, the asynchronous half of gRPC, which serves callbacks, what protobuf has in the place of
its C code, and what sends traces to where the environment says.
"""

import os
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

_MODULES = frozenset({"pulumi.automation", "dill", "grpc.aio", "google.protobuf.internal.python_message"})
_TRACING = "pulumi.runtime._instrumentation"
_TRACED = "TRACEPARENT"  # without it that module does nothing (SDK 3.272)


class Deferred:
    """Finds these modules with Python's own lazy loader around their own; leaves all else to others."""

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """The import system's question; None means "not mine"."""
        deferred = name in _MODULES or (name == _TRACING and _TRACED not in os.environ)
        spec = PathFinder.find_spec(name, path) if deferred else None
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec
