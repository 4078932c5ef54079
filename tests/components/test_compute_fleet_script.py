"""The script and the program of a fleet's instance, run with stand-ins for what they call: what in which order, and what
if not."""

import base64
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from components.compute import fleet_run, machine
from components.compute.machine import Files, Machine

MACHINE = Machine(
    image="app:1",
    port=8000,
    health="/health",
    environment={"GREETING": "it's\n$HOME `ls`"},
    secrets={"PASSWORD": "arn:aws:secretsmanager:us-east-1:111122223333:secret:main-AbCdEf:password::"},
    log_group="legacy-logs",
    region="us-east-1",
    group_name="groundwork-dev-legacy",
)
WITH_FILES = replace(
    MACHINE,
    files=[
        Files(path="/mnt/shared", file_system_id="fs-1", access_point_id="fsap-1", read_only=False),
        Files(path="/mnt/reports", file_system_id="fs-2", access_point_id="fsap-2", read_only=True),
    ],
)
STAND_INS = {
    "aws": "",
    "curl": (
        'case "$*" in *api/token*) echo token;; *instance-id*) echo i-0123;;'
        ' *127.0.0.1*) [[ $(grep -c "^curl.*127.0.0.1" "$LOG") -gt ${DEAF:-0} ]];; *) exit 22;; esac'
    ),
    "mount": '[[ $(grep -c "^mount $1" "$LOG") -gt ${MOUNT_FAILS:-0} ]]',
    "dnf": '[[ $(grep -c "^dnf" "$LOG") -gt ${DNF_FAILS:-0} ]]',
    "sleep": "",
    "systemctl": "[[ $* != ${BROKEN:-nothing} ]]",
}
AGENT = "opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl"


def stand_in(path: Path, does: str) -> None:
    path.write_text(f'#!/bin/bash\necho "{path.name} $*" >>"$LOG"\n{does}\n')
    path.chmod(0o755)


class Run:
    """One run of the script below a folder of its own; what it called, in order, and what it wrote."""

    def __init__(self, root: Path, machine_: Machine = MACHINE, /, **environment: str) -> None:
        for folder in ("bin", "etc/systemd/system", str(Path(AGENT).parent)):
            (root / folder).mkdir(parents=True)
        for name, does in STAND_INS.items():
            stand_in(root / "bin" / name, does)
        stand_in(root / AGENT, "")
        (root / "log").touch()
        script = root / "script"
        script.write_bytes(base64.b64decode(machine.user_data(machine_)))
        path = f"{root}/bin:/usr/bin:/bin"
        done = subprocess.run(
            ["bash", str(script)], env={"PATH": path, "ROOT": str(root), "LOG": str(root / "log"), **environment},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        self.root, self.status, self.said = root, done.returncode, done.stderr
        self.calls = (root / "log").read_text().splitlines()

    def told(self) -> list[str]:
        """What the Auto Scaling group was told."""
        return [call.rpartition(" ")[2] for call in self.calls if call.startswith("aws ")]

    def at(self, beginning: str) -> int:
        """The position of the first call that begins so."""
        return next(n for n, call in enumerate(self.calls) if call.startswith(beginning))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("fleet"))


def test_it_tells_the_group_once_and_last_that_its_container_answers(sound: Run) -> None:
    assert (sound.status, sound.said) == (0, "")
    assert sound.told() == ["CONTINUE"]
    assert sound.calls[-1] == (
        "aws autoscaling complete-lifecycle-action --region us-east-1"
        " --auto-scaling-group-name groundwork-dev-legacy --lifecycle-hook-name serves"
        " --instance-id i-0123 --lifecycle-action-result CONTINUE"
    )


def test_docker_runs_before_the_container_and_both_again_after_a_restart(sound: Run) -> None:
    assert sound.at("dnf install -y -q docker amazon-cloudwatch-agent") < sound.at("systemctl enable --now docker")
    assert sound.at("systemctl enable --now docker") < sound.at("systemctl enable --now groundwork-app")
    assert sound.at("systemctl enable --now groundwork-app") < sound.at("curl -sf -o /dev/null")
    unit = (sound.root / "etc/systemd/system/groundwork-app.service").read_text()
    assert "Restart=always" in unit
    assert "WantedBy=multi-user.target" in unit
    assert "Requires=docker.service" in unit
    assert "@" not in unit


def test_the_agent_measures_what_it_was_told_to(sound: Run) -> None:
    call = sound.calls[sound.at("amazon-cloudwatch-agent-ctl")]
    assert call.endswith(f"-a fetch-config -m ec2 -s -c file:{sound.root}/etc/groundwork/agent.json")
    written = json.loads((sound.root / "etc/groundwork/agent.json").read_text())
    assert written == machine.agent("groundwork-dev-legacy")


