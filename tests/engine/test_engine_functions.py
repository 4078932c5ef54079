"""The life of functions on the real engine: what a change of one touches, and that equal content is no change."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.entries import FUNCTION

if TYPE_CHECKING:
    from tests.engine.stack import Stack

QUEUE = {"fifo": False, "visibilitySeconds": 180, "maxReceives": 5, "retentionDays": 4, "alarmAgeSeconds": 900}
MADE: dict[str, Any] = {**FUNCTION, "environment": {"LOG_LEVEL": "info"}}
FUNCTIONS: dict[str, dict[str, Any]] = {
    "messages": {**MADE, "queue": {"name": "receipts"}, "uses": {"main": "write"}, "concurrency": 5},
    "objects": {**MADE, "bucket": {"name": "uploads", "prefix": "inbox/"}},
    "clock": {**MADE, "schedule": {"when": "rate(1 day)"}, "vpc": False},
    "requests": {**MADE, "route": {"path": "/receipts*", "priority": 50}},
    "changes": {**MADE, "table": {"name": "orders"}, "vpc": False},
}
ORDERS = {"partitionKey": {"name": "id", "type": "string"}, "capacity": {"mode": "onDemand"}, "recoveryDays": 7}
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping::changes-changes"


def functions(config: dict[str, Any]) -> None:
    config["groundwork:data"].setdefault("queues", {})["receipts"] = QUEUE
    config["groundwork:data"].setdefault("tables", {})["orders"] = {**ORDERS, "stream": "both"}
    config["groundwork:services"].update(FUNCTIONS)


def another(config: dict[str, Any]) -> None:
    late = {**MADE, "bucket": {"name": "uploads", "prefix": "archive/"}, "environment": {}}
    config["groundwork:services"]["late"] = late


def louder(config: dict[str, Any]) -> None:
    config["groundwork:services"]["clock"]["environment"] = {"LOG_LEVEL": "debug"}


def fewer(config: dict[str, Any]) -> None:
    config["groundwork:services"]["messages"]["concurrency"] = 4


def smaller(config: dict[str, Any]) -> None:
    follows = {"name": "orders", "batchSize": 10, "parallel": 2, "attempts": 1, "events": ["created"]}
    config["groundwork:services"]["changes"]["table"] = follows


def silent(config: dict[str, Any]) -> None:
    config["groundwork:data"]["tables"]["orders"]["stream"] = None


def telling(config: dict[str, Any]) -> None:
    config["groundwork:data"]["tables"]["orders"]["stream"] = "both"


def from_the_oldest(config: dict[str, Any]) -> None:
    config["groundwork:services"]["changes"]["table"]["start"] = "oldest"


def no_longer(config: dict[str, Any]) -> None:
    config["groundwork:services"]["changes"]["table"] = None


def image(config: dict[str, Any]) -> None:
    for key in ("runtime", "handler"):
        del config["groundwork:services"]["clock"][key]
    config["groundwork:services"]["clock"]["build"] = "services/status"


def version(one: "Stack", name: str) -> str:
    alias = one.cloud.store.one(f"aws:lambda/alias:Alias::{name}-live")
    assert alias.outputs["arn"].endswith(":live")
    return str(alias.inputs["functionVersion"])


def test_functions_come_change_and_go_and_touch_nothing_else(stack: Callable[[str], "Stack"]) -> None:
    one = stack("dev")
    one.edit(functions)
    made = one.up(fast=True).expect(0)
    assert set(made.changes) == {"create"}
    assert {name: version(one, name) for name in FUNCTIONS} == dict.fromkeys(FUNCTIONS, "1")
    assert one.preview("--expect-no-changes", pack=False).expect(0).changes == {}
    assert one.refresh("--expect-no-changes").expect(0).changes == {}

    # Neither times nor what tools leave behind are content.
    program = one.project / "services" / "receipt" / "receipt.py"
    os.utime(program, (1, 1))
    one.write("services/receipt/__pycache__/receipt.cpython-313.pyc", "compiled")
    assert one.preview("--expect-no-changes", pack=False).expect(0).changes == {}

    one.write("services/receipt/receipt.py", program.read_text() + "\n# another content\n")
    changed = one.up(fast=True).expect(0).changes
    assert changed == {
        "update": sorted(
            f"{token}::{name}-{role}"
            for name in FUNCTIONS
            for token, role in (("aws:lambda/alias:Alias", "live"), ("aws:lambda/function:Function", "function"))
        )
    }, "one version more, to which the alias points: nobody who calls it has to know"
    assert {name: version(one, name) for name in FUNCTIONS} == dict.fromkeys(FUNCTIONS, "2")

    one.edit(louder)
    one.edit(fewer)
    one.edit(smaller)
    touched = one.up(fast=True).expect(0).changes
    assert set(touched) == {"update"}
    assert [name for name in touched["update"] if name.startswith("aws:lambda/")] == [
        "aws:lambda/alias:Alias::clock-live",
        MAPPING,
        "aws:lambda/eventSourceMapping:EventSourceMapping::messages-messages",
        "aws:lambda/function:Function::clock-function",
        "aws:lambda/function:Function::messages-function",
    ], "how many may run is no part of a version"
    assert (version(one, "clock"), version(one, "messages")) == ("3", "2")

    one.edit(another)
    more = one.up(fast=True).expect(0).changes
    assert set(more) == {"create", "update"}
    assert more["update"] == ["aws:s3/bucketNotification:BucketNotification::uploads-events"]
    assert not [name for name in more["create"] if "::late" not in name]

    one.edit(silent)
    refused = one.preview(pack=False).expect(1)
    assert "nothing is told of the changes of this table" in refused.output
    assert refused.of("create") == refused.of("update") == refused.of("delete") == []
    one.edit(telling)
    one.edit(from_the_oldest)
    one.edit(image)
    other = one.up(fast=True).expect(0)
    assert {step.name for step in other.of("replace")} >= {"aws:lambda/function:Function::clock-function", MAPPING}
    assert {name.rpartition("::")[2].partition("-")[0] for name in other.changes.get("create-replacement", [])} == {
        "changes",
        "clock",
    }, "where it begins in the stream is the trigger's alone"
    assert "aws:lambda/function:Function::changes-function" not in {step.name for step in other.of("replace")}
    assert one.preview("--expect-no-changes").expect(0).changes == {}

    one.edit(no_longer)
    gone = one.up(fast=True).expect(0).changes
    assert MAPPING in gone["delete"]
    assert {name for name in gone["delete"] if not name.partition("::")[2].startswith("changes-")} == set()
    assert version(one, "changes"), "what it was called for is gone, and it is not"

    one.destroy(fast=True).expect(0)
    assert one.cloud.store.things == []
