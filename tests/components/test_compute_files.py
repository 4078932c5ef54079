"""Files in tasks and functions: mounted over TLS by the role's rights; and buckets that tell queues and functions."""

import base64
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.compute.capacity import MOUNTING
from components.contracts import Access, BucketAddress, Mount, Notice, Opening, Statement
from settings.capacity import ComputeSettings
from tests.components.kinds import (
    EGRESS,
    STORES,
    TASK,
    WEB,
    Bucket,
    compute,
    several,
    statements,
    web,
    web_container,
)
from tests.entries import FLEET, FUNCTION

POINT = "arn:aws:elasticfilesystem:us-east-1:111122223333:access-point/fsap-1"
TEMPLATE, GROUP = "aws:ec2/launchTemplate:LaunchTemplate", "aws:autoscaling/group:Group"
NOTIFICATION = "aws:s3/bucketNotification:BucketNotification"


class Files:
    """As a real file system, in what it grants."""

    def access(self, level: str) -> Access:
        return Access(
            statements=[Statement(sid="MountFiles", actions=["elasticfilesystem:ClientMount"], resources=["arn:fs"])],
            environment={"SHARED_PATH": "/mnt/shared"},
            opening=Opening(security_group_id="sg-files", port=2049, description="Files shared"),
            mount=Mount(
                path="/mnt/shared",
                file_system_id="fs-1",
                access_point_id="fsap-1",
                access_point_arn=POINT,
                read_only=level == "read",
            ),
        )


class Told(Bucket):
    """A bucket that tells a queue."""

    def __init__(self) -> None:
        super().__init__("uploads")
        self.bucket = BucketAddress(name="uploads-1", arn="arn:aws:s3:::uploads-1")
        self.notices: Mapping[str, Notice] = {
            "news": Notice(queue_arn="arn:aws:sqs:::news", events=("removed", "created"), prefix="in/", suffix="")
        }


def using(level: str, *, protected: bool = True) -> Any:
    return web(stores={**STORES, "shared": Files()}, uses={"shared": level}, protected=protected)


def test_a_task_mounts_files_over_tls_by_the_rights_of_its_role(deploy: Any) -> None:
    made = deploy(using("write"))
    (volume,) = made.one(TASK).inputs["volumes"]
    assert volume == {
        "name": "files-shared",
        "efsVolumeConfiguration": {
            "fileSystemId": "fs-1",
            "transitEncryption": "ENABLED",
            "authorizationConfig": {"accessPointId": "fsap-1", "iam": "ENABLED"},
        },
    }
    (mount,) = web_container(made)["mountPoints"]
    assert mount == {"sourceVolume": "files-shared", "containerPath": "/mnt/shared", "readOnly": False}
    assert web_container(made)["readonlyRootFilesystem"] is True, "the files are the only place to write to"


def test_who_may_only_read_mounts_read_only(deploy: Any) -> None:
    (mount,) = web_container(deploy(using("read")))["mountPoints"]
    assert mount["readOnly"] is True


def test_files_and_the_folders_of_a_shell_are_volumes_side_by_side(deploy: Any) -> None:
    made = deploy(using("read", protected=False))
    names = [volume["name"] for volume in made.one(TASK).inputs["volumes"]]
    assert names[-1] == "files-shared"
    assert len(names) == 4
    assert {mount["sourceVolume"] for mount in web_container(made)["mountPoints"]} == set(names)


def test_the_service_gets_through_to_the_files_by_their_port(deploy: Any) -> None:
    rule = deploy(using("read")).inputs(EGRESS)["web-egress-to-shared"]
    assert (rule["referencedSecurityGroupId"], rule["fromPort"], rule["toPort"]) == ("sg-files", 2049, 2049)


def test_a_function_mounts_files_where_a_task_would(deploy: Any) -> None:
    made = deploy(compute("some", {**FUNCTION, "uses": {"shared": "read"}}, stores={"shared": Files()}))
    function = made.one("aws:lambda/function:Function")
    assert function.inputs["fileSystemConfig"] == {"arn": POINT, "localMountPath": "/mnt/shared"}
    rules = {rule.urn for name, rule in made.of(EGRESS).items() if "shared" in name}
    assert rules
    assert rules <= function.dependencies, "Lambda tries the mount when the function is made"


