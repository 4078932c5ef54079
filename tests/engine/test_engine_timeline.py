"""Preflight's timeline of a first deployment against deployments by the real engine, with AWS's durations scaled down.

Measured is from the beginning of the first creation to the end of the last, scaled back up. In it is whatever the engine
and the program need between creations: some seconds of processor time, which are not scaled and not in the timeline, so
that a measured deployment is the longer one. The program's start before the first creation, three seconds or so, is left
out on both sides. At these paces a few hundredths of the measured time are of that kind; beside AWS itself it is less than one.
"""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from preflight.timeline import PARALLEL, timeline
from tests.engine.cloud import Cloud, Span
from tests.engine.kit.engine import Engine
from tests.engine.stack import ROOT, Stack

CLOSE = 0.10
STACKS = ("dev", "prod")

# By hand, with the medians of durations.json: a queue takes 25 s, a gateway endpoint 6 s and one with interfaces 100 s.
CHAIN = """
import pulumi, pulumi_aws as aws

def after(*others):
    return pulumi.ResourceOptions(depends_on=list(others))

first = aws.sqs.Queue("first")
second = aws.sqs.Queue("second", opts=after(first))
third = aws.sqs.Queue("third", name=second.name.apply(lambda name: f"{name}-third"))
aws.sqs.Queue("beside")
gateway = aws.ec2.VpcEndpoint("gateway", vpc_id="vpc-1", service_name="com.amazonaws.eu-west-1.s3")
interface = aws.ec2.VpcEndpoint("interface", vpc_id="vpc-1", vpc_endpoint_type="Interface",
    service_name="com.amazonaws.eu-west-1.sqs", opts=after(third))
last = aws.sqs.Queue("last", opts=after(interface, gateway))
"""
LINKS = ["first", "second", "third", "interface", "last"]
CHAIN_SECONDS = 25 + 25 + 25 + 100 + 25
SEVERAL = "import pulumi_aws as aws\nfor number in range(6):\n    aws.sqs.Queue(f'q{number}')\n"
AT_ONCE = 2
SEVERAL_SECONDS = 3 * 25
# Fractions of AWS's own time: the longest deployment takes a minute, all side by side.
PACES = {"dev": 0.07, "prod": 0.07, "chain": 0.1, "several": 0.3}
# Resources at a time. Where that many are ready at once, the engine begins with whoever asked first, preflight with the
# first by URN: with 16 at a time prod has over a hundred ready in the first second, and took 12 to 14 % longer than said.
AT_A_TIME = {"dev": PARALLEL, "prod": 64}


@dataclass(frozen=True)
class Deployment:
    """A first deployment as it was, in AWS's own seconds from the first creation on: when each began and ended."""

    began: Mapping[str, float]
    ended: Mapping[str, float]

    @classmethod
    def of(cls, spans: list[Span], pace: float) -> "Deployment":
        """From what a paced cloud has seen; nothing was made twice."""
        start = min(span.began for span in spans)
        assert {span.operation for span in spans} == {"create"}
        assert len({span.urn for span in spans}) == len(spans)
        return cls(
            {span.urn: (span.began - start) / pace for span in spans},
            {span.urn: (span.ended - start) / pace for span in spans},
        )

    @property
    def seconds(self) -> float:
        """All of it."""
        return max(self.ended.values())


def predicted(program: Path, *stacks: str) -> dict[str, Any]:
    """What `python -m preflight check` says of each stack's first deployment."""
    command = [sys.executable, "-m", "preflight", "check", *stacks, "--program", str(program), "--json", "-"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, cwd=program, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)["stacks"]
    assert all(stack["timeline"] == timeline(stack["resources"]) for stack in found.values())
    return {name: timeline(stack["resources"], AT_A_TIME.get(name, PARALLEL)) for name, stack in found.items()}


def deploy(engine: Engine, folder: Path, name: str, pace: float, parallel: int, source: Path) -> Deployment:
    """A first update against a cloud that takes its time."""
    with Cloud(folder / "cloud", pace=pace) as cloud:
        one = Stack(engine, cloud, folder / "stack", name, source=source)
        one.up("--parallel", str(parallel), fast=True).expect(0)
        assert len(cloud.spans) == len(cloud.store.things)
        return Deployment.of(cloud.spans, pace)


