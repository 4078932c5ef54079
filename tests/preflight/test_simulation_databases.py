"""The stand-in for AWS knows proxies and caches: what they are called, and what the provider refuses."""

from typing import Any

import pytest

from preflight import simulation
from preflight.simulation import changes, checks, table
from tests.gathered import for_each

HERE: Any = {"region": "eu-west-1", "account": "111122223333"}
GROUP, USER = "aws:elasticache/replicationGroup:ReplicationGroup", "aws:elasticache/user:User"
ENDPOINT, TARGET = "aws:rds/proxyEndpoint:ProxyEndpoint", "aws:rds/proxyTarget:ProxyTarget"
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
TWO = {"replicationGroupId": "sessions-1", "description": "d", "numCacheClusters": 2, "automaticFailoverEnabled": True}


def made(type_token: str, **inputs: Any) -> dict[str, Any]:
    return simulation.computed(type_token, "made", inputs, **HERE)


def test_names_of_nodes_tell_the_shard_where_there_are_any() -> None:
    assert made(GROUP, **TWO)["memberClusters"] == ["sessions-1-001", "sessions-1-002"]
    sharded = {"replicationGroupId": "s", "description": "d", "numNodeGroups": 2, "replicasPerNodeGroup": 1}
    outputs = made(GROUP, **sharded)
    assert outputs["memberClusters"] == ["s-0001-001", "s-0001-002", "s-0002-001", "s-0002-002"]
    assert outputs["clusterEnabled"] is True


def test_a_group_that_says_nothing_of_encryption_has_what_its_engine_has() -> None:
    assert made(GROUP, **TWO, engine="valkey")["atRestEncryptionEnabled"] is True
    assert made(GROUP, **TWO, engine="redis")["atRestEncryptionEnabled"] is False
    assert "atRestEncryptionEnabled" not in made(GROUP, **TWO, engine="valkey", atRestEncryptionEnabled=False)
    secondary = made(GROUP, **TWO, globalReplicationGroupId="ldgnf-x")
    assert {"atRestEncryptionEnabled", "transitEncryptionEnabled"}.isdisjoint(secondary), "that of the global group"


@pytest.mark.parametrize("origin", [{"snapshotIdentifier": "s"}, {"restoreToPointInTime": {"restoreType": "copy"}}])
def test_whether_what_is_made_from_a_copy_is_encrypted_is_not_known(origin: dict[str, Any]) -> None:
    cluster = "aws:rds/cluster:Cluster"
    assert made(cluster, engine="aurora-mysql")["storageEncrypted"] is False
    restored = made(cluster, engine="aurora-mysql", **origin)
    assert "storageEncrypted" not in restored
    inputs = {"clusterIdentifier": "c", "engine": "aurora-mysql"}
    instance = simulation.computed(
        "aws:rds/clusterInstance:ClusterInstance", "i", inputs, **HERE, find=lambda _: restored
    )
    assert "storageEncrypted" not in instance


@pytest.mark.parametrize(
    ("type_token", "inputs", "arn"),
    [
        (USER, {"userId": "app"}, "arn:aws:elasticache:eu-west-1:111122223333:user:app"),
        ("aws:elasticache/userGroup:UserGroup", {"userGroupId": "g"}, "arn:aws:elasticache:eu-west-1:111122223333:usergroup:g"),
        ("aws:elasticache/serverlessCache:ServerlessCache", {"name": "c", "engine": "valkey"},
         "arn:aws:elasticache:eu-west-1:111122223333:serverlesscache:c"),
    ],
)  # fmt: skip
def test_arns_are_those_that_iam_knows(type_token: str, inputs: dict[str, Any], arn: str) -> None:
    assert made(type_token, **inputs)["arn"] == arn


