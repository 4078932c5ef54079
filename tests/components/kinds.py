"""A stack with services of any kind, one thing changed at a time."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter

from components.compute import Compute, ComputeArgs
from components.contracts import Access, AwsInside, BucketAddress, Opening, QueueAddress, Site, Statement, Store
from components.edge import LoadBalancer, LoadBalancerArgs
from settings.location import Location
from settings.services import ServiceSettings

LOCATION = Location.of("us-east-1", "111122223333")
SERVICE = "aws:ecs/service:Service"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
TARGETS = "aws:lb/targetGroup:TargetGroup"
RULE = "aws:lb/listenerRule:ListenerRule"
LISTENER = "aws:lb/listener:Listener"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ROLE = "aws:iam/role:Role"
ROLES = "groundwork:compute:Roles"
SECRET_ARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:main"
QUEUE_ARN = "arn:aws:sqs:us-east-1:111122223333:data-jobs-1"
QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/111122223333/data-jobs-1"
WEB: Mapping[str, Any] = {
    "kind": "web",
    "image": "crccheck/hello-world:v1.0.0",
    "port": 8000,
    "health": "/",
    "size": {"cpu": 1024, "memory": 2048, "architecture": "x86_64"},
    "scale": {"min": 2, "max": 10, "outAbove": 60, "inBelow": 30, "cooldown": {"in": 300, "out": 60}},
    "route": {"path": "/*", "priority": 100},
    "environment": {"NODE_ENV": "production"},
    "uses": {"main": "write", "uploads": "read"},
}
_SERVICES: TypeAdapter[Any] = TypeAdapter(ServiceSettings)


class Database:
    """As a real database, in what it grants."""

    def access(self, level: str) -> Access:
        secret = Statement(sid="ReadSecret", actions=["secretsmanager:GetSecretValue"], resources=[SECRET_ARN])
        return Access(
            execution_statements=[secret],
            environment={"MAIN_HOST": "db.internal"},
            secrets={"MAIN_PASSWORD": f"{SECRET_ARN}:password::"},
            opening=Opening(security_group_id="sg-main", port=5432, description="PostgreSQL main"),
        )


class Bucket:
    """As a real bucket: every one of them uses the same statement ids."""

    def __init__(self, store: str) -> None:
        self.store = store

    def access(self, level: str) -> Access:
        action = {"read": "s3:GetObject", "write": "s3:PutObject"}[level]
        arn = f"arn:aws:s3:::{self.store}"
        return Access(
            statements=[Statement(sid="UseObjects", actions=[action], resources=[f"{arn}/*"])],
            environment={f"{self.store.upper()}_BUCKET": self.store},
            bucket=BucketAddress(name=self.store, arn=arn),
        )


class Jobs:
    """As a real queue, in what it grants."""

    def access(self, level: str) -> Access:
        action = {"send": "sqs:SendMessage", "receive": "sqs:ReceiveMessage"}[level]
        return Access(
            statements=[Statement(sid=f"{level.capitalize()}Messages", actions=[action], resources=[QUEUE_ARN])],
            environment={"JOBS_QUEUE": QUEUE_URL},
            queue=QueueAddress(name="data-jobs-1", arn=QUEUE_ARN, url=QUEUE_URL),
        )


class Table:
    """As a real table with a stream, in what it grants."""

    def access(self, level: str) -> Access:
        stream = "arn:aws:dynamodb:us-east-1:111122223333:table/profiles/stream/2026-01-01T00:00:00.000"
        if level == "follow":
            statement = Statement(sid="FollowTable", actions=["dynamodb:GetRecords"], resources=[stream])
            return Access(statements=[statement], environment={"PROFILES_STREAM_ARN": stream}, stream_arn=stream)
        arn = "arn:aws:dynamodb:us-east-1:111122223333:table/profiles"
        statement = Statement(sid="ReadItems", actions=["dynamodb:GetItem"], resources=[arn])
        return Access(statements=[statement], environment={"PROFILES_TABLE": "profiles"})


STORES: Mapping[str, Store] = {
    "main": Database(),
    "uploads": Bucket("uploads"),
    "archive": Bucket("archive"),
    "jobs": Jobs(),
    "profiles": Table(),
}


def several(
    services: Mapping[str, Mapping[str, Any]],
    *,
    protected: bool = True,
    certificate: str | None = "arn:cert",
    stores: Mapping[str, Store] = STORES,
    location: Location = LOCATION,
    ipv6: bool = False,
    **more: Any,
) -> Callable[[], Compute]:
    """Builds services by name, on one cluster behind one load balancer; `more` is for `ComputeArgs`."""

    def build() -> Compute:
        balancer = LoadBalancer(
            "lb",
            LoadBalancerArgs(
                vpc_id="vpc-1",
                subnet_ids=["public-a", "public-b"],
                log_bucket="logs",
                idle_timeout_seconds=60,
                certificate_arn=certificate,
                protected=protected,
            ),
        )
        platform: dict[str, Any] = {
            "services": {name: _SERVICES.validate_python(dict(settings)) for name, settings in services.items()},
            "stores": stores,
            "load_balancer": balancer,
            "site": Site(
                vpc_id="vpc-1",
                private_subnet_ids=["private-a", "private-b"],
                ipv6=ipv6,
                inside=AwsInside(cidr="10.0.0.0/16", prefix_lists={"s3": "pl-s3"}),
            ),
            "log_key_arn": "arn:log-key",
            "registry_key_arn": "arn:data-key",
            "log_retention_days": 90,
            "location": location,
            "protected": protected,
        }
        return Compute("compute", ComputeArgs(**{**platform, **more}))

    return build


def compute(name: str, settings: Mapping[str, Any], **how: Any) -> Callable[[], Compute]:
    """Builds one service; `how` as for `several`."""
    return several({name: settings}, **how)


def web(
    *,
    services: Mapping[str, Any] | None = None,
    protected: bool = True,
    certificate: str | None = "arn:cert",
    stores: Mapping[str, Store] = STORES,
    location: Location = LOCATION,
    platform: Mapping[str, Any] | None = None,
    **change: Any,
) -> Callable[[], Compute]:
    """Builds the web service `web` with changes of its settings, or the `services` that are given instead."""
    described = services if services is not None else {"web": {**WEB, **change}}
    return several(
        described, protected=protected, certificate=certificate, stores=stores, location=location, **(platform or {})
    )


def containers(made: Any) -> dict[str, Any]:
    """The containers of the one task definition, by name."""
    return {c["name"]: c for c in json.loads(made.one(TASK).inputs["containerDefinitions"])}


def web_container(made: Any) -> Any:
    """The one container of the one task definition."""
    (only,) = containers(made).values()
    return only


def granted_by(made: Any, policy: str) -> list[Any]:
    """The statements of a role's policy, as written."""
    document: Any = json.loads(made.of(POLICY)[policy].inputs["policy"])
    return list(document["Statement"])


def statements(made: Any, policy: str) -> dict[str, Any]:
    """The statements of a role's policy, by sid."""
    return {statement["Sid"]: statement for statement in granted_by(made, policy)}


def own(made: Any, name: str) -> set[tuple[str, str]]:
    """Type and name of the AWS resources of one service."""
    return {
        (r.type.split(":")[1], r.name)
        for r in made.registered
        if r.type.startswith("aws:") and r.name.startswith(f"{name}-")
    }
