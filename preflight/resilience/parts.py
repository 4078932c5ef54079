"""What a stack loses with a zone: every part with its zones, how many there are and how many are needed."""

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any, NamedTuple

from preflight.reach import Surroundings
from preflight.reach.graph import Node, maps
from preflight.reach.routes import INSTANCE, SUBNETS
from preflight.reach.services import ECS, FLEET, FUNCTION, Service
from preflight.reach.store_kinds import CACHE, CLUSTER, DATABASE, FILES
from preflight.reach.stores import Store

CLUSTER_INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
CACHE_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
# What makes a group smaller than the program says, down to its lower bound.
_SCALES = (
    ("aws:autoscaling/policy:Policy", "autoscalingGroupName"),
    ("aws:autoscaling/schedule:Schedule", "autoscalingGroupName"),
    ("aws:ecs/capacityProvider:CapacityProvider", "autoScalingGroupProvider"),
)
_STREAM = "aws:msk/cluster:Cluster"
_WAREHOUSE, _SEARCH = "aws:redshift/cluster:Cluster", "aws:opensearch/domain:Domain"
NODES = "aws:eks/nodeGroup:NodeGroup"
_ON_THEIR_OWN = ("aws:elasticache/serverlessCache:ServerlessCache", "aws:msk/serverlessCluster:ServerlessCluster")

KEPT, BELOW, GONE, UNKNOWN = "kept", "below the minimum", "gone", "not known"


class Part(NamedTuple):
    """One part. `zones` None: not known. `number` of them run at least and `minimum` must; None: not known. `heals`:
    somebody starts them anew in the zones that are left. `standby`: one zone may go without a loss. `somewhere`: all of
    it stands in one of the zones, and AWS starts nothing in another. `alike`: what a load balancer sends the
    same requests to, itself included."""

    node: Node
    what: str
    zones: tuple[str, ...] | None
    number: int | None
    minimum: int | None
    heals: bool
    standby: bool = False
    somewhere: bool = False
    why: str = ""
    alike: tuple[Node, ...] = ()

    def without(self, zone: str) -> dict[str, Any] | None:
        """What is left of it without a zone, at worst; None when it has nothing there. `sure`: whether it certainly
        has something there."""
        if self.zones is not None and zone not in self.zones:
            return None
        left = self._left()
        answer = self._answer(left)
        several = self.zones is not None and len(self.zones) > 1
        heals = answer in {BELOW, GONE} and self.heals and several and not self.somewhere
        few = self.somewhere or (self.number is not None and self.number < len(self.zones or ()))
        return {
            "urn": self.node.urn,
            "what": self.what,
            "has": self.number,
            "left": left,
            "minimum": self.minimum,
            "answer": answer,
            "sure": self.zones is not None and not (several and few),
            "replaced": heals,
            "why": self.why or None,
        }

    @property
    def _alone(self) -> bool:
        """Whether all of it, however much that is, goes with one zone."""
        return self.zones is not None and len(self.zones) == 1 and self.number is None and not self.standby

    def _left(self) -> int | None:
        if self._alone:
            return 0
        if self.zones is None or self.number is None:
            return None
        if self.somewhere:
            return 0
        if self.standby and self.number == 1:
            return 1
        return self.number - ceil(self.number / len(self.zones)) if self.zones else self.number

    def _answer(self, left: int | None) -> str:
        if self.standby:
            return KEPT
        if self._alone:
            return GONE
        if left is None or self.minimum is None:
            return UNKNOWN
        return KEPT if left >= self.minimum else BELOW if left else GONE


def parts(around: Surroundings) -> list[Part]:
    """Everything that stands in zones and is not AWS's own matter, by URN."""
    reader = _Reader(around)
    found = [_with_those_alike(reader.service(service), around) for service in around.services]
    found += [part for store in around.stores if (part := reader.store(store)) is not None]
    found += [*reader.nodes(), *reader.balancers()]
    return sorted(found, key=lambda part: part.node.urn)


def _with_those_alike(part: Part, around: Surroundings) -> Part:
    return part._replace(alike=around.balancers.alike(part.node)) if part.number == 1 else part


