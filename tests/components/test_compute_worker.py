"""A worker consumes its queue, protects its work, and nobody can call it."""

from typing import Any

import pulumi
import pytest

from components.observability.alarms import RUNBOOKS
from tests.components.kinds import QUEUE_URL, SERVICE, compute, containers, own, statements

WORKER: dict[str, Any] = {
    "kind": "worker",
    "image": "shop/indexer:1",
    "queue": "jobs",
    "timeoutSeconds": 90,
    "size": {"cpu": 256, "memory": 512, "architecture": "arm64"},
    "scale": {"min": 2, "max": 10, "track": {"backlogPerTask": 100}},
    "environment": {"LOG_LEVEL": "info"},
    "uses": {},
}


def worker(*, protected: bool = True, **change: Any) -> Any:
    return compute("indexer", {**WORKER, **change}, protected=protected)


def test_it_stands_behind_nothing_and_no_packet_gets_in(deploy: Any) -> None:
    made = deploy(worker())
    kinds = {kind for kind, _ in own(made, "indexer")}
    assert not {k for k in kinds if k.startswith("lb/") or "IngressRule" in k}, "nobody calls a worker"
    assert "loadBalancers" not in made.one(SERVICE).inputs
    assert "healthCheckGracePeriodSeconds" not in made.one(SERVICE).inputs
    assert containers(made)["app"]["portMappings"] == []
    assert {n for n in made.of("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") if "indexer" in n} == {
        "indexer-egress-https"
    }


def test_it_lives_in_private_subnets_and_goes_back_by_itself(deploy: Any) -> None:
    service = deploy(worker()).one(SERVICE)
    network = service.inputs["networkConfiguration"]
    assert (network["subnets"], network["assignPublicIp"]) == (["private-a", "private-b"], False)
    assert service.inputs["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert service.inputs["deploymentMinimumHealthyPercent"] == 100
    assert service.ignore_changes == ("desiredCount",)


def test_it_may_receive_from_its_queue_without_a_word_in_uses(deploy: Any) -> None:
    granted = statements(deploy(worker()), "indexer-roles-task-policy")
    assert granted["JobsReceiveMessages"]["Action"] == ["sqs:ReceiveMessage"]
    assert set(granted) == {"JobsReceiveMessages", "ProtectWork"}


def test_it_may_also_send_to_its_own_queue_when_it_says_so(deploy: Any) -> None:
    granted = statements(deploy(worker(uses={"jobs": "send", "uploads": "read"})), "indexer-roles-task-policy")
    assert set(granted) == {"JobsReceiveMessages", "JobsSendMessages", "UploadsUseObjects", "ProtectWork"}


def test_its_program_is_told_the_queue_and_how_long_work_may_take(deploy: Any) -> None:
    told = {v["name"]: v["value"] for v in containers(deploy(worker()))["app"]["environment"]}
    assert told == {"JOBS_QUEUE": QUEUE_URL, "LOG_LEVEL": "info", "WORK_QUEUE": QUEUE_URL, "WORK_SECONDS": "90"}


def test_a_task_may_protect_tasks_of_its_cluster_and_nothing_else_of_ecs(deploy: Any) -> None:
    protecting = statements(deploy(worker()), "indexer-roles-task-policy")["ProtectWork"]
    assert protecting["Action"] == ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"]
    (resource,) = protecting["Resource"]
    assert resource.startswith("arn:aws:ecs:us-east-1:111122223333:task/compute-cluster-")
    assert resource.endswith("/*")
    assert list(protecting["Condition"]) == ["ArnEquals"]
    assert list(protecting["Condition"]["ArnEquals"]) == ["ecs:cluster"]


def test_it_scales_by_the_messages_that_wait_for_each_task(deploy: Any) -> None:
    made = deploy(worker())
    target = made.one("aws:appautoscaling/target:Target").inputs
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 10)
    policy = made.one("aws:appautoscaling/policy:Policy").inputs["targetTrackingScalingPolicyConfiguration"]
    assert policy["targetValue"] == 100
    metrics = {m["id"]: m for m in policy["customizedMetricSpecification"]["metrics"]}
    waiting = metrics["waiting"]["metricStat"]["metric"]
    assert waiting["dimensions"] == [{"name": "QueueName", "value": "data-jobs-1"}]


