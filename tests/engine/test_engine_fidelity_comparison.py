"""The comparison itself: it finds a difference of each kind, in the one place where it was planted, and nothing else."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.fidelity import compare, engine_log, normal
from tests.engine.fidelity.compare import Difference, Reason
from tests.engine.fidelity.engine_log import UnaccountedError
from tests.engine.fidelity.normal import SIGNATURE, UNKNOWN, Side

Json = dict[str, Any]
START = "urn:pulumi:test::demo::"
BUCKET = f"{START}demo:a:Shelf$aws:s3/bucket:Bucket::box"
SHELF = f"{START}demo:a:Shelf::shelf"
PROVIDER = f"{START}pulumi:providers:aws::default_7_51_1"
SECRET = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "value": "hush"}


def bucket() -> Json:
    """A registration with one of everything."""
    return {
        "type": "aws:s3/bucket:Bucket",
        "name": "box",
        "parent": SHELF,
        "custom": True,
        "object": {"bucket": "b", "tags": {"id": UNKNOWN, "key": SECRET}, "list": [1, 2.5, True, {"deep": "x"}]},
        "dependencies": [SHELF, PROVIDER],
        "propertyDependencies": {"tags": {"urns": [SHELF]}, "bucket": {}},
        "version": "7.51.1",
        "retainOnDelete": True,
        "aliases": [{"spec": {"name": "old", "parentUrn": ""}}, {"urn": f"{START}aws:s3/bucket:Bucket::older"}],
        "customTimeouts": {"create": "1h30m", "delete": "90s"},
        "replaceOnChanges": ["tags"],
        "deletedWith": SHELF,
        "acceptSecrets": True,
    }


def calls(registration: Json) -> list[tuple[str, Json, Json]]:
    """What the engine does with a component and the registration inside it, policy pack on."""
    monitor, provider, analyzer = "ResourceMonitor", "ResourceProvider", "Analyzer"
    options = {"protect": True, "ignoreChanges": ["acl"], "customTimeouts": {"create": 5400, "delete": 90}}
    told = {"type": "aws:s3/bucket:Bucket", "urn": BUCKET, "name": "box", "options": options}
    told |= {"provider": {"type": "pulumi:providers:aws", "urn": PROVIDER, "name": "default_7_51_1"}}
    own = {"type": "pulumi:providers:aws", "urn": PROVIDER, "name": "default_7_51_1", "properties": {"region": "r"}}
    shelf = {"type": "demo:a:Shelf", "name": "shelf", "object": {}}
    asked = {"type": "demo:a:Shelf", "urn": SHELF, "name": "shelf", "options": {"customTimeouts": {}}}
    properties = {"bucket": "b", "list": [1.0, 2.5]}
    last = {key: registration.get(key) for key in ("parent", "dependencies", "propertyDependencies")}
    return [
        (f"{analyzer}/ConfigureStack", {"stack": "test", "project": "demo", "dryRun": True}, {}),
        (f"{monitor}/RegisterResource", shelf, {"urn": SHELF, "object": {}}),
        (f"{provider}/CheckConfig", {"urn": PROVIDER, "news": {"region": "r"}}, {}),
        (f"{provider}/Check", {"urn": BUCKET, "news": registration["object"]}, {}),
        (f"{analyzer}/Analyze", asked, {}),
        (f"{analyzer}/Analyze", own, {}),
        (f"{analyzer}/Analyze", {**told, "properties": properties}, {}),
        (f"{monitor}/RegisterResource", registration, {"urn": BUCKET, "id": "box-1", "object": {}}),
        (f"{analyzer}/AnalyzeStack", {"resources": [asked, own, {**told, **last, "properties": properties}]}, {}),
    ]


def written(folder: Path, registration: Json) -> Side:
    """The engine's side of these calls, through its log."""
    log = folder / "grpc.jsonl"
    lines = [
        {"method": f"/pulumirpc.{method}", "request": asked, "response": said, "progress": "response_completed"}
        for method, asked, said in calls(registration)
    ]
    begun = {"method": "/pulumirpc.ResourceMonitor/RegisterResource", "request": {}, "progress": "request_started"}
    log.write_text("\n".join(json.dumps(line) for line in [begun, *lines]))
    states: list[Json] = [
        {"urn": BUCKET, "provider": f"{PROVIDER}::1", "retainOnDelete": True, "deletedWith": SHELF},
        {"urn": SHELF, "provider": ""},
    ]
    return engine_log.read(log, states)


@pytest.fixture
def side(tmp_path: Path) -> Side:
    return written(tmp_path, bucket())


