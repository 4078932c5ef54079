"""Plain values on their way to the engine and back: texts, numbers and booleans need nothing of what the SDK tries."""

import functools
from collections.abc import Iterator
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

from preflight.sdk_speed import known
from preflight.sdk_speed.outputs import PROMPT

VALUES: known.Texts = {
    "pulumi.runtime.rpc": {
        "serialize_properties": "171a6c3e47b3c1f2",
        "serialize_property": "c705af2b564329c0",
        "isLegalProtobufValue": "1623ad9da710bb27",
        "translate_output_properties": "847d0a06204dcf15",
    }
}
ANSWERS: known.Texts = {
    "pulumi.runtime.rpc": {"deserialize_properties": "ccb89f6bafa9cef2", "deserialize_property": "370cfced9926f7ef"},
    "google.protobuf.internal.well_known_types": {
        "_GetStructValue": "d91b110329a1bf4c",
        "Struct.items": "ce11729e4d817940",
    },
}
_MARKS = (rpc._special_sig_key.encode(), rpc.UNKNOWN.encode())  # noqa: SLF001
"""One of these is in each answer of the engine in which something is unknown, a secret, an asset or a reference."""


def install() -> None:
    """Replaces what is known."""
    if known.as_expected(VALUES):
        rpc.serialize_properties = functools.partial(_serialize_all, rpc.serialize_properties)
        rpc.serialize_property = functools.partial(_serialize, rpc.serialize_property)
        rpc.translate_output_properties = functools.partial(_translate, rpc.translate_output_properties)
    if known.as_expected(ANSWERS):
        rpc.deserialize_properties = functools.partial(_deserialize, rpc.deserialize_properties)


class _Set:
    """Those of the inputs that are not None: of sixty arguments a program gives ten, and the type of each is asked for.

    They are looked at one after the other, as by the SDK: what is awaited in between may change them.
    """

    def __init__(self, inputs: Any) -> None:
        self._inputs = inputs

    def __iter__(self) -> Iterator[Any]:
        return (key for key in self._inputs if self._inputs[key] is not None)

    def __getitem__(self, key: Any) -> Any:
        return self._inputs[key]


async def _serialize_all(original: Any, inputs: Any, *rest: Any, **named: Any) -> Any:
    return await original(_Set(inputs), *rest, **named)


async def _serialize(original: Any, value: Any, *rest: Any, return_protobuf_value: bool = False, **named: Any) -> Any:
    if type(value) in PROMPT and not return_protobuf_value:
        return value
    return await original(value, *rest, return_protobuf_value=return_protobuf_value, **named)


def _deserialize(
    original: Any, props: Any, keep_unknowns: bool | None = None, keep_internal: bool | None = True
) -> Any:
    if type(props) is struct_pb2.Struct and keep_internal is not False:
        content = props.SerializeToString()
        if not any(mark in content for mark in _MARKS):
            return _plain(props)
    return original(props, keep_unknowns, keep_internal)


def _plain(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Without what is None, as if it did not exist."""
    fields = struct.fields
    return {key: value for key in fields if (value := _value(fields[key])) is not None}


def _value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _plain(value.struct_value)
    if kind == "list_value":
        return [_value(element) for element in value.list_value.values]
    if kind is None:
        raise ValueError("Value not set")
    return None if kind == "null_value" else getattr(value, kind)


def _translate(original: Any, output: Any, transformer: Any, typ: Any = None, *rest: Any, **named: Any) -> Any:
    kind = type(output)
    if (kind is str or kind is bool) and (typ is None or typ is kind):
        return output
    return original(output, transformer, typ, *rest, **named)
