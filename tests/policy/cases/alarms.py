"""Cases of alarms on which something acts, and of budgets for resources."""

from guardrails import kinds

from tests.policy.cases.kit import Case, breaks, build, document, holds, lost, one, ref

TELL, BUDGET = "alarms-have-actions", "budget-with-alert"
NAT = kinds.NAT_GATEWAY
TWO = build(one=(NAT, {}), two=(NAT, {}))

ACTING = (
    holds(
        TELL,
        "a deployment goes back by it",
        build(
            it=(kinds.ALARM, {}),
            web=(kinds.ECS_SERVICE, {"alarms": {"alarmNames": [ref("it.name")], "enable": True, "rollback": True}}),
        ),
    ),
    holds(
        TELL,
        "a deployment goes back by it, by its name",
        build(
            it=(kinds.ALARM, {"name": "web-errors"}),
            web=(kinds.ECS_SERVICE, {"alarms": {"alarmNames": ["web-errors"], "enable": True, "rollback": True}}),
        ),
    ),
    holds(
        TELL,
        "one of several in a rule, which tell somebody",
        build(
            it=(kinds.ALARM, {"name": "web-errors"}),
            both=(
                kinds.COMPOSITE_ALARM,
                {"alarmRule": 'ALARM("web-errors") AND ALARM(web-slow)', "alarmActions": ["arn:aws:sns:x"]},
            ),
        ),
    ),
    holds(
        TELL,
        "something takes its ARN",
        build(it=(kinds.ALARM, {}), call=(kinds.FUNCTION, {"environment": {"variables": {"A": ref("it.arn")}}})),
    ),
    breaks(
        TELL,
        "another alarm is what a deployment goes back by",
        build(
            it=(kinds.ALARM, {"name": "web-slow"}),
            web=(kinds.ECS_SERVICE, {"alarms": {"alarmNames": ["web-errors"], "enable": True, "rollback": True}}),
        ),
    ),
    breaks(
        TELL,
        "a deployment goes back by another alarm of the program",
        build(
            other=(kinds.ALARM, {"alarmActions": ["arn:aws:sns:x"]}),
            it=(kinds.ALARM, {}),
            web=(kinds.ECS_SERVICE, {"alarms": {"alarmNames": [ref("other.name")]}}),
        ),
    ),
    breaks(TELL, "a name made of something", build(vpc=(kinds.VPC, {}), it=(kinds.ALARM, {"name": ref("vpc.id")}))),
    breaks(
        TELL,
        "a dashboard shows it",
        build(it=(kinds.ALARM, {}), page=(kinds.DASHBOARD, {"dashboardBody": document({"alarms": ref("it.arn")})})),
    ),
    holds(
        TELL,
        "a function is told by text which alarm it asks",
        build(it=(kinds.ALARM, {}), ask=(kinds.LAMBDA_INVOCATION, {"input": document({"alarm": ref("it.name")})})),
    ),
    holds(
        TELL,
        "what a deployment goes back by is not seen",
        build(
            it=(kinds.ALARM, {"name": "web-errors"}),
            web=(kinds.ECS_SERVICE, {"alarms": {"alarmNames": [lost("web-errors")]}}),
        ),
        at_preview=("it",),
    ),
    breaks(
        TELL,
        "a function of which another property has it",
        build(it=(kinds.ALARM, {}), ask=(kinds.LAMBDA_INVOCATION, {"functionName": ref("it.name"), "input": "{}"})),
    ),
    breaks(
        TELL,
        "the rule of a composite alarm that has its own name only",
        build(
            web=(kinds.ALARM, {"name": "web-errors", "alarmActions": ["arn:aws:sns:x"]}),
            it=(kinds.COMPOSITE_ALARM, {"alarmName": "both", "alarmRule": "ALARM(web-errors)"}),
        ),
    ),
)
COUNTED = (
    holds(BUDGET, "as many as there may be", TWO, resourceBudgets={NAT: 2}),
    holds(BUDGET, "none of a type that may have none", one(kinds.VPC), resourceBudgets={NAT: 0}),
    breaks(BUDGET, "one too many", TWO, "stack", resourceBudgets={NAT: 1}),
    breaks(BUDGET, "one of several types has too many", TWO, "stack", resourceBudgets={kinds.VPC: 1, NAT: 1}),
    breaks(
        BUDGET,
        "under an old name of the type",
        build(it=(kinds.LOAD_BALANCER, {})),
        "stack",
        resourceBudgets={"aws:alb/loadBalancer:LoadBalancer": 0},
    ),
)
CASES: tuple[Case, ...] = (*ACTING, *COUNTED)
