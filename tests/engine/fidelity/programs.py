"""The programs that are compared: the committed stacks, and one that has every form of value and option in it."""

import json
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from preflight.simulation.place import Place
from tests.engine.cloud import Cloud, Thing
from tests.engine.fidelity import engine_log, ours, verdicts
from tests.engine.fidelity.normal import Side
from tests.engine.fidelity.verdicts import Verdict
from tests.engine.kit import kms
from tests.engine.kit.engine import Engine
from tests.engine.outcome import Outcome
from tests.engine.stack import Stack

HERE = Path(__file__).parent
MODES = ("preview", "update")
PROGRAMS = ("dev", "prod", "nasty")

# What exists before the program of the second kind is run: it reads one thing, adopts another, and refers to a stack.
_NASTY = Place("eu-central-1", "123456789012")
_ADOPTED = "arn:aws:sns:eu-central-1:111122223333:adopted"
_TAGS = {"tags": {"by": "transform"}, "tagsAll": {"by": "transform", "from": "provider"}}
_REFERRED = "organization/other/base"
_OUTPUTS = {"vpcId": "vpc-2", "password": "referred-password"}
_TOKEN = "token-of-the-stack"


@dataclass
class Compared:
    """Both sides of a program, by mode: the requests, and what the policy pack made of them.

    `stack` is as the engine's update has left it, `touched` what the preview has done in the cloud.
    """

    stack: Stack
    outcomes: dict[str, Outcome]
    touched: list[Thing]
    ours: dict[str, Side] = field(default_factory=dict)
    theirs: dict[str, Side] = field(default_factory=dict)
    our_verdicts: dict[str, list[Verdict]] = field(default_factory=dict)
    their_verdicts: dict[str, list[Verdict]] = field(default_factory=dict)


def committed(engine: Engine, folder: Path, name: str) -> Compared:
    """A committed stack, with the policy pack of the project."""
    with Cloud(folder / "cloud") as cloud:
        stack = Stack(engine.plain, cloud, folder / "stack", name)
        pack = stack.project / "policy"
        with ThreadPoolExecutor(1) as beside:  # preflight runs while the engine does
            said = beside.submit(verdicts.of_preflight, stack.project, [name])
            read = [beside.submit(ours.read, stack.project, name, mode) for mode in MODES]
            result = theirs(stack, pack, "--policy-pack-config", str(pack / "config" / f"{name}.json"))
    result.our_verdicts = said.result()[name]
    result.ours = {mode: side.result() for mode, side in zip(MODES, read, strict=True)}
    return result


def nasty(engine: Engine, folder: Path) -> Compared:
    """The program with everything in it, and a pack that refuses nothing."""
    with Cloud(folder / "cloud", place=_NASTY) as cloud:
        stack = Stack(engine.plain, cloud, folder / "stack", "test", source=HERE / "nasty")
        _make_what_exists(cloud)
        _make_other_stack(stack, folder / "other")
        stack.run("config", "set", "--secret", "nasty:token", _TOKEN).expect(0)
        result = theirs(stack, HERE / "listener")
    for mode in MODES:
        result.ours[mode] = ours.read(
            stack.project,
            "test",
            mode,
            account=_NASTY.account,
            stack_outputs={_REFERRED: _OUTPUTS},
            config=[f"nasty:token={_TOKEN}"],
        )
    return result


def theirs(stack: Stack, *pack: Path | str) -> Compared:
    """The engine's first preview and first update of a stack, with a policy pack."""
    logs = {mode: stack.folder / f"{mode}.jsonl" for mode in MODES}
    flags = ("--policy-pack", *map(str, pack))
    before = len(stack.cloud.store.events)
    seen = stack.run("preview", "--json", *flags, PULUMI_DEBUG_GRPC=str(logs["preview"])).expect(0)
    touched = [thing for _, thing in stack.cloud.store.events[before:]]
    planned = [step["newState"] for step in json.loads(seen.output[seen.output.index("{") :])["steps"]]
    update = ("up", "--yes", "--skip-preview", *flags)
    made = stack.run(*update, fast=True, PULUMI_DEBUG_GRPC=str(logs["update"])).expect(0)
    state = stack.export()["deployment"]["resources"]
    return Compared(
        stack=stack,
        outcomes={"preview": seen, "update": made},
        touched=touched,
        theirs={"preview": engine_log.read(logs["preview"], planned), "update": engine_log.read(logs["update"], state)},
        their_verdicts={
            "preview": verdicts.of_engine(seen.violations),
            "update": verdicts.of_engine(made.violations),
        },
    )


def _make_what_exists(cloud: Cloud) -> None:
    group: Mapping[str, Any] = {"name": "existing", "description": "there", "vpcId": "vpc-9"}
    group_type, topic_type = "aws:ec2/securityGroup:SecurityGroup", "aws:sns/topic:Topic"
    start = "urn:pulumi:test::nasty"
    outputs = {**group, "arn": "arn:existing"}
    cloud.store.create(Thing(group_type, "sg-0123456789abcdef0", f"{start}::{group_type}::existing", group, outputs))
    topic = {"name": "adopted", **_TAGS}
    cloud.store.create(
        Thing(topic_type, _ADOPTED, f"{start}::{topic_type}::adopted", topic, {**topic, "arn": _ADOPTED})
    )


def _make_other_stack(stack: Stack, folder: Path) -> None:
    """A stack of another project in the same backend, with outputs and nothing else."""
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: other\nruntime: python\n")
    root = {
        "urn": "urn:pulumi:base::other::pulumi:pulumi:Stack::other-base",
        "custom": False,
        "type": "pulumi:pulumi:Stack",
        "outputs": _OUTPUTS,
    }
    manifest = {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""}
    exported = {"version": 3, "deployment": {"manifest": manifest, "resources": [root]}}
    for command, given in (
        (["init", "--secrets-provider", kms.PROVIDER, _REFERRED], ""),
        (["import", "--stack", _REFERRED], json.dumps(exported)),
    ):
        subprocess.run(
            [str(stack.engine.pulumi), "stack", *command, "--non-interactive"],
            cwd=folder,
            env=stack.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
