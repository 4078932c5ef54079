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
ours = lambda value: str(getattr(getattr(value, "func", value), "__module__", "")).startswith("preflight")
modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == "pulumi"]
owners = {owner for module in modules for owner in (module, *vars(module).values()) if isinstance(owner, (type(sys), type))}
found = {f"{one.__name__}.{name}" for one in owners for name, value in list(vars(one).items()) if ours(value)}
pulumi.export("replaced", sorted(name for name in found if name.startswith("pulumi.")))
"""

REPLACED = ["pulumi.log.debug", "pulumi.runtime.resource._get_stack_trace", "pulumi.runtime.stack.wait_for_rpcs"]
FAILING = """
import pulumi, pulumi_aws as aws
made = aws.sns.Topic("t")
pulumi.log.debug("said by the program")
made.arn.apply(lambda arn: 1 / 0 if arn else None)
pulumi.export("arn", made.arn)
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
def test_only_a_program_that_is_told_loads_the_sdk_lazily_and_replaces_what_has_no_part_in_a_registration(
    engine: Engine, cloud: Cloud, tmp_path: Path, fast: bool
) -> None:
    stack = probe(engine, cloud, tmp_path, fast=fast)
    said = stack.up().expect(0)
    assert LINE not in said.output
    outputs = json.loads(stack.run("stack", "output", "--json").expect(0).output)
    assert ("preflight.lazy_sdk" in outputs["finders"]) == fast
    assert outputs["collects"] is not fast
    assert outputs["replaced"] == (REPLACED if fast else [])
    assert cloud.store.one("t").inputs


@pytest.mark.parametrize("fast", [True, False])
def test_a_program_that_fails_fails_and_what_it_says_is_heard(
    engine: Engine, cloud: Cloud, tmp_path: Path, fast: bool
) -> None:
    stack = probe(engine, cloud, tmp_path, fast=fast)
    stack.write("__main__.py", FAILING)
    said = stack.up("--debug")
    assert said.code not in (0, None)
    assert "ZeroDivisionError: division by zero" in said.output
    assert "__main__.py" in said.output
    assert "said by the program" in said.output
    assert ("beginning rpc" in said.output) is not fast, (
        "what the SDK says of itself takes --debug without GROUNDWORK_FAST"
    )
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
