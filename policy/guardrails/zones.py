"""Whether subnets are in several availability zones."""

from __future__ import annotations

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
    said = [[subnet.props.text(key) for subnet in members.sure] for key in _SAID_AS]
    known = [{value.value for value in values if isinstance(value, Known)} for values in said]
    if any(len(zones) >= wanted for zones in known):
        return True
    complete = members.complete and not isinstance(listed, Unknown)
    if complete and any(all(isinstance(value, Known) for value in values) for values in said):
        return False
    if not members.complete:
        return f"the zones of its subnets: {members.missing}"
    return "the zones of its subnets, which do not say any"
