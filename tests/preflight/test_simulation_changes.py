"""What the provider plans when an input changes: the measured table, and the rules beside it."""

from typing import Any

import pytest

from preflight.simulation import conditions, table
from preflight.simulation.changes import Change, changes

CLUSTER = "aws:rds/cluster:Cluster"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
LB = "aws:lb/loadBalancer:LoadBalancer"
SERVICE = "aws:ecs/service:Service"
BUCKET = "aws:s3/bucket:Bucket"

Inputs = dict[str, Any]


def one(type_token: str, old: Inputs, new: Inputs) -> Change:
    (found,) = changes(type_token, old, new)
    return found


@pytest.mark.parametrize(
    ("type_token", "key"),
    [
        (CLUSTER, "kmsKeyId"),
        (CLUSTER, "databaseName"),
        (CLUSTER, "masterUsername"),
        (BUCKET, "bucket"),
        ("aws:kms/key:Key", "multiRegion"),
        ("aws:dynamodb/table:Table", "hashKey"),
        ("aws:efs/fileSystem:FileSystem", "encrypted"),
        ("aws:ec2/subnet:Subnet", "cidrBlock"),
        ("aws:ec2/vpc:Vpc", "cidrBlock"),
        ("aws:elasticache/replicationGroup:ReplicationGroup", "atRestEncryptionEnabled"),
        (GROUP, "description"),
        ("aws:lb/targetGroup:TargetGroup", "port"),
        (BUCKET, "region"),
    ],
)
def test_what_destroys_data_or_moves_a_resource_replaces_it(type_token: str, key: str) -> None:
    assert one(type_token, {key: "before"}, {key: "after"}) == Change(key, "update", replaces=True)


@pytest.mark.parametrize(
    ("type_token", "key"),
    [
        (CLUSTER, "engineVersion"),
        (CLUSTER, "deletionProtection"),
        (CLUSTER, "backupRetentionPeriod"),
        ("aws:rds/instance:Instance", "instanceClass"),
        ("aws:dynamodb/table:Table", "billingMode"),
        (SERVICE, "taskDefinition"),
        (SERVICE, "deploymentConfiguration"),
        (BUCKET, "forceDestroy"),
    ],
)
def test_what_is_changed_in_place_replaces_nothing(type_token: str, key: str) -> None:
    assert one(type_token, {key: "before"}, {key: "after"}) == Change(key, "update", replaces=False)


class TestPaths:
    def test_name_the_property_inside_a_block(self) -> None:
        old = {"serverlessv2ScalingConfiguration": {"minCapacity": 0.5, "maxCapacity": 4}}
        new = {"serverlessv2ScalingConfiguration": {"minCapacity": 0.5, "maxCapacity": 8}}
        assert one(CLUSTER, old, new).path == "serverlessv2ScalingConfiguration.maxCapacity"

    def test_name_the_key_of_a_map(self) -> None:
        found = one(BUCKET, {"tags": {"a": "1"}}, {"tags": {"a": "1", "groundwork:stack": "dev"}})
        assert found == Change('tags["groundwork:stack"]', "add", replaces=False)

    def test_name_the_place_in_a_list(self) -> None:
        old = {"defaultActions": [{"type": "forward", "order": 1}]}
        new = {"defaultActions": [{"type": "redirect", "order": 1}]}
        assert one("aws:lb/listener:Listener", old, new).path == "defaultActions[0].type"


class TestNothing:
    def test_is_planned_for_equal_inputs_or_those_of_the_bridge(self) -> None:
        inputs = {"a": 1, "tags": {"x": "y"}, "list": [{"b": 2.0}]}
        assert changes(BUCKET, inputs, {"a": 1.0, "tags": {"x": "y"}, "list": [{"b": 2}], "__defaults": ["a"]}) == []

    def test_is_planned_for_the_order_of_a_set(self) -> None:
        assert changes(LB, {"subnets": ["a", "b"]}, {"subnets": ["b", "a"]}) == []
        assert changes(GROUP, {"tags": {"a": "1"}}, {"tags": {"a": "2"}}) != []

    def test_is_planned_for_the_order_of_the_groups_of_a_rule(self) -> None:
        one, other = {"arn": "a", "weight": 100}, {"arn": "b", "weight": 0}
        before, after = (
            {"actions": [{"forward": {"targetGroups": groups}}]} for groups in ([one, other], [other, one])
        )
        assert changes("aws:lb/listenerRule:ListenerRule", before, after) == []
        shifted = {"actions": [{"forward": {"targetGroups": [{**one, "weight": 0}, {**other, "weight": 100}]}}]}
        assert changes("aws:lb/listenerRule:ListenerRule", before, shifted) != []

    def test_is_planned_when_a_strategy_is_merely_left_out(self) -> None:
        assert changes(SERVICE, {"deploymentConfiguration": {"strategy": "CANARY"}}, {}) == []

    def test_is_planned_for_another_writing_of_the_same_document(self) -> None:
        assert changes("aws:iam/role:Role", {"assumeRolePolicy": '{"a": 1}'}, {"assumeRolePolicy": '{"a":1}'}) == []
        assert changes("aws:iam/role:Role", {"assumeRolePolicy": '{"a": 1}'}, {"assumeRolePolicy": '{"a":2}'}) != []

    def test_is_planned_when_what_aws_fills_in_is_no_longer_given(self) -> None:
        assert changes(CLUSTER, {"port": 5432}, {}) == []
        assert one(CLUSTER, {"deletionProtection": True}, {}).kind == "delete", "AWS fills this one in with nothing"

    def test_is_the_same_as_no_value(self) -> None:
        assert changes(BUCKET, {"forceDestroy": None}, {}) == []

    def test_is_not_what_true_and_one_are(self) -> None:
        assert changes(BUCKET, {"forceDestroy": True}, {"forceDestroy": 1}) != []


