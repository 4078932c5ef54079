"""A stack of this project on the real engine: a copy of the project, its own state and home, a simulated cloud."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml

from tests.engine.cloud import Cloud, Thing
from tests.engine.kit import kms
from tests.engine.kit.engine import Engine
from tests.engine.outcome import Outcome

ROOT = Path(__file__).parents[2]
# Not part of what Pulumi runs. Compiled files go along: compiling takes half a second of a run.
APART = shutil.ignore_patterns(".*", "build", "tests")
_AT_ONCE = ("--yes", "--skip-preview")
LIMIT = 120.0  # seconds; a call of the engine takes two to six


def copy_project(target: Path, source: Path = ROOT) -> None:
    """The project as Pulumi needs it, with the interpreter that runs the tests."""
    shutil.copytree(source, target, ignore=APART)
    (target / ".venv").symlink_to(sys.prefix)


@dataclass(frozen=True)
class Books:
    """The cloud compared with a state: keys of things that only one of them has, and URNs that exist twice."""

    orphans: list[str]
    lost: list[str]
    doubles: list[str]

    @property
    def balanced(self) -> bool:
        """Whether each has exactly what the other has, once."""
        return not (self.orphans or self.lost or self.doubles)


class Running:
    """A call of the engine that goes on."""

    def __init__(self, command: list[str], folder: Path, environment: Mapping[str, str], events: Path | None) -> None:
        self._events = events
        self._started = time.monotonic()
        self._output = folder.parent / f"output-{time.monotonic_ns()}"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self, timeout: float = LIMIT) -> Outcome:
        """Its outcome; a call that does not end is killed and fails the test with what it had said."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"no end after {timeout:.0f} s: {self._said()}") from None
        return Outcome.read(code, self._said(), self._events, time.monotonic() - self._started)

    def interrupt(self) -> None:
        """As Ctrl-C does: the signal reaches the whole process group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def kill(self) -> None:
        """As the kernel does when memory is short: the engine alone is gone, at once."""
        self.process.kill()
        self.process.wait()

    def wait_until(self, condition: Callable[[], bool], timeout: float = 60.0) -> None:
        """Until something has happened while it runs."""
        deadline = time.monotonic() + timeout
        while not condition():
            assert self.process.poll() is None, f"it ended too early: {self._said()}"
            assert time.monotonic() < deadline, f"nothing of the kind within {timeout:.0f} s: {self._said()}"
            time.sleep(0.01)

    def _said(self) -> str:
        return self._output.read_text(errors="replace")


class Stack:
    """One stack. Everything that it writes is under its folder; nothing of the caller's environment reaches it."""

    def __init__(
        self, engine: Engine, cloud: Cloud, folder: Path, name: str, *, source: Path = ROOT, log: bool = False
    ) -> None:
        """``log``: the engine keeps its log of itself, as it does for users, which takes a fifth of a call's processor time."""
        self.engine = engine
        self.cloud = cloud
        self.folder = folder
        self.name = name
        self.log = log
        self.project = folder / "project"
        self._running: list[Running] = []
        self._calls = 0
        if not self.project.exists():
            copy_project(self.project, source)
        for part in ("state", "home"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        if not (log or engine.as_pulumi):
            (folder / "home" / "logs").touch()  # where its folder cannot be made the engine goes on without a log
        if not (folder / "state" / ".pulumi").exists():
            self.run("stack", "init", "--no-select", "--secrets-provider", kms.PROVIDER, name).expect(0)

    def fork(self, folder: Path, cloud: Cloud) -> Self:
        """The same stack with a life of its own, on a cloud that holds the same (see ``Cloud.fork``)."""
        folder.mkdir(parents=True)
        for part in ("project", "state"):
            shutil.copytree(self.folder / part, folder / part, symlinks=True)
        return type(self)(self.engine, cloud, folder, self.name, log=self.log)

    # -- what a user does ----------------------------------------------------------------------------------------------

    def preview(self, *flags: str, pack: bool = True) -> Outcome:
        """`pulumi preview`, with the policy pack unless told otherwise."""
        return self.run("preview", *flags, *self._pack(pack))

    def up(self, *flags: str, pack: bool = False, fast: bool = False) -> Outcome:
        """`pulumi up --yes --skip-preview`; for ``fast`` see ``run``."""
        return self.run("up", *_AT_ONCE, *flags, *self._pack(pack), fast=fast)

    def refresh(self, *flags: str, fast: bool = False) -> Outcome:
        """`pulumi refresh --yes --skip-preview`."""
        return self.run("refresh", *_AT_ONCE, *flags, fast=fast)

    def destroy(self, *flags: str, fast: bool = False) -> Outcome:
        """`pulumi destroy --yes --skip-preview`."""
        return self.run("destroy", *_AT_ONCE, *flags, fast=fast)

    def start(self, command: str, *flags: str) -> Running:
        """Begins `pulumi <command> --yes --skip-preview` and lets it run; the state is written at each step."""
        return self._begin((command, *_AT_ONCE, *flags), {})

    def run(self, *command: str, fast: bool = False, timeout: float = LIMIT, **environment: str) -> Outcome:
        """Any command of the CLI on this stack.

        ``fast`` writes the state once, at the end: never where the engine may be killed.
        """
        if fast:
            environment["PULUMI_SKIP_CHECKPOINTS"] = "true"
        return self._begin(command, environment).wait(timeout)

    def export(self) -> dict[str, Any]:
        """`pulumi stack export`: the state as a document."""
        document: dict[str, Any] = json.loads(self.run("stack", "export").expect(0).output)
        return document

    # -- what a user edits ---------------------------------------------------------------------------------------------

    def edit(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Changes the stack file: ``change`` gets its ``config``, keys as they stand there."""
        path = self.project / f"Pulumi.{self.name}.yaml"
        document = yaml.safe_load(path.read_text())
        change(document["config"])
        path.write_text(yaml.safe_dump(document, sort_keys=False))

    def write(self, path: str, text: str) -> None:
        """Writes a file of the project."""
        target = self.project / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    # -- what a test asks ----------------------------------------------------------------------------------------------

    def state(self) -> list[dict[str, Any]]:
        """The resources in the state, read from its file."""
        path = self.folder / "state" / ".pulumi" / "stacks" / "groundwork" / f"{self.name}.json"
        checkpoint = json.loads(path.read_text())["checkpoint"]["latest"] or {}
        resources: list[dict[str, Any]] = checkpoint.get("resources") or []
        return resources

    def books(self) -> Books:
        """The state against the cloud."""
        held = {_key(r) for r in self.state() if r.get("custom") and not r["type"].startswith("pulumi:")}
        there = {thing.key for thing in self.cloud.store.things}
        return Books(sorted(there - held), sorted(held - there), self.cloud.store.doubles())

    def end(self) -> None:
        """Ends whatever still runs."""
        for running in self._running:
            if running.process.poll() is None:
                running.kill()

    # -- how -----------------------------------------------------------------------------------------------------------

    def _begin(self, command: Iterable[str], environment: Mapping[str, str]) -> Running:
        words = list(command)
        events = None
        if words[0] in ("preview", "up", "refresh", "destroy", "import"):
            self._calls += 1
            events = self.folder / f"events-{self._calls}-{words[0]}.jsonl"
            words += ["--event-log", str(events), "--stack", self.name, "--color", "never"]
        elif words[:2] != ["stack", "init"]:
            words += ["--stack", self.name]
        full = [str(self.engine.pulumi), *words, "--non-interactive"]
        running = Running(full, self.project, {**self.environment, **environment}, events)
        self._running.append(running)
        return running

    @property
    def environment(self) -> dict[str, str]:
        """What a process of this stack gets to see, and nothing else: no credentials, no settings of the caller."""
        home = str(self.folder / "home")
        passed = {key: os.environ[key] for key in ("LANG", "TMPDIR") if key in os.environ}
        return {
            **passed,
            **self.engine.environment,
            "HOME": home,
            "PULUMI_HOME": home,
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            **kms.environment(),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DEBUG_COMMANDS": "true",
            "PULUMI_DEBUG_PROVIDERS": self.cloud.attach,
            "GRPC_ENABLE_FORK_SUPPORT": "0",
            # Of a call's processor time the engine's own garbage collector takes a tenth; it begins at this much memory.
            "GOGC": "off",
            "GOMEMLIMIT": "700MiB",
        }

    def _pack(self, wanted: bool) -> list[str]:
        return ["--policy-pack", str(self.project / "policy")] if wanted else []


def _key(resource: Mapping[str, Any]) -> str:
    return Thing(resource["type"], resource["id"], resource["urn"], {}, resource.get("outputs") or {}).key
