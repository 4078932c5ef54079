"""Backups: every store in the vault, nobody takes one out, and what goes wrong is told."""

import json
from typing import Any

import pytest

from components.contracts import DatabaseRestore, Recoverable, Site
from components.recovery import Backups, BackupsArgs
from settings.backups import BackupSettings
from settings.location import Location

HERE = Location.of("us-east-1", "111122223333")
KEY = "arn:aws:kms:us-east-1:111122223333:key/data"
NIGHTLY = {"schedule": "cron(0 5 * * ? *)", "keepDays": 35, "restoreTest": "cron(0 9 ? * SUN *)"}
ARNS = {
    "main": "arn:aws:rds:us-east-1:111122223333:cluster:main-1",
    "plain": "arn:aws:rds:us-east-1:111122223333:db:plain-1",
    "uploads": "arn:aws:s3:::uploads-1",
    "profiles": "arn:aws:dynamodb:us-east-1:111122223333:table/profiles-1",
    "media": "arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/fs-1",
}
KINDS = {"main": "Aurora", "plain": "RDS", "uploads": "S3", "profiles": "DynamoDB", "media": "EFS"}


def database(name: str) -> DatabaseRestore:
    return DatabaseRestore(
        engine="postgres",
        version="17.7",
        instance_class="db.serverless",
        subnet_group_name=f"{name}-subnets",
        parameter_group_name=f"{name}-parameters",
        security_group_id=f"sg-{name}",
        vpc_id="vpc-1",
        port=5432,
        database_name=name,
        identifier=f"{name}-1",
        secret_arn=f"arn:aws:secretsmanager:us-east-1:111122223333:secret:{name}",
    )


def kept(*names: str) -> list[Recoverable]:
    return [
        Recoverable(
            name=name,
            kind=KINDS[name],  # type: ignore[arg-type] # one of them
            arn=ARNS[name],
            key_arn=KEY,
            database=database(name) if KINDS[name] in {"Aurora", "RDS"} else None,
        )
        for name in names or KINDS
    ]


def backups(*names: str, protected: bool = True, **change: Any) -> Any:
    return lambda: Backups(
        "data-backups",
        BackupsArgs(
            settings=BackupSettings.model_validate({**NIGHTLY, **change}),
            recoverables=kept(*names),
            site=Site(vpc_id="vpc-1", data_subnet_ids=["subnet-a", "subnet-b"]),
            log_key_arn="arn:aws:kms:us-east-1:111122223333:key/operations",
            log_retention_days=90,
            location=HERE,
            protected=protected,
        ),
    )


def selected(deployment: Any) -> list[str]:
    return sorted(
        arn for one in deployment.of("aws:backup/selection:Selection").values() for arn in one.inputs["resources"]
    )


@pytest.mark.parametrize("change", [{}, {"coldAfterDays": 30, "keepDays": 365}, {"bucketsContinuousDays": 14}])
def test_every_store_is_backed_up_and_chosen_by_its_arn(deploy: Any, change: dict[str, Any]) -> None:
    deployment = deploy(backups(**change))
    assert set(selected(deployment)) == set(ARNS.values())
    for selection in deployment.of("aws:backup/selection:Selection").values():
        assert "selectionTags" not in selection.inputs, "a tag can be forgotten"


def test_only_what_has_cold_storage_moves_there(deploy: Any) -> None:
    deployment = deploy(backups(coldAfterDays=30, keepDays=365))
    plans = deployment.inputs("aws:backup/plan:Plan")
    chosen = {name: one["resources"] for name, one in deployment.inputs("aws:backup/selection:Selection").items()}
    assert plans["data-backups-cold-plan"]["rules"][0]["lifecycle"] == {"coldStorageAfter": 30, "deleteAfter": 365}
    assert plans["data-backups-plan"]["rules"][0]["lifecycle"] == {"deleteAfter": 365}
    assert sorted(chosen["data-backups-cold-selection"]) == sorted([ARNS["profiles"], ARNS["media"]])


def test_only_buckets_are_backed_up_continuously_for_rds_would_lose_its_own_settings(deploy: Any) -> None:
    deployment = deploy(backups(bucketsContinuousDays=14))
    continuous = {
        name
        for name, plan in deployment.inputs("aws:backup/plan:Plan").items()
        if any(rule.get("enableContinuousBackup") for rule in plan["rules"])
    }
    assert continuous == {"data-backups-continuous-plan"}
    chosen = deployment.inputs("aws:backup/selection:Selection")["data-backups-continuous-selection"]
    assert chosen["resources"] == [ARNS["uploads"]]
    assert not any(
        "enableContinuousBackup" in plan["rules"][0]
        for plan in deploy(backups()).inputs("aws:backup/plan:Plan").values()
    )


def test_nobody_deletes_a_backup_before_its_time(deploy: Any) -> None:
    deployment = deploy(backups())
    (statement,) = json.loads(deployment.one("aws:backup/vaultPolicy:VaultPolicy").inputs["policy"])["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", {"AWS": ["*"]})
    assert "backup:DeleteRecoveryPoint" in statement["Action"]
    assert "backup:PutBackupVaultAccessPolicy" not in statement["Action"], "nobody could ever mend the policy"
    lock = deployment.one("aws:backup/vaultLockConfiguration:VaultLockConfiguration").inputs
    assert lock["minRetentionDays"] == 7
    assert "changeableForDays" not in lock, "that would be for ever"


def test_the_vault_stays_with_a_protected_stack_and_goes_with_any_other(deploy: Any) -> None:
    vault = deploy(backups()).one("aws:backup/vault:Vault")
    assert (vault.protect, vault.retain_on_delete, vault.inputs["forceDestroy"]) == (True, True, False)
    other = deploy(backups(protected=False))
    vault = other.one("aws:backup/vault:Vault")
    assert (vault.protect, vault.retain_on_delete, vault.inputs["forceDestroy"]) == (False, False, True)
    assert not other.of("aws:backup/vaultLockConfiguration:VaultLockConfiguration")


