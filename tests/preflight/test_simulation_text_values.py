"""Flags and numbers that a program gives as text: the SDK hands them on as they are, the provider's Check reads them."""

import json
from typing import Any

import pulumi_aws as aws
import pytest

from preflight import wire
from preflight.cost.beside import paths
from preflight.simulation import sdk_types, shapes
from tests.gathered import for_each
from tests.preflight.cli_support import Project
from tests.preflight.cost import test_cost_programs, test_cost_services
from tests.preflight.cost.stacks import cost

DATABASE, SERVER = "aws:rds/instance:Instance", "aws:ec2/instance:Instance"


@pytest.fixture(scope="module", autouse=True)
def _sdk() -> None:
    assert aws.rds.Instance is not None, "the classes of arguments are those of an imported SDK"


@for_each(
    "given, read",
    [
        *[({"multiAz": text}, {"multiAz": True}) for text in ("true", "True", "TRUE", "t", "1")],
        *[({"multiAz": text}, {"multiAz": False}) for text in ("false", "False", "0", "f")],
        *[({"multiAz": kept}, {"multiAz": kept}) for kept in ("yes", "", " true", True, None, wire.UNKNOWN)],
        ({"allocatedStorage": "100", "iops": "3000"}, {"allocatedStorage": 100, "iops": 3000}),
        ({"allocatedStorage": "-1"}, {"allocatedStorage": -1}),
        *[({"allocatedStorage": kept}, {"allocatedStorage": kept}) for kept in ("100 GB", "", "0x10", "nan", "\u0661", 5)],
        ({"engineVersion": "16", "password": "true", "identifier": "1"},) * 2,  # texts by their kind
        ({"tags": {"multiAz": "true", "size": "5"}},) * 2,
        ({"nowhere": "true"},) * 2,
        ({"multiAz": wire.secret("true")}, {"multiAz": wire.secret(True)}),
        ({"iops": wire.output("5", [])}, {"iops": wire.output(5, [])}),
        ({"vpcSecurityGroupIds": ["1", "true"]},) * 2,
        *[({"engineVersion": value}, {"engineVersion": text}) for value, text in (
            (16, "16"), (16.0, "16"), (1.5, "1.5"), (-1, "-1"), (0, "0"), (-0.25, "-0.25"), (123456789012, "123456789012"),
            (1e21, "1000000000000000000000"), (0.00001, "0.00001"), (True, "true"), (False, "false"), (None, None),
        )],
        ({"engineVersion": wire.secret(16), "username": wire.output(True, [])},
         {"engineVersion": wire.secret("16"), "username": wire.output("true", [])}),
        ({"tags": {"size": 5, "on": True, "none": None, "later": wire.UNKNOWN, "word": "5", "hidden": wire.secret(1)}},
         {"tags": {"size": "5", "on": "true", "none": None, "later": wire.UNKNOWN, "word": "5", "hidden": wire.secret("1")}}),
        ({"tags": wire.secret({"size": 5})}, {"tags": wire.secret({"size": "5"})}),
        ({"vpcSecurityGroupIds": [1, wire.UNKNOWN]}, {"vpcSecurityGroupIds": ["1", wire.UNKNOWN]}),
        ({"nowhere": 5, "allocatedStorage": 100.5, "multiAz": 1},) * 2,  # numbers and flags by their kind
    ],
)  # fmt: skip
def test_a_text_becomes_what_the_provider_reads_in_it_and_nothing_else(given: Any, read: Any) -> None:
    found = shapes.typed(DATABASE, given)
    assert json.dumps(found, sort_keys=True) == json.dumps(read, sort_keys=True), "1 is not True"


@for_each(
    "given, read",
    [
        ({"rootBlockDevice": {"volumeSize": "100", "volumeType": "1"}}, {"rootBlockDevice": {"volumeSize": 100, "volumeType": "1"}}),
        ({"rootBlockDevice": [{"volumeSize": "100"}]}, {"rootBlockDevice": [{"volumeSize": 100}]}),  # one block in a list
        ({"ebsBlockDevices": [{"encrypted": "True"}, {"iops": "1"}]}, {"ebsBlockDevices": [{"encrypted": True}, {"iops": 1}]}),
        ({"rootBlockDevice": wire.secret({"volumeSize": "8"})}, {"rootBlockDevice": wire.secret({"volumeSize": 8})}),
        ({"userData": {"$asset": "1"}},) * 2,
    ],
)  # fmt: skip
def test_blocks_are_read_as_deep_as_they_go(given: Any, read: Any) -> None:
    assert shapes.typed(SERVER, given) == read


