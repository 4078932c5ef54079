"""What hangs on a resource that is replaced, and goes or changes with it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from preflight.diff import made_up, place, values
from preflight.diff import pairs as matching
from preflight.diff.touched import INDEX, Touched, change, named
from preflight.recording import UNKNOWN
from preflight.simulation import changes


def follow(found: dict[str, Touched], pairs: matching.Pairs, made: made_up.MadeUp) -> None:
    """What holds an id, name or other output of a resource that is replaced gets another one."""
    users: dict[str, list[tuple[str, str]]] = {}
    for urn, entry in pairs.head.items():
        for key, needs in entry["propertyDependencies"].items():
            for need in needs if urn in found else ():
                users.setdefault(need, []).append((urn, key))
        for need in entry["options"].get("replaceWith", ()) if urn in found else ():
            users.setdefault(need, []).append((urn, ""))
    # The first one last, where it is taken from.
    waiting = [urn for urn, each in reversed(found.items()) if each.action in ("replace", "unknown")]
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
            if each.was is not None and each.action != "remove" and _followed(each, key, cause, sure, made):
                each.settle()
            if each.action != before and each.action in ("replace", "unknown"):
                waiting.append(urn)


def sweep(found: Mapping[str, Touched]) -> None:
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


def _followed(each: Touched, key: str, cause: str, sure: bool, made: made_up.MadeUp) -> bool:
    """Adds what the new one of `cause` changes in one property; whether there was anything to add."""
    if not key:
        each.followed.add("options.replaceWith")
        each.changes.append(change("options.replaceWith", "update", None, None, "replace", [cause]))
        return True
    entry, added = each.entry, False
    ignored = entry["options"].get("ignoreChanges", ())
    unknown = [p for p in entry["unknownAtPreview"] if p == key or p.startswith((f"{key}.", f"{key}["))]
    if name := made.name(cause):  # drawn anew for what is made anew, and known to a preview
        unknown += [path for path in made_up.places(entry["inputs"].get(key), name, key) if path not in unknown]
    for path in unknown:
        if named(path, ignored) or _is_of_another(entry, key, path, cause, made):
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
        each.followed.add(path)
        each.changes.append(change(path, "update", shown, shown, effect if sure else "unknown", [cause]))
        added = True
    return added


def _is_of_another(entry: Mapping[str, Any], key: str, path: str, cause: str, made: made_up.MadeUp) -> bool:
    """Whether a place holds nothing but outputs of other resources, of those that the property is made of, and none of
    the cause."""
    leaves = [*_leaves(_at(entry, path))]
    others = [need for need in entry["propertyDependencies"].get(key, ()) if need != cause]
    return bool(leaves) and all(
        isinstance(leaf, str) and not made.is_output(cause, leaf) and any(made.is_output(need, leaf) for need in others)
        for leaf in leaves
    )


def _leaves(value: Any) -> Iterator[Any]:
    """What is in a value at any depth, in JSON texts too."""
    if isinstance(value, str):
        value = value if (within := place.document(value)) is None else within
    if isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _leaves(each)
    else:
        yield value


def _at(entry: Mapping[str, Any], path: str) -> Any:
    there: Any = entry["inputs"]
    for step in re.findall(r"[^.\[\]]+", path):
        there = there[int(step)] if isinstance(there, list) else there.get(step) if isinstance(there, dict) else None
    return there


def _effect_of_another(entry: Mapping[str, Any], path: str) -> str | None:
    """What another value at a place does that only AWS knows."""
    there = _at(entry, path)
    known = isinstance(there, str)
    inputs = values.without_marks(entry["inputs"])
    return changes.effect(
        entry["type"], INDEX.sub("", path), there, f"{there} (another)", inputs, inputs, known_values=known
    )
