"""Whatever stands in a stack file, the answer is settings or one readable message, never a traceback."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pulumi
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Place = tuple[str | int, ...]

ODD: list[Any] = [
    None,
    True,
    -1,
    0,
    0.5,
    1e308,
    2**70,
    "",
    " ",
    "ü",
    "\n",
    "a" * 5000,
    [],
    [None],
    {},
    {"": ""},
    {"secure": 1},
    {"a.b[0]": None},
    {"engine": []},
    {"image": {}},
]


def places(node: Any, above: Place = ()) -> Iterator[Place]:
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, child in entries:
        yield (*above, name)
        yield from places(child, (*above, name))


@pytest.fixture
def answer(
    stack_file: Callable[[Mapping[str, Any]], dict[str, Any]], load_config: Callable[..., Any]
) -> Callable[..., str]:
    def answer(changes: list[tuple[int, Any]]) -> str:
        config = stack_file({})["config"]
        for index, value in changes:
            known = list(places(config))
            *way, last = known[index % len(known)]
            here: Any = config
            for part in way:
                here = here[part]
            here[last] = json.loads(json.dumps(value))
        try:
            load_config(config)
        except pulumi.RunError as error:
            return str(error)
        return "fine"

    return answer


def test_any_odd_value_at_any_place_has_a_readable_answer(
    answer: Callable[..., str], stack_file: Callable[..., dict[str, Any]], warned: list[str]
) -> None:
    count = len(list(places(stack_file({})["config"])))
    assert count > 90
    for index in range(count):
        for odd in ODD[index % 5 :: 5]:  # a fifth of them at each place, another fifth at the next
            text = answer([(index, odd)])
            assert text == "fine" or text.startswith("the settings of stack 'prod'")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 500), st.sampled_from(ODD)), min_size=2, max_size=6))
def test_several_odd_values_together_have_a_readable_answer(
    answer: Callable[..., str], warned: list[str], changes: list[tuple[int, Any]]
) -> None:
    text = answer(changes)
    assert text == "fine" or text.startswith("the settings of stack 'prod'")
    assert "pydantic" not in text
