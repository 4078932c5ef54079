"""Verdicts, the controls that give them, and the words in which people read them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .config import Config
    from .exemptions import Exemptions
    from .graph import Graph, Node
    from .parameters import Parameter


class Outcome(StrEnum):
    """What a control can say of a resource. `ERROR` is a fault of the control itself, never a pass."""

    VIOLATION = "violation"
    PASS = "pass"  # noqa: S105 - a verdict, not a credential
    UNDECIDED = "undecided"
    EXEMPTED = "exempted"
    ERROR = "internal error"


class Severity(StrEnum):
    """How much a violation hurts."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Level(StrEnum):
    """What a verdict does to the run."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    DISABLED = "disabled"


USUAL_LEVELS = MappingProxyType(
    {
        Severity.CRITICAL: Level.MANDATORY,
        Severity.HIGH: Level.MANDATORY,
        Severity.MEDIUM: Level.ADVISORY,
        Severity.LOW: Level.ADVISORY,
    }
)
"""What violations do to the run where the configuration says nothing else."""


class Scope(StrEnum):
    """What a control must see: one resource's own inputs (then it also prevents, at update), or the whole graph.

    `RUN` controls come last, look at what all others said, and are asked once, about the stack itself.
    """

    RESOURCE = "resource"
    GRAPH = "graph"
    RUN = "run"


BASELINE = "baseline"
CIS = "cis-aws-v5"
FSBP = "fsbp"
COST = "cost"
RESILIENCE = "resilience"
PACKS = (BASELINE, CIS, FSBP, COST, RESILIENCE)
"""What a configuration selects. `cis-aws-v5` and `fsbp` follow from a control's references, the others are said."""
_FSBP = re.compile(r"[A-Z][A-Za-z0-9]+\.\d+")
_CIS = re.compile(r"CIS \d+(\.\d+)+")


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


class Run(NamedTuple):
    """Which run this is. `updating`: values are known, nothing is left to wait for in this program."""

    stack: str = ""
    project: str = ""
    updating: bool = False
    today: date = date.min


class View(NamedTuple):
    """What a control may look at. For `Scope.RUN` also: `asked` (ids), `verdicts` of those, and the exemptions."""

    graph: Graph
    config: Config
    run: Run = Run()
    asked: frozenset[str] = frozenset()
    verdicts: tuple[Verdict, ...] = ()
    exemptions: Exemptions | None = None


Judge = Callable[["Node", View], Iterable[Finding]]


@dataclass(frozen=True, kw_only=True)
class Control:
    """One rule: a pure function over each resource of `subjects`, and what people must know about it.

    `title` is what it says, one sentence without a full stop; `why` is what happens otherwise; `fix` is in terms of
    pulumi-aws. `own_packs` are those that do not follow from `references`. `parameters` are those that `judge` reads.
    `remedy` is the one flag that could be set for the user: in place, and without any harm.
    """

    id: str
    title: str
    severity: Severity
    subjects: tuple[str, ...]
    why: str
    fix: str
    judge: Judge
    scope: Scope = Scope.RESOURCE
    references: tuple[str, ...] = ()
    own_packs: tuple[str, ...] = ()
    parameters: tuple[Parameter[Any], ...] = ()
    remedy: Remedy | None = None

    @property
    def level(self) -> Level:
        """What its violations do where its pack is selected and the configuration says nothing else."""
        return USUAL_LEVELS[self.severity]

    @cached_property
    def packs(self) -> frozenset[str]:
        """All packs that it belongs to."""
        fsbp = any(_FSBP.fullmatch(reference) for reference in self.references)
        cis = any(_CIS.fullmatch(reference) for reference in self.references)
        return frozenset((*self.own_packs, *(FSBP,) * fsbp, *(CIS,) * cis))


class Family(NamedTuple):
    """The controls of one AWS service or matter, in the order of the catalogue."""

    id: str
    title: str
    controls: tuple[Control, ...]


class Remedy(NamedTuple):
    """One flag that the pack may set by itself where the configuration allows: an input, and its value: mostly on.

    In place, and without harm to anybody: not what cuts clients off, nor what replaces something.
    """

    path: str
    value: bool = True


class Verdict(NamedTuple):
    """What one control says of one resource; `exempt` says who took it on and until when."""

    control: Control
    node: Node
    finding: Finding
    exempt: str | None = None

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
        if self.exempt is not None:
            lines.append(f"exempted: {self.exempt}")
        if self.control.references:
            lines.append("references: " + ", ".join(self.control.references))
        return "\n".join(" ".join(line.splitlines()) for line in lines)
