"""A job on Fargate: EventBridge Scheduler starts a task by the clock, which does its work and ends."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.compute import clock, workload
from components.compute.clock import ScheduleArgs, Starter
from components.compute.platform import Platform, ServiceArgs
from components.compute.task import Container
from components.compute.workload import Workload, WorkloadArgs
from components.contracts import Metric, Signal, Statement, happened
from components.security.queue import QueuePolicy, waiting
from settings.services import JobSettings

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
        failures = clock.failures_of(name, platform, child)
        failed = _failed(name, platform, work, failures, child)
        group = aws.scheduler.ScheduleGroup(f"{name}-group", opts=child)
        starter = Starter(f"{name}-starter", _may_start(platform, work, failures), group, platform, child)
        _schedule(name, args, work, group, starter, failures, child)
        self.signals = _signals(name, failures, group, failed)
        self.register_outputs({"failuresUrl": failures.url})


def _may_start(platform: Platform, work: Workload, failures: aws.sqs.Queue) -> list[Statement]:
    location, cluster = platform.location, platform.cluster
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
        *clock.telling(failures, platform.log_key_arn, location),
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
    """One task at each time."""
    platform = args.platform
    clock.schedule(
        name,
        ScheduleArgs(
            description=f"Starts the job {name}",
            when=args.settings.schedule,
            retry=args.settings.retry,
            group=group,
            starter=starter,
            failures=failures,
            target_arn=platform.cluster.arn,
            task=aws.scheduler.ScheduleTargetEcsParametersArgs(
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
        ),
        # Without the rules no image can be pulled; without its roles' rights a task that starts at once would fail.
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[*work.walls.rules, work.roles])),
    )


def _signals(
    name: str, failures: aws.sqs.Queue, group: aws.scheduler.ScheduleGroup, failed: aws.cloudwatch.EventRule
) -> list[Signal]:
    return [
        waiting(
            f"{name}-failures",
            failures,
            f"Runs of the job {name} have failed, or could not be started, and nobody has looked at them yet.",
            "job-failures.md",
        ),
        clock.not_started(name, f"the job {name}", group, "job-failures.md"),
        happened(
            f"{name}-untold",
            {
                "lost": clock.counted(group, "InvocationsFailedToBeSentToDeadLetterCount"),
                "failed": Metric(
                    namespace="AWS/Events",
                    name="FailedInvocations",
                    statistic="Sum",
                    dimensions={"RuleName": failed.name},
                ),
            },
            f"A failure of the job {name} could not be written into its queue: look at its runs yourself.",
            "job-failures.md",
            expression="FILL(lost, 0) + FILL(failed, 0)",
        ),
    ]
