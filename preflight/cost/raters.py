"""What every rater shares: its context, its lines, and the table of raters by resource type."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from preflight.cost.meters import Unpriced
from preflight.cost.usage import HOURS, Usage
from preflight.cost.view import Entry, View

SECONDS = HOURS * 3600
KB_A_GB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Line:
    """One quantity on one meter in a month. `what` says how it comes about, in the same words in every profile.
    `region` is where it is paid, None where the resource stands."""

    meter: str
    quantity: Decimal
    what: str
    region: str | None = None


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a rater may look at: the other resources, and how much the stack is used."""

    view: View
    usage: Usage

    def share(self, total: Decimal, among: Sequence[Entry]) -> Decimal:
        """An even part of a quantity that the stack has in all."""
        return total / max(1, len(among))


Rater = Callable[[Entry, Context], Iterable[Line]]
RATERS: dict[str, Rater] = {}


def rates(*types: str) -> Callable[[Rater], Rater]:
    """Registers a rater for resource types (canonical names)."""

    def register(rater: Rater) -> Rater:
        for token in types:
            RATERS[token] = rater
        return rater

    return register


def lines(bill: Iterable[tuple[str, Decimal]], what: str) -> list[Line]:
    """A bill as lines of one description."""
    return [Line(meter=meter, quantity=quantity, what=what) for meter, quantity in bill]


def told(figure: Decimal | None, what: str) -> Decimal:
    """A figure of usage that has no default; Unpriced where the stack does not say it."""
    if figure is None:
        raise Unpriced(f"{what} are not known: preflight:usage may say them")
    return figure


def hourly(meter: str, count: Decimal | int, what: str) -> Line:
    """Something that is there all month, so many times."""
    return Line(meter=meter, quantity=Decimal(count) * HOURS, what=what)


def monthly(meter: str, count: Decimal | int, what: str) -> Line:
    """Something that is counted once a month, so many times."""
    return Line(meter=meter, quantity=Decimal(count), what=what)
