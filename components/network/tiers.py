"""Subnets and route tables of the three tiers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True)
class Tier:
    """Subnets and what routes them, by availability zone; two zones may share a table."""

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

    def with_one_table(self, tier: str, blocks: Mapping[str, IPv4Network]) -> Tier:
        """A tier whose zones share one route table."""
        table = self._table(tier, tier)
        return self._tier(tier, blocks, dict.fromkeys(blocks, table))

    def with_table_per_zone(self, tier: str, blocks: Mapping[str, IPv4Network]) -> Tier:
        """A tier in which each zone has its own route table, so that each can have its own way out."""
        return self._tier(tier, blocks, {zone: self._table(tier, f"{tier}-{zone}") for zone in blocks})

    def _table(self, tier: str, role: str) -> aws.ec2.RouteTable:
        name = f"{self._name}-{role}"
        return aws.ec2.RouteTable(name, vpc_id=self._vpc.id, tags=tags(name, tier), opts=self._child)

    def _tier(self, tier: str, blocks: Mapping[str, IPv4Network], tables: Mapping[str, aws.ec2.RouteTable]) -> Tier:
        subnets = {zone: self._subnet(tier, zone, block) for zone, block in blocks.items()}
        associations = {
            zone: aws.ec2.RouteTableAssociation(
                f"{self._name}-{tier}-{zone}", subnet_id=subnet.id, route_table_id=tables[zone].id, opts=self._child
            )
            for zone, subnet in subnets.items()
        }
        return Tier(subnets=subnets, associations=associations, tables=tables)

    def _subnet(self, tier: str, zone: str, block: IPv4Network) -> aws.ec2.Subnet:
        name = f"{self._name}-{tier}-{zone}"
        return aws.ec2.Subnet(
            name,
            vpc_id=self._vpc.id,
            availability_zone=zone,
            cidr_block=str(block),
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


def connected_ids(
    tier: Tier, routes: Mapping[str, aws.ec2.Route], otherwise: Sequence[pulumi.Output[str]] = ()
) -> list[pulumi.Output[str]]:
    """As `ids`, but each known only when its subnet is connected: associated, and with its way out, which is its route
    or, if it has none, all of `otherwise`.

    AWS refuses an internet-facing load balancer while the VPC has no internet gateway, and a task that starts before
    its NAT gateway or its endpoints cannot fetch its image, which the deployment's circuit breaker would count as a
    failure.
    """
    return [
        _after(subnet.id, [tier.associations[zone].id, *([routes[zone].id] if zone in routes else otherwise)])
        for zone, subnet in tier.subnets.items()
    ]


def _after(value: pulumi.Output[str], others: Sequence[pulumi.Output[str]]) -> pulumi.Output[str]:
    return pulumi.Output.all(value, *others).apply(lambda values: str(values[0]))
