"""What the provider plans when inputs change: nothing, an update in place, or a replacement, property by property.

The table is measured (``changes.json``) or read (``changes_read.json``); a few properties follow a rule instead
(``conditions``). What neither says is ``unknown``: it counts as a replacement, and whoever shows or tests a change says
so. Known to differ from AWS itself: a plan accepts changes that AWS would refuse later, such as less storage for a
database.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from preflight.simulation import combined, conditions, defaults, identities, table

Inputs = Mapping[str, Any]
Kind = Literal["add", "update", "delete"]
Effect = conditions.Effect

CONSEQUENCES: Mapping[Effect, str] = {
    "update": "in place",
    "replace": "replaces",
    "unknown": "not known whether this replaces",
}
"""What to tell a person about a change."""

# Order does not count in these: they are sets in the provider's schema (terraform-provider-aws 5.100, read 2026-11).
SETS = frozenset({
    "alarmActions", "alarmNames", "aliases", "capacityProviderStrategies", "capacityProviders", "conditions", "egress",
    "enabledCloudwatchLogsExports", "ingress", "insufficientDataActions", "lifecycleHooks", "loadBalancers",
    "managedPolicyArns", "metricQueries", "okActions", "parameters", "placementConstraints", "records",
    "requiresCompatibilities", "routeTableIds", "routes", "securityGroupIds", "securityGroups", "settings",
    "stepAdjustments", "subjectAlternativeNames", "subnetIds", "subnets", "targetGroups", "transitions",
    "validationRecordFqdns", "values", "volumes", "vpcSecurityGroupIds",
})  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One changed property, by the path that Pulumi shows (``ingress[0].fromPort``)."""

    path: str
    kind: Kind
    effect: Effect

    @property
    def replaces(self) -> bool:
        """Whether the resource has to be taken for replaced: also where nobody knows."""
        return self.effect != "update"


def changes(type_token: str, old: Inputs, new: Inputs) -> list[Change]:
    """The changes between two sets of plain inputs, sorted by path; none when the provider would plan nothing.

    An input that AWS fills when it is left out keeps its value when the program no longer gives it, and what counts
    anyway may be written out.
    """
    found: list[Change] = []
    for key in sorted({*old, *new}):
        if key.startswith("__"):
            continue
        before, after = old.get(key), new.get(key)
        if keeps(type_token, key, old, new):
            continue
        for path, kind, was, becomes in _differences(key, key, before, after):
            if defaults.written_out(type_token, path, was, becomes):
                continue
            found_effect = effect(type_token, path, was, becomes, old, new)
            if found_effect is not None:
                found.append(Change(path, kind, found_effect))
    return sorted(found, key=lambda change: change.path)


def _differences(path: str, name: str, before: Any, after: Any) -> Iterator[tuple[str, Kind, Any, Any]]:
    if same(before, after):
        return
    if before is None or after is None:
        yield path, "add" if before is None else "delete", before, after
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from _differences(f"{path}{_member(key)}", key, before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _elements(path, before, after) if name not in SETS else _members(path, before, after)
    else:
        yield path, "update", before, after


def _elements(path: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[tuple[str, Kind, Any, Any]]:
    for index in range(max(len(before), len(after))):
        was = before[index] if index < len(before) else None
        becomes = after[index] if index < len(after) else None
        yield from _differences(f"{path}[{index}]", "", was, becomes)


def _members(path: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[tuple[str, Kind, Any, Any]]:
    """As a set: what is in both does not count, wherever it stands."""
    gone = [(index, value) for index, value in enumerate(before) if not any(same(value, other) for other in after)]
    come = [(index, value) for index, value in enumerate(after) if not any(same(value, other) for other in before)]
    for place in range(max(len(gone), len(come))):
        was = gone[place][1] if place < len(gone) else None
        index, becomes = come[place] if place < len(come) else (gone[place][0], None)
        yield from _differences(f"{path}[{index}]", "", was, becomes)


def _member(key: str) -> str:
    return f".{key}" if key.isidentifier() else f'["{key}"]'


def same(before: Any, after: Any) -> bool:
    """Whether the provider sees no difference: JSON documents count by their content, numbers by their value."""
    if isinstance(before, str) and isinstance(after, str):
        return before == after or _document(before) == _document(after) is not None
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return all(same(before.get(key), after.get(key)) for key in {*before, *after})
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(same, before, after))
    return (type(before) is type(after) and bool(before == after)) or _numbers(before, after)


_WITH_PROTOCOLS = (
    "aws:ec2/securityGroup", "aws:ec2/defaultSecurityGroup", "aws:ec2/networkAcl", "aws:ec2/defaultNetworkAcl",
    "aws:vpc/securityGroupIngressRule", "aws:vpc/securityGroupEgressRule",
)  # fmt: skip
"""Beginnings of the types whose protocols the provider compares by what they mean, `6` and `tcp` alike."""


def spelled_otherwise(type_token: str, place: str, before: Any, after: Any) -> bool:
    """Whether the provider sees one protocol in two spellings."""
    if place.rpartition(".")[2] not in ("protocol", "ipProtocol") or not type_token.startswith(_WITH_PROTOCOLS):
        return False
    both = isinstance(before, str) and isinstance(after, str)
    return both and identities.protocol_of(before) == identities.protocol_of(after)


def _numbers(before: Any, after: Any) -> bool:
    kinds = {type(before), type(after)}
    return kinds <= {int, float} and bool(before == after)


def _document(text: str) -> Any:
    """A JSON document, which the provider compares by its content; None for any other text."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def stays(type_token: str, key: str) -> bool:
    """Whether an input keeps the value that it has when a program no longer gives it: AWS fills it when left out."""
    return key != "tagsAll" and (table.kinds(type_token) or {}).get(key, "").islower()


def keeps(type_token: str, key: str, old: Inputs, new: Inputs) -> bool:
    """Whether an input that a program no longer gives keeps its value: AWS fills it, and nothing that stands in its
    place is given now. Of the targets of a route, say, the provider takes the one that changes to a value."""
    groups = [group for group in combined.ONE_OF.get(type_token, ()) if key in group]
    other = any(new.get(each) is not None and not same(old.get(each), new[each]) for group in groups for each in group)
    return new.get(key) is None and stays(type_token, key) and not other


def effect(
    type_token: str, path: str, before: Any, after: Any, old: Inputs, new: Inputs, *, known_values: bool = True
) -> Effect | None:
    """What the change of one place does; None when nothing is planned for it. ``path`` as in a Change, or without the
    indexes. Where the values are not known, a property whose change replaces in some cases only is ``unknown``."""
    known = table.inputs(type_token)
    places = list(_ancestors(path))
    if path == "region":
        return "replace"
    if places[-1] == "tagsAll":
        return "update"
    if known is None:
        return "unknown"
    place = next((place for place in places if place in known.known), "")
    if place in known.conditional:
        return "unknown" if not known_values else conditions.effect(type_token, place, before, after, old, new)
    if place in known.replacing:
        return "replace"
    # Inside it is a key of a map, unless the table has other members of this block: then it lacks this one.
    unlisted = place != places[0] and any(other.startswith(f"{place}.") for other in known.known)
    return "update" if place in known.updating and not unlisted else "unknown"


def _ancestors(path: str) -> Iterator[str]:
    """The path as the table has it (no indexes, no keys of maps), then each block around it."""
    parts = []
    for part in path.split("."):
        bare, bracket, _ = part.partition("[")
        parts.append(bare)
        if bracket.startswith("[") and part[len(bare) + 1 : len(bare) + 2] == '"':
            break
    while parts:
        yield ".".join(parts)
        parts.pop()
