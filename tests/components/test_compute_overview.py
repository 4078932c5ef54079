"""What the dashboard shows of services: every metric that their alarms look at, and nothing that names one of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from components.contracts import Metric, Panel, Search
from tests import entries
from tests.components.kinds import WEB, several

FUNCTION = {**entries.FUNCTION, "schedule": {"when": "rate(1 hour)"}}
FLEET: Mapping[str, Any] = {
    "kind": "fleet",
    "image": "example/legacy:1.4.2",
    "machine": {"type": "t4g.small"},
    "port": 8000,
    "health": "/",
    "scale": {"min": 2, "max": 4},
    "route": {"path": "/legacy*", "priority": 70},
    "environment": {},
    "uses": {},
}
CALLED = {**WEB, "route": None, "health": None, "uses": {}}
CALLER = {**WEB, "uses": {"inner": "call"}}
EVERY_KIND = {"web": CALLER, "inner": CALLED, "hourly": FUNCTION, "legacy": FLEET}
# Seen on the alarm and its runbook alone: what belongs to one service or is asked only when something else is red.
NOT_DRAWN = {"AsyncEventsDropped", "DestinationDeliveryFailures", "ConcurrentExecutions", "Invocations"}
NOT_DRAWN |= {
    "StatusCheckFailed",
    "GroupDesiredCapacity",
    "InvocationDroppedCount",
    "InvocationsFailedToBeSentToDeadLetterCount",
}


def searches(panels: Sequence[Panel]) -> list[Search]:
    return [search for panel in panels for search in panel.searches]


def found_by(search: Search, metric: Metric) -> bool:
    return (search.namespace, search.name, set(search.dimensions)) == (
        metric.namespace,
        metric.name,
        set(metric.dimensions),
    )


def test_what_alarms_of_services_look_at_is_found_with_the_same_dimensions_and_statistic(deploy: Any) -> None:
    made = deploy(several(EVERY_KIND)).built
    drawn = searches(made.panels)
    metrics = [metric for signal in made.signals for metric in signal.metrics.values()]
    missing = {m.name for m in metrics if not any(found_by(search, m) for search in drawn)}
    assert missing - NOT_DRAWN == set()
    used = {(m.namespace, m.name, m.statistic) for m in metrics}
    for search in drawn:
        if search.name not in {"HealthyHostCount", "DesiredTaskCount"}:
            assert (search.namespace, search.name, search.statistic) in used, "no alarm looks at this"
        assert search.label in search.dimensions
        assert {*search.exactly, *search.words} <= set(search.dimensions)


def test_one_more_service_of_any_kind_changes_no_graph(deploy: Any) -> None:
    def drawn(services: Mapping[str, Mapping[str, Any]]) -> list[Any]:
        made = deploy(several(services)).built
        return [
            (panel.group, panel.title, dict(panel.lines), s.namespace, s.name, s.statistic, s.dimensions, s.words)
            for panel in made.panels
            for s in panel.searches
        ]

    assert drawn({"web": WEB}) == drawn({"web": WEB, **EVERY_KIND})


def test_tasks_are_only_shown_where_they_are_counted(deploy: Any) -> None:
    from settings.capacity import ComputeSettings  # noqa: PLC0415

    counted = {s.name for s in searches(deploy(several({"web": WEB})).built.panels)}
    uncounted = deploy(several({"web": WEB}, cluster=ComputeSettings.model_validate({"containerInsights": False})))
    assert counted - {s.name for s in searches(uncounted.built.panels)} == {"RunningTaskCount", "DesiredTaskCount"}


@pytest.mark.parametrize(
    ("stack", "words"), [("prod", ["groundwork", "prod"]), ("my.own_eu-2", ["groundwork", "my", "own", "eu", "2"])]
)
def test_fleets_are_found_by_the_words_of_the_stacks_name(deploy: Any, stack: str, words: list[str]) -> None:
    made = deploy(several({"web": WEB}), stack=stack)
    fleets = [s for s in searches(made.built.panels) if s.words and "AutoScalingGroupName" in s.words]
    assert len(fleets) == 4
    assert {tuple(search.words["AutoScalingGroupName"]) for search in fleets} == {tuple(words)}
