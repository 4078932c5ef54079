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


INSTANCE, GATEWAY = "aws:rds/instance:Instance", "aws:ec2/internetGateway:InternetGateway"


def with_gateway(cidr: str, *others: dict[str, Any]) -> dict[str, Any]:
    internet = resource(GATEWAY, "igw", {"vpcId": "vpc-1"}, needs={"vpcId": [urn(VPC, "net")]}, unknown=["vpcId"])
    return stack([resource(VPC, "net", {"cidrBlock": cidr}), internet, *others])


PUBLIC = [
    resource("aws:ec2/natGateway:NatGateway", "nat", {"subnetId": "subnet-1"}),
    resource("aws:lb/loadBalancer:LoadBalancer", "lb", {"subnets": ["subnet-1"]}),
    resource("aws:ec2/eip:Eip", "ip", {"instance": "i-1"}),
    resource("aws:ecs/service:Service", "web", {"networkConfiguration": {"assignPublicIp": True}}),
    resource(
        "aws:ec2/launchTemplate:LaunchTemplate", "lt", {"networkInterfaces": [{"associatePublicIpAddress": "true"}]}
    ),
]
PRIVATE = [
    resource("aws:ec2/natGateway:NatGateway", "nat", {"subnetId": "subnet-1", "connectivityType": "private"}),
    resource("aws:lb/loadBalancer:LoadBalancer", "lb", {"subnets": ["subnet-1"], "internal": True}),
    resource("aws:ec2/eip:Eip", "ip", {"domain": "vpc"}),
    resource("aws:ec2/instance:Instance", "i", {"associatePublicIpAddress": False}),
]


def test_a_gateway_is_kept_only_by_what_has_a_public_address() -> None:
    for each in PUBLIC:
        found = document(with_gateway("10.0.0.0/16", each), with_gateway("10.1.0.0/16", each))
        assert "igw" in refused(found), each["type"]
    for each in PRIVATE:
        assert refused(document(with_gateway("10.0.0.0/16", each), with_gateway("10.1.0.0/16", each))) == []
    gives = resource(SUBNET, "s", {"mapPublicIpOnLaunch": True, "vpcId": "vpc-2"})
    both = (gives, resource("aws:ec2/instance:Instance", "i", {"subnetId": "subnet-1"}))
    assert refused(document(with_gateway("10.0.0.0/16", *both), with_gateway("10.1.0.0/16", *both))) == ["igw"]


def test_a_database_moves_with_a_subnet_group_of_another_name_unless_it_has_a_standby() -> None:
    def there(cidr: str, name: str, **given: Any) -> dict[str, Any]:
        group = resource("aws:ec2/securityGroup:SecurityGroup", "sg", {"vpcId": "vpc-1", "name": "g"},
                         needs={"vpcId": [urn(VPC, "net")]}, unknown=["vpcId"])  # fmt: skip
        database = resource(INSTANCE, "db", {"dbSubnetGroupName": name, "vpcSecurityGroupIds": ["sg-1"], **given},
                            needs={"vpcSecurityGroupIds": [urn(group["type"], "sg")]},
                            unknown=["vpcSecurityGroupIds[0]"])  # fmt: skip
        return stack([resource(VPC, "net", {"cidrBlock": cidr}), group, database])

    assert refused(document(there("10.0.0.0/16", "a"), there("10.1.0.0/16", "b"))) == []
    assert refused(document(there("10.0.0.0/16", "a"), there("10.1.0.0/16", "a"))) == ["db"]
    standby = (there("10.0.0.0/16", "a", multiAz=True), there("10.1.0.0/16", "b", multiAz=True))
    assert refused(document(*standby)) == ["db"]


def test_what_is_to_stand_in_a_vpc_of_another_name_is_refused_as_well() -> None:
    def there(name: str) -> dict[str, Any]:
        vpc, subnet = urn(VPC, name), [urn(SUBNET, f"in-{name}")]
        return stack([
            resource(VPC, name, {"cidrBlock": "10.0.0.0/16"}),
            resource(SUBNET, f"in-{name}", {"vpcId": "vpc-1"}, needs={"vpcId": [vpc]}, unknown=["vpcId"]),
            resource(BALANCER, "lb", {"subnets": [f"subnet-{name}"]}, needs={"subnets": subnet}, unknown=["subnets[0]"]),
            resource(BALANCER, f"of-{name}", {"subnets": ["subnet-1"]}, needs={"subnets": subnet}),
        ])  # fmt: skip

    found = document(there("old"), there("new"))
    assert refused(found) == ["lb"], "those that come and go have a VPC each"
    page = text.text(found, Page(400, False, False), everything=False)
    assert "another VPC takes the place of one (new): AWS does not move what stands in it" in page
    assert "aliases, if they are the same VPC" in page
    more = there("old")
    more["resources"] += [resource(VPC, "second", {"cidrBlock": "10.1.0.0/16"})]
    assert refused(document(there("old"), more)) == []


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
