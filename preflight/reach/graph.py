"""The resources of a report and the joins between them.

A join asks, in this order: is the value an id, ARN or name of a resource of the right type; did the property come from
exactly as many such resources as there are values left over; else it names something outside of the program, or, where
the value itself is not known, something open. Everything is indexed once.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from preflight.cost.view import canonical, known, maps

__all__ = ["Graph", "Link", "Node", "known", "maps", "spoken", "texts"]

# What a program refers to a resource by, among its inputs and outputs.
_INPUT_NAMES = frozenset({
    "name", "bucket", "identifier", "clusterIdentifier", "replicationGroupId", "clusterId", "functionName", "userId",
    "userName", "userGroupId",
})  # fmt: skip
_NAMES = _INPUT_NAMES | {
    "id", "arn", "url", "dnsName", "domainName", "bucketDomainName", "bucketRegionalDomainName", "keyId",
    "websiteEndpoint", "functionUrl", "functionArn", "apiEndpoint", "invokeArn", "invokeUrl", "executionArn",
    "qualifiedArn", "qualifiedInvokeArn", "endpoint", "address", "mainRouteTableId", "defaultRouteTableId",
    "defaultSecurityGroupId", "defaultNetworkAclId", "primaryNetworkInterfaceId",
}  # fmt: skip


@cache
def spoken(kind: str) -> str:
    """What a text calls a resource of this kind: `route table`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", kind.rpartition(":")[2]).lower()


