"""What exists in the simulated cloud, and everything that ever happened in it.

Each operation is a line of a journal, written before it is answered: whatever becomes of the engine, the journal says
what the cloud holds. It outlives this process, not the loss of power.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

# The id of a task definition is its family; only the ARN tells one revision from another.
_BY_ARN = {"aws:ecs/taskDefinition:TaskDefinition"}
# Making one of these again overwrites it: the call behind it is a Put, or adopts what AWS has made already (API
# references of the services, read 2026-11).
_OVERWRITTEN = {
    "aws:appautoscaling/policy:Policy",
    "aws:appautoscaling/target:Target",
    "aws:cloudwatch/dashboard:Dashboard",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:ec2/defaultRouteTable:DefaultRouteTable",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:sns/topicPolicy:TopicPolicy",
    "docker-build:index:Image",
}

Operation = Literal["create", "update", "delete", "drift", "vanish"]


class CloudError(Exception):
    """The cloud refuses an operation, in the words of AWS."""


@dataclass(frozen=True)
class Thing:
    """One thing in the cloud. ``generation`` counts how often its URN had been made before."""

    type: str
    id: str
    urn: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    generation: int = 0

    @property
    def name(self) -> str:
        """Its logical name in the program that made it."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def key(self) -> str:
        """What tells it from all others in the cloud."""
        return f"{self.type} {self.outputs.get('arn') if self.type in _BY_ARN else self.id}"


