"""The committed stacks, end to end: real program, real stack files, real policy pack, as `make preflight` runs them."""

import ast
import json
import os
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from guardrails.exemptions import Source
from guardrails.pack import Setting
from guardrails.verdicts import PACKS, Run

from preflight.simulation import checks, images, table
from tests.committed import ROOT, STACKS, Committed, came_with_it
from tests.components import limits
from tests.policy import recorded
from tests.policy.graphs import Phase

GOLDEN = ROOT / "tests" / "golden"
UPDATE = os.environ.get("GROUNDWORK_UPDATE_GOLDEN") == "1"


@pytest.fixture(scope="module")
def report(recording: Committed) -> dict[str, Any]:
    return recording.fine()


def golden(name: str, actual: str) -> str:
    path = GOLDEN / name
    if UPDATE:
        path.write_text(actual)
    return path.read_text()


def of_type(stack: dict[str, Any], token: str) -> list[dict[str, Any]]:
    return [resource for resource in stack["resources"] if resource["type"] == token]


def test_the_program_reads_as_a_page_without_a_branch() -> None:
    text = (ROOT / "__main__.py").read_text()
    assert len(text.splitlines()) < 80
    assert not [
        node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.If | ast.IfExp | ast.For | ast.While)
    ]


def test_both_environments_are_committed() -> None:
    assert {"dev", "prod"} <= set(STACKS)


@pytest.mark.parametrize("stack", STACKS)
def test_identities_of_all_resources_are_as_pinned(report: dict[str, Any], stack: str) -> None:
    urns = "".join(resource["urn"] + "\n" for resource in report["stacks"][stack]["resources"])
    assert urns == golden(f"{stack}.urns", urns), (
        "identity is API: run `make golden` if meant, add aliases and a changelog line"
    )


@pytest.mark.parametrize("stack", STACKS)
def test_exports_are_as_pinned(report: dict[str, Any], stack: str) -> None:
    names = "".join(f"{name}\n" for name in sorted(report["stacks"][stack]["exports"]))
    assert names == golden(f"{stack}.exports", names)


@pytest.mark.parametrize("stack", STACKS)
def test_all_that_a_stack_makes_is_known_to_the_simulated_aws_which_would_take_it(
    report: dict[str, Any], stack: str
) -> None:
    """The engine's provider refuses a type that the tables lack; preflight would follow the SDK's types instead."""
    made = [r for r in report["stacks"][stack]["resources"] if r["custom"] and not r["type"].startswith("pulumi:")]
    types = {resource["type"] for resource in made}
    assert {token for token in types if not (table.knows(token) or token == images.TYPE)} == set()
    refused = {resource["urn"]: checks.problems(resource["type"], resource["inputs"]) for resource in made}
    assert {urn: problems for urn, problems in refused.items() if problems} == {}


@pytest.mark.parametrize("stack", STACKS)
def test_no_rule_is_broken_and_nothing_is_left_undecided(report: dict[str, Any], stack: str) -> None:
    found = report["stacks"][stack]["findings"]
    waiting = [finding for finding in found if finding.get("decidedAtUpdate") == "pass"]
    advice = [] if came_with_it(stack) else [finding for finding in found if finding["level"] == "advisory"]
    assert [finding for finding in found if finding not in waiting + advice] == []
    controls = {finding["control"] for finding in waiting}
    if came_with_it(stack):
        assert controls == {"ecs-image-pinned"} and len(waiting) <= 5, "explained in docs/policies.md"


@pytest.fixture(scope="module")
def as_shipped(shipped_recording: Committed) -> dict[str, Any]:
    """The report of the stacks that this repository comes with: which stores, zones and sizes an owner takes is theirs."""
    return shipped_recording.report()


def findings(report: dict[str, Any], stack: str, **rules: Any) -> list[dict[str, Any]]:
    """What the pack says of the recorded stack, with its own configuration but for these rules."""
    own = json.loads((ROOT / "policy" / "config" / f"{stack}.json").read_text())["guardrails"]

    def setting(phase: Phase) -> Setting:
        run = Run(stack, "groundwork", phase == "update", datetime.now(UTC).date())
        return Setting(run, Source((ROOT / "policy", ROOT)))

    return recorded.findings(report["stacks"][stack], own | rules, setting)


