"""Which packets a service may send and get: from whoever may call it, to the stores it uses, to port 443 anywhere."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Access, Opening

HTTPS_PORT = 443
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

    `ipv6` says that its tasks have IPv6 addresses as well.
    """

    vpc_id: pulumi.Input[str]
    access: Mapping[str, Access]
    door: Door | None = None
    ipv6: bool = False


@dataclass(frozen=True, kw_only=True)
class Firewall:
    """The service's group, and the rules without which its tasks neither start nor become healthy."""

    group_id: pulumi.Output[str]
    rules: list[pulumi.Resource]


def make(name: str, args: FirewallArgs, opts: pulumi.ResourceOptions) -> Firewall:
    """One group for the service; every rule names a group or, for 443 out, the world. Nothing else gets in or out.

    A rule at somebody else's group (the load balancer's, a store's) is still ours: it goes when the service goes.
    """
    group = aws.ec2.SecurityGroup(
        f"{name}-group", vpc_id=args.vpc_id, description=f"Tasks of the service {name}", opts=opts
    )
    rules: list[pulumi.Resource] = [
        *([] if args.door is None else _from_load_balancer(name, args.door, group.id, opts)),
        *_to_world(name, args, group.id, opts),
    ]
    for store, access in sorted(args.access.items()):
        if access.opening is not None:
            rules += _to_store(name, store, access.opening, group.id, opts)
    return Firewall(group_id=group.id, rules=rules)


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


def _to_store(
    name: str, store: str, opening: Opening, group_id: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
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
            description=f"{opening.description}, from the service {name}",
            opts=opts,
        ),
    ]
