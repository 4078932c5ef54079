"""The tables of what AWS computes and of what a change of an input does, each read once when first asked for."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_COMPUTED = Path(__file__).with_name("computed.json")
_CHANGES = Path(__file__).with_name("changes.json")


class Inputs(NamedTuple):
    """What is known about the inputs of a type: paths such as ``a`` and ``a.b`` (``b`` of block ``a``)."""

    replacing: frozenset[str]
    updating: frozenset[str]
    conditional: frozenset[str]
    required: frozenset[str]
    known: frozenset[str]


@functools.cache
def _types() -> dict[str, dict[str, str]]:
    types: dict[str, dict[str, str]] = json.loads(_COMPUTED.read_text(encoding="utf-8"))["types"]
    return types


@functools.cache
def _changes() -> dict[str, dict[str, str]]:
    types: dict[str, dict[str, str]] = json.loads(_CHANGES.read_text(encoding="utf-8"))["types"]
    return types


@functools.cache
def kinds(type_token: str) -> Mapping[str, str] | None:
    """Property -> kind letter (see the file's "kinds"), sorted; None when the table does not have the type."""
    entry = _types().get(type_token)
    if entry is None:
        return None
    return dict(sorted((key, kind) for kind, keys in entry.items() for key in keys.split()))


@functools.cache
def inputs(type_token: str) -> Inputs | None:
    """The inputs of a type and what changing them does; None when the table does not have the type."""
    entry = _changes().get(type_token)
    if entry is None:
        return None
    replacing, updating, conditional, required, unmeasured = (
        frozenset(entry.get(key, "").split()) for key in ("replace", "update", "conditional", "required", "unmeasured")
    )
    known = replacing | updating | conditional | required | unmeasured
    return Inputs(replacing, updating, conditional, required, known)


def knows(type_token: str) -> bool:
    """Whether the table has the type."""
    return type_token in _types()


def known_types() -> list[str]:
    """All types of the table, sorted."""
    return sorted(_types())
