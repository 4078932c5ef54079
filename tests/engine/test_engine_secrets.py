"""Application secrets on the engine: encrypted wherever they are written down, and a new value is a new release."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.engine.stack import Stack

FIRST, SECOND = "correct-horse-battery", "staple-correct-horse"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


def uses(config: dict[str, Any]) -> None:
    config["groundwork:services"]["web"]["secrets"] = {"PAYMENT_KEY": {"config": "payment-key"}}


def give(one: "Stack", value: str) -> None:
    one.run("config", "set", "--secret", "--path", "groundwork:secrets.payment-key", value).expect(0)


def written_down(one: "Stack") -> str:
    """All that the engine and a reader of the project have: state, history, stack file."""
    files = [path for path in (one.folder / "state").rglob("*") if path.is_file()]
    files.append(one.project / f"Pulumi.{one.name}.yaml")
    return "".join(path.read_text(errors="replace") for path in files)


def test_a_secret_is_one_message_until_it_is_set_then_encrypted_and_a_new_value_is_a_new_release(
    deployed: Callable[[str], "Stack"],
) -> None:
    one = deployed("dev")
    one.edit(uses)
    before = [resource["urn"] for resource in one.state()]
    refused = one.up(fast=True)
    assert refused.code != 0
    assert "no value of this name is set in groundwork:secrets" in refused.output
    assert "pulumi config set --secret --path 'groundwork:secrets.payment-key' --stack dev" in refused.output
    assert [resource["urn"] for resource in one.state()] == before
    assert refused.changes == {}, "nothing was done"

    give(one, FIRST)
    made = one.up(fast=True).expect(0)
    assert {key.rpartition("::")[2] for key in made.changes["create"]} == {
        "compute-secrets",
        "compute-secrets-payment-key",
    }
    assert [key.partition("::")[0] for key in made.changes["create-replacement"]] == [
        "aws:ecs/taskDefinition:TaskDefinition"
    ]
    assert {key.rpartition("::")[2] for key in made.changes["update"]} == {
        "web-service",
        "web-task",
        "web-roles",
        "web-roles-execution-policy",
    }
    assert one.preview().expect(0).changes == {}
    task = one.cloud.store.one("aws:ecs/taskDefinition:TaskDefinition::web-task")
    assert "PAYMENT_KEY" in task.outputs["containerDefinitions"]
    assert FIRST not in task.outputs["containerDefinitions"]

    give(one, SECOND)
    seen = one.preview().expect(0)
    assert SECOND not in seen.output
    released = one.up(fast=True).expect(0)
    assert {key.partition("::")[0] for key in released.changes["create-replacement"]} == {
        VERSION,
        "aws:ecs/taskDefinition:TaskDefinition",
    }
    assert "aws:ecs/service:Service::web-service" in released.changes["update"]
    kept = one.cloud.store.one(f"{VERSION}::compute-secrets-payment-key")
    assert kept.inputs["secretStringWo"] == SECOND
    assert one.preview().expect(0).changes == {}
    text = written_down(one)
    assert "groundwork:secrets" in text
    assert [value for value in (FIRST, SECOND) if value in text] == []
    assert one.books().balanced