def test_an_endpoint_of_a_proxy_is_known_and_gets_a_host_of_its_own() -> None:
    inputs = {"dbProxyName": "p", "dbProxyEndpointName": "p-readers", "vpcSubnetIds": ["subnet-1"]}
    assert table.knows(ENDPOINT)
    assert made(ENDPOINT, **inputs)["endpoint"].startswith("p-readers.endpoint.proxy-")
    assert simulation.resource_id(ENDPOINT, "made", inputs, **HERE) == "p/p-readers"
    (change,) = changes.changes(ENDPOINT, {**inputs, "targetRole": "READ_ONLY"}, inputs)
    assert change.replaces
    assert checks.problems(ENDPOINT, inputs) == []
    assert [p.property for p in checks.problems(ENDPOINT, {**inputs, "targetRole": "READ"})] == ["targetRole"]


@for_each(
    "type_token, inputs, refused",
    [
        (GROUP, TWO, []),
        (GROUP, {**TWO, "numNodeGroups": 2}, ["numCacheClusters"]),
        (GROUP, {**TWO, "replicasPerNodeGroup": 1}, ["replicasPerNodeGroup"]),
        (GROUP, {**TWO, "numCacheClusters": 1}, ["numCacheClusters"]),
        (GROUP, {**TWO, "multiAzEnabled": True, "automaticFailoverEnabled": False}, ["automaticFailoverEnabled"]),
        (GROUP, {**TWO, "kmsKeyId": "key"}, ["kmsKeyId"]),
        (GROUP, {**TWO, "kmsKeyId": "key", "authToken": "a" * 16, "globalReplicationGroupId": "ldgnf-x"}, []),
        (GROUP, {**TWO, "replicationGroupId": "a--b"}, ["replicationGroupId"]),
        (GROUP, {**TWO, "numCacheClusters": checks.UNKNOWN}, []),
        (GROUP, {**TWO, "numCacheClusters": None}, []),
        (GROUP, {**TWO, "numCacheClusters": None, "replicasPerNodeGroup": 1}, []),
        (GROUP, {**TWO, "kmsKeyId": ""}, []),
        (TARGET, {"dbProxyName": "p", "targetGroupName": "default", "dbClusterIdentifier": "c"}, []),
        (
            TARGET,
            {"dbProxyName": "p", "targetGroupName": "default", "dbClusterIdentifier": "c", "dbInstanceIdentifier": ""},
            [],
        ),
        (TARGET, {"dbProxyName": "p", "targetGroupName": "default"}, [""]),
        (
            TARGET,
            {"dbProxyName": "p", "targetGroupName": "default", "dbClusterIdentifier": "c", "dbInstanceIdentifier": "i"},
            ["dbClusterIdentifier"],
        ),
        (GROUP, {**TWO, "authToken": "a" * 16, "userGroupIds": ["u"], "transitEncryptionEnabled": True}, ["authToken"]),
        (ROTATION, {"secretId": "s", "rotationRules": {"automaticallyAfterDays": 30}}, []),
        (ROTATION, {"secretId": "s", "rotationRules": {}}, ["rotationRules"]),
        (ROTATION, {"secretId": "s", "rotationRules": {"automaticallyAfterDays": 1001}}, ["rotationRules"]),
    ],
)
def test_what_does_not_go_together_is_refused(type_token: str, inputs: dict[str, Any], refused: list[str]) -> None:
    assert [problem.property for problem in checks.problems(type_token, inputs)] == refused


@for_each(
    "name, mode, refused",
    [
        ("app", {"type": "iam"}, []),
        ("other", {"type": "iam"}, ["userName"]),
        ("other", {"type": "password", "passwords": ["p"]}, []),
        ("app", {"type": checks.UNKNOWN, "passwords": ["p"]}, []),
        ("app", {"type": "password"}, ["authenticationMode"]),
        ("app", {"type": "iam", "passwords": ["p"]}, ["authenticationMode"]),
        ("app", {"type": "password", "passwords": ["p", "q", "r"]}, ["authenticationMode"]),
        (checks.UNKNOWN, {"type": "iam"}, []),
    ],
)
def test_a_user_of_a_cache_signs_in_in_one_way(name: str, mode: dict[str, Any], refused: list[str]) -> None:
    user = {"userId": "app", "userName": name, "engine": "valkey", "accessString": "on", "authenticationMode": mode}
    assert [problem.property for problem in checks.problems(USER, user)] == refused
