"""Rules that look from one kind of service at the rest of the stack file: queues, protection, the way out."""

from typing import TYPE_CHECKING

from settings.data import DataSettings
from settings.errors import Findings, Mistake, named, nearest, several
from settings.fleets import FleetSettings
from settings.jobs import JobSettings
from settings.queues import QueueSettings
from settings.services import ServiceSettings, WebSettings
from settings.stores import variable
from settings.workers import VARIABLES, WorkerSettings

if TYPE_CHECKING:
    from settings.rules import Stack


def _queue_exists(stack: "Stack", service: ServiceSettings) -> Findings:
    if not isinstance(service, WorkerSettings):
        return
    data, name = stack.settings.data, service.queue
    if name in data.queues:
        return
    other = data.stores.get(name)
    guess = nearest(name, list(data.queues))
    yield Mistake(
        key=("queue",),
        problem="there is no such queue in groundwork:data"
        if other is None
        else f"is a {getattr(type(other), 'kind', 'store')}, and a worker takes its work from a queue",
        given=f"the name {named(name)}",
        allowed=several([*data.queues]) if data.queues else "nothing: groundwork:data has no queue",
        change=f"did you mean {guess}?" if guess else "name a queue, or add this one under groundwork:data.queues",
    )


def _work_ends_while_its_message_is_hidden(stack: "Stack", service: ServiceSettings) -> Findings:
    if not isinstance(service, WorkerSettings):
        return
    queue = _queue(stack.settings.data, service.queue)
    if queue is not None and service.timeout_seconds >= queue.visibility_seconds:
        yield Mistake(
            key=("timeoutSeconds",),
            problem="the message comes back while it is still being handled, and is handled twice",
            given=f"{service.timeout_seconds} (groundwork:data.queues.{service.queue}.visibilitySeconds:"
            f" {queue.visibility_seconds})",
            allowed=f"1 to {queue.visibility_seconds - 1}" if queue.visibility_seconds > 1 else "less",
            change=f"lower it, or raise visibilitySeconds of {service.queue} above {service.timeout_seconds}",
        )


def _no_other_queue_brings_its_variables(stack: "Stack", service: ServiceSettings) -> Findings:
    if not isinstance(service, WorkerSettings):
        return
    for name in service.uses:
        given = variable(name, "QUEUE")
        if name != service.queue and given in VARIABLES and name in stack.settings.data.queues:
            yield Mistake(
                key=("uses", name),
                problem=f"brings the variable {given}, in which every worker finds its own queue",
                given=f"the name {named(name)}",
                allowed="queues of another name",
                change="rename the queue",
            )


def _queue(data: DataSettings, name: str) -> QueueSettings | None:
    return data.queues.get(name)


def _spot_leaves_some_tasks(stack: "Stack", service: ServiceSettings) -> Findings:
    if not stack.protected or not isinstance(service, WebSettings | WorkerSettings | FleetSettings):
        return
    what, change = (
        ("instances", "set base to 1 or more")
        if isinstance(service, FleetSettings)
        else ("tasks", "set base to 1 or more, and share below 100")
    )
    if service.spot is not None and service.spot.base < 1:
        yield Mistake(
            key=("spot", "base"),
            problem=f"AWS may take back all {what} on Spot at once, and a protected stack's service never stands still",
            given=f"{service.spot.base} (groundwork:protection.protected: true)",
            allowed="1 or more",
            change=change,
        )


def _timer_can_be_pulled(stack: "Stack", service: ServiceSettings) -> Findings:
    """What stops a run in time is a container beside it, with an image of its own."""
    if not isinstance(service, JobSettings) or service.stop_after_seconds is None:
        return
    if stack.settings.network.nat == "none":
        yield Mistake(
            key=("stopAfterSeconds",),
            problem="the timer that stops a run comes from the public ECR, which is out of reach without NAT",
            given=f"{service.stop_after_seconds} (groundwork:network.nat: none)",
            allowed="null, as long as groundwork:network.nat is none",
            change="set it to null and let the program watch the clock, or set groundwork:network.nat",
        )


RULES = (
    _queue_exists,
    _no_other_queue_brings_its_variables,
    _work_ends_while_its_message_is_hidden,
    _spot_leaves_some_tasks,
    _timer_can_be_pulled,
)
"""In the order of the messages; each takes the stack and one service, keys are relative to the service."""
