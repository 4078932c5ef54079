"""Rules about deployments: what a strategy needs of the service and of the stack around it."""

from typing import TYPE_CHECKING

from settings.deployments import DEFAULT, TEST_STAGES, PaceSettings, RollingSettings, ShiftingSettings, two_groups
from settings.errors import Findings, Mistake, shown
from settings.services import ServiceSettings, WebSettings, WorkerSettings

if TYPE_CHECKING:
    from settings.rules import Stack

# How long the alarm that takes a release back needs to make up its mind.
WATCH_MINUTES = 3


def _there_is_a_route_to_shift(_: "Stack", service: ServiceSettings) -> Findings:
    if not isinstance(service, WebSettings) or service.deployment is None or service.route is not None:
        return
    if two_groups(service.deployment):
        yield Mistake(
            key=("deployment", "strategy"),
            problem="shifts the requests of a load balancer, and none stands before the service",
            given=f"{service.deployment.strategy} (route: null)",
            allowed="rolling, as long as route is null",
            change="write strategy: rolling, or give the service a route",
        )


def _nothing_is_counted_in_one_group(_: "Stack", service: ServiceSettings) -> Findings:
    if not isinstance(service, WebSettings) or not two_groups(service.deployment or DEFAULT):
        return
    for section, targets in (("track", service.scale.track), ("predict", service.scale.predict)):
        if targets.requests_per_target is not None:
            yield Mistake(
                key=("scale", section, "requestsPerTarget"),
                problem="counts the requests of one group of targets, and each deployment moves them to the other",
                given=f"{targets.requests_per_target} ({_strategy(service)})",
                allowed="cpu and memory, with a deployment that has two groups",
                change="take it out, or write deployment: {strategy: rolling}",
            )


def _no_cookie_holds_on_to_the_old_release(_: "Stack", service: ServiceSettings) -> Findings:
    if not isinstance(service, WebSettings) or service.route is None or service.route.sticky is None:
        return
    if two_groups(service.deployment or DEFAULT):
        yield Mistake(
            key=("route", "sticky"),
            problem="keeps clients with a group of targets that the next deployment empties",
            given=f"seconds: {service.route.sticky.seconds} ({_strategy(service)})",
            allowed="nothing, with a deployment that has two groups",
            change="take it out (first with seconds: 0 if it is in force), or write deployment: {strategy: rolling}",
        )


def _strategy(service: WebSettings) -> str:
    assert service.deployment is not None, "two groups are asked for by name"
    return f"deployment.strategy: {service.deployment.strategy}"


def _it_can_move(_: "Stack", service: ServiceSettings) -> Findings:
    pace = _pace(service)
    if pace is None or not isinstance(service, WebSettings | WorkerSettings):
        return
    tasks = service.scale.least
    if not pace.moves(tasks):
        yield Mistake(
            key=("deployment", "mostPercent"),
            problem=f"with {tasks} task{'s' if tasks > 1 else ''} ECS may neither start one more nor stop one, so no"
            " deployment would ever end",
            given=f"{pace.most_percent} (leastHealthyPercent: {pace.least_healthy_percent}, scale.min: {tasks})",
            allowed=f"{100 + -(-100 // tasks)} to 200",
            change=f"raise it to {100 + -(-100 // tasks)} or more",
        )


def _capacity_stays_whole(stack: "Stack", service: ServiceSettings) -> Findings:
    pace = _pace(service)
    if pace is not None and stack.protected and pace.least_healthy_percent < 100:
        yield Mistake(
            key=("deployment", "leastHealthyPercent"),
            problem="a protected stack's service keeps all of its healthy tasks during a deployment",
            given=f"{pace.least_healthy_percent} (groundwork:protection.protected: true)",
            allowed="100",
            change="take it out, or set it to 100",
        )


def _pace(service: ServiceSettings) -> PaceSettings | None:
    if not isinstance(service, WebSettings | WorkerSettings):
        return None
    return service.deployment if isinstance(service.deployment, PaceSettings) else None


def _release_is_watched(stack: "Stack", service: ServiceSettings) -> Findings:
    """At the end of the bake time the old tasks are gone."""
    deployment = _shifting(service)
    if deployment is not None and stack.protected and deployment.bake_minutes < WATCH_MINUTES:
        yield Mistake(
            key=("deployment", "bakeMinutes"),
            problem="is over before an alarm could take the release back",
            given=f"{deployment.bake_minutes} (groundwork:protection.protected: true)",
            allowed=f"{WATCH_MINUTES} to 1440",
            change=f"set it to {WATCH_MINUTES} or more",
        )


def _hooks_are_near(stack: "Stack", service: ServiceSettings) -> Findings:
    deployment = _shifting(service)
    if deployment is None:
        return
    for name, hook in deployment.hooks.items():
        if stack.region_code is not None and hook.region != stack.region_code:
            yield Mistake(
                key=("deployment", "hooks", name, "function"),
                problem="is in another region than the service, where ECS cannot ask it",
                given=f"{shown(hook.function)} (aws:region: {stack.region_code})",
                allowed=f"a function in {stack.region_code}",
                change="name one there",
            )


def _tests_have_a_door(stack: "Stack", service: ServiceSettings) -> Findings:
    deployment = _shifting(service)
    if deployment is None or not isinstance(service, WebSettings) or service.route is None:
        return
    if stack.settings.edge.testing is not None and not service.route.internal:
        return
    for name, hook in deployment.hooks.items():
        for position, stage in enumerate(hook.stages):
            if stage in TEST_STAGES:
                yield Mistake(
                    key=("deployment", "hooks", name, "stages", position),
                    problem="is about test requests, for which the internal load balancer has no port"
                    if service.route.internal
                    else "is about test requests, for which there is no port",
                    given=f"{stage} (groundwork:edge.testing: {'given' if stack.settings.edge.testing else 'null'})",
                    allowed="post-scale-up, and the other stages without test",
                    change="write post-scale-up"
                    + ("" if service.route.internal else ", or add groundwork:edge.testing"),
                )


def _shifting(service: ServiceSettings) -> ShiftingSettings | None:
    deployment = service.deployment if isinstance(service, WebSettings) else None
    return None if deployment is None or isinstance(deployment, RollingSettings) else deployment


OF_A_SERVICE = (
    _there_is_a_route_to_shift,
    _nothing_is_counted_in_one_group,
    _no_cookie_holds_on_to_the_old_release,
    _it_can_move,
    _capacity_stays_whole,
    _release_is_watched,
    _hooks_are_near,
    _tests_have_a_door,
)
"""In the order of the messages; each takes the stack and one service, keys are relative to the service."""
