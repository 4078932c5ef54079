"""Texts of secrets, kept out of what is told."""

from collections.abc import Collection, Iterator
from typing import Any

from preflight import texts

SHORTEST = 4  # characters; replacing shorter texts everywhere would tear the report apart


def redacted(value: Any, secrets: Collection[str]) -> Any:
    """The same value with every occurrence of a secret's text replaced; keys stay. Longer ones first: of a secret that
    holds another nothing is left over."""
    if not secrets:
        return value
    ordered = sorted(secrets, key=len, reverse=True)

    def hide(text: str) -> str:
        for secret in ordered:
            text = text.replace(secret, "[secret]")
        return text

    return texts.mapped(value, hide)


def telling(value: Any) -> Iterator[str]:
    """The texts of a plain value that are long enough to be told from others."""
    return (text for text in texts.of(value) if len(text) >= SHORTEST)
