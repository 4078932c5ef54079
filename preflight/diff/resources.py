"""What a deployment of the head would do to the resources of the base: one entry for each that does not stay.

What the provider plans is asked of `preflight.simulation.changes`; what hangs on a resource that is replaced follows
it, as in the engine, whose preview does not know the new one's ids either.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from preflight import report, simulation
from preflight.diff import clashes, following, made_up, members, networks, place, subnets, values, words
from preflight.diff import pairs as matching
from preflight.diff.touched import ACTIONS, WATCHING, Touched, change, named
from preflight.recording import UNKNOWN
from preflight.simulation import changes, defaults, deletions, holders, physical_names, refusals, table

_OPTIONS = ("protect", "retainOnDelete", "deletedWith", "ignoreChanges", "replaceOnChanges", "deleteBeforeReplace")


class _Both(NamedTuple):
    """What belongs together, with what is made up of it: texts that are the base's, by those of the head; and either's
    stand-ins."""

    pairs: matching.Pairs
    made: list[tuple[str, str]]
    in_base: made_up.MadeUp
    in_head: made_up.MadeUp

    def told(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[made_up.Told, made_up.Told]:
        """What writes texts of either as they may be shown; those of the base may be the head's by then."""
        before, after = self.in_base.told(old), self.in_head.told(new)
        return (lambda text: after(before(text))) if self.made else before, after


def touched(pairs: matching.Pairs, region: str, account: str, *, elsewhere: bool = False) -> list[Touched]:
    """Everything that does not stay: what the engine refuses first, then what loses data. `elsewhere` is another
    account, where nothing of the base is."""
    made = matching.made_up(pairs, region, account) if pairs.renamed else []
    both = _Both(pairs, made, *(made_up.MadeUp(each, region, account) for each in (pairs.base, pairs.head)))
    found = _removed(both)
    for urn, entry in pairs.head.items():
        if not _counts(entry):
            continue
        if urn not in pairs.was:
            found[urn] = Touched(urn=urn, was=None, entry=entry, action="add")
            continue
        old = pairs.base[pairs.was[urn]]
        # What the state holds decides whether the old one may go, and what goes with it: its options and its inputs.
        kept = {**entry, "options": {**entry["options"], **_kept(old)}}
        each = Touched(
            urn=urn, was=pairs.was[urn], entry=kept, action="none", deleted_first=_deleted_first(old, entry),
            protected_after=entry["options"].get("protect") is True, old_inputs=_deployed(old, both),
        )  # fmt: skip
        each.changes, each.warnings = _changes(old, entry, both)
        each.settle()
        found[urn] = each
    if elsewhere:
        return _anew(found)
    following.follow(found, pairs, both.in_head)
    following.sweep(found)
    for each in found.values():
        if each.action == "replace":
            each.warnings = []  # a new one is made as the program says
    members.mark(found, pairs.base)
    _take_over(found, both)
    networks.mark(found)
    subnets.mark(found, pairs, both.in_base, both.in_head)
    clashes.mark(found, pairs, made, both.in_head)
    return sorted(
        (each for each in found.values() if each.action != "none" or each.warnings or each.changes), key=_rank
    )


def _anew(found: Mapping[str, Touched]) -> list[Touched]:
    """What differs where all is made anew: nothing is updated, replaced or refused for what another account has."""
    for each in found.values():
        each.anew = True
        if each.action not in ("add", "remove") and not words.is_provider(each.entry):
            each.changes = [
                {**one, "effect": "update", "note": None} for one in each.changes if one["effect"] != "default"
            ]
            each.action = "add" if each.changes else "none"
            each.warnings = []
    listed = (each for each in found.values() if each.action != "none" and each.entry["custom"])
    return sorted(listed, key=_rank)


def _take_over(found: Mapping[str, Touched], both: _Both) -> None:
    """Notes what is retained and imported by another resource in the same update, by its id. Where AWS draws ids, the
    only import of the type is taken for it."""
    imports: dict[str, dict[str, str]] = {}
    for urn, each in found.items():
        identity = each.entry["options"].get("import") if each.action == "add" else None
        if isinstance(identity, str):
            imports.setdefault(each.entry["type"], {})[identity] = urn
    for each in found.values():
        wanted = imports.get(each.entry["type"], {})
        if each.action == "remove" and each.stays_in_aws and wanted:
            identity = both.in_base.identity(each.urn)
            by_draw = next(iter(wanted.values())) if len(wanted) == 1 else None
            each.taken_over = by_draw if identity is None else wanted.get(identity)


