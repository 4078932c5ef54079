"""What a network consists of for the other rooms, however it came to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.contracts import Signal


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Ids of the VPC and of its subnets by tier, in the order of the zones, each known when it can be used; the
    prefix lists of gateway endpoints by service."""

    vpc_id: pulumi.Output[str]
    public: Sequence[pulumi.Output[str]]
    private: Sequence[pulumi.Output[str]]
    data: Sequence[pulumi.Output[str]]
    nat_public_ips: Sequence[pulumi.Output[str]]
    signals: Sequence[Signal]
    prefix_lists: Mapping[str, pulumi.Output[str]]
