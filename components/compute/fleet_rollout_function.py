"""Rolls a version of a launch template out over an Auto Scaling group, and back when it fails. Runs as a function.

What it is given: `group`, `template` (id), `version` (text) and `preferences` as StartInstanceRefresh takes them; for a
share on Spot also `mixed`: `InstancesDistribution` and `Overrides` of a mixed instances policy. It answers with what
has come of it, or fails when the group has gone back. Python's standard library and boto3, which the
runtime brings.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

FAILED_STARTS = 2  # one may be bad luck of the zone or of the hardware
PAUSE_SECONDS = 15
MARGIN_SECONDS = 45  # before the function is ended: for one more look, and the answer
OVER = frozenset({"Successful", "Failed", "Cancelled", "RollbackSuccessful", "RollbackFailed"})
GOING_BACK = frozenset({"RollbackInProgress"})


class WentBackError(Exception):
    """The new version did not come up; the group has, or will have, the version of before."""


def handler(event: Mapping[str, Any], context: Any) -> dict[str, str]:
    """The function itself."""
    import boto3  # noqa: PLC0415 - it is only where the function runs

    client = boto3.client("autoscaling")
    return rolled_out(event, client, lambda: context.get_remaining_time_in_millis() / 1000)


def rolled_out(
    event: Mapping[str, Any],
    client: Any,
    seconds_left: Callable[[], float],
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, str]:
    """Starts the refresh, or goes on watching one that is under way to the same version, and waits for its end.

    Raises WentBackError with the reason when it fails. A refresh that takes longer than the function may is answered
    with `under way`: AWS finishes it, or takes it back, by itself.
    """
    group, wanted = str(event["group"]), str(event["version"])
    refresh = _under_way(client, group)
    if refresh is not None and not _is_wanted(refresh.get("DesiredConfiguration", {}), event):
        _give_up(client, group, refresh, seconds_left, sleep)
        refresh = None
    if refresh is not None:
        return _watched(client, group, wanted, refresh["InstanceRefreshId"], seconds_left, sleep)
    found = client.describe_auto_scaling_groups(AutoScalingGroupNames=[group])["AutoScalingGroups"][0]
    if _is_wanted(found, event):
        return {"version": wanted, "outcome": "the group has it already"}
    started = client.start_instance_refresh(
        AutoScalingGroupName=group,
        Strategy="Rolling",
        DesiredConfiguration=_configuration(event),
        Preferences={**event["preferences"], "AutoRollback": True},
    )
    return _watched(client, group, wanted, started["InstanceRefreshId"], seconds_left, sleep)


def _watched(
    client: Any,
    group: str,
    wanted: str,
    identity: str,
    seconds_left: Callable[[], float],
    sleep: Callable[[float], None],
) -> dict[str, str]:
    while True:
        named = {"AutoScalingGroupName": group, "InstanceRefreshIds": [identity]}
        refresh = client.describe_instance_refreshes(**named)["InstanceRefreshes"][0]
        status, reason = refresh["Status"], refresh.get("StatusReason", "no reason given")
        if status == "Successful":
            return {"version": wanted, "outcome": "rolled out"}
        if status in OVER | GOING_BACK:
            raise WentBackError(f"version {wanted} is not rolled out, the refresh is {status}: {reason}")
        failures = _failures(client, group, refresh.get("StartTime"))
        if len(failures) >= FAILED_STARTS:
            client.rollback_instance_refresh(AutoScalingGroupName=group)
            raise WentBackError(f"version {wanted} goes back, its instances do not come up: {failures[0]}")
        if seconds_left() < MARGIN_SECONDS:
            return {"version": wanted, "outcome": f"under way, {refresh.get('PercentageComplete', 0)} %"}
        sleep(PAUSE_SECONDS)


def _give_up(
    client: Any,
    group: str,
    refresh: Mapping[str, Any],
    seconds_left: Callable[[], float],
    sleep: Callable[[float], None],
) -> None:
    """Ends a refresh to another version; one that goes back already is left to end."""
    if refresh["Status"] in {"Pending", "InProgress", "Baking"}:
        client.cancel_instance_refresh(AutoScalingGroupName=group)
    while _under_way(client, group) is not None:
        if seconds_left() < MARGIN_SECONDS:
            raise TimeoutError(f"{group} is still busy with the release before; run `pulumi up` again later")
        sleep(PAUSE_SECONDS)


def _under_way(client: Any, group: str) -> Mapping[str, Any] | None:
    refreshes = client.describe_instance_refreshes(AutoScalingGroupName=group, MaxRecords=1)["InstanceRefreshes"]
    return next((refresh for refresh in refreshes if refresh["Status"] not in OVER), None)


def _failures(client: Any, group: str, since: datetime | None) -> list[str]:
    """Why instances could not be started since then; none before the refresh has begun."""
    if since is None:
        return []
    activities = client.describe_scaling_activities(AutoScalingGroupName=group, MaxRecords=50)["Activities"]
    return [
        activity.get("StatusMessage") or activity["Description"]
        for activity in activities
        if activity["StartTime"] >= since
        and activity["StatusCode"] in {"Failed", "Cancelled"}
        and activity["Description"].startswith("Launching")
    ]


def _configuration(event: Mapping[str, Any]) -> dict[str, Any]:
    """What all instances are to be, as the API takes it."""
    template = {"LaunchTemplateId": event["template"], "Version": str(event["version"])}
    mixed = event.get("mixed")
    if mixed is None:
        return {"LaunchTemplate": template}
    launch = {"LaunchTemplateSpecification": template, "Overrides": mixed["Overrides"]}
    return {"MixedInstancesPolicy": {"LaunchTemplate": launch, "InstancesDistribution": mixed["InstancesDistribution"]}}


def _is_wanted(configuration: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether a group, or a refresh, has the version and buys what is wanted; AWS adds what it was not told."""
    policy, mixed = configuration.get("MixedInstancesPolicy"), event.get("mixed")
    launch = (policy or {}).get("LaunchTemplate", {})
    template = configuration.get("LaunchTemplate") if policy is None else launch.get("LaunchTemplateSpecification")
    if str((template or {}).get("Version")) != str(event["version"]) or (policy is None) != (mixed is None):
        return False
    if policy is None or mixed is None:
        return True
    bought = policy.get("InstancesDistribution", {})
    return launch.get("Overrides") == mixed["Overrides"] and all(
        bought.get(key) == value for key, value in mixed["InstancesDistribution"].items()
    )
