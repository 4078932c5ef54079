"""Compute: the cluster, and every service of the stack on it."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pulumi

from components.compute import bucket_events, overview, secret_rotation
from components.compute.capacity import Place
from components.compute.cluster import Cluster, ClusterArgs
from components.compute.connect import Calls
from components.compute.fleet import Fleet
from components.compute.function import Function
from components.compute.job import Job
from components.compute.overview import OverviewArgs
from components.compute.platform import Platform, ServiceArgs
from components.compute.secrets import STORE, Secrets, SecretsArgs
from components.compute.service import Service
from components.compute.worker import Worker
from components.contracts import Access, FrontDoor, Opening, Panel, Signal, Site, Store
from settings import call_rules
from settings.capacity import ComputeSettings
from settings.containers import ProgramSettings
from settings.kept_secrets import KeptSecretSettings
from settings.location import Location
from settings.runtime import LastingSettings
from settings.services import FleetSettings, FunctionSettings, JobSettings, ServiceSettings, WebSettings, WorkerSettings

__all__ = ["Cluster", "ClusterArgs", "Compute", "ComputeArgs", "Job", "Platform", "Service", "ServiceArgs", "Worker"]

# What builds a service of a kind. A new kind is one more module and one more line here.
KINDS: Mapping[type[ProgramSettings], Callable[..., "Watched"]] = {
    WebSettings: Service,
    WorkerSettings: Worker,
    JobSettings: Job,
    FunctionSettings: Function,
    FleetSettings: Fleet,
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
    site: Site
    log_key_arn: pulumi.Input[str]
    registry_key_arn: pulumi.Input[str]
    log_retention_days: int
    location: Location
    protected: bool
    internal_load_balancer: FrontDoor | None = None
    secret_values: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """The application secrets by name, as Pulumi secrets."""
    kept_secrets: Mapping[str, KeptSecretSettings] = field(default_factory=dict)
    """What is special of some of them."""
    cluster: ComputeSettings = field(default_factory=ComputeSettings)
    """What the cluster has beside Fargate, and what it counts."""


class Compute(pulumi.ComponentResource):
    """Every service running on one cluster; none waits for another, nor for a store that it does not use."""

    signals: Sequence[Signal]
    """Of the services."""
    cluster_signals: Sequence[Signal]
    """Of what they share: the cluster's own capacity."""
    panels: Sequence[Panel]
    """All services side by side, the same whichever there are."""

    def __init__(self, name: str, args: ComputeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:compute:Compute", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        cluster = Cluster(name, _cluster(args), child)
        platform = Platform(
            cluster=cluster,
            load_balancer=args.load_balancer,
            vpc_id=args.site.vpc_id,
            subnet_ids=args.site.private_subnet_ids,
            log_key_arn=args.log_key_arn,
            registry_key_arn=args.registry_key_arn,
            log_retention_days=args.log_retention_days,
            location=args.location,
            protected=args.protected,
            ipv6=args.site.ipv6,
            inside=args.site.inside,
            internal_load_balancer=args.internal_load_balancer,
        )
        secrets = _secrets(name, args, child)
        calls = Calls(name, args.services, child)
        built: dict[str, Watched] = {}
        for service in call_rules.in_order(args.services):
            settings = args.services[service]
            access = {
                **_access(service, settings, args.stores, secrets),
                **calls.access(service),
                **secret_rotation.access(service, args.kept_secrets, secrets),
            }
            described = ServiceArgs(
                settings=settings, access=access, platform=platform, connection=calls.connection(service)
            )
            built[service] = made = KINDS[type(settings)](service, described, child)
            if isinstance(made, Service):
                calls.built(service, made)
        bucket_events.connect(
            {service: made.listener for service, made in built.items() if isinstance(made, Function) and made.listener},
            args.stores,
            child,
        )
        aliases = {service: made.live for service, made in built.items() if isinstance(made, Function)}
        secret_rotation.connect(args.kept_secrets, aliases, secrets, args.location, child)
        self.cluster_signals = cluster.signals
        self.signals = [signal for service in args.services for signal in built[service].signals]
        self.panels = overview.panels(_overview(args, cluster))
        self.register_outputs({})


def _cluster(args: ComputeArgs) -> ClusterArgs:
    place = Place(
        vpc_id=args.site.vpc_id, subnet_ids=args.site.private_subnet_ids, location=args.location, ipv6=args.site.ipv6
    )
    return ClusterArgs(
        log_key_arn=args.log_key_arn,
        log_retention_days=args.log_retention_days,
        capacity=args.cluster.capacity,
        container_insights=args.cluster.container_insights,
        place=place,
        mounts={which: _mounts(which, args) for which in args.cluster.capacity},
    )


def _mounts(capacity: str, args: ComputeArgs) -> dict[str, Opening]:
    """The file systems by store that services on this capacity use."""
    found: dict[str, Opening] = {}
    for settings in args.services.values():
        if isinstance(settings, LastingSettings) and settings.runs_on == capacity:
            for store, levels in settings.needs.items():
                access = args.stores[store].access(levels[0]) if store in args.stores else None
                if access is not None and access.mount is not None and access.opening is not None:
                    found[store] = access.opening
    return found


def _overview(args: ComputeArgs, cluster: Cluster) -> OverviewArgs:
    doors = [door for door in (args.load_balancer, args.internal_load_balancer) if door is not None]
    return OverviewArgs(
        cluster_name=cluster.name, load_balancers=[door.arn_suffix for door in doors], counted=cluster.counts_tasks
    )


def _secrets(name: str, args: ComputeArgs, opts: pulumi.ResourceOptions) -> Secrets | None:
    """The values that services use, each once; values that nobody uses stay where they are."""
    rotated = {secret for secret, kept in args.kept_secrets.items() if kept.rotation is not None}
    if not rotated and not any(service.secrets for service in args.services.values()):
        return None
    used = {secret for service in args.services.values() for secret in service.secret_names} | rotated
    wanted = [one for service in args.services.values() for one in service.secrets.values()]
    secrets = SecretsArgs(
        values={secret: value for secret, value in args.secret_values.items() if secret in used},
        kept={secret: kept for secret, kept in args.kept_secrets.items() if secret in used},
        fields={secret: {one.field for one in wanted if one.config == secret and one.field} for secret in used},
        key_arn=args.registry_key_arn,
        location=args.location,
        protected=args.protected,
    )
    return Secrets(f"{name}-secrets", secrets, opts)


def _access(
    service: str, settings: ServiceSettings, stores: Mapping[str, Store], secrets: Secrets | None
) -> dict[str, Access]:
    """What `uses`, the kind of the service and its `secrets` stand for, store by store."""
    needs = settings.needs
    unknown = sorted(needs.keys() - stores.keys())
    if unknown:
        raise ValueError(
            f"service {service!r} uses {', '.join(unknown)}, which this stack does not have; "
            f"stores are: {', '.join(sorted(stores)) or 'none'}"
        )
    access = {store: _joined([stores[store].access(level) for level in levels]) for store, levels in needs.items()}
    return {**access, STORE: secrets.access(settings.secrets)} if secrets and settings.secrets else access


def _joined(levels: Sequence[Access]) -> Access:
    """Several levels of one store: all that they allow, and every address; credentials are the same for each."""
    first, *others = levels
    return (
        dataclasses.replace(
            first,
            statements=[statement for access in levels for statement in access.statements],
            execution_statements=[statement for access in levels for statement in access.execution_statements],
            environment={name: value for access in levels for name, value in access.environment.items()},
        )
        if others
        else first
    )
