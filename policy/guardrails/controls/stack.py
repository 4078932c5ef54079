"""What holds for the stack as a whole, whatever is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from guardrails import kinds
from guardrails.exemptions import Exemptions
from guardrails.graph import Node
from guardrails.parameters import EXEMPTION_DAYS
from guardrails.verdicts import (
    BASELINE,
    CIS,
    FSBP,
    HOLDS,
    Control,
    Family,
    Finding,
    Outcome,
    Scope,
    Severity,
    View,
    breaks,
)

from . import estate


def _exemptions_valid(root: Node, view: View) -> Iterable[Finding]:
    found = [] if view.exemptions is None else list(_wrong(root, view, view.exemptions))
    yield from found or [HOLDS]


def _wrong(root: Node, view: View, exemptions: Exemptions) -> Iterator[Finding]:
    for mistake in exemptions.mistakes:
        if mistake.control is None or mistake.control in view.asked:  # else it would exempt from nothing in this run
            yield breaks(f"{mistake.place}: {mistake.says}", root.label)
    for entry in exemptions.unused(view.verdicts, view.asked, view.run):
        says = f"{entry.place}: nothing needs it, no finding of {entry.control} has this resource"
        yield breaks(says, root.label, fix="take the entry away")


def _no_undecided_at_update(root: Node, view: View) -> Iterable[Finding]:
    """At preview nothing is late yet; what is decided only in another stack can be configured or exempted."""
    open_ones = Counter(verdict.control.id for verdict in view.verdicts if verdict.finding.outcome is Outcome.UNDECIDED)
    if not view.run.updating or not open_ones:
        yield HOLDS
        return
    named = ", ".join(f"{name} ({count})" for name, count in sorted(open_ones.items()))
    yield breaks(f"still undecided although every value is known: {named}", root.label)


CONTROLS = (
    Control(
        id="exemptions-valid",
        title="Every exemption is complete, in time, narrow, and needed",
        severity=Severity.HIGH,
        scope=Scope.RUN,
        subjects=(kinds.STACK,),
        own_packs=(BASELINE,),
        parameters=(EXEMPTION_DAYS,),
        why="An exemption that nobody looks at again is a hole with a name on it.",
        fix="give control, resource (a URN), owner, reason, expires and ticket; take away what is over",
        judge=_exemptions_valid,
    ),
    Control(
        id="no-undecided-at-update",
        title="What was undecided at preview is decided by the update",
        severity=Severity.MEDIUM,
        scope=Scope.RUN,
        subjects=(kinds.STACK,),
        own_packs=(CIS, FSBP),
        why="A control that never decides guards nothing, and nobody misses it.",
        fix="keep the dependency (Output.all instead of a captured output), or exempt the resource with a reason",
        judge=_no_undecided_at_update,
    ),
)
FAMILY = Family("stack", "The stack", (*CONTROLS, *estate.CONTROLS))