def _removed(both: _Both) -> dict[str, Touched]:
    """What is only in the base. Of components only those are listed of which nothing else would say that the engine
    refuses to let them go: its protection counts for a component too, whose resources may all have moved elsewhere."""
    pairs = both.pairs
    gone = {urn: pairs.base[urn] for urn in sorted({*pairs.base} - {*pairs.was.values()})}
    found = {urn: _going(urn, entry, both) for urn, entry in gone.items() if _counts(entry)}
    told: set[str] = set()
    for urn in [urn for urn, each in found.items() if each.engine_refuses]:
        parent = gone[urn]["parent"]
        while parent in gone and parent not in told:
            told.add(parent)
            parent = gone[parent]["parent"]
    for urn, entry in gone.items():
        silent = not entry["custom"] and entry["options"].get("protect") is True and urn not in told
        if silent:
            found[urn] = _going(urn, entry, both)
    return found


def _going(urn: str, entry: Mapping[str, Any], both: _Both) -> Touched:
    return Touched(urn=urn, was=urn, entry=entry, action="remove", old_inputs=_deployed(entry, both))


def _deployed(old: Mapping[str, Any], both: _Both) -> dict[str, Any]:
    """The inputs that a resource is deleted by. The name of its last copy, which is told, says what it is made of where
    the recording made a part of it up, and is unknown where that cannot be told."""
    inputs: dict[str, Any] = values.without_marks(place.recorded(old))
    key = deletions.rows().get(old["type"], {}).get("snapshot")
    if key is not None and isinstance(name := inputs.get(key), str):
        told = both.in_base.told(old)(name)
        inputs[key] = {UNKNOWN: True} if key in old["unknownAtPreview"] and not made_up.is_sure(told) else told
    return inputs


def _kept(old: Mapping[str, Any]) -> dict[str, Any]:
    return {key: old["options"].get(key, False) for key in ("protect", "retainOnDelete")}


def _rank(each: Touched) -> tuple[Any, ...]:
    """What the engine refuses, what loses data, what AWS refuses to delete, what it refuses to change, then by action:
    what holds data, causes, what only follows them, and what only watches the others last of all."""
    refused = any(warning["outcome"] == "refused" for warning in each.warnings)
    kept = each.outcome not in ("refused", "refused unless empty")
    order = (ACTIONS.index(each.action), each.entry["type"] in WATCHING, not each.holds_data, each.follows)
    lost = (not each.loses_data, holders.turn(each.entry["type"]) if each.loses_data else 0)
    told = (not each.engine_refuses, *lost, kept, not refused, not each.warnings)
    return (*told, *order, each.entry["type"], each.urn)


def _counts(entry: Mapping[str, Any]) -> bool:
    """Whether a deployment makes it, and a provider that the program sets up; not what a program only reads."""
    explicit = entry["type"].startswith("pulumi:providers:") and not entry["name"].startswith("default")
    return (report.is_created(entry) and not entry["options"].get("external")) or explicit


