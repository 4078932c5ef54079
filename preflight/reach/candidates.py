"""Which stores are worth asking about for whom: an index, so that work grows with the stack and not with its square.

It may name a store too many, never one too few (a test compares it with asking about all of them).
"""

from collections.abc import Iterable, Iterator, Sequence

from preflight.reach.documents import Statement
from preflight.reach.firewall import Firewall
from preflight.reach.graph import Node
from preflight.reach.rights import Rights
from preflight.reach.services import Service
from preflight.reach.stores import Store


class Candidates:
    """The stores of a graph by what could open them: ARN, kind of action, principal, security group."""

    def __init__(self, stores: Sequence[Store], rights: Rights, firewall: Firewall) -> None:
        self._stores, self._rights = stores, rights
        self._by_arn: dict[str, list[Store]] = {}
        self._by_service: dict[str, list[Store]] = {}
        self._nameless: dict[str, list[Store]] = {}
        self._by_principal: dict[str, list[Store]] = {}
        self._by_group: dict[str, list[Store]] = {}
        self._to_anybody: list[Store] = []
        self._near: list[Store] = []
        self._found: dict[str, dict[str, Store]] = {}
        for store in stores:
            self._index(store)
            if store.place is not None:
                self._place(store, firewall)

    def of(self, service: Service) -> list[Store]:
        """For a service, in the order of the stores."""
        if not service.role_known:
            return list(self._stores)
        found = {store.node.urn for who in (service.role, service.starter) if who for store in self.of_role(who)}
        found |= {store.node.urn for store in self._near}
        found |= {store.node.urn for group in service.place.groups for store in self._by_group.get(group, ())}
        if service.inside is not True or service.place.groups_open:
            found |= {store.node.urn for store in self._stores if store.place is not None}
        return [store for store in self._stores if store.node.urn in found]

    def of_role(self, who: Node) -> Iterable[Store]:
        """For a role, user or group, by its rights only."""
        if who.urn not in self._found:
            found = [*self._to_anybody, *self._by_principal.get(who.text("arn") or "", ())]
            for source in self._rights.sources(who):
                if source.document.open:
                    found = list(self._stores)
                    break
                for statement in source.document.statements:
                    found += self._meant(statement) if statement.allow is not False else ()
            self._found[who.urn] = {store.node.urn: store for store in found}
        return self._found[who.urn].values()

    def _index(self, store: Store) -> None:
        for ask in store.asks:
            self._by_service.setdefault(ask.arn.service, []).append(store)
            into = self._by_arn if ask.arn.value is not None else self._nameless
            into.setdefault(ask.arn.value or ask.arn.service, []).append(store)
        for source in store.policies:
            if source.document.open:
                self._to_anybody.append(store)
            for statement in source.document.statements:
                for kind, value in statement.principals:
                    if statement.not_principals or value is None or value == "*":
                        self._to_anybody.append(store)
                    elif kind == "AWS":
                        self._by_principal.setdefault(value, []).append(store)

    def _place(self, store: Store, firewall: Firewall) -> None:
        assert store.place is not None
        rules = [rule for group in store.place.groups for rule in firewall.rules(group, ingress=True)]
        loose = (
            store.place.groups_open
            or store.place.foreign
            or store.place.vpc is None
            or bool(firewall.loose(ingress=True))
        )
        if loose or any(rule.cidrs or rule.lists or rule.open for rule in rules):
            self._near.append(store)
        for group in {group for rule in rules for group in rule.groups}:
            self._by_group.setdefault(group, []).append(store)

    def _meant(self, statement: Statement) -> Iterator[Store]:
        """The stores that the resources of a statement may name."""
        services = _services(statement)
        exact = [pattern for pattern in statement.resources if pattern is not None and not _is_wide(pattern)]
        wide = statement.not_resources or len(exact) < len(statement.resources) or not statement.resources
        for service in self._by_service if services is None else services:
            yield from self._by_service.get(service, ()) if wide else self._nameless.get(service, ())
        for pattern in exact:
            for base in (pattern, pattern.partition("/")[0], pattern.rpartition("/")[0]):
                yield from self._by_arn.get(base, ())


def _services(statement: Statement) -> set[str] | None:
    """The services whose actions a statement speaks of; None: any."""
    named = {(action or "*").partition(":")[0].lower() for action in statement.actions}
    if statement.not_actions or any("*" in service or "?" in service for service in named):
        return None
    return named | ({"kafka"} if "kafka-cluster" in named else set())


def _is_wide(pattern: str) -> bool:
    """Whether more than what follows the name of a resource is a wildcard."""
    return any(mark in pattern.partition("/")[0] for mark in ("*", "?", "$")) or pattern.count("/") > 1
