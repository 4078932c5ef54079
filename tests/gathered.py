"""Many cases in one test: each is tried, and all that fail are named.

An item of pytest takes milliseconds, in the process that runs it, in the others, which collect it too, and in the one that
prints: more than most cases do.
"""

import copy
import functools
import inspect
import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

T = TypeVar("T")
Test = Callable[..., None]
ROOT = Path(__file__).parent.parent
_LONGEST = 200  # letters of the name that a case has by its values


def each(cases: Iterable[T], judge: Callable[[T], None], name: Callable[[T], str] = str) -> None:
    """Tries every case, whatever came of the ones before; fails once, with the name and the reason of each that failed.

    No case at all is a failure too.
    """
    said, tried = [], 0
    for case in cases:
        tried += 1
        try:
            judge(case)
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - it must not hide the cases after it
            said.append(f"{name(case)}\n{_reason(error)}")
    assert tried, "there is no case to try"
    if said:
        pytest.fail("\n\n".join([f"{len(said)} of {tried} cases failed:", *said]), pytrace=False)


def for_each(
    names: str,
    cases: Iterable[Any],
    name: Callable[[Any], str] | Iterable[str] | None = None,
    changes: Sequence[str] = (),
) -> Callable[[Test], Test]:
    """As `pytest.mark.parametrize`, but one item of pytest that tries them all. A fixture is made once for all of them;
    those that the test `changes` are copied for each.

    `names` are the parameters, with commas; `name` says what a case is called, or is what they are called one after the
    other (default: their values).
    """
    parameters, tried = names.replace(" ", "").split(","), list(cases)
    labels = [*map(name or _by_value, tried)] if name is None or callable(name) else [*name]

    def gather(test: Test) -> Test:
        @functools.wraps(test)
        def gathered(**fixtures: Any) -> None:
            def judge(labelled: tuple[str, Any]) -> None:
                values = labelled[1] if len(parameters) > 1 else (labelled[1],)
                fresh = {fixture: copy.deepcopy(fixtures[fixture]) for fixture in changes}
                test(**fixtures | fresh, **dict(zip(parameters, values, strict=True)))

            each(zip(labels, tried, strict=True), judge, lambda labelled: labelled[0])

        asked = inspect.signature(test)
        fixtures = [asked.parameters[one] for one in asked.parameters if one not in parameters]
        assert len(asked.parameters) - len(fixtures) == len(parameters), f"{test.__name__} has not all of {parameters}"
        vars(gathered)["__signature__"] = asked.replace(parameters=fixtures)
        return gathered

    return gather


def _by_value(case: Any) -> str:
    return str(case)[:_LONGEST]


def _reason(error: BaseException) -> str:
    """What went wrong, and the lines of the project that led there."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)[1:] if ROOT in Path(frame.filename).parents]
    places = [f"    {Path(frame.filename).relative_to(ROOT)}:{frame.lineno} in {frame.name}" for frame in frames[-4:]]
    kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
    return "\n".join([*(f"    {line}" for line in f"{kind}{error}".splitlines()), *places])
