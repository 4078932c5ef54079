"""A stack with one service of any kind, one thing changed at a time."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter

from components.compute import Compute, ComputeArgs
from components.contracts import Access, QueueAddress, Statement, Store
from components.edge import LoadBalancer, LoadBalancerArgs
from settings.location import Location
from settings.services import ServiceSettings

LOCATION = Location.of("us-east-1", "111122223333")
SERVICE = "aws:ecs/service:Service"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
POLICY = "aws:iam/rolePolicy:RolePolicy"
QUEUE_ARN = "arn:aws:sqs:us-east-1:111122223333:data-jobs-1"
QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/111122223333/data-jobs-1"
_SERVICES: TypeAdapter[Any] = TypeAdapter(ServiceSettings)


class Jobs:
    """As a real queue, in what it grants."""

    def access(self, level: str) -> Access:
        action = {"send": "sqs:SendMessage", "receive": "sqs:ReceiveMessage"}[level]
        return Access(
            statements=[Statement(sid=f"{level.capitalize()}Messages", actions=[action], resources=[QUEUE_ARN])],
            environment={"JOBS_QUEUE": QUEUE_URL},
            queue=QueueAddress(name="data-jobs-1", arn=QUEUE_ARN, url=QUEUE_URL),
        )


class Uploads:
    """As a real bucket."""

    def access(self, level: str) -> Access:
        return Access(
            statements=[Statement(sid="UseObjects", actions=["s3:GetObject"], resources=["arn:aws:s3:::uploads/*"])],
            environment={"UPLOADS_BUCKET": "uploads"},
        )


STORES: Mapping[str, Store] = {"jobs": Jobs(), "uploads": Uploads()}


def compute(name: str, settings: Mapping[str, Any], *, protected: bool = True) -> Callable[[], Compute]:
    """Builds one service."""

    def build() -> Compute:
        balancer = LoadBalancer(
            "lb",
            LoadBalancerArgs(
                vpc_id="vpc-1",
                subnet_ids=["public-a", "public-b"],
                log_bucket="logs",
                idle_timeout_seconds=60,
                certificate_arn="arn:cert",
                protected=protected,
            ),
        )
        return Compute(
            "compute",
            ComputeArgs(
                services={name: _SERVICES.validate_python(dict(settings))},
                stores=STORES,
                load_balancer=balancer,
                vpc_id="vpc-1",
                subnet_ids=["private-a", "private-b"],
                log_key_arn="arn:log-key",
                registry_key_arn="arn:data-key",
                log_retention_days=90,
                location=LOCATION,
                protected=protected,
            ),
        )

    return build


def containers(made: Any) -> dict[str, Any]:
    """The containers of the one task definition, by name."""
    return {c["name"]: c for c in json.loads(made.one(TASK).inputs["containerDefinitions"])}


def statements(made: Any, policy: str) -> dict[str, Any]:
    """The statements of a role's policy, by sid."""
    document = json.loads(made.of(POLICY)[policy].inputs["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def own(made: Any, name: str) -> set[tuple[str, str]]:
    """Type and name of the AWS resources of one service."""
    return {
        (r.type.split(":")[1], r.name)
        for r in made.registered
        if r.type.startswith("aws:") and r.name.startswith(f"{name}-")
    }
