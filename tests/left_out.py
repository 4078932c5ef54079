"""Parts of the tests that need more than Python: they run only when they are asked for by path."""

from pathlib import Path

import pytest


def asked_for(folder: Path, config: pytest.Config) -> bool:
    """Whether `folder`, or something in it, was named to pytest."""
    named = (Path(config.invocation_params.dir, str(arg).partition("::")[0]).resolve() for arg in config.args)
    return any(path == folder or folder in path.parents for path in named)
