"""Compute: the cluster, and every service of the stack on it."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pulumi

from components.compute.cluster import Cluster, ClusterArgs
from components.compute.job import Job
from components.compute.platform import Platform, ServiceArgs
from components.compute.service import Service
from components.compute.worker import Worker
from components.contracts import Access, FrontDoor, Signal, Store
from settings.location import Location
from settings.services import ContainerSettings, JobSettings, ServiceSettings, WebSettings, WorkerSettings

__all__ = ["Cluster", "ClusterArgs", "Compute", "ComputeArgs", "Job", "Platform", "Service", "ServiceArgs", "Worker"]

# What builds a service of a kind. A new kind is one more module and one more line here.
KINDS: Mapping[type[ContainerSettings], Callable[..., "Watched"]] = {
    WebSettings: Service,
    WorkerSettings: Worker,
    JobSettings: Job,
}


class Watched(Protocol):
    """Any kind of service, once it is built."""

    signals: Sequence[Signal]


@dataclass(frozen=True, kw_only=True)
class ComputeArgs:
    """The services by name, the stores that they may use, and the platform around them."""

    services: Mapping[str, ServiceSettings]
    stores: Mapping[str, Store]
    load_balancer: FrontDoor
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    log_key_arn: pulumi.Input[str]
    registry_key_arn: pulumi.Input[str]
    log_retention_days: int
    location: Location
    protected: bool
    ipv6: bool = False
    """Whether the subnets have IPv6 addresses as well."""


class Compute(pulumi.ComponentResource):
    """Every service running on one cluster; none waits for another, nor for a store that it does not use."""

    signals: Sequence[Signal]

    def __init__(self, name: str, args: ComputeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:compute:Compute", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        cluster = Cluster(
            name, ClusterArgs(log_key_arn=args.log_key_arn, log_retention_days=args.log_retention_days), child
        )
        platform = Platform(
            cluster=cluster,
            load_balancer=args.load_balancer,
            vpc_id=args.vpc_id,
            subnet_ids=args.subnet_ids,
            log_key_arn=args.log_key_arn,
            registry_key_arn=args.registry_key_arn,
            log_retention_days=args.log_retention_days,
            location=args.location,
            protected=args.protected,
            ipv6=args.ipv6,
        )
        services = [
            KINDS[type(settings)](
                service,
                ServiceArgs(settings=settings, access=_access(service, settings, args.stores), platform=platform),
                child,
            )
            for service, settings in args.services.items()
        ]
        self.signals = [signal for service in services for signal in service.signals]
        self.register_outputs({})


def _access(service: str, settings: ServiceSettings, stores: Mapping[str, Store]) -> dict[str, Access]:
    """What `uses`, and the kind of the service, stands for, store by store."""
    needs = settings.needs
    unknown = sorted(needs.keys() - stores.keys())
    if unknown:
        raise ValueError(
            f"service {service!r} uses {', '.join(unknown)}, which this stack does not have; "
            f"stores are: {', '.join(sorted(stores)) or 'none'}"
        )
    return {store: _joined([stores[store].access(level) for level in levels]) for store, levels in needs.items()}


def _joined(levels: Sequence[Access]) -> Access:
    """Several levels of one store: all that they allow; addresses and credentials are the same for each."""
    first, *others = levels
    return (
        dataclasses.replace(
            first,
            statements=[statement for access in levels for statement in access.statements],
            execution_statements=[statement for access in levels for statement in access.execution_statements],
        )
        if others
        else first
    )
