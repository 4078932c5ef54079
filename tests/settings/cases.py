"""What is said about one mistake in a stack file, as data, and how it is held against the message."""

from collections.abc import Callable
from typing import Any, NamedTuple

MISSING = ...  # as the fixtures take it
Refused = Callable[..., dict[str, dict[str, str]]]


class Case(NamedTuple):
    """What is changed in the baseline, and what is said about it."""

    name: str
    changes: dict[str, Any]
    key: str
    given: str
    allowed: str
    change: str


WEB, STATUS, MAIN, PLAIN, UPLOADS = (
    "services.web",
    "services.status",
    "data.databases.main",
    "data.databases.plain",
    "data.buckets.uploads",
)
WEB_SERVICE = {
    "kind": "web",
    "image": "web:1",
    "port": 8000,
    "health": "/",
    "size": {"cpu": 256, "memory": 512, "architecture": "arm64"},
    "scale": {"min": 2, "max": 3, "outAbove": 60, "inBelow": 30, "cooldown": {"in": 300, "out": 60}},
    "route": {"path": "/more*", "priority": 50},
    "environment": {},
    "uses": {},
}
UNPROTECTED = {"protection.protected": False}
NO_NAT = {"network.nat": "none", "network.endpoints": ["s3", "ecr", "logs", "secretsmanager"], f"{WEB}.image": MISSING}
IN_ECR = {f"{WEB}.image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1"}


def one(name: str, path: str, value: Any, given: str, allowed: str, change: str, **more: Any) -> Case:
    """A case that changes one value and is reported at that very key."""
    return Case(name, {path: value, **more}, path, given, allowed, change)


def is_said(case: Case, refused: Refused) -> None:
    """Holds that the mistake is named with key, value, what is allowed and what to change, and nothing else is."""
    found = refused(case.changes)
    key = case.key if ":" in case.key else f"groundwork:{case.key}"
    assert list(found) == [key], "one mistake, one message, at the key that is wrong"
    assert case.given in found[key]["given"]
    assert case.allowed in found[key]["allowed"]
    assert case.change in found[key]["change"]
    for jargon in ("Input should", "type=", "input_value", "validation error", "pydantic", "Traceback"):
        assert jargon not in str(found)
