"""Who reaches whom in a stack: the world its entries, its services the internet, stores and each other, and who gets
at each store by network and by rights. A pure function of the graph; docs/preflight.md says what is not looked at.
"""

from functools import cached_property
from typing import Any

from preflight.reach import matrix, services, stores
from preflight.reach.balancers import Balancers
from preflight.reach.candidates import Candidates
from preflight.reach.entries import Entries
from preflight.reach.firewall import Firewall
from preflight.reach.graph import Graph, Node
from preflight.reach.neighbours import Neighbours
from preflight.reach.rights import Rights
from preflight.reach.routes import Network
from preflight.reach.ways import Ways


class Surroundings:
    """The graph with everything that is read from it once."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.network = Network(graph)
        self.firewall = Firewall(graph)
        self.rights = Rights(graph)
        self.ways = Ways(graph, self.network, self.firewall)
        self.services = services.read(graph, self.network, self.firewall, self.rights)
        self.stores = stores.read(graph, self.network, self.firewall)
        self.balancers = Balancers(graph, self.network, self.firewall, self.ways, self.services)
        self.entries = Entries(
            graph, self.network, self.firewall, self.ways.acls, self.balancers, self.services, self.stores
        )

    @cached_property
    def scaled(self) -> dict[str, Node]:
        """What Application Auto Scaling knows of ECS services, by their URN."""
        return services.scaling_targets(self.graph)


def reach(around: Surroundings) -> dict[str, Any]:
    """The `reach` section of a stack."""
    graph, firewall, entries = around.graph, around.firewall, around.entries
    candidates = Candidates(around.stores, around.rights, firewall)
    rows = list(matrix.rows(around.services, candidates, around.ways, around.rights, entries.public_stores))
    others = matrix.others(around.services, candidates, around.rights)
    near = Neighbours(graph, firewall, around.ways, around.rights, around.balancers, around.services)
    return {
        "entries": entries.all(),
        "shut": entries.shut(),
        "services": [
            {
                "urn": service.node.urn,
                "what": service.what,
                "role": service.role.urn if service.role else None,
                "subnets": [subnet.urn for subnet in service.subnets],
                "internet": around.ways.internet(service).json(),
                "services": near.of(service),
            }
            for service in around.services
        ],
        "stores": [
            {
                "urn": store.node.urn,
                "what": store.what,
                "by": "network" if store.place is not None else "AWS API",
                "alsoRights": others.get(store.node.urn, []),
                "granted": matrix.granted(store),
            }
            for store in around.stores
        ],
        "matrix": rows,
        "notRead": services.not_read(around.graph),
    }
