"""Sums, tiers, allowances, regions and budgets of an estimate."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from preflight.cost import HOME, KEY, rating
from preflight.cost.catalogue import Catalogue, regions
from preflight.cost.meters import TIERED
from preflight.cost.usage import KEYS as KEYS_OF_USAGE
from preflight.cost.usage import PROFILES, defaults
from preflight.yaml_source import SourceError
from tests.gathered import for_each
from tests.preflight.cost.stacks import another, cost, resource

KEYS = [resource("aws:kms/key:Key", name, component="urn:a") for name in ("one", "two")]
TABLE = resource("aws:dynamodb/table:Table", billingMode="PAY_PER_REQUEST", component="urn:b")


def _lines(found: dict[str, Any], urn: str) -> dict[str, dict[str, str]]:
    return {line["meter"]: line["usd"] for each in found["resources"] if each["urn"] == urn for line in each["lines"]}


def test_components_and_resources_add_up_to_the_total() -> None:
    found = cost(
        *KEYS,
        TABLE,
        tableWrites={"peak": 1_000_000},
        tableReads={"peak": 0},
        keyRequests={"peak": 0},
        tableGigabytes={"peak": 0},
    )
    assert found["total"]["peak"] == "2.63"  # two keys, and 0.625 for a million writes
    assert {each["urn"]: each["usd"]["peak"] for each in found["components"]} == {"urn:a": "2.00", "urn:b": "0.63"}
    assert sorted(each["usd"]["peak"] for each in found["resources"]) == ["0.63", "1.00", "1.00"]


def test_tiers_hold_for_the_stack_and_are_shared_out_by_quantity() -> None:
    buckets = [resource("aws:s3/bucket:Bucket", name) for name in ("a", "b")]
    found = cost(*buckets, bucketGigabytes={"idle": 30_000})
    # 60,000 GB: 51,200 x 0.023 + 8,800 x 0.022 = 1,371.20, half of it each; 30,000 alone would be 690.00
    assert [_lines(found, bucket["urn"])["s3.standard.storage"]["idle"] for bucket in buckets] == ["685.60", "685.60"]


def test_free_allowances_are_taken_off_only_when_asked_for_and_once() -> None:
    queues = [resource("aws:sqs/queue:Queue", "a"), resource("aws:sqs/queue:Queue", "b", fifoQueue=True)]
    usage: dict[str, Any] = {"queueMessages": {"idle": 1_000_000}}
    assert cost(*queues, **usage)["total"]["idle"] == "2.70"  # 3 M x 0.40 + 3 M x 0.50
    # one million free, shared: taken off the FIFO queue's, which come first by name: 2 M x 0.50 + 3 M x 0.40
    assert cost(*queues, freeAllowances=True, **usage)["total"]["idle"] == "2.20"


def test_an_allowance_never_makes_a_cost_negative() -> None:
    alarms = [resource("aws:cloudwatch/metricAlarm:MetricAlarm", str(n), metricName="m") for n in range(4)]
    assert cost(*alarms, freeAllowances=True)["total"]["idle"] == "0.00"
    assert cost(*alarms)["total"]["idle"] == "0.40"


def test_a_gap_of_a_region_is_filled_from_us_east_1_and_named() -> None:
    key = resource("aws:kms/key:Key", "key")
    table = resource("aws:msk/serverlessCluster:ServerlessCluster")
    assert Catalogue("eu-west-1").find("kms.key").region == "eu-west-1"  # type: ignore[union-attr]
    found = cost(key, table, region="eu-west-1")
    assert "msk.serverless.cluster_hour" in found["prices"]["fromElsewhere"]
    assert "kms.key" not in found["prices"]["fromElsewhere"]


def test_a_region_without_a_catalogue_has_every_price_named_as_from_elsewhere() -> None:
    found = cost(resource("aws:kms/key:Key"), region="sa-east-1")
    assert found["prices"]["fromElsewhere"] == ["kms.key", "kms.requests"]
    assert found["region"] == "sa-east-1"


def test_a_resource_with_a_region_of_its_own_has_the_prices_of_that() -> None:
    nat = resource("aws:ec2/natGateway:NatGateway", region="ap-south-1")
    own = Catalogue("ap-south-1").find("nat_gateway.hour")
    assert own is not None and own.region == "ap-south-1"
    assert cost(nat)["total"]["idle"] == str((own.usd * 730).quantize(own.usd.__class__("0.01")))


def test_what_is_free_is_neither_counted_nor_listed() -> None:
    found = cost(
        resource("aws:iam/role:Role"),
        resource("aws:ec2/subnet:Subnet"),
        resource("random:index/randomId:RandomId"),
        resource("aws:ec2/defaultVpc:DefaultVpc"),
        resource("aws:redshift/subnetGroup:SubnetGroup"),
    )
    assert found["resources"] == []
    assert found["unpriced"] == []


def test_what_a_remote_component_hides_is_listed() -> None:
    remote = resource("awsx:ec2:Vpc", remote=True, custom=False)
    assert [each["urn"] for each in cost(remote)["unpriced"]] == [remote["urn"]]
    child = resource("aws:ec2/natGateway:NatGateway", parent=remote["urn"])
    assert cost(remote, child)["unpriced"] == []


@pytest.mark.parametrize(("budget", "exceeded"), [(1.5, True), (2, False), (2.5, False)])
def test_a_budget_is_exceeded_only_by_more_than_it(budget: float, exceeded: bool) -> None:
    found = cost(*KEYS, budget=budget, keyRequests=0)
    assert found["budget"] == {"usd": f"{budget:.2f}", "exceeded": exceeded}
    assert cost(*KEYS)["budget"] is None


def test_every_tier_has_a_price_and_the_bounds_rise() -> None:
    for meter, tiers in TIERED.items():
        bounds = [bound for _, bound in tiers.steps]
        assert bounds[-1] is None and None not in bounds[:-1], meter
        assert bounds[:-1] == sorted(set(bounds[:-1])), meter  # type: ignore[type-var]
        assert all(Catalogue(HOME).find(sku) for sku, _ in tiers.steps), meter


def test_every_price_has_a_source_a_date_and_a_confidence() -> None:
    assert HOME in regions() and len(regions()) >= 3
    for region in regions():
        for sku in Catalogue(region).names(""):
            price = Catalogue(region).find(sku)
            assert price is not None and price.source and price.usd >= 0 and price.per >= 1, sku
            assert price.confidence in {"two_sources", "one_source", "memory"}, sku


MISTAKES: dict[str, tuple[Any, list[str]]] = {
    "not a map": ([1], ["  preflight:usage\n", "is not a map of usage figures", "given:   [1]", "docs/cost.md"]),
    "a misspelt key": ({"natGigabyte": 1}, [".natGigabyte\n", "there is no such key", "did you mean natGigabytes?"]),
    "an unknown key": ({"zzz": 1}, [".zzz\n", "allowed: load, requests", "take it out"]),
    "a key with a space": ({"a b": 1}, ['preflight:usage["a b"]\n']),
    "a negative figure": ({"requests": -1}, [".requests\n", "outside", "given:   -1", "from 0 to 1e+15"]),
    "a figure of 300 digits": ({"requests": 1e300}, [".requests\n", "given:   1e+300", "from 0 to 1e+15"]),
    "a text": ({"requests": {"idle": "many"}}, [".requests.idle\n", "is not a number", '"many"', "without a unit"]),
    "an unknown profile": ({"requests": {"idel": 1}}, [".requests.idel\n", "idle, expected, peak", "mean idle?"]),
    "a share above 1": ({"load": 2}, [".load\n", "given:   2", "a number from 0 to 1\n"]),
    "a percentage": ({"spotDiscount": 70}, [".spotDiscount\n", "write 0.7, if 70 % is meant"]),
    "a budget of nothing": ({"budget": 0}, [".budget\n", "given:   0", "USD a month: a number more than 0"]),
    "a budget that is a text": ({"budget": "900"}, [".budget\n", '"900"', "without quotes: 900"]),
    "a switch that is a text": ({"freeAllowances": "yes"}, [".freeAllowances\n", '"yes"', "true or false"]),
}


@for_each("section, said", MISTAKES.values(), name=MISTAKES)
def test_a_mistake_of_the_usage_section_names_key_value_and_what_is_allowed(section: Any, said: list[str]) -> None:
    with pytest.raises(SourceError) as refused:
        rating({KEY: json.dumps(section)})
    (message,) = refused.value.messages
    assert [part for part in [KEY, *said] if part not in message] == []


def test_all_mistakes_of_the_usage_section_come_at_once_and_each_once() -> None:
    with pytest.raises(SourceError) as refused:
        rating({KEY: '{"zzz": 1, "load": 9, "budget": "x"}'})
    assert [message.split()[0] for message in refused.value.messages] == [
        "preflight:usage.zzz", "preflight:usage.load", "preflight:usage.budget",
    ]  # fmt: skip


def test_one_number_holds_for_expected_and_peak_and_leaves_idle() -> None:
    nat = resource("aws:ec2/natGateway:NatGateway")
    lines = _lines(cost(nat, natGigabytes=100), nat["urn"])
    assert lines["nat_gateway.data_processed"] == {"idle": "0.00", "expected": "4.50", "peak": "4.50"}


def test_the_same_stack_gives_the_same_bytes() -> None:
    load = resource("aws:lb/loadBalancer:LoadBalancer", "lb", subnets=["a"])
    listener = resource("aws:lb/listener:Listener", "listener", loadBalancerArn=another(load))
    assert json.dumps(cost(load, listener, *KEYS)) == json.dumps(cost(*reversed([load, listener, *KEYS])))


def test_the_documents_list_every_usage_key_with_its_defaults() -> None:
    page = (Path(__file__).parents[3] / "docs" / "cost.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| (\S+ \| \S+ \| \S+) \|$", page, re.MULTILINE))
    assert rows.keys() == KEYS_OF_USAGE.keys()
    for key, name in KEYS_OF_USAGE.items():
        written = [None if text == "-" else float(text.replace(",", "")) for text in rows[key].split(" | ")]
        known = [getattr(defaults().usage[profile], name) for profile in PROFILES]
        assert written == [None if figure is None else float(figure) for figure in known], key
