"""The container of a service: what it is told, what it may write to, as whom it runs."""

import json
from typing import Any

import pytest

from tests.components.kinds import (
    POLICY,
    SECRET_ARN,
    SERVICE,
    TASK,
    WEB,
    compute,
    containers,
    granted_by,
    web,
    web_container,
)


def test_the_container_can_write_to_nothing_and_is_not_root(deploy: Any) -> None:
    made = web_container(deploy(web()))
    assert made["readonlyRootFilesystem"] is True
    assert made["user"] == "65534:65534"
    assert made["linuxParameters"] == {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}}
    assert made["essential"] is True
    assert made["mountPoints"] == []
    assert "privileged" not in made


def test_a_protected_stack_has_no_way_to_a_shell(deploy: Any) -> None:
    made = deploy(web(protected=True))
    assert made.one(SERVICE).inputs["enableExecuteCommand"] is False
    granted = [s for p in made.inputs(POLICY).values() for s in json.loads(p["policy"])["Statement"]]
    assert [s for s in granted if any(a.startswith(("ssmmessages:", "kms:")) for a in s["Action"])] == []
    assert made.one(TASK).inputs.get("volumes", []) == []


def test_elsewhere_a_shell_can_be_had_is_logged_and_the_root_stays_read_only(deploy: Any) -> None:
    made = deploy(web(protected=False))
    assert made.one(SERVICE).inputs["enableExecuteCommand"] is True
    assert web_container(made)["readonlyRootFilesystem"] is True
    volumes = {volume["name"] for volume in made.one(TASK).inputs["volumes"]}
    assert {m["sourceVolume"] for m in web_container(made)["mountPoints"]} == volumes
    assert len(volumes) == 3
    sids = {s["Sid"] for s in granted_by(made, "web-roles-task-policy")}
    assert {"OpenSessions", "WriteSessionLog"} <= sids
    (decrypt,) = [s for s in granted_by(made, "web-roles-task-policy") if s["Sid"] == "DecryptSessions"]
    logging = made.one("aws:ecs/cluster:Cluster").inputs["configuration"]["executeCommandConfiguration"]
    assert (decrypt["Action"], decrypt["Resource"]) == (["kms:Decrypt"], [logging["kmsKeyId"]])
    assert decrypt["Condition"] == {"Null": {"kms:EncryptionContext:aws:ssm:SessionId": "false"}}, "sessions only"
    assert logging["logging"] == "OVERRIDE"
    assert logging["logConfiguration"]["cloudWatchEncryptionEnabled"] is True


def test_secrets_are_references_and_never_in_the_environment(deploy: Any) -> None:
    made = web_container(deploy(web()))
    assert made["secrets"] == [{"name": "MAIN_PASSWORD", "valueFrom": f"{SECRET_ARN}:password::"}]
    names = [variable["name"] for variable in made["environment"]]
    assert names == sorted(names) == ["MAIN_HOST", "NODE_ENV", "UPLOADS_BUCKET"]


def test_a_variable_with_two_sources_is_refused_naming_both(deploy: Any) -> None:
    with pytest.raises(
        ValueError, match=r"'web' gets the variable MAIN_HOST from `environment` and from the store 'main'"
    ):
        deploy(web(environment={"MAIN_HOST": "elsewhere"}))


def test_the_log_is_kept_for_as_long_as_asked_and_encrypted(deploy: Any) -> None:
    made = deploy(web())
    groups = made.inputs("aws:cloudwatch/logGroup:LogGroup")
    assert {(g["retentionInDays"], g["kmsKeyId"]) for g in groups.values()} == {(90, "arn:log-key")}
    options = web_container(made)["logConfiguration"]["options"]
    assert options["awslogs-region"] == "us-east-1"
    assert options["mode"] == "non-blocking", "an application must not halt because CloudWatch is slow"


