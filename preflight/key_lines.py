"""Where a stack file says what a program complains about: the line beside a key in an error's message."""

import json
import re
from typing import Any, NamedTuple

from preflight.yaml_source import Entry, Mapping, Sequence

# A line of a message that is a key and nothing else, as Pulumi's own commands take it: `app:web.routes[0]["a.b"]`.
_KEY = re.compile(r"(?m)^([ \t]*)([\w.-]+:[\w-]+)((?:\.[\w:-]+|\[\d+\]|\[\"(?:[^\"\\\n]|\\.)*\"\])*)[ \t]*$")
_STEP = re.compile(r"\.([\w:-]+)|\[(\d+)\]|\[(\"(?:[^\"\\]|\\.)*\")\]")


class Written(NamedTuple):
    """Where a stack file says what, under each full key (`app:web`); nothing of what the command line sets."""

    file: str
    entries: dict[str, Entry]

    def beside_keys(self, message: str) -> str:
        """The message with `(<file>:<line>)` after every line of it that is nothing but a key of the file.

        A key that is missing inside another gets the line of that one; one that is not in the file at all gets none.
        """
        return _KEY.sub(self._marked, message)

    def _marked(self, match: re.Match[str]) -> str:
        margin, key, path = match.groups()
        entry = self.entries.get(key)
        return f"{margin}{key}{path} ({self.file}:{_line(entry, path)})" if entry else match[0]


def lines_of(entry: Entry) -> Entry:
    """The entry with the lines alone: what it says may be secret."""
    return entry._replace(value=_without_values(entry.value))


def _without_values(node: Any) -> Any:
    if isinstance(node, Mapping):
        return node._replace(entries={key: lines_of(entry) for key, entry in node.entries.items()})
    if isinstance(node, Sequence):
        return node._replace(items=[_without_values(item) for item in node.items])
    return node._replace(text="", value=None)


def _line(entry: Entry, path: str) -> int:
    node, line = entry.value, entry.line
    for name, index, quoted in _STEP.findall(path):
        if isinstance(node, Mapping) and (inner := node.entries.get(_unquoted(quoted) if quoted else name or index)):
            node, line = inner.value, inner.line
        elif isinstance(node, Sequence) and index and int(index) < len(node.items):
            node = node.items[int(index)]
            line = node.line
        else:
            break
    return line


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:  # shortened, or escaped for a terminal in another way
        return text
