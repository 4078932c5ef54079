"""The resources of a report as the raters read them: by type, by reference, and value by value."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from preflight.cost.asked import Asked
from preflight.cost.meters import Unpriced

Entry = Mapping[str, Any]

# Old and parallel names of types that mean the same (pulumi-aws 7.51: `aliases` of these classes).
_SAME = {
    "aws:alb/": "aws:lb/",
    "aws:applicationloadbalancing/": "aws:lb/",
    "aws:elasticloadbalancingv2/": "aws:lb/",
    "aws:elasticloadbalancing/": "aws:elb/",
}
_SECOND_S3_EDITION = re.compile(r"^(aws:s3/bucket\w*)[Vv]2:(Bucket\w*)[Vv]2$")


@cache
def canonical(token: str) -> str:
    """The type under its present name, also the second editions of a bucket and of its parts."""
    for old, new in _SAME.items():
        if token.startswith(old):
            return new + token.removeprefix(old)
    return _SECOND_S3_EDITION.sub(r"\1:\2", token)


class View:
    """What a rater may ask about the other resources of the stack."""

    def __init__(self, entries: Sequence[Entry], lookups: Sequence[Mapping[str, Any]] = ()) -> None:
        self.asked = Asked(lookups)
        self._by_urn = {entry["urn"]: entry for entry in entries}
        self._by_type: dict[str, list[Entry]] = {}
        for entry in entries:
            self._by_type.setdefault(canonical(entry["type"]), []).append(entry)
        self._naming: dict[tuple[str, str], dict[str, list[Entry]]] = {}
        self._parents = {entry.get("parent") for entry in entries}

    def all(self, *types: str) -> list[Entry]:
        """The resources of these types."""
        return [entry for token in types for entry in self._by_type.get(token, ())]

    def at(self, urn: str) -> Entry | None:
        """The resource of this URN."""
        return self._by_urn.get(urn)

    def children(self, entry: Entry) -> bool:
        """Whether other resources are its children."""
        return entry["urn"] in self._parents

    def behind(self, entry: Entry, key: str, *types: str) -> list[Entry]:
        """The resources of these types from which the value of an input came, by its property dependencies."""
        found = (self._by_urn.get(urn) for urn in (entry.get("propertyDependencies") or {}).get(key, ()))
        return [other for other in found if other is not None and canonical(other["type"]) in types]

    def naming(self, entry: Entry, key: str, token: str) -> list[Entry]:
        """The resources of a type whose input `key` came from this one."""
        if (key, token) not in self._naming:
            index: dict[str, list[Entry]] = {}
            for other in self.all(token):
                for urn in (other.get("propertyDependencies") or {}).get(key, ()):
                    index.setdefault(urn, []).append(other)
            self._naming[key, token] = index
        return self._naming[key, token].get(entry["urn"], [])


def inputs(entry: Entry) -> Mapping[str, Any]:
    """What the program gave."""
    given: Mapping[str, Any] = entry.get("inputs") or {}
    return given


def known(value: object) -> bool:
    """Whether it is a value, not the mark of one that is unknown or secret."""
    return not (isinstance(value, Mapping) and len(value) == 1 and next(iter(value)).startswith("$"))


def text(entry: Entry, key: str, default: str | None = None) -> str:
    """An input that is a text; Unpriced when it is not known, or missing and without a default."""
    value = inputs(entry).get(key)
    if value is None and default is not None:
        return default
    if isinstance(value, str):
        return value
    raise Unpriced(f"{key} is not known")


def number(values: Mapping[str, Any], key: str, default: int | str | None = None) -> Decimal:
    """An input that is a number of 0 or more, or a text with one; Unpriced when not known, or missing and without a
    default."""
    value = values.get(key)
    if value is None and default is not None:
        return Decimal(default)
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return Decimal(str(value))
    if isinstance(value, str) and value.replace(".", "", 1).isdigit():
        return Decimal(value)
    raise Unpriced(f"{key} is not known")


def many(entry: Entry, key: str) -> int:
    """How many values a list has, known or not; 0 when it is missing."""
    value = inputs(entry).get(key)
    if value is None:
        return 0
    if isinstance(value, list):
        return len(value)
    raise Unpriced(f"the number of {key} is not known")


def maps(value: object) -> Iterator[Mapping[str, Any]]:
    """The maps of a list, or the one map itself (older schemas nest a single block in a list, newer ones do not)."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping) and known(item):
            yield item