@pytest.mark.parametrize("stack", STACKS)
def test_asked_again_of_what_is_recorded_the_pack_says_what_it_said_of_the_program(
    report: dict[str, Any], stack: str
) -> None:
    if not came_with_it(stack):
        pytest.skip(f"{stack} is its owner's, and nothing else is asked about it")
    recorded_then = [{**found, "source": None} for found in report["stacks"][stack]["findings"]]
    assert findings(report, stack) == recorded_then


@pytest.mark.parametrize("stack", STACKS)
def test_with_every_pack_selected_only_what_somebody_took_on_is_left(report: dict[str, Any], stack: str) -> None:
    """Not on which day: an exemption that is over is a finding, and meant to be. Those of today are tested as they are
    written, in tests/policy."""
    if not came_with_it(stack):
        pytest.skip(f"{stack} is its owner's: the exemptions are of the stack files that this repository comes with")
    found = findings(report, stack, packs=list(PACKS), maximumExemptionDays=3650)
    left = {finding["control"] for finding in found if finding.get("decidedAtUpdate") != "pass"}
    today = datetime.now(UTC).date()
    entries = yaml.safe_load((ROOT / "policy" / "exemptions.yaml").read_text())
    over = {"exemptions-valid"} if any(entry["expires"] < today for entry in entries) else set()
    assert left == {entry["control"] for entry in entries} | over
    assert over or {f["verdict"] for f in found if f["control"] in left} == {"exempted"}, found
    assert all(f["exemption"] for f in found if f["verdict"] == "exempted"), (
        "every report shows who, until when and why"
    )


@pytest.mark.parametrize("stack", STACKS)
def test_aws_would_take_every_name_size_and_combination(report: dict[str, Any], stack: str) -> None:
    assert limits.complaints(report["stacks"][stack]["resources"]) == []


@pytest.mark.parametrize("stack", STACKS)
def test_what_a_container_may_do_is_known_before_its_image_and_its_addresses_are(
    report: dict[str, Any], stack: str
) -> None:
    tasks = of_type(report["stacks"][stack], "groundwork:compute:Task")
    assert tasks
    for task in tasks:
        containers = task["inputs"]["containers"]
        assert {container["readonlyRootFilesystem"] for container in containers} == {True}
        hidden = [place for place in task["unknownAtPreview"] if not place.startswith("containers[0].")]
        assert hidden == [], "the list as a whole is known, only single values of it are not"
        assert not {"containers[0].user", "containers[0].readonlyRootFilesystem"} & set(task["unknownAtPreview"])


@pytest.mark.parametrize("stack", STACKS)
def test_every_aws_resource_uses_the_explicit_provider(report: dict[str, Any], stack: str) -> None:
    aws = [r for r in report["stacks"][stack]["resources"] if r["type"].startswith("aws:")]
    assert aws
    strays = [r["urn"] for r in aws if not r["options"].get("provider", "").endswith("::pulumi:providers:aws::aws")]
    assert strays == [], "these would be created without the default tags and in whatever account the credentials name"


@pytest.mark.parametrize("stack", STACKS)
def test_every_resource_belongs_to_a_component(report: dict[str, Any], stack: str) -> None:
    root = {r["urn"] for r in of_type(report["stacks"][stack], "pulumi:pulumi:Stack")}
    orphans = [
        r["urn"]
        for r in report["stacks"][stack]["resources"]
        if r["type"].startswith("aws:") and r["parent"] in root | {None}
    ]
    assert orphans == []


