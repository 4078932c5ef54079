"""Finds the scaling of an Auto Scaling group in the recording of a stack: policies, their alarms, schedules.

An instance stands for a task. A step policy waits for its warm-up, a simple one for its cooldown; both are read as a
cooldown. The rules of EC2 Auto Scaling, from its user guide and API reference (read 2026-11), differ from those of ECS
services only where a step policy meets instances that are still warming up; they count as there.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from preflight.recording import Resource, is_unknown
from preflight.scaling.formula import Formula
from preflight.scaling.model import Alarm, Figure, Schedule, Series, Step, Stepping, Tracking

GROUP = "aws:autoscaling/group:Group"
POLICY = "aws:autoscaling/policy:Policy"
SCHEDULE = "aws:autoscaling/schedule:Schedule"
_DEFAULT_COOLDOWN = 300  # of a group, where neither group nor policy gives one
_UNCHANGED = -1  # in a schedule
_PREDEFINED = {"ASGAverageCPUUtilization": ("cpu", "Average"), "ALBRequestCountPerTarget": ("requests", "Sum")}


class UnreadError(Exception):
    """Something that the simulator does not model."""


def mine(group: Resource, resources: list[Resource]) -> Iterator[Resource]:
    """What is registered on the group: by its name, or by having been given the group's."""
    name = group.inputs.get("name")
    for resource in resources:
        theirs = resource.inputs.get("autoscalingGroupName")
        same = isinstance(name, str) and not is_unknown(name) and theirs == name
        if same or group.urn in resource.property_dependencies.get("autoscalingGroupName", ()):
            yield resource


def stepping(policy: Resource, group: Resource, levers: list[Resource], alarm: Callable[[Resource], Alarm]) -> Stepping:
    """A step policy, or a simple one as a single step without bounds."""
    config = policy.inputs
    cooldown = group.inputs.get("defaultCooldown", _DEFAULT_COOLDOWN)
    if config.get("policyType", "SimpleScaling") == "StepScaling":
        steps = [
            Step(
                lower=_bound(step.get("metricIntervalLowerBound")),
                upper=_bound(step.get("metricIntervalUpperBound")),
                change=int(step["scalingAdjustment"]),
            )
            for step in config.get("stepAdjustments") or ()
        ]
        wait = config.get("estimatedInstanceWarmup", group.inputs.get("defaultInstanceWarmup", cooldown))
    else:
        steps = [Step(lower=None, upper=None, change=int(config["scalingAdjustment"]))]
        wait = config.get("cooldown", cooldown)
    if not levers:
        raise UnreadError("no alarm of the stack pulls it")
    return Stepping(
        name=policy.name,
        adjustment=str(config.get("adjustmentType", "ChangeInCapacity")),
        steps=steps,
        least_change=int(config.get("minAdjustmentMagnitude", 1)),
        cooldown=int(wait),
        alarms=[alarm(lever) for lever in levers],
    )


def tracking(policy: Resource, group: Resource) -> Tracking:
    """A tracking policy on a predefined metric."""
    config = policy.inputs.get("targetTrackingConfiguration") or {}
    metric = (config.get("predefinedMetricSpecification") or {}).get("predefinedMetricType")
    if metric not in _PREDEFINED:
        raise UnreadError(f"the metric {metric!r} is not simulated")
    kind, statistic = _PREDEFINED[metric]
    warmup = policy.inputs.get("estimatedInstanceWarmup", group.inputs.get("defaultInstanceWarmup", _DEFAULT_COOLDOWN))
    return Tracking(
        name=policy.name,
        figure=Figure(formula=Formula("value"), series={"value": Series(kind=kind, statistic=statistic)}),
        target=float(config["targetValue"]),
        scales_in=config.get("disableScaleIn") is not True,
        out_cooldown=int(warmup),
        in_cooldown=int(warmup),
    )


def schedule(resource: Resource) -> Schedule:
    """A scheduled action that repeats; its bounds."""
    least, most = (_size(resource.inputs, key) for key in ("minSize", "maxSize"))
    return Schedule(
        name=resource.name,
        expression=_expression(str(resource.inputs.get("recurrence", ""))),
        zone=str(resource.inputs.get("timeZone", "UTC")),
        least=least,
        most=most,
    )


def _size(inputs: Mapping[str, Any], key: str) -> int | None:
    size = int(inputs.get(key, 0))  # what is left out the provider sends as 0
    return None if size == _UNCHANGED else size


def _expression(recurrence: str) -> str:
    """Unix cron as AWS writes it elsewhere: one kind of day is `?`, Sunday is 1, and there is a year."""
    fields = recurrence.split()
    if len(fields) != 5:
        raise UnreadError(f"a schedule that does not repeat by cron ({recurrence!r}) is not simulated")
    minutes, hours, day, month, weekday = fields
    if day != "*" and weekday != "*":
        raise UnreadError("a schedule by day of the month or day of the week is not simulated")
    if weekday == "*":
        return f"cron({minutes} {hours} {day} {month} ? *)"
    shifted = ",".join("-".join(_shifted(part) for part in item.split("-")) for item in weekday.split(","))
    return f"cron({minutes} {hours} ? {month} {shifted} *)"


def _shifted(day: str) -> str:
    return str(int(day) % 7 + 1) if day.isdigit() else day


def _bound(text: Any) -> float | None:
    return None if text is None else float(text)
