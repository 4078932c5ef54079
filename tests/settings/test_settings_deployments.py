"""Deployments: what a stack file says about releases, and every mistake in it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from settings import Settings
from settings.deployments import BlueGreenSettings, CanarySettings, PaceSettings, RollingSettings
from settings.services import WebSettings, WorkerSettings
from tests.gathered import for_each
from tests.settings.test_settings_kinds import QUEUE, WORKER

WEB = "groundwork:services.web.deployment"
HOOK = "arn:aws:lambda:us-east-1:111122223333:function:smoke"
CANARY = {"strategy": "canary", "percent": 5, "canaryMinutes": 10}
LINEAR = {"strategy": "linear", "stepPercent": 20, "stepMinutes": 5}
TRACKED = {"min": 2, "max": 4, "track": {"requestsPerTarget": 600}}
PREDICTED = {"min": 2, "max": 4, "outAbove": 60, "inBelow": 30, "predict": {"requestsPerTarget": 600}}
UNPROTECTED = {"protection.protected": False}
Load = Callable[..., Settings]
Refused = Callable[..., dict[str, dict[str, str]]]


def hooked(**hook: Any) -> dict[str, Any]:
    return {"strategy": "blueGreen", "hooks": {"smoke": {"function": HOOK, "stages": ["post-scale-up"], **hook}}}


def web(deployment: Any, **more: Any) -> dict[str, Any]:
    changes = {f"services.web.{key}": value for key, value in more.items() if key != "stack"}
    return {"services.web.deployment": deployment, **changes, **more.get("stack", {})}


# name -> changes, key, what is in given, in allowed, in change
CASES: dict[str, tuple[dict[str, Any], str, str, str, str]] = {
    "no strategy": (web({"bakeMinutes": 5}), f"{WEB}.strategy", "nothing", "blueGreen", "strategy: blueGreen"),
    "an unknown strategy": (web({"strategy": "blue-green"}), f"{WEB}.strategy", "blue-green", "canary", "blueGreen"),
    "a key of another strategy": (
        web({"strategy": "blueGreen", "percent": 5}),
        f"{WEB}.percent",
        'the key "percent"',
        "bakeMinutes",
        "",
    ),
    "a canary without a share": (
        web({"strategy": "canary", "canaryMinutes": 5}),
        f"{WEB}.percent",
        "nothing",
        "from 1 to 99",
        "percent: 5",
    ),
    "a canary of everybody": (web({**CANARY, "percent": 100}), f"{WEB}.percent", "100", "1 to 99", "99"),
    "a share in parts of a percent": (web({**CANARY, "percent": 0.5}), f"{WEB}.percent", "0.5", "a whole number", ""),
    "steps too small": (web({**LINEAR, "stepPercent": 2}), f"{WEB}.stepPercent", "2", "3 to 99", "3"),
    "a day and a minute": (
        web({"strategy": "blueGreen", "bakeMinutes": 1441}),
        f"{WEB}.bakeMinutes",
        "1441",
        "0 to 1440",
        "1440",
    ),
    "baked too short to be noticed": (
        web({"strategy": "blueGreen", "bakeMinutes": 2}),
        f"{WEB}.bakeMinutes",
        "2 (groundwork:protection.protected: true)",
        "3 to 1440",
        "3 or more",
    ),
    "errors of everybody": (web({**CANARY, "errorsAbove": 100}), f"{WEB}.errorsAbove", "100", "1 to 99", "99"),
    "less than all healthy when protected": (
        web({"strategy": "rolling", "leastHealthyPercent": 50}),
        f"{WEB}.leastHealthyPercent",
        "50 (groundwork:protection.protected: true)",
        "100",
        "set it to 100",
    ),
    "no room for one more task": (
        web({"strategy": "rolling", "mostPercent": 140}),
        f"{WEB}.mostPercent",
        "140 (leastHealthyPercent: 100, scale.min: 2)",
        "150 to 200",
        "150 or more",
    ),
    "no more tasks than before": (
        web({"strategy": "rolling", "mostPercent": 100}),
        f"{WEB}.mostPercent",
        "100",
        "101 to 200",
        "101",
    ),
    "a worker that shifts": (
        {
            "data.queues": {"jobs": deepcopy(QUEUE)},
            "services.index": {**deepcopy(WORKER), "deployment": {"strategy": "blueGreen"}},
        },
        "groundwork:services.index.deployment.strategy",
        "blueGreen",
        "rolling",
        "rolling",
    ),
    "a worker's capacity": (
        {
            "data.queues": {"jobs": deepcopy(QUEUE)},
            "services.index": {
                **deepcopy(WORKER),
                "deployment": {"strategy": "rolling", "leastHealthyPercent": 0},
            },
        },
        "groundwork:services.index.deployment.leastHealthyPercent",
        "0 (groundwork:protection.protected: true)",
        "100",
        "100",
    ),
    "requests counted in one group": (
        web(CANARY, scale=TRACKED),
        "groundwork:services.web.scale.track.requestsPerTarget",
        "600 (deployment.strategy: canary)",
        "cpu and memory",
        "strategy: rolling",
    ),
    "requests predicted in one group": (
        web({"strategy": "rolling", "shifting": "begin"}, scale=PREDICTED),
        "groundwork:services.web.scale.predict.requestsPerTarget",
        "600 (deployment.strategy: rolling)",
        "cpu and memory",
        "take it out",
    ),
    "a cookie": (
        web(LINEAR, **{"route.sticky": {"seconds": 600}}),
        "groundwork:services.web.route.sticky",
        "seconds: 600 (deployment.strategy: linear)",
        "nothing",
        "seconds: 0",
    ),
    "nothing to shift": (
        web({"strategy": "blueGreen"}, route=None, health=None),
        f"{WEB}.strategy",
        "blueGreen (route: null)",
        "rolling",
        "give the service a route",
    ),
    "a hook that is no function": (
        web(hooked(function="smoke-test")),
        f"{WEB}.hooks.smoke.function",
        "smoke-test",
        "the ARN of a Lambda function",
        "",
    ),
    "a hook elsewhere": (
        web(hooked(function=HOOK.replace("us-east-1", "eu-west-1"))),
        f"{WEB}.hooks.smoke.function",
        "eu-west-1",
        "a function in us-east-1",
        "name one there",
    ),
    "an unknown stage": (web(hooked(stages=["later"])), f"{WEB}.hooks.smoke.stages[0]", "later", "post-scale-up", ""),
    "a stage twice": (
        web(hooked(stages=["post-scale-up", "post-scale-up"])),
        f"{WEB}.hooks.smoke.stages[1]",
        "post-scale-up",
        "once",
        "take it out",
    ),
    "a hook that is never asked": (web(hooked(stages=[])), f"{WEB}.hooks.smoke.stages", "an empty list", "a list", ""),
    "a test without a port": (
        web(hooked(stages=["post-test-traffic-shift"])),
        f"{WEB}.hooks.smoke.stages[0]",
        "post-test-traffic-shift (groundwork:edge.testing: null)",
        "post-scale-up",
        "add groundwork:edge.testing",
    ),
    "everybody tests": (
        {"edge.testing": {"reachableFrom": ["0.0.0.0/0"]}},
        "groundwork:edge.testing.reachableFrom[0]",
        "0.0.0.0/0",
        "/8 or smaller",
        "the ranges of those who test",
    ),
    "nobody tests": (
        {"edge.testing": {"reachableFrom": []}},
        "groundwork:edge.testing.reachableFrom",
        "an empty list",
        "a list",
        "",
    ),
    "a port that the world has": (
        {"edge.testing": {"port": 443, "reachableFrom": ["203.0.113.0/24"]}},
        "groundwork:edge.testing.port",
        "443",
        "1024 to 65535",
        "1024",
    ),
}


@for_each("name", CASES)
def test_a_mistake_is_refused_and_said_in_four_parts(refused: Refused, name: str) -> None:
    changes, key, given, allowed, change = CASES[name]
    said = refused(changes)
    assert list(said) == [key]
    assert given in said[key]["given"]
    assert allowed in said[key]["allowed"]
    assert change in said[key]["change"]


def test_nothing_need_be_said(load: Load) -> None:
    web = load().services["web"]
    assert isinstance(web, WebSettings)
    assert web.deployment is None


def test_each_strategy_has_its_own_keys_and_good_defaults(load: Load) -> None:
    def deployment(said: dict[str, Any]) -> Any:
        service = load(web(said)).services["web"]
        assert isinstance(service, WebSettings)
        return service.deployment

    blue = deployment({"strategy": "blueGreen"})
    assert isinstance(blue, BlueGreenSettings)
    assert (blue.bake_minutes, blue.errors_above, blue.minutes) == (10, 5, 10)
    canary = deployment(CANARY)
    assert isinstance(canary, CanarySettings)
    assert canary.minutes == 10 + 10
    assert deployment(LINEAR).shift_minutes == 4 * 5
    rolling = deployment({"strategy": "rolling"})
    assert rolling == RollingSettings(strategy="rolling")
    assert (rolling.least_healthy_percent, rolling.most_percent, rolling.shifting) == (100, 200, None)


def test_an_unprotected_stack_may_spare_tasks_and_minutes(load: Load) -> None:
    spare = {"strategy": "rolling", "leastHealthyPercent": 50, "mostPercent": 101}
    load({**web(spare), **UNPROTECTED})
    load({**web({"strategy": "blueGreen", "bakeMinutes": 0}), **UNPROTECTED})


@for_each(
    "least, most, tasks, moves",
    [
        (100, 200, 1, True),
        (100, 199, 1, False),
        (100, 150, 2, True),
        (100, 149, 2, False),
        (50, 101, 1, False),
        (0, 101, 1, True),
        (50, 101, 2, True),
        (67, 101, 3, False),
        (66, 101, 3, True),
    ],
)
def test_ecs_rounds_against_the_deployment(least: int, most: int, tasks: int, moves: bool) -> None:
    pace = PaceSettings(strategy="rolling", least_healthy_percent=least, most_percent=most)
    below, above = -(-tasks * least // 100), tasks * most // 100
    assert (below < tasks or above > tasks) is moves, "as ECS counts: the lower figure rounded up, the upper one down"
    assert pace.moves(tasks) is moves


def test_a_test_port_lets_tests_be_asked_about(load: Load) -> None:
    testing = {"edge.testing": {"reachableFrom": ["203.0.113.0/24"]}}
    settings = load({**web(hooked(stages=["post-test-traffic-shift"])), **testing})
    assert settings.edge.testing is not None
    assert settings.edge.testing.port == 8443


def test_a_worker_may_say_its_pace(load: Load) -> None:
    worker = {**deepcopy(WORKER), "deployment": {"strategy": "rolling", "mostPercent": 150}}
    settings = load({"data.queues": {"jobs": deepcopy(QUEUE)}, "services.index": worker})
    index = settings.services["index"]
    assert isinstance(index, WorkerSettings)
    assert index.deployment is not None
    assert index.deployment.most_percent == 150
