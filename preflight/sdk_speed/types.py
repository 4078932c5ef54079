"""The types of a class's properties, worked out once for each hint instead of once for each property.

The SDK evaluates the hint of every property of every class that a program uses, 60 for a database cluster, and takes
each one apart again at every use.
"""

import functools
import typing
from collections.abc import Callable, Iterator
from typing import Any

import pulumi
from pulumi import _types

from preflight.sdk_speed import known

TYPES: known.Texts = {
    "pulumi._types": {
        "_py_properties": "85efefc48ecc26fc",
        "_raw_return_hints": "373bb228ebc29b31",
        "_globals_for_cls": "acb2a80d4178c3b6",
        "unwrap_type": "c4740a752c40ae68",
        "unwrap_optional_type": "9108f888d7ea9070",
        "input_type_py_to_pulumi_names": "5995150c86a895e7",
        "resource_types": "59010c979695fddc",
        "resource_pulumi_to_py_names": "c4ebecf82b9e0a72",
    }
}
_LOCAL = {"Output": pulumi.Output, "T": type(None)}  # the SDK's own stand-ins
_IN_EVERY_INPUT = "Output[T]"  # the one forward reference that means the same in each class: of ``pulumi.Input``


def install() -> None:
    """Replaces what is known; see `preflight.sdk_speed`."""
    if known.as_expected(TYPES):
        _types._raw_return_hints = functools.cache(functools.partial(_hints, _types._raw_return_hints))  # noqa: SLF001
        _types.unwrap_type = _by_identity(_types.unwrap_type)  # type: ignore[assignment]
        _types.unwrap_optional_type = _by_identity(_types.unwrap_optional_type)  # type: ignore[assignment]
        for name in ("input_type_py_to_pulumi_names", "resource_types", "resource_pulumi_to_py_names"):
            setattr(_types, name, functools.cache(getattr(_types, name)))  # their callers only read


def _by_identity(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Remembers what a function says of a type. Not by equality: unions in another order are equal."""
    answers: dict[int, tuple[Any, Any]] = {}
    identity = object.__hash__  # of the address; `id` is an audit event each time, see guard.py

    def answer(value: Any) -> Any:
        found = answers.get(identity(value))
        if found is None:  # the entry keeps the type alive, so that its address stays its own
            found = answers[identity(value)] = value, function(value)
        return found[1]

    return answer


def _hints(original: Callable[[type], dict[str, Any]], cls: type) -> dict[str, Any]:
    hints: dict[str, Any] = {}
    names: dict[str, Any] | None = None
    for _, pulumi_name, prop in _types._py_properties(cls):  # noqa: SLF001
        hint = prop.fget.__annotations__.get("return") if prop.fget is not None else None
        if hint is None:
            return original(cls)
        resolved = _free(hint)
        if resolved is None:
            names = names if names is not None else {**(_types._globals_for_cls(cls) or {})}  # noqa: SLF001
            resolved = typing.get_type_hints(prop.fget, globalns=names, localns=_LOCAL)["return"]
        hints[pulumi_name] = resolved
    return hints


def _resolved(hint: Any) -> Any:
    """The hint with what it refers to, None when that depends on the class."""
    if any(reference != _IN_EVERY_INPUT for reference in _references(hint)):
        return None

    def typed() -> None: ...

    typed.__annotations__["return"] = hint
    return typing.get_type_hints(typed, globalns={}, localns=_LOCAL)["return"]


_free = _by_identity(_resolved)


def _references(hint: Any) -> Iterator[str]:
    if isinstance(hint, typing.ForwardRef):
        yield hint.__forward_arg__
    elif isinstance(hint, str):
        yield hint
    else:
        for part in typing.get_args(hint):
            yield from _references(part)
