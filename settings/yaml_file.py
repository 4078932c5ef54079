"""Reads a stack file as it stands beside the program: for what Pulumi does not hand over."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml: about ten times as fast
_DEEPEST = 100

UNREADABLE = (OSError, ValueError, yaml.YAMLError)
"""What `configured` raises for a file that is no use."""


def configured(file: Path, *way: str) -> Any:
    """What stands in a stack file under `config:` and the keys below it, not to be changed; None where there is
    nothing."""
    here = _document(file.read_text(encoding="utf-8"))
    for part in ("config", *way):
        if here is None:
            return None
        if not isinstance(here, dict):
            raise yaml.YAMLError(f"{part} is not in a map")
        here = here.get(part)
    return here


@lru_cache(maxsize=32)
def _document(text: str) -> Any:
    """What a file holds, not to be changed: one load asks several times for the same."""
    _refuse_depth(text)
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - it is the safe loader


def _refuse_depth(text: str) -> None:
    """Loading recurses, in C, where depth ends the process and not in an exception; events do not."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise yaml.YAMLError("nested too deeply")
