"""What a killed update left open, and the file that takes in what it had made."""

import json
from pathlib import Path
from typing import Any

from operations.pending import document, steps
from tests.operations.conftest import Cli, Operate

STACK = "urn:pulumi:dev::g::pulumi:pulumi:Stack::g-dev"
NETWORK = "urn:pulumi:dev::g::groundwork:network:Network::network"
PROVIDER = "urn:pulumi:dev::g::pulumi:providers:aws::aws"


def entry(name: str, kind: str = "creating", parent: str = NETWORK) -> dict[str, Any]:
    urn = f"urn:pulumi:dev::g::groundwork:network:Network$aws:ec2/vpc:Vpc::{name}"
    resource = {
        "urn": urn,
        "type": "aws:ec2/vpc:Vpc",
        "parent": parent,
        "provider": f"{PROVIDER}::0a1b",
        "custom": True,
    }
    return {"type": kind, "resource": resource}


def left(*entries: dict[str, Any], known: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"resources": [{"urn": urn} for urn in known], "pending_operations": list(entries)}


def test_each_creation_is_an_entry_with_the_parent_and_provider_of_the_program() -> None:
    assert document(steps(left(entry("b"), entry("a", parent=STACK)))) == {
        "nameTable": {"parent-1": STACK, "provider-2": PROVIDER, "parent-3": NETWORK},
        "resources": [
            {
                "type": "aws:ec2/vpc:Vpc",
                "name": "1-a",
                "logicalName": "a",
                "id": "",
                "parent": "parent-1",
                "provider": "provider-2",
            },
            {
                "type": "aws:ec2/vpc:Vpc",
                "name": "2-b",
                "logicalName": "b",
                "id": "",
                "parent": "parent-3",
                "provider": "provider-2",
            },
        ],
    }


def test_only_creations_can_be_taken_in_and_none_beside_what_it_was_to_replace() -> None:
    new = entry("new")["resource"]["urn"]
    found = steps(left(entry("old", "deleting"), entry("new"), entry("changed", "updating"), known=(new,)))
    assert [(step.operation, step.name, step.replacement) for step in found] == [
        ("updating", "changed", False),
        ("creating", "new", True),
        ("deleting", "old", False),
    ]
    assert document(found)["resources"] == []


def test_a_state_without_anything_under_way_has_no_steps() -> None:
    assert steps({}) == steps({"resources": [], "pending_operations": None}) == []


def test_it_is_shown_and_written_down_and_nothing_is_changed(operate: Operate, cli: Cli, tmp_path: Path) -> None:
    cli.answer("stack", json.dumps({"deployment": left(entry("vpc"), entry("old", "deleting"))}))
    done = operate("pending", "--stack=dev", "--out", str(tmp_path / "reports"))
    assert done.returncode == 0, done.stderr
    file = tmp_path / "reports" / "pending-dev.json"
    assert done.stdout.splitlines() == [
        "deleting  aws:ec2/vpc:Vpc  old",
        "creating  aws:ec2/vpc:Vpc  vpc",
        f"{file}: write the id of each that AWS has, take the others out; docs/operating.md, After a kill",
    ]
    assert [found["logicalName"] for found in json.loads(file.read_text())["resources"]] == ["vpc"]
    assert cli.calls == [["stack", "export", "--stack", "dev"]]


def test_with_nothing_under_way_an_older_file_goes_away(operate: Operate, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "pending-dev.json").write_text("{}")
    done = operate("pending", "--stack=dev", "--out", str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "dev: nothing is under way\n")
    assert not (tmp_path / "pending-dev.json").exists()
