"""Whole stacks with backups of every kind of store, run by preflight: nothing stateful is left out, AWS would take it."""

import json
import subprocess
import sys
from typing import Any

import pytest
import yaml

from tests.components import limits
from tests.components.test_shapes import PLAIN_RDS, PROGRAM, ROOT, committed, section
from tests.components.verdicts import left

STACKS = ("kept", "china", "small")
NIGHTLY = {"schedule": "cron(0 5 * * ? *)", "keepDays": 365, "restoreTest": "cron(0 9 ? * SUN *)"}
DUMP = {
    "databases": ["abcdefghij-klmnopqrs", "orders"],
    "schedule": {"when": "cron(30 7 * * ? *)", "timezone": "Europe/Berlin"},
    "lockedDays": 30,
    "keepDays": 90,
    "archiveAfterDays": 30,
    "size": {"cpu": 512, "memory": 1024, "architecture": "arm64"},
}
TABLE = {
    "partitionKey": {"name": "id", "type": "string"},
    "sortKey": None,
    "capacity": {"mode": "onDemand"},
    "indexes": {},
    "localIndexes": {},
    "expiresAt": None,
    "stream": None,
    "recoveryDays": 35,
}
FILES = {"infrequentAccessAfterDays": 30, "archiveAfterDays": None, "throughput": "elastic"}
SELECTION = "aws:backup/selection:Selection"
TEST = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
KEPT = (
    "aws:dynamodb/table:Table",
    "aws:efs/fileSystem:FileSystem",
    "aws:rds/cluster:Cluster",
    "aws:rds/instance:Instance",
    "aws:s3/bucket:Bucket",
)
# Buckets that hold no data of users: what was logged, and the dumps, which are themselves a copy.
NO_DATA = {"security-logs", "data-dumps"}


def kept() -> dict[str, Any]:
    """Production with a store of every kind, the longest names, and everything that backups have."""
    stack = committed("prod")
    section(stack, "network")["cidr"] = "10.121.0.0/16"
    data, services = section(stack, "data"), section(stack, "services")
    main = data["databases"]["main"]
    plain = {**PLAIN_RDS, "engine": "mysql", "version": "8.4.9", "instanceClass": "db.m7g.large", "multiAz": True}
    data["databases"] = {"main": main, "abcdefghij-klmnopqrs": main, "orders": {**plain, "backupDays": 7}}
    data.setdefault("tables", {})["abcdefghij-table-001"] = TABLE
    data.setdefault("files", {})["abcdefghij-files-001"] = FILES
    data["backups"] = {
        **NIGHTLY,
        "coldAfterDays": 30,
        "bucketsContinuousDays": 14,
        "copy": {"region": "us-west-2", "keepDays": 365},
    }
    data["dump"] = DUMP
    services["web"]["uses"]["abcdefghij-table-001"] = "write"
    return stack


def china() -> dict[str, Any]:
    """Where no restore is tested, and names and hosts are written otherwise."""
    stack = committed("prod")
    stack["config"]["aws:region"] = "cn-north-1"
    section(stack, "network").update(
        availabilityZones=["cn-north-1a", "cn-north-1b", "cn-north-1d"], cidr="10.122.0.0/16"
    )
    section(stack, "data").update(
        backups={**NIGHTLY, "restoreTest": None, "copy": {"region": "cn-northwest-1", "keepDays": 35}},
        dump={**DUMP, "databases": ["main"]},
    )
    return stack


def small() -> dict[str, Any]:
    """Development: backups for a week, and no tests of them."""
    stack = committed("dev")
    section(stack, "network")["cidr"] = "10.123.0.0/16"
    section(stack, "data")["backups"] = {**NIGHTLY, "keepDays": 7, "restoreTest": None}
    return stack


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("recovery")
    for name in PROGRAM:
        (folder / name).symlink_to(ROOT / name)
    for stack in (kept, china, small):
        (folder / f"Pulumi.{stack.__name__}.yaml").write_text(yaml.safe_dump(stack()))
    command = [sys.executable, "-m", "preflight", "check", *STACKS, "--program", str(folder)]
    command += ["--policy", str(ROOT / "policy"), "--json", "-"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def of(report: dict[str, Any], stack: str, *tokens: str) -> list[dict[str, Any]]:
    return [r for r in report["stacks"][stack]["resources"] if r["type"] in tokens]


@pytest.mark.parametrize("stack", STACKS)
def test_aws_would_take_every_name_size_and_combination(report: dict[str, Any], stack: str) -> None:
    assert limits.complaints(report["stacks"][stack]["resources"]) == []


@pytest.mark.parametrize("stack", STACKS)
def test_no_rule_is_broken_and_nothing_is_left_undecided(report: dict[str, Any], stack: str) -> None:
    assert left(report["stacks"][stack]["findings"]) == []


def behind(resource: dict[str, Any], key: str) -> set[str]:
    """The resources whose outputs an input was made of."""
    return set(resource["propertyDependencies"].get(key, ()))


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_that_keeps_data_is_outside_a_selection(report: dict[str, Any], stack: str) -> None:
    chosen = {urn for one in of(report, stack, SELECTION) for urn in behind(one, "resources")}
    stores = {store["urn"] for store in of(report, stack, *KEPT) if store["name"] not in NO_DATA}
    assert len(stores) >= 2
    assert stores == chosen


def test_the_restore_of_all_that_is_kept_is_tested(report: dict[str, Any]) -> None:
    tested = [arn for one in of(report, "kept", TEST) for arn in one["inputs"]["protectedResourceArns"]]
    chosen = {arn for one in of(report, "kept", SELECTION) for arn in one["inputs"]["resources"]}
    assert set(tested) == chosen and len(tested) == len(set(tested))
    assert not of(report, "china", TEST) and not of(report, "small", TEST)


def test_every_kind_of_store_is_among_them(report: dict[str, Any]) -> None:
    assert {store["type"] for store in of(report, "kept", *KEPT)} == set(KEPT)
    kinds = {one["inputs"]["protectedResourceType"] for one in of(report, "kept", TEST)}
    assert kinds == {"Aurora", "DynamoDB", "EFS", "RDS", "S3"}


def test_copies_of_databases_come_up_in_the_data_tier(report: dict[str, Any]) -> None:
    by_urn = {one["urn"]: one for one in report["stacks"]["kept"]["resources"]}
    databases = [one for one in of(report, "kept", TEST) if one["inputs"]["protectedResourceType"] in {"Aurora", "RDS"}]
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


def test_the_jobs_that_dump_reach_their_database_and_may_only_add_to_the_bucket(report: dict[str, Any]) -> None:
    roles = {one["name"]: one["inputs"]["policy"] for one in of(report, "kept", "aws:iam/rolePolicy:RolePolicy")}
    rights = json.loads(roles["dump-orders-roles-task-policy"])["Statement"]
    on_bucket = {action for s in rights for action in s["Action"] if action.startswith("s3:")}
    assert on_bucket == {"s3:AbortMultipartUpload", "s3:PutObject"}
    ports = {
        one["inputs"]["toPort"]
        for one in of(report, "kept", "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
        if one["name"].startswith("dump-orders")
    }
    assert ports == {443, 3306}
    lock = of(report, "kept", "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")
    assert [one["inputs"]["rule"]["defaultRetention"]["days"] for one in lock] == [30]


def test_a_bucket_that_tells_goes_on_telling_aws_backup(report: dict[str, Any]) -> None:
    (notices,) = of(report, "kept", "aws:s3/bucketNotification:BucketNotification")
    assert notices["inputs"]["eventbridge"] is True
