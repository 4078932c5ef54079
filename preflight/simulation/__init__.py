"""A stand-in for AWS: what a resource would look like once it exists. One fake for preflight, unit and engine tests.

Everything is a function of type, name, inputs and place, so two runs agree. A value that AWS draws at random is a
digest of the resource's URN (or of type and name, when no URN is given). No value says anything about quotas or health.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from preflight.simulation import formats, physical_names, sdk_types, special, table
from preflight.simulation.facts import Facts, auto_name, is_fifo
from preflight.simulation.place import Place

Find = Callable[[str], Mapping[str, Any] | None]
"""Outputs of the resource with this physical id, if the run has made it."""


DRAWN = 8
"""Characters behind the logical name in a name that Pulumi makes: a dash and seven digits."""


def _nothing(identity: str) -> Mapping[str, Any] | None:  # noqa: ARG001  the Find of a caller that has no graph
    return None


def computed(
    type_token: str,
    name: str,
    inputs: Mapping[str, Any],
    *,
    region: str,
    account: str,
    urn: str | None = None,
    find: Find = _nothing,
    generation: int = 0,
) -> dict[str, Any]:
    """The outputs that AWS adds to these inputs, by wire name; never one that the inputs already hold.

    ``generation`` counts how often the resource has been made before: what AWS draws differs each time.
    """
    facts = Facts(type_token, name, inputs, Place(region, account), urn, generation)
    given = {key for key, value in inputs.items() if value is not None}
    made = special.outputs(facts, find)
    result: dict[str, Any] = {}
    for key, kind in _kinds(type_token).items():
        if key in given:
            continue
        value = made[key] if key in made else _value(facts, key, kind)
        if value is not None:
            result[key] = value
    return result


def resource_id(
    type_token: str,
    name: str,
    inputs: Mapping[str, Any],
    *,
    region: str,
    account: str,
    urn: str | None = None,
    find: Find = _nothing,
    generation: int = 0,
) -> str:
    """The physical id that AWS, or the provider, gives to the resource; ``generation`` as for ``computed``."""
    facts = Facts(type_token, name, inputs, Place(region, account), urn, generation)
    return str(special.outputs(facts, find).get("id") or facts["id"])


def unknown_until_made(type_token: str, inputs: Mapping[str, Any]) -> list[str]:
    """Outputs that a preview cannot know: all computed ones, except those that follow from the inputs by then."""
    return [key for key in _kinds(type_token) if key not in inputs and key not in _KNOWN_AT_PREVIEW]


def physical_name(
    type_token: str,
    name: str,
    urn: str | None = None,
    *,
    generation: int = 0,
    inputs: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[str, str] | None:
    """Input and value that Pulumi fills in when the program gives no name; None for types that it does not name.

    The names of databases are AWS's to draw, so a preview does not know them.
    """
    key = physical_names.KEYS.get(type_token, "name")
    database = key in ("identifier", "clusterIdentifier")
    if database or not type_token.startswith("aws:") or _kinds(type_token).get(key) != "s":
        return None
    made = auto_name(type_token, name, urn, generation, fifo=is_fifo(inputs))
    return key, physical_names.PREFIXES.get(type_token, "") + made


def name_limit(type_token: str) -> tuple[str, int] | None:
    """Input and length of the longest name that Pulumi makes for a type; None where it makes none, or none too long."""
    limit = physical_names.LIMITS.get(type_token)
    key = physical_names.KEYS.get(type_token, "name")
    return (key, limit) if limit is not None and key not in ("identifier", "clusterIdentifier") else None


def all_tags(type_token: str, inputs: Mapping[str, Any], default_tags: Mapping[str, str]) -> dict[str, Any] | None:
    """What the provider's Check puts into the input ``tagsAll``: default tags under the resource's own.

    None for a type that has no tags. An unknown value inside ``tags`` is kept here; the real Check makes the whole map
    unknown then (pulumi-aws 7, provider/tags.go).
    """
    if _kinds(type_token).get("tagsAll") is None:
        return None
    own = inputs.get("tags")
    return {**default_tags, **(own if isinstance(own, Mapping) else {})}


_KNOWN_AT_PREVIEW = {"region", "tagsAll"}


def _kinds(type_token: str) -> Mapping[str, str]:
    known = table.kinds(type_token)
    return known if known is not None else sdk_types.kinds(type_token)


def _value(facts: Facts, key: str, kind: str) -> Any:
    """A value of the right kind; None for a block that the program left out, which stays out."""
    if kind in "Ss":
        template = formats.FORMATS.get(facts.type_token, {}).get(key)
        return facts.fill(template) if template is not None else facts.text(key, output_only=kind == "S")
    if kind == "O":
        return sdk_types.instance(facts.type_token, key)
    if kind == "L" and not table.knows(facts.type_token):
        return sdk_types.elements(facts.type_token, key)
    empty: dict[str, Any] = {"l": [], "m": {}, "n": 0, "b": False}
    return empty.get(kind.lower())
