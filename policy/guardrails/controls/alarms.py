"""Whether alarms tell somebody, and look at everything that customers depend on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from guardrails import kinds
from guardrails.checks import all_of, is_set, is_true
from guardrails.forwarding import Answer
from guardrails.graph import Graph, Node
from guardrails.joins import DB_CLUSTER, QUEUE
from guardrails.reading import Absent, Known, Record, Unknown, Value
from guardrails.verdicts import HOLDS, RESILIENCE, Control, Finding, Outcome, Scope, Severity, View, breaks, waits

_NAMED_BY: dict[str, tuple[str, ...]] = {
    kinds.LOAD_BALANCER: ("arnSuffix", "name"),
    kinds.ECS_SERVICE: ("name",),
    kinds.DB_INSTANCE: ("identifier", "id"),
    kinds.DB_CLUSTER: ("clusterIdentifier", "id"),
    kinds.DB_CLUSTER_INSTANCE: ("identifier", "id"),
    kinds.QUEUE: ("name",),
}
"""By what a dimension names a resource."""
_DIMENSIONS = ("dimensions", "metricQueries")
_MAY_HOLD = re.compile(r"dimensions.*|metricQueries(\[\d+\](\.metric(\.dimensions.*)?)?)?")
"""Dimensions, and the blocks in which they stand."""


class Watched:
    """What the dimensions of alarms name: by edges, and by value. `waits_for`: a dimension that nobody can know."""

    def __init__(self, graph: Graph) -> None:
        self.urns: set[str] = set()
        self.values: set[str] = set()
        self.waits_for: str | None = None
        for alarm in graph.of(kinds.ALARM):
            for key in _DIMENSIONS:
                self.urns.update(alarm.props.origin(key).sources)
            for path, value in alarm.props.strings():
                if _MAY_HOLD.fullmatch(path):
                    self._note(path, value, alarm, graph)

    def _note(self, path: str, value: Known[str] | Unknown, alarm: Node, graph: Graph) -> None:
        """What comes from resources of AWS alone is theirs; anything else may yet be the name of one."""
        if isinstance(value, Known):
            self.values.add(value.value)
        elif not value.sources or not all(source.kind.startswith("aws:") for source in graph.sources(value)):
            self.waits_for = f"{path} of {alarm.label}, {graph.describe(value)}"


class DeadLetters:
    """The queues to which others send what they could not handle; of `maybe` some are."""

    def __init__(self, graph: Graph) -> None:
        self.sure: set[str] = set()
        self.maybe: set[str] = set()
        self.waits_for: str | None = None
        for value in self._arns(graph):
            members = graph.link(value, QUEUE)
            self.sure.update(each.urn for each in members.sure)
            self.maybe.update(each.urn for each in members.maybe)
            self.waits_for = members.waits_for or self.waits_for

    @staticmethod
    def _arns(graph: Graph) -> Iterator[Value[str]]:
        for node in graph.of(kinds.QUEUE, kinds.REDRIVE_POLICY, kinds.TOPIC_SUBSCRIPTION):
            yield _target(node.props.document("redrivePolicy"))
        for node in graph.of(kinds.FUNCTION):
            found = node.props.record("deadLetterConfig")
            yield found.value.text("targetArn") if isinstance(found, Known) else found


def _target(policy: Value[str | Record]) -> Value[str]:
    if not isinstance(policy, Known):
        return policy
    if isinstance(policy.value, Record):
        return policy.value.text("deadLetterTargetArn")
    try:
        raw = json.loads(policy.value)
    except ValueError:
        return Absent()
    found = raw.get("deadLetterTargetArn") if isinstance(raw, dict) else None
    return Known(found) if isinstance(found, str) else Absent()


def _covered(node: Node, view: View) -> Iterable[Finding]:
    watched: Watched = view.graph.shared(Watched)
    instances = view.graph.companions(kinds.DB_CLUSTER_INSTANCE, "clusterIdentifier", DB_CLUSTER)
    answers = [_is_watched(each, watched) for each in (node, *instances.of(node))]
    answers += [None for each in instances.maybe(node) if _is_watched(each, watched) is not False]
    needed = _needs_one(node, view)
    if True in answers or needed is False:
        yield HOLDS
    elif watched.waits_for is not None:
        yield waits(watched.waits_for, node.label)
    elif None in answers:
        yield waits("its name, which an alarm may have as a dimension", node.label)
    elif needed is None:
        yield waits("whether it is one that has to be watched", node.label)
    else:
        yield breaks("no alarm has it as a dimension", node.label)


def _needs_one(node: Node, view: View) -> bool | None:
    """Queues only where failures are sent to; of gateway balancers the appliances behind them are watched."""
    if node.kind == kinds.QUEUE:
        letters: DeadLetters = view.graph.shared(DeadLetters)
        doubt = node.urn in letters.maybe or letters.waits_for is not None
        return True if node.urn in letters.sure else None if doubt else False
    sort = node.props.text("loadBalancerType") if node.kind == kinds.LOAD_BALANCER else Absent()
    return None if isinstance(sort, Unknown) else sort != Known("gateway")


def _is_watched(node: Node, watched: Watched) -> bool | None:
    arn = node.props.text("arn")
    names = [node.props.text(key) for key in (*_NAMED_BY[node.kind], "arn")]
    suffix = arn.value.partition(":loadbalancer/")[2] if isinstance(arn, Known) else ""
    if node.urn in watched.urns or watched.values & {suffix or "-", *(n.value for n in names if isinstance(n, Known))}:
        return True
    given = any(isinstance(name, Unknown) and name.sources for name in names)
    return None if given and watched.values else False


class Levers:
    """Alarms on which something acts by itself: deployments that go back, health checks, composite alarms, code.

    Such an alarm stands in what acts on it: by an edge, or by name or ARN in a property about alarms.
    """

    def __init__(self, graph: Graph) -> None:
        self.urns: set[str] = set()
        self.names: set[str] = set()
        self.waits_for: str | None = None
        for node in graph.of(kinds.ANY):
            for path, value in node.props.strings():
                key = _NO_WORD.split(path)[0]
                if key not in _OWN and ("alarm" in path.lower() or key == _TOLD.get(node.kind)):
                    self.urns.update(node.props.origin(key).sources)
                    self._note(path, value, node, graph)

    def _note(self, path: str, value: Known[str] | Unknown, node: Node, graph: Graph) -> None:
        if isinstance(value, Known):
            self.names.update((value.value, *_IN_RULE.findall(value.value)))
        elif any(not source.kind.startswith("aws:") for source in graph.sources(value)) or not value.sources:
            self.waits_for = f"{path} of {node.label}, {graph.describe(value)}"

    def include(self, alarm: Node) -> Answer | None:
        """Whether something acts on this alarm, or what that waits for."""
        names = [alarm.props.text(key) for key in ("name", "alarmName", "id", "arn")]
        if alarm.urn in self.urns or self.names.intersection(n.value for n in names if isinstance(n, Known)):
            return True
        if self.names and any(isinstance(name, Unknown) and name.sources for name in names):
            return "its name, by which something may act on it"
        return self.waits_for


def _acts(node: Node, view: View) -> Iterable[Finding]:
    found = _TELLS.answer(node, view)
    if found.outcome is Outcome.PASS:
        yield found
        return
    levers: Levers = view.graph.shared(Levers)
    pulled = levers.include(node)
    if pulled is True:
        yield HOLDS
    elif pulled:
        yield waits(f"whether something acts on it: {pulled}", node.label)
    else:
        yield found


_ALARMS = (kinds.ALARM, kinds.COMPOSITE_ALARM)
_TOLD = {
    kinds.FUNCTION: "environment",
    kinds.LAMBDA_INVOCATION: "input",
    kinds.STATE_MACHINE: "definition",
    kinds.EXPERIMENT: "stopConditions",
}
"""Where code is told which alarm it looks at."""
_OWN = frozenset({"alarmName", "alarmDescription", "alarmActions"})
_NO_WORD = re.compile(r"\W")
_IN_RULE = re.compile(r"""\(\s*["']?([^"')]+?)["']?\s*\)""")
"""An alarm in the rule of a composite alarm: `ALARM("web-errors") OR ALARM(web-slow)`."""
_TELLS = all_of(is_true("actionsEnabled", absent=True), is_set("alarmActions", says="it tells nobody"))

CONTROLS: tuple[Control, ...] = (
    Control(
        id="alarms-cover-tiers",
        title="Every load balancer, service, database and dead-letter queue is watched by an alarm",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=tuple(kind for kind in _NAMED_BY if kind != kinds.DB_CLUSTER_INSTANCE),
        own_packs=(RESILIENCE,),
        why="Otherwise customers are the first to notice.",
        fix="add cloudwatch.MetricAlarm with the resource in dimensions",
        judge=_covered,
    ),
    Control(
        id="alarms-have-actions",
        title="Alarms tell somebody, or something acts on them",
        severity=Severity.LOW,
        scope=Scope.GRAPH,
        subjects=_ALARMS,
        references=("CKV_AWS_319",),
        own_packs=(RESILIENCE,),
        why="An alarm without an action is a colour on a page that nobody looks at.",
        fix="set alarm_actions=[topic.arn], and leave actions_enabled out",
        judge=_acts,
    ),
)
