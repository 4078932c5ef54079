"""Who reaches whom by network: services the internet, AWS's APIs, stores and each other."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from preflight.reach.acls import Acls
from preflight.reach.answers import Answer, best, both
from preflight.reach.firewall import Firewall, Place
from preflight.reach.graph import Graph, Link, Node
from preflight.reach.routes import DIRECT, Network, Way, named
from preflight.reach.services import Service, place_of

_HTTPS = ("tcp", 443)
_OUT = frozenset({DIRECT, "NAT gateway", "NAT instance", "egress-only gateway"})
_PEERINGS = ("aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
             "aws:ec2transitgateway/vpcAttachment:VpcAttachment")  # fmt: skip


class Internet(NamedTuple):
    """How a service gets to the internet: the answer, and by subnet the ways out."""

    answer: Answer
    ways: tuple[tuple[str, Node | None, tuple[str, ...]], ...]  # what, gateway, names of subnets

    def json(self) -> dict[str, Any]:
        """As it stands in the report."""
        return self.answer.json() | {
            "ways": [
                {"way": what, "urn": node.urn if node else None, "subnets": list(subnets)}
                for what, node, subnets in self.ways
            ]
        }


class Ways:
    """Every way of a graph."""

    def __init__(self, graph: Graph, network: Network, firewall: Firewall) -> None:
        self._graph, self._network, self._firewall = graph, network, firewall
        self.acls = Acls(graph, network)
        self._between: dict[tuple[Place, Place, tuple[int, ...]], Answer] = {}
        self._api: dict[tuple[str, str], Answer] = {}
        self._out: dict[str, Internet] = {}

    def between(self, one: Place, other: Place, ports: Sequence[int]) -> Answer:
        """Whether a packet to any of the ports gets from one place to another; no ports: to any at all."""
        key = (one, other, tuple(ports))
        if key not in self._between:
            self._between[key] = self._let(one, other, tuple(ports))
        return self._between[key]

    def _let(self, one: Place, other: Place, ports: tuple[int, ...]) -> Answer:
        if one.vpc is None or other.vpc is None:
            same = Answer(None, why="the VPC of one side is not in this program")
        elif one.vpc != other.vpc:
            same = Answer(False, why="they stand in different VPCs")
            if self._graph.all(*_PEERINGS):
                same = Answer(None, why="they stand in different VPCs; what peering lets through is not read")
        else:
            same = Answer(True)
        found = []
        for port in ports or (None,):
            out = self._firewall.peer(one, ingress=False, protocol="tcp", port=port, other=other)
            into = self._firewall.peer(other, ingress=True, protocol="tcp", port=port, other=one)
            found.append(both(out, into))
        return both(both(same, best(found, Answer(None))), self.acls.between(one.subnets, other.subnets, ports))

    def internet(self, service: Service) -> Internet:
        """How a service gets to the internet, port 443 asked for first, then any."""
        if service.node.urn not in self._out:
            self._out[service.node.urn] = self._leaves(service, (443, 80, None))
        return self._out[service.node.urn]

    def outward(self, service: Service, ports: Sequence[int]) -> Answer:
        """Whether a packet to any of the ports gets from a service to the internet; no ports: to any at all."""
        return self._leaves(service, ports or (None,)).answer

    def _leaves(self, service: Service, ports: Sequence[int | None]) -> Internet:
        if service.inside is False:
            return Internet(Answer(True, ("the network of Lambda",)), (("AWS's own network", None, ()),))
        if service.inside is None or (not service.subnets and service.subnets_open):
            return Internet(Answer(None, why="its subnets are not known"), ())
        answers, ways = [], []
        for version in (4, 6):
            routed, found = self._routed(service, version)
            out = [
                both(
                    self._firewall.world(service.place, ingress=False, port=port, version=version),
                    self.acls.outward(service.place.subnets, port),
                )
                for port in ports
            ]
            only = Answer(True, why="by IPv6" if version == 6 else "")
            answers.append(both(both(best(out, Answer(None)), routed), only))
            ways += found
        return Internet(best(answers, Answer(None)), tuple(ways))

    def _routed(self, service: Service, version: int) -> tuple[Answer, list[tuple[str, Node | None, tuple[str, ...]]]]:
        """Whether routes lead to the internet of IPv4 or of IPv6, and by what from which subnets."""
        grouped: dict[tuple[str, str], tuple[str, Node | None, list[str]]] = {}
        without, doubts = [], []
        for subnet in service.subnets:
            ways = [
                (way, self._leads(way, service, subnet))
                for way in self._network.ways(subnet)
                if _version(way) == version
            ]
            for way, leads in ways:
                if leads is not False:
                    same = (way.what, way.node.urn if way.node else "")
                    grouped.setdefault(same, (way.what, way.node, []))[2].append(subnet.name)
            if not any(leads for _, leads in ways):
                unsure = [way.name for way, leads in ways if leads is None]
                doubts += unsure
                without += [] if unsure else [subnet]
        listed = [(what, node, tuple(names)) for what, node, names in grouped.values()]
        if doubts:
            said = f"whether {', '.join(dict.fromkeys(doubts))} leads to the internet is not known"
            return Answer(None, why=said), listed
        if len(without) == len(service.subnets):
            return Answer(False, why=f"no route to the internet from {named(without)}"), listed
        by = tuple(f"{what} {node.name}" if node else what for what, node, _ in listed)
        return Answer(True, by, f"not from {named(without)}" if without else ""), listed

    def _leads(self, way: Way, service: Service, subnet: Node) -> bool | None:
        """An internet gateway serves those with a public address; by IPv6 everybody has one, who has any."""
        if not way.sure or way.what not in _OUT:
            return None
        if _version(way) == 6:
            six = subnet.inputs.get("assignIpv6AddressOnCreation") is True
            return six or (None if self._network.has_six(subnet) else False)
        return service.public if way.what == DIRECT else True

    def api(self, service: Service, name: str) -> Answer:
        """Whether a service reaches the API of an AWS service: by an endpoint, or by the internet."""
        key = (service.node.urn, name)
        if key not in self._api:
            self._api[key] = self._called(service, name)
        return self._api[key]

    def _called(self, service: Service, name: str) -> Answer:
        if service.inside is False:
            return Answer(True, ("AWS's own network",))
        if service.inside is None or not service.subnets:
            return Answer(None, why="its subnets are not known")
        found = [(subnet, self._from(service, subnet, name)) for subnet in service.subnets]
        without = [subnet for subnet, answer in found if answer.value is False]
        if without and len(without) < len(found) and all(answer.value is not None for _, answer in found):
            by = tuple(name for _, answer in found for name in answer.by)
            return Answer(
                True, by, f"not from {named(without)}: {found[[s for s, _ in found].index(without[0])][1].why}"
            )
        for value in (None, False):
            for _, answer in found:
                if answer.value is value:
                    return answer
        by = tuple(dict.fromkeys(name for _, answer in found for name in answer.by))
        return Answer(True, by)

    def _from(self, service: Service, subnet: Node, name: str) -> Answer:
        protocol, port = _HTTPS
        gateways, private = self._network.endpoints(subnet, name)
        answers = []
        for gateway in gateways:
            lists = gateway.text("prefixListId")
            out = self._firewall.world(service.place, ingress=False, port=port)
            mine = [rule for group in service.place.groups for rule in self._firewall.rules(group, ingress=False)]
            if any(rule.passes(protocol, port) and lists in rule.lists for rule in mine if lists):
                out = Answer(True)
            out = both(out, self.acls.outward((subnet.urn,), port))
            answers.append(both(Answer(out.value, why=out.why), Answer(True, (f"endpoint {gateway.name}",))))
        for endpoint in private:
            subnets = self._network.endpoint_subnets(endpoint)
            groups = self._firewall.named(endpoint, "securityGroupIds")
            there = place_of(self._network, self._firewall, Link(tuple(subnets)), groups)
            let = self.between(service.place, there, (port,))
            answers.append(both(Answer(let.value, why=let.why), Answer(True, (f"endpoint {endpoint.name}",))))
        if not private:  # with private DNS the name of the service leads to the endpoint, not to the internet
            one = service._replace(subnets=(subnet,))
            routed, _ = self._routed(one, 4)
            out = both(
                self._firewall.world(service.place, ingress=False, port=port, version=4),
                self.acls.outward((subnet.urn,), port),
            )
            answers.append(both(Answer(out.value, why=out.why), routed))
        return best(answers, Answer(False))


def _version(way: Way) -> int:
    return 6 if ":" in way.cidr else 4
