"""Reads YAML as Pulumi does, and remembers the line of every key.

Three differences to PyYAML's own loaders, each visible in a stack file: a duplicate key is an error; ``yes``, ``no``,
``on`` and ``off`` are text (PyYAML follows YAML 1.1 and makes them booleans, Pulumi's reader does not); a scalar keeps
its text, because Pulumi hands ``1.10`` to the program as "1.10".

The document is built from the parser's events, not from PyYAML's nodes: composing those recurses in C, where a file
that is nested deeply enough ends the process, and expands aliases, which a short file can make endless.
"""

import json
import math
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
_TAGGED: dict[str, tuple[type, ...]] = {"int": (int,), "float": (float, int), "bool": (bool,), "null": (type(None),)}
_DEEPEST = 100  # collections in each other
_MOST_VALUES = 100_000  # after every alias is replaced by what it stands for


class SourceError(Exception):
    """A file that cannot be used. Each of `messages` names a place, what is wrong there and what to do."""

    def __init__(self, *messages: str) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


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
    return parse(text, shown)


def parse(text: str, shown: str) -> Mapping | Sequence | Scalar | None:
    """The one document in a text, None when there is none. Raises SourceError with all mistakes that can be told."""
    loader = _Loader(text)
    try:
        return _Builder(loader, shown).document()
    except yaml.YAMLError as error:
        raise SourceError(_explain(error, shown, text)) from None
    finally:
        loader.dispose()


def plain(node: Any) -> Any:
    """The node as ordinary Python values."""
    if node is None:
        return None
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(entry.value) for key, entry in node.entries.items()}


