"""What Python's own library compiles from texts at every start, kept between processes: the functions of dataclasses
and named tuples, which it writes as source, and regular expressions. A twentieth of a check would go there.

The library's functions stay as they are. Only the `exec` and the `eval` that two of its modules call take the code of a
text that they have seen before from a file, and the cache of `re` begins with the patterns that are in it. The file
counts under the conditions of memo.py. A pattern is kept if it stands in the code that asks for it: one that a program
puts together may hold a secret.
"""

import builtins
import collections
import dataclasses
import marshal
import re
import sys
from collections.abc import Callable
from importlib.machinery import PathFinder
from pathlib import Path
from types import CodeType, FrameType, SimpleNamespace
from typing import Any

from preflight.lazy_sdk import memo

_FORMAT = 1
_BESIDE = "pulumi"  # the package in whose cache the file lies
_LIMIT = 4_000_000  # bytes; a program with 120 dataclasses needs a quarter of it
_PATTERNS = 250  # half of what the cache of `re` takes; a program needs 130 of them, and each costs 10 microseconds
_REMARKABLE = ("[[", "--", "&&", "~~", "||", "(?(")  # in a pattern: Python may have a warning, and gives it each time
_PASSING = ("re", "re._compiler", "functools")

Codes = dict[tuple[str, str], bytes]
"""The marshalled code of a text, by how it is compiled and by the text."""
Patterns = dict[tuple[str, int], tuple[Any, ...]]
"""What the engine of patterns was given beside the text, by that and the flags that were asked for."""


class Texts:
    """What was made of texts. Writes are single dictionary stores, so threads may share it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._key = (_FORMAT, sys.version, sys.flags.optimize)
        self._codes: Codes
        self._patterns: Patterns
        self._codes, self._patterns = memo.read(path, self._key, 2) or ({}, {})
        self._given: dict[tuple[str, int], tuple[Any, ...]] = {}
        self._changed = False

    def code(self, source: str, mode: str) -> CodeType:
        """The code of a text, as `exec` and `eval` make it for a module without future statements."""
        known = self._codes.get((mode, source))
        if known is None:
            code = compile(source, "<string>", mode, dont_inherit=True)
            self._codes[mode, source] = marshal.dumps(code)
            self._changed = True
            return code
        found: CodeType = marshal.loads(known)  # noqa: S302 (of our own making, see `memo`)
        return found

    def fill(self, cache: dict[Any, Any], sre: Any) -> None:
        """Puts the patterns that are kept into the cache of `re`, and from now on notes what others are made of."""
        for (pattern, flags), given in self._patterns.items():
            cache.setdefault((str, pattern, flags), sre.compile(pattern, *given))

    def note(self, pattern: Any, *given: Any) -> None:
        """A pattern is made of this."""
        if type(pattern) is str and not any(mark in pattern for mark in _REMARKABLE) and _is_written(pattern):
            self._given[pattern, int(given[0])] = given

    def save(self) -> None:
        """Writes the file if anything was added."""
        cache: dict[Any, re.Pattern[Any]] = dict(re._cache)  # type: ignore[attr-defined]  # noqa: SLF001
        for (_, text, flags), pattern in cache.items():
            given = self._given.get((text, pattern.flags)) if type(text) is str else None
            if given is not None and (text, flags) not in self._patterns and len(self._patterns) < _PATTERNS:
                # Of the program of a pattern some numbers are of a class of their own, which tells their names.
                made = tuple([*map(int, part)] if type(part) is list else part for part in given)
                self._patterns[text, int(flags)] = made
                self._changed = True
        if self._changed:
            self._changed = not memo.write(self._path, self._key, (dict(self._codes), self._patterns), _LIMIT)


def _is_written(pattern: str) -> bool:
    """Whether the pattern is a constant of the code that has it compiled."""
    frame: FrameType | None = sys._getframe(3)  # noqa: SLF001  the caller of whoever notes it
    while frame is not None and frame.f_globals.get("__name__") in _PASSING:
        frame = frame.f_back
    return frame is not None and pattern in frame.f_code.co_consts


def install(cache_dir: Path | None = None) -> Callable[[], None]:
    """From now on no text is compiled twice in this environment; to be called once. Answers what keeps it for later.

    The file is kept in `cache_dir`, or where the memo of the SDK would be. Without an SDK nothing is kept.
    """
    spec = PathFinder.find_spec(_BESIDE)
    if spec is None or not spec.submodule_search_locations:
        return lambda: None
    texts = Texts(memo.location("texts", next(iter(spec.submodule_search_locations)), cache_dir))
    for module, name in ((dataclasses, "exec"), (collections, "eval")):
        setattr(module, name, _running(texts, name, vars(module)))
    library: Any = re
    sre = library._compiler._sre  # noqa: SLF001
    texts.fill(library._cache, sre)  # noqa: SLF001

    def noting(pattern: Any, *given: Any) -> Any:
        texts.note(pattern, *given)
        return sre.compile(pattern, *given)

    library._compiler._sre = SimpleNamespace(**{**vars(sre), "compile": noting})  # noqa: SLF001
    return texts.save


def _running(texts: Texts, name: str, own: dict[str, Any]) -> Callable[..., Any]:
    """In the place of the built-in function of that name in a module with these names."""
    run = getattr(builtins, name)

    def running(source: Any, names: Any = None, found: Any = None) -> Any:
        code = texts.code(source, name) if type(source) is str else source
        return run(code, own if names is None else names, found)

    return running
