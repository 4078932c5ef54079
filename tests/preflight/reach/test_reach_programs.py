"""Programs of other people: three tiers with inline rules, what awsx makes, a serverless one. And wrong values."""

import copy
import json
import sys
from typing import Any

import pytest

from preflight.reach import Surroundings, reach
from preflight.reach.graph import Graph
from preflight.resilience import resilience
from tests.preflight.reach.baseline import STACK
from tests.preflight.reach.stacks import SEEN, UNKNOWN, Doc, Ref, changed, reached, resource, row, surroundings


def _three_tiers() -> dict[str, dict[str, Any]]:
    """Instances of a group behind a classic load balancer, MySQL behind them; rules and routes inline; one VPC."""
    vpc = resource("aws:ec2/vpc:Vpc", "vpc", cidrBlock="10.1.0.0/16")
    gateway = resource("aws:ec2/internetGateway:InternetGateway", "igw", vpcId=Ref(vpc))
    subnets = {
        f"{tier}-{zone}": resource(
            "aws:ec2/subnet:Subnet", f"{tier}-{zone}", vpcId=Ref(vpc), availabilityZone=f"eu-west-1{zone}",
            cidrBlock=f"10.1.{number}.0/24",
        )
        for number, (tier, zone) in enumerate((tier, zone) for tier in ("web", "data") for zone in "ab")
    }  # fmt: skip
    table = resource(
        "aws:ec2/routeTable:RouteTable",
        "table",
        vpcId=Ref(vpc),
        routes=[{"cidrBlock": "0.0.0.0/0", "gatewayId": Ref(gateway)}],
    )
    kind = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    joins = [
        resource(kind, f"join-{zone}", routeTableId=Ref(table), subnetId=Ref(subnets[f"web-{zone}"])) for zone in "ab"
    ]
    everything = [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}]
    elb_group = resource(
        "aws:ec2/securityGroup:SecurityGroup", "elb-group", vpcId=Ref(vpc), egress=everything,
        ingress=[{"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["0.0.0.0/0"]}],
    )  # fmt: skip
    web_group = resource(
        "aws:ec2/securityGroup:SecurityGroup", "web-group", vpcId=Ref(vpc), egress=everything,
        ingress=[
            {"protocol": "tcp", "fromPort": 8080, "toPort": 8080, "securityGroups": [Ref(elb_group)]},
            {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["0.0.0.0/0"]},
        ],
    )  # fmt: skip
    db_group = resource(
        "aws:ec2/securityGroup:SecurityGroup", "db-group", vpcId=Ref(vpc),
        ingress=[{"protocol": "tcp", "fromPort": 3306, "toPort": 3306, "cidrBlocks": ["10.1.0.0/16"]}],
    )  # fmt: skip
    elb = resource(
        "aws:elb/loadBalancer:LoadBalancer", "elb", subnets=[Ref(subnets["web-a"]), Ref(subnets["web-b"])], securityGroups=[Ref(elb_group)],
        listeners=[{"lbPort": 80, "lbProtocol": "http", "instancePort": 8080, "instanceProtocol": "http"}],
    )  # fmt: skip
    template = resource(
        "aws:ec2/launchTemplate:LaunchTemplate", "template", instanceType="t3.micro",
        networkInterfaces=[{"associatePublicIpAddress": "true", "securityGroups": [Ref(web_group)]}],
    )  # fmt: skip
    fleet = resource(
        "aws:autoscaling/group:Group", "fleet", minSize=2, maxSize=4, vpcZoneIdentifiers=[Ref(subnets["web-a"]), Ref(subnets["web-b"])],
        launchTemplate={"id": Ref(template)}, loadBalancers=[Ref(elb)],
    )  # fmt: skip
    db_subnets = resource(
        "aws:rds/subnetGroup:SubnetGroup", "db-subnets", subnetIds=[Ref(subnets["data-a"]), Ref(subnets["data-b"])]
    )
    database = resource(
        "aws:rds/instance:Instance", "database", engine="mysql", multiAz=True, dbSubnetGroupName=Ref(db_subnets),
        vpcSecurityGroupIds=[Ref(db_group)],
    )  # fmt: skip
    made = [
        vpc,
        gateway,
        *subnets.values(),
        table,
        *joins,
        elb_group,
        web_group,
        db_group,
        elb,
        template,
        fleet,
        db_subnets,
        database,
    ]
    return {each["name"]: each for each in made}


@pytest.mark.parametrize("seen", SEEN, ids=str)
def test_three_tiers_with_inline_rules_are_read(seen: dict[str, bool]) -> None:
    stack = _three_tiers()
    found = reached(*stack.values(), **seen)
    entries = {entry["urn"]: entry for entry in found["entries"]}
    assert set(entries) == {stack["elb"]["urn"], stack["fleet"]["urn"]}
    assert entries[stack["elb"]["urn"]]["to"][0]["path"] == ["elb", "fleet"]
    assert [port["port"] for port in entries[stack["fleet"]["urn"]]["ports"]] == ["tcp 22"]
    to_database = row(found, stack["fleet"], stack["database"])
    assert to_database is not None
    assert to_database["network"] == {"answer": "yes", "by": ["web-group", "db-group"], "why": None}
    assert found["services"][0]["internet"]["ways"][0]["way"] == "internet gateway"


def test_the_data_tier_without_a_route_is_no_entry_even_when_public() -> None:
    stack = _three_tiers()
    public = changed(stack["database"], publiclyAccessible=True)
    group = changed(
        stack["db-group"], ingress=[{"protocol": "tcp", "fromPort": 3306, "toPort": 3306, "cidrBlocks": ["0.0.0.0/0"]}]
    )
    found = reached(*{**stack, "database": public, "db-group": group}.values())
    assert public["urn"] not in {entry["urn"] for entry in found["entries"]}


def test_children_of_awsx_components_count_and_the_components_do_not() -> None:
    awsx = resource("awsx:ec2:Vpc", "net", numberOfAvailabilityZones=2)
    service = resource("awsx:ecs:FargateService", "app")
    children = [{**each, "parent": (service if each["name"] == "service" else awsx)["urn"]} for each in STACK.values()]
    found = reached(awsx, service, *children)
    assert found == reached(*STACK.values())
    assert len(found["services"]) == 1


def test_a_component_that_makes_nothing_is_none_that_was_not_read() -> None:
    closed, empty = ({**resource(token, "a"), "remote": True} for token in ("acme:index:Fleet", "awsx:ec2:DefaultVpc"))
    assert reached(closed, empty)["notRead"] == [closed["urn"]]


def _serverless() -> dict[str, dict[str, Any]]:
    role = resource("aws:iam/role:Role", "role")
    table = resource("aws:dynamodb/table:Table", "table")
    queue = resource("aws:sqs/queue:Queue", "queue")
    use = {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": Ref(table, "arn")}
    policy = resource("aws:iam/rolePolicy:RolePolicy", "policy", role=Ref(role), policy=Doc((use,)))
    basic = resource(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "basic", role=Ref(role),
        policyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    )  # fmt: skip
    function = resource("aws:lambda/function:Function", "function", role=Ref(role, "arn"))
    api = resource("aws:apigatewayv2/api:Api", "api", protocolType="HTTP")
    part = resource(
        "aws:apigatewayv2/integration:Integration", "part", apiId=Ref(api), integrationUri=Ref(function, "invokeArn")
    )
    route = resource(
        "aws:apigatewayv2/route:Route", "route", apiId=Ref(api), routeKey="$default", authorizationType="JWT"
    )
    url = resource("aws:lambda/functionUrl:FunctionUrl", "url", functionName=Ref(function), authorizationType="NONE")
    made = [role, table, queue, policy, basic, function, api, part, route, url]
    return {each["name"]: each for each in made}


def test_of_an_api_only_what_is_known_is_said_of_whom_it_asks() -> None:
    rest, http = "aws:apigateway/restApi:RestApi", "aws:apigatewayv2/api:Api"
    unread = "what its OpenAPI document says is not read"
    for kind in (rest, http):
        api = resource(kind, "api", body="{}")
        assert reached(api)["entries"][0]["notes"] == [unread]
    plain = resource(rest, "api")
    assert reached(plain)["entries"][0]["notes"] == ["no authentication"]
    method = resource("aws:apigateway/method:Method", "any", restApi=Ref(plain), authorization={"$unknown": True})
    assert reached(plain, method)["entries"][0]["notes"] == ["asks for what is not known"]


def test_a_serverless_program_is_read() -> None:
    stack = _serverless()
    found = reached(*stack.values())
    entries = {entry["urn"]: entry for entry in found["entries"]}
    api, url = entries.pop(stack["api"]["urn"]), entries.pop(stack["url"]["urn"])
    assert entries == {}
    assert (api["to"][0]["path"], api["notes"]) == (["api", "part", "function"], ["asks for JWT"])
    assert (url["to"][0]["urn"], url["notes"]) == (stack["function"]["urn"], ["no authentication"])
    (to_table,) = found["matrix"]
    assert to_table["store"] == stack["table"]["urn"]
    assert [each["right"] for each in to_table["iam"]["rights"]] == ["read", "write"]
    assert (to_table["network"]["answer"], to_table["mismatch"]) == ("yes", None)


def test_a_private_api_and_a_shut_distribution_are_no_entries() -> None:
    rest = resource("aws:apigateway/restApi:RestApi", "rest")
    private = changed(rest, endpointConfiguration={"types": "PRIVATE"})
    assert [entry["urn"] for entry in reached(rest)["entries"]] == [rest["urn"]]
    assert reached(private)["entries"] == []
    cdn = resource("aws:cloudfront/distribution:Distribution", "cdn", enabled=True, origins=[])
    assert len(reached(cdn)["entries"]) == 1
    assert reached(changed(cdn, enabled=False))["entries"] == []


def test_a_distribution_leads_through_its_load_balancer_to_the_service() -> None:
    cdn = resource(
        "aws:cloudfront/distribution:Distribution", "cdn", enabled=True,
        origins=[{"domainName": Ref(STACK["lb"], "dnsName")}, {"domainName": "example.com"}],
    )  # fmt: skip
    (entry,) = [each for each in reached(*STACK.values(), cdn)["entries"] if each["urn"] == cdn["urn"]]
    assert [to["path"] for to in entry["to"]] == [["cdn", "lb"], ["cdn", "lb", "https", "targets", "service"]]
    assert entry["notes"] == ["has an origin outside of this program: example.com"]


def test_a_distribution_leads_to_the_machine_that_has_the_address_of_its_origin() -> None:
    machine = resource("aws:ec2/instance:Instance", "machine")
    address = resource("aws:ec2/eip:Eip", "address", instance=Ref(machine))
    for source in (machine, address):
        origins = [{"domainName": Ref(source, "publicDns")}]
        cdn = resource("aws:cloudfront/distribution:Distribution", "cdn", enabled=True, origins=origins)
        (entry,) = [each for each in reached(machine, address, cdn)["entries"] if each["urn"] == cdn["urn"]]
        assert [to["urn"] for to in entry["to"]] == [machine["urn"]]
        assert not [note for note in entry["notes"] if "outside" in note]


def test_functions_that_may_be_called_are_reached() -> None:
    stack = _serverless()
    caller_role = resource("aws:iam/role:Role", "caller-role")
    call = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": Ref(stack["function"], "arn")}
    policy = resource("aws:iam/rolePolicy:RolePolicy", "call", role=Ref(caller_role), policy=Doc((call,)))
    caller = resource("aws:lambda/function:Function", "caller", role=Ref(caller_role, "arn"))
    services = {each["urn"]: each for each in reached(*stack.values(), caller_role, policy, caller)["services"]}
    (to,) = services[caller["urn"]]["services"]
    assert (to["urn"], to["how"], to["answer"]) == (stack["function"]["urn"], "Lambda API", "yes")
    assert services[stack["function"]["urn"]]["services"] == []


def test_what_is_only_read_is_somebody_elses_and_not_known() -> None:
    for name in ("db-group", "role", "vpc"):
        stack = {**STACK, name: {**STACK[name], "inputs": {}, "options": {"external": True}}}
        found = reached(*stack.values())
        to_database, to_bucket = (
            row(found, STACK["service"], STACK["db"]),
            row(found, STACK["service"], STACK["bucket"]),
        )
        assert to_database is not None
        assert to_bucket is not None
        # a foreign VPC is still one and the same for both sides
        assert to_database["network"]["answer"] == ("not known" if name == "db-group" else "yes"), name
        assert to_bucket["iam"]["answer"] == ("not known" if name == "role" else "yes"), name


def test_subnets_of_somebody_else_leave_the_internet_open_and_the_groups_count() -> None:
    ids = ["subnet-1", "subnet-2"]
    service = changed(
        STACK["service"], networkConfiguration={"subnets": ids, "securityGroups": [Ref(STACK["app-group"])]}
    )
    subnets = changed(STACK["db-subnets"], subnetIds=ids)
    found = reached(*{**STACK, "service": service, "db-subnets": subnets}.values())
    assert found["services"][0]["internet"]["answer"] == "not known"
    to_database = row(found, service, STACK["db"])
    assert to_database is not None
    assert to_database["network"]["answer"] == "yes"


WRONG: list[Any] = [
    UNKNOWN,
    {"$secret": True},
    "",
    "x",
    7,
    -1,
    True,
    [],
    {},
    [UNKNOWN],
    [None],
    [{"a": UNKNOWN}],
    {"a": 1},
    "{",
    "arn:a",
]


def _priced(_entries: Any) -> dict[str, Any]:
    return {"total": {"expected": "0.00"}, "unpriced": []}


@pytest.mark.parametrize("stack", [STACK, _three_tiers(), _serverless()], ids=["ours", "tiers", "serverless"])
def test_no_value_of_any_input_ends_in_an_exception(stack: dict[str, dict[str, Any]]) -> None:
    around = surroundings(*stack.values())
    sections = reach(around).keys(), resilience(around, _priced).keys()
    entries = [node.entry for node in around.graph]
    outputs = {node.urn: node.outputs for node in around.graph}
    for position, entry in enumerate(entries):
        for key in entry["inputs"]:
            for wrong in WRONG:
                other = {**entry, "inputs": {**entry["inputs"], key: copy.deepcopy(wrong)}}
                spoilt = Surroundings(Graph([*entries[:position], other, *entries[position + 1 :]], outputs))
                assert (reach(spoilt).keys(), resilience(spoilt, _priced).keys()) == sections


def _calls(count: int) -> int:
    """How many functions are called to answer for so many copies of the stack."""
    entries: list[dict[str, Any]] = []
    outputs: dict[str, Any] = {}
    for node in surroundings(*STACK.values()).graph:
        for number in range(count):
            text = json.dumps([node.entry, node.outputs])
            for word in ("-of-", "111122223333:", "s3:::", "db-subnets"):
                text = text.replace(word, f"{word}{number}x")
            entry, output = json.loads(text.replace("::aws", f"::n{number}::aws"))
            entries.append(entry)
            outputs[entry["urn"]] = output
    calls = 0

    def counted(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(counted)
    try:
        around = Surroundings(Graph(entries, outputs))
        reach(around)
        resilience(around, _priced)
    finally:
        sys.setprofile(None)
    assert len(around.services) == count
    return calls


def test_the_work_grows_with_the_stack_and_not_with_its_square() -> None:
    few, many = _calls(8), _calls(32)
    assert 3 * few < many < 5 * few
