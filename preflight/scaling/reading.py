"""Finds the scaling of a service in the recording of a stack: target, policies, alarms, schedules."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from preflight.recording import Recording, Resource, is_unknown
from preflight.scaling import groups
from preflight.scaling.formula import Formula, FormulaError
from preflight.scaling.model import (
    Alarm,
    Figure,
    Predicting,
    Scaled,
    Schedule,
    Series,
    Step,
    Stepping,
    Tracking,
)
from preflight.yaml_source import SourceError

_TARGET = "aws:appautoscaling/target:Target"
_POLICY = "aws:appautoscaling/policy:Policy"
_SCHEDULE = "aws:appautoscaling/scheduledAction:ScheduledAction"
_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
# What the simulator calls a metric, by namespace and name.
_KINDS = {
    ("AWS/EC2", "CPUUtilization"): "cpu",
    ("AWS/ECS", "CPUUtilization"): "cpu",
    ("AWS/ECS", "MemoryUtilization"): "memory",
    ("AWS/ApplicationELB", "RequestCountPerTarget"): "requests",
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): "waiting",
    ("ECS/ContainerInsights", "RunningTaskCount"): "running",
    ("ECS/ContainerInsights", "DesiredTaskCount"): "desired",
}
_PREDEFINED = {
    "ECSServiceAverageCPUUtilization": ("cpu", "Average"),
    "ECSServiceAverageMemoryUtilization": ("memory", "Average"),
    "ALBRequestCountPerTarget": ("requests", "Sum"),
}
_PAIRS = {
    "ECSServiceCPUUtilization": "cpu",
    "ECSServiceMemoryUtilization": "memory",
    "ALBRequestCount": "requests",
}
_DEFAULT_COOLDOWN = 300  # of ECS services, where a policy gives none (API of Application Auto Scaling, read 2026-11)
_DEFAULT_AHEAD = 300


class _Unread(Exception):  # noqa: N818 - not a failure: what it is about is left out with a note
    """Something that the simulator does not model."""


def scaled(recording: Recording, service: str) -> Scaled:
    """How a service scales, or a group of instances. It goes by the logical name of its ECS service, of its scalable
    target or group, of the component around it, or by the end of its resource id; SourceError lists those that there
    are."""
    targets = {
        resource.urn: resource
        for resource in recording.resources
        if (resource.type == _TARGET and resource.inputs.get("serviceNamespace") == "ecs")
        or (resource.type == groups.GROUP and next(groups.mine(resource, _of(groups.POLICY, recording)), None))
    }
    found = [target for target in targets.values() if service in _names(target, recording)]
    if len(found) != 1:
        known = sorted({_shortest(target, recording) for target in targets.values()})
        there = f"services that scale: {', '.join(known)}" if known else "nothing of it scales"
        which = "several scalable targets go by that name" if found else "there is no such service"
        raise SourceError(f"{service!r}: {which} in stack {recording.stack!r}; {there}")
    reader = _Reader(recording, found[0])
    return reader.read(service) if found[0].type == _TARGET else reader.read_group(service)


def _of(kind: str, recording: Recording) -> list[Resource]:
    return [resource for resource in recording.resources if resource.type == kind]


def _names(target: Resource, recording: Recording) -> list[str]:
    """What people call the service of a scalable target, nearest name first."""
    by_urn = {resource.urn: resource for resource in recording.resources}
    parent = by_urn.get(target.parent or "")
    near = [parent.name] if parent and not parent.custom and parent.type != "pulumi:pulumi:Stack" else []
    behind = [
        by_urn[urn].name
        for urn in target.property_dependencies.get("resourceId", ())
        if urn in by_urn and by_urn[urn].type == "aws:ecs/service:Service"
    ]
    path = target.inputs.get("resourceId")
    last = [path.rpartition("/")[2]] if isinstance(path, str) else []
    own = [target.inputs["name"]] if isinstance(target.inputs.get("name"), str) else []
    return [*near, *behind, *last, target.name, *own]


def _shortest(target: Resource, recording: Recording) -> str:
    return _names(target, recording)[0]


class _Reader:
    """Reads what belongs to one target."""

    def __init__(self, recording: Recording, target: Resource) -> None:
        self._target = target
        self._of_type = {
            kind: [resource for resource in recording.resources if resource.type == kind]
            for kind in (_POLICY, _SCHEDULE, _ALARM, groups.POLICY, groups.SCHEDULE)
        }
        self._notes: list[str] = []

    def read(self, service: str) -> Scaled:
        policies = list(self._mine(_POLICY))
        return Scaled(
            name=service,
            least=_whole(self._target, "minCapacity"),
            most=_whole(self._target, "maxCapacity"),
            tracking=self._all(policies, "TargetTrackingScaling", self._tracking),
            stepping=self._all(policies, "StepScaling", self._stepping),
            predicting=self._all(policies, "PredictiveScaling", self._predicting),
            schedules=[_schedule(resource) for resource in self._mine(_SCHEDULE)],
            notes=tuple(self._notes),
        )

    def read_group(self, service: str) -> Scaled:
        """The same of an Auto Scaling group."""
        group = self._target
        policies = list(groups.mine(group, self._of_type[groups.POLICY]))
        tracked = [policy for policy in policies if policy.inputs.get("policyType") == "TargetTrackingScaling"]
        stepped = [
            policy
            for policy in policies
            if policy.inputs.get("policyType", "SimpleScaling") in {"SimpleScaling", "StepScaling"}
        ]
        for policy in policies:
            if policy not in tracked and policy not in stepped:
                self._notes.append(f"{policy.name} is left out: predictive scaling of instances is not simulated")
        return Scaled(
            name=service,
            least=_whole(group, "minSize"),
            most=_whole(group, "maxSize"),
            tracking=self._each(tracked, lambda policy: groups.tracking(policy, group)),
            stepping=self._each(stepped, lambda policy: groups.stepping(policy, group, self._levers(policy), _alarm)),
            schedules=self._each(list(groups.mine(group, self._of_type[groups.SCHEDULE])), groups.schedule),
            notes=tuple(self._notes),
            unit="instance",
        )

    def _mine(self, kind: str) -> Iterator[Resource]:
        """What is registered on the target: by its resource id, or by having been given the target's."""
        own = self._target.inputs
        for resource in self._of_type[kind]:
            theirs = resource.inputs
            same = theirs.get("resourceId") == own.get("resourceId") and not is_unknown(own.get("resourceId"))
            if (same or self._target.urn in resource.property_dependencies.get("resourceId", ())) and (
                theirs.get("scalableDimension") == own.get("scalableDimension")
            ):
                yield resource

    def _all(self, policies: Sequence[Resource], kind: str, read: Any) -> list[Any]:
        return self._each([p for p in policies if p.inputs.get("policyType", "StepScaling") == kind], read)

    def _each(self, policies: Sequence[Resource], read: Any) -> list[Any]:
        result = []
        for policy in policies:
            try:
                result.append(read(policy))
            except (_Unread, groups.UnreadError, FormulaError) as error:
                self._notes.append(f"{policy.name} is left out: {error}")
            except (KeyError, TypeError, ValueError) as error:  # a value that is missing, or not known without a cloud
                self._notes.append(f"{policy.name} is left out: it cannot be read ({error})")
        return result

    def _tracking(self, policy: Resource) -> Tracking:
        config = policy.inputs.get("targetTrackingScalingPolicyConfiguration") or {}
        predefined = (config.get("predefinedMetricSpecification") or {}).get("predefinedMetricType")
        if predefined is not None:
            if predefined not in _PREDEFINED:
                raise _Unread(f"the metric {predefined!r} is not simulated")
            kind, statistic = _PREDEFINED[predefined]
            figure = Figure(formula=Formula("value"), series={"value": Series(kind=kind, statistic=statistic)})
        else:
            figure = _customized(config.get("customizedMetricSpecification") or {})
        return Tracking(
            name=policy.name,
            figure=figure,
            target=float(config["targetValue"]),
            scales_in=config.get("disableScaleIn") is not True,
            out_cooldown=int(config.get("scaleOutCooldown", _DEFAULT_COOLDOWN)),
            in_cooldown=int(config.get("scaleInCooldown", _DEFAULT_COOLDOWN)),
        )

    def _levers(self, policy: Resource) -> list[Resource]:
        """The alarms that pull a policy."""
        arn = policy.outputs.get("arn")
        return [
            alarm
            for alarm in self._of_type[_ALARM]
            if policy.urn in alarm.property_dependencies.get("alarmActions", ())
            or (isinstance(arn, str) and arn in (alarm.inputs.get("alarmActions") or ()))
        ]

    def _stepping(self, policy: Resource) -> Stepping:
        config = policy.inputs.get("stepScalingPolicyConfiguration") or {}
        levers = self._levers(policy)
        if not levers:
            raise _Unread("no alarm of the stack pulls it")
        return Stepping(
            name=policy.name,
            adjustment=str(config.get("adjustmentType", "ChangeInCapacity")),
            steps=[
                Step(
                    lower=_bound(step.get("metricIntervalLowerBound")),
                    upper=_bound(step.get("metricIntervalUpperBound")),
                    change=int(step["scalingAdjustment"]),
                )
                for step in config.get("stepAdjustments") or ()
            ],
            least_change=int(config.get("minAdjustmentMagnitude", 1)),
            cooldown=int(config.get("cooldown", _DEFAULT_COOLDOWN)),
            alarms=[_alarm(lever) for lever in levers],
        )

    def _predicting(self, policy: Resource) -> Predicting:
        config = policy.inputs.get("predictiveScalingPolicyConfiguration") or {}
        specification = (config.get("metricSpecifications") or [{}])[0]
        pair = (specification.get("predefinedMetricPairSpecification") or {}).get("predefinedMetricType")
        if pair not in _PAIRS:
            raise _Unread("only the pairs of ECS and of the load balancer are simulated")
        return Predicting(
            name=policy.name,
            kind=_PAIRS[pair],
            target=float(specification["targetValue"]),
            scales=config.get("mode") == "ForecastAndScale",
            ahead=int(config.get("schedulingBufferTime", _DEFAULT_AHEAD)),
        )


