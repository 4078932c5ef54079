"""Programs that misbehave, or use what preflight does not read: a clear message, or less said, never a wrong figure."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.preflight.cli_support import Project

NETWORK = """
    import pulumi
    import pulumi_aws as aws

    vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
    pulumi.export("vpcId", vpc.id)
    pulumi.export("name", "net")
    pulumi.export("token", pulumi.Output.secret("swordfish-9"))
"""
READER = """
    import pulumi
    import pulumi_aws as aws

    other = pulumi.StackReference("organization/net/dev")
    aws.ec2.Subnet("sub", vpc_id=other.require_output("vpcId"), cidr_block="10.0.0.0/24")
    aws.ssm.Parameter("token", type="SecureString", value=other.require_output("token"))
    pulumi.export("name", other.get_output("name"))
"""


@pytest.fixture
def network(tmp_path: Path) -> Project:
    found = Project(tmp_path / "network")
    found.write("Pulumi.yaml", "name: net\nruntime: python\n")
    found.write("__main__.py", NETWORK)
    return found


def test_another_stack_s_own_report_answers_a_stack_reference(
    project: Project, network: Project, tmp_path: Path
) -> None:
    saved = tmp_path / "net.json"
    assert network.check("--json", str(saved)).code == 0
    project.write("__main__.py", READER)
    found = project.report("--stack-outputs", str(saved))["stacks"]["dev"]
    subnet = next(each for each in found["resources"] if each["name"] == "sub")
    assert subnet["inputs"]["vpcId"] == json.loads(saved.read_text())["stacks"]["dev"]["exports"]["vpcId"]["value"]
    assert found["exports"]["name"]["value"] == "net"
    assert "swordfish" not in json.dumps(found)


def test_a_fixture_answers_a_stack_reference_as_before(project: Project, tmp_path: Path) -> None:
    project.write("__main__.py", READER)
    fixture = tmp_path / "outputs.json"
    fixture.write_text('{"organization/net/dev": {"vpcId": "vpc-1", "token": "t", "name": "n"}}')
    found = project.report("--stack-outputs", str(fixture))["stacks"]["dev"]
    assert next(each for each in found["resources"] if each["name"] == "sub")["inputs"]["vpcId"] == "vpc-1"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"schemaVersion": 2, "stacks": {}}', "a report of schema 2, this preflight reads 1"),
        ('{"schemaVersion": 1, "stacks": {"dev": {"errors": [{}], "resources": []}}}', "stack 'dev' did not run"),
    ],
)
def test_a_report_that_cannot_answer_is_refused(project: Project, tmp_path: Path, content: str, said: str) -> None:
    project.write("__main__.py", READER)
    fixture = tmp_path / "outputs.json"
    fixture.write_text(content)
    result = project.check("--stack-outputs", str(fixture))
    assert result.code == 2
    assert said in " ".join(result.out.split())


def test_an_aws_type_of_a_provider_that_is_chosen_is_remarked_on_where_nobody_knows_it(project: Project) -> None:
    project.write("__main__.py", """
        import pulumi

        class Thing(pulumi.CustomResource):
            def __init__(self, name):
                chosen = pulumi.ResourceOptions(version="99.0.0")
                super().__init__("aws:nosuch/thing:Thing", name, {"a": 1}, chosen)

        Thing("t")
    """)  # fmt: skip
    found = project.report()["stacks"]["dev"]
    assert [note for note in found["notes"] if "aws:nosuch/thing:Thing is no type" in note]
    assert [each["urn"].rpartition("::")[2] for each in found["cost"]["unpriced"]] == ["t"]


def test_what_other_providers_make_is_shown_counted_not_priced_and_not_called_unreachable(project: Project) -> None:
    project.write("__main__.py", """
        import pulumi

        class Thing(pulumi.CustomResource):
            def __init__(self, name):
                super().__init__("kubernetes:core/v1:Service", name, {"spec": {"type": "LoadBalancer"}})

        Thing("front")
    """)  # fmt: skip
    said = project.check().out
    assert "dev: fine, 1 resource" in said
    assert "not or not fully priced: kubernetes" in said
    assert "The world reaches nothing of AWS that is made here" in said
    assert "not read: what kubernetes makes" in said


def test_a_program_of_aws_alone_says_plainly_that_nothing_is_reached(network: Project) -> None:
    said = network.check().out
    assert "The world reaches nothing\n" in said
    assert "not read" not in said


def test_a_program_that_floods_its_output_is_reported_all_the_same(project: Project) -> None:
    project.write(
        "__main__.py",
        "print('{\"ok\": true}')\nprint('x' * 2_000_000)\n" + (project.directory / "__main__.py").read_text(),
    )
    result = project.check("--json", "-")
    assert json.loads(result.out)["stacks"]["dev"]["summary"]["resources"] == 2
    assert "xxxx" not in result.everything


def test_a_message_with_a_name_that_is_no_utf_8_is_told_as_the_program_s_own(project: Project, tmp_path: Path) -> None:
    project.write("__main__.py", 'raise RuntimeError("cannot read caf\\udce9")')
    written = [tmp_path / name for name in ("r.html", "r.sarif", "r.xml")]
    options = zip(("--html", "--sarif", "--junit"), map(str, written), strict=True)
    result = project.check(*(word for option in options for word in option))
    assert (result.code, result.err) == (2, "")
    assert "cannot read caf?" in result.out
    assert all("cannot read caf?" in file.read_text() for file in written)


def test_a_hang_is_ended_with_its_line(project: Project) -> None:
    project.write("__main__.py", "import time\nwhile True:\n    time.sleep(1)\n")
    result = project.check("--timeout", "3")
    assert result.code == 2
    assert "__main__.py:3: the program did not end within 3 s" in result.out


def test_a_narrow_terminal_gets_narrow_lines(network: Project, tmp_path: Path) -> None:
    for columns in (40, 20):
        said = network.check(kept=tmp_path, COLUMNS=str(columns)).out
        words = [word for line in said.splitlines() for word in line.split()]
        assert max(map(len, said.splitlines())) <= columns
        assert "Vpc" in " ".join(words)


def test_mistakes_of_the_usage_figures_come_with_those_of_the_program_and_spare_other_stacks(project: Project) -> None:
    project.write(
        "__main__.py",
        """
        import pulumi
        if pulumi.Config().get("size") != "1":
            raise pulumi.RunError("shop:size\\n  must be 1")
        pulumi.export("place", "here")
    """,
    )
    figures = "config:\n  shop:size: {}\n  preflight:usage:\n    budget: '9'\n    load: {}\n"
    project.write("Pulumi.dev.yaml", figures.format(2, 0.5))
    project.write("Pulumi.test.yaml", figures.format(1, 3))
    project.write("Pulumi.zone.yaml", "config: {shop:size: 1}\n")
    stacks = project.report()["stacks"]
    program, usage = stacks["dev"]["errors"]
    assert (program["kind"], "shop:size (Pulumi.dev.yaml:2)" in program["message"]) == ("config", True)
    assert (usage["kind"], "preflight:usage.budget (Pulumi.dev.yaml:4)" in usage["message"]) == ("input", True)
    (only,) = stacks["test"]["errors"]
    assert ".budget (Pulumi.test.yaml:4)" in only["message"]
    assert ".load (Pulumi.test.yaml:5)" in only["message"]
    assert stacks["test"]["exports"]["place"]["value"] == "here", "the program ran all the same"
    assert stacks["test"]["cost"] is None
    assert [stacks[name]["summary"]["exitCode"] for name in ("dev", "test", "zone")] == [2, 2, 0]


def test_a_misspelt_config_is_the_first_thing_said_and_what_both_modes_print_is_printed_once(project: Project) -> None:
    project.write(
        "__main__.py",
        """
        import pulumi
        pulumi.log.warn("mind the step")
        pulumi.Config().require("size")
    """,
    )
    project.write("Pulumi.dev.yaml", "confg: {shop:size: 1}\n")
    result = project.check()
    assert result.code == 2
    cause, missing = (
        result.out.index("Pulumi.dev.yaml:1: Pulumi ignores the key 'confg'"),
        result.out.index("shop:size"),
    )
    assert cause < missing
    assert "dev, preview and update:" in result.err
    assert result.err.count("mind the step") == 1
    project.write("Pulumi.dev.yaml", "config: {}\nconfg: {shop:size: 1}\n")
    assert "found nothing set" not in project.check().out


def test_a_region_that_nobody_gives_is_noted_where_something_needs_one(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("Pulumi.dev.yaml", "config: {}\n")
    program = 'import pulumi\nimport pulumi_aws as aws\naws.sqs.Queue("jobs"{more})\naws.sqs.Queue("mails"{more})\n'

    def noted(more: str, **environment: Any) -> list[str]:
        project.write("__main__.py", program.replace("{more}", more))
        found = json.loads(project.check("--json", "-", **environment).out)
        return [note for note in found["stacks"]["dev"]["notes"] if "region" in note]

    (said,) = noted("")
    assert said.startswith("no region is given: us-east-1 is assumed for aws:sqs/queue:Queue 'jobs' and 1 more.")
    assert noted(', region="eu-west-1"') == []
    program = program.replace("aws.sqs", 'own = aws.Provider("own", region="eu-west-1")\naws.sqs', 1)
    assert noted(", opts=pulumi.ResourceOptions(provider=own)") == []
    assert len(noted("")) == 1
    assert noted("", AWS_REGION="eu-west-1") == []
    assert noted("", AWS_DEFAULT_REGION="eu-west-1") == []
    project.write("__main__.py", "import pulumi, pulumi_aws as aws\npulumi.export('at', aws.get_region().region)\n")
    ran = project.check("--json", "-", AWS_DEFAULT_REGION="eu-west-1", AWS_REGION="")
    assert json.loads(ran.out)["stacks"]["dev"]["exports"]["at"]["value"] == "eu-west-1"
    project.write("Pulumi.dev.yaml", "config: {aws:region: eu-west-1}\n")
    assert noted("") == []
