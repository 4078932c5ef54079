"""What is started by the clock: a schedule of EventBridge Scheduler, the role in which it starts things, what it tells.

Who is started so has a queue of its own for what could not be started (`waiting` in it is watched).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute.platform import Platform
from components.contracts import Metric, Severity, Signal, Statement, happened
from components.security import documents
from components.security.queue import LONGEST_RETENTION_SECONDS, PrivateQueueArgs, private_queue
from components.security.role import role as make_role
from settings.jobs import JobScheduleSettings, RetrySettings
from settings.location import Location

SCHEDULER = "scheduler.amazonaws.com"
FAILURES = "failures"  # how the name of each queue of failures ends, and what the dashboard finds it by


class Starter(pulumi.ComponentResource):
    """The role in which the scheduler starts something: only for schedules of one group, only what `statements` say.

    A component of its own because its statements name ARNs of what is started: as inputs of this component they can be
    judged one by one at preview.
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
        *,
        purpose: str = "What the scheduler may do to start the job",
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
        role = make_role(name, purpose, trusted, platform.location, child)
        policy = aws.iam.RolePolicy(f"{name}-policy", role=role.name, policy=documents.document(statements), opts=child)
        self.role_arn = pulumi.Output.all(role.arn, policy.id).apply(lambda values: str(values[0]))
        self.register_outputs({"roleArn": self.role_arn})


@dataclass(frozen=True, kw_only=True)
class ScheduleArgs:
    """When, what, in which role, and where a start goes that was given up. `task` says how an ECS task is run."""

    description: str
    when: JobScheduleSettings
    retry: RetrySettings
    group: aws.scheduler.ScheduleGroup
    starter: Starter
    failures: aws.sqs.Queue
    target_arn: pulumi.Input[str]
    task: aws.scheduler.ScheduleTargetEcsParametersArgs | None = None


def schedule(name: str, args: ScheduleArgs, opts: pulumi.ResourceOptions) -> aws.scheduler.Schedule:
    """One start at each time; while one runs longer than to the next time, both run."""
    window = args.when.window_minutes
    return aws.scheduler.Schedule(
        f"{name}-schedule",
        group_name=args.group.name,
        description=args.description,
        schedule_expression=args.when.when,
        schedule_expression_timezone=args.when.timezone,
        flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(
            mode="FLEXIBLE" if window else "OFF", maximum_window_in_minutes=window or None
        ),
        target=aws.scheduler.ScheduleTargetArgs(
            arn=args.target_arn,
            role_arn=args.starter.role_arn,
            ecs_parameters=args.task,
            retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                maximum_retry_attempts=args.retry.attempts,
                maximum_event_age_in_seconds=args.retry.max_age_seconds,
            ),
            dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(arn=args.failures.arn),
        ),
        opts=opts,
    )


def failures_of(name: str, platform: Platform, opts: pulumi.ResourceOptions) -> aws.sqs.Queue:
    """The queue of what went wrong, for a person to look at. It still needs a policy."""
    return private_queue(
        f"{name}-{FAILURES}",
        PrivateQueueArgs(key_arn=platform.log_key_arn, retention_seconds=LONGEST_RETENTION_SECONDS),
        opts,
    )


def telling(failures: aws.sqs.Queue, key_arn: pulumi.Input[str], location: Location) -> list[Statement]:
    """The rights to write into the queue of what went wrong."""
    through_sqs = {"StringEquals": {"kms:ViaService": f"sqs.{location.region}.{location.dns_suffix}"}}
    return [
        Statement(sid="TellOfFailure", actions=["sqs:SendMessage"], resources=[failures.arn]),
        Statement(
            sid="UseQueueKey",
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=[key_arn],
            conditions=through_sqs,
        ),
    ]


def not_started(name: str, what: str, group: aws.scheduler.ScheduleGroup, runbook: str) -> Signal:
    """The scheduler gave up. `what` is who was to be started: `the job x`."""
    return happened(  # within one minute: AWS's recommendation; what runs daily has one datapoint a day
        f"{name}-not-started",
        {"dropped": counted(group, "InvocationDroppedCount")},
        f"A run of {what} was given up: it could not be started, however often it was tried.",
        runbook,
        severity=Severity.CRITICAL,
    )


def not_told(name: str, what: str, group: aws.scheduler.ScheduleGroup, runbook: str) -> Signal:
    """The scheduler gave up and could not say so. `what` as for `not_started`."""
    return happened(
        f"{name}-start-untold",
        {"lost": counted(group, "InvocationsFailedToBeSentToDeadLetterCount")},
        f"That {what} could not be started could not be written into its queue.",
        runbook,
    )


def counted(group: aws.scheduler.ScheduleGroup, metric: str) -> Metric:
    """How often something happened to the schedules of a group."""
    return Metric(namespace="AWS/Scheduler", name=metric, statistic="Sum", dimensions={"ScheduleGroup": group.name})
