"""What becomes of data when what holds it goes: lost, refused by AWS, copied, kept for a while."""

import re
from pathlib import Path
from typing import Any

import pulumi_aws

from preflight.diff import markdown, text
from preflight.simulation import deletions
from preflight.summary import Page
from tests.gathered import for_each
from tests.preflight.diff.reports import UNKNOWN, compared, document, only, resource, stack

SDK = Path(pulumi_aws.__path__[0])
BUCKET, DATABASE, TABLE = "aws:s3/bucket:Bucket", "aws:rds/instance:Instance", "aws:dynamodb/table:Table"
SECRET, KEY, LOGS = "aws:secretsmanager/secret:Secret", "aws:kms/key:Key", "aws:cloudwatch/logGroup:LogGroup"
BALANCER, MEMBER, FILES = "aws:lb/loadBalancer:LoadBalancer", "aws:rds/clusterInstance:ClusterInstance", "aws:efs/fileSystem:FileSystem"  # fmt: skip
WINDOWS = "aws:fsx/windowsFileSystem:WindowsFileSystem"
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
        (DATABASE, {"skipFinalSnapshot": True, "deleteAutomatedBackups": False}, "restorable", "automatic backups"),
        (DATABASE, {"skipFinalSnapshot": True, "deletionProtection": True}, "refused", "while deletionProtection is on"),
        ("aws:elasticache/cluster:Cluster", {}, "lost", "what it holds is lost"),
        ("aws:elasticache/cluster:Cluster", {"finalSnapshotIdentifier": "c"}, "restorable", "snapshot c remains"),
        (WINDOWS, {}, "restorable", "a last copy remains"),
        (WINDOWS, {"skipFinalBackup": True}, "lost", "what it holds is lost"),
        ("aws:fsx/lustreFileSystem:LustreFileSystem", {}, "lost", "what it holds is lost"),
        ("aws:ebs/volume:Volume", {"finalSnapshot": True}, "restorable", "a last copy remains"),
        (TABLE, {"deletionProtectionEnabled": True}, "refused", "while deletionProtectionEnabled is on"),
        (TABLE, {"deletionProtectionEnabled": False}, "lost", "what it holds is lost"),
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
        for key in ("protected", "despite", "force", "snapshot", "skip", "copy", "backups", "window", "stays"):
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