class Node:
    """One resource: its inputs, what is known of its outputs, and the resources that its inputs came from."""

    __slots__ = ("edges", "entry", "inputs", "kind", "name", "outputs", "urn")

    def __init__(self, entry: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
        self.entry = entry
        self.urn: str = entry["urn"]
        self.name: str = entry["name"]
        self.kind = canonical(entry["type"])
        self.inputs: Mapping[str, Any] = entry.get("inputs") or {}
        self.outputs = outputs
        self.edges: Mapping[str, Sequence[str]] = entry.get("propertyDependencies") or {}

    def get(self, key: str) -> Any:
        """An input, or the output where the program gave none; None where neither is there."""
        value = self.inputs.get(key)
        return self.outputs.get(key) if value is None else value

    def text(self, key: str) -> str | None:
        """An input or output that is a known text."""
        value = self.get(key)
        return value if isinstance(value, str) and value else None

    def given(self, key: str) -> str | None:
        """An input that is a known text. What AWS is free to choose, such as a zone, must be asked for so: among the
        outputs stands what the simulation chose."""
        value = self.inputs.get(key)
        return value if isinstance(value, str) and value else None

    @property
    def label(self) -> str:
        """How an answer names it: `route table public`."""
        return f"{spoken(self.kind)} {self.name}"


class Link(NamedTuple):
    """What a property names: resources of the program, known values that none of them has, and whether there may be
    more that is not known."""

    nodes: tuple[Node, ...] = ()
    outside: tuple[str, ...] = ()
    open: bool = False

    @property
    def one(self) -> Node | None:
        """The resource, where it is the only one."""
        return self.nodes[0] if len(self.nodes) == 1 else None

    @property
    def complete(self) -> bool:
        """Whether `nodes` is all that it names."""
        return not self.outside and not self.open

    @property
    def empty(self) -> bool:
        """Whether it names nothing at all."""
        return not self.nodes and self.complete


class Graph:
    """All resources that a stack makes; of one that it only reads (`get()`) nothing is known, it is somebody else's.
    `outputs` are what is known of each after the deployment, by URN, with its `id`."""

    def __init__(
        self, entries: Iterable[Mapping[str, Any]], outputs: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        outputs = outputs or {}
        self._nodes = {
            entry["urn"]: Node(entry, outputs.get(entry["urn"]) or {})
            for entry in entries
            if not (entry.get("options") or {}).get("external")
        }
        self._kinds: dict[str, list[Node]] = {}
        self._named: dict[str, list[Node]] = {}
        self._owned: dict[tuple[str, str], tuple[dict[str, list[Node]], list[Node]]] = {}
        for node in self._nodes.values():
            self._kinds.setdefault(node.kind, []).append(node)
            for name in _names(node):
                self._named.setdefault(name, []).append(node)

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes.values())

    def all(self, *kinds: str) -> list[Node]:
        """The resources of these kinds."""
        return [node for kind in kinds for node in self._kinds.get(kind, ())]

    def at(self, urn: str | None) -> Node | None:
        """The resource with this URN."""
        return self._nodes.get(urn or "")

    def find(self, value: object, *kinds: str) -> Node | None:
        """The resource of these kinds that has this id, ARN or name."""
        found = self._named.get(value, ()) if isinstance(value, str) else ()
        return next((node for node in found if node.kind in kinds), None)

    def link(self, node: Node, key: str, *kinds: str, value: Any = None) -> Link:
        """What input `key` names, or the part `value` of it."""
        given = node.inputs.get(key) if value is None else value
        if given is None:
            return Link()
        if not known(given):
            behind = self._behind(node, key, kinds)
            return Link(tuple(behind)) if len(behind) == 1 else Link(open=True)
        nodes: dict[str, Node] = {}
        left: list[str | None] = []
        for each in given if isinstance(given, list) else [given]:
            found = self.find(each, *kinds)
            if found is None:
                left.append(each if isinstance(each, str) else None)
            else:
                nodes[found.urn] = found
        if left:
            behind = [other for other in self._behind(node, key, kinds) if other.urn not in nodes and _nameless(other)]
            if len(behind) == len(left):
                return Link((*nodes.values(), *behind))
        return Link(tuple(nodes.values()), tuple(each for each in left if each is not None), None in left)

    def owned(self, node: Node, kind: str, key: str) -> list[Node]:
        """The resources of a kind whose input `key` names this one."""
        return self._owners(kind, key)[0].get(node.urn, [])

    def loose(self, kind: str, key: str) -> list[Node]:
        """The resources of a kind of which it is not known what their input `key` names."""
        return self._owners(kind, key)[1]

    def _owners(self, kind: str, key: str) -> tuple[dict[str, list[Node]], list[Node]]:
        if (kind, key) not in self._owned:
            owned: dict[str, list[Node]] = {}
            loose: list[Node] = []
            for node in self.all(kind):
                targets, sure = self._named_by(node, key)
                for target in targets:
                    owned.setdefault(target, []).append(node)
                loose += [] if sure else [node]
            self._owned[kind, key] = owned, loose
        return self._owned[kind, key]

    def _named_by(self, node: Node, key: str) -> tuple[list[str], bool]:
        """Of any kind, as whoever asks knows what the property may name."""
        value = node.inputs.get(key)
        values = value if isinstance(value, list) else [value]
        found = [other.urn for each in values if isinstance(each, str) for other in self._named.get(each, ())]
        if found:
            return list(dict.fromkeys(found)), True
        behind = [urn for urn in node.edges.get(key, ()) if urn in self._nodes]
        return behind, bool(behind) or value is None or all(isinstance(each, str) for each in values)

    def _behind(self, node: Node, key: str, kinds: Sequence[str]) -> list[Node]:
        found = (self._nodes.get(urn) for urn in node.edges.get(key, ()))
        return [other for other in found if other is not None and other.kind in kinds]


def texts(value: Any) -> list[str | None]:
    """The texts of a list, or the one text; None for each that is not known. Nothing for nothing."""
    if value is None:
        return []
    return [each if isinstance(each, str) else None for each in (value if isinstance(value, list) else [value])]


def _names(node: Node) -> set[str]:
    """Texts only: an output may also be secret, or not known."""
    inputs, outputs = node.inputs, node.outputs
    found = [inputs[key] for key in inputs.keys() & _INPUT_NAMES]
    found += [outputs[key] for key in outputs.keys() & _NAMES]
    return {each for each in found if isinstance(each, str) and each}


def _nameless(node: Node) -> bool:
    """Whether nothing is known of the outputs: then a value may be its id."""
    return not isinstance(node.outputs.get("id"), str)
