"""Every kind of store meets changes of its settings on the engine, in a protected stack.

A change in place takes nothing away that holds data; a change that would make another store of it, or take it out, is
refused by the engine, in a preview and in an update, and then nothing has been done. Each round previews one change of
each store at once, and a change in place may name several settings: an engine replaces for any one of them, so where
all of them together replace nothing, none does.
"""

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from preflight.simulation import holders
from tests.entries import FUNCTION

if TYPE_CHECKING:
    from tests.engine.kit.engine import Engine
    from tests.engine.outcome import Outcome
    from tests.engine.stack import Stack

Entry = dict[str, Any]
Config = dict[str, Any]
CLUSTER, MEMBER, SERVER = "rds/cluster:Cluster", "rds/clusterInstance:ClusterInstance", "rds/instance:Instance"
NODES, LIMITS = "elasticache/replicationGroup:ReplicationGroup", "elasticache/serverlessCache:ServerlessCache"
TABLE, QUEUE, BUCKET = "dynamodb/table:Table", "sqs/queue:Queue", "s3/bucket:Bucket"
BROKERS, KAFKA = "msk/cluster:Cluster", "msk/serverlessCluster:ServerlessCluster"
FILES, KEY, SECRET = "efs/fileSystem:FileSystem", "kms/key:Key", "secretsmanager/secret:Secret"
# A log group holds what a store has said, and goes when its settings no longer ask for that log.
STATEFUL = holders.TYPES - {"aws:cloudwatch/logGroup:LogGroup"}


@dataclass(frozen=True)
class Change:
    """New values of an entry, a dotted key leading into its maps; None takes the entry out.

    `refused`: what the engine would replace or delete for it, by type and what its name has behind the store's.
    `untouched`: nothing of the store changes, whatever the stack file says.
    """

    values: Entry | None
    refused: tuple[str, ...] = ()
    untouched: bool = False

    def of(self, entry: Entry) -> Entry:
        changed = copy.deepcopy(entry)
        for key, value in (self.values or {}).items():
            *way, last = key.split(".")
            place = changed
            for step in way:
                place = place[step]
            place[last] = value
        return changed


def to(*refused: str, untouched: bool = False, **values: Any) -> Change:
    """`a__b` is the key a.b."""
    return Change({key.replace("__", "."): value for key, value in values.items()}, refused, untouched)


def out(*refused: str) -> Change:
    return Change(None, refused)


def key(name: str) -> Entry:
    return {"name": name, "type": "string"}


AURORA = {"instances": 2, "backupDays": 7, "readerEndpoint": True}
RDS = {"instanceClass": "db.m7g.large", "storageGib": 400, "maxStorageGib": 800, "multiAz": True, "backupDays": 7}
MORE: Entry = {
    "backupDays": 35,
    "windows": {"backup": "05:00-06:00", "maintenance": "mon:07:00-mon:08:00"},
    "insights": "advanced",
    "proxy": {"maxConnectionsPercent": 50},
}
CACHE = {"nodeType": "cache.r7g.large", "nodes": 2, "snapshotDays": 7}
LESS: Entry = {"snapshotDays": 1, "windows": {"snapshot": "05:00-06:00", "maintenance": "mon:07:00-mon:08:00"}}
FEW, MANY = {"maxGigabytes": 5, "maxEcpuPerSecond": 5000}, {"maxGigabytes": 50, "maxEcpuPerSecond": 9000}
UNITS = {"mode": "provisioned", "read": {"min": 5, "max": 50}, "write": {"min": 5, "max": 50}, "target": 70}
BY_MAIL, LOCAL = {"partitionKey": key("mail"), "project": "keys"}, {"sortKey": key("day"), "project": "keys"}
AGES = {
    "infrequentAccessAfterDays": 30,
    "archiveAfterDays": 90,
    "abortUploadsAfterDays": 7,
    "expireNoncurrentAfterDays": 180,
}
HANDLED = {"visibilitySeconds": 60, "maxReceives": 5, "retentionDays": 4, "alarmAgeSeconds": 900}
COPY = (f"{BUCKET}::-copy", f"{KEY}::-copy-key")
MEMBERS = (f"{MEMBER}::-1", f"{MEMBER}::-2")
PASSWORD = "cache"  # its name, under groundwork:secrets

