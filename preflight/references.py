"""What other stacks export, for programs that read it by a StackReference: from a fixture, or their own preflight."""

from collections.abc import Mapping
from typing import Any

from preflight.recording import is_secret, is_unknown
from preflight.stand_in import STAND_IN
from preflight.yaml_source import SourceError

_REPORT = ("schemaVersion", "stacks")


def outputs(content: Mapping[str, Any], organization: str, schema: int) -> dict[str, Any]:
    """Outputs by `organization/project/stack`. A fixture is taken as it is; of a report (`check --json`, of this
    schema) every stack that ran counts, with what AWS makes as simulated there, and a stand-in for each secret.
    SourceError for a report of another schema, or of stacks that did not run."""
    if not all(key in content for key in _REPORT):
        return dict(content)
    if content["schemaVersion"] != schema or isinstance(content["schemaVersion"], bool):
        raise SourceError(
            f"a report of schema {content['schemaVersion']!r}, this preflight reads {schema}: write it again with this"
        )
    found: dict[str, Any] = {}
    for name, stack in content["stacks"].items():
        if stack["errors"] or not stack["resources"]:
            raise SourceError(f"the report's stack {name!r} did not run, so it has no outputs: put it right first")
        project = stack["resources"][0]["urn"].split("::")[1]
        values = {key: _value(each["value"]) for key, each in stack["exports"].items()}
        found[f"{organization}/{project}/{name}"] = {key: each for key, each in values.items() if each is not None}
    return found


def _value(value: Any) -> Any:
    """A plain value; None for what is not known even there."""
    if is_secret(value):
        return STAND_IN
    if is_unknown(value):
        return None
    if isinstance(value, dict):
        return {key: _value(inner) for key, inner in value.items()}
    return [_value(inner) for inner in value] if isinstance(value, list) else value
