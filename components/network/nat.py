"""The way out of the private tier: NAT gateways with addresses of our own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.contracts import Metric, Severity, Signal
from components.network.tiers import ANYWHERE, Tier, tags

NatMode = Literal["none", "single", "per-az"]
RUNBOOK = "nat.md"


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """NAT gateways, the addresses that partners see, and the default routes of the private tier, by zone."""

    routes: Mapping[str, aws.ec2.Route]
    public_ips: Sequence[pulumi.Output[str]]
    signals: Sequence[Signal]


def gateway_zones(mode: NatMode, zones: Sequence[str]) -> dict[str, str]:
    """Zone -> zone of the NAT gateway that serves it; a single gateway stands in the first zone listed.

    So a zone added at the end of the list moves no gateway, and no address that a partner has on its allow-list.
    """
    match mode:
        case "none":
            return {}
        case "single":
            return dict.fromkeys(zones, zones[0])
        case "per-az":
            return {zone: zone for zone in zones}


def way_out(
    name: str,
    mode: NatMode,
    public: Tier,
    private: Tier,
    gateway: aws.ec2.InternetGateway,
    *,
    protected: bool,
    parent: pulumi.Resource,
) -> WayOut:
    """The NAT gateways that `mode` asks for, and a default route to one of them in every private table.

    In a protected stack the addresses are protected: they are on the allow-lists of others.
    """
    serving = gateway_zones(mode, list(public.subnets))
    addresses: dict[str, aws.ec2.Eip] = {}
    gateways: dict[str, aws.ec2.NatGateway] = {}
    for zone in dict.fromkeys(serving.values()):
        role = f"{name}-nat-{zone}"
        addresses[zone] = aws.ec2.Eip(
            role,
            domain="vpc",
            tags=tags(role, "public"),
            opts=pulumi.ResourceOptions(parent=parent, protect=protected),
        )
        gateways[zone] = aws.ec2.NatGateway(
            role,
            subnet_id=public.subnets[zone].id,
            allocation_id=addresses[zone].allocation_id,
            tags=tags(role, "public"),
            # AWS refuses a public NAT gateway while no internet gateway is attached.
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[gateway]),
        )
    routes = {
        zone: aws.ec2.Route(
            f"{name}-private-{zone}-out",
            route_table_id=private.tables[zone].id,
            destination_cidr_block=ANYWHERE,
            nat_gateway_id=gateways[serves].id,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        for zone, serves in serving.items()
    }
    signals = [signal for zone, nat in gateways.items() for signal in _signals(f"{name}-nat-{zone}", zone, nat)]
    return WayOut(routes=routes, public_ips=[address.public_ip for address in addresses.values()], signals=signals)


def _signals(name: str, zone: str, gateway: aws.ec2.NatGateway) -> list[Signal]:
    """Thresholds: recommended alarms of CloudWatch, 2026-09: no port errors, at most 0.01 % of packets dropped."""

    def metric(metric_name: str) -> Metric:
        return Metric(
            namespace="AWS/NATGateway", name=metric_name, statistic="Sum", dimensions={"NatGatewayId": gateway.id}
        )

    return [
        Signal(
            name=f"{name}-ports",
            metrics={"errors": metric("ErrorPortAllocation")},
            comparison="GreaterThanThreshold",
            threshold=0,
            period_seconds=60,
            evaluation_periods=15,
            datapoints_to_alarm=15,
            missing="notBreaching",
            severity=Severity.CRITICAL,
            meaning=f"The NAT gateway in {zone} has run out of ports to a destination: new outgoing connections fail.",
            runbook=RUNBOOK,
        ),
        Signal(
            name=f"{name}-drops",
            metrics={
                "dropped": metric("PacketsDropCount"),
                "inside": metric("PacketsInFromSource"),
                "outside": metric("PacketsInFromDestination"),
            },
            expression="IF(inside + outside > 0, 100 * dropped / (inside + outside), 0)",
            comparison="GreaterThanThreshold",
            threshold=0.01,
            period_seconds=60,
            evaluation_periods=5,
            datapoints_to_alarm=5,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"The NAT gateway in {zone} drops more than 0.01 % of its packets: outgoing traffic suffers.",
            runbook=RUNBOOK,
        ),
    ]