def _customized(specification: Mapping[str, Any]) -> Figure:
    if "metricName" in specification:
        series = _series(specification["namespace"], specification["metricName"], specification["statistic"])
        return Figure(formula=Formula("value"), series={"value": series})
    queries = [
        (query, (query.get("metricStat") or {}).get("metric") or {}, (query.get("metricStat") or {}).get("stat"))
        for query in specification.get("metrics") or ()
    ]
    return _math(
        [(query, metric.get("namespace"), metric.get("metricName"), stat) for query, metric, stat in queries],
        returning=True,
    )


def _alarm(resource: Resource) -> Alarm:
    alarm = resource.inputs
    period = alarm.get("period")
    if "metricName" in alarm:
        series = _series(alarm.get("namespace"), alarm["metricName"], alarm.get("statistic", "a percentile"))
        figure = Figure(formula=Formula("value"), series={"value": series})
    else:
        queries = [(query, query.get("metric") or {}) for query in alarm.get("metricQueries") or ()]
        period = max((int(metric["period"]) for _, metric in queries if "period" in metric), default=60)
        figure = _math(
            [
                (query, metric.get("namespace"), metric.get("metricName"), metric.get("stat"))
                for query, metric in queries
            ],
            returning=False,
        )
    if int(period or 0) < 60 or int(period or 0) % 60:
        raise _Unread(f"its alarm {resource.name} has a period of {period} s; whole minutes are simulated")
    periods = int(alarm["evaluationPeriods"])
    return Alarm(
        name=resource.name,
        figure=figure,
        comparison=str(alarm["comparisonOperator"]),
        threshold=float(alarm["threshold"]),
        period=int(period or 60),
        periods=periods,
        datapoints=int(alarm.get("datapointsToAlarm", periods)),
        missing=str(alarm.get("treatMissingData", "missing")),
    )