class _Reader:
    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._graph = around.graph

    def zones(self, subnets: Sequence[Node], *, complete: bool = True) -> tuple[str, ...] | None:
        """The zones of subnets, None when any is not known."""
        found = [self._around.network.zone(subnet) for subnet in subnets]
        if not found or None in found or not complete:
            return None
        return tuple(sorted({zone for zone in found if zone}))

    def service(self, service: Service) -> Part:
        node = service.node
        zones = self.zones(service.subnets, complete=not service.subnets_open)
        if node.kind == ECS:
            return self._tasks(service, zones)
        if node.kind == FLEET:
            return self._fleet(service, zones)
        if node.kind == INSTANCE:
            zone = node.given("availabilityZone")
            return Part(node, service.what, zones or ((zone,) if zone else None), 1, 1, heals=False)
        if node.kind == FUNCTION:
            if service.inside is False:
                return Part(node, service.what, (), None, None, heals=True, standby=True)  # AWS runs it in all zones
            return Part(node, service.what, zones, None, None, heals=True, standby=zones is not None and len(zones) > 1)
        several = zones is not None and len(zones) > 1
        why = "a run that is under way is lost, the next one starts elsewhere" if several else ""
        return Part(node, service.what, zones, None if several else 1, 1, heals=several, standby=several, why=why)

    def _tasks(self, service: Service, zones: tuple[str, ...] | None) -> Part:
        target = self._around.scaled.get(service.node.urn)
        given = target.inputs.get("minCapacity") if target else service.node.inputs.get("desiredCount", 0)
        if service.node.inputs.get("schedulingStrategy") == "DAEMON":
            given = None
        count = _whole(given)
        return Part(service.node, service.what, zones, count, count, heals=True)

    def _fleet(self, service: Service, zones: tuple[str, ...] | None) -> Part:
        given = service.node.inputs.get("availabilityZones")
        if zones is None and isinstance(given, list) and all(isinstance(zone, str) for zone in given):
            zones = tuple(sorted(given))
        count = _whole(service.node.inputs.get("minSize"))
        desired = _whole(service.node.inputs.get("desiredCapacity"))
        scaled = any(self._graph.owned(service.node, *each) or self._graph.loose(*each) for each in _SCALES)
        if count is not None and desired is not None and not scaled:
            count = max(count, desired)  # nothing takes instances away
        return Part(service.node, service.what, zones, count, count, heals=True)

    def store(self, store: Store) -> Part | None:
        if store.place is None:
            return None
        node, what = store.node, store.what
        zones = self.zones(store.subnets)
        reader = {
            DATABASE: self._database, CLUSTER: self._cluster, CACHE_GROUP: self._cache, CACHE: self._cache,
            FILES: _files, _STREAM: _stream, _WAREHOUSE: self._warehouse, _SEARCH: self._search,
        }.get(node.kind)  # fmt: skip
        if reader is not None:
            return reader(node, what, zones)
        alone = node.kind in _ON_THEIR_OWN
        why = "AWS runs it in several zones" if alone else "how it is spread is not read"
        return Part(node, what, zones, None, None, heals=alone, standby=alone, why=why)

    def _database(self, node: Node, what: str, zones: tuple[str, ...] | None) -> Part:
        if node.inputs.get("multiAz") is True:
            return Part(node, what, zones, 1, 1, heals=True, standby=True, why="the standby in another zone takes over")
        zone = node.given("availabilityZone")
        if node.inputs.get("multiAz") not in (None, False):
            return Part(node, what, zones, None, None, heals=False, why="whether it has a standby is not known")
        return self._alone(node, what, (zone,) if zone else zones)

    def _alone(self, node: Node, what: str, zones: tuple[str, ...] | None) -> Part:
        """AWS replaces what fails, in its own zone (Aurora User Guide, "High availability"; 2025-11)."""
        why = "it stands in one of these zones; AWS chooses which" if zones and len(zones) > 1 else ""
        return Part(node, what, zones, 1, 1, heals=True, somewhere=True, why=why)

    def _cluster(self, node: Node, what: str, zones: tuple[str, ...] | None) -> Part:
        if node.inputs.get("dbClusterInstanceClass") is not None:
            return Part(node, what, zones, 3, 1, heals=True, standby=True, why="a standby in another zone takes over")
        instances = self._graph.owned(node, CLUSTER_INSTANCE, "clusterIdentifier")
        named = [each.inputs.get("availabilityZone") for each in instances]
        if len(instances) == 1:
            zone = named[0]
            return self._alone(node, what, (zone,) if isinstance(zone, str) else zones)
        if not instances:
            return Part(node, what, zones, None, None, heals=False, why="its instances are not in this program")
        fixed = {zone for zone in named if isinstance(zone, str)}
        if len(fixed) == 1 and all(isinstance(zone, str) for zone in named):
            return Part(
                node, what, tuple(fixed), len(instances), 1, heals=False, why="all of its instances stand in one zone"
            )
        if fixed and all(isinstance(zone, str) for zone in named):
            zones = tuple(sorted(fixed))
        spread = zones is None or len(zones) > 1
        why = "a reader in another zone takes over" if spread else ""
        return Part(node, what, zones, len(instances), 1, heals=True, standby=spread, why=why)

    def _cache(self, node: Node, what: str, zones: tuple[str, ...] | None) -> Part:
        given = node.inputs
        if node.kind == CACHE:
            count = _whole(given.get("numCacheNodes", 1))
            if count == 1 or given.get("azMode") != "cross-az":
                zone = node.given("availabilityZone")
                return self._alone(node, what, (zone,) if zone else zones)._replace(number=count)
            return Part(node, what, zones, count, count, heals=False)
        replicas = _whole(given.get("replicasPerNodeGroup", 0))
        nodes = _whole(given.get("numCacheClusters")) or (1 + replicas if replicas is not None else None)
        if nodes == 1:
            return self._alone(node, what, zones)
        if given.get("multiAzEnabled") is True and given.get("automaticFailoverEnabled") is True:
            return Part(
                node, what, zones, nodes, 1, heals=True, standby=True, why="a replica in another zone takes over"
            )
        return Part(
            node, what, zones, nodes, None, heals=False, why="nothing makes a replica in another zone take over"
        )

    def _warehouse(self, node: Node, what: str, zones: tuple[str, ...] | None) -> Part:
        if node.inputs.get("multiAz") is True:
            return Part(node, what, zones, 2, 1, heals=True, standby=True, why="AWS runs it in two zones")
        zone = node.given("availabilityZone")
        return self._alone(node, what, (zone,) if zone else zones)

    def _search(self, node: Node, what: str, zones: tuple[str, ...] | None) -> Part:
        """Without zone awareness all nodes stand in one zone (OpenSearch Service Developer Guide, "Multi-AZ"; from
        memory, 2026-11)."""
        given = next(maps(node.inputs.get("clusterConfig")), {})
        count = _whole(given.get("instanceCount", 1))
        if given.get("multiAzWithStandbyEnabled") is True:
            return Part(node, what, zones, count, 1, heals=True, standby=True, why="its standby zone takes over")
        if given.get("zoneAwarenessEnabled") in (None, False):
            return self._alone(node, what, zones)._replace(number=count)
        if zones is None or len(zones) < 3 or count is None or count < 3:
            why = "whether a majority of its nodes is left, and a copy of each index, is not known"
            return Part(node, what, zones, count, None, heals=False, why=why)
        why = "with a replica of each index"
        return Part(node, what, zones, count, count - ceil(count / len(zones)), heals=True, why=why)

    def nodes(self) -> Iterator[Part]:
        """Managed nodes of Kubernetes. What scales them stands in no program: the least counts."""
        for node in self._graph.all(NODES):
            link = self._graph.link(node, "subnetIds", *SUBNETS)
            least = _whole(next(maps(node.inputs.get("scalingConfig")), {}).get("minSize"))
            zones = self.zones(link.nodes, complete=link.complete)
            yield Part(node, "Kubernetes nodes", zones, least, least, heals=True)

    def balancers(self) -> Iterator[Part]:
        for balancer in self._around.balancers.all:
            zones = self.zones(balancer.subnets)
            several = zones is not None and len(zones) > 1
            count = len(zones) if zones else None
            yield Part(balancer.node, "load balancer", zones, count, 1, heals=several)


def _files(node: Node, what: str, zones: tuple[str, ...] | None) -> Part:
    zone = node.given("availabilityZoneName")
    if zone is not None:
        return Part(node, what, (zone,), 1, 1, heals=False, why="it keeps its data in this zone only")
    return Part(node, what, zones, None, None, heals=True, standby=True, why="it keeps its data in all zones")


def _stream(node: Node, what: str, zones: tuple[str, ...] | None) -> Part:
    enough = zones is not None and len(zones) >= 3
    brokers = _whole(node.inputs.get("numberOfBrokerNodes"))
    why = "with three copies of each partition" if enough else "how many copies each partition has is not known"
    needed = brokers - ceil(brokers / 3) if enough and brokers else None
    return Part(node, what, zones, brokers, needed, heals=False, why=why)


def _whole(value: object) -> int | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value)
    return int(value) if isinstance(value, str) and value.isdigit() else None
