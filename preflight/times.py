"""Durations in words."""

from collections.abc import Callable, Mapping
from typing import Any


def minutes(seconds: float) -> str:
    """As people say it.

    >>> minutes(75), minutes(616)
    ('75 s', '10 min')
    """
    return f"{seconds:.0f} s" if abs(seconds) < 90 else f"{seconds / 60:.0f} min"


def between(low: float, high: float, say: Callable[[float], str] = minutes) -> str:
    """The least and the most, apart from each other in words as well; empty where they are the same second.

    >>> between(60, 600), between(170, 190), between(180, 180)
    ('60 s to 10 min', '170 s to 190 s', '')
    """
    if round(low) == round(high):
        return ""
    first, last = say(low), say(high)
    return f"{low:.0f} s to {high:.0f} s" if first == last else f"{first} to {last}"


def untimed(line: Mapping[str, Any]) -> list[str]:
    """The resources of a `timeline` section that count as a second because nobody has timed their type."""
    return [step["urn"] for step in line["steps"] if step.get("confidence") == "none"]
