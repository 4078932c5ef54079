"""The return hints of a module's properties, which Pulumi asks for, evaluated as Python would have done.

A module is compiled with its annotations as text (see `source.whole`). Those of properties are few and alike: each text
that names nothing but the usual is evaluated once for all modules.
"""

import builtins
import functools
import re
import sys
import typing
from types import ModuleType
from typing import Any

_USUAL = {
    "Any": typing.Any, "Mapping": typing.Mapping, "Optional": typing.Optional, "Sequence": typing.Sequence,
    "Union": typing.Union, "_builtins": builtins,
}  # fmt: skip
"""What the generator's modules call by these names, beside ``pulumi``."""
_PLAIN = frozenset({"bool", "float", "int", "str"})
_WORDS = frozenset({*_USUAL, *_PLAIN, "pulumi.Input", "pulumi.Output", *(f"_builtins.{name}" for name in _PLAIN)})
_WORD = re.compile(r"[\w.]+")

_shared: dict[str, Any] = {}


def evaluate(module: ModuleType) -> None:
    """Puts the types in the place of their texts, for the properties of all public classes that the module defines.

    The private ones are the states of resources, which only ``get()`` uses; Pulumi evaluates their texts by itself.
    """
    names = module.__dict__
    usual = names.get("pulumi") is sys.modules.get("pulumi") and _PLAIN.isdisjoint(names)
    usual = usual and all(names.get(name) is meant for name, meant in _USUAL.items())
    for name, owner in list(names.items()):
        if isinstance(owner, type) and owner.__module__ == module.__name__ and not name.startswith("_"):
            for member in owner.__dict__.values():
                if isinstance(member, property) and member.fget is not None:
                    annotations = member.fget.__annotations__
                    text = annotations.get("return")
                    if type(text) is str:
                        annotations["return"] = _evaluated(text, names, usual and _is_usual(text))


def _evaluated(text: str, names: dict[str, Any], shared: bool) -> Any:
    found = _shared.get(text) if shared else None
    if found is None:
        found = eval(text, names)  # noqa: S307  the SDK's own annotation, which Python would have evaluated as well
        if shared:
            _shared[text] = found
    return found


@functools.cache
def _is_usual(text: str) -> bool:
    return "'" not in text and _WORDS.issuperset(_WORD.findall(text))
