"""Twenty-five services in one stack: each costs as much as any of two does. That AWS takes them all
is told in tests/components/test_shapes.py."""

from collections import Counter
from typing import Any

import pytest

from tests import growth
from tests.committed import ACCOUNT, REGION, stack_file

FEW, MANY = (
    growth.TESTED
)  # what grows from one to the other by what the last brings, each time, does so further on; fifty are in `make bench`
LAST = f"service-{MANY - 1:02}"


@pytest.fixture
def few(shaped: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shaped["stacks"][f"of-{FEW}"]["resources"]
    return found


@pytest.fixture
def many(shaped: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shaped["stacks"][f"of-{MANY}"]["resources"]
    return found


def test_resources_grow_by_the_same_for_each_service(few: list[dict[str, Any]], many: list[dict[str, Any]]) -> None:
    step = Counter(resource["type"] for resource in many if LAST in resource["name"])
    assert step["aws:ecs/service:Service"] == 1
    grown = Counter({token: (MANY - FEW) * number for token, number in step.items()})
    assert Counter(r["type"] for r in many) == Counter(r["type"] for r in few) + grown


def test_edges_between_resources_grow_by_the_same_for_each_service(
    few: list[dict[str, Any]], many: list[dict[str, Any]]
) -> None:
    def edges(resources: list[dict[str, Any]]) -> list[tuple[str, str]]:
        return [(r["urn"], urn) for r in resources for urns in r["propertyDependencies"].values() for urn in urns]

    step = [edge for edge in edges(many) if LAST in "".join(edge)]
    assert len(step) > 100
    assert len(edges(many)) == len(edges(few)) + (MANY - FEW) * len(step)


def test_stacks_that_are_made_here_are_where_no_owner_of_the_repository_is() -> None:
    for name in ("dev", "prod"):
        config = stack_file(name)["config"]
        assert (config["aws:region"], config["groundwork:protection"]["accountId"]) == (REGION, ACCOUNT)
        assert "groundwork:secrets" not in config
