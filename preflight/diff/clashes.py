"""What takes something that AWS keeps only once while another one still has it: a name, a priority, a record.

Within one update the engine makes and changes everything first, side by side where nothing says who waits for whom, and
deletes what went last of all; only what is deleted first gives up what it has before its successor comes.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from preflight import report
from preflight.diff import made_up, values
from preflight.diff import pairs as matching
from preflight.recording import UNKNOWN
from preflight.simulation import identities

if TYPE_CHECKING:
    from preflight.diff.touched import Touched

Entry = Mapping[str, Any]
_ACCOUNT = ("accessKey", "assumeRoles", "assumeRoleWithWebIdentity", "profile")
_ZONE = "aws:route53/zone:Zone"
_OVERWRITES = ("overwrite", "allowOverwrite")


class _Claim(NamedTuple):
    """What `urn` has, by `key`, which says where it is unique too."""

    urn: str
    key: tuple[str, ...]


def mark(
    found: Mapping[str, "Touched"], pairs: matching.Pairs, made: list[tuple[str, str]], stand_ins: made_up.MadeUp
) -> None:
    """Adds a warning to each resource that AWS will refuse, or may, for what another one still has."""
    there: dict[tuple[str, ...], list[str]] = {}
    for urn, old in pairs.base.items():
        inputs = matching.replaced(old["inputs"], made) if made else old["inputs"]
        for claim in _claims(old, {**inputs, **dict.fromkeys(_OVERWRITES)}, pairs.base, pairs.zones):
            there.setdefault(claim.key, []).append(urn)
    now = {old: new for new, old in pairs.was.items()}
    for urn, each in found.items():
        entry = pairs.head.get(urn)
        if entry is None or each.action not in ("add", "replace", "unknown", "update"):
            continue
        if entry["options"].get("import"):
            continue  # it is there already
        for claim in _claims(entry, _planned(entry, each.was, pairs), pairs.head, pairs.zones):
            holders = there.get(claim.key, [])
            if (each.was in holders and each.action != "replace") or not _stays(entry, found):
                continue
            said = [_said(each, pairs.base[has], found.get(now.get(has, has)), claim, pairs) for has in holders]
            if refused := next(filter(None, said), None):
                each.warnings.append(_warning(entry, refused, pairs.base.get(each.was or ""), stand_ins.told(entry)))
                break


def _claims(
    entry: Entry, inputs: Mapping[str, Any], entries: Mapping[str, Entry], zones: Mapping[str, str]
) -> Iterator[_Claim]:
    kind = identities.identity(entry["type"])
    if kind is None or not report.is_created(entry):
        return
    where = _where(entry, entries, everywhere=kind.everywhere)
    for key in dict.fromkeys(kind.keys({**inputs, identities.ZONE: _zone(entry, inputs, entries, zones)})):
        yield _Claim(entry["urn"], (kind.call, where, *key))


def _zone(
    entry: Entry, inputs: Mapping[str, Any], entries: Mapping[str, Entry], zones: Mapping[str, str]
) -> str | None:
    """The name of the zone that a record is in: of one of the program's own, or of one that it has looked up."""
    own = (entries.get(urn) for urn in entry["propertyDependencies"].get("zoneId", ()))
    names = [zone["inputs"].get("name") for zone in own if zone is not None and zone["type"] == _ZONE]
    if len(names) == 1:
        return identities.text(names[0])
    return zones.get(identities.text(inputs.get("zoneId")) or "")


def _where(entry: Entry, entries: Mapping[str, Entry], *, everywhere: bool) -> str:
    """Region and account, as far as a provider says them."""
    provider = entries.get(entry["options"].get("provider", ""), {"inputs": {}})["inputs"]
    region = None if everywhere else entry["inputs"].get("region") or provider.get("region")
    return json.dumps([region, [provider.get(key) for key in _ACCOUNT]], sort_keys=True)


def _planned(entry: Entry, was: str | None, pairs: matching.Pairs) -> dict[str, Any]:
    """The inputs that a deployment sends: what is ignored stays as it is."""
    inputs: dict[str, Any] = values.without_marks(entry["inputs"])
    if was is not None:
        ignored, old = entry["options"].get("ignoreChanges", ()), pairs.base[was]["inputs"]
        inputs |= {key: old.get(key) for key in {*inputs, *old} if key in ignored or "*" in ignored}
    return inputs