def test_what_to_run_arrives_unchanged_and_only_root_reads_it(sound: Run) -> None:
    file = sound.root / "etc/groundwork/app.json"
    assert file.stat().st_mode & 0o777 == 0o600
    said = json.loads(file.read_text())
    assert said["environment"] == MACHINE.environment
    assert said["secrets"] == MACHINE.secrets
    program = (sound.root / "usr/local/libexec/groundwork-run").read_text()
    assert program.strip() == machine.RUN.read_text().strip()


def test_without_files_nothing_is_said_of_them(sound: Run) -> None:
    assert not [call for call in sound.calls if "mount" in call or "efs" in call]
    assert not (sound.root / "etc/fstab").exists()
    said = json.loads((sound.root / "etc/groundwork/app.json").read_text())
    assert said["volumes"] == []
    assert "--volume" not in fleet_run.command(said, [])


def test_files_are_mounted_before_the_container_and_again_after_a_restart(tmp_path: Path) -> None:
    run = Run(tmp_path, WITH_FILES, MOUNT_FAILS="3")  # a mount target that is new has no name yet
    assert (run.status, run.told()) == (0, ["CONTINUE"])
    assert run.at("dnf install -y -q docker amazon-cloudwatch-agent amazon-efs-utils") < run.at("mount /mnt/shared")
    assert run.at("mount /mnt/reports") < run.at("systemctl enable --now groundwork-app")
    assert (tmp_path / "etc/fstab").read_text().splitlines() == [
        "fs-1:/ /mnt/shared efs _netdev,noresvport,tls,iam,accesspoint=fsap-1 0 0",
        "fs-2:/ /mnt/reports efs _netdev,noresvport,tls,iam,accesspoint=fsap-2,ro 0 0",
    ]
    unit = (tmp_path / "etc/systemd/system/groundwork-app.service").read_text()
    assert "RequiresMountsFor=/mnt/shared\nRequiresMountsFor=/mnt/reports\n" in unit, "never an empty folder instead"
    call = fleet_run.command(json.loads((tmp_path / "etc/groundwork/app.json").read_text()), [])
    assert call[-5:] == ["--volume", "/mnt/shared:/mnt/shared", "--volume", "/mnt/reports:/mnt/reports:ro", "app:1"]


def test_an_instance_that_cannot_mount_its_files_gives_itself_up(tmp_path: Path) -> None:
    run = Run(tmp_path, WITH_FILES, MOUNT_FAILS="99")
    assert run.told() == ["ABANDON"]
    assert "the files fs-1 cannot be mounted under /mnt/shared" in run.said
    assert not [call for call in run.calls if "groundwork-app" in call]


def test_it_is_patient_with_repository_and_container(tmp_path: Path) -> None:
    slow = Run(tmp_path, DNF_FAILS="3", DEAF="20")
    assert (slow.status, slow.told()) == (0, ["CONTINUE"])


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({"DNF_FAILS": "99"}, "cannot be installed"),
        ({"DEAF": "999"}, "does not answer at http://127.0.0.1:8000/health"),
        ({"BROKEN": "enable --now docker"}, "given up"),
    ],
)
def test_an_instance_that_does_not_get_so_far_gives_itself_up(
    tmp_path: Path, broken: dict[str, str], says: str
) -> None:
    run = Run(tmp_path, **broken)
    assert run.status != 0
    assert run.told() == ["ABANDON"], "and never CONTINUE"
    assert says in run.said


DOCKER = """case "$1" in
pull) [[ $(grep -c "^docker pull" "$LOG") -gt ${PULL_FAILS:-0} ]];;
image) [[ -n ${CACHED:-} ]];;
login) cat >>"$LOG.stdin";;
run) env >"$LOG.environment";;
esac"""
AWS = """case "$*" in
*get-login-password*) echo t0ken;;
*get-secret-value*) echo '{"username": "app", "password": "s3cr:et"}';;
esac"""