def _math(queries: Sequence[tuple[Mapping[str, Any], Any, Any, Any]], *, returning: bool) -> Figure:
    """`returning`: whether a query that does not say so returns data. The provider says no for alarms, AWS yes for
    policies."""
    parts = {str(query["id"]): str(query["expression"]) for query, *_ in queries if query.get("expression")}
    series = {
        str(query["id"]): _series(namespace, name, stat)
        for query, namespace, name, stat in queries
        if not query.get("expression")
    }
    returned = [str(query["id"]) for query, *_ in queries if query.get("returnData", returning)]
    if len(returned) != 1:
        raise _Unread("not exactly one of its queries returns data")
    formula = Formula(parts.get(returned[0], returned[0]), parts)
    if formula.names - series.keys():
        raise _Unread(f"its expression names {', '.join(sorted(formula.names - series.keys()))}, which no query gives")
    return Figure(formula=formula, series=series)


def _series(namespace: Any, name: Any, statistic: Any) -> Series:
    kind = _KINDS.get((namespace, name))
    if kind is None or statistic not in {"Average", "Sum", "Maximum", "Minimum"}:
        raise _Unread(f"{statistic} of {namespace} {name} is not simulated")
    return Series(kind=kind, statistic=statistic)


def _schedule(resource: Resource) -> Schedule:
    action = resource.inputs.get("scalableTargetAction") or {}
    least, most = (action.get(key) for key in ("minCapacity", "maxCapacity"))
    return Schedule(
        name=resource.name,
        expression=str(resource.inputs["schedule"]),
        zone=str(resource.inputs.get("timezone", "UTC")),
        least=None if least is None else int(least),
        most=None if most is None else int(most),
    )


def _whole(resource: Resource, key: str) -> int:
    value = resource.inputs.get(key)
    if not isinstance(value, int | float):
        raise SourceError(f"{resource.name}: {key} is not known without a cloud, so there is nothing to simulate")
    return int(value)


def _bound(text: Any) -> float | None:
    return None if text is None else float(text)
