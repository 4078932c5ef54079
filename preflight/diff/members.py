"""What holds its data elsewhere: an instance of a cluster in that, a global cluster in its clusters, a replica in its
source.

The data stays there only as long as that stays too. Where the same deployment takes all of it, its own fate counts.
"""

from collections.abc import Mapping
from typing import Any

from preflight.diff.touched import Touched
from preflight.simulation import deletions

Entries = Mapping[str, Mapping[str, Any]]
_NAMES = ("clusterIdentifier", "identifier", "replicationGroupId")


def mark(found: Mapping[str, Touched], base: Entries) -> None:
    """Notes of what goes where its data is; nothing where that is not in the program, or where one of it stays."""
    by_base = {each.was: each for each in found.values() if each.was is not None}
    for each in found.values():
        if each.goes and each.was is not None and _elsewhere(base[each.was]):
            there = [by_base.get(urn) for urn in _there(base[each.was], base)]
            going = [one for one in there if one is not None and _lets_go(one)]
            each.data_in = going if len(going) == len(there) else []


def _elsewhere(entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return deletions.elsewhere(entry["type"], entry["inputs"])


def _lets_go(each: Touched) -> bool:
    """Whether its deletion is made, or may be, and by nothing refused."""
    kept = each.engine_refuses or each.deletion is None
    return not kept and each.outcome in ("lost", "restorable")


def _there(entry: Mapping[str, Any], base: Entries, seen: frozenset[str] = frozenset()) -> list[str]:
    """The resources of the base that hold the data in the end: those that one names, and those that name it; nothing
    where one of them has it from outside of the program."""
    row = _elsewhere(entry)
    if row is None:
        return [entry["urn"]]
    seen |= {entry["urn"]}
    others = [other for other in base.values() if other["type"] in row["of"].split() and other["custom"]]
    named = [
        other
        for other in others
        if other["urn"] not in seen
        and (
            names(entry, row["by"], other, *_NAMES)
            or ("member" in row and names(other, row["member"], entry, row["member"]))
        )
    ]
    found = [_there(other, base, seen) for other in named]
    return sorted({urn for each in found for urn in each}) if all(found) else []


def names(entry: Mapping[str, Any], key: str, other: Mapping[str, Any], *own: str) -> bool:
    """Whether an input is taken from another resource, or is a name that it gives itself, or an ARN of that."""
    if other["urn"] in entry["propertyDependencies"].get(key, ()):
        return True
    said, given = entry["inputs"].get(key), [other["inputs"].get(name) for name in own]
    return isinstance(said, str) and any(
        isinstance(each, str) and (said == each or said.endswith(f":{each}")) for each in given
    )
