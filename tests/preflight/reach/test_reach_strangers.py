"""Ways in that other people's programs have: IPv6, balancers without groups, accelerators, links of APIs, and what
policies and lists let everybody do."""

from typing import Any

from tests.gathered import for_each
from tests.preflight.reach.stacks import SEEN, Doc, Ref, changed, reached, resource

_EVERYBODY = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
VPC = resource("aws:ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")
GATEWAY = resource("aws:ec2/internetGateway:InternetGateway", "igw", vpcId=Ref(VPC))


def _subnet(name: str, **inputs: Any) -> dict[str, Any]:
    return resource("aws:ec2/subnet:Subnet", name, vpcId=Ref(VPC), cidrBlock=f"10.0.{len(name)}.0/24", **inputs)


def _network(*subnets: dict[str, Any], cidr: str = "cidrBlock", world: str = "0.0.0.0/0") -> list[dict[str, Any]]:
    """A VPC whose gateway these subnets have a route to."""
    table = resource(
        "aws:ec2/routeTable:RouteTable", "table", vpcId=Ref(VPC), routes=[{cidr: world, "gatewayId": Ref(GATEWAY)}]
    )
    kind = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    joins = [resource(kind, each["name"], routeTableId=Ref(table), subnetId=Ref(each)) for each in subnets]
    return [VPC, GATEWAY, table, *subnets, *joins]


def _group(name: str, port: int, **source: Any) -> dict[str, Any]:
    rule = {"protocol": "tcp", "fromPort": port, "toPort": port, **source}
    return resource("aws:ec2/securityGroup:SecurityGroup", name, vpcId=Ref(VPC), ingress=[rule] if source else [])


def _instance(subnet: dict[str, Any], group: dict[str, Any], **inputs: Any) -> dict[str, Any]:
    kind = "aws:ec2/instance:Instance"
    return resource(kind, "it", subnetId=Ref(subnet), vpcSecurityGroupIds=[Ref(group)], **inputs)


PUBLIC, PRIVATE = _subnet("public", mapPublicIpOnLaunch=True), _subnet("private-one")
SIX = _subnet("six-public", assignIpv6AddressOnCreation=True)
BY_SIX = _group("by-six", 443, ipv6CidrBlocks=["::/0"])
BY_FOUR = _group("by-four", 443, cidrBlocks=["0.0.0.0/0"])


@for_each("seen", SEEN)
@for_each(
    "stack, world",
    [
        ([*_network(SIX, cidr="ipv6CidrBlock", world="::/0"), BY_SIX, _instance(SIX, BY_SIX)], ["yes"]),
        ([*_network(SIX, cidr="ipv6CidrBlock", world="::/0"), BY_FOUR, _instance(SIX, BY_FOUR)], []),
        ([*_network(PUBLIC), BY_SIX, _instance(PUBLIC, BY_SIX)], []),
        ([*_network(PUBLIC), BY_FOUR, _instance(PUBLIC, BY_FOUR)], ["yes"]),
        ([*_network(SIX), BY_SIX, _instance(SIX, BY_SIX)], []),  # the route is of IPv4 only
    ],
)
def test_an_address_of_ipv6_is_public_and_asks_for_rules_and_routes_of_its_own(
    stack: list[dict[str, Any]], world: list[str], seen: dict[str, bool]
) -> None:
    assert [each["world"] for each in reached(*stack, **seen)["entries"]] == world


def _behind_network_balancer(group: dict[str, Any], internal: bool = False, **targets: Any) -> list[dict[str, Any]]:
    balancer = resource(
        "aws:lb/loadBalancer:LoadBalancer", "nlb", loadBalancerType="network", internal=internal, subnets=[Ref(PUBLIC)]
    )
    forwards = resource(
        "aws:lb/targetGroup:TargetGroup", "targets", port=443, protocol="TCP", vpcId=Ref(VPC), **targets
    )
    listener = resource(
        "aws:lb/listener:Listener", "listener", loadBalancerArn=Ref(balancer, "arn"), port=443, protocol="TCP",
        defaultActions=[{"type": "forward", "targetGroupArn": Ref(forwards, "arn")}],
    )  # fmt: skip
    instance = _instance(PRIVATE, group)
    attached = resource(
        "aws:lb/targetGroupAttachment:TargetGroupAttachment", "one", targetGroupArn=Ref(forwards, "arn"), targetId=Ref(instance)
    )  # fmt: skip
    return [*_network(PUBLIC), PRIVATE, balancer, forwards, listener, group, instance, attached]


