"""What the pack puts right by itself on the engine, once it is asked to: deletion protection, and nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.cloud.accepting import Accepting
from tests.engine.kit.engine import Engine
from tests.engine.outcome import Outcome
from tests.engine.stack import ROOT, Stack

PROGRAM = """
import pulumi

class Thing(pulumi.CustomResource):
    pass

key = Thing("aws:kms/key:Key", "key", {"enableKeyRotation": True, "arn": None})
Thing("aws:dynamodb/table:Table", "orders", {"hashKey": "id", "pointInTimeRecovery": {"enabled": True},
      "serverSideEncryption": {"enabled": True, "kmsKeyArn": key.arn}})
Thing("aws:dynamodb/table:Table", "kept", {"hashKey": "id", "pointInTimeRecovery": {"enabled": True},
      "deletionProtectionEnabled": True, "tags": {"of": pulumi.Output.secret("hunter2")}})
Thing("aws:rds/instance:Instance", "store", {"engine": "postgres", "instanceClass": "db.t4g.micro",
      "storageEncrypted": True, "backupRetentionPeriod": 7, "password": pulumi.Output.secret("hunter2"),
      "publiclyAccessible": True})
"""
LEVELS = {"dynamodb-deletion-protection": "mandatory", "rds-deletion-protection": "mandatory"}


@pytest.fixture
def one(engine: Engine, tmp_path: Path) -> Iterator[Stack]:
    source = tmp_path / "source"
    source.mkdir()
    (source / "Pulumi.yaml").write_text("name: groundwork\nruntime: python\n")
    (source / "Pulumi.prod.yaml").write_text("config: {}\n")
    (source / "__main__.py").write_text(PROGRAM)

    def answer(token: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        return {"id": name, "arn": f"arn:aws:kms:eu-west-1:111122223333:key/{name}"}

    with Accepting({"aws": "7.51.1"}, answer, answer) as cloud:
        made: Any = cloud
        stack = Stack(engine, made, tmp_path / "stack", "prod", source=source)
        yield stack
        stack.end()


def run(one: Stack, *command: str, remedies: bool) -> Outcome:
    """With only the controls on deletion protection on, and nothing else."""
    from guardrails.controls import CONTROLS  # noqa: PLC0415 - the path of the pack is set by the tests of policies

    levels = {control.id: "disabled" for control in CONTROLS} | LEVELS
    rules: dict[str, Any] = {"guardrails": {"levels": levels}}
    if remedies:
        rules["guardrails-remedies"] = "remediate"
    path = one.folder / "rules.json"
    path.write_text(json.dumps(rules))
    pack = ["--policy-pack", str(ROOT / "policy"), "--policy-pack-config", str(path)]
    return one.run(*command, *pack)


def inputs(one: Stack) -> dict[str, dict[str, Any]]:
    return {resource["urn"].rpartition("::")[2]: resource.get("inputs", {}) for resource in one.state()}


def test_nothing_is_put_right_unless_it_is_asked_for(one: Stack) -> None:
    refused = run(one, "preview", remedies=False).expect(1)
    assert "[dynamodb-deletion-protection] violation: " in refused.output
    assert "[rds-deletion-protection] violation: " in refused.output


def test_deletion_protection_is_set_and_nothing_else_is_touched(one: Stack) -> None:
    seen = run(one, "preview", remedies=True).expect(0)
    assert "violation: " not in seen.output
    run(one, "up", "--yes", "--skip-preview", remedies=True).expect(0)
    made = inputs(one)
    assert made["orders"]["deletionProtectionEnabled"] is True
    assert made["orders"]["serverSideEncryption"]["kmsKeyArn"] == "arn:aws:kms:eu-west-1:111122223333:key/key"
    assert made["store"]["deletionProtection"] is True
    assert made["store"]["publiclyAccessible"] is True, "what cuts clients off is for people to decide"
    assert "hunter2" not in json.dumps(made), "a secret stays one"
    assert "deletionProtection" not in made["key"]
    assert run(one, "preview", remedies=True).expect(0).changes == {}
