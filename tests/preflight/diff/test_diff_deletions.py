"""What becomes of data when what holds it goes: lost, refused by AWS, copied, kept for a while."""

import re
from pathlib import Path
from typing import Any

import pulumi_aws

from preflight import simulation
from preflight.diff import markdown, text
from preflight.run import DEFAULT_ACCOUNT
from preflight.simulation import deletions
from preflight.summary import Page
from tests.gathered import for_each
from tests.preflight.diff.reports import UNKNOWN, compared, document, only, resource, stack

SDK = Path(pulumi_aws.__path__[0])
BUCKET, DATABASE, TABLE = "aws:s3/bucket:Bucket", "aws:rds/instance:Instance", "aws:dynamodb/table:Table"
SECRET, KEY, LOGS = "aws:secretsmanager/secret:Secret", "aws:kms/key:Key", "aws:cloudwatch/logGroup:LogGroup"
BALANCER, MEMBER, FILES = "aws:lb/loadBalancer:LoadBalancer", "aws:rds/clusterInstance:ClusterInstance", "aws:efs/fileSystem:FileSystem"  # fmt: skip
WINDOWS = "aws:fsx/windowsFileSystem:WindowsFileSystem"
CLUSTER, WORLD = "aws:rds/cluster:Cluster", "aws:rds/globalCluster:GlobalCluster"
UNCOPIED = {"skipFinalSnapshot": True, "deleteAutomatedBackups": False}
UNMADE = "the provider refuses to delete it without finalSnapshotIdentifier"


@for_each(
    "token, inputs, outcome, said",
    [
        (BUCKET, {}, "refused unless empty", "AWS refuses to delete it while it holds objects (BucketNotEmpty)"),
        (BUCKET, {"forceDestroy": False}, "refused unless empty", "while it holds objects"),
        (BUCKET, {"forceDestroy": True}, "lost", "what it holds is lost"),
        (BUCKET, {"forceDestroy": UNKNOWN}, "lost", "what it holds is lost"),
        ("aws:ecr/repository:Repository", {}, "refused unless empty", "while it holds images"),
        ("aws:ecr/repository:Repository", {"forceDelete": True}, "lost", "what it holds is lost"),
        ("aws:glacier/vault:Vault", {}, "refused unless empty", "while it holds archives"),
        (DATABASE, {}, "refused", UNMADE),
        (DATABASE, {"finalSnapshotIdentifier": "last"}, "restorable", "a final snapshot last remains"),
        (DATABASE, {"finalSnapshotIdentifier": "last", "skipFinalSnapshot": True}, "lost", "what it holds is lost"),
        (DATABASE, {**UNCOPIED, "backupRetentionPeriod": 7}, "restorable", "automatic backups remain"),
        *[(DATABASE, UNCOPIED | none, "lost", "what it holds is lost")
          for none in ({}, {"backupRetentionPeriod": 0}, {"backupRetentionPeriod": UNKNOWN})],
        (DATABASE, {"replicateSourceDb": "main", "skipFinalSnapshot": True}, "elsewhere", "not in it but in its source"),
        (DATABASE, {"replicateSourceDb": "", "skipFinalSnapshot": True}, "lost", "what it holds is lost"),
        *[(DATABASE, {"replicateSourceDb": "main", **name}, "refused", "AWS makes no last copy of a replica")
          for name in ({}, {"finalSnapshotIdentifier": "last"})],
        (CLUSTER, {"replicationSourceIdentifier": "arn", **UNCOPIED}, "elsewhere", "not in it but in its source"),
        ("aws:elasticache/cluster:Cluster", {"replicationGroupId": "g"}, "elsewhere", "but in its replication group"),
        (CLUSTER, UNCOPIED, "restorable", "automatic backups remain"),  # a day of them is the least
        (DATABASE, {"skipFinalSnapshot": True, "deletionProtection": True}, "refused", "while deletionProtection is on"),
        ("aws:elasticache/cluster:Cluster", {}, "lost", "what it holds is lost"),
        ("aws:elasticache/cluster:Cluster", {"finalSnapshotIdentifier": "c"}, "restorable", "snapshot c remains"),
        (WINDOWS, {}, "restorable", "a last copy remains"),
        (WINDOWS, {"skipFinalBackup": True}, "lost", "what it holds is lost"),
        ("aws:fsx/lustreFileSystem:LustreFileSystem", {}, "lost", "what it holds is lost"),
        ("aws:ebs/volume:Volume", {"finalSnapshot": True}, "restorable", "a last copy remains"),
        (TABLE, {"deletionProtectionEnabled": True}, "refused", "while deletionProtectionEnabled is on"),
        (TABLE, {"deletionProtectionEnabled": False}, "lost", "what it holds is lost"),
        *[(TABLE, {"pointInTimeRecovery": on}, "restorable", "AWS keeps a backup of it for 35 days")
          for on in ({"enabled": True}, [{"enabled": True}])],
        *[(TABLE, {"pointInTimeRecovery": {"enabled": off}}, "lost", "what it holds is lost") for off in (False, UNKNOWN)],
        (TABLE, {"pointInTimeRecovery": UNKNOWN}, "lost", "what it holds is lost"),
        ("aws:cognito/userPool:UserPool", {"deletionProtection": "ACTIVE"}, "refused", "deletionProtection is on"),
        ("aws:cognito/userPool:UserPool", {"deletionProtection": "INACTIVE"}, "lost", "what it holds is lost"),
        ("aws:dsql/cluster:Cluster", {"deletionProtectionEnabled": True, "forceDestroy": True}, "lost", "is lost"),
        (SECRET, {}, "restorable", "AWS deletes it for good after 30 days (recoveryWindowInDays)"),
        (SECRET, {"recoveryWindowInDays": 7}, "restorable", "after 7 days"),
        (SECRET, {"recoveryWindowInDays": 0}, "lost", "what it holds is lost"),
        (KEY, {"deletionWindowInDays": 10}, "restorable", "after 10 days"),
        (LOGS, {"skipDestroy": True}, "stays", "skipDestroy leaves it in AWS"),
        (LOGS, {}, "lost", "what it holds is lost"),
        (MEMBER, {}, "elsewhere", "the data is not in it but in its cluster"),
        (FILES, {}, "lost", "what it holds is lost"),
        (BALANCER, {"enableDeletionProtection": True}, "refused", "while enableDeletionProtection is on"),
    ],
)  # fmt: skip
def test_what_a_deletion_does_follows_from_the_inputs(
    token: str, inputs: dict[str, Any], outcome: str, said: str
) -> None:
    found = deletions.deletion(token, inputs)
    assert found is not None
    assert found.outcome == outcome
    assert said in found.said
    assert bool(found.instead) == (outcome not in ("lost", "stays", "elsewhere"))


