"""AWS's on-demand list prices, in USD before tax: a dated figure with its source for each SKU."""

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from preflight.cost import HOME

FOLDER = Path(__file__).parent / "prices"


@dataclass(frozen=True, kw_only=True)
class Price:
    """One list price: `usd` for `per` units. `confidence`: two_sources, one_source or memory (to be verified).

    `region` is where the price is from; it differs from the region asked for where that one's catalogue has a gap.
    """

    sku: str
    usd: Decimal
    per: int
    unit: str
    source: str
    as_of: str | None  # None where only memory says it
    confidence: str
    region: str

    @property
    def each(self) -> Decimal:
        """USD for one unit."""
        return self.usd / self.per


class Catalogue:
    """The prices of one region. One that is not there is taken from us-east-1 and says so."""

    def __init__(self, region: str) -> None:
        self.region = region
        self._own = _prices(region)
        self._home = _prices(HOME)

    def find(self, sku: str) -> Price | None:
        """The price of a SKU; None when no list price is known, never a zero in its place."""
        return self._own.get(sku) or self._home.get(sku)

    def names(self, prefix: str) -> list[str]:
        """The SKUs that begin so, sorted."""
        return sorted(sku for sku in {*self._own, *self._home} if sku.startswith(prefix))


def regions() -> list[str]:
    """The regions with a catalogue of their own."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


@cache
def _prices(region: str) -> dict[str, Price]:
    if region not in regions():
        return {}
    document = json.loads((FOLDER / f"{region}.json").read_text(encoding="utf-8"))
    return {
        entry["sku"]: Price(
            sku=entry["sku"],
            usd=Decimal(entry["usd"]),
            per=entry["per"],
            unit=entry["unit"],
            source=entry["source"],
            as_of=entry["asOf"],
            confidence=entry["confidence"],
            region=region,
        )
        for entry in document["prices"]
        if entry["usd"] is not None
    }
