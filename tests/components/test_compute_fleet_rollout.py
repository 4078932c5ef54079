"""The function that rolls releases out, with a group that does what is written here: through, back, or too slow."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.compute.fleet_rollout_function import FAILED_STARTS, WentBackError, rolled_out
from tests.gathered import for_each

BEGAN = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVENT = {"group": "fleet", "template": "lt-1", "version": "2", "preferences": {"MinHealthyPercentage": 100}}
DONE: dict[str, Any] = {"Status": "Successful"}
GOING: dict[str, Any] = {"Status": "InProgress", "StartTime": BEGAN, "PercentageComplete": 50}


def failed(minutes: int = 1, code: str = "Failed", says: str = "Launching a new EC2 instance: i-1") -> dict[str, Any]:
    return {
        "StartTime": BEGAN + timedelta(minutes=minutes),
        "StatusCode": code,
        "Description": says,
        "StatusMessage": "Instance failed to complete user's Lifecycle Action",
    }


def configuration(version: str, mixed: dict[str, Any] | None = None) -> dict[str, Any]:
    """As AWS answers: of a mixed policy with more than it was told."""
    template = {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "fleet", "Version": version}
    if mixed is None:
        return {"LaunchTemplate": template}
    launch = {"LaunchTemplateSpecification": template, "Overrides": mixed["Overrides"]}
    bought = {**mixed["InstancesDistribution"], "SpotInstancePools": 0}
    return {"MixedInstancesPolicy": {"LaunchTemplate": launch, "InstancesDistribution": bought}}


class Group:
    """An Auto Scaling group: `states` are what its refresh says, one a look; the last one stays."""

    def __init__(
        self,
        states: Sequence[dict[str, Any]] = (DONE,),
        *,
        version: str = "1",
        before: dict[str, Any] | None = None,
        activities: Sequence[dict[str, Any]] = (),
        mixed: dict[str, Any] | None = None,
    ) -> None:
        self.states, self.version, self.before, self.activities = list(states), version, before, list(activities)
        self.mixed = mixed
        self.called: list[tuple[str, dict[str, Any]]] = []

    def describe_auto_scaling_groups(self, **_: Any) -> Any:
        return {"AutoScalingGroups": [configuration(self.version, self.mixed)]}

    def describe_instance_refreshes(self, **asked: Any) -> Any:
        if "InstanceRefreshIds" in asked:
            assert asked["InstanceRefreshIds"] in (["new"], ["before"])
            state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
            return {"InstanceRefreshes": [{"InstanceRefreshId": asked["InstanceRefreshIds"][0], **state}]}
        return {"InstanceRefreshes": [self.before] if self.before else []}

    def describe_scaling_activities(self, **_: Any) -> Any:
        return {"Activities": self.activities}

    def start_instance_refresh(self, **asked: Any) -> Any:
        self.called.append(("start", asked))
        return {"InstanceRefreshId": "new"}

    def rollback_instance_refresh(self, **asked: Any) -> None:
        self.called.append(("rollback", asked))

    def cancel_instance_refresh(self, **asked: Any) -> None:
        self.called.append(("cancel", asked))
        assert self.before is not None
        self.before = {**self.before, "Status": "Cancelled"}

    @property
    def deeds(self) -> list[str]:
        return [deed for deed, _ in self.called]


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self, seconds: float = 900) -> None:
        self.left = seconds

    def sleep(self, seconds: float) -> None:
        self.left -= seconds


def run(group: Group, seconds: float = 900, event: dict[str, Any] = EVENT) -> dict[str, str]:
    clock = Clock(seconds)
    return rolled_out(event, group, lambda: clock.left, clock.sleep)


HALF: dict[str, Any] = {
    "InstancesDistribution": {"OnDemandBaseCapacity": 1, "OnDemandPercentageAboveBaseCapacity": 50},
    "Overrides": [{"InstanceType": "t4g.small"}, {"InstanceType": "t4g.medium"}],
}
MORE = {**HALF, "InstancesDistribution": {**HALF["InstancesDistribution"], "OnDemandPercentageAboveBaseCapacity": 0}}
OTHERS = {**HALF, "Overrides": [{"InstanceType": "t4g.small"}]}


def test_a_share_on_spot_goes_to_the_group_with_the_version() -> None:
    group = Group([DONE], mixed=HALF)
    run(group, event={**EVENT, "mixed": HALF})
    ((_, asked),) = group.called
    template = {"LaunchTemplateId": "lt-1", "Version": "2"}
    assert asked["DesiredConfiguration"] == {
        "MixedInstancesPolicy": {
            "LaunchTemplate": {"LaunchTemplateSpecification": template, "Overrides": HALF["Overrides"]},
            "InstancesDistribution": HALF["InstancesDistribution"],
        }
    }


@for_each(
    "has, wants, deeds",
    [
        (HALF, HALF, []),
        (HALF, MORE, ["start"]),
        (HALF, OTHERS, ["start"]),
        (None, HALF, ["start"]),
        (HALF, None, ["start"]),
        (None, None, []),
    ],
    name=["as it is", "another share", "other types", "first share", "last share", "no share"],
)
def test_a_version_that_is_there_is_rolled_out_again_when_something_else_is_bought(
    has: dict[str, Any] | None, wants: dict[str, Any] | None, deeds: list[str]
) -> None:
    group = Group(version="2", mixed=has)
    run(group, event={**EVENT, **({} if wants is None else {"mixed": wants})})
    assert group.deeds == deeds
    under_way = {"InstanceRefreshId": "before", "Status": "InProgress", "DesiredConfiguration": configuration("2", has)}
    busy = Group(version="1", before=under_way)
    run(busy, event={**EVENT, **({} if wants is None else {"mixed": wants})})
    assert busy.deeds == (["cancel", *deeds] if deeds else [])


def test_the_new_version_is_what_is_wanted_and_the_group_itself_is_left_alone() -> None:
    group = Group([GOING, GOING, DONE])
    assert run(group) == {"version": "2", "outcome": "rolled out"}
    ((deed, asked),) = group.called
    assert deed == "start"
    assert asked["DesiredConfiguration"] == {"LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "2"}}
    assert asked["Preferences"] == {"MinHealthyPercentage": 100, "AutoRollback": True}


def test_a_group_that_has_the_version_is_not_refreshed() -> None:
    group = Group(version="2")
    assert run(group)["outcome"] == "the group has it already"
    assert group.deeds == [], "as when the group is made"


@for_each("status", ["RollbackInProgress", "RollbackSuccessful", "RollbackFailed", "Failed", "Cancelled"])
def test_a_release_that_went_back_fails_with_the_reason(status: str) -> None:
    group = Group([GOING, {"Status": status, "StatusReason": "alarm went off"}])
    with pytest.raises(WentBackError, match=f"version 2 is not rolled out, the refresh is {status}: alarm went off"):
        run(group)


def test_instances_that_do_not_come_up_take_it_back_at_once() -> None:
    group = Group([GOING], activities=[failed(1), failed(2, "Cancelled")])
    with pytest.raises(WentBackError, match="do not come up: Instance failed to complete user's Lifecycle Action"):
        run(group)
    assert group.deeds == ["start", "rollback"]


@for_each(
    "activities",
    [
        [failed()] * (FAILED_STARTS - 1),
        [failed(-5)] * FAILED_STARTS,
        [failed(code="Successful")] * FAILED_STARTS,
        [failed(says="Terminating EC2 instance: i-1")] * FAILED_STARTS,
    ],
    name=["one alone", "from before", "that worked", "of another kind"],
)
def test_nothing_else_takes_it_back(activities: list[dict[str, Any]]) -> None:
    group = Group([GOING, GOING, DONE], activities=activities)
    assert run(group)["outcome"] == "rolled out"
    assert "rollback" not in group.deeds


def test_a_release_that_takes_longer_than_the_function_may_goes_on_alone() -> None:
    group = Group([GOING])
    assert run(group) == {"version": "2", "outcome": "under way, 50 %"}
    assert group.deeds == ["start"]


def test_a_refresh_to_the_same_version_is_watched_and_not_started_again() -> None:
    wanted = {"LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "2"}}
    group = Group(before={"InstanceRefreshId": "before", "Status": "InProgress", "DesiredConfiguration": wanted})
    assert run(group)["outcome"] == "rolled out"
    assert group.deeds == []


def test_a_refresh_to_another_version_is_given_up_first() -> None:
    other = {"LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "7"}}
    group = Group(before={"InstanceRefreshId": "before", "Status": "InProgress", "DesiredConfiguration": other})
    assert run(group)["outcome"] == "rolled out"
    assert group.deeds == ["cancel", "start"]


def test_one_that_goes_back_already_is_let_end_and_no_second_one_is_started_into_it() -> None:
    group = Group(before={"InstanceRefreshId": "before", "Status": "RollbackInProgress"})
    with pytest.raises(TimeoutError, match="fleet is still busy with the release before"):
        run(group)
    assert group.deeds == []


def test_a_refresh_that_has_not_begun_yet_has_no_failures() -> None:
    group = Group([{"Status": "Pending"}, GOING, DONE], activities=[failed(-60)] * 5)
    assert run(group)["outcome"] == "rolled out"
