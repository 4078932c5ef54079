"""NAT by one small instance: what outlives it, what it may do, and what waits for it."""

import base64
import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.contracts import Severity, Signal
from components.network import Network, NetworkArgs
from components.network.nat_instance import SCRIPT
from components.observability.alarms import RUNBOOKS
from settings.location import Location
from settings.network import NetworkSettings

GROUP, TEMPLATE = "aws:autoscaling/group:Group", "aws:ec2/launchTemplate:LaunchTemplate"
INTERFACE, EIP, ROUTE = "aws:ec2/networkInterface:NetworkInterface", "aws:ec2/eip:Eip", "aws:ec2/route:Route"
WALL = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ZONES = ["us-east-1a", "us-east-1b"]
NAME = "network-nat-instance"


def network(zones: list[str] = ZONES, protected: bool = False, region: str = "us-east-1", **change: Any) -> Network:
    settings = NetworkSettings.model_validate(
        {
            "cidr": "10.20.0.0/16",
            "availabilityZones": zones,
            "subnetMask": 24,
            "nat": "instance",
            "endpoints": [],
            "flowLogs": {"retentionDays": 14},
            **change,
        }
    )
    here = Location.of(region, "111122223333")
    return Network(
        "network",
        NetworkArgs(settings=settings, location=here, protected=protected, log_key_arn="arn:aws:kms:::key/logs"),
    )


def names(urns: Any) -> set[str]:
    return {urn.rsplit("::", 1)[1] for urn in urns}


def test_there_is_one_instance_and_no_gateway(deploy: Any) -> None:
    made = deploy(network)
    group = made.one(GROUP).inputs
    assert (group["minSize"], group["maxSize"], group["desiredCapacity"]) == (1, 1, 1)
    assert made.of("aws:ec2/natGateway:NatGateway") == {}
    assert made.of("aws:ec2/instance:Instance") == {}, "an instance of its own would not be replaced when it dies"


def test_routes_of_every_zone_lead_to_an_interface_that_outlives_the_instance(deploy: Any) -> None:
    made = deploy(network)
    interface = made.one(INTERFACE)
    private = {name: route for name, route in made.of(ROUTE).items() if "private" in name}
    assert sorted(private) == [f"network-private-{zone}-out" for zone in ZONES]
    for route in private.values():
        assert route.property_dependencies["networkInterfaceId"] == {interface.urn}
        assert route.inputs["destinationCidrBlock"] == "0.0.0.0/0"
        assert not {"natGatewayId", "gatewayId"} & route.inputs.keys()
    (used,) = made.one(TEMPLATE).inputs["networkInterfaces"]
    assert made.one(TEMPLATE).property_dependencies["networkInterfaces"] == {interface.urn}
    assert (used["deviceIndex"], "deleteOnTermination" in used) == (0, False)
    assert interface.inputs["sourceDestCheck"] is False, "AWS would drop what is not for the instance itself"


def test_the_address_stays_with_the_interface(deploy: Any) -> None:
    made = deploy(network)
    address = made.one(EIP)
    assert address.property_dependencies["networkInterface"] == {made.one(INTERFACE).urn}
    assert "instance" not in address.inputs
    assert [urn for urn in address.dependencies if urn.endswith("::network-public-out")], "AWS refuses it before that"


def test_the_allow_list_is_the_one_address(deploy: Any) -> None:
    seen: list[str] = []

    def build() -> Network:
        built = network()
        pulumi.Output.all(*built.nat_public_ips).apply(seen.extend)
        return built

    assert len(deploy(build).built.nat_public_ips) == 1
    assert len(seen) == 1


@pytest.mark.parametrize("protected", [True, False])
def test_the_address_is_protected_where_the_stack_is(deploy: Any, protected: bool) -> None:
    assert deploy(lambda: network(protected=protected)).one(EIP).protect is protected


def test_it_stands_in_the_first_zone_where_its_interface_is(deploy: Any) -> None:
    made = deploy(lambda: network(zones=["us-east-1c", "us-east-1a"]))
    group = made.one(GROUP).inputs
    assert group["availabilityZones"] == ["us-east-1c"]
    assert "vpcZoneIdentifiers" not in group, "AWS refuses subnets beside an interface in the template"
    assert names(made.one(INTERFACE).property_dependencies["subnetId"]) == {"network-public-us-east-1c"}


def test_who_goes_out_waits_until_the_instance_forwards(deploy: Any) -> None:
    def build() -> object:
        return aws.rds.SubnetGroup("consumer", subnet_ids=network().private_subnet_ids)

    made = deploy(build)
    waits = made.one("aws:rds/subnetGroup:SubnetGroup").dependencies
    routes = [route for route in made.of(ROUTE).values() if "private" in route.name]
    assert {route.urn for route in routes} <= waits
    assert all(made.one(GROUP).urn in route.dependencies for route in routes)


