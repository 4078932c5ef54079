"""The stand-in for AWS knows backups: names, and what the provider or AWS refuses."""

from typing import Any

from preflight import simulation
from preflight.simulation import checks
from preflight.simulation.changes import changes
from tests.gathered import for_each

HERE: Any = {"region": "eu-west-1", "account": "111122223333"}
PLAN = "aws:backup/plan:Plan"
VAULT = "aws:backup/vault:Vault"
LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
SELECTION = "aws:backup/selection:Selection"
TESTS = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
TEST = "aws:backup/restoreTestingSelection:RestoreTestingSelection"


def made(type_token: str, **inputs: Any) -> dict[str, Any]:
    return simulation.computed(type_token, "keep", inputs, **HERE)


def test_a_vault_and_what_belongs_to_it_are_known_by_its_name() -> None:
    arn = "arn:aws:backup:eu-west-1:111122223333:backup-vault:keep-1"
    assert made(VAULT, name="keep-1")["arn"] == arn
    for part in (LOCK, "aws:backup/vaultPolicy:VaultPolicy"):
        inputs = {"backupVaultName": "keep-1"}
        assert made(part, **inputs)["backupVaultArn"] == arn
        assert simulation.resource_id(part, "keep", inputs, **HERE) == "keep-1"


def test_a_plan_of_restore_tests_has_an_arn_that_nobody_guesses() -> None:
    arn = made(TESTS, name="a_plan")["arn"]
    assert arn.startswith("arn:aws:backup:eu-west-1:111122223333:restore-testing-plan:a_plan-")
    assert arn != made(TESTS, name="b_plan")["arn"]


RULE = {"ruleName": "nightly", "targetVaultName": "keep-1"}
CHOSEN = {"algorithm": "LATEST_WITHIN_WINDOW", "includeVaults": ["*"], "recoveryPointTypes": ["SNAPSHOT"]}
SELECTED = {"iamRoleArn": "r", "protectedResourceType": "S3", "restoreTestingPlanName": "a_plan"}


@for_each(
    "type_token, inputs, said",
    [
        (PLAN, {"rules": [{**RULE, "lifecycle": {"coldStorageAfter": 30, "deleteAfter": 100}}]}, "120 days or more"),
        (
            PLAN,
            {"rules": [{**RULE, "copyActions": [{"lifecycle": {"coldStorageAfter": 1, "deleteAfter": 90}}]}]},
            "91 days or more",
        ),
        (PLAN, {"name": "x" * 51, "rules": [RULE]}, "1 to 50"),
        (VAULT, {"name": "x"}, "2 to 50"),
        (LOCK, {"backupVaultName": "keep-1", "changeableForDays": 1}, "expected 3 to 36500"),
        (TESTS, {"name": "a-plan", "scheduleExpression": "c", "recoveryPointSelection": CHOSEN}, "no hyphen"),
        (
            TESTS,
            {"name": "a", "scheduleExpression": "c", "recoveryPointSelection": {**CHOSEN, "algorithm": "NEWEST"}},
            "no such algorithm: NEWEST",
        ),
        (
            TESTS,
            {"name": "a", "scheduleExpression": "c", "recoveryPointSelection": {**CHOSEN, "selectionWindowDays": 400}},
            "1 to 365",
        ),
        (TEST, {**SELECTED, "name": "store-main"}, "no hyphen"),
        (TEST, {**SELECTED, "name": "main", "validationWindowHours": 0}, "168"),
    ],
)
def test_what_aws_refuses_is_refused(type_token: str, inputs: dict[str, Any], said: str) -> None:
    problems = checks.problems(type_token, inputs)
    assert any(said in problem.reason for problem in problems), problems


@for_each(
    "type_token, inputs",
    [
        (PLAN, {"rules": [{**RULE, "lifecycle": {"coldStorageAfter": 30, "deleteAfter": 120}}]}),
        (PLAN, {"rules": [{**RULE, "lifecycle": {"deleteAfter": 7}}]}),
        (TESTS, {"name": "a_plan", "scheduleExpression": "c", "recoveryPointSelection": CHOSEN}),
        (TEST, {**SELECTED, "name": "main", "validationWindowHours": 4}),
        (LOCK, {"backupVaultName": "keep-1", "minRetentionDays": 7}),
    ],
)
def test_what_aws_takes_is_taken(type_token: str, inputs: dict[str, Any]) -> None:
    assert not checks.problems(type_token, inputs)


@for_each(
    "type_token, key, replaces",
    [
        (VAULT, "kmsKeyArn", True),
        (PLAN, "rules", False),
        (SELECTION, "resources", True),
        (TEST, "protectedResourceArns", False),
        (TEST, "restoreMetadataOverrides", False),
        (LOCK, "minRetentionDays", True),
    ],
)
def test_only_a_vault_and_its_lock_are_changed_by_being_replaced(type_token: str, key: str, replaces: bool) -> None:
    before, after = {key: "a"}, {key: "b"}
    (found,) = changes(type_token, before, after)
    assert found.replaces is replaces
