"""``python -m preflight.bench``: what checking each committed stack costs, as whole cold processes. No pass or fail.

Runs are interleaved, so that a busy moment of the machine hits all variants alike. Memory is that of the whole process
tree, sampled from /proc every 10 ms: RSS counts pages that processes share once per process, PSS counts them once.
"""

import argparse
import contextlib
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from preflight.launcher import processors
from preflight.project import open_project
from preflight.yaml_source import SourceError

_INTERVAL = 0.01  # seconds between two looks at the process tree
_PSS_EVERY = 5  # looks; reading smaps_rollup costs about 1 ms a process
_MEBIBYTE = 1 << 20


class Sample(NamedTuple):
    """One run: seconds of wall and CPU time, peak bytes over the process tree."""

    wall: float
    cpu: float
    rss: float
    pss: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints one table; 2 when the project cannot be read or a run fails."""
    parser = argparse.ArgumentParser(prog="python -m preflight.bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="measured runs of each variant (default: 5)")
    parser.add_argument("--program", default=".", metavar="DIR", help="the folder of Pulumi.yaml (default: this one)")
    options = parser.parse_args(arguments)
    try:
        stacks = list(open_project(Path(options.program)).stack_files())
    except SourceError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    variants = {
        f"check {stack}{extra}": ["check", stack, "--program", options.program, *extra.split()]
        for stack in stacks
        for extra in ("", " --plain", " --no-policy")
    }
    print(f"measuring {len(variants)} commands, {options.runs + 1} runs each ...", file=sys.stderr)
    samples: dict[str, list[Sample]] = {name: [] for name in variants}
    for run in range(max(1, options.runs) + 1):  # the first run of each warms caches and is thrown away
        for name, command in variants.items():
            sample, code = _measure([sys.executable, "-m", "preflight", *command])
            if code > 1:
                print(f"bench: {name} ended with exit code {code}; run it by hand first", file=sys.stderr)
                return 2
            if run:
                samples[name].append(sample)
    print(_table(samples))
    return 0


def _measure(command: list[str]) -> tuple[Sample, int]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    rss = pss = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        looks = 0
        while process.poll() is None:
            tree = _tree(process.pid)
            rss = max(rss, sum(map(_rss, tree)))
            if looks % _PSS_EVERY == 0:
                pss = max(pss, sum(map(_pss, tree)))
            looks += 1
            time.sleep(_INTERVAL)
        wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Sample(wall, cpu, rss, pss), process.returncode


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


def _table(samples: dict[str, list[Sample]]) -> str:
    lines = [
        f"{_machine()}, Python {platform.python_version()}, {processors()} processors, load {os.getloadavg()[0]:.1f}",
        f"median (least-most) of {len(next(iter(samples.values())))} interleaved cold runs; memory of the process tree",
        "",
        f"{'':28}{'wall s':>20}{'ratio':>7}{'CPU s':>7}{'RSS MiB':>9}{'PSS MiB':>9}",
    ]
    for name, runs in samples.items():
        walls = [run.wall for run in runs]
        base = samples[" ".join(name.split()[:2]) + " --plain"]
        ratio = statistics.median(run.wall / plain.wall for run, plain in zip(runs, base, strict=True))
        spread = f"{statistics.median(walls):.2f} ({min(walls):.2f}-{max(walls):.2f})"
        cpu = statistics.median(run.cpu for run in runs)
        memory = [max(getattr(run, kind) for run in runs) / _MEBIBYTE for kind in ("rss", "pss")]
        lines.append(f"{name:28}{spread:>20}{ratio:>7.2f}{cpu:>7.2f}{memory[0]:>9.0f}{memory[1]:>9.0f}")
    return "\n".join(
        [*lines, "", "ratio: wall time against --plain of the same round, which loads the AWS SDK unchanged"]
    )


def _machine() -> str:
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    raise SystemExit(main())
