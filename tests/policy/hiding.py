"""Programs of which one value is not known yet: it may still be what it is, so no verdict may turn into the opposite."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from guardrails.graph import Graph, Node
from guardrails.reading import Props

from tests.policy.cases.kit import Case
from tests.policy.graphs import Derived, Output

_Key = tuple[str, str]
"""The URN of a resource, and an input of it."""


def hiding(case: Case, judge: Callable[[Graph], object] | None = None) -> Iterator[tuple[str, Graph]]:
    """The graph of a case at preview with one input hidden, or one value inside of it, for each in turn: it comes from
    something else. With `judge` those are left out at which it does not look: they cannot change what it says."""
    program = case.program()
    names = list(program.resources)
    source = Output(program.add("random:index/randomId:RandomId", "elsewhere"), "value")
    sent, evidence = program.sent("preview"), program.evidence("preview")
    nodes = {node.urn: node for node in Graph.of_stack(sent)}
    seen = None if judge is None else _looked_at(judge, nodes, evidence)
    for name in names:
        resource = program[name]
        urn = resource.urn
        for key, value in list(resource.inputs.items()):
            if key == "id" or value in ("", [], {}, None) or not resource.type.startswith("aws:"):
                continue  # an id is no input: a case gives it to a resource that is there already
            for path in _paths(value) if seen is None or (urn, key) in seen else ():
                resource.inputs[key] = _with_hidden(value, path, source)
                changed = {node.urn: node for node in Graph.of_stack([program.resent(name, "preview", sent)])}
                yield ".".join([name, key, *map(str, path)]), Graph((nodes | changed).values(), evidence)
            resource.inputs[key] = value


def _looked_at(
    judge: Callable[[Graph], object], nodes: Mapping[str, Node], evidence: Mapping[str, Any]
) -> frozenset[_Key]:
    """The inputs of which a judge wants to know what they are, or from where they come."""
    seen: set[_Key] = set()
    judge(Graph([replace(node, props=_noting(node, seen)) for node in nodes.values()], evidence))
    return frozenset(seen)


def _noting(node: Node, seen: set[_Key]) -> Props:
    props = node.props
    edges = None if props._edges is None else _Noting(props._edges, node.urn, seen)
    return Props(_Noting(props._raw, node.urn, seen), edges, props._computed)


class _Noting(Mapping[str, Any]):
    """Properties by key, or the edges behind them, and which are looked at. Hiding changes no key."""

    def __init__(self, content: Mapping[str, Any], urn: str, seen: set[_Key]) -> None:
        self._content, self._urn, self._seen = content, urn, seen

    def __getitem__(self, key: str) -> Any:
        self._seen.add((self._urn, key))
        return self._content[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._content)

    def __len__(self) -> int:
        return len(self._content)


def _paths(value: Any) -> Iterator[tuple[str | int, ...]]:
    """The value itself, and all that is in it."""
    yield ()
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        # An ARN in a statement is taken for one of a resource, whatever it comes from: a wildcard is written by hand.
        if item not in ("", [], {}, None) and key != "Resource":
            yield from ((key, *path) for path in _paths(item))


def _with_hidden(value: Any, path: tuple[str | int, ...], source: Output) -> Any:
    if not path:
        return Derived((source,), _always(value))
    first, *rest = path
    if isinstance(value, dict):
        return {key: _with_hidden(item, tuple(rest), source) if key == first else item for key, item in value.items()}
    return [_with_hidden(item, tuple(rest), source) if at == first else item for at, item in enumerate(value)]


def _always(value: Any) -> Callable[..., Any]:
    return lambda *_: value.resolved() if hasattr(value, "resolved") else value
