"""Finds the Pulumi engine that the tests run, or builds it: ``python -m tests.engine.kit.engine`` is ``make engine``.

A ``pulumi`` on PATH that brings its own language host is used as it is, unless it is older than the pinned version or
``GROUNDWORK_ENGINE=built`` asks for the other way: the CLI built from its Go module, whose version and contents are
pinned by go.mod and go.sum in this folder, and put into the user's cache beside a launcher of our language host; pulumi
warns in every output when it finds a host anywhere but beside itself.
"""

import fcntl
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULE = "github.com/pulumi/pulumi"
HOST = "pulumi-language-python"
RUNNER = "pulumi-language-python-exec"
CHOICE = "GROUNDWORK_ENGINE"
# The launcher names neither this checkout nor its interpreter, so that one cache serves every checkout.
LAUNCHER = f"""#!/bin/sh
exec "$GROUNDWORK_PYTHON" -u "$GROUNDWORK_LANGUAGE_HOST" "$(dirname "$0")/{RUNNER}" "$@"
"""


class EngineError(Exception):
    """The engine can be neither found nor built; the text says what to change."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A Pulumi CLI that can run Python programs offline."""

    pulumi: Path
    version: str
    built: bool
    sdk_cache: Path | None = None
    """Where our language host keeps what it compiled of the SDK for programs that load it the quick way (quick.py); None:
    they load it as they do for everybody. Pulumi's own host knows no quick way."""
    as_pulumi: bool = False
    """Whether our language host starts programs and packs exactly as Pulumi's own does, in an environment of the
    project's own (environment.py)."""
    fast: bool = False
    """Whether they are told to use the hook of that environment, as `make preview` tells them."""

    @property
    def plain(self) -> "Engine":
        """The same without the quick way, for tests that are about what a user's program does."""
        return replace(self, sdk_cache=None)

    @property
    def environment(self) -> dict[str, str]:
        """Variables that the CLI needs to find its language host."""
        path = f"{self.pulumi.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        host = {"GROUNDWORK_PYTHON": sys.executable, "GROUNDWORK_LANGUAGE_HOST": str(HERE / "language_host.py")}
        if self.sdk_cache is not None:
            host["GROUNDWORK_SDK_CACHE"] = str(self.sdk_cache)
        if self.as_pulumi:
            host["GROUNDWORK_AS_PULUMI"] = "1"
        # Nothing is written beside the packages, which other environments share: the loader keeps its file in HOME.
        switch = (
            {"GROUNDWORK_FAST": "1" if self.fast else "0", "PYTHONDONTWRITEBYTECODE": "1"} if self.as_pulumi else {}
        )
        return {"PATH": path, **(host if self.built else {}), **switch}


def pinned_version() -> str:
    """Version of the CLI, without the v, as go.mod has it."""
    found = re.search(rf"^\s*(?:require )?{MODULE}/pkg/v3 v(\S+)", (HERE / "go.mod").read_text(), re.MULTILINE)
    if found is None:
        raise EngineError(f"{HERE / 'go.mod'} does not require {MODULE}/pkg/v3")
    return found[1]


def cache() -> Path:
    """Where the built engine lives: another version, or other contents of its modules, is another folder."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    key = hashlib.sha256((HERE / "go.mod").read_bytes() + (HERE / "go.sum").read_bytes() + LAUNCHER.encode())
    return home / "groundwork" / "engine" / f"{pinned_version()}-{key.hexdigest()[:8]}"


def locate() -> Engine | None:
    """The engine that is there already; None when it must be built. EngineError for a choice that there is not."""
    choice = os.environ.get(CHOICE, "")
    if choice not in ("", "built"):
        raise EngineError(
            f"{CHOICE}={choice!r} is no choice: leave it out, or say `built` to pass over what is on PATH"
        )
    installed = None if choice == "built" else shutil.which("pulumi")
    if installed is not None and passed_over(installed) is None:
        return Engine(pulumi=Path(installed), version=_version(installed), built=False)
    return _cached()


def passed_over(pulumi: str) -> str | None:
    """Why the tests do not use this installed CLI; None when they do."""
    beside = Path(pulumi).resolve().parent / HOST
    if not (beside.exists() or shutil.which(HOST)):
        return f"{pulumi} comes without its {HOST}"
    if _numbers(_version(pulumi)) < _numbers(pinned_version()):
        return f"{pulumi} is {_version(pulumi)}, older than {pinned_version()}"
    return None


def _numbers(version: str) -> tuple[int, ...]:
    """To compare versions by; one that nobody can read counts as the newest."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    return tuple(map(int, found.groups())) if found else (sys.maxsize,)


def _cached() -> Engine | None:
    pulumi = cache() / "pulumi"
    return Engine(pulumi=pulumi, version=pinned_version(), built=True) if pulumi.exists() else None


@functools.cache
def _version(pulumi: str) -> str:
    done = subprocess.run([pulumi, "version"], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.strip().removeprefix("v") or "of unknown version"


def build() -> Engine:
    """Builds the pinned CLI into the cache; a few minutes, once. Safe to run twice at the same time."""
    folder = cache()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = _cached()
        if found is None:
            go = _go()
            with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
                made = Path(scratch) / "engine"
                made.mkdir()
                _fill(go, made)
                made.rename(folder)
            found = Engine(pulumi=folder / "pulumi", version=pinned_version(), built=True)
    return found


def _go() -> str:
    go = shutil.which("go")
    if go is None:
        wanted = re.search(r"^go (\S+)", (HERE / "go.mod").read_text(), re.MULTILINE)
        raise EngineError(
            f"the engine tests need Pulumi, and there is neither a `pulumi` on PATH that they can use nor `go` to build "
            f"it with: install Pulumi {pinned_version()} or newer, or Go {wanted[1] if wanted else ''} or newer"
        )
    return go


def _fill(go: str, folder: Path) -> None:
    version = pinned_version()
    print(f"Building Pulumi {version} from its Go module into {cache()}; a few minutes, once ...", flush=True)
    stamp = f"-s -w -X {MODULE}/sdk/v3/go/common/version.Version=v{version}"
    flags = ["-trimpath", "-buildvcs=false", "-mod=readonly", f"-ldflags={stamp}"]
    _run([go, "build", *flags, "-o", str(folder / "pulumi"), f"{MODULE}/pkg/v3/cmd/pulumi"])
    sdk = _run([go, "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", f"{MODULE}/sdk/v3"]).strip()
    shutil.copy(Path(sdk) / "python" / "cmd" / RUNNER, folder / RUNNER)
    (folder / HOST).write_text(LAUNCHER)
    for name in (RUNNER, HOST):
        (folder / name).chmod(0o755)


def _run(command: list[str]) -> str:
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EngineError(f"`{' '.join(command[:2])}` failed with exit code {done.returncode}:\n{done.stderr[-4000:]}")
    return done.stdout


def main() -> int:
    """Says which engine the tests will use, after building it if need be."""
    started = time.monotonic()
    installed = shutil.which("pulumi")
    reason = passed_over(installed) if installed is not None else None
    if reason is not None:
        print(f"make engine: not used: {reason}", file=sys.stderr)
    try:
        engine = locate() or build()
    except EngineError as error:
        print(f"make engine: {error}", file=sys.stderr)
        return 1
    took = time.monotonic() - started
    origin = f"built here, {engine.pulumi.parent}" if engine.built else f"found on PATH, {engine.pulumi}"
    print(f"Pulumi {engine.version} ({origin}){f', took {took:.0f} s' if took > 2 else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
