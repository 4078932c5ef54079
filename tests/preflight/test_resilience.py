"""What a stack loses with a zone, a gateway or an instance, against cases worked out by hand (prices of us-east-1)."""

from decimal import Decimal
from typing import Any

import pytest

from preflight.cost import usage
from preflight.cost.estimate import estimate
from preflight.resilience import resilience
from tests.gathered import for_each
from tests.preflight.reach.baseline import (
    BALANCER,
    DATABASE,
    NATS,
    PRIVATE,
    PUBLIC,
    SERVICE,
    STACK,
    VPC,
    group,
    subnet,
)  # fmt: skip
from tests.preflight.reach.stacks import UNKNOWN, Ref, changed, resource, surroundings, swapped

A, B, C = "us-east-1a", "us-east-1b", "us-east-1c"


def _answer(*resources: dict[str, Any], priced: bool = True) -> dict[str, Any]:
    assumptions = usage.read({}, "test:usage")
    return resilience(
        surroundings(*resources), (lambda found: estimate(found, assumptions, "us-east-1")) if priced else None
    )


def _part(found: dict[str, Any], zone: str, entry: dict[str, Any]) -> dict[str, Any] | None:
    (there,) = [each for each in found["zones"] if each["zone"] == zone]
    parts = [part for part in there["parts"] if part["urn"] == entry["urn"]]
    return parts[0] if parts else None


def _words(found: dict[str, Any], zone: str, entry: dict[str, Any]) -> tuple[Any, ...] | None:
    part = _part(found, zone, entry)
    return (
        (part["has"], part["left"], part["minimum"], part["answer"], part["sure"], part["replaced"]) if part else None
    )