# Kind -> store -> its entry as it is deployed, and by round a change of it, always from there. The engine says of each
# replacement that it cannot be, but ends at the first deletion, and at the first whose dependents are protected, too.
IN_PLACE, OTHERS, KEYS, CLUSTERS, TAKEN_OUT = range(5)
STORES: dict[str, dict[str, tuple[Entry, dict[int, Change]]]] = {
    "databases": {
        "acu": (
            {"engine": "aurora-postgresql", "version": "16.11", "minCapacity": 0.5, "maxCapacity": 4, **AURORA},
            {
                IN_PLACE: to(version="16.13", minCapacity=1, maxCapacity=64, instances=3, logs=["instance"]),
                OTHERS: to(version="17.9", allowMajorUpgrade=True, iamUser="app"),
                CLUSTERS: to(CLUSTER, *MEMBERS, engine="aurora-mysql", version="8.0.mysql_aurora.3.10.6"),
                TAKEN_OUT: out(CLUSTER, *MEMBERS),
            },
        ),
        "fixed": (
            {"engine": "aurora-mysql", "version": "8.0.mysql_aurora.3.10.4", "instanceClass": "db.r8g.large"} | AURORA,
            {
                IN_PLACE: to(version="8.4.mysql_aurora.8.4.7", allowMajorUpgrade=True, instanceClass="db.r8g.2xlarge"),
                OTHERS: to(instanceClass=None, minCapacity=2, maxCapacity=8, rotateAfterDays=30, **MORE),
                CLUSTERS: to(CLUSTER, *MEMBERS, databaseName="other"),
            },
        ),
        "plain": (
            {"engine": "postgres", "version": "16.13", **RDS},
            {
                IN_PLACE: to(version="17.9", allowMajorUpgrade=True, instanceClass="db.m7g.xlarge", storageGib=500),
                OTHERS: to(
                    storageGib=200,
                    maxStorageGib=1000,
                    version="16.14",
                    blueGreenUpdate=True,
                    masterPassword=PASSWORD,
                    **MORE,
                ),
                KEYS: to(SERVER, engine="mysql", version="8.4.9"),
                TAKEN_OUT: out(SERVER),
            },
        ),
        "maria": (
            {"engine": "mariadb", "version": "11.4.12", **RDS},
            {
                IN_PLACE: to(version="11.8.9", allowMajorUpgrade=True, iops=20000, throughputMibps=1000),
                OTHERS: to(untouched=True, startFrom={"source": "older", "at": "2026-11-20T03:00:00Z"}),
                KEYS: to(SERVER, databaseName="other"),
            },
        ),
        "read": (
            {"engine": "postgres", "version": "16.13", **RDS, "masterPassword": PASSWORD, "readers": 2},
            {
                IN_PLACE: to(version="16.14", readers=3, readerClass="db.m7g.xlarge"),
                OTHERS: to(storageGib=500, iops=20000, throughputMibps=1000, insights="advanced"),
                KEYS: to(SERVER, databaseName="other"),
                TAKEN_OUT: to(f"{SERVER}::-reader-2", readers=1),
            },
        ),
        "again": (
            {"engine": "aurora-postgresql", "version": "17.7", "minCapacity": 0.5, "maxCapacity": 4, **AURORA}
            | {"startFrom": {"snapshot": "acu-final"}, "instances": 3},
            {
                IN_PLACE: to(maxCapacity=8),
                OTHERS: to(untouched=True, startFrom={"snapshot": "another"}),
                KEYS: to(startFrom={"source": "acu"}),
                # For its master user and first database are the stack's own again, and may not be the snapshot's.
                CLUSTERS: to(CLUSTER, *MEMBERS, f"{MEMBER}::-3", startFrom=None),
                TAKEN_OUT: to(f"{MEMBER}::-3", instances=2),
            },
        ),
    },
    "caches": {
        "nodes": (
            {"engine": "valkey", "version": "8.1", **CACHE},
            {
                IN_PLACE: to(version="8.2", nodeType="cache.r7g.xlarge", nodes=3, eviction="allkeys-lru", **LESS),
                OTHERS: to(NODES, version="8.0"),
                TAKEN_OUT: out(NODES),
            },
        ),
        "spread": (
            {"engine": "valkey", "version": "8.1", "shards": 2, **CACHE},
            {IN_PLACE: to(version="9.0", shards=3, nodes=3), OTHERS: to(shards=1)},
        ),
        "older": (
            {"engine": "redis", "version": "7.0", "passwords": {"write": PASSWORD}, **CACHE},
            {
                IN_PLACE: to(version="7.1"),
                OTHERS: to(engine="valkey", version="8.2"),
                TAKEN_OUT: to(NODES, nodeType=None, nodes=None, version="7", serverless=FEW),
            },
        ),
        "limits": (
            {"engine": "valkey", "version": "7", "serverless": FEW, "snapshotDays": 7},
            {IN_PLACE: to(serverless=MANY, snapshotDays=1), OTHERS: to(LIMITS, version="8"), TAKEN_OUT: out(LIMITS)},
        ),
    },
    "tables": {
        "paid": (
            {"partitionKey": key("id"), "capacity": {"mode": "onDemand", "maxReadUnits": 100}, "recoveryDays": 7},
            {
                IN_PLACE: to(capacity=UNITS, indexes={"by-mail": BY_MAIL}, recoveryDays=35, expiresAt="gone"),
                OTHERS: to(capacity={"mode": "onDemand"}, rarelyRead=True, stream="both"),
                KEYS: to(TABLE, partitionKey=key("other")),
            },
        ),
        "units": (
            {"partitionKey": key("id"), "sortKey": key("at"), "capacity": UNITS, "recoveryDays": 7, "stream": "new"}
            | {"indexes": {"by-mail": BY_MAIL}, "localIndexes": {"by-day": LOCAL}},
            {
                IN_PLACE: to(
                    capacity={"mode": "onDemand"}, indexes={"by-mail": {**BY_MAIL, "sortKey": key("at")}}, stream=None
                ),
                OTHERS: to(capacity__read={"min": 10, "max": 100}, indexes={}, stream="keys"),
                KEYS: to(TABLE, localIndexes={}),
                TAKEN_OUT: out(TABLE),
            },
        ),
        "ordered": (
            {"partitionKey": key("id"), "sortKey": key("at"), "capacity": UNITS, "recoveryDays": 7},
            {
                OTHERS: to(TABLE, sortKey=key("day")),
                KEYS: to(TABLE, localIndexes={"by-day": LOCAL}),
            },
        ),
    },
    "buckets": {
        "aged": (
            {**AGES},
            {
                IN_PLACE: to(
                    infrequentAccessAfterDays=60, archiveAfterDays=None, expireAfterDays=400, tells={"jobs": {}}
                ),
                OTHERS: to(
                    infrequentAccessAfterDays=None,
                    archiveAfterDays=None,
                    tiering={"archiveAfterDays": 90},
                    cors=[{"origins": ["https://app.example.com"], "methods": ["PUT"]}],
                    objectLock={"mode": "governance", "days": 3},
                ),
                KEYS: to(replication={"region": "us-west-2", "storage": "archive"}, expireNoncurrentAfterDays=9),
                TAKEN_OUT: out(BUCKET),
            },
        ),
        "locked": (
            {**AGES, "objectLock": {"mode": "governance", "days": 3}},
            {IN_PLACE: to(objectLock={"mode": "compliance", "days": 30}), OTHERS: to(objectLock=None)},
        ),
        "copied": (
            {**AGES, "replication": {"region": "us-west-2", "storage": "standard"}},
            {
                IN_PLACE: to(replication__storage="archive"),
                OTHERS: to(*COPY, replication__region="eu-west-1"),
                TAKEN_OUT: to(*COPY, replication=None),
            },
        ),
    },
    "queues": {
        "jobs": (
            {"fifo": False, **HANDLED},
            {
                IN_PLACE: to(visibilitySeconds=600, maxReceives=3, retentionDays=13, alarmAgeSeconds=3600),
                OTHERS: to(QUEUE, f"{QUEUE}::-dead", fifo=True),
            },
        ),
        "inorder": (
            {"fifo": True, **HANDLED},
            {
                IN_PLACE: to(visibilitySeconds=600, retentionDays=1),
                OTHERS: to(QUEUE, f"{QUEUE}::-dead", fifo=False),
                TAKEN_OUT: out(QUEUE, f"{QUEUE}::-dead"),
            },
        ),
    },
    "streams": {
        "brokers": (
            {"mode": "provisioned", "version": "3.8.x", "broker": "kafka.m7g.large", "brokersPerZone": 1, "zones": 2}
            | {"storageGib": 100, "maxStorageGib": 100, "retentionHours": 168},
            {
                IN_PLACE: to(
                    version="3.9.x", broker="kafka.m7g.xlarge", brokersPerZone=2, storageGib=200, maxStorageGib=200
                ),
                OTHERS: to(retentionHours=24, maxStorageGib=500),
                KEYS: to(BROKERS, zones=3),
                TAKEN_OUT: out(BROKERS),
            },
        ),
        "events": ({"mode": "serverless"}, {IN_PLACE: to(untouched=True), TAKEN_OUT: out(KAFKA)}),
    },
    "files": {
        "shared": (
            {"infrequentAccessAfterDays": 30, "archiveAfterDays": 90, "throughput": "elastic"},
            {
                IN_PLACE: to(archiveAfterDays=None, throughput="provisioned", throughputMibps=100),
                OTHERS: to(infrequentAccessAfterDays=None, archiveAfterDays=None, throughput="bursting"),
                TAKEN_OUT: out(FILES),
            },
        )
    },
    "secrets": {"token": ({"later": True}, {IN_PLACE: to(replicas=["us-west-2"]), TAKEN_OUT: out(SECRET)})},
}
READER: dict[str, Any] = {
    **FUNCTION,
    "vpc": False,
}


