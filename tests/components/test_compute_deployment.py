"""Deployments: what ECS is told for each strategy, what it may do, and what is watched."""

import json
from typing import Any

import pytest

from components.compute import release
from components.edge import LoadBalancer, LoadBalancerArgs
from settings.deployments import LinearSettings
from settings.testing import PortForTestsSettings
from tests.components.kinds import INGRESS, LISTENER, POLICY, ROLE, RULE, SERVICE, TARGETS, WEB, own, several

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
HOOK = "arn:aws:lambda:us-east-1:111122223333:function:smoke"
BLUE_GREEN = {"strategy": "blueGreen"}
SHIFTING: list[dict[str, Any]] = [
    BLUE_GREEN,
    {"strategy": "canary", "percent": 5, "canaryMinutes": 10},
    {"strategy": "linear", "stepPercent": 20, "stepMinutes": 3},
]
BEGIN = {"strategy": "rolling", "shifting": "begin"}
END = {"strategy": "rolling", "shifting": "end"}


class Door:
    """A load balancer with a test port."""

    arn_suffix: Any = "app/door/0123"
    security_group_id: Any = "sg-door"
    listener_arn: Any = "arn:listener"
    test_listener_arn: Any = "arn:test-listener"


def web(
    deployment: dict[str, Any] | None = None, *, protected: bool = True, tested: bool = False, **change: Any
) -> Any:
    described: dict[str, Any] = {**WEB, "uses": {}, **change, "deployment": deployment}
    if tested:  # the way by which a door with a test port can be given
        described["route"] = {**described["route"], "internal": True}
        return several({"web": described}, protected=protected, internal_load_balancer=Door())
    return several({"web": described}, protected=protected)


def service(made: Any) -> Any:
    return made.of(SERVICE)["web-service"].inputs


