"""Other stacks than the committed ones: each setting at its far end, in every partition of AWS.

A stack costs two seconds of a processor, so each carries whatever does not get into the way of the rest: a network, a kind
of service and backups are looked at by different tests. The program is the real one; only the stack files are made here.
"""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from preflight import report
from tests import growth
from tests.committed import checked_and_updated, once, project, stack_file
from tests.components import every_right

PLAIN_RDS = {
    "engine": "postgres",
    "version": "17.7",
    "instanceClass": "db.t4g.micro",
    "storageGib": 20,
    "maxStorageGib": 20,
    "multiAz": False,
    "backupDays": 1,
}
EVERYTHING = {
    "min": 2,
    "max": 10,
    "outAbove": 60,
    "inBelow": 30,
    "track": {"memory": 75, "requestsPerTarget": 600},
    "predict": {"cpu": 50, "memory": 60, "requestsPerTarget": 500, "mode": "forecast-and-scale"},
    "schedules": {
        name: {"when": f"cron(0 {hour} ? * MON-FRI *)", "timezone": "Asia/Kolkata", "min": 2, "max": hour}
        for name, hour in {"abcdefghij-klmnopqrs": 20, "morning": 7}.items()
    },
}
HOOK = {"function": "arn:aws:lambda:us-east-1:111122223333:function:smoke:live", "stages": ["post-test-traffic-shift"]}
CANARY = {"strategy": "canary", "percent": 1, "canaryMinutes": 1440, "hooks": {"abcdefghij-klmnopqrs": HOOK}}

FLEET: dict[str, Any] = {
    "kind": "fleet",
    "build": "services/status",
    "machine": {"type": "t4g.small", "imageAsOf": "2026-11-01", "longestLifeDays": 30},
    "port": 8080,
    "health": "/status/health",
    "scale": {"min": 2, "max": 6},
    "route": {"path": "/legacy/*", "priority": 7},
    "environment": {"LOG_LEVEL": "info"},
    "uses": {"main": "write", "uploads": "read"},
}
CAPACITY: dict[str, Any] = {"machine": {"type": "t4g.medium", "longestLifeDays": 14}, "min": 2, "max": 6}
NIGHT = {"when": "cron(0 20 ? * MON-FRI *)", "timezone": "Europe/Berlin", "min": 0, "max": 0}
DAY = {"when": "cron(0 7 ? * MON-FRI *)", "timezone": "Europe/Berlin", "min": 2, "max": 6}

NIGHTLY = {"schedule": "cron(0 5 * * ? *)", "keepDays": 365, "restoreTest": "cron(0 9 ? * SUN *)"}
DUMP = {
    "databases": ["abcdefghij-klmnopqrs", "orders"],
    "schedule": {"when": "cron(30 7 * * ? *)", "timezone": "Europe/Berlin"},
    "lockedDays": 30,
    "keepDays": 90,
    "archiveAfterDays": 30,
    "size": {"cpu": 512, "memory": 1024, "architecture": "arm64"},
}
TABLE = {
    "partitionKey": {"name": "id", "type": "string"},
    "sortKey": None,
    "capacity": {"mode": "onDemand"},
    "indexes": {},
    "localIndexes": {},
    "expiresAt": None,
    "stream": None,
    "recoveryDays": 35,
}
FILES = {"infrequentAccessAfterDays": 30, "archiveAfterDays": None, "throughput": "elastic"}

LB = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/main/0123456789abcdef"
BROUGHT: dict[str, Any] = {
    "network": {
        "cidr": "10.115.0.0/16",
        "subnetMask": None,
        "nat": "existing",
        "existing": {
            "vpcId": "vpc-0123456789abcdef0",
            "subnets": {
                f"us-east-1{zone}": {
                    tier: f"subnet-{zone}{digit}000000" for digit, tier in enumerate(("public", "private", "data"))
                }
                for zone in "abc"
            },
        },
    },
    "edge": {
        "zoneId": None,
        "idleTimeoutSeconds": None,
        "existing": {
            "arn": LB,
            "listenerArn": LB.replace(":loadbalancer/", ":listener/") + "/fedcba9876543210",
            "securityGroupId": "sg-0123456789abcdef0",
        },
    },
}


