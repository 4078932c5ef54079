"""The committed stacks: what their answers say, read by eye and pinned in a few places."""

import json
from typing import Any

import pytest

from tests.committed import Committed


@pytest.fixture(scope="module")
def stacks(shipped_recording: Committed) -> dict[str, Any]:
    found: dict[str, Any] = shipped_recording.report()["stacks"]
    return found


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _matrix(stack: dict[str, Any]) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (_name(row["service"]), _name(row["store"])): (row["network"]["answer"], row["iam"]["answer"])
        for row in stack["reach"]["matrix"]
    }


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_world_reaches_two_services_through_one_load_balancer(stacks: dict[str, Any], name: str) -> None:
    (entry,) = stacks[name]["reach"]["entries"]
    assert (_name(entry["urn"]), entry["world"]) == ("edge-lb-alb", "yes")
    assert [port["port"] for port in entry["ports"]] == ["tcp 443 (HTTPS)", "tcp 80 (HTTP)"]
    fleet = [("legacy", 8000, "yes")] if name == "dev" else []
    assert [(_name(to["urn"]), to["port"], to["answer"]) for to in entry["to"]] == [
        *fleet, ("status-service", 8080, "yes"), ("web-service", 8000, "yes"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_nothing_is_open_by_network_or_by_rights_alone_and_nothing_is_not_known(
    stacks: dict[str, Any], name: str
) -> None:
    rows = stacks[name]["reach"]["matrix"]
    assert rows
    assert [row["mismatch"] for row in rows if row["mismatch"]] == []
    assert "not known" not in json.dumps(rows)


def test_in_prod_only_the_web_service_and_the_dump_reach_the_database(stacks: dict[str, Any]) -> None:
    everywhere = ("yes", "yes")
    assert _matrix(stacks["prod"]) == {
        ("web-service", "data-main"): everywhere,
        ("web-service", "data-sessions"): everywhere,
        ("web-service", "data-uploads"): everywhere,
        ("web-service", "data-profiles"): everywhere,
        ("web-service", "data-events"): everywhere,
        ("web-service", "data-shared"): everywhere,
        ("web-service", "security-data-key"): everywhere,
        ("indexer-service", "data-jobs"): everywhere,
        ("indexer-service", "data-uploads"): everywhere,
        ("indexer-service", "data-events"): everywhere,
        ("indexer-service", "data-shared"): everywhere,
        ("indexer-service", "security-data-key"): everywhere,
        ("nightly-schedule", "data-jobs"): everywhere,
        ("nightly-schedule", "security-data-key"): everywhere,
        ("receipts-function", "data-receipts"): everywhere,
        ("receipts-function", "data-uploads"): everywhere,
        ("receipts-function", "receipts-failures"): everywhere,
        ("receipts-function", "security-data-key"): everywhere,
        ("receipts-function", "security-operations-key"): everywhere,
        ("dump-main-schedule", "data-main"): everywhere,
        ("dump-main-schedule", "data-dumps"): everywhere,
        ("dump-main-schedule", "security-data-key"): everywhere,
        ("data-backups-check-function", "data-backups-failures"): everywhere,
        ("data-backups-check-function", "security-data-key"): everywhere,
        ("data-backups-check-function", "security-operations-key"): everywhere,
    }


def test_the_ways_out_are_nat_gateways_in_prod_and_one_instance_in_dev(stacks: dict[str, Any]) -> None:
    for name, ways in (("dev", {"NAT instance"}), ("prod", {"NAT gateway"})):
        found = {each["urn"]: each for each in stacks[name]["reach"]["services"] if each["what"] == "ECS service"}
        assert {way["way"] for each in found.values() for way in each["internet"]["ways"]} == ways
        assert {each["internet"]["answer"] for each in found.values()} == {"yes"}


def test_prod_keeps_its_stores_without_any_zone_and_has_no_single_point(stacks: dict[str, Any]) -> None:
    found = stacks["prod"]["resilience"]
    assert found["singlePoints"] == []
    assert [zone["internet"] for zone in found["zones"]] == [[], [], []]
    for zone in found["zones"]:
        answers = {_name(part["urn"]): part["answer"] for part in zone["parts"]}
        assert answers.get("data-main", "kept") == "kept"
        assert answers["edge-lb-alb"] == "kept"
        assert answers["web-service"] == "below the minimum"  # two tasks until ECS has started the lost one elsewhere


def test_dev_tells_what_it_saves_on_and_what_a_second_one_costs(stacks: dict[str, Any]) -> None:
    found = stacks["dev"]["resilience"]
    # A task of 0.25 vCPU and 0.5 GB: Arm 7.21, x86 9.01, on Spot 30 % of it, for 65 of the 168 hours of a week; half an
    # ACU for 220 h: 13.20; t4g.micro, 8 GB, an address: 10.42; t3.micro 7.59 and 20 GB 1.60, for those hours: 3.56.
    prices = {_name(each["urn"]): each["usd"] for each in found["singlePoints"]}
    assert prices == {
        "status-service": "0.84", "web-service": "1.05", "data-main": "13.20", "network-nat-instance": "10.42",
        "legacy": "3.56",
    }  # fmt: skip
    first, second = found["zones"]
    served = [_name(urn) for each in first["internet"] for urn in each["services"]]
    assert served == ["legacy", "status-service", "web-service"]
    assert second["internet"] == []


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_every_urn_of_the_answers_is_a_resource(stacks: dict[str, Any], name: str) -> None:
    urns = {entry["urn"] for entry in stacks[name]["resources"]}

    def named(value: Any) -> set[str]:
        if isinstance(value, dict):
            return {urn for each in value.values() for urn in named(each)}
        if isinstance(value, list):
            return {urn for each in value for urn in named(each)}
        return {value} if isinstance(value, str) and value.startswith("urn:pulumi:") else set()

    assert named(stacks[name]["reach"]) | named(stacks[name]["resilience"]) <= urns
