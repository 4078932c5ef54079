"""The life of the committed stacks on the real engine, deployed: changes of every kind, the end. Of the first preview and
update: test_engine_fidelity.py."""

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from preflight.simulation import holders
from tests.engine.cloud import Thing
from tests.engine.night import NIGHTLY
from tests.engine.outcome import Outcome
from tests.engine.stack import Stack
from tests.entries import FUNCTION

STACKS = ("dev", "prod")
NewStack = Callable[[str], Stack]
Config = dict[str, Any]

# What holds data, and addresses that others have written down or that all data stands in.
STATEFUL = holders.TYPES | {
    "aws:ec2/eip:Eip",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:lb/loadBalancer:LoadBalancer",
}


# What goes with a service, because it holds that service's own images and logs and nothing else.
OF_A_SERVICE = {"aws:cloudwatch/logGroup:LogGroup", "aws:ecr/repository:Repository"}


def names(things: list[Thing]) -> set[str]:
    return {f"{thing.type}::{thing.name}" for thing in things}


def stateful(stack: Stack) -> set[str]:
    return {thing.key for thing in stack.cloud.store.things if thing.type in STATEFUL}


def cloud_only(changes: dict[str, list[str]], op: str) -> set[str]:
    """Names of one operation, without components and providers, which are nothing in the cloud."""
    return {name for name in changes.get(op, []) if name.startswith(("aws:", "docker-build:"))}


@pytest.mark.parametrize("name", STACKS)
def test_a_second_preview_and_a_refresh_find_nothing_to_do(deployed: NewStack, name: str) -> None:
    one = deployed(name)
    before = list(one.cloud.store.events)
    assert one.preview("--expect-no-changes").expect(0).changes == {}
    assert one.refresh("--expect-no-changes").expect(0).changes == {}
    assert one.cloud.store.events == before


# -- one change of each kind: the change, what it may update, how the sets of made and removed things look ---------------


def scale(config: Config) -> None:
    config["groundwork:services"]["web"]["scale"].update(min=3, max=12)


def cache(config: Config) -> None:
    config["groundwork:data"]["caches"]["sessions"].update(nodeType="cache.r7g.large", nodes=3)


def capacity(config: Config) -> None:
    config["groundwork:data"]["databases"]["main"].update(maxCapacity=32)


def zone(config: Config) -> None:
    config["groundwork:network"]["availabilityZones"].append("us-east-1d")


def service(config: Config) -> None:
    services = config["groundwork:services"]
    services["api"] = {**copy.deepcopy(services["web"]), "route": {"path": "/api*", "priority": 160}}


MADE = {"environment": {}, "build": "services/worker", "size": {"cpu": 256, "memory": 512, "architecture": "arm64"}}
EACH_KIND: dict[str, dict[str, Any]] = {
    "apart": {
        "kind": "web",
        **MADE,
        "port": 8000,
        "health": "/",
        "scale": {"min": 2, "max": 4, "outAbove": 60, "inBelow": 30},
        "route": {"path": "/apart*", "priority": 31},
        "deployment": {"strategy": "canary", "percent": 10, "canaryMinutes": 5},
        "uses": {"main": "write", "uploads": "write", "jobs": "send"},
    },
    "helper": {
        "kind": "worker",
        **MADE,
        "queue": "jobs",
        "timeoutSeconds": 60,
        "scale": {"min": 2, "max": 4, "track": {"backlogPerTask": 50}},
        "uses": {"main": "write"},
    },
    "weekly": {
        "kind": "job",
        **MADE,
        "schedule": {"when": "rate(7 days)"},
        "stopAfterSeconds": 900,
        "uses": {"uploads": "read"},
    },
    "answer": {
        **FUNCTION,
        "route": {"path": "/answer*", "priority": 32},
        "schedule": {"when": "rate(1 day)"},
        "uses": {"main": "write"},
    },
    "veteran": {
        "kind": "fleet",
        "image": "example/veteran:1",
        "machine": {"type": "t4g.small", "imageAsOf": "2026-11-01"},
        "port": 8000,
        "health": "/",
        "scale": {"min": 2, "max": 4, "inBelow": 30},
        "route": {"path": "/veteran*", "priority": 33},
        "environment": {},
        "uses": {"main": "write", "uploads": "read"},
    },
}
OWN = tuple(EACH_KIND)


def of_each_kind(config: Config) -> None:
    config["groundwork:services"].update(copy.deepcopy(EACH_KIND))


def everything(one: Stack) -> dict[str, Any]:
    """What is in the cloud, with its inputs."""
    return {thing.key: thing.inputs for thing in one.cloud.store.things}


def no_service(config: Config) -> None:
    del config["groundwork:services"]["status"]


def image(config: Config) -> None:
    config["groundwork:services"]["web"].update(image="crccheck/hello-world:v1.0.1")


def size(config: Config) -> None:
    config["groundwork:services"]["web"]["size"].update(cpu=2048, memory=4096)