def section(stack: dict[str, Any], name: str) -> Any:
    return stack["config"][f"groundwork:{name}"]


def alone() -> dict[str, Any]:
    """Nothing but what a stack must have: no way out, no name, one plain database; in the partition of the US government."""
    stack = stack_file("dev")
    stack["config"]["aws:region"] = "us-gov-west-1"
    section(stack, "network").update(
        availabilityZones=["us-gov-west-1a", "us-gov-west-1b"],
        nat="none",
        endpoints=["s3", "ecr", "logs", "secretsmanager"],
        cidr="10.101.0.0/16",
    )
    section(stack, "edge").update(domain=None, zoneId=None)
    section(stack, "data").update(databases={"user": PLAIN_RDS}, buckets={})
    service = {**section(stack, "services")["status"], "uses": {"user": "write"}}
    stack["config"]["groundwork:services"] = {"status": service}
    return stack


def china() -> dict[str, Any]:
    """Production, where names, hosts and ARNs are written otherwise, with every kind of service and backups. There AWS Backup
    tests no restores, and copies nothing out of the country. Its services call each other, in a circle too."""
    stack = stack_file("prod")
    stack["config"]["aws:region"] = "cn-north-1"
    section(stack, "network").update(
        availabilityZones=["cn-north-1a", "cn-north-1b", "cn-north-1d"], cidr="10.102.0.0/16"
    )
    section(stack, "data").update(
        backups={**NIGHTLY, "restoreTest": None, "copy": {"region": "cn-northwest-1", "keepDays": 35}},
        dump={**DUMP, "databases": ["main"]},
    )
    section(stack, "services")["legacy"] = {**FLEET, "uses": {}}
    stack["config"]["groundwork:compute"] = {"capacity": {"arm": CAPACITY}}
    _calls(stack)
    return stack


def _calls(stack: dict[str, Any]) -> None:
    """Services that call: one without a route, one on the internal load balancer, the longest names; every setting of
    routes at an end."""
    services = section(stack, "services")
    plain = services.pop("status")
    services["web"]["uses"] |= {"abcdefgh-ijklmn1": "call", "inside": "call"}
    services["indexer"]["uses"] = {"uploads": "read", "inside": "call"}
    services["abcdefgh-ijklmn1"] = {
        **plain,
        "route": None,
        "health": None,
        "protocol": "grpc",
        "called": {"timeoutSeconds": 0, "idleSeconds": 0},
        "uses": {"inside": "call"},
    }
    services["inside"] = {
        **plain,
        "route": {
            "path": "/*",
            "priority": 50000,
            "internal": True,
            "sticky": {"seconds": 604800, "cookie": "SESSION"},
            "drainSeconds": 3600,
            "algorithm": "least-outstanding-requests",
        },
        "healthCheck": {
            "intervalSeconds": 300,
            "timeoutSeconds": 120,
            "goodChecks": 10,
            "badChecks": 10,
            "codes": "200",
        },
        "uses": {"abcdefgh-ijklmn1": "call", "grpc": "call"},
    }
    services["grpc"] = {
        **plain,
        "protocol": "grpc",
        "route": {"path": "/pkg.Service/*", "priority": 1, "slowStartSeconds": 30, "sticky": {"seconds": 0}},
        "health": "/grpc.health.v1.Health/Check",
    }
    stack["config"]["groundwork:edge"] |= {
        "http": {"keepAliveSeconds": 604800, "desyncMitigation": "strictest"},
        "internal": {"reachableFrom": ["10.0.0.0/8", "192.168.1.7/32"]},
    }


