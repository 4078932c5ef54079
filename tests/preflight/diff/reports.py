"""Reports made by hand: a baseline, of which a test changes one thing."""

import marshal
from collections.abc import Mapping, Sequence
from typing import Any

from preflight.diff import compare
from tests.preflight.documents import must_fit

PROVIDER = "urn:pulumi:dev::shop::pulumi:providers:aws::main"
STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
BASE = {"kind": "commit", "name": "main", "commit": "0123456789abcdef"}
SECRET = {"$secret": True}
UNKNOWN = {"$unknown": True}


def urn(token: str, name: str, parents: str = "") -> str:
    return f"urn:pulumi:dev::shop::{parents}{token}::{name}"


def resource(token: str, name: str, inputs: Mapping[str, Any] | None = None, **given: Any) -> dict[str, Any]:
    """One resource; `needs` are property dependencies, `unknown` what a preview does not know."""
    options = {"provider": PROVIDER} | given.pop("options", {})
    return {
        "urn": given.pop("urn", urn(token, name)),
        "type": token,
        "name": name,
        "parent": given.pop("parent", STACK),
        "component": None,
        "custom": given.pop("custom", True),
        "remote": False,
        "inputs": dict(inputs or {}),
        "propertyDependencies": given.pop("needs", {}),
        "dependencies": [],
        "options": options,
        "source": "__main__.py:1",
        "unknownAtPreview": given.pop("unknown", []),
        "phases": ["preview", "update"],
        **given,
    }


def provider(region: str = "eu-west-1") -> dict[str, Any]:
    return resource("pulumi:providers:aws", "main", {"region": region}, urn=PROVIDER, options={"provider": ""})


def stack(resources: Sequence[Mapping[str, Any]], **given: Any) -> dict[str, Any]:
    return {
        "resources": [provider(), *marshal.loads(marshal.dumps(list(resources)))],  # a copy, of thousands
        "findings": [], "exports": {}, "lookups": [], "notes": [], "errors": [], "policies": None, "cost": None,
        "timeline": None, "reach": None, "resilience": None, "summary": {"exitCode": 0}, "timings": {}, **given,
    }  # fmt: skip


def document(base: Mapping[str, Any], head: Mapping[str, Any]) -> dict[str, Any]:
    """The whole answer about one stack, as the schema wants it."""
    old, new = ({"errors": [], "stacks": {"dev": each}} for each in (base, head))
    found = compare.document(old, new, BASE, {})
    must_fit(found, "diff")
    return found


def compared(base: Sequence[Mapping[str, Any]], head: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is said of two sets of resources."""
    found: dict[str, Any] = document(stack(base), stack(head))["stacks"]["dev"]
    return found


def only(found: Mapping[str, Any]) -> dict[str, Any]:
    """The one resource that does not stay."""
    (each,) = found["resources"]
    return dict(each)


def told(each: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The changes of a resource: path, before, after, effect."""
    return [(c["path"], c["before"], c["after"], c["effect"]) for c in each["changes"]]