def statements(made: Any, policy: str) -> dict[str, Any]:
    document = json.loads(made.of(POLICY)[policy].inputs["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_nothing_said_is_rolling_in_one_group_with_an_alarm_that_is_there_first(deploy: Any) -> None:
    made = deploy(web())
    assert service(made)["deploymentConfiguration"] == {"strategy": "ROLLING"}
    assert service(made)["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    alarms = service(made)["alarms"]
    assert (alarms["enable"], alarms["rollback"]) == (True, True)
    assert [name.startswith("web-release-") for name in alarms["alarmNames"]] == [True]
    assert set(made.of(TARGETS)) == {"web-targets"}
    assert made.one(RULE).ignore_changes == ()
    assert "advancedConfiguration" not in service(made)["loadBalancers"][0]
    assert "web-shifter" not in made.of(ROLE)
    assert made.of(ALARM)["web-release"].urn in made.of(SERVICE)["web-service"].dependencies


def test_the_alarm_waits_for_no_service_and_tells_nobody(deploy: Any) -> None:
    alarm = deploy(web({"strategy": "rolling", "errorsAbove": 20})).of(ALARM)["web-release"]
    assert not any("ecs/service" in urn for urn in alarm.dependencies)
    assert "alarmActions" not in alarm.inputs
    assert (alarm.inputs["threshold"], alarm.inputs["treatMissingData"]) == (20, "notBreaching")
    assert alarm.inputs["metricQueries"][-1]["expression"] == "FILL(100 * errors_0 / requests_0, 0)"


@pytest.mark.parametrize("deployment", [*SHIFTING, BEGIN], ids=lambda value: value["strategy"])
def test_what_shifts_has_two_groups_a_weighted_rule_and_a_role(deploy: Any, deployment: dict[str, Any]) -> None:
    plain, made = deploy(web()), deploy(web(deployment))
    groups = made.of(TARGETS)
    assert groups["web-second"].inputs == groups["web-targets"].inputs == plain.one(TARGETS).inputs
    (action,) = made.one(RULE).inputs["actions"]
    assert [group["weight"] for group in action["forward"]["targetGroups"]] == [100, 0]
    assert "targetGroupArn" not in action
    (balanced,) = service(made)["loadBalancers"]
    first, second = (group["arn"] for group in action["forward"]["targetGroups"])
    advanced = balanced["advancedConfiguration"]
    assert (balanced["targetGroupArn"], advanced["alternateTargetGroupArn"]) == (first, second)
    assert ":listener-rule/" in advanced["productionListenerRule"], "a rule, not a listener"
    assert "testListenerRule" not in advanced
    allowed = statements(made, "web-shifter-policy")
    assert allowed["MoveTargets"]["Resource"] == [first, second]
    assert allowed["MoveRules"]["Resource"] == [advanced["productionListenerRule"]]
    assert [sid for sid, statement in allowed.items() if "*" in statement["Resource"]] == ["ReadRoutes"]
    trusted = json.loads(made.of(ROLE)["web-shifter"].inputs["assumeRolePolicy"])["Statement"][0]
    assert trusted["Principal"] == {"Service": ["ecs.amazonaws.com"]}
    new = own(made, "web") - own(plain, "web")
    assert {name for _, name in new} == {"web-second", "web-shifter", "web-shifter-policy"}


@pytest.mark.parametrize(
    ("deployment", "ours"), [(BEGIN, ()), (END, ("actions",)), *[(d, ("actions",)) for d in SHIFTING]]
)
def test_where_requests_go_is_left_to_ecs_once_it_knows_both_groups(
    deploy: Any, deployment: dict[str, Any], ours: tuple[str, ...]
) -> None:
    assert deploy(web(deployment)).one(RULE).ignore_changes == ours


@pytest.mark.parametrize(
    ("deployment", "told"),
    [
        ({**BLUE_GREEN, "bakeMinutes": 15}, {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "15"}),
        (
            SHIFTING[1],
            {
                "strategy": "CANARY",
                "bakeTimeInMinutes": "10",
                "canaryConfiguration": {"canaryPercent": 5, "canaryBakeTimeInMinutes": "10"},
            },
        ),
        (
            SHIFTING[2],
            {
                "strategy": "LINEAR",
                "bakeTimeInMinutes": "10",
                "linearConfiguration": {"stepPercent": 20, "stepBakeTimeInMinutes": "3"},
            },
        ),
        (BEGIN, {"strategy": "ROLLING"}),
        (END, {"strategy": "ROLLING"}),
    ],
)
def test_ecs_is_told_the_strategy_in_its_own_words(deploy: Any, deployment: dict[str, Any], told: Any) -> None:
    assert service(deploy(web(deployment)))["deploymentConfiguration"] == told


def test_a_service_that_leaves_shifting_is_in_both_groups_and_ecs_may_move_nothing(deploy: Any) -> None:
    made = deploy(web(END))
    named = [each["targetGroupArn"] for each in service(made)["loadBalancers"]]
    assert len(set(named)) == 2
    assert not any("advancedConfiguration" in each for each in service(made)["loadBalancers"])
    assert "web-shifter" not in made.of(ROLE)


@pytest.mark.parametrize(
    ("deployment", "protected", "kept"),
    [(BLUE_GREEN, True, True), (BEGIN, True, True), (END, True, False), (BLUE_GREEN, False, False)],
)
def test_the_group_that_may_serve_is_kept_in_a_protected_stack(
    deploy: Any, deployment: dict[str, Any], protected: bool, kept: bool
) -> None:
    made = deploy(web(deployment, protected=protected))
    assert made.of(TARGETS)["web-second"].protect is kept
    assert not made.of(TARGETS)["web-targets"].protect


def test_hooks_are_asked_at_their_stages_in_a_role_for_them_alone(deploy: Any) -> None:
    hooks = {"smoke": {"function": HOOK, "stages": ["post-scale-up", "post-production-traffic-shift"]}}
    made = deploy(web({**BLUE_GREEN, "hooks": hooks}))
    (hook,) = service(made)["deploymentConfiguration"]["lifecycleHooks"]
    assert hook["hookTargetArn"] == HOOK
    assert hook["lifecycleStages"] == ["POST_SCALE_UP", "POST_PRODUCTION_TRAFFIC_SHIFT"]
    assert "web-shifter-hooks" in hook["roleArn"]
    assert statements(made, "web-shifter-hooks-policy") == {
        "AskHooks": {"Sid": "AskHooks", "Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": [HOOK]}
    }
    assert "AskHooks" not in statements(made, "web-shifter-policy")


def test_a_test_port_gets_a_rule_of_its_own_that_ecs_may_move_too(deploy: Any) -> None:
    made = deploy(web(BLUE_GREEN, tested=True))
    rules = made.of(RULE)
    test, production = rules["web-test-route"], rules["web-route"]
    assert test.inputs["listenerArn"] == "arn:test-listener"
    same = ("priority", "conditions", "actions")
    assert {key: test.inputs[key] for key in same} == {key: production.inputs[key] for key in same}
    assert test.ignore_changes == ("actions",)
    advanced = service(made)["loadBalancers"][0]["advancedConfiguration"]
    allowed = statements(made, "web-shifter-policy")
    assert allowed["MoveRules"]["Resource"] == [advanced["productionListenerRule"], advanced["testListenerRule"]]
    assert allowed["MoveListeners"]["Resource"] == ["arn:listener", "arn:test-listener"]
    assert test.urn in made.of(SERVICE)["web-service"].dependencies
    assert "web-test-route" not in deploy(web(tested=True)).of(RULE), "nothing is shown where nothing is shifted"


def test_the_test_port_lets_in_whom_it_lists_and_nobody_else(deploy: Any) -> None:
    def balancer(testing: PortForTestsSettings | None) -> Any:
        args = LoadBalancerArgs(
            vpc_id="vpc-1",
            subnet_ids=["public-a", "public-b"],
            log_bucket="logs",
            idle_timeout_seconds=60,
            certificate_arn="arn:cert",
            protected=True,
            testing=testing,
        )
        return deploy(lambda: LoadBalancer("lb", args))

    plain = balancer(None)
    made = balancer(PortForTestsSettings.model_validate({"reachableFrom": ["203.0.113.0/24"]}))
    rule = made.of(INGRESS)["lb-ingress-test-203.0.113.0-24"].inputs
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("203.0.113.0/24", 8443, 8443)
    assert set(made.of(INGRESS)) - set(plain.of(INGRESS)) == {"lb-ingress-test-203.0.113.0-24"}
    listener = made.of(LISTENER)["lb-test"].inputs
    assert (listener["port"], listener["protocol"], listener["certificateArn"]) == (8443, "HTTPS", "arn:cert")
    assert listener["sslPolicy"] == made.of(LISTENER)["lb-https"].inputs["sslPolicy"]
    assert listener["defaultActions"][0]["fixedResponse"]["statusCode"] == "404"


def test_both_groups_are_watched_whichever_serves(deploy: Any) -> None:
    plain = {signal.name: signal for signal in deploy(web()).built.signals}
    shifted = {signal.name: signal for signal in deploy(web(BLUE_GREEN)).built.signals}
    assert plain.keys() == shifted.keys()
    of_targets = ("web-errors", "web-latency-p95", "web-latency-p99", "web-unhealthy", "web-no-healthy-task")
    for name in of_targets:
        groups = {id(metric.dimensions["TargetGroup"]) for metric in shifted[name].metrics.values()}
        assert len(groups) == 2, name
        expression = shifted[name].expression
        assert expression is not None
        assert all(f"FILL({id_}, 0)" in expression for id_ in shifted[name].metrics), name
    assert shifted["web-errors"].expression == (
        "100 * SUM([FILL(errors, 0), FILL(errors_second, 0)]) / SUM([FILL(requests, 0), FILL(requests_second, 0)])"
    )
    assert shifted["web-latency-p99"].expression == "MAX([FILL(latency, 0), FILL(latency_second, 0)])"
    assert shifted["web-no-healthy-task"].expression == "SUM([FILL(healthy, 0), FILL(healthy_second, 0)])"
    assert shifted["web-no-healthy-task"].missing == plain["web-no-healthy-task"].missing == "breaching"
    assert plain["web-unhealthy"].expression is None
    assert plain["web-errors"].expression == "100 * FILL(errors, 0) / requests"


def test_a_release_is_judged_by_the_worst_group(deploy: Any) -> None:
    alarm = deploy(web(BLUE_GREEN)).of(ALARM)["web-release"].inputs
    *metrics, worst = alarm["metricQueries"]
    assert len({query["metric"]["dimensions"]["TargetGroup"] for query in metrics}) == 2
    assert worst["expression"] == ("MAX([FILL(100 * errors_0 / requests_0, 0), FILL(100 * errors_1 / requests_1, 0)])")
    assert (alarm["evaluationPeriods"], alarm["datapointsToAlarm"]) == (release.MINUTES, release.BAD_MINUTES)


@pytest.mark.parametrize(
    ("deployment", "percent"),
    [
        (None, (100, 200)),
        ({"strategy": "rolling", "leastHealthyPercent": 50, "mostPercent": 150}, (50, 150)),
        (BLUE_GREEN, (100, 200)),
    ],
)
def test_healthy_capacity_is_what_is_said(deploy: Any, deployment: Any, percent: tuple[int, int]) -> None:
    told = service(deploy(web(deployment, protected=False)))
    assert (told["deploymentMinimumHealthyPercent"], told["deploymentMaximumPercent"]) == percent


def test_a_worker_is_released_at_its_own_pace_without_an_alarm(deploy: Any) -> None:
    worker = {
        "kind": "worker",
        "image": "crccheck/hello-world:v1.0.0",
        "queue": "jobs",
        "timeoutSeconds": 60,
        "size": {"cpu": 256, "memory": 512, "architecture": "x86_64"},
        "scale": {"min": 2, "max": 4, "track": {"backlogPerTask": 100}},
        "environment": {},
        "uses": {},
    }
    made = deploy(several({"index": {**worker, "deployment": {"strategy": "rolling", "mostPercent": 150}}}))
    told = made.of(SERVICE)["index-service"].inputs
    assert (told["deploymentMinimumHealthyPercent"], told["deploymentMaximumPercent"]) == (100, 150)
    assert "alarms" not in told
    assert "deploymentConfiguration" not in told
    assert "index-release" not in made.of(ALARM)


def test_who_waits_for_a_deployment_waits_for_all_of_it() -> None:
    linear = LinearSettings.model_validate(
        {
            "strategy": "linear",
            "stepPercent": 30,
            "stepMinutes": 7,
            "bakeMinutes": 20,
            "hooks": {"smoke": {"function": HOOK, "stages": ["pre-scale-up", "post-scale-up"]}},
        }
    )
    assert linear.shift_minutes == 3 * 7, "30, 60, 90, 100: three waits"
    assert linear.minutes == 21 + 20 + 2 * 15
