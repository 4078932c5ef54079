"""What tests of the command line share."""

import os
from pathlib import Path

import pytest

from tests.preflight.cli_support import Project

for _name in [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")]:  # of something that is like AWS
    del os.environ[_name]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "shop")
