"""Private ways to AWS services: who can use them, from where, for what."""

import json
from typing import Any

import pytest

from components.network.endpoints import Endpoints, EndpointsArgs, policy
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from settings.location import Location
from tests.gathered import for_each

HERE = Location.of("us-east-1", "111122223333")
ENDPOINT, GROUP = "aws:ec2/vpcEndpoint:VpcEndpoint", "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ALL = ("s3", "dynamodb", "ecr", "logs", "secretsmanager", "kms", "sqs")


def endpoints(*services: str, location: Location = HERE) -> Any:
    args = EndpointsArgs(
        services=services,
        vpc_id="vpc-1",
        vpc_cidr="10.20.0.0/16",
        route_table_ids=["rtb-private-a", "rtb-private-b", "rtb-data"],
        subnet_ids=["subnet-a", "subnet-b"],
        location=location,
    )
    return lambda: Endpoints("endpoints", args)


@pytest.mark.parametrize(
    ("region", "registry", "others"),
    [
        ("eu-central-1", "com.amazonaws.eu-central-1", "com.amazonaws.eu-central-1"),
        ("us-gov-west-1", "com.amazonaws.us-gov-west-1", "com.amazonaws.us-gov-west-1"),
        ("cn-north-1", "cn.com.amazonaws.cn-north-1", "com.amazonaws.cn-north-1"),
    ],
)
def test_services_have_the_names_of_their_partition(deploy: Any, region: str, registry: str, others: str) -> None:
    made = deploy(endpoints(*ALL, location=Location.of(region, "111122223333"))).inputs(ENDPOINT)
    named = {inputs["serviceName"] for inputs in made.values()}
    assert named == {f"{registry}.ecr.api", f"{registry}.ecr.dkr"} | {
        f"{others}.{service}" for service in ALL if service != "ecr"
    }


def test_ecr_takes_two_endpoints_and_s3_and_dynamodb_are_gateways(deploy: Any) -> None:
    found = deploy(endpoints(*ALL)).inputs(ENDPOINT)
    assert {
        inputs["serviceName"].removeprefix("com.amazonaws.us-east-1."): inputs["vpcEndpointType"]
        for inputs in found.values()
    } == {
        "s3": "Gateway",
        "dynamodb": "Gateway",
        "ecr.api": "Interface",
        "ecr.dkr": "Interface",
        "logs": "Interface",
        "secretsmanager": "Interface",
        "kms": "Interface",
        "sqs": "Interface",
    }


def test_gateway_endpoints_are_in_every_private_and_data_table(deploy: Any) -> None:
    for inputs in deploy(endpoints("s3", "dynamodb")).inputs(ENDPOINT).values():
        assert inputs["routeTableIds"] == ["rtb-private-a", "rtb-private-b", "rtb-data"]
        assert "subnetIds" not in inputs


def test_interface_endpoints_answer_to_the_public_name_in_every_private_subnet(deploy: Any) -> None:
    for inputs in deploy(endpoints("ecr", "logs")).inputs(ENDPOINT).values():
        assert inputs["privateDnsEnabled"] is True
        assert inputs["subnetIds"] == ["subnet-a", "subnet-b"]
        assert len(inputs["securityGroupIds"]) == 1
        assert "routeTableIds" not in inputs


def test_the_only_way_in_is_https_from_inside_the_vpc(deploy: Any) -> None:
    deployment = deploy(endpoints(*ALL))
    assert not {"ingress", "egress"} & set(deployment.one(GROUP).inputs)
    rule = deployment.one(RULE).inputs
    assert (rule["cidrIpv4"], rule["ipProtocol"], rule["fromPort"], rule["toPort"]) == ("10.20.0.0/16", "tcp", 443, 443)
    assert deployment.of("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") == {}


def test_gateways_alone_need_no_group(deploy: Any) -> None:
    deployment = deploy(endpoints("s3", "dynamodb"))
    assert deployment.of(GROUP) == deployment.of(RULE) == {}
    assert deploy(endpoints()).of(ENDPOINT) == {}


