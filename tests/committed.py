"""What preflight says of whole stacks, recorded once in a run of the tests: of the committed ones, with the policy pack,
and of projects that differ from ours in nothing but their stack files.

Every process of that run reads the same files, so recording them again says nothing new; it takes as long as a thousand
tests. A test about how preflight is started, or about other options, starts it by itself.
"""

import fcntl
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from preflight import arguments, checking

ROOT = Path(__file__).parent.parent
PROGRAM = ("__main__.py", "Pulumi.yaml", "components", "docs", "functions", "services", "settings")
STACKS = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))
KNOWN = ROOT / "tests"
"""What is learnt of the SDK by a program that is made here is known by this name."""
ACCOUNT, REGION, OTHER_REGION = "111122223333", "us-east-1", "us-west-2"
DOMAINS = {"dev": "dev.example.com", "prod": "app.example.com"}
"""All of the stacks that are made here; a committed one is where and whose its owner says."""
COLUMNS = 100


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
        assert {name: stack["errors"] for name, stack in document["stacks"].items()} == {name: [] for name in STACKS}
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


def updated(program: Path) -> dict[str, list[dict[str, Any]]]:
    """Stack -> the resources that its update registers, for a program that is made here: without a preview and without
    policies, in a third of the time."""
    mistakes: list[str] = []
    given = ["scale", "any", "--load", "none", "--program", str(program), "--timeout", "300"]
    options = arguments.parser("preflight").parse_args(given)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(checking.KNOWN_AS, str(KNOWN))
        found, code = checking.recordings(options, mistakes)
    assert (code, mistakes) == (0, [])
    return {one.stack: one.to_json()["resources"] for one in found}


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A `check`, which has ended. Projects that are made here use the same of the SDK: what was learnt of one, in this run
    of the tests or in an earlier one, counts for all."""
    environment = {**os.environ, "COLUMNS": str(COLUMNS)}
    if "--program" in arguments:
        environment[checking.KNOWN_AS] = str(KNOWN)
    command = [sys.executable, "-m", "preflight", "check", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def stack_file(name: str) -> dict[str, Any]:
    """The file of a committed stack, to be changed: in the account, the region and the domain of tests, and without the
    budget and the values of secrets, which are those of the committed one."""
    text = (ROOT / f"Pulumi.{name}.yaml").read_text()
    written = yaml.safe_load(text)["config"]
    stack: dict[str, Any] = yaml.safe_load(moved(text, written["aws:region"]))
    stack["config"].get("preflight:usage", {}).pop("budget", None)
    stack["config"].pop("groundwork:secrets", None)
    for service in stack["config"]["groundwork:services"].values():
        service.pop("secrets", None)
    stack["config"]["groundwork:protection"]["accountId"] = ACCOUNT
    stack["config"]["groundwork:edge"].update(domain=DOMAINS[name], zoneId="Z0123456789EXAMPLE")
    return stack


def moved(text: str, region: str) -> str:
    """The text in the region of tests: its zones, ARNs and registries too; what was there already goes elsewhere."""
    if region == REGION:
        return text
    names = {region: REGION, REGION: OTHER_REGION}
    return re.sub(rf"(?<![a-z0-9-])({'|'.join(map(re.escape, names))})(?![0-9])", lambda found: names[found[0]], text)


def project(folder: Path, stacks: Mapping[str, Mapping[str, Any]]) -> Path:
    """The real program in a folder that is made here, with these stack files and no other."""
    folder.mkdir()
    for part in PROGRAM:
        (folder / part).symlink_to(ROOT / part)
    for name, stack in stacks.items():
        (folder / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump(stack))
    return folder
