"""One form for both sides of a comparison: what a program asked of the engine, and what a policy pack was asked.

The form is plain JSON. Values carry the marks of a recording (``$unknown``, ``$secret``, ...); what has no order is
sorted. The conversion from the wire is written anew here and shares no code with preflight, so that a mistake of
preflight's cannot hide on both sides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
URN = str

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
_ASSET = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"


@dataclass
class Side:
    """What one side knows of a run, by URN.

    ``registrations``: what the program asked for. ``analyzed`` and ``stack``: the requests Analyze and AnalyzeStack to
    the policy pack; ``configuration``: what it was told of the stack before.
    """

    registrations: dict[URN, Json] = field(default_factory=dict)
    analyzed: dict[URN, Json] = field(default_factory=dict)
    stack: dict[URN, Json] = field(default_factory=dict)
    configuration: Json = field(default_factory=dict)


def value(given: Any) -> Any:
    """A value of the wire, as JSON: what is unknown or secret is marked, and a secret's content is gone."""
    if isinstance(given, list):
        return [value(element) for element in given]
    if isinstance(given, Mapping):
        return _marked(given) if SIGNATURE in given else {key: value(element) for key, element in given.items()}
    if given == UNKNOWN:
        return {"$unknown": True}
    return _number(given)


def _marked(given: Mapping[str, Any]) -> Any:
    kind = given[SIGNATURE]
    if kind == _SECRET or (kind == _OUTPUT and given.get("secret")):
        return {"$secret": True}
    if kind == _OUTPUT:
        return value(given["value"]) if "value" in given else {"$unknown": True}
    if kind == _REFERENCE:
        identity = {"id": given["id"] or {"$unknown": True}} if "id" in given else {}
        return {"$resource": {"urn": given["urn"], **{key: value(element) for key, element in identity.items()}}}
    name = {_ASSET: "$asset", _ARCHIVE: "$archive"}[kind]
    return {name: {key: value(element) for key, element in given.items() if key != SIGNATURE}}


def open_value(given: Any) -> Any:
    """As ``value``, with the contents of secrets: what a policy pack gets to see must be equal in these as well."""
    if isinstance(given, list):
        return [open_value(element) for element in given]
    if isinstance(given, Mapping):
        return {key: open_value(element) for key, element in given.items()}
    return _number(given)


def _number(given: Any) -> Any:
    return int(given) if isinstance(given, float) and given.is_integer() else given


def dependencies(given: Mapping[str, Any]) -> dict[str, list[URN]]:
    """Property dependencies; properties without any say nothing."""
    found = {key: sorted(entry.get("urns") or ()) for key, entry in given.items()}
    return {key: urns for key, urns in sorted(found.items()) if urns}


def provider_urn(reference: str) -> URN:
    """``urn::id`` without the id."""
    return reference.rpartition("::")[0]


def analyzed(request: Mapping[str, Any]) -> Json:
    """A request to a policy pack about one resource, or one resource of AnalyzeStack; both as JSON of the protocol."""
    result = {key: entry for key, entry in request.items() if key != "urn" and entry not in ("", [], {}, None)}
    if "properties" in result:
        result["properties"] = open_value(result["properties"])
    if "provider" in result:
        result["provider"] = {**result["provider"], "properties": open_value(result["provider"].get("properties", {}))}
    options = {
        key: entry for key, entry in request.get("options", {}).items() if entry not in ("", [], {}, None, False)
    }
    if options:
        result["options"] = {key: sorted(v) if key == "additionalSecretOutputs" else v for key, v in options.items()}
    else:
        result.pop("options", None)
    if "dependencies" in result:
        result["dependencies"] = sorted(result["dependencies"])
    found = dependencies(request.get("propertyDependencies", {}))
    result.pop("propertyDependencies", None)
    return {**result, **({"propertyDependencies": found} if found else {})}
