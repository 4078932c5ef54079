"""Other stacks than the committed ones, end to end: each setting at its far end, in every partition of AWS.

The program is the real one; only the stack files are made here. What is refused at apply and not at preview is told by
`limits`, which is itself tried on broken recordings.
"""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.committed import Committed
from tests.components import limits
from tests.components.verdicts import left

ROOT = Path(__file__).parents[2]
PROGRAM = ("__main__.py", "Pulumi.yaml", "components", "docs", "functions", "services", "settings")
PLAIN_RDS = {
    "engine": "postgres",
    "version": "17.7",
    "instanceClass": "db.t4g.micro",
    "storageGib": 20,
    "maxStorageGib": 20,
    "multiAz": False,
    "backupDays": 1,
}
EVERYTHING = {
    "min": 2,
    "max": 10,
    "outAbove": 60,
    "inBelow": 30,
    "track": {"memory": 75, "requestsPerTarget": 600},
    "predict": {"cpu": 50, "memory": 60, "requestsPerTarget": 500, "mode": "forecast-and-scale"},
    "schedules": {
        name: {"when": f"cron(0 {hour} ? * MON-FRI *)", "timezone": "Asia/Kolkata", "min": 2, "max": hour}
        for name, hour in {"abcdefghij-klmnopqrs": 20, "morning": 7}.items()
    },
}
HOOK = {"function": "arn:aws:lambda:us-east-1:111122223333:function:smoke:live", "stages": ["post-test-traffic-shift"]}
CANARY = {"strategy": "canary", "percent": 1, "canaryMinutes": 1440, "hooks": {"abcdefghij-klmnopqrs": HOOK}}
STACKS = ("alone.us", "china", "many")


def section(stack: dict[str, Any], name: str) -> Any:
    return stack["config"][f"groundwork:{name}"]


def alone() -> dict[str, Any]:
    """Nothing but what a stack must have: no way out, no name, one plain database; in the partition of the US government."""
    stack = committed("dev")
    stack["config"]["aws:region"] = "us-gov-west-1"
    section(stack, "network").update(
        availabilityZones=["us-gov-west-1a", "us-gov-west-1b"],
        nat="none",
        endpoints=["s3", "ecr", "logs", "secretsmanager"],
        cidr="10.101.0.0/16",
    )
    section(stack, "edge").update(domain=None, zoneId=None)
    section(stack, "data").update(databases={"user": PLAIN_RDS}, buckets={})
    service = {**section(stack, "services")["status"], "uses": {"user": "write"}}
    stack["config"]["groundwork:services"] = {"status": service}
    return stack


def china() -> dict[str, Any]:
    """Production, where names, hosts and ARNs are written otherwise."""
    stack = committed("prod")
    stack["config"]["aws:region"] = "cn-north-1"
    section(stack, "network").update(
        availabilityZones=["cn-north-1a", "cn-north-1b", "cn-north-1d"], cidr="10.102.0.0/16"
    )
    backups_of_china(stack)
    return stack


def backups_of_china(stack: dict[str, Any]) -> None:
    """There AWS Backup tests no restores, and copies nothing out of the country."""
    section(stack, "data").get("backups", {}).update(restoreTest=None, copy=None, provenWithinDays=None)


def many() -> dict[str, Any]:
    """Production with six zones, the longest names for every kind of service and store, queues in order, one service
    that uses 25 buckets and two kinds of database."""
    stack = committed("prod")
    section(stack, "network").update(availabilityZones=[f"us-east-1{z}" for z in "abcdef"], cidr="10.103.0.0/16")
    data, services = section(stack, "data"), section(stack, "services")
    data["streams"]["events"]["lagAlarmSeconds"] = 60
    data["buckets"] = {f"bucket-of-number-{n:03}": data["buckets"]["uploads"] for n in range(25)}
    plain = {**PLAIN_RDS, "instanceClass": "db.m7g.large", "maxStorageGib": 200, "multiAz": True, "backupDays": 35}
    data["databases"] = {"abcdefghij-klmnopqrs": data["databases"]["main"], "order": plain}
    if "dump" in data:
        data["dump"]["databases"] = [*data["databases"]]
    services["web"]["uses"] = dict.fromkeys([*data["buckets"], *data["databases"]], "write")
    # Read by nobody: what tasks are told of values of the configuration is decided at update only.
    data["databases"]["zyxwvutsrq-ponmlkji"] = {**plain, "readers": 2, "masterPassword": "master", "iamUser": "app"}
    stack["config"]["groundwork:secrets"] = {"master": {"secure": "AAABAAAA"}}
    longest = {**services["status"], "route": {"path": "/a*b*c*d*", "priority": 199, "host": "*.example.com"}}
    longest["scale"] = EVERYTHING
    services["abcdefgh-ijklmno"] = longest
    section(stack, "edge")["testing"] = {"reachableFrom": ["203.0.113.0/24"]}
    shifted = {**services["status"], "route": {"path": "/shifted*", "priority": 198}, "deployment": CANARY}
    services["abcdefgh-shifted"] = shifted
    called = services.pop("receipts")  # by a bucket that is not here
    data["tables"]["profiles"]["stream"] = "both"
    changes = {"name": "profiles", "events": ["created"], "parallel": 10}
    services["abcdefgh-changes"] = {**called, "queue": None, "bucket": None, "table": changes}
    data["queues"]["abcdefghij-klmnopqrt"] = {**data["queues"]["jobs"], "fifo": True}
    services["indexer"]["uses"] = {}
    services["abcdefgh-worker1"] = {**services["indexer"], "queue": "abcdefghij-klmnopqrt"}
    services["abcdefgh-ijkl-jb"] = {**services["nightly"], "uses": dict.fromkeys(data["queues"], "send")}
    return stack


