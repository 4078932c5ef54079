"""Texts of secrets, kept out of what is told."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

SHORTEST = 4  # characters; replacing shorter texts everywhere would tear the report apart


def redacted(value: Any, secrets: Iterable[str]) -> Any:
    """The same value with every occurrence of a secret's text replaced; keys stay."""
    if not secrets:
        return value
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, "[secret]")
        return value
    if isinstance(value, list):
        return [redacted(item, secrets) for item in value]
    if isinstance(value, dict):
        return {key: redacted(item, secrets) for key, item in value.items()}
    return value


def texts(value: Any) -> Iterator[str]:
    """Those of a plain value that are long enough to be told from others."""
    if isinstance(value, str):
        if len(value) >= SHORTEST:
            yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)
