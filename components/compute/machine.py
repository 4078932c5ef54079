"""What an instance of a fleet is told when it starts: the script, and in it what to run and what to measure. Pure."""

import base64
import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.compute import task

HOOK = "serves"
SETUP_SECONDS = 900  # five minutes to install and pull, five for the container to answer, and some to spare
MOST_BYTES = 16384  # of user data, before it is encoded (EC2 API, read 2026-11)
STOP_SECONDS = 60
NAMESPACE = "CWAgent"
GROUP_DIMENSION = "AutoScalingGroupName"
SCRIPT = Path(__file__).with_name("fleet.sh")
RUN = Path(__file__).with_name("fleet_run.py")
# A new mount target is found by its name within a minute and a half (EFS user guide, mounting, read 2026-11). Mounted
# as `fstab` has it, so that it is there again after a restart, before the container.
_MOUNT = """\
mount_files() { # <file system> <access point> <folder> <further options>
  install -d "$ROOT$3"
  echo "$1:/ $3 efs _netdev,noresvport,tls,iam,accesspoint=$2$4 0 0" >>"$ROOT/etc/fstab"
  for ((attempt = 1; attempt <= 2 * ATTEMPTS; attempt++)); do
    if mount "$3"; then return; fi
    sleep 10
  done
  echo "fleet: the files $1 cannot be mounted under $3" >&2
  exit 1
}
"""


@dataclass(frozen=True, kw_only=True)
class Files:
    """A file system that the instance mounts over TLS, through an access point, by the rights of its role."""

    path: str
    file_system_id: str
    access_point_id: str
    read_only: bool


@dataclass(frozen=True, kw_only=True)
class Machine:
    """One container on one instance, all of it known. `secrets` are references, as ECS writes them, by variable."""

    image: str
    port: int
    health: str
    environment: Mapping[str, str]
    secrets: Mapping[str, str]
    log_group: str
    region: str
    group_name: str
    files: Sequence[Files] = ()


def user_data(machine: Machine) -> str:
    """The script, encoded as a launch template wants it; raises ValueError when it is longer than EC2 takes."""
    script = _script(machine)
    size = len(script.encode())
    if size > MOST_BYTES:
        raise ValueError(
            f"the instances of {machine.group_name} would be told {size} bytes when they start, and EC2 takes"
            f" {MOST_BYTES}: shorten `environment`, or let the program fetch some of it by itself"
        )
    return base64.b64encode(script.encode()).decode()


def agent(group_name: str) -> dict[str, Any]:
    """The CloudWatch agent: memory and disk by group, which goes on when instances come and go.

    The group is named here instead of asked for (`append_dimensions` of all metrics), which would take the right to
    read the tags of every instance.
    """
    named = {GROUP_DIMENSION: group_name}
    return {
        "agent": {"metrics_collection_interval": 60, "omit_hostname": True, "run_as_user": "cwagent"},
        "metrics": {
            "namespace": NAMESPACE,
            "aggregation_dimensions": [[GROUP_DIMENSION]],
            "metrics_collected": {
                "mem": {"measurement": ["used_percent"], "append_dimensions": named},
                "disk": {
                    "measurement": ["used_percent"],
                    "resources": ["/"],
                    "drop_device": True,
                    "append_dimensions": named,
                },
            },
        },
    }


def _script(machine: Machine) -> str:
    what = {
        "image": machine.image,
        "port": machine.port,
        "user": task.USER,
        "stopSeconds": STOP_SECONDS,
        "environment": dict(sorted(machine.environment.items())),
        "secrets": dict(sorted(machine.secrets.items())),
        "logGroup": machine.log_group,
        "logBuffer": task.LOG_BUFFER,
        "region": machine.region,
        "volumes": [f"{one.path}:{one.path}{':ro' if one.read_only else ''}" for one in machine.files],
    }
    values = {
        "REGION": machine.region,
        "GROUP": machine.group_name,
        "HOOK": HOOK,
        "HEALTH": shlex.quote(f"http://127.0.0.1:{machine.port}{machine.health}"),
        "STOP": str(STOP_SECONDS),
        "KILL": str(STOP_SECONDS + 15),
        # Encoded, because a variable may hold anything, the end of a here-document too.
        "WHAT": base64.encodebytes(json.dumps(what, sort_keys=True, separators=(",", ":")).encode()).decode().strip(),
        "AGENT": json.dumps(agent(machine.group_name), sort_keys=True),
        "RUN": RUN.read_text(encoding="utf-8").strip(),
        "PACKAGES": " amazon-efs-utils" if machine.files else "",
        "REQUIRES": "".join(f"\nRequiresMountsFor={files.path}" for files in machine.files),
        "MOUNT": _mounts(machine.files),
    }
    return re.sub(r"@([A-Z]+)@", lambda found: values[found[1]], SCRIPT.read_text(encoding="utf-8"))


def _mounts(files: Sequence[Files]) -> str:
    """What mounts them; nothing where there are none."""
    if not files:
        return ""
    calls = [
        shlex.join(["mount_files", one.file_system_id, one.access_point_id, one.path, ",ro" if one.read_only else ""])
        for one in files
    ]
    return _MOUNT + "\n".join(calls) + "\n"
