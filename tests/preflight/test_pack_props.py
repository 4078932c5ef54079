"""What a policy in a forked pack gets for properties is what the SDK gives: answers, exceptions, paths and writes."""

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2
from pulumi_policy import deserialize, proxy

from preflight import pack_props
from preflight.wire import ASSET, SECRET, SIGNATURE, UNKNOWN
from tests.gathered import for_each

GIVEN = {
    "name": "a",
    "count": 2.0,
    "on": False,
    "none": None,
    "late": UNKNOWN,
    "tags": {"Name": "a", "late": proxy.UNKNOWN_ARRAY_VALUE},
    "rules": [{"port": 1.0, "to": [UNKNOWN]}, "text", proxy.UNKNOWN_NUMBER_VALUE, [], {}],
    "__target": "a property of this name cannot be asked for",
}
ASKED: dict[str, Callable[[Any], Any]] = {
    "a text": lambda p: p["name"],
    "a number, a flag and nothing": lambda p: [p["count"], p["on"], p["none"]],
    "what is not there": lambda p: p["nothing"],
    "what is not there, with a default": lambda p: p.get("nothing", 7),
    "what cannot be a key": lambda p: p[[]],
    "an unknown value": lambda p: p["late"],
    "an unknown value by get": lambda p: p.get("late", 7),
    "whether an unknown value is there": lambda p: "late" in p,
    "an unknown value below": lambda p: p["tags"]["late"],
    "an unknown value in lists": lambda p: p["rules"][0]["to"][0],
    "an unknown value from the end": lambda p: p["rules"][-3],
    "an unknown value below what was counted from the end": lambda p: p["rules"][-5]["to"][-1],
    "beyond the end": lambda p: p["rules"][9],
    "a part of a list": lambda p: [type(one).__name__ for one in p["rules"][1:]],
    "what is in a part of a list": lambda p: p["rules"][:1][0]["to"][0],
    "a list by a text": lambda p: p["rules"]["port"],
    "a list by a flag": lambda p: p["rules"][True],
    "lengths": lambda p: [len(p), len(p["tags"]), len(p["rules"]), len(p["rules"][3])],
    "names in their order": lambda p: [*p, *p.keys(), *p["tags"]],
    "all values": lambda p: list(p.values()),
    "all values of a list": lambda p: list(p["rules"]),
    "all that is known": lambda p: {key: p[key] for key in ("name", "count")} | {"port": p["rules"][0]["port"]},
    "what is in a list": lambda p: ["text" in p["rules"], p["rules"].index("text")],
    "a list backwards": lambda p: [type(one).__name__ for one in reversed(p["rules"][3:])] + [*reversed(p["rules"][3])],
    "equal ones": lambda p: [p["rules"][4] == {}, p["rules"][3] == []],
    "one and the same": lambda p: [p["tags"] is p["tags"], p["rules"][0] is p["rules"][-5], p["rules"] is p["tags"]],
    "the same after a look behind": lambda p: [p["tags"], p["__target"]["tags"]][0] is p["tags"],
    "kinds": lambda p: [isinstance(p, Mapping), isinstance(p["rules"], Sequence), isinstance(p, proxy._DictProxy),
                        isinstance(p["rules"], proxy._ListProxy), type(p).__name__, type(p["rules"]).__name__],
    "what is behind": lambda p: sorted(p["__target"]),
    "unknown values behind": lambda p: [p["__target"]["late"], p["rules"]["__target"][2]],
    "an unknown value below what is behind": lambda p: p["__target"]["tags"]["late"],
    "all of it for the engine": deserialize.serialize_properties,
    "a new one": lambda p: [p.__setitem__("new", {"a": UNKNOWN}), p["new"], type(p["new"]).__name__, [*p], len(p)],
    "one in the place of another": lambda p: [p.__setitem__("tags", UNKNOWN), p["tags"]],
    "a new one below": lambda p: [p["tags"].__setitem__("x", "y"), p["tags"]["x"], deserialize.serialize_properties(p)],
    "one that was looked at before": lambda p: [len(p["tags"]), p["tags"].__setitem__("Name", "b"), p["tags"]["Name"]],
    "a write behind": lambda p: [p["__target"].__setitem__("name", "b"), p["name"], p["__target"].pop("late"), len(p)],
    "a write into a list": lambda p: p["rules"].__setitem__(0, 1),
    "deleting": lambda p: p.__delitem__("name"),
}  # fmt: skip


