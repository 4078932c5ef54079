"""Rules over the routes of all services: each load balancer tries its routes in order, and the first that fits wins."""

import re
from collections.abc import Iterable, Mapping
from itertools import product
from typing import TYPE_CHECKING

from settings.errors import Findings, Mistake, shown
from settings.routes import RouteSettings
from settings.section import skipping
from settings.services import ServiceSettings, WebSettings

if TYPE_CHECKING:
    from settings.rules import Stack

MOST = 50000
Routes = Mapping[str, RouteSettings]


def findings(services: Mapping[str, ServiceSettings]) -> Findings:
    """What routes have to say to each other, for each load balancer by itself; keys from `services` on."""
    # Not by attribute: one mistaken value does not hide the others. A function or a fleet may have a route as well.
    routes = {name: route for name, service in services.items() if (route := vars(service).get("route")) is not None}
    for internal in (False, True):
        yield from _among({name: route for name, route in routes.items() if _is_internal(route) == internal})


def _is_internal(route: RouteSettings) -> bool:
    return bool(vars(route).get("internal", False))


def _among(routes: Routes) -> Findings:
    priorities: dict[int, str] = {}
    places: dict[tuple[str | None, str], str] = {}
    for name, route in routes.items():
        known = vars(route)
        if "priority" in known and (other := priorities.setdefault(known["priority"], name)) != name:
            yield _same_priority(name, other, known["priority"], routes)
        if {"host", "path"} <= known.keys() and (
            other := places.setdefault((known["host"], known["path"]), name)
        ) != name:
            yield _same_place(name, other, known["host"], known["path"])
    for name, other in product(routes, routes):
        yield from skipping(_is_reached, name, routes[name], other, routes[other], routes)


def _is_reached(name: str, route: RouteSettings, other: str, earlier: RouteSettings, routes: Routes) -> Findings:
    """One that covers another and comes before it hides it. A swap is no cure: Pulumi changes both rules side by side,
    and the load balancer refuses a priority that the other one still has."""
    if earlier.priority >= route.priority or (earlier.host, earlier.path) == (route.host, route.path):
        return
    if _covers_host(earlier.host, route.host) and _covers(earlier.path, route.path):
        place = earlier.path + (f" of {earlier.host}" if earlier.host else "")
        yield Mistake(
            key=("services", name, "route", "priority"),
            problem=f"no request ever gets here: groundwork:services.{other}.route ({place}) comes first"
            " and takes them all",
            given=f"{route.priority} (priority of {other}: {earlier.priority})",
            allowed=f"1 to {earlier.priority - 1}" if earlier.priority > 1 else f"none, as long as {other} has 1",
            change=f"{_out_of_the_way(name, route, other, earlier, routes)}; two routes that are deployed do not swap"
            " in one update (docs/services.md, Routes)",
        )


def _out_of_the_way(name: str, route: RouteSettings, other: str, earlier: RouteSettings, routes: Routes) -> str:
    """A number that nobody has, for the one or for the other."""
    below = _free(range(earlier.priority - 1, 0, -1), routes)
    if below is not None:
        return f"give {name} a lower number than {other} that is free, for example {below}"
    above = _free(range(route.priority + 1, MOST + 1), routes)
    said = f", for example {above}" if above is not None else ""
    return f"give {other} a higher number than {name} that is free{said}"


def _free(numbers: Iterable[int], routes: Routes) -> int | None:
    used = {vars(route).get("priority") for route in routes.values()}
    return next((number for number in numbers if number not in used), None)


def _covers_host(wide: str | None, narrow: str | None) -> bool:
    return wide is None or (narrow is not None and _covers(wide, narrow))


def _covers(wide: str, narrow: str) -> bool:
    """Whether every text that fits `narrow` fits `wide`; a pattern is its own best example, if `?` may not stand for
    its `*`."""
    pattern = "".join({"*": ".*", "?": "[^*]"}.get(character, re.escape(character)) for character in wide)
    return re.fullmatch(pattern, narrow) is not None


def _same_priority(name: str, other: str, priority: int, routes: Routes) -> Mistake:
    free = _free([*range(priority + 1, MOST + 1), *range(1, priority)], routes)
    return Mistake(
        key=("services", name, "route", "priority"),
        problem=f"is the priority of groundwork:services.{other}.route as well",
        given=f"{priority}",
        allowed=f"1 to {MOST}, each number once (lowest first)",
        change=f"give whichever of {other} and {name} is new a free one, for example {free}: a priority that is"
        " deployed cannot be handed over in one update (docs/services.md, Routes)",
    )


def _same_place(name: str, other: str, host: str | None, path: str) -> Mistake:
    return Mistake(
        key=("services", name, "route", "path"),
        problem=f"groundwork:services.{other}.route has the same path{' and host' if host else ''}",
        given=shown(path) + (f" (host: {host})" if host else ""),
        allowed="a path of its own for each service",
        change="give one of the two another path, or a host",
    )


def _protocol_is_spoken(stack: "Stack", service: ServiceSettings) -> Findings:
    """HTTP/2 and gRPC reach targets only from an HTTPS listener (load balancer guide), gRPC only over HTTP/2."""
    if not isinstance(service, WebSettings) or service.route is None or service.protocol in {None, "http1"}:
        return
    edge = stack.settings.edge
    if edge.domain is None:
        yield Mistake(
            key=("protocol",),
            problem=f"{service.protocol} passes a load balancer only in HTTPS, and without a domain there is none",
            given=f"{service.protocol} (groundwork:edge.domain: null)",
            allowed="http1, as long as groundwork:edge.domain is null",
            change="give groundwork:edge.domain and zoneId, or set protocol to http1",
        )
    if service.protocol == "grpc" and edge.http is not None and not edge.http.http2:
        yield Mistake(
            key=("protocol",),
            problem="gRPC is spoken over HTTP/2, which the load balancer is told to refuse",
            given="grpc (groundwork:edge.http.http2: false)",
            allowed="http1, as long as groundwork:edge.http.http2 is false",
            change="take groundwork:edge.http.http2 out",
        )


def _internal_route_has_its_balancer(stack: "Stack", service: ServiceSettings) -> Findings:
    route = vars(service).get("route")
    if route is None or not _is_internal(route) or stack.settings.edge.existing is None:
        return
    yield Mistake(
        key=("route", "internal"),
        problem="needs an internal load balancer, and beside an existing one none is made: there is no zone in which"
        " its certificate could be proved",
        given="true (groundwork:edge.existing: given)",
        allowed="false, as long as groundwork:edge.existing is given",
        change="take internal out; services call each other with `uses: {<name>: call}`",
    )


OF_A_SERVICE = (_protocol_is_spoken, _internal_route_has_its_balancer)
"""Each takes the stack and one service, keys are relative to the service."""
