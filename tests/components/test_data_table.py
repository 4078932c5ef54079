"""A table: its keys and nothing else declared, its capacity, what a service may do with it, and what is watched."""

import json
from typing import Any

import pytest

from components.contracts import Access, Signal
from components.data.table import Table
from components.observability.alarms import RUNBOOKS
from components.security import documents
from settings.dynamo_tables import TableSettings
from tests.components.stores import KEY, store_args

TABLE, TARGET, POLICY = (
    "aws:dynamodb/table:Table",
    "aws:appautoscaling/target:Target",
    "aws:appautoscaling/policy:Policy",
)
SETTINGS: dict[str, Any] = {
    "partitionKey": {"name": "id", "type": "string"},
    "capacity": {"mode": "onDemand"},
    "recoveryDays": 35,
}
BY_MAIL = {"partitionKey": {"name": "mail", "type": "string"}, "sortKey": {"name": "at", "type": "number"}}
INDEXED: dict[str, Any] = {
    "sortKey": {"name": "at", "type": "number"},
    "indexes": {"by-mail": {**BY_MAIL, "project": "some", "attributes": ["title", "name"]}},
    "localIndexes": {"by-kind": {"sortKey": {"name": "kind", "type": "binary"}, "project": "keys"}},
}
SCALED: dict[str, Any] = {
    "capacity": {
        "mode": "provisioned",
        "read": {"min": 5, "max": 50},
        "write": {"min": 5, "max": 5},
        "target": 70,
    }
}


def store(*, protected: bool = True, **change: Any) -> Table:
    settings = TableSettings.model_validate({**SETTINGS, **change})
    return Table("data-items", store_args("items", settings, protected=protected))


def granted(deploy: Any, level: str, **change: Any) -> tuple[dict[str, dict[str, Any]], Access, Any]:
    written: list[str] = []

    def build() -> Access:
        access = store(**change).access(level)
        documents.document(access.statements).apply(written.append)
        return access

    deployment = deploy(build)
    return {each["Sid"]: each for each in json.loads(written[0])["Statement"]}, deployment.built, deployment


def test_a_table_is_encrypted_restorable_and_paid_by_request(deploy: Any) -> None:
    table = deploy(store).one(TABLE).inputs
    assert table["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": KEY}
    assert table["pointInTimeRecovery"] == {"enabled": True, "recoveryPeriodInDays": 35}
    assert table["billingMode"] == "PAY_PER_REQUEST"
    assert not {"readCapacity", "writeCapacity", "onDemandThroughput", "streamEnabled", "rangeKey"} & set(table)
    assert table["ttl"] == {"enabled": False}, "silence would leave it as it was"
    assert table["globalSecondaryIndexes"] == [], "silence would leave those that there were"


def test_the_attributes_of_keys_are_declared_and_no_others(deploy: Any) -> None:
    table = deploy(lambda: store(**INDEXED, expiresAt="gone", stream="both")).one(TABLE).inputs
    assert table["attributes"] == [
        {"name": "at", "type": "N"},
        {"name": "id", "type": "S"},
        {"name": "kind", "type": "B"},
        {"name": "mail", "type": "S"},
    ]
    (by_mail,) = table["globalSecondaryIndexes"]
    assert by_mail["keySchemas"] == [
        {"attributeName": "mail", "keyType": "HASH"},
        {"attributeName": "at", "keyType": "RANGE"},
    ]
    assert (by_mail["projectionType"], by_mail["nonKeyAttributes"]) == ("INCLUDE", ["name", "title"])
    assert not {"hashKey", "readCapacity"} & set(by_mail), "the provider calls the one deprecated, takes no other"
    (by_kind,) = table["localSecondaryIndexes"]
    assert by_kind == {"name": "by-kind", "rangeKey": "kind", "projectionType": "KEYS_ONLY"}
    assert table["ttl"] == {"attributeName": "gone", "enabled": True}
    assert (table["streamEnabled"], table["streamViewType"]) == (True, "NEW_AND_OLD_IMAGES")


def test_a_mistake_on_demand_has_a_price_limit_if_it_is_asked_for(deploy: Any) -> None:
    limits = deploy(lambda: store(capacity={"mode": "onDemand", "maxReadUnits": 100})).one(TABLE).inputs
    assert limits["onDemandThroughput"] == {"maxReadRequestUnits": 100, "maxWriteRequestUnits": -1}


def test_units_are_scaled_between_their_bounds_for_the_table_and_each_index(deploy: Any) -> None:
    made = deploy(lambda: store(**INDEXED, **SCALED))
    table = made.one(TABLE)
    assert (table.inputs["readCapacity"], table.inputs["writeCapacity"]) == (5, 5)
    assert table.inputs["globalSecondaryIndexes"][0]["readCapacity"] == 5
    assert table.ignore_changes == ("readCapacity",), "what does not scale is ours to change"
    targets = made.inputs(TARGET)
    assert set(targets) == {"data-items-read", "data-items-by-mail-read"}
    assert targets["data-items-read"]["scalableDimension"] == "dynamodb:table:ReadCapacityUnits"
    index = targets["data-items-by-mail-read"]
    assert index["scalableDimension"] == "dynamodb:index:ReadCapacityUnits"
    assert index["resourceId"].endswith("/index/by-mail")
    assert (index["minCapacity"], index["maxCapacity"]) == (5, 50)
    for policy in made.inputs(POLICY).values():
        tracking = policy["targetTrackingScalingPolicyConfiguration"]
        assert tracking["targetValue"] == 70
        assert tracking["predefinedMetricSpecification"] == {"predefinedMetricType": "DynamoDBReadCapacityUtilization"}