def test_a_member_of_a_set_is_shown_where_it_came_and_where_it_went() -> None:
    found = changes(LB, {"subnets": ["a", "b"]}, {"subnets": ["b", "c", "d"]})
    assert [(change.path, change.kind) for change in found] == [("subnets[1]", "update"), ("subnets[2]", "add")]


def test_a_block_that_is_added_or_taken_out_counts_as_the_block() -> None:
    found = one("aws:ecs/taskDefinition:TaskDefinition", {}, {"runtimePlatform": {"cpuArchitecture": "ARM64"}})
    assert found == Change("runtimePlatform", "add", replaces=True)


CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
AURORA: Inputs = {"engine": "aurora-postgresql"}
NETWORK: Inputs = {"loadBalancerType": "network"}


@pytest.mark.parametrize(
    ("type_token", "old", "new", "replaces"),
    [
        (LB, {"subnets": ["a"]}, {"subnets": ["b"]}, False),
        (LB, {**NETWORK, "subnets": ["a"]}, {**NETWORK, "subnets": ["b"]}, True),
        (LB, {**NETWORK, "subnets": ["a"]}, {**NETWORK, "subnets": ["a", "b"]}, False),
        (LB, {**NETWORK, "securityGroups": ["a"]}, {**NETWORK, "securityGroups": ["b"]}, False),
        (LB, NETWORK, {**NETWORK, "securityGroups": ["b"]}, True),
        (CACHE, {"engine": "redis"}, {"engine": "valkey"}, False),
        (CACHE, {"engine": "valkey"}, {"engine": "redis"}, True),
        (CACHE, {"engineVersion": "7.0"}, {"engineVersion": "7.1"}, False),
        (CACHE, {"engineVersion": "7.1"}, {"engineVersion": "7.0"}, True),
        (SERVICE, {"capacityProviderStrategies": [{"base": 1}]}, {"capacityProviderStrategies": [{"base": 2}]}, True),
        (
            SERVICE,
            {"capacityProviderStrategies": [{"base": 1}], "forceNewDeployment": True},
            {"capacityProviderStrategies": [{"base": 2}], "forceNewDeployment": True},
            False,
        ),
        (CLUSTER, {**AURORA, "storageType": "a"}, {**AURORA, "storageType": "b"}, False),
        (CLUSTER, {"engine": "mysql", "storageType": "a"}, {"engine": "mysql", "storageType": "b"}, True),
        ("aws:ssm/parameter:Parameter", {"tier": "Standard"}, {"tier": "Advanced"}, False),
        ("aws:ssm/parameter:Parameter", {"tier": "Advanced"}, {"tier": "Standard"}, True),
        ("aws:ec2/vpc:Vpc", {"instanceTenancy": "dedicated"}, {"instanceTenancy": "default"}, False),
    ],
)
def test_a_condition_decides_as_it_was_measured(type_token: str, old: Inputs, new: Inputs, replaces: bool) -> None:
    assert [change.replaces for change in changes(type_token, old, new)] == [replaces]


def test_a_password_that_is_only_written_is_never_a_change() -> None:
    assert changes(CLUSTER, {"masterPasswordWo": "a"}, {"masterPasswordWo": "b"}) == []


def test_a_condition_without_a_rule_is_taken_for_the_worst() -> None:
    assert conditions.replaces("aws:ec2/instance:Instance", "ebsBlockDevices.iops", 1, 2, {}, {}) is True


def test_every_rule_is_about_a_property_that_the_table_calls_conditional() -> None:
    strays = []
    for key in conditions._RULES:
        type_token, _, path = key.partition(" ")
        known = table.inputs(type_token)
        if known is None or path not in known.conditional:
            strays.append(key)
    assert strays == []


def test_every_type_with_computed_outputs_has_its_inputs_in_the_table() -> None:
    assert [token for token in table.known_types() if table.inputs(token) is None] == []