def test_a_fleet_mounts_files_on_its_instances(deploy: Any) -> None:
    made = deploy(compute("legacy", {**FLEET, "uses": {"shared": "read"}}, stores={"shared": Files()}))
    script = base64.b64decode(made.one(TEMPLATE).inputs["userData"]).decode()
    assert "\nmount_files fs-1 fsap-1 /mnt/shared ,ro\n" in script
    encoded = script.partition("app.json\" <<'END'\n")[2].partition("\nEND")[0]
    assert json.loads(base64.b64decode(encoded))["volumes"] == ["/mnt/shared:/mnt/shared:ro"]
    assert [sid for sid in statements(made, "legacy-instance") if "MountFiles" in sid]
    rule = made.inputs(EGRESS)["legacy-egress-to-shared"]
    assert (rule["referencedSecurityGroupId"], rule["fromPort"], rule["toPort"]) == ("sg-files", 2049, 2049)


def test_on_the_clusters_own_instances_the_instance_is_let_through_to_the_files(deploy: Any) -> None:
    service = {**WEB, "size": {"cpu": 256, "memory": 512, "architecture": "arm64"}, "runsOn": "arm"}
    arm = {"machine": {"type": "t4g.medium"}, "min": 2, "max": 4}
    capacity = ComputeSettings.model_validate({"capacity": {"arm": arm, "other": arm}})
    stores = {**STORES, "shared": Files()}
    made = deploy(compute("web", {**service, "uses": {"shared": "write"}}, stores=stores, cluster=capacity))
    rules = made.of(EGRESS)
    rule = rules["compute-ec2-arm-egress-to-shared"]
    assert (rule.inputs["referencedSecurityGroupId"], rule.inputs["toPort"]) == ("sg-files", 2049)
    assert rule.urn in made.of(GROUP)["compute-ec2-arm"].dependencies
    assert "compute-ec2-other-egress-to-shared" not in rules, "nobody on it uses them"
    scripts = {
        name: base64.b64decode(template.inputs["userData"]).decode() for name, template in made.of(TEMPLATE).items()
    }
    assert 'ECS_VOLUME_PLUGIN_CAPABILITIES=["efsAuth"]' in scripts["compute-ec2-arm"]
    assert "efs" not in scripts["compute-ec2-other"]
    (volume,) = made.one(TASK).inputs["volumes"]
    assert volume["efsVolumeConfiguration"]["authorizationConfig"] == {"accessPointId": "fsap-1", "iam": "ENABLED"}


def test_an_instance_without_the_helper_of_files_signs_in_nowhere(tmp_path: Path) -> None:
    config = tmp_path / "ecs.config"
    for there in (True, False):
        config.write_text("ECS_CLUSTER=main\n")
        for name, does in {"dnf": "true" if there else "false", "sleep": "true", "mount.efs": "true"}.items():
            tool = tmp_path / name
            tool.write_text(f"#!/bin/sh\n{does}\n")
            tool.chmod(0o755)
        if not there:
            (tmp_path / "mount.efs").unlink()
        script = MOUNTING.read_text().replace("/etc/ecs/ecs.config", str(config))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
            capture_output=True,
            check=False,
        )
        assert (done.returncode == 0) is there
        assert ("ECS_CLUSTER" in config.read_text()) is there


def test_a_function_without_files_says_nothing_of_them(deploy: Any) -> None:
    made = deploy(compute("some", FUNCTION, stores={}))
    assert "fileSystemConfig" not in made.one("aws:lambda/function:Function").inputs


def test_a_bucket_tells_a_queue_without_any_function(deploy: Any) -> None:
    told = deploy(web(stores={**STORES, "uploads": Told()})).one(NOTIFICATION)
    assert told.name == "uploads-events"
    assert "lambdaFunctions" not in told.inputs
    assert told.inputs["queues"] == [
        {
            "id": "news",
            "queueArn": "arn:aws:sqs:::news",
            "events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
            "filterPrefix": "in/",
        }
    ]


def test_a_bucket_tells_queues_and_functions_in_one_list(deploy: Any) -> None:
    called = {**FUNCTION, "bucket": {"name": "uploads", "prefix": "inbox/"}}
    told = deploy(several({"web": WEB, "some": called}, stores={**STORES, "uploads": Told()})).one(NOTIFICATION)
    assert [one["id"] for one in told.inputs["lambdaFunctions"]] == ["some"]
    assert [one["id"] for one in told.inputs["queues"]] == ["news"]


def test_a_bucket_that_tells_nobody_has_no_list(deploy: Any) -> None:
    assert not deploy(web()).of(NOTIFICATION)


def test_the_path_is_where_the_environment_says(deploy: Any) -> None:
    made = web_container(deploy(using("write")))
    assert {"name": "SHARED_PATH", "value": "/mnt/shared"} in made["environment"]
    assert json.dumps(made).count("/mnt/shared") == 2
