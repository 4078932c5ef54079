"""What AWS does not move when the VPC that it stands in is replaced, although the provider plans an update in place or
makes the new one beside the old one: subnets and security groups of another VPC are refused.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from preflight.recording import UNKNOWN

if TYPE_CHECKING:
    from preflight.diff.touched import Touched

VPC = "aws:ec2/vpc:Vpc"
STRANDED = "preflight/diff/networks.py"
"""The source of these warnings."""
ANOTHER_STACK = (
    "a new stack with the other range, to which the data is restored; or an update before that takes out what stands in"
    " the VPC"
)


class _Refusal(NamedTuple):
    """Properties that say the network, and what AWS answers to those of another VPC."""

    properties: tuple[str, ...]
    why: str
    replaced_too: bool = False
    """Whether a replacement is refused as well, while the old one stands."""


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
    "aws:rds/instance:Instance": _DATABASE,
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
    "aws:ec2/internetGateway:InternetGateway": _Refusal(
        ("vpcId",), "it cannot be detached while something in the old VPC has a public address"
    ),
    "aws:eks/cluster:Cluster": _Refusal(("vpcConfig",), "a cluster stays in its VPC"),
    "aws:opensearch/domain:Domain": _Refusal(("vpcOptions",), "a domain stays in its VPC"),
}


def mark(found: Mapping[str, "Touched"]) -> None:
    """Adds a warning to each resource that AWS does not let follow into a new VPC."""
    new = {urn for urn, each in found.items() if each.entry["type"] == VPC and each.action == "replace"}
    waiting = [*new]
    if not new:
        return
    followers: dict[str, set[str]] = {}
    for urn, each in found.items():
        if each.action == "replace":
            for cause in {
                cause for change in each.changes if change["effect"] == "replace" for cause in change["dueTo"]
            }:
                followers.setdefault(cause, set()).add(urn)
    while waiting:
        more = followers.get(waiting.pop(), set()) - new
        new |= more
        waiting += more
    for each in found.values():
        row = _REFUSALS.get(each.entry["type"])
        if row is None or each.was is None or each.action == "add":
            continue
        own = [
            change for change in each.changes if change["effect"] == "replace" and _top(change) not in row.properties
        ]
        if each.action == "replace" and (not row.replaced_too or each.is_deleted_first or own):
            continue  # a new one may stand anywhere
        moved = next((change for name in row.properties for change in each.changes if _moves(change, name, new)), None)
        if moved is not None:
            shown: dict[str, Any] = {UNKNOWN: True}
            each.warnings.append({
                "path": moved["path"], "outcome": "refused", "why": row.why, "instead": "as is said of the VPC above",
                "source": STRANDED, "before": shown, "after": shown,
            })  # fmt: skip


def _top(change: Mapping[str, Any]) -> str:
    return str(change["path"]).partition("[")[0].partition(".")[0]


def _moves(change: Mapping[str, Any], name: str, new: set[str]) -> bool:
    return _top(change) == name and any(cause in new for cause in change["dueTo"])