def test_what_holds_nothing_and_is_not_protected_is_simply_deleted() -> None:
    assert deletions.deletion(BALANCER, {}) is None
    assert deletions.deletion("aws:ec2/vpc:Vpc", {}) is None


def test_each_type_and_input_of_the_table_is_one_of_the_sdk() -> None:
    strange = []
    for token, row in deletions.rows().items():
        _, place, _ = token.split(":")
        stem = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", place.partition("/")[2]).lower()
        source = (SDK / place.partition("/")[0] / f"{stem}.py").read_text(encoding="utf-8")
        given = source.partition("def __init__(__self__, *,")[2].partition("@staticmethod")[0]
        strange += [] if f"'{token}'" in source else [(token, "no such type")]
        for key in (
            "protected",
            "despite",
            "force",
            "snapshot",
            "skip",
            "copy",
            "backups",
            "window",
            "stays",
            "backupDays",
            "by",
        ):
            snake = re.sub(r"([A-Z])", r"_\1", row.get(key, "")).lower()
            strange += [(token, snake)] if snake and f"\n                 {snake}: " not in given else []
    assert strange == []


def test_a_replacement_deletes_the_old_one_by_what_is_deployed_and_not_by_what_the_program_says_now() -> None:
    def table(key: str, *, held: bool) -> dict[str, Any]:
        return resource(TABLE, "t", {"hashKey": key, "deletionProtectionEnabled": held})

    too_late = only(compared([table("a", held=True)], [table("b", held=False)]))
    assert (too_late["action"], too_late["losesData"], too_late["deletion"]["outcome"]) == ("replace", False, "refused")
    not_yet = only(compared([table("a", held=False)], [table("b", held=True)]))
    assert (not_yet["losesData"], not_yet["deletion"]["outcome"]) == (True, "lost")
    assert only(compared([table("a", held=True)], [table("a", held=False)]))["deletion"] is None, "an update in place"


