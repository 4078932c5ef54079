"""`python -m preflight.cost.refresh`: the catalogue anew from AWS's public price list, where there is a network.

All or nothing: each SKU of `selectors.json` must stand for exactly one price of each region, near the one that is
there; else nothing is written. SKUs without a selector keep their figure with its date, and so does a type of machine
that a region does not offer while it offers others. The list is read as CSV, line by line: that of EC2 has several
hundred megabytes.
"""

import argparse
import csv
import io
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from preflight.cost.catalogue import FOLDER, entries, regions

ADDRESS = "https://pricing.us-east-1.amazonaws.com"
_INDEX = "/offers/v1.0/aws/index.json"
_SELECTORS = Path(__file__).with_name("selectors.json")
_TIMEOUT = 60.0  # seconds without a byte
_TYPE = "{type}"  # in a selector: any type of machine
_FAR = 3  # a price that became so many times as much, or as little, is a wrong row and no new price
_REGION = re.compile(r"^(?:[A-Z]{2,4}\d?|[a-z]{2}-[a-z]+-\d)-")
_COLUMNS = ("TermType", "StartingRange", "PricePerUnit", "Currency", "usageType", "operation")


class RefreshError(Exception):
    """Why no catalogue was written; one line for each reason."""


class Found(NamedTuple):
    """One price of the list, for one unit."""

    usd: Decimal
    offer: str
    published: str  # day


def main(arguments: Sequence[str] | None = None) -> int:
    """Refreshes the regions; 0 when every one was written, 1 when none was."""
    parser = argparse.ArgumentParser(
        allow_abbrev=False, prog="python -m preflight.cost.refresh", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("regions", nargs="*", metavar="REGION", help=f"of {', '.join(regions())} (default: all)")
    parser.add_argument("--address", default=ADDRESS, metavar="URL", help="where the price list is (default: AWS)")
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, metavar="DIR", help="the catalogue (default: the project's)"
    )
    options = parser.parse_args(arguments)
    try:
        written = refresh(options.regions or regions(), options.address, options.folder)
    except RefreshError as error:
        for line in str(error).splitlines():
            print(f"prices: {line}", file=sys.stderr)
        print("prices: nothing was written", file=sys.stderr)
        return 1
    for line in written:
        print(line)
    return 0


def refresh(names: Sequence[str], address: str, folder: Path) -> list[str]:
    """Writes the catalogues of the regions, and says of each what changed. RefreshError: nothing was written."""
    if unknown := sorted({*names} - {*regions()}):
        raise RefreshError(f"there is no catalogue of {', '.join(unknown)}; allowed: {', '.join(regions())}")
    index = _json(address, _INDEX)["offers"]
    catalogues = {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in names}
    wrong: list[str] = []
    said = []
    for name, catalogue in catalogues.items():
        found, absent = _region(address, index, name, sorted({sku for sku, *_ in entries(catalogue)}), wrong)
        _out_of_tables(catalogue, found)
        changed = [
            _renewed(entry, found[entry["sku"]], wrong) for entry in catalogue["prices"] if entry["sku"] in found
        ]
        kept = len({sku for sku, *_ in entries(catalogue)}) - len(changed)
        said.append(f"{name}: {len(changed)} prices read, {sum(changed)} changed, {kept} keep their date")
        said += [f"{name}: not in the list, keeps its date: {sku}" for sku in absent]
    if wrong:
        raise RefreshError("\n".join(wrong))
    for name, catalogue in catalogues.items():
        (folder / f"{name}.json").write_text(
            json.dumps(catalogue, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    return said


def _out_of_tables(catalogue: dict[str, Any], found: Mapping[str, Found]) -> None:
    """A price that was read has a date and a source of its own."""
    own = {entry["sku"] for entry in catalogue["prices"]}
    for sku, usd, table in [*entries(catalogue)]:
        if sku in found and sku not in own:
            kept = {key: table[key] for key in ("per", "unit", "asOf", "confidence", "source")}
            catalogue["prices"].append({"sku": sku, "usd": usd, **kept})
    for table in catalogue.get("tables", ()):
        patterns = [pattern.partition("{}") for pattern in table["skus"]]
        for name in [*table["usd"]]:
            if all(before + name + after in found for before, _, after in patterns):
                del table["usd"][name]
    catalogue["prices"].sort(key=lambda entry: str(entry["sku"]))


def _renewed(entry: dict[str, Any], found: Found, wrong: list[str]) -> bool:
    """Puts the price in, for as many units as the catalogue counts; whether it is another one."""
    usd = (found.usd * entry["per"]).normalize()
    before: Decimal | None = Decimal(entry["usd"]) if entry["usd"] is not None else None
    if before and not before / _FAR <= usd <= before * _FAR:
        wrong.append(
            f"{entry['sku']}: {usd} USD for {entry['per']} {entry['unit']}, the catalogue has {before}; look at the "
            "row, and correct selectors.json or the catalogue by hand"
        )
    entry.update(
        usd=f"{usd:f}", asOf=found.published, confidence="one_source", source=f"AWS price list, offer {found.offer}"
    )
    return bool(before != usd)


def _region(
    address: str, index: Mapping[str, Any], region: str, skus: Sequence[str], wrong: list[str]
) -> tuple[dict[str, Found], list[str]]:
    """The price of every SKU that has a selector, and the SKUs of types that the region does not offer."""
    wanted: dict[str, list[tuple[str, Mapping[str, str]]]] = {}
    for sku in skus:
        for selector in _selectors(sku):
            wanted.setdefault(selector["offer"], []).append((sku, selector))
    found: dict[str, Found] = {}
    absent: dict[str, list[str]] = {}
    offered: set[str] = set()
    for offer, selectors in sorted(wanted.items()):
        if offer not in index:
            wrong.append(f"{region}: the price list has no offer {offer}")
            continue
        own = _json(address, index[offer]["currentRegionIndexUrl"])["regions"].get(region, {})
        path = own.get("currentVersionUrl")
        if path is None:
            wrong.append(f"{region}: the offer {offer} has no prices of this region")
            continue
        published, prices = _prices(address, path.removesuffix(".json") + ".csv", selectors)
        for sku, selector in selectors:
            if len(prices[sku]) == 1:
                found[sku] = Found(prices[sku].pop(), offer, published)
                offered.add(selector["of"])
            elif not prices[sku] and _TYPE in selector["of"]:
                absent.setdefault(selector["of"], []).append(sku)
            else:
                many = ", ".join(map(str, sorted(prices[sku]))) or "none"
                wrong.append(f"{region}: {sku} must stand for one price of {offer}, it stands for {many}")
    wrong += [f"{region}: the price list has none of {of}" for of in absent.keys() - offered]
    return found, sorted(sku for skus in absent.values() for sku in skus)


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, str]]]:
    known = json.loads(_SELECTORS.read_text(encoding="utf-8"))["selectors"]
    return [(re.compile(re.escape(one["sku"]).replace(re.escape(_TYPE), "(.+)")), one) for one in known]


