"""Preflight's timeline of a first deployment against deployments by the real engine, with AWS's durations scaled down.

Measured is from the beginning of the first creation to the end of the last, scaled back up. In it is whatever the engine
and the program need between creations: some seconds of processor time, which are not scaled and not in the timeline, so
that a measured deployment is the longer one. The program's start before the first creation, three seconds or so, is left
out on both sides. At these paces a few hundredths of the measured time are of that kind; beside AWS itself it is less than one.

Where more resources are ready than may run, chance has a part in the engine: calls of the same moment come in any order. Ten
deployments of prod took 863 to 920 s, where the timeline says 910 (2026-11).
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

from preflight.turns import PARALLEL, PARALLEL_SAID
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
# Two at a time. Four queues ask at 25 s and find one place, long asks at 43 s and finds two before it: it begins at 75 s.
# By name it would be the first of them, and all would take 150 s. Of the four chance chooses, so they are alike.
CROWD = """
import pulumi, pulumi_aws as aws

def after(*others):
    return pulumi.ResourceOptions(depends_on=list(others))

first = aws.sqs.Queue("first")
for name in "abcd":
    aws.sqs.Queue(name, opts=after(first))
step = None
for number in range(3):
    step = aws.ec2.VpcEndpoint(f"step{number}", vpc_id="vpc-1", service_name="com.amazonaws.eu-west-1.s3",
        opts=after(*([step] if step else [])))
bridge = aws.sqs.Queue("bridge", opts=after(step))
aws.ec2.VpcEndpoint("long", vpc_id="vpc-1", vpc_endpoint_type="Interface",
    service_name="com.amazonaws.eu-west-1.sqs", opts=after(bridge))
"""
AT_ONCE = 2
CROWD_SECONDS = 75 + 100
CROWD_BEGINS = [25, 43, 50, 68]
# Fractions of AWS's own time: the longest deployment takes a minute, all side by side.
PACES = {"dev": 0.07, "prod": 0.07, "chain": 0.1, "crowd": 0.3}


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


def predicted(program: Path, *stacks: str, parallel: int | None = None) -> dict[str, Any]:
    """What `python -m preflight check` says of each stack's first deployment."""
    command = [sys.executable, "-m", "preflight", "check", *stacks, "--program", str(program), "--json", "-"]
    command += [] if parallel is None else [f"--parallel={parallel}"]
    environment = {key: value for key, value in os.environ.items() if key != PARALLEL_SAID}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, cwd=program,
        env={**environment, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = {name: stack["timeline"] for name, stack in json.loads(done.stdout)["stacks"].items()}
    assert {line["parallel"] for line in found.values()} == {PARALLEL if parallel is None else parallel}
    return found


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
    chain, crowd = project(folder / "chain", CHAIN), project(folder / "crowd", CROWD)
    said = predicted(ROOT, *STACKS)
    said |= {"chain": predicted(chain, "test")["test"], "crowd": predicted(crowd, "test", parallel=AT_ONCE)["test"]}
    sources = {"dev": ROOT, "prod": ROOT, "chain": chain, "crowd": crowd}
    with ThreadPoolExecutor(len(PACES)) as pool:

        def start(name: str, source: Path) -> "Future[Deployment]":
            stack = name if name in STACKS else "test"
            at_a_time = said[name]["parallel"]
            return pool.submit(deploy, engine, folder / f"run-{name}", stack, PACES[name], at_a_time, source)

        runs = {name: start(name, source) for name, source in sources.items()}
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
    """To within a tenth of the whole: of several that ask at the same moment chance chooses in the engine."""
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


def test_where_more_are_ready_than_may_run_both_take_them_as_they_ask(compared: Compared) -> None:
    said, was = compared.said["crowd"], compared.was["crowd"]
    assert said["seconds"] == CROWD_SECONDS
    assert was.seconds == pytest.approx(CROWD_SECONDS, rel=CLOSE)
    for begins in ({step["urn"]: step["start"] for step in said["steps"]}, was.began):
        began = {urn.rpartition("::")[2]: seconds for urn, seconds in begins.items()}
        assert sorted(began[name] for name in "abcd") == pytest.approx(CROWD_BEGINS, abs=6)
        assert began["long"] == pytest.approx(75, abs=6)
