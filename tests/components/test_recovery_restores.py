"""Tests of restores: where copies come up, and what the function that looks into them may do."""

import json
from typing import Any

import pytest

from tests.components.test_recovery_backups import ARNS, KEY, backups

SELECTION = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
PLAN = "aws:backup/restoreTestingPlan:RestoreTestingPlan"


def selections(deployment: Any) -> dict[str, Any]:
    return {one["name"]: one for one in deployment.inputs(SELECTION).values()}


def rights(deployment: Any) -> dict[str, Any]:
    policy = deployment.inputs("aws:iam/rolePolicy:RolePolicy")["data-backups-check-role-policy"]["policy"]
    return {statement["Sid"]: statement for statement in json.loads(policy)["Statement"]}


def test_the_restore_of_every_store_is_tested(deploy: Any) -> None:
    deployment = deploy(backups())
    tested = [arn for one in selections(deployment).values() for arn in one["protectedResourceArns"]]
    assert sorted(tested) == sorted(ARNS.values())
    assert {one["protectedResourceType"] for one in selections(deployment).values()} == {
        "Aurora",
        "DynamoDB",
        "EFS",
        "RDS",
        "S3",
    }


def test_the_latest_backup_of_the_stacks_own_vault_is_what_is_restored(deploy: Any) -> None:
    deployment = deploy(backups(timezone="Europe/Berlin"))
    plan = deployment.one(PLAN).inputs
    chosen = plan["recoveryPointSelection"]
    assert chosen["algorithm"] == "LATEST_WITHIN_WINDOW" and chosen["recoveryPointTypes"] == ["SNAPSHOT"]
    assert ":backup-vault:" in chosen["includeVaults"][0] and "*" not in chosen["includeVaults"]
    assert chosen["selectionWindowDays"] == 35
    assert (plan["scheduleExpression"], plan["scheduleExpressionTimezone"]) == ("cron(0 9 ? * SUN *)", "Europe/Berlin")


def test_copies_of_databases_come_up_in_the_data_tier_behind_a_closed_group(deploy: Any) -> None:
    deployment = deploy(backups("main", "plain"))
    group = deployment.one("aws:ec2/securityGroup:SecurityGroup")
    assert not {"ingress", "egress"} & group.inputs.keys()
    assert not [r for r in deployment.registered if "securityGroup" in r.type and "Rule" in r.type]
    for name, key in (("main", "dbClusterParameterGroupName"), ("plain", "dbParameterGroupName")):
        given = selections(deployment)[f"store_{name}"]["restoreMetadataOverrides"]
        assert given["dbSubnetGroupName"] == f"{name}-subnets"
        assert given[key] == f"{name}-parameters"
        (only,) = json.loads(given["vpcSecurityGroupIds"])
        assert only.startswith("sg-") and only != f"sg-{name}", "the group of the original would let its services in"


def test_copies_are_encrypted_with_the_key_of_their_original(deploy: Any) -> None:
    found = selections(deploy(backups("uploads", "media", "profiles")))
    assert found["buckets"]["restoreMetadataOverrides"] == {"encryptionType": "SSE-KMS", "kmsKey": KEY}
    assert found["files"]["restoreMetadataOverrides"] == {"kmsKeyId": KEY}
    assert "restoreMetadataOverrides" not in found["tables"]


@pytest.mark.parametrize("stack", ["test", "a-very-long-name-of-a-stack-that-somebody-gave.2"])
def test_names_are_what_aws_takes(deploy: Any, stack: str) -> None:
    deployment = deploy(backups(), stack=stack)
    for name in (deployment.one(PLAN).inputs["name"], *selections(deployment)):
        assert len(name) <= 50 and name.replace("_", "").isalnum(), name


def test_the_function_is_started_by_restores_of_its_own_plan_and_every_hour(deploy: Any) -> None:
    deployment = deploy(backups())
    rules = deployment.inputs("aws:cloudwatch/eventRule:EventRule")
    restored = json.loads(rules["data-backups-check-restored"]["eventPattern"])
    assert restored["detail"]["status"] == ["COMPLETED"] and restored["detail"]["restoreTestingPlanArn"]
    assert rules["data-backups-check-look"]["scheduleExpression"] == "rate(1 hour)"
    looked = deployment.inputs("aws:cloudwatch/eventTarget:EventTarget")["data-backups-check-look"]
    assert json.loads(looked["input"]) == {"look": list(ARNS.values())}
    for permission in deployment.inputs("aws:lambda/permission:Permission").values():
        assert permission["principal"] == "events.amazonaws.com" and ":rule/" in permission["sourceArn"]


def test_the_function_reads_copies_and_never_the_data_of_the_originals(deploy: Any) -> None:
    found = rights(deploy(backups()))
    reading = {"dynamodb:Scan", "s3:GetObject", "s3:ListBucket"}
    for sid, statement in found.items():
        if reading & set(statement["Action"]):
            assert all("awsbackup-restore-test-" in resource for resource in statement["Resource"]), sid
    actions = {action for statement in found.values() for action in statement["Action"]}
    assert not {
        action for action in actions if action.endswith(":*") or action.split(":")[1].startswith(("Put", "Delete"))
    } - {
        "backup:PutRestoreValidationResult",
        "cloudwatch:PutMetricData",
        "ec2:DeleteNetworkInterface",
        "elasticfilesystem:DeleteMountTarget",
        "logs:PutLogEvents",
    }
    everything = [sid for sid, statement in found.items() if statement["Resource"] == ["*"]]
    assert sorted(everything) == ["JudgeRestores", "PublishAges", "SeeInterfaces"]


def test_the_function_may_do_only_what_the_stores_that_there_are_ask_for(deploy: Any) -> None:
    actions = {a for statement in rights(deploy(backups("profiles"))).values() for a in statement["Action"]}
    assert "dynamodb:Scan" in actions
    assert not [action for action in actions if action.startswith(("ec2:", "elasticfilesystem:", "rds:", "s3:"))]


def test_what_the_function_cannot_find_out_is_told(deploy: Any) -> None:
    config = deploy(backups()).one("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig").inputs
    assert config["maximumRetryAttempts"] == 2
    assert ":sqs:" in config["destinationConfig"]["onFailure"]["destination"] or "sqs" in str(
        config["destinationConfig"]
    )


def test_two_stacks_with_long_names_have_two_plans(deploy: Any) -> None:
    names = {deploy(backups(), stack=f"{'a' * 60}-{end}").one(PLAN).inputs["name"] for end in "xy"}
    assert len(names) == 2