def _stays(entry: Entry, found: Mapping[str, "Touched"]) -> bool:
    """Whether ids that its identity is made of are those of the base: a new listener has no rules yet."""
    kind = _kind(entry)
    needs = [need for name in (*kind.inputs, *kind.also) for need in entry["propertyDependencies"].get(name, ())]
    return not any(found[need].action in ("add", "replace", "unknown") for need in needs if need in found)


def _said(
    each: "Touched", holder: Entry, becomes: "Touched | None", claim: _Claim, pairs: matching.Pairs
) -> tuple[str, str] | None:
    """Why AWS refuses, and what to do instead; None where the one that has it gives it up in time."""
    path, retained = _kind(holder).path, holder["options"].get("retainOnDelete") is True
    if holder["urn"] == each.was:
        return _own(each, path, retained=retained)
    name = holder["name"] if holder["name"] != each.entry["name"] else f"the {holder['name']} of the base"
    if becomes is not None and becomes.action == "remove":
        return _removed(each, name, path, retained=retained)
    if becomes is None or (becomes.action != "replace" and claim.key in _of(becomes, pairs)):
        return f"{name} has it and keeps it", f"another {path} for one of the two"
    if becomes.action == "replace" and (retained or not becomes.is_deleted_first):
        return f"the old {name} has it until the end", f"another {path}, or a second update for this"
    if _waits(claim.urn, becomes.urn, pairs.head):
        return None
    return (
        f"{name} has it now, and nothing makes that one give it up before",
        f"a {path} that is free; or one update after another: {name} to a free one, this, then {name} to where it goes",
    )


def _own(each: "Touched", path: str, *, retained: bool) -> tuple[str, str] | None:
    """A replacement that is called as what it replaces. Where its name is given and stays, the provider has it deleted
    first by itself, unless the program says otherwise."""
    if retained:
        return "the old one stays in AWS and keeps it", f"another {path} for the new one"
    asked = each.entry["options"].get("deleteBeforeReplace")
    if each.is_deleted_first or (asked is None and not _kind(each.entry).structural):
        return None
    return "the old one has it until the end", f"deleteBeforeReplace, or another {path}"


def _removed(each: "Touched", name: str, path: str, *, retained: bool) -> tuple[str, str]:
    if retained:
        return f"{name} stays in AWS and keeps it", f"another {path}, or import it"
    alias = "an alias if it is the same one under another name, " if each.was is None else ""
    return (
        f"{name} has it until the end, where it is deleted",
        f"{alias}another {path}, or an update of its own that takes {name} out before",
    )


def _kind(entry: Entry) -> identities.Identity:
    kind = identities.identity(entry["type"])
    assert kind is not None, "only what has an identity has a claim"
    return kind


def _of(becomes: "Touched", pairs: matching.Pairs) -> set[tuple[str, ...]]:
    entry = pairs.head[becomes.urn]
    return {claim.key for claim in _claims(entry, _planned(entry, becomes.was, pairs), pairs.head, pairs.zones)}


def _waits(urn: str, other: str, entries: Mapping[str, Entry]) -> bool:
    """Whether the one is made after the other for sure."""
    waiting, seen = [urn], {urn}
    while waiting:
        entry = entries.get(waiting.pop())
        if entry is None:
            continue
        needs = {*entry["dependencies"], *(n for several in entry["propertyDependencies"].values() for n in several)}
        needs.add(entry["parent"] or "")
        if other in needs:
            return True
        waiting += needs - seen
        seen |= needs
    return False


def _warning(entry: Entry, said: tuple[str, str], old: Entry | None, told: made_up.Told) -> dict[str, Any]:
    """What AWS makes is never shown as it was simulated."""
    kind = _kind(entry)
    unknown = {re.split(r"[.\[]", path, maxsplit=1)[0] for path in entry["unknownAtPreview"]}
    given = [(name, identities.text(entry["inputs"].get(name))) for name in kind.inputs if name not in unknown]
    named = ", ".join(f"{name} {told(value)}" for name, value in given if value)
    after = {UNKNOWN: True} if kind.path in unknown else entry["inputs"].get(kind.path)
    before = after if old is None or kind.path in unknown else old["inputs"].get(kind.path)
    return {
        "path": kind.path, "outcome": "refused", "why": f"{kind.error}{f' ({named})' if named else ''}: {said[0]}",
        "instead": said[1], "source": kind.source, "before": before, "after": after,
    }  # fmt: skip
