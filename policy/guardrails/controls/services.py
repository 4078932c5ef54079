"""Clusters and services of ECS: what is seen of them, who may step in, how they are replaced."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from guardrails import kinds
from guardrails.checks import Check, all_of, at_least, differs, equals, is_set, is_true, when
from guardrails.graph import Graph, Node
from guardrails.joins import ECS_CLUSTER, ECS_SERVICE
from guardrails.reading import Known, Unknown, Value, or_default
from guardrails.regions import where_both_are
from guardrails.verdicts import (
    BASELINE,
    HOLDS,
    RESILIENCE,
    Control,
    Finding,
    Outcome,
    Scope,
    Severity,
    View,
    breaks,
    waits,
)

_INSIGHTS = "containerinsights"
_SEEN = frozenset({"enabled", "enhanced"})
_SESSION = "configuration.executeCommandConfiguration"
_RECORDED = all_of(
    differs(f"{_SESSION}.logging", "NONE", says="sessions in its cluster are not logged"),
    is_set(f"{_SESSION}.kmsKeyId", says="sessions in its cluster are not encrypted with a key"),
)
_BREAKER = when(
    equals("deploymentController.type", "ECS", absent="ECS"),
    all_of(
        is_true("deploymentCircuitBreaker.enable", says="it has no deployment circuit breaker"),
        is_true("deploymentCircuitBreaker.rollback", says="its circuit breaker does not roll back"),
    ),
)
"""Deployments by CodeDeploy or by others have no circuit breaker."""
_COUNTED = differs("schedulingStrategy", "DAEMON")
_DESIRED = at_least("desiredCount", 2, says="it runs fewer than two tasks")
_SCALED = at_least("minCapacity", 2, says="it is scaled down to fewer than two tasks")


def _insights(node: Node, view: View) -> Iterable[Finding]:
    own = list(_settings(node))
    known = {value.value.lower() for value in own if isinstance(value, Known)}
    if known:
        yield HOLDS if known & _SEEN else breaks("Container Insights is switched off", node.label)
    elif own:
        yield waits("its settings, which are not known yet", node.label)
    else:
        yield _of_the_account(node, view)


def _settings(node: Node) -> Iterator[Known[str] | Unknown]:
    """What the settings of a cluster say of Container Insights."""
    settings = node.props.items("settings")
    for each in settings.value.records() if isinstance(settings, Known) else [settings]:
        if isinstance(each, Unknown):
            yield each
        elif isinstance(each, Known):
            name = each.value.text("name")
            if isinstance(name, Unknown):
                yield name
            elif isinstance(name, Known) and name.value.lower() == _INSIGHTS:
                value = or_default(each.value.text("value"), "disabled")
                yield value


def _of_the_account(node: Node, view: View) -> Finding:
    """The account's own setting, where this program makes it, holds for clusters that say nothing."""
    doubt = None
    for setting in view.graph.of(kinds.ECS_ACCOUNT_SETTING):
        name, value = setting.props.text("name"), setting.props.text("value")
        about = name.value.lower() == _INSIGHTS if isinstance(name, Known) else None
        on = value.value.lower() in _SEEN if isinstance(value, Known) else None
        on = where_both_are(setting, node, on)
        if about and on:
            return HOLDS
        if about is not False and on is not False:
            doubt = waits("what the account setting says", node.label, setting.label)
    return doubt or breaks("Container Insights is not switched on", node.label)


def _exec_controlled(node: Node, view: View) -> Iterable[Finding]:
    enabled = or_default(node.props.flag("enableExecuteCommand"), False)
    if enabled == Known(False):
        yield HOLDS
        return
    protected = view.config.protected
    found = breaks("ECS Exec is on in a protected stack", node.label) if protected else _sessions(node, view)
    if isinstance(enabled, Unknown) and found.outcome is not Outcome.PASS:
        found = waits(f"enableExecuteCommand, {view.graph.describe(enabled)}", node.label)
    yield found


def _sessions(node: Node, view: View) -> Finding:
    cluster = view.graph.link(node.props.text("cluster"), ECS_CLUSTER, node, "cluster")
    if cluster.one is None:
        return waits(f"how sessions in its cluster are logged: {cluster.missing}", node.label)
    found = _RECORDED.answer(cluster.one, view)
    return found._replace(path=(node.label, *found.path))


def _deployment_safety(node: Node, view: View) -> Iterable[Finding]:
    found = [_BREAKER.answer(node, view)]
    if view.config.protected:
        found.append(when(_COUNTED, Check(_two_tasks)).answer(node, view))
    broken = [finding for finding in found if finding.outcome is Outcome.VIOLATION]
    if broken:
        yield broken[0]._replace(says="; ".join(finding.says for finding in broken))
    else:
        yield next((finding for finding in found if finding.outcome is not Outcome.PASS), HOLDS)


