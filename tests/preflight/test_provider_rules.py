"""The rules that are read from the schemas of the provider: what each kind of them takes and refuses, and that every file
speaks of arguments that there are, once, in the form that is read."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from preflight.simulation import checks, combined, limits, provider_rules, ranges, ranges_stores
from preflight.simulation.checks import UNKNOWN
from tests.gathered import for_each
from tests.preflight.sdk_arguments import arguments_of, form_of, has

FILES = sorted(provider_rules._FOLDER.glob("*.json"))
GROUPS = {"conflicts", "one", "some", "needs"}
KINDS = {"arn", "atLeast", "atMost", "between", "form", "items", "json", "length", "matches", "oneOf"}
MORE = {"matches": {"says"}, "oneOf": {"anyCase"}}
TOKEN = "aws:dax/cluster:Cluster"
CLUSTER = {"clusterName": "a", "iamRoleArn": UNKNOWN, "nodeType": "dax.t3.small", "replicationFactor": 1}


def said(document: dict[str, Any], path: str) -> list[dict[str, Any]]:
    rules = document["values"][path]
    return rules if isinstance(rules, list) else [rules]


def judged(path: str, rule: Any, value: Any, monkeypatch: pytest.MonkeyPatch, **groups: Any) -> list[str]:
    """What is refused of an argument by one rule."""
    found = {TOKEN: {"values": {path: rule} if path else {}, **groups}}
    read_anew_now()
    monkeypatch.setattr(provider_rules, "_module", lambda _: found)
    problems = checks.refused(TOKEN, {**CLUSTER, **value})
    return [f"{each.property}: {each.reason}" for each in problems]


def read_anew_now() -> None:
    provider_rules.of_type.cache_clear()
    checks._rules.cache_clear()


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    yield
    read_anew_now()


@for_each(
    "rule, right, wrong, reason",
    [
        ({"between": [2, 5]}, [2, 5, "3", UNKNOWN], 6, "expected 2 to 5, got 6"),
        ({"atLeast": 2}, [2, 99, "2"], 1, "expected at least 2, got 1"),
        ({"atMost": 2}, [2, 0], 3, "expected at most 2, got 3"),
    ],
)
def test_a_number_is_held_to_its_bounds(rule: Any, right: list[Any], wrong: Any, reason: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for value in right:
            assert judged("replicationFactor", rule, {"replicationFactor": value}, patch) == []
        assert judged("replicationFactor", rule, {"replicationFactor": wrong}, patch) == [
            f"replicationFactor: {reason}"
        ]


@for_each(
    "rule, right, wrong, reason",
    [
        ({"length": [2, 4]}, ["ab", "abcd", "", UNKNOWN], "abc\u00e9", "expected 2 to 4 characters, got 5"),
        ({"oneOf": ["a", "b"]}, ["a", ""], "A", "expected one of a, b, got A"),
        ({"oneOf": ["a", "b"], "anyCase": True}, ["A", "b"], "c", "expected one of a, b, got c"),
        ({"matches": "[a-z]+", "says": "small letters"}, ["abc", ""], "abc1", "'abc1' is not small letters"),
        ({"arn": True}, ["arn:aws:acm:eu-west-1:111122223333:certificate/a", ""], "a", "is not an ARN"),
        ({"json": True}, ["{}", ""], "{", "contains an invalid JSON"),
        ([{"length": [1, 3]}, {"matches": "a+", "says": "a"}], ["aaa"], "aaaa", "expected 1 to 3 characters, got 4"),
    ],
)
def test_a_text_is_held_to_its_form(rule: Any, right: list[Any], wrong: Any, reason: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for value in right:
            assert judged("description", rule, {"description": value}, patch) == []
        (found,) = judged("description", rule, {"description": wrong}, patch)
        assert found.startswith("description: ")
        assert reason in found


def test_an_empty_text_is_judged_where_the_file_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = {"oneOf": ["a"], "empty": True}
    assert judged("description", rule, {"description": ""}, monkeypatch) == ["description: expected one of a, got "]


@for_each("count, reason", [(1, "expected 2 to 3, got 1"), (2, ""), (3, ""), (4, "expected 2 to 3, got 4"), (0, "")])
def test_a_list_has_so_many_elements_and_an_empty_one_that_nobody_asks_for_is_none(count: int, reason: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        found = judged("availabilityZones", {"items": [2, 3]}, {"availabilityZones": ["a"] * count}, patch)
    assert found == ([f"availabilityZones: {reason}"] if reason else [])


@for_each(
    "bounds, count, reason",
    [([1, 2], 0, "expected 1 to 2, got none"), ([1, None], 0, "expected 1 or more, got none"), ([None, 1], 2, "expected 1 at most, got 2"), ([1, None], 9, "")],
)  # fmt: skip
def test_a_list_that_is_asked_for_is_not_empty(bounds: list[int | None], count: int, reason: str) -> None:
    token = "aws:lb/listener:Listener"
    action = {"type": "forward", "targetGroupArn": UNKNOWN}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provider_rules, "_module", lambda _: {token: {"values": {"defaultActions": {"items": bounds}}}})
        read_anew_now()
        found = checks.refused(token, {"loadBalancerArn": UNKNOWN, "defaultActions": [action] * count})
    assert [each.reason for each in found if each.property == "defaultActions"] == ([reason] if reason else [])


@for_each(
    "groups, inputs, reasons",
    [
        ({"conflicts": [["description", "maintenanceWindow"]]}, {"description": "a", "maintenanceWindow": "b"}, ["description: conflicts with maintenance_window"]),
        ({"conflicts": [["description", "maintenanceWindow"]]}, {"description": "a", "maintenanceWindow": ""}, []),
        ({"conflicts": [["description", "maintenanceWindow"]]}, {"description": "a", "maintenanceWindow": UNKNOWN}, []),
        ({"one": [["description", "maintenanceWindow"]]}, {}, [": one of description, maintenance_window has to be given"]),
        ({"one": [["description", "maintenanceWindow"]]}, {"description": UNKNOWN}, []),
        ({"one": [["description", "maintenanceWindow"]]}, {"description": "a", "maintenanceWindow": "b"}, ["description: conflicts with maintenance_window"]),
        ({"some": [["description", "maintenanceWindow"]]}, {}, [": one of description, maintenance_window has to be given"]),
        ({"some": [["description", "maintenanceWindow"]]}, {"description": "a", "maintenanceWindow": "b"}, []),
        ({"needs": [["description", "maintenanceWindow"]]}, {"description": "a"}, ["maintenanceWindow: is required with description"]),
        ({"needs": [["description", "maintenanceWindow"]]}, {"description": "a", "maintenanceWindow": UNKNOWN}, []),
        ({"needs": [["description", "maintenanceWindow"]]}, {"maintenanceWindow": "a"}, []),
    ],
)  # fmt: skip
def test_arguments_that_exclude_or_need_each_other_are_told(groups: Any, inputs: Any, reasons: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        assert judged("", {}, inputs, patch, **groups) == reasons


@for_each("path", FILES, name=lambda path: path.stem)
def test_a_file_is_in_the_form_that_is_read(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document.keys() == {"source", "types"}
    assert re.fullmatch(
        r"terraform-provider-aws, copies of 2022 to 2026, internal/service/.+, read 2026-11", document["source"]
    )
    for token, schema in document["types"].items():
        assert token.startswith(f"aws:{path.stem}/"), token
        assert limits.SAME.get(token, token) == token, "read under its first name"
        assert schema, token
        assert schema.keys() <= {*GROUPS, "values"}, token
        for place in schema.get("values", {}):
            for rule in said(schema, place):
                (kind,) = rule.keys() & KINDS
                assert rule.keys() <= {kind, "empty", *MORE.get(kind, set())}, f"{token} {place}"
    assert all(provider_rules.of_type(token) for token in document["types"]), "each is built"


@for_each("path", FILES, name=lambda path: path.stem)
def test_a_file_names_arguments_of_the_sdk(path: Path) -> None:
    wrong = []
    for token, schema in json.loads(path.read_text(encoding="utf-8"))["types"].items():
        arguments = arguments_of(token)
        keys = [key for kind in GROUPS for group in schema.get(kind, ()) for key in group]
        wrong += [f"{token} {key}" for key in (*keys, *schema.get("values", ())) if not has(arguments, key)]
        for place in schema.get("values", {}):
            form = form_of(arguments, place)
            lists = form is not None and form.many is not None and not place.endswith("[]")
            wrong += [f"{token} {place}: {rule}" for rule in said(schema, place) if ("items" in rule) != lists]
    assert wrong == []


@for_each("path", FILES, name=lambda path: path.stem)
def test_no_rule_of_a_file_stands_in_a_table_too(path: Path) -> None:
    twice = []
    for token, schema in json.loads(path.read_text(encoding="utf-8"))["types"].items():
        tables = (limits.OF_TYPE, ranges.OF_TYPE, ranges_stores.OF_TYPE)
        there = {place for table in tables for place in table.get(token, ())}
        there |= {key for type_, key in checks._OF_TYPE if type_ == token}
        twice += [f"{token} {place}" for place in schema.get("values", {}) if place in there]
        listed = {frozenset(group) for group in combined.ONE_OF.get(token, ())}
        listed |= {frozenset(group) for group in combined._SOME_OF.get(token, ())}
        listed |= {frozenset((key, other)) for key, others in combined._EXCLUDES.get(token, ()) for other in others}
        twice += [f"{token} {group}" for kind in GROUPS for group in schema.get(kind, ()) if frozenset(group) in listed]
    assert twice == []
