"""The types of a class's properties, worked out when one is asked for, and once for each hint.

The SDK evaluates the hint of every property of every class that a program uses, 60 for a database cluster of which ten
are set, and takes each one apart again at every use.
"""

import functools
import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pulumi
from pulumi import _types, _utils

from preflight.lazy_sdk import hints
from preflight.sdk_speed import known

TYPES: known.Texts = {
    "pulumi._types": {
        "_py_properties": "85efefc48ecc26fc",
        "_raw_return_hints": "373bb228ebc29b31",
        "_types_from_py_properties": "f68fc3f390acc3ac",
        "_globals_for_cls": "acb2a80d4178c3b6",
        "unwrap_type": "c4740a752c40ae68",
        "unwrap_optional_type": "9108f888d7ea9070",
        "input_type_py_to_pulumi_names": "5995150c86a895e7",
        "resource_types": "59010c979695fddc",
        "resource_pulumi_to_py_names": "c4ebecf82b9e0a72",
    }
}
GETTERS: known.Texts = {"pulumi._utils": {"is_empty_function": "86203a954af0aed5", "_consts": "6c6f214a9823cb0a"}}
_CALLS = frozenset({("pulumi", "get"), ("pulumi", "set")})  # what the generator's getters and setters name
_GENERATED = ("pulumi_aws.", "pulumi_awsx.")
_LOCAL = {"Output": pulumi.Output, "T": type(None)}  # the SDK's own stand-ins
_IN_EVERY_INPUT = "Output[T]"  # the one forward reference that means the same in each class: of ``pulumi.Input``


def install() -> None:
    """Replaces what is known; see `preflight.sdk_speed`."""
    if known.as_expected(GETTERS):
        _utils.is_empty_function = functools.partial(_is_empty, _utils.is_empty_function)
    if known.as_expected(TYPES):
        hints.defer()
        _types._globals_for_cls = _globals  # noqa: SLF001
        _types._raw_return_hints = functools.cache(functools.partial(_hints, _types._raw_return_hints))  # noqa: SLF001
        _types.unwrap_type = _by_identity(_types.unwrap_type)  # type: ignore[assignment]
        _types.unwrap_optional_type = _by_identity(_types.unwrap_optional_type)  # type: ignore[assignment]
        for name, function in (("_types_from_py_properties", _types_of), ("resource_types", _types_of_resource)):
            setattr(_types, name, functools.cache(functools.partial(function, getattr(_types, name))))
        for name in ("input_type_py_to_pulumi_names", "resource_pulumi_to_py_names"):
            setattr(_types, name, functools.cache(getattr(_types, name)))  # their callers only read


def _is_empty(original: Callable[[Callable[..., Any]], bool], function: Callable[..., Any]) -> bool:
    return function.__code__.co_names not in _CALLS and original(function)


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
    properties = _properties(cls)
    if properties is None:
        return original(cls)
    names = functools.cache(lambda: _Names(cls))
    return {name: _hint(fget, names) for name, fget in properties.items()}


def _properties(cls: type) -> dict[str, Any] | None:
    """The functions behind the properties of a class; None where the SDK has to look itself."""
    found = {name: prop.fget for _, name, prop in _types._py_properties(cls)}  # noqa: SLF001
    hinted = all(fget is not None and fget.__annotations__.get("return") is not None for fget in found.values())
    return found if hinted else None


class _Names(dict[str, Any]):
    """What the hints of a class may name, beside what is in the dictionary of its module: see `hints.defer`."""

    def __init__(self, cls: type) -> None:
        super().__init__(_LOCAL)
        self._modules = dict.fromkeys(sys.modules.get(base.__module__) for base in cls.__mro__)
        self.globals: dict[str, Any] = _plain_globals(cls) or {}

    def __missing__(self, name: str) -> Any:
        for module in self._modules if name not in self.globals else ():
            if (found := getattr(module, name, _UNTYPED)) is not _UNTYPED:
                return found
        raise KeyError(name)


_plain_globals = _types._globals_for_cls  # noqa: SLF001


def _globals(cls: type) -> dict[str, Any] | None:
    for base in cls.__mro__:
        hints.settle(base.__module__)
    return _plain_globals(cls)


def _hint(fget: Any, names: Callable[[], _Names]) -> Any:
    hint = hints.of(fget)
    resolved = _free(hint)
    if resolved is None:
        known = names()
        resolved = typing.get_type_hints(fget, globalns=known.globals, localns=known)["return"]
    return resolved


def _type(fget: Any, names: Callable[[], _Names]) -> Any:
    if (found := hints.one_quoted(fget)) is not None:
        text, quoted = found
        shape = _shape(text)
        return quoted if shape is _QUOTED else shape[quoted]
    return _types.unwrap_type(_hint(fget, names))


_QUOTED = typing.TypeVar("_QUOTED")


@functools.cache
def _shape(text: str) -> Any:
    """The type that a property has whose hint is this text, with a variable for the one class that it quotes."""
    known = {**hints.USUAL, "pulumi": pulumi, hints.QUOTED: _QUOTED}
    return _types.unwrap_type(_resolved(eval(text, known)))  # noqa: S307  the SDK's own annotation


class _Types(Mapping[str, Any]):
    """The types of the properties of one class, each worked out when it is asked for."""

    def __init__(self, cls: type, properties: Mapping[str, Any]) -> None:
        self._names, self._properties = functools.cache(lambda: _Names(cls)), properties
        self._made: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        """As of a dictionary."""
        if key not in self._made and key in self._properties:
            self._made[key] = _type(self._properties[key], self._names)
        found = self._made.get(key, _UNTYPED)
        return default if found is _UNTYPED else found

    def __getitem__(self, key: str) -> Any:
        found = self.get(key, _UNTYPED)
        if found is _UNTYPED:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return (key for key in self._properties if self.get(key, _UNTYPED) is not _UNTYPED)

    def __len__(self) -> int:
        return sum(1 for _ in self)


_UNTYPED = pulumi.Output
"""Of a property that is declared as an output of nothing in particular; the SDK leaves it out."""


def _types_of(original: Callable[[type], Mapping[str, Any]], cls: type) -> Mapping[str, Any]:
    """Only of what the generator made every hint means something; in a program's own class one may be a mistake."""
    properties = _properties(cls) if cls.__module__.startswith(_GENERATED) else None
    return original(cls) if properties is None else _Types(cls, properties)


def _types_of_resource(original: Callable[[type], Mapping[str, Any]], cls: type) -> Mapping[str, Any]:
    if cls.__module__.startswith(_GENERATED) and not _types._types_from_annotations(cls):  # noqa: SLF001
        return _types._types_from_py_properties(cls)  # noqa: SLF001
    return original(cls)


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
