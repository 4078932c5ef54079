"""What a database of a given size can take: memory and connections. Pure arithmetic on AWS's published figures."""

from collections.abc import Sequence

from settings import tables

GIB = 1024**3
ACU_GIB = 2  # memory of one Aurora capacity unit

# "PostgreSQL with minimum 0 or 0.5 ACU is capped at 2000" (same page).
_SMALL_MINIMUM_ACU = 0.5
_SMALL_MINIMUM_CONNECTIONS = 2000

# LEAST(DBInstanceClassMemory / bytes, most), of the memory that AWS leaves (UserGuide, limits, 2026-04). MySQL has no
# ceiling there, but a hundred thousand connections are the most that can be set.
_BYTES_AND_MOST = {
    "aurora-postgresql": (9_531_392, 5_000),
    "postgres": (9_531_392, 5_000),
    "mysql": (12_582_880, 100_000),
    "mariadb": (25_165_760, 12_000),
}
# Ours: the one example AWS gives keeps 92 % of the nominal memory (db.m7g.large), small classes keep less.
_USABLE_MEMORY = 0.75


def aurora_memory_bytes(max_acu: float) -> int:
    """Memory of a serverless instance at its largest."""
    return int(max_acu * ACU_GIB * GIB)


def aurora_connections(min_acu: float, max_acu: float, engine: str = "aurora-postgresql") -> int:
    """Connections that a serverless Aurora accepts by default: they follow the maximum capacity.

    Between the sizes that AWS publishes the values lie on a line with PostgreSQL, whose connections follow memory. With
    MySQL they go in steps, so the lower size counts: a bound that is reached before the real one.
    """
    rows = tables.acu_connections(engine)
    if engine == "aurora-mysql":
        return max((connections for acu, connections in rows if acu <= max_acu), default=rows[0][1])
    limit = _interpolated(max_acu, rows)
    return min(limit, _SMALL_MINIMUM_CONNECTIONS) if min_acu <= _SMALL_MINIMUM_ACU else limit


def aurora_class_connections(instance_class: str, engine: str) -> int:
    """Connections that an Aurora instance of fixed size accepts by default."""
    if engine == "aurora-mysql":
        return tables.aurora_mysql_connections(instance_class)
    return instance_connections(instance_class, engine)


def instance_memory_bytes(instance_class: str) -> int:
    """Nominal memory of an RDS instance class, e.g. ``db.m7g.large``.

    A class newer than our table has what its size has in the family's earlier generations: AWS has kept to that so far.
    """
    known = tables.instance_classes()
    like = [known[name] for name in (instance_class, *known) if name in known and _kind(name) == _kind(instance_class)]
    if not like:
        raise ValueError(
            f"no memory is known for the instance class {instance_class!r}, nor for its size in other generations of"
            " its family; use a class of settings/tables/rds.json, or add this one there"
        )
    return like[0].memory_gib * GIB


def instance_connections(instance_class: str, engine: str = "postgres") -> int:
    """Connections that an instance accepts by default, rounded down: a bound that is reached before the real one."""
    usable = instance_memory_bytes(instance_class) * _USABLE_MEMORY
    bytes_each, most = _BYTES_AND_MOST[engine]
    return min(int(usable / bytes_each), most)


def _interpolated(max_acu: float, rows: Sequence[tuple[float, int]]) -> int:
    below = rows[0]
    for above in rows[1:]:
        if max_acu <= above[0]:
            slope = (above[1] - below[1]) / (above[0] - below[0])
            return int(below[1] + slope * (max_acu - below[0]))
        below = above
    return below[1]


def _kind(instance_class: str) -> tuple[str, str]:
    """Family without generation, and size: ``db.m7g.large`` -> ``m``, ``large``."""
    _, family, size = instance_class.split(".")
    return family[0], size
