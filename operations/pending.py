"""What a killed update left open, and the file with which `pulumi import` takes in what it had made all the same.

A creation under way is noted in the state without an id: AWS may have made the thing or not. Whoever has looked writes
the ids into the file that is made here; parent, provider and logical name in it are those of the program, so the import
gives each thing the URN that the next update looks for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_CREATING = "creating"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One operation that had begun."""

    operation: str
    """In the engine's word: creating, updating, deleting, reading, importing."""
    type: str
    urn: str
    parent: str
    provider: str
    """Its URN."""
    replacement: bool
    """Whether the state has the URN already: this was to take its place, and cannot be imported beside it."""

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.rpartition("::")[2]

    @property
    def importable(self) -> bool:
        """Whether the file for `pulumi import` has it."""
        return self.operation == _CREATING and not self.replacement


def steps(deployment: Mapping[str, Any]) -> list[Step]:
    """The operations under way in an exported deployment, in order of their URN."""
    known = {resource["urn"] for resource in deployment.get("resources") or ()}
    found = [_step(entry, known) for entry in deployment.get("pending_operations") or ()]
    return sorted(found, key=lambda step: (step.urn, step.operation))


def _step(entry: Mapping[str, Any], known: set[str]) -> Step:
    resource = entry["resource"]
    return Step(
        operation=entry["type"],
        type=resource["type"],
        urn=resource["urn"],
        parent=resource.get("parent", ""),
        provider=str(resource.get("provider", "")).rpartition("::")[0],  # the id of the provider comes after it
        replacement=entry["type"] == _CREATING and resource["urn"] in known,
    )


def document(found: Sequence[Step]) -> dict[str, Any]:
    """The file for `pulumi import --file`, with an empty id in each entry. Its format: the CLI's, 3.259."""
    names: dict[str, str] = {}
    entries: list[dict[str, str]] = []
    for number, step in enumerate((step for step in found if step.importable), start=1):
        # `name` is the file's own and has to be unique in it; `logicalName` becomes the end of the URN.
        entry = {"type": step.type, "name": f"{number}-{step.name}", "logicalName": step.name, "id": ""}
        for key, urn in (("parent", step.parent), ("provider", step.provider)):
            if urn:
                entry[key] = names.setdefault(urn, f"{key}-{len(names) + 1}")
        entries.append(entry)
    return {"nameTable": {name: urn for urn, name in names.items()}, "resources": entries}
