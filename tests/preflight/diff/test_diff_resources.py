"""What becomes of the resources: added, removed, changed, replaced and why, renamed."""

import json
from typing import Any

import pytest

from preflight.diff import words
from tests.preflight.diff.reports import PROVIDER, SECRET, STACK, UNKNOWN, compared, only, provider, resource, told, urn

VPC, SUBNET, GROUP = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/securityGroup:SecurityGroup"
DATABASE, BUCKET, TABLE = "aws:rds/instance:Instance", "aws:s3/bucket:Bucket", "aws:dynamodb/table:Table"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
EMPTIED = {"forceDestroy": True}
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def changed(token: str, before: dict[str, Any], after: dict[str, Any], **given: Any) -> dict[str, Any]:
    return only(compared([resource(token, "one", before)], [resource(token, "one", after, **given)]))


def test_two_equal_programs_differ_in_nothing() -> None:
    same = [resource(VPC, "net", {"cidrBlock": "10.0.0.0/16"}), resource(BUCKET, "files")]
    found = compared(same, same)
    assert found["resources"] == []
    assert found["summary"]["unchanged"] == 2
    assert {found["summary"][key] for key in ("add", "remove", "replace", "update", "unknown")} == {0}


def test_what_is_only_in_the_head_is_added_and_what_is_only_in_the_base_removed() -> None:
    found = compared([resource(VPC, "old")], [resource(VPC, "new")])
    assert {each["name"]: each["action"] for each in found["resources"]} == {"old": "remove", "new": "add"}
    assert found["summary"]["unchanged"] == 0


@pytest.mark.parametrize(
    ("token", "before", "after"),
    [
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", {"ipProtocol": "6"}, {"ipProtocol": "tcp"}),
        ("aws:ec2/securityGroupRule:SecurityGroupRule", {"protocol": "all"}, {"protocol": "-1"}),
        (GROUP, {"ingress": [{"protocol": "17", "fromPort": 53}]}, {"ingress": [{"protocol": "UDP", "fromPort": 53}]}),
    ],
)
def test_a_protocol_by_its_number_and_by_its_name_is_one(
    token: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    same = compared([resource(token, "one", before)], [resource(token, "one", after)])
    assert same["resources"] == []
    assert same["summary"]["unchanged"] == 1
    other = (
        dict.fromkeys(after, "icmp") if "ingress" not in after else {"ingress": [{"protocol": "icmp", "fromPort": 53}]}
    )
    assert changed(token, before, other)["changes"], "another protocol is a change"


def test_protocols_of_other_types_are_texts() -> None:
    found = changed("aws:lb/targetGroup:TargetGroup", {"protocol": "6"}, {"protocol": "tcp"})
    assert [each[0] for each in told(found)] == ["protocol"]


def test_a_changed_property_has_its_path_both_values_and_what_it_does() -> None:
    found = changed(
        VPC, {"tags": {"Name": "a"}, "enableDnsSupport": False}, {"tags": {"Name": "b"}, "enableDnsSupport": False}
    )
    assert (found["action"], told(found)) == ("update", [("tags.Name", "a", "b", "update")])


def test_a_replacement_says_which_property_forces_it_and_which_does_not() -> None:
    found = changed(
        VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"a": "1"}}, {"cidrBlock": "10.1.0.0/16", "tags": {"a": "2"}}
    )
    assert found["action"] == "replace"
    assert found["because"] == ["cidrBlock"]
    assert ("tags.a", "1", "2", "update") in told(found)


def test_what_nobody_measured_is_called_not_known_and_never_an_update() -> None:
    assert changed("aws:nobody/knows:Knows", {"a": 1}, {"a": 2})["action"] == "unknown"


def test_list_elements_are_known_by_name_wherever_they_stand() -> None:
    def containers(port: str, *, image_last: bool) -> str:
        named = {"name": "web", "environment": [{"name": "HOST", "value": "h"}, {"name": "PORT", "value": port}]}
        web = {**named, "image": "i"} if image_last else {"image": "i", **named}
        side = {"name": "side", "image": "s"}
        return json.dumps([side, web])

    before = {"family": "f", "containerDefinitions": containers("80", image_last=False)}
    after = {"family": "f", "containerDefinitions": containers("81", image_last=True)}
    found = changed(TASK, before, after)
    assert told(found) == [("containerDefinitions[name=web].environment[name=PORT].value", "80", "81", "replace")]


