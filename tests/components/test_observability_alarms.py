"""Alarms and the dashboard follow from the signals, and from nothing else."""

import dataclasses
import json
from typing import Any

import pulumi
import pytest

from components.contracts import Metric, Panel, Search, Severity, Signal
from components.observability import Alerts, AlertsArgs, Observability, ObservabilityArgs, alarms, dashboard
from settings.location import Location

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
LOCATION = Location.of("us-east-1", "111122223333")
CPU = Signal(
    name="web-cpu",
    metrics={
        "cpu": Metric(
            namespace="AWS/ECS", name="CPUUtilization", statistic="Average", dimensions={"ServiceName": "web"}
        )
    },
    comparison="GreaterThanThreshold",
    threshold=90,
    period_seconds=60,
    evaluation_periods=5,
    datapoints_to_alarm=4,
    missing="missing",
    severity=Severity.CRITICAL,
    meaning="The service has no CPU to spare.",
    runbook="cpu.md",
)


def change(**fields: Any) -> Signal:
    return dataclasses.replace(CPU, **fields)


@pytest.fixture(autouse=True)
def runbooks(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cpu.md").write_text("# CPU\n")
    monkeypatch.setattr(alarms, "RUNBOOKS", tmp_path)


def watch(*signals: Signal) -> Any:
    args = ObservabilityArgs(platform=signals, topic_arn="arn:aws:sns:us-east-1:111122223333:t", location=LOCATION)
    return lambda: Observability("observability", args)


def test_an_alarm_tells_somebody_when_it_starts_and_when_it_is_over(deploy: Any) -> None:
    made = deploy(watch(CPU)).inputs(ALARM)["web-cpu"]
    assert made["alarmActions"] == made["okActions"] == ["arn:aws:sns:us-east-1:111122223333:t"]
    assert made["actionsEnabled"] is True


def test_an_alarm_says_what_it_means_how_urgent_it_is_and_what_to_do(deploy: Any) -> None:
    text = deploy(watch(CPU)).inputs(ALARM)["web-cpu"]["alarmDescription"]
    assert text == "[critical] The service has no CPU to spare. What to do: docs/runbooks/cpu.md"


def test_one_metric_is_compared_as_it_is_without_queries(deploy: Any) -> None:
    made = deploy(watch(CPU)).inputs(ALARM)["web-cpu"]
    assert (made["namespace"], made["metricName"], made["statistic"], made["period"]) == (
        "AWS/ECS",
        "CPUUtilization",
        "Average",
        60,
    )
    assert (made["threshold"], made["evaluationPeriods"], made["datapointsToAlarm"]) == (90, 5, 4)
    assert made["dimensions"] == {"ServiceName": "web"}
    assert "metricQueries" not in made
    assert "extendedStatistic" not in made


def test_a_percentile_is_an_extended_statistic_and_not_a_statistic(deploy: Any) -> None:
    slow = change(metrics={"t": Metric(namespace="N", name="T", statistic="p99", dimensions={})})
    made = deploy(watch(slow)).inputs(ALARM)["web-cpu"]
    assert made["extendedStatistic"] == "p99"
    assert "statistic" not in made


def test_metric_math_returns_the_result_and_no_input_of_it(deploy: Any) -> None:
    metrics = {k: Metric(namespace="N", name=k, statistic="Sum", dimensions={"D": "d"}) for k in ("errors", "requests")}
    made = deploy(watch(change(metrics=metrics, expression="100 * errors / requests"))).inputs(ALARM)["web-cpu"]
    returned = {query["id"]: query["returnData"] for query in made["metricQueries"]}
    assert returned == {"errors": False, "requests": False, "result": True}
    assert "metricName" not in made, "AWS refuses an alarm with both forms"
    assert "period" not in made


def test_a_signal_without_a_runbook_is_refused_with_the_runbooks_that_exist(deploy: Any) -> None:
    with pytest.raises(ValueError, match=r"web-cpu.*'nowhere.md'.*there: cpu.md"):
        deploy(watch(change(runbook="nowhere.md")))


def test_two_signals_of_one_name_are_refused_by_name(deploy: Any) -> None:
    with pytest.raises(ValueError, match="same name: web-cpu"):
        deploy(watch(CPU, CPU))


def test_several_metrics_without_an_expression_are_refused(deploy: Any) -> None:
    two = {**CPU.metrics, "other": CPU.metrics["cpu"]}
    with pytest.raises(ValueError, match="2 metrics and no expression"):
        deploy(watch(change(metrics=two)))


def test_the_dashboard_draws_each_signal_once_with_its_threshold_inside_the_grid(deploy: Any) -> None:
    signals = [change(name=f"s{i}") for i in range(5)]
    made = deploy(watch(*signals)).one("aws:cloudwatch/dashboard:Dashboard").inputs
    widgets = json.loads(made["dashboardBody"])["widgets"]
    graphs = [w for w in widgets if w["type"] == "metric"]
    assert [g["properties"]["title"] for g in graphs] == ["s0", "s1", "s2", "s3", "s4"]
    assert {g["properties"]["annotations"]["horizontal"][0]["value"] for g in graphs} == {90}
    assert {g["properties"]["region"] for g in graphs} == {"us-east-1"}
    cells = [(w["x"], w["y"]) for w in widgets]
    assert len(set(cells)) == len(cells), "two widgets in one place"
    assert max(w["x"] + w["width"] for w in widgets) <= 24


def test_the_dashboard_does_not_depend_on_the_order_of_the_signals(deploy: Any) -> None:
    signals = [change(name=f"s{i}") for i in range(4)]
    one, other = (
        deploy(watch(*order)).one("aws:cloudwatch/dashboard:Dashboard").inputs for order in (signals, signals[::-1])
    )
    assert one["dashboardBody"] == other["dashboardBody"]


SEARCH = Search(
    namespace="AWS/ECS",
    name="CPUUtilization",
    statistic="Average",
    dimensions=("ClusterName", "ServiceName"),
    label="ServiceName",
    exactly={"ClusterName": "c-1"},
    words={"ServiceName": ("groundwork", "prod")},
)
PANEL = Panel(group="Tasks", title="CPU, percent", searches=[SEARCH], lines={"warning": 80.0})


def graphs(made: Any) -> list[dict[str, Any]]:
    widgets = json.loads(made.one("aws:cloudwatch/dashboard:Dashboard").inputs["dashboardBody"])["widgets"]
    return [widget["properties"] for widget in widgets if widget["type"] == "metric"]


def watched(platform: list[Signal], services: list[Signal], panels: list[Panel]) -> Any:
    args = ObservabilityArgs(
        platform=platform, services=services, panels=panels, topic_arn="arn:aws:sns:x", location=LOCATION
    )
    return lambda: Observability("observability", args)


def test_signals_of_services_have_alarms_and_change_no_graph(deploy: Any) -> None:
    without = deploy(watched([change(name="queue")], [], [PANEL]))
    made = deploy(watched([change(name="queue")], [change(name="web-cpu"), change(name="api-cpu")], [PANEL]))
    assert set(made.inputs(ALARM)) == {"queue", "web-cpu", "api-cpu"}
    assert [graph["title"] for graph in graphs(made)] == ["CPU, percent", "queue"], "services first"
    assert graphs(made) == graphs(without)


def test_a_name_that_platform_and_service_share_is_refused(deploy: Any) -> None:
    with pytest.raises(ValueError, match="same name: web-cpu"):
        deploy(watched([CPU], [CPU], []))


def test_a_panel_finds_its_metrics_by_exact_values_and_by_words(deploy: Any) -> None:
    (graph,) = graphs(deploy(watched([], [], [PANEL])))
    assert graph["metrics"] == [
        [
            {
                "expression": 'SEARCH(\'{AWS/ECS,ClusterName,ServiceName} MetricName="CPUUtilization" ClusterName="c-1"'
                " ServiceName=groundwork ServiceName=prod', 'Average', 60)",
                "label": "${PROP('Dim.ServiceName')}",
                "id": "found0",
            }
        ]
    ]
    assert graph["annotations"] == {"horizontal": [{"value": 80.0, "label": "warning"}]}
    assert graph["region"] == "us-east-1"


def test_panels_of_one_group_are_below_one_heading_and_nothing_overlaps(deploy: Any) -> None:
    panels = [dataclasses.replace(PANEL, title=f"p{i}") for i in range(4)]
    made = deploy(watched([CPU], [], [*panels, dataclasses.replace(PANEL, group="Fleets")]))
    widgets = json.loads(made.one("aws:cloudwatch/dashboard:Dashboard").inputs["dashboardBody"])["widgets"]
    assert [w["properties"]["markdown"] for w in widgets if w["type"] == "text"] == [
        "**Tasks**",
        "**Fleets**",
        "**cpu**: docs/runbooks/cpu.md",
    ]
    taken = [
        (x, y) for w in widgets for x in range(w["x"], w["x"] + w["width"]) for y in range(w["y"], w["y"] + w["height"])
    ]
    assert len(set(taken)) == len(taken)


@pytest.mark.parametrize(("stack", "name"), [("prod", "groundwork-prod"), ("my.own", "groundwork-my_own")])
def test_the_dashboard_is_named_after_the_stack_in_characters_that_cloudwatch_takes(
    deploy: Any, stack: str, name: str
) -> None:
    made = deploy(watch(CPU), stack=stack)
    assert made.one("aws:cloudwatch/dashboard:Dashboard").inputs["dashboardName"] == name


@pytest.mark.parametrize(("signals", "lines", "pages"), [(5, 1, 1), (6, 1, 2), (11, 1, 3), (5, 4, 1), (5, 5, 2)])
def test_what_one_dashboard_does_not_take_goes_on_in_a_further_one(
    deploy: Any, monkeypatch: pytest.MonkeyPatch, signals: int, lines: int, pages: int
) -> None:
    """Of widgets, headings among them, and of lines; fewer here than the 500 and 2500 of CloudWatch."""
    assert (dashboard.WIDGETS_MOST, dashboard.LINES_MOST) == (500, 2500)
    monkeypatch.setattr(dashboard, "WIDGETS_MOST", 6)
    monkeypatch.setattr(dashboard, "LINES_MOST", 20)
    metric = next(iter(CPU.metrics.values()))
    expression = "m0" if lines > 1 else None
    metrics = {f"m{line}": metric for line in range(lines - 1 if expression else 1)}
    many = [dataclasses.replace(CPU, name=f"s{n:03}", metrics=metrics, expression=expression) for n in range(signals)]
    boards = dict(sorted(deploy(watched(many, [], [])).inputs("aws:cloudwatch/dashboard:Dashboard").items()))
    assert list(boards) == ["observability-dashboard", "observability-dashboard-2", "observability-dashboard-3"][:pages]
    assert len({board["dashboardName"] for board in boards.values()}) == pages
    widgets = [json.loads(board["dashboardBody"])["widgets"] for board in boards.values()]
    titles = [w["properties"]["title"] for page in widgets for w in page if w["type"] == "metric"]
    assert titles == [f"s{n:03}" for n in range(signals)], "each once, in order"
    for page in widgets:
        assert len(page) <= 6
        assert sum(len(w["properties"].get("metrics", [])) for w in page) <= 20
        assert page[0]["type"] == "text", "a heading first, also where a section is cut"
        assert [w["type"] for w in page].count("text") == 1


def test_a_heading_goes_where_its_graphs_go(deploy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard, "WIDGETS_MOST", 6)
    panels = [dataclasses.replace(PANEL, title=f"p{i}") for i in range(5)]
    made = deploy(watched([], [], [*panels, dataclasses.replace(PANEL, group="Fleets")]))
    boards = sorted(made.inputs("aws:cloudwatch/dashboard:Dashboard").items())
    pages = [json.loads(board["dashboardBody"])["widgets"] for _, board in boards]
    assert [[w["properties"].get("markdown", "graph") for w in page] for page in pages] == [
        ["**Tasks**", *["graph"] * 5],
        ["**Fleets**", "graph"],
    ]


def test_only_alarms_of_this_account_may_publish_and_only_over_tls(deploy: Any) -> None:
    made = deploy(lambda: Alerts("alerts", AlertsArgs(email="a@example.com", key_arn="arn:key", location=LOCATION)))
    policy = json.loads(made.one("aws:sns/topicPolicy:TopicPolicy").inputs["policy"])
    allowed = [s for s in policy["Statement"] if s["Effect"] == "Allow"]
    assert [s["Principal"] for s in allowed] == [{"Service": ["cloudwatch.amazonaws.com"]}]
    assert allowed[0]["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}
    (denied,) = [s for s in policy["Statement"] if s["Effect"] == "Deny"]
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert made.one("aws:sns/topic:Topic").inputs["kmsMasterKeyId"] == "arn:key"
    assert made.one("aws:sns/topicSubscription:TopicSubscription").inputs["protocol"] == "email"


def test_every_child_belongs_to_its_component(deploy: Any) -> None:
    args = AlertsArgs(email="a@example.com", key_arn="arn:key", location=LOCATION)
    made = deploy(lambda: [Alerts("alerts", args), watch(CPU)()])
    assert [urn for urn in made.urns if "::groundwork::aws:" in urn] == []
    assert isinstance(made.built[0].topic_arn, pulumi.Output)
