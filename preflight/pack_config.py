"""The configuration of a policy pack: read, checked and merged as the engine does it.

The order is the engine's (`ReconcilePolicyPackConfig` of the Pulumi CLI): defaults of each policy, what the pack sets
itself, then what the user gives; in each of the last two `all` comes first. Then required keys and types are checked.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from preflight.mistakes import guess

LEVELS = ("advisory", "mandatory", "remediate", "disabled")
_CHECKS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


class PolicyInfo(NamedTuple):
    """One policy as the pack describes it."""

    name: str
    level: str
    properties: Mapping[str, Any]  # JSON schemas by name
    required: tuple[str, ...]


class Setting(NamedTuple):
    """What one policy is configured with in the end."""

    level: str
    properties: dict[str, Any]


class PackConfigError(Exception):
    """The configuration does not fit the pack; the text lists everything that is wrong."""


def merge(
    policies: list[PolicyInfo], own: Mapping[str, Any], given: Mapping[str, Any], file: str
) -> dict[str, Setting]:
    """Level and properties of every policy; PackConfigError names each policy, key, value and what is allowed."""
    result = {
        policy.name: Setting(
            policy.level, {key: schema["default"] for key, schema in policy.properties.items() if "default" in schema}
        )
        for policy in policies
    }
    mistakes: list[str] = []
    for config in (own, given):
        result = _applied(result, config, mistakes)
    for policy in policies:
        mistakes += _violations(policy, result[policy.name].properties)
    if mistakes:
        raise PackConfigError(f"{file}: " + "; ".join(mistakes))
    return result


def _applied(settings: dict[str, Setting], config: Mapping[str, Any], mistakes: list[str]) -> dict[str, Setting]:
    result = dict(settings)
    for name in sorted(config, key=lambda name: (name != "all", name)):
        if name != "all" and name not in result:
            mistakes.append(f"there is no policy {name!r}{_nearest(name, list(result))}")
            continue
        entry = {"enforcementLevel": config[name]} if isinstance(config[name], str) else config[name]
        if not isinstance(entry, Mapping):
            mistakes.append(f"{name}: must be a level ({', '.join(LEVELS)}) or an object, not {entry!r}")
            continue
        level = entry.get("enforcementLevel")
        if level is not None and level not in LEVELS:
            mistakes.append(f"{name}: {level!r} is not a level (allowed: {', '.join(LEVELS)})")
            continue
        properties = {key: value for key, value in entry.items() if key != "enforcementLevel"}
        if name == "all" and properties:
            mistakes.append(f"all: only a level can be set for all policies, not {', '.join(sorted(properties))}")
        for policy in result if name == "all" else [name]:
            before = result[policy]
            after = before.properties if name == "all" else {**before.properties, **properties}
            result[policy] = Setting(level or before.level, after)
    return result


def _violations(policy: PolicyInfo, given: Mapping[str, Any]) -> list[str]:
    found = [f"{policy.name}: {key!r} is required" for key in policy.required if key not in given]
    for key, value in given.items():
        schema = policy.properties.get(key)
        if schema is None:
            if policy.properties:
                found.append(f"{policy.name}: there is no key {key!r}{_nearest(key, list(policy.properties))}")
        else:
            found += [f"{policy.name}: {text}" for text in _mismatches(key, value, schema)]
    return found


def _mismatches(key: str, value: Any, schema: Mapping[str, Any]) -> list[str]:
    """The part of JSON schema that packs use: type, enum, bounds, items and properties."""
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        return [f"{key} must be of type {' or '.join(kinds)}, not {value!r}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{key} must be one of {', '.join(map(repr, schema['enum']))}, not {value!r}"]
    found = _out_of_bounds(key, value, schema) if _is(value, "number") else []
    if isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for position, item in enumerate(value):
            found += _mismatches(f"{key}[{position}]", item, schema["items"])
    if isinstance(value, Mapping):
        found += [f"{key}.{name} is required" for name in schema.get("required", ()) if name not in value]
        for name, inner in (schema.get("properties") or {}).items():
            if name in value:
                found += _mismatches(f"{key}.{name}", value[name], inner)
    return found


def _out_of_bounds(key: str, value: float, schema: Mapping[str, Any]) -> list[str]:
    if value < schema.get("minimum", value):
        return [f"{key} must be at least {schema['minimum']:g}, not {value!r}"]
    if value > schema.get("maximum", value):
        return [f"{key} must be at most {schema['maximum']:g}, not {value!r}"]
    return []


def _is(value: Any, kind: str) -> bool:
    if kind in {"integer", "number"}:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number and (kind == "number" or float(value).is_integer())
    return isinstance(value, _CHECKS.get(kind, (object,)))


def _nearest(word: str, known: list[str]) -> str:
    close = guess(word, known)
    return f", did you mean {close!r}?" if close is not None else f" (known: {', '.join(sorted(known))})"
