"""Cases that are gathered into one test: each is tried as if it were alone, and named when it fails."""

from collections.abc import Callable

import pytest

from tests.gathered import each, for_each


def refuse_odd(number: int) -> None:
    assert number % 2 == 0, f"{number} is odd"


def failed(call: Callable[[], None]) -> str:
    with pytest.raises(pytest.fail.Exception) as caught:
        call()
    return str(caught.value)


def test_all_that_fail_are_named_with_their_reason_and_place_and_none_that_passes() -> None:
    said = failed(lambda: each([1, 2, 3, 4], refuse_odd, lambda number: f"case {number}"))
    head, *cases = said.split("\n\n")
    assert head == "2 of 4 cases failed:"
    assert [case.splitlines()[0] for case in cases] == ["case 1", "case 3"]
    assert all("is odd" in case and "tests/test_gathered.py:" in case for case in cases)


def test_no_case_is_a_failure() -> None:
    with pytest.raises(AssertionError, match="no case"):
        each([], refuse_odd)


def test_a_gathered_test_asks_for_its_fixtures_and_gets_each_case_by_name() -> None:
    seen: list[tuple[int, str, str]] = []

    @for_each("number, text", [(1, "a"), (2, "b")])
    def gathered(number: int, given: str, text: str) -> None:
        seen.append((number, text, given))
        refuse_odd(number)

    assert failed(lambda: gathered(given="x")).splitlines()[:3] == ["1 of 2 cases failed:", "", "(1, 'a')"]
    assert seen == [(1, "a", "x"), (2, "b", "x")]


def test_what_a_case_does_to_what_it_changes_is_not_there_for_the_next() -> None:
    kept: list[int] = []

    @for_each("outer", [10, 20], changes=["changed"])
    @for_each("inner", [1, 2], changes=["changed"])
    def gathered(changed: list[int], kept: list[int], outer: int, inner: int) -> None:
        changed.append(outer + inner)
        kept.append(outer + inner)
        assert changed == [outer + inner]

    gathered(changed=[], kept=kept)
    assert kept == [11, 12, 21, 22]


def test_the_names_of_cases_are_as_many_as_the_cases_and_the_parameters_are_those_of_the_test() -> None:
    named = for_each("number", [2, 3], name=["two", "three"])(refuse_odd)
    assert "\n\nthree\n" in failed(named)
    with pytest.raises(ValueError, match="longer"):
        for_each("number", [2, 4], name=["two"])(refuse_odd)()
    with pytest.raises(AssertionError, match="has not all of"):
        for_each("other", [2])(refuse_odd)