@for_each("service", ["s3", "dynamodb", "ecr.api", "ecr.dkr", "logs", "secretsmanager", "kms"])
def test_no_endpoint_serves_principals_of_another_account(service: str) -> None:
    for statement in policy(service, HERE):
        assert statement.actions != ["*"]
        if statement.actions != ["s3:GetObject"]:
            assert statement.conditions["StringEquals"]["aws:PrincipalAccount"] == "111122223333"


def test_s3_reaches_own_buckets_and_what_hosts_must_read_and_no_other(deploy: Any) -> None:
    document = json.loads(deploy(endpoints("s3")).one(ENDPOINT).inputs["policy"])
    own, *others = document["Statement"]
    assert own["Condition"]["StringEquals"]["aws:ResourceAccount"] == "111122223333"
    assert {one["Sid"]: one["Resource"] for one in others} == {
        "ImageLayers": ["arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"],
        "Packages": ["arn:aws:s3:::al2023-repos-us-east-1-de612dc2/*"],
        "PublicImageLayers": ["arn:aws:s3:::docker-images-prod/*", "arn:aws:s3:::quayio-production-s3/*"],
    }
    for one in others:
        assert (one["Action"], one["Principal"]) == (["s3:GetObject"], {"AWS": ["*"]})
        assert "Condition" not in one, "packages are read unsigned, layers by a link that their owner has signed"


def test_layers_of_public_registries_are_let_through_only_where_their_buckets_are() -> None:
    here = {statement.sid: statement.resources for statement in policy("s3", Location.of("eu-west-1", "111122223333"))}
    assert here["Packages"] == ["arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/*"]
    assert "PublicImageLayers" not in here


def test_dynamodb_reaches_the_tables_of_the_account_only_and_may_list_them() -> None:
    own, account = policy("dynamodb", HERE)
    assert own.resources == ["arn:aws:dynamodb:us-east-1:111122223333:table/*"]
    assert account.resources == ["*"], "AWS knows no resource for these"
    assert account.actions == ["dynamodb:DescribeEndpoints", "dynamodb:DescribeLimits", "dynamodb:ListTables"]


def test_the_statements_of_all_endpoints_are_inputs_of_the_component(deploy: Any) -> None:
    deployment = deploy(endpoints(*ALL))
    said = deployment.one("groundwork:network:Endpoints").inputs["statements"]
    written = [s for e in deployment.inputs(ENDPOINT).values() for s in json.loads(e["policy"])["Statement"]]
    assert sorted(s["Sid"] for s in said) == sorted(s["Sid"] for s in written)
    assert all(statement in said for statement in written)


def flow_logs() -> FlowLogs:
    group = "arn:aws:logs:us-east-1:111122223333:log-group:flows"
    return FlowLogs("flows", FlowLogsArgs(vpc_id="vpc-1", log_group_arn=group, location=HERE))


def test_every_connection_is_recorded_each_minute(deploy: Any) -> None:
    log = deploy(flow_logs).one("aws:ec2/flowLog:FlowLog").inputs
    assert (log["trafficType"], log["maxAggregationInterval"], log["vpcId"]) == ("ALL", 60, "vpc-1")
    assert log["logDestinationType"] == "cloud-watch-logs"
    assert log["logDestination"] == "arn:aws:logs:us-east-1:111122223333:log-group:flows"


def test_the_role_of_the_flow_logs_writes_to_one_group_and_is_there_before_them(deploy: Any) -> None:
    deployment = deploy(flow_logs)
    policy_ = deployment.one("aws:iam/rolePolicy:RolePolicy")
    find, write = sorted(json.loads(policy_.inputs["policy"])["Statement"], key=lambda statement: str(statement["Sid"]))
    assert write["Resource"] == ["arn:aws:logs:us-east-1:111122223333:log-group:flows:*"]
    assert find["Action"] == ["logs:DescribeLogGroups"]
    assert policy_.urn in deployment.one("aws:ec2/flowLog:FlowLog").dependencies


def test_only_flow_logs_of_this_account_can_take_the_role(deploy: Any) -> None:
    (trust,) = json.loads(deploy(flow_logs).one("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": ["vpc-flow-logs.amazonaws.com"]}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ec2:us-east-1:111122223333:vpc-flow-log/*"},
    }
