"""What tests of the command line share."""

from pathlib import Path

import pytest

from tests.preflight.cli_support import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "shop")
