"""What counts when an input is left out, where the documentation says so without a condition (``defaults.json``)."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_suffix(".json")


def written_out(type_token: str, place: str, before: Any, after: Any) -> bool:
    """Whether a program only writes down, or takes out, what counts anyway: nothing is planned for that."""
    defaults = rows().get(type_token.replace("aws:alb/", "aws:lb/"), {})
    if place not in defaults or (before is None) == (after is None):
        return False
    given, default = (after if before is None else before), defaults[place]
    if isinstance(default, bool):
        return given is default or given == str(default).lower()
    return bool(str(given) == str(default))


@functools.cache
def rows() -> Mapping[str, Mapping[str, Any]]:
    """The table, by type."""
    found: dict[str, dict[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))["types"]
    return found