def _points(found: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {each["urn"].rpartition("::")[2]: (each["removal"], each["usd"]) for each in found["singlePoints"]}


def test_the_baseline_loses_half_of_its_tasks_and_nothing_else_with_a_zone() -> None:
    found = _answer(*STACK.values())
    assert [each["zone"] for each in found["zones"]] == [A, B]
    for zone in (A, B):
        assert _words(found, zone, SERVICE) == (4, 2, 4, "below the minimum", True, True)
        assert _words(found, zone, BALANCER) == (2, 1, 1, "kept", True, False)
        assert _words(found, zone, DATABASE) == (1, 0, 1, "gone", False, False)  # it stands in one of the two
    assert [each["internet"] for each in found["zones"]] == [[], []]


def _service(**inputs: Any) -> dict[str, Any]:
    return changed(SERVICE, **inputs)


COUNT = resource(
    "aws:appautoscaling/target:Target", "count", serviceNamespace="ecs", scalableDimension="ecs:service:DesiredCount",
    minCapacity=1, maxCapacity=9, resourceId="service/cluster/service",
)  # fmt: skip


@for_each(
    "changes, words",
    [
        ([_service(desiredCount=1)], (1, 0, 1, "gone", False, True)),
        ([_service(desiredCount=3)], (3, 1, 3, "below the minimum", True, True)),
        ([_service(desiredCount=0)], (0, 0, 0, "kept", False, True)),
        ([_service(desiredCount=UNKNOWN)], (None, None, None, "not known", True, False)),
        ([_service(schedulingStrategy="DAEMON")], (None, None, None, "not known", True, False)),
        ([COUNT], (1, 0, 1, "gone", False, True)),
        ([changed(COUNT, resourceId=Ref(SERVICE))], (1, 0, 1, "gone", False, True)),
        ([changed(COUNT, resourceId="service/cluster/another")], (4, 2, 4, "below the minimum", True, True)),
    ]
)  # fmt: skip
def test_tasks_spread_over_the_zones_of_their_subnets(changes: list[dict[str, Any]], words: tuple[Any, ...]) -> None:
    answer = _words(_answer(*swapped(STACK, *changes)), A, SERVICE)
    assert answer is not None
    assert answer[:5] == words[:5]
    assert answer[3] == "kept" or answer[5] is words[5]


def test_a_third_zone_leaves_more() -> None:
    third = subnet("private-c", C, 12)
    network = {"subnets": [*(Ref(each) for each in PRIVATE), Ref(third)], "securityGroups": [Ref(STACK["app-group"])]}
    found = _answer(*swapped(STACK, third, _service(networkConfiguration=network, desiredCount=6)))
    assert _words(found, C, SERVICE) == (6, 4, 6, "below the minimum", True, True)
    assert _part(found, C, BALANCER) is None


def test_a_service_in_one_zone_does_not_come_back() -> None:
    network = {"subnets": [Ref(PRIVATE[0])], "securityGroups": [Ref(STACK["app-group"])]}
    found = _answer(*swapped(STACK, _service(networkConfiguration=network)))
    assert _words(found, A, SERVICE) == (4, 0, 4, "gone", True, False)
    assert _part(found, B, SERVICE) is None
    assert _points(found)["service"] == ("a subnet in a second zone", None)


@pytest.mark.parametrize("zone", [UNKNOWN, None], ids=["unknown", "left to AWS"])
def test_a_zone_that_is_not_known_is_neither_kept_nor_gone(zone: Any) -> None:
    found = _answer(*swapped(STACK, changed(PRIVATE[0], availabilityZone=zone)))
    assert _words(found, B, SERVICE) == (4, None, 4, "not known", False, False)


@for_each(
    "inputs, words",
    [
        ({"multiAz": True}, (1, 1, 1, "kept", True, False)),
        ({"multiAz": UNKNOWN}, (None, None, None, "not known", True, False)),
        ({"availabilityZone": A}, (1, 0, 1, "gone", True, False)),
        ({"availabilityZone": B}, None),
    ],
    name=str,
)
def test_a_database_stands_where_its_settings_say(inputs: dict[str, Any], words: tuple[Any, ...] | None) -> None:
    answer = _words(_answer(*swapped(STACK, changed(DATABASE, **inputs))), A, DATABASE)
    assert (answer and (*answer[:4], words is not None)) == (words and (*words[:4], True))
    if inputs.get("availabilityZone"):
        assert answer == words


CLUSTER = resource(
    "aws:rds/cluster:Cluster", "cluster", engine="aurora-postgresql", dbSubnetGroupName="db-subnets",
    serverlessv2ScalingConfiguration={"minCapacity": 1, "maxCapacity": 1}, vpcSecurityGroupIds=[Ref(STACK["db-group"])],
)  # fmt: skip


def _instance(name: str, **inputs: Any) -> dict[str, Any]:
    return resource(
        "aws:rds/clusterInstance:ClusterInstance", name, clusterIdentifier=Ref(CLUSTER), engine="aurora-postgresql",
        instanceClass="db.serverless", **inputs,
    )  # fmt: skip


@for_each(
    "instances, words",
    [
        ([_instance("one")], (1, 0, 1, "gone", False, False)),
        ([_instance("one", availabilityZone=A)], (1, 0, 1, "gone", True, False)),
        ([_instance("one"), _instance("two")], (2, 1, 1, "kept", True, False)),
        ([_instance("one", availabilityZone=A), _instance("two", availabilityZone=A)], (2, 0, 1, "gone", True, False)),
        ([_instance("one", availabilityZone=B), _instance("two", availabilityZone=B)], None),
        ([], (None, None, None, "not known", True, False)),
    ],
)
def test_a_cluster_lives_on_while_an_instance_does(
    instances: list[dict[str, Any]], words: tuple[Any, ...] | None
) -> None:
    assert _words(_answer(*STACK.values(), CLUSTER, *instances), A, CLUSTER) == words


CACHE_SUBNETS = resource(
    "aws:elasticache/subnetGroup:SubnetGroup",
    "cache-subnets",
    name="cache-subnets",
    subnetIds=[Ref(each) for each in PRIVATE],
)
CACHE = resource(
    "aws:elasticache/replicationGroup:ReplicationGroup", "cache", subnetGroupName=Ref(CACHE_SUBNETS, "id"), numCacheClusters=2,
    automaticFailoverEnabled=True, multiAzEnabled=True, nodeType="cache.t4g.micro", engine="valkey",
)  # fmt: skip


@for_each(
    "inputs, answer",
    [({}, "kept"), ({"multiAzEnabled": False}, "not known"), ({"automaticFailoverEnabled": None}, "not known"), ({"numCacheClusters": 1}, "gone")],
    name=str,
)  # fmt: skip
def test_a_cache_fails_over_when_it_is_told_to(inputs: dict[str, Any], answer: str) -> None:
    part = _part(_answer(*STACK.values(), CACHE_SUBNETS, changed(CACHE, **inputs)), A, CACHE)
    assert part is not None
    assert part["answer"] == answer


@for_each(
    "nodes, point",
    [
        ({"numCacheClusters": 1}, ("a second node, with failover", "9.34")),  # 730 h at 0.0128
        ({"numCacheClusters": None, "replicasPerNodeGroup": 0}, ("a replica of each shard, with failover", "9.34")),
        ({"numCacheClusters": None, "numNodeGroups": 3}, ("a replica of each shard, with failover", "28.03")),
        ({"numCacheClusters": None, "numNodeGroups": 3, "replicasPerNodeGroup": 0}, ("a replica of each shard, with failover", "28.03")),
        ({"numCacheClusters": None, "numNodeGroups": 3, "replicasPerNodeGroup": 1}, None),
    ],
    name=str,
)  # fmt: skip
def test_a_cache_without_replicas_has_the_price_of_one_for_each_shard(
    nodes: dict[str, Any], point: tuple[str, str] | None
) -> None:
    found = _points(_answer(*STACK.values(), CACHE_SUBNETS, changed(CACHE, **nodes)))
    if point is None:
        assert "cache" not in found
        return
    how, usd = found["cache"]
    assert how == point[0]
    assert usd is not None
    assert abs(Decimal(usd) - Decimal(point[1])) <= Decimal("0.01")  # a difference of two rounded sums


def test_a_cluster_whose_instances_name_one_zone_needs_one_of_them_in_another() -> None:
    pinned = [_instance(name, availabilityZone=A) for name in ("one", "two")]
    assert _points(_answer(*STACK.values(), CLUSTER, *pinned))["cluster"] == (
        "one of its instances in a second zone", None
    )  # fmt: skip


def test_the_nodes_of_a_cache_stand_in_one_zone_unless_they_are_told_to_spread() -> None:
    nodes = resource(
        "aws:elasticache/cluster:Cluster",
        "nodes",
        engine="memcached",
        numCacheNodes=3,
        subnetGroupName=Ref(CACHE_SUBNETS),
    )
    assert _words(_answer(*STACK.values(), CACHE_SUBNETS, nodes), A, nodes) == (3, 0, 1, "gone", False, False)
    spread = changed(nodes, azMode="cross-az")
    assert _words(_answer(*STACK.values(), CACHE_SUBNETS, spread), A, spread) == (
        3,
        1,
        3,
        "below the minimum",
        True,
        False,
    )


def test_files_in_one_zone_are_gone_with_it_and_others_are_kept() -> None:
    files = resource("aws:efs/fileSystem:FileSystem", "files", availabilityZoneName=A)
    mount = resource("aws:efs/mountTarget:MountTarget", "mount", fileSystemId=Ref(files), subnetId=Ref(PRIVATE[0]))
    found = _answer(*STACK.values(), files, mount)
    assert _words(found, A, files) == (1, 0, 1, "gone", True, False)
    assert _points(found)["files"] == ("one in several zones", None)
    regional = changed(files, availabilityZoneName=None)
    assert _points(_answer(*STACK.values(), regional, mount))["files"] == ("a subnet in a second zone", None)
    other = resource("aws:efs/mountTarget:MountTarget", "other", fileSystemId=Ref(files), subnetId=Ref(PRIVATE[1]))
    found = _answer(*STACK.values(), regional, mount, other)
    assert "files" not in _points(found)
    assert (_words(found, A, files) or ())[3] == "kept"


ONE_NAT = [changed(STACK["out-b-out"], natGatewayId=Ref(NATS[0]))]


def test_one_nat_gateway_for_two_zones_is_a_single_point_with_the_price_of_another() -> None:
    found = _answer(*swapped(STACK, *ONE_NAT))
    (gateway,) = found["gateways"]
    assert (gateway["urn"], gateway["zone"]) == (NATS[0]["urn"], A)
    assert gateway["services"] == [{"urn": SERVICE["urn"], "subnets": ["private-a", "private-b"], "internet": "lost"}]
    by_zone = {each["zone"]: each["internet"] for each in found["zones"]}
    assert by_zone == {A: [{"gateway": NATS[0]["urn"], "services": [SERVICE["urn"]], "zones": [B]}], B: []}
    # 730 h of a NAT gateway at 0.045 and of a public address at 0.005
    assert _points(found)["nat-a"] == ("1 more NAT gateway, one in each zone", "36.50")
    (point,) = [each for each in found["singlePoints"] if each["urn"] == NATS[0]["urn"]]
    assert point["kind"] == "NAT gateway"
    assert point["what"] == "NAT gateway: without it service does not get out of 2 zones"
    others = [each for each in found["singlePoints"] if each is not point]
    assert [each["kind"] for each in others] == [each["what"] for each in others]


def test_a_nat_gateway_in_each_zone_is_no_single_point() -> None:
    found = _answer(*STACK.values())
    assert not {"nat-a", "nat-b"} & set(_points(found))
    assert [each["services"][0]["internet"] for each in found["gateways"]] == ["lost in part", "lost in part"]


def test_a_regional_nat_gateway_survives_a_zone() -> None:
    regional = changed(NATS[0], availabilityMode="regional", subnetId=None, allocationId=None)
    found = _answer(*swapped(STACK, regional, *ONE_NAT))
    assert "nat-a" not in _points(found)
    assert [each["internet"] for each in found["zones"]] == [[], []]


def test_a_nat_instance_is_a_gateway_too() -> None:
    box = resource(
        "aws:ec2/instance:Instance",
        "box",
        instanceType="t4g.micro",
        subnetId=Ref(PUBLIC[0]),
        vpcSecurityGroupIds=[Ref(STACK["app-group"])],
    )
    face = resource("aws:ec2/networkInterface:NetworkInterface", "face", subnetId=Ref(PUBLIC[0]))
    routes = [changed(STACK[f"out-{zone}-out"], natGatewayId=None, networkInterfaceId=Ref(face)) for zone in "ab"]
    found = _answer(*swapped(STACK, face, *routes))
    assert [(each["urn"], each["what"], each["zone"]) for each in found["gateways"]] == [
        (face["urn"], "NAT instance", A)
    ]
    routes = [
        changed(STACK[f"out-{zone}-out"], natGatewayId=None, networkInterfaceId=Ref(box, "primaryNetworkInterfaceId"))
        for zone in "ab"
    ]
    found = _answer(*swapped(STACK, box, *routes))
    assert [(each["urn"], each["zone"]) for each in found["gateways"]] == [(box["urn"], A)]
    # 730 h at 0.0084 and 8 GB of gp3 at 0.08
    assert _points(found)["box"] == ("1 more NAT instance, one in each zone", "6.77")


def test_what_there_is_one_of_has_the_price_of_a_second() -> None:
    box = resource(
        "aws:ec2/instance:Instance",
        "box",
        instanceType="t4g.micro",
        subnetId=Ref(PRIVATE[0]),
        vpcSecurityGroupIds=[Ref(STACK["app-group"])],
    )
    found = _answer(*swapped(STACK, box, _service(desiredCount=1), CLUSTER, _instance("one")))
    points = _points(found)
    # a task of 0.25 vCPU and 0.5 GB on x86: 730 * (0.25 * 0.04048 + 0.5 * 0.004445)
    assert points["service"] == ("a second task", "9.01")
    # 730 h at 0.0084 and 8 GB of gp3 at 0.08
    assert points["box"] == ("a second instance", "6.77")
    # one ACU all month at 0.12
    assert points["cluster"] == ("a second instance", "87.60")
    # Multi-AZ doubles db.t4g.micro (730 h at 0.016) and 20 GB of gp3 (0.115)
    assert points["db"] == ("a standby in another zone", "13.98")
    assert {each["urn"] for each in found["instances"]} == {box["urn"], SERVICE["urn"], CLUSTER["urn"], DATABASE["urn"]}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (_service(desiredCount=2), "service"), (changed(DATABASE, multiAz=True), "db"), (_service(desiredCount=0), "service"),
    ],
    ids=range(3),
)  # fmt: skip
def test_what_there_is_more_or_nothing_of_is_no_single_point(change: dict[str, Any], name: str) -> None:
    before = _points(_answer(*swapped(STACK, _service(desiredCount=1))))
    assert name in before
    assert name not in _points(_answer(*swapped(STACK, change)))


