"""Twenty-five services in one stack: each costs as much as the second one did, and AWS takes them all."""

from collections import Counter
from typing import Any

import pytest

from tests import growth
from tests.committed import project
from tests.components import limits
from tests.components.verdicts import left

MANY = 25  # what grows by the same from one to two, and to these, does so further on; fifty are in `make bench`


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, Any]]:
    described = {f"of-{count}": growth.described(count) for count in (1, 2, MANY)}
    found = growth.checked(project(tmp_path_factory.mktemp("growth") / "project", described))
    return {int(name.removeprefix("of-")): stack for name, stack in found.items()}


def test_resources_grow_by_the_same_for_each_service(stacks: dict[int, dict[str, Any]]) -> None:
    counted = {count: Counter(r["type"] for r in stack["resources"]) for count, stack in stacks.items()}
    step = counted[2] - counted[1]
    assert step["aws:ecs/service:Service"] == 1
    assert counted[MANY] == counted[1] + Counter({token: (MANY - 1) * number for token, number in step.items()})


def test_edges_between_resources_grow_by_the_same_for_each_service(stacks: dict[int, dict[str, Any]]) -> None:
    def edges(stack: dict[str, Any]) -> int:
        return sum(len(urns) for r in stack["resources"] for urns in r["propertyDependencies"].values())

    step = edges(stacks[2]) - edges(stacks[1])
    assert edges(stacks[MANY]) == edges(stacks[1]) + (MANY - 1) * step


def test_aws_would_take_so_many_services_and_no_rule_is_broken(stacks: dict[int, dict[str, Any]]) -> None:
    assert limits.complaints(stacks[MANY]["resources"]) == []
    assert left(stacks[MANY]["findings"]) == []