def _stores(inputs: dict[str, Any], **given: Any) -> list[dict[str, Any]]:
    """A cluster, a member of it by its id, and one by its name."""
    cluster = resource(CLUSTER, "db", {"clusterIdentifier": "orders", **inputs}, **given)
    by_id = resource(MEMBER, "a", {"clusterIdentifier": "x"}, needs={"clusterIdentifier": [cluster["urn"]]})
    return [cluster, by_id, resource(MEMBER, "b", {"clusterIdentifier": "orders"})]


STAYS = ("elsewhere", "the data is not in it but in its cluster, and stays there")
SNAPSHOT = {"finalSnapshotIdentifier": "last"}


@for_each(
    "base, kept, outcome",
    [
        (_stores({"skipFinalSnapshot": True}), [], ("lost", "the data is not in it but in db, and lost with that")),
        (_stores(SNAPSHOT), [], ("restorable", "and goes with that: of db, a final snapshot last remains")),
        (_stores({"skipFinalSnapshot": True}), ["db"], STAYS),
        (_stores({"skipFinalSnapshot": True, "deletionProtection": True}), [], STAYS),  # AWS refuses to delete it
        (_stores({"skipFinalSnapshot": True}, options={"protect": True}), [], STAYS),
        (_stores({"skipFinalSnapshot": True}, options={"retainOnDelete": True}), [], STAYS),
        (_stores({"skipFinalSnapshot": True, "clusterIdentifier": "others"})[::2], [], STAYS),  # not its cluster
    ],
)
def test_a_member_loses_what_its_cluster_loses(
    base: list[dict[str, Any]], kept: list[str], outcome: tuple[str, str]
) -> None:
    found = compared(base, [each for each in base if each["name"] in kept])["resources"]
    members = [each for each in found if each["type"] == MEMBER]
    assert members
    for each in members:
        assert each["deletion"]["outcome"] == outcome[0]
        assert outcome[1] in each["deletion"]["said"]
        assert each["losesData"] == (outcome[0] == "lost")


def test_a_member_goes_with_a_cluster_that_is_replaced() -> None:
    base, head = (_stores({"skipFinalSnapshot": True, "masterUsername": name}) for name in ("app", "root"))
    for each in head[1:]:
        each["unknownAtPreview"] = ["clusterIdentifier"]
    found = {each["name"]: each for each in compared(base, head[:2])["resources"]}
    assert (found["db"]["action"], found["a"]["action"], found["b"]["action"]) == ("replace", "replace", "remove")
    assert [found[name]["deletion"]["outcome"] for name in ("a", "b")] == ["lost", "lost"]
    assert found["b"]["instead"] is None


def test_a_global_cluster_loses_its_data_with_the_last_of_its_clusters() -> None:
    world = resource(WORLD, "world", {"globalClusterIdentifier": "all", "sourceDbClusterIdentifier": "arn:aws:rds:x:1:cluster:first"})  # fmt: skip
    base = [
        world,
        resource(CLUSTER, "first", {"skipFinalSnapshot": True, "clusterIdentifier": "first"}),
        resource(CLUSTER, "second", {"skipFinalSnapshot": True}, needs={"globalClusterIdentifier": [world["urn"]]}),
        resource(CLUSTER, "third", {**SNAPSHOT, "globalClusterIdentifier": "all"}),
        resource(CLUSTER, "other", {"skipFinalSnapshot": True, "globalClusterIdentifier": "another"}),
    ]
    for gone, outcome in ((5, "restorable"), (3, "elsewhere"), (1, "elsewhere")):
        found = {each["name"]: each for each in compared(base, base[gone:])["resources"]}
        assert found["world"]["deletion"]["outcome"] == outcome, gone
    found = {each["name"]: each for each in compared([*base[:3], base[4]], [base[4]])["resources"]}
    assert found["world"]["deletion"]["said"] == "the data is not in it but in first, second, and lost with that"


