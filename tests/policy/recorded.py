"""What the pack says of a stack in preflight's document, with other rules than when that was recorded.

The inputs and what is behind them are those that were registered; where a secret was left out there is a text. What AWS
computes is invented again, as preflight does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from guardrails.pack import Setting

from preflight import diagnostics, simulation
from preflight.findings import combined
from tests.policy.driven import Pack
from tests.policy.graphs import PHASES, UNKNOWN, Elsewhere, Phase, Program, Resource, hidden, resolved


@dataclass(eq=False)
class Recorded(Resource):
    """One resource of the document."""

    recorded_urn: str = ""
    behind: dict[str, list[Resource]] = field(default_factory=dict)

    @property
    def urn(self) -> str:
        return self.recorded_urn

    def edges(self) -> dict[str, list[Resource]]:
        return self.behind

    def properties(self, phase: Phase) -> dict[str, Any]:
        if not self.type.startswith("aws:"):
            return {}
        inputs: dict[str, Any] = resolved(self.inputs)
        named = simulation.physical_name(self.type, self.name, self.urn, inputs=inputs)
        names = dict([named]) if named and named[0] not in inputs and f"{named[0]}Prefix" not in inputs else {}
        inputs |= names
        if phase == "preview":
            unknown = [*simulation.unknown_until_made(self.type, inputs), "id"]
            return dict.fromkeys(unknown, UNKNOWN) | dict(hidden(self.inputs)) | names
        provider = self.provider or {}
        place = {"region": provider["region"], "account": json.loads(provider["allowedAccountIds"])[0], "urn": self.urn}
        made: dict[str, Any] = simulation.computed(self.type, self.name, inputs, **place)
        return made | inputs | {"id": simulation.resource_id(self.type, self.name, inputs, **place)}


def findings(
    stack: Mapping[str, Any], rules: Mapping[str, Any], setting: Callable[[Phase], Setting]
) -> list[diagnostics.Finding]:
    """What the pack with these rules says of the stack at preview and at update, as preflight would report it."""
    said: dict[Phase, list[diagnostics.Finding]] = {}
    for phase in PHASES:
        pack = Pack(dict(rules), setting=setting(phase))
        levels = {name: one.enforcement_level.value for name, one in pack.policies.items() if one.enforcement_level}
        said[phase] = [{"verdict": "evaluated"}] + [
            diagnostics.parse(
                policy=policy, description="", message=message, level=levels[policy], policy_level=levels[policy],
                phase=phase, urn=urn or "",
            )
            for policy, message, urn in pack.told(program_of(stack, phase), phase)
        ]  # fmt: skip
    return combined(said["preview"], said["update"], {})


def program_of(stack: Mapping[str, Any], phase: Phase) -> Program:
    """The program as it is in one phase, its resources by URN."""
    told = [one for one in stack["resources"] if phase in one["phases"]]
    inputs = {one["urn"]: one["inputs"] for one in told}
    program = Program()
    for one in told:
        options = one["options"]
        provider = inputs.get(options.get("provider", ""))
        program.resources[one["urn"]] = Recorded(
            one["type"], one["name"], {key: _marked(value, key, one) for key, value in one["inputs"].items()},
            protect=options.get("protect", False), ignores=options.get("ignoreChanges", []), provider=provider,
            recorded_urn=one["urn"],
        )  # fmt: skip
    for one in told:
        resource = program[one["urn"]]
        assert isinstance(resource, Recorded)
        resource.parent = program.resources.get(one["parent"])
        resource.behind = {
            key: [program[urn] for urn in urns if urn in program.resources]
            for key, urns in one["propertyDependencies"].items()
        }
    return program


def _marked(value: Any, path: str, told: Mapping[str, Any]) -> Any:
    """A value of the document with what a preview does not know."""
    if path in told["unknownAtPreview"]:
        return Elsewhere(value)
    if isinstance(value, dict):
        if value.get("$secret"):
            return "a secret"
        return {key: _marked(item, f"{path}.{key}", told) for key, item in value.items()}
    return [_marked(item, f"{path}[{at}]", told) for at, item in enumerate(value)] if isinstance(value, list) else value
