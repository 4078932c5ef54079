"""A project of its own on which preflight is called as a person calls it."""

import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import preflight
from preflight import __main__, launcher
from tests.preflight.documents import must_fit
from tests.preflight.warm import Kept, Nurseries, warm

ROOT = Path(preflight.__path__[0]).parent
HERE = ("check", "diff", "scale")
"""Commands that import and change nothing which is not theirs."""
AT_ANY_TIME = ("COLUMNS", "AWS_", "GIT_")
"""How variables of the environment begin that nothing reads when it is imported."""
PROGRAM = """\
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, props, opts=None):
        super().__init__("test:index:Thing", name, props, opts)


class Room(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("shop:index:Room", name)
        child = pulumi.ResourceOptions(parent=self)
        self.one = Thing(f"{name}-one", {"size": 1, "out": None}, child)
        Thing(f"{name}-two", {"of": self.one.id}, child)


room = Room("hall")
pulumi.export("place", "here")
pulumi.export("oneId", room.one.id)
"""
PACK = """
from pulumi_policy import *

def judge(args, report):
    if args.resource_type == "test:index:Thing" and args.props.get("size") == 1:
        report("[thing-size] violation: it is too small\\nresource: x\\npath: hall -> one\\nfix: make it larger")

PolicyPack("shop-rules", [ResourceValidationPolicy("sizes", "Things are large.", judge, EnforcementLevel.MANDATORY)])
"""


class Result(NamedTuple):
    """How the command ended."""

    code: int
    out: str
    err: str

    @property
    def everything(self) -> str:
        return self.out + self.err


def called(*arguments: str, fresh: bool = False, kept: Path | None = None, **environment: str) -> Result:
    """How `python -m preflight ARGUMENT ...` ended; `fresh`: in an interpreter of its own. For that and `kept` see warm.py.

    What runs programs does nothing else, so that it is called in this process; they run in processes of their own.
    """
    changed = {"COLUMNS": "200", **environment}
    env = {**os.environ, **changed}
    if fresh or "--plain" in arguments or not all(name.startswith(AT_ANY_TIME) for name in changed):
        command = [sys.executable, "-m", "preflight", *arguments]
        done = subprocess.run(command, capture_output=True, cwd=ROOT, env=env, timeout=120, check=False)
    elif arguments[0] in HERE:
        return _here(arguments, changed, kept)
    else:
        done = warm().run("preflight", arguments, env=env, kept=kept)
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def _here(arguments: Sequence[str], environment: Mapping[str, str], kept: Path | None) -> Result:
    """The same in this process, whose state it leaves as it was."""
    before = signal.getsignal(signal.SIGTERM)
    with pytest.MonkeyPatch.context() as patched, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        patched.chdir(ROOT)
        for name, value in environment.items():
            patched.setenv(name, value)
        patched.setattr(sys, "argv", ["preflight", *arguments])
        patched.setattr(launcher, "subprocess", Nurseries())
        if kept:
            patched.setattr(launcher, "run", Kept(kept, launcher.run))
        patched.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="utf-8", newline=""))
        patched.setattr(sys, "stderr", io.TextIOWrapper(err, "utf-8", "backslashreplace", newline=""))
        try:
            code = __main__.start()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        finally:
            signal.signal(signal.SIGTERM, before)
        said = []
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            stream.seek(0)
            said.append(stream.read())
    return Result(code, *said)


class Project:
    """A small foreign project; a test changes one file of it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.write("Pulumi.yaml", "name: shop\nruntime: python\n")
        self.write("Pulumi.dev.yaml", "config: {aws:region: eu-west-1}\n")
        self.write("__main__.py", PROGRAM)

    def write(self, name: str, text: str) -> Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def pack(self, source: str) -> None:
        self.write("policy/PulumiPolicy.yaml", "runtime: python\n")
        self.write("policy/__main__.py", source)

    def command(self, *arguments: str, policies: bool = False) -> list[str]:
        return [sys.executable, "-m", "preflight", *self._arguments(*arguments, policies=policies)]

    def _arguments(self, *arguments: str, policies: bool) -> list[str]:
        without = [] if policies else ["--no-policy"]
        return ["check", *arguments, "--program", str(self.directory), *without]

    def check(
        self, *arguments: str, policies: bool = False, fresh: bool = False, kept: Path | None = None, **environment: str
    ) -> Result:
        return called(*self._arguments(*arguments, policies=policies), fresh=fresh, kept=kept, **environment)

    def report(self, *arguments: str, policies: bool = False) -> dict[str, Any]:
        document = json.loads(self.check(*arguments, "--json", "-", policies=policies).out)
        must_fit(document, "report")
        return dict(document)
