"""What goes wrong in a deployment, and that the next plain command puts it right: nothing orphaned, doubled or lost."""

import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from preflight.simulation import holders
from tests.engine import recovery
from tests.engine.cloud import Cloud, Fault
from tests.engine.kit.engine import Engine
from tests.engine.night import NIGHTLY
from tests.engine.rehearsal import Resource, generations, one_of_every_type, rehearse, resources, sample
from tests.engine.stack import Stack

NewStack = Callable[[str], Stack]
# Each creation fails in one of two ways, refused or half made. At night all of them in both, in groups; one of every type
# for itself; and the engine is killed at moments all through the deployment. By day a fixed sample: the groups that have
# everything that holds data and one of every type, and the two creations below for themselves.
ALONE = {"refused": "aws:rds/cluster:Cluster::data-main", "half made": "aws:ecs/service:Service::web-service"}
KILLS = [("prod", made) for made in range(4, 365, 36)] if NIGHTLY else [("dev", 40)]
LATER = "" if NIGHTLY else "; the night tries more: make test-engine-nightly"


@pytest.fixture(scope="module")
def blank(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The prod stack before its first deployment."""
    folder = tmp_path_factory.mktemp("blank")
    with Cloud(folder / "cloud") as cloud:
        yield Stack(engine, cloud, folder / "stack", "prod")


def one_service(config: dict[str, Any]) -> None:
    """Less than half of the stack, for what does not depend on its size."""
    config["groundwork:services"] = {"web": {**config["groundwork:services"]["web"], "uses": {}}}
    config["groundwork:data"] = {"databases": {}, "buckets": {}}


def refused(resource: Resource) -> Fault:
    return Fault(type=resource.type, name=resource.name)


def half_made(resource: Resource) -> Fault:
    return Fault(type=resource.type, name=resource.name, effect="half", message="timeout while waiting for it")


def either(resource: Resource) -> Fault:
    """One half of them refused, the other half made; the same half each time."""
    return (refused, half_made)[zlib.crc32(resource.urn.encode()) % 2](resource)


@pytest.mark.parametrize("fault", [refused, half_made] if NIGHTLY else [either])
def test_every_creation_of_production_may_fail_once(
    deployed: NewStack, blank: Stack, tmp_path: Path, figures: list[str], fault: Callable[[Resource], Fault]
) -> None:
    base = deployed("prod")
    every = generations(base)
    assert sum(map(len, every)) == len(base.cloud.store.things)
    groups = every if NIGHTLY else sample(every)
    tally = rehearse(blank, base, tmp_path / "runs", groups, fault=fault)
    halves = sum(fault(resource).effect == "half" for group in groups for resource in group)
    ways = f"{tally.tried - halves} refused, {halves} half made, in {len(groups)} deployments"
    figures.append(tally.line(f"creations of prod that failed in groups ({ways})") + LATER)
    assert tally.reports == []
    assert tally.tried == tally.survived == sum(map(len, groups))
    assert (tally.tried == tally.whole) == NIGHTLY


def test_the_sample_of_the_day_has_all_that_holds_data_and_one_of_every_type(deployed: NewStack) -> None:
    base = deployed("prod")
    every = generations(base)
    tried = [resource for group in sample(every) for resource in group]
    whole = resources(base)
    assert {resource.type for resource in tried} == {resource.type for resource in whole}
    assert {r.urn for r in whole if r.type in holders.TYPES} <= {r.urn for r in tried}
    assert len(set(tried)) == len(tried) < len(whole)


@pytest.mark.parametrize("way", ALONE)
def test_a_creation_that_fails_alone_stops_the_deployment_and_the_next_one_goes_on(
    deployed: NewStack, blank: Stack, tmp_path: Path, figures: list[str], way: str
) -> None:
    base = deployed("prod")
    fault = {"refused": refused, "half made": half_made}[way]
    if NIGHTLY:
        chosen = one_of_every_type(base)[list(ALONE).index(way) :: len(ALONE)]
        which = "every second of one of every type"
    else:
        chosen = [resource for resource in resources(base) if f"{resource.type}::{resource.name}" == ALONE[way]]
        which = ALONE[way]
    tally = rehearse(blank, base, tmp_path / "runs", [[resource] for resource in chosen], fault=fault)
    figures.append(tally.line(f"creations of prod that failed alone, {way} ({which})") + LATER)
    assert tally.reports == []
    assert tally.tried == tally.survived == len(chosen) > 0


# -- other accidents while things are made -------------------------------------------------------------------------------


def test_a_throttled_cloud_only_takes_longer(stack: NewStack, cloud: Cloud) -> None:
    cloud.script.play(Fault(effect="throttle", attempts=3, times=None))
    one = stack("dev")
    assert set(one.up(fast=True).expect(0).changes) == {"create"}
    assert len(cloud.script.struck) == len(cloud.store.things)
    assert one.books().balanced


def test_a_cloud_that_throttles_for_too_long_fails_one_resource_and_loses_none(stack: NewStack, cloud: Cloud) -> None:
    cloud.script.play(Fault(effect="throttle", attempts=25, type="aws:rds/cluster:Cluster"))
    one = stack("dev")
    assert "ThrottlingException: Rate exceeded" in one.up(fast=True).expect(1).output
    one.up(fast=True).expect(0)
    assert one.books().balanced
    assert len(cloud.store.did("create")) == len(cloud.store.things)


def test_an_answer_that_is_lost_leaves_an_orphan_which_the_books_show(stack: NewStack, cloud: Cloud) -> None:
    """No engine can know of it. That it is seen here is why the zeros elsewhere mean something."""
    cloud.script.play(Fault(effect="lose", type="aws:ec2/internetGateway:InternetGateway"))
    one = stack("dev")
    one.edit(one_service)
    one.up(fast=True).expect(1)
    orphan = cloud.store.one("aws:ec2/internetGateway:InternetGateway::network")
    assert orphan.key in one.books().orphans
    one.up(fast=True).expect(0)
    assert one.books().orphans == [orphan.key]
    assert one.books().doubles == [orphan.urn]


def test_a_lost_answer_about_a_thing_with_a_name_of_its_own_makes_no_second_one(stack: NewStack, cloud: Cloud) -> None:
    cloud.script.play(Fault(effect="lose", type="aws:rds/cluster:Cluster"))
    one = stack("dev")
    one.up(fast=True).expect(1)
    assert "already exists" in one.up(fast=True).expect(1).output
    assert len([t for t in cloud.store.things if t.type == "aws:rds/cluster:Cluster"]) == 1


def test_an_interrupted_deployment_finishes_its_step_and_the_next_one_goes_on(stack: NewStack, cloud: Cloud) -> None:
    one = stack("dev")
    one.edit(one_service)
    cloud.script.play(Fault(effect="slow", type="aws:ec2/vpc:Vpc", seconds=2))
    running = one.start("up")
    running.wait_until(lambda: bool(cloud.script.struck))
    running.interrupt()
    running.wait().expect(1)
    assert one.books().balanced, "the step that was under way is in the state"
    assert "aws:ec2/vpc:Vpc::network" in {f"{t.type}::{t.name}" for t in cloud.store.things}
    one.up(fast=True).expect(0)
    assert one.books().balanced
    assert len(cloud.store.did("create")) == len(cloud.store.things)


@pytest.mark.parametrize(("name", "made"), KILLS)
def test_a_killed_engine_is_recovered_from_by_the_documented_steps(
    stack: NewStack, cloud: Cloud, name: str, made: int, figures: list[str]
) -> None:
    one = stack(name)
    # From here on creations take long enough to be under way when the engine dies; the cloud finishes them all the same.
    cloud.script.play(Fault(effect="slow", nth=made, times=None, seconds=3))
    running = one.start("up")
    running.wait_until(lambda: bool(cloud.script.struck))
    running.wait_until(quiet(cloud))  # a state that is cut off while it is written is a damaged disk, another accident
    running.kill()
    settle(cloud)
    cloud.script.play()
    assert recovery.pending(one), "the kill came between two steps: it proves nothing"
    assert "currently locked" in one.up().expect(1).output

    taken_in = recovery.recover(one)
    assert recovery.pending(one) == [], "the next update would still warn of them"
    books = one.books()
    assert books.balanced
    assert again(cloud) == [], "something was made twice"
    assert cloud.store.did("delete") == []
    one.preview("--expect-no-changes", pack=False).expect(0)
    gone = len(cloud.store.did("delete")) + len(books.lost)
    figures.append(
        f"engine killed after {made} creations of {name}: recovered, {taken_in} taken in by their ids, orphans "
        f"{len(books.orphans)}, made twice {len(again(cloud))}, data lost {gone}"
    )


def again(cloud: Cloud) -> list[str]:
    """URNs of what was made more than once; an image is pushed as often as you like, and is the same."""
    made = Counter(thing.urn for thing in cloud.store.did("create") if not thing.type.startswith("docker-build:"))
    return sorted(urn for urn, number in made.items() if number > 1)


def test_a_state_that_was_cut_off_is_recovered_by_the_documented_steps(
    stack: NewStack, cloud: Cloud, figures: list[str]
) -> None:
    one = stack("dev")
    cloud.script.play(Fault(effect="slow", nth=60, times=None, seconds=3))
    running = one.start("up")
    running.wait_until(lambda: bool(cloud.script.struck))
    running.wait_until(quiet(cloud))
    running.kill()
    settle(cloud)
    cloud.script.play()
    file = one.folder / "state" / ".pulumi" / "stacks" / "groundwork" / "dev.json"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert "failed to load checkpoint" in one.preview(pack=False).expect(1).output
    assert "failed to load checkpoint" in one.run("stack", "export").output

    lacking = recovery.restore(one)
    assert lacking, "the version before lacked nothing: it proves too little"
    assert one.books().balanced
    assert again(cloud) == []
    assert cloud.store.did("delete") == []
    one.preview("--expect-no-changes", pack=False).expect(0)
    figures.append(f"state cut off in the middle of an update: recovered, {lacking} taken in that no list had")


def quiet(cloud: Cloud) -> Callable[[], bool]:
    """Whether the engine has asked for nothing new for half a second, so that it is not writing its state either."""
    seen, since = -1, time.monotonic()

    def condition() -> bool:
        nonlocal seen, since
        if len(cloud.calls) != seen:
            seen, since = len(cloud.calls), time.monotonic()
        return time.monotonic() - since > 0.5

    return condition


def settle(cloud: Cloud) -> None:
    """Until the cloud has finished what it was asked for."""
    deadline = time.monotonic() + 30
    while len(cloud.store.did("create")) < sum(1 for c in cloud.calls if c.method == "Create" and not c.preview):
        assert time.monotonic() < deadline, "the cloud does not come to rest"
        time.sleep(0.05)
