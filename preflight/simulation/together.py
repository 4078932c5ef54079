"""What the provider refuses of the inputs of one resource taken together: each for itself could be fine."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # how Pulumi's wire writes a value that is not known yet
Inputs = Mapping[str, Any]


class Problem(NamedTuple):
    """A property that the provider refuses, and why."""

    property: str
    reason: str


def problems(type_token: str, inputs: Inputs) -> Iterator[Problem]:
    """What does not go together. A value that is not known yet goes with anything."""
    yield from _WHOLE.get(type_token, _nothing)(inputs)


def blocks(value: Any, path: list[str]) -> Iterator[Inputs]:
    """The blocks at a path that are given and known, each element of a list for itself."""
    if isinstance(value, list):
        for element in value:
            yield from blocks(element, path)
    elif isinstance(value, Mapping):
        if path:
            yield from blocks(value.get(path[0]), path[1:])
        else:
            yield value


def given(inputs: Inputs, key: str) -> bool:
    """Whether an argument has a value, or one that comes later: what another one asks for."""
    return inputs.get(key) not in (None, False, "", [])


def sure(inputs: Inputs, key: str) -> bool:
    """Whether an argument has a value that is known: what excludes or asks for others. One that comes later, or is
    secret, may turn out to be none."""
    return given(inputs, key) and inputs[key] != UNKNOWN


def one_of(inputs: Inputs, keys: Iterable[str]) -> bool:
    """Whether exactly one of a few arguments is given, or can be once all is known."""
    there = [key for key in keys if given(inputs, key)]
    return bool(there) and sum(sure(inputs, key) for key in there) <= 1


def snake(path: str) -> str:
    """The names of a path as a Python program writes them."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: "_" + found[1].lower(), path)


def near(name: str, known: Iterable[str]) -> str:
    """The one of the known names that a misspelt one most likely means, for the end of a message."""
    import difflib  # noqa: PLC0415  only for a message

    by_lower = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return f" (near it: {by_lower[found[0]]})" if found else ""


def _nothing(_: Inputs) -> Iterator[Problem]:
    yield from ()


def _table(inputs: Inputs) -> Iterator[Problem]:
    """Of a DynamoDB table: the attributes that are declared are those of its keys, no more and no fewer."""
    if UNKNOWN in [inputs.get(key) for key in ("attributes", "globalSecondaryIndexes", "localSecondaryIndexes")]:
        return
    declared = [part.get("name") for part in blocks(inputs.get("attributes"), [])]
    used = [inputs.get("hashKey"), inputs.get("rangeKey")]
    for index in blocks([inputs.get("globalSecondaryIndexes"), inputs.get("localSecondaryIndexes")], []):
        used += [index.get("hashKey"), index.get("rangeKey")]
        used += [key.get("attributeName") for key in blocks(index.get("keySchemas"), [])]
    if UNKNOWN in (*declared, *used):
        return
    keys = {name for name in used if name}
    for name in sorted(keys - {*declared}):
        yield Problem("attributes", f"all indexes must match a defined attribute. Unmatched: {name}")
    for name in sorted({name for name in declared if name} - keys):
        yield Problem("attributes", f"all attributes must be indexed. Unused: {name}")


def _cache_group(inputs: Inputs) -> Iterator[Problem]:
    """Of a replication group: nodes are counted in one way, failover has somebody to fail over to, keys need
    encryption."""
    nodes = inputs.get("numCacheClusters")
    counted = sure(inputs, "numCacheClusters")
    if counted and sure(inputs, "numNodeGroups"):
        yield Problem("numCacheClusters", "conflicts with num_node_groups")
    if counted and inputs.get("replicasPerNodeGroup") not in (None, UNKNOWN):
        yield Problem("replicasPerNodeGroup", "conflicts with num_cache_clusters")
    failover = inputs.get("automaticFailoverEnabled")
    if failover is True and isinstance(nodes, int | float) and nodes < 2:
        yield Problem("numCacheClusters", "must be at least 2 if automatic_failover_enabled is true")
    if inputs.get("multiAzEnabled") is True and failover not in (True, UNKNOWN):
        yield Problem("automaticFailoverEnabled", "must be true if multi_az_enabled is true")
    encrypted = inputs.get("atRestEncryptionEnabled")
    if encrypted is None and inputs.get("engine") in ("valkey", UNKNOWN):
        encrypted = True  # its default
    if sure(inputs, "kmsKeyId") and encrypted in (None, False):
        yield Problem("kmsKeyId", "can only be set with at_rest_encryption_enabled")
    if sure(inputs, "authToken") and sure(inputs, "userGroupIds"):
        yield Problem("authToken", "conflicts with user_group_ids")


def _cache_user(inputs: Inputs) -> Iterator[Problem]:
    """Of a user of a cache: who signs in with IAM is called as its id, who has passwords has one or two."""
    for mode in blocks(inputs.get("authenticationMode"), []):
        kind, passwords = mode.get("type"), mode.get("passwords") or []
        names = {inputs.get("userId"), inputs.get("userName")}
        if kind == "iam" and UNKNOWN not in names and len(names) > 1:
            yield Problem("userName", "must be the user_id with IAM authentication")
        if isinstance(passwords, list) and kind != UNKNOWN and (kind == "password") != (1 <= len(passwords) <= 2):
            yield Problem("authenticationMode", "passwords, one or two, go with the type password and with no other")


def _proxy_target(inputs: Inputs) -> Iterator[Problem]:
    if not one_of(inputs, ("dbClusterIdentifier", "dbInstanceIdentifier")):
        yield Problem("dbClusterIdentifier", "one of db_cluster_identifier and db_instance_identifier has to be given")


_WHOLE: dict[str, Callable[[Inputs], Iterator[Problem]]] = {
    "aws:dynamodb/table:Table": _table,
    "aws:elasticache/replicationGroup:ReplicationGroup": _cache_group,
    "aws:elasticache/user:User": _cache_user,
    "aws:rds/proxyTarget:ProxyTarget": _proxy_target,
}
