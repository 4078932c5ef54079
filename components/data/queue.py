"""A queue of messages, with another one for those that nobody can handle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Access, QueueAddress, Severity, Signal, Statement
from components.data.store import StoreArgs
from components.security.queue import (
    LONGEST_RETENTION_SECONDS,
    PrivateQueueArgs,
    QueuePolicy,
    metric,
    private_queue,
    waiting,
)
from settings.queues import QueueSettings
from settings.stores import variable


@dataclass(frozen=True, kw_only=True)
class _Level:
    """What one level may do to the queue and with the key; the suffix keeps its statements apart from the other's."""

    sid: str
    actions: Sequence[str]
    on_key: Sequence[str]


_LEVELS: Mapping[str, _Level] = {
    # SQS asks KMS in the name of the sender for a data key, and to read it (SQS developer guide, read 2026-11).
    "send": _Level(
        sid="Send",
        actions=["sqs:GetQueueAttributes", "sqs:SendMessage"],
        on_key=["kms:Decrypt", "kms:GenerateDataKey"],
    ),
    "receive": _Level(
        sid="Receive",
        actions=["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        on_key=["kms:Decrypt"],
    ),
    "admin": _Level(
        sid="Administer",
        actions=[
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:PurgeQueue",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",
        ],
        on_key=["kms:Decrypt", "kms:GenerateDataKey"],
    ),
}
# What sending a dead letter back takes at its queue, by whoever may put messages into the other one.
_REDRIVING = (
    "sqs:CancelMessageMoveTask",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ListMessageMoveTasks",
    "sqs:ReceiveMessage",
    "sqs:StartMessageMoveTask",
)


class Queue(pulumi.ComponentResource):
    """Messages, encrypted with our key, TLS only; one that was received too often waits in the dead-letter queue for a
    person to look at it and send it back, and no other queue may use that one."""

    signals: Sequence[Signal]
    ready_arn: pulumi.Output[str]
    """Known only when the policy is in force: S3 tries it when it is told of the queue."""
    recoverable: None = None
    """Messages pass through: AWS Backup does not know queues, and what is in one is gone when it has been handled."""

    def __init__(self, name: str, args: StoreArgs[QueueSettings], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:data:Queue", name, None, opts)
        self._args = args
        child = pulumi.ResourceOptions(parent=self)
        kept = pulumi.ResourceOptions(parent=self, protect=args.protected, retain_on_delete=args.protected)
        settings = args.settings
        dead = private_queue(
            f"{name}-dead",
            PrivateQueueArgs(key_arn=args.key_arn, retention_seconds=LONGEST_RETENTION_SECONDS, fifo=settings.fifo),
            kept,
        )
        queue = private_queue(
            name,
            PrivateQueueArgs(
                key_arn=args.key_arn,
                retention_seconds=settings.retention_days * 86400,
                visibility_seconds=settings.visibility_seconds,
                fifo=settings.fifo,
                redrive=_json({"deadLetterTargetArn": dead.arn, "maxReceiveCount": settings.max_receives}),
            ),
            kept,
        )
        aws.sqs.RedriveAllowPolicy(
            f"{name}-dead-sources",
            queue_url=dead.url,
            redrive_allow_policy=_json({"redrivePermission": "byQueue", "sourceQueueArns": [queue.arn]}),
            opts=child,
        )
        told = [_told(queue, args)] if args.told_by else []
        policy = QueuePolicy(f"{name}-policy", queue, told, opts=child, retained=args.protected)
        QueuePolicy(f"{name}-dead-policy", dead, opts=child, retained=args.protected)
        self._queue, self._dead = queue, dead
        self.ready_arn = policy.queue_arn
        self.signals = _signals(name, args, queue, dead)
        self.register_outputs({"queueName": queue.name, "queueArn": queue.arn, "queueUrl": queue.url})

    def access(self, level: str) -> Access:
        """`send`: put messages into the queue. `receive`: take them, and say that they are handled; never purge it.
        `admin`: both, purge the queue, and look at dead letters and send them back."""
        if level not in _LEVELS:
            raise ValueError(f"queue {self._args.store!r} has no access level {level!r}: use one of {sorted(_LEVELS)}")
        granted, location = _LEVELS[level], self._args.location
        via = {"StringEquals": {"kms:ViaService": f"sqs.{location.region}.{location.dns_suffix}"}}
        return Access(
            statements=[
                Statement(sid=f"{granted.sid}Messages", actions=granted.actions, resources=[self._queue.arn]),
                Statement(
                    sid=f"UseQueueKeyTo{granted.sid}",
                    actions=granted.on_key,
                    resources=[self._args.key_arn],
                    conditions=via,
                ),
                *(
                    [Statement(sid="SendDeadLettersBack", actions=_REDRIVING, resources=[self._dead.arn])]
                    if level == "admin"
                    else []
                ),
            ],
            environment={variable(self._args.store, "QUEUE"): self._queue.url},
            queue=QueueAddress(name=self._queue.name, arn=self._queue.arn, url=self._queue.url),
        )


def _told(queue: aws.sqs.Queue, args: StoreArgs[QueueSettings]) -> Statement:
    return Statement(
        sid="MessagesOfBuckets",
        actions=["sqs:SendMessage"],
        resources=[queue.arn],
        principals={"Service": ["s3.amazonaws.com"]},
        conditions={
            "ArnEquals": {"aws:SourceArn": list(args.told_by)},
            "StringEquals": {"aws:SourceAccount": args.location.account_id},
        },
    )


def _json(content: Mapping[str, object]) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps(content, sort_keys=True, separators=(",", ":"))


def _signals(name: str, args: StoreArgs[QueueSettings], queue: aws.sqs.Queue, dead: aws.sqs.Queue) -> list[Signal]:
    age = args.settings.alarm_age_seconds
    return [
        # The age is of the oldest message that was not deleted. One that is set aside no longer counts, and neither
        # does, in a standard queue, one that was received three times or more (SQS developer guide, read 2026-11).
        Signal(
            name=f"{name}-age",
            metrics={"age": metric(queue, "ApproximateAgeOfOldestMessage")},
            comparison="GreaterThanOrEqualToThreshold",
            threshold=age,
            period_seconds=60,
            evaluation_periods=5,
            datapoints_to_alarm=5,
            missing="notBreaching",  # SQS sends nothing about a queue that nobody has used for six hours
            severity=Severity.CRITICAL,
            meaning=f"Messages have waited in the queue {args.store} for {age} s or longer: nobody keeps up with it.",
            runbook="queue-age.md",
        ),
        waiting(
            f"{name}-dead-letters", dead, f"Messages of the queue {args.store} were set aside: nobody can handle them."
        ),
    ]
