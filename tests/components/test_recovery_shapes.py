"""Whole stacks with backups of every kind of store, run by preflight: nothing stateful is left out, AWS would take it."""

import json
from typing import Any

import pytest

STACKS = ("kept", "china", "night")
SELECTION = "aws:backup/selection:Selection"
TEST = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
KEPT = (
    "aws:dynamodb/table:Table",
    "aws:efs/fileSystem:FileSystem",
    "aws:rds/cluster:Cluster",
    "aws:rds/instance:Instance",
    "aws:s3/bucket:Bucket",
)
# Buckets that hold no data of users but what was logged, and those that are themselves a copy.
NO_DATA = {"security-logs", "data-dumps", "data-copied-copy"}


def of(shaped: dict[str, Any], stack: str, *tokens: str) -> list[dict[str, Any]]:
    return [r for r in shaped["stacks"][stack]["resources"] if r["type"] in tokens]


def behind(resource: dict[str, Any], key: str) -> set[str]:
    """The resources whose outputs an input was made of."""
    return set(resource["propertyDependencies"].get(key, ()))


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_that_keeps_data_is_outside_a_selection(shaped: dict[str, Any], stack: str) -> None:
    chosen = {urn for one in of(shaped, stack, SELECTION) for urn in behind(one, "resources")}
    stores = {store["urn"] for store in of(shaped, stack, *KEPT) if store["name"] not in NO_DATA}
    assert len(stores) >= 2
    assert stores == chosen


def test_the_restore_of_all_that_is_kept_is_tested(shaped: dict[str, Any]) -> None:
    tested = [arn for one in of(shaped, "kept", TEST) for arn in one["inputs"]["protectedResourceArns"]]
    chosen = {arn for one in of(shaped, "kept", SELECTION) for arn in one["inputs"]["resources"]}
    assert set(tested) == chosen and len(tested) == len(set(tested))
    assert not of(shaped, "china", TEST) and not of(shaped, "night", TEST)


def test_every_kind_of_store_is_among_them(shaped: dict[str, Any]) -> None:
    assert {store["type"] for store in of(shaped, "kept", *KEPT)} == set(KEPT)
    kinds = {one["inputs"]["protectedResourceType"] for one in of(shaped, "kept", TEST)}
    assert kinds == {"Aurora", "DynamoDB", "EFS", "RDS", "S3"}


def test_copies_of_databases_come_up_in_the_data_tier(shaped: dict[str, Any]) -> None:
    by_urn = {one["urn"]: one for one in shaped["stacks"]["kept"]["resources"]}
    databases = [one for one in of(shaped, "kept", TEST) if one["inputs"]["protectedResourceType"] in {"Aurora", "RDS"}]
    assert len(databases) == 3
    for selection in databases:
        given = [by_urn[urn] for urn in behind(selection, "restoreMetadataOverrides")]
        (subnets,) = [one for one in given if one["type"] == "aws:rds/subnetGroup:SubnetGroup"]
        tiers = {by_urn[urn]["name"] for urn in behind(subnets, "subnetIds")}
        assert len(tiers) == 3 and all(name.startswith("network-data-") for name in tiers)
        (closed,) = [one for one in given if one["type"] == "aws:ec2/securityGroup:SecurityGroup"]
        ruled = [
            one["name"]
            for one in by_urn.values()
            if closed["urn"] in behind(one, "securityGroupId") | behind(one, "referencedSecurityGroupId")
        ]
        assert not ruled, "a group with a rule is not closed"
        assert not {"ingress", "egress"} & closed["inputs"].keys()


def test_the_jobs_that_dump_reach_their_database_and_may_only_add_to_the_bucket(shaped: dict[str, Any]) -> None:
    roles = {one["name"]: one["inputs"]["policy"] for one in of(shaped, "kept", "aws:iam/rolePolicy:RolePolicy")}
    rights = json.loads(roles["dump-orders-roles-task-policy"])["Statement"]
    on_bucket = {action for s in rights for action in s["Action"] if action.startswith("s3:")}
    assert on_bucket == {"s3:AbortMultipartUpload", "s3:PutObject"}
    ports = {
        one["inputs"]["toPort"]
        for one in of(shaped, "kept", "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
        if one["name"].startswith("dump-orders")
    }
    assert ports == {443, 3306}
    lock = of(shaped, "kept", "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")
    assert [one["inputs"]["rule"]["defaultRetention"]["days"] for one in lock] == [30]


def test_a_bucket_that_tells_goes_on_telling_aws_backup(shaped: dict[str, Any]) -> None:
    (notices,) = of(shaped, "kept", "aws:s3/bucketNotification:BucketNotification")
    assert notices["inputs"]["eventbridge"] is True
