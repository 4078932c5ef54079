"""``python -m tests.engine.bench``: what the policy pack costs on the real engine, and what the fast path of `make
preview` saves. No pass or fail.

Previews of a committed stack, not deployed and deployed, and its first update, each with the pack and without; then its
preview as everybody's Pulumi runs it and as `make preview` does; against a simulated cloud that answers at once: beside
AWS the share of both is smaller. Runs are interleaved and the order changes from round to round, so that a busy moment
of the machine hits both alike. A time is that of the whole command.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")  # processes are started while the plugins serve

from preflight.launcher import processors
from tests.engine.cloud import Cloud
from tests.engine.kit import engine as kit
from tests.engine.kit import environment
from tests.engine.stack import ROOT, Stack

GOAL = 1.3  # a preview with the pack, as a multiple of one without
FAST_GOAL = 0.5  # `make preview`, as a share of the stock time
NOTHING = "import pulumi\n"


class Pair(NamedTuple):
    """One round: seconds without what is measured, and with it."""

    without: float
    having: float


Command = Callable[[int, bool], float]  # the round, whether with what is measured -> seconds


def measure(command: Command, rounds: int) -> list[Pair]:
    """Pairs of runs side by side, after one that warms caches and is thrown away; every second begins with the other."""
    pairs = []
    for number in range(rounds + 1):
        seconds = {having: command(number, having) for having in ((False, True), (True, False))[number % 2]}
        pairs.append(Pair(seconds[False], seconds[True]))
    return pairs[1:]


def ratio(pairs: Sequence[Pair]) -> float:
    """Median of the rounds' own ratios, so that a busy minute counts once and on both sides."""
    return statistics.median(pair.having / pair.without for pair in pairs)


def line(name: str, pairs: Sequence[Pair]) -> str:
    """One row of the table."""
    without, having = (f"{statistics.median(c):.2f} ({min(c):.2f}-{max(c):.2f})" for c in zip(*pairs, strict=True))
    return f"{name:28}{without:>20}{having:>20}{ratio(pairs):>7.2f}{len(pairs):>6}"


def run(engine: kit.Engine, name: str, rounds: int, folder: Path) -> dict[str, list[Pair]]:
    """Everything that is measured, by what it is; an ``AssertionError`` with the engine's output if a command fails."""
    stacks: list[Stack] = []
    with Cloud(folder / "cloud") as nothing:
        stacks.append(one := Stack(engine, nothing, folder / "stack", name, log=True))

        def preview(number: int, pack: bool, *flags: str) -> float:
            return one.preview(*flags, pack=pack).expect(0).seconds

        def first_update(number: int, pack: bool) -> float:
            place = folder / f"first-{number}-{pack}"
            with nothing.fork(place / "cloud") as cloud:
                stacks.append(new := one.fork(place / "stack", cloud))
                return new.up(pack=pack).expect(0).seconds

        try:
            found = {
                f"preview {name}, empty": measure(preview, rounds),
                f"first update {name}": measure(first_update, (rounds + 1) // 2),  # takes three times as long
            }
            one.up(fast=True).expect(0)
            found[f"preview {name}, deployed"] = measure(lambda *which: preview(*which, "--expect-no-changes"), rounds)
        finally:
            for stack in stacks:
                stack.end()
    return found


def run_fast(engine: kit.Engine, name: str, rounds: int, folder: Path) -> dict[str, list[Pair]]:
    """Previews without the hook of preflight.startup and with it, programs and packs started as Pulumi's host does.

    The last has a program of nothing: what the engine, the language host, the policy pack and the SDK take by themselves.
    """
    with Cloud(folder / "cloud") as cloud:
        one = Stack(replace(engine, as_pulumi=True), cloud, folder / "stack", name)
        environment.make(one.project)
        empty = one.fork(folder / "empty", cloud)
        empty.write("__main__.py", NOTHING)

        def preview(stack: Stack, pack: bool) -> Command:
            flags = ("--policy-pack", str(stack.project / "policy")) if pack else ()
            switch = {False: "0", True: "1"}
            return lambda _, fast: stack.run("preview", *flags, GROUNDWORK_FAST=switch[fast]).expect(0).seconds

        try:
            return {
                f"preview {name}": measure(preview(one, pack=True), rounds),
                f"preview {name}, no pack": measure(preview(one, pack=False), rounds),
                "preview of no program": measure(preview(empty, pack=True), rounds),
            }
        finally:
            one.end()
            empty.end()


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints one table, or that there is no engine, which is no failure; 2 when a run of the engine fails."""
    stacks = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))
    parser = argparse.ArgumentParser(prog="python -m tests.engine.bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="measured runs of each command (default: 5)")
    parser.add_argument("--stack", choices=stacks, default="prod", help="the committed stack (default: prod)")
    options = parser.parse_args(arguments)
    engine = kit.locate()
    if engine is None:
        print("bench: the engine is not timed, there is none: `make engine` finds or builds it, then run this again")
        return 0
    rounds = max(1, options.runs)
    print("measuring the engine; several minutes ...", file=sys.stderr)
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = run(engine, options.stack, rounds, Path(folder, "pack"))
            fast = run_fast(engine, options.stack, rounds, Path(folder, "fast"))
    except AssertionError as error:
        print(f"bench: the engine failed: {error}", file=sys.stderr)
        return 2
    host = "ours, without the cyclic garbage collector" if engine.built else "Pulumi's own"
    print(f"Pulumi {engine.version}, language host {host}, Python {platform.python_version()}, ", end="")
    print(f"{processors()} processors, load {os.getloadavg()[0]:.1f}")
    print("median (least-most) of interleaved runs; the cloud answers at once\n")
    print(f"{'':28}{'without pack s':>20}{'with pack s':>20}{'ratio':>7}{'runs':>6}")
    for name, pairs in found.items():
        print(line(name, pairs))
    print(f"\nratio: with the pack against without it in the same round; a preview's should be {GOAL} or less\n")
    print(f"{'':28}{'stock s':>20}{'make preview s':>20}{'ratio':>7}{'runs':>6}")
    for name, pairs in fast.items():
        print(line(name, pairs))
    print(
        f"\nratio: with GROUNDWORK_FAST=1 against without it in the same round; prod's should be {FAST_GOAL} or less;"
    )
    print("no program: what the engine, the language host, the policy pack and the SDK take by themselves")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
