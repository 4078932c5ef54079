"""A real browser. These tests run only when they are asked for by path: `make test-browser` does."""

from pathlib import Path

import pytest

from tests.left_out import asked_for

HERE = Path(__file__).parent


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Nothing here is collected in a run of all tests."""
    return None if asked_for(HERE, config) else True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says plainly what was not run."""
    if not asked_for(HERE, config):
        terminalreporter.write_line("")
        terminalreporter.write_line(
            "Left out: the page in a real browser (tests/browser). `make test-browser` runs them.", yellow=True
        )
