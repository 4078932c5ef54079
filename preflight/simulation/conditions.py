"""Properties whose change replaces a resource in some cases only.

The rules restate what was measured with the table (terraform-provider-aws 5.100.0, 2026-11-21). Where no rule is known
the worst is assumed: a replacement.
"""

from collections.abc import Callable, Mapping
from typing import Any

Inputs = Mapping[str, Any]
Rule = Callable[[Any, Any, Inputs, Inputs], bool | None]


def replaces(type_token: str, path: str, before: Any, after: Any, old: Inputs, new: Inputs) -> bool | None:
    """Whether a change of a conditional property replaces; None when nothing is planned for it."""
    rule = _RULES.get(f"{type_token} {path}")
    return True if rule is None else rule(before, after, old, new)


def _never(_: Any, __: Any, ___: Inputs, ____: Inputs) -> None:
    """The provider does not compare it: a write-only value, or a set that it compares by name only."""
    return


def _only(worse: Callable[[Any, Any], bool]) -> Rule:
    return lambda before, after, _, __: worse(before, after)


def _downgrade(before: Any, after: Any) -> bool:
    return before is not None and after is not None and _version(after) < _version(before)


def _version(text: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in str(text).split(".") if part.isdigit())


def _network_groups(_: Any, __: Any, old: Inputs, new: Inputs) -> bool | None:
    if not new.get("securityGroups"):
        return None if old.get("loadBalancerType") == "network" else False
    return old.get("loadBalancerType") == "network" and not old.get("securityGroups")


def _network_subnets(before: Any, __: Any, old: Inputs, ___: Inputs) -> bool:
    return old.get("loadBalancerType") == "network" and before is not None


def _strategies(_: Any, __: Any, old: Inputs, new: Inputs) -> bool:
    from_launch_type = old.get("launchType") is not None and new.get("launchType") is None
    return from_launch_type or new.get("forceNewDeployment") is not True


def _aurora_storage(_: Any, __: Any, old: Inputs, ___: Inputs) -> bool:
    return not str(old.get("engine")).startswith("aurora")


def _transit(_: Any, __: Any, old: Inputs, ___: Inputs) -> bool:
    return _version(old.get("engineVersion")) < (7, 0, 5)


def _memcached(_: Any, __: Any, old: Inputs, ___: Inputs) -> bool:
    return old.get("engine") == "memcached"


_LB = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
_SERVICE = "aws:ecs/service:Service capacityProviderStrategies"
_CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
_TABLE = "aws:dynamodb/table:Table"

_RULES: dict[str, Rule] = {
    **{f"{token} securityGroups": _network_groups for token in _LB},
    **{f"{token} subnets": _network_subnets for token in _LB},
    **{f"{_SERVICE}{member}": _strategies for member in ("", ".base", ".capacityProvider", ".weight")},
    "aws:ec2/vpc:Vpc instanceTenancy": _only(lambda _, after: after == "dedicated"),
    "aws:ec2/instance:Instance enablePrimaryIpv6": _only(lambda before, _: before is True),
    "aws:ec2/networkInterface:NetworkInterface enablePrimaryIpv6": _only(lambda before, _: before is True),
    "aws:rds/cluster:Cluster storageType": _aurora_storage,
    "aws:rds/cluster:Cluster masterPasswordWo": _never,
    "aws:rds/instance:Instance passwordWo": _never,
    "aws:secretsmanager/secretVersion:SecretVersion secretStringWo": _never,
    "aws:ssm/parameter:Parameter valueWo": _never,
    "aws:ssm/parameter:Parameter tier": _only(lambda before, after: (before, after) != ("Standard", "Advanced")),
    "aws:msk/cluster:Cluster kafkaVersion": _only(_downgrade),
    "aws:msk/cluster:Cluster storageMode": _only(lambda before, _: before == "TIERED"),
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
