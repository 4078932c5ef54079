"""A network that is replaced: what AWS does not move; and targets of routes, one of which takes another's place."""

from typing import Any

import pytest

from preflight.diff import markdown, text
from preflight.summary import Page
from tests.preflight.diff.reports import compared, document, only, provider, resource, stack, urn

VPC, SUBNET, ROUTE = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/route:Route"
BALANCER, GROUP = "aws:lb/loadBalancer:LoadBalancer", "aws:rds/subnetGroup:SubnetGroup"
TARGET, FILES = "aws:efs/mountTarget:MountTarget", "aws:efs/fileSystem:FileSystem"


def network(cidr: str, mode: str = "generalPurpose") -> dict[str, Any]:
    subnet, files = [urn(SUBNET, "a")], [urn(FILES, "files")]
    return stack([
        resource(VPC, "net", {"cidrBlock": cidr}),
        resource(SUBNET, "a", {"vpcId": "vpc-1"}, needs={"vpcId": [urn(VPC, "net")]}, unknown=["vpcId"]),
        resource(BALANCER, "lb", {"subnets": ["subnet-1"]}, needs={"subnets": subnet}, unknown=["subnets[0]"]),
        resource(GROUP, "db", {"subnetIds": ["subnet-1"]}, needs={"subnetIds": subnet}, unknown=["subnetIds[0]"]),
        resource(FILES, "files", {"performanceMode": mode}),
        resource(TARGET, "at", {"fileSystemId": "fs-1", "subnetId": "subnet-1"}, unknown=["fileSystemId", "subnetId"],
                 needs={"fileSystemId": files, "subnetId": subnet}),
    ])  # fmt: skip


def refused(found: dict[str, Any]) -> list[str]:
    listed = found["stacks"]["dev"]["resources"]
    return sorted(each["name"] for each in listed for warning in each["warnings"] if warning["outcome"] == "refused")


def test_what_stands_in_a_replaced_network_is_refused_by_name_before_all_else() -> None:
    found = document(network("10.0.0.0/16"), network("10.1.0.0/16"))
    assert refused(found) == ["at", "db", "lb"]
    assert found["stacks"]["dev"]["summary"]["refused"] == 3
    for page in (text.text(found, Page(400, False, False), everything=False), markdown.markdown(found)):
        line = next(line for line in page.splitlines() if "the VPC is replaced (net)" in line)
        assert "at (efs.MountTarget), lb (lb.LoadBalancer), db (rds.SubnetGroup)" in line
        assert "a new stack" in line
        assert page.index(line) < page.index("AWS refuses it")


def test_a_mount_target_of_a_new_file_system_may_stand_anywhere() -> None:
    assert refused(document(network("10.0.0.0/16"), network("10.1.0.0/16", "maxIO"))) == ["db", "lb"]


def test_another_region_refuses_nothing_as_all_is_new_there() -> None:
    head = network("10.1.0.0/16")
    head["resources"][0] = provider("us-west-2")
    assert refused(document(network("10.0.0.0/16"), head)) == []


def test_a_network_that_stays_refuses_nothing() -> None:
    head = network("10.0.0.0/16")
    head["resources"][1]["inputs"]["tags"] = {"a": "b"}
    assert refused(document(network("10.0.0.0/16"), head)) == []


@pytest.mark.parametrize(("other", "outcomes"), [({"natGatewayId": "nat-1"}, []), ({}, ["not planned"])])
def test_a_target_that_another_one_takes_the_place_of_is_not_kept(other: dict[str, str], outcomes: list[str]) -> None:
    base = {"routeTableId": "rtb-1", "destinationCidrBlock": "0.0.0.0/0", "networkInterfaceId": "eni-1"}
    head = {key: value for key, value in base.items() if key != "networkInterfaceId"} | other
    each = only(compared([resource(ROUTE, "out", base)], [resource(ROUTE, "out", head)]))
    assert [warning["outcome"] for warning in each["warnings"]] == outcomes
    assert each["action"] == ("update" if other else "none")