def test_an_element_put_in_front_moves_nothing_else() -> None:
    rules = [{"protocol": "tcp", "fromPort": port, "toPort": port} for port in (80, 443)]
    more = [{"protocol": "tcp", "fromPort": 22, "toPort": 22}, *rules]
    found = changed(GROUP, {"ingress": rules}, {"ingress": more})
    assert told(found) == [("ingress[0]", None, more[0], "update")]


def test_the_order_of_a_set_does_not_count() -> None:
    both = [resource(GROUP, "one", {"ingress": [{"fromPort": port} for port in ports]}) for ports in ((1, 2), (2, 1))]
    assert compared(both[:1], both[1:])["resources"] == []


def test_a_policy_is_compared_by_its_statements_not_by_its_text() -> None:
    before = {
        "policy": '{"Statement": [{"Sid": "A", "Action": ["s3:Get*", "s3:Put*"]}, {"Sid": "B", "Effect": "Deny"}]}'
    }
    after = {"policy": '{"Statement":[{"Sid":"B","Effect":"Deny"},{"Sid":"A","Action":["s3:Get*"]}]}'}
    paths = [path for path, *_ in told(changed("aws:iam/policy:Policy", before, after))]
    assert "policy.Statement[Sid=A].Action[1]" in paths
    assert not [path for path in paths if "[Sid=B]" in path]


def test_a_secret_is_only_ever_called_changed() -> None:
    marked = [{"password": {**SECRET, "$fingerprint": mark}} for mark in ("aa", "bb")]
    found = changed(DATABASE, *marked)
    assert told(found) == [("password", SECRET, SECRET, "update")]
    assert "aa" not in str(found)
    assert compared([resource(DATABASE, "one", marked[0])], [resource(DATABASE, "one", marked[0])])["resources"] == []


def test_what_becomes_a_secret_does_not_show_what_it_was() -> None:
    found = changed(DATABASE, {"password": "hunter22"}, {"password": SECRET})
    assert told(found) == [("password", SECRET, SECRET, "update")]
    assert "hunter22" not in str(found)


def test_secrets_of_a_saved_report_are_said_to_be_unknown_and_not_to_be_equal() -> None:
    both = [resource(DATABASE, "one", {"password": SECRET})]
    found = compared(both, both)
    assert found["resources"] == []
    assert "not known (one)" in found["notes"][0]


def test_what_aws_makes_is_shown_as_unknown_and_never_as_simulated() -> None:
    needs = {"subnetId": [urn(SUBNET, "a")]}
    found = only(
        compared(
            [
                resource(
                    "aws:ec2/instance:Instance",
                    "one",
                    {"subnetId": "subnet-0a0a0a0a0a"},
                    needs=needs,
                    unknown=["subnetId"],
                )
            ],
            [
                resource(
                    "aws:ec2/instance:Instance",
                    "one",
                    {"subnetId": "subnet-0b0b0b0b0b"},
                    needs=needs,
                    unknown=["subnetId"],
                )
            ],
        )
    )
    assert told(found) == [("subnetId", UNKNOWN, UNKNOWN, "replace")]
    assert "subnet-0" not in str(found)


def test_what_hangs_on_a_replaced_resource_follows_it_as_far_as_its_own_properties_say() -> None:
    def network(cidr: str) -> list[dict[str, Any]]:
        return [
            resource(VPC, "net", {"cidrBlock": cidr}),
            resource(SUBNET, "sub", {"vpcId": "vpc-1"}, needs={"vpcId": [urn(VPC, "net")]}, unknown=["vpcId"]),
            resource(ALARM, "alarm", {"dimensions": {"S": "subnet-1"}}, needs={"dimensions": [urn(SUBNET, "sub")]},
                     unknown=["dimensions.S"]),
            resource(BUCKET, "files", {"tags": {"net": "fixed"}}, needs={"tags": [urn(VPC, "net")]}),
        ]  # fmt: skip

    found = compared(network("10.0.0.0/16"), network("10.1.0.0/16"))
    assert [(each["name"], each["action"]) for each in found["resources"]] == [
        ("net", "replace"), ("sub", "replace"), ("alarm", "update"),
    ]  # fmt: skip
    assert found["resources"][1]["changes"][0]["dueTo"] == [urn(VPC, "net")]
    assert found["summary"]["unchanged"] == 1, "a property that holds nothing of AWS's making stays"


