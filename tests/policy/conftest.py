"""Every verdict is tested twice: at preview, where ids are unknown, and at update, where they are known."""

import pytest

from tests.policy.graphs import PHASES, Phase


@pytest.fixture(params=PHASES)
def phase(request: pytest.FixtureRequest) -> Phase:
    phase: Phase = request.param
    return phase
