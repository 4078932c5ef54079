"""Plain values on their way to the engine and back: texts, numbers and booleans need nothing of what the SDK tries."""

import functools
from typing import Any

from pulumi.runtime import rpc

from preflight.sdk_speed import known
from preflight.sdk_speed.outputs import PROMPT

VALUES: known.Texts = {
    "pulumi.runtime.rpc": {
        "serialize_property": "c705af2b564329c0",
        "isLegalProtobufValue": "1623ad9da710bb27",
        "translate_output_properties": "847d0a06204dcf15",
    }
}


def install() -> None:
    """Replaces what is known."""
    if known.as_expected(VALUES):
        rpc.serialize_property = functools.partial(_serialize, rpc.serialize_property)
        rpc.translate_output_properties = functools.partial(_translate, rpc.translate_output_properties)


async def _serialize(original: Any, value: Any, *rest: Any, return_protobuf_value: bool = False, **named: Any) -> Any:
    if type(value) in PROMPT and not return_protobuf_value:
        return value
    return await original(value, *rest, return_protobuf_value=return_protobuf_value, **named)


def _translate(original: Any, output: Any, transformer: Any, typ: Any = None, *rest: Any, **named: Any) -> Any:
    kind = type(output)
    if (kind is str or kind is bool) and (typ is None or typ is kind):
        return output
    return original(output, transformer, typ, *rest, **named)
