"""The way out of the private tier, and the addresses that partners see."""

from pathlib import Path
from typing import Any, get_args

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.contracts import Severity, Signal
from components.network import Network, NetworkArgs
from components.network.nat import gateway_zones
from settings.location import Location
from settings.network import NatMode, NetworkSettings

EIP, NAT, ROUTE = "aws:ec2/eip:Eip", "aws:ec2/natGateway:NatGateway", "aws:ec2/route:Route"
ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]


def network(nat: str, protected: bool = True, zones: list[str] = ZONES) -> Network:
    settings = NetworkSettings.model_validate(
        {
            "cidr": "10.20.0.0/16",
            "availabilityZones": zones,
            "subnetMask": 24,
            "nat": nat,
            "endpoints": [],
            "flowLogs": {"retentionDays": 14},
        }
    )
    here = Location.of("us-east-1", "111122223333")
    return Network(
        "network",
        NetworkArgs(settings=settings, location=here, protected=protected, log_key_arn="arn:aws:kms:::key/logs"),
    )


def gateway_behind_private_routes(deployment: Any) -> dict[str, str]:
    """Zone of a private subnet -> name of the NAT gateway that its default route leads to."""
    found = {}
    for name, route in deployment.of(ROUTE).items():
        if name.startswith("network-private-"):
            (gateway,) = route.property_dependencies["natGatewayId"]
            (table,) = route.property_dependencies["routeTableId"]
            zone = name.removeprefix("network-private-").removesuffix("-out")
            assert table.endswith(f"::network-private-{zone}")
            assert route.inputs["destinationCidrBlock"] == "0.0.0.0/0"
            found[zone] = gateway.rsplit("::", 1)[1]
    return found


def test_each_zone_goes_out_through_the_gateway_of_its_own(deploy: Any) -> None:
    deployment = deploy(lambda: network("per-az"))
    assert gateway_behind_private_routes(deployment) == {zone: f"network-nat-{zone}" for zone in ZONES}
    for zone in ZONES:
        gateway = deployment.of(NAT)[f"network-nat-{zone}"]
        (subnet,) = gateway.property_dependencies["subnetId"]
        assert subnet.endswith(f"::network-public-{zone}"), "it stands in the public subnet of its zone"


def test_a_single_gateway_serves_all_zones_from_the_first(deploy: Any) -> None:
    deployment = deploy(lambda: network("single"))
    assert list(deployment.of(NAT)) == list(deployment.of(EIP)) == ["network-nat-us-east-1a"]
    assert gateway_behind_private_routes(deployment) == dict.fromkeys(ZONES, "network-nat-us-east-1a")


def test_without_nat_there_is_neither_a_gateway_nor_an_address_nor_a_private_route(deploy: Any) -> None:
    deployment = deploy(lambda: network("none"))
    assert deployment.of(NAT) == deployment.of(EIP) == {}
    assert gateway_behind_private_routes(deployment) == {}
    assert deployment.built.nat_public_ips == []
    assert deployment.built.signals == []


def test_the_allow_list_holds_exactly_the_addresses_of_the_gateways(deploy: Any) -> None:
    seen: list[str] = []

    def build() -> Network:
        built = network("per-az")
        pulumi.Output.all(*built.nat_public_ips).apply(seen.extend)
        return built

    deployment = deploy(build)
    assert len(set(seen)) == 3
    for name, gateway in deployment.of(NAT).items():
        (address,) = gateway.property_dependencies["allocationId"]
        assert address.endswith(f"Eip::{name}")


@pytest.mark.parametrize("protected", [True, False])
def test_addresses_that_partners_know_are_protected_where_the_stack_is(deploy: Any, protected: bool) -> None:
    assert {address.protect for address in deploy(lambda: network("single", protected)).of(EIP).values()} == {protected}


def test_a_gateway_waits_for_the_internet_gateway(deploy: Any) -> None:
    (gateway,) = deploy(lambda: network("single")).of(NAT).values()
    assert [urn for urn in gateway.dependencies if "InternetGateway" in urn]


