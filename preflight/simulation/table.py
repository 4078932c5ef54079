"""The tables of what AWS computes and of what a change of an input does, each read once when first asked for.

``changes.json`` was measured, ``changes_read.json`` has what was read since, each row with its source.
"""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_COMPUTED = Path(__file__).with_name("computed.json")
_CHANGES = Path(__file__).with_name("changes.json")
_READ = Path(__file__).with_name("changes_read.json")
_VERDICTS = ("replace", "update", "conditional", "unmeasured")


class Inputs(NamedTuple):
    """What is known about the inputs of a type: paths such as ``a`` and ``a.b`` (``b`` of block ``a``)."""

    replacing: frozenset[str]
    updating: frozenset[str]
    conditional: frozenset[str]
    unmeasured: frozenset[str]
    required: frozenset[str]

    @property
    def known(self) -> frozenset[str]:
        """Everything that the type takes."""
        return self.replacing | self.updating | self.conditional | self.unmeasured | self.required


@functools.cache
def _types() -> dict[str, dict[str, str]]:
    types: dict[str, dict[str, str]] = json.loads(_COMPUTED.read_text(encoding="utf-8"))["types"]
    return types


@functools.cache
def _changes() -> dict[str, dict[str, str]]:
    types: dict[str, dict[str, str]] = json.loads(_CHANGES.read_text(encoding="utf-8"))["types"]
    return types


@functools.cache
def _read() -> dict[str, list[dict[str, str]]]:
    rows: dict[str, list[dict[str, str]]] = {}
    for row in json.loads(_READ.read_text(encoding="utf-8"))["rows"]:
        rows.setdefault(row["type"], []).append(row)
    return rows


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
    entry, rows = _changes().get(type_token), _read().get(type_token, [])
    if entry is None and not rows:
        return None
    found = {verdict: set((entry or {}).get(verdict, "").split()) for verdict in _VERDICTS}
    required = set((entry or {}).get("required", "").split())
    for row in rows:  # what was read counts more than what was measured
        required |= set(row.get("required", "").split())
        for verdict in _VERDICTS:
            paths = set(row.get(verdict, "").split())
            for other in found.values():
                other.difference_update(paths)
            found[verdict] |= paths
    replacing, updating, conditional, unmeasured = (frozenset(found[verdict]) for verdict in _VERDICTS)
    return Inputs(replacing, updating, conditional, unmeasured, frozenset(required))


def knows(type_token: str) -> bool:
    """Whether the table has the type."""
    return type_token in _types()


def known_types() -> list[str]:
    """All types of the table, sorted."""
    return sorted(_types())
