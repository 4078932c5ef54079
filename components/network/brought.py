"""A network that somebody else made and keeps: only its ids are known here."""

from collections.abc import Sequence

import pulumi

from components.network.parts import Parts
from settings.network import ExistingNetworkSettings


def bring(existing: ExistingNetworkSettings, zones: Sequence[str]) -> Parts:
    """The VPC and its subnets, as the settings name them. Nothing is looked up and nothing of them is changed.

    That a tier is what it is said to be (no way to the internet for data, a way out for the private one) follows from
    routes that this program does not see: the policies call it undecided, and it is for whoever brings the network to
    know.
    """

    def tier(ids: Sequence[str]) -> list[pulumi.Output[str]]:
        return [pulumi.Output.from_input(id_) for id_ in ids]

    subnets = [existing.subnets[zone] for zone in zones]
    return Parts(
        vpc_id=pulumi.Output.from_input(existing.vpc_id),
        public=tier([subnet.public for subnet in subnets]),
        private=tier([subnet.private for subnet in subnets]),
        data=tier([subnet.data for subnet in subnets]),
        nat_public_ips=[],
        signals=[],
        prefix_lists={},
    )
