"""What is drawn of a stack: entry points, gateways, services and stores, with the few words that stand on each."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from preflight.picture import badges
from preflight.reach import Surroundings
from preflight.reach.balancers import CLASSIC
from preflight.reach.graph import Node
from preflight.reach.routes import SUBNETS
from preflight.reach.services import ECS, FLEET, FUNCTION, SCHEDULE, Service
from preflight.reach.store_kinds import CLUSTER
from preflight.reach.stores import Store
from preflight.resilience.parts import CLUSTER_INSTANCE, NODES
from preflight.resilience.points import members

# Where a thing without a subnet stands.
GLOBAL, REGIONAL = "global", "regional"
# Held by nearly everything that is drawn: arrows to them would hide the others.
_LEFT_OUT = frozenset({"key", "secret", "parameter"})
_NATS = ("NAT gateway", "private NAT gateway", "NAT instance")
_GLOBAL = ("aws:cloudfront/", "aws:globalaccelerator/")
_QUEUE = "aws:sqs/queue:Queue"
_STACK = "pulumi:pulumi:Stack"
# Whose input may name a queue for what could not be handled.
_GIVE_UP = (
    (_QUEUE, "redrivePolicy"), ("aws:sqs/redrivePolicy:RedrivePolicy", "redrivePolicy"),
    (FUNCTION, "deadLetterConfig"), ("aws:sns/topicSubscription:TopicSubscription", "redrivePolicy"),
    ("aws:lambda/eventSourceMapping:EventSourceMapping", "destinationConfig"),
    ("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "destinationConfig"),
)  # fmt: skip


class Thing(NamedTuple):
    """One thing to draw. `zones`: those among the zones of its subnets in which it certainly stands."""

    node: Node
    name: str
    what: str
    shape: str
    subnets: tuple[Node, ...] = ()
    badges: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    place: str | None = None


def things(around: Surroundings, reached: Mapping[str, Any]) -> list[Thing]:
    """All of them, by URN."""
    found = {thing.node.urn: thing for thing in _found(around, reached)}
    names = _names(around, set(found))
    return [found[urn]._replace(name=names[urn]) for urn in sorted(found)]


def _found(around: Surroundings, reached: Mapping[str, Any]) -> Iterator[Thing]:
    graph = around.graph
    nats = _nats(around)
    made_of = {member.urn for nat, _ in nats.values() for member in members(graph, nat)}
    drawn = set(nats)
    for nat, what in nats.values():
        yield Thing(nat, nat.name, what, "gateway", graph.link(nat, "subnetId", *SUBNETS).nodes)
    for balancer in around.balancers.all:
        kind = str(balancer.node.inputs.get("loadBalancerType") or "application")
        kind = "classic" if balancer.node.kind == CLASSIC else kind
        words = () if balancer.public is not False else ("internal",)
        yield Thing(balancer.node, "", f"{kind} load balancer", "balancer", balancer.subnets, words)
        drawn.add(balancer.node.urn)
    for service in around.services:
        if service.node.urn not in made_of:
            yield _service(around, service)
            drawn.add(service.node.urn)
    for nodes in graph.all(NODES):
        subnets = graph.link(nodes, "subnetIds", *SUBNETS).nodes
        yield Thing(nodes, "", "Kubernetes nodes", "machine", subnets, tuple(badges.nodes(nodes)))
        drawn.add(nodes.urn)
    for store in around.stores:
        if store.what not in _LEFT_OUT and not _set_aside(around, store.node):
            yield _store(around, store)
            drawn.add(store.node.urn)
    for entry in reached["entries"]:
        node = graph.at(entry["urn"])
        if node is not None and node.urn not in drawn and node.urn not in made_of:
            place = GLOBAL if node.kind.startswith(_GLOBAL) else REGIONAL
            yield Thing(node, "", entry["what"], "entry", place=place)


def _nats(around: Surroundings) -> dict[str, tuple[Node, str]]:
    found: dict[str, tuple[Node, str]] = {}
    for subnet in around.graph.all(*SUBNETS):
        for way in around.network.ways(subnet):
            if way.node is not None and way.what in _NATS:
                found[way.node.urn] = way.node, way.what
    return found


def _service(around: Surroundings, service: Service) -> Thing:
    reader: Callable[[Surroundings, Node], list[str]] = {
        ECS: badges.tasks, FLEET: badges.fleet, FUNCTION: badges.function, SCHEDULE: badges.schedule,
    }.get(service.node.kind, badges.instance)  # fmt: skip
    shape = {FUNCTION: "function", ECS: "container", SCHEDULE: "clock"}.get(service.node.kind, "machine")
    if service.what == "scheduled task":
        shape = "clock"
    return Thing(service.node, "", service.what, shape, service.subnets, tuple(reader(around, service.node)))


def _store(around: Surroundings, store: Store) -> Thing:
    shape = {
        "bucket": "bucket", "queue": "queue", "topic": "topic", "stream": "queue", "file system": "files",
        "table": "table", "cache": "cache",
    }.get(store.what, "database")  # fmt: skip
    zones: tuple[str, ...] = ()
    if store.node.kind == CLUSTER:
        given = [
            each.given("availabilityZone")
            for each in around.graph.owned(store.node, CLUSTER_INSTANCE, "clusterIdentifier")
        ]
        zones = tuple(sorted({zone for zone in given if zone})) if None not in given else ()
    elif store.node.inputs.get("multiAz") is not True:
        zone = store.node.given("availabilityZone")
        zones = (zone,) if zone else ()
    return Thing(store.node, "", store.what, shape, store.subnets, tuple(badges.store(around, store)), zones)


def _set_aside(around: Surroundings, node: Node) -> bool:
    """Whether it is a queue for what another one, or a function, has given up on."""
    if node.kind != _QUEUE:
        return False
    if any(around.graph.owned(node, kind, key) for kind, key in _GIVE_UP):
        return True
    schedules = around.graph.owned(node, SCHEDULE, "target")
    return bool(schedules) and all("sqs" not in str(badges.within(each.inputs, "target.arn")) for each in schedules)


def _names(around: Surroundings, drawn: set[str]) -> dict[str, str]:
    """By URN: the name of the innermost component that holds nothing else of what is drawn, else its own name."""
    holders: dict[str, set[str]] = {}
    above: dict[str, list[str]] = {}
    for urn in drawn:
        node = around.graph.at(urn)
        while node is not None and (parent := around.graph.at(node.entry.get("parent"))) is not None:
            if not parent.entry["custom"] and parent.entry["type"] != _STACK:
                above.setdefault(urn, []).append(parent.urn)
                holders.setdefault(parent.urn, set()).add(urn)
            node = parent
    found: dict[str, str] = {}
    for urn in drawn:
        nodes = [around.graph.at(each) for each in above.get(urn, ())[:1] if holders[each] == {urn}]
        node = next((each for each in nodes if each is not None), None) or around.graph.at(urn)
        found[urn] = node.name if node is not None else urn
    return found