def deployed_first(config: Config) -> None:
    """The stores above in two zones, and a function, for somebody has to ask for a secret before it is made."""
    config["groundwork:network"]["availabilityZones"] = ["us-east-1a", "us-east-1b"]
    config["groundwork:data"] = {
        kind: {name: copy.deepcopy(entry) for name, (entry, _) in stores.items()} for kind, stores in STORES.items()
    }
    config["groundwork:services"] = {"reader": {**READER, "secrets": {"TOKEN": {"config": "token"}}}}


def changed_in(number: int) -> Callable[[Config], None]:
    """All changes of a round; in two of them the stack gets a third zone."""

    def change(config: Config) -> None:
        deployed_first(config)
        if number in (IN_PLACE, KEYS):
            config["groundwork:network"]["availabilityZones"].append("us-east-1c")
        for kind, name, one in changes(number):
            if one.values is None:
                del config["groundwork:data"][kind][name]
            else:
                config["groundwork:data"][kind][name] = one.of(STORES[kind][name][0])
        if "token" not in config["groundwork:data"]["secrets"]:
            config["groundwork:services"]["reader"]["secrets"] = {}

    return change


def changes(number: int) -> Iterator[tuple[str, str, Change]]:
    for kind, stores in STORES.items():
        for name, (_, rounds) in stores.items():
            if number in rounds:
                yield kind, name, rounds[number]


