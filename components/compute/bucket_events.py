"""What buckets tell functions and queues. S3 keeps one list for a bucket, whoever is in it: one resource for each."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import BucketAddress, Notice, Store, Telling
from settings.function_triggers import BucketTriggerSettings

EVENTS = {"created": "s3:ObjectCreated:*", "removed": "s3:ObjectRemoved:*"}


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A function that a bucket is to call, and the right to, without which S3 refuses it."""

    trigger: BucketTriggerSettings
    bucket: BucketAddress
    function_arn: pulumi.Input[str]
    permission: pulumi.Resource


def connect(listeners: Mapping[str, Listener], stores: Mapping[str, Store], opts: pulumi.ResourceOptions) -> None:
    """Tells each bucket of the functions (by name) that it is to call, and of the queues that it tells itself.

    Whatever somebody else has written into the list is gone then. One more or less of them changes the list of its
    bucket in place.
    """
    telling = {name: store for name, store in stores.items() if isinstance(store, Telling) and store.notices}
    for name in sorted({*telling, *(listener.trigger.name for listener in listeners.values())}):
        called = {service: one for service, one in sorted(listeners.items()) if one.trigger.name == name}
        notices = telling[name].notices if name in telling else {}
        bucket = next((one.bucket for one in called.values()), None) or telling[name].bucket
        aws.s3.BucketNotification(
            f"{name}-events",
            bucket=bucket.name,
            lambda_functions=[_called(service, listener) for service, listener in called.items()] or None,
            # AWS Backup turns it on itself; without it here the next change of the list would turn it off again.
            eventbridge=True if bucket.backed_up else None,
            queues=[_told(queue, notice) for queue, notice in sorted(notices.items())] or None,
            opts=pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(depends_on=[one.permission for one in called.values()])
            ),
        )


def _told(queue: str, notice: Notice) -> aws.s3.BucketNotificationQueueArgs:
    return aws.s3.BucketNotificationQueueArgs(
        id=queue,
        queue_arn=notice.queue_arn,
        events=[EVENTS[event] for event in sorted(notice.events)],
        filter_prefix=notice.prefix or None,
        filter_suffix=notice.suffix or None,
    )


def _called(name: str, listener: Listener) -> aws.s3.BucketNotificationLambdaFunctionArgs:
    trigger = listener.trigger
    return aws.s3.BucketNotificationLambdaFunctionArgs(
        id=name,
        lambda_function_arn=listener.function_arn,
        events=[EVENTS[event] for event in sorted(trigger.events)],
        filter_prefix=trigger.prefix or None,
        filter_suffix=trigger.suffix or None,
    )