def project(folder: Path, program: str) -> Path:
    """A project of one stack, ``test``."""
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: groundwork\nruntime: python\n")
    (folder / "Pulumi.test.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (folder / "__main__.py").write_text(program)
    return folder


@dataclass(frozen=True)
class Compared:
    """What preflight says of the programs, and how the engine deployed them."""

    said: Mapping[str, Any]
    was: Mapping[str, Deployment]


@pytest.fixture(scope="module")
def compared(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """All of them side by side: nearly all of the time nothing is done but waiting."""
    folder = tmp_path_factory.mktemp("paced")
    chain, several = project(folder / "chain", CHAIN), project(folder / "several", SEVERAL)
    said = {**predicted(ROOT, *STACKS), "chain": predicted(chain, "test")["test"]}
    with ThreadPoolExecutor(len(PACES)) as pool:

        def start(name: str, parallel: int, source: Path = ROOT) -> "Future[Deployment]":
            stack = name if name in STACKS else "test"
            return pool.submit(deploy, engine, folder / f"run-{name}", stack, PACES[name], parallel, source)

        runs = {name: start(name, AT_A_TIME[name]) for name in STACKS}
        runs |= {"chain": start("chain", PARALLEL, chain), "several": start("several", AT_ONCE, several)}
        return Compared(said, {name: run.result() for name, run in runs.items()})


@pytest.mark.parametrize("name", STACKS)
def test_a_first_deployment_takes_as_long_as_the_timeline_says(
    compared: Compared, figures: list[str], name: str
) -> None:
    said, was = compared.said[name], compared.was[name]
    figures.append(
        f"first deployment of {name}, {len(was.ended)} resources at {PACES[name]:.0%} of AWS's durations: "
        f"{was.seconds:.0f} s, preflight says {said['seconds']} s ({was.seconds / said['seconds'] - 1:+.1%})"
    )
    assert {step["urn"] for step in said["steps"]} == set(was.ended), "the same resources"
    assert was.seconds == pytest.approx(said["seconds"], rel=CLOSE)


@pytest.mark.parametrize("name", STACKS)
def test_each_resource_comes_when_the_timeline_says(compared: Compared, name: str) -> None:
    """To within a tenth of the whole. Which of several that are ready begins first is for the engine to say."""
    said, was = compared.said[name], compared.was[name]
    off = {
        step["urn"].rsplit("::", 1)[-1]: (step["end"], round(was.ended[step["urn"]], 1))
        for step in said["steps"]
        if abs(was.ended[step["urn"]] - step["end"]) > CLOSE * said["seconds"]
    }
    assert off == {}, "what it says, and what was"


@pytest.mark.parametrize("name", STACKS)
def test_the_chain_that_decides_is_one_in_the_engine_too(compared: Compared, name: str) -> None:
    links, was = [link["urn"] for link in compared.said[name]["chain"]["links"]], compared.was[name]
    assert [urn for before, urn in itertools.pairwise(links) if was.began[urn] < was.ended[before]] == []
    assert was.ended[links[-1]] == pytest.approx(was.seconds, rel=CLOSE)


def test_a_known_chain_takes_what_its_links_take_together(compared: Compared) -> None:
    said, was = compared.said["chain"], compared.was["chain"]
    assert [link["urn"].rsplit("::", 1)[-1] for link in said["chain"]["links"]] == LINKS
    assert said["seconds"] == said["chain"]["seconds"] == CHAIN_SECONDS
    assert was.seconds == pytest.approx(CHAIN_SECONDS, rel=CLOSE)


def test_one_type_takes_different_times_by_its_inputs(compared: Compared) -> None:
    was = compared.was["chain"]
    took = {urn.rsplit("::", 1)[-1]: was.ended[urn] - was.began[urn] for urn in was.ended}
    assert took["interface"] == pytest.approx(100, rel=CLOSE)
    assert took["gateway"] == pytest.approx(6, rel=0.5)


def test_the_fewer_run_at_once_the_longer_it_takes_in_both(compared: Compared) -> None:
    was = compared.was["several"]
    entry = {"type": "aws:sqs/queue:Queue", "custom": True, "parent": None, "inputs": {}}
    assert timeline([{**entry, "urn": urn} for urn in was.ended], AT_ONCE)["seconds"] == SEVERAL_SECONDS
    assert was.seconds == pytest.approx(SEVERAL_SECONDS, rel=CLOSE)
