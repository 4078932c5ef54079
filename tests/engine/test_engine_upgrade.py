"""A stack that a released version has deployed meets the current code: nothing that holds data is touched.

`tests/golden/state` keeps the state of each stack as each release left it, `<version>.<stack>.json`, one resource a
line. `make golden-state` writes those of the current version until the changelog dates it; from then on they are what
people have, and stay as they are (`operations/golden.py`).
"""

import json
import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from operations.golden import CHANGELOG, released
from preflight.simulation import holders
from preflight.simulation.place import uuid
from tests.engine.cloud import Cloud
from tests.engine.kit.engine import Engine
from tests.engine.outcome import Outcome, Step
from tests.engine.stack import ROOT, Stack

NewStack = Callable[[str], Stack]
Json = dict[str, Any]

STATES = ROOT / "tests" / "golden" / "state"
STACKS = ("dev", "prod")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
CURRENT = [f"{VERSION}.{stack}" for stack in STACKS]
RENEW = os.environ.get("GROUNDWORK_UPDATE_GOLDEN") == "1"
KEPT = sorted({path.stem for path in STATES.glob("*.json")} | set(CURRENT))

# Changes that a user of a release meets on purpose: "<version>.<stack>" -> as ``Outcome.changes``. Say each of them in
# the changelog. What holds data may not be in here under an operation that takes it away: the test refuses that.
MEANT: dict[str, dict[str, list[str]]] = {}

_TAKEN_AWAY = {"delete", "delete-replaced", "create-replacement", "replace"}
_OF_THE_MACHINE = {"created", "modified", "sourcePosition", "stackTrace"}
_MANIFEST = {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""}


def refuse_released(path: Path, version: str, changelog: str) -> None:
    """Fails rather than rewrite what people have deployed."""
    if path.exists() and version in released(changelog):
        pytest.fail(
            f"{CHANGELOG} dates {version}, so {path.name} is what people have deployed, and stays: raise the version in "
            "pyproject.toml, begin its section in the changelog, and run `make golden-state` again",
            pytrace=False,
        )


def losses(outcome: Outcome) -> list[Step]:
    """Steps that take away or replace something that holds data."""
    return [step for step in outcome.steps if step.op in _TAKEN_AWAY and step.type in holders.TYPES]


def portable(exported: Json) -> str:
    """A state without what differs from run to run and from machine to machine, one resource a line."""
    resources = [
        {key: _sorted(key, entry) for key, entry in resource.items() if key not in _OF_THE_MACHINE}
        for resource in _ordered(exported["deployment"]["resources"])
    ]
    lines = ",\n".join(json.dumps(resource, sort_keys=True) for resource in resources)
    for resource in resources:
        if resource["type"].startswith("pulumi:providers:"):  # their ids are drawn by the engine
            lines = lines.replace(resource["id"], uuid(resource["urn"]))
    manifest = json.dumps(_MANIFEST, sort_keys=True)
    return (
        f'{{"version": {exported["version"]}, "deployment": {{"manifest": {manifest}, "resources": [\n{lines}\n]}}}}\n'
    )


def _sorted(key: str, entry: Any) -> Any:
    """URNs in an order of their own: in a run it is a matter of luck."""
    if key == "dependencies":
        return sorted(entry)
    if key == "propertyDependencies":
        return {name: sorted(urns or ()) for name, urns in entry.items()}
    return entry


def _ordered(resources: list[Json]) -> list[Json]:
    """Each after all that it needs, as Pulumi wants it, else by URN."""
    known = {resource["urn"]: resource for resource in resources}
    order: dict[str, Json] = {}

    def place(urn: str) -> None:
        if urn in order or urn not in known:
            return
        resource = known[urn]
        properties = resource.get("propertyDependencies") or {}
        needed = {resource.get("parent", ""), resource.get("deletedWith", ""), *resource.get("dependencies", ())}
        needed |= {resource.get("provider", "").rpartition("::")[0], *(u for urns in properties.values() for u in urns)}
        for before in sorted(needed):
            place(before)
        order[urn] = resource

    for urn in sorted(known):
        place(urn)
    return list(order.values())


def imported(stack: NewStack, kept: str, change: Callable[[Json], None] = lambda _: None) -> Stack:
    """A stack that has the kept state, with a change to it, and runs the current code."""
    one = stack(kept.rpartition(".")[2])
    document = json.loads((STATES / f"{kept}.json").read_text())
    change(document["deployment"])
    path = one.folder / "state.json"
    path.write_text(json.dumps(document))
    one.run("stack", "import", "--file", str(path)).expect(0)
    return one


