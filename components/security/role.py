"""The one way in which this platform makes a role."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.contracts import Statement
from components.security import documents
from settings.location import Location


def role(
    name: str, description: str, trusted: Sequence[Statement], location: Location, opts: pulumi.ResourceOptions
) -> aws.iam.Role:
    """A role that only `trusted` may take, within the boundary that the stack's account sets, if it does.

    It may do nothing yet: its statements are somebody else's to attach, who names the ARNs.
    """
    return aws.iam.Role(
        name,
        description=description,
        assume_role_policy=documents.document(trusted),
        permissions_boundary=location.permissions_boundary,
        opts=opts,
    )
