"""One resource that does not stay as it is, and what becomes of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from preflight.simulation import deletions, holders

Action = Literal["remove", "replace", "unknown", "update", "add", "rename", "none"]
ACTIONS: Sequence[Action] = ("remove", "replace", "unknown", "update", "add", "rename", "none")

ORDER = "(order)"
"""Before and after of a list whose elements only changed places."""
WATCHING = frozenset(
    f"aws:cloudwatch/{kind}"
    for kind in ("compositeAlarm:CompositeAlarm", "dashboard:Dashboard", "metricAlarm:MetricAlarm")
)
"""What shows others and changes because they do."""
INDEX = re.compile(r"\[[^\]]*\]")


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
    old_inputs: Mapping[str, Any] | None = None
    """Those of the base, by which it is deleted; None for what is new."""
    anew: bool = False
    """Whether it is made in another account: what is there now stays where it is."""
    swept: bool = False
    """Whether it goes first with something that it hangs on and that is deleted first."""
    data_in: Sequence["Touched"] = ()
    """What goes too, and with it the data, which is not in this one."""
    kept_by: deletions.Deletion | None = None
    """Why AWS does not delete it: what stands in it and stays."""
    taken_over: str | None = None
    """Which resource of the program imports it, though it goes from the state."""
    followed: set[str] = field(default_factory=set)
    """Paths at which it changes only because something else does."""
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
    def follows(self) -> bool:
        """Whether all that is planned for it comes of something else that changes."""
        own = [each for each in self.changes if each["effect"] not in ("none", "default", "ignored")]
        return self.was is not None and bool(own) and all(each["path"] in self.followed for each in own)

    @property
    def goes(self) -> bool:
        """Whether the resource that is there now goes, or may go."""
        return self.action in ("remove", "replace", "unknown") and not self.anew

    @property
    def deletion(self) -> deletions.Deletion | None:
        """What the deletion of the resource that is there now does, if it goes, or may go, and is not left there."""
        if not self.goes or self.retained or self.old_inputs is None:
            return None
        if self.kept_by is not None:
            return self.kept_by
        found = deletions.deletion(self.entry["type"], self.old_inputs)
        if found is not None and found.outcome == "elsewhere" and self.data_in:
            return deletions.along(found, [(each.entry["name"], each.deletion) for each in self.data_in])
        return found

    @property
    def holds_data(self) -> bool:
        """Whether it is of a type that holds something that cannot be made again."""
        return self.entry["type"] in holders.TYPES

    @property
    def loses_data(self) -> bool:
        """Whether data, or the key to it, goes with the resource that is there now, or may go."""
        return self.outcome == "lost"

    @property
    def outcome(self) -> deletions.Outcome | None:
        """That of the deletion."""
        deletion = self.deletion
        return deletion.outcome if deletion else None

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
    def stays_in_aws(self) -> bool:
        """Whether it leaves the state only: retained, or its provider is told not to delete it."""
        return self.goes and (self.retained or self.outcome == "stays") and self.taken_over is None

    @property
    def instead(self) -> str | None:
        """What to do where it is refused, or left behind, or can be had again."""
        said = []
        if self.engine_refuses:
            by_state = self.action == "remove" or self.swept
            said.append(
                "an update before that sets protect to false, or `pulumi state unprotect <urn>`"
                if by_state
                else "set protect to false in the same update"
            )
        if self.stays_in_aws and not said:
            option = "retainOnDelete" if self.retained else "skipDestroy"
            said.append(
                f"an update before that sets {option} to false has it deleted; `pulumi import` takes it over again"
            )
        if self.deletion and self.deletion.instead:
            said.append(self.deletion.instead)
        return "; then ".join(said) or None

    @property
    def is_deleted_first(self) -> bool:
        """Whether nothing of the old one is left when the new one is made."""
        return self.action == "replace" and (self.deleted_first or self.swept)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        own, deletion = self.entry["options"], self.deletion
        return {
            "urn": self.urn,
            "renamedFrom": self.was if self.was not in (None, self.urn) else None,
            "type": self.entry["type"],
            "name": self.entry["name"],
            "source": self.entry["source"],
            "action": self.action,
            "follows": self.follows,
            "because": [change["path"] for change in self.changes if change["effect"] == self.action],
            "holdsData": self.holds_data,
            "losesData": self.loses_data,
            "protected": own.get("protect") is True,
            "retained": self.retained,
            "engineRefuses": self.engine_refuses,
            "staysInAws": self.stays_in_aws,
            "takenOverBy": self.taken_over,
            "instead": self.instead,
            "deletion": deletion._asdict() if deletion else None,
            "deletedFirst": self.is_deleted_first,
            "changes": self.changes,
            "warnings": self.warnings,
        }


def change(
    path: str, kind: str, before: Any, after: Any, effect: str, due: Sequence[str] = (), note: str | None = None
) -> dict[str, Any]:
    """One changed property, as the document has it."""
    return {
        "path": path, "kind": kind, "before": before, "after": after, "effect": effect, "dueTo": list(due),
        "note": note,
    }  # fmt: skip


def named(path: str, given: Sequence[str]) -> bool:
    """Whether `ignoreChanges` or `replaceOnChanges` names the path, one above it, or everything."""
    bare = INDEX.sub("", path)
    return any(
        each == "*" or bare == (stem := INDEX.sub("", each).replace(".*", "")) or bare.startswith(f"{stem}.")
        for each in given
    )
