"""Whether a function of the SDK is the one that a replacement was written for: by its text, comments included.

A function that reads differently in another release keeps its own code. That costs some time and nothing else.
"""

import functools
import hashlib
import re
from collections.abc import Iterator, Mapping
from importlib import import_module

Texts = Mapping[str, Mapping[str, str]]
"""Digests of the texts of functions, by module and name; ``Class.method`` names a method."""

# The next statement, comment or decorator; not the bracket that closes a signature.
_END = {indent: re.compile(rf"\n {{0,{len(indent)}}}(?=[A-Za-z@#\"'])") for indent in ("", "  ", "    ")}


def as_expected(texts: Texts) -> bool:
    """Whether all these functions have the texts that were known."""
    return not any(changed(texts))


def changed(texts: Texts) -> Iterator[tuple[str, str | None]]:
    """Each of these functions whose text is another one, with the digest of that; None where there is none."""
    for module, functions in texts.items():
        source = _source(import_module(module).__file__ or "")
        for name, expected in functions.items():
            if (found := digest(source, name)) != expected:
                yield f"{module}.{name}", found


def digest(source: str, name: str) -> str | None:
    """Digest of the text of one function and its overloads; None when the source does not define it."""
    owner, _, method = name.rpartition(".")
    if owner:
        source = "".join(_blocks(source, f"\nclass {owner}", ""))
    for indent in ("    ", "  ") if owner else ("",):
        texts = [
            text for word in ("def", "async def") for text in _blocks(source, f"\n{indent}{word} {method}(", indent)
        ]
        if texts:
            return hashlib.sha256("".join(texts).encode()).hexdigest()[:16]
    return None


def _blocks(source: str, beginning: str, indent: str) -> Iterator[str]:
    """The texts of all statements that begin like this, each up to the next one that is indented as little."""
    start = source.find(beginning)
    while start >= 0:
        last = _END[indent].search(source, start + len(beginning))
        yield source[start : last.start() if last else len(source)].rstrip()
        start = source.find(beginning, start + len(beginning))


@functools.cache
def _source(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return "\n" + file.read()
    except (OSError, ValueError):
        return ""
