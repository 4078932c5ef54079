"""What happens to a deployed stack: drift, things deleted by hand, destroys that fail or are stopped, and the way back."""

import time
from collections.abc import Callable

from tests.engine.cloud import Fault
from tests.engine.stack import Running, Stack

NewStack = Callable[[str], Stack]

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
DELETED = [
    "aws:cloudwatch/metricAlarm:MetricAlarm::web-errors",
    "aws:ec2/route:Route::network-public-out",
    "aws:ecs/service:Service::web-service",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock::data-uploads-public-access",
]


def test_what_somebody_deleted_is_made_again(deployed: NewStack) -> None:
    one = deployed("prod")
    gone = {name: one.cloud.store.vanish(name) for name in DELETED}
    assert one.refresh(fast=True).expect(0).changes == {"delete": DELETED}
    outcome = one.up(fast=True).expect(0)
    assert outcome.changes["create"] == DELETED
    assert set(outcome.changes["create-replacement"]) == SCALING, "only what needs the name of the service"
    assert "delete" not in outcome.changes
    assert one.books().balanced
    drawn = ("name", "__defaults")
    for name, before in gone.items():
        made = one.cloud.store.one(name).inputs
        assert {k: v for k, v in made.items() if k not in drawn} == {
            k: v for k, v in before.inputs.items() if k not in drawn
        }


# -- the end, interrupted ------------------------------------------------------------------------------------------------


def being_destroyed(one: Stack) -> Running:
    """A destroy in the middle, slow enough to be stopped there."""
    one.cloud.script.play(Fault(operation="delete", effect="slow", nth=30, times=None, seconds=0.5))
    running = one.start("destroy")
    running.wait_until(lambda: bool(one.cloud.script.struck))
    return running


def goes_to_its_end(one: Stack) -> None:
    one.destroy(fast=True).expect(0)
    assert one.cloud.store.things == []
    assert one.state() == []


def test_a_deletion_that_fails_is_tried_again_by_the_next_destroy(deployed: NewStack) -> None:
    one = deployed("dev")
    one.cloud.script.play(Fault(operation="delete", type="aws:autoscaling/group:Group"))
    one.destroy(fast=True).expect(1)
    assert one.books().balanced
    assert [t.type for t in one.cloud.store.things if t.type == "aws:autoscaling/group:Group"]
    goes_to_its_end(one)


def test_an_interrupted_destroy_goes_on_where_it_stopped(deployed: NewStack) -> None:
    one = deployed("dev")
    cloud = one.cloud
    running = being_destroyed(one)
    running.interrupt()
    running.wait()  # not to be trusted: CLI 3.259 ends with 0 and says that everything has been deleted
    assert cloud.store.things, "it was interrupted"
    assert one.books().balanced
    cloud.script.play()
    goes_to_its_end(one)


def test_a_killed_destroy_goes_on_after_the_lock_is_taken_away(deployed: NewStack) -> None:
    one = deployed("dev")
    cloud = one.cloud
    running = being_destroyed(one)
    running.kill()
    time.sleep(1)  # the cloud finishes what it was asked for
    cloud.script.play()
    one.run("cancel", "--yes").expect(0)
    one.refresh(fast=True).expect(0)
    goes_to_its_end(one)
