"""EC2 capacity of the cluster: its instances, who may run on them, and that Fargate stays as it is without any."""

import base64
import json
from typing import Any

import pytest

from components.contracts import Severity
from components.observability.alarms import RUNBOOKS
from settings.capacity import ComputeSettings
from tests.components.kinds import EGRESS, INGRESS, SERVICE, TASK, WEB, compute, statements

GROUP, TEMPLATE = "aws:autoscaling/group:Group", "aws:ec2/launchTemplate:LaunchTemplate"
PROVIDER = "aws:ecs/capacityProvider:CapacityProvider"
PROVIDERS = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
ARM = {"machine": {"type": "t4g.medium"}, "min": 2, "max": 4}
ON_ARM = {**WEB, "size": {"cpu": 256, "memory": 512, "architecture": "arm64"}, "runsOn": "arm"}
NAME = "compute-ec2-arm"


def cluster(service: Any = ON_ARM, **change: Any) -> Any:
    settings = ComputeSettings.model_validate({"capacity": {"arm": {**ARM, **change}}})
    return compute("web", service, cluster=settings)


def test_a_stack_without_capacity_has_fargate_and_no_instance(deploy: Any) -> None:
    made = deploy(compute("web", WEB))
    assert made.one(PROVIDERS).inputs["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    for kind in (GROUP, TEMPLATE, PROVIDER):
        assert made.of(kind) == {}
    assert made.one(TASK).inputs["requiresCompatibilities"] == ["FARGATE"]


def test_ecs_knows_the_capacity_before_any_service_is_placed(deploy: Any) -> None:
    made = deploy(cluster())
    provider = made.one(PROVIDER)
    names = made.one(PROVIDERS).inputs["capacityProviders"]
    assert names[:2] == ["FARGATE", "FARGATE_SPOT"]
    assert made.one(PROVIDERS).property_dependencies["capacityProviders"] == {provider.urn}
    assert made.one(PROVIDERS).urn in made.one(SERVICE).dependencies


def test_a_service_on_it_is_placed_there_and_one_beside_it_on_fargate(deploy: Any) -> None:
    made = deploy(cluster())
    (placed,) = made.one(SERVICE).inputs["capacityProviderStrategies"]
    assert placed["capacityProvider"] == made.one(PROVIDERS).inputs["capacityProviders"][2]
    assert (placed["base"], placed["weight"]) == (0, 1)
    assert "launchType" not in made.one(SERVICE).inputs, "AWS takes either"
    task = made.one(TASK).inputs
    assert (task["requiresCompatibilities"], task["networkMode"]) == (["EC2"], "awsvpc")
    assert task["runtimePlatform"]["cpuArchitecture"] == "ARM64"

    beside = deploy(cluster(WEB))
    assert [p["capacityProvider"] for p in beside.one(SERVICE).inputs["capacityProviderStrategies"]] == ["FARGATE"]
    assert beside.one(TASK).inputs["requiresCompatibilities"] == ["FARGATE"]


def test_the_walls_and_roles_of_a_task_are_the_same_as_on_fargate(deploy: Any) -> None:
    on_ec2, on_fargate = deploy(cluster()), deploy(cluster({**ON_ARM, "runsOn": None}))
    for kind in (INGRESS, EGRESS, "aws:iam/rolePolicy:RolePolicy"):
        assert on_ec2.inputs(kind) == on_fargate.inputs(kind)
    assert on_ec2.one(SERVICE).inputs["networkConfiguration"]["assignPublicIp"] is False


def test_ecs_adds_instances_and_takes_away_only_empty_ones(deploy: Any) -> None:
    made = deploy(cluster(usedPercent=90))
    provider = made.one(PROVIDER).inputs["autoScalingGroupProvider"]
    assert (provider["managedDraining"], provider["managedTerminationProtection"]) == ("ENABLED", "ENABLED")
    assert (provider["managedScaling"]["status"], provider["managedScaling"]["targetCapacity"]) == ("ENABLED", 90)
    group = made.one(GROUP)
    assert group.inputs["protectFromScaleIn"] is True, "AWS refuses the protection by ECS without"
    assert (group.inputs["minSize"], group.inputs["maxSize"]) == (2, 4)
    assert "desiredCapacity" in group.ignore_changes, "ECS owns it"
    assert {"key": "AmazonECSManaged", "value": "true", "propagateAtLaunch": True} in group.inputs["tags"]
    assert group.inputs["vpcZoneIdentifiers"] == ["private-a", "private-b"]


def test_an_instance_starts_from_the_image_for_ecs_and_is_hardened(deploy: Any) -> None:
    made = deploy(cluster(machine={"type": "m7i.large", "imageAsOf": "2026-11-01"}))
    stack = made.one("aws:cloudformation/stack:Stack").inputs["parameters"]
    assert stack["Image"] == "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
    arm = deploy(cluster()).one("aws:cloudformation/stack:Stack").inputs["parameters"]
    assert arm["Image"] == "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id"
    template = made.one(TEMPLATE).inputs
    assert template["imageId"].startswith("ami-")
    assert template["metadataOptions"]["httpTokens"] == "required"
    assert template["metadataOptions"]["httpPutResponseHopLimit"] == 1
    (disk,) = template["blockDeviceMappings"]
    assert (disk["ebs"]["encrypted"], disk["ebs"]["volumeSize"]) == ("true", 30)
    assert "keyName" not in template


def test_an_instance_signs_in_to_this_cluster_and_keeps_its_metadata_from_tasks(deploy: Any) -> None:
    made = deploy(cluster())
    script = base64.b64decode(made.one(TEMPLATE).inputs["userData"]).decode()
    assert "ECS_CLUSTER=compute-cluster-" in script
    assert "ECS_AWSVPC_BLOCK_IMDS=true" in script
    assert "ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true" in script
    assert "@" not in script.replace("@ signs", "")


def test_it_may_do_what_the_agent_does_for_this_cluster_alone(deploy: Any) -> None:
    made = deploy(cluster())
    rights = statements(made, f"{NAME}-instance")
    assert rights.keys() == {"SayThatItRuns", "OpenSessions", "SignIn", "TakeWork", "FindTheService"}
    assert [sid for sid, s in rights.items() if s["Resource"] == ["*"]] == ["OpenSessions", "FindTheService"]
    (arn,) = rights["SignIn"]["Resource"]
    assert ":cluster/compute-cluster-" in arn
    assert list(rights["TakeWork"]["Condition"]) == ["ArnEquals"]
    actions = {action for statement in rights.values() for action in statement["Action"]}
    assert not [action for action in actions if action.startswith(("ecr:", "logs:", "secretsmanager:", "ec2:"))]


def test_nothing_gets_to_an_instance(deploy: Any) -> None:
    made = deploy(cluster())
    assert [name for name in made.inputs(INGRESS) if name.startswith(NAME)] == []
    out = {name: rule for name, rule in made.inputs(EGRESS).items() if name.startswith(NAME)}
    assert {name: (rule["fromPort"], rule["toPort"]) for name, rule in out.items()} == {
        f"{NAME}-egress-https": (443, 443)
    }
    assert made.of(EGRESS)[f"{NAME}-egress-https"].urn in made.one(GROUP).dependencies


def test_another_image_replaces_instances_one_after_the_other(deploy: Any) -> None:
    refresh = deploy(cluster()).one(GROUP).inputs["instanceRefresh"]
    assert refresh["strategy"] == "Rolling"
    preferences = refresh["preferences"]
    assert preferences["minHealthyPercentage"] == 100
    assert preferences["scaleInProtectedInstances"] == "Refresh", "all of them are protected"
    assert "autoRollback" not in preferences


@pytest.mark.parametrize(("days", "seconds"), [(None, None), (30, 30 * 86400)])
def test_an_instance_lives_as_long_as_it_may(deploy: Any, days: int | None, seconds: int | None) -> None:
    machine = {"type": "t4g.medium", **({} if days is None else {"longestLifeDays": days})}
    assert deploy(cluster(machine=machine)).one(GROUP).inputs.get("maxInstanceLifetime") == seconds


def test_it_is_watched_for_instances_that_are_missing_wanted_or_as_many_as_may_be(deploy: Any) -> None:
    made = deploy(cluster())
    signals = {signal.name: signal for signal in made.built.cluster_signals if signal.name.startswith(NAME)}
    assert set(signals) == {f"{NAME}-below-minimum", f"{NAME}-short", f"{NAME}-full"}
    assert {signal.runbook for signal in signals.values()} == {"cluster-capacity.md"}
    text = (RUNBOOKS / "cluster-capacity.md").read_text()
    assert all(f"-{topic}`" in text for topic in ("below-minimum", "short", "full"))
    (short,) = signals[f"{NAME}-short"].metrics.values()
    assert (short.namespace, short.name) == ("AWS/ECS/ManagedScaling", "CapacityProviderReservation")
    assert set(short.dimensions) == {"CapacityProviderName", "ClusterName"}
    assert signals[f"{NAME}-short"].severity is Severity.CRITICAL
    enabled = made.one(GROUP).inputs["enabledMetrics"]
    used = {m.name for s in signals.values() for m in s.metrics.values() if m.namespace == "AWS/AutoScaling"}
    assert used <= set(enabled)


def test_its_rights_are_inputs_of_a_component_where_policies_see_them(deploy: Any) -> None:
    made = deploy(cluster())
    said = made.one("groundwork:compute:MachineRole").inputs["statements"]
    policy = made.of("aws:iam/rolePolicy:RolePolicy")[f"{NAME}-instance"].inputs["policy"]
    assert all(statement in said for statement in json.loads(policy)["Statement"])


@pytest.mark.parametrize(("counted", "value"), [(True, "enabled"), (False, "disabled")])
def test_tasks_are_counted_only_where_the_stack_wants_it_and_the_cluster_says_so(
    deploy: Any, counted: bool, value: str
) -> None:
    settings = ComputeSettings.model_validate({"containerInsights": counted})
    made = deploy(compute("web", WEB, protected=False, cluster=settings))
    assert made.one("aws:ecs/cluster:Cluster").inputs["settings"] == [{"name": "containerInsights", "value": value}]
    namespaces = {metric.namespace for signal in made.built.signals for metric in signal.metrics.values()}
    assert ("ECS/ContainerInsights" in namespaces) is counted
    assert {"web-no-healthy-task", "web-errors"} <= {signal.name for signal in made.built.signals}
