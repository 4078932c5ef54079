"""Properties whose change replaces a resource in some cases only.

The rules restate what was measured with the table (terraform-provider-aws 5.100.0, 2026-11-21) or read since
(``changes_read.json`` has the source). Where no rule is known the worst is assumed: a replacement.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

Inputs = Mapping[str, Any]
Effect = Literal["update", "replace", "unknown"]
Rule = Callable[[Any, Any, Inputs, Inputs], Effect | None]


def effect(type_token: str, path: str, before: Any, after: Any, old: Inputs, new: Inputs) -> Effect | None:
    """What a change of a conditional property does; None when nothing is planned for it."""
    rule = _RULES.get(f"{type_token} {path}")
    return "replace" if rule is None else rule(before, after, old, new)


def _never(_: Any, __: Any, ___: Inputs, ____: Inputs) -> None:
    """The provider does not compare it: a write-only value, or a set that it compares by name only."""
    return


def _if(worse: bool) -> Effect:
    return "replace" if worse else "update"


def _only(worse: Callable[[Any, Any], bool]) -> Rule:
    return lambda before, after, _, __: _if(worse(before, after))


def _downgrade(before: Any, after: Any) -> bool:
    return before is not None and after is not None and _version(after) < _version(before)


def _version(text: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in str(text).split(".") if part.isdigit())


def _kafka_downgrade(before: Any, after: Any) -> bool:
    """The provider does not notice it where a version is none by its rules: ``3.9.x``, ``3.9.x.kraft``."""
    return _downgrade(before, after) and not any(".x" in str(version) for version in (before, after))


def _network_groups(_: Any, __: Any, old: Inputs, new: Inputs) -> Effect | None:
    network = old.get("loadBalancerType") == "network"
    if not new.get("securityGroups"):
        return None if network else "update"
    return _if(network and not old.get("securityGroups"))


def _network_subnets(before: Any, __: Any, old: Inputs, ___: Inputs) -> Effect:
    return _if(old.get("loadBalancerType") == "network" and before is not None)


def _strategies(_: Any, __: Any, old: Inputs, new: Inputs) -> Effect:
    from_launch_type = old.get("launchType") is not None and new.get("launchType") is None
    return _if(from_launch_type or new.get("forceNewDeployment") is not True)


def _cluster_storage(_: Any, __: Any, old: Inputs, ___: Inputs) -> Effect:
    """Measured for these two engines only."""
    known: dict[str, Effect] = {"aurora-postgresql": "update", "mysql": "replace"}
    return known.get(str(old.get("engine")), "unknown")


def _another(_: Any, after: Any, __: Inputs, ___: Inputs) -> Effect | None:
    """What a thing was once made from may be taken out: only something else there makes it anew."""
    return "replace" if after else None


def _transit(_: Any, __: Any, old: Inputs, ___: Inputs) -> Effect:
    return _if(_version(old.get("engineVersion")) < (7, 0, 5))


def _memcached(_: Any, __: Any, old: Inputs, ___: Inputs) -> Effect:
    return _if(old.get("engine") == "memcached")


def _user_data(_: Any, __: Any, ___: Inputs, new: Inputs) -> Effect:
    return _if(new.get("userDataReplaceOnChange") is True)


def _subnet_block(_: Any, __: Any, old: Inputs, ___: Inputs) -> Effect:
    return _if(old.get("assignIpv6AddressOnCreation") is True)


def _private_dns(_: Any, __: Any, old: Inputs, ___: Inputs) -> Effect:
    return _if(old.get("vpcEndpointType") != "Interface")


def _zone_addresses(_: Any, __: Any, old: Inputs, new: Inputs) -> Effect:
    """Between automatic and by hand it is another gateway."""
    return _if(bool(old.get("availabilityZoneAddresses")) != bool(new.get("availabilityZoneAddresses")))


_LB = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
_SERVICE = "aws:ecs/service:Service capacityProviderStrategies"
_CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
_TABLE = "aws:dynamodb/table:Table"

_RULES: dict[str, Rule] = {
    **{f"{token} securityGroups": _network_groups for token in _LB},
    **{f"{token} subnets": _network_subnets for token in _LB},
    **{
        f"{token} secondaryIpsAutoAssignedPerSubnet": _only(lambda before, after: (after or 0) < (before or 0))
        for token in _LB
    },
    **{f"{_SERVICE}{member}": _strategies for member in ("", ".base", ".capacityProvider", ".weight")},
    "aws:acm/certificate:Certificate privateKeyWo": _never,
    "aws:ec2/instance:Instance userData": _user_data,
    "aws:ec2/instance:Instance userDataBase64": _user_data,
    "aws:ec2/natGateway:NatGateway availabilityZoneAddresses": _zone_addresses,
    "aws:ec2/subnet:Subnet ipv6CidrBlock": _subnet_block,
    "aws:ec2/vpc:Vpc instanceTenancy": _only(lambda _, after: after == "dedicated"),
    "aws:ec2/vpcEndpoint:VpcEndpoint privateDnsEnabled": _private_dns,
    "aws:ec2/instance:Instance enablePrimaryIpv6": _only(lambda before, _: before is True),
    "aws:ec2/networkInterface:NetworkInterface enablePrimaryIpv6": _only(lambda before, _: before is True),
    "aws:rds/cluster:Cluster storageType": _cluster_storage,
    "aws:rds/cluster:Cluster snapshotIdentifier": _another,
    "aws:rds/cluster:Cluster masterPasswordWo": _never,
    "aws:rds/instance:Instance passwordWo": _never,
    "aws:secretsmanager/secretVersion:SecretVersion secretStringWo": _never,
    "aws:ssm/parameter:Parameter valueWo": _never,
    "aws:ssm/parameter:Parameter tier": _only(lambda before, after: (before, after) != ("Standard", "Advanced")),
    "aws:msk/cluster:Cluster kafkaVersion": _only(_kafka_downgrade),
    "aws:msk/cluster:Cluster storageMode": _only(lambda before, _: before == "TIERED"),
    "aws:elasticache/user:User passwordsWo": _never,
    f"{_CACHE} authTokenWo": _never,
    f"{_CACHE} engine": _only(lambda before, after: (before, after) != ("redis", "valkey")),
    f"{_CACHE} engineVersion": _only(_downgrade),
    f"{_CACHE} transitEncryptionEnabled": _transit,
    "aws:elasticache/serverlessCache:ServerlessCache engine": _only(
        lambda before, after: (before, after) != ("redis", "valkey")
    ),
    "aws:elasticache/cluster:Cluster engineVersion": _only(_downgrade),
    "aws:elasticache/cluster:Cluster nodeType": _memcached,
    f"{_TABLE} attributes.type": _never,
    f"{_TABLE} localSecondaryIndexes.nonKeyAttributes": _never,
    f"{_TABLE} localSecondaryIndexes.projectionType": _never,
    f"{_TABLE} localSecondaryIndexes.rangeKey": _never,
    f"{_TABLE} restoreSourceName": _only(lambda _, after: after is not None),
    f"{_TABLE} restoreSourceTableArn": _only(lambda _, after: after is not None),
}
