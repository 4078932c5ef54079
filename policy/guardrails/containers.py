"""Containers of ECS task definitions in one form: JSON text or blocks, any case, Fargate defaults said.

One unknown inside makes the JSON unknown as a whole at preview. As with policy documents, a component may vouch for
it: what it says in its input `containers` is then read in its place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from .checks import Check, Read
from .graph import Node
from .reading import Absent, Items, Known, Record, UnexpectedShapeError, Unknown, Value
from .verdicts import HOLDS, Finding, View, breaks, waits

DEFINITIONS = "containerDefinitions"
VOUCHED = "containers"


class Containers(NamedTuple):
    """The containers of a task definition; `waits_for`: what of them cannot be read; `path`: where they were read."""

    known: tuple[Record, ...] = ()
    waits_for: str | None = None
    path: tuple[str, ...] = ()


Judge: TypeAlias = Callable[[Record, View], "bool | str | None"]
"""True: holds. A text: what is wrong with this container. None: an unknown value decides."""


def containers(node: Node, view: View) -> Containers:
    """The containers of a task definition."""
    found = _definitions(node)
    if isinstance(found, Known) and isinstance(found.value, str):
        return _parsed(found.value)
    path: tuple[str, ...] = ()
    if isinstance(found, Unknown):
        component, said = view.graph.said_by_parent(node, VOUCHED)
        if not isinstance(said, Known) or not _are_containers(said.value):
            return Containers(waits_for=f"{DEFINITIONS}, {view.graph.describe(found)}")
        found, path = said, (f"{VOUCHED} of {component}",)
    if isinstance(found, Absent):
        return Containers(waits_for=f"{DEFINITIONS}, which is not set")
    assert isinstance(found, Known)
    assert isinstance(found.value, Items)
    records, waiting = [], None
    for item in found.value.records():
        if isinstance(item, Known):
            records.append(item.value)
        else:
            waiting = f"a container, {view.graph.describe(item)}"
    return Containers(tuple(records), waiting, path)


def _are_containers(items: Items) -> bool:
    """Whether a component speaks of containers: its input of that name may also be something else."""
    try:
        found = [item.value for item in items.records() if isinstance(item, Known)]
    except UnexpectedShapeError:
        return False
    return len(items) > 0 and all({"name", "image"} <= set(record.names()) for record in found)


def _definitions(node: Node) -> Value[str] | Value[Items]:
    """The property as text, or as the blocks that a test with mocks may still have."""
    try:
        return node.props.text(DEFINITIONS)
    except UnexpectedShapeError:
        return node.props.items(DEFINITIONS)


def each_container(judge: Judge, unknown: str) -> Check:
    """Every container satisfies `judge`; `unknown` names what one that may not waits for.

    The finding names the container by its `name`, which is never a secret.
    """

    def answer(node: Node, view: View) -> Finding:
        found = containers(node, view)
        doubt = None if found.waits_for is None else waits(found.waits_for, node.label, *found.path)
        for record in found.known:
            try:
                verdict = judge(record, view)
            except UnexpectedShapeError as error:
                doubt = waits(f"{unknown} of {spoken(record)}: {error}, which AWS refuses", node.label, *found.path)
                continue
            if isinstance(verdict, str):
                return breaks(f"{spoken(record)}: {verdict}", node.label, *found.path)
            if verdict is None:
                doubt = waits(f"{unknown} of {spoken(record)}", node.label, *found.path)
        return doubt or HOLDS

    return Check(answer, (Read(DEFINITIONS, computed=False),))


def spoken(record: Record) -> str:
    """How a message calls a container."""
    name = record.text("name")
    return f"container {name.value}" if isinstance(name, Known) else "a container"


def pairs(record: Record, key: str) -> Iterator[tuple[str, Value[str]]]:
    """Name and value of each entry in a list such as `environment`, or of each key in one such as `dockerLabels`."""
    found = record.items(key)
    if isinstance(found, Unknown):
        yield key, found
    elif isinstance(found, Known):
        for item in found.value.records():
            if isinstance(item, Unknown):
                yield key, item
            elif "value" in item.value.names() or "name" in item.value.names():
                name = item.value.text("name")
                yield name.value if isinstance(name, Known) else key, item.value.text("value")
                if isinstance(name, Unknown):
                    yield key, name
            else:
                for name in item.value.names():
                    yield name, item.value.text(name)


def entries(record: Record, key: str) -> Iterator[tuple[str, Value[str]]]:
    """Name and value of each key in a map such as `dockerLabels`."""
    found = record.record(key)
    if isinstance(found, Unknown):
        yield key, found
    elif isinstance(found, Known):
        for name in found.value.names():
            yield name, found.value.text(name)


@lru_cache(maxsize=512)
def _parsed(text: str) -> Containers:
    """JSON text says all there is, so it is read once for all controls."""
    try:
        raw: Any = json.loads(text)
    except ValueError:
        raw = None
    raw = [raw] if isinstance(raw, dict) else raw
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        return Containers(waits_for=f"{DEFINITIONS}, which is no JSON list as AWS demands")
    return Containers(tuple(Record(_spelled(item), Unknown()) for item in raw))


def _spelled(raw: Any) -> Any:
    """The provider takes keys in any case; AWS's own spelling begins with a small letter."""
    if isinstance(raw, dict):
        return {f"{key[:1].lower()}{key[1:]}": _spelled(value) for key, value in raw.items()}
    return [_spelled(item) for item in raw] if isinstance(raw, list) else raw
