"""The requests for a policy pack, built from registrations as the SDK sends them."""

from typing import Any

from pulumi.runtime.proto import analyzer_pb2, resource_pb2

from preflight import engine_view, wire
from preflight.monitor import Monitor
from preflight.places import Places
from preflight.run import Run
from preflight.simulation.place import Place

BUCKET = "aws:s3/bucket:Bucket"
GROUP = "aws:ec2/securityGroup:SecurityGroup"


def monitor(*, preview: bool) -> Monitor:
    run = Run(
        project="demo", stack="dev", organization="acme", preview=preview, config={"aws:region": "eu-west-1"},
        secret_keys=frozenset({"aws:secretKey"}), place=Place("eu-west-1", "111122223333"), answers={},
        stack_outputs={},
    )  # fmt: skip
    return Monitor(run, Places("/nowhere"))


def register(
    to: Monitor, type_token: str, name: str, inputs: dict[str, Any], **fields: Any
) -> resource_pb2.RegisterResourceResponse:
    request = resource_pb2.RegisterResourceRequest(
        type=type_token, name=name, object=wire.struct(inputs), **{"custom": True, "version": "7.51.1", **fields}
    )
    return to.RegisterResource(request)


def analyzed(of: Monitor, name: str) -> analyzer_pb2.AnalyzeRequest:
    return next(request for request in engine_view.analyze_requests(of) if request.name == name)


def analyzed_at_the_end(of: Monitor, name: str) -> analyzer_pb2.AnalyzerResource:
    return next(r for r in engine_view.analyze_stack_request(of).resources if r.name == name)


def properties(message: Any) -> dict[str, Any]:
    return wire.plain(message.properties)


def test_analyze_gets_inputs_after_check_without_internal_keys() -> None:
    asked = monitor(preview=True)
    register(asked, BUCKET, "Logs", {"forceDestroy": True, "__defaults": [], "tags": {"a": "b", "__defaults": []}})
    sent = properties(analyzed(asked, "Logs"))
    assert sent.pop("bucket").startswith("logs-"), "autonaming happens in Check, so a preview knows the name"
    assert sent.pop("tagsAll")["a"] == "b", "the provider adds up the tags in Check as well"
    assert sent == {"forceDestroy": True, "tags": {"a": "b", "__defaults": []}}


def test_a_prefix_keeps_the_name_from_being_filled_in() -> None:
    asked = monitor(preview=True)
    register(asked, BUCKET, "logs", {"bucketPrefix": "logs"})
    assert properties(analyzed(asked, "logs")) == {"bucketPrefix": "logs", "tagsAll": {}}


def test_secrets_and_unknowns_keep_their_marks_on_the_way_to_a_pack() -> None:
    asked = monitor(preview=True)
    given = {"vpcId": wire.UNKNOWN, "description": wire.secret("quiet"), "name": "g"}
    register(asked, GROUP, "g", given)
    assert properties(analyzed(asked, "g")) == {**given, "tagsAll": {}}


def test_what_aws_computes_is_unknown_at_the_end_of_a_preview_and_known_after_an_update() -> None:
    before, after = monitor(preview=True), monitor(preview=False)
    for asked in (before, after):
        register(asked, GROUP, "g", {"vpcId": "vpc-1", "description": "d"})
    planned, made = properties(analyzed_at_the_end(before, "g")), properties(analyzed_at_the_end(after, "g"))
    for key in ("arn", "ingress", "egress", "id"):
        assert planned[key] == wire.UNKNOWN
    assert planned["vpcId"] == "vpc-1"
    assert "ingress" not in properties(analyzed(before, "g")), "Analyze sees inputs only"
    assert made["ingress"] == []
    assert made["id"].startswith("sg-")
    assert made["arn"].endswith(made["id"])


