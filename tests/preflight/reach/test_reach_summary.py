"""What the terminal says of reach and resilience."""

from typing import Any

from preflight import summary_risks
from preflight.cost import usage
from preflight.cost.estimate import estimate
from preflight.reach import reach
from preflight.resilience import resilience
from preflight.summary import Page
from tests.preflight.reach.baseline import DATABASE, NATS, SERVICE, STACK
from tests.preflight.reach.stacks import Ref, changed, resource, surroundings, swapped


def _said(*resources: dict[str, Any], verbose: bool = False) -> str:
    around = surroundings(*resources)
    assumptions = usage.read({}, "test:usage")
    stack = {
        "resources": resources,
        "reach": reach(around),
        "resilience": resilience(around, lambda found: estimate(found, assumptions, "us-east-1")),
    }
    page = Page(width=200, colour=False, verbose=verbose)
    return "\n".join([*summary_risks.reach(stack, page), *summary_risks.resilience(stack, page)])


def test_a_few_lines_say_what_is_open_and_what_breaks() -> None:
    assert _said(*STACK.values()).splitlines() == [
        "  The world reaches",
        "    lb (load balancer) on tcp 443 (HTTPS) -> service",
        "  When something fails",
        "    us-east-1a or us-east-1b: service below the minimum until started elsewhere; db may be gone",
        "    kept: lb",
        "    only one: db, database without a standby (a standby in another zone: 13.98 USD a month)",
    ]


def test_what_no_zone_takes_away_is_one_line_with_the_reason() -> None:
    safe = changed(DATABASE, multiAz=True)
    text = _said(*swapped(STACK, safe))
    [line] = [line for line in text.splitlines() if line.startswith("    kept: ")]
    assert line.startswith("    kept: db (")
    assert line.endswith(", lb")
    assert "service" not in line


def test_mismatches_and_a_lost_way_out_are_lines_of_their_own() -> None:
    asking = changed(DATABASE, iamDatabaseAuthenticationEnabled=True)
    one_nat = changed(STACK["out-b-out"], natGatewayId=Ref(NATS[0]))
    text = _said(*swapped(STACK, asking, one_nat))
    assert "    service and db: network open, no rights\n" in text
    assert "no way out for service elsewhere" in text
    assert "network open" not in _said(*STACK.values())


def test_parts_of_one_name_are_told_apart_by_what_they_are_and_others_are_not() -> None:
    twin = resource("aws:lb/loadBalancer:LoadBalancer", "service", subnets=STACK["lb"]["inputs"]["subnets"])
    text = _said(*STACK.values(), twin)
    assert "us-east-1a or us-east-1b: service (ECS service) below the minimum" in text
    assert "    kept: lb, service (load balancer)" in text
    assert "service (ECS service)" not in _said(*STACK.values())


def test_what_aws_keeps_shut_stands_beside_nothing_being_reached() -> None:
    bucket = resource("aws:s3/bucket:Bucket", "site")
    public = resource("aws:s3/bucketAcl:BucketAcl", "site", bucket=Ref(bucket), acl="public-read")
    lines = _said(bucket, public).splitlines()
    assert lines[0] == "  The world reaches nothing"
    assert lines[1].startswith("    not site: its access list lets everybody in, and AWS takes no access lists there")
    assert len(_said(bucket).splitlines()) == 1


def test_a_long_list_is_cut_unless_everything_is_wanted() -> None:
    urls = [resource("aws:lambda/functionUrl:FunctionUrl", f"url-{n}", authorizationType="NONE") for n in range(9)]
    assert "and 6 more (--verbose shows all)" in _said(*STACK.values(), *urls)
    whole = _said(*STACK.values(), *urls, verbose=True)
    assert whole.count("function URL") == 9
    assert "more" not in whole


def test_nothing_open_and_no_answer_are_told_apart() -> None:
    assert "The world reaches nothing" in _said(SERVICE)
    page = Page(width=80, colour=False, verbose=False)
    assert summary_risks.reach({"reach": None}, page) == []
    assert summary_risks.resilience({"resilience": None}, page) == []


def test_what_is_not_known_is_not_said_to_be_open() -> None:
    unknown = changed(STACK["world-in"], cidrIpv4={"$unknown": True})
    text = _said(*swapped(STACK, unknown))
    assert "not known whether also: lb (load balancer)" in text
    assert "-> service" not in text


def _web(**inputs: Any) -> tuple[dict[str, Any], ...]:
    ingress = [{"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["0.0.0.0/0"]}]
    group = resource("aws:ec2/securityGroup:SecurityGroup", "web-group", ingress=ingress)
    server = resource(
        "aws:ec2/instance:Instance", "web", instanceType="t3.micro", vpcSecurityGroupIds=[Ref(group)], **inputs
    )
    return group, server


def test_what_stands_in_the_default_vpc_may_be_reached_and_nothing_is_promised() -> None:
    lines = _said(*_web()).splitlines()
    assert lines[0] == "  The world reaches nothing for certain"
    assert lines[1] == "    not known whether also: web (instance with a public address) on tcp 80"
    assert _said(*_web(associatePublicIpAddress=False)).splitlines()[0] == "  The world reaches nothing"


def test_a_component_whose_children_are_not_known_is_named_where_nothing_else_is_reached() -> None:
    api = resource("aws-apigateway:index:RestAPI", "api") | {"remote": True, "custom": False}
    assert _said(api).splitlines() == [
        "  The world reaches nothing of AWS that is made here",
        "    not read: what aws-apigateway makes",
    ]
    child = resource("aws:apigateway/restApi:RestApi", "rest", parent=api["urn"])
    assert "not read" not in _said(api, child)
    assert reach(surroundings(api))["notRead"] == [api["urn"]]
    assert reach(surroundings(api, child))["notRead"] == []


def test_what_runs_code_and_is_not_looked_at_is_named_and_nothing_is_not_promised() -> None:
    notebook = resource("aws:sagemaker/notebookInstance:NotebookInstance", "lab")
    service = resource("aws:apprunner/service:Service", "shop")
    assert _said(notebook).splitlines() == [
        "  The world reaches nothing of what is looked at",
        "    not read: lab (sagemaker.NotebookInstance)",
    ]
    both = _said(notebook, service)
    assert "shop (App Runner service)" in both
    assert "not read: lab (sagemaker.NotebookInstance)" in both
    assert "apprunner.Service" not in both


def test_a_warehouse_or_database_with_a_public_address_is_an_entry() -> None:
    for kind in ("aws:redshiftserverless/workgroup:Workgroup", "aws:lightsail/database:Database"):
        assert "not known whether also: it (" in _said(resource(kind, "it", publiclyAccessible=True))
        assert _said(resource(kind, "it")) == "  The world reaches nothing"


def test_an_origin_without_a_name_is_not_known() -> None:
    cdn = resource("aws:cloudfront/distribution:Distribution", "cdn", enabled=True, origins=[{"domainName": ""}])
    assert "has an origin outside of this program: not known" in _said(cdn)
