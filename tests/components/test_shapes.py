"""Other stacks than the committed ones, end to end: what AWS would refuse, what the policies say, how things are written in
every partition of AWS.

What is refused at apply and not at preview is told by `limits`, which is itself tried on broken recordings.
"""

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests import growth
from tests.committed import Committed
from tests.components import limits
from tests.components.shapes import STACKS, UNJUDGED, first, inputs, with_mistake
from tests.components.verdicts import left
from tests.gathered import for_each

EVERY = (*STACKS, *UNJUDGED)
# What is broken or undecided: plain HTTP where that is asked for. For a network that is brought, test_network_shapes.py.
BROKEN: dict[str, set[str]] = {name: set() for name in STACKS if name != "brought"}
BROKEN["alone.us"] = {"lb-https-only", "rds-backup-retention"}
# What a value of the configuration is, that a task is told, the update decides.
LATER = {"kept": {"ecs-no-plaintext-secrets"}, "night": {"ecs-no-plaintext-secrets"}}
# Stack -> what its tests look at: a resource of this type in whose inputs this is to be found.
CARRIES: dict[str, tuple[tuple[str, str], ...]] = {
    "alone.us": (("aws:rds/instance:Instance", "user_db"),),
    "brought": (("aws:ecs/service:Service", "subnet-a1000000"),),
    "china": (
        ("aws:autoscaling/group:Group", "launchTemplate"),
        ("aws:backup/plan:Plan", "cn-northwest-1"),
        ("aws:ecs/service:Service", "serviceConnectConfiguration"),
        ("aws:lb/loadBalancer:LoadBalancer", '"internal": true'),
        ("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "GOVERNANCE"),
    ),
    "crowd": (("aws:ecs/service:Service", f"service-{growth.TESTED - 1:02}"),),
    "kept": (
        ("aws:autoscaling/group:Group", "abcdefgh-ijklmno"),
        ("aws:autoscaling/group:Group", "abcdefghij-klmnopqrs"),
        ("aws:backup/plan:Plan", "us-west-2"),
        ("aws:ec2/natGateway:NatGateway", "regional"),
        ("aws:ec2/networkAcl:NetworkAcl", "ruleNo"),
        ("aws:iam/role:Role", "policy/boundary"),
        ("aws:lambda/eventSourceMapping:EventSourceMapping", "data-receipts"),
    ),
    "many": (
        ("aws:ec2/natGateway:NatGateway", "allocationId"),
        ("aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion", "subnetId"),
        ("aws:ecs/service:Service", "CANARY"),
        ("aws:lambda/eventSourceMapping:EventSourceMapping", "startingPosition"),
    ),
    "night": (
        ("aws:autoscaling/group:Group", "network-nat-instance"),
        ("aws:autoscaling/group:Group", "legacy"),
        ("aws:autoscaling/group:Group", "arm"),
        ("aws:backup/plan:Plan", '"deleteAfter": 7'),
        ("aws:ec2/networkAcl:NetworkAcl", "ruleNo"),
        ("aws:s3/bucketReplicationConfig:BucketReplicationConfig", "data-copied-copy"),
        ("aws:secretsmanager/secretRotation:SecretRotation", "receipts"),
    ),
    "sealed": (("aws:ec2/networkAcl:NetworkAcl", "ruleNo"), ("aws:ecs/service:Service", "status")),
}


@pytest.mark.parametrize("stack", EVERY)
def test_there_is_something_to_look_at(shaped: dict[str, Any], stack: str) -> None:
    for token, text in CARRIES[stack]:
        found = [name for name, given in inputs(shaped, stack, token).items() if text in json.dumps([name, given])]
        assert found, f"{token} with {text}"


@pytest.mark.parametrize("stack", EVERY)
def test_aws_would_take_every_name_size_and_combination(shaped: dict[str, Any], stack: str) -> None:
    assert limits.complaints(shaped["stacks"][stack]["resources"]) == []


@pytest.mark.parametrize("stack", BROKEN)
def test_no_rule_is_broken_but_by_plain_http_and_nothing_is_left_undecided(shaped: dict[str, Any], stack: str) -> None:
    findings = left(shaped["stacks"][stack]["findings"])
    waiting = [finding for finding in findings if finding.get("decidedAtUpdate") == "pass"]
    assert {finding["control"] for finding in waiting} == LATER.get(stack, set())
    found = [finding for finding in findings if finding not in waiting]
    assert {finding["control"] for finding in found} == BROKEN[stack]
    assert {finding["verdict"] for finding in found} <= {"violation"}


@pytest.mark.parametrize("stack", EVERY)
def test_no_arn_and_no_host_is_written_as_in_another_partition(shaped: dict[str, Any], stack: str) -> None:
    elsewhere = {"alone.us": ("aws-us-gov", "amazonaws.com"), "china": ("aws-cn", "amazonaws.com.cn")}
    partition, hosts = elsewhere.get(stack, ("aws", "amazonaws.com"))
    services = []
    for resource in shaped["stacks"][stack]["resources"]:
        text = json.dumps(resource["inputs"])
        others = {found.split(":")[1] for found in text.split('"') if found.startswith("arn:")} - {partition, ""}
        assert others == set(), resource["urn"]
        services += re.findall(r"kms:ViaService\W+([\w.-]+)", text)
    assert services
    assert [service for service in services if not service.endswith(f".{hosts}")] == []


def test_the_smallest_stack_has_nothing_that_it_was_not_asked_for(shaped: dict[str, Any]) -> None:
    types = {resource["type"] for resource in shaped["stacks"]["alone.us"]["resources"]}
    absent = ("natGateway", "ec2/eip", "rds/cluster", "acm/", "route53/", "s3/bucketLogging")
    assert [t for t in types if any(part in t for part in absent)] == []
    assert set(inputs(shaped, "alone.us", "aws:lb/listener:Listener")) == {"edge-lb-http"}
    (database,) = inputs(shaped, "alone.us", "aws:rds/instance:Instance").values()
    assert (database["dbName"], "maxAllocatedStorage" in database) == ("user_db", False)


def test_each_zone_is_used_by_the_load_balancer_the_tasks_and_the_database(shaped: dict[str, Any]) -> None:
    (balancer,) = inputs(shaped, "many", "aws:lb/loadBalancer:LoadBalancer").values()
    assert len(set(balancer["subnets"])) == 6
    for service in inputs(shaped, "many", "aws:ecs/service:Service").values():
        assert len(set(service["networkConfiguration"]["subnets"])) == 6
    for group in inputs(shaped, "many", "aws:rds/subnetGroup:SubnetGroup").values():
        assert len(set(group["subnetIds"])) == 6


def container(task: dict[str, Any], **change: Any) -> dict[str, Any]:
    (only,) = json.loads(task["containerDefinitions"])
    return {**task, "containerDefinitions": json.dumps([{**only, **change}])}


ALARM, RULE, TASK = (
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:lb/listenerRule:ListenerRule",
    "aws:ecs/taskDefinition:TaskDefinition",
)
CLUSTER, LIFECYCLE = "aws:rds/cluster:Cluster", "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
ENDPOINT, GROUP = "aws:ec2/vpcEndpoint:VpcEndpoint", "aws:ec2/securityGroup:SecurityGroup"
QUEUE, SCHEDULE, SERVICE = "aws:sqs/queue:Queue", "aws:scheduler/schedule:Schedule", "aws:ecs/service:Service"


TABLE = "aws:dynamodb/table:Table"
DRAWN: dict[str, Any] = {"type": "metric", "properties": {"title": "all"}}


def aimed(schedule: dict[str, Any], **change: Any) -> dict[str, Any]:
    return {**schedule, "target": {**schedule["target"], **change}}


POLICY = "aws:appautoscaling/policy:Policy"
TRACKING, STEPS = "targetTrackingScalingPolicyConfiguration", "stepScalingPolicyConfiguration"


def _as_second_tracking(policy: dict[str, Any]) -> dict[str, Any]:
    others = {key: value for key, value in policy.items() if key != STEPS}
    metric = {"predefinedMetricType": "ECSServiceAverageCPUUtilization"}
    tracking = {"targetValue": 70, "predefinedMetricSpecification": metric}
    return {**others, "policyType": "TargetTrackingScaling", TRACKING: tracking}


MISTAKES: dict[str, tuple[str, str | None, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "a name beyond its limit": ("aws:lb/targetGroup:TargetGroup", None, lambda i: {**i, "name": "a" * 33}),
    "a name in wrong letters": ("aws:kms/alias:Alias", None, lambda i: {**i, "name": "alias/a.b"}),
    "no such retention": ("aws:cloudwatch/logGroup:LogGroup", None, lambda i: {**i, "retentionInDays": 89}),
    "an apostrophe in a group": (GROUP, None, lambda i: {**i, "description": "the world's"}),
    "more datapoints than periods": (ALARM, "period", lambda i: {**i, "datapointsToAlarm": 99}),
    "eleven metrics in one alarm": (
        ALARM,
        "metricQueries",
        lambda i: {
            **i,
            "metricQueries": [
                *({**i["metricQueries"][0], "id": f"m{n}", "returnData": False} for n in range(11)),
                {**i["metricQueries"][-1], "expression": "m0 / m1"},
            ],
        },
    ),
    "an odd period": (ALARM, "period", lambda i: {**i, "period": 45}),
    "a week of minutes": (ALARM, "period", lambda i: {**i, "evaluationPeriods": 10_000}),
    "a percentile as statistic": (ALARM, "statistic", lambda i: {**i, "statistic": "p95"}),
    "both statistics": (ALARM, "statistic", lambda i: {**i, "extendedStatistic": "p95"}),
    "queries beside a metric": (ALARM, "metricQueries", lambda i: {**i, "namespace": "AWS/ECS"}),
    "math over an unknown id": (
        ALARM,
        "metricQueries",
        lambda i: {**i, "metricQueries": [*i["metricQueries"][:-1], {**i["metricQueries"][-1], "expression": "z / 2"}]},
    ),
    "requests shifted to nowhere": (
        SERVICE,
        "alarms",
        lambda i: {**i, "deploymentConfiguration": {"strategy": "LINEAR", "bakeTimeInMinutes": "5"}},
    ),
    "blue/green without a bake time": (
        SERVICE,
        "alarms",
        lambda i: {**i, "deploymentConfiguration": {"strategy": "BLUE_GREEN"}},
    ),
    "two groups that get requests": (
        RULE,
        None,
        lambda i: {
            **i,
            "actions": [{"forward": {"targetGroups": [{"arn": "a", "weight": 1}, {"arn": "b", "weight": 1}]}}],
        },
    ),
    "six values in one rule": (RULE, None, lambda i: {**i, "conditions": [{"pathPattern": {"values": ["/a"] * 6}}]}),
    "too many wildcards": (RULE, None, lambda i: {**i, "conditions": [{"pathPattern": {"values": ["/*******"]}}]}),
    "a host without a full stop": (RULE, None, lambda i: {**i, "conditions": [{"hostHeader": {"values": ["web"]}}]}),
    "a definition of 64 KiB": (TASK, None, lambda i: container(i, command=["x" * 65536])),
    "a certificate for a long name": (
        "aws:acm/certificate:Certificate",
        None,
        lambda i: {**i, "domainName": f"{'a' * 54}.example.co"},
    ),
    "too many lines on a dashboard": (
        "aws:cloudwatch/dashboard:Dashboard",
        None,
        lambda i: {
            **i,
            "dashboardBody": json.dumps(
                {
                    "widgets": [
                        {
                            **DRAWN,
                            "properties": {
                                **DRAWN["properties"],
                                "metrics": [["a", "b", {"id": f"m{n}"}] for n in range(2501)],
                            },
                        }
                    ]
                }
            ),
        },
    ),
    "a recurrence of many numbers": (
        "aws:autoscaling/schedule:Schedule",
        None,
        lambda i: {**i, "recurrence": f"{','.join(map(str, range(59)))} 7 {','.join(map(str, range(1, 32)))} * *"},
    ),
    "an attribute that is no key": (
        TABLE,
        None,
        lambda i: {**i, "attributes": [*i["attributes"], {"name": "other", "type": "S"}]},
    ),
    "an index that names many": (
        TABLE,
        "globalSecondaryIndexes",
        lambda i: {
            **i,
            "globalSecondaryIndexes": [
                {**one, "projectionType": "INCLUDE", "nonKeyAttributes": [f"a{n}" for n in range(21)]}
                for one in i["globalSecondaryIndexes"]
            ],
        },
    ),
    "units that nobody provisions": (TABLE, None, lambda i: {**i, "readCapacity": 5}),
    "a service with the ending of its hosts": (
        "aws:iam/role:Role",
        None,
        lambda i: {**i, "assumeRolePolicy": i["assumeRolePolicy"].replace(".amazonaws.com", ".amazonaws.com.cn")},
    ),
    "no image": (TASK, None, lambda i: container(i, image=None)),
    "a volume that is not there": (TASK, None, lambda i: {**i, "volumes": [{"name": "other"}]}),
    "a pause without zero": (
        CLUSTER,
        None,
        lambda i: {
            **i,
            "serverlessv2ScalingConfiguration": {"minCapacity": 1, "maxCapacity": 2, "secondsUntilAutoPause": 300},
        },
    ),
    "a snapshot without a name": (CLUSTER, None, lambda i: {**i, "skipFinalSnapshot": False}),
    "a window in local time": (CLUSTER, None, lambda i: {**i, "preferredBackupWindow": "2am-3am"}),
    "an early transition": (
        LIFECYCLE,
        None,
        lambda i: {**i, "rules": [{"transitions": [{"days": 29, "storageClass": "STANDARD_IA"}]}]},
    ),
    "a tracking policy of two metrics": (
        POLICY,
        TRACKING,
        lambda i: {**i, TRACKING: {**i[TRACKING], "customizedMetricSpecification": {}}},
    ),
    "requests without a target group": (
        POLICY,
        TRACKING,
        lambda i: {
            **i,
            TRACKING: {
                **i[TRACKING],
                "predefinedMetricSpecification": {"predefinedMetricType": "ALBRequestCountPerTarget"},
            },
        },
    ),
    "two tracking policies on one metric": (POLICY, STEPS, _as_second_tracking),
    "a configuration of another type": (POLICY, STEPS, lambda i: {**i, "policyType": "PredictiveScaling"}),
    "a schedule upside down": (
        "aws:appautoscaling/scheduledAction:ScheduledAction",
        None,
        lambda i: {**i, "scalableTargetAction": {"minCapacity": 2, "maxCapacity": 1}},
    ),
    "a schedule in the form of crontab": (
        "aws:appautoscaling/scheduledAction:ScheduledAction",
        None,
        lambda i: {**i, "schedule": "0 7 * * *"},
    ),
    "a gateway in subnets": (ENDPOINT, None, lambda i: {**i, "subnetIds": ["subnet-1"]}),
    "a stop after minutes": (TASK, None, lambda i: container(i, stopTimeout=121)),
    "a provider without weight": (
        SERVICE,
        None,
        lambda i: {**i, "capacityProviderStrategies": [{"capacityProvider": "FARGATE", "base": 1, "weight": 0}]},
    ),
    "two bases": (
        SERVICE,
        None,
        lambda i: {**i, "capacityProviderStrategies": [{"capacityProvider": p, "base": 1, "weight": 1} for p in "ab"]},
    ),
    "deduplication without fifo": (QUEUE, None, lambda i: {**i, "contentBasedDeduplication": True}),
    "messages for ever": (QUEUE, None, lambda i: {**i, "messageRetentionSeconds": 1209601}),
    "dead letters of another type": (QUEUE, "redrivePolicy", lambda i: {**i, "fifoQueue": True}),
    "a long name of a schedule": (SCHEDULE, None, lambda i: {**i, "name": "a" * 65}),
    "a window that is off": (
        SCHEDULE,
        None,
        lambda i: {**i, "flexibleTimeWindow": {"mode": "OFF", "maximumWindowInMinutes": 15}},
    ),
    "tried for days": (
        SCHEDULE,
        None,
        lambda i: aimed(i, retryPolicy={"maximumRetryAttempts": 1, "maximumEventAgeInSeconds": 86401}),
    ),
    "failures in order": (SCHEDULE, None, lambda i: aimed(i, deadLetterConfig={"arn": "arn:aws:sqs:x:1:dead.fifo"})),
}


@pytest.fixture(scope="module")
def sound(shipped_recording: Committed) -> list[dict[str, Any]]:
    """The committed stacks, development first, on which there is nothing to say."""
    stacks = shipped_recording.report()["stacks"]
    resources: list[dict[str, Any]] = [*stacks["dev"]["resources"], *stacks["prod"]["resources"]]
    assert limits.complaints(resources) == []
    return resources


@for_each("mistake", MISTAKES)
def test_the_limits_notice(sound: list[dict[str, Any]], mistake: str) -> None:
    assert len(limits.complaints(with_mistake(sound, MISTAKES[mistake]))) >= 1, mistake


@pytest.mark.parametrize(
    ("given", "said"), [({}, 1), ({"maxIdleConnectionsPercent": 41}, 1), ({"maxIdleConnectionsPercent": 40}, 0)]
)
def test_the_limits_notice_a_pool_with_more_idle_connections_than_there_may_be(
    given: dict[str, int], said: int
) -> None:
    pool = {"connectionPoolConfig": {"maxConnectionsPercent": 40, **given}}
    token = "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup"
    found = limits.complaints(
        [{"type": token, "urn": f"urn:pulumi:dev::p::{token}::pool", "name": "pool", "inputs": pool}]
    )
    assert len(found) == said


def test_the_limits_notice_a_role_with_too_many_words_and_a_priority_taken_twice(sound: list[dict[str, Any]]) -> None:
    resources = copy.deepcopy(sound)
    policy = first(resources, "aws:iam/rolePolicy:RolePolicy")
    document = json.loads(policy["policy"])
    document["Statement"][0]["Resource"] = ["arn:aws:s3:::a-rather-long-name"] * 400
    policy["policy"] = json.dumps(document)
    for rule in [r for r in resources if r["type"] == RULE]:
        rule["inputs"]["priority"] = 7
    found = limits.complaints(resources)
    assert [text for text in found if "inline policies of" in text]
    assert [text for text in found if "priority 7 is taken 2 times" in text]
    assert len(found) == 3, "a role, and a listener in each stack"
