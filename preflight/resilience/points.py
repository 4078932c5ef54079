"""Single points of failure: what exists once and is needed, and what a second one costs a month."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from preflight.reach import Surroundings
from preflight.reach.graph import Graph, Node, maps
from preflight.reach.routes import ENDPOINT, INSTANCE, NAT, SUBNETS
from preflight.reach.services import CONFIGURATION, ECS, FLEET, TASK, TEMPLATE, Service
from preflight.reach.store_kinds import CACHE, CLUSTER, DATABASE
from preflight.resilience.parts import CACHE_GROUP, CLUSTER_INSTANCE, Part

Rated = Callable[[Sequence[Mapping[str, Any]]], dict[str, Any]]
_MADE_FROM = frozenset({CLUSTER, DATABASE, TASK, TEMPLATE, CONFIGURATION, *SUBNETS})
_EIP = "aws:ec2/eip:Eip"
_TARGET, _ACTION = "aws:appautoscaling/target:Target", "aws:appautoscaling/scheduledAction:ScheduledAction"
_SCHEDULE = "aws:autoscaling/schedule:Schedule"
_TEMPLATES = ("launchTemplate", "mixedInstancesPolicy")  # of a group: where it may name one


class Gateway(NamedTuple):
    """A NAT gateway or instance, where it stands, and which subnets of which services get out by it."""

    node: Node
    what: str
    zone: str | None
    services: tuple[tuple[Service, tuple[str, ...], tuple[str, ...]], ...]  # subnets that lose it, their zones

    @property
    def zones(self) -> set[str]:
        """The zones that it serves."""
        return {zone for _, _, zones in self.services for zone in zones}


def gateways(around: Surroundings) -> list[Gateway]:
    """Every NAT that a service gets out by, by URN."""
    found: dict[str, list[tuple[Service, tuple[str, ...], tuple[str, ...]]]] = {}
    nodes: dict[str, tuple[Node, str]] = {}
    zone_of = {subnet.name: around.network.zone(subnet) for each in around.services for subnet in each.subnets}
    for service in around.services:
        for what, node, subnets in around.ways.internet(service).ways:
            if node is not None and what in {"NAT gateway", "NAT instance"}:
                nodes[node.urn] = node, what
                zones = tuple(sorted({zone for name in subnets if (zone := zone_of[name])}))
                found.setdefault(node.urn, []).append((service, subnets, zones))
    return [
        Gateway(node, what, _stands(around, node), tuple(found[urn])) for urn, (node, what) in sorted(nodes.items())
    ]


def _stands(around: Surroundings, node: Node) -> str | None:
    subnet = around.graph.link(node, "subnetId", "aws:ec2/subnet:Subnet", "aws:ec2/defaultSubnet:DefaultSubnet").one
    return around.network.zone(subnet) if subnet else node.given("availabilityZone")


def members(graph: Graph, nat: Node) -> list[Node]:
    """A NAT gateway with its address; of a NAT instance, whatever makes it."""
    found = [nat, *graph.link(nat, "allocationId", _EIP).nodes]
    found += graph.owned(nat, _EIP, "networkInterface") + graph.owned(nat, _EIP, "instance")
    if nat.kind not in {NAT, INSTANCE}:
        for template in graph.all(TEMPLATE):
            if nat.urn in template.edges.get("networkInterfaces", ()):
                found += [
                    fleet
                    for fleet in graph.all(FLEET)
                    if any(template.urn in fleet.edges.get(key, ()) for key in _TEMPLATES)
                ]
        found += [one for one in graph.all(INSTANCE) if nat.urn in one.edges.get("networkInterfaces", ())]
    return list(dict.fromkeys(found))


class Points:
    """What exists once, with the price of a second one. `rated` None: nothing is priced."""

    def __init__(
        self, around: Surroundings, parts: Sequence[Part], nats: Sequence[Gateway], rated: Rated | None
    ) -> None:
        self._around, self._graph = around, around.graph
        self._parts, self._nats, self._rated = parts, nats, rated

    def all(self) -> list[dict[str, Any]]:
        """All of them, by URN."""
        found = [*self._of_nats(), *self._of_parts(), *self._of_endpoints()]
        return sorted(found, key=lambda point: point["urn"])

    def _of_nats(self) -> Iterator[dict[str, Any]]:
        for nat in self._nats:
            if nat.node.inputs.get("availabilityMode") == "regional" or len(nat.zones) < 2:
                continue
            names = sorted(service.node.name for service, *_ in nat.services)
            do = "does" if len(names) == 1 else "do"
            extra = members(self._graph, nat.node)
            copies = [self._copy(node, number) for number in range(1, len(nat.zones)) for node in extra]
            more = len(nat.zones) - 1
            yield self._point(
                nat.node,
                f"{nat.what}: without it {', '.join(names)} {do} not get out of {len(nat.zones)} zones",
                f"{more} more {nat.what}{'s' if more > 1 else ''}, one in each zone",
                extra,
                [*extra, *copies],
                kind=nat.what,
            )

    def _of_parts(self) -> Iterator[dict[str, Any]]:
        routed = {nat.node.urn for nat in self._nats} | {
            member.urn for nat in self._nats for member in members(self._graph, nat.node)
        }
        for part in self._parts:
            if part.node.urn in routed:
                continue
            if part.number == 1 and not part.standby and part.what != "load balancer":
                yield self._second(part)
            elif part.zones is not None and len(part.zones) == 1 and part.number != 0:
                what = f"{part.what} in one zone, {part.zones[0]}"
                yield self._point(part.node, what, "a subnet in a second zone", [], None)

    def _second(self, part: Part) -> dict[str, Any]:
        """What there is one of, with the price of another."""
        node, kind = part.node, part.node.kind
        if kind == ECS:
            return self._point(node, "ECS service of one task", "a second task", [], self._one_task(node))
        if kind in {INSTANCE, FLEET}:
            what, one = ("group of one instance", self._one_member(node)) if kind == FLEET else ("instance", [node])
            return self._point(node, what, "a second instance", [], one)
        if kind == DATABASE:
            wider = self._with(node, multiAz=True)
            return self._point(node, "database without a standby", "a standby in another zone", [node], [wider])
        if kind == CLUSTER:
            one = self._graph.owned(node, CLUSTER_INSTANCE, "clusterIdentifier")
            more = [self._copy(each, 1) for each in one]
            return self._point(node, "database cluster of one instance", "a second instance", one, [*one, *more])
        if kind in {CACHE_GROUP, CACHE}:
            key = "numCacheClusters" if kind == CACHE_GROUP else "numCacheNodes"
            wider = self._with(node, **{key: 2})
            return self._point(node, "cache of one node", "a second node, with failover", [node], [wider])
        return self._point(node, f"{part.what} in one zone", "one in several zones", [], None)

    def _one_task(self, service: Node) -> list[dict[str, Any]]:
        """The service with one task whenever its schedules leave it any."""
        found = [self._with(service, desiredCount=1)]
        for target in self._graph.all(_TARGET):
            if service.urn not in target.edges.get("resourceId", ()):
                continue
            found.append(self._with(target, minCapacity=1, maxCapacity=1))
            for action in self._graph.all(_ACTION):
                if action.inputs.get("resourceId") == target.inputs.get("resourceId"):
                    bounds = next(maps(action.inputs.get("scalableTargetAction")), {})
                    one = _at_most_one(bounds, "minCapacity", "maxCapacity")
                    found.append(self._with(action, scalableTargetAction=one))
        return found

    def _one_member(self, group: Node) -> list[dict[str, Any]]:
        """The group with one instance whenever its schedules leave it any."""
        schedules = self._graph.owned(group, _SCHEDULE, "autoscalingGroupName")
        one = [self._with(each, **_at_most_one(each.inputs, "minSize", "maxSize")) for each in schedules]
        return [self._with(group, minSize=1, maxSize=1, desiredCapacity=1), *one]

    def _of_endpoints(self) -> Iterator[dict[str, Any]]:
        zones = {part.zones for part in self._parts if part.zones}
        most = max((len(each) for each in zones), default=0)
        for node in self._graph.all(ENDPOINT):
            subnets = self._around.network.endpoint_subnets(node)
            if node.inputs.get("vpcEndpointType") == "Interface" and len(subnets) == 1 and most > 1:
                wider = self._with(node, subnetIds=["a", "b"])
                yield self._point(node, "interface endpoint in one zone", "one more zone", [node], [wider])

    def _point(
        self,
        node: Node,
        what: str,
        how: str,
        before: Sequence[Node],
        after: Sequence[Node | Mapping[str, Any]] | None,
        *,
        kind: str | None = None,
    ) -> dict[str, Any]:
        """`kind` is what it is, whoever needs it, where `what` says who does."""
        usd, why = self._price(before, after) if after is not None else (None, "not priced")
        return {"urn": node.urn, "kind": kind or what, "what": what, "removal": how, "usd": usd, "why": why}

    def _price(
        self, before: Sequence[Node], after: Sequence[Node | Mapping[str, Any]]
    ) -> tuple[str | None, str | None]:
        """What it costs more a month, by the expected profile; None and the reason where that is not known."""
        if self._rated is None:
            return None, "not priced"
        old = self._sum([node.entry for node in before])
        new = self._sum([each.entry if isinstance(each, Node) else each for each in after])
        if isinstance(new, str) or isinstance(old, str):
            return None, f"not priced: {new if isinstance(new, str) else old}"
        return str(new - old), None

    def _sum(self, entries: Sequence[Mapping[str, Any]]) -> Decimal | str:
        """Of these with what they are made from (the same before and after); a text says what of these has no price."""
        assert self._rated is not None
        urns = {entry["urn"] for entry in entries}
        behind = {
            urn: None
            for each in entries
            for found in (each.get("propertyDependencies") or {}).values()
            for urn in found
        }
        nodes = [
            node for urn in behind if urn not in urns and (node := self._graph.at(urn)) and node.kind in _MADE_FROM
        ]
        cost = self._rated([*entries, *(node.entry for node in nodes)])
        missing = [each["why"] for each in cost["unpriced"] if each["urn"] in urns]
        if missing:
            return str(missing[0])
        return Decimal(cost["total"]["expected"])

    def _with(self, node: Node, **inputs: Any) -> dict[str, Any]:
        return {**node.entry, "inputs": {**node.inputs, **inputs}}

    def _copy(self, node: Node, number: int) -> dict[str, Any]:
        return {**node.entry, "urn": f"{node.urn}#{number}"}


def _at_most_one(given: Mapping[str, Any], least: str, most: str) -> dict[str, Any]:
    """Bounds of a schedule for one alone: there while the least is above zero, else not; -1 keeps what was."""
    number = given.get(least)
    if not isinstance(number, int | float | str) or float(number) < 0:
        return {**{key: value for key, value in given.items() if key in (least, most)}}
    return {**given, least: min(1, int(float(number))), most: min(1, int(float(number)))}
