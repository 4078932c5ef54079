"""Metrics of the CloudWatch agent on instances: how many, for how long, at what price."""

import base64
import json
from typing import Any

import pytest

from preflight.cost import agent, estimate, usage
from tests.gathered import for_each
from tests.preflight.diff.reports import resource, urn

TEMPLATE, GROUP, SCHEDULE = (
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:autoscaling/group:Group",
    "aws:autoscaling/schedule:Schedule",
)


def config(**given: Any) -> dict[str, Any]:
    collected = {
        "mem": {"measurement": ["used_percent"]},
        "disk": {"measurement": ["used_percent"], "resources": ["/"]},
    }
    metrics = {"append_dimensions": {"AutoScalingGroupName": "web"}, "metrics_collected": collected}
    return {"agent": {"omit_hostname": True}, "metrics": metrics | given}


def script(document: dict[str, Any], indent: int | None = None) -> str:
    text = f"#!/bin/bash\nset -eu # {{not json}}\ncat >agent.json <<'END'\n{json.dumps(document, indent=indent)}\nEND\n"
    return base64.b64encode(text.encode()).decode()


def fleet(document: dict[str, Any], size: int, *schedules: tuple[int, str]) -> list[dict[str, Any]]:
    template = resource(TEMPLATE, "t", {"instanceType": "t3.micro", "userData": script(document)})
    group = resource(GROUP, "web", {"minSize": size, "maxSize": size}, needs={"launchTemplate": [urn(TEMPLATE, "t")]})
    times = [
        resource(SCHEDULE, f"s{i}", {"recurrence": cron, "minSize": bound, "maxSize": bound},
                 needs={"autoscalingGroupName": [urn(GROUP, "web")]})
        for i, (bound, cron) in enumerate(schedules)
    ]  # fmt: skip
    return [template, group, *times]


def charged(entries: list[dict[str, Any]], *, free: bool) -> tuple[str, str]:
    """Quantity and USD of the agent's metrics by the expected profile."""
    assumptions = usage.read({"freeAllowances": free}, "preflight:usage")
    found = estimate.estimate(entries, assumptions, "us-east-1")
    lines = [
        line for each in found["resources"] for line in each["lines"] if line["meter"] == "cloudwatch.metric.custom"
    ]
    return (lines[0]["quantity"]["expected"], lines[0]["usd"]["expected"]) if lines else ("0", "0")


def test_metrics_without_a_host_are_the_group_s_whatever_its_size() -> None:
    assert agent.series(script(config())) == (2, 0)
    for size in (1, 5):
        assert charged(fleet(config(), size), free=False) == ("2", "0.60")


def test_metrics_with_a_host_are_each_instance_s() -> None:
    named = {**config(), "agent": {}}
    assert agent.series(script(named)) == (0, 2)
    assert charged(fleet(named, 5), free=False) == ("10", "3.00")


def test_the_first_ten_of_an_account_are_free() -> None:
    assert charged(fleet({**config(), "agent": {}}, 5), free=True)[1] == "0.00"
    assert charged(fleet({**config(), "agent": {}}, 6), free=True)[1] == "0.60", "twelve, of which two are paid"


def test_metrics_are_charged_while_there_are_instances() -> None:
    # Up at 7, down at 20, Monday to Friday: 65 of 168 hours; 2 metrics x 0.30 x 65 / 168 = 0.23.
    found = fleet(config(), 1, (1, "0 7 * * 1,2,3,4,5"), (0, "0 20 * * 1,2,3,4,5"))
    assert charged(found, free=False) == ("0.7738", "0.23")


def test_a_rollup_is_a_metric_of_its_own_unless_it_is_the_same() -> None:
    rolled = config(aggregation_dimensions=[["AutoScalingGroupName"]])
    assert agent.series(script(rolled)) == (3, 0), "of the disk; that of the memory has these dimensions already"


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_the_configuration_is_found_however_it_is_written(indent: int) -> None:
    assert agent.series(script(config(), indent)) == (2, 0)
    assert agent.series(base64.b64decode(script(config(), indent)).decode()) == (2, 0)


@for_each(
    "text", [None, "", "IyEvYmluL2Jhc2g=", '{"metrics_collected": 3', '"metrics_collected"', {"$unknown": True}, "\xff"]
)
def test_anything_else_has_no_metrics(text: Any) -> None:
    assert agent.series(text) == (0, 0)
