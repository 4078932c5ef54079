"""Exceptions from VPC Block Public Access, for an account that blocks it.

The block itself exists once per account and region and is none of a stack's business (docs/decisions/0003). A stack
says which of its subnets are meant to be public; whatever is not excepted stays blocked, even if somebody gives it a
route to the internet gateway.
"""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.network.tiers import Tier, tags

BOTH_WAYS, OUT = "allow-bidirectional", "allow-egress"


def both_ways(name: str, tier: Tier, opts: pulumi.ResourceOptions) -> Mapping[str, pulumi.CustomResource]:
    """The exceptions, by zone, for subnets that face the world."""
    return _exceptions(name, "public", tier, BOTH_WAYS, opts)


def outwards(name: str, tier: Tier, opts: pulumi.ResourceOptions) -> Mapping[str, pulumi.CustomResource]:
    """The exceptions, by zone, for subnets that go out by themselves, without NAT: with IPv6."""
    return _exceptions(name, "private", tier, OUT, opts)


def _exceptions(
    name: str, which: str, tier: Tier, mode: str, opts: pulumi.ResourceOptions
) -> Mapping[str, pulumi.CustomResource]:
    return {
        zone: aws.ec2.VpcBlockPublicAccessExclusion(
            f"{name}-{which}-{zone}",
            subnet_id=subnet.id,
            internet_gateway_exclusion_mode=mode,
            tags=tags(f"{name}-{which}-{zone}", which),
            opts=opts,
        )
        for zone, subnet in tier.subnets.items()
    }
