"""What holds its data elsewhere: an instance of a cluster in that cluster, a global cluster in its clusters.

The data stays there only as long as that stays too. Where the same deployment takes all of it, its own fate counts.
"""

from collections.abc import Mapping
from typing import Any

from preflight.diff.touched import Touched
from preflight.simulation import deletions

Entries = Mapping[str, Mapping[str, Any]]
_CLUSTER = "clusterIdentifier"


def mark(found: Mapping[str, Touched], base: Entries) -> None:
    """Notes of what goes where its data is; nothing where that is not in the program, or where one of it stays."""
    by_base = {each.was: each for each in found.values() if each.was is not None}
    for each in found.values():
        row = deletions.rows().get(each.entry["type"], {})
        if each.goes and each.was is not None and "elsewhere" in row:
            there = [by_base.get(urn) for urn in _there(base[each.was], row, base)]
            going = [one for one in there if one is not None and _lets_go(one)]
            each.data_in = going if len(going) == len(there) else []


def _lets_go(each: Touched) -> bool:
    """Whether its deletion is made, or may be, and by nothing refused."""
    kept = each.engine_refuses or each.deletion is None
    return not kept and each.outcome in ("lost", "restorable")


def _there(entry: Mapping[str, Any], row: Mapping[str, Any], base: Entries) -> list[str]:
    """The resources of the base that one names, and those that name it."""
    others = [other for other in base.values() if other["type"] == row["of"] and other["custom"]]
    return [
        other["urn"]
        for other in others
        if _names(entry, row["by"], other, _CLUSTER)
        or ("member" in row and _names(other, row["member"], entry, row["member"]))
    ]


def _names(entry: Mapping[str, Any], key: str, other: Mapping[str, Any], name: str) -> bool:
    """Whether an input is taken from another resource, or is the name that it gives itself, or an ARN of that."""
    if other["urn"] in entry["propertyDependencies"].get(key, ()):
        return True
    said, given = entry["inputs"].get(key), other["inputs"].get(name)
    return isinstance(said, str) and isinstance(given, str) and (said == given or said.endswith(f":{given}"))
