"""Which versions and instance classes a database may have, by dated tables. A newer one is a doubt and no mistake."""

import re
from collections.abc import Iterable

from settings import tables
from settings.errors import Doubt, nearest, several, shown
from settings.section import Findings, Mistake

_TABLE = "settings/tables/rds.json"
# What a version of the engine looks like.
_FORMS = {
    "aurora-postgresql": r"[0-9]{2}\.[0-9]{1,2}",
    "aurora-mysql": r"[0-9]{1,2}\.[0-9]{1,2}\.mysql_aurora\.[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}",
    "postgres": r"[0-9]{2}\.[0-9]{1,2}",
    "mysql": r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}",
    "mariadb": r"[0-9]{2}\.[0-9]{1,2}\.[0-9]{1,2}",
}
# Classes without Performance Insights, by engine (UserGuide and AuroraUserGuide, Performance Insights, engine and
# instance class support, 2026-04).
_SMALL = r"db\.(t3|t4g)\.(micro|small)"
_WITHOUT_INSIGHTS = {"mysql": _SMALL, "mariadb": _SMALL, "aurora-mysql": rf"{_SMALL}|db\.t3\..*"}
# Engines whose major version is one number; of the others it is two: 8.4, 11.8.
_ONE_NUMBER = ("postgres", "aurora-postgresql")
_CALLED = {
    "aurora-postgresql": "Aurora PostgreSQL",
    "aurora-mysql": "Aurora MySQL",
    "postgres": "RDS for PostgreSQL",
    "mysql": "RDS for MySQL",
    "mariadb": "RDS for MariaDB",
}


def major_of(engine: str, version: str) -> str:
    """`17` of 17.7, `8.4` of 8.4.9, `8.0` of 8.0.mysql_aurora.3.10.1."""
    return ".".join(version.split(".")[: 1 if engine in _ONE_NUMBER else 2])


def numbers(version: str) -> tuple[int, ...]:
    """The version as numbers, to put versions in order."""
    return tuple(int(number) for number in re.findall(r"[0-9]+", version))


def judge_version(engine: str, version: str) -> Findings:
    """Whether a new database can be made with this version."""
    offered = tables.database_versions(engine)
    major = major_of(engine, version)
    latest: str = max(offered, key=numbers)
    if not re.fullmatch(_FORMS[engine], version):
        yield Mistake(
            key=("version",),
            problem=f"is no version of {engine}",
            given=f'"{version}"',
            allowed=f"versions such as {offered[latest][-1]}",
            change=f'set version to "{offered[latest][-1]}", or engine to the one that has it',
        )
    elif numbers(major) > numbers(latest) or (major in offered and numbers(version) > numbers(offered[major][-1])):
        yield Doubt(
            key=("version",),
            text=f'"{version}" of {engine} is newer than our table of {tables.as_of("rds")}; not checked'
            f" (the table: {_TABLE})",
        )
    elif major not in offered:
        majors: list[str] = sorted(offered, key=numbers)
        yield Mistake(
            key=("version",),
            problem=f"{engine} {major} is past the end of its standard support",
            given=f'"{version}"',
            allowed=f"a version of {several(majors)}, for example {offered[latest][-1]}",
            change=f'set version to "{offered[majors[0]][-1]}" or newer',
        )
    elif version not in offered[major]:
        yield Mistake(
            key=("version",),
            problem=f"no new {engine} database can be made with this version (table of {tables.as_of('rds')})",
            given=f'"{version}"',
            allowed=several(offered[major]),
            change=f'set version to "{offered[major][-1]}"',
        )


def judge_pausing(engine: str, version: str) -> Findings:
    """Whether an Aurora of this version can scale to zero capacity."""
    first = tables.pausing_from(engine, major_of(engine, version))
    if first is not None and numbers(version) < numbers(first):
        yield Mistake(
            key=("minCapacity",),
            problem=f"0 is not possible with version {version}: it cannot pause",
            given="0",
            allowed=f"0.5 or more; 0 from version {first} on",
            change=f'raise minCapacity to 0.5, or version to "{first}" or newer',
        )


