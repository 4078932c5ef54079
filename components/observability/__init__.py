"""Observability: an alarm for each signal, and one dashboard that stays the same when a service comes or goes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import names
from components.contracts import Panel, Signal
from components.observability import dashboard
from components.observability.alarms import alarm
from components.observability.alerts import Alerts, AlertsArgs
from settings.location import Location

__all__ = ["Alerts", "AlertsArgs", "Observability", "ObservabilityArgs", "alarm"]


@dataclass(frozen=True, kw_only=True)
class ObservabilityArgs:
    """What all components say is worth watching, and whom to tell.

    What the stack shares (`platform`) is drawn signal by signal; of the `services`, `panels` shows all at once.
    """

    platform: Sequence[Signal]
    services: Sequence[Signal] = ()
    panels: Sequence[Panel] = ()
    topic_arn: pulumi.Input[str]
    location: Location


class Observability(pulumi.ComponentResource):
    """Every signal watched by an alarm with an action; graphs of the platform with thresholds, and of all services.

    The dashboard does not know the services: see docs/decisions/0013-one-dashboard-that-searches.md. A platform with
    more graphs than CloudWatch takes on one has further ones, `dashboard_name` is the first.
    """

    dashboard_name: pulumi.Output[str]

    def __init__(self, name: str, args: ObservabilityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:observability:Observability", name, None, opts)
        signals = [*args.platform, *args.services]
        twice = sorted(name for name, count in Counter(s.name for s in signals).items() if count > 1)
        if twice:
            raise ValueError(f"signals with the same name: {', '.join(twice)}; a signal's name is its alarm's identity")
        child = pulumi.ResourceOptions(parent=self)
        for signal in signals:
            alarm(signal, args.topic_arn, child)
        bodies = dashboard.bodies(args.platform, args.panels, args.location.region)
        boards = [
            aws.cloudwatch.Dashboard(
                # Two hyphens in the name of a further one, so that it is not that of another stack.
                f"{name}-dashboard" if number == 1 else f"{name}-dashboard-{number}",
                dashboard_name=names.of_stack() if number == 1 else f"{names.of_stack()}--{number}",
                dashboard_body=body,
                opts=child,
            )
            for number, body in enumerate(bodies, start=1)
        ]
        self.dashboard_name = boards[0].dashboard_name
        self.register_outputs({"dashboardName": self.dashboard_name})
