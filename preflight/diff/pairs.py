"""Which resource of the head is which of the base: by URN, else by an alias, as the engine looks for them."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from preflight import simulation
from preflight.report import STACK_TYPE

Entry = Mapping[str, Any]
_GET_ZONE = "aws:route53/getZone:getZone"
SHORTEST = 6  # of a made-up value; shorter ones may stand inside of others


class Pairs(NamedTuple):
    """What belongs together, by URN."""

    base: Mapping[str, Entry]
    head: Mapping[str, Entry]
    was: Mapping[str, str]
    """URN in the head -> URN in the base."""
    zones: Mapping[str, str] = MappingProxyType({})
    """Zones that the programs look up: id -> name."""

    @property
    def renamed(self) -> dict[str, str]:
        """Those found by an alias: URN in the base -> URN in the head."""
        return {old: new for new, old in self.was.items() if old != new}


def paired(base: Iterable[Entry], head: Iterable[Entry], lookups: Iterable[Entry] = ()) -> Pairs:
    """The pairs. A resource without an alias of its own has that of its parent, under which it would stand there."""
    old, new = ({entry["urn"]: entry for entry in entries} for entries in (base, head))
    was = {urn: urn for urn in new if urn in old}
    left = {urn for urn in old if urn not in new}
    for entry in _parents_first(new) if left else ():
        if entry["urn"] in was:
            continue
        found = next((urn for urn in _aliases(entry, new, was) if urn in left), None)
        if found is not None:
            was[entry["urn"]] = found
            left.discard(found)
    zones = [each["result"] for each in lookups if each["token"] == _GET_ZONE]
    called = [(each.get("zoneId"), each.get("name")) for each in zones]
    return Pairs(old, new, was, {key: name for key, name in called if isinstance(key, str) and isinstance(name, str)})


def _parents_first(entries: Mapping[str, Entry]) -> list[Entry]:
    def depth(entry: Entry) -> int:
        above, seen = 0, {entry["urn"]}
        while (parent := entries.get(entry["parent"] or "")) is not None and parent["urn"] not in seen:
            seen.add(parent["urn"])
            entry, above = parent, above + 1
        return above

    return sorted(entries.values(), key=lambda entry: (depth(entry), entry["urn"]))


def _aliases(entry: Entry, entries: Mapping[str, Entry], was: Mapping[str, str]) -> list[str]:
    """URNs by which the engine would know the resource, its own first; then what its parent was called before."""
    parent = entries.get(entry["parent"] or "")
    old_parent = was.get(parent["urn"]) if parent else None
    given = [alias for alias in entry["options"].get("aliases", ()) if alias]
    found = [alias if isinstance(alias, str) else _resolved(alias, entry, parent) for alias in given]
    if parent is not None and old_parent is not None and old_parent != parent["urn"]:
        name = _inherited(entry["name"], parent["name"], old_parent)
        for alias in [{}, *(alias for alias in given if not isinstance(alias, str))]:
            shifted = {"name": name, **alias, "parentUrn": alias.get("parentUrn", old_parent)}
            found.append(_resolved(shifted, entry, parent))
    return found


def _inherited(name: str, parent: str, old_parent: str) -> str:
    """A child that is called after its parent was called after the parent's old name (engine 3.259, step generator)."""
    old_name = old_parent.split("::", 3)[3]
    return old_name + name[len(parent) :] if name.startswith(parent) else name


def _resolved(alias: Mapping[str, Any], entry: Entry, parent: Entry | None) -> str:
    """The URN of an alias, in which everything that is left out stays as it is."""
    prefix, project, types, name = entry["urn"].split("::", 3)
    above = "" if alias.get("noParent") else alias.get("parentUrn") or (parent["urn"] if parent else "")
    qualified = above.split("::", 3)[2] if above else ""
    kind = alias.get("type") or types.rpartition("$")[2]
    types = f"{qualified}${kind}" if qualified and qualified != STACK_TYPE else kind
    stack = f"urn:pulumi:{alias['stack']}" if alias.get("stack") else prefix
    return f"{stack}::{alias.get('project') or project}::{types}::{alias.get('name') or name}"


def made_up(pairs: Pairs, region: str, account: str) -> list[tuple[str, str]]:
    """What a simulation makes up differently only because a resource was renamed: (in the base, in the head), the
    longest first. It keeps its id and name in AWS."""
    found: dict[str, str] = {}
    for old, new in pairs.renamed.items():
        before, after = pairs.base[old], pairs.head[new]
        if not after["custom"] or not after["type"].startswith("aws:"):
            continue
        values = []
        for entry in (before, after):
            given = {key: value for key, value in entry["inputs"].items() if value is not None}
            name = simulation.physical_name(entry["type"], entry["name"], entry["urn"], inputs=given)
            if name is not None and name[0] not in given:
                given[name[0]] = name[1]
            made = simulation.computed(
                entry["type"], entry["name"], given, region=region, account=account, urn=entry["urn"]
            )
            identity = simulation.resource_id(
                entry["type"], entry["name"], given, region=region, account=account, urn=entry["urn"]
            )
            values.append({**({name[0]: given[name[0]]} if name else {}), **made, "id": identity})
        for key, was in values[0].items():
            becomes = values[1].get(key)
            if isinstance(was, str) and isinstance(becomes, str) and was != becomes and len(was) >= SHORTEST:
                found[was] = becomes
    return sorted(found.items(), key=lambda pair: (-len(pair[0]), pair))


def replaced(value: Any, made: list[tuple[str, str]]) -> Any:
    """The value with made-up texts of the base in place of those of the head."""
    if isinstance(value, str):
        for was, becomes in made:
            value = value.replace(was, becomes)
        return value
    if isinstance(value, dict):
        return {key: replaced(inner, made) for key, inner in value.items()}
    return [replaced(inner, made) for inner in value] if isinstance(value, list) else value
