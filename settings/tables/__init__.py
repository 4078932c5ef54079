"""Dated facts about AWS that settings are checked against. Each file states its source and date; it is read once, on
first use."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

_HERE = Path(__file__).parent
CAPACITY_BEFORE = 128
"""The most ACU of an Aurora whose version is older than `growing_from`."""


@dataclass(frozen=True, kw_only=True)
class Region:
    """A region: `letters` are the zone letters seen there (None: not recorded), `zones` how many zones it has."""

    code: str
    name: str
    partition: str
    dns_suffix: str
    letters: str | None
    zones: int | None


@dataclass(frozen=True, kw_only=True)
class InstanceType:
    """What one EC2 instance type offers. `interfaces` is how many network interfaces it takes, its own among them."""

    architecture: Literal["x86_64", "arm64"]
    vcpu: int
    memory_mib: int
    interfaces: int


@dataclass(frozen=True, kw_only=True)
class InstanceClass:
    """What one RDS instance class offers."""

    vcpu: int
    memory_gib: int


@dataclass(frozen=True, kw_only=True)
class CacheNode:
    """What one type of cache node offers. `memory_gib` is what data can take, before what is kept back for copying."""

    vcpu: int
    memory_gib: float
    valkey_only: bool


def as_of(table: str) -> str:
    """The date of the material that a table was made from."""
    return str(_table(table)["asOf"])


@cache
def regions() -> dict[str, Region]:
    """Every region that a stack may be in, by its code."""
    table = _table("regions")
    return {
        code: Region(
            code=code,
            name=row["name"],
            partition=row["partition"],
            dns_suffix=table["partitions"][row["partition"]]["dnsSuffix"],
            letters=row["letters"],
            zones=row["zones"],
        )
        for code, row in table["regions"].items()
    }


def partitions() -> tuple[str, ...]:
    """The partitions of AWS that a stack may be in."""
    return tuple(_table("regions")["partitions"])


def partition_not_supported(region: str) -> tuple[str, str] | None:
    """Code and name of the partition of a region, if a stack cannot be in it; None for any other, known or not."""
    rows = _table("regions")["notSupported"].items()
    return next(((code, row["name"]) for code, row in rows if region.startswith(row["regions"])), None)


@cache
def fargate_sizes() -> dict[int, tuple[int, ...]]:
    """Linux tasks: CPU units -> the memory sizes in MiB that AWS offers with them, ascending."""
    return {int(cpu): tuple(memory) for cpu, memory in _table("fargate")["sizes"].items()}


@cache
def database_versions(engine: str) -> dict[str, tuple[str, ...]]:
    """Major -> the versions that a new database of this engine, such as `aurora-mysql`, can be made with, oldest
    first."""
    rows = _table("rds")["versions"][engine]
    return {major: tuple(f"{major}.{minor}" for minor in row["minors"]) for major, row in rows.items()}


@cache
def proxied_versions(engine: str) -> tuple[str, ...]:
    """The major versions of an engine that RDS Proxy takes, oldest first."""
    return tuple(_table("rds")["proxy"]["majors"][engine])


def proxied_as_of() -> str:
    """The date of the material on RDS Proxy."""
    return str(_table("rds")["proxy"]["asOf"])


def pausing_from(engine: str, major: str) -> str | None:
    """The first version of an Aurora major that scales to zero capacity; None where all do, as newer majors do."""
    first: str | None = _table("rds")["pauseFrom"][engine].get(major)
    return first


def growing_from(engine: str, major: str) -> str | None:
    """The first version of an Aurora major that grows beyond `CAPACITY_BEFORE` ACU; None where all do."""
    first: str | None = _table("rds")["growFrom"][engine].get(major)
    return first


def other_families(*, aurora: bool) -> frozenset[str]:
    """Families of instance classes that are offered beside those with rows of their own."""
    return frozenset(_table("rds")["otherFamilies"]["aurora" if aurora else "rds"])


@cache
def instance_classes() -> dict[str, InstanceClass]:
    """The RDS instance classes known, by name; Aurora offers only those of `aurora_classes`."""
    return {name: InstanceClass(vcpu=row[0], memory_gib=row[1]) for name, row in _table("rds")["classes"].items()}


@cache
def aurora_classes() -> dict[str, InstanceClass]:
    """The instance classes of Aurora, by name."""
    families = _table("rds")["auroraClasses"]
    return {
        name: offered
        for name, offered in instance_classes().items()
        if (family := name.split(".")[1]) in families
        and (families[family] is None or name.split(".")[2] in families[family])
    }


def lacks_class(region: str, family: str, *, aurora: bool) -> bool:
    """Whether a region is known not to have the instance classes of a family, such as `r8g`."""
    return region in _table("rds")["missingInRegions"]["aurora" if aurora else "rds"].get(family, ())


def aurora_mysql_connections(instance_class: str) -> int:
    """Connections that Aurora MySQL takes by default, by class; as many as its size has in other families where the
    table has no row."""
    _, family, size = instance_class.split(".")
    rows = _table("rds")["auroraMysqlConnections"]
    return int(rows.get(f"{family}.{size}") or rows.get(size) or min(rows.values()))


def acu_connections(engine: str) -> list[tuple[float, int]]:
    """Connections that a serverless Aurora takes by default, by its maximum capacity in ACU, ascending."""
    return [(float(acu), int(connections)) for acu, connections in _table("rds")["acuConnections"][engine]]


@cache
def cache_versions(engine: str) -> dict[str, tuple[str, ...]]:
    """Major -> the versions that a new cache of nodes can be made with, oldest first."""
    return {major: tuple(versions) for major, versions in _table("elasticache")["versions"][engine].items()}


@cache
def serverless_cache_versions(engine: str) -> tuple[str, ...]:
    """The major versions that a serverless cache can be made with, oldest first."""
    return tuple(_table("elasticache")["serverless"][engine])


def cache_family(engine: str, version: str) -> str:
    """The family of parameter groups of a version: `valkey`, `8.2` -> `valkey8`; a newer major follows the pattern."""
    major = version.split(".", maxsplit=1)[0]
    family: str = _table("elasticache")["families"].get(f"{engine} {major}", f"{engine}{major}")
    return family


def cache_support_ends(engine: str, version: str) -> str | None:
    """The day on which standard support of a version ends; None where no day is known."""
    ends: str | None = _table("elasticache")["standardSupportEnds"].get(f"{engine} {version.split('.', maxsplit=1)[0]}")
    return ends


def cache_signs_in_with_iam_from(engine: str) -> str:
    """The first version of an engine that lets clients sign in with IAM."""
    first: str = _table("elasticache")["iamFrom"][engine]
    return first


@cache
def cache_nodes() -> dict[str, CacheNode]:
    """The types of cache nodes, by name."""
    content = _table("elasticache")
    return {
        name: CacheNode(vcpu=vcpu, memory_gib=memory, valkey_only=name.split(".")[1] in content["valkeyOnly"])
        for name, (vcpu, memory) in content["nodeTypes"].items()
    }


def cache_node_connections() -> int:
    """How many clients one cache node takes."""
    return int(_table("elasticache")["connectionsPerNode"])


def lacks_cache_node(region: str, family: str) -> bool:
    """Whether a region is known not to have the cache nodes of a family, such as `r8g`."""
    return region in _table("elasticache")["missingInRegions"].get(family, ())


@cache
def instance_types() -> dict[str, InstanceType]:
    """The EC2 instance types of general use, by name."""
    return {
        f"{family}.{size}": InstanceType(
            architecture=rows["architecture"], vcpu=row[0], memory_mib=row[1], interfaces=row[2]
        )
        for family, rows in _table("instances")["families"].items()
        for size, row in rows["sizes"].items()
    }


@cache
def time_zones() -> tuple[str, ...]:
    """The names of time zones, ascending."""
    return tuple(_table("timezones")["names"])


@cache
def runtimes() -> dict[str, date]:
    """The runtimes of functions -> the last day on which AWS patches each."""
    return {name: date.fromisoformat(day) for name, day in _table("lambda")["runtimes"].items()}


@cache
def image_architectures() -> dict[str, tuple[str, ...]]:
    """Repositories of Docker Hub whose images are not for every processor -> the processors that they are for."""
    return {name: tuple(known) for name, known in _table("images")["repositories"].items()}


@cache
def image_namespaces() -> dict[str, str]:
    """Namespaces of Docker Hub that hold images for a single processor -> which."""
    return dict(_table("images")["namespaces"])


@cache
def kafka_versions() -> tuple[str, ...]:
    """The versions of Kafka that MSK makes new clusters of, oldest first."""
    return tuple(_table("kafka")["versions"])


@cache
def kafka_brokers() -> tuple[str, ...]:
    """The standard brokers of MSK."""
    return tuple(f"{family}.{size}" for family, sizes in _table("kafka")["brokers"].items() for size in sizes)


@cache
def _table(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((_HERE / f"{name}.json").read_text(encoding="utf-8"))
    return content
