"""Who carries which security groups: load balancers, data stores, and everything else that names a group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from . import kinds
from .firewall import DECLARING, GROUPS, Firewall
from .graph import Graph, Members, Node
from .reading import Absent, Known, Unknown

BALANCERS = (kinds.LOAD_BALANCER, kinds.CLASSIC_LOAD_BALANCER)
STORES = {
    kinds.DB_INSTANCE: "vpcSecurityGroupIds",
    kinds.DB_CLUSTER: "vpcSecurityGroupIds",
    kinds.DOCDB_CLUSTER: "vpcSecurityGroupIds",
    kinds.NEPTUNE_CLUSTER: "vpcSecurityGroupIds",
    kinds.REDSHIFT_CLUSTER: "vpcSecurityGroupIds",
    kinds.CACHE_CLUSTER: "securityGroupIds",
    kinds.CACHE_REPLICATION_GROUP: "securityGroupIds",
    kinds.CACHE_SERVERLESS: "securityGroupIds",
    kinds.MEMORYDB_CLUSTER: "securityGroupIds",
    kinds.MSK_CLUSTER: "securityGroups",
}
_SPEAK_OF_GROUPS = frozenset(
    {"containerDefinitions", "content", "description", "environment", "policy", "secretString", "tags", "triggers",
     "userData", "userDataBase64", "value"}
)  # fmt: skip
"""Properties in which the id of a group is a text for somebody else, and attaches it to nothing."""


class Holders:
    """Which resources carry a group."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._firewall: Firewall = graph.shared(Firewall)

    @cached_property
    def balancers(self) -> list[tuple[Node, Members]]:
        """Each load balancer with its groups."""
        nodes = self._graph.of(*BALANCERS)
        return [(node, named_groups(node, "securityGroups", self._firewall)) for node in nodes]

    def balancer(self, group: Node) -> Node | None:
        """A load balancer that carries the group for sure."""
        return _first(node for node, members in self.balancers if group in members.sure)

    def maybe_balancer(self, group: Node) -> Node | None:
        """A load balancer that may turn out to carry it."""
        return _first(node for node, members in self.balancers if members.may_include(group))

    def store(self, group: Node) -> Node | None:
        """A data store that carries the group for sure."""
        return _first(node for node, members in self._stores if group in members.sure)

    def maybe_store(self, group: Node) -> Node | None:
        """A data store that may turn out to carry it."""
        return _first(node for node, members in self._stores if members.may_include(group))

    def carriers(self, group: Node) -> tuple[Node, ...]:
        """Everything in the program that takes the group for its own, of whatever type it is."""
        return tuple(self._carriers.get(group.urn, ()))

    @cached_property
    def _stores(self) -> list[tuple[Node, Members]]:
        return [(node, groups_of(node, self._firewall)) for node in self._graph.of(*STORES)]

    @cached_property
    def _carriers(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for node in self._graph.of(kinds.ANY):
            if node.kind not in DECLARING:
                for urn in dict.fromkeys(self._named_by(node)):
                    found.setdefault(urn, []).append(node)
        return found

    def _named_by(self, node: Node) -> Iterator[str]:
        for key in node.props.names():
            if key not in _SPEAK_OF_GROUPS:
                yield from (
                    source.urn for source in self._graph.sources(node.props.origin(key)) if source.kind in GROUPS
                )


def _first(nodes: Iterable[Node]) -> Node | None:
    return next(iter(nodes), None)


def groups_of(store: Node, firewall: Firewall) -> Members:
    """The groups of a data store."""
    key = STORES[store.kind]
    if store.kind != kinds.MSK_CLUSTER:
        return named_groups(store, key, firewall)
    brokers = store.props.record("brokerNodeGroupInfo")
    if isinstance(brokers, Known):
        return firewall.groups_in(brokers.value, key)
    return Members() if isinstance(brokers, Absent) else Members(waits_for="its broker settings")


def named_groups(node: Node, key: str, firewall: Firewall) -> Members:
    """The groups that an input names which the provider computes where the program leaves it out."""
    unset = isinstance(node.props.items(key), Absent)
    return Members() if unset else firewall.groups(node, key)


def faces_the_internet(balancer: Node) -> bool | None:
    """Whether AWS gives it public addresses, as it does where `internal` is left out; None when that is unknown."""
    internal = balancer.props.flag("internal")
    if isinstance(internal, Unknown):
        return None
    return not internal.value if isinstance(internal, Known) else True
