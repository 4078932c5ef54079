"""In which region a resource is: what an account switches on, it switches on in one region."""

from __future__ import annotations

from .graph import Node
from .reading import Absent, Unknown, Value


def same_region(first: Value[str], second: Value[str]) -> bool | None:
    """Whether two regions are one; they are where nothing is said. None: it is not known."""
    if isinstance(first, Unknown) or isinstance(second, Unknown):
        return None
    return isinstance(first, Absent) or isinstance(second, Absent) or first == second


def where_both_are(one: Node, other: Node, found: bool | None) -> bool | None:
    """`found`, of what one resource does for another: nothing in another region, nothing sure where that is open."""
    here = same_region(one.region, other.region)
    return False if here is False or found is False else None if here is None else found
