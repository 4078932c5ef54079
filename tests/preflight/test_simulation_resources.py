"""The stand-in for AWS: shapes of ids and outputs, and what must follow from the inputs."""

import enum
import ipaddress
import re
import typing
from collections.abc import Mapping
from typing import Any, TypedDict

import pulumi_aws  # registers the modules that sdk_types looks into
import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight import simulation
from preflight.simulation import sdk_types, table
from preflight.simulation.together import UNKNOWN
from tests.gathered import for_each


class Where(TypedDict):
    region: str
    account: str


HERE = Where(region="eu-west-1", account="111122223333")
CHINA = Where(region="cn-north-1", account="111122223333")
GOVERNMENT = Where(region="us-gov-west-1", account="111122223333")
LB = "aws:lb/loadBalancer:LoadBalancer"
CERTIFICATE = "aws:acm/certificate:Certificate"
DATABASE = "aws:rds/instance:Instance"


def made(
    type_token: str, name: str = "main", inputs: Mapping[str, Any] | None = None, where: Where = HERE
) -> dict[str, Any]:
    given_inputs = inputs or {}
    identity = simulation.resource_id(type_token, name, given_inputs, **where)
    return {**simulation.computed(type_token, name, given_inputs, **where), "id": identity}


SHAPES = {
    "aws:ec2/vpc:Vpc": ("id", r"vpc-[0-9a-f]{17}"),
    "aws:ec2/subnet:Subnet": ("id", r"subnet-[0-9a-f]{17}"),
    "aws:ec2/securityGroup:SecurityGroup": ("id", r"sg-[0-9a-f]{17}"),
    "aws:ec2/internetGateway:InternetGateway": ("id", r"igw-[0-9a-f]{17}"),
    "aws:ec2/natGateway:NatGateway": ("id", r"nat-[0-9a-f]{17}"),
    "aws:ec2/eip:Eip": ("allocationId", r"eipalloc-[0-9a-f]{17}"),
    "aws:ec2/routeTable:RouteTable": ("id", r"rtb-[0-9a-f]{17}"),
    "aws:ec2/networkAclAssociation:NetworkAclAssociation": ("id", r"aclassoc-[0-9a-f]{17}"),
    "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion": ("id", r"vpcbpa-exclude-[0-9a-f]{17}"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("id", r"vpce-[0-9a-f]{17}"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ("id", r"sgr-[0-9a-f]{17}"),
    LB: ("arn", r"arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/main-[0-9a-f]{7}/[0-9a-f]{16}"),
    "aws:lb/targetGroup:TargetGroup": ("arnSuffix", r"targetgroup/main-[0-9a-f]{7}/[0-9a-f]{16}"),
    CERTIFICATE: ("arn", r"arn:aws:acm:eu-west-1:111122223333:certificate/[0-9a-f-]{36}"),
    "aws:kms/key:Key": ("arn", r"arn:aws:kms:eu-west-1:111122223333:key/[0-9a-f-]{36}"),
    "aws:servicediscovery/httpNamespace:HttpNamespace": (
        "arn",
        r"arn:aws:servicediscovery:eu-west-1:111122223333:namespace/ns-[a-z0-9]{16}",
    ),
    "aws:ecs/cluster:Cluster": ("arn", r"arn:aws:ecs:eu-west-1:111122223333:cluster/main-[0-9a-f]{7}"),
    "aws:ecr/repository:Repository": (
        "repositoryUrl",
        r"111122223333\.dkr\.ecr\.eu-west-1\.amazonaws\.com/main-[0-9a-f]{7}",
    ),
    "aws:sns/topic:Topic": ("arn", r"arn:aws:sns:eu-west-1:111122223333:main-[0-9a-f]{7}"),
    "aws:cloudwatch/logGroup:LogGroup": ("arn", r"arn:aws:logs:eu-west-1:111122223333:log-group:main-[0-9a-f]{7}"),
    "aws:s3/bucket:Bucket": ("arn", r"arn:aws:s3:::main-[0-9a-f]{7}"),
    "aws:iam/role:Role": ("arn", r"arn:aws:iam::111122223333:role/main-[0-9a-f]{7}"),
    DATABASE: ("endpoint", r"main-[0-9a-f]{7}\.[a-z0-9]{12}\.eu-west-1\.rds\.amazonaws\.com:5432"),
    "aws:rds/cluster:Cluster": (
        "readerEndpoint",
        r"main-[0-9a-f]{7}\.cluster-ro-[a-z0-9]{12}\.eu-west-1\.rds\.amazonaws\.com",
    ),
    "aws:sqs/queue:Queue": ("url", r"https://sqs\.eu-west-1\.amazonaws\.com/111122223333/main-[0-9a-f]{7}"),
    "aws:scheduler/scheduleGroup:ScheduleGroup": (
        "arn",
        r"arn:aws:scheduler:eu-west-1:111122223333:schedule-group/main-[0-9a-f]{7}",
    ),
    "aws:scheduler/schedule:Schedule": (
        "arn",
        r"arn:aws:scheduler:eu-west-1:111122223333:schedule/default/main-[0-9a-f]{7}",
    ),
    "aws:cloudwatch/eventRule:EventRule": ("arn", r"arn:aws:events:eu-west-1:111122223333:rule/main-[0-9a-f]{7}"),
}


@for_each("type_token, key, shape", [(t, *rest) for t, rest in SHAPES.items()])
def test_values_have_the_shape_that_aws_gives_them(type_token: str, key: str, shape: str) -> None:
    assert re.fullmatch(shape, made(type_token)[key])


def test_partitions_have_their_own_arns_and_endpoints() -> None:
    assert made("aws:kms/key:Key", where=CHINA)["arn"].startswith("arn:aws-cn:kms:cn-north-1:")
    assert made(LB, where=CHINA)["dnsName"].endswith(".cn-north-1.elb.amazonaws.com.cn")
    assert made("aws:iam/role:Role", where=GOVERNMENT)["arn"].startswith("arn:aws-us-gov:iam::")
    sovereign = Where(region="eusc-de-east-1", account="111122223333")
    assert made("aws:kms/key:Key", where=sovereign)["arn"].startswith("arn:aws-eusc:kms:eusc-de-east-1:")
    assert made(LB, where=sovereign)["dnsName"].endswith(".eusc-de-east-1.elb.amazonaws.eu")
    isolated = Where(region="us-isob-east-1", account="111122223333")
    assert made("aws:iam/role:Role", where=isolated)["arn"].startswith("arn:aws-iso-b:iam::")


@given(st.sampled_from(table.known_types()), st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True))
def test_the_same_resource_is_the_same_in_every_run_and_another_is_another(type_token: str, name: str) -> None:
    assert made(type_token, name) == made(type_token, name)
    if type_token == "aws:ec2/vpc:Vpc":
        assert made(type_token, name)["id"] != made(type_token, f"{name}x")["id"]


@pytest.mark.parametrize("type_token", ["aws:ec2/vpc:Vpc", "aws:lb/loadBalancer:LoadBalancer", "aws:sns/topic:Topic"])
def test_a_resource_made_once_more_is_another_one(type_token: str) -> None:
    made_first = simulation.resource_id(type_token, "main", {}, **HERE)
    assert simulation.resource_id(type_token, "main", {}, **HERE, generation=0) == made_first
    assert simulation.resource_id(type_token, "main", {}, **HERE, generation=1) != made_first
    assert simulation.physical_name("aws:sns/topic:Topic", "main", generation=1) != simulation.physical_name(
        "aws:sns/topic:Topic", "main"
    )


def test_a_task_definition_made_once_more_is_the_next_revision_of_its_family() -> None:
    token, family = "aws:ecs/taskDefinition:TaskDefinition", {"family": "web"}
    second = simulation.computed(token, "web-task", family, **HERE, generation=1)
    assert made(token, "web-task", family)["arn"].endswith(":task-definition/web:1")
    assert (second["revision"], second["arn"].rpartition("/")[2]) == (2, "web:2")


def test_a_queue_has_the_key_of_sqs_unless_it_names_one() -> None:
    assert made("aws:sqs/queue:Queue")["sqsManagedSseEnabled"] is True
    assert made("aws:sqs/queue:Queue", "jobs", {"kmsMasterKeyId": "alias/jobs"})["sqsManagedSseEnabled"] is False


def test_default_tags_lie_under_those_of_the_resource() -> None:
    tags = simulation.all_tags("aws:ec2/vpc:Vpc", {"tags": {"team": "web"}}, {"team": "all", "stack": "prod"})
    assert tags == {"team": "web", "stack": "prod"}
    assert simulation.all_tags("aws:ec2/route:Route", {}, {"stack": "prod"}) is None, "a route has no tags"


def test_two_resources_of_a_name_in_different_components_are_not_the_same() -> None:
    urns = [f"urn:pulumi:dev::demo::demo:a:{parent}$aws:ec2/vpc:Vpc::net" for parent in ("One", "Two")]
    ids = {simulation.resource_id("aws:ec2/vpc:Vpc", "net", {}, **HERE, urn=urn) for urn in urns}
    assert len(ids) == 2


@given(st.sampled_from(table.known_types()), st.data())
def test_an_input_is_never_replaced(type_token: str, data: st.DataObject) -> None:
    kinds = table.kinds(type_token)
    assert kinds is not None
    if not kinds:
        return
    key = data.draw(st.sampled_from(sorted(kinds)))
    assert key not in simulation.computed(type_token, "main", {key: "given"}, **HERE)


def test_every_type_of_the_table_is_in_the_sdk_and_gets_values_of_its_declared_types() -> None:
    wrong = []
    for type_token in table.known_types():
        assert sdk_types.resource_class(type_token) is not None, type_token
        declared = sdk_types.wire_types(type_token)
        for key, value in simulation.computed(type_token, "main", {}, **HERE).items():
            expected: Any = declared.get(key)
            kinds: dict[Any, type] = {str: str, bool: bool, int: int}
            origin = typing.get_origin(expected)
            fits = kinds.get(expected, Mapping if origin is not None and "Mapping" in str(origin) else None)
            if fits is not None and not isinstance(value, fits):
                wrong.append((type_token, key, value))
    assert wrong == []


def test_a_type_outside_the_table_gets_what_its_class_always_has() -> None:
    assert not table.knows("aws:eks/cluster:Cluster")
    cluster = made("aws:eks/cluster:Cluster")
    assert isinstance(cluster["certificateAuthority"]["data"], str)
    assert isinstance(cluster["identities"][0]["oidcs"][0]["issuer"], str)
    assert "kubernetesNetworkConfig" not in cluster, "a block that the program left out stays out"


def test_a_resource_of_another_provider_gets_an_id_and_keeps_its_inputs_alone() -> None:
    assert list(made("random:index/randomPet:RandomPet", "pet")) == ["id"]


class TestNames:
    def test_are_the_logical_name_and_seven_digits(self) -> None:
        key_and_value = simulation.physical_name("aws:sns/topic:Topic", "alerts")
        assert key_and_value is not None
        assert key_and_value[0] == "name"
        assert re.fullmatch(r"alerts-[0-9a-f]{7}", key_and_value[1])

    def test_keep_to_what_aws_takes(self) -> None:
        name = simulation.physical_name(LB, "a-very-long-name-for-a-load-balancer")
        bucket = simulation.physical_name("aws:s3/bucket:Bucket", "Uploads")
        assert name is not None
        assert bucket is not None
        assert len(name[1]) == 32
        assert bucket[1].startswith("uploads-")

    def test_of_fifo_queues_end_as_aws_wants_it_and_of_others_do_not(self) -> None:
        queue = "aws:sqs/queue:Queue"
        for inputs, shape in (({"fifoQueue": True}, r"jobs-[0-9a-f]{7}\.fifo"), ({}, r"jobs-[0-9a-f]{7}")):
            found = simulation.physical_name(queue, "jobs", None, inputs=inputs)
            assert found is not None
            assert re.fullmatch(shape, found[1])
            assert made(queue, "jobs", inputs=inputs)["arn"].endswith(f":{found[1]}")
            assert made(queue, "jobs", inputs=inputs)["url"].endswith(f"/{found[1]}")

    def test_of_databases_are_not_known_before_they_exist(self) -> None:
        assert simulation.physical_name(DATABASE, "db") is None
        assert "identifier" in simulation.unknown_until_made(DATABASE, {})

    def test_begin_with_a_given_prefix(self) -> None:
        assert re.fullmatch(r"team-\d{26}", made("aws:iam/role:Role", inputs={"namePrefix": "team-"})["name"])


class TestCertificates:
    def test_have_one_validation_record_per_name(self) -> None:
        inputs = {"domainName": "example.com", "subjectAlternativeNames": ["*.example.com", "www.example.com"]}
        records = made(CERTIFICATE, inputs=inputs)["domainValidationOptions"]
        assert [r["domainName"] for r in records] == ["example.com", "*.example.com", "www.example.com"]
        assert records[0]["resourceRecordName"] == records[1]["resourceRecordName"], "a wildcard shares its record"
        assert records[2]["resourceRecordName"].endswith(".www.example.com.")
        assert {r["resourceRecordType"] for r in records} == {"CNAME"}


class TestDatabases:
    def test_have_a_master_secret_only_when_aws_manages_it(self) -> None:
        (secret,) = made(DATABASE, inputs={"manageMasterUserPassword": True, "masterUserSecretKmsKeyId": "key-arn"})[
            "masterUserSecrets"
        ]
        assert secret["secretArn"].startswith("arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!db-")
        assert (secret["kmsKeyId"], secret["secretStatus"]) == ("key-arn", "active")
        assert made(DATABASE)["masterUserSecrets"] == []

    def test_that_are_replicas_have_what_their_source_has(self) -> None:
        source = {
            "engine": "mysql",
            "port": 3306,
            "allocatedStorage": 100,
            "dbSubnetGroupName": "mine",
            "address": "its",
        }
        found: dict[str, Any] = {"source": source}
        inputs = {"replicateSourceDb": "source"}
        outputs = simulation.computed(DATABASE, "reader", inputs, **HERE, find=found.get)
        shared = {key: value for key, value in source.items() if key != "address"}
        assert {key: outputs[key] for key in shared} == shared
        assert outputs["address"] != "its"

    @pytest.mark.parametrize(("engine", "port"), [("postgres", 5432), ("mysql", 3306), ("aurora-mysql", 3306)])
    def test_listen_on_the_port_of_their_engine(self, engine: str, port: int) -> None:
        assert made(DATABASE, inputs={"engine": engine})["port"] == port
        assert made(DATABASE, inputs={"engine": engine})["endpoint"].endswith(f":{port}")

    @pytest.mark.parametrize("encrypted", [True, False])
    def test_an_instance_is_encrypted_exactly_as_its_cluster(self, encrypted: bool) -> None:
        def find(identity: str) -> Mapping[str, Any] | None:
            return {"storageEncrypted": encrypted} if identity == "c-1" else None

        instance = simulation.computed(
            "aws:rds/clusterInstance:ClusterInstance", "i", {"clusterIdentifier": "c-1"}, **HERE, find=find
        )
        assert instance["storageEncrypted"] is encrypted


def test_a_listener_is_named_after_its_load_balancer() -> None:
    balancer = made(LB)["arn"]
    listener = made("aws:lb/listener:Listener", inputs={"loadBalancerArn": balancer})["arn"]
    assert listener.startswith(balancer.replace(":loadbalancer/", ":listener/") + "/")


def test_a_default_group_is_the_one_of_its_network() -> None:
    vpc = made("aws:ec2/vpc:Vpc")
    identity = simulation.resource_id(
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "d", {"vpcId": vpc["id"]}, **HERE, find=lambda _: vpc
    )
    assert identity == vpc["defaultSecurityGroupId"]


def test_a_route_says_nothing_about_targets_that_it_does_not_have() -> None:
    route = made("aws:ec2/route:Route", inputs={"routeTableId": "rtb-1", "gatewayId": "igw-1"})
    assert {route[key] for key in ("instanceId", "networkInterfaceId")} == {""}
    assert "natGatewayId" not in route


def test_the_name_of_an_address_is_of_its_region() -> None:
    token = "aws:ec2/eip:Eip"
    for region, end in (("us-east-1", "compute-1.amazonaws.com"), ("eu-north-1", "eu-north-1.compute.amazonaws.com")):
        address = simulation.computed(token, "a", {}, region=region, account="111122223333")
        assert address["publicDns"] == f"ec2-{address['publicIp'].replace('.', '-')}.{end}"


def test_a_version_of_a_layer_is_a_number_and_the_end_of_its_arn() -> None:
    layer = made("aws:lambda/layerVersion:LayerVersion", inputs={"layerName": "shared"})
    assert layer["version"] == "1"
    assert layer["arn"] == layer["id"] == f"{layer['layerArn']}:1"
    assert layer["layerArn"].endswith(":layer:shared")


def test_a_firewall_has_an_endpoint_in_each_of_its_subnets_under_the_zone_of_that() -> None:
    zones = {"subnet-1": "eu-west-1c", "subnet-2": "eu-west-1a"}
    firewall = simulation.computed(
        "aws:networkfirewall/firewall:Firewall",
        "f",
        {"subnetMappings": [{"subnetId": each} for each in zones]},
        **HERE,
        find=lambda identity: {"availabilityZone": zones[identity]},
    )
    (status,) = firewall["firewallStatuses"]
    found = {each["availabilityZone"]: each["attachments"] for each in status["syncStates"]}
    assert {zone: [each["subnetId"] for each in attached] for zone, attached in found.items()} == {
        zone: [subnet] for subnet, zone in zones.items()
    }
    ends = [each["endpointId"] for attached in found.values() for each in attached]
    assert len({*ends}) == 2
    assert all(end.startswith("vpce-") for end in ends)
    (later,) = made("aws:networkfirewall/firewall:Firewall", inputs={"subnetMappings": UNKNOWN})["firewallStatuses"]
    assert later["syncStates"] == []


def test_a_vpc_has_a_range_in_ipv6_only_when_it_asks_for_one() -> None:
    vpc = "aws:ec2/vpc:Vpc"
    asked = made(vpc, inputs={"cidrBlock": "10.20.0.0/16", "assignGeneratedIpv6CidrBlock": True})
    found = ipaddress.IPv6Network(asked["ipv6CidrBlock"])
    assert found.prefixlen == 56
    assert found.is_global
    other = made(vpc, name="other", inputs={"cidrBlock": "10.21.0.0/16", "assignGeneratedIpv6CidrBlock": True})
    assert not found.overlaps(ipaddress.IPv6Network(other["ipv6CidrBlock"]))
    for without in ({}, {"assignGeneratedIpv6CidrBlock": False}):
        assert made(vpc, inputs={"cidrBlock": "10.20.0.0/16", **without})["ipv6CidrBlock"] == ""


def test_the_addresses_of_a_graphql_api_are_there_under_their_names() -> None:
    pulumi_aws.appsync.GraphQLApi  # noqa: B018  registers the module
    uris = simulation.computed(
        "aws:appsync/graphQLApi:GraphQLApi", "api", {}, region="eu-west-1", account="111122223333"
    )["uris"]
    assert set(uris) == {"GRAPHQL", "REALTIME"}
    assert uris["GRAPHQL"].endswith(".appsync-api.eu-west-1.amazonaws.com/graphql")


def test_a_made_up_value_of_an_enumeration_is_one_of_its_members() -> None:
    class Kind(enum.StrEnum):
        ONE = "one"
        TWO = "two"

    assert sdk_types._made(Kind, "type", 1) == "one"
    assert sdk_types._made(str, "type", 1) == "simulated-type"
