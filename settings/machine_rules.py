"""Rules about EC2 instances: those of a fleet, and those of the cluster's own capacity, on which services run."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from settings import tables
from settings.capacity import CapacitySettings
from settings.errors import Doubt, Finding, Findings, Mistake, named, nearest, several, shown
from settings.fleets import FleetSettings
from settings.machines import MachineSettings
from settings.runtime import LastingSettings
from settings.section import skipping
from settings.services import ServiceSettings, WebSettings, WorkerSettings

if TYPE_CHECKING:
    from settings.rules import Stack

PROTECTED_INSTANCES = 2
# What system and agent take of an instance's memory before a task gets any; AWS gives no figure, this is about right
# for the small types, where it matters.
SYSTEM_MEMORY_MIB = 256


def capacity_of(stack: "Stack") -> Mapping[str, CapacitySettings]:
    """The capacity that the stack file has, as far as it is valid."""
    compute = vars(stack.settings).get("compute")  # not by attribute: it may be missing from a mistaken file
    found: Mapping[str, CapacitySettings] = vars(compute).get("capacity", {}) if compute else {}
    return found


def _machine_of(stack: "Stack", service: ServiceSettings) -> MachineSettings | None:
    """The instances that a service runs on, where there are such."""
    if not isinstance(service, LastingSettings) or service.runs_on is None:
        return None
    capacity = capacity_of(stack).get(service.runs_on)
    return None if capacity is None else capacity.machine


def _fleet_can_set_itself_up(stack: "Stack", service: ServiceSettings) -> Findings:
    if not isinstance(service, FleetSettings):
        return
    if stack.settings.network.nat == "none":
        yield Mistake(
            key=("kind",),
            problem="an instance installs docker when it starts, and groundwork:network.nat is none, so the private"
            " tier has no way out",
            given="fleet (groundwork:network.nat: none)",
            allowed="a fleet with NAT, or a web service with endpoints",
            change="set groundwork:network.nat to single, or make it a web service",
        )
    if service.egress.internet == "none":
        yield Mistake(
            key=("egress", "internet"),
            problem="an instance installs docker when it starts, from a repository that has no addresses of its own",
            given="none",
            allowed="https for a fleet",
            change="take it out, or make it a web service",
        )


def _runs_where_there_is_capacity(stack: "Stack", service: ServiceSettings) -> Findings:
    if not isinstance(service, LastingSettings) or service.runs_on is None:
        return
    capacity, name = capacity_of(stack), service.runs_on
    if name in capacity:
        return
    guess = nearest(name, list(capacity))
    yield Mistake(
        key=("runsOn",),
        problem="there is no such capacity in groundwork:compute",
        given=f"the name {named(name)}",
        allowed=several([*capacity]) if capacity else "nothing: groundwork:compute has no capacity",
        change=f"did you mean {guess}?" if guess else "add it under groundwork:compute.capacity, or take runsOn out",
    )


def _image_is_for_its_machine(stack: "Stack", service: ServiceSettings) -> Findings:
    machine = _machine_of(stack, service)
    if machine is None or not isinstance(service, LastingSettings):
        return
    if service.size.architecture != machine.architecture:
        yield Mistake(
            key=("size", "architecture"),
            problem="the instances that it runs on have another processor",
            given=f"{service.size.architecture} ({machine.type} is {machine.architecture})",
            allowed=machine.architecture,
            change=f"set it to {machine.architecture} (and build the image for it), or run on other capacity",
        )


def _fits_on_its_machine(stack: "Stack", service: ServiceSettings) -> Findings:
    machine = _machine_of(stack, service)
    if machine is None:
        return
    known = tables.instance_types().get(machine.type)
    if known is None or not isinstance(service, LastingSettings):
        return
    for key, wanted, there, unit in (
        ("cpu", service.size.cpu, known.vcpu * 1024, "CPU units"),
        ("memory", service.size.memory, known.memory_mib - SYSTEM_MEMORY_MIB, "MiB"),
    ):
        if wanted > there:
            yield Mistake(
                key=("size", key),
                problem="is more than one of its instances has for tasks, so none could be placed",
                given=f"{wanted} ({machine.type})",
                allowed=f"up to {there} {unit}",
                change="make the task smaller, or the instances larger",
            )


def _is_in_one_place(_: "Stack", service: ServiceSettings) -> Findings:
    if isinstance(service, WebSettings | WorkerSettings) and service.runs_on is not None and service.spot is not None:
        yield Mistake(
            key=("spot",),
            problem="is a share on Fargate Spot, and AWS takes Fargate and EC2 in one service no more than once",
            given=f"a map of settings (runsOn: {shown(service.runs_on)})",
            allowed="spot or runsOn",
            change="take one of the two out",
        )


OF_A_SERVICE = (
    _fleet_can_set_itself_up,
    _runs_where_there_is_capacity,
    _image_is_for_its_machine,
    _fits_on_its_machine,
    _is_in_one_place,
)
"""Each takes the stack and one service, keys are relative to the service."""


def _capacity_survives(stack: "Stack", name: str, capacity: CapacitySettings) -> Findings:
    if stack.protected and capacity.min < PROTECTED_INSTANCES:
        yield Mistake(
            key=("compute", "capacity", name, "min"),
            problem="a protected stack's tasks need an instance in a second zone",
            given=f"{capacity.min} (groundwork:protection.protected: true)",
            allowed=f"{PROTECTED_INSTANCES} or more",
            change=f"set min to {PROTECTED_INSTANCES}",
        )


def _capacity_can_sign_in(stack: "Stack", name: str, capacity: CapacitySettings) -> Findings:
    if stack.settings.network.nat == "none":
        yield Mistake(
            key=("compute", "capacity", name),
            problem="its instances could not sign in to the cluster: groundwork:network.nat is none, and there are no"
            " endpoints for ECS",
            given=f"{capacity.machine.type} (groundwork:network.nat: none)",
            allowed="capacity with NAT, or Fargate",
            change="set groundwork:network.nat to single, or take the capacity out",
        )


def _somebody_runs_on_it(stack: "Stack", name: str, capacity: CapacitySettings) -> Findings:
    if not any(vars(service).get("runs_on") == name for service in stack.settings.services.values()):
        yield Doubt(
            key=("compute", "capacity", name),
            text=f"no service runs on it (runsOn: {name}); at least {capacity.min} of its instances cost money",
        )


def _interfaces_are_enough(stack: "Stack", name: str, capacity: CapacitySettings) -> Findings:
    """Each task has a network interface of its own, and of those an instance takes few."""
    known = tables.instance_types().get(capacity.machine.type)
    if known is None:
        return
    most = sum(
        service.scale.max
        for service in stack.settings.services.values()
        if isinstance(service, WebSettings | WorkerSettings) and service.runs_on == name
    )
    places = (known.interfaces - 1) * capacity.max
    if most > places:
        yield Doubt(
            key=("compute", "capacity", name, "max"),
            text=f"services on it may have {most} tasks, and {capacity.max} x {capacity.machine.type} take {places}:"
            f" {known.interfaces - 1} each, as many as they have network interfaces beside their own",
        )


def _tasks_are_counted(stack: "Stack") -> Findings:
    """Whoever scales by the number of tasks, or must never miss that they are gone, needs them counted."""
    compute = vars(stack.settings).get("compute")
    if compute is None or vars(compute).get("container_insights", True):
        return
    trackers = [
        name
        for name, service in stack.settings.services.items()
        if isinstance(service, WorkerSettings) and service.scale.track.backlog_per_task is not None
    ]
    reasons = ["groundwork:protection.protected: true"] if stack.protected else []
    reasons += [f"groundwork:services.{name}.scale.track.backlogPerTask" for name in trackers]
    if reasons:
        yield Mistake(
            key=("compute", "containerInsights"),
            problem="nobody counts the tasks, and "
            + (
                "a protected stack has an alarm on tasks that are missing"
                if stack.protected
                else "the backlog of each task is found by their number"
            ),
            given=f"false ({several(reasons)})",
            allowed="true",
            change="remove the line containerInsights: false, or set it to true",
        )


def of_capacity(stack: "Stack") -> Iterator[Finding]:
    """What is wrong with the cluster's own capacity, keys as in the stack file."""
    yield from skipping(_tasks_are_counted, stack)
    for name, capacity in capacity_of(stack).items():
        for check in (_capacity_survives, _capacity_can_sign_in, _somebody_runs_on_it, _interfaces_are_enough):
            yield from skipping(check, stack, name, capacity)
