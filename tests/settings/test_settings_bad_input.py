"""Each mistake in a stack file: the key, the value, what is allowed, what to change, and nothing else."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

import pytest

MISSING = ...  # as the fixtures take it


class Case(NamedTuple):
    """What is changed in the baseline, and what is said about it."""

    name: str
    changes: dict[str, Any]
    key: str
    given: str
    allowed: str
    change: str


WEB, STATUS, MAIN, PLAIN, UPLOADS = (
    "services.web",
    "services.status",
    "data.databases.main",
    "data.databases.plain",
    "data.buckets.uploads",
)
WEB_SERVICE = {
    "kind": "web",
    "image": "web:1",
    "port": 8000,
    "health": "/",
    "size": {"cpu": 256, "memory": 512, "architecture": "arm64"},
    "scale": {"min": 2, "max": 3, "outAbove": 60, "inBelow": 30, "cooldown": {"in": 300, "out": 60}},
    "route": {"path": "/more*", "priority": 50},
    "environment": {},
    "uses": {},
}
UNPROTECTED = {"protection.protected": False}
NO_NAT = {"network.nat": "none", "network.endpoints": ["s3", "ecr", "logs", "secretsmanager"], f"{WEB}.image": MISSING}
IN_ECR = {f"{WEB}.image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1"}


def one(name: str, path: str, value: Any, given: str, allowed: str, change: str, **more: Any) -> Case:
    """A case that changes one value and is reported at that very key."""
    return Case(name, {path: value, **more}, path, given, allowed, change)


def cases() -> Iterator[Case]:
    """All of them, section by section."""
    yield one("region missing", "aws:region", MISSING, "nothing", "us-east-1", "for example us-east-1")
    yield one("region misspelt", "aws:region", "eu-wst-1", '"eu-wst-1"', "eu-west-2", "did you mean eu-west-1?")
    yield from protection()
    yield from network()
    yield from data()
    yield from edge()
    yield from existing_load_balancer()
    yield from services()
    yield one(
        "email", "observability.email", "alerts", '"alerts"', "one e-mail address", "email: platform-alerts@example.com"
    )
    yield one("retention", "observability.logRetentionDays", 91, "91", "60, 90, 120", "did you mean 90?")


def protection() -> Iterator[Case]:
    """Account and protection."""
    key = "protection.accountId"
    yield one("account as a number", key, 111122223333, "111122223333", "12 digits", 'accountId: "111122223333"')
    for name, number in (("octal", 0o11122223333), ("shorter", 12345678901)):
        yield one(
            f"account as a number, {name}", key, number, str(number), "12 digits", 'as in accountId: "111122223333"'
        )
    yield one("account too short", key, "1111", '"1111"', "12 digits", 'accountId: "111122223333"')
    yield one("true in quotes", "protection.protected", "true", '"true"', "true or false", "protected: true")
    yield one("yes", "protection.protected", "yes", '"yes"', "true or false", "protected: true")
    yield one("one for true", "protection.protected", 1, "1", "true or false", "protected: true")


def network() -> Iterator[Case]:
    """Addresses, zones, the way out."""
    key = "network.cidr"
    yield one("no range", key, "ten", '"ten"', "/16 to /24", "10.20.0.0/16")
    yield one("range without size", key, "10.20.0.0", '"10.20.0.0"', "/16 to /24", "write for example 10.20.0.0/16")
    yield one("range too large", key, "10.0.0.0/8", '"10.0.0.0/8"', "/16 to /24", "10.0.0.0/16")
    yield one("range too small", key, "10.20.0.0/25", '"10.20.0.0/25"', "/16 to /24", "10.20.0.0/16")
    yield one("host bits", key, "10.20.1.0/16", '"10.20.1.0/16"', "/16 to /24", "write 10.20.0.0/16")
    yield one("public range", key, "52.20.0.0/16", '"52.20.0.0/16"', "172.16.0.0/12", "10.20.0.0/16")
    yield one("beyond 172.31", key, "172.32.0.0/16", '"172.32.0.0/16"', "172.16.0.0/12", "10.20.0.0/16")
    yield one("range as a number", key, 10, "10", "/16 to /24", "cidr: 10.20.0.0/16")
    yield one("range empty", key, None, "nothing (null)", "/16 to /24", "cidr: 10.20.0.0/16")
    yield Case(
        "range of another stack",
        {key: "10.10.0.0/16"},
        key,
        "\"10.10.0.0/16\" in stack 'prod', \"10.10.0.0/16\" in stack 'dev'",
        "apart from 10.10.0.0/16",
        "use 10.1.0.0/16, which is free",
    )
    key = "network.subnetMask"
    yield one("number in quotes", key, "24", '"24"', "a whole number from 16 to 27", "without quotes: subnetMask: 24")
    yield one("decimals", key, 24.5, "24.5", "a whole number from 16 to 27", "subnetMask: 24")
    yield one("true for a number", key, True, "true", "a whole number from 16 to 27", "subnetMask: 24")
    yield one("mask too small", key, 28, "28", "from 16 to 27", "use subnetMask: 27 or less")
    yield one("mask too large", key, 8, "8", "from 16 to 27", "use subnetMask: 16 or more")
    key, ways = "network.nat", "none, instance, single, per-az, regional or existing"
    yield one("misspelt nat", key, "per_az", '"per_az"', ways, "did you mean per-az?")
    yield one("nat as a number", key, 1, "1", ways, "nat: single")
    yield one("nat as a truth", key, False, "false", ways, "nat: single")
    yield one("nat as a list", key, ["single"], "a list of 1", ways, "nat: single")
    yield one(
        "one small instance for a protected stack",
        key,
        "instance",
        "instance (groundwork:protection.protected: true)",
        "none, single, per-az or regional",
        "set nat to per-az",
    )
    yield one(
        "an exception for a gateway in no subnet",
        key,
        "regional",
        "regional (blockPublicAccess: true)",
        "none, instance, single or per-az",
        "set nat to per-az",
        **{"network.blockPublicAccess": True},
    )
    yield from existing_network()
    for switch in ("ipv6", "networkAcls", "blockPublicAccess"):
        key = f"network.{switch}"
        yield one(f"{switch} in quotes", key, "true", '"true"', "true or false", f"{switch}: true")
        yield one(f"{switch} empty", key, None, "nothing (null)", "true or false", f"{switch}: true")
    yield one("ACLs in wrong letters", "network.networkACLs", True, 'the key "networkACLs"', "ipv6", "networkAcls?")
    key = "network.availabilityZones"
    yield one("one zone", key, ["us-east-1a"], "a list of 1", "2 or more", "[us-east-1a, us-east-1b]")
    yield one("zones as text", key, "us-east-1a", '"us-east-1a"', "a list of 2 or more", "[us-east-1a, us-east-1b]")
    for name, zone, allowed, change in (
        ("another region", "eu-west-1c", "us-east-1a, us-east-1b", "name a zone of us-east-1"),
        ("no such letter", "us-east-1g", "us-east-1f", "did you mean us-east-1f?"),
        ("twice", "us-east-1a", "each one once", "take one of the two out"),
        ("zone id", "use1-az1", "for example us-east-1a", "for example us-east-1a"),
        ("region for a zone", "us-east-1", "for example us-east-1a", "for example us-east-1a"),
    ):
        yield Case(name, {f"{key}.2": zone}, f"{key}[2]", f'"{zone}"', allowed, change)
    yield Case(
        "zone as a number", {f"{key}.1": 2}, f"{key}[1]", "2", "for example us-east-1a", "for example us-east-1a"
    )
    yield Case(
        "zone beyond the range",
        {"network.cidr": "10.20.0.0/20", f"{key}.2": "us-east-1f"},
        f"{key}[2]",
        '"us-east-1f" (cidr: 10.20.0.0/20, subnetMask: 24)',
        "within the cidr",
        "a subnetMask of 25 or more or a cidr of /19 or larger would do",
    )
    yield Case(
        "two zones beyond the range",
        {"network.cidr": "10.20.0.0/22", key: ["us-east-1a", "us-east-1a", "us-east-1c", "us-east-1b"][1:]},
        f"{key}[1]",
        '"us-east-1c" (cidr: 10.20.0.0/22, subnetMask: 24)',
        "within the cidr",
        "a subnetMask of 26 or more or a cidr of /20 or larger would do",
    )
    key = "network.endpoints"
    yield Case("unknown endpoint", {f"{key}.1": "dynamo"}, f"{key}[1]", '"dynamo"', "s3, dynamodb, ecr", "dynamodb?")
    yield Case("endpoint twice", {f"{key}.1": "s3"}, f"{key}[1]", '"s3"', "each one once", "take one of the two out")
    yield one("ecr without s3", key, ["ecr"], "ecr", "ecr together with s3", "add s3")
    yield one("endpoints missing", key, MISSING, "nothing", "a list, each item s3", "endpoints: [s3, dynamodb]")
    yield Case(
        "no way to the secrets of a database",
        {**NO_NAT, **IN_ECR, key: ["s3", "ecr", "logs"]},
        key,
        "s3, ecr, logs (nat: none)",
        "ecr, s3, logs and secretsmanager",
        "add secretsmanager, or set groundwork:network.nat to single or per-az",
    )
    yield one("flow logs", "network.flowLogs.retentionDays", 15, "15", "7, 14, 30", "did you mean 14?")
    yield one(
        "snake case", "network.subnet_mask", 24, 'the key "subnet_mask"', "subnetMask", "did you mean subnetMask?"
    )


def existing_network() -> Iterator[Case]:
    """A network that somebody else made."""
    here = "network.existing.subnets"

    def of(name: str, path: str, value: Any, *texts: str, key: str | None = None) -> Case:
        return Case(name, {**brought(), path: value}, key or path, *texts)

    yield one("no subnets to make", "network.subnetMask", None, "null (existing: null)", "16 to 28", "subnetMask: 24")
    yield one("a way out of nothing", "network.nat", "existing", "existing (existing: null)", "single", "set nat to")
    yield of("a size for what exists", "network.subnetMask", 24, "24 (existing: given)", "null", "to null")
    yield of("a gateway in what exists", "network.nat", "per-az", "per-az (existing", "existing or none", "set nat")
    for switch in ("networkAcls", "blockPublicAccess"):
        path = f"network.{switch}"
        yield of(f"{switch} of what exists", path, True, "true (existing: given)", "false", "take it out")
    vpc = "network.existing.vpcId"
    yield of("no VPC", vpc, "10.0.0.0", '"10.0.0.0"', "the id of a VPC", "vpcId: vpc-0123456789abc")
    public = "subnet-a0000000"
    yield of("data in a public subnet", f"{here}.us-east-1b.data", public, f'"{public}"', "of its own", "name another")
    path = f"{here}.us-east-1a.public"
    yield of("no subnet", path, "ours", '"ours"', "the id of a subnet", "public: subnet-0123")
    yield of("a tier missing", path, MISSING, "nothing", "the id of a subnet", "subnet-0123")
    zones = [f"us-east-1{letter}" for letter in "abc"]
    yield of(
        "a zone without subnets",
        "network.availabilityZones",
        zones,
        "us-east-1a, us-east-1b",
        "exactly us-east-1a, us-east-1b, us-east-1c",
        "add us-east-1c",
        key=here,
    )
    more = {"public": "subnet-c0000000", "private": "subnet-c1000000", "data": "subnet-c2000000"}
    path = f"{here}.us-east-1c"
    yield of("subnets of no zone", path, more, 'the key "us-east-1c"', "us-east-1a, us-east-1b", "take it out")


def existing_load_balancer() -> Iterator[Case]:
    """A load balancer that somebody else made."""
    here, arn = "edge.existing", "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/main/" + "0" * 16
    listener = f"{arn.replace(':loadbalancer/', ':listener/')}/{'1' * 16}"
    base = {
        "edge.zoneId": None,
        "edge.idleTimeoutSeconds": None,
        here: {"arn": arn, "listenerArn": listener, "securityGroupId": "sg-0123456789abcdef0"},
    }

    def of(name: str, path: str, value: Any, *texts: str) -> Case:
        return Case(name, {**deepcopy(base), path: value}, path, *texts)

    key = "edge.idleTimeoutSeconds"
    yield one("no time-out", key, None, "null (existing: null)", "1 to 4000", "idleTimeoutSeconds: 60")
    yield of("a time-out for what exists", key, 60, "60 (existing: given)", "null", "to null")
    yield of("no name for what exists", "edge.domain", None, "null (existing: given)", "a domain name", "app.example")
    yield of("a record for what exists", "edge.zoneId", "Z0123456789", '"Z0123456789" (existing', "null", "to null")
    yield of("no load balancer", f"{here}.arn", "main", '"main"', "loadbalancer/app/...", "docs/settings.md")
    other = listener.replace("/main/", "/other/")
    path = f"{here}.listenerArn"
    yield of("listener of another", path, other, "app/other/", "a listener of app/main/0", ":listener/app/main/0")
    yield of("no group", f"{here}.securityGroupId", "sg-1", '"sg-1"', "the id of a security group", "sg-0123456789")
    for name, part, wrong in (("region", "us-east-1", "eu-west-1"), ("account", "111122223333", "444455556666")):
        values = {"arn": arn.replace(part, wrong), "listenerArn": listener, "securityGroupId": "sg-01234567"}
        yield Case(
            f"load balancer of another {name}",
            {**base, here: values},
            f"{here}.arn",
            wrong,
            ":us-east-1:111122223333:",
            "own region and account",
        )


def brought() -> dict[str, Any]:
    """What makes the baseline one that brings its network."""
    tiers = ("public", "private", "data")
    subnets = {
        f"us-east-1{zone}": {tier: f"subnet-{zone}{digit}000000" for digit, tier in enumerate(tiers)} for zone in "ab"
    }
    return {
        "network.availabilityZones": list(subnets),
        "network.subnetMask": None,
        "network.nat": "existing",
        "network.existing": {"vpcId": "vpc-0123456789abcdef0", "subnets": subnets},
    }


def data() -> Iterator[Case]:
    """Databases and buckets."""
    key = f"{MAIN}.version"
    yield one("version as a number", key, 17.7, "17.7", 'for example "17.7"', "put it in quotes")
    yield one("major alone", key, "17", '"17"', "major and minor version", 'version: "17.7"')
    yield one("version too old", key, "13.23", '"13.23"', "14, 15, 16, 17 or 18", '"14.24" or newer')
    yield one("minor never released", key, "17.8", '"17.8"', "17.7, 17.9", '"17.11"')
    yield one("minor retired", f"{PLAIN}.version", "17.6", '"17.6"', "17.7, 17.9, 17.10 or 17.11", '"17.11"')
    key = f"{MAIN}.minCapacity"
    yield one("capacity in quotes", key, "0.5", '"0.5"', "a number from 0 to 256 in steps of 0.5", "minCapacity: 0.5")
    yield one("capacity between steps", key, 0.7, "0.7", "in steps of 0.5", "use minCapacity: 0.5 or 1")
    yield one("capacity negative", key, -1, "-1", "from 0 to 256", "use minCapacity: 0 or more")
    key = f"{MAIN}.maxCapacity"
    yield one("capacities reversed", key, 2, "2 (minCapacity: 4)", "4 to 256", "raise", **{f"{MAIN}.minCapacity": 4})
    yield one("capacity too large", key, 256.5, "256.5", "from 1 to 256", "use maxCapacity: 256 or less")
    key = f"{MAIN}.pauseAfterSeconds"
    yield one("pause without zero", key, 300, "300 (minCapacity: 0.5)", "null", "minCapacity to 0", **UNPROTECTED)
    yield one("pause too short", key, 60, "60", "from 300 to 86400, or null", "pauseAfterSeconds: 300 or more")
    yield Case(
        "zero without pause",
        {f"{MAIN}.minCapacity": 0, **UNPROTECTED},
        key,
        "null (minCapacity: 0)",
        "300 to 86400",
        "for example 300",
    )
    yield Case(
        "version that cannot pause",
        {f"{MAIN}.minCapacity": 0, key: 300, f"{MAIN}.version": "14.6", **UNPROTECTED},
        f"{MAIN}.minCapacity",
        "0",
        "0 from version 14.12 on",
        '"14.12" or newer',
    )
    yield Case(
        "pausing when protected",
        {f"{MAIN}.minCapacity": 0, key: 300},
        f"{MAIN}.minCapacity",
        "0 (pauseAfterSeconds: 300, groundwork:protection.protected: true)",
        "0.5 to 256",
        "minCapacity to 0.5",
    )
    yield one("one instance when protected", f"{MAIN}.instances", 1, "1 (ground", "2 to 15", "set instances to 2")
    yield one("sixteen instances", f"{MAIN}.instances", 16, "16", "from 1 to 15", "instances: 15 or less")
    yield one("no backups", f"{MAIN}.backupDays", 0, "0", "from 1 to 35", "backupDays: 1 or more")
    yield one("backups too long", f"{MAIN}.backupDays", 36, "36", "from 1 to 35", "backupDays: 35 or less")
    yield one("few backups when protected", f"{MAIN}.backupDays", 6, "6 (ground", "7 to 35", "7 or more")
    yield one("few backups of plain", f"{PLAIN}.backupDays", 6, "6 (ground", "7 to 35", "7 or more")
    yield one("one zone when protected", f"{PLAIN}.multiAz", False, "false (ground", "true", "set multiAz to true")
    yield one(
        "misspelt engine", f"{PLAIN}.engine", "postgre", '"postgre"', "aurora-postgresql or postgres", "postgres?"
    )
    for value, given in (
        (0, "0"),
        (True, "true"),
        (None, "nothing (null)"),
        ([], "an empty list"),
        ({}, "an empty map"),
    ):
        yield one(
            f"engine {given}",
            f"{PLAIN}.engine",
            value,
            given,
            "aurora-postgresql or postgres",
            "write aurora-postgresql",
        )
    yield one(
        "engine missing", f"{PLAIN}.engine", MISSING, "nothing", "aurora-postgresql or postgres", "add it: engine"
    )
    yield one(
        "setting of the other engine",
        f"{PLAIN}.minCapacity",
        1,
        'the key "minCapacity"',
        "instanceClass",
        "for another kind",
    )
    key = f"{PLAIN}.instanceClass"
    yield one("class without db", key, "t4g.micro", '"t4g.micro"', "for example db.t4g.micro", "db.t4g.micro")
    yield one("class misspelt", key, "db.t4.micro", '"db.t4.micro"', "t3 or t4g", "did you mean db.t4g.micro?")
    yield one("size that the family lacks", key, "db.t4g.16xlarge", '"db.t4g.16xlarge"', "t3 or t4g", "rds.json")
    yield one("serverless is Aurora's", key, "db.serverless", '"db.serverless"', "db.r8g.large", "db.t4g.micro")
    yield one("storage reversed", f"{PLAIN}.maxStorageGib", 20, "20 (storageGib: 50)", "50 to 65536", "raise",
              **{f"{PLAIN}.storageGib": 50})  # fmt: skip
    yield one("storage too small", f"{PLAIN}.storageGib", 10, "10", "from 20 to 65536", "storageGib: 20 or more")
    yield one("IA too early", f"{UPLOADS}.infrequentAccessAfterDays", 29, "29", "from 30", "30 or more")
    yield one("archive too early", f"{UPLOADS}.archiveAfterDays", 60, "60 (infrequentAccessAfterDays: 45)", "75", "75",
              **{f"{UPLOADS}.infrequentAccessAfterDays": 45})  # fmt: skip
    yield one("abort at once", f"{UPLOADS}.abortUploadsAfterDays", 0, "0", "from 1", "abortUploadsAfterDays: 1 or more")
    yield one(
        "setting in quotes", f"{UPLOADS}.archiveAfterDays", "90", '"90"', "a whole number", "archiveAfterDays: 90"
    )
    yield Case(
        "two stores of one name",
        {"data.buckets.main": {"infrequentAccessAfterDays": 30, "archiveAfterDays": 90, "abortUploadsAfterDays": 7,
                               "expireNoncurrentAfterDays": 180}, f"{WEB}.uses": {}},
        "data.buckets.main",
        '"main"',
        "no other store has",
        "rename one of the two",
    )  # fmt: skip
    yield Case(
        "name in capitals",
        {"data.databases.MyDB": {"engine": "postgres", "version": "17.11", "instanceClass": "db.t4g.micro",
                                 "storageGib": 20, "maxStorageGib": 20, "multiAz": True, "backupDays": 7}},
        "data.databases.MyDB",
        'the name "MyDB"',
        "lower-case letters",
        "for example to my-db",
    )  # fmt: skip
    yield one(
        "buckets missing", "data.buckets", MISSING, "nothing", "a map", "add it: buckets: {}", **{f"{WEB}.uses": {}}
    )
    yield one(
        "databases as a list", "data.databases", [], "an empty list", "a map", "databases: {}", **{f"{WEB}.uses": {}}
    )


def edge() -> Iterator[Case]:
    """The front door."""
    key = "edge.domain"
    for name, domain in (
        ("address for a domain", "https://app.example.com"),
        ("domain with a path", "app.example.com/x"),
        ("capitals", "App.example.com"),
        ("wildcard", "*.example.com"),
        ("no dot", "localhost"),
    ):
        yield one(name, key, domain, f'"{domain}"', "a full domain name in lower case", "domain: app.example.com")
    yield one("zone without domain", key, None, "null (zoneId", "both null", "zoneId to null", **UNPROTECTED)
    yield one("domain without zone", "edge.zoneId", None, 'null (domain: "app', "both null", "domain to null")
    yield one("no HTTPS when protected", key, None, "null (ground", "a domain name", "give domain and zoneId",
              **{"edge.zoneId": None})  # fmt: skip
    yield one("ARN for a zone", "edge.zoneId", "arn:aws:x", '"arn:aws:x"', "Route 53", "zoneId: Z0123456789EXAMPLE")
    yield one("timeout too long", "edge.idleTimeoutSeconds", 4001, "4001", "from 1 to 4000", "4000 or less")
    yield one("logs for no day", "edge.logRetentionDays", 0, "0", "from 1 to 3650", "logRetentionDays: 1 or more")


def services() -> Iterator[Case]:
    """Services."""
    yield one("another kind", f"{WEB}.kind", "cron", '"cron"', "web or worker", "web or worker")
    yield one("misspelt kind", f"{WEB}.kind", "Web", '"Web"', "web or worker", "did you mean web?")
    yield one("kind missing", f"{WEB}.kind", MISSING, "nothing", "web or worker", "add it: kind: ")
    yield from images_and_builds()
    yield one("root's port", f"{WEB}.port", 80, "80", "from 1024 to 65535", "port: 1024 or more")
    yield one("no such port", f"{WEB}.port", 65536, "65536", "from 1024 to 65535", "port: 65535 or less")
    yield one("port and path", f"{WEB}.health", ":8000/", '":8000/"', "begins with /", "health: /health")
    yield one("whole address", f"{WEB}.health", "http://localhost/", '"http://localhost/"', "begins with /", "/health")
    yield one("a space in a path", f"{WEB}.health", "/a b", '"/a b"', "without spaces", "health: /health")
    yield one("long path", f"{WEB}.health", "/" * 1025, "(1025 characters)", "at most 1024", "shorten it")
    yield one("no such memory", f"{WEB}.size.memory", 3000, "3000 (cpu: 1024)", "2048, 3072, 4096", "memory to 3072")
    yield one("memory of another size", f"{WEB}.size.memory", 512, "512 (cpu: 1024)", "2048", "or cpu to 256")
    yield one("no such cpu", f"{WEB}.size.cpu", 1000, "1000", "256, 512, 1024", "set cpu to 1024")
    yield one("cpu as ECS writes it", f"{WEB}.size.cpu", "1024", '"1024"', "256, 512, 1024", "cpu: 1024")
    yield one("architecture", f"{WEB}.size.architecture", "amd64", '"amd64"', "x86_64 or arm64", "did you mean arm64?")
    yield one("tasks reversed", f"{WEB}.scale.max", 1, "1 (min: 2)", "2 to 1000", "raise max or lower min")
    yield one("one task when protected", f"{WEB}.scale.min", 1, "1 (ground", "2 or more", "set min to 2")
    yield one("no task", f"{WEB}.scale.min", 0, "0", "from 1 to 1000", "min: 1 or more")
    yield one("thresholds reversed", f"{WEB}.scale.inBelow", 60, "60 (outAbove: 60)", "0 to 59", "for example to 30")
    yield one("hours of cooldown", f"{WEB}.scale.cooldown.in", 9999, "9999", "from 0 to 3600", "in: 3600 or less")
    yield from routes()
    yield from variables_and_stores()
    yield Case("long name", {"services.a-very-long-service": WEB_SERVICE}, "services.a-very-long-service",
               'the name "a-very-long-service"', "16 characters", "a-very-long-serv")  # fmt: skip


def images_and_builds() -> Iterator[Case]:
    """What runs."""
    key, digest = f"{WEB}.image", "sha256:" + "0" * 64
    yield one("latest", key, "web:latest", '"web:latest" (ground', "other than latest", "web:<tag>")
    yield one("no tag", key, "crccheck/hello-world", '"crccheck/hello-world"', "or a digest", "hello-world:<tag>")
    yield one("port is no tag", key, "reg.example.com:5000/web", "reg.example.com:5000/web", "a digest", "web:<tag>")
    yield one("short digest", key, "web@sha256:12", '"web@sha256:12"', "[registry", "as `docker pull`")
    yield one("bad tag", key, "web:1 2", '"web:1 2"', "[:tag]", "as `docker pull`")
    yield one("capitals in a name", key, "Web:1", '"Web:1"', "name", "as `docker pull`")
    yield one("image empty", key, "", '""', "[registry[:port]/]name", "image: crccheck/hello-world:v1.0.0")
    yield Case("image and build", {f"{WEB}.build": "services/status"}, key, "image: ", "exactly one", "take one")
    yield Case("neither", {key: MISSING}, key, "image: nothing (null), build: nothing", "exactly one", "name an image")
    yield one(
        "Docker Hub without NAT",
        key,
        f"crccheck/hello-world@{digest}",
        "(groundwork:network.nat: none)",
        "private ECR",
        "set groundwork:network.nat to single or per-az",
        **{path: value for path, value in NO_NAT.items() if path != key},
    )
    yield one(
        "public ECR without NAT",
        key,
        "public.ecr.aws/nginx/nginx:1.27",
        "(groundwork:network.nat: none)",
        "private ECR",
        "copy the image to ECR",
        **{path: value for path, value in NO_NAT.items() if path != key},
    )
    key = f"{STATUS}.build"
    yield one("no such folder", key, "services/statu", '"services/statu"', "with a Dockerfile", "services/status?")
    yield one(
        "no Dockerfile", key, "services/empty", '"services/empty"', "with a Dockerfile", "services/empty/Dockerfile"
    )
    yield one("out of the project", key, "../status", '"../status"', "relative to the folder", "services/status")
    yield one("a zero byte", key, "services/\0", '"services/\\u0000"', "with a Dockerfile", "build: services/status")
    yield one("longer than a name", key, "a" * 3000, "(3000 characters)", "with a Dockerfile", "shorten it")
    yield one("a link to itself", key, "services/loop", '"services/loop"', "relative to", "for example services/status")
    yield one("from the root", key, "/etc", '"/etc"', "relative to the folder", "for example services/status")
    yield one("the project itself", key, ".", '"."', "relative to the folder", "for example services/status")


def routes() -> Iterator[Case]:
    """Who gets which requests."""
    key = f"{STATUS}.route.path"
    yield one("path without slash", key, "status*", '"status*"', "begins with /", 'path: "/*"')
    yield one("same path", key, "/*", '"/*"', "of its own", "another path", **{f"{STATUS}.route.priority": 300})
    yield one("wildcards", key, "/*/*/*/*/*/*/*", "7 in", "6 of * and ?", "take some out")
    key = f"{STATUS}.route.priority"
    yield one("same priority", key, 200, "200", "each number once", "for example 201")
    yield one("priority zero", key, 0, "0", "from 1 to 50000", "priority: 1 or more")
    yield one("hidden by a wider route", key, 300, "300 (priority of web: 200)", "1 to 199", "swapping")
    yield one("host in capitals", f"{STATUS}.route.host", "App.example.com", '"App', "lower case", "app.example.com")


def variables_and_stores() -> Iterator[Case]:
    """What a service gets."""
    key = f"{WEB}.environment"
    yield one("number for text", f"{key}.WORKERS", 4, "4", "text", 'put it in quotes: WORKERS: "4"')
    yield one("truth for text", f"{key}.DEBUG", True, "true", "text", 'DEBUG: "true"')
    yield one("bad name", f"{key}.LOG-LEVEL", "x", 'the name "LOG-LEVEL"', "letters, digits and _", "LOG_LEVEL")
    yield one("name of AWS", f"{key}.AWS_REGION", "x", 'the name "AWS_REGION"', "ECS sets", "take it out")
    yield one("generated name", f"{key}.MAIN_HOST", "x", 'the name "MAIN_HOST"', "MAIN_PORT", "rename")
    name = "MAIN_SECRET_ARN"
    yield one("generated name of a secret", f"{key}.{name}", "x", f'the name "{name}"', "MAIN_PORT", "rename")
    for name in ("DB_PASSWORD", "dbPassword", "API_TOKEN", "STRIPE_SECRET_KEY", "apiKey", "TOKEN", "AWS_CREDENTIALS"):
        yield one(f"secret {name}", f"{key}.{name}", "hunter2", "not shown", "plain values only", "Secrets Manager")
    for name, value in (
        ("access key", "AKIAIOSFODNN7EXAMPLE"),
        ("password in an address", "postgres://app:hunter2@db/app"),
        ("private key", "-----BEGIN RSA PRIVATE KEY-----"),
    ):
        yield one(f"{name} by value", f"{key}.SETTING", value, "not shown", "plain values only", "come by `uses`")
    yield one("no such store", f"{WEB}.uses.uplods", "read", 'the name "uplods"', "main, plain or uploads", "uploads?")
    yield one("database read", f"{WEB}.uses.main", "read", '"read"', "write", "write main: write")
    yield one("bucket sent", f"{WEB}.uses.uploads", "readd", '"readd"', "read or write", "write uploads: read")
    yield one("level as a number", f"{WEB}.uses.main", 1, "1", "read, write, send or receive", "main: read")
    yield one("long list of digits", f"{WEB}.port", "9" * 5000, "(5000 characters)", "1024 to 65535", "port: 8080")
    yield one("beyond all numbers", f"{WEB}.port", 1e21, "1e+21", "1024 to 65535", "port: 8080")
    yield one("secret in a list", f"{key}.DB_PASSWORD", ["hunter2"], "a list of 1", "text", "see docs/settings.md")
    yield one("level missing", f"{WEB}.uses.main", None, "nothing (null)", "read, write, send", "main: read")
    yield one("misplaced", f"{WEB}.cidr", "10.0.0.0/16", 'the key "cidr"', "kind, image", "groundwork:network.cidr")


CASES = list(cases())
Refused = Callable[..., dict[str, dict[str, str]]]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_mistake_is_named_with_key_value_what_is_allowed_and_what_to_change(case: Case, refused: Refused) -> None:
    found = refused(case.changes)
    key = case.key if ":" in case.key else f"groundwork:{case.key}"
    assert list(found) == [key], "one mistake, one message, at the key that is wrong"
    assert case.given in found[key]["given"]
    assert case.allowed in found[key]["allowed"]
    assert case.change in found[key]["change"]
    for jargon in ("Input should", "type=", "input_value", "validation error", "pydantic", "Traceback"):
        assert jargon not in str(found)
