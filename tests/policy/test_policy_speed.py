"""Judging grows with the number of resources, and not with its square: counted, whatever the machine is."""

from collections import Counter
from typing import Any

import pytest
from guardrails import reading
from guardrails.controls import CONTROLS
from guardrails.graph import Graph
from guardrails.run import evaluate

from tests.policy.bench import EVERYTHING, copies
from tests.policy.graphs import Phase, run_of
from tests.policy.houses import everything


def looks(resources: int, phase: Phase, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many properties are looked at, each time anew."""
    counted: Counter[str] = Counter()
    peek = reading._peek

    def counting(*args: Any) -> Any:
        counted["looks"] += 1
        return peek(*args)

    with monkeypatch.context() as patched:
        patched.setattr(reading, "_peek", counting)
        evaluate(CONTROLS, Graph.of_stack(copies(resources).sent(phase)), EVERYTHING, run_of(phase))
    return counted["looks"]


def test_four_times_the_resources_are_looked_at_four_times_as_often(
    phase: Phase, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = len(everything().resources)
    few, many = (looks(copies_ * one, phase, monkeypatch) for copies_ in (3, 12))
    assert few > 50 * one, "something was looked at"
    assert many < 4.4 * few