@for_each(
    "token, given, read",
    [
        ("aws:lambda/function:Function", {"environment": {"variables": {"A": 1, "B": True}}, "memorySize": 256},
         {"environment": {"variables": {"A": "1", "B": "true"}}, "memorySize": 256}),
        ("aws:ecs/taskDefinition:TaskDefinition", {"cpu": 256, "memory": 512.0}, {"cpu": "256", "memory": "512"}),
        ("aws:lb/targetGroup:TargetGroup", {"port": 80, "healthCheck": {"port": 80, "matcher": 200, "interval": 30}},
         {"port": 80, "healthCheck": {"port": "80", "matcher": "200", "interval": 30}}),
        ("aws:ec2/securityGroup:SecurityGroup", {"ingress": [{"protocol": -1, "fromPort": 0}]},
         {"ingress": [{"protocol": "-1", "fromPort": 0}]}),
        ("aws:ec2/launchTemplate:LaunchTemplate", {"blockDeviceMappings": [{"ebs": {"encrypted": True, "volumeSize": 8}}]},
         {"blockDeviceMappings": [{"ebs": {"encrypted": "true", "volumeSize": 8}}]}),
    ],
)  # fmt: skip
def test_a_number_or_flag_becomes_the_text_that_the_provider_writes_for_it(token: str, given: Any, read: Any) -> None:
    found = shapes.typed(token, given)
    assert json.dumps(found, sort_keys=True) == json.dumps(read, sort_keys=True)
    assert shapes.typed(token, read) == read, "a second time changes nothing"


@for_each("token", ["kubernetes:apps/v1:Deployment", "aws:nowhere/thing:Thing", "random:index/randomId:RandomId"])
def test_what_no_class_of_the_sdk_declares_stays_as_it_is(token: str) -> None:
    assert shapes.typed(token, {"replicas": "2", "byteLength": "8"}) == {"replicas": "2", "byteLength": "8"}


def _in_words(value: Any) -> Any:
    """The same with every flag and number as text, as `str()` writes it."""
    if isinstance(value, dict):
        return value if next(iter(value), "").startswith("$") else {key: _in_words(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_in_words(one) for one in value]
    return str(value) if isinstance(value, bool | int | float) else value


_STACKS = {
    **test_cost_programs.CASES,
    **{name: (*case[:2], "idle", case[2]) for name, case in test_cost_services.CASES.items()},
}


@for_each("stack, section, profile, usd", _STACKS.values(), name=_STACKS)
def test_a_stack_costs_the_same_with_every_flag_and_number_as_text(
    stack: Any, section: dict[str, Any], profile: str, usd: str
) -> None:
    """Over all that the raters read: an input of a new rater is covered by its own case."""
    said = [{**each, "inputs": shapes.typed(each["type"], _in_words(each["inputs"]))} for each in stack]
    assert float(cost(*said, **section)["total"][profile]) == pytest.approx(float(usd), abs=0.006)


def test_what_costs_more_by_an_input_is_an_input_of_the_sdk() -> None:
    for token, path in paths():
        arguments = sdk_types.arguments_class(token)
        assert arguments is not None, token
        for step in path.split("."):
            form = shapes._fields(arguments).get(step)
            assert form is not None, f"{token}: {path}"
            blocks = (form.many or form).blocks
            arguments = blocks[0] if blocks else arguments


PROGRAM = """
import pulumi
import pulumi_aws as aws

network = aws.ec2.Vpc("network", cidr_block="10.0.0.0/16")
subnet = aws.ec2.Subnet("subnet", vpc_id=network.id, cidr_block="10.0.0.0/24", map_public_ip_on_launch={yes})
door = aws.ec2.SecurityGroup("door", vpc_id=network.id, ingress=[
    {{"protocol": "tcp", "from_port": {port}, "to_port": {port}, "cidr_blocks": ["0.0.0.0/0"]}}])
way = aws.ec2.InternetGateway("way", vpc_id=network.id)
table = aws.ec2.RouteTable("table", vpc_id=network.id, routes=[{{"cidr_block": "0.0.0.0/0", "gateway_id": way.id}}])
aws.ec2.RouteTableAssociation("of", route_table_id=table.id, subnet_id=subnet.id)
aws.ec2.Instance("web", ami="ami-0123456789abcdef0", instance_type="t3.micro", subnet_id=subnet.id,
                 vpc_security_group_ids=[door.id], monitoring={yes}, root_block_device={{"volume_size": {size}}})
aws.rds.Instance("db", engine="postgres", instance_class="db.m6g.large", allocated_storage={size}, multi_az={yes},
                 username="app", manage_master_user_password={yes}, skip_final_snapshot={yes},
                 final_snapshot_identifier="last", publicly_accessible={no})
"""


def test_a_program_that_says_all_as_text_gets_the_same_answers(project: Project) -> None:
    texts = []
    for words in ({"yes": True, "no": False, "port": 443, "size": 100},
                  {"yes": "'True'", "no": "'false'", "port": "'443'", "size": "'100'"}):  # fmt: skip
        project.write("__main__.py", PROGRAM.format(**words))
        stack = project.report()["stacks"]["dev"]
        texts.append(
            {key: stack[key] for key in ("resources", "cost", "reach", "resilience", "timeline", "picture", "errors")}
        )
    assert texts[0] == texts[1]
    assert not texts[1]["errors"]


AWSX = """
import pulumi_awsx as awsx

awsx.ecr.Repository("kept", lifecycle_policy={"skip": "false"})
awsx.ecr.Repository("bare", lifecycle_policy={"skip": "True"})
"""


def test_components_of_awsx_get_them_read_too(project: Project) -> None:
    project.write("__main__.py", AWSX)
    resources = project.report()["stacks"]["dev"]["resources"]
    assert [each["name"] for each in resources if each["type"].endswith(":LifecyclePolicy")] == ["kept"]
