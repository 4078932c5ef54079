"""Property values on Pulumi's wire: protobuf structs to plain values and back, and the marked kinds of value.

A plain value keeps the marks as the wire has them (a dictionary with the signature key), because the monitor must send
them on. ``redacted`` turns a plain value into the form that may be written: without secrets.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from google.protobuf import struct_pb2

from preflight import recording

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  a signature of the protocol
REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_PLAIN = frozenset({str, int, float, bool, type(None)})
_NUMBERS, _MAPPINGS = (int, float), (dict, Mapping)  # made once: each value is asked for them


def plain(struct: struct_pb2.Struct) -> dict[str, Any]:
    """A protobuf struct as a dictionary, whole numbers as int, marks kept."""
    fields = struct.fields
    return {key: unpacked(fields[key]) for key in fields}  # `items` of the message takes half as long again


def unpacked(value: struct_pb2.Value) -> Any:
    """One value of a struct, as in ``plain``."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "struct_value":
        return plain(value.struct_value)
    if kind == "list_value":
        return [unpacked(element) for element in value.list_value.values]
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return None


def struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """A dictionary as a protobuf struct."""
    result = struct_pb2.Struct()
    fields = result.fields
    for key, value in values.items():
        _fill(fields[key], value)
    return result


def _fill(target: struct_pb2.Value, value: Any) -> None:
    if isinstance(value, str):
        target.string_value = value
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, _NUMBERS):
        target.number_value = value
    elif value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, _MAPPINGS):
        fields = target.struct_value.fields
        if not value:
            target.struct_value.SetInParent()
        for key, element in value.items():
            _fill(fields[key], element)
    else:
        elements = target.list_value.values
        if not value:
            target.list_value.SetInParent()
        for element in value:
            _fill(elements.add(), element)


def secret(value: Any) -> Any:
    """The value marked as a secret; once is enough."""
    return value if is_secret(value) else {SIGNATURE: SECRET, "value": value}


def is_secret(value: Any) -> bool:
    """Whether the value is marked as a secret as a whole."""
    return isinstance(value, dict) and value.get(SIGNATURE) == SECRET


def reference(urn: str, identity: str | None) -> dict[str, Any]:
    """A reference to a resource; an ``identity`` of None is one that is not known yet."""
    return {SIGNATURE: REFERENCE, "urn": urn, "id": UNKNOWN if identity is None else identity}


def output(value: Any, dependencies: Iterable[str]) -> dict[str, Any]:
    """An output value: what the value is, and the URNs that it depends on beside those it has already."""
    given = value if isinstance(value, dict) else {}
    if given.get(SIGNATURE) == OUTPUT:
        return {**given, "dependencies": sorted({*given.get("dependencies", ()), *dependencies})}
    result: dict[str, Any] = {SIGNATURE: OUTPUT, "dependencies": sorted(dependencies)}
    if is_secret(value):
        result["secret"], value = True, value["value"]
    return result if value == UNKNOWN else {**result, "value": value}


def has_unknown(value: Any) -> bool:
    """Whether anything in the value is known only after the deployment."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == OUTPUT and "value" not in value:
            return True
        return any(has_unknown(element) for element in value.values())
    if isinstance(value, list):
        return any(has_unknown(element) for element in value)
    return bool(value == UNKNOWN)


def has_secret(value: Any) -> bool:
    """Whether anything in the value is marked as a secret."""
    if isinstance(value, dict):
        mark = value.get(SIGNATURE)
        return mark == SECRET or (mark == OUTPUT and value.get("secret") is True) or _any_secret(value.values())
    return isinstance(value, list) and _any_secret(value)


def secret_texts(value: Any, *, inside: bool = False) -> Iterator[str]:
    """The texts inside secrets; with ``inside`` all texts of the value."""
    if isinstance(value, dict):
        inside = inside or is_secret(value)
        for key, element in value.items():
            if key != SIGNATURE:
                yield from secret_texts(element, inside=inside)
    elif isinstance(value, list):
        for element in value:
            yield from secret_texts(element, inside=inside)
    elif inside and isinstance(value, str) and value != UNKNOWN:
        yield value


def _any_secret(values: Iterable[Any]) -> bool:
    return any(has_secret(value) for value in values)


def flat(value: Any) -> Any:
    """As a provider and a policy get it: references as id or URN, outputs unwrapped, secrets and unknowns kept."""
    if isinstance(value, dict):
        mark = value.get(SIGNATURE)
        if mark == REFERENCE:
            return _referred(value)
        if mark == OUTPUT:
            inner = flat(value["value"]) if "value" in value else UNKNOWN
            return secret(inner) if value.get("secret") is True else inner
        return {key: element if type(element) in _PLAIN else flat(element) for key, element in value.items()}
    if isinstance(value, list):
        return [element if type(element) in _PLAIN else flat(element) for element in value]
    return value


def bare(value: Any) -> Any:
    """As ``flat``, and with the secrets' values in place of their marks: for arithmetic, never for anything written."""
    if isinstance(value, dict):
        mark = value.get(SIGNATURE)
        if mark == REFERENCE:
            return _referred(value)
        if mark == SECRET or (mark == OUTPUT and "value" in value):
            return bare(value["value"])
        if mark == OUTPUT:
            return UNKNOWN
        return {key: element if type(element) in _PLAIN else bare(element) for key, element in value.items()}
    if isinstance(value, list):
        return [element if type(element) in _PLAIN else bare(element) for element in value]
    return value


def _referred(value: dict[str, Any]) -> Any:
    return value.get("id") or (UNKNOWN if "id" in value else value["urn"])


def output_dependencies(value: Any) -> set[str]:
    """URNs that the output values inside this value depend on."""
    if isinstance(value, dict):
        own = set(value.get("dependencies", ())) if value.get(SIGNATURE) == OUTPUT else set()
        return own.union(*(output_dependencies(element) for element in value.values()))
    if isinstance(value, list):
        return set().union(*(output_dependencies(element) for element in value))
    return set()


def redacted(value: Any) -> Any:
    """The form for recordings: marks as in ``preflight.recording``, keys sorted, no secret's value."""
    if isinstance(value, dict):
        mark = value.get(SIGNATURE)
        if mark is not None:
            return _redacted_mark(mark, value)
        return {key: redacted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [redacted(element) for element in value]
    if value == UNKNOWN:
        return {recording.UNKNOWN: True}
    return value


def _redacted_mark(mark: str, value: dict[str, Any]) -> Any:
    rest = {key: redacted(element) for key, element in sorted(value.items()) if key != SIGNATURE}
    if mark == SECRET or (mark == OUTPUT and value.get("secret") is True):
        return {recording.SECRET: True, **_fingerprint(value)}
    if mark == OUTPUT:
        return rest.get("value", {recording.UNKNOWN: True})
    if mark == REFERENCE:
        return {recording.REFERENCE: {key: rest[key] for key in ("id", "urn") if key in rest}}
    return {recording.ARCHIVE if mark == ARCHIVE else recording.ASSET: rest}


def _fingerprint(value: Any) -> dict[str, str]:
    """Equal for equal secrets while two recordings are made to be compared; without the key it tells nothing."""
    key = os.environ.get(recording.COMPARING)
    if not key:
        return {}
    import hmac  # noqa: PLC0415 only for comparisons

    text = json.dumps(bare(value), sort_keys=True).encode()
    return {recording.FINGERPRINT: hmac.new(key.encode(), text, "sha256").hexdigest()[:24]}