def test_a_store_does_not_wait_for_it(deploy: Any) -> None:
    def build() -> object:
        return aws.rds.SubnetGroup("consumer", subnet_ids=network().data_subnet_ids)

    waits = deploy(build).one("aws:rds/subnetGroup:SubnetGroup").dependencies
    assert {urn.split("::")[2].split("$")[-1] for urn in waits} == {"aws:ec2/subnet:Subnet"}


def test_an_instance_starts_when_it_can_reach_the_internet_and_has_its_rights(deploy: Any) -> None:
    made = deploy(network)
    needs = names(made.one(GROUP).dependencies)
    assert {"network-public-out", "network-public-us-east-1a", f"{NAME}-role", NAME} <= needs
    assert made.one(EIP).urn in made.one(GROUP).dependencies
    assert "network-public-us-east-1b" not in needs


def test_the_group_waits_for_its_word_and_throws_a_half_made_instance_away(deploy: Any) -> None:
    group = deploy(network).one(GROUP).inputs
    (hook,) = group["initialLifecycleHooks"]
    assert hook["lifecycleTransition"] == "autoscaling:EC2_INSTANCE_LAUNCHING"
    assert (hook["defaultResult"], hook["heartbeatTimeout"]) == ("ABANDON", 600)


def test_the_old_instance_goes_before_the_new_one_comes(deploy: Any) -> None:
    group = deploy(network).one(GROUP).inputs
    assert group["instanceMaintenancePolicy"] == {"minHealthyPercentage": 0, "maxHealthyPercentage": 100}
    assert group["instanceRefresh"]["preferences"] == {"minHealthyPercentage": 0}, "or a refresh could never begin"


def test_a_changed_template_reaches_the_instance_and_so_does_a_patched_image(deploy: Any) -> None:
    made = deploy(network)
    group, template = made.one(GROUP), made.one(TEMPLATE)
    assert template.urn in group.property_dependencies["launchTemplate"]
    assert group.inputs["launchTemplate"]["version"] == "1", "the very version: a refresh follows from a new one"
    assert group.inputs["instanceRefresh"]["strategy"] == "Rolling"
    assert template.inputs["imageId"].startswith("resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-")
    assert template.inputs["imageId"].endswith("-arm64")
    assert template.inputs["instanceType"].startswith("t4g.")
    assert group.inputs["maxInstanceLifetime"] == 30 * 24 * 3600


