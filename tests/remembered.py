"""What several tests of a file ask for with the same words is made once.

Two builders are the same when their code, what it has captured and its defaults are: a helper's closure over the same
settings, or `lambda: network("none")` in two tests.
"""

import functools
from collections.abc import Callable, Hashable, Mapping
from enum import Enum
from types import CodeType, FunctionType
from typing import Any

from pydantic import BaseModel

_PLAIN = (type(None), bool, int, float, complex, str, bytes)


class Remembered:
    """What was made in one file of tests, by the words that asked for it."""

    def __init__(self) -> None:
        self._made: dict[Hashable, tuple[Any, Any]] = {}

    def one(self, words: tuple[Any, ...], make: Callable[[], Any], given: set[Hashable]) -> Any:
        """What was made with these words, or else what `make` makes; `given` are the marks of what a test has had.

        What one test asks for twice is made twice: it may compare them. What changes its words while it is made, a
        builder that fills a list, is made each time.
        """
        mark = fingerprint(words)
        if mark in self._made and mark not in given:
            given.add(mark)
            return self._made[mark][0]
        made = make()
        if fingerprint(words) == mark:
            self._made[mark] = made, words  # the words stay alive, so that nothing else gets an address of theirs
            given.add(mark)
        return made


def fingerprint(value: Any, within: tuple[int, ...] = ()) -> Hashable:
    """Equal for values that a builder cannot tell apart. What is neither data nor a function is itself alone."""
    if isinstance(value, Enum) or not isinstance(value, _PLAIN):
        if id(value) in within:
            return ("again", within.index(id(value)))
        return _of_parts(value, functools.partial(fingerprint, within=(*within, id(value))))
    return type(value), repr(value)  # 0.0 and -0.0 are equal, and True is 1


def _of_parts(value: Any, of: Callable[[Any], Hashable]) -> Hashable:
    kind = type(value)
    if isinstance(value, BaseModel):
        return kind, of(vars(value)), frozenset(value.model_fields_set)
    if isinstance(value, Mapping):
        return kind, tuple((of(key), of(item)) for key, item in value.items())
    if kind in (list, tuple, set, frozenset):
        return kind, (frozenset if kind in (set, frozenset) else tuple)(map(of, value))
    if isinstance(value, functools.partial):
        return kind, of(value.func), of(value.args), of(value.keywords)
    if isinstance(value, FunctionType):
        captured = tuple(of(_content(cell)) for cell in value.__closure__ or ())
        defaults = of(value.__defaults__), of(value.__kwdefaults__)
        return kind, id(value.__globals__), _code(value.__code__), captured, defaults
    return kind, id(value)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not set yet
        return cell


def _code(code: CodeType) -> Hashable:
    constants = tuple(_code(one) if isinstance(one, CodeType) else fingerprint(one) for one in code.co_consts)
    return code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, code.co_flags
