"""What a resource class of an installed SDK declares about its outputs: the fall-back for types that the table lacks.

An output declared without Optional is one the provider always sets, so a program may use it without a check. The class
is found through the SDK's own registration of its modules, as a resource reference finds it.
"""

import collections.abc
import enum
import functools
import importlib
import importlib.util
import sys
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from preflight.lazy_sdk import hints

_DEPTH = 4  # nested output types in real SDKs that need more than this are optional before that depth


@functools.cache
def resource_class(type_token: str) -> type | None:
    """The class of an imported SDK for a type token, or None."""
    rpc = sys.modules.get("pulumi.runtime.rpc")
    parts = type_token.split(":")
    if rpc is None or len(parts) != 3:
        return None
    module = rpc.get_resource_module(parts[0], parts[1], "")
    info = getattr(module, "mod_info", None)
    if not isinstance(info, dict) or type_token not in info.get("classes", {}):
        return None
    found = getattr(importlib.import_module(info["fqn"]), info["classes"][type_token], None)
    return found if isinstance(found, type) else None


@functools.cache
def has(package: str, type_token: str) -> bool | None:
    """Whether the installed SDK registers a class for a type, loaded or not; None where none is installed."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        return None
    return f'"{type_token}"' in Path(found.origin).read_text(encoding="utf-8")


@functools.cache
def arguments_class(type_token: str) -> type | None:
    """The class of the arguments of a type in an imported SDK, or None."""
    cls = resource_class(type_token)
    if cls is None:
        return None
    from pulumi import _types  # noqa: PLC0415  only in a process that runs a Pulumi program

    module = sys.modules[cls.__module__]
    for suffix in ("Args", "InitArgs"):  # the latter where a block has the name of the former
        found = getattr(module, cls.__name__ + suffix, None)
        if isinstance(found, type) and found.__module__ == cls.__module__ and _types.is_input_type(found):
            return found
    return None


@functools.cache
def wire_types(type_token: str) -> Mapping[str, Any]:
    """Wire name -> Python type of the class's outputs (Optional taken off); empty for an unknown class."""
    cls = resource_class(type_token)
    if cls is None:
        return {}
    from pulumi import _types  # noqa: PLC0415  only in a process that runs a Pulumi program

    return _types.resource_types(cls)


@functools.cache
def kinds(type_token: str) -> Mapping[str, str]:
    """Wire name -> kind letter, as in the table, of each output that the class declares as always set."""
    cls = resource_class(type_token)
    if cls is None:
        return {}
    from pulumi import _types  # noqa: PLC0415

    arguments = _argument_names(cls)
    result: dict[str, str] = {}
    for wire, python in sorted(_types.resource_pulumi_to_py_names(cls).items()):
        declared = _declared(cls, python)
        if declared is None or (type(None) in typing.get_args(declared) and not _told_later(type_token, cls, wire)):
            continue
        letter = _letter(wire_types(type_token).get(wire))
        result[wire] = letter if python not in arguments else letter.lower()
    return result


def empty(type_token: str) -> dict[str, Any]:
    """An empty value of the declared type for each output of the class; none for a block, which may be left out."""
    empties: dict[str, type] = {"B": bool, "N": int, "L": list, "M": dict, "S": str}
    letters = {key: _letter(declared) for key, declared in wire_types(type_token).items()}
    return {key: empties[letter]() for key, letter in letters.items() if letter in empties}


def _told_later(type_token: str, cls: type, wire: str) -> bool:
    """Whether an output that may be missing is what a program waits for: the ``status`` that Kubernetes fills in."""
    from pulumi import _types  # noqa: PLC0415

    known = wire_types(type_token).get(wire)
    if type_token.startswith("aws:") or _letter(known) != "O":
        return False
    return _types.resource_pulumi_to_py_names(cls).get(wire) not in _argument_names(cls)


def _argument_names(cls: type) -> frozenset[str]:
    initializer = getattr(cls, "_internal_init", None) or cls.__init__  # type: ignore[misc]
    code = initializer.__code__
    return frozenset(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def _declared(cls: type, python: str) -> Any:
    getter = getattr(cls, python, None)
    if not isinstance(getter, property) or getter.fget is None:
        return None
    arguments = typing.get_args(hints.of(getter.fget))
    return arguments[0] if arguments else None


def _letter(declared: Any) -> str:
    origin = typing.get_origin(declared)
    if declared is bool:
        return "B"
    if declared in (int, float):
        return "N"
    if origin in (list, collections.abc.Sequence) or declared is list:
        return "L"
    if origin in (dict, collections.abc.Mapping) or declared is dict:
        return "M"
    return "O" if _is_output_type(declared) else "S"


def _is_output_type(declared: Any) -> bool:
    from pulumi import _types  # noqa: PLC0415

    return isinstance(declared, type) and _types.is_output_type(declared)


def instance(type_token: str, key: str) -> Any:
    """An object of the declared output type, filled as far as it is declared as always set."""
    return _made(wire_types(type_token).get(key), key, _DEPTH)


def elements(type_token: str, key: str) -> list[Any]:
    """One element for an output-only list of objects, so that a program may take the first; else an empty list."""
    arguments = typing.get_args(wire_types(type_token).get(key))
    return [_made(arguments[0], key, _DEPTH)] if arguments and _is_output_type(arguments[0]) else []


def _made(declared: Any, key: str, depth: int) -> Any:
    letter = _letter(declared)
    if letter == "O":
        from pulumi import _types  # noqa: PLC0415

        fields = _types.output_type_types(declared) if depth else {}
        return {wire: _made(field, wire, depth - 1) for wire, field in fields.items()}
    if letter == "L":
        arguments = typing.get_args(declared)
        return [_made(arguments[0], key, depth - 1)] if depth and arguments and _is_output_type(arguments[0]) else []
    if isinstance(declared, type) and issubclass(declared, enum.Enum):
        return next(iter(declared)).value  # a text of our own would be refused by the SDK
    return {"B": False, "N": 0, "M": {}}.get(letter, f"simulated-{key}")
