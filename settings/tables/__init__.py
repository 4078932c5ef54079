"""Dated facts about AWS that settings are checked against. Each file states its source and date; it is read once, on
first use."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

_HERE = Path(__file__).parent


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


@cache
def fargate_sizes() -> dict[int, tuple[int, ...]]:
    """Linux tasks: CPU units -> the memory sizes in MiB that AWS offers with them, ascending."""
    return {int(cpu): tuple(memory) for cpu, memory in _table("fargate")["sizes"].items()}


@cache
def postgres_minors(engine: str) -> dict[int, tuple[int, ...]]:
    """Major -> the minors that a new database of this engine (`aurora-postgresql`, `postgres`) can be created with."""
    return {int(major): tuple(row["minors"]) for major, row in _table("rds")["versions"][engine].items()}


def first_pausing_minor(major: int) -> int:
    """The first minor of an Aurora PostgreSQL major that scales to zero capacity; newer majors than the table's all
    do."""
    return int(_table("rds")["pauseFromMinor"].get(str(major), 0))


@cache
def instance_classes() -> dict[str, InstanceClass]:
    """The RDS instance classes known for PostgreSQL, by name."""
    return {name: InstanceClass(vcpu=row[0], memory_gib=row[1]) for name, row in _table("rds")["classes"].items()}


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
def _table(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((_HERE / f"{name}.json").read_text(encoding="utf-8"))
    return content
