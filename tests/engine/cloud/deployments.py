"""What ECS does behind the engine's back when a service is deployed: it shifts requests, and refuses what it cannot shift.

Words and rules are those of the ECS developer guide (troubleshooting blue/green deployments, read 2026-11).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.engine.cloud.store import CloudError, Operation, Store, Thing

SERVICE = "aws:ecs/service:Service"
RULE = "aws:lb/listenerRule:ListenerRule"
# Of these the provider sends what has changed, and nothing else (terraform-provider-aws, ModifyRule).
_BY_CHANGE = {RULE}


def untouched(type_token: str, before: Mapping[str, Any], after: Mapping[str, Any], there: Thing) -> dict[str, Any]:
    """What an update leaves as the cloud has it, whatever the engine thinks that is."""
    if type_token not in _BY_CHANGE:
        return {}
    return {key: there.inputs[key] for key in there.inputs if before.get(key) == after.get(key)}


def carry_out(store: Store, thing: Thing, deed: Callable[[Thing], None]) -> None:
    """The deed; of an ECS service also what follows from it."""
    if thing.type != SERVICE:
        deed(thing)
        return
    first = store.by_key(thing.key) is None
    _refuse(store, thing)
    deed(thing)
    if _strategy(thing.inputs) == "ROLLING" or first:  # a first deployment fills the group that gets the requests
        return
    for balanced in _balanced(thing.inputs):
        advanced = balanced["advancedConfiguration"]
        rule = _rule(store, advanced["productionListenerRule"])
        serving = next(arn for arn, weight in weights(rule.inputs).items() if weight)
        both = {balanced["targetGroupArn"], advanced["alternateTargetGroupArn"]}
        (idle,) = both - {serving}
        for arn in (advanced["productionListenerRule"], advanced.get("testListenerRule")):
            if arn is not None:
                _shift(store, _rule(store, arn), idle, serving)


def _shift(store: Store, rule: Thing, to: str, away: str) -> None:
    """In an order of its own, as a set is read."""
    groups = [{"arn": to, "weight": 100}, {"arn": away, "weight": 0}]
    store.drift(f"{RULE}::{rule.name}", actions=[{"type": "forward", "forward": {"targetGroups": groups}}])


def _refuse(store: Store, thing: Thing) -> None:
    rolling = _strategy(thing.inputs) == "ROLLING"
    for balanced in _balanced(thing.inputs):
        target, advanced = balanced["targetGroupArn"], balanced.get("advancedConfiguration")
        if advanced is None:
            if not rolling:
                raise CloudError(
                    "InvalidParameterException: advancedConfiguration field is required for all loadBalancers when using "
                    "a non-ROLLING deployment strategy"
                )
            if not any(target in weights(rule.inputs) for rule in store.things if rule.type == RULE):
                raise CloudError(
                    f"InvalidParameterException: The target group with targetGroupArn {target} does not have an "
                    "associated load balancer."
                )
            continue
        named = weights(_rule(store, advanced["productionListenerRule"]).inputs)
        if not {target, advanced["alternateTargetGroupArn"]} <= named.keys() and not rolling:
            raise CloudError(
                "InvalidParameterException: For Application LoadBalancer, testListenerRule is required when "
                "productionListenerRule is not associated with both targetGroup and alternateTargetGroup"
            )
        if sum(weight > 0 for weight in named.values()) != 1:
            raise CloudError("InvalidParameterException: there should be exactly one target group serving traffic")


def weights(rule: Mapping[str, Any]) -> dict[str, float]:
    """Target group -> weight, of a rule."""
    found: dict[str, float] = {}
    for action in rule.get("actions") or ():
        if "targetGroupArn" in action:
            found[action["targetGroupArn"]] = 1
        for group in (action.get("forward") or {}).get("targetGroups") or ():
            found[group["arn"]] = group.get("weight", 1)
    return found


def outages(events: Iterable[tuple[Operation, Thing]]) -> list[str]:
    """The moments at which requests went to a group without tasks.

    Tasks are where the last deployment has put them: rolling ones in each group that the service names, or, while ECS
    knows of two, in the one that gets the requests; shifted ones in both until the shift, then where it went.
    """
    tasks: dict[str, set[str]] = {}  # service -> groups with tasks of it
    named: dict[str, str] = {}  # group -> service
    rules: dict[str, dict[str, float]] = {}
    found: list[str] = []
    for operation, thing in events:
        if thing.type == RULE:
            rules[thing.urn] = {} if operation in ("delete", "vanish") else weights(thing.inputs)
            live = {arn for arn, weight in rules[thing.urn].items() if weight}
            if operation == "drift":
                for arn in live & named.keys():
                    tasks[named[arn]] = {arn}
        elif thing.type == SERVICE:
            if operation in ("delete", "vanish"):
                tasks.pop(thing.urn, None)
                continue
            tasks[thing.urn] = _filled(thing, rules.values(), tasks.get(thing.urn, set()))
            named.update(dict.fromkeys(_groups(thing.inputs), thing.urn))
        else:
            continue
        what = f"after {operation} of {thing.name}"
        found += [f"{what}: {urn.rsplit('::', 1)[-1]} sends to {arn}" for urn, arn in _empty(rules, named, tasks)]
    return found


def _empty(
    rules: Mapping[str, Mapping[str, float]], named: Mapping[str, str], tasks: Mapping[str, set[str]]
) -> Iterable[tuple[str, str]]:
    sent = ((urn, arn) for urn, groups in rules.items() for arn, weight in groups.items() if weight)
    return ((urn, arn) for urn, arn in sent if named.get(arn) in tasks and arn not in tasks[named[arn]])


def _filled(service: Thing, rules: Iterable[Mapping[str, float]], before: set[str]) -> set[str]:
    groups = _groups(service.inputs)
    live = {arn for rule in rules for arn, weight in rule.items() if weight and arn in groups}
    if _strategy(service.inputs) != "ROLLING":
        return groups if before else live
    return live if any("advancedConfiguration" in each for each in _balanced(service.inputs)) else groups


def _groups(inputs: Mapping[str, Any]) -> set[str]:
    return {
        arn
        for each in _balanced(inputs)
        for arn in (each["targetGroupArn"], (each.get("advancedConfiguration") or {}).get("alternateTargetGroupArn"))
        if arn is not None
    }


def _balanced(inputs: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [each for each in inputs.get("loadBalancers") or () if "targetGroupArn" in each]


def _strategy(inputs: Mapping[str, Any]) -> str:
    return str((inputs.get("deploymentConfiguration") or {}).get("strategy") or "ROLLING")


def _rule(store: Store, arn: str) -> Thing:
    return next(thing for thing in store.things if thing.type == RULE and thing.outputs.get("arn") == arn)