def _changes(
    old: Mapping[str, Any], new: Mapping[str, Any], both: _Both
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    token, ignored = new["type"], new["options"].get("ignoreChanges", ())
    pairs = both.pairs
    before = matching.replaced(old["inputs"], both.made) if both.made else old["inputs"]
    told = both.told(old, new)
    after = new["inputs"]
    sides = values.Sides(frozenset(old["unknownAtPreview"]), frozenset(new["unknownAtPreview"]), told)
    plain = [values.without_marks(inputs) for inputs in (before, after)]
    found: list[dict[str, Any]] = []
    warnings: list[dict[str, Any]] = []
    for each in values.differences(before, after, sides):
        if changes.spelled_otherwise(token, each.place, each.was, each.becomes):
            continue
        effect, note = _effect(token, each, plain[0], plain[1]), None
        if defaults.written_out(token, each.place, each.was, each.becomes):
            effect = "default"
        elif effect == "replace" and _chosen(token, each, new):
            effect, note = "unknown", "a replacement if it differs from what AWS chose"
        if named(each.path, ignored):
            effect = "ignored"
        elif named(each.path, new["options"].get("replaceOnChanges", ())) and effect is not None:
            effect, note = "replace", None
        due = _other_sources(each, old, new, pairs) if each.before == each.after == {UNKNOWN: True} else ()
        found.append(change(each.path, each.kind, each.before, each.after, effect or "none", due, note))
        if effect not in {"ignored", "replace", "default"}:
            warnings += _warnings(token, each, plain[0], plain[1], effect)
    found += _options(old, new, pairs)
    if moved := _region(old, new, pairs):
        found.append(moved)
    return found, _once(warnings)


def _chosen(token: str, each: values.Difference, new: Mapping[str, Any]) -> bool:
    """Whether an input is given now for which AWS has chosen a value before, which may be this one. It is no name that
    Pulumi or AWS drew, and nothing of the program's own, which AWS cannot have chosen."""
    if each.was is not None or each.becomes is None or not changes.stays(token, each.place):
        return False
    named = simulation.physical_name(token, new["name"])
    names = {named[0] if named else "", physical_names.KEYS.get(token, "name"), "name"}
    unknown = {re.split(r"[.\[]", path, maxsplit=1)[0] for path in new["unknownAtPreview"]}
    own = each.place in unknown or made_up.is_told(each.after) or _is_marked(each.after)
    return not own and each.place not in names and not each.place.endswith("Prefix")


def _other_sources(
    each: values.Difference, old: Mapping[str, Any], new: Mapping[str, Any], pairs: matching.Pairs
) -> list[str]:
    """What a value that only AWS knows is taken from now, and was not before."""
    top = re.split(r"[.\[]", each.place, maxsplit=1)[0]
    before = {pairs.renamed.get(urn, urn) for urn in old["propertyDependencies"].get(top, ())}
    return sorted({*new["propertyDependencies"].get(top, ())} - before)


def _effect(token: str, each: values.Difference, old: changes.Inputs, new: changes.Inputs) -> str | None:
    top = each.place.partition(".")[0].partition("[")[0]
    if token.startswith("pulumi:providers:"):
        return "update"
    if changes.keeps(token, top, old, new):
        return None
    marked = any(_is_marked(value) for value in (each.was, each.becomes)) or each.was is each.becomes is None
    return changes.effect(token, each.place, each.was, each.becomes, old, new, known_values=not marked)


def _warnings(
    token: str, each: values.Difference, old: changes.Inputs, new: changes.Inputs, effect: str | None
) -> Iterator[dict[str, Any]]:
    said = False
    if not any(_is_marked(value) for value in (each.was, each.becomes, each.before, each.after)):
        for row in refusals.refusals(token, each.place, each.was, each.becomes, old, new):
            said = True
            yield {
                "path": each.path, "outcome": row.outcome, "why": row.why, "instead": row.instead, "source": row.source,
                "before": each.before, "after": each.after,
            }  # fmt: skip
    if effect is None and not said:
        why = (
            "AWS fills this in when it is left out, so it keeps the value that it has"
            if each.kind == "delete"
            else "the provider does not compare it"
        )
        yield {
            "path": each.path, "outcome": "not planned", "why": why, "instead": "give the value that is wanted",
            "source": "preflight/simulation/changes.json", "before": each.before, "after": each.after,
        }  # fmt: skip


def _once(warnings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    for warning in warnings:
        seen.setdefault((warning["path"], warning["why"]), warning)
    return list(seen.values())


def _is_marked(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith("$")


def _options(old: Mapping[str, Any], new: Mapping[str, Any], pairs: matching.Pairs) -> list[dict[str, Any]]:
    found = []
    for key in _OPTIONS:
        before, after = old["options"].get(key), new["options"].get(key)
        if key == "deletedWith":
            before = pairs.renamed.get(before, before) if before else before
        if before != after:
            kind = "add" if before is None else "delete" if after is None else "update"
            found.append(change(f"options.{key}", kind, before, after, "state"))
    return found


def _region(old: Mapping[str, Any], new: Mapping[str, Any], pairs: matching.Pairs) -> dict[str, Any] | None:
    """A provider that works in another region replaces what is regional (pulumi-aws 7)."""
    if new["inputs"].get("region") is not None or (table.kinds(new["type"]) or {}).get("region") is None:
        return None
    before, after = (_provider_region(each, entries) for each, entries in ((old, pairs.base), (new, pairs.head)))
    if before is None or after is None or before == after:
        return None
    return change("region", "update", before, after, "replace", [new["options"]["provider"]])


def _provider_region(entry: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]]) -> str | None:
    provider = entries.get(entry["options"].get("provider", ""))
    region = provider["inputs"].get("region") if provider else None
    return region if isinstance(region, str) else None


def _deleted_first(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Asked for, or its name is given and stays, so that both cannot be there at once (the bridge of pulumi-aws)."""
    asked = new["options"].get("deleteBeforeReplace")
    if asked is not None:
        return bool(asked)
    named = simulation.physical_name(new["type"], new["name"])
    key = named[0] if named else physical_names.KEYS.get(new["type"], "")
    return new["inputs"].get(key) is not None and place.recorded(old).get(key) == new["inputs"][key]
