"""A record of every connection in the VPC, accepted or refused."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Statement
from components.security import documents
from components.security.role import role as make_role
from settings.location import Location

SHORTEST_INTERVAL_SECONDS = 60  # the other choice is 600; the shorter one costs about the same unless traffic is heavy


@dataclass(frozen=True, kw_only=True)
class FlowLogsArgs:
    """Which VPC, into which log group."""

    vpc_id: pulumi.Input[str]
    log_group_arn: pulumi.Input[str]
    location: Location


class FlowLogs(pulumi.ComponentResource):
    """Flow logs of a whole VPC, written by a role that can write to this one log group and do nothing else."""

    def __init__(self, name: str, args: FlowLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        trust, rights = _trust(args.location), _rights(args)
        super().__init__(
            "groundwork:network:FlowLogs", name, {"statements": documents.rendered([trust, *rights])}, opts
        )
        child = pulumi.ResourceOptions(parent=self)
        role = make_role(f"{name}-role", "Writes the flow logs of the VPC", [trust], args.location, child)
        policy = aws.iam.RolePolicy(f"{name}-write", role=role.name, policy=documents.document(rights), opts=child)
        aws.ec2.FlowLog(
            name,
            vpc_id=args.vpc_id,
            traffic_type="ALL",
            max_aggregation_interval=SHORTEST_INTERVAL_SECONDS,
            log_destination_type="cloud-watch-logs",
            log_destination=args.log_group_arn,
            iam_role_arn=role.arn,
            tags={"Name": name},
            # Without its rights the role writes nothing, and the flow log reports an access error until a later retry.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.register_outputs({})


def _trust(location: Location) -> Statement:
    source = location.arn("ec2", "vpc-flow-log/*")
    conditions = {"StringEquals": {"aws:SourceAccount": location.account_id}, "ArnLike": {"aws:SourceArn": source}}
    return documents.assumed_by("vpc-flow-logs.amazonaws.com", conditions)


def _rights(args: FlowLogsArgs) -> list[Statement]:
    groups = args.location.arn("logs", "log-group:*")
    return [
        Statement(
            sid="WriteFlowLogs",
            actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources=[pulumi.Output.concat(args.log_group_arn, ":*")],
        ),
        # The service looks its group up in the list of all groups, which cannot be cut down to one.
        Statement(sid="FindLogGroup", actions=["logs:DescribeLogGroups"], resources=[groups]),
    ]
