"""The stacks of `shapes`, recorded once in a run of the tests."""

from typing import Any

import pytest

from tests.components import shapes


@pytest.fixture(scope="session")
def shaped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What preflight says of the stacks of `shapes`, as its document has it. Not to be changed."""
    return shapes.recorded(tmp_path_factory)
