"""How many wrong turns in the controls their own cases notice: `make policy-mutations`.

Every condition of every module under `guardrails.controls` is turned round, one at a time: comparisons, `and`/`or`,
`not`, truth values, numbers, and branches, which are never taken or always; words of messages are left alone. The cases
of the module's controls are judged by the changed module, in this process: at preview, at update, and if these notice
nothing with each input hidden in turn, as `test_policy_cases.py` does. Only cases that come by the changed statement are
asked. What no case notices is printed with its line.

    python -m tests.policy.mutants [module ...]
"""

from __future__ import annotations

import ast
import importlib
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, NamedTuple

from guardrails.controls import CONTROLS, FAMILIES
from guardrails.exemptions import Source, load
from guardrails.graph import Graph
from guardrails.run import evaluate
from guardrails.verdicts import Control, Outcome, Scope

from tests.policy.cases import CASES
from tests.policy.cases.kit import Case
from tests.policy.graphs import PHASES, Phase, run_of
from tests.policy.hiding import hiding

FOLDER = Path(importlib.import_module("guardrails.controls").__file__ or "").parent
SECONDS = 20  # for the cases of a module with one mutant: more is a loop without end, which is noticed
_ORDER = [Outcome.PASS, Outcome.UNDECIDED, Outcome.VIOLATION, Outcome.ERROR]
_INVERSE: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
}  # fmt: skip
_EDGE: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
}  # fmt: skip


class Mutant(NamedTuple):
    """One change: where, what, and how to make it in a tree of the same source.

    `lines` are those of the statement that changes, None where that runs when the module is loaded (or once for all);
    then `whose` is the control in whose declaration it stands.
    """

    line: int
    says: str
    place: int
    change: Callable[[ast.AST], ast.AST]
    lines: range | None
    whose: str | None


class Sample(NamedTuple):
    """A case in one phase, with its graph made already; `hidden`: one input is, so it may be undecided.

    `shared` are the views of the graph that no change of the module makes other ones of, `lines` those lines of the
    module that judging it comes by.
    """

    case: Case
    phase: Phase
    graph: Graph
    hidden: bool = False
    shared: frozenset[object] | None = None
    lines: frozenset[int] = frozenset()


class Score(NamedTuple):
    """Of one module: how many mutants, and those that nothing noticed."""

    module: str
    total: int
    survivors: list[Mutant]


def mutants(tree: ast.AST) -> Iterator[Mutant]:
    """All changes to a module but those of messages; `place` counts nodes in the order of `ast.walk`."""
    words = {id(inner) for node in ast.walk(tree) if _is_message(node) for inner in ast.walk(node)}
    places: dict[int, tuple[range | None, str | None]] = {}
    _locate(tree, None, None, places, inside=False)
    for place, node in enumerate(ast.walk(tree)):
        if id(node) in words:
            continue
        line = getattr(node, "lineno", 0)
        for says, change in _changes(node):
            told = f"{says}: {_short(node)} -> {_short(change(node))}"
            yield Mutant(line, told, place, change, *places[id(node)])


def _short(node: ast.AST) -> str:
    text = ast.unparse(node.test if isinstance(node, ast.If) else node)
    return text if len(text) <= 70 else f"{text[:67]}..."


def _locate(
    node: ast.AST, lines: range | None, whose: str | None, into: dict[int, tuple[range | None, str | None]], *,
    inside: bool,
) -> None:  # fmt: skip
    """Writes down of each node which lines run when it does, and in the declaration of which control it stands."""
    if isinstance(node, ast.stmt):
        body = getattr(node, "body", None)
        end = body[0].lineno - 1 if body else node.end_lineno or node.lineno
        lines = range(node.lineno, max(end, node.lineno) + 1) if inside else None
    if isinstance(node, ast.Lambda) and not inside:
        lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Control":
        named = [keyword.value for keyword in node.keywords if keyword.arg == "id"]
        whose = next((str(value.value) for value in named if isinstance(value, ast.Constant)), None)
    into[id(node)] = lines, whose
    if isinstance(node, ast.FunctionDef):
        kept = any("cache" in ast.unparse(decorator) for decorator in node.decorator_list)
        _locate(node.args, lines, whose, into, inside=inside)
        for statement in node.body:
            _locate(statement, None, whose, into, inside=not kept)
        return
    for child in ast.iter_child_nodes(node):
        _locate(child, lines, whose, into, inside=inside)


