"""Yes, no, or not known: what every question of this package is answered by, and how answers are put together."""

from collections.abc import Iterable
from typing import Any, NamedTuple

YES, NO, NOT_KNOWN, NOT_ASKED = "yes", "no", "not known", "not asked"


class Answer(NamedTuple):
    """`value` None: not known. `by` names what makes it so, `why` says what stands against it or is not known."""

    value: bool | None
    by: tuple[str, ...] = ()
    why: str = ""

    def json(self) -> dict[str, Any]:
        """As it stands in the report."""
        return {"answer": word(self.value), "by": list(dict.fromkeys(self.by)), "why": self.why or None}


def word(value: bool | None) -> str:
    """The word for a truth value; None is not known."""
    return NOT_KNOWN if value is None else YES if value else NO


def best(answers: Iterable[Answer], otherwise: Answer) -> Answer:
    """One yes is enough; else what is not known; else the first no."""
    found = list(answers)
    for wanted in (True, None, False):
        for answer in found:
            if answer.value is wanted:
                return answer
    return otherwise


def both(one: Answer, other: Answer) -> Answer:
    """One no is enough; else what is not known; yes when both are."""
    for wanted in (False, None):
        for answer in (one, other):
            if answer.value is wanted:
                return answer
    return Answer(True, (*one.by, *other.by), "; ".join(filter(None, (one.why, other.why))))
