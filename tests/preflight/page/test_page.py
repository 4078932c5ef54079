"""The page: what it says of a stack, that nothing leaves or breaks it, and how big it may be."""

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import pytest

from preflight import report
from preflight.page import LIMIT, page
from preflight.page.resources import data
from preflight.page.schedule import gantt
from tests.preflight.page.documents import document
from tests.preflight.reach.baseline import STACK
from tests.preflight.reach.stacks import resource, swapped

_VOID = {"meta", "input", "br", "link", "img", "hr"}


class _Reader(HTMLParser):
    """Text by section, every tag with its attributes, and whether all are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.section = ""
        self.text: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "section":
            self.section = str(dict(attrs)["id"])
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text[self.section] = self.text.get(self.section, "") + data


def _data(text: str) -> Mapping[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    parsed: Mapping[str, Any] = json.loads(found[1])
    return parsed


def test_the_page_answers_what_it_costs_what_is_open_and_what_breaks() -> None:
    found = document(*STACK.values())
    read = _Reader(page(found))
    stack = found["stacks"]["shop"]

    assert not read.open
    assert "the world" in read.text["shop-exposure"]
    assert "tcp 443 (HTTPS)" in read.text["shop-exposure"]
    assert "without us-east-1a" in read.text["shop-resilience"]
    assert "database without a standby" in read.text["shop-resilience"]
    expected = float(stack["cost"]["total"]["expected"])
    assert f"{expected:,.0f} USD" in read.text["shop-cost"]
    assert "Most expensive resources" in read.text["shop-cost"]
    assert "The longest chain" in read.text["shop-time"]
    assert "Earliest start" in read.text["shop-time"]
    link = stack["timeline"]["chain"]["links"][0]["urn"]
    kind = next(entry["type"] for entry in stack["resources"] if entry["urn"] == link)
    assert kind in read.text["shop-time"]
    assert "By IAM" in read.text["shop-exposure"]
    assert "Single points of failure" in read.text["shop-summary"]
    assert "None: no violation" in read.text["shop-findings"]


@pytest.mark.parametrize(
    ("budget", "words", "tile"),
    [
        ("1.00", "Budget: 1.00 USD, exceeded by", "budget 1.00 exceeded"),
        ("90000.00", "Within budget, expected", "budget 90,000 not exceeded"),
    ],
)
def test_the_page_says_how_the_cost_stands_to_the_budget(budget: str, words: str, tile: str) -> None:
    found = document(*STACK.values())
    exceeded = budget == "1.00"
    found["stacks"]["shop"]["cost"]["budget"] = {"usd": budget, "exceeded": exceeded}
    found["stacks"]["shop"]["summary"]["exitCode"] = report.VIOLATED if exceeded else report.FINE
    text = page(found)
    read = _Reader(text)
    assert (text.count(">over budget<"), "violated" in text) == (2 if exceeded else 0, False), "the tab and the result"
    assert words in read.text["shop-cost"]
    assert tile in read.text["shop-summary"]
    assert "passed" not in read.text["shop-cost"]


def test_the_tile_of_the_cost_says_that_something_has_no_price() -> None:
    found = document(*STACK.values())
    cost = found["stacks"]["shop"]["cost"]
    cost["unpriced"] = []
    assert "priced" not in _Reader(page(found)).text["shop-summary"]
    cost["unpriced"] = [{"urn": STACK["bucket"]["urn"], "why": "no list price of buckets is known"}]
    assert "1 not or not fully priced" in _Reader(page(found)).text["shop-summary"]


def test_a_finding_is_shown_with_control_resource_fix_and_line() -> None:
    finding = {
        "control": "s3-private", "verdict": "violation", "level": "mandatory", "urn": STACK["bucket"]["urn"],
        "message": "is open", "fix": "close it", "source": "shop.py:7",
    }  # fmt: skip
    said = _Reader(page(document(*STACK.values(), findings=[finding]))).text["shop-findings"]

    for word in ("s3-private", "mandatory violation", "bucket", "is open", "close it", "shop.py:7"):
        assert word in said
    assert "None" not in said


def test_what_waited_for_the_update_is_shown_with_what_became_of_it_and_is_not_undecided() -> None:
    waited = {
        "control": "ecs-pinned", "verdict": "undecided", "level": "advisory", "urn": STACK["bucket"]["urn"],
        "message": "the image", "fix": "name it", "source": "shop.py:7", "decidedAtUpdate": "pass",
    }  # fmt: skip
    found = document(*STACK.values(), findings=[waited])
    found["stacks"]["shop"]["summary"]["undecided"]["pass"] = 1
    read = _Reader(page(found))
    assert "undecided at preview passes at update" in read.text["shop-findings"]
    assert "nothing stays undecided" in read.text["shop-findings"]
    assert "0 undecided, 1 decided at update" in read.text["shop-summary"]

    open_ = {key: value for key, value in waited.items() if key != "decidedAtUpdate"}
    found["stacks"]["shop"]["findings"] = [open_, waited | {"decidedAtUpdate": "violation"}]
    said = _Reader(page(found)).text["shop-findings"]
    assert "violation at update" in said
    assert "nothing stays undecided" not in said


def test_an_exemption_is_shown_with_its_reason_instead_of_the_fix() -> None:
    finding = {
        "control": "s3-private", "verdict": "exempted", "level": "mandatory", "urn": STACK["bucket"]["urn"],
        "message": "is open", "fix": "close it", "source": "shop.py:7", "exemption": "until May, ada",
    }  # fmt: skip
    said = _Reader(page(document(*STACK.values(), findings=[finding]))).text["shop-findings"]
    assert "until May, ada" in said
    assert "close it" not in said


def test_rules_that_nobody_asked_are_said_to_be_not_checked_and_are_no_zero() -> None:
    found = document(*STACK.values())
    found["stacks"]["shop"]["policies"] = None
    said = _Reader(page(found)).text
    assert "not checked no policy was asked" in said["shop-summary"]
    assert "mandatory" not in said["shop-summary"]
    assert "0 mandatory" in _Reader(page(document(*STACK.values()))).text["shop-summary"], "where they were asked"


def test_who_else_has_rights_to_a_store_is_shown_once_for_several_stores() -> None:
    found = document(*STACK.values())
    stores = found["stacks"]["shop"]["reach"]["stores"][:2]
    rights = [
        {"right": "read", "answer": "yes"},
        {"right": "write", "answer": "not known"},
        {"right": "drop", "answer": "no"},
    ]
    grant = {"principals": ["Service <logs>"], "actions": [f"s3:{n}" for n in range(9)], "conditions": ["x"], "by": "p"}
    found["stacks"]["shop"]["reach"]["stores"] = [
        {**store, "alsoRights": [{"urn": "urn:x::backup-role", "rights": rights}], "granted": [grant]}
        for store in stores
    ]
    said = _Reader(page(found)).text["shop-exposure"]
    assert "read; write not known" in said
    assert "drop" not in said
    assert said.count("backup-role") == 1
    assert "Service <logs>" in said and "s3:3 and 5 more under conditions" in said


def test_an_entry_leads_to_others_and_not_to_itself() -> None:
    found = document(STACK["bucket"])
    urns = [STACK["bucket"]["urn"], "urn:x::queue-behind"]
    hops = [{"urn": urn, "port": None, "answer": "yes", "path": [], "why": None} for urn in urns]
    entry = {"urn": urns[0], "what": "reachable", "world": "yes", "ports": [], "to": hops, "notes": []}
    found["stacks"]["shop"]["reach"]["entries"] = [entry]
    _, _, row = page(found).partition("Entries from outside")
    name = str(STACK["bucket"]["urn"]).rpartition("::")[2]
    assert row.partition("</table>")[0].count(name) == 1
    assert "queue-behind" in row.partition("</table>")[0]


def test_what_other_providers_make_is_said_not_to_be_looked_at() -> None:
    assert "not looked at: what" not in _Reader(page(document(STACK["bucket"]))).text["shop-exposure"].lower()
    other = resource("kubernetes:core/v1:Service", "open") | {"custom": True}
    read = _Reader(page(document(STACK["bucket"], other)))
    assert "The world reaches nothing of AWS that is made here." in read.text["shop-exposure"]
    assert "Not looked at: what kubernetes makes." in read.text["shop-exposure"]


def test_what_the_profiles_assume_stands_beside_their_choice_and_is_that_of_the_stack() -> None:
    found = document(*STACK.values())
    usage = found["stacks"]["shop"]["cost"]["usage"]
    assert usage["requests"] == {"idle": "0", "expected": "3000000", "peak": "30000000"}
    assert "activeUsers" not in usage, "nothing is known of it"
    usage["requests"]["expected"] = "8000000"
    said = _Reader(page(found)).text["shop-cost"]
    for word in ("What the profiles assume of a month", "8,000,000", "natGigabytes", "preflight:usage"):
        assert word in said
    assert "3,000,000" not in said.replace("30,000,000", "")
    del found["stacks"]["shop"]["cost"]["usage"]  # of an earlier version
    assert "What the profiles assume" not in _Reader(page(found)).text["shop-cost"]


def test_prices_of_another_region_are_named_beside_the_cost() -> None:
    found = document(*STACK.values())
    assert "Taken from us-east-1" not in _Reader(page(found)).text["shop-cost"]
    found["stacks"]["shop"]["cost"]["prices"]["fromElsewhere"] = ["kms.key"]
    assert "Taken from us-east-1, as the region has none for them: kms.key." in _Reader(page(found)).text["shop-cost"]


def test_thousands_of_findings_fit_the_page_and_are_counted() -> None:
    finding = {
        "control": "s3-private", "verdict": "violation", "level": "mandatory", "urn": STACK["bucket"]["urn"],
        "message": "is open " + "x" * 400, "fix": "close it", "source": "shop.py:7",
    }  # fmt: skip
    found = document(*STACK.values(), findings=[finding] * 8000)
    text = page(found)
    assert "And 7,600 more, in the JSON document." in text
    found["stacks"] |= {f"shop{number}": found["stacks"]["shop"] for number in range(8)}
    text = page(found)
    assert len(text.encode()) <= LIMIT
    assert "And 7,975 more, in the JSON document." in text


def test_a_stack_whose_program_failed_shows_its_error_and_no_empty_sections() -> None:
    failed = report.failed_stack([report.error("program", "it broke <here>", "shop.py:3")])
    read = _Reader(page(report.document({"shop": failed})))

    assert "it broke <here>" in read.text["shop-summary"]
    assert not {"shop-cost", "shop-picture", "shop-time", "shop-exposure"} & set(read.text)


def test_an_error_of_the_whole_run_is_shown_without_any_stack() -> None:
    read = _Reader(page(report.document({}, [report.error("input", "no stack file")])))

    assert "no stack file" in "".join(read.text.values())
    assert not read.open


def test_nothing_is_loaded_from_elsewhere() -> None:
    read = _Reader(page(document(*STACK.values())))

    assert not [tag for tag, attrs in read.tags if {"src", "srcset", "action"} & set(attrs)]
    assert {attrs.get("href") for tag, attrs in read.tags if tag == "a"} <= {"#", "#top"}
    assert not [tag for tag, _ in read.tags if tag in {"link", "iframe", "img", "object", "base"}]


def test_text_from_a_program_stays_text_everywhere() -> None:
    evil = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    bucket = resource("aws:s3/bucket:Bucket", evil, tags={"note": evil})
    finding = {
        "control": evil, "verdict": "violation", "level": "mandatory", "urn": bucket["urn"], "message": evil,
        "fix": evil, "source": evil,
    }  # fmt: skip
    found = document(*swapped(STACK, bucket), findings=[finding])
    found["stacks"] = {evil: found["stacks"]["shop"]}
    found["stacks"][evil]["notes"] = [evil]
    text = page(found)
    read = _Reader(text)

    assert sum(tag == "script" for tag, _ in read.tags) == 2  # the data and the page's own
    assert not [tag for tag, _ in read.tags if tag == "img"]
    assert not read.open
    assert any(row[0] == evil and row[4]["tags"]["note"] == evil for row in _data(text)[evil])


def test_parents_stand_before_their_children_and_every_resource_is_there() -> None:
    room = {**resource("shop:Api", "z-room"), "custom": False}
    inside = {**STACK["service"], "parent": room["urn"]}
    rows = _data(page(document(*swapped(STACK, inside, room))))["shop"]

    assert len(rows) == len(STACK) + 1
    names = [row[0] for row in rows]
    assert rows[names.index("service")][2] == names.index("z-room")
    assert all(row[2] < number for number, row in enumerate(rows))


def test_a_big_stack_fits_and_loses_only_its_longest_inputs() -> None:
    many = [resource("aws:sqs/queue:Queue", f"queue-{number}", tags={"n": "x" * 200}) for number in range(1200)]
    long = resource("aws:s3/bucket:Bucket", "long", tags={"n": "y" * 1_000_000})
    text = page(document(*STACK.values(), *many, long))
    rows = _data(text)["shop"]

    assert len(text.encode()) <= LIMIT
    assert len(rows) == len(STACK) + 1201
    assert {row[0] for row in rows if row[4] is None} == {"long"}


def test_small_stacks_lose_nothing() -> None:
    assert not [row for row in _data(page(document(*STACK.values())))["shop"] if row[4] is None]
    assert data({}, 10) == "{}"


def test_the_gantt_chart_has_the_chain_to_scale_and_counts_what_it_leaves_out() -> None:
    steps = [{"urn": f"u{n}", "start": 0.0, "end": 1.0, "confidence": "high"} for n in range(60)]
    steps.append({"urn": "last", "start": 100.0, "end": 400.0, "confidence": "high"})
    line = {"steps": steps, "seconds": 400, "chain": {"links": [{"urn": "last", "start": 100.0, "end": 400.0}]}}
    drawing = gantt(line, {"last": "the database"})

    bars = re.findall(r'<rect class="(\w+)" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', drawing)
    (chain,) = [(float(x), float(wide)) for kind, x, wide in bars if kind == "chain"]
    assert chain[1] / 300 == pytest.approx((chain[0] - 250) / 100, rel=0.01)
    assert f"and {61 - len(bars)} shorter ones" in drawing
    assert "the database" in drawing


def test_the_same_report_gives_the_same_page() -> None:
    assert page(document(*STACK.values())) == page(document(*STACK.values()))


def test_mistakes_of_a_stack_file_are_lines_and_name_no_place_in_the_program_that_found_them() -> None:
    told = "have 1 mistake:\n\n  shop:size (Pulumi.shop.yaml:3)\n    problem: is too large\n    given:   9"
    found = document(*STACK.values())
    found["stacks"]["shop"]["errors"] = [report.error("config", told, "settings/file.py:89")]
    text = page(found)
    assert told in text
    assert "settings/file.py" not in text
    rule = re.search(r"\.errors li\{([^}]*)\}", text)
    assert rule is not None
    assert {"white-space:pre-wrap", "overflow-wrap:anywhere"} <= {*rule[1].split(";")}
    found["stacks"]["shop"]["errors"] = [report.error("config", "set a name", "infra/main.py:89")]
    assert "<code>infra/main.py:89</code>" in page(found)
