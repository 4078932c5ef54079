"""All mistakes of a stack file come in one message, whatever section they are in, and no secret comes with them."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest

from settings.errors import Doubt, Findings, Unknown
from settings.section import skipping
from tests.gathered import for_each

Refused = Callable[..., dict[str, dict[str, str]]]
Load = Callable[..., Any]


def test_eight_mistakes_in_eight_places_are_one_message_in_the_order_of_the_file(refused: Refused) -> None:
    found = refused(
        {
            "aws:region": "us-east-11",
            "protection.accountId": 1,
            "network.natt": "single",
            "data.databases.main.backupDays": 0,
            "edge.idleTimeoutSeconds": "60",
            "services.web.size.memory": 3000,
            "observability.email": "nobody",
            "servces": {},
        }
    )
    assert list(found) == [
        "aws:region",
        "groundwork:protection.accountId",
        "groundwork:network.natt",
        "groundwork:data.databases.main.backupDays",
        "groundwork:edge.idleTimeoutSeconds",
        "groundwork:services.web.size.memory",
        "groundwork:observability.email",
        "groundwork:servces",
    ]
    assert found["groundwork:servces"]["change"] == "did you mean groundwork:services?"


def test_rules_over_several_values_still_run_when_their_section_has_other_mistakes(refused: Refused) -> None:
    found = refused(
        {
            "services.web.port": "8000",
            "services.web.scale.min": 20,
            "services.web.scale.outAbove": "x",
            "services.web.image": "web:latest",
            "services.web.uses.uplods": "read",
            "data.databases.plain.engine": "oracle",
            "network.subnetMask": "24",
            "network.availabilityZones.2": "eu-west-1a",
        }
    )
    assert set(found) == {
        "groundwork:services.web.port",
        "groundwork:services.web.scale.max",
        "groundwork:services.web.scale.outAbove",
        "groundwork:services.web.image",
        "groundwork:services.web.uses.uplods",
        "groundwork:data.databases.plain.engine",
        "groundwork:network.subnetMask",
        "groundwork:network.availabilityZones[2]",
    }


def test_a_rule_is_silent_about_a_value_that_is_itself_mistaken(refused: Refused) -> None:
    found = refused({"services.web.scale.max": "1", "data.databases.main": "large", "protection.protected": None})
    assert set(found) == {
        "groundwork:services.web.scale.max",
        "groundwork:data.databases.main",
        "groundwork:protection.protected",
    }, "neither min <= max, nor `uses` of the store, nor the rules for protected stacks can say anything"


def test_a_value_beside_the_mistaken_one_is_shown_as_the_stack_file_has_it(refused: Refused) -> None:
    found = refused({"data.databases.main.minCapacity": 0})
    given = found["groundwork:data.databases.main.minCapacity"]["given"]
    assert given == "0 (pauseAfterSeconds: null, groundwork:protection.protected: true)"


def test_a_missing_section_is_one_mistake(refused: Refused) -> None:
    found = refused({"edge": ...})
    assert list(found) == ["groundwork:edge"]
    assert found["groundwork:edge"]["problem"] == "is missing"
    assert "domain, zoneId" in found["groundwork:edge"]["allowed"]


def test_every_section_missing_is_as_many_mistakes(refused_as_given: Callable[..., str]) -> None:
    text = refused_as_given({})
    assert "have 7 mistakes" in text


@pytest.mark.parametrize("nothing", ["", "null"])
def test_an_empty_section_is_one_without_entries(refused: Refused, load: Load, nothing: str) -> None:
    assert load({"protection.protected": False, "compute": nothing}) == load(
        {"protection.protected": False, "compute": {}}
    )
    found = refused({"network": nothing, "data": nothing})
    assert found == refused({"network": {}, "data": {}})
    assert {"groundwork:network.cidr", "groundwork:network.nat", "groundwork:data.databases"} <= set(found)


@for_each("place", ["data.queues", "data.buckets", "services.web.uses", "services.web.environment", "edge"])
def test_an_empty_key_where_a_map_may_be_empty_has_the_answer_of_a_map_without_entries(load: Load, place: str) -> None:
    def answer(given: object) -> object:
        try:
            return load({place: given})
        except pulumi.RunError as error:
            return str(error)

    assert answer(None) == answer({})


@for_each("place", ["network.flowLogs", "services.web", "services.web.size", "data.databases.main"])
def test_an_empty_key_where_something_is_wanted_is_named_itself(refused: Refused, place: str) -> None:
    assert refused({place: None})[f"groundwork:{place}"]["given"] == "nothing (null)"


@for_each(
    "uses, change",
    [
        (["main", "uploads"], "write uses: {main: write, uploads: write}"),
        (["work", "web", "nothere"], "write uses: {work: send, web: call}"),
        ("main", "write uses: {main: write}"),
        (["nothere"], "for example uses: {}"),
        ([["main"]], "for example uses: {}"),
    ],
)
def test_uses_that_is_no_map_is_made_into_one_of_what_was_given(refused: Refused, uses: object, change: str) -> None:
    queue = {"fifo": False, "visibilitySeconds": 60, "maxReceives": 3, "retentionDays": 4, "alarmAgeSeconds": 900}
    found = refused({"services.status.uses": uses, "data.queues": {"work": queue}})
    assert found["groundwork:services.status.uses"]["change"] == change


def test_a_store_that_is_called_uses_is_no_uses(refused: Refused) -> None:
    assert "see docs" in refused({"data.databases.uses": ["main"]})["groundwork:data.databases.uses"]["change"]


def test_what_follows_from_an_empty_key_is_said_at_once(refused: Refused) -> None:
    """Had it been refused for itself, what the rules find would have come one run later."""
    found = refused({"data.buckets": None, "data.queues": None, "network.nat": "none of these"})
    assert {"groundwork:services.web.uses.uploads", "groundwork:network.nat"} <= set(found)
    assert "groundwork:data.queues" not in found


@for_each(
    "text, given",
    [
        ("hello", '"hello"'),
        ('["a"]', "a list of 1"),
        ("12", "12"),
        ('{"cidr": hunter2', "16 characters"),
        ("[" * 100_000, "100000 characters"),
        ('{"cidr": ' + "[" * 900 + "]" * 900 + "}", "1810 characters"),
        ("password=hunter2", "(not shown: it could be a secret)"),
    ],
)
def test_a_section_that_is_no_map_is_said_so(refused: Refused, text: str, given: str) -> None:
    found = refused({"network": text})
    assert list(found) == ["groundwork:network"]
    assert found["groundwork:network"]["given"] == given
    assert "map" in found["groundwork:network"]["allowed"]


@for_each(
    "changes",
    [
        {"observability.email": {"secure": "v1:hunter2"}},
        {"services.web.environment.NODE_ENV": {"secure": "v1:hunter2"}},
        {"network.availabilityZones.0": {"secure": "v1:hunter2"}},
        {"network": '{"secure": "v1:hunter2"}'},
    ],
)
def test_an_encrypted_value_is_refused_where_it_stands_and_never_printed(
    refused: Refused, changes: dict[str, Any]
) -> None:
    found = refused(changes)
    (path,) = changes
    assert list(found) == ["groundwork:" + path.replace(".availabilityZones.0", ".availabilityZones[0]")]
    assert "secret" in found[next(iter(found))]["problem"]
    assert "hunter2" not in str(found)


def test_a_section_that_is_a_secret_is_refused_without_looking_into_it(refused: Refused) -> None:
    found = refused(
        {"observability": {"email": "hunter2", "logRetentionDays": "hunter2"}, "network.subnetMask": "24"},
        secrets=["groundwork:observability"],
    )
    assert list(found) == ["groundwork:network.subnetMask", "groundwork:observability"]
    assert "hunter2" not in str(found)
    assert "--plaintext --path 'groundwork:observability' VALUE" in found["groundwork:observability"]["change"]


def test_a_secret_inside_a_section_is_named_by_its_place_in_the_stack_file(refused: Refused, root: Path) -> None:
    file = root / "Pulumi.prod.yaml"
    file.write_text("config:\n  groundwork:observability: {email: {secure: v1:hunter2}, logRetentionDays: 90}\n")
    found = refused({}, secrets=["groundwork:observability"])
    assert list(found) == ["groundwork:observability.email"]
    change = found["groundwork:observability.email"]["change"]
    assert "pulumi config set --plaintext --path 'groundwork:observability.email' VALUE" in change
    assert "hunter2" not in str(found)
    for no_use in ("[", "config: {}", "config:\n  groundwork:observability: {email: plain}\n"):
        file.write_text(no_use)
        assert list(refused({}, secrets=["groundwork:observability"])) == ["groundwork:observability"]


def test_an_account_that_yaml_read_as_another_number_is_not_handed_back_as_the_cure(refused: Refused) -> None:
    said = refused({"protection.accountId": 0o11122223333})["groundwork:protection.accountId"]
    assert "YAML read" in said["problem"]
    assert "octal" in said["problem"]
    assert str(0o11122223333) not in said["change"]


def test_a_misspelt_namespace_is_one_mistake_with_the_key_that_was_meant(
    refused_as_given: Callable[..., str], stack_file: Callable[..., Any]
) -> None:
    config = stack_file({})["config"]
    config["groundwrk:edge"] = config.pop("groundwork:edge")
    text = refused_as_given(config)
    keys = re.findall(r"^  (\S+)$", text, re.MULTILINE)
    assert keys == ["groundwrk:edge"], "the section under the right name is not missing as well"
    assert "change:  did you mean groundwork:edge?" in text


@for_each("key", ["network:edge", "framework:edge", "groundwrk:colour", "datadog:services", "edge:edge"])
def test_keys_of_other_people_are_let_be(
    load_config: Callable[..., Any], stack_file: Callable[..., Any], key: str
) -> None:
    assert load_config({**stack_file({})["config"], key: {"a": 1}}).edge.domain == "app.example.com"


def test_a_secret_region_is_refused_too(refused: Refused) -> None:
    found = refused({"aws:region": "hunter2"}, secrets=["aws:region"])
    assert list(found) == ["aws:region"]
    assert "hunter2" not in str(found)


@for_each(
    "changes",
    [
        {"dbPassword": "hunter2"},
        {"database": {"password": "hunter2"}},
        {"data.databases.main.password": "hunter2"},
        {"services.web.enviroment": {"DB_PASSWORD": "hunter2"}},
        {"services.web.environment": ["hunter2"]},
        {"services.web.environment": "DB_PASSWORD=hunter2"},
        {"services.web.environment.DB_PASSWORD": {"value": "hunter2"}},
        {"services.web.environment.GREETING": "hunter2" * 1000},
        {"services.web.environment.DB_PASSWORD": "hunter2"},
        {"services.web.environment.DB_PIN_TOKEN": 748392},
        {"services.web.image": "https://ci:hunter2@registry.example.com/web:1"},
        {"services.web.image": "ci:hunter2@registry.example.com/web:1"},
        {"network.cidr": "https://ci:hunter2@example.com"},
    ],
    name=str,
)
def test_nothing_that_could_be_a_secret_is_printed(refused: Refused, changes: dict[str, Any]) -> None:
    found = refused(changes)
    assert found
    assert "hunter2" not in str(found)
    assert "748392" not in str(found)


def test_configuration_of_others_is_none_of_our_business(load: Load) -> None:
    assert load({"aws:profile": "x", "datadog:apiKey": "y"}).network.subnet_mask == 24


def test_keys_are_read_in_camel_case_alone(refused: Refused) -> None:
    found = refused({"network.subnetMask": ..., "network.subnet_mask": 24})
    assert set(found) == {"groundwork:network.subnet_mask"}
    assert found["groundwork:network.subnet_mask"]["change"] == "did you mean subnetMask?"


def test_a_misspelt_key_is_one_mistake_not_a_missing_key_as_well(refused: Refused, load: Load) -> None:
    found = refused(
        {"data.databases.main.instances": ..., "data.databases.main.instnces": 2, "edge.idleTimeoutSeconds": ...}
    )
    assert set(found) == {"groundwork:data.databases.main.instnces", "groundwork:edge.idleTimeoutSeconds"}
    assert found["groundwork:data.databases.main.instnces"]["change"] == "did you mean instances?"
    found = refused({"edge": ..., "egde": {}})
    assert set(found) == {"groundwork:egde"}
    assert found["groundwork:egde"]["change"] == "did you mean groundwork:edge?"
    found = refused({"aws:region": ..., "aws:regoin": "us-east-1"})
    assert set(found) == {"aws:region"}
    assert found["aws:region"]["change"] == "rename aws:regoin to aws:region"


def test_a_key_that_resembles_nothing_does_not_hide_a_missing_one(refused: Refused) -> None:
    found = refused({"network.nat": ..., "network.frobnicate": 1, "edge": ..., "frobnicate": {}})
    assert set(found) == {
        "groundwork:network.nat",
        "groundwork:network.frobnicate",
        "groundwork:edge",
        "groundwork:frobnicate",
    }


def test_a_key_in_the_wrong_place_is_told_where_it_belongs(refused: Refused) -> None:
    """One of another section, which resembles none here, and one of another kind of the same thing."""
    found = refused({"network.email": "ops@example.com", "services.web.minCapacity": 1})
    assert found["groundwork:network.email"]["change"] == "it belongs to groundwork:observability.email"
    assert found["groundwork:services.web.minCapacity"]["change"] == (
        "it belongs to groundwork:data.databases.<name>.minCapacity"
    )
    found = refused({"data.databases.main.storageGib": 20})
    assert (
        found["groundwork:data.databases.main.storageGib"]["change"] == "take it out: it is for another kind of these"
    )


def test_a_bad_name_and_a_bad_value_under_it_are_two_mistakes(refused_as_given: Callable[..., str]) -> None:
    text = refused_as_given({"groundwork:services": json.dumps({"[key]": 1, "Web Shop": "x"})})
    assert text.count('  groundwork:services["[key]"]\n') == 2
    assert text.count('  groundwork:services["Web Shop"]\n') == 2
    assert "  groundwork:services\n" not in text, "a service that is called [key] is not taken for the map"


def test_what_a_terminal_would_obey_is_printed_escaped(refused: Refused) -> None:
    found = refused(
        {
            "services.web.environment": {"\u001b[31m": 1, "a\nb": "x", "\u202e": "x"},
            "network.\u001b[2J": 1,
            "edge.domain": "\u001b[2J\n\u202emoc",
            "we\nb": {},
            "services.status.uses": {"x\ny": "read"},
        }
    )
    assert len(found) == 7
    assert all((key + "".join(said.values())).isprintable() for key, said in found.items())
    assert 'the name "a\\nb"' in found['groundwork:services.web.environment["a\\nb"]']["given"]


def test_settings_come_from_the_environment_too(
    monkeypatch: pytest.MonkeyPatch, load: Load, refused: Refused, stack_file: Callable[..., Any]
) -> None:
    config = stack_file({})["config"]
    edge = config.pop("groundwork:edge")
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"groundwork:edge": json.dumps(edge), "groundwork:x": "1"}))
    assert list(refused({"edge": ...})) == ["groundwork:x"]


def test_the_message_is_an_error_that_pulumi_prints_without_a_traceback(load: Load) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        load({"protection.accountId": 111122223333})
    assert str(caught.value) == (
        "the settings of stack 'prod' (Pulumi.prod.yaml) have 1 mistake:\n"
        "\n"
        "  groundwork:protection.accountId\n"
        "    problem: is a number, text is wanted\n"
        "    given:   111122223333\n"
        "    allowed: the 12 digits of the AWS account, in quotes\n"
        '    change:  put it in quotes: accountId: "111122223333"'
    )


def test_what_is_a_credential_is_refused_without_being_shown(refused: Refused) -> None:
    found = refused({"aws:secretKey": "hunter2", "aws:token": "hunter3"}, secrets=["aws:token"])
    assert set(found) == {"aws:secretKey", "aws:token"}
    assert "hunter" not in str(found)


def test_a_profile_is_no_mistake_but_is_told_to_have_no_effect(load: Load, warned: list[str]) -> None:
    load({"aws:profile": "work", "datadog:site": "x", "awsx:whatever": "y"})
    (said,) = warned
    assert said.startswith("aws:profile: has no effect")
    assert "set AWS_PROFILE" in said


def test_what_a_rule_says_before_it_needs_a_mistaken_value_is_not_lost() -> None:
    seen = Doubt(key=("network",), text="seen")

    def rule(stack: str) -> Findings:
        assert stack == "prod"
        yield seen
        raise Unknown("cidr")

    assert skipping(rule, "prod") == [seen]
