"""A control declares the parameters that it reads: the catalogue is made from that."""

from collections import defaultdict
from typing import Any

import pytest
from guardrails.config import Config
from guardrails.controls import CONTROLS
from guardrails.parameters import EXEMPTION_DAYS, PARAMETERS, Parameter
from guardrails.run import evaluate
from guardrails.verdicts import Control, Scope

from tests.gathered import for_each
from tests.policy.cases import CASES
from tests.policy.cases.kit import BY_ID
from tests.policy.graphs import PHASES, run_of


@pytest.fixture(scope="module")
def read() -> dict[str, set[str]]:
    """Control -> names of the parameters that its cases made it read."""
    found: dict[str, set[str]] = defaultdict(set)
    plain = Config.__getitem__
    asked = ""

    def noting(self: Config, parameter: Parameter[Any]) -> Any:
        found[asked].add(parameter.name)
        return plain(self, parameter)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Config, "__getitem__", noting)
        for case in CASES:
            asked = case.control
            for phase in PHASES:
                evaluate([BY_ID[asked]], case.program().graph(phase), case.config(), run_of(phase))
    return found


@for_each("control", [c for c in CONTROLS if c.scope is not Scope.RUN], name=lambda control: control.id)
def test_a_control_declares_exactly_the_parameters_that_it_reads(control: Control, read: dict[str, set[str]]) -> None:
    assert {parameter.name for parameter in control.parameters} == read[control.id]


def test_every_parameter_belongs_to_a_control() -> None:
    declared = {parameter.name for control in CONTROLS for parameter in control.parameters}
    assert declared == {parameter.name for parameter in PARAMETERS}
    assert EXEMPTION_DAYS in BY_ID["exemptions-valid"].parameters, "which are read when they are loaded"