def test_a_price_that_is_not_known_is_not_zero() -> None:
    odd = resource(
        "aws:ec2/instance:Instance",
        "odd",
        instanceType="x99.huge",
        subnetId=Ref(PRIVATE[0]),
        vpcSecurityGroupIds=[Ref(STACK["app-group"])],
    )
    (point,) = [each for each in _answer(*STACK.values(), odd)["singlePoints"] if each["urn"] == odd["urn"]]
    assert point["usd"] is None
    assert point["why"].startswith("not priced: ")
    (without,) = [
        each for each in _answer(*STACK.values(), odd, priced=False)["singlePoints"] if each["urn"] == odd["urn"]
    ]
    assert (without["usd"], without["why"]) == (None, "not priced")


def test_an_interface_endpoint_in_one_zone_serves_two() -> None:
    endpoint = resource(
        "aws:ec2/vpcEndpoint:VpcEndpoint", "sqs", vpcId=Ref(VPC), serviceName="com.amazonaws.us-east-1.sqs", vpcEndpointType="Interface",
        privateDnsEnabled=True, subnetIds=[Ref(PRIVATE[0])], securityGroupIds=[Ref(group("doors"))],
    )  # fmt: skip
    assert _points(_answer(*STACK.values(), endpoint))["sqs"] == ("one more zone", "7.30")  # 730 h at 0.01
    both = changed(endpoint, subnetIds=[Ref(each) for each in PRIVATE])
    assert "sqs" not in _points(_answer(*STACK.values(), both))