def changed(one: Stack, change: Callable[[Config], None], *, removes_one: bool = False) -> Outcome:
    """The stack with the change carried out; whatever it was, nothing is left over and all that holds data is kept, except
    what a service that is removed has for itself."""
    kept = stateful(one)
    one.edit(change)
    outcome = one.up(fast=True).expect(0)
    assert one.books().balanced
    assert [name for name in outcome.changes.get("create-replacement", []) if name.partition("::")[0] in STATEFUL] == []
    gone = {key.partition(" ")[0] for key in kept - stateful(one)}
    assert gone <= (OF_A_SERVICE if removes_one else set())
    if NIGHTLY:  # by day of all of them together, below
        one.preview("--expect-no-changes").expect(0)
    return outcome


DASHBOARD = "aws:cloudwatch/dashboard:Dashboard::observability-dashboard"


@pytest.mark.parametrize("name", STACKS)
def test_scaling_a_service_and_a_bigger_database_or_cache_change_nothing_else(deployed: NewStack, name: str) -> None:
    """All of them in one update; the dashboard alone is changed by more than one."""
    one = deployed(name)
    store = one.cloud.store
    changes = [scale, capacity]
    instances = [t.name for t in store.things if t.type == "aws:rds/clusterInstance:ClusterInstance"]
    alarms = [f"{instance}-memory" for instance in instances]
    others = ["aws:appautoscaling/target:Target::web-count", DASHBOARD, "aws:rds/cluster:Cluster::data-main"]
    kept = {t.key for t in store.things if t.type.startswith(("aws:elasticache/", "aws:rds/"))}
    if name == "dev":  # at 2 ACU fewer connections are allowed than at 32; prod is at the most already
        alarms += [f"{instance}-connections" for instance in instances]
    else:  # in dev services sleep at night, so their alarm does not know the minimum, and there is no cache
        changes.append(cache)
        # One replica more is in each graph and each alarm, of which two have bounds that depend on the size.
        watched = ["connections", "cpu", "evictions", "hits", "lag", "memory"]
        alarms += ["web-below-minimum", *(f"data-sessions-{what}" for what in watched)]
        others.append("aws:elasticache/replicationGroup:ReplicationGroup::data-sessions")

    def all_of_them(config: Config) -> None:
        for change in changes:
            change(config)

    outcome = changed(one, all_of_them)
    of_alarms = [f"aws:cloudwatch/metricAlarm:MetricAlarm::{alarm}" for alarm in alarms]
    assert outcome.changes == {"update": sorted([*others, *of_alarms])}
    assert outcome.of("replace") == []
    assert {t.key for t in store.things if t.type.startswith(("aws:elasticache/", "aws:rds/"))} == kept


@pytest.mark.parametrize("name", STACKS)
def test_one_more_zone_is_one_more_of_everything_that_a_zone_has(deployed: NewStack, name: str) -> None:
    one = deployed(name)
    # The last zone has no gateway of its own in dev, where one serves all of them.
    last = "us-east-1c" if name == "prod" else "us-east-1b"
    expected = {thing.replace(last, "us-east-1d") for thing in names(one.cloud.store.things) if last in thing}
    outcome = changed(one, zone)
    assert cloud_only(outcome.changes, "create") == expected
    assert set(outcome.changes) == {"create", "update"}
    # In place: whatever names the subnets or route tables of all zones.
    assert {update.partition("::")[0] for update in outcome.changes["update"]} <= {
        "aws:autoscaling/group:Group",
        "aws:lambda/alias:Alias",
        "aws:lambda/function:Function",
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "aws:ecs/service:Service",
        "aws:elasticache/subnetGroup:SubnetGroup",
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:rds/subnetGroup:SubnetGroup",
        "aws:scheduler/schedule:Schedule",
    }
    zones = {t.inputs["availabilityZone"] for t in one.cloud.store.things if t.type == "aws:ec2/subnet:Subnet"}
    assert "us-east-1d" in zones


@pytest.mark.parametrize("name", STACKS)
def test_a_service_comes_another_goes_and_the_rest_is_not_touched(deployed: NewStack, name: str) -> None:
    one = deployed(name)
    alike = [thing for thing in names(one.cloud.store.things) if re.search(r"::web-|-web$", thing)]
    own = {
        thing.key: f"{thing.type}::{thing.name}"
        for thing in one.cloud.store.things
        if thing.name.startswith("status-")
        or (thing.type == "docker-build:index:Image" and "status-" in str(thing.inputs["tags"]))
    }
    rest = {key: inputs for key, inputs in everything(one).items() if key not in own}

    def both(config: Config) -> None:
        service(config)
        no_service(config)

    outcome = changed(one, both, removes_one=True)
    assert cloud_only(outcome.changes, "create") == {re.sub(r"\bweb\b", "api", thing) for thing in alike}
    assert cloud_only(outcome.changes, "delete") == {*own.values()}
    assert set(outcome.changes) == {"create", "delete"}
    assert rest.items() <= everything(one).items()
    assert own.keys().isdisjoint(everything(one))


