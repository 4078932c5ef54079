"""The way out of the private tier: NAT gateways, or an instance, with addresses of our own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from components.contracts import Metric, Severity, Signal
from components.network.nat_instance import NatInstance, NatInstanceArgs
from components.network.tiers import ANYWHERE, Tier, tags
from settings.location import Location
from settings.network import NatMode

RUNBOOK = "nat.md"


@dataclass(frozen=True, kw_only=True)
class WayOutArgs:
    """What is to get out, and through what.

    `connected` is what makes a public subnet, by zone, reach the internet. In a protected stack the addresses are
    protected: they are on the allow-lists of others.
    """

    mode: NatMode
    vpc_id: pulumi.Input[str]
    vpc_cidr: IPv4Network
    public: Tier
    private: Tier
    gateway: aws.ec2.InternetGateway
    connected: Mapping[str, Sequence[pulumi.CustomResource]]
    location: Location
    protected: bool


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """The addresses that partners see, and the default routes of the private tier, by zone."""

    routes: Mapping[str, aws.ec2.Route]
    public_ips: Sequence[pulumi.Output[str]]
    signals: Sequence[Signal]


def gateway_zones(mode: NatMode, zones: Sequence[str]) -> dict[str, str]:
    """Zone -> zone of the NAT gateway, or instance, that serves it; a single one stands in the first zone listed.

    So a zone added at the end of the list moves no gateway, and no address that a partner has on its allow-list. The
    regional gateway is in every zone that it serves, but there is one of it.
    """
    match mode:
        case "none" | "existing":
            return {}
        case "single" | "instance":
            return dict.fromkeys(zones, zones[0])
        case "per-az" | "regional":
            return {zone: zone for zone in zones}


def way_out(name: str, args: WayOutArgs, parent: pulumi.Resource) -> WayOut:
    """What `mode` asks for, and a default route to it in every private table."""
    serving = gateway_zones(args.mode, list(args.public.subnets))
    match args.mode:
        case "instance":
            return _through_instance(name, args, serving, parent)
        case "regional":
            return _through_one_gateway(name, args, serving, parent)
        case _:
            return _through_gateways(name, args, serving, parent)


def _through_gateways(name: str, args: WayOutArgs, serving: Mapping[str, str], parent: pulumi.Resource) -> WayOut:
    addresses: dict[str, aws.ec2.Eip] = {}
    gateways: dict[str, aws.ec2.NatGateway] = {}
    for zone in dict.fromkeys(serving.values()):
        role = f"{name}-nat-{zone}"
        addresses[zone] = _address(role, args, parent)
        gateways[zone] = aws.ec2.NatGateway(
            role,
            subnet_id=args.public.subnets[zone].id,
            allocation_id=addresses[zone].allocation_id,
            tags=tags(role, "public"),
            # AWS refuses a public NAT gateway while no internet gateway is attached; the rest is what makes it work.
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[args.gateway, *_standing(args, zone)]),
        )
    routes = {
        zone: aws.ec2.Route(
            f"{name}-private-{zone}-out",
            route_table_id=args.private.tables[zone].id,
            destination_cidr_block=ANYWHERE,
            nat_gateway_id=gateways[serves].id,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        for zone, serves in serving.items()
    }
    signals = [
        signal
        for zone, nat in gateways.items()
        for signal in _signals(f"{name}-nat-{zone}", f"NAT gateway in {zone}", nat)
    ]
    return WayOut(routes=routes, public_ips=[address.public_ip for address in addresses.values()], signals=signals)


def _through_one_gateway(name: str, args: WayOutArgs, serving: Mapping[str, str], parent: pulumi.Resource) -> WayOut:
    """A regional gateway has no subnet. Every zone is listed with an address: AWS would choose others by itself, which
    nobody can put on an allow-list, and a zone that is not listed has no way out."""
    role = f"{name}-nat-regional"
    # Not the addresses of `per-az`: when the mode is changed, the old gateways still hold theirs.
    addresses = {zone: _address(f"{role}-{zone}", args, parent) for zone in serving}
    gateway = aws.ec2.NatGateway(
        role,
        availability_mode="regional",
        vpc_id=args.vpc_id,
        availability_zone_addresses=[
            aws.ec2.NatGatewayAvailabilityZoneAddressArgs(
                availability_zone=zone, allocation_ids=[address.allocation_id]
            )
            for zone, address in addresses.items()
        ],
        tags=tags(role, "public"),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[args.gateway]),
    )
    routes = {
        zone: aws.ec2.Route(
            f"{name}-private-{zone}-out",
            route_table_id=args.private.tables[zone].id,
            destination_cidr_block=ANYWHERE,
            nat_gateway_id=gateway.id,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        for zone in serving
    }
    return WayOut(
        routes=routes,
        public_ips=[address.public_ip for address in addresses.values()],
        signals=_signals(role, "regional NAT gateway", gateway),
    )


def _through_instance(name: str, args: WayOutArgs, serving: Mapping[str, str], parent: pulumi.Resource) -> WayOut:
    zone = next(iter(serving.values()))
    instance = NatInstance(
        f"{name}-nat-instance",
        NatInstanceArgs(
            vpc_id=args.vpc_id,
            vpc_cidr=args.vpc_cidr,
            subnet_id=args.public.subnets[zone].id,
            zone=zone,
            clients={zone: args.private.blocks[zone] for zone in serving},
            connected=_standing(args, zone),
            location=args.location,
            protected=args.protected,
        ),
        pulumi.ResourceOptions(parent=parent),
    )
    routes = {
        zone: aws.ec2.Route(
            f"{name}-private-{zone}-out",
            route_table_id=args.private.tables[zone].id,
            destination_cidr_block=ANYWHERE,
            network_interface_id=instance.interface_id,
            # Who waits for the route waits for the first instance: the interface alone forwards nothing.
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[instance.ready]),
        )
        for zone in serving
    }
    return WayOut(routes=routes, public_ips=[instance.public_ip], signals=instance.signals)


def _standing(args: WayOutArgs, zone: str) -> list[pulumi.Resource]:
    """What connects whatever stands in the public subnet of a zone."""
    return [args.public.associations[zone], *args.connected[zone]]


def _address(name: str, args: WayOutArgs, parent: pulumi.Resource) -> aws.ec2.Eip:
    return aws.ec2.Eip(
        name,
        domain="vpc",
        tags=tags(name, "public"),
        opts=pulumi.ResourceOptions(parent=parent, protect=args.protected),
    )


def _signals(name: str, who: str, gateway: aws.ec2.NatGateway) -> list[Signal]:
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
            meaning=f"The {who} has run out of ports to a destination: new outgoing connections fail.",
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
            meaning=f"The {who} drops more than 0.01 % of its packets: outgoing traffic suffers.",
            runbook=RUNBOOK,
        ),
    ]
