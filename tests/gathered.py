"""Many cases in one test: each is tried, and all that fail are named."""

import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")
ROOT = Path(__file__).parent.parent


def each(cases: Iterable[T], judge: Callable[[T], None], name: Callable[[T], str] = str) -> None:
    """Tries every case, whatever came of the ones before; fails once, with the name and the reason of each that failed.

    An item of pytest takes milliseconds, in the process that runs it and in the one that prints: more than a case does.
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


def _reason(error: BaseException) -> str:
    """What went wrong, and the lines of the project that led there."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)[1:] if ROOT in Path(frame.filename).parents]
    places = [f"    {Path(frame.filename).relative_to(ROOT)}:{frame.lineno} in {frame.name}" for frame in frames[-4:]]
    kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
    return "\n".join([*(f"    {line}" for line in f"{kind}{error}".splitlines()), *places])
