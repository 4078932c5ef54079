"""``python -m preflight.bench``: what checking each committed stack costs, as whole cold processes. No pass or fail.

Beside the stacks of the program, one of the size that a first platform has: the protected stack with its web services
only, without workers, jobs and queues. Runs are interleaved, so that a busy moment of the machine hits all variants
alike. Memory is that of the whole process tree, sampled from /proc every 10 ms, which only Linux has; looking takes
a tenth of a processor, so it is done in runs that are not timed.
"""

import argparse
import contextlib
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from preflight.launcher import processors
from preflight.project import Project, open_project
from preflight.yaml_source import SourceError

_INTERVAL = 0.01  # seconds between two looks at the process tree
_PSS_EVERY = 5  # looks; reading smaps_rollup costs about 1 ms a process
_MEBIBYTE = 1 << 20
_BASIC, _FROM, _KIND = "basic", "prod", "web"  # the stack that is made, of which one, and the services it keeps
_STORES = ("databases", "buckets")  # that it keeps
_GOALS = {
    f"check {_FROM} --json": 1.5, f"check {_FROM} --html": 2.0, f"diff {_FROM}": 3.0, f"check {_BASIC} --json": 1.2,
}  # fmt: skip
"""Seconds that are asked for, on two idle processors."""
_MEMORY = 300  # MiB of PSS that a check may take
_LEFT_OUT = (".git", ".venv", "venv", "tests", "build", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis")


class Sample(NamedTuple):
    """One run: seconds of wall and CPU time."""

    wall: float
    cpu: float


class Memory(NamedTuple):
    """The peaks of one run over its process tree, bytes."""

    rss: int
    pss: int


class Variant(NamedTuple):
    """A command to time, and the one of which it is a share."""

    command: list[str]
    plain: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints one table; 2 when the project cannot be read or a run fails."""
    parser = argparse.ArgumentParser(allow_abbrev=False, prog="python -m preflight.bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="measured runs of each variant (default: 5)")
    parser.add_argument("--program", default=".", metavar="DIR", help="the folder of Pulumi.yaml (default: this one)")
    options = parser.parse_args(arguments)
    try:
        project = open_project(Path(options.program))
        stacks = list(project.stack_files())
    except SourceError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        reports = Path(folder, "reports")
        reports.mkdir()
        variants = {name: one for stack in stacks for name, one in _variants(stack, project.directory, reports)}
        if basic := _basic(project, Path(folder)):
            variants |= dict(_variants(_BASIC, basic, reports))
        try:
            sizes = {name: _resources(one.command) for name, one in variants.items() if name == one.plain}
            memory = {name: _looked_at(one.command) for name, one in variants.items()}
            samples = _samples(variants, max(1, options.runs))
        except ChildProcessError as error:
            print(f"bench: {error}; run it by hand first", file=sys.stderr)
            return 2
    print(_table(variants, samples, memory, sizes))
    return 0


def _variants(stack: str, directory: Path, reports: Path) -> Iterator[tuple[str, Variant]]:
    files = {f"--{kind}": str(reports / f"{stack}.{kind}") for kind in ("json", "html")}
    for extra in ("", "--json", "--html", "--plain", "--no-policy"):
        options = [extra, files[extra]] if extra in files else extra.split()
        command = [sys.executable, "-m", "preflight", "check", stack, "--program", str(directory), *options]
        yield f"check {stack} {extra}".rstrip(), Variant(command, f"check {stack} --plain")
    if _is_committed(directory):
        command = [sys.executable, "-m", "preflight", "diff", stack, "--program", str(directory), "--base", "HEAD"]
        yield f"diff {stack}", Variant(command, f"check {stack} --plain")


def _is_committed(directory: Path) -> bool:
    """Whether there is a base to compare the program with."""
    command = ["git", "-C", str(directory), "rev-parse", "--verify", "--quiet", "HEAD:./__main__.py"]
    with contextlib.suppress(OSError):  # no git
        return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603
    return False


def _basic(project: Project, folder: Path) -> Path | None:
    """A copy of the program with a stack of a first platform's size; None where there is nothing to make it of."""
    file = project.stack_files().get(_FROM)
    stack: Any = yaml.safe_load(file.read_text()) if file else None
    config = stack.get("config") if isinstance(stack, dict) else None
    section, data = f"{project.name}:services", f"{project.name}:data"
    if not isinstance(config, dict) or not isinstance(config.get(section), dict):
        return None
    kept = {kind: found for kind, found in (config.get(data) or {}).items() if kind in _STORES}
    config[data] = kept
    stores = {name for found in kept.values() for name in found}
    config[section] = {
        name: {**one, "uses": {store: level for store, level in one.get("uses", {}).items() if store in stores}}
        for name, one in config[section].items()
        if one.get("kind") == _KIND
    }
    shutil.copytree(project.directory, folder / "program", ignore=lambda _, names: {*_LEFT_OUT} & {*names})
    copy = folder / "program"
    for left in copy.glob("Pulumi.*.yaml"):
        left.unlink()
    for file in (copy / project.file, *copy.glob("*/PulumiPolicy.yaml")):
        _keep_interpreter(file, project.directory / file.parent.relative_to(copy))
    (copy / f"Pulumi.{_BASIC}.yaml").write_text(yaml.safe_dump(stack))
    return copy


def _keep_interpreter(file: Path, original: Path) -> None:
    """Has a copied Pulumi.yaml or PulumiPolicy.yaml name the environment that it named in its old place."""
    document = yaml.safe_load(file.read_text())
    runtime = document.get("runtime")
    options = runtime.get("options") if isinstance(runtime, dict) else None
    if isinstance(options, dict) and options.get("virtualenv"):
        options["virtualenv"] = os.path.abspath(original / options["virtualenv"])
        file.write_text(yaml.safe_dump(document))


def _resources(command: list[str]) -> int:
    """How many resources a check reports; also warms the caches."""
    done = subprocess.run([*command, "--json", "-"], capture_output=True, check=False)  # noqa: S603
    if done.returncode > 1:
        raise ChildProcessError(f"{' '.join(command[1:])} ended with exit code {done.returncode}")
    (stack,) = json.loads(done.stdout)["stacks"].values()
    count: int = stack["summary"]["resources"]
    return count


def _looked_at(command: list[str]) -> Memory:
    """The most that two runs take, which also warm the caches for those that are timed."""
    one, other = _peak(command), _peak(command)
    return Memory(max(one.rss, other.rss), max(one.pss, other.pss))


def _peak(command: list[str]) -> Memory:
    rss = pss = looks = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        while process.poll() is None:
            tree = _tree(process.pid)
            rss = max(rss, sum(map(_rss, tree)))
            if looks % _PSS_EVERY == 0:
                pss = max(pss, sum(map(_pss, tree)))
            looks += 1
            time.sleep(_INTERVAL)
    return Memory(rss, pss)


def _samples(variants: dict[str, Variant], runs: int) -> dict[str, list[Sample]]:
    print(f"measuring {len(variants)} commands, {runs} runs each ...", file=sys.stderr)
    samples: dict[str, list[Sample]] = {name: [] for name in variants}
    for _ in range(runs):
        for name, variant in variants.items():
            samples[name].append(_timed(name, variant.command))
    return samples


def _timed(name: str, command: list[str]) -> Sample:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)  # noqa: S603
    wall = time.perf_counter() - started
    if done.returncode > 1:
        raise ChildProcessError(f"{name} ended with exit code {done.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Sample(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _tree(pid: int) -> list[int]:
    """The process and its descendants, as far as /proc knows them; only the process where there is no /proc."""
    found, queue = [], [pid]
    while queue:
        here = queue.pop()
        found.append(here)
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{here}/task"):
                queue += map(int, Path(f"/proc/{here}/task/{task}/children").read_text().split())
    return found


def _rss(pid: int) -> int:
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    return 0


def _pss(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def _table(
    variants: dict[str, Variant], samples: dict[str, list[Sample]], memory: dict[str, Memory], sizes: dict[str, int]
) -> str:
    runs = len(next(iter(samples.values())))
    lines = [
        f"{_machine()}, Python {platform.python_version()}, {processors()} processors, load {os.getloadavg()[0]:.1f}",
        f"median (least-most) of {runs} interleaved cold runs, both modes of each stack",
        "",
        f"{'':26}{'resources':>10}{'wall s':>20}{'asked':>7}{'ratio':>7}{'CPU s':>7}{'PSS MiB':>9}{'RSS MiB':>9}",
    ]
    for name, mine in samples.items():
        plain = variants[name].plain
        walls = [run.wall for run in mine]
        ratio = statistics.median(run.wall / base.wall for run, base in zip(mine, samples[plain], strict=True))
        spread = f"{statistics.median(walls):.2f} ({min(walls):.2f}-{max(walls):.2f})"
        cpu = statistics.median(run.cpu for run in mine)
        pss, rss = memory[name].pss / _MEBIBYTE, memory[name].rss / _MEBIBYTE
        asked = f"{_GOALS[name]:.1f}" if name in _GOALS else ""
        lines.append(f"{name:26}{sizes[plain]:>10}{spread:>20}{asked:>7}{ratio:>7.2f}{cpu:>7.2f}{pss:>9.0f}{rss:>9.0f}")
    lines += ["", "ratio: wall time against --plain of the same round, which leaves the SDK as it is"]
    lines += ["memory: peak over the process tree, in runs that are not timed"]
    lines += ["PSS counts once what processes share, RSS once for each of them"]
    lines += [f"asked: seconds, on two idle processors; of a check also {_MEMORY} MiB of PSS or less"]
    if any(name.startswith("diff ") for name in samples):
        lines.append("diff: against HEAD, which is checked out and checked beside the program as it is")
    if f"check {_BASIC}" in samples:
        lines.append(f"{_BASIC}: {_FROM} with its {_KIND} services, databases and buckets only")
    return "\n".join(lines)


def _machine() -> str:
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    raise SystemExit(main())
