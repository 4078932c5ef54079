"""The sums in the documents are those of the recorded stacks, and an idle `dev` costs what it may."""

import os
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.committed import STACKS, Committed, came_with_it

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "cost.md"
TABLE = re.compile(r"(?<=<!-- idle:dev -->\n).*?(?=<!-- /idle -->)", re.DOTALL)
# Said so in docs/cost.md, and listed by every report.
NOT_PRICED = {
    "aws:backup/selection:Selection",
    "aws:backup/restoreTestingSelection:RestoreTestingSelection",
    "aws:cloudwatch/metricAlarm:MetricAlarm",  # not fully: the one that asks for every consumer group of a stream
}
# Of the key of the copies of backups, which stands in a second region.
IN_SECOND_REGION = {"kms.key", "kms.requests"}
UPDATE = os.environ.get("GROUNDWORK_UPDATE_GOLDEN") == "1"
MOST = Decimal(50)  # USD a month, as promised of what this repository comes with
# Paid by whoever has the zone of the stack's domain, which is not made here.
ZONE = ("hosted zone of the domain (not the stack's own)", Decimal("0.50"))
_LEAST = Decimal("0.05")


@pytest.fixture(scope="module")
def stacks(recording: Committed) -> dict[str, Any]:
    found: dict[str, Any] = recording.fine()["stacks"]
    return found


CONFIG = {name: yaml.safe_load((ROOT / f"Pulumi.{name}.yaml").read_text())["config"] for name in STACKS}
DOMAIN = CONFIG["dev"]["groundwork:edge"].get("domain")


def _rows(cost: dict[str, Any], domain: str | None) -> list[tuple[str, Decimal]]:
    """What an idle stack with this domain pays for, by what it is; small change in one line."""
    sums: dict[str, Decimal] = {}
    for resource in cost["resources"]:
        for line in resource["lines"]:
            sums[line["what"]] = sums.get(line["what"], Decimal(0)) + Decimal(line["usd"]["idle"])
    rows = sorted(((what, usd) for what, usd in sums.items() if usd >= _LEAST), key=lambda row: (-row[1], row[0]))
    rest = Decimal(cost["total"]["idle"]) - sum((usd for _, usd in rows), Decimal(0))
    zone = [ZONE] if domain else []
    return [*rows, *zone, ("the rest, and rounding of the lines", rest)]


def _table(rows: list[tuple[str, Decimal]]) -> str:
    head = "| what | USD a month |\n|---|--:|\n"
    total = sum((usd for _, usd in rows), Decimal(0))
    return head + "".join(f"| {what} | {usd} |\n" for what, usd in rows) + f"| **sum** | **{total}** |\n"


def test_the_page_shows_what_an_idle_dev_costs(stacks: dict[str, Any]) -> None:
    wanted = _table(_rows(stacks["dev"]["cost"], DOMAIN))
    if UPDATE:
        PAGE.write_text(TABLE.sub(lambda _: wanted, PAGE.read_text()))
    [shown] = TABLE.findall(PAGE.read_text())
    assert shown == wanted, "run `make golden`"


def test_an_idle_dev_costs_what_was_promised_or_less(
    stacks: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    total = sum((usd for _, usd in _rows(stacks["dev"]["cost"], DOMAIN)), Decimal(0))
    with capsys.disabled():
        print(f"\nfigures: an idle dev costs {total} USD a month by list price")
    budget = stacks["dev"]["cost"]["budget"]
    most = MOST if came_with_it("dev") else Decimal(budget["usd"]) if budget else total
    assert 0 < total <= most
    assert total > Decimal(20) or not came_with_it("dev")


def test_everything_in_the_committed_stacks_has_a_price_but_what_is_known_to_have_none(stacks: dict[str, Any]) -> None:
    """Prices that a region lacks in the tables are those of us-east-1 and listed so; nothing is silently free. An owner's
    stack may have what the tables lack, such as another class of instances, or its copies in another region."""
    for name, stack in stacks.items():
        types = {each["urn"]: each["type"] for each in stack["resources"]}
        assert all(each["urn"] in types and each["why"] for each in stack["cost"]["unpriced"]), name
        if came_with_it(name):
            assert {types[each["urn"]] for each in stack["cost"]["unpriced"]} <= NOT_PRICED, name
            assert set(stack["cost"]["prices"]["fromElsewhere"]) <= IN_SECOND_REGION, name


def test_the_committed_stacks_keep_their_budget(stacks: dict[str, Any]) -> None:
    for name, stack in stacks.items():
        cost = stack["cost"]
        if (budget := cost["budget"]) is None:
            assert "budget" not in CONFIG[name].get("preflight:usage", {}), name
            continue
        assert not budget["exceeded"], name
        if came_with_it(name):
            assert Decimal(cost["total"]["expected"]) > Decimal(budget["usd"]) / 2, "a budget that is never met"


def test_quantities_are_those_of_the_stack(shipped_recording: Committed) -> None:
    dev = shipped_recording.report()["stacks"]["dev"]

    def count(kind: str) -> int:
        return len([r for r in dev["resources"] if r["type"].startswith(f"aws:{kind}:")])

    quantities: dict[str, float] = {}
    for resource in dev["cost"]["resources"]:
        for line in resource["lines"]:
            quantities[line["meter"]] = quantities.get(line["meter"], 0) + float(line["quantity"]["idle"])
    zones = 2
    assert quantities["kms.key"] == count("kms/key")
    assert quantities["secrets_manager.secret"] == count("secretsmanager/secret") + count("rds/cluster")
    assert quantities["ipv4.public.in_use.hour"] == (count("ec2/eip") + zones) * 730
    assert quantities["cloudwatch.alarm.standard"] > count("cloudwatch/metricAlarm")
    weekday = 13 * 260 / 364 * 730 / 24  # 7 to 20 o'clock, Monday to Friday
    assert quantities["ec2.linux.t3.micro.hour"] == pytest.approx(weekday, rel=0.01)
