"""An object in every bucket that is backed up, by which a restored copy of the bucket is known to be one."""

import hashlib

import pulumi
import pulumi_aws as aws

from components.contracts import Recoverable

PREFIX = ".groundwork/canary-"
"""In front of the SHA-256 of what is in it: whoever reads the object can check it without knowing anything else."""


def canary(name: str, bucket: Recoverable, opts: pulumi.ResourceOptions) -> aws.s3.BucketObjectv2:
    """The object. It is the same for as long as the store has its name."""
    content = (
        f"groundwork leaves this object in the bucket {bucket.name}. Restores of the bucket are tested by it:\n"
        "they fail where it is missing or different. Do not delete it.\n"
    )
    return aws.s3.BucketObjectv2(
        f"{name}-canary-{bucket.name}",
        bucket=pulumi.Output.from_input(bucket.arn).apply(lambda arn: arn.rpartition(":")[2]),
        key=f"{PREFIX}{hashlib.sha256(content.encode()).hexdigest()}",
        content=content,
        content_type="text/plain",
        opts=opts,
    )
