"""The sum in the documents is the sum of the recorded `dev` stack, and it is what an idle stack may cost."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import idle_cost

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "cost.md"
TABLE = re.compile(r"(?<=<!-- idle:dev -->\n).*?(?=<!-- /idle -->)", re.DOTALL)
UPDATE = os.environ.get("GROUNDWORK_UPDATE_GOLDEN") == "1"
MOST = 50  # USD a month


@pytest.fixture(scope="module")
def dev() -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "preflight", "check", "dev", "--json", "-"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    resources: list[dict[str, Any]] = json.loads(done.stdout)["stacks"]["dev"]["resources"]
    return resources


def count(dev: list[dict[str, Any]], kind: str) -> int:
    return len([r for r in dev if r["type"].startswith(f"aws:{kind}:")])


def test_the_page_shows_the_sum_of_the_recorded_stack(dev: list[dict[str, Any]]) -> None:
    wanted = idle_cost.table(idle_cost.lines(dev))
    if UPDATE:
        PAGE.write_text(TABLE.sub(lambda _: wanted, PAGE.read_text()))
    [shown] = TABLE.findall(PAGE.read_text())
    assert shown == wanted, "run `make golden`"


def test_the_sum_on_the_page_is_the_sum_of_its_lines() -> None:
    [shown] = TABLE.findall(PAGE.read_text())
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in shown.strip().splitlines()[2:]]
    *found, last = rows
    assert len(found) > 10
    assert last[-1] == f"**{sum(float(row[3]) for row in found):.2f}**"
    for what, quantity, price, usd in found:
        number = float(re.sub(r"[^0-9.]", "", quantity.partition(" h")[0]))
        assert float(usd) == pytest.approx(number * float(price), abs=0.02), what


def test_an_idle_dev_costs_what_was_promised_or_less(
    dev: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    found = idle_cost.lines(dev)
    with capsys.disabled():
        print(
            f"\nfigures: an idle dev costs {idle_cost.total(found):.2f} USD a month, {found[0].what} {found[0].usd:.2f} of it"
        )
    assert idle_cost.total(found) <= MOST


def test_nothing_is_forgotten(dev: list[dict[str, Any]]) -> None:
    assert idle_cost.unpriced(dev) == set(), "say in tests/idle_cost.py what these cost"


def test_quantities_are_those_of_the_stack(dev: list[dict[str, Any]]) -> None:
    by_start = {line.what.partition(" ")[0]: line for line in idle_cost.lines(dev)}
    assert by_start["KMS"].quantity == count(dev, "kms/key")
    assert by_start["secrets"].quantity == count(dev, "secretsmanager/secret") + count(dev, "rds/cluster")
    zones = 2
    assert by_start["public"].quantity == (count(dev, "ec2/eip") + zones) * idle_cost.HOURS
    assert by_start["alarms:"].quantity > count(dev, "cloudwatch/metricAlarm") - idle_cost.FREE_ALARM_METRICS


def test_a_service_is_counted_for_the_hours_of_its_schedules(dev: list[dict[str, Any]]) -> None:
    (web,) = [r for r in dev if r["name"] == "web-service"]
    weekday = 13 * 261 / 12  # 7 to 20 o'clock, 261 weekdays in 2027
    assert idle_cost.hours(dev, web) == pytest.approx(weekday, rel=0.01)
    without = [r for r in dev if "scheduledAction" not in r["type"]]
    assert idle_cost.hours(without, web) == idle_cost.HOURS


def test_what_costs_by_the_hour_shows_in_the_sum(dev: list[dict[str, Any]]) -> None:
    endpoint = {"type": "aws:ec2/vpcEndpoint:VpcEndpoint", "name": "e", "urn": "e",
                "inputs": {"vpcEndpointType": "Interface", "subnetIds": ["a", "b"]}}  # fmt: skip
    before, after = (idle_cost.total(idle_cost.lines(found)) for found in (dev, [*dev, endpoint]))
    assert after - before == pytest.approx(2 * 730 * 0.01)
    assert idle_cost.unpriced([*dev, {**endpoint, "type": "aws:eks/cluster:Cluster"}]) == {"eks/cluster"}
