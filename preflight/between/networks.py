"""Subnets and security groups: in how many zones, and of which VPC."""

from typing import Any

from preflight.between.made import Made, Told, at, known, region_of
from preflight.registry import Entry
from preflight.simulation.together import Problem

_SUBNET, _VPC = "aws:ec2/subnet:Subnet", "aws:ec2/vpc:Vpc"
_GROUP = "aws:ec2/securityGroup:SecurityGroup"
BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
_INSTANCE, _ENDPOINT = "aws:rds/instance:Instance", "aws:ec2/vpcEndpoint:VpcEndpoint"
_GATEWAYS = ("aws:ec2/internetGateway:InternetGateway", "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment")
_COVERAGE = "DBSubnetGroupDoesNotCoverEnoughAZs"
# Where the subnets are, and the error of AWS when these are not of two zones.
_TWO_ZONES = {
    "aws:docdb/subnetGroup:SubnetGroup": ("subnetIds", _COVERAGE),
    "aws:eks/cluster:Cluster": ("vpcConfig.subnetIds", "InvalidParameterException"),
    "aws:neptune/subnetGroup:SubnetGroup": ("subnetIds", _COVERAGE),
    "aws:rds/subnetGroup:SubnetGroup": ("subnetIds", _COVERAGE),
} | dict.fromkeys(BALANCERS, ("subnets", "ValidationError"))
_SHARED = "aws:vpc/securityGroupVpcAssociation:SecurityGroupVpcAssociation"  # a group in one more VPC
_OUTPOSTS = ("customerOwnedIpv4Pool", "outpostConfig")  # in a rack of one's own there is one zone
# Where subnets and security groups stand side by side.
_SIDE_BY_SIDE = {
    "aws:ec2/instance:Instance": ("subnetId", "vpcSecurityGroupIds"),
    "aws:ecs/service:Service": ("networkConfiguration.subnets", "networkConfiguration.securityGroups"),
    "aws:efs/mountTarget:MountTarget": ("subnetId", "securityGroups"),
    "aws:eks/cluster:Cluster": ("vpcConfig.subnetIds", "vpcConfig.securityGroupIds"),
    "aws:lambda/function:Function": ("vpcConfig.subnetIds", "vpcConfig.securityGroupIds"),
} | dict.fromkeys(BALANCERS, ("subnets", "securityGroups"))
# Where they are named by a group of subnets.
_BY_GROUP = {
    "aws:elasticache/replicationGroup:ReplicationGroup":
        ("subnetGroupName", "securityGroupIds", "aws:elasticache/subnetGroup:SubnetGroup"),
    "aws:rds/cluster:Cluster": ("dbSubnetGroupName", "vpcSecurityGroupIds", "aws:rds/subnetGroup:SubnetGroup"),
    "aws:rds/instance:Instance": ("dbSubnetGroupName", "vpcSecurityGroupIds", "aws:rds/subnetGroup:SubnetGroup"),
    "aws:redshift/cluster:Cluster":
        ("clusterSubnetGroupName", "vpcSecurityGroupIds", "aws:redshift/subnetGroup:SubnetGroup"),
}  # fmt: skip


def problems(made: Made) -> Told:
    """Of subnets and security groups that are both of the program."""
    for token, (path, error) in _TWO_ZONES.items():
        for entry in made.all(token):
            reason = _zones(made, at(entry, path)) if _asks_for_two(entry) else ""
            if reason:
                yield entry, Problem(path, f"{reason} ({error})")
    for token, (path, groups) in _SIDE_BY_SIDE.items():
        for entry in made.all(token):
            yield from _apart(made, entry, _all(at(entry, path)), groups)
    for token, (key, groups, kind) in _BY_GROUP.items():
        for entry in made.all(token):
            group = made.find(entry.checked.get(key), kind)
            if group and group.provider == entry.provider:
                yield from _apart(made, entry, _all(group.checked.get("subnetIds")), groups)
    yield from _names(made)


