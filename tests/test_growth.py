"""Twenty-five services in one stack: each costs what one costs in production, and nothing else is there but what production
has. That AWS takes them all is told in tests/components/test_shapes.py."""

import functools
from collections import Counter
from typing import Any

import pytest

from tests.committed import ACCOUNT, REGION, Committed, stack_file
from tests.components.shapes import crowd, section

ONE = "web"  # in production, the pattern of all
SERVICES = sorted(section(crowd(), "services"))  # the first uses buckets that no other does
BUCKETS = {*section(crowd(), "data")["buckets"]} - {*section(stack_file("prod"), "data")["buckets"]}
Resources = list[dict[str, Any]]
Edge = tuple[str, str]


@pytest.fixture
def few(shipped_recording: Committed) -> Resources:
    found: Resources = shipped_recording.report()["stacks"]["prod"]["resources"]
    return found


@pytest.fixture
def many(shaped: dict[str, Any]) -> Resources:
    found: Resources = shaped["stacks"]["crowd"]["resources"]
    return found


def edges(resources: Resources) -> list[Edge]:
    return [(r["urn"], urn) for r in resources for urns in r["propertyDependencies"].values() for urn in urns]


def name(urn: str) -> str:
    return urn.rpartition("::")[2]


def kind(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


@functools.cache
def owners(urn: str) -> frozenset[str]:
    """The services and buckets that its name names."""
    return frozenset(owner for owner in (ONE, *SERVICES, *BUCKETS) if f"-{owner}-" in f"-{name(urn)}-")


def grown(urns: tuple[str, ...]) -> bool:
    return any(owners(urn) - {ONE} for urn in urns)


def place(urn: str) -> str:
    """What it is called in any stack: one that awsx builds has a name that is a hash of what the stack is called too."""
    path = urn.split("::")[2]
    return path if kind(urn) in {"docker-build:index:Image", "pulumi:pulumi:Stack"} else f"{path}::{name(urn)}"


def of(resources: Resources, owner: str) -> Counter[str]:
    return Counter(kind(r["urn"]) for r in resources if owner in owners(r["urn"]))


def edges_of(resources: Resources, owner: str) -> Counter[Edge]:
    found = (edge for edge in edges(resources) if any(owner in owners(urn) for urn in edge))
    return Counter((kind(one), kind(other)) for one, other in found)


def test_each_service_has_the_resources_that_one_has_in_production(few: Resources, many: Resources) -> None:
    step = of(few, ONE)
    assert step["aws:ecs/service:Service"] == 1
    assert [service for service in SERVICES if of(many, service) != step] == []


def test_each_service_has_the_edges_that_one_has_in_production(few: Resources, many: Resources) -> None:
    step = edges_of(few, ONE)
    assert step.total() > 100
    first, *others = SERVICES
    assert [service for service in others if edges_of(many, service) != step] == []
    more = edges_of(many, first) - step
    assert {other for _, other in more} == {"aws:s3/bucket:Bucket"}
    assert set(more.values()) == {len(BUCKETS)}


def test_beside_services_and_buckets_nothing_is_there_but_what_production_has(few: Resources, many: Resources) -> None:
    production = {place(r["urn"]) for r in few}
    beside = [place(r["urn"]) for r in many if not grown((r["urn"],))]
    assert len(beside) > 100
    assert [one for one, number in Counter(beside).items() if one not in production or number > 1] == []
    known = {(place(one), place(other)) for one, other in edges(few)}
    rest = [(place(one), place(other)) for one, other in edges(many) if not grown((one, other))]
    assert len(rest) > 100
    assert [edge for edge in rest if edge not in known] == []


def test_no_service_knows_of_another(many: Resources) -> None:
    together: list[tuple[str, ...]] = [*((r["urn"],) for r in many), *edges(many)]
    named = ({owner for urn in urns for owner in owners(urn)} & {*SERVICES} for urns in together)
    assert [services for services in named if len(services) > 1] == []


def test_stacks_that_are_made_here_are_where_no_owner_of_the_repository_is() -> None:
    for stack in ("dev", "prod"):
        config = stack_file(stack)["config"]
        assert (config["aws:region"], config["groundwork:protection"]["accountId"]) == (REGION, ACCOUNT)
        assert "groundwork:secrets" not in config
