"""Two reports of preflight to one document of what differs (`preflight/schema/diff.schema.json`)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from preflight import report
from preflight.counted import counted
from preflight.diff import answers, made_up, pairs, place, resources, values, ways, words
from preflight.diff.touched import ACTIONS, Touched

SCHEMA_VERSION = 1
_EMPTY: Mapping[str, Any] = {
    "resources": [], "findings": [], "exports": {}, "errors": [], "notes": [], "policies": None, "cost": None,
    "timeline": None, "reach": None, "resilience": None, "summary": {"exitCode": report.FINE},
}  # fmt: skip


def document(
    base: Mapping[str, Any],
    head: Mapping[str, Any],
    against: Mapping[str, Any],
    secrets: Mapping[str, Sequence[str]],
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """The whole answer. `against` says what the base is, `secrets` names encrypted configuration by stack whose
    ciphertext differs, `notes` are of no stack that is compared."""
    names = sorted({*base["stacks"], *head["stacks"]})
    return {
        "schemaVersion": SCHEMA_VERSION,
        "tool": report.TOOL,
        "base": dict(against),
        "errors": [*_of("base", base["errors"]), *_of("head", head["errors"])],
        "notes": list(notes),
        "stacks": {
            name: _stack(base["stacks"].get(name), head["stacks"].get(name), secrets.get(name, ())) for name in names
        },
    }


def failed(against: Mapping[str, Any], messages: Sequence[str]) -> dict[str, Any]:
    """The answer when there is no base to compare with."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "tool": report.TOOL,
        "base": dict(against),
        "errors": _of("base", [report.error("input", message) for message in messages]),
        "notes": [],
        "stacks": {},
    }


def exit_code(found: Mapping[str, Any]) -> int:
    """That of a check of the head; a base that could not be recorded is wrong input."""
    codes = [stack["summary"]["exitCode"] for stack in found["stacks"].values()]
    codes += [report.FAULT if error["kind"] in report.OWN_FAULTS else report.WRONG for error in found["errors"]]
    return max(codes, default=report.FINE)


def _of(side: str, errors: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**error, "side": side} for error in errors]


def _stack(base: Mapping[str, Any] | None, head: Mapping[str, Any] | None, secrets: Sequence[str]) -> dict[str, Any]:
    state = "new" if base is None else "gone" if head is None else "compared"
    # What is refused of the base is not there any more, or refused of the head too.
    of_base = [error for error in (base["errors"] if base else ()) if error["kind"] != report.REFUSED]
    errors = [*_of("base", of_base), *_of("head", head["errors"] if head else ())]
    # A stack whose file is gone is no longer deployed: nothing is deleted by that, so nothing is listed.
    usable = report.ran_to_its_end(errors) and head is not None
    old, new = (base or _EMPTY, head or _EMPTY) if usable else (_EMPTY, _EMPTY)
    move = place.moved(old, new)
    old = place.as_if_there(old, new, move) if move else old
    both = pairs.paired(old["resources"], new["resources"], [*old.get("lookups", ()), *new.get("lookups", ())])
    found = resources.touched(both, made_up.region(new), made_up.account(new), elsewhere=move.elsewhere)
    renamed = both.renamed
    names = _names(old, new, found)
    listed = [{**each.to_json(), "name": names.get(each.urn, each.entry["name"])} for each in found]
    code = (head or _EMPTY)["summary"]["exitCode"]
    codes = [report.FAULT if error["kind"] in report.OWN_FAULTS else report.WRONG for error in of_base]
    code = max([code, *codes])
    return {
        "state": state if usable or state != "compared" else "failed",
        "moved": move.to_json(),
        "resources": listed,
        "cost": answers.cost(old, new, renamed),
        "findings": answers.findings(old, new, renamed),
        "reach": ways.reach(old, new, renamed),
        "timeline": answers.timeline(old, new, renamed),
        "singlePoints": answers.single_points(old, new, renamed),
        "exports": answers.exports(old, new),
        "secretConfiguration": list(secrets),
        "names": names,
        "errors": errors,
        "notes": _notes(old, new, both) if usable and base else [],
        "summary": _summary(listed, new, code),
    }


def _summary(listed: Sequence[Mapping[str, Any]], new: Mapping[str, Any], code: int) -> dict[str, Any]:
    counts = Counter(each["action"] for each in listed if not words.is_provider(each))
    outcomes = Counter(warning["outcome"] for each in listed for warning in each["warnings"])
    made = sum(report.is_created(entry) for entry in new["resources"])
    return {
        **{action: counts[action] for action in ACTIONS},
        "unchanged": made - sum(counts[action] for action in ACTIONS if action not in ("remove", "none")),
        "providers": sum(words.is_provider(each) for each in listed),
        **{key: sum(each[key] for each in listed) for key in ("engineRefuses", "losesData", "staysInAws")},
        "deletionRefused": sum(map(words.deletion_refused, listed)),
        "refused": outcomes["refused"],
        "notPlanned": outcomes["not planned"],
        "exitCode": code,
    }


def _names(old: Mapping[str, Any], new: Mapping[str, Any], found: Sequence[Touched]) -> dict[str, str]:
    """What everything is called that the answer speaks of, as in the report."""
    text = {**report.names(old["resources"]), **report.names(new["resources"])}
    return {urn: text[urn] for urn in sorted(text)} if found or old["resources"] != new["resources"] else {}


def _notes(old: Mapping[str, Any], new: Mapping[str, Any], both: pairs.Pairs) -> list[str]:
    notes = []
    unseen = [
        entry["name"]
        for urn, entry in both.head.items()
        if urn in both.was and values.secrets_not_compared(both.base[both.was[urn]]["inputs"], entry["inputs"])
    ]
    if unseen:
        notes.append(
            f"A saved report holds no secrets: whether those of {counted(len(unseen), 'resource')} changed is not "
            f"known ({', '.join(sorted(unseen)[:5])}{', ...' if len(unseen) > 5 else ''})."
        )
    packs = [(each["policies"] or {}).get("pack") for each in (old, new)]
    if packs[0] != packs[1]:
        notes.append(f"The base was judged by {packs[0] or 'no pack'}, the head by {packs[1] or 'no pack'}.")
    return notes
