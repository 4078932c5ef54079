"""The real pack process over Pulumi's own protocol: one start, as the engine does it."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from guardrails import kinds
from guardrails.config import POLICY
from guardrails.controls import CONTROLS
from guardrails.pack import ADVISORY_POLICY, NAME, REMEDY_POLICY, STACK_POLICY
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from tests.policy.graphs import UNKNOWN, Phase, Program, Resource, hidden, resolved
from tests.policy.houses import bucket, everything, role, statement, tiers
from tests.policy.test_policy_pack import UNREAD

ROOT = Path(__file__).parents[2]
PHASE: Phase = "preview"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hunter2"}


@contextmanager
def pack(directory: Path) -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    place = {
        "PULUMI_PROJECT": "program", "PULUMI_STACK": "test", "PULUMI_DRY_RUN": "true", "PULUMI_ORGANIZATION": "acme",
        "PULUMI_CONFIG": "{}", "PYTHONPATH": str(ROOT / "policy"),
    }  # fmt: skip
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(directory)]
    process = subprocess.Popen(command, cwd=directory, env=os.environ | place, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def server() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    with pack(ROOT / "policy") as stub:
        yield stub


@pytest.fixture
def stub(server: analyzer_pb2_grpc.AnalyzerStub) -> analyzer_pb2_grpc.AnalyzerStub:
    configure(server, {})
    return server


def configure(stub: analyzer_pb2_grpc.AnalyzerStub, parameters: Mapping[str, Any], **levels: Any) -> None:
    """The engine sends every policy its level after its own merge, and only ours has parameters."""
    defaults = {
        POLICY: analyzer_pb2.MANDATORY,
        STACK_POLICY: analyzer_pb2.MANDATORY,
        ADVISORY_POLICY: analyzer_pb2.ADVISORY,
    }
    request = analyzer_pb2.ConfigureAnalyzerRequest()
    for policy, level in (defaults | levels).items():
        request.policyConfig[policy].enforcementLevel = level
        if policy == POLICY:
            request.policyConfig[policy].properties.update(parameters)
    stub.Configure(request)


def struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(dict(properties))
    return made


def analyze(stub: analyzer_pb2_grpc.AnalyzerStub, resource: Resource, phase: Phase = PHASE) -> list[Any]:
    inputs = hidden(resource.inputs) if phase == "preview" else resolved(resource.inputs)
    options = analyzer_pb2.AnalyzerResourceOptions(parent=resource.parent.urn if resource.parent else "")
    request = analyzer_pb2.AnalyzeRequest(
        type=resource.type, name=resource.name, urn=resource.urn, properties=struct(inputs), options=options
    )
    return list(stub.Analyze(request).diagnostics)


def analyze_stack(stub: analyzer_pb2_grpc.AnalyzerStub, program: Program, phase: Phase = PHASE) -> list[Any]:
    request = analyzer_pb2.AnalyzeStackRequest()
    for resource in program.resources.values():
        sent = request.resources.add(
            type=resource.type, name=resource.name, urn=resource.urn, properties=struct(resource.properties(phase)),
            parent=resource.parent.urn if resource.parent else "",
        )  # fmt: skip
        for key, sources in resource.edges().items():
            sent.propertyDependencies[key].urns.extend(source.urn for source in sources)
    return list(stub.AnalyzeStack(request).diagnostics)


def run(stub: analyzer_pb2_grpc.AnalyzerStub, program: Program, phase: Phase = PHASE) -> list[Any]:
    found = [diagnostic for resource in program.resources.values() for diagnostic in analyze(stub, resource, phase)]
    return found + analyze_stack(stub, program, phase)


def text(diagnostic: Any) -> str:
    """What the pack said; the SDK puts the policy's description on a line before it."""
    return str(diagnostic.message.removeprefix(diagnostic.description + "\n"))