def test_the_vault_has_a_key_of_its_own_that_aws_backup_may_use(deploy: Any) -> None:
    deployment = deploy(backups())
    key = deployment.one("aws:kms/key:Key")
    assert "key/" in deployment.one("aws:backup/vault:Vault").inputs["kmsKeyArn"] and key.protect
    via = [
        statement["Condition"]["StringEquals"]["kms:ViaService"]
        for statement in json.loads(key.inputs["policy"])["Statement"]
        if "Condition" in statement
    ]
    assert all("backup.us-east-1.amazonaws.com" in services for services in via)


def test_a_copy_goes_to_a_vault_with_its_own_key_in_the_other_region(deploy: Any) -> None:
    deployment = deploy(backups(copy={"region": "us-west-2", "keepDays": 60}))
    there = {r.type.rpartition(":")[2]: r for r in deployment.registered if r.inputs.get("region") == "us-west-2"}
    assert set(there) == {"Alias", "Key", "Vault", "VaultPolicy", "VaultLockConfiguration"}
    policy = there["Key"].inputs["policy"]
    assert "backup.us-west-2.amazonaws.com" in policy and "us-east-1.amazonaws.com" not in policy
    for plan in deployment.inputs("aws:backup/plan:Plan").values():
        (copy,) = plan["rules"][0]["copyActions"]
        assert ":us-west-2:" in copy["destinationVaultArn"] and copy["lifecycle"] == {"deleteAfter": 60}


def test_aws_backup_takes_one_role_for_backups_and_another_for_restores(deploy: Any) -> None:
    deployment = deploy(backups("main", "uploads"))
    attached = deployment.inputs("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert {name: one["policyArn"].rpartition("/")[2] for name, one in attached.items()} == {
        "data-backups-role-policy": "AWSBackupServiceRolePolicyForBackup",
        "data-backups-role-s3-policy": "AWSBackupServiceRolePolicyForS3Backup",
        "data-backups-restores-role-policy": "AWSBackupServiceRolePolicyForRestores",
        "data-backups-restores-role-s3-policy": "AWSBackupServiceRolePolicyForS3Restore",
    }
    for name, role in deployment.inputs("aws:iam/role:Role").items():
        (trust,) = json.loads(role["assumeRolePolicy"])["Statement"]
        assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}, name


def test_a_stack_without_buckets_has_no_rights_on_buckets(deploy: Any) -> None:
    deployment = deploy(backups("main"))
    assert not [name for name in deployment.of("aws:iam/rolePolicyAttachment:RolePolicyAttachment") if "s3" in name]
    assert not deployment.of("aws:s3/bucketObjectv2:BucketObjectv2")
    assert "s3:" not in deployment.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"]


def test_the_canary_of_a_bucket_is_named_after_its_own_checksum(deploy: Any) -> None:
    import hashlib  # noqa: PLC0415 - of this test alone

    canary = deploy(backups("uploads")).one("aws:s3/bucketObjectv2:BucketObjectv2").inputs
    assert canary["bucket"] == "uploads-1"
    assert canary["key"] == f".groundwork/canary-{hashlib.sha256(canary['content'].encode()).hexdigest()}"


def test_failed_backups_copies_and_restores_of_this_stack_are_told_of(deploy: Any) -> None:
    deployment = deploy(backups())
    pattern = json.loads(deployment.inputs("aws:cloudwatch/eventRule:EventRule")["data-backups-failed"]["eventPattern"])
    assert len(pattern["detail-type"]) == 3
    backup, copy, restore = pattern["detail"]["$or"]
    assert backup["state"] == ["ABORTED", "EXPIRED", "FAILED"] and copy["state"] == ["FAILED"]
    assert ":backup-vault:" in backup["backupVaultArn"][0] and ":backup-vault:" in copy["sourceBackupVaultArn"][0]
    assert "restoreTestingPlanArn" in restore, "restores that people start by hand are theirs to watch"
    (told,) = [
        s
        for s in json.loads(deployment.one("aws:sqs/queuePolicy:QueuePolicy").inputs["policy"])["Statement"]
        if s["Effect"] == "Allow"
    ]
    assert (
        told["Principal"] == {"Service": ["events.amazonaws.com"]} and "aws:SourceArn" in told["Condition"]["ArnEquals"]
    )


def test_each_store_has_an_alarm_for_a_missing_backup_and_one_for_a_missing_proof(deploy: Any) -> None:
    signals = {signal.name: signal for signal in deploy(backups()).built.signals}
    assert set(signals) == {
        "data-backups-failures",
        *(f"data-backups-{what}-{name}" for what in ("late", "unproven") for name in KINDS),
    }
    late, unproven = signals["data-backups-late-main"], signals["data-backups-unproven-main"]
    assert late.threshold == 24 + 12 + 1, "a day between two, twelve hours to end, an hour to look"
    assert unproven.threshold == 9, "a week between two tests, a day for the test, one more"
    assert late.missing == unproven.missing == "breaching", "a function that does not look is no good news"


def test_without_tests_no_restore_is_made_and_none_is_missed(deploy: Any) -> None:
    deployment = deploy(backups(protected=False, restoreTest=None))
    assert not [name for r in deployment.registered if "restoreTesting" in (name := r.type)]
    assert not deployment.of("aws:ec2/securityGroup:SecurityGroup")
    assert not [signal.name for signal in deployment.built.signals if "unproven" in signal.name]
    rights = deployment.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"]
    assert "backup:PutRestoreValidationResult" not in rights
