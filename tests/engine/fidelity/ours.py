"""Preflight's side: its recording of a program, and the requests that it makes for the policy pack."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from preflight import project, stack_config
from tests.engine.fidelity import normal
from tests.engine.fidelity.normal import Json, Side

ROOT = Path(__file__).parents[3]


def read(
    directory: Path,
    stack: str,
    mode: str,
    *,
    account: str | None = None,
    stack_outputs: dict[str, Any] | None = None,
    answers: dict[str, Any] | None = None,
    config: Sequence[str] = (),
) -> Side:
    """Preflight's run of a program in one mode, "preview" or "update"; the rest as the options of its command."""
    opened = project.open_project(directory)
    configured = stack_config.load(opened, stack, list(config))
    job = {
        "schema": 1,
        "root": str(opened.directory),
        "main": opened.main,
        "project": opened.name,
        "stack": stack,
        "organization": "organization",
        "mode": mode,
        "config": configured.values,
        "secretKeys": configured.secret_keys,
        "account": account,
        "answers": answers or {},
        "stackOutputs": stack_outputs or {},
        "timeoutSeconds": 60,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.fidelity.probe"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return Side(
        registrations={entry["urn"]: _registration(entry) for entry in told["recording"]["resources"]},
        analyzed={entry["urn"]: normal.analyzed(entry) for entry in told["analyze"]},
        stack={entry["urn"]: normal.analyzed(entry) for entry in told["stack"]},
        configuration=told["configuration"],
    )


def _registration(resource: Json) -> Json:
    options = dict(resource["options"])
    read = options.pop("external", False)
    result = {
        **{key: resource[key] for key in ("type", "name", "parent", "custom", "remote", "id", "inputs")},
        "read": read,
        "dependencies": sorted(resource["dependencies"]),
        "propertyDependencies": resource["propertyDependencies"],
        "options": options,
    }
    return {key: entry for key, entry in result.items() if entry not in ("", [], {}, None, False)}
