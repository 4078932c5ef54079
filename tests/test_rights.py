"""Every policy of every recorded stack: rights by ARN, each wider one with its reason, every role within its boundary."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.security.unscoped import ACTIONS
from tests.committed import ROOT, Committed, check, project, stack_file
from tests.components import rights

ROLE = "aws:iam/role:Role"
BOUNDARY = "arn:aws:iam::111122223333:policy/boundary"


def recorded(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The resources of the committed stacks with everything in their files, by stack, as an update has them."""
    stacks = {name: stack_file(name) for name in ("dev", "prod")}
    for stack in stacks.values():
        _everything(stack["config"])
    done = check("--no-policy", "--json", "-", "--program", str(project(folder / "project", stacks)))
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    return {name: stack["resources"] for name, stack in json.loads(done.stdout)["stacks"].items()}


def _everything(config: dict[str, Any]) -> None:
    """A boundary; secrets from both places; and where nothing is protected every store at every level."""
    config["groundwork:protection"]["permissionsBoundary"] = BOUNDARY
    config["groundwork:compute"]["containerInsights"] = True  # the worker's backlog is one of each task
    config["groundwork:secrets"] = {"payment-key": {"secure": "v1:abc"}}
    services = config["groundwork:services"]
    services["web"]["secrets"] = {
        "PAYMENT_KEY": {"config": "payment-key"},
        "MAIL": {
            "arn": "arn:aws:secretsmanager:us-east-1:111122223333:secret:mail-AbCdEf",
            "keyArn": "arn:aws:kms:us-east-1:111122223333:key/1234abcd",
        },
    }
    # Every kind of service, as the documents show it.
    page = (ROOT / "docs" / "services.md").read_text()
    for _, snippet in re.findall(r"^## (\w+)\n\n```yaml\n(.*?)```", page, re.DOTALL | re.MULTILINE):
        shown = yaml.safe_load(snippet)
        if any("kind" not in service for service in shown["groundwork:services"].values()):
            continue
        services.update(shown["groundwork:services"])
        for kind, stores in shown.get("groundwork:data", {}).items():
            config["groundwork:data"].setdefault(kind, {}).update(stores)
    assert {service["kind"] for service in services.values()} >= {"web", "worker", "job", "function"}
    if not config["groundwork:protection"]["protected"]:
        queue = {"fifo": False, "visibilitySeconds": 120, "maxReceives": 5, "retentionDays": 4, "alarmAgeSeconds": 900}
        config["groundwork:data"]["queues"]["jobs"] = queue
        services["web"]["uses"] = {"main": "admin", "uploads": "admin", "jobs": "admin"}
        services["status"]["uses"] = {"main": "write", "uploads": "read", "jobs": "receive"}
        _stores(config["groundwork:data"], services)


def _stores(data: dict[str, Any], services: dict[str, Any]) -> None:
    """Tables, streams and files at every level, a bucket with a copy, and a secret that is rotated."""
    key = {"name": "id", "type": "string"}
    index = {"partitionKey": {"name": "mail", "type": "string"}, "project": "all"}
    table = {"partitionKey": key, "capacity": {"mode": "onDemand"}, "indexes": {"by-mail": index}, "recoveryDays": None}
    data["tables"] = {name: {**table, "stream": "both"} for name in ("one", "two", "three")}
    data["streams"] = {"events": {"mode": "serverless"}}
    data["files"] = {"shared": {"infrequentAccessAfterDays": 30, "archiveAfterDays": None, "throughput": "elastic"}}
    bucket = data["buckets"]["uploads"]
    data["buckets"]["copied"] = {**bucket, "replication": {"region": "us-west-2", "storage": "archive"}}
    bucket["tells"] = {"jobs": {"prefix": "new/"}}
    rotating = next(name for name, service in services.items() if service["kind"] == "function")
    data["secrets"] = {"rotated": {"later": True, "rotation": {"function": rotating, "days": 30}}}
    data["backups"] = {
        "schedule": "cron(0 5 * * ? *)",
        "keepDays": 365,
        "coldAfterDays": 30,
        "bucketsContinuousDays": 14,
        "restoreTest": "cron(0 9 ? * SUN *)",
        "copy": {"region": "us-west-2", "keepDays": 365},
    }
    data["dump"] = {
        "databases": ["main"],
        "schedule": {"when": "cron(30 7 * * ? *)", "timezone": "UTC"},
        "lockedDays": 30,
        "keepDays": 90,
        "size": {"cpu": 512, "memory": 1024, "architecture": "arm64"},
    }
    services["web"]["uses"] |= {"one": "admin", "events": "admin", "shared": "admin", "copied": "write"}
    services["status"]["uses"] |= {
        "one": "write",
        "two": "follow",
        "three": "read",
        "events": "write",
        "shared": "read",
    }
    services["nightly"]["uses"] |= {"events": "read", "shared": "write"}


