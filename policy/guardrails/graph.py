"""The resources of one run and the joins between them, at preview (ids unknown) as after the deployment.

A join asks, in this order: does a known value equal an id, ARN or name in the program; does the unknown value derive
from a resource of the right type; else it is open. A dependency edge proves a join only through the type behind it, and
only for one named property.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from . import kinds
from .computed import computed_of
from .reading import ABSENT, Absent, Items, Known, Props, Record, Unknown, Value

_SIDE_BY_SIDE = (kinds.SUBNET, kinds.SECURITY_GROUP)
Evidence = Mapping[str, Mapping[str, Any]]


class _Sent(Protocol):
    """What pulumi_policy says of a resource, in whichever call."""

    resource_type: str
    props: Mapping[str, Any]
    urn: str
    name: str
    opts: Any
    provider: Any


@dataclass(frozen=True, eq=False)
class Node:
    """One resource. `kind` is its type with aliases normalised, `type` as the program wrote it.

    `provider` are the inputs of its provider, None where it was not sent. `protected` is what `opts.protect` says, and
    `ignored` are the properties of which it ignores changes.
    """

    urn: str
    kind: str
    type: str
    name: str
    parent: str | None
    props: Props
    protected: bool = False
    ignored: tuple[str, ...] = ()
    provider: Record | None = None

    @property
    def region(self) -> Value[str]:
        """The region that it says itself, else that of its provider."""
        own = self.props.text("region")
        return own if not isinstance(own, Absent) or self.provider is None else self.provider.text("region")

    @cached_property
    def place(self) -> tuple[str, ...]:
        """What is known of its region and provider: the same for two resources, and names mean the same to both."""
        own = self.region
        said = () if self.provider is None else self.provider.strings()
        named = sorted(f"{path}={value.value}" for path, value in said if isinstance(value, Known))
        return (own.value if isinstance(own, Known) else "", *named)

    @property
    def label(self) -> str:
        """How a path names it: `route table public`."""
        return f"{kinds.spoken(self.kind)} {self.name}"


class Reference(NamedTuple):
    """What a property may point to: the kinds, and for each the properties whose value may stand in it.

    `through` are kinds that merely pass the value on, with the property that holds it: a bucket name is often taken
    from the bucket's policy, to wait for it.
    """

    kinds: Mapping[str, tuple[str, ...]]
    through: Mapping[str, str] = MappingProxyType({})


class Members(NamedTuple):
    """The resources that a property names.

    `sure` are among them. Of `maybe` at least `slots` are, nobody knows which. `outside` are known values that no
    resource of the program has. `waits_for` says what else is in there that cannot be known yet.
    """

    sure: tuple[Node, ...] = ()
    maybe: tuple[Node, ...] = ()
    slots: int = 0
    outside: tuple[str, ...] = ()
    waits_for: str | None = None

    @property
    def one(self) -> Node | None:
        """The only resource it can be."""
        return self.sure[0] if len(self.sure) == 1 and self.complete else None

    @property
    def complete(self) -> bool:
        """Whether `sure` is all there is."""
        return not self.maybe and not self.outside and self.waits_for is None

    @property
    def missing(self) -> str:
        """Why it is not complete, as the end of "waits for ..."."""
        if self.waits_for is not None:
            return self.waits_for
        if self.maybe:
            return "which of these it is: " + ", ".join(node.label for node in self.maybe)
        return "resources that this program does not define" if self.outside else "a value that is not set"

    def may_include(self, node: Node) -> bool:
        """Whether `node` is, or could turn out to be, one of them."""
        return node in self.sure or node in self.maybe or self.waits_for is not None


class Companions(NamedTuple):
    """Resources that belong to another one through a property of theirs."""

    joined: Mapping[str, tuple[Node, ...]]
    loose: tuple[tuple[Node, Members], ...]

    def of(self, node: Node) -> tuple[Node, ...]:
        """Those that belong to `node` for sure."""
        return self.joined.get(node.urn, ())

    def maybe(self, node: Node) -> tuple[Node, ...]:
        """Those that could turn out to belong to `node`."""
        return tuple(companion for companion, members in self.loose if members.may_include(node))


class Graph:
    """All resources of a run; immutable.

    `evidence` are the inputs of components that vouch for their children, by URN, from the time when these were seen:
    with the whole stack only registered outputs are sent.
    """

    def __init__(self, nodes: Iterable[Node], evidence: Evidence | None = None) -> None:
        self._nodes = {node.urn: node for node in sorted(nodes, key=lambda node: node.urn)}
        self._evidence = dict(evidence or {})
        self._index: dict[tuple[str, str], dict[str, tuple[Node, ...]]] = {}
        self._companions: dict[tuple[str, str], Companions] = {}
        self._shared: dict[object, Any] = {}

    @classmethod
    def of_stack(cls, resources: Iterable[Any], evidence: Evidence | None = None) -> Graph:
        """The graph of a stack validation: outputs, with the resources behind each property."""
        return cls((_from_stack(resource) for resource in resources), evidence)

    @classmethod
    def of_resource(cls, sent: Any) -> Graph:
        """The graph of one resource validation: its inputs, and no edge."""
        return cls([_node(sent, sent.opts.parent, None)])

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes.values())

    def of(self, *wanted: str) -> tuple[Node, ...]:
        """The resources of these kinds, sorted by URN within each kind; `kinds.ANY` are all resources of AWS."""
        if kinds.ANY in wanted:
            return self._aws
        grouped = self._by_kind
        found = [grouped[kind] for kind in wanted if kind in grouped]
        if len(found) < 2:
            return found[0] if found else ()
        return tuple(chain.from_iterable(found))

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of all resources, and `kinds.ANY` where one of them is of AWS."""
        return frozenset((*self._by_kind, *((kinds.ANY,) if self._aws else ())))

    @cached_property
    def root(self) -> Node:
        """The stack itself; a stand-in without URN where only some resources were sent."""
        found = self._by_kind.get(kinds.STACK)
        return found[0] if found else Node("", kinds.STACK, kinds.STACK, "stack", None, Props({}, None))

    def shared(self, maker: Callable[[Graph], Any]) -> Any:
        """The one `maker(graph)` of this graph: normalised views that many controls use."""
        if maker not in self._shared:
            self._shared[maker] = maker(self)
        return self._shared[maker]

    def said_by_parent(self, node: Node, key: str) -> tuple[str, Value[Items]]:
        """The name of the component that made `node`, and the list which that component gives as its input `key`."""
        urn = node.parent or ""
        parent = self._nodes.get(urn)
        props = parent.props if parent is not None else Props({}, None)
        said = props.items(key) if parent is None or not parent.kind.startswith("aws:") else ABSENT
        if isinstance(said, Absent) and urn in self._evidence:
            said = props.beside(self._evidence[urn]).items(key)
        return urn.rpartition("::")[2], said

    def link(self, value: Value[str], reference: Reference, near: Node | None = None, key: str = "") -> Members:
        """The resource that one value names. `near` names it, in `key`: of several of one name, as there may be in two
        regions, it means the one that it was taken from, else the one where it is itself.
        """
        if isinstance(value, Absent):
            return Members()
        if isinstance(value, Unknown):
            return self._derived(value, reference)
        found = self._find(value.value, reference)
        if len(found) > 1 and near is not None:
            found = _nearest(found, near, key)
        if len(found) == 1:
            return Members(sure=found)
        if found:
            return Members(maybe=found, slots=1)
        return Members(outside=(value.value,), waits_for=self._nameless(reference))

    def members(self, value: Value[Items], reference: Reference) -> Members:
        """The resources that a list names."""
        if isinstance(value, Absent):
            return Members()
        if isinstance(value, Unknown):
            return self._spread(value, reference)
        found: dict[str, Node] = {}
        alike: list[Node] = []
        outside: list[str] = []
        unknown: list[Unknown] = []
        for element in value.value.texts():
            if isinstance(element, Unknown):
                unknown.append(element)
            elif len(nodes := self._find(element.value, reference)) == 1:
                found[nodes[0].urn] = nodes[0]
            else:
                alike += nodes
                outside += () if nodes else (element.value,)
        if alike or not unknown:
            rest = _waits(unknown[0], reference, self) if unknown else self._nameless(reference) if outside else None
            return Members(tuple(found.values()), tuple(alike), min(1, len(alike)), tuple(outside), rest)
        right, wrong = self._candidates(unknown[0], reference)
        candidates = [node for node in right if node.urn not in found]
        if self._foreign(right, wrong):
            return Members(tuple(found.values()), outside=tuple(outside), waits_for=_waits(unknown[0], reference, self))
        if len(candidates) > len(unknown):
            return Members(tuple(found.values()), tuple(candidates), len(unknown), tuple(outside))
        rest = None if len(candidates) == len(unknown) else _waits(unknown[0], reference, self)
        return Members(sure=(*found.values(), *candidates), outside=tuple(outside), waits_for=rest)

    def companions(self, kind: str, key: str, reference: Reference) -> Companions:
        """Who belongs to whom, read from property `key` of every resource of `kind`."""
        if (kind, key) not in self._companions:
            joined: dict[str, list[Node]] = {}
            loose: list[tuple[Node, Members]] = []
            for node in self.of(kind):
                members = self.link(node.props.pointer(key), reference, node, key)
                for target in members.sure:
                    joined.setdefault(target.urn, []).append(node)
                if members.maybe or members.waits_for is not None:
                    loose.append((node, members))
            frozen = {urn: tuple(nodes) for urn, nodes in joined.items()}
            self._companions[kind, key] = Companions(frozen, tuple(loose))
        return self._companions[kind, key]

    def describe(self, unknown: Unknown) -> str:
        """What an unknown value comes from, for a message."""
        known = [self._nodes[urn].label for urn in unknown.sources if urn in self._nodes]
        return "a value from " + ", ".join(sorted(known)) if known else "a value that is not known at preview"

    def sources(self, unknown: Unknown) -> tuple[Node, ...]:
        """The resources that an unknown value comes from."""
        return tuple(self._nodes[urn] for urn in sorted(set(unknown.sources)) if urn in self._nodes)

    @cached_property
    def _aws(self) -> tuple[Node, ...]:
        return tuple(node for node in self._nodes.values() if node.kind.startswith("aws:"))

    @cached_property
    def _by_kind(self) -> dict[str, tuple[Node, ...]]:
        grouped: dict[str, list[Node]] = {}
        for node in self._nodes.values():
            grouped.setdefault(node.kind, []).append(node)
        return {kind: tuple(nodes) for kind, nodes in grouped.items()}

    def _find(self, value: str, reference: Reference) -> tuple[Node, ...]:
        for kind, keys in reference.kinds.items():
            for key in keys:
                if found := self._indexed(kind, key).get(value):
                    return found
        return ()

    def _indexed(self, kind: str, key: str) -> dict[str, tuple[Node, ...]]:
        if (kind, key) not in self._index:
            index: dict[str, tuple[Node, ...]] = {}
            for node in self.of(kind):
                value = node.props.text(key)
                if isinstance(value, Known):
                    index[value.value] = (*index.get(value.value, ()), node)
            self._index[kind, key] = index
        return self._index[kind, key]

    def _nameless(self, reference: Reference) -> str | None:
        """Why a known value without a match is not proved foreign: a resource that came without any identity at all."""
        for kind, keys in reference.kinds.items():
            for node in self.of(kind):
                if keys and all(isinstance(node.props.text(key), Absent) for key in keys):
                    return f"the {keys[0]} of {node.label}, which was not sent"
        return None

    def _candidates(self, unknown: Unknown, reference: Reference) -> tuple[list[Node], list[Node]]:
        """The resources of the right type behind a value, and those that are not or do not lead to one."""
        right: dict[str, Node] = {}
        wrong: list[Node] = []
        for source in self.sources(unknown):
            if source.kind in reference.kinds:
                right[source.urn] = source
            elif source.kind in reference.through:
                passed = self.link(source.props.text(reference.through[source.kind]), reference)
                right.update({node.urn: node for node in (*passed.sure, *passed.maybe)})
                wrong += () if passed.complete else (source,)
            else:
                wrong.append(source)
        return list(right.values()), wrong

    def _foreign(self, right: Iterable[Node], wrong: Iterable[Node]) -> bool:
        """Whether a value may come from what is neither a resource of AWS nor the component that made the right ones.

        Of AWS's own other resources nothing fits: a group beside a subnet is there for another part of the property.
        """
        makers = {urn for node in right for urn in self._ancestors(node)}
        return any(not node.kind.startswith("aws:") and node.urn not in makers for node in wrong)

    def _derived(self, unknown: Unknown, reference: Reference) -> Members:
        candidates, wrong = self._candidates(unknown, reference)
        if self._foreign(candidates, wrong):
            return Members(waits_for=_waits(unknown, reference, self))
        if len(candidates) == 1:
            return Members(sure=tuple(candidates))
        if candidates:
            return Members(maybe=tuple(candidates), slots=1)
        return Members(waits_for=_waits(unknown, reference, self))

    def _spread(self, unknown: Unknown, reference: Reference) -> Members:
        """A whole list that is unknown: some of what it derives from, as nobody knows what an `apply` left out.

        A remote component stands beside its children in the edges of each output of its: then they are candidates, and
        nothing else is. Subnets and security groups stand beside each other in one block: neither leads to the other.
        """
        candidates, wrong = self._candidates(unknown, reference)
        if not candidates:
            return Members(waits_for=_waits(unknown, reference, self))
        wrong = [node for node in wrong if node.kind not in _SIDE_BY_SIDE]
        makers = {urn for node in candidates for urn in self._ancestors(node)}
        which = "which of these it is: " + ", ".join(node.label for node in candidates)
        waits_for = None if all(node.urn in makers for node in wrong) else which
        if len(candidates) == 1 and waits_for is None:
            return Members(sure=tuple(candidates))
        return Members(maybe=tuple(candidates), slots=1, waits_for=waits_for)

    def _ancestors(self, node: Node) -> Iterator[str]:
        parent = self._nodes.get(node.parent or "")
        while parent is not None:
            yield parent.urn
            parent = self._nodes.get(parent.parent or "")