def test_each_gateway_is_watched_for_ports_and_drops(deploy: Any) -> None:
    watched: list[str] = []

    def build() -> Network:
        built = network("per-az")
        for signal in built.signals:
            for metric in signal.metrics.values():
                assert list(metric.dimensions) == ["NatGatewayId"]
                pulumi.Output.from_input(metric.dimensions["NatGatewayId"]).apply(watched.append)
        return built

    signals: list[Signal] = deploy(build).built.signals
    assert [signal.name for signal in signals] == [
        f"network-nat-{z}-{topic}" for z in ZONES for topic in ("ports", "drops")
    ]
    assert {signal.runbook for signal in signals} == {"nat.md"}
    assert (Path(__file__).parents[2] / "docs" / "runbooks" / "nat.md").is_file()
    assert len(set(watched)) == 3
    ports, drops = signals[:2]
    assert (ports.severity, ports.threshold, ports.evaluation_periods) == (Severity.CRITICAL, 0, 15)
    assert (drops.severity, drops.threshold) == (Severity.WARNING, 0.01)
    assert isinstance(drops.expression, str)
    assert all(name in drops.expression for name in drops.metrics)


def test_a_regional_gateway_serves_every_zone_with_addresses_of_our_own(deploy: Any) -> None:
    deployment = deploy(lambda: network("regional"))
    gateway = deployment.one(NAT)
    assert gateway.inputs["availabilityMode"] == "regional"
    assert not {"subnetId", "allocationId"} & gateway.inputs.keys(), "AWS refuses them in this mode"
    assert types_behind(gateway.property_dependencies["vpcId"]) == {"aws:ec2/vpc:Vpc"}
    listed = {
        entry["availabilityZone"]: entry["allocationIds"] for entry in gateway.inputs["availabilityZoneAddresses"]
    }
    assert list(listed) == ZONES, "a zone that is not listed has no way out"
    assert len({tuple(ids) for ids in listed.values()}) == 3
    assert gateway.property_dependencies["availabilityZoneAddresses"] == {e.urn for e in deployment.of(EIP).values()}
    assert gateway_behind_private_routes(deployment) == dict.fromkeys(ZONES, "network-nat-regional")
    assert [urn for urn in gateway.dependencies if "InternetGateway" in urn]


def test_the_allow_list_of_a_regional_gateway_has_an_address_for_each_zone(deploy: Any) -> None:
    seen: list[str] = []

    def build() -> Network:
        built = network("regional")
        pulumi.Output.all(*built.nat_public_ips).apply(seen.extend)
        return built

    deployment = deploy(build)
    assert len(set(seen)) == 3
    assert {address.protect for address in deployment.of(EIP).values()} == {True}


def test_a_regional_gateway_is_watched_as_one(deploy: Any) -> None:
    signals = deploy(lambda: network("regional")).built.signals
    assert [signal.name for signal in signals] == ["network-nat-regional-ports", "network-nat-regional-drops"]
    assert {signal.runbook for signal in signals} == {"nat.md"}
    assert all("regional NAT gateway" in signal.meaning for signal in signals)


def test_a_zone_more_replaces_no_gateway_and_moves_no_address_of_any_mode(deploy: Any) -> None:
    for mode in ("single", "per-az", "regional"):
        before, after = deploy(lambda: network(mode, zones=ZONES[:2])), deploy(lambda: network(mode))  # noqa: B023
        assert set(before.urns) < set(after.urns)
        for kind in (EIP, ROUTE):
            assert {name: after.inputs(kind)[name] for name in before.of(kind)} == before.inputs(kind)
        for name, was in before.inputs(NAT).items():
            now = after.inputs(NAT)[name]
            listed = "availabilityZoneAddresses"  # AWS adds a zone to a regional gateway in place
            assert {key: now[key] for key in was if key != listed} == {key: was[key] for key in was if key != listed}
            assert now.get(listed, [])[: len(was.get(listed, []))] == was.get(listed, [])


@pytest.mark.parametrize(("mode", "other"), [("per-az", "regional"), ("single", "instance"), ("single", "regional")])
def test_a_change_of_mode_takes_no_address_that_the_old_way_still_holds(deploy: Any, mode: str, other: str) -> None:
    before, after = deploy(lambda: network(mode)), deploy(lambda: network(other))
    assert set(before.of(EIP)) & set(after.of(EIP)) == set()
    assert set(before.of(ROUTE)) == set(after.of(ROUTE)), "a route is led elsewhere in place"


def types_behind(urns: Any) -> set[str]:
    return {urn.split("::")[2].split("$")[-1] for urn in urns}


@given(st.lists(st.sampled_from("abcdef"), unique=True, min_size=1), st.sampled_from("ghi"))
def test_a_zone_added_at_the_end_leaves_every_gateway_where_it_is(zones: list[str], new: str) -> None:
    for mode in get_args(NatMode):
        before, after = gateway_zones(mode, zones), gateway_zones(mode, [*zones, new])
        assert {zone: after[zone] for zone in before} == before
        assert set(after.values()) <= set(zones) | {new}
