"""What AWS does not move when the VPC that it stands in is replaced, or another one takes its place, although the
provider plans an update in place or makes the new one beside the old one: subnets and security groups of another VPC
are refused.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from preflight.recording import UNKNOWN

if TYPE_CHECKING:
    from preflight.diff.touched import Touched

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
_NAT, _EIP, _EIP_ASSOCIATION = (
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/eip:Eip",
    "aws:ec2/eipAssociation:EipAssociation",
)
_BALANCERS = (
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:alb/loadBalancer:LoadBalancer",
    "aws:elb/loadBalancer:LoadBalancer",
)
_MACHINES = ("aws:ec2/instance:Instance", "aws:autoscaling/group:Group", "aws:eks/nodeGroup:NodeGroup",
             "aws:ec2/fleet:Fleet", "aws:ec2/spotInstanceRequest:SpotInstanceRequest")  # fmt: skip
_SWITCHES = ("associatePublicIpAddress", "assignPublicIp", "publiclyAccessible")
STRANDED = "preflight/diff/networks.py"
"""The source of these warnings."""
ANOTHER_STACK = (
    "a new stack with the other range, to which the data is restored; or an update before that takes out what stands in"
    " the VPC"
)
SAME_VPC = (
    "aliases, if they are the same VPC, subnets and security groups under other names; else a new stack, to which the"
    " data is restored"
)


class _Refusal(NamedTuple):
    """Properties that say the network, and what AWS answers to those of another VPC."""

    properties: tuple[str, ...]
    why: str
    replaced_too: bool = False
    """Whether a replacement is refused as well, while the old one stands."""
    along: str | None = None
    """The property by which it can be moved into another VPC: refused only where that stays."""


_SUBNETS = _Refusal(("subnetIds",), "a subnet group stays in its VPC: new subnets have to be of the same one")
_DATABASE = _Refusal(("vpcSecurityGroupIds",), "a database and its security groups have to be in the same VPC")
# Errors of the operations as they are known (2026-11; from memory, not tried): ELBv2 SetSubnets and
# SetSecurityGroups, RDS and others Modify...SubnetGroup, EFS CreateMountTarget (MountTargetConflict), EC2
# DetachInternetGateway (DependencyViolation), EKS UpdateClusterConfig, OpenSearch UpdateDomainConfig.
_REFUSALS: Mapping[str, _Refusal] = {
    "aws:lb/loadBalancer:LoadBalancer": _Refusal(
        ("subnets", "subnetMappings", "securityGroups"),
        "a load balancer stays in its VPC: AWS refuses subnets and security groups of another one",
    ),
    "aws:rds/subnetGroup:SubnetGroup": _SUBNETS,
    "aws:docdb/subnetGroup:SubnetGroup": _SUBNETS,
    "aws:neptune/subnetGroup:SubnetGroup": _SUBNETS,
    "aws:redshift/subnetGroup:SubnetGroup": _SUBNETS,
    "aws:elasticache/subnetGroup:SubnetGroup": _SUBNETS,
    "aws:memorydb/subnetGroup:SubnetGroup": _SUBNETS,
    "aws:dax/subnetGroup:SubnetGroup": _SUBNETS,
    "aws:dms/replicationSubnetGroup:ReplicationSubnetGroup": _SUBNETS,
    "aws:rds/cluster:Cluster": _DATABASE,
    "aws:rds/instance:Instance": _DATABASE._replace(along="dbSubnetGroupName"),
    "aws:docdb/cluster:Cluster": _DATABASE,
    "aws:neptune/cluster:Cluster": _DATABASE,
    "aws:redshift/cluster:Cluster": _DATABASE,
    "aws:elasticache/replicationGroup:ReplicationGroup": _Refusal(
        ("securityGroupIds",), "a cache and its security groups have to be in the same VPC"
    ),
    "aws:elasticache/cluster:Cluster": _Refusal(
        ("securityGroupIds",), "a cache and its security groups have to be in the same VPC"
    ),
    "aws:efs/mountTarget:MountTarget": _Refusal(
        ("subnetId", "securityGroups"),
        "all mount targets of a file system have to be in one VPC, and the old ones stand until the end",
        replaced_too=True,
    ),
    _GATEWAY: _Refusal(("vpcId",), "it cannot be detached while something in the old VPC has a public address"),
    "aws:eks/cluster:Cluster": _Refusal(("vpcConfig",), "a cluster stays in its VPC"),
    "aws:opensearch/domain:Domain": _Refusal(("vpcOptions",), "a domain stays in its VPC"),
}


def mark(found: Mapping[str, "Touched"]) -> None:
    """Adds a warning to each resource that AWS does not let follow into a new VPC."""
    new = {urn for urn, each in found.items() if each.entry["type"] == VPC and each.action in ("replace", "add")}
    waiting = [*new]
    if not new:
        return
    followers: dict[str, set[str]] = {}
    for urn, each in found.items():
        for cause in _causes(each):
            followers.setdefault(cause, set()).add(urn)
    while waiting:
        more = followers.get(waiting.pop(), set()) - new
        new |= more
        waiting += more
    addresses = _have_public_addresses(found)
    for each in found.values():
        row = _REFUSALS.get(each.entry["type"])
        if row is None or _may_move(each, row, addresses):
            continue
        moved = next(
            (change for name in row.properties for change in each.changes if _moves(each, change, name, new)), None
        )
        if moved is not None:
            shown: dict[str, Any] = {UNKNOWN: True}
            each.warnings.append({
                "path": moved["path"], "outcome": "refused", "why": row.why, "instead": "as is said of the VPC above",
                "source": STRANDED, "before": shown, "after": shown,
            })  # fmt: skip


def _causes(each: "Touched") -> set[str]:
    """What a resource is made anew for, or what the VPC is that a new one is in."""
    if each.action not in ("replace", "add"):
        return set()
    causes = {cause for change in each.changes if change["effect"] == "replace" for cause in change["dueTo"]}
    return causes.union(each.entry["propertyDependencies"].get("vpcId", ()))


def _may_move(each: "Touched", row: _Refusal, addresses: bool) -> bool:
    """Whether it is new, or nothing of the old network is in its way; `addresses`: something there has public ones."""
    if each.was is None or each.action == "add" or (each.entry["type"] == _GATEWAY and not addresses):
        return True
    if row.along is not None and _alone(each) and any(_top(change) == row.along for change in each.changes):
        return True
    own = [change for change in each.changes if change["effect"] == "replace" and _top(change) not in row.properties]
    return each.action == "replace" and (not row.replaced_too or each.is_deleted_first or bool(own))


def _alone(each: "Touched") -> bool:
    """Whether a database runs in one zone: with a standby it cannot be moved (RDS user guide, from memory)."""
    return (each.old_inputs or {}).get("multiAz") in (None, False)


def _have_public_addresses(found: Mapping[str, "Touched"]) -> bool:
    """Whether anything that stands in the networks of the base has one, or may: what has an address of its own by its
    type or says so, and machines in subnets that give them addresses."""
    old = [(each.entry["type"], each.old_inputs) for each in found.values() if each.old_inputs is not None]
    by_subnet = any(kind == SUBNET and inputs.get("mapPublicIpOnLaunch") not in (None, False) for kind, inputs in old)
    return any(_is_public(kind, inputs) or (by_subnet and kind in _MACHINES) for kind, inputs in old)


def _is_public(kind: str, inputs: Mapping[str, Any]) -> bool:
    if kind in _BALANCERS:
        return inputs.get("internal") in (None, False)
    if kind == _NAT:
        return inputs.get("connectivityType") != "private"
    if kind == _EIP:
        return any(inputs.get(key) is not None for key in ("instance", "networkInterface"))
    if kind == _EIP_ASSOCIATION:
        return True
    return _switched_on(inputs)


def _switched_on(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_switched_on, value))
    if not isinstance(value, Mapping):
        return False
    return any(
        _switched_on(inner) or (key in _SWITCHES and (inner in (True, "true") or isinstance(inner, Mapping)))
        for key, inner in value.items()
    )


def _top(change: Mapping[str, Any]) -> str:
    return str(change["path"]).partition("[")[0].partition(".")[0]


def _moves(each: "Touched", change: Mapping[str, Any], name: str, new: set[str]) -> bool:
    causes = {*change["dueTo"]}.union(each.entry["propertyDependencies"].get(name, ()))
    return _top(change) == name and not causes.isdisjoint(new)