@pytest.fixture(scope="module")
def as_committed(recording: Committed) -> dict[str, list[dict[str, Any]]]:
    return {name: stack["resources"] for name, stack in recording.report()["stacks"].items()}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    return recorded(tmp_path_factory.mktemp("everything"))


@pytest.mark.parametrize("which", ["as_committed", "everything"])
@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_every_right_is_by_arn_or_has_its_reason(stack: str, which: str, request: pytest.FixtureRequest) -> None:
    resources = request.getfixturevalue(which)[stack]
    assert len([r for r in resources if r["type"] in rights.IDENTITY]) > 5
    assert rights.complaints(resources) == []


def test_the_list_of_reasons_has_nothing_that_is_not_needed(everything: dict[str, list[dict[str, Any]]]) -> None:
    used = {action for resources in everything.values() for action in rights.starred(resources)}
    assert used <= ACTIONS.keys()
    assert {"ecr:GetAuthorizationToken", "ssmmessages:OpenDataChannel"} <= used, "the walk sees what is starred"


@pytest.mark.parametrize(("which", "boundary"), [("everything", BOUNDARY), ("as_committed", None)])
@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_every_role_has_the_boundary_that_is_asked_for_or_none_has_one(
    stack: str, which: str, boundary: str | None, request: pytest.FixtureRequest
) -> None:
    roles = [r for r in request.getfixturevalue(which)[stack] if r["type"] == ROLE]
    assert len(roles) > 5
    assert {r["inputs"].get("permissionsBoundary") for r in roles} == {boundary}


WIDE = {
    "an action by pattern": {"Action": ["s3:*"], "Resource": ["arn:aws:s3:::b/*"]},
    "everything": {"Action": ["s3:GetObject"], "Resource": ["*"]},
    "any bucket": {"Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::*"]},
    "any queue": {"Action": ["sqs:SendMessage"], "Resource": ["arn:aws:sqs:us-east-1:111122223333:*"]},
    "any account": {"Action": ["sqs:SendMessage"], "Resource": ["arn:aws:sqs:us-east-1:*:jobs"]},
    "any region": {"Action": ["sqs:SendMessage"], "Resource": ["arn:aws:sqs:*:111122223333:jobs"]},
    "a key directly": {"Action": ["kms:Decrypt"], "Resource": ["arn:aws:kms:us-east-1:111122223333:key/1"]},
    "a role for anybody": {"Action": ["iam:PassRole"], "Resource": ["arn:aws:iam::111122223333:role/a"]},
    "all but something": {"NotAction": ["iam:*"], "Resource": ["arn:aws:s3:::b"]},
}


@pytest.mark.parametrize("name", WIDE)
def test_the_walk_sees_a_right_that_is_too_wide(name: str) -> None:
    statement = {"Sid": "Some", "Effect": "Allow", **WIDE[name]}
    policy = {
        "type": "aws:iam/rolePolicy:RolePolicy",
        "name": "some",
        "inputs": {"policy": json.dumps({"Statement": [statement]})},
    }
    assert len(rights.complaints([policy])) == 1


def test_the_walk_sees_anybody_in_the_policy_of_a_resource_and_a_policy_of_aws() -> None:
    statement = {"Sid": "Some", "Effect": "Allow", "Action": ["sqs:SendMessage"], "Principal": {"AWS": ["*"]}}
    queue = {
        "type": "aws:sqs/queuePolicy:QueuePolicy",
        "name": "q",
        "inputs": {"policy": json.dumps({"Statement": [statement]})},
    }
    attached = {
        "type": "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "name": "a",
        "inputs": {"policyArn": "arn:aws:iam::aws:policy/AmazonS3FullAccess"},
    }
    assert len(rights.complaints([queue, attached])) == 2
