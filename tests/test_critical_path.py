"""How long a first deployment of prod takes beside what AWS forces, and what no store may wait for.

Over the dependency edges of the committed stack, as recorded, with the observed times of preflight/simulation.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from preflight.timeline import timeline
from tests.committed import Committed

ROOT = Path(__file__).parent.parent
Entry = Mapping[str, Any]
MOST = 1.1

STORES = frozenset(
    {
        "aws:dynamodb/table:Table",
        "aws:efs/fileSystem:FileSystem",
        "aws:efs/mountTarget:MountTarget",
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:elasticache/serverlessCache:ServerlessCache",
        "aws:msk/cluster:Cluster",
        "aws:msk/serverlessCluster:ServerlessCluster",
        "aws:rds/cluster:Cluster",
        "aws:rds/clusterInstance:ClusterInstance",
        "aws:rds/instance:Instance",
        "aws:s3/bucket:Bucket",
        "aws:sqs/queue:Queue",
    }
)
# A service is told where its stores are when they can be reached: that it comes up after them is asked for.
ROLLOUTS = frozenset({"aws:ecs/service:Service"})
# What takes minutes, and what a store has no use for.
APART = frozenset(
    {
        "aws:acm/certificateValidation:CertificateValidation",
        "aws:autoscaling/group:Group",
        "aws:ec2/eip:Eip",
        "aws:ec2/instance:Instance",
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "aws:ecs/cluster:Cluster",
        "aws:ecs/service:Service",
        "aws:ecs/taskDefinition:TaskDefinition",
        "aws:lambda/function:Function",
        "aws:lb/listener:Listener",
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:backup/plan:Plan",
        "aws:backup/vault:Vault",
    }
)


@pytest.fixture(scope="module")
def entries(shipped_recording: Committed) -> list[Entry]:
    found: list[Entry] = shipped_recording.report()["stacks"]["prod"]["resources"]
    return found


def needs(entry: Entry) -> Iterator[str]:
    """What it waits for, but its parents: a component is there at once."""
    yield from entry.get("dependencies") or ()
    for urns in (entry.get("propertyDependencies") or {}).values():
        yield from urns


def before(entry: Entry, by_urn: Mapping[str, Entry]) -> list[Entry]:
    """Everything that has to be there before it."""
    found: dict[str, Entry] = {}
    ask = [*needs(entry)]
    while ask:
        urn = ask.pop()
        if urn in by_urn and urn not in found:
            found[urn] = by_urn[urn]
            ask += needs(by_urn[urn])
    return list(found.values())


def chain(entries: Sequence[Entry], counted: frozenset[str] | None = None) -> float:
    """Seconds of the longest chain; with `counted`, all other types take no time."""
    timed = entries if counted is None else [{**e, "custom": e["custom"] and e["type"] in counted} for e in entries]
    return float(timeline(timed)["chain"]["seconds"])


def test_no_store_waits_for_a_way_out_a_front_door_or_a_service(entries: list[Entry]) -> None:
    by_urn = {entry["urn"]: entry for entry in entries}
    stores = [entry for entry in entries if entry["type"] in STORES]
    assert {"aws:rds/cluster:Cluster", "aws:s3/bucket:Bucket", "aws:sqs/queue:Queue"} <= {e["type"] for e in stores}
    for store in stores:
        waits = [other["urn"] for other in before(store, by_urn) if other["type"] in APART]
        assert not waits, f"{store['urn']} waits for {waits}"


def test_the_stores_are_up_in_hardly_more_than_their_own_time(entries: list[Entry]) -> None:
    by_urn = {entry["urn"]: entry for entry in entries}
    wanted = {entry["urn"] for entry in entries if entry["type"] in STORES}
    wanted |= {other["urn"] for entry in entries if entry["urn"] in wanted for other in before(entry, by_urn)}
    part = [entry for entry in entries if entry["urn"] in wanted]
    forced = chain(part, STORES)
    assert forced > 400, "a cluster and its instances take minutes"
    assert chain(part) <= MOST * forced


def test_the_whole_deployment_takes_hardly_longer_than_stores_and_the_services_that_use_them(
    entries: list[Entry],
) -> None:
    forced = chain(entries, STORES | ROLLOUTS)
    assert chain(entries) <= MOST * forced
