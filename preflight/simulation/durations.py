"""How long AWS takes for a resource, as the tool that waits for it sees it."""

import functools
import json
from pathlib import Path
from typing import Literal

_FILE = Path(__file__).with_name("durations.json")
_QUICK = 1.0  # types that nobody has timed are one or two calls of an API
_PLACES = {"create": 0, "update": 1, "delete": 2}

Operation = Literal["create", "update", "delete"]


@functools.cache
def _types() -> dict[str, list[float | None]]:
    types: dict[str, list[float | None]] = json.loads(_FILE.read_text(encoding="utf-8"))["types"]
    return types


def seconds(type_token: str, operation: Operation) -> float:
    """The median that was observed; an update or deletion that was not counts as quick."""
    found = _types().get(type_token)
    value = found[_PLACES[operation]] if found is not None else None
    return _QUICK if value is None else float(value)