@dataclass
class Store:
    """The cloud's own memory; safe to use from many threads."""

    folder: Path
    events: list[tuple[Operation, Thing]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._journal = self.folder / "journal.jsonl"
        self._lock = threading.RLock()
        self._live: dict[str, Thing] = {}
        self._made: Counter[str] = Counter()
        for line in self._journal.read_text().splitlines() if self._journal.exists() else []:
            entry = json.loads(line)
            self._apply(entry["operation"], Thing(**entry["thing"]))

    # -- what the provider does ----------------------------------------------------------------------------------------

    def generation(self, urn: str) -> int:
        """How often this URN has been made so far."""
        with self._lock:
            return self._made[urn]

    def create(self, thing: Thing) -> None:
        """Makes it; refuses a second one of the same name, as AWS does."""
        with self._lock:
            other = self._live.get(thing.key)
            if other is not None and not _is_put(thing.type):
                raise CloudError(f"EntityAlreadyExists: {thing.type.rpartition(':')[2]} {thing.id} already exists")
            self._write("create", thing)

    def update(self, thing: Thing) -> None:
        """Changes it; refuses to change what is not there."""
        with self._lock:
            if thing.key not in self._live:
                raise CloudError(
                    f"ResourceNotFoundException: {thing.type.rpartition(':')[2]} {thing.id} does not exist"
                )
            self._write("update", thing)

    def delete(self, key: str) -> None:
        """Deletes it; what is gone already counts as deleted, as for the real provider."""
        with self._lock:
            thing = self._live.get(key)
            if thing is None:
                return
            guard = _GUARDS.get(thing.type)
            if guard is not None and thing.inputs.get(guard) is True:
                raise CloudError(f"InvalidParameterCombination: cannot delete protected {thing.id}: {guard} is true")
            holder = _holder(thing, self._live.values())
            if holder is not None:
                kind = thing.type.rpartition(":")[2]
                raise CloudError(f"DependencyViolation: {kind} {thing.id} is still used by {holder.type} {holder.id}")
            self._write("delete", thing)

    # -- what happens behind the engine's back -------------------------------------------------------------------------

    def drift(self, name: str, **changed: Any) -> Thing:
        """Somebody changes properties of the one thing with this logical name (or ``type::name``) by hand."""
        thing = self.one(name)
        drifted = replace(thing, inputs={**thing.inputs, **changed}, outputs={**thing.outputs, **changed})
        with self._lock:
            self._write("drift", drifted)
        return drifted

    def vanish(self, name: str) -> Thing:
        """Somebody deletes it by hand."""
        thing = self.one(name)
        with self._lock:
            self._write("vanish", thing)
        return thing

    # -- what a test asks ----------------------------------------------------------------------------------------------

    @property
    def things(self) -> list[Thing]:
        """All that exists now, sorted by URN."""
        with self._lock:
            return sorted(self._live.values(), key=lambda thing: (thing.urn, thing.key))

    def one(self, name: str) -> Thing:
        """The one thing with a logical name; ``type::name`` where several share the name."""
        found = [thing for thing in self.things if name in (thing.name, f"{thing.type}::{thing.name}")]
        if len(found) != 1:
            raise LookupError(f"{len(found)} things are named {name}: {[thing.key for thing in found]}")
        return found[0]

    def by_key(self, key: str) -> Thing | None:
        """The thing that a provider's request means."""
        with self._lock:
            return self._live.get(key)

    def by_id(self, identity: str, type_token: str | None = None) -> Thing | None:
        """The thing with this physical id, or the database of this identifier, the newest where several share it."""
        with self._lock:
            named = [t for t in self._live.values() if identity in (t.id, t.outputs.get("identifier"))]
            found = [t for t in named if type_token in (None, t.type)]
            return found[-1] if found else None

    def doubles(self) -> list[str]:
        """URNs that exist more than once now."""
        counted = Counter(thing.urn for thing in self.things)
        return sorted(urn for urn, number in counted.items() if number > 1)

    def did(self, operation: Operation) -> list[Thing]:
        """Everything that an operation was done to, in order."""
        return [thing for done, thing in self.events if done == operation]

    # -- the journal ---------------------------------------------------------------------------------------------------

    def _write(self, operation: Operation, thing: Thing) -> None:
        with self._journal.open("a") as journal:
            journal.write(json.dumps({"operation": operation, "thing": asdict(thing)}) + "\n")
        self._apply(operation, thing)

    def _apply(self, operation: Operation, thing: Thing) -> None:
        self.events.append((operation, thing))
        if operation in ("delete", "vanish"):
            self._live.pop(thing.key, None)
        else:
            self._live[thing.key] = thing
        if operation == "create":
            self._made[thing.urn] += 1


def _is_put(type_token: str) -> bool:
    return type_token in _OVERWRITTEN or (
        type_token.startswith("aws:s3/bucket") and type_token != "aws:s3/bucket:Bucket"
    )


# While this input is true AWS refuses to delete the thing, whatever the engine thinks of it.
_GUARDS = {
    "aws:dynamodb/table:Table": "deletionProtectionEnabled",
    "aws:lb/loadBalancer:LoadBalancer": "enableDeletionProtection",
    "aws:rds/cluster:Cluster": "deletionProtection",
    "aws:rds/instance:Instance": "deletionProtection",
}
# What AWS keeps as long as another thing of these types names it (DependencyViolation, ResourceInUse and the like).
_HELD_BY = {
    "aws:ec2/vpc:Vpc": ("vpcId", ("aws:ec2/subnet:Subnet", "aws:ec2/securityGroup:SecurityGroup")),
    "aws:ec2/subnet:Subnet": ("subnetId", ("aws:ec2/natGateway:NatGateway", "aws:ec2/instance:Instance")),
    "aws:ec2/eip:Eip": ("allocationId", ("aws:ec2/natGateway:NatGateway",)),
    "aws:ec2/routeTable:RouteTable": ("routeTableId", ("aws:ec2/routeTableAssociation:RouteTableAssociation",)),
    "aws:ecs/cluster:Cluster": ("cluster", ("aws:ecs/service:Service",)),
    "aws:rds/cluster:Cluster": ("clusterIdentifier", ("aws:rds/clusterInstance:ClusterInstance",)),
    "aws:rds/subnetGroup:SubnetGroup": ("dbSubnetGroupName", ("aws:rds/cluster:Cluster", "aws:rds/instance:Instance")),
}


# The same, where the name stands anywhere inside of another thing.
_MENTIONED_BY = {"aws:lb/targetGroup:TargetGroup": ("aws:lb/listener:Listener", "aws:lb/listenerRule:ListenerRule")}


def _holder(thing: Thing, others: Iterable[Thing]) -> Thing | None:
    if thing.type in _MENTIONED_BY:
        naming, arn = _MENTIONED_BY[thing.type], str(thing.outputs.get("arn"))
        return next((other for other in others if other.type in naming and arn in json.dumps(other.inputs)), None)
    held = _HELD_BY.get(thing.type)
    if held is None:
        return None
    key, types = held
    names = {thing.id, thing.outputs.get("arn")}
    return next((other for other in others if other.type in types and other.inputs.get(key) in names), None)
