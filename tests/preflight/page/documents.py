"""Reports as preflight makes them, on small stacks."""

from typing import Any

from preflight import report
from preflight.cost import rating
from preflight.picture import picture
from preflight.reach import reach
from preflight.resilience import resilience
from preflight.timeline import timeline
from tests.preflight.reach.stacks import surroundings


def _entry(node: Any) -> dict[str, Any]:
    return {
        **node.entry, "dependencies": [], "options": {}, "source": "shop.py:1", "unknownAtPreview": [],
        "phases": ["preview", "update"],
    }  # fmt: skip


def document(*resources: dict[str, Any], findings: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A report on such a stack, made by the parts that make a real one."""
    around = surroundings(*resources)
    entries = [_entry(node) for node in around.graph]
    rated = rating({"aws:region": "us-east-1"})
    reached = reach(around)
    stack = {
        "resources": entries, "findings": findings or [], "exports": {"url": {"value": "https://x", "knownAtPreview": True}},
        "lookups": [], "notes": ["a note"], "errors": [], "policies": {"pack": "p", "names": ["guardrails"]},
        "cost": rated(entries), "timeline": timeline(entries), "reach": reached,
        "resilience": resilience(around, rated), "picture": picture(around, reached, "us-east-1"),
        "summary": {
            "resources": len(entries), "components": 0, "violations": {"mandatory": 0, "advisory": 0},
            "undecided": {"open": 0, "pass": 0, "violation": 0}, "policyErrors": 0, "exitCode": 0,
        },
        "timings": {},
    }  # fmt: skip
    return report.document({"shop": stack})
