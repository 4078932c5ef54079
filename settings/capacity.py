"""The settings of the cluster's own EC2 capacity, on which services may run instead of on Fargate."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from settings import scaling
from settings.errors import Findings
from settings.machines import MachineSettings
from settings.section import Section, StoreName, rule

MOST_INSTANCES = 500


class CapacityMachineSettings(MachineSettings):
    """One instance of the cluster."""

    smallest_disk: ClassVar[int] = 30  # GiB, of the snapshot behind the ECS-optimized image


class CapacitySettings(Section):
    """Instances of one type, as many as the tasks on them take."""

    machine: Annotated[CapacityMachineSettings, Field(description="What one instance is.")]
    min: Annotated[
        int,
        Field(
            ge=0,
            le=MOST_INSTANCES,
            description="Fewest instances; 2 or more in a protected stack. With 0 the first task waits minutes for its"
            " machine.",
            examples=[0],
        ),
    ]
    max: Annotated[int, Field(ge=1, le=MOST_INSTANCES, description="Most instances.", examples=[4])]
    used_percent: Annotated[
        int,
        Field(
            ge=1,
            le=100,
            description="How much of the capacity tasks are to use; below 100 there is room for the next ones. 100"
            " when not given.",
            examples=[100],
        ),
    ] = 100

    @rule
    def _bounds_are_in_order(self) -> Findings:
        yield from scaling.in_order(self.min, self.max, MOST_INSTANCES)


class ComputeSettings(Section):
    """Where tasks run beside Fargate."""

    capacity: Annotated[
        Mapping[StoreName, CapacitySettings],
        Field(
            description="EC2 capacity of the cluster, by name; services run on it with `runsOn: <name>`.", examples=[{}]
        ),
    ] = Field(default_factory=dict)
    container_insights: Annotated[
        bool,
        Field(
            description="Whether CloudWatch counts the tasks of each service (about 5 USD a month for a service that "
            "runs all day). Without, nothing tells of tasks that are missing as long as one answers, nor of a worker "
            "that has none."
        ),
    ] = True