INNER = _group("inner", 443, cidrBlocks=["10.0.0.0/16"])


@for_each(
    "group, targets, answer",
    [
        (BY_FOUR, {}, "yes"),
        (_group("shut", 443), {}, "no"),
        (INNER, {}, "not known"),  # the address of the client is kept: who of the VPC asks is not known
        (INNER, {"preserveClientIp": "false"}, "yes"),
        (_group("shut", 443), {"preserveClientIp": "false"}, "no"),
    ],
)
def test_behind_a_balancer_without_groups_those_of_the_target_decide(
    group: dict[str, Any], targets: dict[str, Any], answer: str
) -> None:
    (entry,) = reached(*_behind_network_balancer(group, **targets))["entries"]
    assert [to["answer"] for to in entry["to"]] == [answer]


def test_the_link_of_an_api_leads_through_its_balancer_to_what_is_behind() -> None:
    stack = _behind_network_balancer(BY_FOUR, internal=True)
    (balancer,) = [each for each in stack if each["name"] == "nlb"]
    api = resource("aws:apigateway/restApi:RestApi", "api")
    link = resource("aws:apigateway/vpcLink:VpcLink", "link", targetArn=Ref(balancer, "arn"))
    by_link = resource(
        "aws:apigateway/integration:Integration", "by-link", restApi=Ref(api), connectionId=Ref(link), uri="http://x"
    )
    (entry,) = reached(*stack, api, link, by_link)["entries"]
    assert [to["urn"].rpartition("::")[2] for to in entry["to"]] == ["it"]
    (bare,) = reached(*stack, api, link)["entries"]
    assert bare["to"] == []


def test_an_accelerator_is_an_entry_to_an_inner_balancer() -> None:
    stack = _behind_network_balancer(BY_FOUR, internal=True)
    (balancer,) = [each for each in stack if each["name"] == "nlb"]
    assert reached(*stack)["entries"] == []
    front = resource("aws:globalaccelerator/accelerator:Accelerator", "front")
    listener = resource("aws:globalaccelerator/listener:Listener", "on-443", acceleratorArn=Ref(front))
    group = resource(
        "aws:globalaccelerator/endpointGroup:EndpointGroup", "group", listenerArn=Ref(listener),
        endpointConfigurations=[{"endpointId": Ref(balancer, "arn")}],
    )  # fmt: skip
    (entry,) = reached(*stack, front, listener, group)["entries"]
    assert (entry["what"], entry["world"]) == ("accelerator", "yes")
    assert entry["to"][0]["path"][0] == "front"


FUNCTION = resource("aws:lambda/function:Function", "function")
BUCKET = resource("aws:s3/bucket:Bucket", "bucket")
OPEN_BLOCK = resource("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "block", bucket=Ref(BUCKET))
SHUT_BLOCK = resource(
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "block", bucket=Ref(BUCKET), ignorePublicAcls=True
)
OWNERS = resource(
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls", "owners", bucket=Ref(BUCKET), rule={"objectOwnership": "ObjectWriter"}
)  # fmt: skip
LIST = resource("aws:s3/bucketAcl:BucketAcl", "list", bucket=Ref(BUCKET), acl="public-read")
OWN_LIST = resource("aws:s3/bucketAcl:BucketAcl", "list", bucket=Ref(BUCKET), acl="private")

PAGE = resource("aws:s3/bucketObjectv2:BucketObjectv2", "page", bucket=Ref(BUCKET), acl="public-read")


def _permission(**inputs: Any) -> dict[str, Any]:
    given = {"function": Ref(FUNCTION), "action": "lambda:InvokeFunction", "principal": "*", **inputs}
    return resource("aws:lambda/permission:Permission", "permission", **given)


def _role(**statement: Any) -> dict[str, Any]:
    return resource("aws:iam/role:Role", "role", assumeRolePolicy=Doc(({**_EVERYBODY, **statement},)))


@for_each(
    "stack, what",
    [
        ([FUNCTION, _permission()], "public function"),
        ([FUNCTION, _permission(sourceArn="arn:aws:s3:::b")], None),
        ([FUNCTION, _permission(principal="s3.amazonaws.com")], None),
        ([_role()], "role that everybody may assume"),
        ([_role(Principal={"AWS": "arn:aws:iam::999988887777:root"})], None),
        ([_role(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})], None),
        ([BUCKET, OPEN_BLOCK, OWNERS, LIST], "public bucket"),
        ([BUCKET, OPEN_BLOCK, OWNERS, OWN_LIST], None),
        ([BUCKET, SHUT_BLOCK, OWNERS, LIST], None),
        ([BUCKET, OPEN_BLOCK, LIST], None),  # AWS ignores lists unless the owner says otherwise
        ([BUCKET, OWNERS, LIST], None),
        ([BUCKET, OPEN_BLOCK, OWNERS, PAGE], "public objects"),
        ([BUCKET, OPEN_BLOCK, OWNERS, changed(PAGE, acl="private")], None),
        ([BUCKET, SHUT_BLOCK, OWNERS, PAGE], None),
        ([BUCKET, OPEN_BLOCK, PAGE], None),
    ],
)
def test_what_everybody_may_do_by_the_api_is_an_entry(stack: list[dict[str, Any]], what: str | None) -> None:
    assert [each["what"] for each in reached(*stack)["entries"]] == ([what] if what else [])