def test_the_log_of_the_engine_is_read_in_full(side: Side) -> None:
    assert side.registrations[BUCKET] == {
        "type": "aws:s3/bucket:Bucket",
        "name": "box",
        "parent": SHELF,
        "custom": True,
        "id": "box-1",
        "inputs": {
            "bucket": "b",
            "tags": {"id": {"$unknown": True}, "key": {"$secret": True}},
            "list": [1, 2.5, True, {"deep": "x"}],
        },
        "dependencies": sorted([SHELF, PROVIDER]),
        "propertyDependencies": {"tags": [SHELF]},
        "options": {
            "aliases": [{"name": "old"}, f"{START}aws:s3/bucket:Bucket::older"],
            "customTimeouts": {"create": 5400, "delete": 90},
            "deletedWith": SHELF,
            "ignoreChanges": ["acl"],
            "protect": True,
            "provider": PROVIDER,
            "replaceOnChanges": ["tags"],
            "retainOnDelete": True,
            "version": "7.51.1",
        },
    }
    assert set(side.registrations) == set(side.analyzed) == set(side.stack) == {BUCKET, SHELF, PROVIDER}


def test_equal_sides_have_no_difference(side: Side) -> None:
    assert compare.differences(side, copy.deepcopy(side)) == []


def of(part: str) -> Callable[[Side], dict[str, Json]]:
    return lambda side: {"registration": side.registrations, "analyze": side.analyzed, "stack": side.stack}[part]


PLANTED: list[tuple[str, str, Any]] = [
    ("registration", "type", "aws:s3/bucket:Other"),
    ("registration", "name", "other"),
    ("registration", "parent", PROVIDER),
    ("registration", "custom", None),
    ("registration", "remote", True),
    ("registration", "read", True),
    ("registration", "id", "box-2"),
    ("registration", "inputs.bucket", "c"),
    ("registration", "inputs.more", 1),
    ("registration", "inputs.tags.id", "known"),
    ("registration", "inputs.tags.key", "hush"),
    ("registration", "inputs.list", [1, 2.5, True]),
    ("registration", "inputs.list.0", True),
    ("registration", "inputs.list.1", 2.25),
    ("registration", "inputs.list.3.deep", {"$unknown": True}),
    ("registration", "dependencies", [SHELF]),
    ("registration", "propertyDependencies.tags", None),
    ("registration", "propertyDependencies.bucket", [SHELF]),
    *(
        ("registration", f"options.{key}", "another")
        for key in (
            "additionalSecretOutputs", "aliases", "customTimeouts", "deleteBeforeReplace", "deletedWith", "hideDiffs",
            "hooks", "ignoreChanges", "import", "pluginDownloadUrl", "protect", "provider", "providers",
            "replaceOnChanges", "replaceWith", "replacementTrigger", "retainOnDelete", "version",
        )
    ),
    ("analyze", "properties.bucket", UNKNOWN),
    ("analyze", "properties.list", [1, {SIGNATURE: "secret", "value": 2.5}]),
    ("analyze", "options.protect", None),
    ("analyze", "provider.name", "other"),
    ("stack", "properties.bucket", None),
    ("stack", "parent", PROVIDER),
    ("stack", "dependencies", [SHELF]),
    ("stack", "propertyDependencies.tags", [PROVIDER]),
]  # fmt: skip


@pytest.mark.parametrize(("part", "place", "planted"), PLANTED, ids=[f"{part}-{place}" for part, place, _ in PLANTED])
def test_a_planted_difference_is_found_where_it_is(side: Side, part: str, place: str, planted: Any) -> None:
    other = copy.deepcopy(side)
    target: Any = of(part)(other)[BUCKET]
    *steps, last = [int(step) if step.isdigit() else step for step in place.split(".")]
    for step in steps:
        target = target[step]
    if planted is None:
        del target[last]
    else:
        target[last] = planted
    found = compare.differences(side, other)
    assert found
    assert {(entry.part, entry.urn) for entry in found} == {(part, BUCKET)}
    assert all(entry.place == place or entry.place.startswith(f"{place}.") for entry in found)
    assert compare.differences(other, side), "whichever side it is on"


@pytest.mark.parametrize("part", ["registration", "analyze", "stack"])
def test_a_resource_that_one_side_lacks_is_found(side: Side, part: str) -> None:
    other = copy.deepcopy(side)
    del of(part)(other)[BUCKET]
    (found,) = compare.differences(side, other)
    assert (found.part, found.urn, found.path) == (part, BUCKET, ())
    assert repr(found.theirs) == "(absent)"


def test_what_the_pack_is_told_of_the_stack_is_compared(side: Side) -> None:
    other = copy.deepcopy(side)
    other.configuration["dryRun"] = False
    (found,) = compare.differences(side, other)
    assert (found.part, found.place) == ("configuration", "dryRun")


