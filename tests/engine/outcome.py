"""What a call of the engine came to, read from its event log."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

# Steps of a replacement that are only its announcement, and steps that do nothing.
_QUIET = {"same", "read", "replace", "refresh", "discard-replaced", "remove-pending-replace"}


@dataclass(frozen=True)
class Step:
    """One thing that the engine did to a resource, or in a preview would do."""

    op: str
    urn: str
    type: str
    changed: tuple[str, ...] = ()
    replacing: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Type and logical name, as `aws:ec2/vpc:Vpc::network`."""
        return f"{self.type}::{self.urn.rsplit('::', 1)[-1]}"


@dataclass(frozen=True)
class Violation:
    """A policy's complaint."""

    policy: str
    urn: str
    level: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Exit code, everything it printed, what it did, what the policies said, how long it took in seconds."""

    code: int
    output: str
    steps: list[Step]
    failed: list[Step]
    violations: list[Violation]
    seconds: float

    @classmethod
    def read(cls, code: int, output: str, events: Path | None, seconds: float) -> Self:
        """From the event log, if the command has one."""
        steps: list[Step] = []
        failed: list[Step] = []
        violations = []
        for line in events.read_text().splitlines() if events is not None and events.exists() else []:
            event = json.loads(line)
            if "resourcePreEvent" in event:
                steps.append(_step(event["resourcePreEvent"]["metadata"]))
            elif "resOutputsEvent" in event:
                _conclude(steps, _step(event["resOutputsEvent"]["metadata"]))
            elif "resOpFailedEvent" in event:
                failed.append(_step(event["resOpFailedEvent"]["metadata"]))
            elif "policyEvent" in event:
                found = event["policyEvent"]
                violations.append(
                    Violation(
                        found["policyName"], found.get("resourceUrn", ""), found["enforcementLevel"], found["message"]
                    )
                )
        return cls(code=code, output=output, steps=steps, failed=failed, violations=violations, seconds=seconds)

    def expect(self, code: int) -> Self:
        """Itself, if it ended with this exit code; a failed assertion with all its output otherwise."""
        assert self.code == code, f"exit code {self.code}, expected {code}:\n{self.output}"
        return self

    @property
    def changes(self) -> dict[str, list[str]]:
        """Operation -> names of the resources (`type::name`), sorted; what stays as it is left out."""
        found: dict[str, list[str]] = {}
        for step in self.steps:
            if step.op not in _QUIET and step.name not in found.setdefault(step.op, []):
                found[step.op].append(step.name)
        return {op: sorted(names) for op, names in sorted(found.items())}

    def of(self, op: str) -> list[Step]:
        """The steps of one operation."""
        return [step for step in self.steps if step.op == op]


def _conclude(steps: list[Step], result: Step) -> None:
    """A refresh is announced as such; only its end says what it has found (nothing, an update, a deletion)."""
    for place, step in enumerate(steps):
        if step.urn == result.urn and step.op == "refresh":
            steps[place] = result


def _step(metadata: dict[str, Any]) -> Step:
    return Step(
        op=metadata["op"],
        urn=metadata["urn"],
        type=metadata["type"],
        changed=tuple(sorted(metadata.get("detailedDiff") or metadata.get("diffs") or ())),
        replacing=tuple(sorted(metadata.get("keys") or ())),
    )
