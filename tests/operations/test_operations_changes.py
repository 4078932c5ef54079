"""What a preview changes, read from what the CLI 3.259 really printed (recorded/, inputs and outputs taken out)."""

from pathlib import Path

import pytest

from operations.changes import UnreadableError, read
from tests.operations.support import RECORDED, events, step

EVENTS = (RECORDED / "events.jsonl").read_text()
DOCUMENT = (RECORDED / "document.json").read_text()
REPLACED = {
    "aws:ec2/vpc:Vpc::network": ["cidrBlock"],
    "aws:rds/subnetGroup:SubnetGroup::data-main": ["subnetIds"],
    "aws:rds/cluster:Cluster::data-main": ["dbSubnetGroupName"],
}


@pytest.mark.parametrize("text", [EVENTS, DOCUMENT], ids=["events", "document"])
def test_a_replacement_is_one_change_and_says_what_forces_it(text: str) -> None:
    found = read(text)
    assert {change.resource: list(change.because) for change in found.of("replace")} == REPLACED
    assert len({change.urn for change in found.changes}) == len(found.changes), (
        "a replacement has three steps in events"
    )


@pytest.mark.parametrize("text", [EVENTS, DOCUMENT], ids=["events", "document"])
def test_an_update_names_the_properties_that_differ(text: str) -> None:
    assert {change.resource: "idleTimeout" in change.because for change in read(text).of("update")} == {
        "aws:lb/loadBalancer:LoadBalancer::edge-lb-alb": True,
        "aws:ecs/taskDefinition:TaskDefinition::web-task": False,
    }


def test_what_stays_is_no_change() -> None:
    found = read(EVENTS)
    assert found.unchanged == 3
    assert [change for change in found.changes if change.type == "aws:kms/key:Key"] == []


def test_a_component_that_goes_is_told_apart_from_a_resource() -> None:
    assert {change.resource: change.custom for change in read(EVENTS).of("delete")} == {
        "aws:cloudwatch/metricAlarm:MetricAlarm::edge-certificate-expiry": True,
        "groundwork:edge:Certificate::edge-certificate": False,
    }


def test_violations_and_errors_are_in_the_events() -> None:
    found = read(EVENTS)
    assert [violation.level for violation in found.violations] == ["mandatory", "advisory"]
    assert "[lb-https-only]" in found.violations[0].message
    assert found.errors == ["preview failed"], "debug messages are none"


def test_protection_is_read_from_the_state_as_it_is_now() -> None:
    found = read(events(step("delete", "aws:ec2/eip:Eip::a", protect=True), step("delete", "aws:ec2/eip:Eip::b")))
    assert [change.protected for change in found.changes] == [True, False]


def test_a_forgotten_resource_counts_as_deleted() -> None:
    assert [change.operation for change in read(events(step("forget", "aws:ec2/eip:Eip::a"))).changes] == ["delete"]


@pytest.mark.parametrize("operations", [["update", "delete"], ["delete", "update"]])
def test_a_leftover_that_goes_is_not_hidden_by_what_took_its_place(operations: list[str]) -> None:
    found = read(events(*(step(operation, "aws:rds/cluster:Cluster::main") for operation in operations)))
    assert [change.operation for change in found.changes] == ["delete"]


def test_an_operation_nobody_knows_yet_is_no_silent_pass() -> None:
    assert [change.operation for change in read(events(step("teleport", "aws:ec2/eip:Eip::a"))).changes] == ["other"]


def test_a_preview_without_changes_is_empty() -> None:
    assert (read(events()).changes, read(events()).errors) == ([], [])


@pytest.mark.parametrize(
    "text", ["", "error: no stack named 'x'", EVENTS.split('{"sequence": 1448')[0].rsplit("\n", 2)[0]]
)
def test_text_that_is_no_preview_or_was_cut_off_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        read(text)


def test_the_digest_follows_what_is_done_to_which_resource_for_what() -> None:
    base = read(events(step("update", "aws:ec2/eip:Eip::a", keys=["x"]))).digest
    assert base == read(events(step("update", "aws:ec2/eip:Eip::a", keys=["x"]), step("same", "aws:x/y:Z::s"))).digest
    for other in (
        step("replace", "aws:ec2/eip:Eip::a", keys=["x"]),
        step("update", "aws:ec2/eip:Eip::b", keys=["x"]),
        step("update", "aws:ec2/eip:Eip::a", keys=["y"]),
    ):
        assert read(events(other)).digest != base, other


def test_the_recorded_files_hold_no_path_of_a_machine() -> None:
    assert [path.name for path in Path(RECORDED).iterdir() if "/home/" in path.read_text()] == []
