"""The stand-in for AWS knows instances: stacks that read parameters, templates that get versions, what is refused."""

import json
from typing import Any

import pytest

from preflight.simulation import checks, computed, resource_id, versions
from preflight.simulation.changes import Change, changes
from tests.gathered import for_each

STACK, TEMPLATE = "aws:cloudformation/stack:Stack", "aws:ec2/launchTemplate:LaunchTemplate"
INVOCATION, GROUP = "aws:lambda/invocation:Invocation", "aws:autoscaling/group:Group"
WHERE: dict[str, Any] = {"region": "us-east-1", "account": "111122223333"}


def outputs(template: Any, **parameters: str) -> Any:
    body = template if isinstance(template, str) else json.dumps(template)
    return computed(STACK, "image", {"templateBody": body, "parameters": parameters}, **WHERE)["outputs"]


def test_a_stack_resolves_a_parameter_of_systems_manager_and_gives_back_what_it_was_given() -> None:
    template = {
        "Parameters": {
            "Image": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"},
            "Word": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/word"},
            "Plain": {"Type": "String", "Default": "default"},
        },
        "Outputs": {
            "ImageId": {"Value": {"Ref": "Image"}},
            "Word": {"Value": {"Ref": "Word"}},
            "Plain": {"Value": {"Ref": "Plain"}},
            "Text": {"Value": "as it is"},
            "Made": {"Value": {"Fn::GetAtt": ["Thing", "Arn"]}},
        },
    }
    made = outputs(template, Image="/aws/service/x")
    assert made["ImageId"].startswith("ami-")
    assert len(made["ImageId"]) == 21
    assert made["Word"].startswith("value-")
    assert (made["Plain"], made["Text"]) == ("default", "as it is")
    assert isinstance(made["Made"], str)
    assert outputs(template, Image="/aws/service/x") == made
    assert outputs(template, Image="/aws/service/y")["ImageId"] != made["ImageId"]
    assert outputs(template, Image="/aws/service/x", Plain="p")["ImageId"] != made["ImageId"], "read anew by any update"


@for_each("body", ["Outputs:\n  A:\n    Value: b\n", "[]", "", '{"Outputs": {"A": null}}'])
def test_a_template_that_is_not_read_gives_nothing_that_would_be_wrong(body: str) -> None:
    assert set(outputs(body)) <= {"A"}


def test_a_stack_is_known_by_its_arn() -> None:
    identity = resource_id(STACK, "image", {"name": "image-1"}, **WHERE)
    assert identity.startswith("arn:aws:cloudformation:us-east-1:111122223333:stack/image-1/")


@for_each("key, replaces", [("input", True), ("functionName", True), ("triggers", True), ("qualifier", True)])
def test_another_input_is_another_call_of_a_function(key: str, replaces: bool) -> None:
    assert changes(INVOCATION, {key: "a"}, {key: "b"}) == [Change(key, "update", "replace" if replaces else "update")]


@pytest.mark.parametrize(("key", "replaces"), [("parameters", False), ("templateBody", False), ("name", True)])
def test_a_stack_is_updated_in_place_but_for_its_name(key: str, replaces: bool) -> None:
    assert changes(STACK, {key: "a"}, {key: "b"}) == [Change(key, "update", "replace" if replaces else "update")]


def test_each_change_of_a_template_is_one_more_version_and_tags_are_none() -> None:
    before = {"latestVersion": 3.0, "defaultVersion": 2.0}
    inputs = {"imageId": "ami-1", "updateDefaultVersion": True}
    assert versions.renewed(TEMPLATE, inputs, {"userData"}) == ("latestVersion", "defaultVersion")
    assert versions.carried(TEMPLATE, inputs, {"userData"}, before) == {"latestVersion": 4, "defaultVersion": 4}
    assert versions.renewed(TEMPLATE, inputs, {"tags", "tagsAll"}) == ()
    assert versions.carried(TEMPLATE, inputs, {"tags"}, before) == {"latestVersion": 3, "defaultVersion": 2}
    plain = {"imageId": "ami-1"}
    assert versions.carried(TEMPLATE, plain, {"userData"}, before) == {"latestVersion": 4, "defaultVersion": 2}


