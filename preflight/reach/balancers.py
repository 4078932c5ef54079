"""Load balancers: on which ports they listen, and through which listener, rule and target group to which service."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from preflight.reach.answers import Answer
from preflight.reach.firewall import Firewall, Place
from preflight.reach.graph import Graph, Link, Node, maps
from preflight.reach.routes import INSTANCE, SUBNETS, Network
from preflight.reach.services import ECS, FLEET, FUNCTION, Service, place_of
from preflight.reach.ways import Ways

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
CLASSIC = "aws:elb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
_RULE = "aws:lb/listenerRule:ListenerRule"
_TARGETS = "aws:lb/targetGroup:TargetGroup"
_TARGET = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
_CLASSIC_ATTACHMENT = "aws:elb/attachment:Attachment"
_FLEET_ATTACHMENT = "aws:autoscaling/attachment:Attachment"
_UDP = {"UDP", "TCP_UDP", "QUIC"}


class Target(NamedTuple):
    """What a listener sends on: to which service, by which names, on which port, and whether packets get there."""

    node: Node
    path: tuple[str, ...]
    port: int | None
    answer: Answer


class Port(NamedTuple):
    """One port of a load balancer; `does` says what else it answers by itself, such as a redirect."""

    port: int | None
    protocol: str
    spoken: str
    targets: tuple[Target, ...]
    does: tuple[str, ...]


class Balancer(NamedTuple):
    """One load balancer. `public` None: not known. `open`: without security groups, so nothing is kept out."""

    node: Node
    public: bool | None
    place: Place
    subnets: tuple[Node, ...]
    open: bool
    ports: tuple[Port, ...]


class Balancers:
    """All load balancers of a graph."""

    def __init__(self, graph: Graph, network: Network, firewall: Firewall, ways: Ways, services: list[Service]) -> None:
        self._graph, self._network, self._firewall, self._ways = graph, network, firewall, ways
        self._services = {service.node.urn: service for service in services}
        self._behind: dict[str, list[tuple[Node, int | None]]] = {}
        self._alike: dict[tuple[int, ...], tuple[Node, ...]] = {}
        for service in services:
            self._attach(service.node)
        for node in graph.all(_TARGET):
            groups = graph.link(node, "targetGroupArn", _TARGETS).nodes
            found = graph.link(node, "targetId", INSTANCE, FUNCTION, BALANCER).nodes
            self._put(groups, found, node.inputs.get("port"))
        for node in graph.all(_FLEET_ATTACHMENT):
            groups = graph.link(node, "lbTargetGroupArn", _TARGETS).nodes
            self._put(groups, graph.link(node, "autoscalingGroupName", FLEET).nodes, None)
        self.all = [self._read(node) for node in graph.all(BALANCER)] + [self._classic(n) for n in graph.all(CLASSIC)]

    def of(self, node: Node) -> Balancer | None:
        """What is read of a load balancer, or of the one of a listener."""
        owner = self._graph.link(node, "loadBalancerArn", BALANCER).one if node.kind == LISTENER else node
        return next((each for each in self.all if owner is not None and each.node.urn == owner.urn), None)

    def alike(self, node: Node) -> tuple[Node, ...]:
        """What gets the same requests, itself included: it stands in each of the target groups and classic balancers of
        this one. Empty behind none; of the same groups it is the same tuple."""
        mine = self._serving.get(node.urn, ())
        if mine not in self._alike:
            every = [self._groups[place] for place in mine]
            first: dict[str, Node] = every[0] if every else {}
            self._alike[mine] = tuple(each for urn, each in first.items() if all(urn in other for other in every))
        return self._alike[mine]

    @cached_property
    def _groups(self) -> list[dict[str, Node]]:
        """What stands behind each target group and classic balancer, by URN."""
        found = [[node for node, _ in behind] for behind in self._behind.values()]
        found += [self._registered(balancer) for balancer in self._graph.all(CLASSIC)]
        return [{node.urn: node for node in nodes} for nodes in found]

    @cached_property
    def _serving(self) -> dict[str, tuple[int, ...]]:
        found: dict[str, list[int]] = {}
        for place, nodes in enumerate(self._groups):
            for urn in nodes:
                found.setdefault(urn, []).append(place)
        return {urn: tuple(places) for urn, places in found.items()}

    def _attach(self, node: Node) -> None:
        if node.kind == ECS:
            for block in maps(node.inputs.get("loadBalancers")):
                groups = self._graph.link(node, "loadBalancers", _TARGETS, value=block.get("targetGroupArn")).nodes
                self._put(groups, (node,), block.get("containerPort"))
        elif node.kind == FLEET:
            self._put(self._graph.link(node, "targetGroupArns", _TARGETS).nodes, (node,), None)

    def _put(self, groups: tuple[Node, ...], found: tuple[Node, ...], port: object) -> None:
        for group in groups:
            self._behind.setdefault(group.urn, []).extend((node, _number(port)) for node in found)

    def _read(self, node: Node) -> Balancer:
        internal = node.inputs.get("internal")
        subnets = self._graph.link(node, "subnets", *SUBNETS)
        for block in maps(node.inputs.get("subnetMappings")):
            more = self._graph.link(node, "subnetMappings", *SUBNETS, value=block.get("subnetId"))
            subnets = Link((*subnets.nodes, *more.nodes), (*subnets.outside, *more.outside), subnets.open or more.open)
        groups = self._firewall.named(node, "securityGroups")
        application = (node.inputs.get("loadBalancerType") or "application") == "application"
        place = place_of(self._network, self._firewall, subnets, groups)
        bare = not application and groups.empty
        listeners = self._graph.owned(node, LISTENER, "loadBalancerArn")
        ports = tuple(self._port(node, listener, place, bare) for listener in listeners)
        return Balancer(
            node,
            not internal if isinstance(internal, bool) or internal is None else None,
            place,
            subnets.nodes,
            bare,
            ports,
        )

    def _port(self, balancer: Node, listener: Node, place: Place, bare: bool) -> Port:
        named = str(listener.inputs.get("protocol") or "HTTP").upper()
        targets: list[Target] = []
        does: list[str] = []
        steps: list[tuple[tuple[str, ...], str, Node]] = [((), "defaultActions", listener)]
        steps += [((rule.name,), "actions", rule) for rule in self._graph.owned(listener, _RULE, "listenerArn")]
        for path, key, node in steps:
            for action in maps(node.inputs.get(key)):
                found, said = self._action(node, key, action)
                does += said
                for group in found:
                    start = (balancer.name, listener.name, *path, group.name)
                    targets += self._targets(group, start, place, bare)
        port = _number(listener.inputs.get("port"))
        return Port(port, "udp" if named in _UDP else "tcp", named, tuple(targets), tuple(dict.fromkeys(does)))

    def _action(self, node: Node, key: str, action: Mapping[str, Any]) -> tuple[list[Node], list[str]]:
        arns = [action.get("targetGroupArn")]
        for forward in maps(action.get("forward")):
            arns += [group.get("arn") for group in maps(forward.get("targetGroups"))]
        links = [self._graph.link(node, key, _TARGETS, value=arn) for arn in arns if arn is not None]
        said = [
            f"redirects to {redirect.get('protocol') or 'the same'} {redirect.get('port') or ''}".rstrip()
            for redirect in maps(action.get("redirect"))
        ]
        if action.get("type") in {"authenticate-oidc", "authenticate-cognito"}:
            said.append("asks who it is first")
        if action.get("type") == "fixed-response":
            said.append(
                "gives requests without a matching route a fixed answer"
                if key == "defaultActions"
                else "gives a fixed answer"
            )
        said += ["forwards to a target group that is not in this program" for link in links if not link.nodes]
        return list({found.urn: found for link in links for found in link.nodes}.values()), said

    def _targets(self, group: Node, start: tuple[str, ...], place: Place, bare: bool) -> Iterator[Target]:
        for node, given in self._behind.get(group.urn, ()):
            port = given or _number(group.inputs.get("port"))
            service = self._services.get(node.urn)
            yield Target(node, (*start, node.name), port, self._let(place, service, port, group if bare else None))

    def _let(self, place: Place, service: Service | None, port: int | None, bare: Node | None = None) -> Answer:
        if service is None:
            return Answer(None, why="what stands behind it is not read")
        if service.what == "Lambda function":
            return Answer(True)
        if service.inside is None:
            return Answer(None, why="where the service stands is not known")
        if bare is not None:
            return self._past(place, service, port, bare)
        return self._ways.between(place, service.place, (port,) if port else ())

    def _past(self, place: Place, service: Service, port: int | None, group: Node) -> Answer:
        """Whether the groups of a target let in what comes by a network load balancer without groups: by the address
        of the client where that is kept, as it is for instances and UDP (ELB user guide, read 2026-11), else by that of
        the balancer."""
        spoken = str(group.inputs.get("protocol") or "TCP").upper()
        protocol = "udp" if spoken in _UDP else "tcp"
        kept = group.inputs.get("preserveClientIp")
        if kept is None:
            kept = spoken in _UDP or (group.inputs.get("targetType") or "instance") == "instance"
        if str(kept).lower() == "false":
            nobody = place._replace(groups=(), groups_open=False)
            return self._firewall.peer(service.place, ingress=True, protocol=protocol, port=port, other=nobody)
        let = self._firewall.world(service.place, ingress=True, protocol=protocol, port=port)
        rules = [rule for name in service.place.groups for rule in self._firewall.rules(name, ingress=True)]
        if let.value is False and any(rule.passes(protocol, port) is not False for rule in rules):
            return Answer(None, why="a network load balancer without security groups: whom the targets let in decides")
        return let

    def _registered(self, node: Node) -> list[Node]:
        """The instances and groups of a classic balancer."""
        found = list(self._graph.link(node, "instances", INSTANCE).nodes)
        for attachment in self._graph.owned(node, _CLASSIC_ATTACHMENT, "elb"):
            found += self._graph.link(attachment, "instance", INSTANCE).nodes
        for fleet in self._graph.all(FLEET):
            found += [fleet] if node in self._graph.link(fleet, "loadBalancers", CLASSIC).nodes else []
        for attachment in self._graph.owned(node, _FLEET_ATTACHMENT, "elb"):
            found += self._graph.link(attachment, "autoscalingGroupName", FLEET).nodes
        return list(dict.fromkeys(found))

    def _classic(self, node: Node) -> Balancer:
        subnets = self._graph.link(node, "subnets", *SUBNETS)
        place = place_of(self._network, self._firewall, subnets, self._firewall.named(node, "securityGroups"))
        instances = self._registered(node)
        ports = []
        for block in maps(node.inputs.get("listeners")):
            inner = _number(block.get("instancePort"))
            targets = tuple(
                Target(each, (node.name, each.name), inner, self._let(place, self._services.get(each.urn), inner))
                for each in instances
            )
            ports.append(
                Port(_number(block.get("lbPort")), "tcp", str(block.get("lbProtocol") or "TCP").upper(), targets, ())
            )
        internal = node.inputs.get("internal")
        public = not internal if isinstance(internal, bool) or internal is None else None
        return Balancer(node, public, place, subnets.nodes, False, tuple(ports))


def _number(value: object) -> int | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value)
    return int(value) if isinstance(value, str) and value.isdigit() else None
