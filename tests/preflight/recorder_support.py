"""Runs the worker on small programs, as the command does: a job in, one JSON document out."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.preflight.warm import Warm, warm

ROOT = Path(__file__).resolve().parents[2]


def write(directory: Path, text: str, **files: str) -> Path:
    """A program: its ``__main__.py``, and other modules by name."""
    (directory / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    (directory / "__main__.py").write_text(text)
    for name, content in files.items():
        (directory / f"{name}.py").write_text(content)
    return directory


def job(directory: Path, mode: str = "preview", **changes: Any) -> dict[str, Any]:
    """A job of the worker's protocol; one change at a time."""
    return {
        "schema": 1,
        "root": str(directory),
        "main": None,
        "project": "demo",
        "stack": "dev",
        "organization": "organization",
        "mode": mode,
        "config": {"aws:region": "eu-central-1"},
        "secretKeys": [],
        "placeholderKeys": [],
        "account": "111122223333",
        "region": None,
        "answers": {},
        "stackOutputs": {},
        "plain": False,
        "timeoutSeconds": 60,
        "arguments": [],
        "pack": None,
        **changes,
    }


def call(
    document: dict[str, Any], server: Warm | None = None, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """The worker's process after it has ended; one of its own for another environment."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    if not environment:
        server = server or warm("plain" if document["plain"] else "preflight")
        return server.run("preflight.worker", [], env=env, cwd="/", given=json.dumps(document), timeout=90)
    command = [sys.executable, "-m", "preflight.worker"]
    return subprocess.run(
        command, input=json.dumps(document).encode(), capture_output=True, env=env, timeout=90, check=False, cwd="/"
    )


def work(document: dict[str, Any], server: Warm | None = None, **environment: str) -> dict[str, Any]:
    """The worker's answer."""
    done = call(document, server, **environment)
    assert done.returncode == 0, done.stderr.decode()
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def record(document: dict[str, Any], **environment: str) -> dict[str, Any]:
    """The recording of a run that must succeed."""
    result = work(document, None, **environment)
    assert result["ok"], result["errors"]
    recording: dict[str, Any] = result["recording"]
    return recording


def fail(document: dict[str, Any]) -> dict[str, Any]:
    """The first mistake of a run that must not succeed."""
    result = work(document)
    assert not result["ok"], "the run was recorded as if nothing were wrong"
    assert result["error"] == result["errors"][0]
    error: dict[str, Any] = result["error"]
    return error


def by_name(recording: dict[str, Any]) -> dict[str, Any]:
    """Resources by ``Type name``."""
    return {f"{r['type'].rpartition(':')[2]} {r['name']}": r for r in recording["resources"]}
