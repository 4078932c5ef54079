"""Everything that differs between environments: the typed, checked content of `Pulumi.<stack>.yaml`.

One model a section, each in its own module. `Settings.load()` is the only way in for a program; it refuses a stack
file with all its mistakes at once. Importing this package does not import Pulumi.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, PrivateAttr

from settings.capacity import ComputeSettings
from settings.data import DataSettings
from settings.edge import EdgeSettings
from settings.location import Location
from settings.network import NetworkSettings
from settings.observability import ObservabilitySettings
from settings.protection import ProtectionSettings
from settings.section import Section, ServiceName
from settings.services import ServiceSettings
from settings.stores import NOTICE

if TYPE_CHECKING:
    import pulumi

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Settings(Section):
    """Everything that a stack file says. No defaults for what costs money or differs by environment."""

    protection: Annotated[
        ProtectionSettings, Field(description="Whose account it is, and whether the stack is protected.")
    ]
    network: Annotated[NetworkSettings, Field(description="Addresses, zones and the way out.")]
    data: Annotated[DataSettings, Field(description="Everything that keeps data.")]
    edge: Annotated[EdgeSettings, Field(description="The front door: domain, load balancer, its access logs.")]
    services: Annotated[Mapping[ServiceName, ServiceSettings], Field(description="What runs, by name.")]
    compute: Annotated[ComputeSettings, Field(description="Where tasks run beside Fargate.")] = Field(
        default_factory=ComputeSettings
    )
    observability: Annotated[ObservabilitySettings, Field(description="Who hears of alarms, how long logs are kept.")]
    _location: Location | None = PrivateAttr(default=None)
    _secret_values: "Mapping[str, pulumi.Output[str]]" = PrivateAttr(default_factory=dict)

    @classmethod
    def load(cls, root: Path = PROJECT_ROOT) -> Self:
        """The settings of the current stack, checked against each other, the tables and the files in `root`.

        `root` is the folder of Pulumi.yaml. Raises one `pulumi.RunError` that lists every mistake.
        """
        from settings import stack_file  # noqa: PLC0415 - imports Pulumi, which schema and tools do without

        settings, location, secrets = stack_file.read(cls, root)
        settings._location = location  # noqa: SLF001 - a cls method sets its own class's attribute
        settings._secret_values = secrets.values  # noqa: SLF001
        return settings

    @property
    def location(self) -> Location:
        """Account and region of the stack."""
        assert self._location is not None, "only settings that were loaded from a stack have a location"
        return self._location

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of services and stores that there are, and NOTICE."""
        found = {service.kind for service in self.services.values()} | {
            store.kind for store in self.data.stores.values()
        }
        told = any(bucket.tells for bucket in self.data.buckets.values())
        return frozenset(found | ({NOTICE} if told else set()))

    @property
    def workloads(self) -> dict[str, ServiceSettings]:
        """The services by name, and the jobs that dump databases."""
        if self.data.dump is None:
            return {**self.services}
        engines = {name: database.engine for name, database in self.data.databases.items()}
        return {**self.services, **self.data.dump.jobs(engines)}

    @property
    def secret_values(self) -> "Mapping[str, pulumi.Output[str]]":
        """The application secrets of the stack by name, as Pulumi secrets: no part of the settings, never printed."""
        return self._secret_values

    @property
    def internal_ranges(self) -> list[str]:
        """The address ranges that may reach the internal load balancer; none when no route asks for one."""
        routes = [getattr(service, "route", None) for service in self.services.values()]
        if not any(getattr(route, "internal", False) for route in routes):
            return []
        given = self.edge.internal.reachable_from if self.edge.internal is not None else None
        return [str(network) for network in given or [self.network.cidr]]


__all__ = ["Settings"]
