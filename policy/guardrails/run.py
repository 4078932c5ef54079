"""Evaluates controls over a graph. A control that fails is a finding of its own and never takes another one with it."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path

from .config import Config
from .graph import Graph, Node
from .reading import UnexpectedShapeError
from .verdicts import Control, Finding, Level, Outcome, Verdict, View

_PACKAGE = Path(__file__).parent


def evaluate(controls: Iterable[Control], graph: Graph, config: Config) -> Iterator[Verdict]:
    """Every verdict, passes included, of the controls that the configuration leaves on."""
    view = View(graph, config)
    for control in controls:
        if config.level(control) is not Level.DISABLED:
            for node in graph.of(*control.subjects):
                for finding in _judged(control, node, view):
                    yield Verdict(control, node, finding)


def _judged(control: Control, node: Node, view: View) -> Iterator[Finding]:
    try:
        yield from control.judge(node, view)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a control must become its finding
        yield Finding(Outcome.ERROR, _cause(error), fix="report this fault of the pack with the type of the resource")


def _cause(error: Exception) -> str:
    """What failed and where. The text of a foreign exception may repeat a property's value, so it is left out."""
    if isinstance(error, UnexpectedShapeError):
        return str(error)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _PACKAGE in Path(frame.filename).parents]
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
