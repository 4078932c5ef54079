"""Cases of the controls on the stack as a whole."""

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import breaks, build, holds, one
from tests.policy.houses import bucket

ENTRY: dict[str, Any] = {
    "control": "rds-not-publicly-accessible",
    "resource": "urn:pulumi:test::program::*::legacy",
    "owner": "data@example.com",
    "reason": "moves behind the VPN in spring",
    "expires": "2026-03-31",
    "ticket": "OPS-1",
}
NEEDED = build(legacy=(kinds.DB_INSTANCE, {"publiclyAccessible": True, "storageEncrypted": True}))
NOT_NEEDED = build(legacy=(kinds.DB_INSTANCE, {"publiclyAccessible": False, "storageEncrypted": True}))
OPEN = one(kinds.DB_INSTANCE, snapshotIdentifier="old")


def but(**changes: Any) -> list[dict[str, Any]]:
    """The entry with other parts; None takes one away."""
    return [{key: value for key, value in {**ENTRY, **changes}.items() if value is not None}]


CASES = (
    holds("exemptions-valid", "nobody asks for one", NEEDED),
    holds("exemptions-valid", "an entry that a finding needs", NEEDED, exemptions=[ENTRY]),
    holds(
        "exemptions-valid",
        "an entry for another stack",
        NOT_NEEDED,
        exemptions=but(resource="urn:pulumi:x::y::*::legacy"),
    ),
    breaks("exemptions-valid", "an entry that nothing needs", NOT_NEEDED, "stack", exemptions=[ENTRY]),
    breaks("exemptions-valid", "an entry that is over", NEEDED, "stack", exemptions=but(expires="2026-01-14")),
    breaks("exemptions-valid", "an entry that never ends", NEEDED, "stack", exemptions=but(expires="2027-01-01")),
    breaks("exemptions-valid", "an entry without an owner", NEEDED, "stack", exemptions=but(owner=None)),
    breaks(
        "exemptions-valid", "an entry for everything", NEEDED, "stack", exemptions=but(resource="urn:pulumi:*::*::*::*")
    ),
    breaks(
        "exemptions-valid", "an entry for a control that is not", NEEDED, "stack", exemptions=but(control="rds-public")
    ),
    breaks("exemptions-valid", "an entry that is a word", NEEDED, "stack", exemptions=["legacy"]),
    holds("no-undecided-at-update", "everything is decided", bucket),
    breaks("no-undecided-at-update", "an instance from somebody's snapshot", OPEN, "stack", only_at_update=True),
)
