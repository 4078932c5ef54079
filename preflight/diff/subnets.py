"""What AWS does not let go of a subnet: it deletes none in which something that stays has network interfaces, and takes
none out of a subnet group in which a member of the group runs.

Only where it is certain: which things have interfaces in each of their subnets for as long as they are there, and in
which zone a database or a node of a cache runs, by the inputs of the base. What AWS puts where it likes, as tasks and
machines of a group, is not said.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from preflight import texts
from preflight.diff import made_up, members, words
from preflight.diff import pairs as matching
from preflight.diff.networks import STRANDED, SUBNET
from preflight.diff.touched import INDEX
from preflight.recording import UNKNOWN
from preflight.simulation.deletions import Deletion

if TYPE_CHECKING:
    from preflight.diff.touched import Touched

Entry = Mapping[str, Any]
SOURCE = "preflight/diff/subnets.py"
"""The source of what is said here."""
_PLANNED = ("update", "unknown", "replace")
# Inputs that name the subnets in which a resource has interfaces all the time (2026-11; from memory, not tried).
INTERFACES: Mapping[str, Sequence[str]] = {
    "aws:alb/loadBalancer:LoadBalancer": ("subnets", "subnetMappings.subnetId"),
    "aws:directoryservice/directory:Directory": ("vpcSettings.subnetIds",),
    "aws:docdb/elasticCluster:ElasticCluster": ("subnetIds",),
    "aws:ec2/instance:Instance": ("subnetId",),
    "aws:ec2/natGateway:NatGateway": ("subnetId",),
    "aws:ec2/networkInterface:NetworkInterface": ("subnetId",),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("subnetIds", "subnetConfigurations.subnetId"),
    "aws:ec2clientvpn/networkAssociation:NetworkAssociation": ("subnetId",),
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment": ("subnetIds",),
    "aws:efs/mountTarget:MountTarget": ("subnetId",),
    "aws:elasticache/serverlessCache:ServerlessCache": ("subnetIds",),
    "aws:elasticsearch/domain:Domain": ("vpcOptions.subnetIds",),
    "aws:elb/loadBalancer:LoadBalancer": ("subnets",),
    "aws:fsx/lustreFileSystem:LustreFileSystem": ("subnetIds",),
    "aws:fsx/ontapFileSystem:OntapFileSystem": ("subnetIds",),
    "aws:fsx/openZfsFileSystem:OpenZfsFileSystem": ("subnetIds",),
    "aws:fsx/windowsFileSystem:WindowsFileSystem": ("subnetIds",),
    "aws:lb/loadBalancer:LoadBalancer": ("subnets", "subnetMappings.subnetId"),
    "aws:mq/broker:Broker": ("subnetIds",),
    "aws:msk/cluster:Cluster": ("brokerNodeGroupInfo.clientSubnets",),
    "aws:msk/serverlessCluster:ServerlessCluster": ("vpcConfigs.subnetIds",),
    "aws:mwaa/environment:Environment": ("networkConfiguration.subnetIds",),
    "aws:networkfirewall/firewall:Firewall": ("subnetMappings.subnetId",),
    "aws:opensearch/domain:Domain": ("vpcOptions.subnetIds",),
    "aws:rds/proxy:Proxy": ("vpcSubnetIds",),
    "aws:redshiftserverless/workgroup:Workgroup": ("subnetIds",),
    "aws:route53/resolverEndpoint:ResolverEndpoint": ("ipAddresses.subnetId",),
    "aws:transfer/server:Server": ("endpointDetails.subnetIds",),
}


class Member(NamedTuple):
    """What runs in the subnets of a group: by which inputs it names the group, itself or by what it is a part of, and
    the zones that it runs in."""

    group: str
    zones: Sequence[str]
    part_of: str | None = None
    whole: str | None = None


_IDENTIFIERS = ("clusterIdentifier", "replicationGroupId")
_NAMES = ("name", "replicationSubnetGroupId")
MEMBERS: Mapping[str, Member] = {
    "aws:rds/instance:Instance": Member("dbSubnetGroupName", ("availabilityZone",)),
    "aws:rds/clusterInstance:ClusterInstance": Member(
        "dbSubnetGroupName", ("availabilityZone",), "clusterIdentifier", "aws:rds/cluster:Cluster"
    ),
    "aws:docdb/clusterInstance:ClusterInstance": Member(
        "dbSubnetGroupName", ("availabilityZone",), "clusterIdentifier", "aws:docdb/cluster:Cluster"
    ),
    "aws:neptune/clusterInstance:ClusterInstance": Member(
        "neptuneSubnetGroupName", ("availabilityZone",), "clusterIdentifier", "aws:neptune/cluster:Cluster"
    ),
    "aws:elasticache/cluster:Cluster": Member(
        "subnetGroupName",
        ("availabilityZone", "preferredAvailabilityZones"),
        "replicationGroupId",
        "aws:elasticache/replicationGroup:ReplicationGroup",
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": Member("subnetGroupName", ("preferredCacheClusterAzs",)),
    "aws:redshift/cluster:Cluster": Member("clusterSubnetGroupName", ("availabilityZone",)),
    "aws:dms/replicationInstance:ReplicationInstance": Member("replicationSubnetGroupId", ("availabilityZone",)),
}
GROUPS = (
    "aws:rds/subnetGroup:SubnetGroup",
    "aws:docdb/subnetGroup:SubnetGroup",
    "aws:neptune/subnetGroup:SubnetGroup",
    "aws:elasticache/subnetGroup:SubnetGroup",
    "aws:redshift/subnetGroup:SubnetGroup",
    "aws:dms/replicationSubnetGroup:ReplicationSubnetGroup",
)
_SUBNETS = "subnetIds"


class _Standing(NamedTuple):
    """That a resource has interfaces in a subnet of the base. `by`: the inputs that say so; that of a member of a
    `group` first the one that names the group."""

    each: "Touched"
    subnet: str
    by: Sequence[str]
    group: str | None = None


def mark(
    found: Mapping[str, "Touched"], pairs: matching.Pairs, in_base: made_up.MadeUp, in_head: made_up.MadeUp
) -> None:
    """Notes why a subnet is not deleted, and adds a warning to each subnet group that AWS does not let lose one."""
    going = [each for each in found.values() if each.entry["type"] == SUBNET and each.action in ("remove", "replace")]
    groups = [each for each in found.values() if each.entry["type"] in GROUPS and each.action == "update"]
    if not going and not groups:
        return
    network = _Network(pairs, in_base, in_head)
    told = {each.was for each in found.values() if any(warning["source"] == STRANDED for warning in each.warnings)}
    everything = [one for each in found.values() for one in network.standing(each)]
    standing = [one for one in everything if one.each.was not in told and one.group not in told]
    for subnet in going:
        if names := _called(one.each for one in standing if one.subnet == subnet.was and _stays(one, subnet)):
            has = "have" if len(names) > 1 else "has"
            said = f"AWS refuses to delete it while {' and '.join(names)} {has} network interfaces in it"
            instead = f"keep it, or an update before that removes, replaces or moves {' and '.join(names)}"
            subnet.kept_by = Deletion("refused", f"{said} (DependencyViolation)", instead, SOURCE)
    for group in groups:
        if mine := [one for one in standing if one.group == group.was]:
            lost = network.lost(group, found)
            _refuse(group, [one for one in mine if one.subnet in lost and not _moves(one)], network)


def _stays(one: _Standing, subnet: "Touched") -> bool:
    """Whether it has its interfaces there still when the subnet is to be deleted: at the end, or first."""
    each = one.each
    if each.action in ("remove", "replace"):
        return each.retained or each.outcome == "stays"
    return each.action != "unknown" and (subnet.is_deleted_first or not _planned(each, one.by))


def _moves(one: _Standing) -> bool:
    """Whether a member goes to another group by itself, and so perhaps before its group changes."""
    return one.each.action != "remove" and _planned(one.each, one.by[:1])


def _planned(each: "Touched", paths: Iterable[str]) -> bool:
    """Whether a change of one of these inputs is planned."""
    changed = [INDEX.sub("", change["path"]) for change in each.changes if change["effect"] in _PLANNED]
    return any(f"{one}.".startswith(f"{other}.") for path in paths for place in changed
               for one, other in ((path, place), (place, path)))  # fmt: skip


def _refuse(group: "Touched", inside: Sequence[_Standing], network: "_Network") -> None:
    """A subnet group changes before what hangs on it, and before anything is deleted: whatever becomes of a member in
    the same update, it runs there still."""
    if not inside:
        return
    subnets = " and ".join(dict.fromkeys(network.name(one.subnet) for one in inside))
    names = _called(one.each for one in inside)
    shown: dict[str, Any] = {UNKNOWN: True}
    group.warnings.append({
        "path": _SUBNETS, "outcome": "refused",
        "why": f"it loses {subnets}, where {' and '.join(names)} {'run' if len(names) > 1 else 'runs'}",
        "instead": f"keep {subnets}, or an update before that removes or replaces what runs there: a subnet group "
        "changes before anything is deleted",
        "source": SOURCE, "before": shown, "after": shown,
    })  # fmt: skip


def _called(several: Iterable["Touched"]) -> list[str]:
    return sorted({words.called(each.entry) for each in several})


class _Network:
    """Which of the program's subnets an input names, and what runs in which."""

    def __init__(self, pairs: matching.Pairs, in_base: made_up.MadeUp, in_head: made_up.MadeUp) -> None:
        self._pairs, self._in_base, self._in_head = pairs, in_base, in_head
        self._subnets = [urn for urn, entry in pairs.base.items() if entry["type"] == SUBNET]
        self._groups = [entry for entry in pairs.base.values() if entry["type"] in GROUPS]
        self._now = {old: new for new, old in pairs.was.items()}

    def name(self, urn: str) -> str:
        """What a subnet is called."""
        return str(self._pairs.base[urn]["name"])

    def standing(self, each: "Touched") -> Iterator[_Standing]:
        """The subnets of the base in which a resource surely has interfaces."""
        old = self._pairs.base.get(each.was or "")
        if old is None:
            return
        for path in INTERFACES.get(old["type"], ()):
            for urn in self._named(_at(old["inputs"], path.split("."))):
                yield _Standing(each, urn, (path,))
        member = MEMBERS.get(old["type"])
        group = self._group(old, member) if member else None
        if member is not None and group is not None:
            zones = {zone for key in member.zones for zone in texts.of(old["inputs"].get(key))}
            for zone, urns in self._zones(group).items():
                if zone in zones and len(urns) == 1:
                    yield _Standing(each, urns[0], (member.group, *member.zones), group["urn"])

    def lost(self, group: "Touched", found: Mapping[str, "Touched"]) -> list[str]:
        """The subnets of the base that a group surely loses."""
        if group.was is None or not _planned(group, (_SUBNETS,)):
            return []
        after = group.entry["inputs"].get(_SUBNETS)
        before = self._named(self._pairs.base[group.was]["inputs"].get(_SUBNETS))
        return [urn for urn in before if not self._remains(urn, after, found)]

    def _remains(self, urn: str, after: Any, found: Mapping[str, "Touched"]) -> bool:
        now = self._now.get(urn)
        if now is None or found[now].action == "replace":
            return False
        return any(self._in_head.is_output(now, text) for text in texts.of(after))

    def _named(self, value: Any) -> list[str]:
        """The subnets of the base whose ids are in a value of it."""
        ids = [*texts.of(value)]
        return [urn for urn in self._subnets if any(self._in_base.is_output(urn, text) for text in ids)]

    def _zones(self, group: Entry) -> dict[str, list[str]]:
        """The subnets of a group by zone; nothing where not all of them are the program's, in zones that it says."""
        listed = group["inputs"].get(_SUBNETS)
        found: dict[str, list[str]] = {}
        for urn in self._named(listed):
            found.setdefault(str(self._pairs.base[urn]["inputs"].get("availabilityZone")), []).append(urn)
        return found if sum(map(len, found.values())) == len([*texts.of(listed)]) else {}

    def _group(self, entry: Entry, member: Member) -> Entry | None:
        """The subnet group that a member names, or what it is a part of."""
        for group in self._groups:
            if members.names(entry, member.group, group, *_NAMES):
                return group
        for whole in self._pairs.base.values() if member.part_of else ():
            if whole["type"] == member.whole and members.names(entry, str(member.part_of), whole, *_IDENTIFIERS):
                return next((one for one in self._groups if members.names(whole, member.group, one, *_NAMES)), None)
        return None


def _at(value: Any, keys: Sequence[str]) -> Any:
    """What is under these keys, of each element where there is a list."""
    if isinstance(value, list):
        return [_at(each, keys) for each in value]
    return _at(value.get(keys[0]), keys[1:]) if keys and isinstance(value, Mapping) else None if keys else value
