"""Single points of failure: what exists once and is needed, and what a second one costs a month."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from preflight.reach import Surroundings
from preflight.reach.graph import Graph, Node, maps
from preflight.reach.routes import ENDPOINT, INSTANCE, NAT, SUBNETS
from preflight.reach.services import CONFIGURATION, ECS, FLEET, TASK, TEMPLATE, Service, not_read
from preflight.reach.store_kinds import CACHE, CLUSTER, DATABASE
from preflight.resilience.parts import CACHE_GROUP, CLUSTER_INSTANCE, NODES, Part

# What makes one of a kind two: what there is, what is added, and the inputs that ask for it.
_WIDER: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    DATABASE: ("database without a standby", "a standby in another zone", {"multiAz": True}),
    CACHE_GROUP: ("cache of one node", "a second node, with failover", {"numCacheClusters": 2}),
    CACHE: ("cache of one node", "a second node", {"numCacheNodes": 2}),
}
# A cache group of shards: its nodes follow from the replicas of each, whatever `numCacheClusters` says.
_SHARDS: tuple[str, str, Mapping[str, Any]] = (
    "cache without replicas", "a replica of each shard, with failover", {"replicasPerNodeGroup": 1}
)  # fmt: skip
Rated = Callable[[Sequence[Mapping[str, Any]]], dict[str, Any]]
_MADE_FROM = frozenset({CLUSTER, DATABASE, TASK, TEMPLATE, CONFIGURATION, *SUBNETS})
_EIP = "aws:ec2/eip:Eip"
_TARGET, _ACTION = "aws:appautoscaling/target:Target", "aws:appautoscaling/scheduledAction:ScheduledAction"
_SCHEDULE = "aws:autoscaling/schedule:Schedule"
_TEMPLATES = ("launchTemplate", "mixedInstancesPolicy")  # of a group: where it may name one


class Unread(NamedTuple):
    """What runs code and is not read as a service, such as nodes of Kubernetes, with the subnets that it names."""

    node: Node
    subnets: tuple[Node, ...]


class Gateway(NamedTuple):
    """A NAT gateway or instance, where it stands, and which subnets of which services get out by it."""

    node: Node
    what: str
    zone: str | None
    services: tuple[tuple[Service | Unread, tuple[str, ...], tuple[str, ...]], ...]  # subnets that lose it, their zones

    @property
    def zones(self) -> set[str]:
        """The zones that it serves."""
        return {zone for _, _, zones in self.services for zone in zones}


def gateways(around: Surroundings) -> list[Gateway]:
    """Every NAT that a service gets out by, by URN."""
    found: dict[str, list[tuple[Service | Unread, tuple[str, ...], tuple[str, ...]]]] = {}
    nodes: dict[str, tuple[Node, str]] = {}
    used: list[tuple[Service | Unread, str, Node | None, tuple[str, ...]]] = [
        (each, *way) for each in around.services for way in around.ways.internet(each).ways
    ]
    used += _unread(around)
    for user, what, node, subnets in used:
        if node is not None and what in {"NAT gateway", "NAT instance"}:
            nodes[node.urn] = node, what
            zone_of = {subnet.name: around.network.zone(subnet) for subnet in user.subnets}
            zones = tuple(sorted({zone for name in subnets if (zone := zone_of[name])}))
            found.setdefault(node.urn, []).append((user, subnets, zones))
    return [
        Gateway(node, what, _stands(around, node), tuple(found[urn])) for urn, (node, what) in sorted(nodes.items())
    ]


def _unread(around: Surroundings) -> Iterator[tuple[Unread, str, Node, tuple[str, ...]]]:
    """By which gateways what is not read would get out of the subnets that it names."""
    graph = around.graph
    for urn in not_read(graph):
        node = graph.at(urn)
        urns = {each for behind in node.edges.values() for each in behind} if node else set()
        subnets = tuple(each for each in graph.all(*SUBNETS) if each.urn in urns)
        by: dict[str, tuple[str, Node, list[str]]] = {}
        for subnet in subnets:
            for way in around.network.ways(subnet):
                if way.node is not None:
                    by.setdefault(way.node.urn, (way.what, way.node, []))[2].append(subnet.name)
        for what, gateway, names in by.values():
            assert node is not None
            yield Unread(node, subnets), what, gateway, tuple(dict.fromkeys(names))


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
        self._running = {part.node.urn: part for part in parts if part.number != 0}
        self._shared: dict[int, tuple[int, set[str] | None]] = {}

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
            alone = part.number == 1 and not part.standby and self._serving(part.alike)[0] < 2
            if alone and part.what != "load balancer":
                yield self._second(part)
            elif len(self._zones(part)) == 1 and part.number != 0:
                what = f"{part.what} in one zone, {self._zones(part).pop()}"
                instances = self._graph.owned(part.node, CLUSTER_INSTANCE, "clusterIdentifier")
                pinned = any("availabilityZone" in each.inputs for each in instances)
                how = "one of its instances in a second zone" if pinned else "a subnet in a second zone"
                yield self._point(part.node, what, how, [], None)

    def _zones(self, part: Part) -> set[str]:
        """Its zones and those of what gets the same requests; nothing where one is not known."""
        _, zones = self._serving(part.alike)
        return set() if zones is None or not part.zones else {*part.zones, *zones}

    def _serving(self, alike: tuple[Node, ...]) -> tuple[int, set[str] | None]:
        """How many of these run, and in which zones (None where one is not known); once for all that share them."""
        if id(alike) not in self._shared:
            found = [each.zones for node in alike if (each := self._running.get(node.urn))]
            zones = {zone for zones in found for zone in zones or ()} if all(found) else None
            self._shared[id(alike)] = len(found), zones
        return self._shared[id(alike)]

    def _second(self, part: Part) -> dict[str, Any]:
        """What there is one of, with the price of another."""
        node, kind = part.node, part.node.kind
        if kind == ECS:
            return self._point(node, "ECS service of one task", "a second task", [], self._one_task(node))
        if kind in {INSTANCE, FLEET}:
            what, one = ("group of one instance", self._one_member(node)) if kind == FLEET else ("instance", [node])
            return self._point(node, what, "a second instance", [], one)
        if kind == CLUSTER:
            one = self._graph.owned(node, CLUSTER_INSTANCE, "clusterIdentifier")
            more = [self._copy(each, 1) for each in one]
            return self._point(node, "database cluster of one instance", "a second instance", one, [*one, *more])
        if kind in _WIDER:
            sharded = kind == CACHE_GROUP and any(
                key in node.inputs for key in ("numNodeGroups", "replicasPerNodeGroup")
            )
            what, how, inputs = _SHARDS if sharded else _WIDER[kind]
            return self._point(node, what, how, [node], [self._with(node, **inputs)])
        if kind == NODES:
            return self._second_node(node)
        return self._point(node, f"{part.what} in one zone", "one in several zones", [], None)

    def _second_node(self, node: Node) -> dict[str, Any]:
        sizes = next(maps(node.inputs.get("scalingConfig")), {})
        first, second = (
            self._with(node, scalingConfig={**sizes, "minSize": number, "desiredSize": number}) for number in (1, 2)
        )
        return self._point(node, "node group of one node", "a second node", [first], [second])

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
        before: Sequence[Node | Mapping[str, Any]],
        after: Sequence[Node | Mapping[str, Any]] | None,
        *,
        kind: str | None = None,
    ) -> dict[str, Any]:
        """`kind` is what it is, whoever needs it, where `what` says who does."""
        usd, why = self._price(before, after) if after is not None else (None, "not priced")
        return {"urn": node.urn, "kind": kind or what, "what": what, "removal": how, "usd": usd, "why": why}

    def _price(
        self, before: Sequence[Node | Mapping[str, Any]], after: Sequence[Node | Mapping[str, Any]]
    ) -> tuple[str | None, str | None]:
        """What it costs more a month, by the expected profile; None and the reason where that is not known."""
        if self._rated is None:
            return None, "not priced"
        old, new = (
            self._sum([each.entry if isinstance(each, Node) else each for each in found]) for found in (before, after)
        )
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