def test_a_group_of_instances_is_spread_over_its_zones_and_one_alone_is_a_point() -> None:
    template = resource(
        "aws:ec2/launchTemplate:LaunchTemplate",
        "template",
        instanceType="t4g.micro",
        vpcSecurityGroupIds=[Ref(STACK["app-group"])],
    )
    fleet = resource(
        "aws:autoscaling/group:Group",
        "fleet",
        minSize=3,
        maxSize=6,
        vpcZoneIdentifiers=[Ref(each) for each in PRIVATE],
        launchTemplate={"id": Ref(template)},
    )
    found = _answer(*STACK.values(), template, fleet)
    assert _words(found, A, fleet) == (3, 1, 3, "below the minimum", True, True)
    assert "fleet" not in _points(found)
    assert _points(_answer(*STACK.values(), template, changed(fleet, minSize=1)))["fleet"][0] == "a second instance"


def test_a_group_has_what_it_desires_as_long_as_nothing_makes_it_smaller() -> None:
    template = resource("aws:ec2/launchTemplate:LaunchTemplate", "template", instanceType="t4g.micro")
    fleet = resource(
        "aws:autoscaling/group:Group", "fleet", minSize=1, maxSize=6, desiredCapacity=2,
        vpcZoneIdentifiers=[Ref(each) for each in PRIVATE], launchTemplate={"id": Ref(template)},
    )  # fmt: skip
    assert "fleet" not in _points(_answer(*STACK.values(), template, fleet))
    policy = resource("aws:autoscaling/policy:Policy", "policy", autoscalingGroupName=Ref(fleet, "name"))
    assert "fleet" in _points(_answer(*STACK.values(), template, fleet, policy))


