"""The few actions that cannot be cut down to an ARN, each with its reason: nowhere else does a policy say `*`."""

from collections.abc import Mapping, Sequence

import pulumi

from components.contracts import Statement

# Action -> why it has no resource level (IAM service authorization reference, 2026-09).
ACTIONS: Mapping[str, str] = {
    "autoscaling:DescribeAutoScalingGroups": "only lists, and lists have no resource level",
    "autoscaling:DescribeInstanceRefreshes": "only lists, and lists have no resource level",
    "autoscaling:DescribeScalingActivities": "only lists, and lists have no resource level",
    "backup:DescribeRestoreJob": "restore jobs are not resources of IAM",
    "backup:ListRestoreJobsByProtectedResource": "restore jobs are not resources of IAM",
    "backup:PutRestoreValidationResult": "restore jobs are not resources of IAM",
    "cloudwatch:PutMetricData": "metrics are not resources of IAM; a condition names the namespace",
    "ec2:DescribeLaunchTemplateVersions": "only lists, and lists have no resource level",
    "ec2:DescribeNetworkInterfaces": "looking at interfaces cannot be cut down to some of them",
    "ec2:DescribeSubnets": "looking at subnets cannot be cut down to some of them",
    "ecr:GetAuthorizationToken": "signs in to the account's registry, before any repository is named",
    "ecs:DiscoverPollEndpoint": "an instance asks for it before it belongs to a cluster",
    "elasticloadbalancing:DescribeListeners": "only lists, and lists have no resource level",
    "elasticloadbalancing:DescribeRules": "only lists, and lists have no resource level",
    "elasticloadbalancing:DescribeTargetGroups": "only lists, and lists have no resource level",
    "elasticloadbalancing:DescribeTargetHealth": "only lists, and lists have no resource level",
    "ssmmessages:CreateControlChannel": "a channel has no name before it is made",
    "ssmmessages:CreateDataChannel": "a channel has no name before it is made",
    "ssmmessages:OpenControlChannel": "channels are not resources of IAM",
    "ssmmessages:OpenDataChannel": "channels are not resources of IAM",
}


def unscoped(
    sid: str,
    actions: Sequence[str],
    conditions: Mapping[str, Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]] | None = None,
) -> Statement:
    """A statement about every resource. Raises ValueError for an action that is not in the list."""
    strays = sorted(set(actions) - ACTIONS.keys())
    if strays:
        raise ValueError(f"{', '.join(strays)}: name the ARN, or say in ACTIONS why there is none")
    return Statement(sid=sid, actions=actions, resources=["*"], conditions=conditions or {})
