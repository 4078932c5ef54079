"""What preflight says of whole stacks, recorded once in a run of the tests: of the committed ones, with the policy pack,
and of projects that differ from ours in nothing but their stack files.

Every process of that run reads the same files, so recording them again says nothing new; it takes as long as a thousand
tests. A test about how preflight is started, or about other options, starts it by itself.
"""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from preflight import arguments, checking, launcher, report

ROOT = Path(__file__).parent.parent
PROGRAM = ("__main__.py", "Pulumi.yaml", "components", "docs", "functions", "services", "settings")
STACKS = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))
SHIPPED = ROOT / "tests" / "stacks"
"""The stack files that this repository comes with. Those in its own folder may be somebody else's."""
ACCOUNT, REGION = "111122223333", "us-east-1"
"""Where all of the stacks stand that are made here; a committed one is where and whose its owner says."""
KNOWN = ROOT / "tests"
"""What is learnt of the SDK by a program that is made here is known by this name."""
COLUMNS = 100
_PATIENT = ("--timeout", "300")  # a busy machine may take a minute for the largest stack


class Committed(NamedTuple):
    """Where one `check` of all stacks has left what it wrote; `code` is how it ended, `told` what it printed, in lines of
    `COLUMNS`, and `complained` what it wrote to standard error."""

    folder: Path
    code: int
    told: str
    complained: str

    def report(self) -> dict[str, Any]:
        """The document, for whoever asks to change; every stack of it ran to its end."""
        document: dict[str, Any] = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        assert document["errors"] == [], self.told + self.complained
        assert not any(stack["errors"] for stack in document["stacks"].values()), self.told + self.complained
        return document

    def fine(self) -> dict[str, Any]:
        """The document of stacks that break no mandatory rule."""
        assert self.code == 0, self.told + self.complained
        return self.report()

    def picture(self, stack: str) -> str:
        """The drawing of a stack, SVG."""
        return (self.folder / f"stack.{stack}.svg").read_text(encoding="utf-8")


def recorded(factory: pytest.TempPathFactory) -> Committed:
    """The files of this run of the tests."""
    return Committed(*check_once(factory, "committed", lambda folder: ["--svg", str(folder / "stack.svg")]))


def recorded_as_shipped(factory: pytest.TempPathFactory, program: Path) -> Committed:
    """The same of `as_shipped`, for whoever counts on what stands in those stack files."""
    if program == ROOT:
        return recorded(factory)
    arguments = ["--program", str(program), "--no-policy"]
    return Committed(*check_once(factory, "shipped", lambda folder: [*arguments, "--svg", str(folder / "stack.svg")]))


def check_once(
    factory: pytest.TempPathFactory, name: str, options: Callable[[Path], Sequence[str]]
) -> tuple[Path, int, str, str]:
    """A folder with the `report.json` of a `check` with these arguments, how that ended, and what it wrote to standard
    output and to standard error."""

    def checked(folder: Path) -> tuple[int, str, str]:
        done = check("--json", str(folder / "report.json"), *options(folder))
        return done.returncode, done.stdout, done.stderr

    folder, (code, told, complained) = once(factory, name, checked)
    return folder, code, told, complained


def once(factory: pytest.TempPathFactory, name: str, do: Callable[[Path], Any]) -> tuple[Path, Any]:
    """A folder in which something is done, and what came of that, as JSON has it. Whichever process of this run of the
    tests comes first does it, others wait for that."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    folder.mkdir(exist_ok=True)
    ended = folder / "ended.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ended.exists():
            ended.write_text(json.dumps(do(folder)))
    return folder, json.loads(ended.read_text())


def checked_and_updated(
    program: Path, judged: Sequence[str], updated: Sequence[str]
) -> tuple[int, dict[str, dict[str, list[dict[str, Any]]]], str]:
    """A `check` of a program that is made here, of the stacks that are to be judged; and of others what their update
    registers, without a preview and without policies, in a fifth of the time. How it ended; stack -> its resources, errors
    and findings, of a stack that is not judged without findings; and what the programs printed."""
    given = ["check", "--program", str(program), *_PATIENT]
    options = arguments.parser("preflight")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(checking.KNOWN_AS, str(KNOWN))
        one = checking.Check(options.parse_args([*given, *judged]))
        other = checking.Check(options.parse_args([*given, "--no-policy", *updated]))
        jobs = [*one.jobs, *(job for job in other.jobs if job.mode == "update")]
        assert len(jobs) == 2 * len(judged) + len(updated), [check.report([])[0] for check in (one, other)]
        outcomes = launcher.run(jobs, lambda _running: None)  # all from one nursery
    document, told = one.report(outcomes[: len(one.jobs)])
    stacks = {
        name: {part: stack[part] for part in ("resources", "errors", "findings")}
        for name, stack in document["stacks"].items()
    }
    for outcome in outcomes[len(one.jobs) :]:
        recorded = outcome.result.get("recording") or {"resources": []}
        stacks[outcome.stack] = {"resources": recorded["resources"], "errors": outcome.result.get("errors") or []}
    return report.exit_code(document), stacks, told


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A `check`, which has ended. Projects that are made here use the same of the SDK: what was learnt of one, in this run
    of the tests or in an earlier one, counts for all."""
    environment = {**os.environ, "COLUMNS": str(COLUMNS)}
    if "--program" in arguments:
        environment[checking.KNOWN_AS] = str(KNOWN)
    command = [sys.executable, "-m", "preflight", "check", *_PATIENT, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def came_with_it(stack: str) -> bool:
    """Whether a committed stack file is still the one that this repository comes with, and so holds what that promises."""
    ours = SHIPPED / f"{stack}.yaml"
    return ours.exists() and ours.read_text() == (ROOT / f"Pulumi.{stack}.yaml").read_text()


def as_shipped(factory: pytest.TempPathFactory) -> Path:
    """The program with the stack files that it comes with."""
    if came_with_it("dev") and came_with_it("prod"):
        return ROOT
    return project(factory.mktemp("shipped") / "groundwork", {name: stack_file(name) for name in ("dev", "prod")})


def stack_file(name: str) -> dict[str, Any]:
    """The stack file that this repository comes with, to be changed; without its budget."""
    stack: dict[str, Any] = yaml.safe_load((SHIPPED / f"{name}.yaml").read_text())
    stack["config"]["preflight:usage"].pop("budget")
    return stack


def project(folder: Path, stacks: Mapping[str, Mapping[str, Any]]) -> Path:
    """The real program in a folder that is made here, with these stack files and no other."""
    folder.mkdir()
    for part in PROGRAM:
        (folder / part).symlink_to(ROOT / part)
    for name, stack in stacks.items():
        (folder / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump(stack))
    return folder
