"""Exceptions from the block of public access: for what must be reached or go out, and never for data."""

from typing import Any

import pulumi_aws as aws
import pytest

from components.network import Network, NetworkArgs
from settings.location import Location
from settings.network import NetworkSettings

EXCEPTION = "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion"
ZONES = ["us-east-1a", "us-east-1b"]


def network(on: bool = True, nat: str = "per-az", ipv6: bool = False, zones: list[str] = ZONES) -> Network:
    settings = NetworkSettings.model_validate(
        {
            "cidr": "10.20.0.0/16",
            "availabilityZones": zones,
            "subnetMask": 24,
            "nat": nat,
            "endpoints": [],
            "flowLogs": {"retentionDays": 14},
            "blockPublicAccess": on,
            "ipv6": ipv6,
        }
    )
    here = Location.of("us-east-1", "111122223333")
    return Network(
        "network", NetworkArgs(settings=settings, location=here, protected=True, log_key_arn="arn:aws:kms:::key/logs")
    )


def exceptions(made: Any) -> dict[str, str]:
    """Name of the subnet -> mode."""
    found = {}
    for name, exception in made.of(EXCEPTION).items():
        (subnet,) = exception.property_dependencies["subnetId"]
        assert subnet.endswith(f"Subnet::{name}")
        assert "vpcId" not in exception.inputs, "that would open the data tier as well"
        found[name] = exception.inputs["internetGatewayExclusionMode"]
    return found


def test_public_subnets_and_no_others_are_excepted(deploy: Any) -> None:
    assert exceptions(deploy(network)) == {f"network-public-{zone}": "allow-bidirectional" for zone in ZONES}


def test_with_ipv6_private_subnets_may_go_out_but_are_not_reached(deploy: Any) -> None:
    assert exceptions(deploy(lambda: network(ipv6=True))) == {
        **{f"network-public-{zone}": "allow-bidirectional" for zone in ZONES},
        **{f"network-private-{zone}": "allow-egress" for zone in ZONES},
    }


@pytest.mark.parametrize("ipv6", [True, False])
def test_the_data_tier_stays_blocked(deploy: Any, ipv6: bool) -> None:
    assert not [name for name in exceptions(deploy(lambda: network(ipv6=ipv6))) if "data" in name]


def test_a_stack_never_turns_the_block_of_its_account_on_or_off(deploy: Any) -> None:
    made = deploy(network)
    assert made.of("aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions") == {}


def test_without_the_setting_there_is_no_exception(deploy: Any) -> None:
    assert exceptions(deploy(lambda: network(on=False, ipv6=True))) == {}


@pytest.mark.parametrize("tier", ["public", "private"])
def test_who_needs_the_world_waits_for_the_exception_of_its_zone(deploy: Any, tier: str) -> None:
    def build() -> object:
        return aws.rds.SubnetGroup("consumer", subnet_ids=getattr(network(ipv6=True), f"{tier}_subnet_ids")[:1])

    waits = deploy(build).one("aws:rds/subnetGroup:SubnetGroup").dependencies
    assert {urn.rsplit("::", 1)[1] for urn in waits if EXCEPTION in urn.split("::")[2]} == {
        f"network-{tier}-us-east-1a"
    }


@pytest.mark.parametrize("nat", ["single", "per-az"])
def test_a_gateway_comes_after_the_exception_of_its_subnet(deploy: Any, nat: str) -> None:
    made = deploy(lambda: network(nat=nat))
    for name, gateway in made.of("aws:ec2/natGateway:NatGateway").items():
        subnet = name.replace("nat", "public")
        assert [urn for urn in gateway.dependencies if urn.endswith(f"Exclusion::{subnet}")]


def test_an_instance_sets_itself_up_after_the_exception_of_its_subnet(deploy: Any) -> None:
    made = deploy(lambda: network(nat="instance"))
    needs = made.one("aws:autoscaling/group:Group").dependencies
    assert [urn for urn in needs if urn.endswith("Exclusion::network-public-us-east-1a")]


def test_a_zone_more_changes_no_exception(deploy: Any) -> None:
    before, after = deploy(network), deploy(lambda: network(zones=[*ZONES, "us-east-1c"]))
    assert {name: after.inputs(EXCEPTION)[name] for name in before.of(EXCEPTION)} == before.inputs(EXCEPTION)