def test_a_stack_that_is_changed_is_asked_for_its_outputs_again() -> None:
    assert versions.renewed(STACK, {}, {"parameters"}) == ("outputs",)
    assert versions.renewed(STACK, {}, {"tagsAll"}) == ()
    assert versions.carried(STACK, {}, {"parameters"}, {"outputs": {"A": "b"}}) == {}


TAG = {"key": "Name", "value": "fleet", "propagateAtLaunch": True}


@for_each(
    "inputs, refused",
    [
        ({"tags": [TAG]}, None),
        ({"tags": {"Name": "fleet"}}, "tags"),
        ({"tags": [TAG, TAG]}, "tags"),
        ({"tags": [{**TAG, "key": "aws:autoscaling"}]}, "tags"),
        ({"maxInstanceLifetime": 0}, None),
        ({"maxInstanceLifetime": 86400}, None),
        ({"maxInstanceLifetime": 3600}, "maxInstanceLifetime"),
    ],
)
def test_a_group_has_its_tags_in_a_list_and_a_life_of_days(inputs: dict[str, Any], refused: str | None) -> None:
    found = checks.problems(GROUP, {"minSize": 1, "maxSize": 2, **inputs})
    assert {problem.property.partition(".")[0] for problem in found} == ({refused} - {None})


def test_a_policy_is_of_a_type_that_there_is() -> None:
    group = {"autoscalingGroupName": "fleet"}
    assert checks.problems("aws:autoscaling/policy:Policy", {**group, "policyType": "SimpleScaling"}) == []
    (found,) = checks.problems("aws:autoscaling/policy:Policy", {**group, "policyType": "Simple"})
    assert found.property == "policyType"


@for_each(
    "inputs, subnet, public",
    [
        ({"subnetId": "s"}, {"mapPublicIpOnLaunch": True}, True),
        ({"subnetId": "s"}, {}, False),
        ({"subnetId": "s"}, {"existingDefaultSubnet": True}, True),
        ({"subnetId": "s"}, {"existingDefaultSubnet": True, "mapPublicIpOnLaunch": False}, False),
        ({}, None, True),
        ({"networkInterfaces": [{"deviceIndex": 0}]}, None, False),
        ({"subnetId": "s", "associatePublicIpAddress": False}, {"mapPublicIpOnLaunch": True}, None),
    ],
    name=["public", "private", "default", "default, told not to", "the default VPC", "own interfaces", "it says no"],
)
def test_where_an_instance_says_nothing_of_an_address_its_subnet_does(
    inputs: dict[str, Any], subnet: dict[str, Any] | None, public: bool | None
) -> None:
    made = computed("aws:ec2/instance:Instance", "web", inputs, find=lambda _: subnet, **WHERE)
    assert made.get("associatePublicIpAddress") is public


@pytest.mark.parametrize(("of", "source"), [("volume:Volume", "snapshotId"), ("snapshot:Snapshot", "volumeId")])
def test_a_disk_is_encrypted_as_what_it_is_made_of(of: str, source: str) -> None:
    token, there = f"aws:ebs/{of}", {"one": {"encrypted": True}, "other": {"encrypted": False}}
    assert computed(token, "a", {source: "one"}, **WHERE, find=there.get)["encrypted"] is True
    assert computed(token, "a", {source: "other"}, **WHERE, find=there.get)["encrypted"] is False
    unknown = computed(token, "a", {source: "elsewhere"}, **WHERE, find=there.get)
    assert unknown.get("encrypted") is None, "what is not in the program is not made up"
    if source == "snapshotId":
        assert computed(token, "a", {}, **WHERE, find=there.get)["encrypted"] is False
