"""What a stack costs a month by AWS's list prices: a pure function of its recording.

docs/cost.md says what is assumed.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from preflight.cost.usage import SECTION, read
from preflight.run import region_of_environment

KEY = f"preflight:{SECTION}"
HOME = "us-east-1"  # the region whose prices are the most complete; a gap elsewhere is filled from it, and marked
Records = Sequence[Mapping[str, Any]]


def rating(config: Mapping[str, str]) -> Callable[..., dict[str, Any]]:
    """What estimates the resources of a report, for a stack of this configuration (full keys, texts as the engine gives
    them), and what its program looked up. SourceError with every mistake of its usage section at once, each a message
    of its own."""
    text = config.get(KEY, "{}")
    section: object
    try:
        section = json.loads(text or "{}")
    except ValueError:
        section = text  # plain text in a stack file is no JSON
    assumptions = read(section, KEY)
    region = config.get("aws:region") or region_of_environment() or HOME

    def rated(entries: Records, lookups: Records = ()) -> dict[str, Any]:
        from preflight.cost.estimate import estimate  # noqa: PLC0415 - only once the programs have run

        return estimate(entries, assumptions, region, lookups)

    return rated
