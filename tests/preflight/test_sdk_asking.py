"""What the SDK asks itself is answered as by its own code: its settings, and whether one resource waits for another."""

import itertools
from typing import Any

import pytest
from pulumi import _utils
from pulumi.runtime import resource_cycle_breaker

from preflight.sdk_speed import asking


class Thing:
    """As a resource, in what it waits for."""

    def __init__(self) -> None:
        self._direct_computed_dependencies: set[Thing] = set()


def closure(edges: frozenset[tuple[int, int]]) -> set[tuple[int, int]]:
    found = {*edges, *((number, number) for number in range(3))}
    while more := {(one, last) for one, other in found for first, last in found if other == first} - found:
        found |= more
    return found


def test_whoever_waits_is_found_in_each_graph_of_three_resources_and_nobody_else_is() -> None:
    pairs = [(one, other) for one in range(3) for other in range(3)]
    seen = set()
    for chosen in itertools.product((False, True), repeat=len(pairs)):
        edges = frozenset(itertools.compress(pairs, chosen))
        things = [Thing() for _ in range(3)]
        for one, other in edges:
            things[one]._direct_computed_dependencies.add(things[other])
        found = {pair for pair in pairs if asking._reachable(things[pair[0]], things[pair[1]])}
        assert found == closure(edges), edges
        seen.add(frozenset(found))
    assert len(seen) == 29, "each preorder of three"


def test_a_long_chain_is_walked_to_its_end() -> None:
    chain = [Thing() for _ in range(5000)]
    for one, other in itertools.pairwise(chain):
        one._direct_computed_dependencies.add(other)
    assert asking._reachable(chain[0], chain[-1])
    assert not asking._reachable(chain[-1], chain[0])


def test_a_circle_is_refused_and_leaves_what_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource_cycle_breaker, "_reachable", asking._reachable)
    one, other, third = (Thing() for _ in range(3))
    declare: Any = resource_cycle_breaker.declare_dependency
    assert [declare(one, other), declare(other, third), declare(third, one), declare(one, one)] == [
        True, True, False, False,
    ]  # fmt: skip
    assert (third._direct_computed_dependencies, one._direct_computed_dependencies) == (set(), {other})


def test_a_setting_is_its_value_and_a_dictionary_is_left_to_the_property() -> None:
    class Settings:
        @_utils.contextproperty(default="kept")  # type: ignore[untyped-decorator] # the SDK leaves it untyped
        def text(self) -> None: ...

        @_utils.contextproperty(default={"a": 1})  # type: ignore[untyped-decorator] # the SDK leaves it untyped
        def table(self) -> None: ...

    plain, mapped = vars(Settings)["text"], vars(Settings)["table"]
    assert asking._get(plain, Settings(), Settings) == "kept"
    assert asking._get(mapped, Settings(), Settings) is mapped
    assert asking._get(plain, None, Settings) is plain
    plain.fset(None)
    assert asking._get(plain, Settings(), Settings) is None