@pytest.mark.parametrize("kept", CURRENT)
def test_the_current_version_has_a_kept_state_of_each_stack(engine: Engine, tmp_path: Path, kept: str) -> None:
    path = STATES / f"{kept}.json"
    if RENEW:
        refuse_released(path, VERSION, (ROOT / CHANGELOG).read_text())
        with Cloud(tmp_path / "cloud") as cloud:
            one = Stack(engine, cloud, tmp_path / "stack", kept.rpartition(".")[2])
            one.up(fast=True).expect(0)
            exported = json.loads(one.run("stack", "export", "--show-secrets").expect(0).output)
        STATES.mkdir(parents=True, exist_ok=True)
        path.write_text(portable(exported))
    assert path.exists(), f"run `make golden-state`: {path.relative_to(ROOT)} is missing"
    text = path.read_text()
    resources = json.loads(text)["deployment"]["resources"]
    assert len({resource["urn"] for resource in resources}) == len(resources) > 150
    assert re.findall(r"ciphertext|file:///|/home/|/tmp/", text) == [], "it must serve on every machine"


def test_a_released_state_is_not_rewritten_and_an_unreleased_one_is(tmp_path: Path) -> None:
    dated = "# Changelog\n\n## 0.2.0 (unreleased)\n\n## 0.1.0 (2026-11-21)\n"
    path = tmp_path / "state.json"
    refuse_released(path, "0.1.0", dated)  # there is none: a release without its state may get one
    path.write_text("{}")
    refuse_released(path, "0.2.0", dated)
    with pytest.raises(
        pytest.fail.Exception, match=r"CHANGELOG.md dates 0.1.0, so state.json .* stays: raise the version"
    ):
        refuse_released(path, "0.1.0", dated)


@pytest.mark.parametrize("kept", KEPT)
def test_the_current_code_changes_nothing_unexpected_in_a_released_stack(stack: NewStack, kept: str) -> None:
    one = imported(stack, kept)
    outcome = one.preview(pack=False).expect(0)
    one.cloud.assert_nothing_guessed()
    assert losses(outcome) == [], "data would be lost"
    assert outcome.changes == MEANT.get(kept, {})


def test_a_change_that_would_replace_what_holds_data_is_seen(stack: NewStack) -> None:
    def in_clear(deployment: Json) -> None:
        (cluster,) = [r for r in deployment["resources"] if r["type"] == "aws:rds/cluster:Cluster"]
        cluster["inputs"]["storageEncrypted"] = False

    outcome = imported(stack, CURRENT[0], in_clear).preview(pack=False).expect(0)
    assert {step.name for step in losses(outcome)} == {
        "aws:rds/cluster:Cluster::data-main",
        "aws:rds/clusterInstance:ClusterInstance::data-main-1",
    }


def test_a_resource_that_the_current_code_has_lost_is_seen(stack: NewStack) -> None:
    def more(deployment: Json) -> None:
        (key,) = [r for r in deployment["resources"] if r["urn"].endswith("aws:kms/key:Key::security-data-key")]
        deployment["resources"].append({**key, "urn": f"{key['urn']}-of-old", "id": "of-old"})

    outcome = imported(stack, CURRENT[0], more).preview(pack=False).expect(0)
    assert [(step.op, step.name) for step in losses(outcome)] == [
        ("delete", "aws:kms/key:Key::security-data-key-of-old")
    ]


@pytest.mark.parametrize("kept", CURRENT)
def test_a_kept_state_does_not_depend_on_the_order_of_a_run(kept: str) -> None:
    text = (STATES / f"{kept}.json").read_text()
    document = json.loads(text)
    document["deployment"]["resources"].reverse()
    assert portable(document) == text


def test_a_change_that_nobody_knows_of_something_that_holds_data_is_seen(engine: Engine, tmp_path: Path) -> None:
    def warned(deployment: Json) -> None:
        (cluster,) = [r for r in deployment["resources"] if r["type"] == "aws:rds/cluster:Cluster"]
        cluster["inputs"]["warningEventCategories"] = ["failure"]

    with Cloud(tmp_path / "cloud") as cloud:  # not the fixture's, which would fail this test
        one = Stack(engine, cloud, tmp_path / "stack", "dev")
        lost = losses(imported(lambda _: one, CURRENT[0], warned).preview(pack=False).expect(0))
        assert "aws:rds/cluster:Cluster::data-main" in {step.name for step in lost}
        with pytest.raises(
            AssertionError, match=r"not known whether this replaces, .*data-main warningEventCategories"
        ):
            cloud.assert_nothing_guessed()
        one.end()


def test_no_meant_change_takes_away_what_holds_data() -> None:
    assert set(MEANT) <= set(KEPT), "a release whose state is not kept"
    for changes in MEANT.values():
        taken = [name for op, names in changes.items() if op in _TAKEN_AWAY for name in names]
        assert {name.partition("::")[0] for name in taken}.isdisjoint(holders.TYPES)