class Started:
    """One run of the program, with docker and aws as stand-ins."""

    def __init__(self, root: Path, image: str = "app:1", secrets: Any = None, **environment: str) -> None:
        (root / "bin").mkdir()
        stand_in(root / "bin" / "docker", DOCKER)
        stand_in(root / "bin" / "aws", AWS)
        (root / "log").touch()
        what: dict[str, Any] = {
            "image": image, "port": 8000, "user": "65534:65534", "stopSeconds": 60,
            "environment": {"GREETING": "it's\n$HOME"}, "secrets": MACHINE.secrets if secrets is None else secrets,
            "logGroup": "legacy-logs", "logBuffer": "25m", "region": "us-east-1", "volumes": [],
        }  # fmt: skip
        (root / "app.json").write_text(json.dumps(what))
        # Without waiting: the program sleeps only between attempts.
        program = (
            "import sys, time; time.sleep = lambda _: None; sys.argv = sys.argv[1:]; exec(open(sys.argv[0]).read())"
        )
        environ = {"PATH": f"{root}/bin:/usr/bin:/bin", "LOG": str(root / "log"), **environment}
        done = subprocess.run(
            [sys.executable, "-c", program, str(machine.RUN), str(root / "app.json")],
            env=environ, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        self.root, self.status, self.said = root, done.returncode, done.stderr
        self.calls = (root / "log").read_text().splitlines()

    @property
    def call(self) -> str:
        """How the container was run."""
        (run,) = [call for call in self.calls if call.startswith("docker run")]
        return run

    def environment(self) -> str:
        return (self.root / "log.environment").read_text()


def test_the_container_can_write_to_nothing_and_is_nobody(tmp_path: Path) -> None:
    call = Started(tmp_path).call
    assert "--read-only" in call
    assert "--user 65534:65534" in call
    assert "--cap-drop ALL --security-opt no-new-privileges" in call
    assert "--publish 8000:8000" in call
    assert "--privileged" not in call
    assert "--network" not in call
    assert call.endswith(" app:1")


def test_its_log_goes_to_its_group_under_the_name_of_the_instance(tmp_path: Path) -> None:
    call = Started(tmp_path).call
    assert "--log-driver awslogs --log-opt awslogs-region=us-east-1 --log-opt awslogs-group=legacy-logs" in call
    assert f"--log-opt awslogs-stream={os.uname().nodename}/" in call
    assert "--log-opt mode=non-blocking --log-opt max-buffer-size=25m" in call


def test_secrets_are_fetched_at_the_start_and_in_no_command_line(tmp_path: Path) -> None:
    run = Started(tmp_path)
    assert "s3cr:et" not in " ".join(run.calls)
    assert "PASSWORD=s3cr:et" in run.environment()
    assert "GREETING=it's\n$HOME" in run.environment()
    assert "--env AWS_REGION --env GREETING --env PASSWORD" in run.call
    (asked,) = [call for call in run.calls if "get-secret-value" in call]
    assert asked.endswith(
        "--secret-id arn:aws:secretsmanager:us-east-1:111122223333:secret:main-AbCdEf"
        " --query SecretString --output text"
    )


@pytest.mark.parametrize(
    ("reference", "also", "value"),
    [
        ("", "", '{"username": "app", "password": "s3cr:et"}'),
        (":username::", "", "app"),
        (":password:AWSPREVIOUS:", " --version-stage AWSPREVIOUS", "s3cr:et"),
        (":::0f1e", " --version-id 0f1e", '{"username": "app", "password": "s3cr:et"}'),
    ],
)
def test_a_reference_means_what_it_means_to_ecs(tmp_path: Path, reference: str, also: str, value: str) -> None:
    arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:main-AbCdEf"
    run = Started(tmp_path, secrets={"VALUE": arn + reference})
    assert f"VALUE={value}\n" in run.environment()
    (asked,) = [call for call in run.calls if "get-secret-value" in call]
    assert asked.endswith(f"--secret-id {arn} --query SecretString --output text{also}")


def test_only_a_registry_of_ecr_is_signed_in_to_and_not_by_a_command_line(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()
    host = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
    ours = Started(tmp_path / "ours", image=f"{host}/app@sha256:{'0' * 64}")
    assert "aws ecr get-login-password --region eu-west-1" in ours.calls
    assert f"docker login --username AWS --password-stdin {host}" in ours.calls
    assert (ours.root / "log.stdin").read_text() == "t0ken\n"
    assert "t0ken" not in " ".join(ours.calls)
    theirs = Started(tmp_path / "theirs")
    assert [call for call in theirs.calls if "login" in call] == []


def test_a_registry_out_of_reach_is_tried_again_and_an_image_that_is_there_will_do(tmp_path: Path) -> None:
    for name in ("again", "there", "never"):
        (tmp_path / name).mkdir()
    assert Started(tmp_path / "again", PULL_FAILS="3").status == 0
    there = Started(tmp_path / "there", PULL_FAILS="99", CACHED="yes")
    assert (there.status, len([call for call in there.calls if call.startswith("docker pull")])) == (0, 1)
    never = Started(tmp_path / "never", PULL_FAILS="99")
    assert never.status != 0
    assert "app:1 cannot be pulled" in never.said
    assert [call for call in never.calls if call.startswith("docker run")] == []


def test_what_was_left_of_a_container_is_gone_before_the_next(tmp_path: Path) -> None:
    assert Started(tmp_path).calls[0] == f"docker rm --force {fleet_run.NAME}"
