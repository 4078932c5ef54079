"""What becomes of a resource, and of what it holds, when it is deleted: by its inputs as the state has them.

A deletion is made with what is deployed, not with what the program says now: a switch that the same update turns comes
too late. ``deletions.json`` says which inputs count, with its sources; what is not in it loses what it holds.
"""

import functools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from preflight.simulation import holders
from preflight.simulation.limits import number

Inputs = Mapping[str, Any]
Outcome = Literal["refused", "refused unless empty", "lost", "restorable", "elsewhere", "stays"]
_FILE = Path(__file__).with_suffix(".json")


class Deletion(NamedTuple):
    """``said`` goes on after "it": one sentence without its end. ``instead`` is empty where there is nothing to do."""

    outcome: Outcome
    said: str
    instead: str
    source: str


def deletion(type_token: str, inputs: Inputs) -> Deletion | None:
    """What a deletion does; None for what holds nothing and which nothing keeps from being deleted. A switch that is
    not known counts as one that lets it go."""
    row = rows().get(type_token, {})
    source = "preflight/simulation/deletions.json"
    there = elsewhere(type_token, inputs)
    said = _kept(row, inputs) or _refused(row, inputs, is_copy=bool(there) and row.get("noLastCopy") is True)
    if said is None and type_token in holders.TYPES and there:
        said = "elsewhere", f"the data is not in it but in {there['elsewhere']}, and stays there", ""
    elif said is None and type_token in holders.TYPES:
        said = _copied(row, inputs) or ("lost", "what it holds is lost", "")
    return Deletion(*said, source if row else "preflight/simulation/holders.py") if said else None


def along(found: Deletion, there: Iterable[tuple[str, Deletion | None]]) -> Deletion:
    """The deletion of what has its data elsewhere, where all of that is deleted too: one copy of it is enough."""
    sure = [(name, each) for name, each in there if each is not None]
    name, kept = next(((name, each) for name, each in sure if each.outcome != "lost"), sure[0])
    where = ", ".join(name for name, _ in sure)
    said = f"the data is not in it but in {where}, and lost with that"
    if kept.outcome != "lost":
        said = f"the data is not in it but in {where}, and goes with that: of {name}, {kept.said}"
    return found._replace(outcome=kept.outcome, said=said, instead=kept.instead)


@functools.cache
def rows() -> Mapping[str, Mapping[str, Any]]:
    """The table, by type."""
    found: dict[str, dict[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))["types"]
    return found


def elsewhere(type_token: str, inputs: Inputs) -> Mapping[str, Any] | None:
    """The row of what has its data elsewhere: by its type, or because its inputs make it a copy of something."""
    row = rows().get(type_token, {})
    return row if "elsewhere" in row and (not row.get("copied") or inputs.get(row["by"])) else None


_Said = tuple[Outcome, str, str]


def _kept(row: Inputs, inputs: Inputs) -> _Said | None:
    if (key := row.get("stays")) and _true(inputs.get(key)):
        return "stays", f"{key} leaves it in AWS", ""
    return None


def _refused(row: Inputs, inputs: Inputs, *, is_copy: bool) -> _Said | None:
    key = row.get("protected")
    if key and _is_on(inputs.get(key), row) and not _may_be(inputs.get(row.get("despite", ""))):
        off = {"ACTIVE": "INACTIVE", "ENABLED": "DISABLED"}.get(str(inputs.get(key)), "false")
        return "refused", f"AWS refuses to delete it while {key} is on", f"an update before that sets {key} to {off}"
    if is_copy and not _skips(row, inputs):
        skip = row["skip"]
        why = f"AWS makes no last copy of a replica, and refuses to delete it while {skip} is not true"
        return "refused", why, f"an update before that sets {skip} to true: its source keeps the data"
    if row.get("required") and not _skips(row, inputs) and not inputs.get(row["snapshot"]):
        name, skip = row["snapshot"], row["skip"]
        why = f"the provider refuses to delete it without {name}, as {skip} is not true"
        return "refused", why, f"an update before that gives {name}, or sets {skip} to true and lets the data go"
    force = row.get("force")
    if (held := row.get("holding")) and not (force and _may_be(inputs.get(force))):
        error = f" ({row['error']})" if "error" in row else ""
        instead = "empty it first"
        if force:
            instead = f"empty it first, or an update before that sets {force} to true and lets them go"
        return "refused unless empty", f"AWS refuses to delete it while it holds {held}{error}", instead
    return None


def _copied(row: Inputs, inputs: Inputs) -> _Said | None:
    """What is left of it, where anything is."""
    if kept := _last_copy(row, inputs) or _by_itself(row, inputs):
        return "restorable", *kept
    if key := row.get("window"):
        days = number(inputs.get(key))
        days = row["days"] if days is None else days
        if days:
            said = f"AWS deletes it for good after {days:g} days ({key})"
            return "restorable", said, f"`{row['undo']}` brings it back until then"
    return None


def _last_copy(row: Inputs, inputs: Inputs) -> tuple[str, str] | None:
    if _skips(row, inputs):
        return None
    if (key := row.get("snapshot")) and (name := inputs.get(key)):
        called = f" {name}" if isinstance(name, str) else ""
        return f"a final snapshot{called} remains", "restore it from there"
    if (key := row.get("copy")) and (key == row.get("skip") or _true(inputs.get(key))):
        return f"a last copy remains ({key})", "restore it from there"
    return None


def _by_itself(row: Inputs, inputs: Inputs) -> tuple[str, str] | None:
    """What AWS keeps for a time without being asked at the deletion."""
    if (key := row.get("backups")) and str(inputs.get(key)).lower() == "false" and _has_backups(row, inputs):
        return f"its automatic backups remain for their time ({key} is false)", "restore it from there"
    if (path := row.get("kept")) and _is_switched_on(inputs.get(path[0]), path[1]):
        kept = f"AWS keeps a backup of it for {row['keptDays']} days ({path[0]} is on)"
        return kept, "restore it from there until then"
    return None


def _has_backups(row: Inputs, inputs: Inputs) -> bool:
    days = row.get("backupDays")
    return days is None or (number(inputs.get(days)) or 0) > 0


def _is_switched_on(block: Any, key: str) -> bool:
    """A block may stand in a list of one."""
    if isinstance(block, list):
        return any(_is_switched_on(each, key) for each in block)
    return isinstance(block, Mapping) and _true(block.get(key))


def _skips(row: Inputs, inputs: Inputs) -> bool:
    """Whether no last copy is made, or perhaps none."""
    skip = row.get("skip")
    if skip is None:
        return False
    given = inputs.get(skip)
    return _may_be(given) or (given is None and row.get("skipDefault") is True)


def _is_on(value: Any, row: Inputs) -> bool:
    return (row.get("default") is True) if value is None else _true(value) or value in ("ACTIVE", "ENABLED")


def _true(value: Any) -> bool:
    return value is True or value == "true"


def _may_be(value: Any) -> bool:
    """Whether a switch is on, or not known."""
    return _true(value) or isinstance(value, Mapping)
