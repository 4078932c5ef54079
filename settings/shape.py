"""What a stack file may look like, asked of its JSON schema: which keys there are, what a value may be. Pure; failure
path only."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import isfinite, isnan
from typing import Any

from settings.errors import Key, several
from settings.section import Section

Node = dict[str, Any]
_WRITTEN_OUT = 1e15  # from there on a float is no longer every whole number
NAME_MARK = "[key]"  # how pydantic says that a name in a map, not its value, is wrong


@dataclass(frozen=True)
class Shape:
    """The schema of everything below `groundwork:`. `example`: the value to name for a key in place of its own, if any.

    `found` is what was found out about this schema, which a copy with another `example` shares.
    """

    schema: Node
    example: Callable[[Key], Any] = field(default=lambda _key: None, repr=False, compare=False)
    found: dict[str, list[str]] = field(default_factory=dict, repr=False, compare=False)

    def find(self, place: Sequence[str | int]) -> tuple[Key, Node]:
        """The key in the stack file and the schema of its value, for a place as pydantic names it.

        There a union adds the name of the chosen branch, and a wrong name in a map the mark `[key]`. The schema is
        empty for an unknown key.
        """
        key: list[str | int] = []
        node = self.plain(self.schema)
        for part in place:
            if part == NAME_MARK and not _by_name(node):
                return tuple(key), {}
            branches = self.section(node).get("discriminator", {}).get("mapping", {})
            if part in branches:
                node = self.plain({"$ref": branches[part]})
                continue
            key.append(part)
            node = self._child(node, part)
        own = self.example(tuple(key))
        return tuple(key), node if own is None else {**node, "examples": [own]}

    def keys(self, node: Node) -> list[str]:
        """The keys that a section knows, in the order of the documentation."""
        return list(self.plain(node).get("properties", {}))

    def homes(self, name: str) -> list[str]:
        """Where a key of this name belongs, as dotted paths; maps by name show as `<name>`."""
        if not self.found:
            for path in self._paths(self.schema, ""):
                self.found.setdefault(path.rpartition(".")[2], []).append(path)
        return self.found.get(name, [])

    def allowed(self, node: Node) -> str:
        """What a value may be, in words."""
        node = self.plain(node)
        if "anyOf" in node:
            options = [self.allowed(option) for option in node["anyOf"] if option.get("type") != "null"]
            return f"{several(options)}, or null" if len(options) < len(node["anyOf"]) else several(options)
        if "patternErrorMessage" in node:
            return str(node["patternErrorMessage"])
        choices = [node["const"]] if "const" in node else node.get("enum")
        return several(choices) if choices else self._words(node)

    def _words(self, node: Node) -> str:
        match node.get("type"):
            case "integer" | "number" as kind:
                return ("a whole number" if kind == "integer" else "a number") + _range(node)
            case "array":
                least = f" of {node['minItems']} or more" if node.get("minItems") else ""
                return f"a list{least}, each item {self.allowed(node.get('items', {}))}"
            case "object" if keys := self.keys(node):
                return f"a map with the keys {several(keys, 'and')}"
            case "object":
                return "a map from names to values"
            case kind:
                return {"string": "text", "boolean": "true or false"}.get(str(kind), "a map")

    def section(self, node: Node) -> Node:
        """What a value has to be where it is not null, if that is one thing; otherwise the node itself."""
        node = self.plain(node)
        options = [option for option in node.get("anyOf", []) if option.get("type") != "null"]
        return self.plain(options[0]) if len(options) == 1 else node

    def _child(self, node: Node, part: str | int) -> Node:
        node = self.section(node)
        if isinstance(part, int):
            return self.plain(node.get("items", {}))
        if part in node.get("properties", {}):
            return self.plain(node["properties"][part])
        others: Any = node.get("additionalProperties") or next(iter(node.get("patternProperties", {}).values()), {})
        return self.plain(others if isinstance(others, dict) else {})

    def plain(self, node: Node) -> Node:
        """The node itself where it is a reference, with what stands beside the reference."""
        if "$ref" not in node:
            return node
        target = self.schema["$defs"][node["$ref"].rpartition("/")[2]]
        return {**target, **{word: value for word, value in node.items() if word != "$ref"}}

    def _paths(self, node: Node, above: str) -> Iterator[str]:
        node = self.section(node)
        for name, child in node.get("properties", {}).items():
            path = f"{above}.{name}".removeprefix(".")
            yield path
            yield from self._paths(child, path)
        named = [node.get("additionalProperties"), *node.get("patternProperties", {}).values()]
        for child in [child for child in named if isinstance(child, dict)]:
            yield from self._paths(child, f"{above}.<name>")
        for branch in node.get("oneOf", []):
            yield from self._paths(branch, above)


@cache
def shape_of(model: type[Section]) -> Shape:
    """What the schema of a model says."""
    return Shape(model.model_json_schema(by_alias=True))


def _by_name(node: Node) -> bool:
    """Whether the node is a map from names to values: there `[key]` is a name that somebody wrote."""
    return isinstance(node.get("additionalProperties"), dict) or "patternProperties" in node


def _range(node: Node) -> str:
    low, high = node.get("minimum"), node.get("maximum")
    text = f" from {number(low)} to {number(high)}" if low is not None and high is not None else ""
    if low is not None and high is None:
        text = f", {number(low)} or more"
    return text + (f" in steps of {node['multipleOf']:g}" if "multipleOf" in node else "")


def number(value: float) -> str:
    """A number as people write it: 1123200, not 1.1232e+06; 0.5. What is no number, and what nobody would write out, as
    YAML does."""
    if not isfinite(value):
        return ".nan" if isnan(value) else ".inf" if value > 0 else "-.inf"
    if value == int(value) and abs(value) < _WRITTEN_OUT:
        return str(int(value))
    return f"{value:.10g}"
