"""What network ACLs let in."""

from __future__ import annotations

from collections.abc import Iterable

from guardrails import kinds
from guardrails.acls import INLINE, Acls, exposure
from guardrails.firewall import Probe
from guardrails.graph import Node
from guardrails.parameters import PUBLIC_COVERAGE
from guardrails.verdicts import HOLDS, Control, Finding, Scope, Severity, View, breaks, waits

_ADMIN = (Probe("tcp", 22), Probe("tcp", 3389), Probe("udp", 3389))
"""SSH and RDP."""


def _nacl_no_public_admin_port(node: Node, view: View) -> Iterable[Finding]:
    acls: Acls = view.graph.shared(Acls)
    entries = acls.entries(node)
    world = view.config[PUBLIC_COVERAGE]
    open_ports: list[str] = []
    doubts: list[str] = []
    for probe in _ADMIN:
        sure = exposure(entries, probe, sure=True)
        mine = sure.by.get(node.urn, 0.0)
        if sure.share >= world and (mine >= world or (mine and max(sure.by.values()) < world)):
            open_ports.append(str(probe))
        elif sure.share < world:
            possible = exposure(entries, probe, sure=False)
            if possible.share >= world and possible.by.get(node.urn, 0.0):
                doubts.append(str(probe))
    if open_ports:
        yield breaks(f"administration is open to the world: {', '.join(open_ports)}", node.label)
    elif doubts:
        yield waits(f"whether its entries, in their order, let the world in: {', '.join(doubts)}", node.label)
    else:
        yield HOLDS


CONTROLS: tuple[Control, ...] = (
    Control(
        id="nacl-no-public-admin-port",
        title="No network ACL lets the world in on the ports of SSH and RDP",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=(*INLINE, kinds.NETWORK_ACL_RULE),
        references=("EC2.21", "CIS 5.2", "CKV_AWS_231", "CKV_AWS_232", "CKV_AWS_352"),
        why="The ACL is what is left when somebody opens a security group; ranges for answers often hold 3389.",
        fix="narrow cidr_block, or deny 22 and 3389 from 0.0.0.0/0 and ::/0 with a lower rule_number",
        judge=_nacl_no_public_admin_port,
        parameters=(PUBLIC_COVERAGE,),
    ),
)
