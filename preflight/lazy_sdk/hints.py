"""The return hints of a module's properties, which Pulumi asks for, evaluated as Python would have done.

A module is compiled with its annotations as text (see `source.whole`). Those of properties are few and alike: each text
that names nothing but the usual is evaluated once for all modules.
"""

import builtins
import functools
import re
import sys
import typing
from collections.abc import Callable
from types import ModuleType
from typing import Any

USUAL = {
    "Any": typing.Any, "Mapping": typing.Mapping, "Optional": typing.Optional, "Sequence": typing.Sequence,
    "Union": typing.Union, "_builtins": builtins,
}  # fmt: skip
"""What the generator's modules call by these names, beside ``pulumi``."""
QUOTED = "_Quoted"
_PLAIN = frozenset({"bool", "float", "int", "str"})
_WORDS = frozenset({*USUAL, *_PLAIN, "pulumi.Input", "pulumi.Output", *(f"_builtins.{name}" for name in _PLAIN)})
_WORD = re.compile(r"[\w.]+")

_shared: dict[str, Any] = {}
_left: dict[str, Callable[[], None]] = {}
"""Modules of which the hints are still texts, and what puts the types in their dictionaries that the hints quote."""
_deferred: list[bool] = []


def defer() -> None:
    """From now on hints stay texts until `of` asks for one; for who replaces what Pulumi does with them.

    Types that they quote are then not defined before, see `modules`: of five that prod's modules quote it needs two.
    """
    _deferred[:] = [True]


def deferred() -> bool:
    """Whether `defer` has been called."""
    return bool(_deferred)


def leave(module: str, bind: Callable[[], None]) -> None:
    """Leaves the hints of a module as they are, and what they quote where it is; `bind` fetches that if need be."""
    _left[module] = bind


def settle(module: str) -> None:
    """Has the module hold all that its hints quote, for who looks for it in its dictionary."""
    if module in _left:
        _left[module]()


def evaluate(module: ModuleType) -> None:
    """Puts the types in the place of their texts, for the properties of all public classes that the module defines.

    The private ones are the states of resources, which only ``get()`` uses; Pulumi evaluates their texts by itself.
    """
    names = module.__dict__
    usual = _is_as_usual(names)
    for name, owner in list(names.items()):
        if isinstance(owner, type) and owner.__module__ == module.__name__ and not name.startswith("_"):
            for member in owner.__dict__.values():
                if isinstance(member, property) and member.fget is not None:
                    _put(member.fget, names, usual)


def of(getter: Any) -> Any:
    """The return hint of a property's function, evaluated if that was left to be done; None where there is none."""
    if getter.__module__ in _left:
        names = sys.modules[getter.__module__].__dict__
        _put(getter, names, _is_as_usual(names))
    return getter.__annotations__.get("return")


def one_quoted(getter: Any) -> tuple[str, type] | None:
    """Of a hint that is still text, quotes one class and names nothing else but the usual: the text with `QUOTED` for
    what it quotes, which many have in common, and the class. None of any other, and of a union, where classes matter.
    """
    text = getter.__annotations__.get("return")
    before, *rest = text.split("'") if type(text) is str and getter.__module__ in _left else ("",)
    if len(rest) != 2 or "Union" in before or not _is_usual(before + rest[1]):
        return None
    module = sys.modules[getter.__module__]
    found: Any = module
    try:
        for name in rest[0].split("."):
            found = getattr(found, name)
    except AttributeError:  # whoever evaluates the text will say so
        return None
    known = isinstance(found, type) and _is_as_usual(vars(module))
    return (f"{before}{QUOTED}{rest[1]}", found) if known else None


def _put(getter: Any, names: dict[str, Any], usual: bool) -> None:
    text = getter.__annotations__.get("return")
    if type(text) is str:
        getter.__annotations__["return"] = _evaluated(text, names, usual and _is_usual(text))


def _is_as_usual(names: dict[str, Any]) -> bool:
    usual = names.get("pulumi") is sys.modules.get("pulumi") and _PLAIN.isdisjoint(names)
    return usual and all(names.get(name) is meant for name, meant in USUAL.items())


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
