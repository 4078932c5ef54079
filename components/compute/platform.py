"""What every kind of service is given: its settings, what it may use, and the platform around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import pulumi

from components.compute.cluster import Cluster
from components.contracts import Access, AwsInside, FrontDoor
from settings.location import Location
from settings.section import Section

Kind = TypeVar("Kind", bound=Section)


@dataclass(frozen=True, kw_only=True)
class Platform:
    """What the services of a stack share. `log_key_arn` encrypts what they tell, `registry_key_arn` their images and
    the variables of functions."""

    cluster: Cluster
    load_balancer: FrontDoor
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    log_key_arn: pulumi.Input[str]
    registry_key_arn: pulumi.Input[str]
    log_retention_days: int
    location: Location
    protected: bool
    ipv6: bool = False
    internal_load_balancer: FrontDoor | None = None
    inside: AwsInside | None = None


@dataclass(frozen=True, kw_only=True)
class Connection:
    """A service's part in the calls of its stack: whether it can be called, and whom it must not come before.

    A task only ever knows the names that there were when its deployment began (ECS developer guide, read 2026-11), so a
    caller waits for `after`, whom it calls.
    """

    namespace_arn: pulumi.Input[str]
    offered: bool
    after: Sequence[pulumi.Resource] = ()


@dataclass(frozen=True, kw_only=True)
class ServiceArgs(Generic[Kind]):
    """What the service is (`settings`), what it may use (`access`, by store), and the platform around it; `connection`
    is its part in the calls between services, if it has one."""

    settings: Kind
    access: Mapping[str, Access]
    platform: Platform
    connection: Connection | None = None