def _asks_for_two(entry: Entry) -> bool:
    kind = entry.checked.get("loadBalancerType")
    return kind in (None, "application") and not any(entry.checked.get(key) for key in _OUTPOSTS)


def _zones(made: Made, given: Any) -> str:
    """What is wrong with the zones of some subnets; nothing where one is not known."""
    if not isinstance(given, list) or not given or not all(isinstance(each, str) for each in given):
        return ""
    subnets = [made.find(each, _SUBNET) for each in given]
    zones = {known(each.inputs.get("availabilityZone")) if each else None for each in subnets}
    if len(zones) != 1 or any(map(_is_elsewhere, subnets)):
        return ""
    zone = zones.pop()
    if len(set(given)) == 1 and (zone == "" or region_of(zone)):
        return "it needs subnets of two availability zones at least, and this is one subnet"
    if region_of(zone):  # in local and Wavelength zones one is enough
        return f"it needs subnets of two availability zones at least, and all of these are of {zone}"
    return ""


def _is_elsewhere(subnet: Entry | None) -> bool:
    """Whether it may be of a Local Zone, which an id does not tell, or is of an Outpost."""
    return subnet is not None and bool(subnet.checked.get("outpostArn") or subnet.checked.get("availabilityZoneId"))


def _apart(made: Made, entry: Entry, subnets: list[Any], path: str) -> Told:
    vpc, *more = [*_vpcs(made, subnets), None]
    if vpc is None or more != [None]:
        return
    for group in (found for each in _all(at(entry, path)) if (found := made.find(each, _GROUP))):
        theirs = _vpc(made, group)
        if theirs is vpc or (theirs is None and group.checked.get("vpcId") is not None):
            continue
        if made.beside(group, "securityGroupId", _SHARED) != []:
            continue
        where = f"VPC '{theirs.name}'" if theirs else "the default VPC (it has no vpc_id)"
        reason = f"security group '{group.name}' is of {where}, the subnets are of VPC '{vpc.name}'"
        yield entry, Problem(path, f"{reason} (the two belong to different networks: InvalidParameter)")


def _vpc(made: Made, entry: Entry) -> Entry | None:
    return made.find(entry.checked.get("vpcId"), _VPC)


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _names(made: Made) -> Told:
    """What a VPC has to resolve, and the way in, for what is to be found by its name."""
    for entry in made.all(_INSTANCE):
        group = made.find(entry.checked.get("dbSubnetGroupName"), "aws:rds/subnetGroup:SubnetGroup")
        if entry.checked.get("publiclyAccessible") is not True or group is None or group.provider != entry.provider:
            continue
        for vpc in _vpcs(made, _all(group.checked.get("subnetIds"))):
            error = "InvalidVPCNetworkStateFault"
            if entry.checked.get("customerOwnedIpEnabled"):
                continue
            if not _resolves(vpc):
                reason = f"VPC '{vpc.name}' has to have enable_dns_hostnames and enable_dns_support ({error})"
                yield entry, Problem("publiclyAccessible", reason)
            elif made.beside(vpc, "vpcId", *_GATEWAYS) == []:
                yield entry, Problem("publiclyAccessible", f"VPC '{vpc.name}' has no internet gateway ({error})")
    for entry in made.all(_ENDPOINT):
        own = _vpc(made, entry)
        private = entry.checked.get("privateDnsEnabled") is True and entry.checked.get("vpcEndpointType") == "Interface"
        if private and own and not _resolves(own):
            reason = f"VPC '{own.name}' has to have enable_dns_hostnames and enable_dns_support (InvalidParameter)"
            yield entry, Problem("privateDnsEnabled", reason)


def _vpcs(made: Made, subnets: list[Any]) -> list[Entry]:
    found = [subnet for each in subnets if (subnet := made.find(each, _SUBNET))]
    return list({vpc.urn: vpc for each in found if (vpc := _vpc(made, each))}.values())


def _resolves(vpc: Entry) -> bool:
    names, support = vpc.checked.get("enableDnsHostnames"), vpc.checked.get("enableDnsSupport")
    return names not in (None, False) and support is not False