class _Scaling:
    """The Application Auto Scaling targets of ECS, by the service that they may be."""

    def __init__(self, graph: Graph) -> None:
        self._named: dict[str, list[Node]] = {}
        self._derived: dict[str, list[Node]] = {}
        self._open: list[Node] = []
        for target in graph.of(kinds.SCALING_TARGET):
            resource, namespace = target.props.text("resourceId"), target.props.text("serviceNamespace")
            if isinstance(namespace, Known) and namespace.value != "ecs":
                continue
            if isinstance(resource, Known):
                self._named.setdefault(resource.value.rpartition("/")[2], []).append(target)
            else:
                members = graph.link(resource, ECS_SERVICE)
                for service in (*members.sure, *members.maybe):
                    self._derived.setdefault(service.urn, []).append(target)
                self._open += [target] if members.waits_for is not None else []

    def of(self, service: Node, view: View) -> Iterator[tuple[Node, bool | None]]:
        """The targets that may be a service, and whether they are; None: it is not known."""
        for target in self._derived.get(service.urn, ()):
            one = view.graph.link(target.props.text("resourceId"), ECS_SERVICE).one
            yield target, True if one is service else None
        yield from ((target, None) for target in self._open)
        name = service.props.text("name")
        every = itertools.chain(*self._named.values()) if isinstance(name, Unknown) else ()
        for target in self._named.get(name.value, ()) if isinstance(name, Known) else every:
            yield target, self._is(target, service, view)

    def _is(self, target: Node, service: Node, view: View) -> bool | None:
        resource = target.props.text("resourceId")
        parts = resource.value.split("/") if isinstance(resource, Known) else []
        name = _same(service.props.text("name"), parts[-1])
        cluster = _in_cluster(service, parts[1], view) if len(parts) == 3 else None
        return False if False in (name, cluster) else True if name and cluster else None


def _two_tasks(node: Node, view: View) -> Finding:
    """Where something scales the service, its lower bound counts instead of what the service begins with."""
    scaling: _Scaling = view.graph.shared(_Scaling)
    targets = list(scaling.of(node, view))
    sure = [target for target, scales in targets if scales]
    loose = [target for target, scales in targets if scales is None]
    if sure:
        found = _SCALED.answer(sure[0], view)
        return found._replace(path=(node.label, sure[0].label))
    if loose:
        return waits(f"whether {loose[0].label} is for this service", node.label)
    return _DESIRED.answer(node, view)


def _in_cluster(service: Node, named: str, view: View) -> bool | None:
    """Whether it is in the cluster of this name: two clusters may have services of one name."""
    said = or_default(service.props.text("cluster"), "default")
    cluster = view.graph.link(said, ECS_CLUSTER, service, "cluster").one
    return _same(said if cluster is None else cluster.props.text("name"), named)


def _same(value: Value[str], name: str) -> bool | None:
    """Whether a name, or an ARN that ends with it, is this one. Nobody could write down one that AWS makes up."""
    said = or_default(value, "")
    return None if isinstance(said, Unknown) else said.value.rpartition("/")[2] == name


CONTROLS = (
    Control(
        id="ecs-container-insights",
        title="Container Insights is on",
        severity=Severity.LOW,
        scope=Scope.GRAPH,
        subjects=(kinds.ECS_CLUSTER,),
        references=("ECS.12", "CKV_AWS_65", "AwsSolutions-ECS4"),
        why="Without it nobody sees which task runs out of memory or restarts.",
        fix='set settings=[{"name": "containerInsights", "value": "enhanced"}]',
        judge=_insights,
    ),
    Control(
        id="ecs-exec-controlled",
        title="ECS Exec is off in protected stacks, and logged and encrypted elsewhere",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.ECS_SERVICE,),
        references=("CKV_AWS_223", "CKV_AWS_224"),
        own_packs=(BASELINE,),
        why="Exec is a shell in a running container with the task's role; without a log nobody knows what was done.",
        fix="drop enable_execute_command, or give the cluster's execute_command_configuration a kms_key_id and logging",
        judge=_exec_controlled,
    ),
    Control(
        id="ecs-deployment-safety",
        title="Deployments that fail roll back, and protected stacks run two tasks or more",
        severity=Severity.LOW,
        scope=Scope.GRAPH,
        subjects=(kinds.ECS_SERVICE,),
        own_packs=(RESILIENCE,),
        why="A bad image otherwise restarts for hours, and a single task is an outage with every deployment.",
        fix='set deployment_circuit_breaker={"enable": True, "rollback": True} and desired_count=2',
        judge=_deployment_safety,
    ),
)
