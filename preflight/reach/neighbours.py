"""Which service reaches which other one: by network, through an inner load balancer, or by calling a function."""

from collections.abc import Iterator, Sequence
from typing import Any

from preflight.reach.answers import Answer, both
from preflight.reach.balancers import Balancers
from preflight.reach.documents import Arn
from preflight.reach.firewall import Firewall
from preflight.reach.graph import Graph
from preflight.reach.rights import Rights
from preflight.reach.services import FUNCTION, Service
from preflight.reach.ways import Ways


class Neighbours:
    """The services of a graph, indexed by who could possibly send packets to whom."""

    def __init__(
        self, graph: Graph, firewall: Firewall, ways: Ways, rights: Rights, balancers: Balancers,
        services: Sequence[Service],
    ) -> None:  # fmt: skip
        self._graph, self._ways, self._rights, self._balancers = graph, ways, rights, balancers
        self._services = services
        self._functions = [service for service in services if service.node.kind == FUNCTION]
        # Most groups let in a few other groups only: whoever is in none of them need not be asked about.
        self._by_group: dict[str, list[Service]] = {}
        self._by_range: list[Service] = []
        for service in services:
            if not service.inside or service.node.kind == FUNCTION:
                continue
            rules = [rule for group in service.place.groups for rule in firewall.rules(group, ingress=True)]
            if (
                any(rule.cidrs or rule.lists or rule.open for rule in rules)
                or service.place.groups_open
                or service.place.foreign
            ):
                self._by_range.append(service)
            for group in {group for rule in rules for group in rule.groups}:
                self._by_group.setdefault(group, []).append(service)

    def of(self, service: Service) -> list[dict[str, Any]]:
        """Whom a service reaches, or may reach."""
        found = [*self._direct(service), *self._balanced(service), *self._calls(service)]
        return [each for each in found if each["answer"] != "no"]

    def _direct(self, service: Service) -> Iterator[dict[str, Any]]:
        if not service.inside:
            return
        near = {other.node.urn: other for group in service.place.groups for other in self._by_group.get(group, ())}
        for other in [*near.values(), *(one for one in self._by_range if one.node.urn not in near)]:
            if other.node.urn != service.node.urn:
                yield _row(other, "network", self._ways.between(service.place, other.place, other.ports))

    def _balanced(self, service: Service) -> Iterator[dict[str, Any]]:
        by_urn = {each.node.urn: each for each in self._services}
        for balancer in self._balancers.all if service.inside else ():
            if balancer.public is not False or balancer.open:
                continue
            for port in balancer.ports:
                let = self._ways.between(service.place, balancer.place, (port.port,) if port.port else ())
                for target in port.targets:
                    other = by_urn.get(target.node.urn)
                    if other is not None and other.node.urn != service.node.urn:
                        yield _row(other, f"load balancer {balancer.node.name}", both(let, target.answer))

    def _calls(self, service: Service) -> Iterator[dict[str, Any]]:
        if service.role is None:
            return
        for other in self._functions:
            arn = Arn(other.node.text("arn"), "lambda")
            right = self._rights.may(service.role, "lambda:InvokeFunction", arn, ()).answer
            if other.node.urn != service.node.urn and right.value is not False:
                yield _row(other, "Lambda API", both(right, self._ways.api(service, "lambda")))


def _row(other: Service, how: str, answer: Answer) -> dict[str, Any]:
    return {"urn": other.node.urn, "how": how, **answer.json()}
