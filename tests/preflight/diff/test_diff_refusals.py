"""Changes of which the plan does not say what becomes of them, by name."""

from typing import Any

from tests.gathered import for_each
from tests.preflight.diff.reports import compared, only, resource, stack

DATABASE, CLUSTER = "aws:rds/instance:Instance", "aws:rds/cluster:Cluster"
TABLE, CACHE = "aws:dynamodb/table:Table", "aws:elasticache/replicationGroup:ReplicationGroup"


def warnings(token: str, before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str]]:
    found = compared([resource(token, "one", before)], [resource(token, "one", after)])["resources"]
    return [(each["path"], each["outcome"]) for touched in found for each in touched["warnings"]]


def attributes(kind: str) -> dict[str, Any]:
    return {"hashKey": "id", "attributes": [{"name": "id", "type": kind}]}


def index(projection: str) -> dict[str, Any]:
    return {"localSecondaryIndexes": [{"name": "by", "rangeKey": "at", "projectionType": projection}]}


def storage(size: int) -> dict[str, Any]:
    return {"brokerNodeGroupInfo": {"storageInfo": {"ebsStorageInfo": {"volumeSize": size}}}}


KAFKA = "aws:msk/cluster:Cluster"
POSTGRES = {"engine": "aurora-postgresql"}
REFUSED: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    (DATABASE, {"allocatedStorage": 100}, {"allocatedStorage": 50}, "allocatedStorage"),
    (DATABASE, {"engineVersion": "16.4"}, {"engineVersion": "16.3"}, "engineVersion"),
    (DATABASE, {"engineVersion": "16.4"}, {"engineVersion": "15"}, "engineVersion"),
    (CLUSTER, {**POSTGRES, "engineVersion": "16.4"}, {**POSTGRES, "engineVersion": "17.2"}, "engineVersion"),
    (CLUSTER, {"engineVersion": "8.0.mysql_aurora.3.04.0"}, {"engineVersion": "5.7.mysql_aurora.2.11.2"}, "engineVersion"),
    (DATABASE, {"replicateSourceDb": "main"}, {"replicateSourceDb": "other"}, "replicateSourceDb"),
    (DATABASE, {}, {"replicateSourceDb": "main"}, "replicateSourceDb"),
    ("aws:ebs/volume:Volume", {"size": 100}, {"size": 99}, "size"),
    ("aws:kinesis/stream:Stream", {"shardCount": 4}, {"shardCount": 9}, "shardCount"),
    ("aws:eks/cluster:Cluster", {"version": "1.30"}, {"version": "1.32"}, "version"),
    ("aws:msk/cluster:Cluster", storage(200), storage(100), "brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize"),
    (KAFKA, {"kafkaVersion": "3.9.x.kraft"}, {"kafkaVersion": "3.8.x.kraft"}, "kafkaVersion"),
    (KAFKA, {"kafkaVersion": "3.9.x"}, {"kafkaVersion": "3.9.x.kraft"}, "kafkaVersion"),
    (CACHE, {"numCacheClusters": 2}, {"numNodeGroups": 2, "replicasPerNodeGroup": 1}, "numNodeGroups"),
    (CACHE, {"engineVersion": "7.1", "transitEncryptionEnabled": False},
     {"engineVersion": "7.1", "transitEncryptionEnabled": True}, "transitEncryptionEnabled"),
]  # fmt: skip
FINE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (DATABASE, {"allocatedStorage": 50}, {"allocatedStorage": 100}),
    (DATABASE, {"engineVersion": "16.4"}, {"engineVersion": "16.6"}),
    (DATABASE, {"replicateSourceDb": "main"}, {}),
    (DATABASE, {"replicateSourceDb": "main"}, {"replicateSourceDb": "arn:aws:rds:eu-west-1:123456789012:db:main"}),
    (DATABASE, {"engineVersion": "16.4"}, {"engineVersion": "16"}),
    (CLUSTER, {**POSTGRES, "engineVersion": "16.4"}, {**POSTGRES, "engineVersion": "17.2", "allowMajorVersionUpgrade": True}),
    ("aws:kinesis/stream:Stream", {"shardCount": 4}, {"shardCount": 8}),
    (KAFKA, {"kafkaVersion": "3.8.x"}, {"kafkaVersion": "3.9.x"}),
    (CACHE, {"numCacheClusters": 2}, {"numNodeGroups": 1, "replicasPerNodeGroup": 1}),
    (CACHE, {"numNodeGroups": 2}, {"numNodeGroups": 3}),
    ("aws:eks/cluster:Cluster", {"version": "1.30"}, {"version": "1.31"}),
    (CACHE, {"engineVersion": "7.1"}, {"engineVersion": "7.1", "transitEncryptionEnabled": True,
                                       "transitEncryptionMode": "preferred"}),
]  # fmt: skip


@for_each("token, before, after, path", REFUSED)
def test_what_aws_refuses_is_named_although_the_provider_plans_it(
    token: str, before: dict[str, Any], after: dict[str, Any], path: str
) -> None:
    assert (path, "refused") in warnings(token, before, after)


@for_each("token, before, after", FINE)
def test_what_aws_takes_is_not_accused(token: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    assert [each for each in warnings(token, before, after) if each[1] == "refused"] == []


def test_a_changed_key_type_is_planned_as_nothing_and_said_to_be() -> None:
    found = only(compared([resource(TABLE, "t", attributes("S"))], [resource(TABLE, "t", attributes("N"))]))
    assert found["action"] == "none"
    (said,) = found["warnings"]
    assert (said["path"], said["outcome"], said["before"], said["after"]) == (
        "attributes[name=id].type", "not planned", "S", "N",
    )  # fmt: skip


def test_a_changed_local_index_is_planned_as_nothing() -> None:
    assert warnings(TABLE, index("ALL"), index("KEYS_ONLY")) == [
        ("localSecondaryIndexes[name=by].projectionType", "not planned")
    ]


def test_an_input_that_aws_fills_keeps_its_value_when_it_is_taken_out() -> None:
    found = only(compared([resource(DATABASE, "d", {"backupRetentionPeriod": 7})], [resource(DATABASE, "d")]))
    assert (found["action"], [each["outcome"] for each in found["warnings"]]) == ("none", ["not planned"])


def test_what_is_replaced_anyway_is_not_called_refused() -> None:
    before = {"allocatedStorage": 100, "kmsKeyId": "a"}
    found = only(
        compared(
            [resource(DATABASE, "d", before)], [resource(DATABASE, "d", {"allocatedStorage": 50, "kmsKeyId": "b"})]
        )
    )
    assert (found["action"], found["warnings"]) == ("replace", [])


def test_the_refused_comes_before_everything_but_lost_data() -> None:
    base = [
        resource(DATABASE, "d", {"allocatedStorage": 9}),
        resource("aws:ec2/vpc:Vpc", "v"),
        resource("aws:s3/bucket:Bucket", "b"),
    ]
    found = compared(base, [resource(DATABASE, "d", {"allocatedStorage": 5})])
    assert [each["name"] for each in found["resources"]] == ["b", "d", "v"]
    assert found["summary"]["refused"] == 1
    assert stack(base)["summary"]["exitCode"] == 0
