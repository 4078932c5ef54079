"""Who calls whom, and rules over it: `uses: {<service>: call}`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from settings.calls import CALL
from settings.errors import Findings, Mistake, Unknown, named, nearest, several, shown
from settings.section import Salvaged
from settings.services import ServiceSettings, WebSettings, WorkerSettings

if TYPE_CHECKING:
    from settings.rules import Stack

Services = Mapping[str, ServiceSettings]

CALLERS = (WebSettings, WorkerSettings)
"""Kinds that ECS keeps running as a service: only these get the proxy that knows the names."""


def called_by(service: ServiceSettings) -> list[str]:
    """The services that one calls, by name."""
    uses: Mapping[str, str] = vars(service).get("uses", {})  # not by attribute: it may be mistaken
    return [name for name, level in uses.items() if level == CALL]


def offered(services: Services) -> set[str]:
    """The services that can be called: who is called, who says how, and who is reached in no other way."""
    called = {name for service in services.values() for name in called_by(service)}
    return {
        name
        for name, service in services.items()
        if isinstance(service, WebSettings) and (name in called or service.called is not None or service.route is None)
    }


def in_order(services: Services) -> list[str]:
    """Names of all services, each after those that it calls, else as written.

    In a circle the one that is written first comes last; whoever of the circle calls it comes before it all the same.
    """
    order: dict[str, None] = {}
    begun: set[str] = set()

    def place(name: str) -> None:
        if name in begun or name not in services:
            return
        begun.add(name)
        for callee in called_by(services[name]):
            place(callee)
        order[name] = None

    for name in services:
        place(name)
    return list(order)


def _call_is_possible(stack: "Stack", caller: str, service: ServiceSettings) -> Findings:
    services: Services = vars(stack.settings).get("services", {})
    for name in called_by(service):
        key = ("services", caller, "uses", name)
        if name == caller:
            yield Mistake(
                key=key,
                problem="is the service itself",
                given=CALL,
                allowed="other services",
                change="take it out; within a container the port is at localhost",
            )
        elif name not in services:
            yield _unknown(key, name, stack, services)
        elif not isinstance(services[name], Salvaged | WebSettings):
            yield _not_by_name(key, services[name], _callable(services, caller))
        if not isinstance(service, (Salvaged, *CALLERS)):
            yield Mistake(
                key=key,
                problem=f"a {service.kind} cannot call by name: only services that ECS keeps running have the proxy"
                " that knows the names",
                given=f"{CALL} (kind: {service.kind})",
                allowed="`call` in services of kind web and worker",
                change="give the service that is to be called a route with internal: true, and call its address",
            )


def _not_by_name(key: tuple[str, ...], called: ServiceSettings, others: list[str]) -> Mistake:
    """What has a route is reached by it; only what has no port at all is out of reach."""
    route = vars(called).get("route")  # not by attribute: not every kind has one, and it may be mistaken
    if route is None:
        problem = "listens on no port that could be called"
        change = "send to its queue instead" if called.kind == "worker" else "take it out"
    else:
        problem = "has no name that could be called: only services that ECS keeps running have one"
        there = "call the address of its internal route" if vars(route).get("internal") else None
        change = f"{there or 'give its route internal: true and call the address of that'}, and take this out"
    return Mistake(
        key=key,
        problem=f"is a {called.kind}, which {problem}",
        given=CALL,
        allowed=several(others) if others else "no service: none is web",
        change=change,
    )


def _unknown(key: tuple[str, ...], name: str, stack: "Stack", services: Services) -> Mistake:
    known = _callable(services, key[1])
    guess = nearest(name, known)
    try:
        store = stack.settings.data.stores.get(name)
    except Unknown:
        store = None
    kind = getattr(type(store), "kind", "store")
    levels = getattr(type(store), "levels", ())
    return Mistake(
        key=key,
        problem="there is no such service in groundwork:services"
        if store is None
        else f"is a {kind}, and only services are called",
        given=f"the name {named(name)}" if store is None else CALL,
        allowed=several(levels) if levels else several(known) if known else "no service: none other is web",
        change=f"did you mean {guess}?"
        if guess and store is None
        else f"write what it needs: {name}: {several(levels)} (docs/services.md, Access)"
        if levels
        else "name a service of kind web, or add this one",
    )


def _callable(services: Services, caller: str) -> list[str]:
    return [name for name, service in services.items() if isinstance(service, WebSettings) and name != caller]


def instead_of_a_store(name: str, level: str, services: Services) -> Mistake | None:
    """What to say when `uses` names a service at a level that only stores have; keys relative to the service."""
    if name not in services:
        return None
    return Mistake(
        key=("uses", name),
        problem="is a service, and services are called",
        given=shown(level),
        allowed=CALL,
        change=f"write {name}: {CALL}",
    )


BETWEEN_SERVICES = (_call_is_possible,)
"""Each takes the stack, the name of a service and the service; keys from `services` on."""
