"""Changes of which the plan does not say what becomes of them.

The provider plans them as an update in place and AWS refuses it, or it plans nothing at all although the program says
something else. That the provider plans so was measured for the rows marked ``measured`` (terraform-provider-aws
5.100.0, 2026-11-21); what AWS refuses is what its documentation says, read 2026-11 and not measured.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from preflight.simulation.limits import number

Inputs = Mapping[str, Any]
Outcome = Literal["refused", "not planned"]
Rule = Callable[[Any, Any, Inputs, Inputs], bool]
CHECKED = "2026-11-21"


class Refusal(NamedTuple):
    """One change with what becomes of it; ``path`` without indexes, ``applies`` gets both values and both inputs."""

    outcome: Outcome
    why: str
    instead: str
    source: str
    applies: Rule


def refusals(type_token: str, place: str, before: Any, after: Any, old: Inputs, new: Inputs) -> Iterator[Refusal]:
    """What is to be said of a change from one known value to another; None stands for a value that is not given."""
    for row in ROWS.get((type_token, place), ()):
        if row.applies(before, after, old, new):
            yield row


def _smaller(before: Any, after: Any, _: Inputs, __: Inputs) -> bool:
    first, second = number(before), number(after)
    return first is not None and second is not None and second < first


def _older(before: Any, after: Any, _: Inputs, __: Inputs) -> bool:
    first, second = _version(before), _version(after)
    length = min(len(first), len(second))  # "16" asks for some 16.x
    return bool(length) and second[:length] < first[:length]


def _major(parts: Callable[[Inputs], int]) -> Rule:
    """A new major version without the switch that allows one; ``parts`` of the version make the major one."""

    def applies(before: Any, after: Any, _: Inputs, new: Inputs) -> bool:
        first, second = (_version(each)[: parts(new)] for each in (before, after))
        return bool(first) and second > first and new.get("allowMajorVersionUpgrade") is not True

    return applies


def _major_parts(new: Inputs) -> int:
    """PostgreSQL, Oracle and SQL Server count 17, 18, the others 8.0, 8.4; none where the engine is not known."""
    engine = new.get("engine")
    if not isinstance(engine, str):
        return 0
    return 2 if "mysql" in engine or "mariadb" in engine else 1


def _changed(before: Any, after: Any, _: Inputs, __: Inputs) -> bool:
    return before is not None and after is not None and before != after


def _gone(before: Any, after: Any, _: Inputs, __: Inputs) -> bool:
    return before is not None and after is None


def _far(before: Any, after: Any, _: Inputs, __: Inputs) -> bool:
    first, second = number(before), number(after)
    return bool(first) and second is not None and first is not None and not first / 2 <= second <= first * 2


def _another_source(before: Any, after: Any, _: Inputs, __: Inputs) -> bool:
    """Whether a replica gets a source that is not the one it has, be that said by name or by ARN."""
    names = [each.rpartition(":")[2] if isinstance(each, str) else "" for each in (before, after)]
    return bool(names[1]) and names[0] != names[1]


def _skips(before: Any, after: Any, _: Inputs, __: Inputs) -> bool:
    first, second = _version(before), _version(after)
    return len(first) == len(second) == 2 and first[0] == second[0] and second[1] - first[1] > 1


def _spread(before: Any, after: Any, _: Inputs, __: Inputs) -> bool:
    """From keys on one primary to keys over several, or back; one of one is said either way."""
    return (before is None) != (after is None) and (number(before) or number(after) or 0) > 1


def _metadata(before: Any, after: Any, _: Inputs, __: Inputs) -> bool:
    """From ZooKeeper to KRaft, or back."""
    return str(before).endswith(".kraft") != str(after).endswith(".kraft")


def _older_kafka(before: Any, after: Any, old: Inputs, new: Inputs) -> bool:
    """Those that the provider does not replace for: it cannot read ``3.9.x``."""
    return any(".x" in str(version) for version in (before, after)) and _older(before, after, old, new)


def _at_once(before: Any, after: Any, _: Inputs, new: Inputs) -> bool:
    return not before and after is True and new.get("transitEncryptionMode") != "preferred"


def _version(text: Any) -> tuple[int, ...]:
    """The leading numbers of a version: ``8.0.mysql_aurora.3.04.0`` and ``5.7.44-rds.2`` begin with theirs."""
    if not isinstance(text, str):
        return ()
    numbers = []
    for part in text.removeprefix("OpenSearch_").removeprefix("Elasticsearch_").split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)


_MEASURED = "planned as an update: measured, terraform-provider-aws 5.100.0"
_READ = "planned as an update: schema of terraform-provider-aws 5.100, no ForceNew"
_STORAGE = "AWS never makes storage smaller"
_VERSION = "AWS never goes back to an older engine"
_RESTORE = "make a second one and move the data"
_TABLE = "aws:dynamodb/table:Table"
_BY_NAME = "measured: terraform-provider-aws 5.100.0 compares these sets by name only"
_NEW_INDEX = "give the index another name, which replaces the table, or make a second table and move the data"
_SCHEMA = "AWS cannot change or remove an attribute of a user pool"


def _refused(why: str, instead: str, source: str, applies: Rule) -> Refusal:
    return Refusal("refused", why, instead, source, applies)


def _ignored(why: str, instead: str, source: str, applies: Rule) -> Refusal:
    return Refusal("not planned", why, instead, source, applies)


def _engine(measured: str) -> tuple[Refusal, ...]:
    return (
        _refused(_VERSION, _RESTORE + " (a snapshot does not restore into an older engine)", measured, _older),
        _refused(
            "AWS wants allowMajorVersionUpgrade for a new major version",
            "set allowMajorVersionUpgrade, after a trial on a copy", measured, _major(_major_parts),
        ),
    )  # fmt: skip


ROWS: Mapping[tuple[str, str], tuple[Refusal, ...]] = {
    ("aws:rds/instance:Instance", "allocatedStorage"): (_refused(_STORAGE, _RESTORE, _MEASURED, _smaller),),
    ("aws:rds/instance:Instance", "engineVersion"): _engine(_MEASURED),
    ("aws:rds/cluster:Cluster", "engineVersion"): _engine(_MEASURED),
    ("aws:rds/instance:Instance", "snapshotIdentifier"): (
        _ignored("it is read when the database is made", "leave it", _MEASURED, _gone),
    ),
    ("aws:rds/instance:Instance", "replicateSourceDb"): (
        _refused(
            "a database that exists is not made the replica of another (only promoted, when this is taken out)",
            "make a second replica",
            "terraform-provider-aws, rds/instance.go: cannot elect new source database for replication",
            _another_source,
        ),
    ),
    ("aws:rds/cluster:Cluster", "snapshotIdentifier"): (
        _ignored("it is read when the database is made", "leave it", _MEASURED, _gone),
    ),
    ("aws:docdb/cluster:Cluster", "engineVersion"): (_refused(_VERSION, _RESTORE, _READ, _older),),
    ("aws:neptune/cluster:Cluster", "engineVersion"): (_refused(_VERSION, _RESTORE, _READ, _older),),
    ("aws:memorydb/cluster:Cluster", "engineVersion"): (_refused(_VERSION, _RESTORE, _READ, _older),),
    ("aws:eks/cluster:Cluster", "version"): (
        _refused("AWS raises the version by one minor version at a time", "go by way of those between", _READ, _skips),
    ),
    ("aws:ebs/volume:Volume", "size"): (_refused(_STORAGE, _RESTORE, _READ, _smaller),),
    ("aws:ec2/instance:Instance", "rootBlockDevice.volumeSize"): (
        _refused(_STORAGE, "make a second instance", _MEASURED, _smaller),
    ),
    ("aws:msk/cluster:Cluster", "brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize"): (
        _refused(_STORAGE, _RESTORE, _MEASURED, _smaller),
    ),
    ("aws:msk/cluster:Cluster", "kafkaVersion"): (
        _refused("MSK never goes back to an older Kafka", _RESTORE, _MEASURED, _older_kafka),
        _refused("MSK takes no cluster from ZooKeeper to KRaft, or back", _RESTORE, _READ, _metadata),
    ),
    ("aws:elasticache/replicationGroup:ReplicationGroup", "numNodeGroups"): (
        _refused(
            "ElastiCache turns cluster mode on by way of clusterMode: compatible only, and never off",
            "make a second cache; what is in one can be had again", _READ, _spread,
        ),
    ),
    ("aws:kinesis/stream:Stream", "shardCount"): (
        _refused("AWS doubles or halves the shards at most", "go in steps", _READ, _far),
    ),
    ("aws:cognito/userPool:UserPool", "schemas"): (_refused(_SCHEMA, "make a second user pool", _READ, _gone),),
    ("aws:cognito/userPool:UserPool", "schemas.attributeDataType"): (
        _refused(_SCHEMA, "make a second user pool", _READ, _changed),
    ),
    ("aws:cognito/userPool:UserPool", "schemas.mutable"): (
        _refused(_SCHEMA, "make a second user pool", _READ, _changed),
    ),
    ("aws:elasticache/replicationGroup:ReplicationGroup", "transitEncryptionEnabled"): (
        _refused(
            "AWS turns encryption in transit on in two steps",
            "set transitEncryptionMode to preferred first, and to required in a second update", _MEASURED, _at_once,
        ),
    ),
    (_TABLE, "attributes.type"): (
        _ignored(
            "the key of a table that exists keeps its type, and the next plan does not see it either",
            "give the attribute another name, which replaces the table, or make a second table and move the data",
            _BY_NAME, _changed,
        ),
    ),
    **{
        (_TABLE, f"localSecondaryIndexes.{key}"): (
            _ignored("a local index that exists stays as it is", _NEW_INDEX, _BY_NAME, _changed),
        )
        for key in ("nonKeyAttributes", "projectionType", "rangeKey")
    },
}  # fmt: skip
