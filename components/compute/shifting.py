"""Deployments in which ECS shifts requests from one group of targets to another: what it is told, what it may do."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute.routing import Routing
from components.contracts import Statement
from components.security import documents
from components.security.role import role
from components.security.unscoped import unscoped
from settings.deployments import BlueGreenSettings, CanarySettings, DeploymentSettings, LinearSettings, RollingSettings
from settings.location import Location

ECS = "ecs.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class ShifterArgs:
    """The routing of the service, the listeners that its rules are on, and the functions that ECS asks."""

    routing: Routing
    listener_arns: Sequence[pulumi.Input[str]]
    hooks: Sequence[str]
    location: Location


class Shifter(pulumi.ComponentResource):
    """The roles in which ECS moves the targets and the rules of one service, and asks its hooks; of no other.

    A component of its own because its statements name ARNs of the service's other parts (see `Roles`).
    """

    role_arn: pulumi.Output[str]
    hook_role_arn: pulumi.Output[str] | None

    def __init__(self, name: str, args: ShifterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        trusted = [trust(args.location)]
        moving, asking = _moving(args), _asking(args.hooks)
        props = {"statements": documents.rendered([*trusted, *moving, *asking])}
        super().__init__("groundwork:compute:Shifter", name, props, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.role_arn = _role(name, "What ECS may do to shift requests", trusted, moving, args.location, child)
        self.hook_role_arn = None
        if asking:
            what = "What ECS may do to ask hooks"
            self.hook_role_arn = _role(f"{name}-hooks", what, trusted, asking, args.location, child)
        self.register_outputs({"roleArn": self.role_arn})


def trust(location: Location) -> Statement:
    """ECS itself. AWS documents no condition that it meets, so of this account only where it says an account."""
    return documents.assumed_by(ECS, {"StringEqualsIfExists": {"aws:SourceAccount": location.account_id}})


def _moving(args: ShifterArgs) -> list[Statement]:
    """As AWS's own policy (AmazonECSInfrastructureRolePolicyForLoadBalancers, read 2026-11), by ARN. Which of the last
    two calls moves a rule is not documented."""
    routing = args.routing
    return [
        unscoped(
            "ReadRoutes",
            [f"elasticloadbalancing:Describe{what}" for what in ("Listeners", "Rules", "TargetGroups", "TargetHealth")],
        ),
        Statement(
            sid="MoveTargets",
            actions=["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
            resources=[group.arn for group in routing.groups],
        ),
        Statement(
            sid="MoveRules", actions=["elasticloadbalancing:ModifyRule"], resources=[r.arn for r in routing.rules]
        ),
        Statement(
            sid="MoveListeners", actions=["elasticloadbalancing:ModifyListener"], resources=list(args.listener_arns)
        ),
    ]


def _asking(hooks: Sequence[str]) -> list[Statement]:
    if not hooks:
        return []
    return [Statement(sid="AskHooks", actions=["lambda:InvokeFunction"], resources=list(dict.fromkeys(hooks)))]


def _role(
    name: str,
    description: str,
    trusted: Sequence[Statement],
    statements: Sequence[Statement],
    location: Location,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """Its ARN, known when it may do what it is for."""
    made = role(name, description, trusted, location, opts)
    policy = aws.iam.RolePolicy(f"{name}-policy", role=made.name, policy=documents.document(statements), opts=opts)
    return pulumi.Output.all(made.arn, policy.id).apply(lambda values: str(values[0]))


def configuration(
    deployment: DeploymentSettings, shifter: Shifter | None
) -> aws.ecs.ServiceDeploymentConfigurationArgs:
    """The strategy. Rolling is said too: the provider keeps a strategy that is merely left out."""
    made = aws.ecs.ServiceDeploymentConfigurationArgs
    if isinstance(deployment, RollingSettings):
        return made(strategy="ROLLING")
    bake, hooks = str(deployment.bake_minutes), _hooks(deployment, shifter)
    if isinstance(deployment, CanarySettings):
        canary = aws.ecs.ServiceDeploymentConfigurationCanaryConfigurationArgs(
            canary_percent=float(deployment.percent), canary_bake_time_in_minutes=str(deployment.canary_minutes)
        )
        return made(strategy="CANARY", bake_time_in_minutes=bake, canary_configuration=canary, lifecycle_hooks=hooks)
    if isinstance(deployment, LinearSettings):
        linear = aws.ecs.ServiceDeploymentConfigurationLinearConfigurationArgs(
            step_percent=float(deployment.step_percent), step_bake_time_in_minutes=str(deployment.step_minutes)
        )
        return made(strategy="LINEAR", bake_time_in_minutes=bake, linear_configuration=linear, lifecycle_hooks=hooks)
    return made(strategy="BLUE_GREEN", bake_time_in_minutes=bake, lifecycle_hooks=hooks)


def _hooks(
    deployment: BlueGreenSettings | CanarySettings | LinearSettings, shifter: Shifter | None
) -> list[aws.ecs.ServiceDeploymentConfigurationLifecycleHookArgs] | None:
    if not deployment.hooks or shifter is None or shifter.hook_role_arn is None:
        return None
    return [
        aws.ecs.ServiceDeploymentConfigurationLifecycleHookArgs(
            hook_target_arn=hook.function,
            lifecycle_stages=[stage.upper().replace("-", "_") for stage in hook.stages],
            role_arn=shifter.hook_role_arn,
        )
        for _, hook in sorted(deployment.hooks.items())
    ]


def hooks(deployment: DeploymentSettings) -> Sequence[str]:
    """The functions that ECS asks."""
    if isinstance(deployment, RollingSettings):
        return []
    return [hook.function for _, hook in sorted(deployment.hooks.items())]
