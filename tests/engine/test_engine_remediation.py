"""A policy of level `remediate`: the engine lets it put things right first, preflight only reports (docs/preflight.md)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.cloud import Cloud
from tests.engine.fidelity.ours import ROOT
from tests.engine.kit.engine import Engine
from tests.engine.stack import Stack

PROGRAM = 'import pulumi_aws as aws\naws.sns.Topic("t", display_name="{}")\n'
PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def judge(args, report):
    if args.resource_type == "aws:sns/topic:Topic" and args.props.get("displayName") == "wrong":
        report("the name is wrong")

def mend(args):
    if args.resource_type == "aws:sns/topic:Topic" and args.props.get("displayName") == "wrong":
        return {**args.props, "displayName": "right"}

mending = {"remediate": mend} if MENDS else {}
level = EnforcementLevel.REMEDIATE
PolicyPack("names", policies=[ResourceValidationPolicy("name", "Names.", judge, level, **mending)])
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack whose one policy mends what it judges, until it is written anew."""
    folder = tmp_path / "pack"
    folder.mkdir()
    options = f"options:\n    virtualenv: {sys.prefix}"
    (folder / "PulumiPolicy.yaml").write_text(f"version: 0.1.0\nruntime:\n  name: python\n  {options}\n")
    write(folder, mends=True)
    return folder


def write(pack: Path, *, mends: bool) -> None:
    (pack / "__main__.py").write_text(f"MENDS = {mends}\n{PACK}")


@pytest.fixture
def one(engine: Engine, cloud: Cloud, tmp_path: Path) -> Stack:
    source = tmp_path / "source"
    source.mkdir()
    (source / "Pulumi.yaml").write_text("name: groundwork\nruntime: python\n")
    (source / "Pulumi.test.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (source / "__main__.py").write_text(PROGRAM.format("wrong"))
    return Stack(engine, cloud, tmp_path / "stack", "test", source=source)


def preflight(one: Stack, pack: Path) -> tuple[int, list[tuple[str, str, list[str]]]]:
    """Exit code, and policy, level and phases of what was found."""
    command = [sys.executable, "-m", "preflight", "check", "test", "--policy", str(pack), "--json", "-"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=one.project, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)["stacks"]["test"]["findings"]
    return done.returncode, [(entry["policy"], entry["level"], entry["phase"]) for entry in found]


FOUND = (1, [("name", "mandatory", ["preview", "update"])])


def test_what_a_policy_mends_passes_on_the_engine_and_is_reported_by_preflight(one: Stack, pack: Path) -> None:
    one.run("preview", "--policy-pack", str(pack)).expect(0)
    one.run("up", "--yes", "--policy-pack", str(pack)).expect(0)
    assert one.cloud.store.one("t").inputs["displayName"] == "right"
    assert preflight(one, pack) == FOUND
    one.write("__main__.py", PROGRAM.format("right"))
    assert preflight(one, pack) == (0, [])


def test_what_it_only_judges_stops_both(one: Stack, pack: Path) -> None:
    write(pack, mends=False)
    refused = one.run("preview", "--policy-pack", str(pack)).expect(1)
    assert "the name is wrong" in refused.output
    assert preflight(one, pack) == FOUND


def test_the_difference_is_on_the_page_about_preflight() -> None:
    page = (ROOT / "docs" / "preflight.md").read_text()
    differences = page[page.index("## Differences from the engine") :]
    assert "\nRemediations are not applied. On the engine a policy of level `remediate`" in differences
