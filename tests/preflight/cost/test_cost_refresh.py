"""The catalogue anew from AWS's price list, of which a server on this machine keeps a small one in the same form."""

import csv
import io
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from preflight.cost import refresh
from preflight.cost.catalogue import FOLDER, Catalogue, entries

REGION, DAY = "us-east-1", "2026-11-20"
HEAD = [
    "SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange", "EndingRange",
    "Unit", "PricePerUnit", "Currency", "Product Family", "serviceCode", "Location", "usageType", "operation",
]  # fmt: skip


Row = tuple[str, str, str, str, str]


@cache
def as_it_is() -> dict[str, list[Row]]:
    """What the price list says if each price is that of the catalogue."""
    rows: dict[str, list[Row]] = {}
    for sku, usd, rest in entries(json.loads((FOLDER / f"{REGION}.json").read_text())):
        for selector in refresh._selectors(sku):
            price = Decimal(usd or 0) / rest["per"]
            operation, start = selector.get("operation", "Any"), selector.get("start", "0")
            row = (selector["usage"], operation, start, f"{price:f}", "OnDemand")
            rows.setdefault(selector["offer"], []).append(row)
    return rows


class PriceList:
    """What the server knows: rows of usage type, operation, first unit and price, by offer."""

    def __init__(self) -> None:
        self.rows = {offer: list(rows) for offer, rows in as_it_is().items()}
        self.cut: str | None = None

    def price(self, offer: str, usage: str, usd: str, **given: str) -> None:
        operation, start = given.get("operation", "Any"), given.get("start", "0")
        self.rows[offer] = [row for row in self.rows[offer] if row[:3] != (usage, operation, start)]
        self.rows[offer].append((usage, operation, start, usd, "OnDemand"))

    def answer(self, path: str) -> bytes | None:
        if path == "/offers/v1.0/aws/index.json":
            offers = {name: {"offerCode": name, "currentRegionIndexUrl": f"/regions/{name}.json"} for name in self.rows}
            return json.dumps({"formatVersion": "v1.0", "offers": offers}).encode()
        kind, _, offer = path.removeprefix("/").removesuffix(".json").removesuffix(".csv").partition("/")
        if offer not in self.rows:
            return None
        if kind == "regions":
            region = {"regionCode": REGION, "currentVersionUrl": f"/offer/{offer}.json"}
            return json.dumps({"formatVersion": "v1.0", "regions": {REGION: region}}).encode()
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)
        writer.writerows([["FormatVersion", "v1.0"], ["Disclaimer", "as it is"], ["Publication Date", f"{DAY}T10:00:00Z"],
                          ["Version", "1"], ["OfferCode", offer], HEAD])  # fmt: skip
        for number, (usage, operation, start, usd, term) in enumerate(self.rows[offer]):
            writer.writerow([f"S{number}", "JRT", "R", term, "a price, with a comma", DAY, start, "Inf", "Hrs", usd, "USD",
                             "Family", offer, "US East", f"USE1-{usage}" if number % 2 else usage, operation])  # fmt: skip
        return text.getvalue().encode()


@contextmanager
def serving() -> Iterator[tuple[PriceList, str]]:
    """A price list, and the address at which it is."""
    known = PriceList()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = known.answer(self.path)
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            cut = known.cut is not None and known.cut in self.path
            self.wfile.write(content[: content.rindex(b"\r\n", 0, -2) + 2] if cut else content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield known, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def served() -> Iterator[tuple[PriceList, str]]:
    with serving() as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "prices"))


def entry(folder: Path, sku: str) -> dict[str, Any]:
    prices = json.loads((folder / f"{REGION}.json").read_text())["prices"]
    (found,) = [each for each in prices if each["sku"] == sku]
    return dict(found)


def run(folder: Path, address: str, *names: str) -> int:
    return refresh.main([*(names or (REGION,)), "--address", address, "--folder", str(folder)])


