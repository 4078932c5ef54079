"""What belongs to a bucket: the resources that AWS lets people configure it with, whatever edition they are of."""

from __future__ import annotations

from . import kinds
from .graph import Node
from .joins import BUCKET
from .verdicts import Finding, View, waits

COMPANIONS = (
    kinds.BUCKET_PUBLIC_ACCESS_BLOCK,
    kinds.BUCKET_OWNERSHIP,
    kinds.BUCKET_VERSIONING,
    kinds.BUCKET_ENCRYPTION,
    kinds.BUCKET_POLICY,
    kinds.BUCKET_ACL,
    kinds.BUCKET_LOGGING,
    kinds.BUCKET_LIFECYCLE,
)


def companions(bucket: Node, view: View, kind: str) -> tuple[tuple[Node, ...], Finding | None]:
    """The companions of a bucket, and the doubt when there is none for sure but one may turn out to be its own.

    Where a control has but one companion to look at, `checks.has_companion` says the same in one line.
    """
    found = view.graph.companions(kind, "bucket", BUCKET)
    mine, maybe = found.of(bucket), found.maybe(bucket)
    if mine or not maybe:
        return mine, None
    return mine, waits(f"whether {maybe[0].label} is for this bucket", bucket.label)
