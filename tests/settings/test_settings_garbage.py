"""Whatever stands in a stack file, the answer is settings or one readable message, never a traceback.

Nothing here depends on luck: every odd value at every place, and piles of them from fixed seeds.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from random import Random
from typing import Any

import pulumi
import pytest

from tests.gathered import for_each

Place = tuple[str | int, ...]
Answer = Callable[[dict[str, Any]], str]

ODD: list[Any] = [
    None, True, False, -1, 0, 1, 0.5, 1e308, float("nan"), float("-inf"), 2**70, 10**400,
    "", " ", "ü", "\n", "\x00", "\ud800", "\x1b[2J", "a" * 5000, "1", "9" * 30, "٢٤", "nan", "/", "..", "::/0",
    [], [None], [[]], ["us-east-1a", 1, None],
    {}, {"": ""}, {"secure": 1}, {"a.b[0]": None}, {"[key]": 1}, {"\ud800": 1}, {"self": 1},
    {"engine": []}, {"engine": 0}, {"engine": None}, {"engine": {}}, {"kind": True}, {"image": {}},
]  # fmt: skip
NAMES = ("databases", "buckets", "groundwork:services", "environment", "uses")  # maps from names that somebody gives
JARGON = ("Input should", "type=", "pydantic", "Traceback", "JsonValue", "<class")


def places(node: Any, above: Place = ()) -> Iterator[Place]:
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, child in entries:
        yield (*above, name)
        yield from places(child, (*above, name))


def at(config: Any, place: Place) -> Any:
    for part in place:
        config = config[part]
    return config


def put(config: dict[str, Any], place: Place, value: Any) -> None:
    at(config, place[:-1])[place[-1]] = deepcopy(value)


@pytest.fixture
def config(stack_file: Callable[[Mapping[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    fine: dict[str, Any] = stack_file({})["config"]
    return fine


@pytest.fixture
def answer(load_config: Callable[..., Any]) -> Answer:
    """What is said about a configuration; the message is checked for its form and for what it must not hold."""

    def answer(config: dict[str, Any]) -> str:
        try:
            load_config(config)
        except pulumi.RunError as error:
            text = str(error)
        else:
            return "fine"
        head, *mistakes = text.split("\n\n")
        assert head.startswith("the settings of stack 'prod' (Pulumi.prod.yaml) have ")
        assert mistakes
        for mistake in mistakes:
            key, *said = mistake.split("\n")
            assert [line[:13] for line in said] == ["    problem: ", "    given:   ", "    allowed: ", "    change:  "]
            assert all(len(line) > 13 for line in said)
            assert key.strip()
        assert text.replace("\n", "").isprintable(), "nothing that a terminal would obey, nothing without an encoding"
        assert not [word for word in JARGON if word in text]
        assert not re.search(r"\b(None|True|False)\b", text), "words of Python's that the stack file does not know"
        return text

    return answer


def test_any_odd_value_at_any_place_has_a_readable_answer(
    answer: Answer, config: dict[str, Any], warned: list[str]
) -> None:
    everywhere = list(places(config))
    assert len(everywhere) > 90
    refused = 0
    for index, place in enumerate(everywhere):
        for odd in ODD[index % 5 :: 5]:  # a fifth of them at each place, another fifth at the next
            changed = deepcopy(config)
            put(changed, place, odd)
            refused += answer(changed) != "fine"
    assert refused > 700, "nearly all of them are mistakes"


@for_each("odd", ODD, name=ascii)
def test_any_odd_value_for_what_tells_kinds_apart_is_named(answer: Answer, config: dict[str, Any], odd: Any) -> None:
    for place in (("groundwork:data", "databases", "main", "engine"), ("groundwork:services", "web", "kind")):
        changed = deepcopy(config)
        put(changed, place, odd)
        key = ".".join(map(str, place))
        assert f"\n  {key}" in answer(changed)


@for_each("seed", range(8))
def test_several_odd_values_together_have_a_readable_answer(
    answer: Answer, config: dict[str, Any], warned: list[str], seed: int
) -> None:
    random = Random(seed)
    for _ in range(40):
        changed = deepcopy(config)
        for _ in range(random.randint(2, 7)):
            everywhere = list(places(changed))
            place = random.choice(everywhere)
            if random.random() < 0.6:
                put(changed, place, random.choice(ODD))
            else:  # a value from elsewhere: of a right form, at a wrong place
                put(changed, place, at(changed, random.choice(everywhere)))
        answer(changed)


@for_each("name", ["", "a b", "[key]", "engine", "postgres", "\x1b[2J", "a" * 300, "\n", "\ud800", ":"], name=ascii)
def test_any_odd_key_at_any_place_has_a_readable_answer(answer: Answer, config: dict[str, Any], name: str) -> None:
    def with_it(places: list[Place], value: object) -> dict[str, Any]:
        changed = deepcopy(config)
        for place in places:
            at(changed, place)[name if place else f"groundwork:{name}"] = value
        return changed

    maps = [place for place in [(), *places(config)] if isinstance(at(config, place), dict)]
    whole = name == "\ud800"  # without an encoding: the section is mistaken as a whole
    alone = [place for place in maps if whole or (place and place[-1] in NAMES) or name in at(config, place)]
    values: list[Any] = [1, None, {}, "x"]
    for index, place in enumerate(alone):
        for odd in values[index % 2 :: 2]:  # two of them at each place, the others at the next
            answer(with_it([place], odd))
    unknown = [place for place in maps if place not in alone]
    assert whole or len(unknown) > 15
    for odd in values:  # whatever it is: nobody looks at it, and each of the keys is said to be none
        assert whole or answer(with_it(unknown, odd)).count("problem: there is no such ") == len(unknown)
