"""What the Kubernetes provider fills in: the name of an object that has none (``metadata.name``, as its Check does)."""

from collections.abc import Mapping
from typing import Any

from preflight.simulation import sdk_types
from preflight.simulation.place import digest


def named(type_token: str, name: str, urn: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """``metadata`` with a name, for a type that has it; nothing where there is a name already."""
    if not type_token.startswith("kubernetes:") or "metadata" not in sdk_types.wire_types(type_token):
        return {}
    given = inputs.get("metadata")
    metadata = {} if given is None else given
    if not isinstance(metadata, dict) or metadata.get("name") or metadata.get("generateName"):
        return {}
    return {"metadata": {**metadata, "name": f"{name}-{digest(urn, 8)}"}}