def test_a_value_of_aws_that_comes_from_something_else_now_says_from_what_and_is_no_pair_of_unknowns() -> None:
    def service(name: str) -> list[dict[str, Any]]:
        return [
            resource(SUBNET, "one", {"cidrBlock": "10.0.0.0/24"}),
            resource(SUBNET, "two", {"cidrBlock": "10.0.1.0/24"}),
            resource("aws:ec2/instance:Instance", "web", {"subnetId": f"subnet-{name}"}, needs={"subnetId": [urn(SUBNET, name)]},
                     unknown=["subnetId"]),
        ]  # fmt: skip

    each = only(compared(service("one"), service("two")))
    assert told(each) == [("subnetId", UNKNOWN, UNKNOWN, "replace")]
    assert each["changes"][0]["dueTo"] == [urn(SUBNET, "two")]
    assert words.change(each["changes"][0], {}) == "subnetId: follows two (replaces)"
    bare = {**each["changes"][0], "dueTo": []}
    assert words.change(bare, {}) == "subnetId: another value, known after the deployment (replaces)"


def test_what_was_only_perhaps_replaced_takes_others_along_once_it_surely_is() -> None:
    cache, group = "aws:elasticache/replicationGroup:ReplicationGroup", "aws:elasticache/subnetGroup:SubnetGroup"

    def things(name: str, version: Any) -> list[dict[str, Any]]:
        inputs = {"engineVersion": version, "subnetGroupName": "made"}
        return [
            resource(group, "z", {"name": name}),
            resource(SUBNET, "sub", {"vpcId": "made"}, needs={"vpcId": [urn(cache, "cache")]}, unknown=["vpcId"]),
            resource(cache, "cache", inputs, needs={"subnetGroupName": [urn(group, "z")]}, unknown=["subnetGroupName"]),
        ]

    perhaps = compared(things("a", "7.0"), things("a", UNKNOWN))
    surely = compared(things("a", "7.0"), things("b", UNKNOWN))
    assert {each["name"]: each["action"] for each in perhaps["resources"]} == {"cache": "unknown", "sub": "unknown"}
    assert {each["name"]: each["action"] for each in surely["resources"]} == {
        "cache": "replace",
        "sub": "replace",
        "z": "replace",
    }


def test_what_loses_data_comes_first() -> None:
    base = [
        resource(VPC, "a", {"cidrBlock": "10.0.0.0/16"}),
        resource(BUCKET, "z", EMPTIED),
        resource(TABLE, "t", {"hashKey": "a"}),
    ]
    found = compared(base, [resource(VPC, "a", {"cidrBlock": "10.1.0.0/16"}), resource(TABLE, "t", {"hashKey": "b"})])
    assert [(each["name"], each["action"], each["losesData"]) for each in found["resources"]] == [
        ("z", "remove", True), ("t", "replace", True), ("a", "replace", False),
    ]  # fmt: skip
    assert found["summary"]["losesData"] == 2


def test_what_is_retained_loses_no_data_and_what_is_protected_says_so() -> None:
    kept = only(compared([resource(BUCKET, "b", EMPTIED, options={"retainOnDelete": True})], []))
    held = only(compared([resource(BUCKET, "b", EMPTIED, options={"protect": True})], []))
    assert (kept["losesData"], kept["retained"]) == (False, True)
    assert (held["losesData"], held["protected"]) == (True, True)


def test_taking_the_protection_off_is_a_change_of_the_state_only() -> None:
    found = only(compared([resource(BUCKET, "b", options={"protect": True})], [resource(BUCKET, "b")]))
    assert (found["action"], told(found)) == ("none", [("options.protect", True, None, "state")])


def test_a_resource_with_an_alias_is_renamed_and_neither_made_nor_removed() -> None:
    found = only(compared([resource(BUCKET, "old")], [resource(BUCKET, "new", options={"aliases": [{"name": "old"}]})]))
    assert (found["action"], found["renamedFrom"], found["changes"]) == ("rename", urn(BUCKET, "old"), [])


@pytest.mark.parametrize(
    "alias",
    [urn(BUCKET, "old"), {"type": BUCKET, "name": "old", "noParent": True}, {"name": "old", "parentUrn": STACK}],
)
def test_an_alias_may_be_a_urn_or_name_its_parts(alias: Any) -> None:
    found = compared([resource(BUCKET, "old")], [resource(BUCKET, "new", options={"aliases": [alias]})])
    assert [each["action"] for each in found["resources"]] == ["rename"]


