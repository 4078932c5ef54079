"""The network: one VPC, three tiers in every availability zone, and the ways out of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Signal
from components.network.endpoints import Endpoints, EndpointsArgs
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from components.network.nat import way_out
from components.network.tiers import ANYWHERE, Tiers, connected_ids, ids
from settings.address_plan import plan
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

    Only the public tier has a route to the internet gateway, the private tier goes out through NAT (or not at all), the
    data tier has no default route in either direction. What AWS makes by itself (main route table, default security
    group) is emptied, so that forgetting an association isolates instead of exposing.
    """

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
        child = pulumi.ResourceOptions(parent=self)
        settings = args.settings
        blocks = plan(settings.cidr, settings.subnet_mask, settings.availability_zones)

        vpc = _vpc(name, str(settings.cidr), child)
        tiers = Tiers(name, vpc, parent=self)
        public = tiers.with_one_table("public", blocks.tier("public"))
        private = tiers.with_table_per_zone("private", blocks.tier("private"))
        data = tiers.with_one_table("data", blocks.tier("data"))

        gateway = aws.ec2.InternetGateway(name, vpc_id=vpc.id, tags={"Name": name}, opts=child)
        to_internet = aws.ec2.Route(
            f"{name}-public-out",
            route_table_id=public.distinct_tables[0].id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
            opts=child,
        )
        out = way_out(name, settings.nat, public, private, gateway, protected=args.protected, parent=self)
        endpoints = Endpoints(
            f"{name}-endpoints",
            EndpointsArgs(
                services=settings.endpoints,
                vpc_id=vpc.id,
                vpc_cidr=str(settings.cidr),
                route_table_ids=[table.id for table in [*private.distinct_tables, *data.distinct_tables]],
                subnet_ids=ids(private),
                location=args.location,
            ),
            child,
        )
        self._flow_logs(name, args, vpc)

        self.vpc_id = vpc.id
        self.public_subnet_ids = connected_ids(public, dict.fromkeys(public.subnets, to_internet))
        self.private_subnet_ids = connected_ids(private, out.routes, otherwise=endpoints.ready)
        self.data_subnet_ids = ids(data)
        self.nat_public_ips = out.public_ips
        self.signals = out.signals
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "publicSubnetIds": self.public_subnet_ids,
                "privateSubnetIds": self.private_subnet_ids,
                "dataSubnetIds": self.data_subnet_ids,
                "natPublicIps": self.nat_public_ips,
            }
        )

    def _flow_logs(self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc) -> None:
        child = pulumi.ResourceOptions(parent=self)
        group = aws.cloudwatch.LogGroup(
            f"{name}-flow-logs",
            retention_in_days=args.settings.flow_logs.retention_days,
            kms_key_id=args.log_key_arn,
            opts=child,
        )
        flow_logs = FlowLogsArgs(vpc_id=vpc.id, log_group_arn=group.arn, location=args.location)
        FlowLogs(f"{name}-flow-logs", flow_logs, child)


def _vpc(name: str, cidr: str, child: pulumi.ResourceOptions) -> aws.ec2.Vpc:
    """The VPC, with the parts that AWS adds on its own taken over and emptied."""
    vpc = aws.ec2.Vpc(
        name,
        cidr_block=cidr,
        enable_dns_support=True,
        enable_dns_hostnames=True,  # private names of interface endpoints need both
        tags={"Name": name},
        opts=child,
    )
    unused = {"Name": f"{name}-unused"}
    aws.ec2.DefaultRouteTable(
        f"{name}-default", default_route_table_id=vpc.default_route_table_id, routes=[], tags=unused, opts=child
    )
    aws.ec2.DefaultSecurityGroup(f"{name}-default", vpc_id=vpc.id, ingress=[], egress=[], tags=unused, opts=child)
    return vpc
