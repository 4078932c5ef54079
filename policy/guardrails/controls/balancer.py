"""What the world speaks with a load balancer."""

from __future__ import annotations

from collections.abc import Iterable

from guardrails import kinds
from guardrails.graph import Node
from guardrails.joins import LISTENER
from guardrails.listeners import only_redirects, speaks_http
from guardrails.reading import Known, Unknown
from guardrails.verdicts import BASELINE, HOLDS, Control, Family, Finding, Scope, Severity, View, breaks, waits


def _lb_https_only(node: Node, view: View) -> Iterable[Finding]:
    if node.kind == kinds.CLASSIC_LOAD_BALANCER:
        yield from _classic(node, view)
        return
    if node.kind == kinds.LISTENER:
        http = speaks_http(node, view)
        path: tuple[str, ...] = (node.label,)
        actions = node.props.items("defaultActions")
    else:
        listener = view.graph.link(node.props.text("listenerArn"), LISTENER)
        path = (*(found.label for found in listener.sure), node.label)
        found = listener.one
        http = speaks_http(found, view) if found is not None else f"the listener of {node.label}: {listener.missing}"
        actions = node.props.items("actions")
    if http is False:
        yield HOLDS
        return
    redirects = only_redirects(actions)
    if redirects is True:
        yield HOLDS
    elif isinstance(http, str):
        yield waits(http, *path)
    elif redirects is None:
        yield waits("what its actions do", *path)
    else:
        yield breaks("plain HTTP is answered instead of being redirected to HTTPS", *path)


def _classic(node: Node, view: View) -> Iterable[Finding]:
    """A classic load balancer has its listeners inside, and none of them can redirect."""
    listeners = node.props.items("listeners")
    blocks = list(listeners.value.records()) if isinstance(listeners, Known) else []
    protocols = [block.value.text("lbProtocol") for block in blocks if isinstance(block, Known)]
    unknown = [value for value in (listeners, *blocks, *protocols) if isinstance(value, Unknown)]
    if any(isinstance(protocol, Known) and protocol.value.upper() == "HTTP" for protocol in protocols):
        fix = 'set lb_protocol="https" with ssl_certificate_id, or use lb.LoadBalancer, which can redirect'
        yield breaks("plain HTTP is answered, and a classic load balancer cannot redirect", node.label, fix=fix)
    elif unknown:
        yield waits(f"the protocols of its listeners, {view.graph.describe(unknown[0])}", node.label)
    else:
        yield HOLDS


CONTROLS = (
    Control(
        id="lb-https-only",
        title="HTTP listeners and their rules do nothing but redirect to HTTPS",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=(kinds.LISTENER, kinds.LISTENER_RULE, kinds.CLASSIC_LOAD_BALANCER),
        references=("ELB.1", "ELB.3", "ELB.18", "CKV_AWS_2", "CKV2_AWS_20", "CKV_AWS_103"),
        why="Sessions and passwords over HTTP can be read and changed by anybody on the way.",
        fix='default_actions=[{type: "redirect", redirect: {protocol: "HTTPS", port: "443", status_code: "HTTP_301"}}]',
        judge=_lb_https_only,
        own_packs=(BASELINE,),
    ),
)
FAMILY = Family("lb", "Load balancers and web firewalls", CONTROLS)
