"""Observability: an alarm for each signal, and all of them on one dashboard."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import names
from components.contracts import Signal
from components.observability import dashboard
from components.observability.alarms import alarm
from components.observability.alerts import Alerts, AlertsArgs
from settings.location import Location

__all__ = ["Alerts", "AlertsArgs", "Observability", "ObservabilityArgs", "alarm"]


@dataclass(frozen=True, kw_only=True)
class ObservabilityArgs:
    """What all components say is worth watching, and whom to tell."""

    signals: Sequence[Signal]
    topic_arn: pulumi.Input[str]
    location: Location


class Observability(pulumi.ComponentResource):
    """Every signal watched: an alarm with an action, and a graph with its threshold."""

    dashboard_name: pulumi.Output[str]

    def __init__(self, name: str, args: ObservabilityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:observability:Observability", name, None, opts)
        twice = sorted(name for name, count in Counter(s.name for s in args.signals).items() if count > 1)
        if twice:
            raise ValueError(f"signals with the same name: {', '.join(twice)}; a signal's name is its alarm's identity")
        child = pulumi.ResourceOptions(parent=self)
        for signal in args.signals:
            alarm(signal, args.topic_arn, child)
        board = aws.cloudwatch.Dashboard(
            f"{name}-dashboard",
            dashboard_name=names.of_stack(),
            dashboard_body=dashboard.body(args.signals, args.location.region),
            opts=child,
        )
        self.dashboard_name = board.dashboard_name
        self.register_outputs({"dashboardName": self.dashboard_name})
