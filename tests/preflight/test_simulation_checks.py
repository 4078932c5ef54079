"""What the provider refuses before it makes anything."""

from typing import Any

from preflight.simulation import durations, images
from preflight.simulation.checks import UNKNOWN, Problem, problems
from tests.gathered import for_each

ROLE = "aws:iam/role:Role"
CLUSTER = "aws:rds/cluster:Cluster"
NAMESPACE = "aws:servicediscovery/httpNamespace:HttpNamespace"
TARGETS = "aws:lb/targetGroup:TargetGroup"


def test_a_complete_resource_has_no_problem() -> None:
    assert (
        problems(ROLE, {"assumeRolePolicy": "{}", "tags": {"a": "b"}, "tagsAll": {}, "region": "x", "__defaults": []})
        == []
    )


def test_a_type_that_the_provider_does_not_have_is_refused() -> None:
    assert problems("aws:ec2/vpx:Vpx", {}) == [Problem("", "the provider has no type aws:ec2/vpx:Vpx")]


def test_a_required_argument_that_is_missing_or_null_is_named() -> None:
    expected = [Problem("assumeRolePolicy", 'the argument "assumeRolePolicy" is required')]
    assert problems(ROLE, {}) == problems(ROLE, {"assumeRolePolicy": None}) == expected


def test_what_a_block_requires_is_asked_for_only_when_the_block_is_there() -> None:
    assert problems(TARGETS, {}) == []
    assert problems(TARGETS, {"stickiness": {"enabled": True}}) == [
        Problem("stickiness.type", 'the argument "type" is required in stickiness')
    ]


def test_every_element_of_a_list_of_blocks_is_looked_at() -> None:
    targets = [{"onDeregistration": "x", "onUnhealthy": "x"}, {"onDeregistration": "x"}]
    assert [problem.property for problem in problems(TARGETS, {"targetFailovers": targets})] == [
        "targetFailovers.onUnhealthy"
    ]


def test_a_misspelt_argument_is_refused() -> None:
    assert problems(ROLE, {"assumeRolePolicy": "{}", "pth": "/"}) == [
        Problem("pth", 'an argument named "pth" is not expected here')
    ]


def test_an_image_is_checked_like_everything_else_and_its_tags_are_its_own() -> None:
    image = {"push": True, "tags": ["host/web:1"]}
    assert problems(images.TYPE, image) == []
    assert problems(images.TYPE, {"tags": ["host/web:1"]}) == [Problem("push", 'the argument "push" is required')]
    assert [problem.property for problem in problems(images.TYPE, {**image, "platform": "linux/arm64"})] == ["platform"]


def test_what_is_not_known_yet_passes() -> None:
    assert problems(ROLE, {"assumeRolePolicy": UNKNOWN, "tags": UNKNOWN, "maxSessionDuration": UNKNOWN}) == []
    assert problems(CLUSTER, {"engine": UNKNOWN, "serverlessv2ScalingConfiguration": UNKNOWN}) == []
    scaling = {"minCapacity": UNKNOWN, "maxCapacity": 1}
    assert problems(CLUSTER, {"engine": "x", "serverlessv2ScalingConfiguration": scaling}) == []


