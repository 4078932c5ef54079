"""Secrets that are set later, copied to other regions, and rotated by a function of the stack."""

import json
from typing import Any

from settings.kept_secrets import KeptSecretSettings
from tests.components.kinds import POLICY, WEB, several, statements, web_container
from tests.entries import FUNCTION

SECRET, VERSION = "aws:secretsmanager/secret:Secret", "aws:secretsmanager/secretVersion:SecretVersion"
ROTATION, PERMISSION = "aws:secretsmanager/secretRotation:SecretRotation", "aws:lambda/permission:Permission"
ROTATED = {"later": True, "rotation": {"function": "rotate", "days": 30}}


def stack(kept: dict[str, Any], secrets: dict[str, Any] | None = None, **values: str) -> Any:
    services = {"web": {**WEB, "uses": {}, "secrets": secrets or {}}, "rotate": FUNCTION, "other": FUNCTION}
    settings = {name: KeptSecretSettings.model_validate(one) for name, one in kept.items()}
    return several(services, stores={}, kept_secrets=settings, secret_values=values)


def test_a_secret_that_is_set_later_lets_tasks_start_and_is_no_value(deploy: Any) -> None:
    made = deploy(stack({"mail": {"later": True}}, {"MAIL": {"config": "mail"}}))
    version = made.one(VERSION)
    assert version.inputs["secretStringWo"] == "not set"
    assert version.inputs["versionStages"] == ["groundwork-unset"], "it never becomes the current one again"
    assert version.ignore_changes == ("secretStringWo", "versionStages"), "what a person sets stays"
    (secret,) = web_container(made)["secrets"]
    assert secret["name"] == "MAIL"
    assert len(secret["valueFrom"].split(":")) == 7, "no version: tasks get the current one"
    assert (
        version.urn in made.one("aws:ecs/taskDefinition:TaskDefinition").property_dependencies["containerDefinitions"]
    )


def test_the_keys_that_services_want_are_there_from_the_start(deploy: Any) -> None:
    wanted = {"USER": {"config": "mail", "field": "user"}, "WORD": {"config": "mail", "field": "word"}}
    made = deploy(stack({"mail": {"later": True}}, wanted))
    assert json.loads(made.one(VERSION).inputs["secretStringWo"]) == {"user": "not set", "word": "not set"}
    references = {one["name"]: one["valueFrom"] for one in web_container(made)["secrets"]}
    assert references["USER"].endswith(":user::")


def test_a_value_of_the_configuration_is_as_before_but_for_its_copies(deploy: Any) -> None:
    kept = {"key": {"later": False, "replicas": ["us-west-2", "eu-west-1"]}}
    made = deploy(stack(kept, {"KEY": {"config": "key"}}, key="correct horse"))
    assert made.one(SECRET).inputs["replicas"] == [{"region": "us-west-2"}, {"region": "eu-west-1"}]
    assert made.one(VERSION).inputs["secretStringWo"] == "correct horse"
    assert "versionStages" not in made.one(VERSION).inputs
    (secret,) = web_container(made)["secrets"]
    assert secret["valueFrom"].rsplit(":", 1)[1], "a version, so that a new value is a new release"


def test_a_secret_that_nobody_names_is_not_made(deploy: Any) -> None:
    assert not deploy(stack({"mail": {"later": True}})).of(SECRET)


def test_a_function_of_the_stack_rotates_when_it_is_time_and_not_at_once(deploy: Any) -> None:
    made = deploy(stack({"mail": ROTATED}))
    rotation = made.one(ROTATION)
    assert rotation.inputs["rotationRules"] == {"automaticallyAfterDays": 30}
    assert rotation.inputs["rotateImmediately"] is False, "the first value comes from a person"
    assert rotation.inputs["rotationLambdaArn"].endswith(":live")
    permission = next(one for name, one in made.of(PERMISSION).items() if name == "mail-rotation")
    assert permission.urn in rotation.dependencies, "Secrets Manager tries it when it is told"
    assert permission.inputs["principal"] == "secretsmanager.amazonaws.com"
    assert permission.inputs["sourceArn"] == rotation.inputs["secretId"]
    assert permission.inputs["sourceAccount"] == "111122223333"


def test_it_gets_the_rights_on_this_secret_and_another_function_none(deploy: Any) -> None:
    made = deploy(stack({"mail": ROTATED, "key": {"later": True}}, {"KEY": {"config": "key"}}))
    granted = statements(made, "rotate-role-policy")
    (arn,) = granted["RotationSecrets"]["Resource"]
    assert "-mail-" in arn
    assert set(granted["RotationSecrets"]["Action"]) == {
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
    }
    key = granted["RotationUseKey"]
    assert key["Condition"]["StringEquals"]["kms:EncryptionContext:SecretARN"] == [arn]
    assert key["Condition"]["StringEquals"]["kms:ViaService"] == "secretsmanager.us-east-1.amazonaws.com"
    others = [json.loads(policy["policy"]) for name, policy in made.inputs(POLICY).items() if "rotate" not in name]
    assert not [s for policy in others for s in policy["Statement"] if "secretsmanager:PutSecretValue" in s["Action"]]


def test_what_is_not_rotated_has_no_rotation(deploy: Any) -> None:
    made = deploy(stack({"mail": {"later": True}}, {"MAIL": {"config": "mail"}}))
    assert not made.of(ROTATION)
    assert not made.of(PERMISSION)
