"""What makes a stack give every kind of right that there is."""

import re
from typing import Any

import yaml

from tests.committed import ROOT

BOUNDARY = "arn:aws:iam::111122223333:policy/boundary"


def give(stack: dict[str, Any]) -> None:
    """A boundary; secrets from both places; and where nothing is protected every store at every level."""
    config = stack["config"]
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
        for name, service in shown["groundwork:services"].items():
            services[name] = {**service, "uses": services.get(name, {}).get("uses", {}) | service["uses"]}
        for kind, stores in shown.get("groundwork:data", {}).items():
            config["groundwork:data"].setdefault(kind, {}).update(stores)
    assert {service["kind"] for service in services.values()} >= {"web", "worker", "job", "function"}
    if not config["groundwork:protection"]["protected"]:
        queue = {"fifo": False, "visibilitySeconds": 120, "maxReceives": 5, "retentionDays": 4, "alarmAgeSeconds": 900}
        config["groundwork:data"]["queues"]["jobs"] = queue
        services["web"]["uses"] |= {"main": "admin", "uploads": "admin", "jobs": "admin"}
        services["status"]["uses"] |= {"main": "write", "uploads": "read", "jobs": "receive"}
        _stores(config["groundwork:data"], services)


def _stores(data: dict[str, Any], services: dict[str, Any]) -> None:
    """Tables, streams and files at every level, a bucket with a copy, and a secret that is rotated."""
    key = {"name": "id", "type": "string"}
    index = {"partitionKey": {"name": "mail", "type": "string"}, "project": "all"}
    table = {"partitionKey": key, "capacity": {"mode": "onDemand"}, "indexes": {"by-mail": index}, "recoveryDays": 7}
    data["tables"] |= {name: {**table, "stream": "both"} for name in ("one", "two", "three")}
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
