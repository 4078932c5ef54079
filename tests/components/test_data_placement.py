"""Every store together: what stands in the network stands in the data tier, behind a group that lets nobody in."""

from typing import Any

from components.contracts import Site
from components.data import KINDS, Data, DataArgs
from settings.data import STORES, DataSettings
from tests.components.stores import HERE, KEY, LOG_KEY

SITE = Site(
    vpc_id="vpc-1",
    public_subnet_ids=["public-a", "public-b", "public-c"],
    private_subnet_ids=["private-a", "private-b", "private-c"],
    data_subnet_ids=["data-a", "data-b", "data-c"],
)
QUEUE = {"fifo": False, "visibilitySeconds": 120, "maxReceives": 5, "retentionDays": 4, "alarmAgeSeconds": 900}
BUCKET = {
    "infrequentAccessAfterDays": 30,
    "archiveAfterDays": 90,
    "abortUploadsAfterDays": 7,
    "expireNoncurrentAfterDays": 180,
}
STREAM = {
    "mode": "provisioned",
    "version": "3.9.x.kraft",
    "broker": "kafka.m7g.large",
    "brokersPerZone": 1,
    "storageGib": 100,
    "maxStorageGib": 100,
    "retentionHours": 24,
}
TABLE = {"partitionKey": {"name": "id", "type": "string"}, "capacity": {"mode": "onDemand"}, "recoveryDays": 7}
STORED: dict[str, Any] = {
    "databases": {},
    "buckets": {"uploads": BUCKET},
    "queues": {"jobs": QUEUE},
    "tables": {"items": TABLE},
    "streams": {"events": {"mode": "serverless"}, "clicks": STREAM},
    "files": {"shared": {"infrequentAccessAfterDays": 30, "archiveAfterDays": None, "throughput": "elastic"}},
}


def data() -> Data:
    args = DataArgs(
        settings=DataSettings.model_validate(STORED),
        site=SITE,
        availability_zones=["us-east-1a", "us-east-1b", "us-east-1c"],
        key_arn=KEY,
        log_key_arn=LOG_KEY,
        log_bucket="logs",
        log_retention_days=90,
        location=HERE,
        protected=True,
    )
    return Data("data", args)


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings(part)]
    return [value] if isinstance(value, str) else []


def test_no_store_is_anywhere_but_in_the_data_tier(deploy: Any) -> None:
    made = deploy(data)
    named = {text for one in made.registered for text in strings(dict(one.inputs))}
    assert {"data-a", "data-b", "data-c"} <= named
    assert not {text for text in named if text.startswith(("public-", "private-"))}


def test_no_group_of_a_store_lets_anybody_in_or_out_by_itself(deploy: Any) -> None:
    made = deploy(data)
    groups = made.inputs("aws:ec2/securityGroup:SecurityGroup")
    assert set(groups) == {"data-events", "data-clicks", "data-shared"}
    for group in groups.values():
        assert not {"ingress", "egress"} & set(group)
    for kind in ("IngressRule", "EgressRule"):
        assert not made.of(f"aws:vpc/securityGroup{kind}:SecurityGroup{kind}")


def test_no_store_waits_for_another(deploy: Any) -> None:
    made = deploy(data)
    owners = {one.urn: name for name in STORED_NAMES for one in made.registered if one.name.startswith(f"data-{name}")}
    for one in made.registered:
        mine = owners.get(one.urn)
        for other in one.dependencies:
            assert owners.get(other, mine) == mine, f"{one.name} waits for {other}"


def test_what_holds_data_is_told_to_backups_and_what_passes_through_is_not(deploy: Any) -> None:
    kept = {one.name: one.kind for one in deploy(data).built.recoverables}
    assert kept == {"uploads": "S3", "items": "DynamoDB", "shared": "EFS"}


def test_every_kind_of_store_has_a_builder() -> None:
    assert set(STORES) >= set(STORED)
    assert {type(store) for store in DataSettings.model_validate(STORED).stores.values()} <= set(KINDS)


STORED_NAMES = [name for stores in STORED.values() for name in stores]
