"""AWS's on-demand list prices, in USD before tax: a dated figure with its source for each SKU.

A file has single prices, and tables: many figures of one source, unit and date, each under the part of the SKU that
stands in place of {}.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

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

    def find(self, sku: str) -> Price | None:
        """The price of a SKU; None when no list price is known, never a zero in its place."""
        return _price(self.region, sku) or _price(HOME, sku)

    def names(self, prefix: str) -> list[str]:
        """The SKUs that begin so, sorted."""
        return sorted(sku for sku in {*_known(self.region), *_known(HOME)} if sku.startswith(prefix))


def regions() -> list[str]:
    """The regions with a catalogue of their own."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


@cache
def edition() -> str:
    """What tells these price tables from others: a digest of all of them, whatever an estimate took from them."""
    digest = hashlib.sha256()
    for region in regions():
        digest.update(f"{region}\0".encode() + (FOLDER / f"{region}.json").read_bytes())
    return digest.hexdigest()[:16]


def entries(document: Mapping[str, Any]) -> Iterator[tuple[str, str | None, Mapping[str, Any]]]:
    """(SKU, USD, what else is known of it) of every price of a file; a price of its own goes before a table's."""
    for table in document.get("tables", ()):
        for pattern in table["skus"]:
            before, _, after = pattern.partition("{}")
            for name, usd in table["usd"].items():
                yield before + name + after, usd, table
    for entry in document["prices"]:
        yield entry["sku"], entry["usd"], entry


@cache
def _price(region: str, sku: str) -> Price | None:
    found = _known(region).get(sku)
    if found is None:
        return None
    usd, entry = found
    return Price(
        sku=sku,
        usd=Decimal(usd),
        per=entry["per"],
        unit=entry["unit"],
        source=entry["source"],
        as_of=entry["asOf"],
        confidence=entry["confidence"],
        region=region,
    )


@cache
def _known(region: str) -> dict[str, tuple[str, Mapping[str, Any]]]:
    if region not in regions():
        return {}
    document = json.loads((FOLDER / f"{region}.json").read_text(encoding="utf-8"))
    return {sku: (usd, entry) for sku, usd, entry in entries(document) if usd is not None}