@for_each(
    "type_token, good, key, bad",
    [
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}, "cidrBlock", "10.0.0.1/16"),
        (ROLE, {"assumeRolePolicy": "{}"}, "assumeRolePolicy", "{'a': 1}"),
        (ROLE, {"assumeRolePolicy": "{}", "maxSessionDuration": 3600}, "maxSessionDuration", 60),
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}}, "tags", {"aws:x": "b"}),
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}}, "tags", {str(n): "" for n in range(51)}),
        ("aws:cloudwatch/logGroup:LogGroup", {"retentionInDays": 14}, "retentionInDays", 15),
        ("aws:kms/key:Key", {"deletionWindowInDays": 7}, "deletionWindowInDays", 6),
        (TARGETS, {"name": "web"}, "name", "a" * 33),
        (TARGETS, {"name": "web"}, "name", "web_1"),
        (CLUSTER, {"engine": "x", "backupRetentionPeriod": 35}, "backupRetentionPeriod", 36),
        ("aws:s3/bucket:Bucket", {"bucket": "uploads"}, "bucket", "Uploads"),
        (TARGETS, {"deregistrationDelay": 3600}, "deregistrationDelay", 3601),
        (TARGETS, {"slowStart": 0}, "slowStart", 29),
        (TARGETS, {"protocolVersion": "GRPC"}, "protocolVersion", "grpc"),
        (TARGETS, {"loadBalancingAlgorithmType": "round_robin"}, "loadBalancingAlgorithmType", "round-robin"),
        (TARGETS, {"stickiness": {"type": "lb_cookie", "enabled": False}}, "stickiness", {"type": "cookie"}),
        (TARGETS, {}, "stickiness", {"type": "lb_cookie", "cookieDuration": 604801}),
        (TARGETS, {}, "stickiness", {"type": "app_cookie", "cookieName": "AWSALBAPP-1"}),
        ("aws:lb/loadBalancer:LoadBalancer", {"clientKeepAlive": 60}, "clientKeepAlive", 59),
        ("aws:lb/loadBalancer:LoadBalancer", {}, "desyncMitigationMode", "strict"),
        (TARGETS, {"name": "internal-api", "protocolVersion": ""}, "name", "web-"),
        (NAMESPACE, {"name": "compute-calls-0123abc"}, "name", "compute/calls"),
    ],
)
def test_a_value_that_the_provider_does_not_take_is_refused(
    type_token: str, good: dict[str, Any], key: str, bad: object
) -> None:
    assert problems(type_token, good) == []
    assert [problem.property for problem in problems(type_token, {**good, key: bad})] == [key]


@for_each("low, high, fits", [(0, 1, True), (0.5, 16, True), (0.3, 1, False), (2, 1, False)])
def test_capacity_is_in_half_units_and_in_order(low: float, high: float, fits: bool) -> None:
    scaling = {"minCapacity": low, "maxCapacity": high}
    found = problems(CLUSTER, {"engine": "x", "serverlessv2ScalingConfiguration": scaling})
    assert (found == []) is fits


def test_a_slow_type_takes_its_time_and_one_that_nobody_timed_is_quick() -> None:
    assert durations.seconds("aws:rds/clusterInstance:ClusterInstance", "create") > 60
    assert durations.seconds("aws:ec2/thing:Thing", "create") == durations.seconds("aws:ec2/thing:Thing", "delete") == 1


def test_equal_builds_are_equal_images_and_another_tag_is_another() -> None:
    def ref(tag: str) -> str:
        return str(images.outputs({"tags": [f"host/web:{tag}"], "push": True})["ref"])

    assert ref("a") == ref("a")
    assert ref("a").startswith("host/web:a@sha256:")
    assert ref("a").partition("@")[2] != ref("b").partition("@")[2]


@for_each(
    "told, refused",
    [
        ({"strategy": "ROLLING"}, False),
        ({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "1440"}, False),
        ({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 0.1, "canaryBakeTimeInMinutes": "0"}}, False),
        ({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 3, "stepBakeTimeInMinutes": UNKNOWN}}, False),
        ({"strategy": "blueGreen"}, True),
        ({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "1441"}, True),
        ({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "ten"}, True),
        ({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 0}}, True),
        ({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 2.9}}, True),
    ],
)
def test_a_deployment_is_one_that_ecs_knows(told: dict[str, Any], refused: bool) -> None:
    found = problems("aws:ecs/service:Service", {"deploymentConfiguration": told})
    assert [problem.property for problem in found] == (["deploymentConfiguration"] if refused else [])


def test_what_ecs_needs_to_shift_requests_is_asked_for() -> None:
    balanced = {"containerName": "app", "containerPort": 80, "advancedConfiguration": {"roleArn": "arn:role"}}
    found = problems("aws:ecs/service:Service", {"loadBalancers": [balanced]})
    assert [problem.property.rpartition(".")[2] for problem in found] == [
        "alternateTargetGroupArn",
        "productionListenerRule",
    ]