def test_a_second_instance_in_a_public_subnet_has_an_address_too() -> None:
    public = subnet("open", A, 9, mapPublicIpOnLaunch=True)
    server = resource("aws:ec2/instance:Instance", "server", instanceType="t3.micro", subnetId=Ref(public))
    points = _points(_answer(*STACK.values(), public, server))
    assert points["server"] == ("a second instance", "11.88")  # 7.592 + 0.64 + 3.65
    shut = changed(public, mapPublicIpOnLaunch=False)
    assert _points(_answer(*STACK.values(), shut, server))["server"] == ("a second instance", "8.23")


def _twins(*zones: dict[str, Any]) -> list[dict[str, Any]]:
    """Two instances that a target group sends the same requests to."""
    group = resource("aws:lb/targetGroup:TargetGroup", "twins", port=80, protocol="HTTP")
    made = [group]
    for number, zone in enumerate(zones):
        box = resource("aws:ec2/instance:Instance", f"twin-{number}", instanceType="t4g.micro", subnetId=Ref(zone))
        made += [
            box,
            resource(
                "aws:lb/targetGroupAttachment:TargetGroupAttachment", f"twin-{number}",
                targetGroupArn=Ref(group, "arn"), targetId=Ref(box), port=80,
            ),
        ]  # fmt: skip
    return made