def test_one_more_service_of_each_kind_touches_nothing_but_itself_in_production(deployed: NewStack) -> None:
    one = deployed("prod")
    before = everything(one)
    outcome = changed(one, of_each_kind)
    assert set(outcome.changes) == {"create"}
    assert before.items() <= everything(one).items(), "what was there has the inputs that it had"
    made = [thing for thing in one.cloud.store.things if thing.key not in before]
    # An image is called by its hash, and belongs to whoever has its repository.
    foreign = {t.name for t in made if not t.name.startswith(OWN) and t.type != "docker-build:index:Image"}
    assert foreign == set()
    images = [t for t in made if t.type == "docker-build:index:Image"]
    assert images
    assert all(any(f"{name}-registry" in str(t.inputs["tags"]) for name in EACH_KIND) for t in images)


@pytest.mark.parametrize("name", STACKS)
def test_another_image_or_size_is_a_new_revision_of_that_service_alone(deployed: NewStack, name: str) -> None:
    def both(config: Config) -> None:
        image(config)
        config["groundwork:services"]["status"]["size"].update(cpu=1024, memory=4096)

    outcome = changed(deployed(name), both)
    because = {"web": {"containerDefinitions"}, "status": {"cpu", "memory"}}
    tasks = sorted(f"aws:ecs/taskDefinition:TaskDefinition::{service}-task" for service in because)
    assert outcome.changes["create-replacement"] == outcome.changes["delete-replaced"] == tasks
    replaced = {
        step.name.rpartition("::")[2].removesuffix("-task"): set(step.replacing) for step in outcome.of("replace")
    }
    assert replaced == because
    services = {f"aws:ecs/service:Service::{service}-service" for service in because}
    assert cloud_only(outcome.changes, "update") == services
    assert set(outcome.changes) == {"create-replacement", "delete-replaced", "update"}


@pytest.mark.parametrize("name", STACKS)
def test_another_content_of_our_own_image_is_pushed_and_deployed(deployed: NewStack, name: str) -> None:
    one = deployed(name)
    before = one.cloud.store.one("aws:ecs/taskDefinition:TaskDefinition::status-task")
    one.write("services/status/note.txt", "another content")
    outcome = changed(one, lambda _: None)
    built = [t for t in one.cloud.store.things if t.type == "docker-build:index:Image"]
    (own,) = [thing.name for thing in built if "status-registry" in str(thing.inputs["tags"])]
    pushed = [update for update in outcome.changes["update"] if update.startswith("docker-build:")]
    assert pushed == [f"docker-build:index:Image::{own}"], "no other image is built again"
    assert outcome.changes["create-replacement"] == ["aws:ecs/taskDefinition:TaskDefinition::status-task"]
    after = one.cloud.store.one("aws:ecs/taskDefinition:TaskDefinition::status-task")
    assert after.outputs["revision"] == before.outputs["revision"] + 1
    assert "aws:ecs/service:Service::web-service" not in outcome.changes["update"]


def test_after_all_of_these_changes_together_there_is_nothing_left_to_do(deployed: NewStack) -> None:
    one = deployed("prod")

    def all_of_them(config: Config) -> None:
        for change in (scale, cache, capacity, zone, service, of_each_kind, no_service, image, size):
            change(config)

    outcome = changed(one, all_of_them, removes_one=True)
    assert {"create", "update", "delete", "create-replacement"} <= set(outcome.changes), "each kind of operation"
    assert one.preview("--expect-no-changes").expect(0).changes == {}


# -- the end -------------------------------------------------------------------------------------------------------------


def test_an_unprotected_stack_is_destroyed_in_one_step(deployed: NewStack) -> None:
    one = deployed("dev")
    one.destroy(fast=True).expect(0)
    assert one.cloud.store.things == []
    assert one.state() == []


def test_a_protected_stack_is_not_destroyed_by_one_command(deployed: NewStack) -> None:
    one = deployed("prod")
    before = names(one.cloud.store.things)
    refused = one.run("destroy", "--yes").expect(1)  # as a person types it, with the preview before it
    assert "because it is protected" in refused.output
    assert names(one.cloud.store.things) == before, "a refused destroy must not have begun"


def test_a_protected_stack_whose_state_alone_is_unprotected_keeps_its_data(deployed: NewStack) -> None:
    one = deployed("prod")
    one.run("state", "unprotect", "--all", "--yes").expect(0)
    one.destroy(fast=True).expect(1)
    left = {thing.type for thing in one.cloud.store.things}
    assert "aws:rds/cluster:Cluster" in left, "AWS itself refuses to delete it while deletionProtection is on"


def test_a_protected_stack_ends_after_two_deliberate_steps(deployed: NewStack) -> None:
    one = deployed("prod")
    kept = stateful(one)
    one.edit(lambda config: config["groundwork:protection"].update(protected=False))
    one.up(fast=True).expect(0)
    assert stateful(one) == kept, "taking the protection off must not touch what it protected"
    one.destroy(fast=True).expect(0)
    assert one.cloud.store.things == []
    assert one.state() == []
