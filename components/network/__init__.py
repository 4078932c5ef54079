"""The network: one VPC, three tiers in every availability zone, and the ways out of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import AwsInside, Signal, Site
from components.network import brought, made
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from settings.location import Location
from settings.network import NetworkSettings


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Shape and place of the network, and the key of its flow logs."""

    settings: NetworkSettings
    location: Location
    protected: bool
    log_key_arn: pulumi.Input[str]


class Network(pulumi.ComponentResource):
    """Public, private and data subnets in each zone, keyed by zone: adding a zone moves nothing that exists.

    Only the public tier has a route to the internet gateway, the private tier goes out through NAT (or not at all) and,
    with IPv6, through a gateway that lets nothing in; the data tier has no default route in either direction, and no
    IPv6. What AWS makes by itself (main route table, default security group) is emptied, so that forgetting an
    association isolates instead of exposing.

    An existing network is brought by its ids instead; then these promises are its owner's, and only its flow logs are
    made here.
    """

    site: Site
    """What stands in this network is given this."""
    vpc_id: pulumi.Output[str]
    public_subnet_ids: Sequence[pulumi.Output[str]]
    """One per zone; known when the subnet has its route to the internet gateway."""
    private_subnet_ids: Sequence[pulumi.Output[str]]
    """One per zone; known when the subnet has its way out: NAT, or in a stack without NAT the endpoints."""
    data_subnet_ids: Sequence[pulumi.Output[str]]
    """One per zone; known when the subnet exists. Nothing that stores data waits for a way out."""
    nat_public_ips: Sequence[pulumi.Output[str]]
    """What partners put on their allow-lists."""
    signals: Sequence[Signal]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:network:Network", name, None, opts)
        settings = args.settings
        if settings.existing is not None:
            parts = brought.bring(settings.existing, settings.availability_zones)
        else:
            parts = made.make(name, settings, args.location, protected=args.protected, parent=self)
        self._flow_logs(name, args, parts.vpc_id)

        self.vpc_id = parts.vpc_id
        self.public_subnet_ids = parts.public
        self.private_subnet_ids = parts.private
        self.data_subnet_ids = parts.data
        self.nat_public_ips = parts.nat_public_ips
        self.site = Site(
            vpc_id=parts.vpc_id,
            public_subnet_ids=parts.public,
            private_subnet_ids=parts.private,
            data_subnet_ids=parts.data,
            ipv6=settings.ipv6,
            inside=AwsInside(cidr=str(settings.cidr), prefix_lists=parts.prefix_lists),
        )
        self.signals = parts.signals
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "publicSubnetIds": self.public_subnet_ids,
                "privateSubnetIds": self.private_subnet_ids,
                "dataSubnetIds": self.data_subnet_ids,
                "natPublicIps": self.nat_public_ips,
            }
        )

    def _flow_logs(self, name: str, args: NetworkArgs, vpc_id: pulumi.Input[str]) -> None:
        child = pulumi.ResourceOptions(parent=self)
        group = aws.cloudwatch.LogGroup(
            f"{name}-flow-logs",
            retention_in_days=args.settings.flow_logs.retention_days,
            kms_key_id=args.log_key_arn,
            opts=child,
        )
        flow_logs = FlowLogsArgs(vpc_id=vpc_id, log_group_arn=group.arn, location=args.location)
        FlowLogs(f"{name}-flow-logs", flow_logs, child)
