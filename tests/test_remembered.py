"""What two tests of a file ask for with the same words is made once, and nothing that only looks like it."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from tests.gathered import for_each
from tests.remembered import Remembered, fingerprint

MADE: list[str] = []


class Plain(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("test:index:Plain", name)
        MADE.append(name)


def plain(*names: str, **more: Any) -> Callable[[], list[Plain]]:
    return lambda: [Plain(f"{name}{more.get('end', '')}") for name in names]


def other(name: str = "a") -> Callable[[], Plain]:
    return lambda: Plain(name)


def with_default(word: str) -> Callable[[], Plain]:
    def build(name: str = word) -> Plain:
        return Plain(name)

    return build


SAME: list[tuple[Any, Any]] = [
    (plain("a", end={"b": [1]}), plain("a", end={"b": [1]})),
    (lambda: other("a"), lambda: other("a")),
    (with_default("a"), with_default("a")),
]
DIFFERENT: list[tuple[Any, Any]] = [
    (plain("a"), plain("b")),
    (plain("a", "b"), plain("b", "a")),
    (plain("a", end=1), plain("a", end=True)),
    (plain("a", end=0.0), plain("a", end=-0.0)),
    (plain("a", end={"x": 1, "y": 2}), plain("a", end={"y": 2, "x": 1})),
    (plain("a", end=["x"]), plain("a", end=("x",))),
    (plain("a"), other("a")),
    (lambda: other("a"), lambda: other("b")),
    (lambda: other("a"), lambda: plain("a")),
    (with_default("a"), with_default("b")),
    (object(), object()),
]


@for_each("pair", SAME)
def test_the_same_words_have_the_same_mark(pair: tuple[Any, Any]) -> None:
    assert pair[0] is not pair[1]
    assert fingerprint(pair[0]) == fingerprint(pair[1])


@for_each("pair", DIFFERENT)
def test_other_words_have_another_mark(pair: tuple[Any, Any]) -> None:
    assert fingerprint(pair[0]) != fingerprint(pair[1])


def test_what_holds_itself_has_a_mark() -> None:
    inside: list[Any] = []
    inside.append(inside)
    assert fingerprint(inside) != fingerprint([])


def test_what_an_earlier_test_has_is_given_and_what_one_test_asks_for_twice_is_made_twice() -> None:
    remembered, made = Remembered(), []

    def make() -> int:
        made.append(1)
        return len(made)

    first: set[Any] = set()
    assert [remembered.one((plain("a"),), make, first) for _ in range(3)] == [1, 2, 3]
    assert remembered.one((plain("a"),), make, set()) == 3
    assert remembered.one((plain("b"),), make, set()) == 4


def test_a_builder_that_tells_its_test_something_is_run_for_each() -> None:
    remembered = Remembered()

    def ask() -> list[str]:
        seen: list[str] = []
        build = lambda: seen.append("told")  # noqa: E731 - as tests write it
        remembered.one((build,), build, set())
        return seen

    assert [ask(), ask()] == [["told"], ["told"]]


@pytest.mark.parametrize("turn", [1, 2])
def test_tests_share_what_is_made_and_no_registration(deploy: Any, turn: int) -> None:
    made = deploy(plain("shared"))
    assert MADE.count("shared") == 1
    (registration,) = made.of("test:index:Plain").values()
    assert registration.inputs == {}
    registration.inputs["changed"] = turn


@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_that_changes_something_else_has_its_own(
    deploy: Any, monkeypatch: pytest.MonkeyPatch, turn: int
) -> None:
    before = MADE.count("changed")
    deploy(plain("changed"))
    assert MADE.count("changed") == before + 1, turn
