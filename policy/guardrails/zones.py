"""Whether subnets are in several availability zones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .graph import Node
from .network import Network
from .reading import Absent, Items, Known, Unknown, Value
from .verdicts import View

_SAID_AS = ("availabilityZone", "availabilityZoneId")


def spans(listed: Value[Items], view: View, wanted: int = 2) -> bool | str:
    """Whether the subnets that a list names are in `wanted` zones or more, or what that waits for.

    A subnet that says no zone is put into one by AWS, nobody knows which.
    """
    if isinstance(listed, Absent) or (isinstance(listed, Known) and len(listed.value) < wanted):
        return False
    network: Network = view.graph.shared(Network)
    members = network.subnets(listed)
    found = apart(members.sure, wanted)
    if found:
        return True
    if not members.complete:
        return f"the zones of its subnets: {members.missing}"
    return UNSAID if found is None or isinstance(listed, Unknown) else False


UNSAID = "the zones of its subnets, which do not all say one"
"""What is waited for where AWS picks a zone."""


def apart(subnets: Sequence[Node], wanted: int = 2) -> bool | None:
    """Whether these subnets are in `wanted` zones or more; None where not all of them say theirs in one way."""
    said = _said(subnets)
    if any(len(Counter(zones)) >= wanted for zones in said):
        return True
    return False if any(len(zones) == len(subnets) for zones in said) else None


def most_alike(subnets: Sequence[Node]) -> int:
    """How many of these subnets may share a zone: all, where not all of them say theirs in one way."""
    return min(
        (max(Counter(zones).values()) for zones in _said(subnets) if len(zones) == len(subnets)), default=len(subnets)
    )


def _said(subnets: Sequence[Node]) -> list[list[str]]:
    """The zones that are said, by name and by id."""
    values = [[subnet.props.text(key) for subnet in subnets] for key in _SAID_AS]
    return [[value.value for value in found if isinstance(value, Known)] for found in values]
