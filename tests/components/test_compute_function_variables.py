"""What settings foretell of the variables that `uses` brings, against what the program hands over."""

import json
from typing import Any

import pytest

from settings import Settings, tables
from settings.function_variables import brought, lengths
from settings.functions import FunctionSettings
from settings.rules import Stack
from settings.stores import variable as variable_of
from tests.committed import ROOT, Committed, stack_file
from tests.components.shapes import STACKS, UNJUDGED, inputs

EVERY = {**STACKS, **UNJUDGED}
DEFINITION, FUNCTION = "aws:ecs/taskDefinition:TaskDefinition", "aws:lambda/function:Function"


def settings_of(stack: dict[str, Any]) -> Settings:
    sections = {key.partition(":")[2]: value for key, value in stack["config"].items() if key.startswith("groundwork:")}
    sections.pop("secrets", None)
    return Settings.model_validate(sections, by_alias=True, by_name=False)


def told(report: dict[str, Any], name: str) -> dict[str, dict[str, str]]:
    """Service -> its plain variables: of the task definitions and the functions of a stack."""
    found = {}
    for called, definition in inputs(report, name, DEFINITION).items():
        container, *_ = json.loads(definition["containerDefinitions"])
        found[called.removesuffix("-task")] = {one["name"]: one["value"] for one in container["environment"]}
    for called, function in inputs(report, name, FUNCTION).items():
        found[called.removesuffix("-function")] = function.get("environment", {}).get("variables", {})
    return found


def judged(report: dict[str, Any], name: str, stack: dict[str, Any]) -> set[str]:
    """The kinds of stores whose variables were compared."""
    settings, region = settings_of(stack), tables.regions()[stack["config"]["aws:region"]]
    stores, given, seen = settings.data.stores, told(report, name), set()
    for called, service in settings.services.items():
        if called not in given:
            continue
        for store, levels in service.needs.items():
            if store not in stores:
                continue
            longest = lengths(store, levels, stores[store], region)
            for variable, length in longest.items():
                assert len(given[called][variable]) <= length, (called, variable, given[called][variable])
            ours = {variable for variable in given[called] if variable.startswith(variable_of(store, ""))}
            assert ours == longest.keys(), (called, store)
            seen.add(stores[store].kind)
    return seen


@pytest.mark.parametrize("name", [name for name in EVERY if name != "sealed"])
def test_no_variable_is_longer_than_was_foretold_and_none_is_forgotten(shaped: dict[str, Any], name: str) -> None:
    assert judged(shaped, name, EVERY[name]())


def test_every_kind_of_store_was_looked_at_and_functions_as_well(shipped_recording: Committed) -> None:
    report, stack = shipped_recording.report(), stack_file("prod")
    assert judged(report, "prod", stack) == {"database", "cache", "bucket", "table", "stream", "file system", "queue"}
    receipts = settings_of(stack).services["receipts"]
    assert isinstance(receipts, FunctionSettings)
    place = Stack(settings=settings_of(stack), region_code=stack["config"]["aws:region"], name="prod", root=ROOT)
    foretold = sum(brought(place, receipts).values())
    mine = told(report, "prod")["receipts"]
    actual = len(json.dumps({k: v for k, v in mine.items() if k not in receipts.environment}, separators=(",", ":")))
    assert actual - 1 <= foretold <= actual * 1.5
