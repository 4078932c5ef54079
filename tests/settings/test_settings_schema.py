"""The JSON schema and the reference of the stack file: fresh, and of one mind with the models."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from settings import Settings, schema, tables
from settings.shape import Shape
from tests.gathered import for_each

if TYPE_CHECKING:
    import jsonschema

ROOT = Path(__file__).parents[2]
STACKS = sorted(ROOT.glob("Pulumi.*.yaml"))
StackFile = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def validator() -> "jsonschema.Draft7Validator":
    import jsonschema  # noqa: PLC0415 - not by every process that collects the tests

    content = json.loads((ROOT / "settings" / "schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(content)
    return jsonschema.Draft7Validator(content)


def test_schema_and_reference_are_what_the_models_say() -> None:
    assert schema.stale() == [], "run: python -m settings.schema"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder into which both files were just written."""
    for folder in ("settings", "docs"):
        (tmp_path / folder).mkdir()
    assert schema.main([], tmp_path) == 0
    return tmp_path


def test_up_to_date_files_pass_the_check(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert schema.main(["--check"], elsewhere) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", ["settings/schema.json", "docs/settings.md"])
@pytest.mark.parametrize("fate", ["edited", "deleted"])
def test_a_stale_file_is_named_with_the_command_that_mends_it(
    elsewhere: Path, name: str, fate: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = elsewhere / name
    if fate == "edited":
        file.write_text(file.read_text().replace("65535", "65536"))
    else:
        file.unlink()
    assert schema.main(["--check"], elsewhere) == 1
    said = capsys.readouterr().err
    assert said == f"{name} is not what the settings models say. Run: python -m settings.schema\n"


@pytest.mark.parametrize("path", STACKS, ids=lambda path: path.name)
def test_a_committed_stack_file_fits_and_names_the_schema(path: Path, validator: "jsonschema.Draft7Validator") -> None:
    assert [error.message for error in validator.iter_errors(yaml.safe_load(path.read_text()))] == []
    assert path.read_text().splitlines()[0] == "# yaml-language-server: $schema=settings/schema.json"


def test_the_baseline_fits(stack_file: StackFile, validator: "jsonschema.Draft7Validator") -> None:
    assert list(validator.iter_errors(stack_file({}))) == []


@for_each(
    "changes",
    [
        {"network.subnet_mask": 24},
        {"network.subnetMask": "24"},
        {"network.subnetMask": 29},
        {"network.nat": "one"},
        {"network.availabilityZones": ["us-east-1a", "us-east-1a"]},
        {"network.flowLogs.retentionDays": 15},
        {"aws:region": "us-east-11"},
        {"aws:region": ...},
        {"aws:defaultTags": {"tags": {"team": "shop"}}},
        {"servces": {}},
        {"edge": ...},
        {"edge.domain": "https://x.example.com"},
        {"data.databases.main.engine": "mysql"},
        {"data.databases.main.minCapacity": 0.7},
        {"data.databases.Main": {}},
        {"services.web.size.memory": 3000},
        {"services.web.size.cpu": 1000},
        {"services.web.uses.main": "owner"},
        {"services.web.environment.PORT": 80},
    ],
    name=str,
)
def test_an_editor_sees_the_mistake(
    changes: dict[str, Any], stack_file: StackFile, validator: "jsonschema.Draft7Validator"
) -> None:
    assert list(validator.iter_errors(stack_file(changes)))


def test_keys_of_others_are_let_be(stack_file: StackFile, validator: "jsonschema.Draft7Validator") -> None:
    content = {**stack_file({"aws:profile": "x", "datadog:site": "y"}), "secretsprovider": "awskms://alias/x"}
    assert list(validator.iter_errors(content)) == []


def test_schema_and_models_agree_on_every_fargate_pair(
    stack_file: StackFile, load: Callable[..., Any], validator: "jsonschema.Draft7Validator"
) -> None:
    sizes = tables.fargate_sizes()
    every = sorted({memory for offered in sizes.values() for memory in offered})
    pairs = {f"s{cpu}-{memory}": (cpu, memory) for cpu in sizes for memory in every}
    web = stack_file({})["config"]["groundwork:services"]["web"]
    services = {name: {**web, "size": {**web["size"], "cpu": c, "memory": m}} for name, (c, m) in pairs.items()}
    wrong = {error.absolute_path[2] for error in validator.iter_errors(stack_file({"services": services}))}
    fits = [pair for name, pair in pairs.items() if name not in wrong]
    assert fits == [(cpu, memory) for cpu, offered in sizes.items() for memory in sorted(offered)]
    assert len(fits) == 77, "as many pairs as AWS documents"
    assert load({"services.web.size.cpu": 32768, "services.web.size.memory": 249856}).services["web"].size.cpu == 32768


def test_the_reference_has_every_fargate_pair() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    rows = re.findall(r"^\| (\d+) \| [\d.]+ \| ([\d, ]+) \|$", text.partition("## Sizes of a task")[2], re.MULTILINE)
    pairs = {int(cpu): tuple(map(int, memory.split(", "))) for cpu, memory in rows}
    assert pairs == tables.fargate_sizes()


def test_every_key_is_described_and_stands_in_the_reference() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    shape = Shape(Settings.model_json_schema())
    leaves = list(_leaves(shape, shape.schema, ""))
    assert len(leaves) > 40
    for path, description in leaves:
        assert description.endswith((".", ").")), f"{path} has no description"
        assert f"`{path.partition('.')[2]}`" in text, f"{path} is not in docs/settings.md"


def _leaves(shape: Shape, node: dict[str, Any], above: str) -> Iterator[tuple[str, str]]:
    for name, raw in node.get("properties", {}).items():
        child = shape.plain(raw)
        path = f"{above}.{name}".removeprefix(".")
        if not child.get("properties") and above:
            yield path, raw.get("description") or ""
        yield from _leaves(shape, child, path)
    for inner in node.get("patternProperties", {}).values():
        entry = shape.plain(inner)
        for branch in entry.get("oneOf", [entry]):
            yield from _leaves(shape, shape.plain(branch), f"{above}.<name>")
