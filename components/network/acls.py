"""Network ACLs: a second lock in front of each tier, that no security group can open.

They keep no state, so the answers to what goes out must be let in again: by the ports that clients choose for
themselves, from 1024 on (VPC guide, ephemeral ports, 2026-09). That is why the private and the public tier are open
there; the data tier is not, as nothing in it talks to the world.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import count

import pulumi
import pulumi_aws as aws

from components.network.tiers import ANYWHERE, ANYWHERE_IPV6, Tier, tags
from settings import address_plan

EVERYTHING = "-1"
CHOSEN_PORTS = (1024, 65535)
WEB_PORTS = (80, 443)
ICMP, ICMP_V6 = "icmp", "58"
STEP = 10  # between the numbers of two rules, so that a person in need can put one between


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One thing that is let through; whatever is not is refused. `icmp` is a type and a code."""

    protocol: str
    ports: tuple[int, int] = (0, 0)
    icmp: tuple[int, int] | None = None
    ipv4: pulumi.Input[str] | None = None
    ipv6: pulumi.Input[str] | None = None


def passes(
    tier: address_plan.Tier, vpc_cidr: IPv4Network, vpc_ipv6_cidr: pulumi.Input[str] | None
) -> tuple[list[Pass], list[Pass]]:
    """What a tier lets in, and what it lets out."""
    inside = [Pass(protocol=EVERYTHING, ipv4=str(vpc_cidr))]
    if tier == "data":
        return inside, inside  # it has no IPv6
    out = [Pass(protocol=EVERYTHING, ipv4=ANYWHERE)]
    answers = [
        *(Pass(protocol=protocol, ports=CHOSEN_PORTS, ipv4=ANYWHERE) for protocol in ("tcp", "udp")),
        Pass(protocol=ICMP, icmp=(3, 4), ipv4=ANYWHERE),  # "too big": without it large packets vanish silently
    ]
    web = [Pass(protocol="tcp", ports=(port, port), ipv4=ANYWHERE) for port in WEB_PORTS]
    if vpc_ipv6_cidr is not None:
        inside = [*inside, Pass(protocol=EVERYTHING, ipv6=vpc_ipv6_cidr)]
        out = [*out, Pass(protocol=EVERYTHING, ipv6=ANYWHERE_IPV6)]
        answers += [
            *(Pass(protocol=protocol, ports=CHOSEN_PORTS, ipv6=ANYWHERE_IPV6) for protocol in ("tcp", "udp")),
            Pass(protocol=ICMP_V6, icmp=(2, 0), ipv6=ANYWHERE_IPV6),
        ]
        web += [Pass(protocol="tcp", ports=(port, port), ipv6=ANYWHERE_IPV6) for port in WEB_PORTS]
    return [*inside, *answers, *(web if tier == "public" else [])], out


def make(
    name: str,
    vpc_id: pulumi.Input[str],
    ranges: tuple[IPv4Network, pulumi.Input[str] | None],
    tiers: Mapping[address_plan.Tier, Tier],
    opts: pulumi.ResourceOptions,
) -> None:
    """One ACL for each tier, associated zone by zone. `ranges` are those of the VPC, the second one in IPv6 if any.

    AWS's default ACL keeps letting everything through: it takes the subnets back when the setting is turned off, and
    must not cut them off then.
    """
    for tier, members in tiers.items():
        ingress, egress = passes(tier, *ranges)
        acl = aws.ec2.NetworkAcl(
            f"{name}-{tier}",
            vpc_id=vpc_id,
            ingress=[
                aws.ec2.NetworkAclIngressArgs(
                    rule_no=number,
                    action="allow",
                    protocol=let.protocol,
                    from_port=let.ports[0],
                    to_port=let.ports[1],
                    icmp_type=let.icmp[0] if let.icmp else None,
                    icmp_code=let.icmp[1] if let.icmp else None,
                    cidr_block=let.ipv4,
                    ipv6_cidr_block=let.ipv6,
                )
                for number, let in _numbered(ingress)
            ],
            egress=[
                aws.ec2.NetworkAclEgressArgs(
                    rule_no=number,
                    action="allow",
                    protocol=let.protocol,
                    from_port=let.ports[0],
                    to_port=let.ports[1],
                    cidr_block=let.ipv4,
                    ipv6_cidr_block=let.ipv6,
                )
                for number, let in _numbered(egress)
            ],
            tags=tags(f"{name}-{tier}", tier),
            opts=opts,
        )
        for zone, subnet in members.subnets.items():
            aws.ec2.NetworkAclAssociation(
                f"{name}-{tier}-{zone}", network_acl_id=acl.id, subnet_id=subnet.id, opts=opts
            )


def _numbered(rules: Sequence[Pass]) -> Iterator[tuple[int, Pass]]:
    return zip(count(STEP, STEP), rules, strict=False)
