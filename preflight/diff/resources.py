"""What a deployment of the head would do to the resources of the base: one entry for each that does not stay.

What the provider plans is asked of `preflight.simulation.changes`; what hangs on a resource that is replaced follows
it, as in the engine, whose preview does not know the new one's ids either.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from preflight import report, simulation
from preflight.diff import clashes, values
from preflight.diff import pairs as matching
from preflight.recording import UNKNOWN
from preflight.simulation import changes, formats, holders, refusals, table

Action = Literal["remove", "replace", "unknown", "update", "add", "rename", "none"]
ACTIONS: Sequence[Action] = ("remove", "replace", "unknown", "update", "add", "rename", "none")
_OPTIONS = ("protect", "retainOnDelete", "deletedWith", "ignoreChanges", "replaceOnChanges", "deleteBeforeReplace")
_INDEX = re.compile(r"\[[^\]]*\]")


@dataclass(kw_only=True)
class Touched:
    """One resource and what becomes of it. `changes` and `warnings` are plain JSON."""

    urn: str
    was: str | None
    entry: Mapping[str, Any]
    action: Action
    protected_after: bool = False
    """Whether the program protects it still: what is replaced is protected by both, what is removed by the base."""
    deleted_first: bool = False
    """Whether the old one goes before the new one comes, if it is replaced."""
    swept: bool = False
    """Whether it goes first with something that it hangs on and that is deleted first."""
    changes: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def settle(self) -> None:
        """The action that follows from the changes: the gravest."""
        effects = {change["effect"] for change in self.changes}
        found: Action = "rename" if self.was not in (None, self.urn) else "none"
        for effect in ("replace", "unknown", "update"):
            if effect in effects:
                found = effect
                break
        self.action = found

    @property
    def goes(self) -> bool:
        """Whether the resource that is there now goes, or may go."""
        return self.action in ("remove", "replace", "unknown")

    @property
    def loses_data(self) -> bool:
        """Whether data, or the key to it, goes with the resource that is there now, or may go."""
        return self.goes and self.entry["type"] in holders.TYPES and not self.retained

    @property
    def retained(self) -> bool:
        """Whether it leaves the state only (`retainOnDelete` as the state has it; engine 3.259, step.go)."""
        return self.entry["options"].get("retainOnDelete") is True

    @property
    def engine_refuses(self) -> bool:
        """Whether `protect` keeps the engine from it, or may. A removal asks the state alone, retained or not, and so
        does what is deleted because something else is; a replacement asks the program too, which may take the
        protection off in the same update (engine 3.259, step_generator.go and step.go)."""
        if not self.goes or self.entry["options"].get("protect") is not True:
            return False
        return self.action == "remove" or self.swept or self.protected_after

    @property
    def is_deleted_first(self) -> bool:
        """Whether nothing of the old one is left when the new one is made."""
        return self.action == "replace" and (self.deleted_first or self.swept)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        own = self.entry["options"]
        return {
            "urn": self.urn,
            "renamedFrom": self.was if self.was not in (None, self.urn) else None,
            "type": self.entry["type"],
            "name": self.entry["name"],
            "source": self.entry["source"],
            "action": self.action,
            "because": [change["path"] for change in self.changes if change["effect"] == self.action],
            "holdsData": self.entry["type"] in holders.TYPES,
            "losesData": self.loses_data,
            "protected": own.get("protect") is True,
            "retained": self.retained,
            "engineRefuses": self.engine_refuses,
            "staysInAws": self.goes and self.retained,
            "deletedFirst": self.is_deleted_first,
            "changes": self.changes,
            "warnings": self.warnings,
        }


def touched(pairs: matching.Pairs, made: list[tuple[str, str]]) -> list[Touched]:
    """Everything that does not stay: what the engine refuses first, then what loses data."""
    found = _removed(pairs)
    for urn, entry in pairs.head.items():
        if not _counts(entry):
            continue
        if urn not in pairs.was:
            found[urn] = Touched(urn=urn, was=None, entry=entry, action="add")
            continue
        old = pairs.base[pairs.was[urn]]
        # What the state holds decides whether the old one may go: its options, the new inputs.
        kept = {**entry, "options": {**entry["options"], **_kept(old)}}
        each = Touched(
            urn=urn, was=pairs.was[urn], entry=kept, action="none", deleted_first=_deleted_first(old, entry),
            protected_after=entry["options"].get("protect") is True,
        )  # fmt: skip
        each.changes, each.warnings = _changes(old, entry, made, pairs)
        each.settle()
        found[urn] = each
    _follow(found, pairs)
    _sweep(found)
    for each in found.values():
        if each.action == "replace":
            each.warnings = []  # a new one is made as the program says
    clashes.mark(found, pairs, made)
    return sorted(
        (each for each in found.values() if each.action != "none" or each.warnings or each.changes), key=_rank
    )


def _removed(pairs: matching.Pairs) -> dict[str, Touched]:
    """What is only in the base. Of components only those are listed of which nothing else would say that the engine
    refuses to let them go: its protection counts for a component too, whose resources may all have moved elsewhere."""
    gone = {urn: pairs.base[urn] for urn in sorted({*pairs.base} - {*pairs.was.values()})}
    found = {
        urn: Touched(urn=urn, was=urn, entry=entry, action="remove") for urn, entry in gone.items() if _counts(entry)
    }
    told: set[str] = set()
    for urn in [urn for urn, each in found.items() if each.engine_refuses]:
        parent = gone[urn]["parent"]
        while parent in gone and parent not in told:
            told.add(parent)
            parent = gone[parent]["parent"]
    for urn, entry in gone.items():
        silent = not entry["custom"] and entry["options"].get("protect") is True and urn not in told
        if silent:
            found[urn] = Touched(urn=urn, was=urn, entry=entry, action="remove")
    return found


def _kept(old: Mapping[str, Any]) -> dict[str, Any]:
    return {key: old["options"].get(key, False) for key in ("protect", "retainOnDelete")}


def _rank(each: Touched) -> tuple[Any, ...]:
    """What the engine refuses, what loses data, what AWS refuses, then by action; what only follows something else
    comes after it."""
    refused = any(warning["outcome"] == "refused" for warning in each.warnings)
    grave = [change for change in each.changes if change["effect"] == each.action]
    follows = bool(grave) and all(change["dueTo"] for change in grave)
    order = (ACTIONS.index(each.action), follows, each.entry["type"], each.urn)
    return (not each.engine_refuses, not each.loses_data, not refused, not each.warnings, *order)


def _counts(entry: Mapping[str, Any]) -> bool:
    """Whether a deployment makes it, and a provider that the program sets up; not what a program only reads."""
    explicit = entry["type"].startswith("pulumi:providers:") and not entry["name"].startswith("default")
    return (report.is_created(entry) and not entry["options"].get("external")) or explicit


def _changes(
    old: Mapping[str, Any], new: Mapping[str, Any], made: list[tuple[str, str]], pairs: matching.Pairs
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    token, ignored = new["type"], new["options"].get("ignoreChanges", ())
    before = matching.replaced(old["inputs"], made) if made else old["inputs"]
    after, sides = new["inputs"], values.Sides(*(frozenset(each["unknownAtPreview"]) for each in (old, new)))
    plain = [values.without_marks(inputs) for inputs in (before, after)]
    found: list[dict[str, Any]] = []
    warnings: list[dict[str, Any]] = []
    for each in values.differences(before, after, sides):
        effect = _effect(token, each, plain[0], plain[1])
        if _named(each.path, ignored):
            effect = "ignored"
        elif _named(each.path, new["options"].get("replaceOnChanges", ())) and effect is not None:
            effect = "replace"
        due = _other_sources(each, old, new, pairs) if each.before == each.after == {UNKNOWN: True} else ()
        found.append(_change(each.path, each.kind, each.before, each.after, effect or "none", due))
        if effect not in {"ignored", "replace"}:
            warnings += _warnings(token, each, plain[0], plain[1], effect)
    found += _options(old, new, pairs)
    if moved := _region(old, new, pairs):
        found.append(moved)
    return found, _once(warnings)


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
    if new.get(top) is None and changes.stays(token, top):
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


def _change(path: str, kind: str, before: Any, after: Any, effect: str, due: Sequence[str] = ()) -> dict[str, Any]:
    return {"path": path, "kind": kind, "before": before, "after": after, "effect": effect, "dueTo": list(due)}


def _is_marked(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith("$")


def _named(path: str, given: Sequence[str]) -> bool:
    """Whether `ignoreChanges` or `replaceOnChanges` names the path, one above it, or everything."""
    bare = _INDEX.sub("", path)
    return any(
        each == "*" or bare == (stem := _INDEX.sub("", each).replace(".*", "")) or bare.startswith(f"{stem}.")
        for each in given
    )


def _options(old: Mapping[str, Any], new: Mapping[str, Any], pairs: matching.Pairs) -> list[dict[str, Any]]:
    found = []
    for key in _OPTIONS:
        before, after = old["options"].get(key), new["options"].get(key)
        if key == "deletedWith":
            before = pairs.renamed.get(before, before) if before else before
        if before != after:
            kind = "add" if before is None else "delete" if after is None else "update"
            found.append(_change(f"options.{key}", kind, before, after, "state"))
    return found


def _region(old: Mapping[str, Any], new: Mapping[str, Any], pairs: matching.Pairs) -> dict[str, Any] | None:
    """A provider that works in another region replaces what is regional (pulumi-aws 7)."""
    if new["inputs"].get("region") is not None or (table.kinds(new["type"]) or {}).get("region") is None:
        return None
    before, after = (_provider_region(each, entries) for each, entries in ((old, pairs.base), (new, pairs.head)))
    if before is None or after is None or before == after:
        return None
    return _change("region", "update", before, after, "replace", [new["options"]["provider"]])


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
    key = named[0] if named else formats.NAME_KEYS.get(new["type"], "")
    return new["inputs"].get(key) is not None and old["inputs"].get(key) == new["inputs"][key]


def _follow(found: dict[str, Touched], pairs: matching.Pairs) -> None:
    """What holds an id, name or other output of a resource that is replaced gets another one."""
    users: dict[str, list[tuple[str, str]]] = {}
    for urn, entry in pairs.head.items():
        for key, needs in entry["propertyDependencies"].items():
            for need in needs if urn in found else ():
                users.setdefault(need, []).append((urn, key))
        for need in entry["options"].get("replaceWith", ()) if urn in found else ():
            users.setdefault(need, []).append((urn, ""))
    waiting = [urn for urn, each in found.items() if each.action in ("replace", "unknown")]
    seen: set[str] = set()
    while waiting:
        cause = waiting.pop()
        sure = found[cause].action == "replace"
        if (mark := f"{cause} {sure}") in seen:
            continue
        seen.add(mark)
        for urn, key in users.get(cause, ()):
            each = found[urn]
            before = each.action
            if each.was is not None and each.action != "remove" and _followed(each, key, cause, sure):
                each.settle()
            if each.action != before and each.action in ("replace", "unknown"):
                waiting.append(urn)


def _sweep(found: Mapping[str, Touched]) -> None:
    """Before something is deleted first, whatever is replaced for its sake is deleted too, and for the sake of that."""
    waiting = [urn for urn, each in found.items() if each.is_deleted_first]
    users: dict[str, list[Touched]] = {}
    for each in found.values():
        if each.action == "replace" and each.was is not None:
            for cause in {urn for change in each.changes if change["effect"] == "replace" for urn in change["dueTo"]}:
                users.setdefault(cause, []).append(each)
    while waiting:
        for each in users.get(waiting.pop(), ()):
            if not each.swept:
                each.swept = True
                waiting.append(each.urn)


def _followed(each: Touched, key: str, cause: str, sure: bool) -> bool:
    """Adds what the new one of `cause` changes in one property; whether there was anything to add."""
    if not key:
        each.changes.append(_change("options.replaceWith", "update", None, None, "replace", [cause]))
        return True
    entry, added = each.entry, False
    ignored = entry["options"].get("ignoreChanges", ())
    unknown = [p for p in entry["unknownAtPreview"] if p == key or p.startswith((f"{key}.", f"{key}["))]
    for path in unknown:
        if _named(path, ignored):
            continue
        effect = _effect_of_another(entry, path)
        if effect is None or (not sure and effect == "update"):
            continue
        there = next((change for change in each.changes if change["path"] == path), None)
        if there is not None:
            added = added or cause not in there["dueTo"] or (sure and there["effect"] != effect)
            there["dueTo"] = sorted({*there["dueTo"], cause})
            if sure and there["effect"] != "replace":
                there["effect"] = effect
            continue
        shown = {UNKNOWN: True}
        each.changes.append(_change(path, "update", shown, shown, effect if sure else "unknown", [cause]))
        added = True
    return added


def _effect_of_another(entry: Mapping[str, Any], path: str) -> str | None:
    """What another value at a place does that only AWS knows."""
    there: Any = entry["inputs"]
    for step in re.findall(r"[^.\[\]]+", path):
        there = there[int(step)] if isinstance(there, list) else there.get(step) if isinstance(there, dict) else None
    known = isinstance(there, str)
    inputs = values.without_marks(entry["inputs"])
    return changes.effect(
        entry["type"], _INDEX.sub("", path), there, f"{there} (another)", inputs, inputs, known_values=known
    )
