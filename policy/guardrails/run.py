"""Evaluates controls over a graph. A control that fails is a finding of its own and never takes another one with it."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path

from .config import Config
from .exemptions import Exemptions
from .graph import Graph, Node
from .kinds import STACK
from .reading import UnexpectedShapeError
from .verdicts import Control, Finding, Level, Outcome, Run, Scope, Verdict, View

_PACKAGE = Path(__file__).parent
_NO_EXEMPTIONS = Exemptions()


def evaluate(
    controls: Iterable[Control],
    graph: Graph,
    config: Config,
    run: Run = Run(),  # noqa: B008 - immutable
    exemptions: Exemptions = _NO_EXEMPTIONS,
) -> list[Verdict]:
    """Every verdict, passes included, of the controls that the configuration leaves on; exemptions are applied."""
    asked = [control for control in controls if config.level(control) is not Level.DISABLED]
    view = View(graph, config, run, asked=frozenset(control.id for control in asked), exemptions=exemptions)
    found: list[Verdict] = []
    there = {STACK, *graph.kinds}
    for control in asked:
        if control.scope is not Scope.RUN and not there.isdisjoint(control.subjects):
            for node in _subjects(control, graph):
                found += _judged(control, node, view)
    last = view._replace(verdicts=tuple(found))
    for control in asked:
        if control.scope is Scope.RUN:
            found += _judged(control, graph.root, last)
    return found


def _subjects(control: Control, graph: Graph) -> tuple[Node, ...]:
    """The stack itself is a subject even where it was not sent."""
    found = graph.of(*control.subjects)
    return (*found, graph.root) if STACK in control.subjects and not graph.of(STACK) else found


def _judged(control: Control, node: Node, view: View) -> Iterator[Verdict]:
    exemptions = view.exemptions or _NO_EXEMPTIONS
    try:
        for finding in control.judge(node, view):
            yield exemptions.applied(Verdict(control, node, finding))
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a control must become its finding
        fix = "report this fault of the pack with the type of the resource"
        yield Verdict(control, node, Finding(Outcome.ERROR, _cause(error), fix=fix))


def _cause(error: Exception) -> str:
    """What failed and where. The text of a foreign exception may repeat a property's value, so it is left out."""
    if isinstance(error, UnexpectedShapeError):
        return str(error)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _PACKAGE in Path(frame.filename).parents]
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
