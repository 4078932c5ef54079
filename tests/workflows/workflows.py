"""The workflow files, read for the tests."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "workflows"
STACKS = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Leaves `on` a word; YAML 1.1 takes it for true."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first not in "oO"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

TEXTS = {path.name: path.read_text() for path in sorted(FOLDER.glob("*.yml"))}
WORKFLOWS: dict[str, dict[str, Any]] = {name: yaml.load(text, _Loader) for name, text in TEXTS.items()}


def job(workflow: str, name: str) -> dict[str, Any]:
    """One job."""
    found: dict[str, Any] = WORKFLOWS[workflow]["jobs"][name]
    return found


def jobs() -> list[tuple[str, str]]:
    """Every job, as workflow and name."""
    return [(file, name) for file, workflow in WORKFLOWS.items() for name in workflow["jobs"]]


def variables(stack: str) -> str:
    """How the names of the repository's variables for a stack begin: they have no hyphens."""
    return stack.upper().replace("-", "_").replace(".", "_")


def runs(workflow: str, name: str) -> list[str]:
    """The commands of a job, in order."""
    return [step["run"] for step in job(workflow, name)["steps"] if "run" in step]


def environment(workflow: str, name: str, run: str) -> dict[str, str]:
    """The variables that a command sees beside those of the runner."""
    step = next(step for step in job(workflow, name)["steps"] if step.get("run") == run)
    return {**job(workflow, name).get("env", {}), **step.get("env", {})}


def make_targets() -> set[str]:
    """The targets of the Makefile that a person may call."""
    return set(re.findall(r"^\.PHONY: (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE))