def test_a_replica_loses_its_data_only_with_the_database_that_it_copies_in_the_end() -> None:
    def replica(name: str, of: str) -> dict[str, Any]:
        return resource(DATABASE, name, {"identifier": name, "skipFinalSnapshot": True, "replicateSourceDb": of})

    main = resource(DATABASE, "main", {"identifier": "main", "skipFinalSnapshot": True})
    near = replica("near", "main")
    far = replica("far", "arn:aws:rds:us-east-1:123456789012:db:near")
    base = [main, near, far]
    for kept in ([main], [main, near]):
        found = compared(base, kept)["resources"]
        assert {each["deletion"]["outcome"] for each in found} == {"elsewhere"}
        assert not any(each["losesData"] for each in found)
    gone = {each["name"]: each for each in compared(base, [])["resources"]}
    assert gone["far"]["deletion"]["said"] == "the data is not in it but in main, and lost with that"
    assert {each["losesData"] for each in gone.values()} == {True}
    strange = [replica("near", "elsewhere"), replica("far", "near")]
    assert {each["deletion"]["outcome"] for each in compared(strange, [])["resources"]} == {"elsewhere"}
    promoted = {**near, "inputs": {"identifier": "near", "skipFinalSnapshot": True}}
    found = only(compared(base, [main, promoted, far]))
    assert (found["action"], found["deletion"], found["warnings"]) == ("update", None, [])
    assert only(compared([main, promoted], [main]))["losesData"], "it holds data of its own once it is promoted"


def test_the_name_of_a_last_copy_is_told_by_what_it_is_made_of() -> None:
    pet = resource(FILES, "shared")
    drawn = simulation.resource_id(FILES, "shared", {}, region="eu-west-1", account=DEFAULT_ACCOUNT, urn=pet["urn"])
    named = {"finalSnapshotIdentifier": f"{drawn}-last"}
    for unknown, needs, said in (
        (["finalSnapshotIdentifier"], [pet["urn"]], "a final snapshot <id of shared>-last remains"),
        (["finalSnapshotIdentifier"], [], "a final snapshot remains"),
        ([], [], f"a final snapshot {drawn}-last remains"),
    ):
        db = resource(DATABASE, "db", named, unknown=unknown, needs={"finalSnapshotIdentifier": needs})
        assert only(compared([pet, db], [pet]))["deletion"]["said"] == said


def test_terminal_comment_and_document_say_the_same_and_count_it_once() -> None:
    base = [
        resource(BUCKET, "files"),
        resource(BUCKET, "scratch", {"forceDestroy": True}),
        resource(DATABASE, "db", {"finalSnapshotIdentifier": "db-last"}),
        resource(LOGS, "log", {"skipDestroy": True}),
        resource(BUCKET, "left", {"forceDestroy": True}, options={"retainOnDelete": True}),
    ]
    found = document(stack(base), stack([]))
    summary = found["stacks"]["dev"]["summary"]
    assert [summary[key] for key in ("losesData", "deletionRefused", "staysInAws", "refused")] == [1, 1, 2, 0]
    for said in (
        " ".join(text.text(found, Page(200, False, False), everything=False).split()),
        markdown.markdown(found),
    ):
        refused = said.index("AWS refuses the deletion, at least while something is in it (1)")
        lost, remains, stays = (
            said.index(title)
            for title in ("Loses data (1)", "its data remains for now (1)", "Stays in AWS without a manager (2)")
        )
        assert refused < lost < remains < stays
        assert (
            refused < said.index("files (s3.Bucket) is removed: AWS refuses to delete it while it holds objects") < lost
        )
        assert "Instead: empty it first, or an update before that sets forceDestroy to true and lets them go" in said
        assert lost < said.index("scratch (s3.Bucket) is removed: what it holds is lost") < remains
        assert (
            remains
            < said.index("db (rds.Instance) is removed: a final snapshot db-last remains. To have it back:")
            < stays
        )
        assert "files (s3.Bucket) is removed: what it holds is lost" not in said
        assert "log (cloudwatch.LogGroup) is removed. Instead: an update before that sets skipDestroy to false" in said
        assert "left (s3.Bucket) is removed. Instead: an update before that sets retainOnDelete to false" in said
    (row,) = [line for line in markdown.markdown(found).splitlines() if line.startswith("| `dev")]
    assert row.split("|")[8:11] == ["  ", " **1** ", " **1** "]
    assert "; AWS refuses to delete 1 of these; 2 stay in AWS" in text.text(found, Page(300, False, False), everything=False)  # fmt: skip


def test_what_the_engine_refuses_says_what_to_do_for_a_removal_and_for_a_replacement() -> None:
    held = {"options": {"protect": True}}
    gone = only(compared([resource(TABLE, "t", {"hashKey": "a"}, **held)], []))
    assert gone["instead"] == "an update before that sets protect to false, or `pulumi state unprotect <urn>`"
    held = {"options": {"protect": True}}
    base = [resource(TABLE, "t", {"hashKey": "a"}, **held)]
    other = only(compared(base, [resource(TABLE, "t", {"hashKey": "b"}, options={"protect": True})]))
    assert other["instead"] == "set protect to false in the same update"
