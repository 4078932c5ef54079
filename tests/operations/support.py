"""What the tests of `operations` share besides fixtures."""

import json
import subprocess
from pathlib import Path
from typing import Any

URNS = (
    "urn:pulumi:dev::g::groundwork:data:Data$aws:s3/bucket:Bucket::data-uploads",
    "urn:pulumi:dev::g::groundwork:compute:Service$aws:ecs/service:Service::status-service",
    "urn:pulumi:dev::g::groundwork:compute:Service$aws:ecs/taskDefinition:TaskDefinition::status-task",
)
RECORDED = Path(__file__).parent / "recorded"


def events(*steps: dict[str, Any], error: str | None = None) -> str:
    """What a streaming preview prints for these steps."""
    lines: list[dict[str, Any]] = [{"resourcePreEvent": {"metadata": step}} for step in steps]
    if error:
        lines.append({"diagnosticEvent": {"message": error, "severity": "error"}})
    return "".join(json.dumps(line) + "\n" for line in [*lines, {"summaryEvent": {}}])


def step(op: str, resource: str, *, protect: bool = False, keys: list[str] | None = None) -> dict[str, Any]:
    """One step on `<type>::<name>`."""
    state = {"custom": True, "protect": protect}
    urn = f"urn:pulumi:dev::groundwork::groundwork:data:Data${resource}"
    return {"op": op, "urn": urn, "old": state if op != "create" else None, "new": state, "keys": keys}


def git(root: Path, *arguments: str) -> str:
    own = {"user.name": "t", "user.email": "t@example.com", "commit.gpgsign": "false", "maintenance.auto": "false"}
    identity = [word for name, value in own.items() for word in ("-c", f"{name}={value}")]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=root, check=True, capture_output=True, text=True
    ).stdout.strip()
