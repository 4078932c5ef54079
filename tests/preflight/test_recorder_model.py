"""The recording as a document, the builder of URNs, durations, and values on the wire."""

import json
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight import options, recording, wire
from preflight.recording import Recording, RecordingError, Resource
from preflight.registry import make_urn
from tests.gathered import for_each

TYPES = st.builds(  # [a-z-]{1,8}:[a-z0-9/]{1,12}:[A-Z][A-Za-z]{0,9}, which takes a multiple to make by its pattern
    "{}:{}:{}{}".format,
    st.text(f"{ascii_lowercase}-", min_size=1, max_size=8),
    st.text(f"{ascii_lowercase}{digits}/", min_size=1, max_size=12),
    st.sampled_from(ascii_uppercase),
    st.text(ascii_letters, max_size=9),
)
NAMES = st.text(min_size=1, max_size=20)


def resource(**change: Any) -> Resource:
    fields: dict[str, Any] = {
        "urn": "urn:pulumi:dev::demo::t::a", "type": "t", "name": "a", "parent": None, "custom": True, "remote": False,
        "id": "i-1", "inputs": {"x": 1}, "outputs": {"y": {recording.UNKNOWN: True}},
        "property_dependencies": {"x": ["u"]}, "dependencies": ["u"], "options": {"protect": True}, "source": "a.py:1",
        **change,
    }  # fmt: skip
    return Resource(**fields)


def run(**change: Any) -> Recording:
    fields: dict[str, Any] = {
        "project": "demo", "stack": "dev", "mode": "preview", "resources": (resource(),), "exports": {"b": 1, "a": 2},
        "notes": ("n",), "lookups": ({"token": "t", "args": {}, "result": {}, "source": None},), **change,
    }  # fmt: skip
    return Recording(**fields)


def test_a_recording_survives_being_written_and_read() -> None:
    document = json.loads(json.dumps(run().to_json()))
    assert Recording.from_json(document).to_json() == document


def test_the_order_of_registration_leaves_no_trace() -> None:
    first, second = resource(), resource(urn="urn:pulumi:dev::demo::t::b", name="b")
    texts = {json.dumps(run(resources=pair).to_json()) for pair in ((first, second), (second, first))}
    assert len(texts) == 1
    assert list(run().to_json()["exports"]) == ["a", "b"]


def test_a_recording_of_another_schema_is_refused() -> None:
    with pytest.raises(RecordingError, match="schema 99"):
        Recording.from_json({**run().to_json(), "schema": 99})


class TestUrn:
    @given(st.lists(TYPES, min_size=1, max_size=5), NAMES)
    def test_names_all_ancestors_but_the_stack(self, types: list[str], name: str) -> None:
        urn = make_urn("dev", "demo", "", "pulumi:pulumi:Stack", "demo-dev")
        for type_token in types:
            urn = make_urn("dev", "demo", urn, type_token, name)
        assert urn == f"urn:pulumi:dev::demo::{'$'.join(types)}::{name}"

    @given(TYPES, TYPES, NAMES, NAMES)
    def test_is_another_for_another_name_type_or_parent(self, one: str, two: str, name: str, other: str) -> None:
        base = make_urn("dev", "demo", "", one, name)
        assert (make_urn("dev", "demo", "", one, other) == base) is (name == other)
        assert make_urn("dev", "demo", base, two, other) != make_urn("dev", "demo", "", two, other)

    def test_keeps_colons_in_names_apart_from_types(self) -> None:
        parent = make_urn("dev", "demo", "", "a:b:C", "odd::name")
        assert make_urn("dev", "demo", parent, "d:e:F", "x") == "urn:pulumi:dev::demo::a:b:C$d:e:F::x"


@for_each("text, expected", [("30s", 30), ("10m", 600), ("1h30m", 5400), ("1.5h", 5400), ("100ms", 0.1)])
def test_a_timeout_is_in_seconds(text: str, expected: float) -> None:
    assert options.seconds(text) == expected


@for_each("text", ["", "10", "ten minutes", "5m ", "m5"])
def test_a_timeout_that_is_no_duration_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        options.seconds(text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4))
def test_values_survive_the_wire(values: dict[str, Any]) -> None:
    assert wire.plain(wire.struct(values)) == values


class TestRedaction:
    @given(VALUES, st.lists(st.sampled_from(["list", "map"]), max_size=3))
    def test_a_secret_is_gone_wherever_it_is(self, value: Any, around: list[str]) -> None:
        hidden: Any = wire.secret({"value": "hunter22", "more": value})
        for kind in around:
            hidden = [hidden, 1] if kind == "list" else {"k": hidden}
        assert "hunter22" not in json.dumps(wire.redacted(hidden))
        assert '{"$secret": true}' in json.dumps(wire.redacted(hidden))

    def test_marks_become_those_of_a_recording(self) -> None:
        output = {wire.SIGNATURE: wire.OUTPUT, "value": [1], "dependencies": ["u"]}
        assert wire.redacted(wire.UNKNOWN) == {"$unknown": True}
        assert wire.redacted({wire.SIGNATURE: wire.OUTPUT}) == {"$unknown": True}
        assert wire.redacted(output) == [1]
        assert wire.redacted({**output, "secret": True}) == {"$secret": True}
        assert wire.redacted(wire.reference("u", None)) == {"$resource": {"id": {"$unknown": True}, "urn": "u"}}
        assert wire.redacted({wire.SIGNATURE: wire.ASSET, "path": "x"}) == {"$asset": {"path": "x"}}
        assert wire.redacted({wire.SIGNATURE: wire.ARCHIVE, "path": "x"}) == {"$archive": {"path": "x"}}

    def test_a_provider_gets_ids_in_place_of_references(self) -> None:
        assert wire.flat({"a": wire.reference("u", "vpc-1"), "b": [wire.reference("u", None)]}) == {
            "a": "vpc-1",
            "b": [wire.UNKNOWN],
        }
        assert wire.flat(wire.secret("x")) == wire.secret("x")
