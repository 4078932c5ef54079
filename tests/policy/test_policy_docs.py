"""docs/policies.md says what the code says: every control, every parameter, the message, the policies."""

import json
import re
from pathlib import Path

from guardrails.config import POLICY, Config, parse, schema
from guardrails.controls import CONTROLS
from guardrails.pack import ADVISORY_POLICY, CONFIG_CONTROL, STACK_POLICY
from guardrails.verdicts import Control, Outcome, Scope

from tests.policy.graphs import only
from tests.policy.houses import network

PAGE = (Path(__file__).parents[2] / "docs" / "policies.md").read_text()


def block(name: str) -> list[str]:
    """The lines of a marked block."""
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", PAGE, re.DOTALL)
    assert found is not None, f"docs/policies.md has no block {name!r}"
    return found[1].splitlines()


def row(control: Control) -> str:
    """How the page shows a control."""
    early = "yes" if control.scope is Scope.RESOURCE else "no"
    says, fix = (
        text.replace("|", r"\|").replace("*", r"\*") for text in (f"{control.title}. {control.why}", control.fix)
    )
    references = ", ".join(control.references) or "none"
    return f"| {' | '.join((f'`{control.id}`', control.severity, control.level, early, says, fix, references))} |"


def test_the_table_of_controls_is_that_of_the_code() -> None:
    head = [
        "| control | severity | level | stops one resource | says | fix | references |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    assert block("controls") == head + [row(control) for control in CONTROLS]


def test_the_table_of_parameters_is_that_of_the_schema() -> None:
    named = re.findall(r"^\| `(\w+)` \|", "\n".join(block("parameters")), re.MULTILINE)
    assert sorted(named) == sorted(schema(CONTROLS))


def test_the_example_of_a_configuration_is_valid() -> None:
    example = json.loads("\n".join(line for line in block("configuration") if not line.startswith("```")))
    assert parse(example[POLICY], CONTROLS) != Config()


def test_the_example_of_a_message_is_a_real_one() -> None:
    program = network()
    program["nat-out"].inputs["gatewayId"] = program["igw"].id
    del program["nat-out"].inputs["natGatewayId"]
    program["db"].inputs["subnetIds"] = [program["data-a"].id]
    said = only(program, "preview", "db-subnet-not-public").message()
    assert [line for line in block("message") if not line.startswith("```")] == said.splitlines()


def test_the_policies_and_verdicts_have_their_names_on_the_page() -> None:
    for name in (POLICY, STACK_POLICY, ADVISORY_POLICY, CONFIG_CONTROL, *(str(outcome) for outcome in Outcome)):
        assert f"`{name}`" in PAGE or f"**{name}**" in PAGE, name