def test_it_is_hardened_as_every_instance_is(deploy: Any) -> None:
    template = deploy(network).one(TEMPLATE).inputs
    assert template["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }
    (disk,) = template["blockDeviceMappings"]
    assert (disk["ebs"]["encrypted"], disk["ebs"]["volumeType"]) == ("true", "gp3")
    assert not {"keyName", "vpcSecurityGroupIds", "securityGroupNames"} & template.keys()


def test_only_private_subnets_send_through_it_and_nobody_reaches_a_port_of_it_from_outside(deploy: Any) -> None:
    made = deploy(network)
    rules = [rule for rule in made.inputs(INGRESS).values() if rule["securityGroupId"] == f"{_id(made, WALL, NAME)}"]
    private = {
        subnet["cidrBlock"]
        for name, subnet in made.inputs("aws:ec2/subnet:Subnet").items()
        if name.startswith("network-private-")
    }
    assert {rule["cidrIpv4"] for rule in rules} == private
    assert len(rules) == 2
    assert not [rule for rule in rules if "cidrIpv6" in rule]


def _id(made: Any, kind: str, name: str) -> str:
    """The id of a resource, as its dependants were given it."""
    (found,) = [i["securityGroups"][0] for i in made.inputs(INTERFACE).values()]
    assert made.of(kind)[name].urn in made.one(INTERFACE).property_dependencies["securityGroups"]
    return str(found)


@pytest.mark.parametrize(
    ("region", "partition", "service"),
    [("us-east-1", "aws", "ec2.amazonaws.com"), ("cn-north-1", "aws-cn", "ec2.amazonaws.com.cn")],
)
def test_it_may_open_sessions_and_say_that_it_works_and_nothing_else(
    deploy: Any, region: str, partition: str, service: str
) -> None:
    zones = [f"{region}a", f"{region}b"]
    made = deploy(lambda: network(zones=zones, region=region))
    policy = made.of("aws:iam/rolePolicy:RolePolicy")[f"{NAME}-role"]
    statements = {s["Sid"]: s for s in json.loads(policy.inputs["policy"])["Statement"]}
    assert statements.keys() == {"SayThatItRuns", "OpenSessions", "SayThatItWorks"}
    assert statements["SayThatItWorks"]["Action"] == ["autoscaling:CompleteLifecycleAction"]
    groups = f"arn:{partition}:autoscaling:{region}:111122223333:autoScalingGroup:*:autoScalingGroupName"
    assert statements["SayThatItWorks"]["Resource"] == [f"{groups}/{made.one(GROUP).inputs['name']}"]
    wide = [sid for sid, statement in statements.items() if statement["Resource"] == ["*"]]
    assert wide == ["OpenSessions"], "AWS has no resource level for ssmmessages, for the others it has"
    actions = {action for statement in statements.values() for action in statement["Action"]}
    assert not [action for action in actions if action.startswith(("ec2:", "ssm:Get", "s3:", "iam:"))]
    (trust,) = json.loads(made.of("aws:iam/role:Role")[f"{NAME}-role"].inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": [service]}


def test_its_statements_are_inputs_of_the_component(deploy: Any) -> None:
    made = deploy(network)
    said = made.one("groundwork:network:NatInstance").inputs["statements"]
    policy = made.of("aws:iam/rolePolicy:RolePolicy")[f"{NAME}-role"].inputs["policy"]
    assert all(statement in said for statement in json.loads(policy)["Statement"])


def test_the_group_is_named_by_the_stack_and_goes_before_another_comes(deploy: Any) -> None:
    made = deploy(network)
    group = made.one(GROUP)
    assert group.inputs["name"] == "groundwork-test-network-nat-instance"
    assert group.delete_before_replace, "two groups cannot have one name, nor their instances one interface"


def test_the_script_is_filled_in_and_names_the_group_and_its_hook(deploy: Any) -> None:
    made = deploy(network)
    script = base64.b64decode(made.one(TEMPLATE).inputs["userData"]).decode()
    group = made.one(GROUP).inputs
    assert script.startswith("#!/bin/bash\n")
    assert f'GROUP="{group["name"]}"' in script
    assert f'HOOK="{group["initialLifecycleHooks"][0]["name"]}"' in script
    assert 'REGION="us-east-1"' in script
    assert 'VPC_CIDR="10.20.0.0/16"' in script
    assert "@" not in script.replace("@ signs", "")
    assert len(script.encode()) <= 16384, "the most user data that EC2 takes"
    assert SCRIPT.is_file()


def test_a_zone_more_replaces_neither_instance_nor_interface_nor_address(deploy: Any) -> None:
    before, after = deploy(network), deploy(lambda: network(zones=[*ZONES, "us-east-1c"]))
    assert set(before.urns) < set(after.urns)
    for kind in (GROUP, TEMPLATE, INTERFACE, EIP, ROUTE, INGRESS):
        was, now = before.inputs(kind), after.inputs(kind)
        assert {name: now[name] for name in was} == was
    new = set(after.urns) - set(before.urns)
    assert [urn for urn in new if urn.endswith(f"::{NAME}-from-us-east-1c")]


def test_instance_and_disk_carry_the_tags_that_runbooks_look_for(deploy: Any) -> None:
    template = deploy(network).one(TEMPLATE).inputs
    given = {spec["resourceType"]: spec["tags"] for spec in template["tagSpecifications"]}
    assert given.keys() == {"instance", "volume"}
    for tags in given.values():
        assert tags["Name"] == NAME
        assert (tags["groundwork:project"], tags["groundwork:stack"]) == ("groundwork", "test")


def test_it_is_watched_for_absence_checks_throughput_and_money(deploy: Any) -> None:
    made = deploy(network)
    signals: dict[str, Signal] = {signal.name: signal for signal in made.built.signals}
    assert list(signals) == [f"{NAME}-{topic}" for topic in ("missing", "status", "throughput", "surcharge")]
    assert {signal.runbook for signal in signals.values()} == {"nat-instance.md"}
    assert (Path(RUNBOOKS) / "nat-instance.md").is_file()
    missing = signals[f"{NAME}-missing"]
    assert (missing.severity, missing.missing, missing.threshold) == (Severity.CRITICAL, "breaching", 1)
    (there,) = missing.metrics.values()
    assert (there.namespace, there.name) == ("AWS/AutoScaling", "GroupInServiceInstances")
    group = made.one(GROUP).inputs
    assert there.name in group["enabledMetrics"], "a metric that the group does not send"
    assert group["metricsGranularity"] == "1Minute"
    throughput = signals[f"{NAME}-throughput"]
    assert throughput.threshold == pytest.approx(0.8 * 64e6 / 8 * throughput.period_seconds)
    for signal in signals.values():
        for metric in signal.metrics.values():
            assert list(metric.dimensions) == ["AutoScalingGroupName"], "an instance's own id changes with it"
