"""A report is written as Python's own encoder would, byte by byte."""

import json

import pytest

from preflight import indented
from tests.gathered import for_each

DOCUMENT = {
    "texts": ["", "plain", 'quoted "and" \\', "tab\tline\nend", "\x00\x1f\x7f", "ü € 😀", "\u2028", "\ud800"],
    "numbers": [0, -1, 10**20, 0.1, 1e300, 1.0, -0.0, True, False, None],
    "empty": {"list": [], "map": {}, "lists": [[], [[]]], "maps": [{}, {"": {}}]},
    "b": {"z": 1, "a": {"ä": [1, {"x": [2]}]}, "B": None, 'key "quoted"\n': 1},
}


@for_each("value", [DOCUMENT, [], {}, "text", None, *DOCUMENT.values()])
def test_the_text_is_that_of_the_encoder_with_two_spaces_and_sorted_keys(value: object) -> None:
    assert indented.dumps(value) == json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError):
        indented.dumps({"set": {1}})
