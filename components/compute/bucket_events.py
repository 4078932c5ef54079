"""What buckets tell functions. S3 keeps one list for a bucket, whoever is in it, so there is one resource for each."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import BucketAddress
from settings.function_triggers import BucketTriggerSettings

EVENTS = {"created": "s3:ObjectCreated:*", "removed": "s3:ObjectRemoved:*"}


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A function that a bucket is to call, and the right to, without which S3 refuses it."""

    trigger: BucketTriggerSettings
    bucket: BucketAddress
    function_arn: pulumi.Input[str]
    permission: pulumi.Resource


def connect(listeners: Mapping[str, Listener], opts: pulumi.ResourceOptions) -> None:
    """Tells each bucket of the functions (by name) that it is to call.

    Whatever somebody else has written into the list is gone then. One function more or less changes the list of its
    bucket in place.
    """
    for store in sorted({listener.trigger.name for listener in listeners.values()}):
        called = {name: one for name, one in sorted(listeners.items()) if one.trigger.name == store}
        aws.s3.BucketNotification(
            f"{store}-events",
            bucket=next(iter(called.values())).bucket.name,
            lambda_functions=[_called(name, listener) for name, listener in called.items()],
            opts=pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(depends_on=[one.permission for one in called.values()])
            ),
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
