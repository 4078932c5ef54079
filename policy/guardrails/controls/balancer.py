"""What the world speaks with a load balancer."""

from __future__ import annotations

from collections.abc import Iterable

from guardrails import kinds
from guardrails.graph import Node, Reference
from guardrails.reading import Absent, Items, Known, Record, Unknown, Value, or_default, unset_if_computed
from guardrails.verdicts import HOLDS, Control, Finding, Scope, Severity, View, breaks, waits

_BALANCER = Reference({kinds.LOAD_BALANCER: ("arn", "id")})
_LISTENER = Reference({kinds.LISTENER: ("arn", "id")}, through={kinds.LISTENER_RULE: "listenerArn"})


def _lb_https_only(node: Node, view: View) -> Iterable[Finding]:
    if node.kind == kinds.CLASSIC_LOAD_BALANCER:
        yield from _classic(node, view)
        return
    if node.kind == kinds.LISTENER:
        http = _speaks_http(node, view)
        path: tuple[str, ...] = (node.label,)
        actions = node.props.items("defaultActions")
    else:
        listener = view.graph.link(node.props.text("listenerArn"), _LISTENER)
        path = (*(found.label for found in listener.sure), node.label)
        found = listener.one
        http = _speaks_http(found, view) if found is not None else f"the listener of {node.label}: {listener.missing}"
        actions = node.props.items("actions")
    if http is False:
        yield HOLDS
        return
    redirects = _only_redirects(actions)
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


def _speaks_http(listener: Node, view: View) -> bool | str:
    """Whether it is plain HTTP, or what that waits for. Without a protocol, the provider takes HTTP for an ALB."""
    protocol = unset_if_computed(listener.props.text("protocol"))
    if isinstance(protocol, Unknown):
        return f"the protocol of {listener.label}"
    if not isinstance(protocol, Absent):
        return protocol.value.upper() == "HTTP"
    balancer = view.graph.link(listener.props.text("loadBalancerArn"), _BALANCER)
    if balancer.one is None:
        return f"the kind of load balancer behind {listener.label}, which sets no protocol"
    kind = or_default(balancer.one.props.text("loadBalancerType"), "application")
    return kind.value == "application" if isinstance(kind, Known) else f"the kind of {balancer.one.label}"


def _only_redirects(actions: Value[Items]) -> bool | None:
    """Whether every action redirects to HTTPS; None when an unknown one decides."""
    if isinstance(actions, Absent):
        return False
    if isinstance(actions, Unknown):
        return None
    answers = [_redirects(action.value) if isinstance(action, Known) else None for action in actions.value.records()]
    return False if False in answers or not answers else None if None in answers else True


def _redirects(action: Record) -> bool | None:
    kind, redirect = action.text("type"), action.record("redirect")
    if isinstance(kind, Unknown) or isinstance(redirect, Unknown):
        return None
    if isinstance(kind, Absent) or kind.value.lower() != "redirect" or isinstance(redirect, Absent):
        return False
    target = or_default(redirect.value.text("protocol"), "#{protocol}")
    return target.value.upper() == "HTTPS" if isinstance(target, Known) else None


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
    ),
)