def _is_message(node: ast.AST) -> bool:
    """Whether people read it and no verdict depends on it."""
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("breaks", "waits")
    )


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], ast.AST]]]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield f"{_name(node.ops[0])} inverted", lambda n: _compared(n, _INVERSE)
        if type(node.ops[0]) in _EDGE:
            yield f"{_name(node.ops[0])} at its edge", lambda n: _compared(n, _EDGE)
    elif isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield f"{_name(node.op)} to {other.__name__}", lambda n: ast.BoolOp(other(), n.values)
        for at in range(len(node.values)):
            yield f"part {at + 1} of {_name(node.op)} dropped", partial(_dropped, at=at)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not dropped", lambda n: n.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield "turned", lambda n: ast.Constant(not n.value if isinstance(n.value, bool) else n.value + 1)
    else:
        yield from _of_branches(node)


def _of_branches(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], ast.AST]]]:
    if isinstance(node, ast.If):
        yield "branch never taken", lambda n: ast.If(ast.Constant(value=False), n.body, n.orelse)
        yield "branch always taken", lambda n: ast.If(ast.Constant(value=True), n.body, n.orelse)
    elif isinstance(node, ast.IfExp):
        yield "choice turned", lambda n: ast.IfExp(n.test, n.orelse, n.body)
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield "filter dropped", lambda n: ast.comprehension(n.target, n.iter, [], n.is_async)


def _compared(node: ast.Compare, table: Mapping[type[ast.cmpop], type[ast.cmpop]]) -> ast.AST:
    return ast.Compare(node.left, [table[type(node.ops[0])]()], node.comparators)


def _dropped(node: ast.BoolOp, *, at: int) -> ast.AST:
    rest = [value for place, value in enumerate(node.values) if place != at]
    return rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def _name(operator: ast.AST) -> str:
    return type(operator).__name__.lower()


class _Changing(ast.NodeTransformer):
    def __init__(self, target: ast.AST, change: Callable[[ast.AST], ast.AST]) -> None:
        self._target = target
        self._change = change

    def visit(self, node: ast.AST) -> Any:
        """The changed node in place of the one that is meant."""
        return ast.copy_location(self._change(node), node) if node is self._target else super().visit(node)


def changed(source: str, mutant: Mutant, name: str) -> ModuleType:
    """The module with one change, beside the real one."""
    tree = ast.parse(source)
    target = list(ast.walk(tree))[mutant.place]
    made = ModuleType(f"guardrails.controls.{name}")
    made.__package__ = "guardrails.controls"
    made.__file__ = str(FOLDER / f"{name}.py")
    mended = ast.fix_missing_locations(_Changing(target, mutant.change).visit(tree))
    exec(compile(mended, made.__file__, "exec"), made.__dict__)
    return made


def controls_of(module: ModuleType) -> list[Control]:
    """The controls that stand in a module itself, and not in one that it takes along."""
    ours = {control.id for control in vars(importlib.import_module(module.__name__))["CONTROLS"]}
    return [control for control in vars(module)["CONTROLS"] if control.id in ours]


def samples(cases: Iterable[Case], module: ModuleType) -> Iterator[Sample]:
    """The cases in both phases, judged once as they should be."""
    for case in cases:
        for phase in PHASES:
            yield _warm(Sample(case, phase, case.program().graph(phase)), module)


def hidden_samples(case: Case, module: ModuleType) -> list[Sample]:
    """The case with each input hidden in turn; none for a control that judges the run."""
    if next(control for control in CONTROLS if control.id == case.control).scope is Scope.RUN:
        return []
    return [_warm(Sample(case, "preview", graph, hidden=True), module) for _, graph in hiding(case)]


def _warm(sample: Sample, module: ModuleType) -> Sample:
    seen: set[int] = set()

    def within(frame: FrameType, _event: str, _arg: object) -> Any:
        seen.add(frame.f_lineno)
        return within

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        return within(frame, event, arg) if frame.f_code.co_filename == module.__file__ else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        wrong = notices(sample, controls_of(module))
    finally:
        sys.settrace(before)
    assert not wrong, f"not judged as it says, without any change: {sample.case}"
    return sample._replace(shared=frozenset(sample.graph._shared), lines=frozenset(seen))


