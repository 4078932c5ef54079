"""The properties of a resource on their way to a policy: from a message to what ``args.props`` is, in less time.

The SDK reads a resource once for each policy, the provider once for each resource, and wraps all that is in them to
notice when a policy touches an unknown value, of which it looks at little. Here a message that came before in the same
call is not read again, and a list or dictionary is wrapped when it is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi_policy import deserialize, proxy

from preflight.sdk_speed import known

MESSAGES: known.Texts = {
    "google.protobuf.json_format": {
        "MessageToDict": "f7ebce2357f2a8f1",
        "_Printer._StructMessageToJsonObject": "98dd1b3d57b74473",
        "_Printer._ListValueMessageToJsonObject": "52fb2a77473741d2",
        "_Printer._ValueMessageToJsonObject": "fe14efb234f0517d",
        "_Printer._FieldToJsonObject": "ebf11bc47f650e74",
    }
}
PROXIES: known.Texts = {
    "pulumi_policy.proxy": {
        "unknown_checking_proxy": "be0d606aad3b6277",
        "_proxy_helper": "6714dfe37500b992",
        "_ListProxy.__init__": "e19839811f75cafe",
        "_ListProxy.__getitem__": "afdd2954e82ec074",
        "_ListProxy.__len__": "5bef9621209e734a",
        "_DictProxy.__init__": "8d6abf1eddc63dcf",
        "_DictProxy.__getitem__": "afdd2954e82ec074",
        "_DictProxy.__setitem__": "dd3a9302dd250f0b",
        "_DictProxy.__len__": "f8b2604176a6695e",
        "_DictProxy.__iter__": "92f2df1da7189517",
        "_raise_if_unknown": "b0caf83269316d6e",
        "_append_prop": "09f5abccb748fbfa",
        "_is_unknown": "64272044c6eddbe0",
    },
    "pulumi_policy.deserialize": {
        "deserialize_properties": "8650b15c3515fc49",
        "_deserialize_property": "69eec7cf186ab6e8",
    },
    "pulumi_policy.policy": {
        "_PolicyAnalyzerServicer.Analyze": "f8078bfd402273a0",
        "_PolicyAnalyzerServicer.AnalyzeStack": "ae6c1332d09fe5ff",
        "_PolicyAnalyzerServicer._get_provider_resource": "a6e6dc10e2156698",
    },
}
_SIGNATURE = deserialize.SPECIAL_SIG_KEY.encode()
_KEPT = {"Analyze": 16, "AnalyzeStack": 1 << 20}
"""Messages that are kept during a call. What is in `Analyze` does not come again, but for the provider."""
_MARKERS = frozenset(
    {
        proxy.UNKNOWN_BOOLEAN_VALUE, proxy.UNKNOWN_NUMBER_VALUE, proxy.UNKNOWN_STRING_VALUE,
        proxy.UNKNOWN_ARRAY_VALUE, proxy.UNKNOWN_ASSET_VALUE, proxy.UNKNOWN_ARCHIVE_VALUE, proxy.UNKNOWN_OBJECT_VALUE,
    }
)  # fmt: skip


class Properties:
    """What the SDK's server calls in the place of its own functions."""

    def __init__(self) -> None:
        self._most = 0
        self._kept: dict[bytes, _Plain] = {}

    def install(self, served: Any) -> None:
        """Replaces what is known in the module of the server."""
        if known.as_expected(MESSAGES):
            served.json_format = SimpleNamespace(**{**vars(json_format), "MessageToDict": to_dict})
            if known.as_expected(PROXIES):
                served.json_format.MessageToDict = self._read
                served.deserialize_properties = _deserialized
                served.unknown_checking_proxy = wrapped

    def during(self, method: str) -> None:
        """What call begins."""
        self._most = _KEPT.get(method, 0)
        if method != "Analyze":
            self._kept = {}

    def _read(self, message: Any, *rest: Any, **named: Any) -> Any:
        if not self._most or type(message) is not struct_pb2.Struct or rest or named:
            return to_dict(message, *rest, **named)
        content = message.SerializeToString()
        found = self._kept.get(content)
        if found is None:
            if _SIGNATURE in content:  # a secret, or an asset, which is an object that a policy could change
                return to_dict(message)
            if len(self._kept) >= self._most:
                self._kept = {}
            found = self._kept[content] = _Plain(to_dict(message))
        return found


