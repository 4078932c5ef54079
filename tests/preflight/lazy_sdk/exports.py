"""What a service of the SDK exports, one line for each object."""

import __future__

import builtins
import enum
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, is_typeddict

import pulumi_aws
from pulumi import _types

_BESIDE = re.compile(r"(?<=')(?:_inputs|_enums|outputs)\.(?=\w+')")
"""The loader qualifies forward references to neighbours, `'X'` as `'_inputs.X'`: all in a signature that may differ."""


def lines(services: list[str]) -> Iterator[str]:
    """The exports of the named services, or of all of them (about 240, some minutes), with their nested types."""
    found = sorted(entry.name for entry in pkgutil.iter_modules(pulumi_aws.__path__) if entry.ispkg)
    for service in services or found:
        module = importlib.import_module(f"pulumi_aws.{service}")
        hasattr(module, "Any")  # a service is executed when it is first asked for something; `dir` does not ask
        yield f"{service} {[name for name in dir(module) if not name.startswith('__')]}"
        nested = [getattr(module, part) for part in ("_inputs", "outputs", "_enums") if hasattr(module, part)]
        for holder in (module, *nested):
            for name in _public(holder):
                yield f"{holder.__name__}.{name} {_BESIDE.sub('', _described(getattr(holder, name)))}"


def _public(module: ModuleType) -> list[str]:
    return [name for name in getattr(module, "__all__", dir(module)) if not name.startswith("_")]


def _described(value: Any) -> str:
    if isinstance(value, ModuleType):
        return f"module {value.__name__}"
    if not isinstance(value, type):
        return f"{type(value).__name__} {_signature(value) if callable(value) else repr(value)}"
    told: list[object] = [value.__module__, [base.__qualname__ for base in value.__mro__], sorted(vars(value))]
    if issubclass(value, enum.Enum):
        told.append([(member.name, member.value) for member in value])
    elif _types.is_input_type(value):
        told.append(_types.input_type_types(value))
    elif _types.is_output_type(value):
        told.append(_types.output_type_types(value))
    elif hasattr(value, "pulumi_type"):
        told.append(_types.resource_types(value))
    elif is_typeddict(value):
        told.append(list(value.__annotations__.items()))
    return f"class {told} {_signature(value)}"


def _signature(value: Any) -> str:
    try:
        signature = inspect.signature(value)
    except ValueError:  # built-in types have none
        return ""
    function = inspect.unwrap(vars(value).get("__init__", value) if isinstance(value, type) else value)
    code = getattr(function, "__code__", None)
    if code is None or not code.co_flags & __future__.annotations.compiler_flag:
        return str(signature)
    names = _Names(sys.modules[function.__module__])  # the loader leaves annotations as text, which means the same

    def typed(annotation: Any) -> Any:
        return eval(annotation, {}, names) if isinstance(annotation, str) else annotation

    parameters = [one.replace(annotation=typed(one.annotation)) for one in signature.parameters.values()]
    return str(signature.replace(parameters=parameters, return_annotation=typed(signature.return_annotation)))


class _Names(dict[str, Any]):
    """What the names of a module mean, those among them that it defines at their first use."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__()
        self._module = module

    def __missing__(self, name: str) -> Any:
        try:
            return getattr(self._module, name)
        except AttributeError:
            return getattr(builtins, name)
