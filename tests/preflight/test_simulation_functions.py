"""The stand-in for AWS knows functions: names, versions, and what the provider refuses."""

from typing import Any

import pytest

from preflight import simulation
from preflight.simulation import checks, versions
from preflight.simulation.changes import changes
from tests.gathered import for_each

HERE: Any = {"region": "eu-west-1", "account": "111122223333"}
FUNCTION = "aws:lambda/function:Function"
ALIAS = "aws:lambda/alias:Alias"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
EVENTS = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
ARN = "arn:aws:lambda:eu-west-1:111122223333:function:post-1"
BEFORE = {"arn": ARN, "version": "3", "invokeArn": f"x/{ARN}/invocations", "qualifiedArn": f"{ARN}:3"}


def made(type_token: str, **inputs: Any) -> dict[str, Any]:
    return simulation.computed(type_token, "post", inputs, **HERE)


@pytest.mark.parametrize(("publish", "version"), [(True, "1"), (False, "$LATEST"), (None, "$LATEST")])
def test_only_a_function_that_publishes_has_a_version(publish: bool | None, version: str) -> None:
    outputs = made(FUNCTION, name="post-1", role="r", publish=publish)
    assert outputs["version"] == version
    assert outputs["qualifiedArn"] == f"{ARN}:{version}"
    assert outputs["qualifiedInvokeArn"].endswith(f"{ARN}:{version}/invocations")


@pytest.mark.parametrize("named", ["post-1", ARN])
def test_an_alias_is_named_after_its_function(named: str) -> None:
    inputs = {"functionName": named, "functionVersion": "1", "name": "live"}
    assert made(ALIAS, **inputs)["arn"] == f"{ARN}:live"
    assert simulation.resource_id(ALIAS, "post", inputs, **HERE) == f"{ARN}:live"


def test_what_takes_messages_knows_whom_it_calls() -> None:
    outputs = made(MAPPING, functionName=f"{ARN}:live", eventSourceArn="arn:aws:sqs:eu-west-1:1:jobs")
    assert outputs["functionArn"] == f"{ARN}:live"
    assert outputs["arn"].endswith(outputs["uuid"])


def test_rules_for_events_are_of_one_alias() -> None:
    inputs = {"functionName": "post-1", "qualifier": "live"}
    assert simulation.resource_id(EVENTS, "post", inputs, **HERE) == "post-1:live"


@for_each(
    "changed, version",
    [({"code"}, "4"), ({"environment", "tags"}, "4"), ({"tags"}, "3"), ({"reservedConcurrentExecutions"}, "3"), (set(), "3")],
)  # fmt: skip
def test_an_update_of_program_or_settings_is_one_more_version(changed: set[str], version: str) -> None:
    after = versions.carried(FUNCTION, {"publish": True}, changed, BEFORE)
    assert after["version"] == version
    assert after["qualifiedArn"] == f"{ARN}:{version}"
    assert bool(versions.renewed(FUNCTION, {"publish": True}, changed)) is (version == "4")


def test_nothing_else_has_versions() -> None:
    assert versions.carried(ALIAS, {"publish": True}, {"functionVersion"}, BEFORE) == {}
    assert versions.renewed(FUNCTION, {}, {"code"}) == ()
    assert versions.carried(FUNCTION, {}, {"code"}, {**BEFORE, "version": "$LATEST"})["version"] == "$LATEST"


@for_each(
    "key, before, after, replaces",
    [
        ("code", {"assets": {"a.py": {"hash": "1"}}}, {"assets": {"a.py": {"hash": "2"}}}, False),
        ("handler", "a.b", "a.c", False),
        ("memorySize", 128, 256, False),
        ("packageType", "Zip", "Image", True),
    ],
)
def test_a_function_stays_the_same_but_for_its_kind_of_package(
    key: str, before: Any, after: Any, replaces: bool
) -> None:
    base = {"role": "r"}
    found = changes(FUNCTION, {**base, key: before}, {**base, key: after})
    assert found
    assert {change.replaces for change in found} == {replaces}


@for_each(
    "before, after, replaces",
    [
        ({"startingPosition": "LATEST"}, {"startingPosition": "TRIM_HORIZON"}, {"startingPosition"}),
        ({"startingPosition": "LATEST"}, {}, {"startingPosition"}),
        ({}, {"startingPosition": "LATEST"}, {"startingPosition"}),
        (
            {"startingPosition": "AT_TIMESTAMP", "startingPositionTimestamp": "2026-11-01T00:00:00Z"},
            {"startingPosition": "LATEST"},
            {"startingPosition", "startingPositionTimestamp"},
        ),
        ({"startingPosition": "LATEST", "batchSize": 10}, {"startingPosition": "LATEST"}, set()),
        ({"parallelizationFactor": 2}, {"parallelizationFactor": 3}, set()),
    ],
)  # fmt: skip
def test_who_begins_elsewhere_in_a_stream_is_made_anew_also_where_it_no_longer_says_where(
    before: dict[str, Any], after: dict[str, Any], replaces: set[str]
) -> None:
    """AWS does not fill it in, so leaving it out is another value (terraform-provider-aws,
    internal/service/lambda/event_source_mapping.go: Optional and ForceNew, not Computed)."""
    base = {"functionName": "f", "eventSourceArn": "arn:aws:dynamodb:eu-west-1:1:table/t/stream/2026"}
    found = changes(MAPPING, {**base, **before}, {**base, **after})
    assert {change.path for change in found if change.replaces} == replaces
    assert {change.effect for change in found} <= {"replace", "update"}


def test_equal_content_is_no_change() -> None:
    code = {"assets": {"a.py": {"hash": "1"}}}
    assert changes(FUNCTION, {"role": "r", "code": code}, {"role": "r", "code": code}) == []


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (FUNCTION, {"role": "r", "timeout": 901}, "timeout"),
    (FUNCTION, {"role": "r", "memorySize": 127}, "memorySize"),
    (FUNCTION, {"role": "r", "packageType": "Tar"}, "packageType"),
    (FUNCTION, {"role": "r", "name": "a b"}, "name"),
    (FUNCTION, {}, "role"),
    (ALIAS, {"functionName": "f", "functionVersion": "1", "name": "42"}, "name"),
    (MAPPING, {"functionName": "f", "batchSize": 0}, "batchSize"),
    (MAPPING, {"functionName": "f", "maximumBatchingWindowInSeconds": 301}, "maximumBatchingWindowInSeconds"),
    (EVENTS, {"functionName": "f", "maximumRetryAttempts": 3}, "maximumRetryAttempts"),
    (EVENTS, {"functionName": "f", "maximumEventAgeInSeconds": 59}, "maximumEventAgeInSeconds"),
    (
        "aws:lambda/permission:Permission",
        {"action": "invoke", "function": "f", "principal": "s3.amazonaws.com"},
        "action",
    ),
]


@for_each("type_token, inputs, key", REFUSED)
def test_what_the_provider_refuses_is_refused_by_name(type_token: str, inputs: dict[str, Any], key: str) -> None:
    assert [problem.property for problem in checks.problems(type_token, inputs)] == [key]
