"""No test passes or fails by luck: generated examples are the same in every run."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers


def test_examples_are_the_same_in_every_run_unless_asked_for() -> None:
    def examples() -> list[int]:
        seen: list[int] = []

        @given(st.integers())
        def collect(number: int) -> None:
            seen.append(number)

        collect()
        return seen

    first, second = examples(), examples()
    assert len(first) > 10
    repeats = settings.get_current_profile_name() != "explore"
    assert (first == second) is repeats


def test_what_else_is_loaded_does_not_decide_either() -> None:
    repeats = settings.get_current_profile_name() != "explore"
    assert (len(providers._get_local_constants()) == 0) is repeats


def test_neither_the_clock_nor_an_earlier_run_decides() -> None:
    assert settings.default is not None
    assert settings.default.deadline is None
    assert settings.default.database is None
