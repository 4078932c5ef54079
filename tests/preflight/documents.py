"""Whether a document of preflight is as its published schema says."""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import preflight

if TYPE_CHECKING:
    import jsonschema

SCHEMAS = Path(preflight.__path__[0]) / "schema"


@cache
def schema(name: str) -> "jsonschema.Draft202012Validator":
    """The schema `report` or `diff`, which is one; looking at that takes longer than looking at a document."""
    import jsonschema  # noqa: PLC0415 - not by every process that collects the tests

    content = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(content)
    assert content["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$schema"]
    return jsonschema.Draft202012Validator(content)


def must_fit(document: Any, name: str) -> None:
    """Raises `jsonschema.ValidationError` for a document that its schema does not describe."""
    schema(name).validate(document)