def test_the_task_has_the_size_and_the_processor_asked_for(deploy: Any) -> None:
    task = deploy(web(size={"cpu": 256, "memory": 512, "architecture": "arm64"})).one(TASK).inputs
    assert (task["cpu"], task["memory"], task["networkMode"]) == ("256", "512", "awsvpc")
    assert task["runtimePlatform"] == {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
    assert task["requiresCompatibilities"] == ["FARGATE"]


def test_the_component_shows_its_containers_to_policies_as_they_are_written(deploy: Any) -> None:
    made = deploy(web())
    shown = made.of("groundwork:compute:Task")["web-task"]
    assert shown.inputs["containers"] == json.loads(made.one(TASK).inputs["containerDefinitions"])
    assert made.one(TASK).parent == shown.urn


@pytest.mark.parametrize(("stack", "family"), [("prod", "groundwork-prod-web"), ("my.own", "groundwork-my_own-web")])
def test_a_family_has_only_characters_that_ecs_takes(deploy: Any, stack: str, family: str) -> None:
    assert deploy(web(), stack=stack).one(TASK).inputs["family"] == family


def test_the_container_definition_is_the_same_text_every_time(deploy: Any) -> None:
    turned = dict(reversed(WEB["uses"].items()))
    one, other = (deploy(web(uses=uses)).one(TASK).inputs["containerDefinitions"] for uses in (WEB["uses"], turned))
    assert one == other


def test_where_a_shell_can_be_had_only_what_a_shell_does_not_need_is_dropped(deploy: Any) -> None:
    dropped = web_container(deploy(web(protected=False)))["linuxParameters"]["capabilities"]
    assert dropped == {"drop": ["AUDIT_WRITE", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETPCAP"]}
    assert "add" not in dropped


def test_nothing_is_asked_of_ecs_that_the_settings_do_not_ask_for(deploy: Any) -> None:
    made = web_container(deploy(web()))
    assert not {"restartPolicy", "ulimits", "healthCheck", "privileged"} & made.keys()
    assert "tmpfs" not in made["linuxParameters"]
    assert made["stopTimeout"] == 60


def test_scratch_is_memory_that_nobody_owns_and_nothing_in_it_can_be_run(deploy: Any) -> None:
    made = web_container(deploy(web(scratch={"/tmp": 64, "/var/cache/app": 32})))
    options = ["uid=65534", "gid=65534", "noexec", "nosuid", "nodev"]
    assert made["linuxParameters"]["tmpfs"] == [
        {"containerPath": "/tmp", "size": 64, "mountOptions": options},
        {"containerPath": "/var/cache/app", "size": 32, "mountOptions": options},
    ]
    assert made["readonlyRootFilesystem"] is True
    assert made["mountPoints"] == []
    assert made["user"].split(":") == ["65534", "65534"], "whose folders they are is who runs"


def test_a_container_is_started_again_in_its_task_when_it_is_asked_for(deploy: Any) -> None:
    made = web_container(deploy(web(restart={"attemptPeriodSeconds": 60, "ignoredExitCodes": [0, 3]})))
    assert made["restartPolicy"] == {"enabled": True, "ignoredExitCodes": [0, 3], "restartAttemptPeriod": 60}
    bare = web_container(deploy(web(restart={"attemptPeriodSeconds": 1800})))
    assert bare["restartPolicy"] == {"enabled": True, "ignoredExitCodes": [], "restartAttemptPeriod": 1800}


def test_stopping_open_files_and_health_are_as_asked_for(deploy: Any) -> None:
    made = web_container(deploy(web(stopSeconds=120, openFiles=4096, healthCommand=["wget", "-q", "localhost"])))
    assert made["stopTimeout"] == 120
    assert made["ulimits"] == [{"name": "nofile", "softLimit": 4096, "hardLimit": 4096}]
    assert made["healthCheck"]["command"] == ["CMD", "wget", "-q", "localhost"]


def test_the_timer_beside_a_job_is_locked_up_as_well_and_gets_none_of_its_extras(deploy: Any) -> None:
    job = {
        "kind": "job",
        "image": "shop/report:1",
        "schedule": {"when": "rate(1 day)"},
        "stopAfterSeconds": 900,
        "size": WEB["size"],
        "environment": {},
        "uses": {},
        "scratch": {"/work": 16},
        "stopSeconds": 5,
    }
    made = containers(deploy(compute("report", job)))
    assert made["timer"]["linuxParameters"] == {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}}
    assert "stopTimeout" not in made["timer"]
    assert made["app"]["linuxParameters"]["tmpfs"][0]["containerPath"] == "/work"
    assert made["app"]["stopTimeout"] == 5
    assert "restartPolicy" not in made["app"], "a job that has ended well must not begin anew"
