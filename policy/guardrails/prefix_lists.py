"""What a managed prefix list of the program contains, from both places where entries are declared."""

from __future__ import annotations

from collections.abc import Iterable

from . import kinds
from .graph import Graph, Node, Reference
from .reading import Absent, Known, Unknown, Value

PREFIX_LIST = Reference({kinds.PREFIX_LIST: ("id",)})


def contents(graph: Graph, prefix_list: Node) -> Iterable[Known[str] | Unknown]:
    """The address ranges of the list; an unknown stands for any number of ranges."""
    entries = prefix_list.props.items("entries")
    if isinstance(entries, Unknown):
        yield entries
    elif isinstance(entries, Known):
        for entry in entries.value.records():
            yield from _set(entry.value.text("cidr") if isinstance(entry, Known) else entry)
    standalone = graph.companions(kinds.PREFIX_LIST_ENTRY, "prefixListId", PREFIX_LIST)
    for node in standalone.of(prefix_list):
        yield from _set(node.props.text("cidr"))
    if standalone.maybe(prefix_list):
        yield Unknown(traced=False)


def _set(cidr: Value[str]) -> Iterable[Known[str] | Unknown]:
    if not isinstance(cidr, Absent):
        yield cidr
