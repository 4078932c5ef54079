"""Finds the differences between two sides, and sets those with a known reason apart."""

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.engine.fidelity.normal import SIGNATURE, Side

Path = tuple[str | int, ...]


class Absent:
    """Stands for what one side does not have."""

    def __repr__(self) -> str:
        return "(absent)"


ABSENT = Absent()


@dataclass(frozen=True)
class Difference:
    """One place where the sides disagree.

    ``part`` is "registration", "analyze", "stack" or "configuration" (which has no URN); ``path`` leads into it and is
    empty where one side does not have the resource at all.
    """

    part: str
    urn: str
    path: Path
    ours: Any
    theirs: Any

    @property
    def type(self) -> str:
        """Type of the resource."""
        return self.urn.split("::")[2].rpartition("$")[2] if self.urn else ""

    @property
    def place(self) -> str:
        """The path as text, with dots."""
        return ".".join(str(step) for step in self.path)

    def __str__(self) -> str:
        return f"{self.part} {self.urn} {self.place}: preflight {self.ours!r}, engine {self.theirs!r}"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A difference that must be, and why. Patterns are of the shell; ``ours`` and ``theirs`` are compared as text.

    ``programs`` and ``modes`` say where it must occur: a reason that explains nothing there is out of date.
    """

    title: str
    part: str
    type: str = "*"
    name: str = "*"
    place: str
    ours: str = "*"
    theirs: str = "*"
    programs: Sequence[str]
    modes: Sequence[str] = ("preview", "update")
    before: tuple[int, ...] = ()
    """The first version of the engine in which it is gone; empty where it is in all of them."""

    def explains(self, difference: Difference) -> bool:
        """Whether it is the reason of this difference."""
        return (
            fnmatch.fnmatchcase(difference.part, self.part)
            and fnmatch.fnmatchcase(difference.type, self.type)
            and fnmatch.fnmatchcase(difference.urn.rpartition("::")[2], self.name)
            and fnmatch.fnmatchcase(difference.place, self.place)
            and fnmatch.fnmatchcase(repr(difference.ours), self.ours)
            and fnmatch.fnmatchcase(repr(difference.theirs), self.theirs)
        )

    def belongs(self, program: str, mode: str, engine: tuple[int, ...]) -> bool:
        """Whether it must occur there."""
        return program in self.programs and mode in self.modes and (not self.before or engine < self.before)


def differences(ours: Side, theirs: Side) -> list[Difference]:
    """All of them, sorted by part, URN and path."""
    parts = (
        ("registration", ours.registrations, theirs.registrations),
        ("analyze", ours.analyzed, theirs.analyzed),
        ("stack", ours.stack, theirs.stack),
        ("configuration", {"": ours.configuration}, {"": theirs.configuration}),
    )
    found = [
        Difference(part, urn, *rest)
        for part, mine, other in parts
        for urn in {*mine, *other}
        for rest in _between(mine.get(urn, ABSENT), other.get(urn, ABSENT), ())
    ]
    return sorted(found, key=lambda d: (d.part, d.urn, d.place))


def _between(ours: Any, theirs: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    alike = isinstance(ours, Mapping) and isinstance(theirs, Mapping)
    if alike and ours.get(SIGNATURE) == theirs.get(SIGNATURE):  # what is secret on one side only differs as a whole
        for key in {*ours, *theirs}:
            yield from _between(ours.get(key, ABSENT), theirs.get(key, ABSENT), (*path, key))
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _between(mine, other, (*path, index))
    elif ours != theirs or isinstance(ours, bool) != isinstance(theirs, bool):
        yield path, ours, theirs


def judge(
    found: Sequence[Difference], reasons: Sequence[Reason], program: str, mode: str, engine: str
) -> tuple[list[Difference], list[Reason]]:
    """Differences without a reason, and reasons that should have explained something here and did not.

    ``engine``: version of the CLI, such as "3.259.0".
    """
    version = tuple(int(part) for part in re.findall(r"\d+", engine)[:3])
    here = [reason for reason in reasons if reason.belongs(program, mode, version)]
    used: set[int] = set()
    unexplained = []
    for difference in found:
        fitting = [index for index, reason in enumerate(here) if reason.explains(difference)]
        used.update(fitting)
        if not fitting:
            unexplained.append(difference)
    return unexplained, [reason for index, reason in enumerate(here) if index not in used]