def test_children_of_a_renamed_component_are_renamed_with_it() -> None:
    def room(name: str, **options: Any) -> list[dict[str, Any]]:
        parent = resource("shop:index:Room", name, custom=False, options=options)
        child = resource(
            BUCKET, f"{name}-files", parent=parent["urn"], urn=urn(BUCKET, f"{name}-files", "shop:index:Room$")
        )
        return [parent, child]

    found = compared(room("hall"), room("lobby", aliases=[{"name": "hall"}]))
    assert [(each["name"], each["action"]) for each in found["resources"]] == [("lobby-files", "rename")]
    assert [each["action"] for each in compared(room("hall"), room("lobby"))["resources"]] == ["remove", "add"]


def test_a_renamed_resource_keeps_its_id_so_what_names_it_does_not_change() -> None:
    from preflight import simulation  # noqa: PLC0415

    def pair(name: str, **options: Any) -> list[dict[str, Any]]:
        vpc = resource(VPC, name, {"cidrBlock": "10.0.0.0/16"}, options=options)
        identity = simulation.resource_id(
            VPC, name, vpc["inputs"], region="us-east-1", account="123456789012", urn=vpc["urn"]
        )
        return [vpc, resource(SUBNET, "sub", {"vpcId": identity}, needs={"vpcId": [vpc["urn"]]}, unknown=["vpcId"])]

    found = compared(pair("old"), pair("new", aliases=[{"name": "old"}]))
    assert [(each["name"], each["action"]) for each in found["resources"]] == [("new", "rename")]


def test_ignored_changes_are_told_and_do_nothing() -> None:
    found = changed(
        VPC, {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"}, options={"ignoreChanges": ["cidrBlock"]}
    )
    assert found["action"] == "none"
    assert [effect for *_, effect in told(found) if effect != "state"] == ["ignored"]
    assert found["warnings"] == []


def test_replace_on_changes_replaces_what_would_be_updated() -> None:
    found = changed(VPC, {"tags": {"a": "1"}}, {"tags": {"a": "2"}}, options={"replaceOnChanges": ["tags"]})
    assert (found["action"], found["because"]) == ("replace", ["tags.a"])


def test_another_region_of_the_provider_replaces_what_is_regional() -> None:
    from tests.preflight.diff.reports import document, stack  # noqa: PLC0415

    things = [resource(VPC, "net"), resource("aws:iam/role:Role", "role")]
    base, head = stack(things), stack(things)
    head["resources"][0] = provider("us-east-1")
    found = document(base, head)["stacks"]["dev"]
    assert {each["name"]: each["action"] for each in found["resources"]} == {"net": "replace", "main": "update"}
    assert next(e for e in found["resources"] if e["name"] == "net")["changes"][0]["dueTo"] == [PROVIDER]


def test_a_fixed_name_makes_a_replacement_go_before_it_comes() -> None:
    fixed = changed(TABLE, {"name": "t", "hashKey": "a"}, {"name": "t", "hashKey": "b"})
    free = changed(TABLE, {"hashKey": "a"}, {"hashKey": "b"})
    assert (fixed["deletedFirst"], free["deletedFirst"]) == (True, False)


FUNCTION, INSTANCE = "aws:lambda/function:Function", "aws:ec2/instance:Instance"


def test_a_default_that_is_written_out_is_told_and_plans_nothing() -> None:
    found = changed(FUNCTION, {}, {"packageType": "Zip"})
    assert (found["action"], told(found)) == ("none", [("packageType", None, "Zip", "default")])
    assert found["warnings"] == []
    assert words.change(found["changes"][0], {}) == (
        'packageType: "Zip" added (which counts when it is not given: nothing is planned)'
    )
    assert changed(FUNCTION, {}, {"packageType": "Image"})["action"] == "replace"


def test_what_aws_has_chosen_before_may_be_what_is_given_now() -> None:
    found = changed(INSTANCE, {}, {"availabilityZone": "eu-west-1a"})
    assert (found["action"], told(found)) == ("unknown", [("availabilityZone", None, "eu-west-1a", "unknown")])
    said = words.change(found["changes"][0], {})
    assert said == 'availabilityZone: "eu-west-1a" added (a replacement if it differs from what AWS chose)'
    other = changed(INSTANCE, {"availabilityZone": "eu-west-1b"}, {"availabilityZone": "eu-west-1a"})
    assert other["action"] == "replace"


def test_what_aws_cannot_have_chosen_replaces_for_sure() -> None:
    assert changed("aws:iam/role:Role", {}, {"name": "ours"})["action"] == "replace", "the name was drawn"
    given = {"subnetId": "subnet-0a0a0a0a0a"}
    made = changed(INSTANCE, {}, given, needs={"subnetId": [urn(SUBNET, "a")]}, unknown=["subnetId"])
    assert made["action"] == "replace", "it is of the program's own"
