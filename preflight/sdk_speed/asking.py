"""What the SDK asks itself again and again: what its settings are, and whether a resource waits for another already.

Settings: the SDK reads each one twice, as it could be a dictionary. Waiting: it walks through what a resource depends
on by generators within generators, as many as the walk is deep.
"""

from typing import Any

from pulumi._utils import ContextProperty
from pulumi.runtime import resource_cycle_breaker

from preflight.sdk_speed import known

SETTINGS: known.Texts = {
    "pulumi._utils": {"ContextProperty.__get__": "4f5dcf687ac5d0a3", "ContextProperty.fget": "78a0f0801afc83ec"}
}
CYCLES: known.Texts = {
    "pulumi.runtime.resource_cycle_breaker": {
        "_reachable": "37278e5bc89c413f",
        "_with_transitive_deps": "135a37fe33c80b0e",
        "_deps": "5c71bc99af3ca4b5",
    }
}


def install() -> None:
    """Replaces what is known."""
    if known.as_expected(SETTINGS):
        ContextProperty.__get__ = _get  # type: ignore[method-assign, assignment]
    if known.as_expected(CYCLES):
        resource_cycle_breaker._reachable = _reachable  # noqa: SLF001


def _get(self: Any, obj: Any, _owner: Any = None) -> Any:
    value = self if obj is None else self.fget()
    return self if isinstance(value, dict) else value


def _reachable(from_resource: Any, to_resource: Any) -> bool:
    visited: set[Any] = set()
    waiting = [from_resource]
    while waiting:
        one = waiting.pop()
        if one in visited:
            continue
        if one == to_resource:
            return True
        visited.add(one)
        waiting += resource_cycle_breaker._deps(one)  # noqa: SLF001
    return False
