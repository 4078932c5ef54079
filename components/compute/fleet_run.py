"""Runs the container of a fleet on its instance: started by systemd, and started again when the container ends.

Reads what to run from the file that it is given, fetches the values of secrets with the rights of the instance, signs
in to a private registry, and then becomes `docker run`. The values are in this process's environment and in the
container's, and nowhere else. Python 3.9, as Amazon Linux 2023 has it, and its standard library.
"""

# ruff: noqa: S603, S607 - it starts what the instance was made for, from where the system has it

import json
import os
import re
import subprocess
import sys
import time
from typing import Any

NAME = "app"
PRIVATE = re.compile(r"(\d{12}\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?)/")
ATTEMPTS = 6


def main(file: str) -> None:
    """Does not return."""
    with open(file, encoding="utf-8") as opened:
        what = json.load(opened)
    os.environ.setdefault("DOCKER_CONFIG", "/run/groundwork")  # in memory: the sign-in is gone with the instance
    subprocess.run(["docker", "rm", "--force", NAME], check=False, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    sign_in(what["image"])
    pull(what["image"])
    values = {name: secret(reference, what["region"]) for name, reference in what["secrets"].items()}
    variables = {**what["environment"], "AWS_REGION": what["region"], **values}
    os.execvpe("docker", command(what, sorted(variables)), {**os.environ, **variables})  # noqa: S606 - no shell is meant


def command(what: dict[str, Any], variables: list[str]) -> list[str]:
    """The call of docker. Values of variables are not in it, only their names."""
    options = {
        "awslogs-region": what["region"],
        "awslogs-group": what["logGroup"],
        "awslogs-stream": f"{os.uname().nodename}/{int(time.time())}",
        "mode": "non-blocking",
        "max-buffer-size": what["logBuffer"],
    }
    return [
        *("docker", "run", "--rm", "--name", NAME, "--init", "--read-only", "--user", what["user"]),
        *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
        *("--stop-timeout", str(what["stopSeconds"]), "--publish", f"{what['port']}:{what['port']}"),
        *("--log-driver", "awslogs"),
        *(part for key, value in options.items() for part in ("--log-opt", f"{key}={value}")),
        *(part for name in variables for part in ("--env", name)),
        *(part for volume in what["volumes"] for part in ("--volume", volume)),
        what["image"],
    ]


def sign_in(image: str) -> None:
    """To the registry of an image in somebody's ECR; others need no sign-in."""
    found = PRIVATE.match(image)
    if found is None:
        return
    word = aws("ecr", "get-login-password", "--region", found[2])
    subprocess.run(
        ["docker", "login", "--username", "AWS", "--password-stdin", found[1]],
        check=True, input=word, text=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def pull(image: str) -> None:
    """Tries for a minute: right after a start the registry may be out of reach. An image that is there will do."""
    there = ["docker", "image", "inspect", image]
    for attempt in range(ATTEMPTS):
        if subprocess.run(["docker", "pull", "--quiet", image], check=False).returncode == 0:
            return
        if subprocess.run(there, check=False, stdout=subprocess.DEVNULL).returncode == 0:
            return
        time.sleep(2**attempt)
    raise SystemExit(f"{image} cannot be pulled")


def secret(reference: str, region: str) -> str:
    """The value behind a reference as ECS writes it: `<arn>[:<key of its JSON>[:<stage>[:<version>]]]`."""
    parts = reference.split(":")
    key, stage, version = (*parts[7:10], "", "", "")[:3]
    which = [*(("--version-stage", stage) if stage else ()), *(("--version-id", version) if version else ())]
    asked = ("--region", region, "--secret-id", ":".join(parts[:7]), "--query", "SecretString", "--output", "text")
    value = aws("secretsmanager", "get-secret-value", *asked, *which).rstrip("\n")
    return str(json.loads(value)[key]) if key else value


def aws(*arguments: str) -> str:
    """What a call of the AWS command line answers."""
    return subprocess.run(["aws", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main(sys.argv[1])
