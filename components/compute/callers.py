"""What calls a function: messages of a queue, changes of a table, the clock, requests; of a bucket's events, its own
part."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute import clock, routing
from components.compute.bucket_events import Listener
from components.compute.clock import ScheduleArgs, Starter
from components.compute.platform import ServiceArgs
from components.contracts import FrontDoor, Metric, Severity, Signal, Statement
from settings.function_triggers import EventRetrySettings, TableTriggerSettings
from settings.functions import FunctionSettings
from settings.jobs import RetrySettings

BALANCER = "elasticloadbalancing.amazonaws.com"
S3 = "s3.amazonaws.com"
INVOKE = "lambda:InvokeFunction"
# The settings' words in those of DynamoDB and of Lambda.
_HAPPENED = {"created": "INSERT", "changed": "MODIFY", "removed": "REMOVE"}
_START = {"newest": "LATEST", "oldest": "TRIM_HORIZON"}
# Lambda's own values for targets of its kind. Nobody asks a function for its health: each question would be a run.
CHECK_SECONDS = 35
CHECK_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class CallersArgs:
    """The function, the alias that is called, and the queue of what could not be handled, if anything is given up."""

    service: ServiceArgs[FunctionSettings]
    function: aws.lambda_.Function
    live: aws.lambda_.Alias
    failures: aws.sqs.Queue | None


@dataclass(frozen=True, kw_only=True)
class Callers:
    """What is worth watching of them, and what a bucket has to know that is to call."""

    signals: Sequence[Signal]
    listener: Listener | None


def make(name: str, args: CallersArgs, opts: pulumi.ResourceOptions) -> Callers:
    """All that the settings name."""
    settings = args.service.settings
    if args.failures is not None and settings.asynchronous:
        _events(name, args, args.failures, opts)
    if settings.queue is not None:
        _messages(name, args, opts)
    if args.failures is not None and settings.table is not None:
        _changes(name, args, settings.table, args.failures, opts)
    signals = [*_by_the_clock(name, args, opts), *_requests(name, args, opts)]
    return Callers(signals=signals, listener=_bucket(name, args, opts))


def _events(name: str, args: CallersArgs, failures: aws.sqs.Queue, opts: pulumi.ResourceOptions) -> None:
    """Events wait in Lambda until a run has handled them, or until they are given up and told of."""
    retry = args.service.settings.retry or EventRetrySettings()
    aws.lambda_.FunctionEventInvokeConfig(
        f"{name}-events",
        function_name=args.function.name,
        qualifier=args.live.name,
        maximum_retry_attempts=retry.attempts,
        maximum_event_age_in_seconds=retry.max_age_seconds,
        destination_config=aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(
            on_failure=aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnFailureArgs(destination=failures.arn)
        ),
        opts=opts,
    )


def _messages(name: str, args: CallersArgs, opts: pulumi.ResourceOptions) -> None:
    """Of a batch only those messages come back that the run names."""
    trigger = args.service.settings.queue
    assert trigger is not None, "only asked of a function with a queue"
    queue = args.service.access[trigger.name].queue
    assert queue is not None, "settings have seen to it that the store is a queue"
    most = args.service.settings.consumers
    aws.lambda_.EventSourceMapping(
        f"{name}-messages",
        event_source_arn=queue.arn,
        function_name=args.live.arn,
        batch_size=trigger.batch_size,
        maximum_batching_window_in_seconds=trigger.window_seconds or None,
        function_response_types=["ReportBatchItemFailures"],
        scaling_config=None
        if most is None
        else aws.lambda_.EventSourceMappingScalingConfigArgs(maximum_concurrency=most),
        opts=opts,
    )


def _changes(
    name: str,
    args: CallersArgs,
    trigger: TableTriggerSettings,
    failures: aws.sqs.Queue,
    opts: pulumi.ResourceOptions,
) -> None:
    """Changes of one item come in order. A batch that fails is tried again in halves from the change on that the run
    names, until the few that are at fault are given up; what is told of them then says where they are in the stream."""
    source = args.service.access[trigger.name].stream_arn
    assert source is not None, "settings have seen to it that the store is a table with a stream"
    told = (
        [{"eventName": [_HAPPENED[event] for event in trigger.events]}] if len(trigger.events) < len(_HAPPENED) else []
    )
    aws.lambda_.EventSourceMapping(
        f"{name}-changes",
        event_source_arn=source,
        function_name=args.live.arn,
        starting_position=_START[trigger.start],
        batch_size=trigger.batch_size,
        maximum_batching_window_in_seconds=trigger.window_seconds or None,
        parallelization_factor=trigger.parallel,
        bisect_batch_on_function_error=True,
        maximum_retry_attempts=trigger.attempts,
        maximum_record_age_in_seconds=trigger.max_age_seconds,
        function_response_types=["ReportBatchItemFailures"],
        filter_criteria=aws.lambda_.EventSourceMappingFilterCriteriaArgs(
            filters=[
                aws.lambda_.EventSourceMappingFilterCriteriaFilterArgs(pattern=json.dumps(pattern)) for pattern in told
            ]
        )
        if told
        else None,
        destination_config=aws.lambda_.EventSourceMappingDestinationConfigArgs(
            on_failure=aws.lambda_.EventSourceMappingDestinationConfigOnFailureArgs(destination_arn=failures.arn)
        ),
        opts=opts,
    )


def _by_the_clock(name: str, args: CallersArgs, opts: pulumi.ResourceOptions) -> list[Signal]:
    when, platform = args.service.settings.schedule, args.service.platform
    if when is None:
        return []
    assert args.failures is not None, "a function that is called by the clock has events"
    group = aws.scheduler.ScheduleGroup(f"{name}-group", opts=opts)
    may_call = Statement(sid="CallFunction", actions=[INVOKE], resources=[args.live.arn])
    statements = [may_call, *clock.telling(args.failures, platform.log_key_arn, platform.location)]
    purpose = "What the scheduler may do to call the function"
    starter = Starter(f"{name}-starter", statements, group, platform, opts, purpose=purpose)
    clock.schedule(
        name,
        ScheduleArgs(
            description=f"Calls the function {name}",
            when=when,
            retry=RetrySettings(),
            group=group,
            starter=starter,
            failures=args.failures,
            target_arn=args.live.arn,
        ),
        opts,
    )
    what, runbook = f"the function {name}", "function-failures.md"
    return [clock.not_started(name, what, group, runbook), clock.not_told(name, what, group, runbook)]


def _requests(name: str, args: CallersArgs, opts: pulumi.ResourceOptions) -> list[Signal]:
    route, platform = args.service.settings.route, args.service.platform
    if route is None:
        return []
    front = platform.internal_load_balancer if route.internal else platform.load_balancer
    assert front is not None, "made as soon as one route is internal"
    targets = aws.lb.TargetGroup(
        f"{name}-targets",  # at most 24 characters: auto-naming adds 8, AWS takes 32
        target_type="lambda",
        health_check=aws.lb.TargetGroupHealthCheckArgs(
            enabled=False, interval=CHECK_SECONDS, timeout=CHECK_TIMEOUT_SECONDS
        ),
        opts=opts,
    )
    may_call = _permission(f"{name}-requests", args, BALANCER, targets.arn, opts)
    attached = aws.lb.TargetGroupAttachment(
        f"{name}-target",
        target_group_arn=targets.arn,
        target_id=args.live.arn,
        # The load balancer refuses a function that it may not call.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[may_call])),
    )
    aws.lb.ListenerRule(
        f"{name}-route",
        listener_arn=front.listener_arn,
        priority=route.priority,
        conditions=routing.conditions(route),
        actions=[aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=targets.arn)],
        # Not before there is somebody to answer.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[attached])),
    )
    return [_unanswered(name, front, targets)]


def _unanswered(name: str, front: FrontDoor, targets: aws.lb.TargetGroup) -> Signal:
    """By the load balancer: a run that failed, was refused or took too long, or an answer that is none."""

    def counted(metric: str) -> Metric:
        return Metric(
            namespace="AWS/ApplicationELB",
            name=metric,
            statistic="Sum",
            dimensions={"LoadBalancer": front.arn_suffix, "TargetGroup": targets.arn_suffix},
        )

    return Signal(
        name=f"{name}-unanswered",
        metrics={"program": counted("LambdaUserError"), "service": counted("LambdaInternalError")},
        expression="FILL(program, 0) + FILL(service, 0)",
        comparison="GreaterThanThreshold",
        threshold=0,
        period_seconds=60,
        evaluation_periods=5,
        datapoints_to_alarm=3,
        missing="notBreaching",
        severity=Severity.CRITICAL,
        meaning=f"The load balancer gets no answer, or none that it understands, from the function {name}.",
        runbook="function-errors.md",
    )


def _bucket(name: str, args: CallersArgs, opts: pulumi.ResourceOptions) -> Listener | None:
    trigger = args.service.settings.bucket
    if trigger is None:
        return None
    bucket = args.service.access[trigger.name].bucket
    assert bucket is not None, "settings have seen to it that the store is a bucket"
    account = args.service.platform.location.account_id
    permission = _permission(f"{name}-objects", args, S3, bucket.arn, opts, account=account)
    return Listener(trigger=trigger, bucket=bucket, function_arn=args.live.arn, permission=permission)


def _permission(
    name: str,
    args: CallersArgs,
    service: str,
    source_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    *,
    account: str | None = None,
) -> aws.lambda_.Permission:
    """One service may call the alias, for one thing of ours. The ARN of a bucket does not say whose it is: `account`
    does."""
    return aws.lambda_.Permission(
        name,
        action=INVOKE,
        function=args.function.name,
        qualifier=args.live.name,
        principal=service,
        source_arn=source_arn,
        source_account=account,
        opts=opts,
    )