def test_instances_behind_the_same_target_group_stand_in_for_each_other() -> None:
    found = _answer(*STACK.values(), *_twins(*PRIVATE))
    assert not [name for name in _points(found) if name.startswith("twin")]
    beside = {each["urn"].rpartition("::")[2]: each["beside"] for each in found["instances"]}
    assert beside["twin-0"] == beside["twin-1"] == 1
    assert beside["db"] == 0
    assert "twin-0" in _points(_answer(*STACK.values(), *_twins(PRIVATE[0]))), "one alone has nobody"


def test_instances_of_one_target_group_that_stand_in_one_zone_go_together() -> None:
    points = {
        each["urn"].rpartition("::")[2]: each["what"]
        for each in _answer(*STACK.values(), *_twins(PRIVATE[0], PRIVATE[0]))["singlePoints"]
    }
    assert points["twin-0"] == points["twin-1"] == f"instance in one zone, {A}"


def test_who_serves_another_target_group_too_is_only_stood_in_for_by_who_serves_both() -> None:
    made = _twins(*PRIVATE)
    other = resource("aws:lb/targetGroup:TargetGroup", "alone", port=81, protocol="HTTP")
    box = next(each for each in made if each["name"] == "twin-0")
    more = resource(
        "aws:lb/targetGroupAttachment:TargetGroupAttachment",
        "alone",
        targetGroupArn=Ref(other, "arn"),
        targetId=Ref(box),
    )
    points = _points(_answer(*STACK.values(), *made, other, more))
    assert "twin-0" in points
    assert "twin-1" not in points


def test_instances_of_a_classic_balancer_stand_in_for_each_other() -> None:
    boxes = [
        resource("aws:ec2/instance:Instance", f"old-{number}", instanceType="t4g.micro", subnetId=Ref(each))
        for number, each in enumerate(PRIVATE)
    ]
    balancer = resource("aws:elb/loadBalancer:LoadBalancer", "classic", instances=[Ref(boxes[0])], listeners=[])
    second = resource("aws:elb/attachment:Attachment", "second", elb=Ref(balancer), instance=Ref(boxes[1]))
    assert "old-0" in _points(_answer(*STACK.values(), *boxes, balancer))
    assert not {"old-0", "old-1"} & set(_points(_answer(*STACK.values(), *boxes, balancer, second)))


