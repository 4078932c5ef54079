"""What a preview may replace and delete."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi_aws as aws
import pytest

from operations.budget import Allowance, Budget, Verdict, check, load
from operations.changes import read
from operations.stacks import ROOT, Refused, names
from preflight.simulation import holders
from tests.operations.support import events, step

EIP, CLUSTER, TASK = "aws:ec2/eip:Eip", "aws:rds/cluster:Cluster", "aws:ecs/taskDefinition:TaskDefinition"
SELECTION = "aws:backup/selection:Selection"
NOTHING = Budget(replacements=0, deletions=0)


def verdict(budget: Budget, *steps: dict[str, Any]) -> Verdict:
    return check(read(events(*steps)), budget)


def test_creating_and_updating_costs_nothing() -> None:
    found = verdict(NOTHING, step("create", f"{CLUSTER}::a"), step("update", f"{CLUSTER}::b", protect=True))
    assert (found.problems, found.remarks) == ([], [])


@pytest.mark.parametrize(("operation", "verb"), [("replace", "replaced"), ("delete", "deleted")])
def test_one_more_than_the_budget_fails_and_names_the_resources(operation: str, verb: str) -> None:
    budget = Budget(replacements=1, deletions=1)
    one, two = step(operation, f"{EIP}::a"), step(operation, f"{EIP}::b")
    assert verdict(budget, one).problems == []
    (problem,) = verdict(budget, one, two).problems
    assert f"2 resources would be {verb}, the budget is 1: {EIP}::a, {EIP}::b" in problem
    assert "operations/budget.json" in problem


def test_what_every_deployment_replaces_is_not_counted() -> None:
    budget = Budget(replacements=0, deletions=0, routine=frozenset({TASK}))
    assert verdict(budget, step("replace", f"{TASK}::web")).problems == []
    (problem,) = verdict(NOTHING, step("replace", f"{TASK}::web")).problems
    assert problem.startswith("1 resource would be replaced, the budget is 0: ")


def test_a_new_store_joins_the_backups_within_every_budget_and_leaving_them_is_counted() -> None:
    """What is backed up is one resource, which AWS Backup cannot change: it is replaced."""
    for stack in names(ROOT):
        routine = load(stack, ROOT).routine
        assert {TASK, SELECTION} <= routine
        budget = Budget(replacements=0, deletions=0, routine=routine)
        assert verdict(budget, step("replace", f"{SELECTION}::data-backups-selection")).problems == []
        assert len(verdict(budget, step("delete", f"{SELECTION}::data-backups-selection")).problems) == 1


@pytest.mark.parametrize("operation", ["replace", "delete"])
@pytest.mark.parametrize(
    "doomed",
    [step("delete", f"{CLUSTER}::main"), step("delete", f"{EIP}::main", protect=True)],
    ids=["by its type", "by the protection in the state"],
)
def test_what_holds_data_fails_whatever_the_numbers_say(operation: str, doomed: dict[str, Any]) -> None:
    budget = Budget(replacements=99, deletions=99, routine=frozenset({EIP, CLUSTER}))
    (problem,) = verdict(budget, {**doomed, "op": operation}).problems
    assert "holds data" in problem
    entry = json.loads(problem[problem.index("{") :])
    assert entry["operation"] == operation, "the entry can be copied from the message"


def test_listed_data_passes_for_that_operation_alone() -> None:
    listed = Allowance(resource=f"{CLUSTER}::main", operation="replace", because="new subnet group")
    budget = Budget(replacements=0, deletions=0, data=[listed])
    assert verdict(budget, step("replace", f"{CLUSTER}::main")).problems == []
    assert len(verdict(budget, step("delete", f"{CLUSTER}::main")).problems) == 1
    assert len(verdict(budget, step("replace", f"{CLUSTER}::other")).problems) == 1


def test_an_entry_that_is_not_needed_any_more_is_remarked() -> None:
    listed = Allowance(resource=f"{CLUSTER}::main", operation="delete", because="retired")
    found = verdict(Budget(replacements=0, deletions=0, data=[listed]))
    assert found.problems == []
    assert "take the entry out" in found.remarks[0]


def test_a_component_that_goes_costs_nothing() -> None:
    gone = {"op": "delete", "urn": "urn:pulumi:dev::groundwork::groundwork:edge:Certificate::c", "old": {"urn": "..."}}
    assert verdict(NOTHING, gone).problems == []


def change(project: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    path = project / "operations" / "budget.json"
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda d: d["stacks"].pop("dev"), "there is no 'dev' in it"),
        (lambda d: d["stacks"]["dev"].update(replacements=-1), "-1"),
        (lambda d: d["stacks"]["dev"].update(deletions=True), "True"),
        (lambda d: d["stacks"]["dev"].update(deletions="3"), "'3'"),
        (lambda d: d["stacks"]["dev"].pop("data"), "data"),
        (lambda d: d.update(routine=["aws:s3/bucket:Bucket"]), "cannot be routine"),
        (lambda d: d["stacks"]["dev"].update(data=[{"resource": "a", "operation": "drop", "because": "b"}]), "'drop'"),
        (
            lambda d: d["stacks"]["dev"].update(data=[{"resource": "a", "operation": "delete", "because": "..."}]),
            "reason",
        ),
    ],
)
def test_a_wrong_budget_is_refused(project: Path, edit: Callable[[dict[str, Any]], object], told: str) -> None:
    assert load("dev", project).deletions == 1
    change(project, edit)
    with pytest.raises(Refused, match=r"operations/budget\.json") as caught:
        load("dev", project)
    assert told in str(caught.value)


def test_a_missing_budget_is_refused(project: Path) -> None:
    (project / "operations" / "budget.json").unlink()
    with pytest.raises(Refused, match="is missing"):
        load("dev", project)


def test_every_committed_stack_has_a_budget_and_production_loses_nothing_unasked() -> None:
    assert {name: (load(name, ROOT).replacements, load(name, ROOT).deletions) for name in names()}["prod"] == (0, 0)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the SDK, about itself
def test_types_that_hold_data_are_spelt_as_the_sdk_spells_them() -> None:
    unknown = []
    for token in sorted(holders.TYPES):
        module, _, name = token.removeprefix("aws:").partition("/")
        kind = getattr(getattr(aws, module, None), name.rpartition(":")[2], None)
        if getattr(kind, "pulumi_type", None) != token:
            unknown.append(token)
    assert unknown == []