class _Builder:
    """Builds one document. What an alias stands for is shared, not copied; its size counts each time."""

    def __init__(self, loader: Any, shown: str) -> None:
        self._next = loader.get_event
        self._shown = shown
        self._mistakes: list[str] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._open: set[str] = set()  # anchors of collections that have not ended yet
        self._values = 0

    def document(self) -> Mapping | Sequence | Scalar | None:
        """The document that the events describe."""
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        node: Mapping | Sequence | Scalar = self._node(self._next(), 0)
        self._next()
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            self._mistake(after, "a second document begins here; Pulumi reads one, take out the line `---`")
        if self._mistakes:
            raise SourceError(*self._mistakes)
        return node

    def _mistake(self, event: Any, text: str) -> str:
        self._mistakes.append(f"{self._shown}:{_line(event)}: {text}")
        return self._mistakes[-1]

    def _node(self, event: Any, depth: int) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if depth > _DEEPEST:
            self._mistake(event, f"nested more than {_DEEPEST} deep; check the brackets and the indentation")
            raise SourceError(*self._mistakes)
        before = self._values
        self._count(1, event)
        if event.anchor:
            self._open.add(event.anchor)
        if isinstance(event, yaml.ScalarEvent):
            node: Any = Scalar(event.value, self._value(event), _line(event))
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Sequence(self._items(event, depth), _line(event))
        else:
            node = Mapping(self._entries(event, depth), _line(event))
        if event.anchor:
            self._open.discard(event.anchor)
            self._anchors[event.anchor] = (node, self._values - before)
        return node

    def _count(self, values: int, event: Any) -> None:
        self._values += values
        if self._values > _MOST_VALUES:
            self._mistake(event, f"more than {_MOST_VALUES} values, aliases counted for what they stand for; use fewer")
            raise SourceError(*self._mistakes)

    def _alias(self, event: Any) -> Any:
        if event.anchor in self._open or event.anchor not in self._anchors:
            why = "holds itself" if event.anchor in self._open else f"has no anchor &{event.anchor} before it"
            self._mistake(event, f"the alias *{event.anchor} {why}; write the value out, or quote the text")
            return Scalar("", None, _line(event))
        node, size = self._anchors[event.anchor]
        self._count(size, event)
        return node

    def _items(self, start: Any, depth: int) -> list[Any]:
        self._check_tag(start, "seq")
        items = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return items

    def _entries(self, start: Any, depth: int) -> dict[str, Entry]:
        self._check_tag(start, "map")
        own: dict[str, Entry] = {}
        merged: dict[str, Entry] = {}
        event: Any
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            line = _line(event)
            key = self._node(event, depth + 1)
            value = self._node(self._next(), depth + 1)
            if not isinstance(key, Scalar):
                self._mistake(event, "a key must be a plain word, not a list or map; quote it")
            elif isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]:
                for source in value.items if isinstance(value, Sequence) else [value]:
                    if not isinstance(source, Mapping):
                        self._mistake(event, "'<<' merges maps; what it names here is not a map")
                        continue
                    merged = {**source.entries, **merged}
            elif key.text in own:
                first = own[key.text].line
                self._mistake(
                    event, f"the key {json.dumps(key.text)} is given twice, first in line {first}; keep one of the two"
                )
            else:
                own[key.text] = Entry(value, line)
        return {**merged, **own}

    def _check_tag(self, event: Any, kind: str) -> None:
        if event.tag not in {None, "!", _PREFIX + kind}:
            self._unknown_tag(event)

    def _unknown_tag(self, event: Any) -> None:
        self._mistake(event, f"the tag {event.tag.replace(_PREFIX, '!!')!r} is not known; write a plain value")

    def _value(self, event: Any) -> Any:
        if event.tag is None:
            return _meaning(event.value) if event.implicit[0] else event.value  # quoted or a block: text
        kind = event.tag.removeprefix(_PREFIX)
        if kind in {"str", "timestamp", "!"}:
            return event.value
        if kind not in _TAGGED:
            self._unknown_tag(event)
            return None
        value = _meaning(event.value)
        if not isinstance(value, _TAGGED[kind]) or (isinstance(value, bool) and kind != "bool"):
            self._mistake(event, f"the tag '!!{kind}' does not fit the value; take the tag away")
        return value


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _meaning(text: str) -> Any:
    """What a plain scalar is taken for."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.match(text):
        return _number(text.replace("_", ""))
    return _finite(text) if _FLOAT.match(text) else text


def _number(text: str) -> int | float | str:
    """Like Pulumi's reader: whole within 64 bits, else a decimal number is a float; too large for that, it is text."""
    digits = text.lstrip("+-")
    base = {"0b": 2, "0o": 8, "0x": 16}.get(digits[:2].lower())
    decimal = base is None
    if base is None:  # a leading zero means octal, as in YAML 1.1, when the digits allow it
        base = 8 if len(digits) > 1 and digits[0] == "0" and not set(digits) & {"8", "9"} else 10
    number = int(text, base) if len(digits) <= 66 else None  # 64 binary digits and their sign; longer is never whole
    if number is not None and -(2**63) <= number < 2**64:
        return number
    return _finite(text) if decimal else text


def _finite(text: str) -> float | str:
    number = float(text.replace("_", ""))
    return number if math.isfinite(number) else text


def _explain(error: yaml.YAMLError, shown: str, text: str) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "context", None) or getattr(error, "reason", None)
    place = f"{shown}:{mark.line + 1}:{mark.column + 1}" if mark else shown
    context = getattr(error, "context", None)
    began = getattr(error, "context_mark", None)
    detail = f" ({context}, which begins in line {began.line + 1})" if context and began and context != problem else ""
    hint = "check the indentation, the quotes and the brackets there"
    if isinstance(error, yaml.reader.ReaderError):
        place = f"{shown}:{text.encode()[: error.position].count(10) + 1}"
        hint = "take the character out, or save the file as UTF-8"
    lines = text.splitlines()
    if mark and mark.line < len(lines) and "\t" in lines[mark.line][: mark.column + 1]:
        hint = "indent with spaces: YAML does not allow tabs"
    return f"{place}: this is not valid YAML: {problem or 'unreadable'}{detail}; {hint}"
