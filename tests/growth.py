"""``python -m tests.growth``: how preflight grows with the number of services, as whole cold processes.

The stack is prod with nothing but copies of one of its web services, each on a path of its own. No pass or fail: what
must hold whatever the machine is tested in test_growth.py, by counting.
"""

import argparse
import copy
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.committed import check, project, stack_file

COUNTS = (1, 10, 25, 50)  # the last has about 2,000 resources
TESTED = 25  # of those in tests/components/shapes.py
GOAL = 6.0  # seconds


def described(count: int) -> dict[str, Any]:
    """The file of a stack with so many services; no two overlap."""
    stack = stack_file("prod")
    services = stack["config"]["groundwork:services"]
    pattern = next(service for service in services.values() if service["kind"] == "web" and "image" in service)
    stack["config"]["groundwork:services"] = {
        f"service-{number:02}": {
            **copy.deepcopy(pattern),
            "route": {"path": f"/service-{number:02}/*", "priority": 100 + number},
        }
        for number in range(count)
    }
    stack["config"]["groundwork:network"]["cidr"] = f"10.{104 + count}.0.0/16"
    return stack


def checked(project: Path) -> dict[str, dict[str, Any]]:
    """What preflight says of each stack of a project."""
    done = check("--program", str(project), "--json", "-")
    if done.returncode:
        raise RuntimeError(f"preflight ended with exit code {done.returncode}: {done.stderr}")
    stacks: dict[str, dict[str, Any]] = json.loads(done.stdout)["stacks"]
    return stacks


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(prog="python -m tests.growth", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="measured runs of each (default: 3)")
    runs = max(1, parser.parse_args(arguments).runs)
    seconds: dict[int, float] = {}
    resources: dict[int, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        for count in COUNTS:
            made = project(Path(folder) / str(count), {"many": described(count)})
            resources[count] = len(checked(made)["many"]["resources"])  # also warms what is cached between runs
            times = []
            for _ in range(runs):
                started = time.perf_counter()
                checked(made)
                times.append(time.perf_counter() - started)
            seconds[count] = statistics.median(times)
    print(f"{'services':>9}{'resources':>11}{'wall s':>9}{'ms for each more':>18}")
    least = COUNTS[0]
    for count in COUNTS:
        more = f"{1000 * (seconds[count] - seconds[least]) / (count - least):.0f}" if count > least else ""
        print(f"{count:>9}{resources[count]:>11}{seconds[count]:>9.2f}{more:>18}")
    print(f"\ngoal: 2,000 resources in {GOAL} s on two idle processors, growth linear")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
