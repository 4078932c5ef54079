"""Subnets and route tables of the three tiers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from settings import address_plan

ANYWHERE = "0.0.0.0/0"
ANYWHERE_IPV6 = "::/0"


@dataclass(frozen=True, kw_only=True)
class Tier:
    """Subnets, their IPv4 blocks and what routes them, by availability zone; two zones may share a table."""

    blocks: Mapping[str, IPv4Network]
    subnets: Mapping[str, aws.ec2.Subnet]
    associations: Mapping[str, aws.ec2.RouteTableAssociation]
    tables: Mapping[str, aws.ec2.RouteTable]

    @property
    def distinct_tables(self) -> list[aws.ec2.RouteTable]:
        """Each table once, in the order of the zones."""
        return list({id(table): table for table in self.tables.values()}.values())


class Tiers:
    """Makes tiers in one VPC: every resource a child of the same component, named and tagged by tier and zone."""

    def __init__(self, name: str, vpc: aws.ec2.Vpc, parent: pulumi.Resource) -> None:
        self._name = name
        self._vpc = vpc
        self._child = pulumi.ResourceOptions(parent=parent)

    def with_one_table(self, tier: address_plan.Tier, blocks: Mapping[str, IPv4Network], *, ipv6: bool = False) -> Tier:
        """A tier whose zones share one route table. With `ipv6` its subnets have both kinds of addresses."""
        table = self._table(tier, tier)
        return self._tier(tier, blocks, dict.fromkeys(blocks, table), ipv6)

    def with_table_per_zone(
        self, tier: address_plan.Tier, blocks: Mapping[str, IPv4Network], *, ipv6: bool = False
    ) -> Tier:
        """A tier in which each zone has its own route table, so that each can have its own way out."""
        return self._tier(tier, blocks, {zone: self._table(tier, f"{tier}-{zone}") for zone in blocks}, ipv6)

    def _table(self, tier: str, role: str) -> aws.ec2.RouteTable:
        name = f"{self._name}-{role}"
        return aws.ec2.RouteTable(name, vpc_id=self._vpc.id, tags=tags(name, tier), opts=self._child)

    def _tier(
        self,
        tier: address_plan.Tier,
        blocks: Mapping[str, IPv4Network],
        tables: Mapping[str, aws.ec2.RouteTable],
        ipv6: bool,
    ) -> Tier:
        subnets = {zone: self._subnet(tier, zone, block, ipv6) for zone, block in blocks.items()}
        associations = {
            zone: aws.ec2.RouteTableAssociation(
                f"{self._name}-{tier}-{zone}", subnet_id=subnet.id, route_table_id=tables[zone].id, opts=self._child
            )
            for zone, subnet in subnets.items()
        }
        return Tier(blocks=blocks, subnets=subnets, associations=associations, tables=tables)

    def _subnet(self, tier: address_plan.Tier, zone: str, block: IPv4Network, ipv6: bool) -> aws.ec2.Subnet:
        name = f"{self._name}-{tier}-{zone}"
        of_vpc = self._vpc.ipv6_cidr_block
        return aws.ec2.Subnet(
            name,
            vpc_id=self._vpc.id,
            availability_zone=zone,
            cidr_block=str(block),
            ipv6_cidr_block=of_vpc.apply(lambda given: address_plan.ipv6_block(given, tier, zone)) if ipv6 else None,
            assign_ipv6_address_on_creation=True if ipv6 else None,
            # No tier hands out public addresses: what faces the world (load balancer, NAT) asks for its own.
            map_public_ip_on_launch=False,
            tags=tags(name, tier),
            opts=self._child,
        )


def tags(name: str, tier: str) -> dict[str, str]:
    """What makes a resource recognisable in the console; the stack comes with the provider's default tags."""
    return {"Name": name, "groundwork:tier": tier}


def ids(tier: Tier) -> list[pulumi.Output[str]]:
    """Ids of the subnets in the order of the zones, each as soon as its subnet exists."""
    return [subnet.id for subnet in tier.subnets.values()]


def connected_ids(tier: Tier, needs: Mapping[str, Sequence[pulumi.Output[str]]]) -> list[pulumi.Output[str]]:
    """As `ids`, but each known only when its subnet is connected: associated, and with what it `needs`, by zone: its
    way out, which is its routes or, without any, the endpoints.

    AWS refuses an internet-facing load balancer while the VPC has no internet gateway, and a task that starts before
    its NAT gateway or its endpoints cannot fetch its image, which the deployment's circuit breaker would count as a
    failure.
    """
    return [_after(subnet.id, [tier.associations[zone].id, *needs[zone]]) for zone, subnet in tier.subnets.items()]


def _after(value: pulumi.Output[str], others: Sequence[pulumi.Output[str]]) -> pulumi.Output[str]:
    return pulumi.Output.all(value, *others).apply(lambda values: str(values[0]))