def _nearest(found: tuple[Node, ...], near: Node, key: str) -> tuple[Node, ...]:
    """Those of `found` that another resource means, as far as that can be told."""
    behind = near.props.origin(key).sources
    for means in (
        lambda node: node.urn in behind,
        lambda node: node.place == near.place,
        lambda node: node.region == near.region,
    ):
        left = tuple(node for node in found if means(node))
        if len(left) == 1:
            return left
    return found


def _waits(unknown: Unknown, reference: Reference, graph: Graph) -> str:
    wanted = " or ".join(dict.fromkeys(kinds.spoken(kind) for kind in reference.kinds))
    if unknown.sources:
        return f"a {wanted} taken from something else: {graph.describe(unknown)}"
    return f"a {wanted} that no resource of the program is seen behind (an output of another stack, or a lost edge)"


def _from_stack(resource: Any) -> Node:
    edges = {key: tuple(target.urn for target in found) for key, found in resource.property_dependencies.items()}
    parent = resource.parent.urn if resource.parent is not None else None
    return _node(resource, parent, edges)


def _node(sent: _Sent, parent: str | None, edges: Mapping[str, tuple[str, ...]] | None) -> Node:
    kind = kinds.kind_of(sent.resource_type)
    options = sent.opts
    provider = None if sent.provider is None else Record(sent.provider.props, Unknown(traced=False))
    return Node(
        sent.urn, kind, sent.resource_type, sent.name, parent, Props(sent.props, edges, computed_of(kind)),
        bool(options.protect), tuple(options.ignore_changes), provider,
    )  # fmt: skip
