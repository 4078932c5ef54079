"""What goes wrong in a deployment, and that the next plain command puts it right: nothing orphaned, doubled or lost."""

import os
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine import recovery
from tests.engine.cloud import Cloud, Fault
from tests.engine.kit.engine import Engine
from tests.engine.rehearsal import Resource, generations, rehearse, resources
from tests.engine.stack import Stack

NewStack = Callable[[str], Stack]
# Each creation fails in one of two ways, refused or half made; at night in both, each time for itself as well, and the
# engine is killed at twenty moments. By day all of them fail in groups, and always the same few for themselves.
NIGHTLY = os.environ.get("GROUNDWORK_NIGHTLY") == "1"
SAMPLE = 1 if NIGHTLY else 70
KILLS = [("prod", made) for made in range(3, 160, 8)] if NIGHTLY else [("dev", 40), ("prod", 130)]


@pytest.fixture(scope="module")
def blank(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The prod stack before its first deployment."""
    folder = tmp_path_factory.mktemp("blank")
    with Cloud(folder / "cloud") as cloud:
        yield Stack(engine, cloud, folder / "stack", "prod")


def refused(resource: Resource) -> Fault:
    return Fault(type=resource.type, name=resource.name)


def half_made(resource: Resource) -> Fault:
    return Fault(type=resource.type, name=resource.name, effect="half", message="timeout while waiting for it")


def either(resource: Resource) -> Fault:
    """One half of them refused, the other half made; the same half each time."""
    return (refused, half_made)[zlib.crc32(resource.urn.encode()) % 2](resource)


def the_other(resource: Resource) -> Fault:
    return refused(resource) if either(resource).effect == "half" else half_made(resource)


@pytest.mark.parametrize("fault", [either, the_other] if NIGHTLY else [either])
def test_every_creation_of_production_may_fail_once(
    deployed: NewStack, blank: Stack, tmp_path: Path, figures: list[str], fault: Callable[[Resource], Fault]
) -> None:
    base = deployed("prod")
    groups = generations(base)
    assert sum(map(len, groups)) == len(base.cloud.store.things)
    tally = rehearse(blank, base, tmp_path / "runs", groups, fault=fault)
    halves = sum(fault(resource).effect == "half" for resource in resources(base))
    ways = f"{tally.tried - halves} refused, {halves} half made, in {len(groups)} deployments"
    figures.append(tally.line(f"creations of prod that failed ({ways})"))
    assert tally.reports == []
    assert tally.tried == tally.survived == len(resources(base))


@pytest.mark.parametrize(("fault", "from_"), [(refused, 0), (half_made, SAMPLE // 2)], ids=["refused", "half made"])
def test_a_creation_that_fails_alone_stops_the_deployment_and_the_next_one_goes_on(
    deployed: NewStack,
    blank: Stack,
    tmp_path: Path,
    figures: list[str],
    fault: Callable[[Resource], Fault],
    from_: int,
) -> None:
    base = deployed("prod")
    chosen = [[resource] for resource in resources(base)[from_::SAMPLE]]
    tally = rehearse(blank, base, tmp_path / "runs", chosen, fault=fault)
    share = "all" if NIGHTLY else f"every {SAMPLE}th; all of them with GROUNDWORK_NIGHTLY=1"
    effect = "half made" if fault is half_made else "refused"
    figures.append(tally.line(f"creations of prod that failed alone, {effect} ({share})"))
    assert tally.reports == []
    assert tally.tried == tally.survived == len(chosen)


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


# -- what happens behind the engine's back -------------------------------------------------------------------------------

DRIFTS: dict[str, dict[str, object]] = {
    "aws:rds/cluster:Cluster::data-main": {"deletionProtection": False, "iamDatabaseAuthenticationEnabled": False},
    "aws:rds/clusterInstance:ClusterInstance::data-main-1": {"publiclyAccessible": True},
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock::data-uploads-public-access": {"blockPublicPolicy": False},
    "aws:s3/bucketVersioning:BucketVersioning::data-uploads-versioning": {
        "versioningConfiguration": {"status": "Suspended"}
    },
    "aws:s3/bucketPolicy:BucketPolicy::data-uploads-policy-document": {
        "policy": '{"Version": "2012-10-17", "Statement": []}'
    },
    "aws:kms/key:Key::security-data-key": {"enableKeyRotation": False},
    "aws:lb/loadBalancer:LoadBalancer::edge-lb-alb": {
        "enableDeletionProtection": False,
        "dropInvalidHeaderFields": False,
    },
    "aws:lb/listener:Listener::edge-lb-https": {"sslPolicy": "ELBSecurityPolicy-2016-08"},
    "aws:ecr/repository:Repository::status-registry-repository": {"imageTagMutability": "MUTABLE"},
    "aws:ec2/subnet:Subnet::network-private-us-east-1a": {"mapPublicIpOnLaunch": True},
    "aws:iam/role:Role::web-roles-task": {
        "assumeRolePolicy": '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}'
    },
    "aws:cloudwatch/logGroup:LogGroup::web-logs": {"retentionInDays": 1},
}


def test_drift_of_what_keeps_the_platform_safe_is_found_and_put_right(deployed: NewStack, figures: list[str]) -> None:
    one = deployed("prod")
    store = one.cloud.store
    before = {name: store.one(name) for name in DRIFTS}
    for name, changed in DRIFTS.items():
        assert not changed.items() <= before[name].inputs.items(), f"{name} is like that already"
        store.drift(name, **changed)

    found = one.run("refresh", "--preview-only", "--expect-no-changes").expect(7)
    assert found.changes == {"update": sorted(DRIFTS)}
    assert store.one("data-main-1").inputs["publiclyAccessible"] is True, "looking changes nothing"

    one.refresh(fast=True).expect(0)
    mended = one.up(fast=True).expect(0)
    assert mended.changes == {"update": sorted(DRIFTS)}
    for name, thing in before.items():
        assert store.one(name).inputs == thing.inputs, name
    one.preview("--expect-no-changes", pack=False).expect(0)
    one.refresh("--expect-no-changes", fast=True).expect(0)
    properties = sum(map(len, DRIFTS.values()))
    figures.append(f"drift of {properties} properties of {len(DRIFTS)} resources: all found, all put right")


# A service gets another name when it is made again, and its scaling is bound to the name.
SCALING = {"aws:appautoscaling/target:Target::web-count", "aws:appautoscaling/policy:Policy::web-scale-in"}
SCALING |= {"aws:appautoscaling/policy:Policy::web-scale-out"}


@pytest.mark.parametrize(
    ("name", "replaced"),
    [
        ("aws:cloudwatch/metricAlarm:MetricAlarm::web-errors", set()),
        ("aws:ecs/service:Service::web-service", SCALING),
        ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock::data-uploads-public-access", set()),
        ("aws:ec2/route:Route::network-public-out", set()),
    ],
)
def test_what_somebody_deleted_is_made_again(deployed: NewStack, name: str, replaced: set[str]) -> None:
    one = deployed("prod")
    gone = one.cloud.store.vanish(name)
    assert one.refresh(fast=True).expect(0).changes == {"delete": [name]}
    outcome = one.up(fast=True).expect(0)
    assert outcome.changes["create"] == [name]
    assert set(outcome.changes.get("create-replacement", [])) == replaced
    assert "delete" not in outcome.changes
    assert one.books().balanced
    drawn = ("name", "__defaults")
    made = one.cloud.store.one(name).inputs
    assert {k: v for k, v in made.items() if k not in drawn} == {k: v for k, v in gone.inputs.items() if k not in drawn}


# -- the end, interrupted ------------------------------------------------------------------------------------------------


def test_a_deletion_that_fails_is_tried_again_by_the_next_destroy(deployed: NewStack) -> None:
    one = deployed("dev")
    one.cloud.script.play(Fault(operation="delete", type="aws:autoscaling/group:Group"))
    one.destroy(fast=True).expect(1)
    assert one.books().balanced
    assert [t.type for t in one.cloud.store.things if t.type == "aws:autoscaling/group:Group"]
    one.destroy(fast=True).expect(0)
    assert one.cloud.store.things == []
    assert one.state() == []


def test_an_interrupted_destroy_goes_on_where_it_stopped(deployed: NewStack) -> None:
    one = deployed("dev")
    cloud = one.cloud
    cloud.script.play(Fault(operation="delete", effect="slow", nth=30, times=None, seconds=0.5))
    running = one.start("destroy")
    running.wait_until(lambda: bool(cloud.script.struck))
    running.interrupt()
    running.wait()  # not to be trusted: CLI 3.259 ends with 0 and says that everything has been deleted
    assert cloud.store.things, "it was interrupted"
    assert one.books().balanced
    cloud.script.play()
    one.destroy(fast=True).expect(0)
    assert cloud.store.things == []
    assert one.state() == []


def test_a_killed_destroy_goes_on_after_the_lock_is_taken_away(deployed: NewStack) -> None:
    one = deployed("dev")
    cloud = one.cloud
    cloud.script.play(Fault(operation="delete", effect="slow", nth=30, times=None, seconds=0.5))
    running = one.start("destroy")
    running.wait_until(lambda: bool(cloud.script.struck))
    running.kill()
    time.sleep(1)  # the cloud finishes what it was asked for
    cloud.script.play()
    one.run("cancel", "--yes").expect(0)
    one.refresh(fast=True).expect(0)
    one.destroy(fast=True).expect(0)
    assert cloud.store.things == []
    assert one.state() == []