@pytest.mark.parametrize("stack", STACKS)
def test_every_alarm_names_a_runbook_that_exists(report: dict[str, Any], stack: str) -> None:
    alarms = of_type(report["stacks"][stack], "aws:cloudwatch/metricAlarm:MetricAlarm")
    described = [alarm for alarm in alarms if "docs/runbooks/" in alarm["inputs"].get("alarmDescription", "")]
    assert len(described) >= 10
    for alarm in described:
        for runbook in re.findall(r"docs/runbooks/[\w.-]+\.md", alarm["inputs"]["alarmDescription"]):
            assert (ROOT / runbook).is_file(), f"{alarm['name']} sends people to {runbook}, which does not exist"


def test_production_survives_the_loss_of_a_zone(as_shipped: dict[str, Any]) -> None:
    prod = as_shipped["stacks"]["prod"]
    zones = {subnet["inputs"]["availabilityZone"] for subnet in of_type(prod, "aws:ec2/subnet:Subnet")}
    assert len(zones) == 3
    assert len(of_type(prod, "aws:ec2/natGateway:NatGateway")) == 3
    assert len(of_type(prod, "aws:rds/clusterInstance:ClusterInstance")) == 2
    targets = of_type(prod, "aws:appautoscaling/target:Target")
    assert targets
    assert [target["name"] for target in targets if target["inputs"]["minCapacity"] < 2] == []


def test_production_data_takes_two_steps_to_delete(as_shipped: dict[str, Any]) -> None:
    holders = {
        "aws:rds/cluster:Cluster",
        "aws:rds/clusterInstance:ClusterInstance",
        "aws:s3/bucket:Bucket",
        "aws:kms/key:Key",
    }
    found = [r for r in as_shipped["stacks"]["prod"]["resources"] if r["type"] in holders]
    assert {r["type"] for r in found} == holders
    assert [r["urn"] for r in found if r["options"].get("protect") is not True] == []
    assert [
        r["urn"]
        for r in of_type(as_shipped["stacks"]["prod"], "aws:rds/cluster:Cluster")
        if not r["inputs"]["deletionProtection"]
    ] == []


def test_idle_development_has_nothing_that_costs_more_than_it_must(as_shipped: dict[str, Any]) -> None:
    dev = as_shipped["stacks"]["dev"]
    assert of_type(dev, "aws:ec2/natGateway:NatGateway") == [], "a gateway costs three times what the instance does"
    groups = {group["name"]: group["inputs"] for group in of_type(dev, "aws:autoscaling/group:Group")}
    assert groups["network-nat-instance"]["maxSize"] == 1
    asleep = {one["inputs"]["maxSize"] for one in of_type(dev, "aws:autoscaling/schedule:Schedule")}
    assert len(groups) == 1 or 0 in asleep, "a fleet that never sleeps"
    (tasks,) = of_type(dev, "aws:ecs/cluster:Cluster")
    assert tasks["inputs"]["settings"] == [{"name": "containerInsights", "value": "disabled"}]
    interface = [
        e["name"]
        for e in of_type(dev, "aws:ec2/vpcEndpoint:VpcEndpoint")
        if e["inputs"].get("vpcEndpointType") == "Interface"
    ]
    assert interface == [], "an interface endpoint costs by the hour, in every zone"
    (cluster,) = of_type(dev, "aws:rds/cluster:Cluster")
    scaling = cluster["inputs"]["serverlessv2ScalingConfiguration"]
    assert scaling["minCapacity"] == 0
    assert scaling["secondsUntilAutoPause"] == 300
    assert {target["inputs"]["minCapacity"] for target in of_type(dev, "aws:appautoscaling/target:Target")} == {1}
    assert {service["inputs"]["desiredCount"] for service in of_type(dev, "aws:ecs/service:Service")} == {1}


@pytest.mark.parametrize("stack", STACKS)
def test_the_data_tier_has_no_way_to_the_internet(report: dict[str, Any], stack: str) -> None:
    resources = report["stacks"][stack]["resources"]
    tables = {r["urn"] for r in resources if r["type"] == "aws:ec2/routeTable:RouteTable" and "data" in r["name"]}
    assert tables
    routes = [r for r in resources if r["type"] == "aws:ec2/route:Route"]
    assert routes
    assert [r["name"] for r in routes if tables & set(r["propertyDependencies"]["routeTableId"])] == []
