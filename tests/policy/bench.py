"""``python -m tests.policy.bench``: what judging takes in the pack's process, by the number of resources.

All controls are asked, about copies of a compliant program with all that controls look at; reading what the engine sends
is not in it, importing the pack is a row of its own. No pass or fail: what must hold whatever the machine is tested by
counting in
test_policy_speed.py.
"""

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from guardrails.config import Config
from guardrails.controls import CONTROLS
from guardrails.graph import Graph
from guardrails.run import evaluate
from guardrails.verdicts import PACKS, Outcome
from pulumi_policy import PolicyResource

from tests.policy.graphs import PHASES, Phase, Program, run_of
from tests.policy.houses import everything

GOALS = {300: 0.5, 2000: 3.0}
"""Resources -> seconds that they may take."""
EVERYTHING = Config(packs=frozenset(PACKS))


def copies(resources: int) -> Program:
    """The program as often as it takes to have so many resources; names and ids are their own."""
    joined = Program()
    number = 0
    while len(joined.resources) < resources:
        for resource in everything().resources.values():
            resource.name = f"c{number}-{resource.name}"
            joined.resources[resource.name] = resource
        number += 1
    joined.resources = dict(list(joined.resources.items())[:resources])
    return joined


def seconds(sent: Sequence[PolicyResource], phase: Phase) -> float:
    """One run of the pack over what was sent."""
    began = time.perf_counter()
    found = evaluate(CONTROLS, Graph.of_stack(sent), EVERYTHING, run_of(phase))
    took = time.perf_counter() - began
    assert not [verdict for verdict in found if verdict.finding.outcome is Outcome.ERROR]
    return took


def main() -> None:
    """Prints one table."""
    print(f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}, {len(CONTROLS)} controls")
    print(f"{'':28}{'median s':>10}{'most s':>10}{'goal s':>10}")
    command = [sys.executable, "-c", "import guardrails.pack"]
    imports = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run(command, check=True, env=os.environ)
        imports.append(time.perf_counter() - began)
    print(f"{'start and import':28}{statistics.median(imports):>10.2f}{max(imports):>10.2f}{'':>10}")
    for resources, goal in GOALS.items():
        program = copies(resources)
        for phase in PHASES:
            took = [seconds(program.sent(phase), phase) for _ in range(3)]
            name = f"{resources} resources, {phase}"
            print(f"{name:28}{statistics.median(took):>10.2f}{max(took):>10.2f}{goal:>10.1f}")


if __name__ == "__main__":
    main()
