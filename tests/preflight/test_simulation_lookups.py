"""Answers to lookups."""

import base64
import json
from typing import Any

import pytest

from preflight.simulation import lookups, made
from preflight.simulation.place import Place

VPC, SUBNETS = "aws:ec2/getVpc:getVpc", "aws:ec2/getSubnets:getSubnets"
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


def test_the_statements_of_a_document_may_be_spelled_as_python_spells_its_arguments() -> None:
    statement = {"not_actions": ["iam:*"], "not_resources": ["arn:aws:s3:::b"],
                 "not_principals": [{"type": "AWS", "identifiers": ["arn:aws:iam::111122223333:root"]}]}  # fmt: skip
    document = json.loads(answer("aws:iam/getPolicyDocument:getPolicyDocument", statements=[statement])["json"])
    assert document["Statement"] == [
        {
            "Effect": "Allow",
            "NotAction": "iam:*",
            "NotResource": "arn:aws:s3:::b",
            "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"},
        }
    ]


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


@pytest.mark.parametrize(
    "token",
    ["aws:ec2/getAmi:getAmi", "aws:ssm/getParameter:getParameter", "aws:ssoadmin/getInstances:getInstances"],
)
def test_what_only_has_the_shape_of_an_answer_says_so(token: str) -> None:
    assert lookups.is_stand_in(token)
    assert answer(token, name="/app/key")["id"]
    assert not lookups.is_stand_in("aws:index/getRegion:getRegion")


def test_what_an_account_holds_has_no_answer() -> None:
    assert lookups.answer(VPC, {"id": "vpc-0abc"}, HERE) is None
    assert lookups.answer(VPC, {"tags": {"Name": "main"}}, HERE) is None
    assert lookups.answer(SUBNETS, {"filters": [{"name": "vpc-id", "values": ["vpc-0abc"]}]}, HERE) is None


def test_the_default_vpc_is_as_aws_makes_it_and_its_parts_belong_together() -> None:
    vpc = answer(VPC, default=True)
    assert (vpc["cidrBlock"], vpc["default"]) == ("172.31.0.0/16", True)
    assert lookups.is_stand_in(VPC)
    assert answer(VPC, id=vpc["id"]) == vpc
    of_vpc = [{"name": "vpc-id", "values": [vpc["id"]]}]
    identities = answer(SUBNETS, filters=of_vpc)["ids"]
    found = [answer("aws:ec2/getSubnet:getSubnet", id=identity) for identity in identities]
    assert [each["cidrBlock"] for each in found] == ["172.31.0.0/20", "172.31.16.0/20", "172.31.32.0/20"]
    assert {(each["vpcId"], each["mapPublicIpOnLaunch"]) for each in found} == {(vpc["id"], True)}
    assert len({each["availabilityZone"] for each in found}) == 3
    table = answer("aws:ec2/getRouteTable:getRouteTable", subnetId=identities[0])
    assert table["id"] == vpc["mainRouteTableId"]
    gateway = answer("aws:ec2/getInternetGateway:getInternetGateway", filters=[
        {"name": "attachment.vpc-id", "values": [vpc["id"]]}])  # fmt: skip
    assert table["routes"][1]["gatewayId"] == gateway["id"]
    assert answer("aws:ec2/getSecurityGroup:getSecurityGroup", name="default", vpcId=vpc["id"])["vpcId"] == vpc["id"]
    there = Place("eu-west-2", "111122223333")
    assert answer(VPC, there, default=True)["id"] != vpc["id"]


def test_filters_that_leave_the_default_vpc_are_not_guessed() -> None:
    vpc = answer(VPC, default=True)["id"]
    in_vpc = {"name": "vpc-id", "values": [vpc]}
    zone = {"name": "availability-zone", "values": ["eu-west-1b"]}
    assert len(answer(SUBNETS, filters=[in_vpc, zone])["ids"]) == 1
    assert answer(SUBNETS, filters=[in_vpc, {"name": "map-public-ip-on-launch", "values": ["false"]}])["ids"] == []
    assert lookups.answer(SUBNETS, {"filters": [in_vpc, {"name": "tag:Tier", "values": ["web"]}]}, HERE) is None
    assert lookups.answer("aws:ec2/getSecurityGroup:getSecurityGroup", {"name": "web", "vpcId": vpc}, HERE) is None


def test_the_login_to_a_registry_can_be_taken_apart() -> None:
    found = answer("aws:ecr/getCredentials:getCredentials", registryId="444455556666")
    assert base64.b64decode(found["authorizationToken"]).decode().split(":")[0] == "AWS"
    assert found["proxyEndpoint"] == "https://444455556666.dkr.ecr.eu-west-1.amazonaws.com"


MADE = [
    made.Made("aws:ec2/vpc:Vpc", "vpc-1", {"mainRouteTableId": "rtb-main"}),
    made.Made("aws:ec2/subnet:Subnet", "subnet-a", {"vpcId": "vpc-1", "tags": {"Name": "net-web-1"}}),
    made.Made("aws:ec2/subnet:Subnet", "subnet-b", {"vpcId": "vpc-1", "tags": {"Name": "net-data-1"}}),
    made.Made("aws:ec2/subnet:Subnet", "subnet-c", {"vpcId": "vpc-2", "tags": {"Name": "net-web-1"}}),
    made.Made("aws:ec2/routeTable:RouteTable", "rtb-web", {"vpcId": "vpc-1"}),
    made.Made("aws:ec2/routeTable:RouteTable", "rtb-main", {"vpcId": "vpc-1"}),
    made.Made("aws:ec2/routeTableAssociation:RouteTableAssociation", "j", {"subnetId": "subnet-a", "routeTableId": "rtb-web"}),
    made.Made("aws:lb/listener:Listener", "arn:l", {"arn": "arn:l", "port": 443}),
]  # fmt: skip


def test_what_the_run_has_made_is_found_by_its_id_and_nothing_else_is() -> None:
    listener = made.answer("aws:lb/getListener:getListener", {"arn": "arn:l"}, MADE)
    assert listener is not None and listener["port"] == 443
    assert made.answer("aws:lb/getListener:getListener", {"arn": "arn:other"}, MADE) is None
    assert made.answer(VPC, {"id": "subnet-a"}, MADE) is None, "an id of another type"
    assert made.answer(VPC, {"default": True}, MADE) is None
    assert made.answer("aws:iam/getRole:getRole", {"name": "x"}, MADE) is None


@pytest.mark.parametrize(("subnet", "table"), [("subnet-a", "rtb-web"), ("subnet-b", "rtb-main"), ("subnet-c", None)])
def test_the_table_of_a_subnet_is_its_own_or_the_main_one(subnet: str, table: str | None) -> None:
    found = made.answer("aws:ec2/getRouteTable:getRouteTable", {"subnetId": subnet}, MADE)
    assert (found["id"] if found else None) == table


def test_subnets_are_found_by_vpc_and_pattern_of_a_tag() -> None:
    in_vpc, web = {"name": "vpc-id", "values": ["vpc-1"]}, {"name": "tag:Name", "values": ["net-web-*"]}
    found = made.answer(SUBNETS, {"filters": [in_vpc, web]}, MADE)
    assert found is not None and found["ids"] == ["subnet-a"]
    both = made.answer(SUBNETS, {"filters": [in_vpc]}, MADE)
    assert both is not None and both["ids"] == ["subnet-a", "subnet-b"]
    assert made.answer(SUBNETS, {"filters": [in_vpc, {"name": "ipv6-native", "values": ["true"]}]}, MADE) is None
    assert made.answer(SUBNETS, {"filters": [web]}, MADE) is None, "subnets of the account may have the tag too"