def many() -> dict[str, Any]:
    """Production with six zones, the longest names for every kind of service and store, queues in order, one service
    that uses two kinds of database; both kinds of addresses, and a VPC that is closed but for exceptions."""
    stack = stack_file("prod")
    section(stack, "network").update(availabilityZones=[f"us-east-1{z}" for z in "abcdef"], cidr="10.103.0.0/16")
    section(stack, "network").update(nat="per-az", ipv6=True, blockPublicAccess=True)
    data, services = section(stack, "data"), section(stack, "services")
    data["streams"]["events"]["lagAlarmSeconds"] = 60
    data["buckets"] = {"bucket-of-number-000": data["buckets"].pop("uploads")}
    plain = {**PLAIN_RDS, "instanceClass": "db.m7g.large", "maxStorageGib": 200, "multiAz": True, "backupDays": 35}
    data["databases"] = {"abcdefghij-klmnopqrs": data["databases"]["main"], "order": plain}
    if "dump" in data:
        data["dump"]["databases"] = ["order"]
    services["web"]["uses"] = dict.fromkeys([*data["buckets"], *data["databases"]], "write")
    # Read by nobody: what tasks are told of values of the configuration is decided at update only.
    data["databases"]["zyxwvutsrq-ponmlkji"] = {**plain, "readers": 2, "masterPassword": "master", "iamUser": "app"}
    stack["config"]["groundwork:secrets"] = {"master": {"secure": "AAABAAAA"}}
    status, indexer, nightly = (services.pop(name) for name in ("status", "indexer", "nightly"))
    longest = {**status, "route": {"path": "/a*b*c*d*", "priority": 199, "host": "*.example.com"}}
    longest["scale"] = EVERYTHING
    services["abcdefgh-ijklmno"] = longest
    section(stack, "edge")["testing"] = {"reachableFrom": ["203.0.113.0/24"]}
    shifted = {**status, "route": {"path": "/shifted*", "priority": 198}, "deployment": CANARY}
    services["abcdefgh-shifted"] = shifted
    called = services.pop("receipts")  # by a bucket that is not here
    data["tables"]["profiles"]["stream"] = "both"
    changes = {"name": "profiles", "events": ["created"], "parallel": 10}
    services["abcdefgh-changes"] = {**called, "queue": None, "bucket": None, "table": changes}
    data["queues"]["abcdefghij-klmnopqrt"] = {**data["queues"]["jobs"], "fifo": True}
    services["abcdefgh-worker1"] = {**indexer, "uses": {}, "queue": "abcdefghij-klmnopqrt"}
    services["abcdefgh-ijkl-jb"] = {**nightly, "uses": dict.fromkeys(data["queues"], "send")}
    return stack


def night() -> dict[str, Any]:
    """Development that gives every right: a fleet that sleeps, a service on capacity that may be empty, the cheapest
    network in both kinds of addresses, backups for a week and no tests of them."""
    stack = stack_file("dev")
    every_right.give(stack)
    section(stack, "network").update(nat="instance", ipv6=True, networkAcls=True, cidr="10.111.0.0/16")
    services = section(stack, "services")
    services["legacy"] = {**FLEET, "scale": {**FLEET["scale"], "schedules": {"night": NIGHT, "day": DAY}}}
    services["legacy"]["uses"] = {**FLEET["uses"], "shared": "write"}
    services["status"].pop("spot")
    services["status"]["runsOn"] = "arm"
    section(stack, "compute")["capacity"] = {"arm": {**CAPACITY, "min": 0}}
    section(stack, "data")["backups"] = {**NIGHTLY, "keepDays": 7, "restoreTest": None}
    return stack


def kept() -> dict[str, Any]:
    """Production that gives every right, with a store of every kind, everything that backups have, a fleet that uses every
    store, a worker on capacity, all with the longest names, and one NAT gateway for the region."""
    stack = stack_file("prod")
    every_right.give(stack)
    section(stack, "network").update(nat="regional", ipv6=True, networkAcls=True, cidr="10.121.0.0/16")
    data, services = section(stack, "data"), section(stack, "services")
    main = data["databases"]["main"]
    plain = {**PLAIN_RDS, "engine": "mysql", "version": "8.4.9", "instanceClass": "db.m7g.large", "multiAz": True}
    data["databases"] = {"main": main, "abcdefghij-klmnopqrs": main, "orders": {**plain, "backupDays": 7}}
    data.setdefault("tables", {})["abcdefghij-table-001"] = TABLE
    data.setdefault("files", {})["abcdefghij-files-001"] = FILES
    data["backups"] = {
        **NIGHTLY,
        "coldAfterDays": 30,
        "bucketsContinuousDays": 14,
        "copy": {"region": "us-west-2", "keepDays": 365},
    }
    data["dump"] = DUMP
    services["web"]["uses"]["abcdefghij-table-001"] = "write"
    schedules = {"abcdefghij-klmnopqrs": {**DAY, "when": "cron(0/5 7-9 1,15 JAN ? *)"}}
    services["abcdefgh-ijklmno"] = {
        **FLEET,
        "scale": {**FLEET["scale"], "schedules": schedules},
        "route": {"path": "/older/*", "priority": 8},
    }
    section(stack, "compute")["capacity"] = {"abcdefghij-klmnopqrs": CAPACITY}
    del services["status"]  # there are other web services
    services["indexer"].pop("spot", None)
    services["indexer"]["runsOn"] = "abcdefghij-klmnopqrs"
    return stack


