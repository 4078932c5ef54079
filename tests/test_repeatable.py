"""No test passes or fails by luck: generated examples are the same in every run."""

import contextvars

import pulumi
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers
from pulumi.runtime.settings import ROOT

from tests.conftest import Deployment


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


def test_the_first_deployment_of_a_process_has_what_a_later_one_has() -> None:
    def resources() -> list[str]:
        return Deployment(lambda: pulumi.ComponentResource("test:index:Plain", "one")).urns

    def first() -> list[str]:
        ROOT.set(None)
        return resources()

    assert (
        contextvars.copy_context().run(first) == resources() == ["urn:pulumi:test::groundwork::test:index:Plain::one"]
    )
