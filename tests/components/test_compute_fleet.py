"""A fleet: what its instances are, what they may do, what they are told, and what replaces them."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from components.compute import machine
from components.contracts import Severity, Signal
from components.observability.alarms import RUNBOOKS
from tests import entries
from tests.components.kinds import EGRESS, INGRESS, RULE, SECRET_ARN, TARGETS, compute, statements

GROUP, TEMPLATE = "aws:autoscaling/group:Group", "aws:ec2/launchTemplate:LaunchTemplate"
SCALING, ALARM = "aws:autoscaling/policy:Policy", "aws:cloudwatch/metricAlarm:MetricAlarm"
STACK, INVOCATION = "aws:cloudformation/stack:Stack", "aws:lambda/invocation:Invocation"
FUNCTION, SCHEDULE = "aws:lambda/function:Function", "aws:autoscaling/schedule:Schedule"
WALL = "aws:ec2/securityGroup:SecurityGroup"
FLEET = {**entries.FLEET, "environment": {"COLOUR": "blue"}}


def fleet(protected: bool = True, **change: Any) -> Any:
    return compute("legacy", {**FLEET, **change}, protected=protected)


def told(made: Any) -> str:
    return base64.b64decode(made.one(TEMPLATE).inputs["userData"]).decode()


def what(made: Any) -> Any:
    """What the instance is told to run."""
    encoded = told(made).partition("app.json\" <<'END'\n")[2].partition("\nEND")[0]
    return json.loads(base64.b64decode(encoded))


def release(made: Any) -> Any:
    return json.loads(made.one(INVOCATION).inputs["input"])


def role(made: Any) -> dict[str, Any]:
    return statements(made, "legacy-instance")


def test_instances_are_in_every_private_subnet_and_nowhere_else(deploy: Any) -> None:
    group = deploy(fleet()).one(GROUP).inputs
    assert group["vpcZoneIdentifiers"] == ["private-a", "private-b"]
    assert "availabilityZones" not in group
    assert (group["minSize"], group["maxSize"]) == (2, 6)


def test_an_instance_is_hardened_and_has_no_key_and_no_address(deploy: Any) -> None:
    template = deploy(fleet()).one(TEMPLATE).inputs
    assert template["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }
    (disk,) = template["blockDeviceMappings"]
    assert disk["ebs"] == {
        "encrypted": "true",
        "volumeType": "gp3",
        "volumeSize": 20,
        "deleteOnTermination": "true",
    }
    assert "kmsKeyId" not in disk["ebs"], "a key of our own would need a grant to the account's role of Auto Scaling"
    assert not {"keyName", "networkInterfaces", "securityGroupNames", "instanceMarketOptions"} & template.keys()
    assert template["monitoring"] == {"enabled": True}, "scaling goes by minutes"


@pytest.mark.parametrize(("uses", "hops"), [({}, 1), ({"main": "write"}, 1), ({"uploads": "read"}, 2)])
def test_metadata_reach_the_container_only_when_it_needs_credentials(
    deploy: Any, uses: dict[str, str], hops: int
) -> None:
    template = deploy(fleet(uses=uses)).one(TEMPLATE).inputs
    assert template["metadataOptions"]["httpPutResponseHopLimit"] == hops


def test_only_the_load_balancer_gets_in_and_only_at_the_port(deploy: Any) -> None:
    made = deploy(fleet())
    rules = {name: rule for name, rule in made.inputs(INGRESS).items() if name.startswith("legacy")}
    assert list(rules) == ["legacy-ingress-lb"]
    rule = rules["legacy-ingress-lb"]
    assert (rule["fromPort"], rule["toPort"], rule["ipProtocol"]) == (8000, 8000, "tcp")
    assert not {"cidrIpv4", "cidrIpv6"} & rule.keys()
    out = {name: rule for name, rule in made.inputs(EGRESS).items() if name.startswith("legacy")}
    assert {(rule["fromPort"], rule["toPort"]) for name, rule in out.items() if "cidrIpv4" in rule} == {(443, 443)}
    group = made.of(WALL)["legacy-group"].urn
    assert made.one(TEMPLATE).property_dependencies["vpcSecurityGroupIds"] == {group}


@pytest.mark.parametrize(("type_", "name"), [("t4g.small", "arm64"), ("m7i.large", "x86_64")])
def test_the_image_is_amazons_newest_of_the_day_for_this_processor(deploy: Any, type_: str, name: str) -> None:
    made = deploy(fleet(machine={"type": type_, "imageAsOf": "2026-11-01"}))
    stack = made.one(STACK)
    assert stack.inputs["parameters"] == {
        "Image": f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{name}",
        "AsOf": "2026-11-01",
    }
    template = json.loads(stack.inputs["templateBody"])
    assert template["Parameters"]["Image"] == {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"}
    assert template["Outputs"]["ImageId"] == {"Value": {"Ref": "Image"}}
    assert [resource["Type"] for resource in template["Resources"].values()] == ["AWS::SSM::Parameter"]
    assert made.one(TEMPLATE).property_dependencies["imageId"] == {stack.urn}


def test_the_template_names_an_image_and_no_parameter_or_a_release_could_not_go_back(deploy: Any) -> None:
    image = deploy(fleet()).one(TEMPLATE).inputs["imageId"]
    assert image.startswith("ami-")
    assert "resolve:" not in image


def test_another_day_is_another_image_and_nothing_else_is(deploy: Any) -> None:
    def of(day: str | None) -> str:
        return str(deploy(fleet(machine={"type": "t4g.small", "imageAsOf": day})).one(TEMPLATE).inputs["imageId"])

    assert of("2026-11-01") == of("2026-11-01")
    assert of("2026-11-01") != of("2026-11-02") != of(None)


def test_a_release_refreshes_the_instances_and_goes_back_by_itself(deploy: Any) -> None:
    made = deploy(fleet())
    said = release(made)
    assert said["version"] == "1", "a number: AWS goes back to no $Latest and no $Default"
    assert said["group"] == made.one(GROUP).inputs["name"]
    preferences = said["preferences"]
    assert (preferences["MinHealthyPercentage"], preferences["MaxHealthyPercentage"]) == (100, 110)
    assert preferences["AlarmSpecification"]["Alarms"], "errors take it back too"
    made_of = made.one(INVOCATION).property_dependencies["input"]
    assert {made.one(GROUP).urn, made.one(TEMPLATE).urn, made.of(ALARM)["legacy-release"].urn} <= made_of


def test_the_group_keeps_the_version_of_before_until_the_release_is_through(deploy: Any) -> None:
    group = deploy(fleet()).one(GROUP)
    assert set(group.ignore_changes) == {"desiredCapacity", "launchTemplate"}
    assert "instanceRefresh" not in group.inputs, "the provider's own would go back to the new version (issue 34189)"
    assert group.inputs["launchTemplate"]["version"] == "1"


SPOT = {"base": 1, "share": 75, "types": ["t4g.medium", "m7g.large"]}


def test_a_share_on_spot_is_of_several_types_above_a_base_and_replaced_before_it_goes(deploy: Any) -> None:
    group = deploy(fleet(spot=SPOT)).one(GROUP).inputs
    assert "launchTemplate" not in group, "AWS takes one of the two"
    assert group["capacityRebalance"] is True
    policy = group["mixedInstancesPolicy"]
    assert policy["instancesDistribution"] == {
        "onDemandAllocationStrategy": "prioritized",
        "onDemandBaseCapacity": 1,
        "onDemandPercentageAboveBaseCapacity": 25,
        "spotAllocationStrategy": "price-capacity-optimized",
    }
    types = [override["instanceType"] for override in policy["launchTemplate"]["overrides"]]
    assert types == ["t4g.small", "t4g.medium", "m7g.large"]
    assert policy["launchTemplate"]["launchTemplateSpecification"]["version"] == "1"


def test_what_is_bought_goes_to_the_group_by_a_release_and_by_nothing_else(deploy: Any) -> None:
    made, plain = deploy(fleet(spot=SPOT)), deploy(fleet())
    told_of = release(made)["mixed"]
    assert told_of["InstancesDistribution"]["OnDemandPercentageAboveBaseCapacity"] == 25
    assert told_of["InstancesDistribution"]["SpotAllocationStrategy"] == "price-capacity-optimized"
    assert told_of["Overrides"] == [{"InstanceType": t} for t in ("t4g.small", "t4g.medium", "m7g.large")]
    assert "mixed" not in release(plain)
    assert set(made.one(GROUP).ignore_changes) == {"desiredCapacity", "mixedInstancesPolicy"}
    assert not {"mixedInstancesPolicy", "capacityRebalance"} & plain.one(GROUP).inputs.keys()


def test_with_a_share_on_spot_it_is_another_group_which_is_there_before_the_first_goes(deploy: Any) -> None:
    made, plain = deploy(fleet(spot=SPOT)).one(GROUP), deploy(fleet()).one(GROUP)
    assert (made.name, made.inputs["name"]) == ("legacy--spot", "groundwork-test-legacy--spot")
    assert (plain.name, plain.inputs["name"]) == ("legacy", "groundwork-test-legacy")
    told_in = told(deploy(fleet(spot=SPOT)))
    assert "groundwork-test-legacy--spot" in told_in, "its instances answer to their own group"


def test_the_function_that_rolls_out_may_do_so_to_this_group_with_this_template_alone(deploy: Any) -> None:
    made = deploy(fleet())
    rights = statements(made, "legacy-rollout-role-policy")
    assert rights.keys() == {
        "RollOut", "Watch", "WatchAlarm", "StartInstances", "TagInstances", "PassTheirRole", "WriteLogs",
    }  # fmt: skip
    (group,) = rights["RollOut"]["Resource"]
    assert group.endswith(f"autoScalingGroupName/{made.one(GROUP).inputs['name']}")
    assert list(rights["StartInstances"]["Condition"]) == ["ArnEquals"]
    assert rights["PassTheirRole"]["Condition"] == {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    assert len(rights["PassTheirRole"]["Resource"]) == 1
    assert [sid for sid, statement in rights.items() if statement["Resource"] == ["*"]] == ["Watch"]
    assert all(action.split(":")[1].startswith("Describe") for action in rights["Watch"]["Action"])
    function = made.one(FUNCTION).inputs
    assert (function["handler"], function["timeout"]) == ("fleet_rollout_function.handler", 900)
    assert "environment" not in function
    assert "vpcConfig" not in function


def test_what_the_container_runs_as_and_with_is_told_and_no_secret_is(deploy: Any) -> None:
    made = deploy(fleet(uses={"main": "write", "uploads": "read"}))
    said = what(made)
    assert said["image"] == "crccheck/hello-world:v1.0.0"
    assert (said["port"], said["user"]) == (8000, "65534:65534")
    assert said["environment"] == {"COLOUR": "blue", "MAIN_HOST": "db.internal", "UPLOADS_BUCKET": "uploads"}
    assert said["secrets"] == {"MAIN_PASSWORD": f"{SECRET_ARN}:password::"}
    assert said["logGroup"] == "legacy-logs-" + said["logGroup"].rpartition("-")[2]
    assert len(told(made).encode()) <= machine.MOST_BYTES


def test_more_than_ec2_takes_is_refused_with_its_size(deploy: Any) -> None:
    long = {f"LONG_{n}": "x" * 4000 for n in range(4)}
    with pytest.raises(ValueError, match=r"groundwork-test-legacy would be told \d{5} bytes .* EC2 takes 16384"):
        deploy(fleet(environment=long))


@pytest.mark.parametrize("path", ["/$(reboot)", "/`reboot`", '/"; reboot; "', "/it's", "/@RUN@"])
def test_a_path_is_never_a_command(path: str) -> None:
    script = base64.b64decode(
        machine.user_data(
            machine.Machine(
                image="app:1", port=8000, health=path, environment={}, secrets={}, log_group="logs",
                region="us-east-1", group_name="group",
            )
        )
    ).decode()  # fmt: skip
    (line,) = [line for line in script.splitlines() if line.startswith("readonly HEALTH=")]
    import shlex  # noqa: PLC0415 - what a shell makes of it

    assert shlex.split(line) == ["readonly", f"HEALTH=http://127.0.0.1:8000{path}"]


def test_an_instance_may_be_reached_say_that_it_works_measure_and_log_and_no_more(deploy: Any) -> None:
    made = deploy(fleet())
    rights = role(made)
    assert rights.keys() == {"SayThatItRuns", "OpenSessions", "SayThatItWorks", "WriteLogs", "Measure"}
    assert rights["Measure"]["Condition"] == {"StringEquals": {"cloudwatch:namespace": "CWAgent"}}
    (group,) = rights["SayThatItWorks"]["Resource"]
    assert group.endswith(f":autoScalingGroup:*:autoScalingGroupName/{made.one(GROUP).inputs['name']}")
    assert {sid for sid, s in rights.items() if s["Resource"] == ["*"]} == {"OpenSessions", "Measure"}
    actions = {action for statement in rights.values() for action in statement["Action"]}
    assert not [action for action in actions if action.startswith(("ssm:Get", "ec2:", "iam:", "s3:"))]


def test_stores_and_secrets_bring_their_rights_and_an_image_of_ours_that_to_pull_it(deploy: Any) -> None:
    image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/app:1"
    rights = role(deploy(fleet(image=image, uses={"main": "write", "uploads": "read"})))
    assert rights["MainReadSecret"]["Resource"] == [SECRET_ARN]
    assert rights["UploadsUseObjects"]["Action"] == ["s3:GetObject"]
    assert rights["PullImage"]["Resource"] == ["arn:aws:ecr:us-east-1:111122223333:repository/app"]
    assert "PullImage" not in role(deploy(fleet())), "anybody may pull from Docker Hub"


def test_the_rights_are_inputs_of_a_component_where_policies_see_them(deploy: Any) -> None:
    made = deploy(fleet())
    said = made.one("groundwork:compute:MachineRole").inputs["statements"]
    policy = made.of("aws:iam/rolePolicy:RolePolicy")["legacy-instance"].inputs["policy"]
    assert all(statement in said for statement in json.loads(policy)["Statement"])


def test_no_instance_starts_before_it_has_its_rights_and_its_ways(deploy: Any) -> None:
    made = deploy(fleet())
    profile = made.one(TEMPLATE).property_dependencies["iamInstanceProfile"]
    assert made.of("aws:iam/rolePolicy:RolePolicy")["legacy-instance"].urn in profile
    waits = made.one(GROUP).dependencies
    assert {made.of(EGRESS)["legacy-egress-https"].urn, made.of(INGRESS)["legacy-ingress-lb"].urn} <= waits
    assert made.of(RULE)["legacy-route"].urn in waits


def test_targets_are_instances_at_the_port_and_sick_ones_are_replaced(deploy: Any) -> None:
    made = deploy(fleet())
    targets, group = made.one(TARGETS), made.one(GROUP)
    assert (targets.inputs["targetType"], targets.inputs["port"]) == ("instance", 8000)
    assert targets.inputs["healthCheck"]["path"] == "/health"
    assert group.property_dependencies["targetGroupArns"] == {targets.urn}
    assert (group.inputs["healthCheckType"], group.inputs["healthCheckGracePeriod"]) == ("ELB", 60)
    assert made.of(RULE)["legacy-route"].inputs["priority"] == 100
    patient = deploy(fleet(healthCheck={"graceSeconds": 300})).one(GROUP).inputs
    assert patient["healthCheckGracePeriod"] == 300


def test_an_instance_counts_when_its_container_answers_and_not_before(deploy: Any) -> None:
    made = deploy(fleet())
    (hook,) = made.one(GROUP).inputs["initialLifecycleHooks"]
    assert hook == {
        "name": "serves",
        "lifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
        "defaultResult": "ABANDON",
        "heartbeatTimeout": 900,
    }
    assert 'HOOK="serves"' in told(made)
    assert f'GROUP="{made.one(GROUP).inputs["name"]}"' in told(made)
    assert made.one(GROUP).inputs["instanceMaintenancePolicy"] == {
        "minHealthyPercentage": 100,
        "maxHealthyPercentage": 110,
    }


@pytest.mark.parametrize(("days", "seconds"), [(None, None), (30, 30 * 86400)])
def test_an_instance_lives_as_long_as_it_may(deploy: Any, days: int | None, seconds: int | None) -> None:
    machine_ = {"type": "t4g.small", **({} if days is None else {"longestLifeDays": days})}
    assert deploy(fleet(machine=machine_)).one(GROUP).inputs.get("maxInstanceLifetime") == seconds


def test_above_80_percent_cpu_there_are_30_percent_more_and_one_at_least(deploy: Any) -> None:
    made = deploy(fleet())
    more = made.of(SCALING)["legacy-scale-out"].inputs
    assert (more["policyType"], more["adjustmentType"]) == ("StepScaling", "PercentChangeInCapacity")
    assert more["minAdjustmentMagnitude"] == 1
    assert more["stepAdjustments"] == [{"metricIntervalLowerBound": "0", "scalingAdjustment": 30}]
    assert "scalingAdjustment" not in more
    assert "cooldown" not in more, "only simple policies have one"
    high = made.of(ALARM)["legacy-scale-out"]
    assert (high.inputs["comparisonOperator"], high.inputs["threshold"]) == ("GreaterThanThreshold", 80)
    assert high.property_dependencies["alarmActions"] == {made.of(SCALING)["legacy-scale-out"].urn}


def test_below_30_percent_one_goes_and_then_nothing_for_a_while(deploy: Any) -> None:
    made = deploy(fleet(scale={"min": 2, "max": 6, "cooldownSeconds": 600}))
    less = made.of(SCALING)["legacy-scale-in"].inputs
    assert (less["policyType"], less["adjustmentType"]) == ("SimpleScaling", "ChangeInCapacity")
    assert (less["scalingAdjustment"], less["cooldown"]) == (-1, 600)
    assert not {"stepAdjustments", "metricAggregationType", "estimatedInstanceWarmup"} & less.keys()
    low = made.of(ALARM)["legacy-scale-in"].inputs
    assert (low["comparisonOperator"], low["threshold"]) == ("LessThanThreshold", 30)
    assert low["dimensions"] == {"AutoScalingGroupName": made.one(GROUP).inputs["name"]}
    assert low["evaluationPeriods"] * low["period"] == 300


def test_bounds_change_by_the_clock_of_a_time_zone(deploy: Any) -> None:
    night = {"when": "cron(0 20 ? * MON-FRI *)", "timezone": "Europe/Berlin", "min": 0, "max": 0}
    morning = {"when": "cron(30 7 ? * MON-FRI *)", "timezone": "Europe/Berlin", "min": 2, "max": 6}
    made = deploy(fleet(protected=False, scale={"min": 2, "max": 6, "schedules": {"night": night, "morning": morning}}))
    asleep = made.of(SCHEDULE)["legacy-schedule-night"].inputs
    assert (asleep["recurrence"], asleep["timeZone"]) == ("0 20 * * 1,2,3,4,5", "Europe/Berlin")
    assert (asleep["minSize"], asleep["maxSize"], asleep["desiredCapacity"]) == (0, 0, 0)
    awake = made.of(SCHEDULE)["legacy-schedule-morning"].inputs
    assert (awake["minSize"], awake["maxSize"], awake["desiredCapacity"]) == (2, 6, 2)


def test_tags_reach_group_instance_and_disk_which_default_tags_do_not(deploy: Any) -> None:
    made = deploy(fleet())
    wanted = {"Name": "groundwork-test-legacy", "groundwork:project": "groundwork", "groundwork:stack": "test"}
    listed = made.one(GROUP).inputs["tags"]
    assert {tag["key"]: tag["value"] for tag in listed} == wanted
    assert all(tag["propagateAtLaunch"] is True for tag in listed)
    given = {spec["resourceType"]: spec["tags"] for spec in made.one(TEMPLATE).inputs["tagSpecifications"]}
    assert given == {"instance": wanted, "volume": wanted}


def test_the_group_is_named_by_stack_and_service_and_goes_before_another_comes(deploy: Any) -> None:
    group = deploy(fleet()).one(GROUP)
    assert group.inputs["name"] == "groundwork-test-legacy"
    assert group.delete_before_replace


def test_it_is_watched_for_answers_members_health_load_memory_and_disk(deploy: Any) -> None:
    made = deploy(fleet())
    signals: dict[str, Signal] = {signal.name: signal for signal in made.built.signals}
    assert set(signals) == {
        f"legacy-{topic}"
        for topic in (
            "errors", "latency-p95", "latency-p99", "below-minimum", "status", "unhealthy", "no-healthy-instance",
            "cpu", "memory", "disk",
        )
    }  # fmt: skip
    group = made.one(GROUP).inputs
    for signal in signals.values():
        runbook = RUNBOOKS / signal.runbook
        assert runbook.is_file()
        if signal.runbook.startswith("fleet-"):
            assert f"-{signal.name.partition('-')[2]}`" in runbook.read_text(), signal.name
        for metric in signal.metrics.values():
            if metric.namespace == "AWS/AutoScaling":
                assert metric.name in group["enabledMetrics"], "a metric that the group does not send"
    lowest = signals["legacy-below-minimum"]
    assert (lowest.threshold, lowest.severity, lowest.missing) == (2, Severity.CRITICAL, "breaching")


def test_memory_and_disk_are_measured_under_the_dimension_that_alarms_ask_for(deploy: Any) -> None:
    made = deploy(fleet())
    group = made.one(GROUP).inputs["name"]
    agent = json.loads(told(made).partition("agent.json\" <<'END'\n")[2].partition("\nEND")[0])
    metrics = agent["metrics"]
    assert metrics["namespace"] == "CWAgent"
    assert metrics["aggregation_dimensions"] == [["AutoScalingGroupName"]]
    for kind, measured in (("mem", "mem_used_percent"), ("disk", "disk_used_percent")):
        collected = metrics["metrics_collected"][kind]
        assert collected["append_dimensions"] == {"AutoScalingGroupName": group}
        assert measured == f"{kind}_{collected['measurement'][0]}"
    assert agent["agent"]["omit_hostname"] is True
    assert "append_dimensions" not in metrics, "that would take ec2:DescribeTags on everything"


def test_a_fleet_that_sleeps_is_not_woken_for(deploy: Any) -> None:
    night = {"when": "cron(0 20 ? * MON-FRI *)", "timezone": "UTC", "min": 0, "max": 0}
    morning = {"when": "cron(0 7 ? * MON-FRI *)", "timezone": "UTC", "min": 3, "max": 6}
    made = deploy(fleet(protected=False, scale={"min": 2, "max": 6, "schedules": {"night": night, "morning": morning}}))
    signals = {signal.name: signal for signal in made.built.signals}
    lowest = signals["legacy-below-minimum"]
    assert lowest.expression == "IF(wanted == 0, 2, there)"
    assert signals["legacy-no-healthy-instance"].missing == "notBreaching"


def test_the_programs_of_the_instance_are_files_of_the_project() -> None:
    assert machine.SCRIPT.is_file()
    assert machine.RUN.is_file()
    assert Path("components/compute/fleet_rollout_function.py").is_file()
