"""The table of computed properties, read once when first asked for."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path

_FILE = Path(__file__).with_name("computed.json")


@functools.cache
def _types() -> dict[str, dict[str, str]]:
    types: dict[str, dict[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))["types"]
    return types


@functools.cache
def kinds(type_token: str) -> Mapping[str, str] | None:
    """Property -> kind letter (see the file's "kinds"), sorted; None when the table does not have the type."""
    entry = _types().get(type_token)
    if entry is None:
        return None
    return dict(sorted((key, kind) for kind, keys in entry.items() for key in keys.split()))


def knows(type_token: str) -> bool:
    """Whether the table has the type."""
    return type_token in _types()


def known_types() -> list[str]:
    """All types of the table, sorted."""
    return sorted(_types())