@cache
def _selectors(sku: str) -> tuple[Mapping[str, str], ...]:
    found = []
    for pattern, selector in _patterns():
        if match := pattern.fullmatch(sku):
            type_ = (match.groups() or ("",))[0]
            found.append(
                {key: value.replace(_TYPE, type_) for key, value in selector.items()} | {"of": selector["sku"]}
            )
    return tuple(found)


def _prices(
    address: str, path: str, selectors: Sequence[tuple[str, Mapping[str, str]]]
) -> tuple[str, dict[str, set[Decimal]]]:
    """The day of publication, and all prices in USD that fit each SKU. A list that ends early is refused."""
    by_usage: dict[str, list[tuple[str, Mapping[str, str]]]] = {}
    for sku, selector in selectors:
        by_usage.setdefault(selector["usage"], []).append((sku, selector))
    found: dict[str, set[Decimal]] = {sku: set() for sku, _ in selectors}
    with closing(_open(address, path)) as stream:
        try:
            rows = csv.reader(io.TextIOWrapper(stream, encoding="utf-8", newline=""))
            published, header = _head(rows, path)
            for row in rows:
                if len(row) != len(header):
                    raise RefreshError(f"{path}: line {rows.line_num} has {len(row)} values, {len(header)} are wanted")
                cell = dict(zip(header, row, strict=True))
                if cell["TermType"] != "OnDemand" or cell["Currency"] != "USD":
                    continue
                for sku, selector in by_usage.get(_REGION.sub("", cell["usageType"]), ()):
                    if _fits(cell, selector):
                        found[sku].add(Decimal(cell["PricePerUnit"]))
            if getattr(stream, "length", 0):  # the connection closed before everything was there
                raise RefreshError(f"{path}: ended {stream.length} bytes too early")
        except (OSError, InvalidOperation, UnicodeDecodeError, csv.Error) as error:
            raise RefreshError(f"{path}: cannot be read to its end: {error or type(error).__name__}") from None
    return published, found


def _fits(cell: Mapping[str, str], selector: Mapping[str, str]) -> bool:
    given = (("operation", "operation"), ("start", "StartingRange"))
    return all(cell[column] == selector.get(key, cell[column]) for key, column in given)


def _head(rows: Iterator[list[str]], path: str) -> tuple[str, list[str]]:
    """The lines before the table: what the list is, and the names of its columns."""
    published = ""
    for row in rows:
        if row[:1] == ["Publication Date"]:
            published = row[1][:10]
        if row[:1] == ["SKU"]:
            missing = [column for column in _COLUMNS if column not in row]
            if missing or not published:
                break
            return published, row
    raise RefreshError(f"{path}: is no price list as it is known (columns {', '.join(_COLUMNS)}, a publication date)")


def _json(address: str, path: str) -> Any:
    with closing(_open(address, path)) as stream:
        try:
            return json.load(stream)
        except (OSError, ValueError) as error:
            raise RefreshError(f"{path}: is no JSON: {error}") from None


def _open(address: str, path: str) -> Any:
    if urllib.parse.urlsplit(address).scheme not in ("http", "https"):
        raise RefreshError(f"{address}: is no address; allowed: http:// and https://")
    try:
        return urllib.request.urlopen(address.rstrip("/") + path, timeout=_TIMEOUT)  # noqa: S310 the scheme is checked
    except urllib.error.HTTPError as error:
        raise RefreshError(f"{address}{path}: {error.code} {error.reason}") from None
    except OSError as error:
        raise RefreshError(f"{address}: cannot be reached, a network is needed here: {error}") from None


if __name__ == "__main__":
    raise SystemExit(main())
