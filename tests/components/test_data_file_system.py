"""A file system: in every zone, closed, TLS only, and mounted as nobody through one access point."""

import json
from typing import Any

import pytest

from components.contracts import Access, Signal, Site
from components.data.file_system import FileSystem
from components.observability.alarms import RUNBOOKS
from components.security import documents
from settings.files import FileSystemSettings
from tests.components.stores import KEY, store_args

FILES, TARGET, POINT, POLICY = (
    "aws:efs/fileSystem:FileSystem",
    "aws:efs/mountTarget:MountTarget",
    "aws:efs/accessPoint:AccessPoint",
    "aws:efs/fileSystemPolicy:FileSystemPolicy",
)
SETTINGS: dict[str, Any] = {"infrequentAccessAfterDays": 30, "archiveAfterDays": 90, "throughput": "elastic"}


def store(*, protected: bool = True, place: dict[str, Any] | None = None, **change: Any) -> FileSystem:
    settings = FileSystemSettings.model_validate({**SETTINGS, **change})
    return FileSystem("data-shared", store_args("shared", settings, protected=protected, **(place or {})))


def granted(deploy: Any, level: str) -> tuple[dict[str, dict[str, Any]], Access, Any]:
    written: list[str] = []

    def build() -> Access:
        access = store().access(level)
        documents.document(access.statements).apply(written.append)
        return access

    deployment = deploy(build)
    return {each["Sid"]: each for each in json.loads(written[0])["Statement"]}, deployment.built, deployment


def test_files_are_encrypted_with_our_key_and_move_when_nobody_reads_them(deploy: Any) -> None:
    files = deploy(store).one(FILES).inputs
    assert (files["encrypted"], files["kmsKeyId"]) == (True, KEY)
    assert (files["performanceMode"], files["throughputMode"]) == ("generalPurpose", "elastic")
    assert "provisionedThroughputInMibps" not in files
    assert files["lifecyclePolicies"] == [
        {"transitionToIa": "AFTER_30_DAYS"},
        {"transitionToPrimaryStorageClass": "AFTER_1_ACCESS"},
        {"transitionToArchive": "AFTER_90_DAYS"},
    ]
    assert "availabilityZoneName" not in files, "one zone is not enough"


def test_files_that_never_move_have_no_lifecycle(deploy: Any) -> None:
    never = deploy(lambda: store(infrequentAccessAfterDays=None, archiveAfterDays=None)).one(FILES).inputs
    assert "lifecyclePolicies" not in never
    day = deploy(lambda: store(infrequentAccessAfterDays=1, archiveAfterDays=None)).one(FILES).inputs
    assert day["lifecyclePolicies"][0] == {"transitionToIa": "AFTER_1_DAY"}
    assert len(day["lifecyclePolicies"]) == 2


def test_provisioned_throughput_has_its_size(deploy: Any) -> None:
    files = deploy(lambda: store(throughput="provisioned", throughputMibps=64, archiveAfterDays=None)).one(FILES).inputs
    assert (files["throughputMode"], files["provisionedThroughputInMibps"]) == ("provisioned", 64)


def test_it_can_be_mounted_in_every_zone_of_the_data_tier_behind_a_group_without_rules(deploy: Any) -> None:
    made = deploy(store)
    targets = made.inputs(TARGET)
    assert {name: target["subnetId"] for name, target in targets.items()} == {
        "data-shared-us-east-1a": "subnet-a",
        "data-shared-us-east-1b": "subnet-b",
    }
    group = made.one("aws:ec2/securityGroup:SecurityGroup")
    assert not {"ingress", "egress"} & set(group.inputs)
    for target in made.of(TARGET).values():
        assert target.property_dependencies["securityGroups"] == {group.urn}


def test_in_a_network_whose_zones_nobody_tells_targets_are_numbered(deploy: Any) -> None:
    made = deploy(lambda: store(place={"availability_zones": (), "site": Site(vpc_id="v", data_subnet_ids=["s", "t"])}))
    assert set(made.of(TARGET)) == {"data-shared-1", "data-shared-2"}


def test_the_policy_refuses_what_is_not_tls_and_grants_nothing(deploy: Any) -> None:
    made = deploy(store)
    (statement,) = json.loads(made.one(POLICY).inputs["policy"])["Statement"]
    assert statement["Effect"] == "Deny"
    assert [action.partition(":Client")[2] for action in statement["Action"]] == ["Mount", "RootAccess", "Write"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    shown = made.of("groundwork:data:FileSystemPolicy")["data-shared-policy"].inputs["statements"]
    assert shown == [statement], "what policies judge is what is written"


def test_whoever_comes_is_nobody_and_sees_one_folder(deploy: Any) -> None:
    point = deploy(store).one(POINT).inputs
    assert point["posixUser"] == {"uid": 65534, "gid": 65534}, "the user of every container"
    root = point["rootDirectory"]
    assert root["path"] == "/data"
    assert root["creationInfo"] == {"ownerUid": 65534, "ownerGid": 65534, "permissions": "0750"}


def test_reading_never_writes_and_nobody_is_root(deploy: Any) -> None:
    read, access, made = granted(deploy, "read")
    mount = read["MountFiles"]
    assert mount["Action"] == ["elasticfilesystem:ClientMount"]
    assert mount["Resource"][0].rpartition("/")[2].startswith("fs-")
    point = mount["Condition"]["StringEquals"]["elasticfilesystem:AccessPointArn"]
    assert ":access-point/fsap-" in point
    assert access.mount is not None
    assert access.mount.read_only
    write, access, _ = granted(deploy, "write")
    assert write["MountFiles"]["Action"] == ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    assert access.mount is not None
    assert (access.mount.path, access.mount.read_only) == ("/mnt/shared", False)
    assert access.environment == {"SHARED_PATH": "/mnt/shared"}
    assert access.opening is not None
    assert access.opening.port == 2049
    admin, _, _ = granted(deploy, "admin")
    actions = {action for statement in admin.values() for action in statement["Action"]}
    assert not {action for action in actions if "Root" in action or "Delete" in action or "Put" in action}
    assert made.of(TARGET)


def test_an_unknown_level_is_refused_by_name(deploy: Any) -> None:
    with pytest.raises(ValueError, match="'shared' has no access level 'send': use one of"):
        deploy(lambda: store().access("send"))


def signals(deploy: Any, **change: Any) -> dict[str, Signal]:
    return {signal.name: signal for signal in deploy(lambda: store(**change).signals).built}


def test_credits_are_watched_where_there_are_some(deploy: Any) -> None:
    assert set(signals(deploy)) == {"data-shared-throughput", "data-shared-operations"}
    bursting = signals(deploy, throughput="bursting", archiveAfterDays=None)
    assert bursting["data-shared-credits"].threshold == int(2.1 * 2**40 * 0.2)
    for signal in bursting.values():
        assert (RUNBOOKS / signal.runbook).is_file()


@pytest.mark.parametrize("protected", [True, False])
def test_files_outlive_a_protected_stack_and_no_other(deploy: Any, protected: bool) -> None:
    made = deploy(lambda: store(protected=protected))
    assert (made.one(FILES).protect, made.one(FILES).retain_on_delete) == (protected, protected)
    assert made.one(POLICY).retain_on_delete is protected, "files that stay keep their policy"


def test_backups_are_told_of_it(deploy: Any) -> None:
    kept = deploy(lambda: store().recoverable).built
    assert (kept.kind, kept.name, kept.own_backup_days) == ("EFS", "shared", None)
