"""The texts inside of a plain value, at any depth: of its lists, and of its maps without their keys."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any


def of(value: Any) -> Iterator[str]:
    """All of them, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from of(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from of(each)


def mapped(value: Any, read: Callable[[str], str]) -> Any:
    """The same value with every text read."""
    if isinstance(value, str):
        return read(value)
    if isinstance(value, dict):
        return {key: mapped(each, read) for key, each in value.items()}
    return [mapped(each, read) for each in value] if isinstance(value, list | tuple) else value