@pytest.fixture(scope="module")
def renewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prices after a few have changed in the list."""
    folder = Path(shutil.copytree(FOLDER, tmp_path_factory.mktemp("renewed") / "prices"))
    with serving() as (known, address):
        known.price("AmazonEC2", "NatGateway-Hours", "0.0500000000", operation="NatGateway")
        known.price("AmazonEC2", "BoxUsage:c5a.large", "0.0800000000", operation="RunInstances")
        known.price("AWSLambda", "Request", "0.0000003000")
        known.price("AmazonS3", "TimedStorage-ByteHrs", "0.0220000000", start="51200")
        known.rows["AmazonEC2"].append(("BoxUsage:t3.micro", "RunInstances", "0", "0.0060", "Reserved"))
        assert run(folder, address) == 0
    return folder


def test_a_new_price_arrives_with_its_day_and_source(renewed: Path) -> None:
    kept = entry(FOLDER, "waf.rule")
    assert entry(renewed, "nat_gateway.hour") == {
        "sku": "nat_gateway.hour", "usd": "0.05", "per": 1, "unit": "hour", "asOf": DAY, "confidence": "one_source",
        "source": "AWS price list, offer AmazonEC2",
    }  # fmt: skip
    assert entry(renewed, "waf.rule") == kept, "what has no selector keeps its figure and date"


def test_a_price_of_a_table_has_its_own_day_and_source_once_it_is_read(renewed: Path) -> None:
    found = entry(renewed, "ec2.linux.c5a.large.hour")
    assert (found["usd"], found["asOf"], found["source"]) == ("0.08", DAY, "AWS price list, offer AmazonEC2")
    tables = json.loads((renewed / f"{REGION}.json").read_text())["tables"]
    assert [table["usd"] for table in tables if table["skus"] == ["ec2.linux.{}.hour"]] == [{}], "each was read"
    assert any(table["skus"] == ["opensearch.{}.hour"] and table["usd"] for table in tables), "has no selector"


def test_prices_are_for_as_many_units_as_the_catalogue_counts(renewed: Path) -> None:
    assert (entry(renewed, "lambda.requests")["usd"], entry(renewed, "lambda.requests")["per"]) == ("0.3", 1_000_000)


def test_the_tier_that_begins_at_zero_is_not_mixed_with_the_next(renewed: Path) -> None:
    assert entry(renewed, "s3.standard.storage.first_50tb")["usd"] == "0.023"


def test_reserved_prices_do_not_count(renewed: Path) -> None:
    assert entry(renewed, "ec2.linux.t3.micro.hour")["usd"] == "0.0104"


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda known: known.rows["AWSELB"].pop(), "AWSELB, it stands for none"),
        (lambda known: known.rows.pop("AmazonECR"), "no offer AmazonECR"),
        (lambda known: known.price("AmazonECR", "TimedStorage-ByteHrs", "0.2", operation="other"), "stands for 0.1, 0.2"),
        (lambda known: known.price("AmazonECR", "TimedStorage-ByteHrs", "9"), "the catalogue has 0.1"),
        (lambda known: setattr(known, "cut", "offer/AWSLambda"), "too early"),
        (lambda known: known.price("AmazonECR", "TimedStorage-ByteHrs", "free"), "cannot be read to its end"),
    ],
)  # fmt: skip
def test_a_partial_result_is_refused_and_nothing_is_written(
    served: tuple[PriceList, str], folder: Path, capsys: pytest.CaptureFixture[str], harm: Any, said: str
) -> None:
    known, address = served
    known.price("AmazonEC2", "NatGateway-Hours", "0.05", operation="NatGateway")
    harm(known)
    before = (folder / f"{REGION}.json").read_bytes()
    assert run(folder, address) == 1
    assert (folder / f"{REGION}.json").read_bytes() == before
    err = capsys.readouterr().err
    assert said in err
    assert "nothing was written" in err


def test_a_type_that_is_not_offered_any_more_keeps_its_price_and_a_kind_without_any_is_refused(
    served: tuple[PriceList, str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known, address = served
    gone = "ec2.linux.t4g.nano.hour"
    before = entry(folder, gone)
    known.rows["AmazonEC2"] = [row for row in known.rows["AmazonEC2"] if row[0] != "BoxUsage:t4g.nano"]
    assert run(folder, address) == 0
    assert f"not in the list, keeps its date: {gone}" in capsys.readouterr().out
    assert entry(folder, gone) == before
    known.rows["AmazonEC2"] = [row for row in known.rows["AmazonEC2"] if not row[0].startswith("BoxUsage:")]
    assert run(folder, address) == 1
    err = capsys.readouterr().err
    assert "the price list has none of ec2.linux.{type}.hour" in err
    assert "nothing was written" in err


def test_one_region_that_fails_keeps_the_others_from_being_written(
    served: tuple[PriceList, str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert run(folder, served[1], REGION, "eu-west-1") == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert "eu-west-1: the offer AWSELB has no prices of this region" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "file:///etc/passwd", "nowhere"])
def test_without_a_network_it_says_so(folder: Path, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, address) == 1
    assert "Traceback" not in (err := capsys.readouterr().err)
    assert "cannot be reached" in err or "is no address" in err


def test_every_selector_stands_for_skus_that_the_catalogue_has() -> None:
    known = Catalogue(REGION).names("")
    matched = {selector["sku"] for sku in known for selector in refresh._selectors(sku)}
    assert len(matched) >= 40
    for selector in json.loads((FOLDER.parent / "selectors.json").read_text())["selectors"]:
        assert any(
            selector["usage"].partition("{")[0] in each["usage"] for sku in known for each in refresh._selectors(sku)
        )
