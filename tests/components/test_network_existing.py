"""A network that exists: its ids are handed on, nothing of it is made or changed."""

from typing import Any

import pulumi

from components.network import Network, NetworkArgs
from settings.location import Location
from settings.network import NetworkSettings

ZONES = ["us-east-1b", "us-east-1a"]


def subnets(zone: str) -> dict[str, str]:
    return {tier: f"subnet-{zone[-1]}{digit}000000" for digit, tier in enumerate(("public", "private", "data"))}


def network(zones: list[str] = ZONES) -> Network:
    settings = NetworkSettings.model_validate(
        {
            "cidr": "10.20.0.0/16",
            "availabilityZones": zones,
            "subnetMask": None,
            "nat": "existing",
            "endpoints": ["s3"],
            "flowLogs": {"retentionDays": 14},
            "existing": {
                "vpcId": "vpc-0123456789abcdef0",
                "subnets": {zone: subnets(zone) for zone in sorted(zones)},
            },
        }
    )
    here = Location.of("us-east-1", "111122223333")
    return Network(
        "network", NetworkArgs(settings=settings, location=here, protected=True, log_key_arn="arn:aws:kms:::key/logs")
    )


def test_only_the_record_of_connections_is_made(deploy: Any) -> None:
    made = deploy(network)
    kinds = {r.type for r in made.registered if r.type.startswith("aws:")}
    assert kinds == {
        "aws:ec2/flowLog:FlowLog",
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
    }
    log = made.one("aws:ec2/flowLog:FlowLog").inputs
    assert (log["vpcId"], log["trafficType"]) == ("vpc-0123456789abcdef0", "ALL")


def test_ids_come_by_tier_in_the_order_of_the_zones(deploy: Any) -> None:
    seen: dict[str, list[str]] = {}

    def build() -> Network:
        built = network()
        for tier in ("public", "private", "data"):
            pulumi.Output.all(*getattr(built, f"{tier}_subnet_ids")).apply(
                lambda ids, tier=tier: seen.__setitem__(tier, list(ids))  # type: ignore[misc]
            )
        built.vpc_id.apply(lambda id_: seen.__setitem__("vpc", [id_]))
        return built

    deploy(build)
    assert seen == {
        "vpc": ["vpc-0123456789abcdef0"],
        "public": ["subnet-b0000000", "subnet-a0000000"],
        "private": ["subnet-b1000000", "subnet-a1000000"],
        "data": ["subnet-b2000000", "subnet-a2000000"],
    }


def test_what_is_not_ours_is_neither_exported_nor_watched(deploy: Any) -> None:
    built = deploy(network).built
    assert built.nat_public_ips == []
    assert built.signals == []
