"""A job on Fargate: EventBridge Scheduler starts a task by the clock, which does its work and ends."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.compute import workload
from components.compute.platform import Platform, ServiceArgs
from components.compute.task import Container
from components.compute.workload import Workload, WorkloadArgs
from components.contracts import Metric, Severity, Signal, Statement
from components.security import documents
from components.security.queue import LONGEST_RETENTION_SECONDS, PrivateQueueArgs, QueuePolicy, private_queue, waiting
from settings.services import JobSettings

SCHEDULER = "scheduler.amazonaws.com"
EVENTS = "events.amazonaws.com"


class Job(pulumi.ComponentResource):
    """A task that is started on time, again if it could not be started, and stopped when it takes too long.

    Runs that could not be started, and runs that failed, leave a message in the job's own queue. A run that started and
    failed is not tried again: whether that is safe, only its program knows.
    """

    signals: Sequence[Signal]

    def __init__(self, name: str, args: ServiceArgs[JobSettings], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:compute:Job", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings, platform = args.settings, args.platform
        work = workload.make(
            name,
            WorkloadArgs(
                settings=settings,
                access=args.access,
                platform=platform,
                container=Container(command=settings.command, stop_after_seconds=settings.stop_after_seconds),
                sessions=False,
            ),
            child,
        )
        failures = private_queue(
            f"{name}-failures",
            PrivateQueueArgs(key_arn=platform.log_key_arn, retention_seconds=LONGEST_RETENTION_SECONDS),
            child,
        )
        failed = _failed(name, platform, work, failures, child)
        group = aws.scheduler.ScheduleGroup(f"{name}-group", opts=child)
        starter = Starter(f"{name}-starter", _may_start(platform, work, failures), group, platform, child)
        _schedule(name, args, work, group, starter, failures, child)
        self.signals = _signals(name, failures, group, failed)
        self.register_outputs({"failuresUrl": failures.url})


class Starter(pulumi.ComponentResource):
    """The role in which the scheduler starts the job: only for schedules of its group, only this task definition.

    A component of its own because its statements name ARNs of the job's other parts: as inputs of this component they
    can be judged one by one at preview.
    """

    role_arn: pulumi.Output[str]
    """Known only when the role has its rights."""

    def __init__(
        self,
        name: str,
        statements: Sequence[Statement],
        group: aws.scheduler.ScheduleGroup,
        platform: Platform,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        account = platform.location.account_id
        trusted = [
            documents.assumed_by(
                SCHEDULER,
                {"StringEquals": {"aws:SourceAccount": account}, "ArnEquals": {"aws:SourceArn": group.arn}},
            )
        ]
        props = {"statements": documents.rendered([*trusted, *statements])}
        super().__init__("groundwork:compute:Starter", name, props, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            name,
            description="What the scheduler may do to start the job",
            assume_role_policy=documents.document(trusted),
            opts=child,
        )
        policy = aws.iam.RolePolicy(f"{name}-policy", role=role.name, policy=documents.document(statements), opts=child)
        self.role_arn = pulumi.Output.all(role.arn, policy.id).apply(lambda values: str(values[0]))
        self.register_outputs({"roleArn": self.role_arn})


def _may_start(platform: Platform, work: Workload, failures: aws.sqs.Queue) -> list[Statement]:
    location, cluster = platform.location, platform.cluster
    through_sqs = {"StringEquals": {"kms:ViaService": f"sqs.{location.region}.{location.dns_suffix}"}}
    return [
        Statement(
            sid="RunTask",
            actions=["ecs:RunTask"],
            resources=[work.definition.arn],
            conditions={"ArnEquals": {"ecs:cluster": cluster.arn}},
        ),
        # The tags of the definition, and those of ECS, are put on the task while it is started.
        Statement(
            sid="TagTask",
            actions=["ecs:TagResource"],
            resources=[pulumi.Output.concat(location.arn("ecs", "task/"), cluster.name, "/*")],
            conditions={"StringEquals": {"ecs:CreateAction": "RunTask"}},
        ),
        Statement(
            sid="PassItsRoles",
            actions=["iam:PassRole"],
            resources=[work.roles.task_arn, work.roles.execution_arn],
            conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        Statement(sid="TellOfFailure", actions=["sqs:SendMessage"], resources=[failures.arn]),
        Statement(
            sid="UseQueueKey",
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=[platform.log_key_arn],
            conditions=through_sqs,
        ),
    ]


def _failed(
    name: str, platform: Platform, work: Workload, failures: aws.sqs.Queue, opts: pulumi.ResourceOptions
) -> aws.cloudwatch.EventRule:
    """Tasks that ended with an error, or never started, are told of in the queue of failures."""
    stopped = {
        "clusterArn": [platform.cluster.arn],
        "taskDefinitionArn": [{"prefix": pulumi.Output.concat(work.definition.arn_without_revision, ":")}],
        "lastStatus": ["STOPPED"],
        "$or": [{"containers": {"exitCode": [{"anything-but": 0}]}}, {"stopCode": ["TaskFailedToStart"]}],
    }
    pattern = {"source": ["aws.ecs"], "detail-type": ["ECS Task State Change"], "detail": stopped}
    rule = aws.cloudwatch.EventRule(
        f"{name}-failed",
        description=f"Runs of the job {name} that failed",
        event_pattern=pulumi.Output.json_dumps(pattern, sort_keys=True, separators=(",", ":")),
        opts=opts,
    )
    told = Statement(
        sid="FailedRuns",
        actions=["sqs:SendMessage"],
        resources=[failures.arn],
        principals={"Service": [EVENTS]},
        conditions={"ArnEquals": {"aws:SourceArn": rule.arn}},
    )
    policy = QueuePolicy(f"{name}-failures-policy", failures, [told], opts)
    aws.cloudwatch.EventTarget(f"{name}-failed", rule=rule.name, arn=policy.queue_arn, opts=opts)
    return rule


def _schedule(
    name: str,
    args: ServiceArgs[JobSettings],
    work: Workload,
    group: aws.scheduler.ScheduleGroup,
    starter: Starter,
    failures: aws.sqs.Queue,
    opts: pulumi.ResourceOptions,
) -> None:
    """One task at each time; while one runs longer than to the next time, both run."""
    settings, platform = args.settings, args.platform
    schedule, window = settings.schedule, settings.schedule.window_minutes
    aws.scheduler.Schedule(
        f"{name}-schedule",
        group_name=group.name,
        description=f"Starts the job {name}",
        schedule_expression=schedule.when,
        schedule_expression_timezone=schedule.timezone,
        flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(
            mode="FLEXIBLE" if window else "OFF", maximum_window_in_minutes=window or None
        ),
        target=aws.scheduler.ScheduleTargetArgs(
            arn=platform.cluster.arn,
            role_arn=starter.role_arn,
            ecs_parameters=aws.scheduler.ScheduleTargetEcsParametersArgs(
                task_definition_arn=work.definition.arn,
                task_count=1,
                launch_type="FARGATE",
                network_configuration=aws.scheduler.ScheduleTargetEcsParametersNetworkConfigurationArgs(
                    subnets=list(platform.subnet_ids), security_groups=[work.walls.group_id], assign_public_ip=False
                ),
                enable_ecs_managed_tags=True,
                enable_execute_command=False,
                propagate_tags="TASK_DEFINITION",
            ),
            retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                maximum_retry_attempts=settings.retry.attempts,
                maximum_event_age_in_seconds=settings.retry.max_age_seconds,
            ),
            dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(arn=failures.arn),
        ),
        # Without the rules no image can be pulled; without its roles' rights a task that starts at once would fail.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[*work.walls.rules, work.roles])),
    )


def _signals(
    name: str, failures: aws.sqs.Queue, group: aws.scheduler.ScheduleGroup, failed: aws.cloudwatch.EventRule
) -> list[Signal]:
    in_group = {"ScheduleGroup": group.name}
    return [
        waiting(
            f"{name}-failures",
            failures,
            f"Runs of the job {name} have failed, or could not be started, and nobody has looked at them yet.",
            "job-failures.md",
        ),
        Signal(
            name=f"{name}-not-started",
            metrics={"dropped": _sum("AWS/Scheduler", "InvocationDroppedCount", in_group)},
            comparison="GreaterThanThreshold",
            threshold=0,
            period_seconds=60,
            evaluation_periods=1,  # AWS's recommendation; a daily job has one datapoint a day
            datapoints_to_alarm=1,
            missing="notBreaching",
            severity=Severity.CRITICAL,
            meaning=f"A run of the job {name} was given up: it could not be started, however often it was tried.",
            runbook="job-failures.md",
        ),
        Signal(
            name=f"{name}-untold",
            metrics={
                "lost": _sum("AWS/Scheduler", "InvocationsFailedToBeSentToDeadLetterCount", in_group),
                "failed": _sum("AWS/Events", "FailedInvocations", {"RuleName": failed.name}),
            },
            expression="FILL(lost, 0) + FILL(failed, 0)",
            comparison="GreaterThanThreshold",
            threshold=0,
            period_seconds=60,
            evaluation_periods=1,
            datapoints_to_alarm=1,
            missing="notBreaching",
            severity=Severity.WARNING,
            meaning=f"A failure of the job {name} could not be written into its queue: look at its runs yourself.",
            runbook="job-failures.md",
        ),
    ]


def _sum(namespace: str, name: str, dimensions: dict[str, pulumi.Output[str]]) -> Metric:
    return Metric(namespace=namespace, name=name, statistic="Sum", dimensions=dimensions)
