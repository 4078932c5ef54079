"""Reads YAML as Pulumi does, and remembers the line of every key.

Three differences to PyYAML's own loaders, each visible in a stack file: a duplicate key is an error; ``yes``, ``no``,
``on`` and ``off`` are text (PyYAML follows YAML 1.1 and makes them booleans, Pulumi's reader does not); a scalar keeps
its text, because Pulumi hands ``1.10`` to the program as "1.10".
"""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml: about ten times as fast
_PREFIX = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)\Z")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*|[0-9][0-9_]*(?=[eE]))(?:[eE][-+]?[0-9]+)?\Z")
_CONSTANTS: dict[str, Any] = {"": None, "~": None} | {
    form: value
    for word, value in {"null": None, "true": True, "false": False}.items()
    for form in (word, word.capitalize(), word.upper())
}


class _PlainLoader(_Loader):  # type: ignore[misc]
    """Leaves every plain scalar as text; this module decides what it means."""

    yaml_implicit_resolvers: dict[str, Any] = {}


class SourceError(Exception):
    """A file that cannot be used; the text names the place, what is wrong and what to do."""


class Scalar(NamedTuple):
    """A scalar with its text as written and the value YAML gives it."""

    text: str
    value: Any
    line: int


class Entry(NamedTuple):
    """What stands under one key, and the line of the key."""

    value: Any  # Scalar | Mapping | Sequence
    line: int


class Mapping(NamedTuple):
    """A YAML map in the order of the file."""

    entries: dict[str, Entry]
    line: int


class Sequence(NamedTuple):
    """A YAML list."""

    items: list[Any]
    line: int


def read(path: Path, shown: str) -> Mapping | Sequence | Scalar | None:
    """The one document of a file, None when it is empty. `shown` is how messages call the file."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(f"{shown}: not UTF-8 text (byte {error.start}); save the file as UTF-8") from None
    except OSError as error:
        raise SourceError(f"{shown}: cannot be read: {error.strerror}") from None
    loader = _PlainLoader(text)
    try:
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        raise SourceError(_explain(error, shown, text)) from None
    finally:
        loader.dispose()
    return None if node is None else _convert(node, shown)


def plain(node: Any) -> Any:
    """The node as ordinary Python values."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(entry.value) for key, entry in node.entries.items()}


def _convert(node: Any, shown: str) -> Mapping | Sequence | Scalar:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return Scalar(node.value, _value(node, shown, line), line)
    if isinstance(node, yaml.SequenceNode):
        return Sequence([_convert(item, shown) for item in node.value], line)
    return Mapping(_entries(node, shown), line)


def _entries(node: Any, shown: str) -> dict[str, Entry]:
    own: dict[str, Entry] = {}
    merged: dict[str, Entry] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise SourceError(f"{shown}:{line}: a key must be a plain word, not a list or map; quote it")
        if key.value == "<<" and not key.style:
            for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                if not isinstance(source, yaml.MappingNode):
                    raise SourceError(f"{shown}:{line}: '<<' merges maps; what it names here is not a map")
                merged = {**_entries(source, shown), **merged}
            continue
        if key.value in own:
            raise SourceError(
                f"{shown}:{line}: the key {json.dumps(key.value)} is given twice, first in line {own[key.value].line}; "
                "keep one of the two"
            )
        own[key.value] = Entry(_convert(value, shown), line)
    return {**merged, **own}


def _value(node: Any, shown: str, line: int) -> Any:
    text = node.value
    if node.style:  # quoted or a block: text, whatever it looks like
        return text
    kind = node.tag.removeprefix(_PREFIX)
    if kind not in {"str", "int", "float", "bool", "null", "timestamp"}:
        raise SourceError(f"{shown}:{line}: the tag {node.tag!r} is not known; write a plain value")
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.match(text):
        return _integer(text.replace("_", ""))
    if _FLOAT.match(text):
        return float(text.replace("_", ""))
    return text


def _integer(text: str) -> int:
    digits = text.lstrip("+-")
    base = {"0b": 2, "0o": 8, "0x": 16}.get(digits[:2].lower())
    if base is None:  # a leading zero means octal, as in YAML 1.1, when the digits allow it
        base = 8 if len(digits) > 1 and digits[0] == "0" and not set(digits) & {"8", "9"} else 10
    return int(text, base)


def _explain(error: yaml.YAMLError, shown: str, text: str) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "context", None) or getattr(error, "reason", None)
    place = f"{shown}:{mark.line + 1}:{mark.column + 1}" if mark else shown
    context = getattr(error, "context", None)
    began = getattr(error, "context_mark", None)
    detail = f" ({context}, which begins in line {began.line + 1})" if context and began and context != problem else ""
    hint = "check the indentation, the quotes and the brackets there"
    lines = text.splitlines()
    if mark and mark.line < len(lines) and "\t" in lines[mark.line][: mark.column + 1]:
        hint = "indent with spaces: YAML does not allow tabs"
    return f"{place}: this is not valid YAML: {problem or 'unreadable'}{detail}; {hint}"