def test_options_parent_and_dependencies_are_those_of_the_registration() -> None:
    asked = monitor(preview=True)
    parent = register(asked, "demo:a:Shelf", "shelf", {"x": 1}, custom=False, version="").urn
    vpc = register(asked, "aws:ec2/vpc:Vpc", "net", {}).urn
    request: dict[str, Any] = {
        "parent": parent,
        "protect": True,
        "ignoreChanges": ["tags"],
        "deleteBeforeReplace": True,
        "deleteBeforeReplaceDefined": True,
        "additionalSecretOutputs": ["arn"],
        "customTimeouts": resource_pb2.RegisterResourceRequest.CustomTimeouts(create="10m"),
        "dependencies": [vpc],
        "propertyDependencies": {"vpcId": resource_pb2.RegisterResourceRequest.PropertyDependencies(urns=[vpc])},
    }
    register(asked, GROUP, "g", {"vpcId": wire.UNKNOWN}, **request)
    first, last = analyzed(asked, "g"), analyzed_at_the_end(asked, "g")
    for options in (first.options, last.options):
        assert (options.protect, options.parent, list(options.ignoreChanges)) == (True, parent, ["tags"])
        assert (options.deleteBeforeReplace, options.deleteBeforeReplaceDefined) == (True, True)
        assert list(options.additionalSecretOutputs) == ["arn"]
        assert options.customTimeouts.create == 600
        assert list(options.aliases) == []
    assert (last.parent, list(last.dependencies)) == (parent, [vpc])
    assert {key: list(value.urns) for key, value in last.propertyDependencies.items()} == {"vpcId": [vpc]}
    assert properties(last)["arn"] == wire.secret(wire.UNKNOWN)
    unset = analyzed(asked, "net").options
    assert (unset.protect, unset.deleteBeforeReplaceDefined) == (False, False)


def test_a_resource_comes_with_its_provider_and_a_component_without_one() -> None:
    asked = monitor(preview=True)
    register(asked, GROUP, "g", {})
    register(asked, "demo:a:Shelf", "shelf", {"x": 1}, custom=False, version="")
    provider = analyzed(asked, "g").provider
    assert (provider.type, provider.name) == ("pulumi:providers:aws", "default_7_51_1")
    assert properties(provider) == {"region": "eu-west-1", "version": "7.51.1"}
    assert not analyzed(asked, "shelf").HasField("provider")
    assert analyzed(asked, "default_7_51_1").type == "pulumi:providers:aws", "providers are analysed too"


def test_a_component_is_judged_by_its_inputs_first_and_its_outputs_at_the_end() -> None:
    asked = monitor(preview=True)
    urn = register(asked, "demo:a:Shelf", "shelf", {"x": 1}, custom=False, version="").urn
    asked.RegisterResourceOutputs(resource_pb2.RegisterResourceOutputsRequest(urn=urn, outputs=wire.struct({"y": 2})))
    assert properties(analyzed(asked, "shelf")) == {"x": 1}
    assert properties(analyzed_at_the_end(asked, "shelf")) == {"y": 2}


def test_what_is_read_from_the_cloud_is_not_judged() -> None:
    asked = monitor(preview=False)
    asked.ReadResource(resource_pb2.ReadResourceRequest(type="aws:ec2/vpc:Vpc", name="old", id="vpc-1"))
    assert "old" not in [request.name for request in engine_view.analyze_requests(asked)]
    assert "old" not in [resource.name for resource in engine_view.analyze_stack_request(asked).resources]


def test_the_pack_is_told_about_the_stack() -> None:
    told = engine_view.stack_configuration(monitor(preview=True).run)
    assert (told.project, told.stack, told.organization, told.dry_run) == ("demo", "dev", "acme", True)
    assert dict(told.config) == {"aws:region": "eu-west-1"}
    assert list(told.config_secret_keys) == ["aws:secretKey"]


def test_a_name_made_from_a_secret_stays_a_secret() -> None:
    asked = monitor(preview=False)
    urn = register(asked, BUCKET, "b", {"bucket": wire.secret("hidden-bucket")}).urn
    entry = asked.registry.entries[urn]
    assert "hidden-bucket" not in entry.id
    assert entry.outputs["arn"] == wire.secret("arn:aws:s3:::hidden-bucket")
    assert "hidden-bucket" not in str(entry.to_resource().to_json())


def test_a_zone_that_aws_picks_is_not_made_up_for_a_policy() -> None:
    asked, subnet = monitor(preview=False), "aws:ec2/subnet:Subnet"
    register(asked, subnet, "any", {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"})
    register(asked, subnet, "said", {"vpcId": "vpc-1", "cidrBlock": "10.0.1.0/24", "availabilityZone": "eu-west-1b"})
    sent = properties(analyzed_at_the_end(asked, "any"))
    assert not {"availabilityZone", "availabilityZoneId"} & {*sent}
    assert sent["id"].startswith("subnet-"), "the rest of what AWS computes is"
    said = properties(analyzed_at_the_end(asked, "said"))
    assert said["availabilityZone"] == "eu-west-1b"
    assert "availabilityZoneId" in said, "that follows from what the program says"
