"""What the pack says of a recorded stack."""

from collections.abc import Iterable, Mapping
from typing import Any

# An image that is built from a folder has its digest once it is built: the update decides, docs/policies.md.
WAITING = frozenset({"ecs-image-pinned"})


def left(findings: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The findings but those which wait for an image that is built, and then pass."""
    return [
        finding
        for finding in findings
        if not (finding["control"] in WAITING and finding.get("decidedAtUpdate") == "pass")
    ]
