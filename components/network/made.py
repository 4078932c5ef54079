"""A network of our own: VPC, tiers, the ways out, endpoints."""

import pulumi
import pulumi_aws as aws

from components.network import acls, public_access
from components.network.endpoints import Endpoints, EndpointsArgs
from components.network.nat import WayOutArgs, way_out
from components.network.parts import Parts
from components.network.tiers import ANYWHERE, ANYWHERE_IPV6, Tier, Tiers, connected_ids, ids
from settings.address_plan import plan
from settings.location import Location
from settings.network import NetworkSettings


def make(
    name: str, settings: NetworkSettings, location: Location, *, protected: bool, parent: pulumi.Resource
) -> Parts:
    """The network that the settings describe, every resource a child of `parent`."""
    child = pulumi.ResourceOptions(parent=parent)
    assert settings.subnet_mask is not None, "settings have one whenever they bring no subnets"
    blocks = plan(settings.cidr, settings.subnet_mask, settings.availability_zones)

    vpc = _vpc(name, settings, child)
    tiers = Tiers(name, vpc, parent=parent)
    public = tiers.with_one_table("public", blocks.tier("public"), ipv6=settings.ipv6)
    private = tiers.with_table_per_zone("private", blocks.tier("private"), ipv6=settings.ipv6)
    data = tiers.with_one_table("data", blocks.tier("data"))
    if settings.network_acls:
        ranges = (settings.cidr, vpc.ipv6_cidr_block if settings.ipv6 else None)
        acls.make(name, vpc.id, ranges, {"public": public, "private": private, "data": data}, child)

    gateway = aws.ec2.InternetGateway(name, vpc_id=vpc.id, tags={"Name": name}, opts=child)
    connected = _facing_the_world(name, settings, public, gateway, child)
    out = way_out(
        name,
        WayOutArgs(
            mode=settings.nat,
            vpc_id=vpc.id,
            vpc_cidr=settings.cidr,
            public=public,
            private=private,
            gateway=gateway,
            connected=connected,
            location=location,
            protected=protected,
        ),
        parent=parent,
    )
    out_ipv6 = _out_in_ipv6(name, settings, vpc, private, child)
    endpoints = Endpoints(
        f"{name}-endpoints",
        EndpointsArgs(
            services=settings.endpoints,
            vpc_id=vpc.id,
            vpc_cidr=str(settings.cidr),
            route_table_ids=[table.id for table in [*private.distinct_tables, *data.distinct_tables]],
            subnet_ids=ids(private),
            location=location,
        ),
        child,
    )
    by_route = {zone: [route.id] for zone, route in out.routes.items()}
    return Parts(
        vpc_id=vpc.id,
        public=connected_ids(
            public, {zone: [needed.id for needed in resources] for zone, resources in connected.items()}
        ),
        private=connected_ids(
            private,
            {
                zone: [*by_route.get(zone, endpoints.ready), *(needed.id for needed in out_ipv6[zone])]
                for zone in private.subnets
            },
        ),
        data=ids(data),
        nat_public_ips=out.public_ips,
        signals=out.signals,
        prefix_lists=endpoints.prefix_lists,
    )


def _facing_the_world(
    name: str, settings: NetworkSettings, public: Tier, gateway: aws.ec2.InternetGateway, child: pulumi.ResourceOptions
) -> dict[str, list[pulumi.CustomResource]]:
    """What connects the public subnets to the internet, by zone: routes, and exceptions where the account blocks it."""
    (table,) = public.distinct_tables
    routes: list[pulumi.CustomResource] = [
        aws.ec2.Route(
            f"{name}-public-out",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
            opts=child,
        )
    ]
    if settings.ipv6:
        routes.append(
            aws.ec2.Route(
                f"{name}-public-out-ipv6",
                route_table_id=table.id,
                destination_ipv6_cidr_block=ANYWHERE_IPV6,
                gateway_id=gateway.id,
                opts=child,
            )
        )
    exceptions = public_access.both_ways(name, public, child) if settings.block_public_access else {}
    return {zone: [*routes, *([exceptions[zone]] if exceptions else [])] for zone in public.subnets}


def _out_in_ipv6(
    name: str, settings: NetworkSettings, vpc: aws.ec2.Vpc, private: Tier, child: pulumi.ResourceOptions
) -> dict[str, list[pulumi.CustomResource]]:
    """The way out of the private tier in IPv6, by zone: a gateway through which nobody outside can open a connection.

    It costs nothing, needs no zone, and stands beside NAT, which is for IPv4.
    """
    if not settings.ipv6:
        return {zone: [] for zone in private.subnets}
    gateway = aws.ec2.EgressOnlyInternetGateway(name, vpc_id=vpc.id, tags={"Name": name}, opts=child)
    exceptions = public_access.outwards(name, private, child) if settings.block_public_access else {}
    routes = {
        zone: aws.ec2.Route(
            f"{name}-private-{zone}-out-ipv6",
            route_table_id=table.id,
            destination_ipv6_cidr_block=ANYWHERE_IPV6,
            egress_only_gateway_id=gateway.id,
            opts=child,
        )
        for zone, table in private.tables.items()
    }
    return {zone: [route, *([exceptions[zone]] if exceptions else [])] for zone, route in routes.items()}


def _vpc(name: str, settings: NetworkSettings, child: pulumi.ResourceOptions) -> aws.ec2.Vpc:
    """The VPC, with the parts that AWS adds on its own taken over and emptied."""
    vpc = aws.ec2.Vpc(
        name,
        cidr_block=str(settings.cidr),
        assign_generated_ipv6_cidr_block=True if settings.ipv6 else None,
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