def _warehouse(**inputs: Any) -> dict[str, Any]:
    group = resource("aws:redshift/subnetGroup:SubnetGroup", "house", subnetIds=[Ref(each) for each in PRIVATE])
    house = resource(
        "aws:redshift/cluster:Cluster", "house", nodeType="ra3.xlplus", numberOfNodes=2,
        clusterSubnetGroupName=Ref(group), **inputs,
    )  # fmt: skip
    return {"group": group, "house": house}


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({}, (1, 0, 1, "gone", False, False)),
        ({"availabilityZone": A}, (1, 0, 1, "gone", True, False)),
        ({"multiAz": True}, (2, 1, 1, "kept", True, False)),
    ],
    ids=range(3),
)
def test_a_warehouse_stands_in_one_zone_unless_it_is_told_to_have_two(
    inputs: dict[str, Any], words: tuple[Any, ...]
) -> None:
    made = _warehouse(**inputs)
    found = _answer(*STACK.values(), *made.values())
    assert _words(found, A, made["house"]) == words
    assert ("house" in _points(found)) is (not inputs.get("multiAz"))


@for_each(
    "config, zones, answer",
    [
        ({"instanceCount": 3, "zoneAwarenessEnabled": True}, 3, "kept"),
        ({"instanceCount": 2, "zoneAwarenessEnabled": True}, 2, "not known"),
        ({"instanceCount": 3}, 1, "gone"),
        ({"instanceCount": 3, "multiAzWithStandbyEnabled": True}, 3, "kept"),
    ],
)
def test_a_search_domain_survives_a_zone_when_its_nodes_are_told_to_spread_over_three(
    config: dict[str, Any], zones: int, answer: str
) -> None:
    third = subnet("third", C, 7)
    places = [*PRIVATE, third][:zones]
    domain = resource(
        "aws:opensearch/domain:Domain", "search", clusterConfig=config,
        vpcOptions={"subnetIds": [Ref(each) for each in places]},
    )  # fmt: skip
    part = _part(_answer(*STACK.values(), third, domain), A, domain)
    assert part is not None
    assert part["answer"] == answer


def test_nodes_of_kubernetes_are_spread_over_their_zones_and_one_alone_is_a_point() -> None:
    nodes = resource(
        "aws:eks/nodeGroup:NodeGroup", "nodes", instanceTypes=["m5.large"],
        scalingConfig={"minSize": 2, "desiredSize": 2, "maxSize": 4}, subnetIds=[Ref(each) for each in PRIVATE],
    )  # fmt: skip
    found = _answer(*STACK.values(), nodes)
    assert _words(found, A, nodes) == (2, 1, 2, "below the minimum", True, True)
    assert "nodes" not in _points(found)
    (cut,) = [each for each in found["gateways"] if each["urn"] == STACK["nat-a"]["urn"]]
    assert nodes["urn"] in {each["urn"] for each in cut["services"]}
    one = changed(nodes, scalingConfig={"minSize": 1, "desiredSize": 1, "maxSize": 4})
    # 730 h of m5.large at 0.096 and 20 GB of gp3 (nodes) at 0.08
    assert _points(_answer(*STACK.values(), one))["nodes"] == ("a second node", "71.68")


def test_an_empty_stack_has_nothing_to_lose() -> None:
    assert _answer() == {"zones": [], "gateways": [], "instances": [], "singlePoints": []}


@pytest.mark.parametrize(
    ("subnets", "answer"), [(PRIVATE[:1], "gone"), (PRIVATE, "kept")], ids=["one zone", "two zones"]
)
def test_a_function_that_stands_in_one_zone_goes_with_it(subnets: list[dict[str, Any]], answer: str) -> None:
    function = resource(
        "aws:lambda/function:Function", "inside",
        vpcConfig={"subnetIds": [Ref(each) for each in subnets], "securityGroupIds": [Ref(group("app-group"))]},
    )  # fmt: skip
    part = _part(_answer(*STACK.values(), function), A, function)
    assert part is not None
    assert part["answer"] == answer
