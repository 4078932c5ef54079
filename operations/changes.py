"""What a preview would change, read from what `pulumi preview --json` prints, in either of its two forms.

The plain document has no policy violations in it (only "preview failed"), which is why the workflows ask for the stream
of events (PULUMI_ENABLE_STREAMING_JSON_PREVIEW). Both seen with the CLI 3.259.0, 2026-11.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Operation = Literal["create", "update", "replace", "delete", "other"]
_OPERATIONS: Mapping[str, Operation] = {
    "create": "create",
    "import": "create",
    "update": "update",
    "replace": "replace",
    "create-replacement": "replace",
    "delete-replaced": "replace",
    "import-replacement": "replace",
    "read-replacement": "replace",
    "discard-replaced": "replace",
    "delete": "delete",
    "discard": "delete",
    "forget": "delete",
}
GRAVEST: Sequence[Operation] = ("delete", "replace", "other", "update", "create")
"""The order in which a person wants to read them."""
_UNCHANGED = frozenset({"same", "read", "refresh"})


@dataclass(frozen=True, kw_only=True)
class Change:
    """One resource that would not stay as it is."""

    urn: str
    operation: Operation
    custom: bool
    protected: bool
    """Protected, or kept on deletion, in the state as it is now."""
    because: Sequence[str] = ()
    """Properties: of a replacement those that force it, of an update those that differ."""

    @property
    def type(self) -> str:
        """The type token, such as `aws:s3/bucket:Bucket`."""
        return self.urn.split("::")[2].rpartition("$")[2]

    @property
    def resource(self) -> str:
        """Type and name, `aws:s3/bucket:Bucket::data-uploads`: what people write and read."""
        return f"{self.type}::{self.urn.split('::', 3)[3]}"


@dataclass(frozen=True, kw_only=True)
class Violation:
    """What a policy reported."""

    urn: str
    policy: str
    level: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One preview: its changes in order of their URN, what the policies said, and what went wrong."""

    changes: Sequence[Change]
    unchanged: int
    violations: Sequence[Violation] = ()
    errors: Sequence[str] = ()

    def of(self, operation: Operation) -> list[Change]:
        """The changes of one kind."""
        return [change for change in self.changes if change.operation == operation]

    @property
    def digest(self) -> str:
        """Equal for two previews that do the same to the same resources for the same properties."""
        told = [[change.urn, change.operation, sorted(change.because)] for change in self.changes]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


class UnreadableError(ValueError):
    """The text is not what `pulumi preview --json` prints."""


def read(text: str) -> Preview:
    """The preview in the text. Raises UnreadableError when it is neither a document nor events, or was cut off."""
    try:
        document = json.loads(text)
    except ValueError:
        return _from_events(text)
    if isinstance(document, dict) and "steps" in document:
        return _from_document(document)
    if isinstance(document, dict) and "changeSummary" in document:  # nothing at all to do, not even a stack
        return Preview(changes=[], unchanged=0)
    return _from_events(text)


def _from_document(document: Mapping[str, Any]) -> Preview:
    steps = [
        (
            step["op"],
            step["urn"],
            step.get("oldState"),
            step.get("newState"),
            _reasons(step, "replaceReasons", "diffReasons"),
        )
        for step in document["steps"]
    ]
    unchanged = document.get("changeSummary", {}).get("same", 0)
    said = document.get("diagnostics") or []
    errors = [entry["message"].strip() for entry in said if entry.get("severity") == "error"]
    return Preview(changes=_merged(steps), unchanged=unchanged, errors=errors)


def _from_events(text: str) -> Preview:
    steps: list[tuple[str, str, Any, Any, list[str]]] = []
    violations: list[Violation] = []
    errors: list[str] = []
    unchanged = 0
    complete = False
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
        except ValueError:
            raise UnreadableError(f"line {number} is not JSON: {line[:80]!r}") from None
        if "resourcePreEvent" in event:
            step = event["resourcePreEvent"]["metadata"]
            unchanged += step["op"] == "same"
            steps.append((step["op"], step["urn"], step.get("old"), step.get("new"), _reasons(step, "keys", "diffs")))
        elif "policyEvent" in event:
            violations.append(_violation(event["policyEvent"]))
        elif event.get("diagnosticEvent", {}).get("severity") == "error":
            errors.append(event["diagnosticEvent"]["message"].strip())
        complete = complete or "summaryEvent" in event or "cancelEvent" in event
    if not complete and not errors:
        raise UnreadableError("the events of the preview end before its summary")
    return Preview(changes=_merged(steps), unchanged=unchanged, violations=violations, errors=errors)


def _reasons(step: Mapping[str, Any], replacing: str, differing: str) -> list[str]:
    return sorted(step.get(replacing) or step.get(differing) or [])


def _violation(event: Mapping[str, Any]) -> Violation:
    return Violation(
        urn=event.get("resourceUrn", ""),
        policy=event.get("policyName", ""),
        level=event.get("enforcementLevel", "mandatory"),
        message=event.get("message", "").strip(),
    )


def _merged(steps: Iterable[tuple[str, str, Any, Any, list[str]]]) -> list[Change]:
    """One change for each resource, the gravest: a replacement is told in up to three steps, and what an earlier update
    could not delete shares its URN with what took its place. The order of the steps varies."""
    found: dict[str, Change] = {}
    for operation, urn, old, new, because in steps:
        if operation in _UNCHANGED:
            continue
        before = found.get(urn)
        kind = _OPERATIONS.get(operation, "other")
        if before:
            kind = min(kind, before.operation, key=GRAVEST.index)
        state: Mapping[str, Any] | None = old or new
        kept = bool(old) and bool(old.get("protect") or old.get("retainOnDelete"))
        found[urn] = Change(
            urn=urn,
            operation=kind,
            # Events leave `custom` out where it is false: a component has a state without it.
            custom=state is None or bool(state.get("custom")) or bool(before and before.custom),
            protected=kept or bool(before and before.protected),
            because=because or (before.because if before else []),
        )
    return [found[urn] for urn in sorted(found)]
