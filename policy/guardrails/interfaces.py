"""Which machine a network interface belongs to, in all the ways in which a program says so."""

from __future__ import annotations

from . import kinds
from .checks import leaves
from .forwarding import Answer, forwards, interface_forwards, template_forwards
from .graph import Graph, Members, Node, Reference
from .joins import NETWORK_INTERFACE
from .reading import Value
from .verdicts import View

MACHINE = Reference(dict.fromkeys((kinds.INSTANCE, kinds.SPOT_INSTANCE), ("id", "spotInstanceId")))
_NAMED = Reference(
    {
        kinds.NETWORK_INTERFACE: ("id", "arn"),
        **dict.fromkeys((kinds.INSTANCE, kinds.SPOT_INSTANCE), ("primaryNetworkInterfaceId",)),
        kinds.NAT_GATEWAY: ("networkInterfaceId",),
    },
    through={kinds.NETWORK_INTERFACE_ATTACHMENT: "networkInterfaceId"},
)
_TAKEN = ("networkInterfaces[].networkInterfaceId", "primaryNetworkInterface.networkInterfaceId")


def reached(value: Value[str], view: View, near: Node, key: str) -> tuple[Answer, tuple[Node, ...]]:
    """Whether the interface that a value names is a machine's that forwards nothing, or what that waits for; and the
    path to it. One that nothing in the program attaches may be taken by a machine when that starts: not known."""
    named = view.graph.link(value, _NAMED, near, key)
    if named.one is None:
        return f"whether it is a machine's that forwards nothing: {named.missing}", ()
    return _of(named.one, view)


def _of(node: Node, view: View) -> tuple[Answer, tuple[Node, ...]]:
    if node.kind == kinds.NAT_GATEWAY:
        return False, (node,)
    machines: tuple[Node, ...] = (node,)
    checks: list[Answer] = []
    if node.kind == kinds.NETWORK_INTERFACE:
        taken: _Taken = view.graph.shared(_Taken)
        machines, checks = taken.by.get(node.urn, ()), [interface_forwards(node, view)]
    if True in checks:
        return False, (node,)
    if not machines:
        return f"which machine takes {node.label}, if any", (node,)
    checks += [_forwards(machine, view) for machine in machines]
    doubt = next((check for check in checks if isinstance(check, str)), None)
    path = (node, *(machine for machine in machines if machine is not node))
    if doubt is not None:
        return f"whether it is a machine's that forwards nothing: {doubt}", path
    return True not in checks, path


def _forwards(machine: Node, view: View) -> Answer:
    return template_forwards(machine, view) if machine.kind == kinds.LAUNCH_TEMPLATE else forwards(machine, view)


class _Taken:
    """The machines, and templates of such, that have an interface of the program, by its URN."""

    def __init__(self, graph: Graph) -> None:
        self.by: dict[str, tuple[Node, ...]] = {}
        for machine in graph.of(kinds.INSTANCE, kinds.SPOT_INSTANCE, kinds.LAUNCH_TEMPLATE):
            for path in _TAKEN:
                for value in leaves(machine.props, path, "text", computed=True):
                    self._note(graph.link(value, NETWORK_INTERFACE), Members(sure=(machine,)))
        for node in graph.of(kinds.NETWORK_INTERFACE_ATTACHMENT):
            interface = graph.link(node.props.text("networkInterfaceId"), NETWORK_INTERFACE, node, "networkInterfaceId")
            self._note(interface, graph.link(node.props.text("instanceId"), MACHINE, node, "instanceId"))
        for node in graph.of(kinds.NETWORK_INTERFACE):
            for value in leaves(node.props, "attachments[].instance", "text", computed=True):
                self._note(Members(sure=(node,)), graph.link(value, MACHINE))

    def _note(self, interfaces: Members, machines: Members) -> None:
        for interface in interfaces.sure:
            known = self.by.get(interface.urn, ())
            self.by[interface.urn] = (*known, *(machine for machine in machines.sure if machine not in known))