def _told(ask: Callable[[Any], Any], props: Any) -> Any:
    """The answer, or the exception with what a policy can see of it."""
    try:
        return ask(props)
    except Exception as error:  # noqa: BLE001  whatever it is, it must be the same
        return type(error), error.args, getattr(error, "props", None), getattr(error, "message", None)


@for_each("asked", ASKED)
def test_each_look_and_each_write_is_answered_as_by_the_sdk(asked: str) -> None:
    expected = _told(ASKED[asked], proxy.unknown_checking_proxy(copy.deepcopy(GIVEN)))
    mine = copy.deepcopy(GIVEN)
    assert _told(ASKED[asked], pack_props.wrapped(mine)) == expected
    assert mine == GIVEN, "others have it as well"


def _struct(values: dict[str, Any]) -> struct_pb2.Struct:
    message = struct_pb2.Struct()
    message.update(values)
    return message


@pytest.fixture
def read() -> Callable[[struct_pb2.Struct], Any]:
    """How the server of a pack reads the properties of a resource, in the call AnalyzeStack."""
    properties = pack_props.Properties()
    properties.during("AnalyzeStack")
    return lambda message: pack_props.wrapped(pack_props._deserialized(properties._read(message)))


def test_what_a_policy_writes_is_not_seen_by_the_next_one(read: Callable[[struct_pb2.Struct], Any]) -> None:
    one, other = read(_struct({"tags": {"a": "1"}})), read(_struct({"tags": {"a": "1"}}))
    one["tags"]["a"] = "2"
    one["new"] = "x"
    assert deserialize.serialize_properties(one) == {"tags": {"a": "2"}, "new": "x"}
    assert deserialize.serialize_properties(other) == {"tags": {"a": "1"}}
    assert deserialize.serialize_properties(read(_struct({"tags": {"a": "1"}}))) == {"tags": {"a": "1"}}


def test_a_message_is_read_once_a_call_but_for_what_a_policy_could_change() -> None:
    properties = pack_props.Properties()
    plain, secret = _struct({"a": [{"b": 1}]}), _struct({"a": {SIGNATURE: SECRET, "value": "s"}})
    asset = _struct({"a": {SIGNATURE: ASSET, "text": "t"}})
    for call in ("", "Configure", "Remediate"):
        properties.during(call)
        assert properties._read(plain) is not properties._read(plain), "the configuration of a policy is its own"
    for call in ("AnalyzeStack", "Analyze"):
        properties.during(call)
        assert properties._read(plain) is properties._read(_struct({"a": [{"b": 1}]}))
        for marked in (secret, asset):
            first, second = (pack_props._deserialized(properties._read(marked)) for _ in range(2))
            assert first is not second
            assert first["a"] == "s" or (first["a"].text == "t" and first["a"] is not second["a"])
    before = properties._read(plain)
    properties.during("AnalyzeStack")
    assert properties._read(plain) is not before, "nothing is kept from one call to the next"
    assert properties._read(plain) == before


def test_of_a_message_that_comes_once_nothing_is_kept_for_long() -> None:
    properties = pack_props.Properties()
    properties.during("Analyze")
    for number in range(100):
        properties._read(_struct({"number": number}))
    assert len(properties._kept) <= 16


def test_remediation_is_told_what_is_secret(read: Callable[[struct_pb2.Struct], Any]) -> None:
    properties = pack_props.Properties()
    properties.during("Remediate")
    props = pack_props._deserialized(
        properties._read(_struct({"a": {SIGNATURE: SECRET, "value": "s"}, "b": "c"})), True
    )
    assert props["a"] == "s"
    assert type(pack_props._deserialized(pack_props._Plain(b="c"), True)) is type(props)
    assert deserialize.serialize_properties(props) == {"a": {SIGNATURE: SECRET, "value": "s"}, "b": "c"}


def test_a_struct_is_read_as_by_the_sdk() -> None:
    values = {"a": 1, "b": 1.5, "c": True, "d": None, "e": ["x", {"y": []}, {}], "f": -0.0}
    message = _struct(values)
    expected = json_format.MessageToDict(message)
    assert json.dumps(pack_props.to_dict(message)) == json.dumps(expected)
    message.fields["g"].number_value = float("nan")
    with pytest.raises(ValueError, match="NaN"):
        json_format.MessageToDict(message)
    with pytest.raises(ValueError, match="NaN"):
        pack_props.to_dict(message)
