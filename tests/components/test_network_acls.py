"""Network ACLs: packets are sent through the rules as AWS would, first match, no memory of what went out."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from components.network import Network, NetworkArgs
from settings.location import Location
from settings.network import NetworkSettings
from tests.gathered import for_each

ACL, ASSOCIATION = "aws:ec2/networkAcl:NetworkAcl", "aws:ec2/networkAclAssociation:NetworkAclAssociation"
SUBNET = "aws:ec2/subnet:Subnet"
ZONES = ["us-east-1a", "us-east-1b"]
WEB, PRIVATE, DATA, WORLD = "10.20.0.9", "10.20.1.9", "10.20.2.9", "203.0.113.9"
WORLD_IPV6 = "2001:db8::9"


def network(on: bool = True, zones: Sequence[str] = ZONES, ipv6: bool = False) -> Network:
    settings = NetworkSettings.model_validate(
        {
            "cidr": "10.20.0.0/16",
            "availabilityZones": zones,
            "subnetMask": 24,
            "nat": "single",
            "endpoints": ["s3"],
            "flowLogs": {"retentionDays": 14},
            "networkAcls": on,
            "ipv6": ipv6,
        }
    )
    here = Location.of("us-east-1", "111122223333")
    return Network(
        "network", NetworkArgs(settings=settings, location=here, protected=True, log_key_arn="arn:aws:kms:::key/logs")
    )


def lets(
    rules: Sequence[Mapping[str, Any]], other: str, protocol: str, port: int, icmp: tuple[int, int] = (0, 0)
) -> bool:
    """Whether the rules, lowest number first, let a packet from or to `other` through; none means no."""
    for rule in sorted(rules, key=lambda rule: rule["ruleNo"]):
        block = ip_network(rule.get("cidrBlock") or rule["ipv6CidrBlock"])
        if block.version != ip_address(other).version or ip_address(other) not in block:
            continue
        if rule["protocol"] == "-1":
            return bool(rule["action"] == "allow")
        ports = rule["fromPort"] <= port <= rule["toPort"]
        if rule["protocol"] == protocol and (
            (rule.get("icmpType"), rule.get("icmpCode")) == icmp if protocol in {"icmp", "58"} else ports
        ):
            return bool(rule["action"] == "allow")
    return False


@pytest.fixture(scope="module")
def acls() -> dict[str, Mapping[str, Any]]:
    from tests.conftest import Deployment  # noqa: PLC0415 - pytest has loaded it by then

    found = Deployment(lambda: network(ipv6=True)).inputs(ACL)
    return {name.removeprefix("network-"): inputs for name, inputs in found.items()}


# tier, direction, the other side, protocol, port at the receiver -> let through
PACKETS: list[tuple[str, str, str, str, int, bool]] = [
    ("public", "ingress", WORLD, "tcp", 443, True),
    ("public", "ingress", WORLD, "tcp", 80, True),
    ("public", "ingress", WORLD, "tcp", 22, False),
    ("public", "ingress", WORLD, "udp", 53, False),
    ("public", "egress", WORLD, "tcp", 50000, True),  # the load balancer answers
    ("public", "ingress", WORLD, "tcp", 1024, True),  # a NAT gateway uses ports from 1024 on
    ("public", "ingress", PRIVATE, "tcp", 443, True),  # a task goes through NAT
    ("public", "egress", PRIVATE, "tcp", 8080, True),  # the load balancer asks a task
    ("private", "ingress", WEB, "tcp", 8080, True),
    ("private", "egress", WORLD, "tcp", 443, True),
    ("private", "ingress", WORLD, "tcp", 40000, True),  # the answer; NAT keeps the address of the other side
    ("private", "ingress", WORLD, "tcp", 443, False),
    ("private", "ingress", WORLD, "tcp", 22, False),
    ("private", "egress", DATA, "tcp", 5432, True),
    ("data", "ingress", PRIVATE, "tcp", 5432, True),
    ("data", "egress", PRIVATE, "tcp", 40000, True),
    ("data", "ingress", DATA, "tcp", 5432, True),  # writer and reader
    ("data", "ingress", WORLD, "tcp", 5432, False),
    ("data", "ingress", WORLD, "tcp", 40000, False),
    ("data", "egress", WORLD, "tcp", 443, False),
    ("public", "ingress", WORLD_IPV6, "tcp", 443, True),
    ("public", "ingress", WORLD_IPV6, "tcp", 22, False),
    ("private", "egress", WORLD_IPV6, "tcp", 443, True),
    ("private", "ingress", WORLD_IPV6, "tcp", 40000, True),
    ("private", "ingress", WORLD_IPV6, "tcp", 443, False),
    ("data", "ingress", WORLD_IPV6, "tcp", 40000, False),
    ("data", "egress", WORLD_IPV6, "tcp", 443, False),
]


@for_each("tier, way, other, protocol, port, through", PACKETS)
def test_what_gets_through(
    acls: dict[str, Mapping[str, Any]], tier: str, way: str, other: str, protocol: str, port: int, through: bool
) -> None:
    assert lets(acls[tier][way], other, protocol, port) is through


@pytest.mark.parametrize("tier", ["public", "private"])
def test_packets_that_are_too_big_are_told_so(acls: dict[str, Mapping[str, Any]], tier: str) -> None:
    assert lets(acls[tier]["ingress"], WORLD, "icmp", 0, (3, 4))
    assert lets(acls[tier]["ingress"], WORLD_IPV6, "58", 0, (2, 0))
    assert not lets(acls[tier]["ingress"], WORLD, "icmp", 0, (8, 0)), "nobody outside pings"


def test_numbers_are_unique_and_few_enough_for_aws(acls: dict[str, Mapping[str, Any]]) -> None:
    for acl in acls.values():
        for way in ("ingress", "egress"):
            numbers = [rule["ruleNo"] for rule in acl[way]]
            assert len(set(numbers)) == len(numbers) <= 20
            assert all(1 <= number <= 32766 for number in numbers)


def test_every_subnet_is_behind_the_acl_of_its_tier(deploy: Any) -> None:
    made = deploy(network)
    assert sorted(made.of(ASSOCIATION)) == sorted(made.of(SUBNET))
    for name, association in made.of(ASSOCIATION).items():
        (acl,) = association.property_dependencies["networkAclId"]
        (subnet,) = association.property_dependencies["subnetId"]
        assert acl.endswith(f"::network-{name.split('-')[1]}")
        assert subnet.endswith(f"::{name}")
    assert made.of("aws:ec2/defaultNetworkAcl:DefaultNetworkAcl") == {}, (
        "subnets fall back to it when this is turned off"
    )
    assert not [acl for acl in made.inputs(ACL).values() if "subnetIds" in acl], "or a zone more would change them"


def test_a_zone_more_changes_no_acl_and_no_association(deploy: Any) -> None:
    before, after = deploy(network), deploy(lambda: network(zones=[*ZONES, "us-east-1c"]))
    assert before.inputs(ACL) == after.inputs(ACL)
    assert {name: after.inputs(ASSOCIATION)[name] for name in before.of(ASSOCIATION)} == before.inputs(ASSOCIATION)


def test_without_the_setting_there_is_none_and_with_it_nothing_else_changes(deploy: Any) -> None:
    without, with_ = deploy(lambda: network(on=False)), deploy(network)
    assert without.of(ACL) == without.of(ASSOCIATION) == {}
    more = set(with_.urns) - set(without.urns)
    assert {urn.split("::")[2].split("$")[-1] for urn in more} == {ACL, ASSOCIATION}
    assert set(without.urns) < set(with_.urns)
