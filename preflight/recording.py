"""The model of one offline run: what a Pulumi program asked for, in one mode.

Everything that reads a run (tree, policies, cost, picture, diff, golden tests) reads this and nothing else. It imports
no Pulumi, so that the parent process stays light, and it is plain JSON: unknown values, secrets, assets and references
to resources are marked by a one-key object. The value of a secret is not in a recording at all.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

SCHEMA = 1

Mode = Literal["preview", "update"]

UNKNOWN = "$unknown"
SECRET = "$secret"  # noqa: S105  the name of a marker, not a secret
FINGERPRINT = "$fingerprint"
"""Beside SECRET in recordings made to be compared: equal for equal secrets of that comparison, gone from its result."""
COMPARING = "GROUNDWORK_COMPARING"
"""Environment variable: the key of one comparison, drawn anew for it, by which fingerprints are made."""
ASSET = "$asset"
ARCHIVE = "$archive"
REFERENCE = "$resource"


class RecordingError(Exception):
    """A document that is not a recording of this schema."""


def is_unknown(value: object) -> bool:
    """Whether a value of a recording is known only after the deployment."""
    return isinstance(value, dict) and value.get(UNKNOWN) is True


def is_secret(value: object) -> bool:
    """Whether a value of a recording was left out because the program marked it as a secret."""
    return isinstance(value, dict) and value.get(SECRET) is True


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One registered (or read) resource. ``id`` is None for components and while it is unknown."""

    urn: str
    type: str
    name: str
    parent: str | None
    custom: bool
    remote: bool
    id: str | None
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    property_dependencies: Mapping[str, Sequence[str]]
    dependencies: Sequence[str]
    options: Mapping[str, Any]
    source: str | None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; keys in the order of the schema."""
        return {
            "urn": self.urn,
            "type": self.type,
            "name": self.name,
            "parent": self.parent,
            "custom": self.custom,
            "remote": self.remote,
            "id": self.id,
            "inputs": dict(self.inputs),
            "outputs": dict(self.outputs),
            "propertyDependencies": {key: list(urns) for key, urns in sorted(self.property_dependencies.items())},
            "dependencies": list(self.dependencies),
            "options": dict(self.options),
            "source": self.source,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Resource":
        """The resource that ``to_json`` wrote."""
        return cls(
            urn=document["urn"],
            type=document["type"],
            name=document["name"],
            parent=document["parent"],
            custom=document["custom"],
            remote=document["remote"],
            id=document["id"],
            inputs=document["inputs"],
            outputs=document["outputs"],
            property_dependencies=document["propertyDependencies"],
            dependencies=document["dependencies"],
            options=document["options"],
            source=document["source"],
        )


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One run of one stack. Resources are sorted by URN, notes and lookups by text: two runs give the same bytes.

    ``order`` has the URNs in the order in which the program made the resources, what callbacks made last; ``awaited``,
    for each resource that a callback made, the URNs that the callback had waited for; the resource itself need not
    depend on them.
    """

    project: str
    stack: str
    mode: Mode
    resources: Sequence[Resource]
    exports: Mapping[str, Any]
    notes: Sequence[str] = ()
    lookups: Sequence[Mapping[str, Any]] = ()
    order: Sequence[str] = ()
    awaited: Mapping[str, Sequence[str]] = field(default_factory=dict)
    schema: int = field(default=SCHEMA)

    def to_json(self) -> dict[str, Any]:
        """The document, sorted; ``json.dumps`` of it is the same from run to run."""
        return {
            "schema": self.schema,
            "project": self.project,
            "stack": self.stack,
            "mode": self.mode,
            "resources": [resource.to_json() for resource in sorted(self.resources, key=lambda r: r.urn)],
            "exports": {key: self.exports[key] for key in sorted(self.exports)},
            "notes": sorted(self.notes),
            "lookups": sorted((dict(lookup) for lookup in self.lookups), key=_text),
            "order": list(self.order),
            "awaited": {urn: list(self.awaited[urn]) for urn in sorted(self.awaited)},
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Recording":
        """The recording that ``to_json`` wrote; a RecordingError for any other schema."""
        schema = document.get("schema")
        if schema != SCHEMA:
            raise RecordingError(f"recording of schema {schema!r}; this preflight reads schema {SCHEMA}: record again")
        return cls(
            project=document["project"],
            stack=document["stack"],
            mode=document["mode"],
            resources=tuple(Resource.from_json(resource) for resource in document["resources"]),
            exports=document["exports"],
            notes=tuple(document["notes"]),
            lookups=tuple(document["lookups"]),
            order=tuple(document["order"]),
            awaited=document["awaited"],
        )


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