class _Plain(dict[str, Any]):
    """Properties without secrets and assets. They are shared, so nobody may write into them."""


def _deserialized(props: dict[str, Any], proxy_secrets: bool = False) -> dict[str, Any]:
    if type(props) is _Plain and not proxy_secrets:
        return props  # there is nothing in it to be unwrapped
    return deserialize.deserialize_properties(props, proxy_secrets)


def to_dict(message: Any, *rest: Any, **named: Any) -> Any:
    """`json_format.MessageToDict`, for structs without its detours."""
    if type(message) is not struct_pb2.Struct or rest or named:
        return json_format.MessageToDict(message, *rest, **named)
    fields = message.fields
    return {key: _value(fields[key]) for key in fields}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "struct_value":
        fields = value.struct_value.fields
        return {key: _value(fields[key]) for key in fields}
    if kind == "list_value":
        return [_value(element) for element in value.list_value.values]
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value" and math.isfinite(value.number_value):
        return value.number_value
    return json_format.MessageToDict(value) if kind == "number_value" else None


def wrapped(props: Any) -> Any:
    """`unknown_checking_proxy`: the same answers, exceptions and writes."""
    return _wrapped(props, None, "")


def _wrapped(value: Any, above: _Wrapper | None, key: str | int) -> Any:
    if isinstance(value, dict):
        return _DictProxy(value, above, key)
    return _ListProxy(value, above, key) if isinstance(value, list) else value


class _Wrapper:
    """What may be shared while nobody writes into it or asks for what is behind it; from then on `_own`.

    Both kinds are named like what they are in the place of, so that the private attributes have the same names: what
    the SDK's own methods do, they do to `__target`, which comes into being when the first of them asks for it.
    """

    def __init__(self, raw: Any, above: _Wrapper | None, key: str | int) -> None:
        self._raw, self._above, self._key = raw, above, key
        self._own: Any = None
        self._children: dict[Any, Any] | None = None

    def _path(self) -> list[str]:
        return [] if self._above is None else [*self._above._path(), str(self._key)]  # noqa: SLF001

    def _seen(self, value: Any, place: str | int, key: str | int) -> Any:
        """A value as it is shown; `place` is its index in a list, where `key` may be counted from the end."""
        kind = type(value)
        if kind is str:
            if value in _MARKERS:
                raise proxy.UnknownValueError(value, [*self._path(), str(key)])
        elif kind is dict or kind is list:
            return self._child(place, value)
        return value

    def _child(self, place: str | int, value: Any) -> Any:
        if self._children is None:
            self._children = {}
        found = self._children.get(place)
        return self._children.setdefault(place, _wrapped(value, self, place)) if found is None else found

    def __len__(self) -> int:
        return len(self._raw if self._own is None else self._own)


_CONTAINERS = (dict, list)
_SdkDict: Any = proxy._DictProxy  # noqa: SLF001
_SdkList: Any = proxy._ListProxy  # noqa: SLF001


class _DictProxy(_Wrapper, _SdkDict):  # type: ignore[misc]
    def __getitem__(self, key: Any) -> Any:
        if self._own is not None or key == "__target":
            return super().__getitem__(key)
        return self._seen(self._raw[key], key, key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw if self._own is None else self._own)

    @property
    def __target(self) -> Any:
        if self._own is None:
            self._own = {
                key: self._child(key, value) if type(value) in _CONTAINERS else value
                for key, value in self._raw.items()
            }
        return self._own

    @property
    def __props_acc(self) -> list[str]:
        return self._path()


class _ListProxy(_Wrapper, _SdkList):  # type: ignore[misc]
    def __getitem__(self, key: Any) -> Any:
        if self._own is not None or type(key) is not int:
            return super().__getitem__(key)
        value = self._raw[key]
        return self._seen(value, key if key >= 0 else key + len(self._raw), key)

    @property
    def __target(self) -> Any:
        if self._own is None:
            self._own = [
                self._child(place, value) if type(value) in _CONTAINERS else value
                for place, value in enumerate(self._raw)
            ]
        return self._own

    @property
    def __props_acc(self) -> list[str]:
        return self._path()
