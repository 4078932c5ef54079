"""What the rules about the inputs of one resource are written with: what is refused of them, and what is given."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # how Pulumi's wire writes a value that is not known yet
Inputs = Mapping[str, Any]


class Problem(NamedTuple):
    """A property that the provider refuses, and why."""

    property: str
    reason: str


def blocks(value: Any, path: list[str]) -> Iterator[Inputs]:
    """The blocks at a path that are given and known, each element of a list for itself."""
    if isinstance(value, list):
        for element in value:
            yield from blocks(element, path)
    elif isinstance(value, Mapping):
        if path:
            yield from blocks(value.get(path[0]), path[1:])
        else:
            yield value


def given(inputs: Inputs, key: str) -> bool:
    """Whether an argument has a value, or one that comes later: what another one asks for."""
    return inputs.get(key) not in (None, False, "", [])


def sure(inputs: Inputs, key: str) -> bool:
    """Whether an argument has a value that is known: what excludes or asks for others. One that comes later, or is
    secret, may turn out to be none."""
    return given(inputs, key) and inputs[key] != UNKNOWN


def one_of(inputs: Inputs, keys: Iterable[str]) -> bool:
    """Whether exactly one of a few arguments is given, or can be once all is known."""
    there = [key for key in keys if given(inputs, key)]
    return bool(there) and sum(sure(inputs, key) for key in there) <= 1


def snake(path: str) -> str:
    """The names of a path as a Python program writes them."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: "_" + found[1].lower(), path)


def near(name: str, known: Iterable[str]) -> str:
    """The one of the known names that a misspelt one most likely means, for the end of a message."""
    import difflib  # noqa: PLC0415  only for a message

    by_lower = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return f" (near it: {by_lower[found[0]]})" if found else ""
