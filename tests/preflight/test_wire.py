"""Plain values with Pulumi's marks: as a provider gets them, and bare of all marks for arithmetic."""

from typing import Any

from preflight.wire import ASSET, OUTPUT, REFERENCE, SECRET, SIGNATURE, UNKNOWN, bare, flat
from tests.gathered import for_each


def _secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "value": value}


def _output(**said: Any) -> dict[str, Any]:
    return {SIGNATURE: OUTPUT, "dependencies": [], **said}


MADE = {SIGNATURE: REFERENCE, "urn": "urn:a", "id": "a-1"}
# A value, as a provider gets it, and bare.
VALUES: dict[str, tuple[Any, Any, Any]] = {
    "plain": ({"a": [1, 2.5, True, None, "", {}, []]}, {"a": [1, 2.5, True, None, "", {}, []]}, {"a": [1, 2.5, True, None, "", {}, []]}),
    "a secret": (_secret("s"), _secret("s"), "s"),
    "secrets in lists in secrets": (_secret([{"a": _secret("s")}]), _secret([{"a": _secret("s")}]), [{"a": "s"}]),
    "an output": ([_output(value={"a": 1})], [{"a": 1}], [{"a": 1}]),
    "a secret output": (_output(value=["s"], secret=True), _secret(["s"]), ["s"]),
    "a secret in a secret output": (_output(value=_secret("s"), secret=True), _secret("s"), "s"),
    "an unknown output": ({"a": _output()}, {"a": UNKNOWN}, {"a": UNKNOWN}),
    "an unknown secret output": (_output(secret=True), _secret(UNKNOWN), UNKNOWN),
    "a resource": ([MADE], ["a-1"], ["a-1"]),
    "a resource in a secret": (_secret({"a": MADE}), _secret({"a": "a-1"}), {"a": "a-1"}),
    "one that is not made": ({**MADE, "id": ""}, UNKNOWN, UNKNOWN),
    "a component": ({SIGNATURE: REFERENCE, "urn": "urn:a"}, "urn:a", "urn:a"),
    "an asset": ({SIGNATURE: ASSET, "text": _secret("t")}, {SIGNATURE: ASSET, "text": _secret("t")}, {SIGNATURE: ASSET, "text": "t"}),
}  # fmt: skip


@for_each("value", VALUES)
def test_marks_are_taken_off_at_any_depth(value: str) -> None:
    given, as_a_provider_gets_it, plain = VALUES[value]
    assert flat(given) == as_a_provider_gets_it
    assert bare(given) == plain
    assert bare(flat(given)) == plain


def test_the_answer_may_be_written_into() -> None:
    given = {"a": [1], "b": {"c": [{}]}}
    for copy in (flat(given), bare(given)):
        copy["a"].append(2)
        copy["b"]["c"][0]["d"] = 3
    assert given == {"a": [1], "b": {"c": [{}]}}