def test_a_table_by_request_has_nothing_to_scale(deploy: Any) -> None:
    made = deploy(store)
    assert not made.of(TARGET)
    assert made.one(TABLE).ignore_changes == ()


@pytest.mark.parametrize("protected", [True, False])
def test_a_protected_table_is_kept_three_times_over_and_no_other_is(deploy: Any, protected: bool) -> None:
    table = deploy(lambda: store(protected=protected)).one(TABLE)
    assert table.inputs["deletionProtectionEnabled"] is protected
    assert (table.protect, table.retain_on_delete) == (protected, protected)


def test_reading_never_writes_and_writing_never_administers(deploy: Any) -> None:
    read, access, made = granted(deploy, "read", **INDEXED)
    assert not any(action.startswith(("dynamodb:Put", "dynamodb:Update", "dynamodb:Delete", "dynamodb:BatchWrite"))
                   for statement in read.values() for action in statement["Action"])  # fmt: skip
    arn = made.one(TABLE).inputs.get("arn") or read["ReadItems"]["Resource"][0]
    assert read["ReadItems"]["Resource"] == [arn]
    assert read["FindItemsByIndex"]["Resource"] == [f"{arn}/index/by-mail", f"{arn}/index/by-kind"]
    assert set(read["FindItemsByIndex"]["Action"]) == {"dynamodb:Query", "dynamodb:Scan"}
    assert set(access.environment) == {"ITEMS_TABLE", "ITEMS_REGION"}
    assert access.opening is None, "AWS's API is reached by 443 alone"
    write, _, _ = granted(deploy, "write", **INDEXED)
    assert {"dynamodb:PutItem", "dynamodb:GetItem"} <= set(write["WriteItems"]["Action"])
    assert not any("Backup" in action or action == "dynamodb:DeleteTable" for action in write["WriteItems"]["Action"])


def test_the_key_is_used_through_the_table_only(deploy: Any) -> None:
    statements, _, _ = granted(deploy, "write")
    key = statements["UseTableKey"]
    assert (key["Action"], key["Resource"]) == (["kms:Decrypt"], [KEY])
    assert key["Condition"] == {"StringEquals": {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}}
    assert "FindItemsByIndex" not in statements, "a table without indexes has none to name"


def test_who_follows_sees_changes_and_no_items(deploy: Any) -> None:
    statements, access, _ = granted(deploy, "follow", stream="new")
    follow = statements["FollowTable"]
    assert follow["Resource"][0].split("/")[-2] == "stream"
    assert not {"dynamodb:GetItem", "dynamodb:Scan"} & set(follow["Action"])
    assert set(access.environment) == {"ITEMS_STREAM_ARN"}


def test_an_unknown_level_is_refused_by_name(deploy: Any) -> None:
    with pytest.raises(ValueError, match="'items' has no access level 'send': use one of"):
        deploy(lambda: store().access("send"))


def signals(deploy: Any, **change: Any) -> dict[str, Signal]:
    return {signal.name: signal for signal in deploy(lambda: store(**change).signals).built}


def test_any_refusal_counts_on_demand_and_a_share_of_the_most_when_provisioned(deploy: Any) -> None:
    assert signals(deploy)["data-items-throttled"].threshold == 0
    assert signals(deploy, **SCALED)["data-items-throttled"].threshold == int(60 * 55 * 0.01)


def test_indexes_are_watched_with_the_table_ten_metrics_at_most_in_an_alarm(deploy: Any) -> None:
    indexes = {f"by-mail-{number}": {**BY_MAIL, "project": "all"} for number in range(6)}
    found = signals(deploy, sortKey=INDEXED["sortKey"], indexes=indexes)
    throttled = [signal for name, signal in found.items() if "throttled" in name]
    assert [len(signal.metrics) for signal in throttled] == [10, 4]
    watched = [
        metric.dimensions.get("GlobalSecondaryIndexName") for one in throttled for metric in one.metrics.values()
    ]
    assert set(watched) == {None, *indexes}


def test_units_are_watched_where_there_is_a_most_of_them(deploy: Any) -> None:
    assert not [name for name in signals(deploy) if "units" in name]
    scaled = signals(deploy, **SCALED)
    assert scaled["data-items-read-units"].threshold == 60 * 50 * 0.8
    assert scaled["data-items-write-units"].threshold == 60 * 5 * 0.8
    limited = signals(deploy, capacity={"mode": "onDemand", "maxWriteUnits": 10})
    assert [name for name in limited if "units" in name] == ["data-items-write-units"]


def test_every_signal_has_a_runbook(deploy: Any) -> None:
    for signal in signals(deploy, **INDEXED, **SCALED).values():
        assert (RUNBOOKS / signal.runbook).is_file()


def test_backups_are_told_of_it(deploy: Any) -> None:
    kept = deploy(lambda: store(recoveryDays=14).recoverable).built
    assert (kept.kind, kept.name, kept.own_backup_days) == ("DynamoDB", "items", 14)
