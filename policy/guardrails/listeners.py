"""Listeners of load balancers and their rules: what they speak, and whether they only redirect."""

from __future__ import annotations

from .graph import Node
from .joins import BALANCER, LISTENER
from .reading import Absent, Items, Known, Record, Unknown, Value, or_default
from .verdicts import View


def balancer_of(listener: Node, view: View) -> Node | str:
    """The load balancer of a listener, or what that waits for."""
    found = view.graph.link(listener.props.text("loadBalancerArn"), BALANCER)
    return found.one if found.one is not None else f"the load balancer of {listener.label}: {found.missing}"


def listener_of(rule: Node, view: View) -> Node | str:
    """The listener of a rule, or what that waits for."""
    found = view.graph.link(rule.props.text("listenerArn"), LISTENER)
    return found.one if found.one is not None else f"the listener of {rule.label}: {found.missing}"


def speaks_http(listener: Node, view: View) -> bool | str:
    """Whether it is plain HTTP, or what that waits for. Without a protocol, the provider takes HTTP for an ALB."""
    protocol = listener.props.text("protocol")
    if isinstance(protocol, Unknown):
        return f"the protocol of {listener.label}"
    if not isinstance(protocol, Absent):
        return protocol.value.upper() == "HTTP"
    balancer = balancer_of(listener, view)
    if isinstance(balancer, str):
        return f"the kind of load balancer behind {listener.label}, which sets no protocol"
    kind = or_default(balancer.props.text("loadBalancerType"), "application")
    return kind.value == "application" if isinstance(kind, Known) else f"the kind of {balancer.label}"


def only_redirects(actions: Value[Items]) -> bool | None:
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