def sealed() -> dict[str, Any]:
    """Production without a way out."""
    stack = stack_file("prod")
    section(stack, "network").update(nat="none", networkAcls=True, cidr="10.114.0.0/16")
    # Images from elsewhere cannot be pulled then.
    stack["config"]["groundwork:services"] = {"status": section(stack, "services")["status"]}
    section(stack, "data")["dump"]["stopAfterSeconds"] = None
    return stack


def brought() -> dict[str, Any]:
    """Production in a network and behind a load balancer that others made."""
    stack = stack_file("prod")
    for name, change in BROUGHT.items():
        section(stack, name).update(change)
    del section(stack, "services")["status"]  # there is another web service
    return stack


def crowd() -> dict[str, Any]:
    """Production with nothing but copies of one of its web services, of which the first uses as many buckets as there
    are copies."""
    stack = growth.described(growth.TESTED)
    buckets = {f"bucket-of-number-{n:03}": section(stack, "data")["buckets"]["uploads"] for n in range(growth.TESTED)}
    section(stack, "data")["buckets"] |= buckets
    section(stack, "services")["service-00"]["uses"] |= dict.fromkeys(buckets, "write")
    return stack


STACKS: dict[str, Callable[[], dict[str, Any]]] = {
    "alone.us": alone,
    "brought": brought,
    "china": china,
    "kept": kept,
    "many": many,
    "night": night,
    "sealed": sealed,
}
UNJUDGED: dict[str, Callable[[], dict[str, Any]]] = {"crowd": crowd}
"""Of these there is the update alone, without policies: they have nothing but more of what production has."""


def recorded(factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a `check` of all of them says, each of which ran to its end: of each stack the resources, and of those that are
    judged the findings. The plain HTTP of one is a violation."""

    def made(folder: Path) -> list[Any]:
        stacks = {name: make() for name, make in (STACKS | UNJUDGED).items()}
        return [*checked_and_updated(project(folder / "project", stacks), [*STACKS], [*UNJUDGED])]

    _, (code, stacks, told) = once(factory, "shapes", made)
    assert stacks.keys() == {*STACKS, *UNJUDGED}, told
    assert {name: stack["errors"] for name, stack in stacks.items() if stack["errors"]} == {}, told
    assert code == report.VIOLATED, told
    return {"stacks": stacks}


def inputs(document: dict[str, Any], stack: str, token: str) -> dict[str, dict[str, Any]]:
    """Name -> inputs, for one type of one stack."""
    return {r["name"]: r["inputs"] for r in document["stacks"][stack]["resources"] if r["type"] == token}


def first(resources: list[dict[str, Any]], token: str, key: str | None = None) -> dict[str, Any]:
    """The inputs of the first resource of a type, which has the key."""
    found = (r for r in resources if r["type"] == token and (key is None or key in r["inputs"]))
    values: dict[str, Any] = next(found)["inputs"]
    return values


def with_mistake(
    resources: list[dict[str, Any]], mistake: tuple[str, str | None, Callable[[dict[str, Any]], dict[str, Any]]]
) -> list[dict[str, Any]]:
    """The resources, where the inputs of the first of a type, which has the key, are what the mistake makes of them."""
    token, key, breaking = mistake
    right = first(resources, token, key)
    wrong = breaking(copy.deepcopy(right))
    return [{**resource, "inputs": wrong} if resource["inputs"] is right else resource for resource in resources]
