"""A load balancer that somebody else made and keeps: only its ids are known here."""

from collections.abc import Sequence

import pulumi

from components.contracts import Signal
from components.edge.load_balancer import signals
from settings.edge import ExistingLoadBalancerSettings


class BroughtLoadBalancer:
    """Its listener and its security group, to which services add what is theirs. It is watched as one of our own."""

    def __init__(self, name: str, existing: ExistingLoadBalancerSettings) -> None:
        self.arn_suffix: pulumi.Output[str] = pulumi.Output.from_input(existing.suffix)
        self.security_group_id: pulumi.Output[str] = pulumi.Output.from_input(existing.security_group_id)
        self.listener_arn: pulumi.Output[str] = pulumi.Output.from_input(existing.listener_arn)
        self.test_listener_arn: pulumi.Output[str] | None = None
        self.signals: Sequence[Signal] = signals(name, self.arn_suffix)
