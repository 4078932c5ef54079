"""What the schemas of the provider ask of single arguments, and of groups of them: the validation that stands beside
each in terraform-provider-aws, as read (2026-11, in copies of 2022 to 2026; of the older ones what has no reason to
change) into ``provider/<module>.json``, a file for each module of the SDK.

A path is one as in ``ranges``. An empty text or list counts as not given, unless the file says otherwise.
"""

import functools
import json
import operator
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from preflight.simulation import shapes
from preflight.simulation.limits import Rule, between, document, matches, number, of
from preflight.simulation.ranges import ARN
from preflight.simulation.together import UNKNOWN, Inputs, Problem, snake

_FOLDER = Path(__file__).with_name("provider")
_NONE: tuple[object, ...] = (None, "", [])
Groups = tuple[tuple[str, ...], ...]


class Schema(NamedTuple):
    """Of one type. `values`: what is asked at a path; `even_empty`: paths where an empty text is judged as any other.

    Of each group of arguments at most one may be given (`conflicts`), exactly one has to be (`one`), or at least one
    (`some`); with the first of `needs` all others have to be.
    """

    values: tuple[tuple[str, Rule], ...] = ()
    even_empty: frozenset[str] = frozenset()
    conflicts: Groups = ()
    one: Groups = ()
    some: Groups = ()
    needs: Groups = ()

    def exclusive(self, inputs: Inputs) -> Iterator[Problem]:
        """What its groups have against the arguments. What is not known yet, or is false, may turn out to be none."""
        for group in (*self.conflicts, *self.one):
            first, *more = [key for key in group if _sure(inputs, key)] or [""]
            if more:
                yield Problem(first, f"conflicts with {snake(more[0])}")
        for group in (*self.one, *self.some):
            if all(inputs.get(key) in _NONE for key in group):
                yield Problem("", f"one of {', '.join(map(snake, group))} has to be given")
        for first, *others in self.needs:
            for other in others if _sure(inputs, first) else ():
                if inputs.get(other) in _NONE:
                    yield Problem(other, f"is required with {snake(first)}")


@functools.cache
def of_type(kind: str) -> Schema:
    """Of a type by its token; an empty one of a type that no file has."""
    found = _module(kind.partition("/")[0].removeprefix("aws:")).get(kind)
    if found is None:
        return Schema()
    groups = {key: tuple(map(tuple, found.get(key, ()))) for key in ("conflicts", "one", "some", "needs")}
    values, even_empty = [], set()
    for path, said in found.get("values", {}).items():
        for each in said if isinstance(said, list) else [said]:
            values.append((path, _rule(each, functools.partial(shapes.requires, kind, path))))
            even_empty |= {path} if each.get("empty") else set()
    return Schema(tuple(values), frozenset(even_empty), **groups)


@functools.cache
def _module(name: str) -> Mapping[str, Any]:
    try:
        types: Mapping[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))["types"]
    except FileNotFoundError:
        return {}
    return types


def _rule(said: Mapping[str, Any], required: Callable[[], bool]) -> Rule:
    """The rule that a row of a file says; `required`: whether the SDK asks for the argument."""
    if "items" in said:
        least, most = said["items"]
        return _items(least, most, required)
    rule = _of_value(said)
    return rule if said.get("empty") else lambda value: None if value == "" else rule(value)


def _of_value(said: Mapping[str, Any]) -> Rule:
    (kind,) = said.keys() - {"anyCase", "empty", "says"}
    return _MAKERS[kind](said)


def _matches(pattern: str, meaning: str) -> Rule:
    """As ``limits.matches``, but the pattern is compiled when a value is there: most arguments are not given."""

    def rule(value: Any) -> str | None:
        return matches(pattern, meaning)(value)

    return rule


def _length(low: int, high: int) -> Rule:
    """Of a text, in bytes as the provider counts them."""
    return lambda value: (
        None
        if not isinstance(value, str) or low <= (size := len(value.encode())) <= high
        else f"expected {low} to {high} characters, got {size}"
    )


def _items(low: int | None, high: int | None, required: Callable[[], bool]) -> Rule:
    least, most = low or 0, float("inf") if high is None else high

    def rule(value: Any) -> str | None:
        if not isinstance(value, list) or (not value and not required()) or least <= len(value) <= most:
            return None
        bounds = f"{least} or more" if high is None else f"{least} to {high}" if least else f"{high} at most"
        return f"expected {bounds}, got {len(value) or 'none'}"

    return rule


# Forms that many arguments have: the pattern, and what ends the sentence "... is not".
_FORMS: Mapping[str, tuple[str, str]] = {
    "account": (
        r"\d{12}",
        "an account, of 12 digits",
    ),
    "cidr": (
        r"(?:(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)/\d{1,3}",
        "a range in CIDR notation",
    ),
    "cidr4": (
        r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)/(?:3[0-2]|[12]?\d)",
        "a range of IPv4 in CIDR notation",
    ),
    "cidr6": (
        r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*/\d{1,3}",
        "a range of IPv6 in CIDR notation",
    ),
    "day": (
        r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d",
        "a window such as 02:00-03:00",
    ),
    "ipv4": (
        r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)",
        "an address of IPv4",
    ),
    "ipv6": (
        r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*",
        "an address of IPv6",
    ),
    "launchTemplateId": (
        r"lt-[0-9a-z]{1,252}",
        "the id of a launch template, as lt-0abc",
    ),
    "launchTemplateName": (
        r"[0-9A-Za-z()./_-]{3,128}",
        "a name of 3 to 128 letters, digits and ( ) . / _ -",
    ),
    "strictTime": (
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
        "a time such as 2026-01-31T12:00:00Z",
    ),
    "time": (
        r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)",
        "a time such as 2026-01-31T12:00:00Z",
    ),
    "week": (
        r"(?i)(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d",
        "a window such as sun:04:00-sun:05:00",
    ),
}
_MAKERS: Mapping[str, Callable[[Mapping[str, Any]], Rule]] = {
    "between": lambda said: between(*said["between"]),
    "atLeast": lambda said: _bound(said["atLeast"], "at least", operator.ge),
    "atMost": lambda said: _bound(said["atMost"], "at most", operator.le),
    "length": lambda said: _length(*said["length"]),
    "oneOf": lambda said: of(*said["oneOf"], ignoring_case=said.get("anyCase", False)),
    "form": lambda said: _matches(*_FORMS[said["form"]]),
    "matches": lambda said: _matches(said["matches"], said["says"]),
    "arn": lambda _: ARN,
    "json": lambda _: document,
}


def _bound(bound: float, words: str, fits: Callable[[float, float], bool]) -> Rule:
    return lambda value: (
        None if (given := number(value)) is None or fits(given, bound) else f"expected {words} {bound}, got {value}"
    )


def _sure(inputs: Inputs, key: str) -> bool:
    value = inputs.get(key)
    return value not in _NONE and value is not False and value != UNKNOWN