def test_the_pack_introduces_itself(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    info = stub.GetAnalyzerInfo(empty_pb2.Empty())
    assert info.name == NAME
    assert [policy.name for policy in info.policies] == [POLICY, REMEDY_POLICY, STACK_POLICY, ADVISORY_POLICY]
    levels = [policy.enforcementLevel for policy in info.policies]
    assert levels == [analyzer_pb2.MANDATORY, analyzer_pb2.DISABLED, analyzer_pb2.MANDATORY, analyzer_pb2.ADVISORY]
    assert set(info.policies[0].configSchema.properties["levels"]["properties"]) == {c.id for c in CONTROLS}
    assert not [policy.name for policy in info.policies[1:] if policy.HasField("configSchema")], "in one place only"


@pytest.mark.parametrize("phase", ["preview", "update"])
def test_a_compliant_program_is_met_with_silence(stub: analyzer_pb2_grpc.AnalyzerStub, phase: Phase) -> None:
    assert [text(diagnostic) for diagnostic in run(stub, everything(), phase)] == []


def test_a_resource_is_stopped_before_it_is_made(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    program = Program()
    database = program.add(kinds.DB_INSTANCE, "db", storageEncrypted=True, publiclyAccessible=True, password=SECRET)
    found = analyze(stub, database)
    (diagnostic,) = [each for each in found if "[rds-not-publicly-accessible]" in text(each)]
    assert diagnostic.enforcementLevel == analyzer_pb2.MANDATORY
    assert diagnostic.urn == database.urn
    assert text(diagnostic).splitlines() == [
        "[rds-not-publicly-accessible] violation: it gets a public address",
        "resource: db (aws:rds/instance:Instance)",
        "path: database db",
        "fix: set publicly_accessible=False",
        "references: RDS.2, Redshift.1, DMS.1, CIS 2.2.3, CKV_AWS_17",
    ]
    assert not [each for each in found if "hunter2" in each.message]


def test_the_graph_is_walked_with_every_id_unknown(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    program = tiers()
    assert set(program["data-a-table"].properties("preview").values()) == {UNKNOWN}
    program["nat-out"].inputs["gatewayId"] = program["igw"].id
    del program["nat-out"].inputs["natGatewayId"]
    found = run(stub, program)
    assert {diagnostic.urn for diagnostic in found} == {program["db"].urn}
    assert all(diagnostic.policyName == STACK_POLICY for diagnostic in found)
    assert "-> route table data-table -> route nat-out -> internet gateway igw" in text(found[0])


def test_undecided_is_advisory_and_said_once(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    program = role()
    del program["web"].inputs["statements"]
    program["web"].name = program["web"].name + "-quiet"
    found = run(stub, program)
    assert {diagnostic.enforcementLevel for diagnostic in found} == {analyzer_pb2.ADVISORY}
    waits = "undecided: the policy document, a value from table table"
    firsts = [text(diagnostic).splitlines()[0] for diagnostic in found]
    assert firsts == [f"[{name}] {waits}" for name in UNREAD]


@pytest.mark.parametrize("parents_first", [True, False])
def test_component_inputs_are_remembered_until_the_stack_is_judged(
    stub: analyzer_pb2_grpc.AnalyzerStub, parents_first: bool
) -> None:
    program = bucket()
    public = statement(Principal="*", Action="s3:GetObject", Resource="*")
    program["files-policy-room"].inputs["statements"].append(public)
    order = list(program.resources.values())
    found = [diagnostic for resource in order[:: 1 if parents_first else -1] for diagnostic in analyze(stub, resource)]
    assert found == [], "a resource alone never tells what its component says, whoever came first"
    (diagnostic,) = analyze_stack(stub, program)
    assert diagnostic.policyName == STACK_POLICY
    assert "path: bucket policy files-policy -> statements of files-policy-room" in text(diagnostic)


def test_levels_of_single_controls_and_of_the_engine_both_hold(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    program = tiers()
    program["writer"].inputs["publiclyAccessible"] = True
    configure(stub, {"levels": {"rds-not-publicly-accessible": "advisory"}})
    (diagnostic,) = run(stub, program)
    assert (diagnostic.policyName, diagnostic.enforcementLevel) == (ADVISORY_POLICY, analyzer_pb2.ADVISORY)
    configure(stub, {}, **{POLICY: analyzer_pb2.ADVISORY})
    (diagnostic,) = run(stub, program)
    assert (diagnostic.policyName, diagnostic.enforcementLevel) == (POLICY, analyzer_pb2.ADVISORY)


def test_a_wrong_configuration_is_a_clear_mandatory_message(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    configure(stub, {"levels": {"iam-no-admin-start": "advisory"}})
    program = tiers()
    root = program.add("pulumi:pulumi:Stack", "program-test")
    (diagnostic,) = run(stub, program)
    assert diagnostic.urn == root.urn
    assert diagnostic.enforcementLevel == analyzer_pb2.MANDATORY
    assert text(diagnostic).splitlines() == [
        (
            "[pack-config] violation: the configuration of the pack is wrong: unknown control in levels: "
            "'iam-no-admin-start'; did you mean 'iam-no-admin-star'?"
        ),
        "fix: correct the file that --policy-pack-config names",
    ]


def test_no_control_ever_touches_an_unknown_by_accident(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    program = everything()
    for resource in program.resources.values():
        for key in list(resource.inputs):
            if resource.type.startswith("aws:"):
                resource.inputs[key] = program["main"].out(key)
    messages = [diagnostic.message for diagnostic in run(stub, program)]
    assert messages, "nothing is passed that cannot be known"
    assert not [message for message in messages if "can't run policy" in message or "internal error" in message]


FAILING = """
from dataclasses import replace
from guardrails.controls import CONTROLS
from guardrails.pack import NAME, policies
from pulumi_policy import PolicyPack

def fails(node, view):
    raise ValueError("hunter2")

CLOSED, PUBLIC = (next(c for c in CONTROLS if c.id == i) for i in ("default-sg-closed", "rds-not-publicly-accessible"))
PolicyPack(NAME, policies([replace(c, id="z-" + c.id, judge=fails) for c in (CLOSED, PUBLIC)] + list(CONTROLS)))
"""


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    folder = tmp_path_factory.mktemp("failing")
    (folder / "__main__.py").write_text(FAILING)
    with pack(folder) as stub:
        configure(stub, {})
        yield stub


@pytest.mark.parametrize("phase", ["preview", "update"])
def test_a_control_that_throws_is_its_own_finding_and_hides_nothing(
    failing: analyzer_pb2_grpc.AnalyzerStub, phase: Phase
) -> None:
    program = tiers()
    program["writer"].inputs["publiclyAccessible"] = True
    del program["default"]
    found = run(failing, program, phase)
    said = sorted((diagnostic.urn.rpartition("::")[2], text(diagnostic).split(":")[0]) for diagnostic in found)
    assert said == [
        ("cluster", "[z-rds-not-publicly-accessible] internal error"),
        ("main", "[default-sg-closed] violation"),
        ("main", "[z-default-sg-closed] internal error"),
        ("writer", "[rds-not-publicly-accessible] violation"),
        ("writer", "[z-rds-not-publicly-accessible] internal error"),
    ]
    assert {diagnostic.enforcementLevel for diagnostic in found} == {analyzer_pb2.MANDATORY}
    assert not [diagnostic for diagnostic in found if "hunter2" in diagnostic.message]


def test_resources_sent_side_by_side_get_the_verdicts_of_those_sent_in_turn(
    stub: analyzer_pb2_grpc.AnalyzerStub,
) -> None:
    program = everything()
    program["writer"].inputs["publiclyAccessible"] = True
    program["web"].inputs["statements"].append(statement(Action="*", Resource="*"))
    del program["default"]
    expected = sorted((d.policyName, d.urn, text(d)) for d in run(stub, program))
    assert len(expected) >= 3
    for turn in range(4):
        order = list(program.resources.values())[:: 1 if turn % 2 else -1]
        with ThreadPoolExecutor(4) as pool:
            found = [d for answers in pool.map(lambda resource: analyze(stub, resource), order) for d in answers]
        assert sorted((d.policyName, d.urn, text(d)) for d in found + analyze_stack(stub, program)) == expected


def test_which_run_it_is_comes_with_a_call_of_the_engine_too(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    """Started through a language plugin a pack has no environment that says so."""
    program = Program()
    program.add(kinds.DB_INSTANCE, "store", engine="postgres", storageEncrypted=True, deletionProtection=False)
    asked = "[rds-deletion-protection] violation"
    assert not [found for found in run(stub, program) if text(found).startswith(asked)]
    told = analyzer_pb2.AnalyzerStackConfigureRequest
    try:
        stub.ConfigureStack(told(stack="prod", project="program", dry_run=False))
        assert [found for found in run(stub, program) if text(found).startswith(asked)], "prod is protected"
    finally:
        stub.ConfigureStack(told(stack="test", project="program", dry_run=True))
    assert not [found for found in run(stub, program) if text(found).startswith(asked)]


def test_remedies_are_off_by_themselves(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    (remedies,) = [
        policy for policy in stub.GetAnalyzerInfo(empty_pb2.Empty()).policies if policy.name == REMEDY_POLICY
    ]
    assert remedies.enforcementLevel == analyzer_pb2.DISABLED