@pytest.mark.parametrize(("seconds", "minutes"), [(90, "22m"), (43200, "740m"), (1, "21m")])
def test_an_update_waits_for_work_that_is_protected(
    deploy: Any, seconds: int, minutes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    original = pulumi.CustomTimeouts

    def timeouts(**values: str) -> pulumi.CustomTimeouts:
        asked.append(values)
        return original(**values)

    monkeypatch.setattr(pulumi, "CustomTimeouts", timeouts)
    deploy(worker(timeoutSeconds=seconds))
    assert asked == [{"create": minutes, "update": minutes, "delete": minutes}]


def test_how_it_is_run_stopped_and_asked_for_its_health_is_a_setting(deploy: Any) -> None:
    change: dict[str, Any] = {
        "command": ["python", "a.py"],
        "healthCommand": ["test", "-e", "/proc/1"],
        "stopSeconds": 110,
    }
    asked = containers(deploy(worker(**change)))["app"]
    assert (asked["command"], asked["stopTimeout"]) == (["python", "a.py"], 110)
    assert asked["healthCheck"]["command"] == ["CMD", "test", "-e", "/proc/1"], "no shell that an image may not have"
    plain = containers(deploy(worker()))["app"]
    assert not {"command", "healthCheck"} & set(plain)
    assert plain["stopTimeout"] == 60


def test_its_container_is_as_locked_up_as_any(deploy: Any) -> None:
    made = containers(deploy(worker()))
    assert list(made) == ["app"], "only what must end in time has a timer"
    assert (made["app"]["user"], made["app"]["readonlyRootFilesystem"]) == ("65534:65534", True)
    assert made["app"]["linuxParameters"] == {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}}


@pytest.mark.parametrize("protected", [True, False])
def test_a_shell_can_be_had_only_where_the_stack_is_not_protected(deploy: Any, protected: bool) -> None:
    made = deploy(worker(protected=protected))
    assert made.one(SERVICE).inputs["enableExecuteCommand"] is not protected
    assert ("OpenSessions" in statements(made, "indexer-roles-task-policy")) is not protected


def test_it_is_watched_for_load_and_number_and_for_nothing_that_it_has_not(deploy: Any) -> None:
    signals = deploy(worker()).built.signals
    assert sorted(signal.name for signal in signals) == [
        "indexer-below-minimum",
        "indexer-cpu",
        "indexer-memory",
        "indexer-tasks-missing",
    ]
    assert {"AWS/ApplicationELB"} & {m.namespace for signal in signals for m in signal.metrics.values()} == set()
    for signal in signals:
        assert f"`{signal.name.replace('indexer-', '<service>-')}`" in (RUNBOOKS / signal.runbook).read_text()


def test_it_comes_after_and_goes_before_its_rights_and_its_way_out(deploy: Any) -> None:
    made = deploy(worker())
    before = made.one(SERVICE).dependencies
    needed = [
        *made.of("aws:iam/rolePolicy:RolePolicy").values(),
        made.of("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")["indexer-egress-https"],
    ]
    assert [r.name for r in needed if r.urn not in before] == []


def test_a_release_that_ecs_took_back_fails(deploy: Any) -> None:
    before = "arn:aws:ecs:us-east-1:111122223333:task-definition/groundwork-test-indexer:7"
    with pytest.raises(pulumi.RunError, match="'indexer' went back to"):
        deploy(worker(), answers={SERVICE: {"taskDefinition": before}})


def test_every_child_belongs_to_the_worker(deploy: Any) -> None:
    made = deploy(worker())
    strays = [r.urn for r in made.registered if r.name.startswith("indexer-") and "compute:Worker" not in r.urn]
    assert strays == []
