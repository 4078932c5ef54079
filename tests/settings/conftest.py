"""A stack that is fine, and how to load it with something changed."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pulumi
import pytest

from preflight import stack_config
from preflight.project import open_project
from settings import PROJECT_ROOT, Settings

MISSING = ...  # in place of a value: the key is taken out
Changes = Mapping[str, Any]
Load = Callable[..., Settings]
Refusals = Callable[..., dict[str, dict[str, str]]]

BASELINE: dict[str, Any] = {
    "aws:region": "us-east-1",
    "protection": {"accountId": "111122223333", "protected": True},
    "network": {
        "cidr": "10.20.0.0/16",
        "availabilityZones": ["us-east-1a", "us-east-1b", "us-east-1c"],
        "subnetMask": 24,
        "nat": "per-az",
        "endpoints": ["s3", "dynamodb", "ecr"],
        "flowLogs": {"retentionDays": 90},
    },
    "data": {
        "databases": {
            "main": {
                "engine": "aurora-postgresql",
                "version": "17.7",
                "minCapacity": 0.5,
                "maxCapacity": 16,
                "pauseAfterSeconds": None,
                "instances": 2,
                "backupDays": 35,
            },
            "plain": {
                "engine": "postgres",
                "version": "17.11",
                "instanceClass": "db.t4g.micro",
                "storageGib": 20,
                "maxStorageGib": 100,
                "multiAz": True,
                "backupDays": 7,
            },
        },
        "buckets": {
            "uploads": {
                "infrequentAccessAfterDays": 30,
                "archiveAfterDays": 90,
                "abortUploadsAfterDays": 7,
                "expireNoncurrentAfterDays": 180,
            }
        },
    },
    "edge": {
        "domain": "app.example.com",
        "zoneId": "Z0123456789EXAMPLE",
        "idleTimeoutSeconds": 60,
        "logRetentionDays": 90,
    },
    "services": {
        "web": {
            "kind": "web",
            "image": "crccheck/hello-world:v1.0.0",
            "port": 8000,
            "health": "/",
            "size": {"cpu": 1024, "memory": 2048, "architecture": "x86_64"},
            "scale": {"min": 2, "max": 10, "outAbove": 60, "inBelow": 30, "cooldown": {"in": 300, "out": 60}},
            "route": {"path": "/*", "priority": 200},
            "environment": {"NODE_ENV": "production"},
            "uses": {"main": "write", "uploads": "write"},
        },
        "status": {
            "kind": "web",
            "build": "services/status",
            "port": 8080,
            "health": "/status/health",
            "size": {"cpu": 256, "memory": 512, "architecture": "arm64"},
            "scale": {"min": 2, "max": 4, "outAbove": 60, "inBelow": 30, "cooldown": {"in": 300, "out": 60}},
            "route": {"path": "/status*", "priority": 100},
            "environment": {},
            "uses": {"plain": "write"},
        },
    },
    "observability": {"email": "alerts@example.com", "logRetentionDays": 90},
}


def changed(changes: Changes) -> dict[str, Any]:
    """The baseline with values set (or taken out) by dotted path; digits stand for positions in a list."""
    stack = deepcopy(BASELINE)
    for path, value in changes.items():
        here: Any = stack
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        for part in way:
            here = here[part]
        if value is MISSING:
            del here[last]
        else:
            here[last] = value
    return stack


def configure(config: Mapping[str, Any], secrets: Sequence[str] = (), stack: str = "prod") -> None:
    """Hands the program its configuration as the engine does: every object as JSON, every text as it is."""
    pulumi.runtime.set_mocks(_NoCloud(), project="groundwork", stack=stack)
    texts = {key if ":" in key else f"groundwork:{key}": value for key, value in config.items()}
    pulumi.runtime.set_all_config(
        {key: value if isinstance(value, str) else json.dumps(value) for key, value in texts.items()}, list(secrets)
    )


class _NoCloud(pulumi.runtime.Mocks):
    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        raise AssertionError(f"settings registered {args.typ}")

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        raise AssertionError(f"settings looked up {args.token}")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of a project: one other stack, one folder to build from, one without a Dockerfile."""
    (tmp_path / "Pulumi.yaml").write_text("name: groundwork\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  groundwork:network: {cidr: 10.10.0.0/16}\n")
    for folder in ("status", "empty"):
        (tmp_path / "services" / folder).mkdir(parents=True)
    (tmp_path / "services" / "status" / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "services" / "loop").symlink_to("loop")
    return tmp_path


