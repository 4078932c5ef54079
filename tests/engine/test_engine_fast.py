"""`make preview` and `make up` run the program with the hook of preflight.startup, if they are told, and if it works.

Programs and packs are started as Pulumi's own language host starts them: ``python -u`` of the project's own .venv. That
the requests are the same is in test_engine_fidelity.py.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.cloud import Cloud
from tests.engine.kit import environment
from tests.engine.kit.engine import Engine
from tests.engine.stack import Stack

LINE = "the SDK is loaded the plain way"
PROBE = """
import gc, sys, pulumi, pulumi_aws as aws
aws.sns.Topic("t")
pulumi.export("finders", ",".join(type(finder).__module__ for finder in sys.meta_path if not isinstance(finder, type)))
pulumi.export("collects", gc.isenabled())
pulumi.export("replaced", sorted(name for name in sys.modules if name.startswith("preflight.sdk_speed")))
"""


def probe(engine: Engine, cloud: Cloud, folder: Path, *, fast: bool) -> Stack:
    """A small program with an environment of its own, not run yet."""
    source = folder / "source"
    source.mkdir()
    runtime = "runtime: {name: python, options: {toolchain: pip, virtualenv: .venv}}"
    (source / "Pulumi.yaml").write_text(f"name: groundwork\n{runtime}\n")
    (source / "Pulumi.test.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (source / "__main__.py").write_text(PROBE)
    stack = Stack(replace(engine.plain, as_pulumi=True, fast=fast), cloud, folder / "stack", "test", source=source)
    environment.make(stack.project)
    return stack


@pytest.mark.parametrize("fast", [True, False])
def test_only_a_program_that_is_told_loads_the_sdk_lazily_and_nothing_of_the_sdk_is_replaced(
    engine: Engine, cloud: Cloud, tmp_path: Path, fast: bool
) -> None:
    stack = probe(engine, cloud, tmp_path, fast=fast)
    said = stack.up().expect(0)
    assert LINE not in said.output
    outputs = json.loads(stack.run("stack", "output", "--json").expect(0).output)
    assert ("preflight.lazy_sdk" in outputs["finders"]) == fast
    assert outputs["collects"] is not fast
    assert outputs["replaced"] == []
    assert cloud.store.one("t").inputs


@pytest.mark.parametrize("trouble", ["gone", "broken"])
def test_a_project_without_a_working_loader_deploys_and_says_so(
    engine: Engine, cloud: Cloud, tmp_path: Path, trouble: str
) -> None:
    stack = probe(engine, cloud, tmp_path, fast=True)
    if trouble == "gone":
        shutil.rmtree(stack.project / "preflight")
    else:
        stack.write("preflight/lazy_sdk/modules.py", "raise ValueError('half\\nwritten')\n")
    said = stack.up().expect(0)
    assert LINE in said.output, "on a line of its own, see tests/preflight/test_startup.py"
    assert "Traceback" not in said.output
    outputs = json.loads(stack.run("stack", "output", "--json").expect(0).output)
    assert "preflight" not in outputs["finders"]
    assert cloud.store.one("t").inputs
