"""Compute: the cluster, and every service of the stack on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.compute.cluster import Cluster, ClusterArgs
from components.compute.service import Service, ServiceArgs
from components.contracts import Access, Signal, Store
from components.edge.load_balancer import LoadBalancer
from settings.location import Location
from settings.services import ServiceSettings

__all__ = ["Cluster", "ClusterArgs", "Compute", "ComputeArgs", "Service", "ServiceArgs"]


@dataclass(frozen=True, kw_only=True)
class ComputeArgs:
    """The services by name, the stores that they may use, and the platform around them."""

    services: Mapping[str, ServiceSettings]
    stores: Mapping[str, Store]
    load_balancer: LoadBalancer
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    log_key_arn: pulumi.Input[str]
    registry_key_arn: pulumi.Input[str]
    log_retention_days: int
    location: Location
    protected: bool


class Compute(pulumi.ComponentResource):
    """Every service running on one cluster; none waits for another, nor for a store that it does not use."""

    service_names: list[pulumi.Output[str]]
    signals: Sequence[Signal]

    def __init__(self, name: str, args: ComputeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:compute:Compute", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        cluster = Cluster(
            name, ClusterArgs(log_key_arn=args.log_key_arn, log_retention_days=args.log_retention_days), child
        )
        services = [
            Service(
                service,
                ServiceArgs(
                    settings=settings,
                    access=_access(service, settings, args.stores),
                    cluster=cluster,
                    load_balancer=args.load_balancer,
                    vpc_id=args.vpc_id,
                    subnet_ids=args.subnet_ids,
                    log_key_arn=args.log_key_arn,
                    registry_key_arn=args.registry_key_arn,
                    log_retention_days=args.log_retention_days,
                    location=args.location,
                    protected=args.protected,
                ),
                child,
            )
            for service, settings in args.services.items()
        ]
        self.service_names = [service.service_name for service in services]
        self.signals = [signal for service in services for signal in service.signals]
        self.register_outputs({})


def _access(service: str, settings: ServiceSettings, stores: Mapping[str, Store]) -> dict[str, Access]:
    """What `uses` stands for, store by store."""
    unknown = sorted(settings.uses.keys() - stores.keys())
    if unknown:
        raise ValueError(
            f"service {service!r} uses {', '.join(unknown)}, which this stack does not have; "
            f"stores are: {', '.join(sorted(stores)) or 'none'}"
        )
    return {store: stores[store].access(level) for store, level in settings.uses.items()}
