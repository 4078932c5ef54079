"""Lookups of what the run itself has made: by the id that it got, so only at an update, as in a real account.

A lookup by a name that the program gave is not answered from here: in a real preview the resource is not there yet.
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

Answer = dict[str, Any]
_SUBNET, _TABLE = "aws:ec2/subnet:Subnet", "aws:ec2/routeTable:RouteTable"
_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
_GET_SUBNETS, _GET_TABLE = "aws:ec2/getSubnets:getSubnets", "aws:ec2/getRouteTable:getRouteTable"
_VPC = "aws:ec2/vpc:Vpc"

# Lookup -> the argument that is an id or ARN, and the type of the resource that has it.
_BY_ID = {
    "aws:ec2/getVpc:getVpc": ("id", _VPC),
    "aws:ec2/getSubnet:getSubnet": ("id", _SUBNET),
    "aws:ec2/getSecurityGroup:getSecurityGroup": ("id", "aws:ec2/securityGroup:SecurityGroup"),
    _GET_TABLE: ("routeTableId", _TABLE),
    "aws:ec2/getInternetGateway:getInternetGateway": ("internetGatewayId", "aws:ec2/internetGateway:InternetGateway"),
    "aws:ec2/getInstance:getInstance": ("instanceId", "aws:ec2/instance:Instance"),
    "aws:lb/getLoadBalancer:getLoadBalancer": ("arn", "aws:lb/loadBalancer:LoadBalancer"),
    "aws:lb/getListener:getListener": ("arn", "aws:lb/listener:Listener"),
    "aws:lb/getTargetGroup:getTargetGroup": ("arn", "aws:lb/targetGroup:TargetGroup"),
    "aws:kms/getKey:getKey": ("keyId", "aws:kms/key:Key"),
    "aws:route53/getZone:getZone": ("zoneId", "aws:route53/zone:Zone"),
    "aws:secretsmanager/getSecret:getSecret": ("arn", "aws:secretsmanager/secret:Secret"),
}
_FILTERS = {
    "vpc-id": "vpcId",
    "subnet-id": "id",
    "availability-zone": "availabilityZone",
    "cidr-block": "cidrBlock",
    "map-public-ip-on-launch": "mapPublicIpOnLaunch",
}


class Made(NamedTuple):
    """One resource of the run: type, physical id and outputs."""

    type: str
    id: str
    outputs: Mapping[str, Any]


def concerns(token: str) -> bool:
    """Whether lookups of this kind are answered from here at all."""
    return token == _GET_SUBNETS or token in _BY_ID


def answer(token: str, arguments: Mapping[str, Any], resources: Iterable[Made]) -> Answer | None:
    """The result of a lookup of resources of this run, or None where it asks for another."""
    if not concerns(token):
        return None
    made = [each for each in resources if each.id]
    if token == _GET_SUBNETS:
        return _subnets(arguments, made)
    if token == _GET_TABLE and arguments.get("subnetId"):
        arguments = {"routeTableId": _table_of(str(arguments["subnetId"]), made)}
    key, kind = _BY_ID.get(token, ("", ""))
    asked = arguments.get(key)
    if not asked:
        return None
    found = next((each for each in made if each.type == kind and asked in (each.id, each.outputs.get("arn"))), None)
    return {**found.outputs, key: asked, "id": found.id} if found is not None else None


def _table_of(subnet: str, made: Iterable[Made]) -> str | None:
    """The table that a subnet is associated with, else the main one of its VPC."""
    vpc = None
    for each in made:
        if each.type == _ASSOCIATION and each.outputs.get("subnetId") == subnet:
            return str(each.outputs.get("routeTableId"))
        if each.type == _SUBNET and each.id == subnet:
            vpc = each.outputs.get("vpcId")
    return next(
        (str(each.outputs.get("mainRouteTableId")) for each in made if each.type == _VPC and each.id == vpc), None
    )


def _subnets(arguments: Mapping[str, Any], made: Iterable[Made]) -> Answer | None:
    """The subnets that pass all filters; None where the VPC is none of the run, or a filter is one not known here."""
    made = list(made)
    filters = {
        str(each.get("name")): [str(v) for v in each.get("values") or ()] for each in arguments.get("filters") or ()
    }
    filters |= {f"tag:{key}": [str(value)] for key, value in (arguments.get("tags") or {}).items()}
    own = {each.id for each in made if each.type == _VPC}
    if not (set(filters.get("vpc-id", ())) & own) or not all(n in _FILTERS or n.startswith("tag:") for n in filters):
        return None
    kept = [each.id for each in made if each.type == _SUBNET and all(_passes(each, *one) for one in filters.items())]
    return {"id": str(arguments.get("region") or "subnets"), "ids": kept}


def _passes(subnet: Made, name: str, patterns: Iterable[str]) -> bool:
    if name.startswith("tag:"):
        tags = {**(subnet.outputs.get("tagsAll") or {}), **(subnet.outputs.get("tags") or {})}
        value = tags.get(name.removeprefix("tag:"))
    else:
        value = subnet.id if _FILTERS[name] == "id" else subnet.outputs.get(_FILTERS[name])
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return value is not None and any(fnmatchcase(text, pattern) for pattern in patterns)
