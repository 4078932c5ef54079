"""What a database of a given size can take: against AWS's published figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.data.capacity import (
    GIB,
    aurora_class_connections,
    aurora_connections,
    aurora_memory_bytes,
    instance_connections,
    instance_memory_bytes,
)
from settings import tables
from tests.gathered import for_each

ACUS = st.integers(min_value=2, max_value=512).map(lambda halves: halves / 2)


@for_each("acu, connections", [(1, 189), (4, 823), (8, 1669), (16, 3360), (32, 5000), (64, 5000), (256, 5000)])
def test_the_published_sizes_give_the_published_connections(acu: float, connections: int) -> None:
    assert aurora_connections(1, acu) == connections


@pytest.mark.parametrize("minimum", [0, 0.5])
def test_a_small_minimum_caps_the_connections_of_any_maximum(minimum: float) -> None:
    assert aurora_connections(minimum, 256) == 2000
    assert aurora_connections(minimum, 4) == 823


@given(ACUS, ACUS)
def test_more_capacity_never_means_fewer_connections_or_less_memory(one: float, other: float) -> None:
    small, large = sorted((one, other))
    assert 189 <= aurora_connections(1, small) <= aurora_connections(1, large) <= 5000
    assert aurora_memory_bytes(small) <= aurora_memory_bytes(large)


@for_each("name", sorted(tables.instance_classes()))
def test_every_class_of_the_table_has_its_own_memory_and_a_bound_below_the_nominal_one(name: str) -> None:
    memory = tables.instance_classes()[name].memory_gib * GIB
    assert instance_memory_bytes(name) == memory
    assert 50 < instance_connections(name) <= min(5000, memory // 9_531_392)


@for_each("acu, connections", [(1, 90), (7.5, 135), (8, 1000), (24, 2000), (256, 6000)])
def test_aurora_for_mysql_goes_by_steps_of_which_the_lower_one_counts(acu: float, connections: int) -> None:
    assert aurora_connections(0.5, acu, "aurora-mysql") == connections


@for_each(
    "name, engine, connections",
    [
        ("db.r8g.large", "aurora-mysql", 1000),
        ("db.t4g.medium", "aurora-mysql", 90),
        ("db.r9g.xlarge", "aurora-mysql", 2000),
        ("db.r8g.16xlarge", "aurora-postgresql", 5000),
    ],
)
def test_a_fixed_size_of_aurora_has_what_its_engine_gives_it(name: str, engine: str, connections: int) -> None:
    assert aurora_class_connections(name, engine) == connections


def test_the_same_memory_carries_fewer_connections_of_mysql_and_fewest_of_mariadb() -> None:
    several = [instance_connections("db.m7g.large", engine) for engine in ("postgres", "mysql", "mariadb")]
    assert several == sorted(several, reverse=True)
    assert 500 < several[1] <= 630, "AWS's own example of this class has about 630"
    assert instance_connections("db.r8g.48xlarge", "mariadb") == 12000


def test_a_generation_newer_than_the_table_has_the_memory_of_its_size() -> None:
    assert instance_memory_bytes("db.r9g.2xlarge") == 64 * GIB


@pytest.mark.parametrize("name", ["db.x2g.large", "db.m7g.metal-999", "db.t4g.48xlarge"])
def test_a_size_nobody_knows_is_refused_with_what_to_do(name: str) -> None:
    with pytest.raises(ValueError, match=rf"instance class '{name}'.*use a class of settings/tables/rds.json"):
        instance_memory_bytes(name)
