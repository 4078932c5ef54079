"""Who reaches whom by network: security groups, routes, endpoints, entries. One thing is changed at a time."""

from typing import Any

import pytest

from preflight.reach.addresses import is_world
from tests.gathered import for_each
from tests.preflight.reach.baseline import (
    APP_GROUP,
    BALANCER,
    BUCKET,
    DATABASE,
    DB_GROUP,
    GATEWAY,
    LB_GROUP,
    LISTENER,
    NATS,
    POLICY,
    PRIVATE,
    PUBLIC,
    QUEUE,
    SERVICE,
    STACK,
    TARGETS,
    VPC,
    group,
    let_in,
    let_out,
)  # fmt: skip
from tests.preflight.reach.stacks import SEEN, UNKNOWN, Ref, changed, reached, resource, row, swapped


def _internet(found: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = found["services"][0]["internet"]
    return answer


@pytest.mark.parametrize("seen", SEEN, ids=str)
def test_the_world_reaches_the_service_through_the_load_balancer_only(seen: dict[str, bool]) -> None:
    (entry,) = reached(*STACK.values(), **seen)["entries"]
    assert (entry["urn"], entry["what"], entry["world"]) == (BALANCER["urn"], "load balancer", "yes")
    assert entry["ports"] == [{"port": "tcp 443 (HTTPS)", "world": "yes", "from": ["0.0.0.0/0"], "why": None}]
    (to,) = entry["to"]
    assert (to["urn"], to["path"], to["port"], to["answer"]) == (
        SERVICE["urn"], ["lb", "https", "targets", "service"], 8080, "yes",
    )  # fmt: skip


@pytest.mark.parametrize("seen", SEEN, ids=str)
def test_the_service_reaches_its_database_and_the_internet_by_nat(seen: dict[str, bool]) -> None:
    found = reached(*STACK.values(), **seen)
    to_database = row(found, SERVICE, DATABASE)
    assert to_database is not None
    assert to_database["network"] == {"answer": "yes", "by": ["app-db", "db-in"], "why": None}
    assert to_database["iam"]["answer"] == "not asked"
    assert to_database["mismatch"] is None
    assert _internet(found)["answer"] == "yes"
    assert [(way["way"], way["urn"], way["subnets"]) for way in _internet(found)["ways"]] == [
        ("NAT gateway", NATS[0]["urn"], ["private-a"]), ("NAT gateway", NATS[1]["urn"], ["private-b"]),
    ]  # fmt: skip


CLOSED_IN = let_in("db-in", DB_GROUP, 5432, cidrIpv4="10.0.1.0/24")
FOREIGN = changed(STACK["db-in"], referencedSecurityGroupId="sg-of-somebody-else")


@for_each(
    "change, answer",
    [
        ({"without": "db-in"}, "no"),
        ({"without": "app-db"}, "no"),
        ({"changes": [changed(STACK["db-in"], fromPort=3306, toPort=3306)]}, "no"),
        ({"changes": [changed(STACK["db-in"], ipProtocol="udp")]}, "no"),
        ({"changes": [CLOSED_IN]}, "no"),  # the public subnet, where the service is not
        ({"changes": [changed(CLOSED_IN, cidrIpv4="10.0.10.0/23")]}, "yes"),
        ({"changes": [changed(CLOSED_IN, cidrIpv4="0.0.0.0/0")]}, "yes"),
        ({"changes": [changed(STACK["db-in"], ipProtocol="-1", fromPort=None, toPort=None)]}, "yes"),
        ({"changes": [changed(STACK["db-in"], ipProtocol="6")]}, "yes"),
        ({"changes": [FOREIGN]}, "no"),
        ({"changes": [changed(STACK["db-in"], referencedSecurityGroupId=UNKNOWN)]}, "not known"),
        ({"changes": [changed(STACK["db-in"], fromPort=UNKNOWN)]}, "not known"),
        ({"changes": [changed(STACK["db-in"], securityGroupId=UNKNOWN)]}, "not known"),
        ({"changes": [changed(STACK["db-in"], referencedSecurityGroupId=None, prefixListId="pl-1")]}, "not known"),
        ({"changes": [changed(DATABASE, vpcSecurityGroupIds=["sg-of-somebody-else"])]}, "no"),  # nothing lets out to it
        ({"changes": [changed(DATABASE, vpcSecurityGroupIds=["sg-1"]), changed(STACK["app-db"], referencedSecurityGroupId="sg-1")]}, "not known"),
        ({"changes": [changed(DATABASE, vpcSecurityGroupIds=UNKNOWN)]}, "not known"),
        ({"changes": [changed(DATABASE, vpcSecurityGroupIds=None)]}, "no"),  # the default group lets itself in only
    ],
)  # fmt: skip
def test_the_database_is_open_to_whom_its_rules_let_in(change: dict[str, Any], answer: str) -> None:
    stack = swapped(STACK, *change.get("changes", ()), without=change.get("without", ""))
    found = row(reached(*stack), SERVICE, DATABASE)
    assert (found["network"]["answer"] if found else "no") == answer
    assert found is None or answer == "yes" or found["network"]["why"]


@pytest.mark.parametrize("form", ["inline", "classic", "modern"])
def test_the_three_forms_of_rules_are_read_alike(form: str) -> None:
    stack = dict(STACK)
    del stack["db-in"]
    if form == "inline":
        block = {"protocol": "tcp", "fromPort": 5432, "toPort": 5432, "securityGroups": [Ref(APP_GROUP)]}
        stack["db-group"] = changed(DB_GROUP, ingress=[block])
    elif form == "classic":
        stack["rule"] = resource(
            "aws:ec2/securityGroupRule:SecurityGroupRule", "rule", type="ingress", securityGroupId=Ref(DB_GROUP),
            protocol="tcp", fromPort=5432, toPort=5432, sourceSecurityGroupId=Ref(APP_GROUP),
        )  # fmt: skip
    else:
        stack["rule"] = let_in("rule", DB_GROUP, 5432, referencedSecurityGroupId=Ref(APP_GROUP))
    for seen in SEEN:
        found = row(reached(*stack.values(), **seen), SERVICE, DATABASE)
        assert found is not None
        assert found["network"]["answer"] == "yes"


def test_without_a_group_it_is_the_default_one_which_lets_itself_in_only() -> None:
    bare = changed(DATABASE, vpcSecurityGroupIds=None)
    anywhere = changed(STACK["app-db"], referencedSecurityGroupId=None, cidrIpv4="10.0.0.0/16")
    assert row(reached(*swapped(STACK, bare, anywhere)), SERVICE, DATABASE) is None
    subnets = {"subnets": [Ref(each) for each in PRIVATE]}
    both = swapped(STACK, bare, changed(SERVICE, networkConfiguration=subnets))
    found = row(reached(*both), SERVICE, DATABASE)
    assert found is not None
    assert found["network"]["answer"] == "yes"
    managed = resource("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "adopted", vpcId=Ref(VPC))
    assert row(reached(*both, managed), SERVICE, DATABASE) is None  # adopting it takes its rules away


def test_another_vpc_is_not_reached_and_with_peering_it_is_not_known() -> None:
    other = resource("aws:ec2/vpc:Vpc", "other")
    moved = [changed(each, vpcId=Ref(other)) for each in (DB_GROUP,)]
    far = [
        resource("aws:ec2/subnet:Subnet", name, vpcId=Ref(other), cidrBlock=f"10.0.{n}.0/24")
        for n, name in ((50, "far-a"), (51, "far-b"))
    ]
    subnets = changed(STACK["db-subnets"], subnetIds=[Ref(each) for each in far])
    stack = swapped(STACK, other, *moved, *far, subnets)
    assert row(reached(*stack), SERVICE, DATABASE) is None
    peering = resource(
        "aws:ec2/vpcPeeringConnection:VpcPeeringConnection", "peer", vpcId=Ref(VPC), peerVpcId=Ref(other)
    )
    found = row(reached(*stack, peering), SERVICE, DATABASE)
    assert found is not None
    assert found["network"]["answer"] == "not known"


def _acl(
    name: str, subnets: list[dict[str, Any]], ingress: list[dict[str, Any]], egress: list[dict[str, Any]]
) -> dict[str, Any]:
    return resource(
        "aws:ec2/networkAcl:NetworkAcl", name, vpcId=Ref(VPC), subnetIds=[Ref(each) for each in subnets], ingress=ingress, egress=egress,
    )  # fmt: skip


def _numbered(number: int, ports: tuple[int, int] = (0, 0), cidr: Any = "0.0.0.0/0", **more: Any) -> dict[str, Any]:
    protocol = "tcp" if ports != (0, 0) else "-1"
    return {
        "ruleNo": number,
        "protocol": protocol,
        "action": "allow",
        "cidrBlock": cidr,
        "fromPort": ports[0],
        "toPort": ports[1],
        **more,
    }


WIDE, REPLIES, INSIDE = _numbered(100), _numbered(20, (1024, 65535)), _numbered(10, cidr="10.0.0.0/16")


@for_each(
    "ingress, egress, out, inward",
    [
        ([WIDE], [WIDE], "yes", "yes"),
        ([INSIDE, REPLIES], [INSIDE, _numbered(20, (443, 443)), REPLIES], "yes", "no"),
        ([INSIDE], [WIDE], "no", "no"),  # answers are not let back
        ([WIDE], [INSIDE, REPLIES], "no", "yes"),
        ([_numbered(1, action="deny"), WIDE], [WIDE], "no", "no"),
        ([WIDE, _numbered(200, action="deny")], [WIDE], "yes", "yes"),
        ([_numbered(1, (2000, 2000), action="deny"), WIDE], [WIDE], "not known", "yes"),  # some of the chosen ports
        ([_numbered(1, cidr="10.0.0.0/8", action="deny"), WIDE], [WIDE], "yes", "yes"),  # nobody of the world
        ([_numbered(1, cidr="8.0.0.0/8", action="deny"), WIDE], [WIDE], "not known", "not known"),  # some of the world
        ([_numbered(1, cidr=UNKNOWN, action="deny"), WIDE], [WIDE], "not known", "not known"),
        ([_numbered(1, cidr=UNKNOWN), WIDE], [WIDE], "yes", "yes"),
        ([UNKNOWN], [WIDE], "not known", "not known"),
        ([], [], "no", "no"),
    ],
)  # fmt: skip
def test_the_rules_of_a_network_acl_are_read_there_and_back(
    ingress: list[Any], egress: list[Any], out: str, inward: str
) -> None:
    private = reached(*STACK.values(), _acl("acl", PRIVATE, ingress, egress))
    assert _internet(private)["answer"] == out
    entries = reached(*STACK.values(), _acl("acl", PUBLIC, ingress, egress))["entries"]
    assert [entry["world"] for entry in entries] == ([] if inward == "no" else [inward])


def test_a_network_acl_between_a_service_and_its_database_shuts_it_off() -> None:
    apart = changed(STACK["db-subnets"], subnetIds=[Ref(PUBLIC[0])])
    stack = swapped(STACK, apart)

    def answer(*rules: dict[str, Any]) -> str:
        found = row(reached(*stack, _acl("acl", [PUBLIC[0]], list(rules), [WIDE])), SERVICE, DATABASE)
        return found["network"]["answer"] if found else "no"

    assert answer(WIDE) == "yes"
    assert answer(_numbered(10, (5432, 5432))) == "yes"
    assert answer(_numbered(10, (3306, 3306))) == "no"
    assert answer(_numbered(10, cidr="10.0.10.0/24")) == "not known"  # one of the two subnets of the service


def test_rules_and_associations_of_their_own_and_the_default_acl_count() -> None:
    acl = resource("aws:ec2/networkAcl:NetworkAcl", "acl", vpcId=Ref(VPC))
    kind = "aws:ec2/networkAclAssociation:NetworkAclAssociation"
    joins = [resource(kind, f"acl-{each['name']}", networkAclId=Ref(acl), subnetId=Ref(each)) for each in PRIVATE]
    rules = [
        resource(
            "aws:ec2/networkAclRule:NetworkAclRule", f"rule-{out}", networkAclId=Ref(acl), egress=out, ruleNumber=1, ruleAction="allow",
            protocol="-1", cidrBlock="0.0.0.0/0",
        )
        for out in (True, False)
    ]  # fmt: skip
    assert _internet(reached(*STACK.values(), acl, *joins))["answer"] == "no"
    assert _internet(reached(*STACK.values(), acl, *joins, *rules))["answer"] == "yes"
    assert _internet(reached(*STACK.values(), acl, *joins, rules[0]))["answer"] == "no"  # out only
    assert _internet(reached(*STACK.values(), acl))["answer"] == "yes"  # of no subnet
    default = resource(
        "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl", "default", defaultNetworkAclId=Ref(VPC, "defaultNetworkAclId")
    )
    assert _internet(reached(*STACK.values(), default))["answer"] == "no"
    assert _internet(reached(*STACK.values(), default, acl, *joins, *rules))["answer"] == "yes"


@for_each(
    "changes, answer",
    [
        ([changed(STACK["out-a-out"], natGatewayId=None, gatewayId=Ref(GATEWAY)), changed(STACK["out-b-out"], natGatewayId=None, gatewayId=Ref(GATEWAY))], "no"),
        ([changed(STACK["out-a-out"], natGatewayId=None, transitGatewayId="tgw-1"), changed(STACK["out-b-out"], natGatewayId=None, transitGatewayId="tgw-1")], "not known"),
        ([changed(STACK["out-a-out"], destinationCidrBlock="10.9.0.0/16"), changed(STACK["out-b-out"], destinationCidrBlock="10.9.0.0/16")], "no"),
        ([changed(NATS[0], connectivityType="private"), changed(NATS[1], connectivityType="private")], "not known"),
        ([changed(STACK["app-https"], cidrIpv4="10.0.0.0/8")], "no"),
        ([changed(STACK["app-https"], cidrIpv4=UNKNOWN)], "not known"),
        ([changed(STACK["out-a-out"], routeTableId=UNKNOWN)], "not known"),
    ]
)  # fmt: skip
def test_the_internet_takes_a_route_and_a_rule(changes: list[dict[str, Any]], answer: str) -> None:
    assert _internet(reached(*swapped(STACK, *changes)))["answer"] == answer


def test_subnets_without_a_way_out_are_named() -> None:
    found = _internet(reached(*swapped(STACK, without="out-b-out")))
    assert found["answer"] == "yes"
    assert found["why"] == "not from private-b"
    assert [way["urn"] for way in found["ways"]] == [NATS[0]["urn"]]


def test_the_main_table_serves_subnets_without_an_association() -> None:
    stack = swapped(STACK, without="out-a-private-a")
    assert _internet(reached(*stack))["why"] == "not from private-a"
    main = resource(
        "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation",
        "main",
        vpcId=Ref(VPC),
        routeTableId=Ref(STACK["out-b"]),
    )
    assert _internet(reached(*stack, main))["why"] is None
    route = changed(STACK["out-a-out"], routeTableId=Ref(VPC, "mainRouteTableId"))
    assert _internet(reached(*swapped({each["name"]: each for each in stack}, route)))["why"] is None


SHUT = [
    changed(STACK[name], natGatewayId=None, networkInterfaceId=None, gatewayId="local")
    for name in ("out-a-out", "out-b-out")
]


def test_rights_without_a_way_to_the_api_are_pointed_out_and_an_endpoint_is_a_way() -> None:
    stack = swapped(STACK, *SHUT)
    shut = row(reached(*stack), SERVICE, BUCKET)
    assert shut is not None
    assert (shut["network"]["answer"], shut["iam"]["answer"], shut["mismatch"]) == (
        "no",
        "yes",
        "rights, no network way",
    )
    gateway = resource(
        "aws:ec2/vpcEndpoint:VpcEndpoint", "s3", vpcId=Ref(VPC), serviceName="com.amazonaws.us-east-1.s3",
        routeTableIds=[Ref(STACK["out-a"]), Ref(STACK["out-b"])],
    )  # fmt: skip
    found = row(reached(*stack, gateway), SERVICE, BUCKET)
    assert found is not None
    assert found["network"] == {"answer": "yes", "by": ["endpoint s3"], "why": None}
    assert found["mismatch"] is None
    half = row(reached(*stack, changed(gateway, routeTableIds=[Ref(STACK["out-a"])])), SERVICE, BUCKET)
    assert half is not None
    assert "not from private-b" in half["network"]["why"]
    other = row(reached(*stack, changed(gateway, serviceName="com.amazonaws.us-east-1.dynamodb")), SERVICE, BUCKET)
    assert other is not None
    assert other["network"]["answer"] == "no"


def test_an_interface_endpoint_lets_in_whom_its_group_lets_in() -> None:
    doors = group("doors")
    endpoint = resource(
        "aws:ec2/vpcEndpoint:VpcEndpoint", "s3", vpcId=Ref(VPC), serviceName="com.amazonaws.us-east-1.s3",
        vpcEndpointType="Interface", privateDnsEnabled=True, subnetIds=[Ref(PRIVATE[0])], securityGroupIds=[Ref(doors)],
    )  # fmt: skip
    stack = [*STACK.values(), doors, endpoint]
    closed = row(reached(*stack), SERVICE, BUCKET)
    assert closed is not None
    assert closed["network"]["answer"] == "no"  # private DNS leads to the endpoint, the NAT gateway is no way round
    rule = let_in("https", doors, 443, cidrIpv4="10.0.0.0/16")
    opened = row(reached(*stack, rule), SERVICE, BUCKET)
    assert opened is not None
    assert opened["network"] == {"answer": "yes", "by": ["endpoint s3"], "why": None}
    unnamed = row(reached(*STACK.values(), doors, changed(endpoint, privateDnsEnabled=False)), SERVICE, BUCKET)
    assert unnamed is not None
    assert unnamed["network"]["by"] == ["NAT gateway nat-a", "NAT gateway nat-b"]


@for_each(
    "changes, world",
    [
        ([changed(BALANCER, internal=True)], None),
        ([changed(BALANCER, internal=UNKNOWN)], "not known"),
        ([changed(STACK["world-in"], cidrIpv4="10.0.0.0/8")], None),
        ([changed(STACK["world-in"], cidrIpv4="203.0.114.0/24")], "some addresses"),
        ([changed(STACK["world-in"], cidrIpv4="0.0.0.0/1")], "yes"),
        ([changed(STACK["world-in"], cidrIpv4=None, cidrIpv6="::/0")], None),  # it has an address of IPv4 only
        ([changed(STACK["world-in"], cidrIpv4=None, cidrIpv6="::/0"), changed(BALANCER, ipAddressType="dualstack"),
          changed(STACK["public-out"], destinationCidrBlock=None, destinationIpv6CidrBlock="::/0")], "yes"),
        ([changed(STACK["world-in"], cidrIpv4=UNKNOWN)], "not known"),
        ([changed(STACK["world-in"], cidrIpv4=None, prefixListId="pl-cloudfront")], "not known"),
        ([changed(STACK["world-in"], fromPort=80, toPort=80)], None),
        ([changed(STACK["public-out"], destinationCidrBlock="10.9.0.0/16")], None),
        ([changed(STACK["public-out"], gatewayId=UNKNOWN)], "not known"),
    ],
)  # fmt: skip
def test_a_load_balancer_is_open_when_it_is_public_routed_and_let_in(
    changes: list[dict[str, Any]], world: str | None
) -> None:
    found = reached(*swapped(STACK, *changes))["entries"]
    assert [entry["world"] for entry in found] == ([] if world is None else [world])


def test_old_names_of_types_are_the_same_thing() -> None:
    old = [
        {
            **each,
            "type": each["type"].replace("aws:lb/", "aws:alb/").replace("s3/bucket:Bucket", "s3/bucketV2:BucketV2"),
        }
        for each in STACK.values()
    ]
    assert reached(*old) == reached(*STACK.values())


def test_a_load_balancer_that_cannot_reach_its_service_says_so() -> None:
    (entry,) = reached(*swapped(STACK, without="lb-out"))["entries"]
    assert entry["to"][0]["answer"] == "no"
    assert "lb-group" in entry["to"][0]["why"]


def test_a_rule_of_a_listener_is_part_of_the_path_and_a_redirect_is_told() -> None:
    rule = resource(
        "aws:lb/listenerRule:ListenerRule", "by-path", listenerArn=Ref(LISTENER, "arn"),
        actions=[{"type": "forward", "targetGroupArn": Ref(TARGETS, "arn")}],
    )  # fmt: skip
    away = changed(LISTENER, defaultActions=[{"type": "redirect", "redirect": {"port": "443", "protocol": "HTTPS"}}])
    (entry,) = reached(*swapped(STACK, away), rule)["entries"]
    assert entry["to"][0]["path"] == ["lb", "https", "by-path", "targets", "service"]
    assert entry["notes"] == ["tcp 443 (HTTPS) redirects to HTTPS 443"]


def test_tasks_with_a_public_address_are_an_entry_where_the_world_is_let_in() -> None:
    network = {"subnets": [Ref(each) for each in PUBLIC], "securityGroups": [Ref(APP_GROUP)], "assignPublicIp": True}
    stack = swapped(STACK, changed(SERVICE, networkConfiguration=network))
    assert [entry["urn"] for entry in reached(*stack)["entries"]] == [BALANCER["urn"]]
    opened = reached(*stack, let_in("all", APP_GROUP, 22, cidrIpv4="0.0.0.0/0"))["entries"]
    (entry,) = [each for each in opened if each["urn"] == SERVICE["urn"]]
    assert [(port["port"], port["world"]) for port in entry["ports"]] == [("tcp 22", "yes")]
    assert _internet(reached(*stack))["ways"][0]["way"] == "internet gateway"


def _range(name: str, protocol: str, ports: tuple[int, int] | None, cidr: str) -> dict[str, Any]:
    some: dict[str, Any] = {"fromPort": ports[0], "toPort": ports[1]} if ports else {}
    return resource("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", name, securityGroupId=Ref(APP_GROUP),
                    ipProtocol=protocol, cidrIpv4=cidr, **some)  # fmt: skip


@for_each(
    "rules, acl, opened",
    [
        # the rule of everything is not open to whom another lets in on one port
        ([_range("all", "-1", None, "203.0.113.5/32"), _range("web", "tcp", (80, 80), "0.0.0.0/0")], None,
         {"all": "some addresses", "tcp 80": "yes"}),
        ([_range("all", "-1", None, "0.0.0.0/1"), _range("rest", "-1", None, "128.0.0.0/1")], None, {"all": "yes"}),
        # nor is a range to whom another lets in on its first port
        ([_range("many", "tcp", (22, 90), "203.0.113.5/32"), _range("one", "tcp", (22, 22), "0.0.0.0/0")], None,
         {"tcp 22-90": "some addresses", "tcp 22": "yes"}),
        ([_range("many", "tcp", (22, 90), "203.0.113.5/32"), _range("more", "-1", None, "0.0.0.0/0")], None,
         {"tcp 22-90": "yes", "all": "yes"}),
        # a network ACL that lets in one port of a range, or of everything, does not shut all of it
        ([_range("many", "tcp", (22, 25), "0.0.0.0/0")], [_numbered(1, (25, 25))], {"tcp 22-25": "not known"}),
        ([_range("all", "-1", None, "0.0.0.0/0")], [_numbered(1, (25, 25))], {"all": "not known"}),
        ([_range("many", "tcp", (22, 25), "0.0.0.0/0")], [_numbered(1, (20, 30))], {"tcp 22-25": "yes"}),
        ([_range("many", "tcp", (22, 25), "0.0.0.0/0")], [_numbered(1, (80, 80))], None),
    ],
)  # fmt: skip
def test_who_gets_to_a_range_of_ports_is_who_gets_to_all_of_it(
    rules: list[dict[str, Any]], acl: list[dict[str, Any]] | None, opened: dict[str, str] | None
) -> None:
    network = {"subnets": [Ref(each) for each in PUBLIC], "securityGroups": [Ref(APP_GROUP)], "assignPublicIp": True}
    shut = [_acl("acl", PUBLIC, acl, [WIDE])] if acl else []
    stack = swapped(STACK, changed(SERVICE, networkConfiguration=network))
    found = [each for each in reached(*stack, *rules, *shut)["entries"] if each["urn"] == SERVICE["urn"]]
    assert [{port["port"]: port["world"] for port in entry["ports"]} for entry in found] == ([opened] if opened else [])


def test_a_public_database_is_an_entry_when_routes_and_rules_let_the_world_in() -> None:
    public = changed(DATABASE, publiclyAccessible=True)
    subnets = changed(STACK["db-subnets"], subnetIds=[Ref(each) for each in PUBLIC])
    rule = let_in("world-db", DB_GROUP, 5432, cidrIpv4="0.0.0.0/0")
    whole = swapped(STACK, public, subnets, rule)
    assert DATABASE["urn"] in {entry["urn"] for entry in reached(*whole)["entries"]}
    for less in ([public, subnets], [public, rule], [subnets, rule]):
        found = reached(*swapped(STACK, *less))["entries"]
        assert DATABASE["urn"] not in {entry["urn"] for entry in found}


def _world(**rule: Any) -> list[dict[str, Any]]:
    """A public database, and a service in another VPC that has the internet."""
    public = changed(DATABASE, publiclyAccessible=True)
    subnets = changed(STACK["db-subnets"], subnetIds=[Ref(each) for each in PUBLIC])
    return swapped(STACK, public, subnets, changed(let_in("world-db", DB_GROUP, 5432, cidrIpv4="0.0.0.0/0"), **rule))


FUNCTION = resource("aws:lambda/function:Function", "function")


@for_each("rule, answer", [({}, "yes"), ({"cidrIpv4": "203.0.113.0/24"}, "no"), ({"fromPort": UNKNOWN}, "not known")])
def test_what_has_the_internet_reaches_a_database_that_the_world_reaches(rule: dict[str, Any], answer: str) -> None:
    found = row(reached(*_world(**rule), FUNCTION), FUNCTION, DATABASE)
    assert (found["network"]["answer"] if found else "no") == answer
    assert found is None or answer != "yes" or "its public address" in found["network"]["by"]


def test_a_service_of_the_same_network_gets_the_private_address_of_a_public_database() -> None:
    own = _numbered(10, cidr="10.0.0.0/16", action="deny")
    acl = _acl("acl", PUBLIC, [own, WIDE], [own, WIDE])
    out = let_out("app-out", APP_GROUP, 5432, cidrIpv4="0.0.0.0/0")
    assert row(reached(*_world(), out), SERVICE, DATABASE) is not None
    found = reached(*_world(), out, acl, FUNCTION)
    assert row(found, SERVICE, DATABASE) is None, "its own network is shut out"
    assert row(found, FUNCTION, DATABASE) is not None, "the world is not"


def test_a_service_elsewhere_needs_a_way_out_on_the_port_of_the_database() -> None:
    other = resource("aws:ec2/vpc:Vpc", "other", cidrBlock="10.9.0.0/16")
    stack = [changed(each, vpcId=Ref(other)) if each in (DB_GROUP, *PUBLIC) else each for each in _world()]
    assert row(reached(*stack), SERVICE, DATABASE) is None, "443 is the only port that it is let out on to the world"
    out = let_out("app-out", APP_GROUP, 5432, cidrIpv4="0.0.0.0/0")
    found = row(reached(*stack, out), SERVICE, DATABASE)
    assert found is not None
    assert found["network"]["by"] == ["app-out", "NAT gateway nat-a", "NAT gateway nat-b", "its public address"]


def test_services_reach_each_other_by_their_groups_and_not_otherwise() -> None:
    other_group = group("other-group")
    network = {"subnets": [Ref(each) for each in PRIVATE], "securityGroups": [Ref(other_group)]}
    other = resource("aws:ecs/service:Service", "caller", launchType="FARGATE", networkConfiguration=network)
    rules = [
        let_out("caller-out", other_group, 8080, referencedSecurityGroupId=Ref(APP_GROUP)),
        let_in("caller-in", APP_GROUP, 8080, referencedSecurityGroupId=Ref(other_group)),
    ]
    by_name = {each["urn"]: each for each in reached(*STACK.values(), other_group, other, *rules)["services"]}
    (to,) = by_name[other["urn"]]["services"]
    assert (to["urn"], to["how"], to["answer"]) == (SERVICE["urn"], "network", "yes")
    assert by_name[SERVICE["urn"]]["services"] == []
    for rule in rules:
        found = {each["urn"]: each for each in reached(*STACK.values(), other_group, other, rule)["services"]}
        assert found[other["urn"]]["services"] == []


def test_an_inner_load_balancer_is_a_way_to_a_service_and_no_entry() -> None:
    other_group = group("other-group")
    network = {"subnets": [Ref(each) for each in PRIVATE], "securityGroups": [Ref(other_group)]}
    other = resource("aws:ecs/service:Service", "caller", launchType="FARGATE", networkConfiguration=network)
    rules = [
        let_out("caller-out", other_group, 443, referencedSecurityGroupId=Ref(LB_GROUP)),
        let_in("caller-in", LB_GROUP, 443, referencedSecurityGroupId=Ref(other_group)),
    ]
    found = reached(*swapped(STACK, changed(BALANCER, internal=True)), other_group, other, *rules)
    assert found["entries"] == []
    (caller,) = [each for each in found["services"] if each["urn"] == other["urn"]]
    assert [(to["urn"], to["how"], to["answer"]) for to in caller["services"]] == [
        (SERVICE["urn"], "load balancer lb", "yes")
    ]


@for_each(
    "cidrs, world",
    [
        (["0.0.0.0/0"], True), (["0.0.0.0/1", "128.0.0.0/1"], True), (["::/0"], True), (["10.0.0.0/8"], False),
        (["8.0.0.0/8"], False), (["8.0.0.0/8"] * 99, False), (["2000::/4"], True), (["fc00::/7"], False),
    ],
    name=str,
)  # fmt: skip
def test_the_world_is_a_quarter_of_its_addresses(cidrs: list[str], world: bool) -> None:
    assert is_world(cidrs) is world


def test_what_runs_code_and_is_not_read_is_listed() -> None:
    nodes = resource("aws:eks/nodeGroup:NodeGroup", "nodes")
    assert reached(*STACK.values(), nodes)["notRead"] == [nodes["urn"]]
    assert reached(*STACK.values())["notRead"] == []


def test_a_pair_with_neither_way_is_not_listed() -> None:
    found = reached(*STACK.values())
    assert row(found, SERVICE, QUEUE) is None
    assert row(reached(*swapped(STACK, without=POLICY["name"])), SERVICE, BUCKET) is None
