"""Machines that forward what is neither from them nor for them: NAT instances, routers, firewalls.

They have to stand where the internet is, and one network interface ties each to one zone. What tells them is that EC2's
check of source and destination is off: on the machine, on the interface that its launch template gives it, or by the
machine itself when it starts, which its user data says or the interface that it takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from . import kinds
from .credentials import decoded
from .graph import Graph, Node
from .joins import NETWORK_INTERFACE
from .reading import Known, Unknown, Value, or_default
from .templates import Machines
from .verdicts import HOLDS, Finding, Outcome, View, waits

Answer: TypeAlias = bool | str
"""Whether, or what that waits for."""
_SWITCH = "source-dest-check"
"""As `aws ec2 modify-instance-attribute --no-source-dest-check` says it."""


def forwards(node: Node, view: View) -> Answer:
    """Whether a machine, or each of those that a group starts, forwards packets of others.

    A group of several machines at once is none: routes lead to one interface.
    """
    if node.kind in (kinds.INSTANCE, kinds.SPOT_INSTANCE):
        return _unchecked(node.props.flag("sourceDestCheck"), view, node)
    size = node.props.number("maxSize")
    if node.kind != kinds.SCALING_GROUP or (isinstance(size, Known) and size.value > 1):
        return False
    machines: Machines = view.graph.shared(Machines)
    named = machines.templates(node)
    if named.waits_for is not None:
        return named.waits_for
    answers = [template_forwards(template, view) for template in named.templates]
    if isinstance(size, Unknown):
        answers.append(f"maxSize, {view.graph.describe(size)}")
    if not named.templates or False in answers:
        return False
    return next((answer for answer in answers if answer is not True), True)


def unless_it_forwards(node: Node, view: View, findings: Iterable[Finding]) -> Iterator[Finding]:
    """What is found, except of a machine that forwards: it is meant to be there."""
    found = list(findings)
    answer = forwards(node, view) if any(finding.outcome is not Outcome.PASS for finding in found) else False
    if answer is True:
        yield HOLDS
    elif answer is False or all(finding.outcome is not Outcome.VIOLATION for finding in found):
        yield from found
    else:
        yield waits(f"whether it forwards what others send: {answer}", node.label)


def interface_forwards(interface: Node, view: View) -> Answer:
    """Whether what has a network interface may forward packets of others over it."""
    return _unchecked(interface.props.flag("sourceDestCheck"), view, interface)


def template_forwards(template: Node, view: View) -> Answer:
    """Whether a machine that is made from a launch template forwards packets of others."""
    answers = [*_by_interface(template, view), _by_user_data(template, view)]
    if True in answers:
        return True
    return next((answer for answer in answers if isinstance(answer, str)), False)


def _by_interface(template: Node, view: View) -> Iterator[Answer]:
    machines: Machines = view.graph.shared(Machines)
    for value in machines.values(template, "networkInterfaces[].networkInterfaceId", "text", computed=True):
        found = view.graph.link(value, NETWORK_INTERFACE)
        if found.one is not None:
            yield interface_forwards(found.one, view)
        elif found.sure or found.maybe or found.outside or found.waits_for is not None:
            yield f"its network interface: {found.missing}"


def _by_user_data(template: Node, view: View) -> Answer:
    said = template.props.text("userData")
    taken: _Interfaces = view.graph.shared(_Interfaces)
    if isinstance(said, Unknown):
        return True if taken.urns.intersection(said.sources) else f"its user data, {view.graph.describe(said)}"
    text = decoded(said.value) if isinstance(said, Known) else ""
    if _SWITCH in text or any(name in text for name in taken.ids):
        return True
    return f"the network interface in its user data, {taken.waits_for}" if text and taken.waits_for else False


class _Interfaces:
    """The interfaces of the program that forward."""

    def __init__(self, graph: Graph) -> None:
        self.urns: set[str] = set()
        self.ids: set[str] = set()
        self.waits_for: str | None = None
        for node in graph.of(kinds.NETWORK_INTERFACE):
            check = or_default(node.props.flag("sourceDestCheck"), True)
            name: Value[Any] = node.props.text("id")
            if isinstance(check, Unknown):
                self.waits_for = f"of which the sourceDestCheck is {graph.describe(check)}"
            elif not check.value:
                self.urns.add(node.urn)
                self.ids |= {name.value} if isinstance(name, Known) else set()


def _unchecked(flag: Value[bool], view: View, node: Node) -> Answer:
    check = or_default(flag, True)
    if isinstance(check, Unknown):
        return f"sourceDestCheck of {node.label}, {view.graph.describe(check)}"
    return not check.value
