"""Answers to lookups."""

import json
from typing import Any

import pytest

from preflight.simulation import lookups
from preflight.simulation.place import Place

HERE = Place("eu-west-1", "111122223333")


def answer(token: str, place: Place = HERE, **arguments: Any) -> dict[str, Any]:
    found = lookups.answer(token, arguments, place)
    assert found is not None
    return found


def test_the_account_and_region_are_those_of_the_place() -> None:
    assert answer("aws:index/getCallerIdentity:getCallerIdentity")["accountId"] == "111122223333"
    assert answer("aws:index/getRegion:getRegion")["region"] == "eu-west-1"
    china = answer("aws:index/getPartition:getPartition", Place("cn-north-1", "1"))
    assert (china["partition"], china["dnsSuffix"]) == ("aws-cn", "amazonaws.com.cn")


def test_zones_belong_to_the_region_and_can_be_excluded() -> None:
    zones = answer("aws:index/getAvailabilityZones:getAvailabilityZones", excludeNames=["eu-west-1b"])
    assert zones["names"] == ["eu-west-1a", "eu-west-1c"]
    assert zones["zoneIds"] == ["euw1-az1", "euw1-az3"]


def test_a_policy_document_has_the_one_or_many_forms_of_the_provider() -> None:
    statements = [
        {"sid": "A", "actions": ["s3:GetObject", "s3:PutObject"], "resources": ["arn:aws:s3:::b/*"],
         "principals": [{"type": "Service", "identifiers": ["ecs.amazonaws.com"]}],
         "conditions": [{"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["1"]}]},
        {"effect": "Deny", "notActions": ["iam:*"], "resources": ["*"],
         "principals": [{"type": "*", "identifiers": ["*"]}]},
    ]  # fmt: skip
    document = json.loads(answer("aws:iam/getPolicyDocument:getPolicyDocument", statements=statements)["json"])
    assert document == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "A",
                "Effect": "Allow",
                "Action": ["s3:PutObject", "s3:GetObject"],
                "Resource": "arn:aws:s3:::b/*",
                "Principal": {"Service": "ecs.amazonaws.com"},
                "Condition": {"StringEquals": {"aws:SourceAccount": "1"}},
            },
            {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Principal": "*"},
        ],
    }


def test_an_override_document_replaces_the_statement_of_its_sid() -> None:
    base = json.dumps({"Statement": [{"Sid": "A", "Effect": "Allow"}, {"Sid": "B", "Effect": "Allow"}]})
    change = json.dumps({"Statement": {"Sid": "A", "Effect": "Deny"}})
    found = answer(
        "aws:iam/getPolicyDocument:getPolicyDocument", sourcePolicyDocuments=[base], overridePolicyDocuments=[change]
    )
    assert json.loads(found["json"])["Statement"] == [{"Sid": "A", "Effect": "Deny"}, {"Sid": "B", "Effect": "Allow"}]


def test_the_load_balancers_account_is_known_only_where_there_is_one() -> None:
    assert answer("aws:elb/getServiceAccount:getServiceAccount")["arn"] == "arn:aws:iam::156460612806:root"
    assert lookups.answer("aws:elb/getServiceAccount:getServiceAccount", {}, Place("ap-southeast-5", "1")) is None


@pytest.mark.parametrize("token", ["aws:ec2/getAmi:getAmi", "aws:ssm/getParameter:getParameter"])
def test_what_only_has_the_shape_of_an_answer_says_so(token: str) -> None:
    assert lookups.is_stand_in(token)
    assert answer(token, name="/app/key")["id"]
    assert not lookups.is_stand_in("aws:index/getRegion:getRegion")


def test_what_an_account_holds_has_no_answer() -> None:
    assert lookups.answer("aws:ec2/getVpc:getVpc", {"default": True}, HERE) is None
