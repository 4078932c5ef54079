"""What the provider plans when an input changes: the measured table, what was read since, and the rules beside it."""

import json
from pathlib import Path
from typing import Any

import pytest

from preflight.simulation import conditions, images, table
from preflight.simulation.changes import CONSEQUENCES, Change, changes
from tests.gathered import for_each

CLUSTER = "aws:rds/cluster:Cluster"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
LB = "aws:lb/loadBalancer:LoadBalancer"
SERVICE = "aws:ecs/service:Service"
BUCKET = "aws:s3/bucket:Bucket"

Inputs = dict[str, Any]
HERE = Path(table.__file__).parent
MEASURED: dict[str, dict[str, str]] = json.loads((HERE / "changes.json").read_text())["types"]
ROWS: list[dict[str, str]] = json.loads((HERE / "changes_read.json").read_text())["rows"]
VERDICTS = ("replace", "update", "conditional", "unmeasured")
STATES = Path(__file__).parents[1] / "golden" / "state"


def one(type_token: str, old: Inputs, new: Inputs) -> Change:
    (found,) = changes(type_token, old, new)
    return found


@for_each(
    "type_token, key",
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
    assert one(type_token, {key: "before"}, {key: "after"}) == Change(key, "update", "replace")


@for_each(
    "type_token, key",
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
    assert one(type_token, {key: "before"}, {key: "after"}) == Change(key, "update", "update")


class TestPaths:
    def test_name_the_property_inside_a_block(self) -> None:
        old = {"serverlessv2ScalingConfiguration": {"minCapacity": 0.5, "maxCapacity": 4}}
        new = {"serverlessv2ScalingConfiguration": {"minCapacity": 0.5, "maxCapacity": 8}}
        assert one(CLUSTER, old, new).path == "serverlessv2ScalingConfiguration.maxCapacity"

    def test_name_the_key_of_a_map(self) -> None:
        found = one(BUCKET, {"tags": {"a": "1"}}, {"tags": {"a": "1", "groundwork:stack": "dev"}})
        assert found == Change('tags["groundwork:stack"]', "add", "update")

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
    assert found == Change("runtimePlatform", "add", "replace")


CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
AURORA: Inputs = {"engine": "aurora-postgresql"}
INTERFACE: Inputs = {"vpcEndpointType": "Interface"}
SUBNET = "aws:ec2/subnet:Subnet"
NAT = "aws:ec2/natGateway:NatGateway"
ZONES = "availabilityZoneAddresses"
NETWORK: Inputs = {"loadBalancerType": "network"}


@for_each(
    "type_token, old, new, replaces",
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
        ("aws:msk/cluster:Cluster", {"kafkaVersion": "3.9.1"}, {"kafkaVersion": "3.8.0"}, True),
        ("aws:msk/cluster:Cluster", {"kafkaVersion": "3.9.x"}, {"kafkaVersion": "3.8.x"}, False),
        (SUBNET, {"ipv6CidrBlock": "a"}, {"ipv6CidrBlock": "b"}, False),
        (SUBNET, {}, {"ipv6CidrBlock": "b"}, False),
        ("aws:ec2/instance:Instance", {"userData": "a"}, {"userData": "b"}, False),
        (
            "aws:ec2/vpcEndpoint:VpcEndpoint",
            {**INTERFACE, "privateDnsEnabled": True},
            {**INTERFACE, "privateDnsEnabled": False},
            False,
        ),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", {"privateDnsEnabled": True}, {"privateDnsEnabled": False}, True),
        (NAT, {ZONES: [{"availabilityZone": "a"}]}, {ZONES: [{"availabilityZone": "b"}]}, False),
        (NAT, {ZONES: [{"availabilityZone": "a"}]}, {ZONES: []}, True),
        (NAT, {"availabilityMode": "zonal"}, {"availabilityMode": "regional"}, True),
        (LB, {"secondaryIpsAutoAssignedPerSubnet": 2}, {"secondaryIpsAutoAssignedPerSubnet": 3}, False),
        (LB, {"secondaryIpsAutoAssignedPerSubnet": 2}, {"secondaryIpsAutoAssignedPerSubnet": 1}, True),
        ("docker-build:index:Image", {"tags": ["a"]}, {"tags": ["b"]}, False),
    ],
)
def test_a_condition_decides_as_it_was_measured(type_token: str, old: Inputs, new: Inputs, replaces: bool) -> None:
    assert [change.replaces for change in changes(type_token, old, new)] == [replaces]


def test_a_condition_reads_the_other_inputs_that_it_is_about() -> None:
    creating = {"assignIpv6AddressOnCreation": True}
    block = changes(SUBNET, {**creating, "ipv6CidrBlock": "a"}, {**creating, "ipv6CidrBlock": "b"})
    assert block == [Change("ipv6CidrBlock", "update", "replace")]
    replacing = {"userDataReplaceOnChange": True}
    script = changes("aws:ec2/instance:Instance", {**replacing, "userData": "a"}, {**replacing, "userData": "b"})
    assert script == [Change("userData", "update", "replace")]


def test_a_password_that_is_only_written_is_never_a_change() -> None:
    assert changes(CLUSTER, {"masterPasswordWo": "a"}, {"masterPasswordWo": "b"}) == []


def test_a_condition_without_a_rule_is_taken_for_the_worst() -> None:
    assert conditions.effect("aws:ec2/instance:Instance", "ebsBlockDevices.iops", 1, 2, {}, {}) == "replace"


@for_each(
    "type_token, key, before, after, planned",
    [
        (CLUSTER, "snapshotIdentifier", "last", None, []),
        (CLUSTER, "snapshotIdentifier", "last", "", []),
        (CLUSTER, "snapshotIdentifier", "last", "other", ["replace"]),
        (CLUSTER, "snapshotIdentifier", None, "last", ["replace"]),
        (CLUSTER, "restoreToPointInTime", {"sourceClusterIdentifier": "older"}, None, ["replace"]),
        ("aws:rds/instance:Instance", "snapshotIdentifier", "last", None, []),
        ("aws:rds/instance:Instance", "snapshotIdentifier", "last", "other", ["replace"]),
        ("aws:rds/instance:Instance", "restoreToPointInTime", {"useLatestRestorableTime": True}, None, ["replace"]),
    ],
)
def test_a_snapshot_may_be_taken_out_of_what_was_made_from_it_and_a_point_in_time_may_not(
    type_token: str, key: str, before: Any, after: Any, planned: list[str]
) -> None:
    old, new = ({"engine": "mysql"} | ({key: value} if value is not None else {}) for value in (before, after))
    assert [change.effect for change in changes(type_token, old, new)] == planned


def test_every_rule_is_about_a_property_that_the_table_calls_conditional() -> None:
    strays = []
    for key in conditions._RULES:
        type_token, _, path = key.partition(" ")
        known = table.inputs(type_token)
        if known is None or path not in known.conditional:
            strays.append(key)
    assert strays == []


def test_the_types_with_computed_outputs_are_those_with_inputs() -> None:
    """So preflight's update and the engine's provider know the same ones; images are known by code."""
    types = {*MEASURED, *(row["type"] for row in ROWS)} - {images.TYPE}
    assert types == set(table.known_types())


class TestNotKnown:
    """What nobody has measured or read is taken for the worst, and is called by its name."""

    @pytest.mark.parametrize(
        ("type_token", "old", "new", "path"),
        [
            (BUCKET, {"bucketNamespace": "global"}, {"bucketNamespace": "account-regional"}, "bucketNamespace"),
            (CLUSTER, {}, {"publiclyAccessible": True}, "publiclyAccessible"),
            (CLUSTER, {"engine": "neptune", "storageType": "a"}, {"engine": "neptune", "storageType": "b"}, "storageType"),
            (BUCKET, {"newInNextRelease": 1}, {"newInNextRelease": 2}, "newInNextRelease"),
            ("aws:eks/cluster:Cluster", {"version": "1.33"}, {"version": "1.34"}, "version"),
            (SERVICE, {"networkConfiguration": {"mtu": 1}}, {"networkConfiguration": {"mtu": 2}}, "networkConfiguration.mtu"),
        ],
    )  # fmt: skip
    def test_is_a_replacement_that_says_so(self, type_token: str, old: Inputs, new: Inputs, path: str) -> None:
        found = one(type_token, old, new)
        assert (found.path, found.effect, found.replaces) == (path, "unknown", True)
        assert CONSEQUENCES[found.effect] == "not known whether this replaces"

    def test_is_not_a_key_of_a_map_or_a_member_of_a_list(self) -> None:
        alarm = "aws:cloudwatch/metricAlarm:MetricAlarm"
        assert one(alarm, {"dimensions": {"Name": "a"}}, {"dimensions": {"Name": "b"}}).effect == "update"
        assert one(LB, {"subnets": ["a"]}, {"subnets": ["b"]}).effect == "update"

    def test_is_not_what_follows_from_the_tags(self) -> None:
        assert one(BUCKET, {"tagsAll": {"a": "1"}}, {"tagsAll": {"a": "2"}}).effect == "update"

    @pytest.mark.parametrize("path", sorted(STATES.glob("*.json")), ids=lambda path: path.stem)
    def test_is_nothing_that_a_committed_stack_sets(self, path: Path) -> None:
        resources = json.loads(path.read_text())["deployment"]["resources"]
        made = [r for r in resources if r.get("custom") and not r["type"].startswith("pulumi:")]
        unsure = {
            f"{resource['type']} {change.path}"
            for resource in made
            for change in changes(resource["type"], resource["inputs"], altered(resource["inputs"]))
            if change.effect == "unknown"
        }
        assert unsure == set()
        assert len(made) > 100


def altered(value: Any) -> Any:
    """The value with everything in it another."""
    if isinstance(value, dict):
        return {key: altered(element) for key, element in value.items()}
    if isinstance(value, list):
        return [altered(element) for element in value]
    if isinstance(value, bool):
        return not value
    return f"{value}0" if isinstance(value, str) else value + 1


class TestRead:
    def test_each_row_says_where_it_was_read_and_something_that_was_not_measured(self) -> None:
        for row in ROWS:
            assert row["source"].strip()
            told = {verdict: set(row.get(verdict, "").split()) for verdict in VERDICTS}
            assert sum(map(len, told.values())) == len(set().union(*told.values())) > 0, row
            known = MEASURED.get(row["type"], {})
            assert [verdict for verdict in VERDICTS if told[verdict] & set(known.get(verdict, "").split())] == [], row

    def test_no_property_has_two_answers(self) -> None:
        for type_token in {*MEASURED, *(row["type"] for row in ROWS)}:
            found = table.inputs(type_token)
            assert found is not None
            listed = [found.replacing, found.updating, found.conditional, found.unmeasured]
            assert sum(map(len, listed)) == len(frozenset().union(*listed)), type_token

    def test_what_was_read_counts_more_than_what_was_measured(self) -> None:
        found = table.inputs(SUBNET)
        assert found is not None
        assert "ipv6CidrBlock" in MEASURED[SUBNET]["update"].split()
        assert "ipv6CidrBlock" in found.conditional - found.updating
        assert "ipv4IpamPoolId" in found.replacing - found.unmeasured
