"""Has the first import of a module followed by something, whoever imports it."""

import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType


class Afterwards:
    """A finder that leaves finding the module to the others; `follow` is called once it has been executed."""

    def __init__(self, name: str, follow: Callable[[], None]) -> None:
        self._name, self._follow = name, follow
        self._asks = False

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """The import system's question; None means "not mine"."""
        if name != self._name or self._asks:
            return None
        self._asks = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._asks = False
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def followed(module: ModuleType) -> None:
                sys.meta_path.remove(self)
                execute(module)
                self._follow()

            spec.loader.exec_module = followed  # type: ignore[method-assign]
        return spec
