"""Verdicts, the controls that give them, and the words in which people read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .config import Config
    from .graph import Graph, Node


class Outcome(StrEnum):
    """What a control can say of a resource. `ERROR` is a fault of the control itself, never a pass."""

    VIOLATION = "violation"
    PASS = "pass"  # noqa: S105 - a verdict, not a credential
    UNDECIDED = "undecided"
    ERROR = "internal error"


class Severity(StrEnum):
    """How much a violation hurts. Critical and high are mandatory unless the configuration says otherwise."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Level(StrEnum):
    """What a verdict does to the run."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    DISABLED = "disabled"


class Scope(StrEnum):
    """What a control must see: one resource's own inputs (then it also prevents, at update), or the whole graph."""

    RESOURCE = "resource"
    GRAPH = "graph"


class Finding(NamedTuple):
    """What a control's function found; `says` is one sentence, or for undecided what it waits for."""

    outcome: Outcome
    says: str = ""
    path: tuple[str, ...] = ()
    fix: str | None = None


def breaks(says: str, *path: str, fix: str | None = None) -> Finding:
    """The resource violates the control; `fix` replaces the control's own where a more exact one is known."""
    return Finding(Outcome.VIOLATION, says, path, fix)


def waits(waits_for: str, *path: str) -> Finding:
    """It cannot be known yet, or not from this program."""
    return Finding(Outcome.UNDECIDED, waits_for, path)


HOLDS = Finding(Outcome.PASS)


class View(NamedTuple):
    """What a control may look at."""

    graph: Graph
    config: Config


Judge = Callable[["Node", View], Iterable[Finding]]


@dataclass(frozen=True, kw_only=True)
class Control:
    """One rule: a pure function over each resource of `subjects`, and what people must know about it."""

    id: str
    title: str
    severity: Severity
    scope: Scope
    subjects: tuple[str, ...]
    references: tuple[str, ...]
    why: str
    fix: str
    judge: Judge

    @property
    def level(self) -> Level:
        """The level of its violations where the configuration says nothing."""
        return Level.MANDATORY if self.severity in (Severity.CRITICAL, Severity.HIGH) else Level.ADVISORY


class Verdict(NamedTuple):
    """What one control says of one resource."""

    control: Control
    node: Node
    finding: Finding

    @property
    def key(self) -> tuple[str, str]:
        """Two verdicts with the same key say the same of the same resource."""
        return self.control.id, self.node.urn

    def message(self) -> str:
        """The text that users read and preflight parses; the order and the words before each colon are a contract."""
        finding = self.finding
        lines = [f"[{self.control.id}] {finding.outcome}: {finding.says}"]
        lines.append(f"resource: {self.node.name} ({self.node.type})")
        if finding.path:
            lines.append("path: " + " -> ".join(finding.path))
        lines.append(f"fix: {finding.fix or self.control.fix}")
        if self.control.references:
            lines.append("references: " + ", ".join(self.control.references))
        return "\n".join(" ".join(line.splitlines()) for line in lines)
