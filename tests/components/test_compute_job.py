"""A job is started by the clock, with exactly the rights to be started, and its failures are not lost."""

import json
from typing import Any

import pulumi
import pytest

from components.compute import task
from components.observability.alarms import RUNBOOKS
from tests.components.kinds import SERVICE, TASK, compute, containers, own, statements

SCHEDULE = "aws:scheduler/schedule:Schedule"
GROUP = "aws:scheduler/scheduleGroup:ScheduleGroup"
QUEUE = "aws:sqs/queue:Queue"
RULE = "aws:cloudwatch/eventRule:EventRule"
ROLE = "aws:iam/role:Role"
JOB: dict[str, Any] = {
    "kind": "job",
    "image": "shop/report:1",
    "command": ["python", "report.py"],
    "schedule": {"when": "cron(30 2 * * ? *)", "timezone": "Europe/Berlin", "windowMinutes": 15},
    "stopAfterSeconds": 900,
    "retry": {"attempts": 3, "maxAgeSeconds": 1800},
    "size": {"cpu": 256, "memory": 512, "architecture": "arm64"},
    "environment": {},
    "uses": {"jobs": "send"},
}


def job(*, protected: bool = True, **change: Any) -> Any:
    return compute("report", {**JOB, **change}, protected=protected)


def test_it_is_no_service_and_nobody_calls_it(deploy: Any) -> None:
    made = deploy(job())
    kinds = {kind for kind, _ in own(made, "report")}
    assert made.of(SERVICE) == {}
    assert not {k for k in kinds if k.startswith(("lb/", "appautoscaling/")) or "IngressRule" in k}
    assert containers(made)["app"]["portMappings"] == []


def test_it_starts_at_the_time_of_its_zone_within_its_window(deploy: Any) -> None:
    schedule = deploy(job()).one(SCHEDULE).inputs
    assert (schedule["scheduleExpression"], schedule["scheduleExpressionTimezone"]) == (
        "cron(30 2 * * ? *)",
        "Europe/Berlin",
    )
    assert schedule["flexibleTimeWindow"] == {"mode": "FLEXIBLE", "maximumWindowInMinutes": 15}


def test_a_rate_has_no_zone_and_no_window_means_at_once(deploy: Any) -> None:
    schedule = deploy(job(schedule={"when": "rate(5 minutes)"})).one(SCHEDULE).inputs
    assert "scheduleExpressionTimezone" not in schedule
    assert schedule["flexibleTimeWindow"] == {"mode": "OFF"}


def test_each_run_is_one_task_of_the_definition_in_the_private_tier(deploy: Any) -> None:
    made = deploy(job())
    schedule = made.one(SCHEDULE)
    run = schedule.inputs["target"]["ecsParameters"]
    assert run["taskDefinitionArn"].endswith("task-definition/groundwork-test-report:1")
    assert (run["taskCount"], run["launchType"], run["enableExecuteCommand"]) == (1, "FARGATE", False)
    network = run["networkConfiguration"]
    assert (network["subnets"], network["assignPublicIp"]) == (["private-a", "private-b"], False)
    assert len(network["securityGroups"]) == 1
    assert made.one(TASK).urn in schedule.dependencies
    assert made.one(GROUP).urn in schedule.property_dependencies["groupName"]


def test_a_run_that_cannot_be_started_is_tried_again_and_then_told_of(deploy: Any) -> None:
    made = deploy(job())
    target = made.one(SCHEDULE).inputs["target"]
    assert target["retryPolicy"] == {"maximumRetryAttempts": 3, "maximumEventAgeInSeconds": 1800}
    assert ":report-failures-" in target["deadLetterConfig"]["arn"]
    assert "fifoQueue" not in made.one(QUEUE).inputs, "the scheduler writes to standard queues only"
    assert made.one(QUEUE).inputs["messageRetentionSeconds"] == 14 * 86400