def of(kind: str, name: str) -> str:
    """What all resources of a store are called, or begin with."""
    return f"compute-secrets-{name}" if kind == "secrets" else f"data-{name}"


def refused_in(number: int) -> set[str]:
    found = set()
    for kind, name, one in changes(number):
        for each in one.refused:
            type_, _, behind = each.partition("::")
            found.add(f"aws:{type_}::{of(kind, name)}{behind}")
    return found


def taken(outcome: "Outcome") -> set[str]:
    """What holds data and would not be the same afterwards."""
    gone = {"replace", "create-replacement", "delete-replaced", "delete"}
    return {step.name for step in outcome.steps if step.op in gone and step.type in STATEFUL}


def said(outcome: "Outcome", how: str) -> set[str]:
    """What the engine says it cannot do, as `type::name`."""
    urns = re.findall(rf'{how} "(urn:[^"]+)"', outcome.output)
    return {"::".join(re.split(r"::|\$", urn)[-2:]) for urn in urns}


@pytest.fixture(scope="module")
def home(engine: "Engine", tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Stack]":
    """A protected stack with all these stores, deployed."""
    from tests.engine.cloud import Cloud  # noqa: PLC0415  as the fixtures beside
    from tests.engine.stack import Stack  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("stores")
    with Cloud(folder / "cloud") as cloud:
        one = Stack(engine, cloud, folder / "stack", "prod")
        one.edit(deployed_first)
        one.run("config", "set", "--secret", "--path", f"groundwork:secrets.{PASSWORD}", "a-password-of-16").expect(0)
        one.up(fast=True).expect(0)
        yield one
        one.end()
        cloud.assert_nothing_guessed()


