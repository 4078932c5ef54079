"""What the instances of a group run as."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.contracts import Statement
from components.security import documents, instances
from components.security.role import role as make_role
from settings.location import Location


class MachineRole(pulumi.ComponentResource):
    """A role that only EC2 hands out, with sessions through Systems Manager and the statements that it was given.

    A component of its own because its statements name ARNs of other parts: as inputs of this component they can be
    judged one by one at preview. `profile_arn` is known only when the role has its rights: an instance needs them at
    once.
    """

    role_arn: pulumi.Output[str]
    profile_arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        description: str,
        statements: Sequence[Statement],
        location: Location,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        trusted = [instances.trust(location)]
        rights = [*instances.managed(location), *statements]
        super().__init__(
            "groundwork:compute:MachineRole", name, {"statements": documents.rendered([*trusted, *rights])}, opts
        )
        child = pulumi.ResourceOptions(parent=self)
        role = make_role(name, description, trusted, location, child)
        policy = aws.iam.RolePolicy(name, role=role.name, policy=documents.of_role(rights, name), opts=child)
        profile = aws.iam.InstanceProfile(name, role=role.name, opts=child)
        self.role_arn = role.arn
        self.profile_arn = pulumi.Output.all(profile.arn, policy.id).apply(lambda values: str(values[0]))
        self.register_outputs({"roleArn": self.role_arn})
