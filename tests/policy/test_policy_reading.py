"""Known, unknown and absent are never mistaken for one another, on pulumi_policy's proxies as on plain dicts."""

from typing import Any

import pytest
from guardrails.reading import (
    ABSENT,
    Known,
    Props,
    Record,
    UnexpectedShapeError,
    Unknown,
    or_default,
    unset_if_computed,
)

from tests.gathered import for_each
from tests.policy.graphs import UNKNOWN, real

RAW = {
    "flag": True,
    "spelled": "true",
    "port": 443,
    "name": "web",
    "unset": "",
    "nothing": None,
    "hidden": UNKNOWN,
    "block": {"inner": "x", "secret": UNKNOWN, "__defaults": []},
    "nested": [{"inner": "x"}],
    "list": ["a", UNKNOWN, "c"],
    "single": "a",
}


@pytest.fixture(params=[real, dict], ids=["proxies", "plain"])
def props(request: pytest.FixtureRequest) -> Props:
    return Props(request.param(RAW), {"hidden": ("urn:source",), "list": ("urn:other",)})


def test_scalars_come_in_their_own_type(props: Props) -> None:
    assert props.flag("flag") == Known(True)
    assert props.flag("spelled") == Known(True), "some types want booleans as strings"
    port = props.number("port")
    assert port == Known(443)
    assert isinstance(port, Known)
    assert isinstance(port.value, int), "numbers arrive as floats"
    assert props.text("port") == Known("443")


def test_an_unknown_says_where_it_comes_from_and_has_no_value(props: Props) -> None:
    hidden = props.text("hidden")
    assert hidden == Unknown(("urn:source",))
    assert not hasattr(hidden, "value"), "a control that forgets the unknown must fail, not pass"


@for_each("reader", ["text", "flag", "number", "record", "items", "document"])
def test_no_reader_raises_on_an_unknown(props: Props, reader: str) -> None:
    assert getattr(props, reader)("hidden") == Unknown(("urn:source",))
    assert getattr(props, reader)("missing") == ABSENT


def test_empty_strings_and_nulls_are_not_set(props: Props) -> None:
    assert props.text("unset") == ABSENT
    assert props.text("nothing") == ABSENT


def test_a_block_keeps_the_sources_of_its_top_level_property() -> None:
    found = Props(real(RAW), {"block": ("urn:x",)}).record("block")
    assert isinstance(found, Known)
    assert found.value.text("secret") == Unknown(("urn:x",))
    assert found.value.names() == ["inner", "secret"], "the bridge's own keys are no properties"


def test_a_block_in_a_list_of_one_reads_as_a_block(props: Props) -> None:
    found = props.record("nested")
    assert isinstance(found, Known)
    assert found.value.text("inner") == Known("x")


def test_a_list_tells_its_unknown_elements_from_the_known(props: Props) -> None:
    found = props.items("list")
    assert isinstance(found, Known)
    assert list(found.value.texts()) == [Known("a"), Unknown(("urn:other",)), Known("c")]


def test_one_value_where_a_list_is_due_is_a_list_of_one(props: Props) -> None:
    found = props.items("single")
    assert isinstance(found, Known)
    assert list(found.value.texts()) == [Known("a")]


def test_only_a_traced_unknown_without_source_counts_as_computed() -> None:
    assert unset_if_computed(Unknown()) == ABSENT
    assert unset_if_computed(Unknown(("urn:a",))) == Unknown(("urn:a",))
    alone = Props(real({"ingress": UNKNOWN}), None).items("ingress")
    assert unset_if_computed(alone) == alone, (
        "in a resource policy nobody can see sources, so nothing is known to be unset"
    )


def test_an_edge_to_a_resource_that_was_not_sent_is_no_sign_that_nobody_set_it() -> None:
    read = Props(real({"ingress": UNKNOWN}), {"ingress": ()}).items("ingress")
    assert isinstance(read, Unknown)
    assert not read.computed


def test_a_default_fills_what_is_absent_and_nothing_else() -> None:
    assert or_default(ABSENT, False) == Known(False)
    assert or_default(Unknown(("urn:a",)), False) == Unknown(("urn:a",))


@for_each("reader, raw", [("flag", "hunter2"), ("number", "hunter2"), ("record", "hunter2"),
                                             ("text", {"a": "hunter2"})])  # fmt: skip
def test_a_wrong_shape_is_named_without_its_value(reader: str, raw: Any) -> None:
    with pytest.raises(UnexpectedShapeError, match="'key'") as raised:
        getattr(Record({"key": raw}, Unknown()), reader)("key")
    assert "hunter2" not in str(raised.value)
