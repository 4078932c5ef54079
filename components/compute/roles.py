"""What a service may do: the role of its containers, and the role that starts them."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Access, Statement
from components.security import documents
from components.security.role import role as make_role
from components.security.sessions import OPEN_SESSIONS
from components.security.unscoped import unscoped
from settings import images
from settings.location import Location


@dataclass(frozen=True, kw_only=True)
class RolesArgs:
    """The statements of the containers, those of whoever starts them, and where both live."""

    task: Sequence[Statement]
    execution: Sequence[Statement]
    location: Location


class Roles(pulumi.ComponentResource):
    """The two roles of a service, which only its tasks can take, each with just the statements that it was given.

    A component of its own because its statements name ARNs of the service's other parts: as inputs of this component
    they can be judged one by one at preview.
    """

    task_arn: pulumi.Output[str]
    execution_arn: pulumi.Output[str]

    def __init__(self, name: str, args: RolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        trusted = trust(args.location)
        props = {"statements": documents.rendered([*trusted, *args.task, *args.execution])}
        super().__init__("groundwork:compute:Roles", name, props, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.task_arn = _role(f"{name}-task", "What the containers may do", trusted, args.task, args.location, child)
        self.execution_arn = _role(
            f"{name}-execution",
            "What ECS may do to start the containers",
            trusted,
            args.execution,
            args.location,
            child,
        )
        self.register_outputs({"taskArn": self.task_arn, "executionArn": self.execution_arn})


def trust(location: Location) -> list[Statement]:
    """Only ECS, and only for tasks of this account and region."""
    return [
        documents.assumed_by(
            "ecs-tasks.amazonaws.com",
            {
                "StringEquals": {"aws:SourceAccount": location.account_id},
                "ArnLike": {"aws:SourceArn": location.arn("ecs", "*")},
            },
        )
    ]


def writing_logs(log_group_arn: pulumi.Input[str]) -> Statement:
    """The log driver's rights, on one log group."""
    return Statement(
        sid="WriteLogs",
        actions=["logs:CreateLogStream", "logs:PutLogEvents"],
        resources=[pulumi.Output.concat(log_group_arn, ":*")],
    )


def pulling(repository_arn: pulumi.Input[str]) -> list[Statement]:
    """The rights to pull from one private repository."""
    return [
        unscoped("SignInToRegistry", ["ecr:GetAuthorizationToken"]),
        Statement(
            sid="PullImage",
            actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            resources=[repository_arn],
        ),
    ]


def private_repository(image: str, location: Location) -> str | None:
    """The ARN of the private ECR repository that an image reference names, or None for an image anybody may pull."""
    parsed = images.parse(image)
    if parsed.registry is None or not parsed.in_private_ecr:
        return None
    account, _, _, region, *_ = parsed.registry.split(".")
    return f"arn:{location.partition}:ecr:{region}:{account}:repository/{parsed.repository}"


def sessions(
    location: Location, session_log_arn: pulumi.Input[str], session_key_arn: pulumi.Input[str]
) -> list[Statement]:
    """What the agent of ECS Exec in the container needs: a channel, its key, and the session log."""
    return [
        OPEN_SESSIONS,
        Statement(
            sid="DecryptSessions",
            actions=["kms:Decrypt"],
            resources=[session_key_arn],
            # The agent names the session in the encryption context; nothing else under this key does (2026-11).
            conditions={"Null": {"kms:EncryptionContext:aws:ssm:SessionId": "false"}},
        ),
        Statement(
            sid="FindSessionLog", actions=["logs:DescribeLogGroups"], resources=[location.arn("logs", "log-group:*")]
        ),
        Statement(
            sid="WriteSessionLog",
            actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources=[pulumi.Output.concat(session_log_arn, ":*")],
        ),
    ]


def of_stores(access: Mapping[str, Access]) -> tuple[list[Statement], list[Statement]]:
    """The statements of all used stores for the task and for the execution role.

    Statements that differ in their resources only become one: all inline policies of a role may have 10,240 characters,
    which a service with twenty buckets would pass otherwise. The name of the (first) store goes in front of each sid: a
    sid may occur once in a document, and two buckets have the same.
    """
    stores = sorted(access.items())
    return (
        _joined([(store, statement) for store, granted in stores for statement in granted.statements]),
        _joined([(store, statement) for store, granted in stores for statement in granted.execution_statements]),
    )


def _joined(statements: Sequence[tuple[str, Statement]]) -> list[Statement]:
    groups: list[tuple[str, Statement, list[pulumi.Input[str]]]] = []
    for store, statement in statements:
        common = dataclasses.replace(statement, resources=())
        resources = next((there for _, other, there in groups if other == common), None)
        if resources is None:
            resources = []
            groups.append((store, common, resources))
        resources += [resource for resource in statement.resources if resource not in resources]
    return [
        dataclasses.replace(common, sid=f"{_prefix(store)}{common.sid}", resources=resources)
        for store, common, resources in groups
    ]


def _prefix(store: str) -> str:
    return "".join(part.capitalize() for part in store.split("-"))


def _role(
    name: str,
    description: str,
    trusted: Sequence[Statement],
    statements: Sequence[Statement],
    location: Location,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """A role without statements gets no policy: AWS refuses an empty document."""
    role = make_role(name, description, trusted, location, opts)
    if statements:
        aws.iam.RolePolicy(f"{name}-policy", role=role.name, policy=documents.of_role(statements, name), opts=opts)
    return role.arn
