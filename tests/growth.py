"""``python -m tests.growth``: how preflight grows with the number of services, as whole cold processes.

The stack is prod with nothing but copies of one of its web services, each on a path of its own. No pass or fail: what
must hold whatever the machine is tested in test_growth.py, by counting.
"""

import argparse
import copy
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
PROGRAM = ("__main__.py", "Pulumi.yaml", "components", "docs", "functions", "services", "settings")
COUNTS = (1, 10, 25, 50)  # the last has about 2,000 resources
GOAL = 6.0  # seconds


def project(folder: Path, count: int) -> Path:
    """A project whose only stack, `many`, has so many services."""
    folder.mkdir()
    for part in PROGRAM:
        (folder / part).symlink_to(ROOT / part)
    stack: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.prod.yaml").read_text())
    del stack["config"]["preflight:usage"]["budget"]
    services = stack["config"]["groundwork:services"]
    pattern = next(service for service in services.values() if service["kind"] == "web" and "image" in service)
    stack["config"]["groundwork:services"] = {
        f"service-{number:02}": {
            **copy.deepcopy(pattern),
            "route": {"path": f"/service-{number:02}/*", "priority": 100 + number},
        }
        for number in range(count)
    }
    stack["config"]["groundwork:network"]["cidr"] = "10.104.0.0/16"
    (folder / "Pulumi.many.yaml").write_text(yaml.safe_dump(stack))
    return folder


def check(folder: Path) -> dict[str, Any]:
    """What preflight says of the stack."""
    command = [sys.executable, "-m", "preflight", "check", "--program", str(folder), "--json", "-"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"preflight ended with exit code {done.returncode}: {done.stderr}")
    document: dict[str, Any] = json.loads(done.stdout)
    stack: dict[str, Any] = document["stacks"]["many"]
    return stack


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(prog="python -m tests.growth", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="measured runs of each (default: 3)")
    runs = max(1, parser.parse_args(arguments).runs)
    seconds: dict[int, float] = {}
    resources: dict[int, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        for count in COUNTS:
            made = project(Path(folder) / str(count), count)
            resources[count] = len(check(made)["resources"])  # also warms what is cached between runs
            times = []
            for _ in range(runs):
                started = time.perf_counter()
                check(made)
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