def committed(name: str) -> dict[str, Any]:
    stack: dict[str, Any] = yaml.safe_load((ROOT / f"Pulumi.{name}.yaml").read_text())
    del stack["config"]["preflight:usage"]["budget"]  # that of the committed stack
    return stack


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    project = tmp_path_factory.mktemp("shapes")
    for part in PROGRAM:
        (project / part).symlink_to(ROOT / part)
    for name, make in zip(STACKS, (alone, china, many), strict=True):
        (project / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump(make()))
    command = [sys.executable, "-m", "preflight", "check", "--program", str(project), "--json", "-"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, f"the plain HTTP of one stack is a violation, and no more: {done.stderr}"
    document: dict[str, Any] = json.loads(done.stdout)
    assert sorted(document["stacks"]) == sorted(STACKS)
    return document


def inputs(report: dict[str, Any], stack: str, token: str) -> dict[str, dict[str, Any]]:
    return {r["name"]: r["inputs"] for r in report["stacks"][stack]["resources"] if r["type"] == token}


@pytest.mark.parametrize("stack", STACKS)
def test_aws_would_take_every_name_size_and_combination(report: dict[str, Any], stack: str) -> None:
    assert limits.complaints(report["stacks"][stack]["resources"]) == []


@pytest.mark.parametrize(
    ("stack", "broken"), [("alone.us", {"lb-https-only", "rds-backup-retention"}), ("china", set()), ("many", set())]
)
def test_no_rule_is_broken_but_by_plain_http_and_nothing_is_left_undecided(
    report: dict[str, Any], stack: str, broken: set[str]
) -> None:
    findings = left(report["stacks"][stack]["findings"])
    assert {finding["control"] for finding in findings} == broken
    assert {finding["verdict"] for finding in findings} <= {"violation"}


@pytest.mark.parametrize("stack", STACKS)
def test_no_arn_and_no_host_is_written_as_in_another_partition(report: dict[str, Any], stack: str) -> None:
    partition, hosts = {
        "alone.us": ("aws-us-gov", "amazonaws.com"),
        "china": ("aws-cn", "amazonaws.com.cn"),
        "many": ("aws", "amazonaws.com"),
    }[stack]
    for resource in report["stacks"][stack]["resources"]:
        text = json.dumps(resource["inputs"])
        others = {found.split(":")[1] for found in text.split('"') if found.startswith("arn:")} - {partition, ""}
        assert others == set(), resource["urn"]
    via = [s for k in inputs(report, stack, "aws:kms/key:Key").values() for s in json.loads(k["policy"])["Statement"]]
    services = [v for s in via for v in s.get("Condition", {}).get("StringEquals", {}).get("kms:ViaService", [])]
    assert services
    assert [service for service in services if not service.endswith(f".{hosts}")] == []


def test_the_smallest_stack_has_nothing_that_it_was_not_asked_for(report: dict[str, Any]) -> None:
    types = {resource["type"] for resource in report["stacks"]["alone.us"]["resources"]}
    absent = ("natGateway", "ec2/eip", "rds/cluster", "acm/", "route53/", "s3/bucketLogging")
    assert [t for t in types if any(part in t for part in absent)] == []
    assert set(inputs(report, "alone.us", "aws:lb/listener:Listener")) == {"edge-lb-http"}
    (database,) = inputs(report, "alone.us", "aws:rds/instance:Instance").values()
    assert (database["dbName"], "maxAllocatedStorage" in database) == ("user_db", False)


def test_each_zone_is_used_by_the_load_balancer_the_tasks_and_the_database(report: dict[str, Any]) -> None:
    (balancer,) = inputs(report, "many", "aws:lb/loadBalancer:LoadBalancer").values()
    assert len(set(balancer["subnets"])) == 6
    for service in inputs(report, "many", "aws:ecs/service:Service").values():
        assert len(set(service["networkConfiguration"]["subnets"])) == 6
    for group in inputs(report, "many", "aws:rds/subnetGroup:SubnetGroup").values():
        assert len(set(group["subnetIds"])) == 6


def first(resources: list[dict[str, Any]], token: str, key: str | None = None) -> dict[str, Any]:
    found = (r for r in resources if r["type"] == token and (key is None or key in r["inputs"]))
    values: dict[str, Any] = next(found)["inputs"]
    return values


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
def sound(recording: Committed) -> list[dict[str, Any]]:
    """The committed stacks, development first, on which there is nothing to say."""
    stacks = recording.report()["stacks"]
    resources: list[dict[str, Any]] = [*stacks["dev"]["resources"], *stacks["prod"]["resources"]]
    assert limits.complaints(resources) == []
    return resources


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_limits_notice(sound: list[dict[str, Any]], mistake: str) -> None:
    token, key, breaking = MISTAKES[mistake]
    resources = copy.deepcopy(sound)
    target = first(resources, token, key)
    changed = breaking(target)
    target.clear()
    target.update(changed)
    assert len(limits.complaints(resources)) >= 1, mistake


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
