"""Names that AWS keeps only once, given to two resources of the program."""

from preflight.between.made import Made, Told
from preflight.registry import Entry
from preflight.simulation import identities
from preflight.simulation.together import UNKNOWN, Problem

_CDN = "aws:cloudfront/distribution:Distribution"


def problems(made: Made) -> Told:
    """Of the second one that asks for the same; where both may lie in different regions or accounts, of none."""
    for token in made.types():
        if (unique := identities.identity(token)) is None:
            continue
        taken: dict[tuple[str, ...], Entry] = {}
        for entry in made.all(token):
            region = entry.checked.get("region")
            if region == UNKNOWN or (token == _CDN and entry.checked.get("staging") is not None):
                continue
            for key in unique.keys(entry.inputs):
                if any(UNKNOWN in part or made.answers(part) > 1 for part in key):
                    continue
                place = (entry.provider, "" if unique.everywhere else str(region or ""), *key)
                first = taken.setdefault(place, entry)
                if first is not entry:
                    reason = f"{first.name!r} has the same already, and AWS keeps it only once ({unique.error})"
                    yield entry, Problem(unique.path, reason)
                    break
