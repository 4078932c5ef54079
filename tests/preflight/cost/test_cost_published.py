"""AWS's own worked pricing examples come out within 1 % (half a cent below half a dollar)."""

from decimal import Decimal
from typing import Any

from preflight.cost.catalogue import Catalogue
from preflight.cost.meters import allowances, charge
from tests.gathered import for_each
from tests.preflight.cost.published import EXAMPLES, counts


def _total(example: dict[str, Any]) -> Decimal:
    free = str(example["allowances"]).startswith("first ")
    parts = charge(counts(example), Catalogue(example["region"]), allowances() if free else {})
    assert all(part.price.region == example["region"] for each in parts.values() for part in each)
    return sum((part.usd for each in parts.values() for part in each), Decimal(0))


@for_each("example", EXAMPLES, name=lambda example: example["id"])
def test_a_published_example_comes_out_within_one_percent(example: dict[str, Any]) -> None:
    published = Decimal(str(example["monthlyUsd"]))
    slack = max(published / 100, Decimal("0.005") if published < Decimal("0.5") else Decimal(0))
    assert abs(_total(example) - published) <= slack


def test_the_examples_are_many_and_of_many_services() -> None:
    assert len(EXAMPLES) >= 84
    assert len({example["service"] for example in EXAMPLES}) >= 30
