"""What a database of a given size can take: memory and connections. Pure arithmetic on AWS's published figures."""

from settings import tables

GIB = 1024**3
ACU_GIB = 2  # memory of one Aurora capacity unit

# Maximum connections of Aurora PostgreSQL serverless by maximum ACU (AuroraUserGuide, setting-capacity, read 2026-09).
# Between the rows the values lie on a line: connections follow memory. From 32 ACU on, PostgreSQL's own ceiling holds.
_AURORA_CONNECTIONS = ((1, 189), (4, 823), (8, 1669), (16, 3360), (32, 5000))
# "PostgreSQL with minimum 0 or 0.5 ACU is capped at 2000" (same page).
_SMALL_MINIMUM_ACU = 0.5
_SMALL_MINIMUM_CONNECTIONS = 2000

# RDS: LEAST(DBInstanceClassMemory / 9531392, 5000), of the memory that AWS leaves (UserGuide, limits, 2026-04).
_BYTES_PER_CONNECTION = 9_531_392
_MAX_CONNECTIONS = 5000
# Ours: the one example AWS gives keeps 92 % of the nominal memory (db.m7g.large), small classes keep less.
_USABLE_MEMORY = 0.75


def aurora_memory_bytes(max_acu: float) -> int:
    """Memory of a serverless instance at its largest."""
    return int(max_acu * ACU_GIB * GIB)


def aurora_connections(min_acu: float, max_acu: float) -> int:
    """Connections that Aurora PostgreSQL serverless accepts by default: they follow the maximum capacity."""
    limit = _interpolated(max_acu)
    return min(limit, _SMALL_MINIMUM_CONNECTIONS) if min_acu <= _SMALL_MINIMUM_ACU else limit


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


def instance_connections(instance_class: str) -> int:
    """Connections that RDS PostgreSQL accepts by default, rounded down: a bound that is reached before the real one."""
    usable = instance_memory_bytes(instance_class) * _USABLE_MEMORY
    return min(int(usable / _BYTES_PER_CONNECTION), _MAX_CONNECTIONS)


def _interpolated(max_acu: float) -> int:
    below = _AURORA_CONNECTIONS[0]
    for above in _AURORA_CONNECTIONS[1:]:
        if max_acu <= above[0]:
            slope = (above[1] - below[1]) / (above[0] - below[0])
            return int(below[1] + slope * (max_acu - below[0]))
        below = above
    return below[1]


def _kind(instance_class: str) -> tuple[str, str]:
    """Family without generation, and size: ``db.m7g.large`` -> ``m``, ``large``."""
    _, family, size = instance_class.split(".")
    return family[0], size
