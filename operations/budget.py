"""How much a change may replace and delete before a person has to say so in the same change.

`operations/budget.json` says, for each stack, how many replacements and deletions pass unremarked. What holds data
never does: each such resource must be listed under `data`, with the operation and the reason, in the pull request that
causes it. Types under `routine` are replaced by ordinary deployments, for a new image or a new store, which is not
counted; a deletion is.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from operations.changes import Change, Preview
from operations.stacks import Refused
from preflight.simulation import holders

FILE = Path("operations") / "budget.json"
_OPERATIONS = ("replace", "delete")


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """One resource that holds data and may be replaced or deleted, with the reason."""

    resource: str
    operation: str
    because: str


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What one stack may lose in one deployment."""

    replacements: int
    deletions: int
    data: Sequence[Allowance] = ()
    routine: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether the preview keeps the budget. `problems` stop the run, `remarks` do not."""

    problems: Sequence[str]
    remarks: Sequence[str]


def load(stack: str, root: Path) -> Budget:
    """The budget of the stack. Raises Refused when the file is missing, is no budget, or does not know the stack."""
    try:
        document = json.loads((root / FILE).read_text(encoding="utf-8"))
        entry = document["stacks"][stack]
        budget = Budget(
            replacements=_count(entry["replacements"]),
            deletions=_count(entry["deletions"]),
            data=[_allowance(item) for item in entry["data"]],
            routine=frozenset(document["routine"]),
        )
    except FileNotFoundError:
        raise Refused(f"{FILE} is missing; it says what a deployment may replace and delete") from None
    except (ValueError, KeyError, TypeError) as error:
        said = f"there is no {error.args[0]!r} in it" if isinstance(error, KeyError) else str(error)
        raise Refused(
            f"{FILE} is no budget for stack {stack!r} ({said}); it needs "
            '{"routine": [types], "stacks": {"' + stack + '": {"replacements": 0, "deletions": 0, "data": '
            '[{"resource": "<type>::<name>", "operation": "replace" or "delete", "because": "..."}]}}}'
        ) from None
    overlap = sorted(budget.routine & holders.TYPES)
    if overlap:
        raise Refused(f"{FILE}: {', '.join(overlap)} holds data and cannot be routine; take it out of `routine`")
    return budget


def check(preview: Preview, budget: Budget) -> Verdict:
    """Compares what the preview loses with what the budget allows."""
    problems: list[str] = []
    allowed = {(item.resource, item.operation) for item in budget.data}
    met: set[tuple[str, str]] = set()
    for operation, verb, limit in (
        ("replace", "replaced", budget.replacements),
        ("delete", "deleted", budget.deletions),
    ):
        losses = [change for change in preview.changes if change.operation == operation and change.custom]
        data = [change for change in losses if holds_data(change)]
        met |= {(change.resource, operation) for change in data}
        problems += [_unlisted(change, verb) for change in data if (change.resource, operation) not in allowed]
        routine = budget.routine if operation == "replace" else frozenset()
        others = [change for change in losses if change not in data and change.type not in routine]
        if len(others) > limit:
            problems.append(
                f"{len(others)} resource{'' if len(others) == 1 else 's'} would be {verb}, the budget is {limit}: "
                f"{', '.join(change.resource for change in others[:10])}{' and more' if len(others) > 10 else ''}. If "
                f"that is meant, raise the number in {FILE} in the same change"
            )
    remarks = [
        f"{item.resource} may be {item.operation}d by {FILE}, but this preview does not do it: take the entry out"
        for item in budget.data
        if (item.resource, item.operation) not in met
    ]
    return Verdict(problems=problems, remarks=remarks)


def holds_data(change: Change) -> bool:
    """Whether losing the resource loses data, by its type or because the state protects it."""
    return change.protected or change.type in holders.TYPES


def _unlisted(change: Change, verb: str) -> str:
    cause = f" (because of {', '.join(change.because)})" if verb == "replaced" and change.because else ""
    entry = {"resource": change.resource, "operation": change.operation, "because": "..."}
    listed = f"list it in {FILE}: {json.dumps(entry)}"
    return f"{change.resource} holds data and would be {verb}{cause}. If that is meant, {listed}"


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is no number of resources, 0 or more")
    return value


def _allowance(item: Mapping[str, Any]) -> Allowance:
    if item["operation"] not in _OPERATIONS:
        raise ValueError(f"operation {item['operation']!r} is not one of {', '.join(_OPERATIONS)}")
    if not str(item["because"]).strip(" ."):
        raise ValueError(f"{item['resource']} needs a reason under `because`")
    return Allowance(resource=item["resource"], operation=item["operation"], because=item["because"])
