"""What a database runs, and what that means for how clients reach it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from . import kinds
from .graph import Node, Reference
from .joins import DATABASE, DB_CLUSTER_PARAMETERS, DB_PARAMETERS
from .reading import Absent, Known, Unknown, Value
from .verdicts import View

_REPLICA_OF = {kinds.DB_INSTANCE: "replicateSourceDb", kinds.DB_CLUSTER: "replicationSourceIdentifier"}
_GROUP: Mapping[str, tuple[str, Reference]] = {
    kinds.DB_INSTANCE: ("parameterGroupName", DB_PARAMETERS),
    kinds.DB_CLUSTER: ("dbClusterParameterGroupName", DB_CLUSTER_PARAMETERS),
}
_FORCING = {
    "postgres": "rds.force_ssl",
    "aurora-postgresql": "rds.force_ssl",
    "sqlserver": "rds.force_ssl",
    "mysql": "require_secure_transport",
    "mariadb": "require_secure_transport",
    "aurora-mysql": "require_secure_transport",
}
"""Engine -> the parameter that refuses connections without TLS; Oracle and Db2 have none."""
_FORCES_FROM: Mapping[str, tuple[int, ...]] = {"postgres": (15,), "aurora-postgresql": (17,), "mariadb": (11, 8)}
"""Version from which on that parameter is on by default (RDS and Aurora User Guides, 2025-12)."""
_NOT_SURE_FROM: Mapping[str, tuple[int, ...]] = {"mysql": (8, 4)}
"""Version from which on the guides do not agree about the default."""
_TRUE = frozenset({"1", "on", "true"})
_FAMILY = re.compile(r"^(?P<engine>.*?)-?(?P<version>\d[\d.]*)$")


def source_of(node: Node, view: View) -> Node | None:
    """The database of this program of which this one is a replica."""
    return view.graph.link(node.props.text(_REPLICA_OF[node.kind]), DATABASE, node).one


def engine_of(node: Node, view: View) -> Value[str]:
    """The engine in small letters; a replica has that of its source."""
    engine = node.props.text("engine")
    source = source_of(node, view) if isinstance(engine, Absent) else None
    engine = source.props.text("engine") if source is not None else engine
    return Known(engine.value.lower()) if isinstance(engine, Known) else engine


def forces_tls(node: Node, view: View) -> bool | str:
    """Whether clients without TLS are refused, or what that waits for; True where the engine has no such switch."""
    engine = engine_of(node, view)
    if not isinstance(engine, Known):
        return "its engine, " + ("which is not set" if isinstance(engine, Absent) else view.graph.describe(engine))
    name = "sqlserver" if engine.value.startswith("sqlserver") else engine.value
    if name not in _FORCING:
        return True
    key, reference = _GROUP[node.kind]
    group = node.props.text(key)
    source = source_of(node, view)
    if isinstance(group, Absent) and source is not None:
        return forces_tls(source, view)
    if isinstance(group, Absent):
        return _by_default(name, node.props.text("engineVersion"))
    if isinstance(group, Known) and group.value.startswith("default."):
        family = _version(group)
        return _by_default(name, node.props.text("engineVersion") if isinstance(family, Absent) else family)
    found = view.graph.link(group, reference, node, key)
    return f"what {key} names: {found.missing}" if found.one is None else _by_group(name, found.one, node, view)


def _by_group(engine: str, group: Node, node: Node, view: View) -> bool | str:
    """What a parameter group says; where it says nothing of it, the default of its family holds."""
    said = group.props.items("parameters")
    doubt: Unknown | None = said if isinstance(said, Unknown) else None
    for item in said.value.records() if isinstance(said, Known) else ():
        if isinstance(item, Unknown):
            doubt = item
            continue
        name, value = item.value.text("name"), item.value.text("value")
        if isinstance(name, Unknown):
            doubt = name
        elif isinstance(name, Known) and name.value.lower() == _FORCING[engine]:
            if isinstance(value, Unknown):
                return f"{_FORCING[engine]} of {group.label}, {view.graph.describe(value)}"
            return isinstance(value, Known) and value.value.lower() in _TRUE
    if doubt is not None:
        return f"the parameters of {group.label}, {view.graph.describe(doubt)}"
    family = _version(group.props.text("family"))
    return _by_default(engine, node.props.text("engineVersion") if isinstance(family, Absent) else family)


def _version(family: Value[str]) -> Value[str]:
    """The version in the name of a family: `postgres16`, `default.aurora-postgresql17`."""
    if not isinstance(family, Known):
        return family
    found = _FAMILY.match(family.value)
    return Known(found["version"]) if found else Absent()


def _by_default(engine: str, version: Value[str]) -> bool | str:
    limit = _FORCES_FROM.get(engine) or _NOT_SURE_FROM.get(engine)
    if limit is None:
        return False
    if not isinstance(version, Known):
        return f"whether its version of {engine} has {_FORCING[engine]} on by default"
    parts = tuple(int(part) for part in re.findall(r"\d+", version.value))[: len(limit)]
    if parts < limit and parts != limit[: len(parts)]:
        return False
    sure = engine in _FORCES_FROM and len(parts) == len(limit)
    return True if sure else f"whether its version of {engine} has {_FORCING[engine]} on by default"
