"""docs/policies.md says what the code says: every control, every parameter, the message, the policies."""

import json
import re

from guardrails.config import POLICY, Config, parse, schema
from guardrails.controls import CONTROLS
from guardrails.pack import ADVISORY_POLICY, CONFIG_CONTROL, REMEDY_POLICY, STACK_POLICY
from guardrails.parameters import PARAMETERS
from guardrails.verdicts import Outcome, Scope

from preflight.simulation.changes import changes
from tests.policy import catalogue
from tests.policy.graphs import only
from tests.policy.houses import network

PAGE = catalogue.PAGE.read_text()


def block(name: str) -> list[str]:
    """The lines of a marked block."""
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", PAGE, re.DOTALL)
    assert found is not None, f"docs/policies.md has no block {name!r}"
    return found[1].splitlines()


def test_the_catalogue_is_that_of_the_code() -> None:
    assert catalogue.page(PAGE) == PAGE, "make policy-docs"


def test_every_key_of_the_configuration_is_on_the_page() -> None:
    parameters = {parameter.name for parameter in PARAMETERS}
    named = re.findall(r"^\| `(\w+)` \|", "\n".join(block("keys")), re.MULTILINE)
    assert sorted(named) == sorted(set(schema(CONTROLS)) - parameters)


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
    for name in (
        POLICY,
        STACK_POLICY,
        ADVISORY_POLICY,
        REMEDY_POLICY,
        CONFIG_CONTROL,
        *(str(outcome) for outcome in Outcome),
    ):
        assert f"`{name}`" in PAGE or f"**{name}**" in PAGE, name


def test_the_remedies_are_those_on_the_page_and_each_is_an_input_that_changes_in_place() -> None:
    remedies = {control.id: control for control in CONTROLS if control.remedy is not None}
    said = PAGE[PAGE.index("**Remedies.**") : PAGE.index("## On any program")]
    assert set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", said)) - {"guardrails-remedies"} == set(remedies)
    for control in remedies.values():
        assert control.remedy is not None
        assert control.scope is Scope.RESOURCE, "the engine mends what shows in one resource's own inputs"
        for kind in control.subjects:
            path, value = control.remedy
            (change,) = changes(kind, {path: not value}, {path: value})
            assert change.effect == "update", "in place"
