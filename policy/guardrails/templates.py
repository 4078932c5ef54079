"""Machines as they will run: instances and groups, with what their launch template adds.

A property of an instance counts before that of its template. `Machines` joins by the template's id or name; a template
of another stack is undecided.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from . import kinds
from .checks import Form, leaves
from .graph import Graph, Members, Node
from .joins import LAUNCH_TEMPLATE
from .reading import Absent, Known, Record, Unknown, Value, unset_if_computed

MACHINES = (kinds.LAUNCH_TEMPLATE, kinds.LAUNCH_CONFIGURATION, kinds.INSTANCE, kinds.SPOT_INSTANCE)
"""What says how a machine is made."""

_NAMING = ("id", "launchTemplateId", "name", "launchTemplateName")


class Named(NamedTuple):
    """The templates that a machine is made from; neither `templates` nor `waits_for`: it is made without one."""

    templates: tuple[Node, ...] = ()
    waits_for: str | None = None


class Machines:
    """Which machine is made from which template."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._named: dict[str, Named] = {}

    def templates(self, node: Node) -> Named:
        """The launch templates of an instance or group, those of a mixed-instances policy too."""
        if node.urn not in self._named:
            self._named[node.urn] = self._read(node)
        return self._named[node.urn]

    def values(
        self, node: Node, path: str, form: Form, *, own: str | None = None, computed: bool = False
    ) -> Iterator[Value[Any]]:
        """The values that hold at `path`, of the machine itself (there the path may be `own`), else of its templates.

        One absent value when it is set nowhere; an unknown one when the template cannot be known. `computed` as for
        checks: the provider may make it up inside of its block.
        """
        mine = list(leaves(node.props, own or path, form, computed=computed))
        mine = [] if node.kind == kinds.SCALING_GROUP else mine
        mine = [value for value in mine if not isinstance(value, Absent)]
        if mine or node.kind in (kinds.LAUNCH_TEMPLATE, kinds.LAUNCH_CONFIGURATION):
            yield from mine or leaves(node.props, path, form, computed=computed)
            return
        named = self.templates(node)
        if named.waits_for is not None:
            yield Unknown(traced=False)
        for template in named.templates:
            yield from leaves(template.props, path, form, computed=computed)
        if not named.templates and named.waits_for is None:
            yield from leaves(node.props, own or path, form, computed=computed)

    def _read(self, node: Node) -> Named:
        found: list[Members] = []
        waiting: list[str] = []
        for block in self._blocks(node):
            if isinstance(block, Unknown):
                waiting.append(f"its launch template, {self._graph.describe(block)}")
                continue
            for key in _NAMING:
                value = unset_if_computed(block.value.text(key))
                if not isinstance(value, Absent):
                    found.append(self._graph.link(value, LAUNCH_TEMPLATE, node))
                    break
            else:
                named = [block.value.text(key) for key in block.value.names() if key in _NAMING]
                lost = next((value for value in named if isinstance(value, Unknown)), None)
                waiting += [] if lost is None else [f"its launch template, {self._graph.describe(lost)}"]
        waiting += [f"its launch template: {members.missing}" for members in found if members.one is None]
        sure = {members.one.urn: members.one for members in found if members.one is not None}
        return Named(tuple(sure.values()), waiting[0] if waiting else None)

    def _blocks(self, node: Node) -> Iterator[Known[Record] | Unknown]:
        paths: tuple[tuple[str, ...], ...] = (("launchTemplate",),)
        if node.kind == kinds.SCALING_GROUP:
            paths += (("mixedInstancesPolicy", "launchTemplate", "launchTemplateSpecification"),)
        for path in paths:
            value: Value[Record] = Known(node.props)
            for step in path:
                value = unset_if_computed(value.value.record(step)) if isinstance(value, Known) else value
            if not isinstance(value, Absent):
                yield value
