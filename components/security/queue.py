"""The one way in which this platform makes a queue."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Metric, Signal, Statement, happened
from components.security import documents

# The longest that SQS keeps a message (API, read 2026-11).
LONGEST_RETENTION_SECONDS = 14 * 86400
# A receiver waits for a message for so long instead of asking again and again: the longest there is, and the cheapest.
WAIT_SECONDS = 20
# SQS asks KMS once in so many seconds for each sender and receiver, instead of for every message (its own default).
KEY_REUSE_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class PrivateQueueArgs:
    """What differs between queues: the key, how long messages are kept, how many receivers may fail with one."""

    key_arn: pulumi.Input[str]
    retention_seconds: int
    visibility_seconds: int = 30
    fifo: bool = False
    redrive: pulumi.Input[str] | None = None
    """Where messages go that nobody could handle, as SQS takes it; None for a queue that is itself the end."""


def private_queue(name: str, args: PrivateQueueArgs, opts: pulumi.ResourceOptions) -> aws.sqs.Queue:
    """A queue encrypted with our key. Whoever makes it still has to give it a policy (`QueuePolicy`)."""
    return aws.sqs.Queue(
        name,
        fifo_queue=True if args.fifo else None,
        # High throughput: order and single handling hold within a group, and each group has a partition of its own.
        deduplication_scope="messageGroup" if args.fifo else None,
        fifo_throughput_limit="perMessageGroupId" if args.fifo else None,
        content_based_deduplication=True if args.fifo else None,
        kms_master_key_id=args.key_arn,
        kms_data_key_reuse_period_seconds=KEY_REUSE_SECONDS,
        message_retention_seconds=args.retention_seconds,
        visibility_timeout_seconds=args.visibility_seconds,
        receive_wait_time_seconds=WAIT_SECONDS,
        redrive_policy=args.redrive,
        opts=opts,
    )


class QueuePolicy(pulumi.ComponentResource):
    """The policy of a queue: only over TLS, and whatever `grants` adds.

    A component of its own because its statements name the ARN of the queue: as inputs of this component they can be
    judged one by one at preview, when the ARN, and with it the whole document, is still unknown. `retained`: stays when
    the stack goes, as a queue that stays must keep its policy.
    """

    queue_arn: pulumi.Output[str]
    """ARN of the queue, known only when the policy is in force."""

    def __init__(
        self,
        name: str,
        queue: aws.sqs.Queue,
        grants: Sequence[Statement] = (),
        opts: pulumi.ResourceOptions | None = None,
        *,
        retained: bool = False,
    ) -> None:
        statements = [_tls_only(queue), *grants]
        super().__init__("groundwork:security:QueuePolicy", name, {"statements": documents.rendered(statements)}, opts)
        policy = aws.sqs.QueuePolicy(
            f"{name}-document",
            queue_url=queue.url,
            policy=documents.document(statements),
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=retained),
        )
        # Both outputs, so that who follows the edges finds the queue as well as the policy it waits for.
        self.queue_arn = pulumi.Output.all(queue.arn, policy.queue_url).apply(lambda values: str(values[0]))
        self.register_outputs({"queueArn": self.queue_arn})


def _tls_only(queue: aws.sqs.Queue) -> Statement:
    return Statement(
        sid="OnlyOverTls",
        effect="Deny",
        actions=["sqs:*"],
        resources=[queue.arn],
        principals={"AWS": ["*"]},
        conditions={"Bool": {"aws:SecureTransport": "false"}},
    )


def waiting(name: str, queue: aws.sqs.Queue, meaning: str, runbook: str = "queue-dead-letters.md") -> Signal:
    """There is a message in a queue that should be empty. Over when somebody has taken it out."""
    return happened(name, {"waiting": metric(queue, "ApproximateNumberOfMessagesVisible")}, meaning, runbook)


def metric(queue: aws.sqs.Queue, name: str) -> Metric:
    """The highest value of a metric of the queue."""
    return Metric(namespace="AWS/SQS", name=name, statistic="Maximum", dimensions={"QueueName": queue.name})
