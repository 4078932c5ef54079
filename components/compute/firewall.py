"""Which packets a service may send and get: from whoever may call it, to the stores it uses, to port 443, to what its
settings name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.contracts import Access, AwsInside, Opening
from settings.egress import HTTPS_PORT, DestinationSettings, EgressSettings, network

WORLD = "0.0.0.0/0"
WORLD_IPV6 = "::/0"


@dataclass(frozen=True, kw_only=True)
class Door:
    """The port of the service that the load balancer's group reaches."""

    port: int
    load_balancer_group_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class FirewallArgs:
    """The stores that the service uses, and the door for who calls it; without one nobody can.

    `ipv6` says that its tasks have IPv6 addresses as well, `egress` what it may reach beside the stores; with
    `internet: none` that is AWS, as far as it is reached `inside` the VPC. Without `egress` it reaches the stores
    alone.
    """

    vpc_id: pulumi.Input[str]
    access: Mapping[str, Access]
    inside: AwsInside | None = None
    door: Door | None = None
    ipv6: bool = False
    egress: EgressSettings | None = field(default_factory=EgressSettings)


@dataclass(frozen=True, kw_only=True)
class Firewall:
    """The service's group, and the rules without which its tasks neither start nor become healthy."""

    group_id: pulumi.Output[str]
    rules: list[pulumi.Resource]


def make(name: str, args: FirewallArgs, opts: pulumi.ResourceOptions) -> Firewall:
    """One group for the service; every rule names a group or, outwards, a range and a port. Nothing else gets through.

    A rule at somebody else's group (the load balancer's, a store's) is still ours: it goes when the service goes.
    """
    group = aws.ec2.SecurityGroup(
        f"{name}-group", vpc_id=args.vpc_id, description=f"Tasks of the service {name}", opts=opts
    )
    rules: list[pulumi.Resource] = [
        *([] if args.door is None else _from_load_balancer(name, args.door, group.id, opts)),
        *([] if args.egress is None else _outwards(name, args, args.egress, group.id, opts)),
    ]
    for store, access in sorted(args.access.items()):
        if access.opening is not None:
            rules += to_store(name, store, access.opening, group.id, opts)
    return Firewall(group_id=group.id, rules=rules)


def _outwards(
    name: str, args: FirewallArgs, egress: EgressSettings, group_id: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    return [
        *(_to_world if egress.internet == "https" else _to_aws)(name, args, group_id, opts),
        *(_to_place(name, place, group_id, opts) for place in egress.to),
    ]


def _from_load_balancer(
    name: str, door: Door, group_id: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    return [
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-egress-at-lb",
            security_group_id=door.load_balancer_group_id,
            referenced_security_group_id=group_id,
            ip_protocol="tcp",
            from_port=door.port,
            to_port=door.port,
            description=f"Requests and health checks to {name}",
            opts=opts,
        ),
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-ingress-lb",
            security_group_id=group_id,
            referenced_security_group_id=door.load_balancer_group_id,
            ip_protocol="tcp",
            from_port=door.port,
            to_port=door.port,
            description="Requests and health checks of the load balancer",
            opts=opts,
        ),
    ]


def _to_world(
    name: str, args: FirewallArgs, group_id: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """Registries, AWS APIs (through NAT or an endpoint) and partners. DNS to the VPC's resolver needs no rule."""
    description = "HTTPS to image registries, AWS APIs and partners"
    rules: list[pulumi.Resource] = [
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-egress-https",
            security_group_id=group_id,
            cidr_ipv4=WORLD,
            ip_protocol="tcp",
            from_port=HTTPS_PORT,
            to_port=HTTPS_PORT,
            description=description,
            opts=opts,
        )
    ]
    if args.ipv6:
        rules.append(
            aws.vpc.SecurityGroupEgressRule(
                f"{name}-egress-https-ipv6",
                security_group_id=group_id,
                cidr_ipv6=WORLD_IPV6,
                ip_protocol="tcp",
                from_port=HTTPS_PORT,
                to_port=HTTPS_PORT,
                description=f"{description}, IPv6",
                opts=opts,
            )
        )
    return rules


def _to_aws(
    name: str, args: FirewallArgs, group_id: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """AWS through endpoints: the interface endpoints are somewhere in the VPC, the gateways are prefix lists."""
    assert args.inside is not None, "settings have seen to it that the network has endpoints"
    described = "HTTPS to AWS through {}"
    interfaces = aws.vpc.SecurityGroupEgressRule(
        f"{name}-egress-endpoints",
        security_group_id=group_id,
        cidr_ipv4=args.inside.cidr,
        ip_protocol="tcp",
        from_port=HTTPS_PORT,
        to_port=HTTPS_PORT,
        description=described.format("interface endpoints"),
        opts=opts,
    )
    gateways = [
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-egress-{service}",
            security_group_id=group_id,
            prefix_list_id=prefix_list,
            ip_protocol="tcp",
            from_port=HTTPS_PORT,
            to_port=HTTPS_PORT,
            description=described.format(f"the gateway endpoint of {service}"),
            opts=opts,
        )
        for service, prefix_list in sorted(args.inside.prefix_lists.items())
    ]
    return [interfaces, *gateways]


def _to_place(
    name: str, place: DestinationSettings, group_id: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> pulumi.Resource:
    """Named after what it opens, so that neither order nor another place moves it."""
    range_ = network(place.cidr)
    start = str(range_.network_address).replace(".", "-").replace(":", "-")
    return aws.vpc.SecurityGroupEgressRule(
        f"{name}-egress-{place.protocol}-{place.port}-{start}-{range_.prefixlen}",
        security_group_id=group_id,
        cidr_ipv4=str(range_) if range_.version == 4 else None,
        cidr_ipv6=str(range_) if range_.version == 6 else None,
        ip_protocol=place.protocol,
        from_port=place.port,
        to_port=place.port,
        description=f"{place.protocol.upper()} {place.port} to {range_}",
        opts=opts,
    )


def to_store(
    name: str,
    store: str,
    opening: Opening,
    group_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    *,
    who: str = "the service",
) -> list[pulumi.Resource]:
    """The two rules that let the service, or `who` it is whose group is `group_id`, through an opening."""
    return [
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-egress-to-{store}",
            security_group_id=group_id,
            referenced_security_group_id=opening.security_group_id,
            ip_protocol="tcp",
            from_port=opening.port,
            to_port=opening.port,
            description=opening.description,
            opts=opts,
        ),
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-ingress-at-{store}",
            security_group_id=opening.security_group_id,
            referenced_security_group_id=group_id,
            ip_protocol="tcp",
            from_port=opening.port,
            to_port=opening.port,
            description=f"{opening.description}, from {who} {name}",
            opts=opts,
        ),
    ]