def judge_proxied(engine: str, version: str) -> Findings:
    """Whether RDS Proxy takes a database of this version."""
    taken, major = tables.proxied_versions(engine), major_of(engine, version)
    if major in taken:
        return
    if numbers(major) > numbers(taken[-1]):
        yield Doubt(
            key=("proxy",),
            text=f"RDS Proxy took {_CALLED[engine]} up to {taken[-1]} on {tables.proxied_as_of()}; if it still takes no"
            f" {major}, the proxy gets no target (the table: {_TABLE})",
        )
        return
    yield Mistake(
        key=("proxy",),
        problem=f"RDS Proxy takes no {_CALLED[engine]} {major} (table of {tables.proxied_as_of()})",
        given=f'given (version: "{version}")',
        allowed=f"a proxy with a version of {several(taken)}",
        change="take proxy out, or raise version",
    )


def has_insights(engine: str, instance_class: str | None) -> bool:
    """Whether there is Performance Insights for this class, or for serverless instances."""
    without = _WITHOUT_INSIGHTS.get(engine)
    return instance_class is None or without is None or re.fullmatch(without, instance_class) is None


def judge_insights(engine: str, instance_class: str | None, insights: str, key: str = "instanceClass") -> Findings:
    """Advanced insights need a class that has any. `key` is where the class stands."""
    if insights == "advanced" and not has_insights(engine, instance_class):
        yield Mistake(
            key=("insights",),
            problem=f"{_CALLED[engine]} has no Performance Insights on so small a class",
            given=f"advanced ({key}: {instance_class})",
            allowed="standard, which such a class goes without as well",
            change="take it out, or choose a larger class, for example db.t4g.medium",
        )


def judge_capacity(engine: str, version: str, most: float) -> Findings:
    """Whether an Aurora of this version grows so far (AuroraUserGuide, aurora-serverless-v2.how-it-works, 2026-04)."""
    first = tables.growing_from(engine, major_of(engine, version))
    if most > tables.CAPACITY_BEFORE and first is not None and numbers(version) < numbers(first):
        yield Mistake(
            key=("maxCapacity",),
            problem=f"is more than version {version} grows to",
            given=f"{most:g}",
            allowed=f"at most {tables.CAPACITY_BEFORE}; 256 from version {first} on",
            change=f'lower maxCapacity to {tables.CAPACITY_BEFORE}, or raise version to "{first}" or newer',
        )


def judge_class(engine: str, instance_class: str, key: str = "instanceClass") -> Findings:
    """Whether the engine is offered on this class, in some region at least. `key` is where it stands."""
    aurora = engine.startswith("aurora")
    known = tables.aurora_classes() if aurora else tables.instance_classes()
    if instance_class in known:
        return
    if _sized_like_one(instance_class, known):
        newer = _newer_than_all(instance_class, known)
        if newer or instance_class.split(".")[1] in tables.other_families(aurora=aurora):
            unlisted = "newer than" if newer else "of a family that is not in"
            yield Doubt(
                key=(key,),
                text=f"{shown(instance_class)} is {unlisted} our table of {tables.as_of('rds')}; not checked"
                f" (the table: {_TABLE})",
            )
            return
    families = sorted({name.split(".")[1] for name in known})
    guess = nearest(instance_class, list(known))
    yield Mistake(
        key=(key,),
        problem=f"is no instance class of {_CALLED[engine]} (table of {tables.as_of('rds')})",
        given=shown(instance_class),
        allowed=f"db.<family>.<size> with a family of {several(families)}, and a size that AWS offers of it",
        change=(f"did you mean {guess}?" if guess else f"choose one, for example {min(known)}")
        + f" A class that AWS does offer belongs into {_TABLE}.",
    )


def _newer_than_all(instance_class: str, known: Iterable[str]) -> bool:
    """Whether a class is of a later generation than all known ones of its letter: `db.m9g.large` when m8g is the
    latest."""
    letter, generation = _family(instance_class)
    generations = [number for other, number in map(_family, known) if other == letter]
    return bool(generations) and generation > max(generations)


def _sized_like_one(instance_class: str, known: Iterable[str]) -> bool:
    """Whether another generation has the size, which tells how much memory it has."""
    return any(_sized(name) == _sized(instance_class) for name in known)


def _sized(instance_class: str) -> tuple[str, str]:
    _, family, size = instance_class.split(".")
    return family[0], size


def _family(instance_class: str) -> tuple[str, int]:
    found = re.match(r"db\.([a-z]+)([0-9]+)", instance_class)
    return (found[1], int(found[2])) if found else ("", 0)
