"""What backups cost, worked out by hand: a copy of each store, of a table one for each day."""

from typing import Any

from tests.preflight.cost.stacks import another, cost, counted, resource

PLAN = resource("aws:backup/plan:Plan", "plan", rules=[{"ruleName": "nightly", "lifecycle": {"deleteAfter": 35}}])
CLUSTER = resource("aws:rds/cluster:Cluster", "db", engine="aurora-postgresql")
TABLE = resource("aws:dynamodb/table:Table", "table", billingMode="PAY_PER_REQUEST")
FILES = resource("aws:efs/fileSystem:FileSystem", "files")
BUCKET = resource("aws:s3/bucket:Bucket", "bucket")


def selected(*stores: dict[str, Any]) -> dict[str, Any]:
    return resource("aws:backup/selection:Selection", "chosen", planId=another(PLAN), resources=another(*stores))


def kept(*stores: dict[str, Any], **usage: Any) -> dict[str, str]:
    """Quantities of backups alone."""
    found = counted(cost(PLAN, selected(*stores), *stores, **usage), "expected")
    return {meter: quantity for meter, quantity in found.items() if meter.startswith("backup.")}


def test_a_database_and_files_are_kept_once_and_a_table_for_each_day() -> None:
    usage = {"databaseGigabytes": 40, "fileGigabytes": 30, "tableGigabytes": 2}
    assert kept(CLUSTER, FILES, TABLE, **usage) == {
        "backup.aurora.warm": "40",
        "backup.efs.warm": "30",
        "backup.dynamodb.warm": "70",  # 2 GB x 35
    }


def test_only_what_is_selected_is_charged() -> None:
    found = counted(cost(PLAN, selected(TABLE), TABLE, CLUSTER, tableGigabytes=2), "expected")
    assert "backup.aurora.warm" not in found and found["backup.dynamodb.warm"] == "70"


def test_what_nobody_knows_is_said_and_the_vault_itself_is_free() -> None:
    vault = resource("aws:backup/vault:Vault", "vault")
    tests = resource("aws:backup/restoreTestingSelection:RestoreTestingSelection", "tests")
    found = cost(PLAN, vault, tests, selected(BUCKET, CLUSTER), BUCKET, CLUSTER)
    unpriced = {entry["urn"].rpartition("::")[2]: entry["why"] for entry in found["unpriced"]}
    assert "backups of buckets" in unpriced["chosen"] and "restore tests" in unpriced["tests"]
    assert not {"vault", "plan"} & unpriced.keys()