@pytest.fixture
def load(root: Path) -> Load:
    """Loads the baseline with changes; a change of a whole section by its name."""

    def load(changes: Changes | None = None, *, secrets: Sequence[str] = (), stack: str = "prod") -> Settings:
        configure(changed(changes or {}), secrets, stack)
        return Settings.load(root)

    return load


@pytest.fixture
def refused(load: Load) -> Refusals:
    """What is said about a stack that is refused: full key -> problem, given, allowed, change."""

    def refused(changes: Changes, **how: Any) -> dict[str, dict[str, str]]:
        with pytest.raises(pulumi.RunError) as caught:
            load(changes, **how)
        return parsed(str(caught.value))

    return refused


def parsed(text: str) -> dict[str, dict[str, str]]:
    """Takes the printed message apart, insisting on its form."""
    head, *blocks = text.split("\n\n")
    assert re.fullmatch(r"the settings of stack '\w+' \(Pulumi\.\w+\.yaml\) have \d+ mistakes?:", head)
    found: dict[str, dict[str, str]] = {}
    for block in blocks:
        key, *lines = block.split("\n")
        parts = dict(line.strip().split(":", 1) for line in lines)
        assert list(parts) == ["problem", "given", "allowed", "change"]
        assert all(part.strip() for part in parts.values()), f"an empty part in {block}"
        assert key.strip() not in found, f"{key} is reported twice"
        found[key.strip()] = {name: part.strip() for name, part in parts.items()}
    assert f"have {len(found)} mistake" in head
    return found


@pytest.fixture
def stack_file() -> Callable[[Changes], dict[str, Any]]:
    """The content of a whole stack file: the baseline with changes."""

    def stack_file(changes: Changes) -> dict[str, Any]:
        return {
            "config": {key if ":" in key else f"groundwork:{key}": value for key, value in changed(changes).items()}
        }

    return stack_file


@pytest.fixture
def refused_as_given(root: Path) -> Callable[..., str]:
    """What is printed about a configuration of texts, exactly as the engine would hand them over."""

    def refused_as_given(config: Mapping[str, str], secrets: Sequence[str] = ()) -> str:
        configure(config, secrets)
        with pytest.raises(pulumi.RunError) as caught:
            Settings.load(root)
        return str(caught.value)

    return refused_as_given


@pytest.fixture
def committed() -> Callable[[str], Settings]:
    """Loads a committed stack, against the real folder of the project; what it keeps encrypted is a stand-in, as with
    preflight."""

    def committed(stack: str) -> Settings:
        found = stack_config.load(open_project(PROJECT_ROOT), stack, [])
        configure(found.values, found.secret_keys, stack)
        return Settings.load()

    return committed


@pytest.fixture
def shipped(shipped_program: Path) -> Callable[[str], Settings]:
    """Loads a stack as this repository comes with it."""

    def shipped(stack: str) -> Settings:
        found = stack_config.load(open_project(shipped_program), stack, [])
        configure(found.values, found.secret_keys, stack)
        return Settings.load()

    return shipped


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The warnings that Pulumi was asked to print."""
    texts: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", texts.append)
    return texts


@pytest.fixture
def load_config(root: Path) -> Callable[[Mapping[str, Any]], Settings]:
    """Loads a whole configuration, keys as a stack file has them."""

    def load_config(config: Mapping[str, Any]) -> Settings:
        configure(config)
        return Settings.load(root)

    return load_config
