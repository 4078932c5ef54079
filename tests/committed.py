"""The committed stacks as preflight reports them, with the policy pack: recorded once in a run of the tests.

Every process of that run reads the same files, so recording them again says nothing new; it takes as long as a thousand
tests. A test about how preflight is started, or about other options, starts it by itself.
"""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parent.parent


class Committed(NamedTuple):
    """Where one `check` of both stacks has left what it wrote; `code` is how it ended, `told` what it printed."""

    folder: Path
    code: int
    told: str

    def report(self) -> dict[str, Any]:
        """The document, for whoever asks to change; every stack of it ran to its end."""
        document: dict[str, Any] = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        assert document["errors"] == [], self.told
        assert {name: stack["errors"] for name, stack in document["stacks"].items()} == {"dev": [], "prod": []}
        return document

    def fine(self) -> dict[str, Any]:
        """The document of stacks that break no mandatory rule."""
        assert self.code == 0, self.told
        return self.report()

    def picture(self, stack: str) -> str:
        """The drawing of a stack, SVG."""
        return (self.folder / f"stack.{stack}.svg").read_text(encoding="utf-8")


def recorded(factory: pytest.TempPathFactory) -> Committed:
    """The files of this run of the tests; whichever process comes first makes them, others wait for that."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "committed"
    folder.mkdir(exist_ok=True)
    ended = folder / "ended.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ended.exists():
            files = ["--json", str(folder / "report.json"), "--svg", str(folder / "stack.svg")]
            done = subprocess.run(
                [sys.executable, "-m", "preflight", "check", *files],
                cwd=ROOT, capture_output=True, text=True, check=False,
            )  # fmt: skip
            ended.write_text(json.dumps([done.returncode, done.stdout + done.stderr]))
    return Committed(folder, *json.loads(ended.read_text()))