def notices(sample: Sample, controls: Sequence[Control]) -> bool:
    """Whether a case sees that these controls are not what they were."""
    case, graph = sample.case, sample.graph
    control = next((control for control in controls if control.id == case.control), None)
    if control is None:
        return True
    others = [other for other in CONTROLS if other.id != control.id] if control.scope is Scope.RUN else []
    config, run = case.config(), run_of(sample.phase)
    verdicts = evaluate([*others, control], graph, config, run, load(config, Source(), CONTROLS, run))
    if sample.shared is not None:
        for maker in set(graph._shared) - sample.shared:
            del graph._shared[maker]
    complaints = [each for each in verdicts if each.control is control and each.finding.outcome is not Outcome.PASS]
    found: dict[str, Outcome] = {}
    for verdict in complaints:
        before = found.get(verdict.node.name, Outcome.PASS)
        found[verdict.node.name] = max(before, verdict.finding.outcome, key=_ORDER.index)
    if not sample.hidden:
        told = not complaints or any(case.told in verdict.message() for verdict in complaints)
        judged = any(each.control is control for each in verdicts)
        return not judged or not told or found != (case.preview if sample.phase == "preview" else case.update)
    opposite = Outcome.PASS if case.update else Outcome.VIOLATION
    turned = any(found.get(name, Outcome.PASS) is opposite for name in case.update or found)
    return turned or Outcome.ERROR in found.values()


def score(name: str) -> Score:
    """All mutants of one module."""
    real = importlib.import_module(f"guardrails.controls.{name}")
    ids = {control.id for control in controls_of(real)}
    cases = [case for case in CASES if case.control in ids]
    asked = list(samples(cases, real))
    source = (FOLDER / f"{name}.py").read_text()
    found = list(mutants(ast.parse(source)))
    left = [mutant for mutant in found if not _noticed(source, mutant, name, asked)]
    whose = {mutant.whose for mutant in left if mutant.lines is None}
    doubtful = cases if None in whose or len(left) > len(whose) else [case for case in cases if case.control in whose]
    asked = [sample for case in doubtful for sample in hidden_samples(case, real)] if left else []
    return Score(name, len(found), [mutant for mutant in left if not _noticed(source, mutant, name, asked)])


def _noticed(source: str, mutant: Mutant, name: str, asked: Sequence[Sample]) -> bool:
    def late(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        controls = controls_of(changed(source, mutant, name))
        return any(notices(sample, controls) for sample in asked if _concerns(sample, mutant))
    except Exception:  # noqa: BLE001 - a module that does not even load is noticed, whatever it says
        return True
    finally:
        signal.alarm(0)


def _concerns(sample: Sample, mutant: Mutant) -> bool:
    if mutant.lines is None:
        return mutant.whose in (None, sample.case.control)
    return any(line in sample.lines for line in mutant.lines)


def names() -> list[str]:
    """The modules that hold controls."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")


def main(wanted: Sequence[str]) -> None:
    """Prints the figures of these modules, or of all, and what nothing noticed."""
    began = time.monotonic()
    family = {control.id: family.id for family in FAMILIES for control in family.controls}
    scores = []
    for name in wanted or names():
        module = importlib.import_module(f"guardrails.controls.{name}")
        if not hasattr(module, "CONTROLS"):
            print(f"{name}: no controls")
            continue
        scores.append(score(name))
        seen = scores[-1].total - len(scores[-1].survivors)
        whose = sorted({family[control.id] for control in controls_of(module)})
        print(f"{name} ({', '.join(whose)}): {seen} of {scores[-1].total} noticed", flush=True)
        for mutant in scores[-1].survivors:
            print(f"  {name}.py:{mutant.line}: {mutant.says}")
    total, missed = sum(each.total for each in scores), sum(len(each.survivors) for each in scores)
    share = 100 * (total - missed) / max(total, 1)
    print(f"all: {total - missed} of {total} noticed ({share:.1f} %), {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