_READ_BY_ALL = resource(
    "aws:s3/bucketPolicy:BucketPolicy", "policy", bucket=Ref(BUCKET),
    policy=Doc(({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": Ref(BUCKET, "arn", "/*")},)),
)  # fmt: skip
_ACCOUNT = resource("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", "all", ignorePublicAcls=False)


@for_each(
    "stack, why",
    [
        ([BUCKET, OPEN_BLOCK, LIST], "its access list lets everybody in, and AWS takes no access lists there"),
        ([BUCKET, OWNERS, LIST], "its access list lets everybody in, and AWS blocks public access of a new bucket"),
        ([BUCKET, SHUT_BLOCK, OWNERS, LIST], "its access list lets everybody in, and a public access block holds"),
        ([BUCKET, SHUT_BLOCK, OWNERS, PAGE], "the access list of an object lets everybody in, and a public access"),
        ([BUCKET, _READ_BY_ALL], "its policy lets everybody in, and AWS blocks public access of a new bucket"),
        (
            [BUCKET, _READ_BY_ALL, _ACCOUNT],
            "its policy lets everybody in, and AWS blocks public access of a new bucket",
        ),
        ([BUCKET, OPEN_BLOCK, OWNERS, LIST], None),
        ([BUCKET, OWNERS, OWN_LIST], None),
        ([BUCKET], None),
        ([BUCKET, OPEN_BLOCK, _READ_BY_ALL], None),
    ],
)
def test_a_bucket_that_is_meant_to_be_open_and_that_aws_keeps_shut_is_told(
    stack: list[dict[str, Any]], why: str | None
) -> None:
    found = reached(*stack)
    assert [each["urn"] for each in found["shut"]] == ([BUCKET["urn"]] if why else [])
    assert all(str(each["why"]).startswith(str(why)) for each in found["shut"])
    assert not (found["shut"] and found["entries"])


def test_objects_of_a_bucket_that_everybody_reads_are_one_entry_that_names_some() -> None:
    pages = [
        resource("aws:s3/bucketObject:BucketObject", f"page-{n}", bucket=Ref(BUCKET), acl="public-read")
        for n in range(5)
    ]
    (entry,) = reached(BUCKET, OPEN_BLOCK, OWNERS, *pages)["entries"]
    assert entry["urn"] == BUCKET["urn"]
    assert entry["notes"] == ["the access list of page-0, page-1, page-2 and 2 more lets everybody in"]


def test_a_bucket_that_is_open_in_two_ways_is_one_entry() -> None:
    policy = resource(
        "aws:s3/bucketPolicy:BucketPolicy", "policy", bucket=Ref(BUCKET),
        policy=Doc(({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": Ref(BUCKET, "arn", "/*")},)),
    )  # fmt: skip
    (entry,) = reached(BUCKET, OPEN_BLOCK, OWNERS, LIST, policy)["entries"]
    assert len(entry["ports"]) == 1
    assert entry["notes"] == ["its policy lets everybody do s3:GetObject", "its access list lets everybody in"]
