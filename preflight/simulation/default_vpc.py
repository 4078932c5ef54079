"""Lookups of the default VPC, which AWS makes the same in every region: 172.31.0.0/16, a public /20 in each zone, one
route table with a route to an internet gateway, the default security group (VPC user guide, "Default VPCs", 2026-11).

The ids are stand-ins, and an account may have changed or deleted its default VPC.
"""

from collections.abc import Callable, Mapping
from ipaddress import IPv4Network
from typing import Any

from preflight.simulation.place import Place, digest

Answer = dict[str, Any]

_RANGE = IPv4Network("172.31.0.0/16")
_OF_VPC = ("vpc-id", "attachment.vpc-id")
_DEFAULT = ("is-default", "isDefault")
_YES = (["true"], [True])


def _id(kind: str, place: Place, *more: str) -> str:
    return f"{kind}-{digest('/'.join((kind, 'default', place.account, place.region, *more)), 17)}"


def _arn(place: Place, kind: str, identity: str) -> str:
    return f"arn:{place.partition}:ec2:{place.region}:{place.account}:{kind}/{identity}"


def _filters(arguments: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {str(each.get("name")): list(each.get("values") or ()) for each in arguments.get("filters") or ()}


def _meant(arguments: Mapping[str, Any], place: Place, *others: str) -> bool:
    """Whether the default VPC is asked for by its id, with no filter but ``others``."""
    own, filters = _id("vpc", place), _filters(arguments)
    named = arguments.get("vpcId") == own or any(filters.pop(name, None) == [own] for name in _OF_VPC)
    return named and not arguments.get("tags") and set(filters) <= {*_OF_VPC, *others}


def vpc(arguments: Mapping[str, Any], place: Place) -> Answer | None:
    """``getVpc``: the default one, asked for as such or by the id that it got here."""
    identity = _id("vpc", place)
    filters = _filters(arguments)
    default = arguments.get("default") is True or any(filters.get(name) in _YES for name in _DEFAULT)
    if not default and arguments.get("id") != identity:
        return None
    return {
        "id": identity,
        "arn": _arn(place, "vpc", identity),
        "cidrBlock": str(_RANGE),
        "cidrBlockAssociations": [{"associationId": _id("vpc-cidr-assoc", place), "cidrBlock": str(_RANGE),
                                   "state": "associated"}],
        "default": True,
        "dhcpOptionsId": _id("dopt", place),
        "enableDnsHostnames": True,
        "enableDnsSupport": True,
        "enableNetworkAddressUsageMetrics": False,
        "instanceTenancy": "default",
        "ipv6AssociationId": "",
        "ipv6CidrBlock": "",
        "mainRouteTableId": _id("rtb", place),
        "ownerId": place.account,
        "region": place.region,
        "state": "available",
        "tags": {},
    }  # fmt: skip


def _subnets(place: Place) -> list[Answer]:
    ranges = _RANGE.subnets(new_prefix=20)
    return [_subnet(place, zone, str(cidr)) for zone, cidr in zip(place.zones, ranges, strict=False)]


def _subnet(place: Place, zone: str, cidr: str) -> Answer:
    identity = _id("subnet", place, zone)
    return {
        "id": identity,
        "arn": _arn(place, "subnet", identity),
        "assignIpv6AddressOnCreation": False,
        "availabilityZone": zone,
        "availableIpAddressCount": 4091,
        "cidrBlock": cidr,
        "defaultForAz": True,
        "mapPublicIpOnLaunch": True,
        "ownerId": place.account,
        "region": place.region,
        "state": "available",
        "tags": {},
        "vpcId": _id("vpc", place),
    }


def subnet(arguments: Mapping[str, Any], place: Place) -> Answer | None:
    """``getSubnet``: of a zone, or by id."""
    zone = arguments.get("availabilityZone")
    for each in _subnets(place):
        if arguments.get("id") is not None:
            if arguments["id"] == each["id"]:
                return each
        elif (arguments.get("defaultForAz") is True or _meant(arguments, place)) and zone in (
            None,
            each["availabilityZone"],
        ):
            return each
    return None


def subnets(arguments: Mapping[str, Any], place: Place) -> Answer | None:
    """``getSubnets`` of the default VPC, or of the default subnets of zones."""
    filters = _filters(arguments)
    known = ("default-for-az", "map-public-ip-on-launch", "state", "availability-zone")
    wanted = _meant(arguments, place, *known) or (
        filters.get("default-for-az") in _YES and not arguments.get("tags") and set(filters) <= set(known)
    )
    if not wanted:
        return None
    zones = filters.get("availability-zone") or list(place.zones)
    kept = [each["id"] for each in _subnets(place) if each["availabilityZone"] in zones]
    for name in ("default-for-az", "map-public-ip-on-launch"):
        kept = kept if filters.get(name, [True]) in _YES else []
    return {"id": place.region, "ids": kept, "region": place.region}


def security_group(arguments: Mapping[str, Any], place: Place) -> Answer | None:
    """``getSecurityGroup``: the default group of the default VPC."""
    identity = _id("sg", place)
    names = [arguments.get("name"), *_filters(arguments).get("group-name", ())]
    if arguments.get("id") != identity and not ("default" in names and _meant(arguments, place, "group-name")):
        return None
    return {
        "id": identity,
        "arn": _arn(place, "security-group", identity),
        "description": "default VPC security group",
        "name": "default",
        "region": place.region,
        "tags": {},
        "vpcId": _id("vpc", place),
    }


def security_groups(arguments: Mapping[str, Any], place: Place) -> Answer | None:
    """``getSecurityGroups`` of the default VPC by the name that its default group has."""
    found = security_group(arguments, place)
    if found is None:
        return None
    return {"id": place.region, "ids": [found["id"]], "arns": [found["arn"]], "vpcIds": [found["vpcId"]],
            "region": place.region}  # fmt: skip


def route_table(arguments: Mapping[str, Any], place: Place) -> Answer | None:
    """``getRouteTable``: the main one, which the default subnets share."""
    identity, vpc_id = _id("rtb", place), _id("vpc", place)
    asked = arguments.get("routeTableId") == identity or _meant(arguments, place, "association.main")
    if not asked and arguments.get("subnetId") not in {each["id"] for each in _subnets(place)}:
        return None
    gateway = _id("igw", place)
    local = {"cidrBlock": str(_RANGE), "gatewayId": "local"}
    return {
        "id": identity,
        "arn": _arn(place, "route-table", identity),
        "associations": [{"main": True, "routeTableAssociationId": _id("rtbassoc", place), "routeTableId": identity,
                          "subnetId": "", "gatewayId": ""}],
        "ownerId": place.account,
        "region": place.region,
        "routeTableId": identity,
        "routes": [local, {"cidrBlock": "0.0.0.0/0", "gatewayId": gateway}],
        "tags": {},
        "vpcId": vpc_id,
    }  # fmt: skip


def internet_gateway(arguments: Mapping[str, Any], place: Place) -> Answer | None:
    """``getInternetGateway``: the one that is attached to the default VPC."""
    identity = _id("igw", place)
    if arguments.get("internetGatewayId") != identity and not _meant(arguments, place):
        return None
    return {
        "id": identity,
        "arn": _arn(place, "internet-gateway", identity),
        "attachments": [{"state": "available", "vpcId": _id("vpc", place)}],
        "internetGatewayId": identity,
        "ownerId": place.account,
        "region": place.region,
        "tags": {},
    }


ANSWERS: dict[str, Callable[[Mapping[str, Any], Place], Answer | None]] = {
    "aws:ec2/getVpc:getVpc": vpc,
    "aws:ec2/getSubnet:getSubnet": subnet,
    "aws:ec2/getSubnets:getSubnets": subnets,
    "aws:ec2/getSecurityGroup:getSecurityGroup": security_group,
    "aws:ec2/getSecurityGroups:getSecurityGroups": security_groups,
    "aws:ec2/getRouteTable:getRouteTable": route_table,
    "aws:ec2/getInternetGateway:getInternetGateway": internet_gateway,
}