def test_the_starter_may_start_this_definition_pass_these_roles_and_tell_of_failures(deploy: Any) -> None:
    made = deploy(job())
    granted = statements(made, "report-starter-policy")
    assert set(granted) == {"RunTask", "TagTask", "PassItsRoles", "TellOfFailure", "UseQueueKey"}
    assert granted["RunTask"]["Resource"] == [
        "arn:aws:ecs:us-east-1:111122223333:task-definition/groundwork-test-report:1"
    ]
    assert list(granted["RunTask"]["Condition"]["ArnEquals"]) == ["ecs:cluster"]
    assert [arn.rpartition("-")[0].rpartition("/")[2] for arn in granted["PassItsRoles"]["Resource"]] == [
        "report-roles-task",
        "report-roles-execution",
    ]
    assert granted["PassItsRoles"]["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    assert granted["TagTask"]["Condition"] == {"StringEquals": {"ecs:CreateAction": "RunTask"}}
    assert granted["UseQueueKey"]["Condition"] == {"StringEquals": {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}}
    assert [s["Sid"] for s in granted.values() if "*" in s["Resource"]] == []


def test_only_schedules_of_its_group_can_take_the_starter(deploy: Any) -> None:
    made = deploy(job())
    starter = made.of(ROLE)["report-starter"]
    (trust,) = json.loads(starter.inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": ["scheduler.amazonaws.com"]}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}
    assert trust["Condition"]["ArnEquals"]["aws:SourceArn"].startswith(
        "arn:aws:scheduler:us-east-1:111122223333:schedule-group/report-group-"
    )
    assert made.one(GROUP).urn in starter.property_dependencies["assumeRolePolicy"]


def test_the_component_shows_every_statement_of_the_starter_to_policies(deploy: Any) -> None:
    made = deploy(job())
    shown = {s["Sid"] for s in made.of("groundwork:compute:Starter")["report-starter"].inputs["statements"]}
    assert shown == {*statements(made, "report-starter-policy"), "Trust"}


def test_the_schedule_waits_for_the_rights_and_the_way_out(deploy: Any) -> None:
    made = deploy(job())
    before = made.one(SCHEDULE).dependencies
    needed = [
        *made.of("aws:iam/rolePolicy:RolePolicy").values(),
        made.of("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")["report-egress-https"],
    ]
    assert [r.name for r in needed if r.urn not in before] == []


def test_a_task_that_failed_or_never_started_is_told_of_and_one_that_ended_well_is_not(deploy: Any) -> None:
    made = deploy(job())
    pattern = json.loads(made.one(RULE).inputs["eventPattern"])
    detail = pattern["detail"]
    assert (pattern["source"], pattern["detail-type"]) == (["aws.ecs"], ["ECS Task State Change"])
    assert detail["lastStatus"] == ["STOPPED"]
    assert detail["$or"] == [
        {"containers": {"exitCode": [{"anything-but": 0}]}},
        {"stopCode": ["TaskFailedToStart"]},
    ]
    (family,) = detail["taskDefinitionArn"]
    assert family["prefix"].endswith("task-definition/groundwork-test-report:"), (
        "of every revision, and of no other job"
    )
    target = made.one("aws:cloudwatch/eventTarget:EventTarget")
    assert ":report-failures-" in target.inputs["arn"]
    policy = made.of("aws:sqs/queuePolicy:QueuePolicy")["report-failures-policy-document"]
    assert policy.urn in target.dependencies, "EventBridge is refused before"


def test_only_its_own_rule_may_write_into_the_queue_of_failures_and_only_over_tls(deploy: Any) -> None:
    made = deploy(job())
    policy = made.one("aws:sqs/queuePolicy:QueuePolicy")
    written = {s["Sid"]: s for s in json.loads(policy.inputs["policy"])["Statement"]}
    assert written["OnlyOverTls"]["Effect"] == "Deny"
    assert written["FailedRuns"]["Principal"] == {"Service": ["events.amazonaws.com"]}
    assert written["FailedRuns"]["Action"] == ["sqs:SendMessage"]
    assert made.one(RULE).urn in policy.property_dependencies["policy"]
    assert set(written) == {"OnlyOverTls", "FailedRuns"}
    assert made.one(QUEUE).inputs["kmsMasterKeyId"] == "arn:log-key", "EventBridge has a right to this key"


def test_a_timer_beside_it_stops_a_run_that_takes_too_long(deploy: Any) -> None:
    made = containers(deploy(job()))
    assert list(made) == ["app", "timer"]
    timer = made["timer"]
    assert timer["essential"] is True, "ECS stops a task when an essential container ends"
    assert timer["command"] == ["sh", "-c", task.TIMER_SCRIPT.format(seconds=900)]
    assert (timer["user"], timer["readonlyRootFilesystem"]) == ("65534:65534", True)
    assert timer["environment"] == timer["secrets"] == []


def test_a_run_without_limit_has_no_timer(deploy: Any) -> None:
    assert list(containers(deploy(job(stopAfterSeconds=None)))) == ["app"]


@pytest.mark.parametrize("protected", [True, False])
def test_there_is_no_shell_in_a_job(deploy: Any, protected: bool) -> None:
    made = deploy(job(protected=protected))
    granted = [s for policy in ("report-roles-task-policy",) for s in statements(made, policy)]
    assert granted == ["JobsSendMessages"]
    assert made.one(TASK).inputs.get("volumes", []) == []
    assert made.one(TASK).inputs["skipDestroy"] is protected


def test_it_is_watched_for_failures_dropped_runs_and_lost_messages(deploy: Any) -> None:
    groups: list[str] = []

    def build() -> Any:
        built = job()()
        watched = [metric for signal in built.signals for metric in signal.metrics.values()]
        for dimension, value in [pair for metric in watched for pair in metric.dimensions.items()]:
            pulumi.Output.concat(dimension, "=", value).apply(groups.append)
        return built

    made = deploy(build)
    signals = {signal.name: signal for signal in made.built.signals}
    assert set(signals) == {"report-failures", "report-not-started", "report-untold"}
    dropped = signals["report-not-started"]
    assert (dropped.metrics["dropped"].name, list(dropped.metrics["dropped"].dimensions)) == (
        "InvocationDroppedCount",
        ["ScheduleGroup"],
    )
    assert {(s.evaluation_periods, s.missing) for s in signals.values()} == {(1, "notBreaching")}, (
        "a daily job has one datapoint a day"
    )
    target = made.one("aws:cloudwatch/eventTarget:EventTarget").inputs
    failures = made.one(SCHEDULE).inputs["target"]["deadLetterConfig"]["arn"].rpartition(":")[2]
    of_its_own = {
        f"ScheduleGroup={made.one(SCHEDULE).inputs['groupName']}",
        f"RuleName={target['rule']}",
        f"QueueName={failures}",
    }
    assert set(groups) == of_its_own, "no alarm is about another job"


def test_every_signal_names_a_runbook_that_exists_and_that_names_the_signal(deploy: Any) -> None:
    for signal in deploy(job()).built.signals:
        assert f"`{signal.name.replace('report-', '<service>-')}`" in (RUNBOOKS / signal.runbook).read_text()


@pytest.mark.parametrize("name", ["a" * 16, "ab"])
def test_every_name_fits_into_what_the_scheduler_takes(deploy: Any, name: str) -> None:
    made = deploy(compute(name, JOB))
    for token in (SCHEDULE, GROUP, RULE, ROLE):
        assert [n for n in made.of(token) if len(n) + 8 > 64] == []


def test_every_child_belongs_to_the_job(deploy: Any) -> None:
    made = deploy(job())
    strays = [r.urn for r in made.registered if r.name.startswith("report-") and "compute:Job" not in r.urn]
    assert strays == []