@pytest.fixture
def there(home: "Stack") -> "Iterator[Stack]":
    """The same, with its stack file as it was deployed afterwards."""
    yield home
    home.edit(deployed_first)


@pytest.mark.parametrize("number", [IN_PLACE, OTHERS, KEYS])
def test_a_change_of_a_store_is_made_in_place_or_refused(there: "Stack", number: int) -> None:
    wanted = refused_in(number)
    there.edit(changed_in(number))
    outcome = there.preview(pack=False).expect(1 if wanted else 0)
    assert taken(outcome) == wanted
    assert said(outcome, "unable to replace resource") == wanted
    steps = {step.name.rpartition("::")[2] for step in outcome.steps if step.op != "same"}
    for kind, name, one in changes(number):
        met = sorted(step for step in steps if step.startswith(of(kind, name)))
        assert bool(met) != one.untouched, (name, met)


@pytest.mark.parametrize(
    ("number", "how"), [(CLUSTERS, "unable to replace resource"), (TAKEN_OUT, "Preview failed: resource")]
)
def test_what_holds_data_is_not_taken_out_of_a_protected_stack(there: "Stack", number: int, how: str) -> None:
    wanted = refused_in(number)
    there.edit(changed_in(number))
    outcome = there.preview(pack=False).expect(1)
    assert taken(outcome) <= wanted
    told = said(outcome, how)
    assert told
    assert told <= wanted
    protected = {f"{r['type']}::{r['urn'].rpartition('::')[2]}" for r in there.state() if r.get("protect")}
    assert wanted <= protected, "the engine ends at the first; each of the others it would refuse as well"


@pytest.mark.parametrize("number", [KEYS, TAKEN_OUT])
def test_an_update_that_is_refused_has_done_nothing_to_what_holds_data(
    home: "Stack", tmp_path: Path, number: int
) -> None:
    one = home.fork(tmp_path / "stack", home.cloud.fork(tmp_path / "cloud"))
    before = {thing.key for thing in one.cloud.store.things if thing.type in STATEFUL}
    one.edit(changed_in(number))
    outcome = one.up(fast=True).expect(1)
    one.end()
    one.cloud.close()
    assert said(outcome, "resource") <= refused_in(number)
    assert "protect" in outcome.output
    assert before <= {thing.key for thing in one.cloud.store.things}