# -- reading the log -----------------------------------------------------------------------------------------------------


def test_a_field_that_nobody_has_thought_of_stops_the_comparison(tmp_path: Path) -> None:
    with pytest.raises(UnaccountedError, match="'box': brandNew"):
        written(tmp_path, {**bucket(), "brandNew": ["x"]})


def test_every_field_of_a_registration_has_its_place() -> None:
    from pulumi.runtime.proto import resource_pb2  # noqa: PLC0415

    messages = (resource_pb2.RegisterResourceRequest, resource_pb2.ReadResourceRequest)
    fields = {field.json_name for message in messages for field in message.DESCRIPTOR.fields}
    groups = (engine_log.TALK, engine_log.PLACED, engine_log.SAME, engine_log.TRANSLATED)
    assert fields == set().union(*groups)
    assert sum(map(len, groups)) == len(fields), "in one group each"


def test_inputs_are_those_that_transforms_left(tmp_path: Path) -> None:
    changed = [
        (method, {**asked, "news": {"bucket": "transformed"}} if method.endswith("/Check") else asked, said)
        for method, asked, said in calls(bucket())
    ]
    log = tmp_path / "log"
    log.write_text(
        "\n".join(
            json.dumps({"method": f"/pulumirpc.{m}", "request": q, "response": r, "progress": "response_completed"})
            for m, q, r in changed
        )
    )
    assert engine_log.read(log, []).registrations[BUCKET]["inputs"] == {"bucket": "transformed"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (UNKNOWN, {"$unknown": True}),
        ([UNKNOWN, 1.0], [{"$unknown": True}, 1]),
        (SECRET, {"$secret": True}),
        ({"a": SECRET}, {"a": {"$secret": True}}),
        ({SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "dependencies": ["u"]}, {"$unknown": True}),
        ({SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": [1]}, [1]),
        ({SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": 1, "secret": True}, {"$secret": True}),
        (
            {SIGNATURE: "5cf8f73096256a8f31e491e813e4eb8e", "urn": "u", "id": "i"},
            {"$resource": {"urn": "u", "id": "i"}},
        ),
        (
            {SIGNATURE: "5cf8f73096256a8f31e491e813e4eb8e", "urn": "u", "id": ""},
            {"$resource": {"urn": "u", "id": {"$unknown": True}}},
        ),
        ({SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "t"}, {"$asset": {"text": "t"}}),
        ({SIGNATURE: "0def7320c3a5731c473e5ecbe6d01bc7", "path": "p"}, {"$archive": {"path": "p"}}),
        (True, True),
    ],
)
def test_marks_of_the_wire_become_those_of_a_recording(given: Any, expected: Any) -> None:
    assert normal.value(given) == expected
    assert type(normal.value(given)) is type(expected)


# -- reasons -------------------------------------------------------------------------------------------------------------

REASON = Reason(title="why", part="stack", type="aws:*", place="properties.id", theirs="(absent)", programs=("dev",))
EXPLAINED = Difference("stack", BUCKET, ("properties", "id"), "i", compare.ABSENT)


def test_a_reason_explains_its_difference_and_no_other() -> None:
    assert compare.judge([EXPLAINED], [REASON], "dev", "update", "3.259.0") == ([], [])
    for other in (
        Difference("analyze", BUCKET, ("properties", "id"), "i", compare.ABSENT),
        Difference("stack", PROVIDER, ("properties", "id"), "i", compare.ABSENT),
        Difference("stack", BUCKET, ("properties", "arn"), "i", compare.ABSENT),
        Difference("stack", BUCKET, ("properties", "id"), "i", "j"),
    ):
        assert compare.judge([other], [REASON], "dev", "update", "3.259.0") == ([other], [REASON])


def test_a_reason_that_explains_nothing_is_out_of_date_where_it_should_occur() -> None:
    assert compare.judge([], [REASON], "dev", "update", "3.259.0") == ([], [REASON])
    assert compare.judge([], [REASON], "prod", "update", "3.259.0") == ([], [])


def test_a_reason_excuses_nothing_in_another_program_mode_or_newer_engine() -> None:
    narrow = Reason(title="w", part="*", place="*", programs=("dev",), modes=("update",), before=(3, 272))
    assert compare.judge([EXPLAINED], [narrow], "dev", "update", "3.259.0") == ([], [])
    for program, mode, engine in (
        ("prod", "update", "3.259.0"),
        ("dev", "preview", "3.259.0"),
        ("dev", "update", "3.272.0"),
        ("dev", "update", "4.0.0"),
    ):
        assert compare.judge([EXPLAINED], [narrow], program, mode, engine) == ([EXPLAINED], [])
