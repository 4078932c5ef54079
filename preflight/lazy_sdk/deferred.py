"""Parts of the Pulumi SDK that it imports at its start and hardly any program uses: loaded when first asked for.

They take a quarter of ``import pulumi``: the Automation API, which a program that an engine runs has no use for, and
the pickler of dynamic providers.
"""

from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

_MODULES = frozenset({"pulumi.automation", "dill"})


class Deferred:
    """Finds these modules with Python's own lazy loader around their own; leaves all else to others."""

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """The import system's question; None means "not mine"."""
        spec = PathFinder.find_spec(name, path) if name in _MODULES else None
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec
